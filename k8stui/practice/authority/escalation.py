"""Nobody may give away rights that they do not have: what roles and bindings are checked for when written."""

from __future__ import annotations

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts
from k8stui.practice.authority.attributes import Attributes, listed
from k8stui.practice.authority.gate import Gate
from k8stui.practice.authority.rbac import CLUSTER_ROLES, GROUP
from k8stui.practice.authority.rules import Rule, missing
from k8stui.practice.authority.users import User
from k8stui.practice.errors import StatusError, not_found

_EVERYTHING = (
    Rule(("*",), ("*",), ("*",)),
    Rule(("*",), urls=("*",)),
)


def check(gate: Gate, user: User, kind: ResourceKind, new: JsonObject) -> None:
    """See that a role or a binding that is to be stored grants only what the writer has.

    Raises:
        StatusError: 403 when it grants more; 404 when it binds a role that is not there.
    """
    if kind.group != GROUP or user.privileged:
        return
    if kind.plural in ("roles", "clusterroles"):
        _check_role(gate, user, kind, new)
    else:
        _check_binding(gate, user, kind, new)


def _check_role(gate: Gate, user: User, kind: ResourceKind, new: JsonObject) -> None:
    namespace, name = new["metadata"].get("namespace", ""), new["metadata"]["name"]
    wanted = Attributes("escalate", GROUP, kind.plural, namespace=namespace, name=name)
    if gate.rbac.decide(user, wanted).allowed:
        return
    if new.get("aggregationRule") and missing(gate.rbac.rules(user, ""), _EVERYTHING):
        message = "must have cluster-admin privileges to use an aggregationRule"
        raise _refusal(kind, name, message)
    rules = [Rule.read(rule) for rule in dicts(new, "rules")]
    _confirm(gate, user, kind, new, rules)


def _check_binding(gate: Gate, user: User, kind: ResourceKind, new: JsonObject) -> None:
    reference = new.get("roleRef") or {}
    namespace = new["metadata"].get("namespace", "")
    role = str(reference.get("name") or "")
    own = reference.get("kind") == "Role"
    plural = "roles" if own else CLUSTER_ROLES.plural
    wanted = Attributes("bind", GROUP, plural, namespace=namespace, name=role)
    if gate.rbac.decide(user, wanted).allowed:
        return
    rules = gate.rbac.role_rules(reference, namespace)
    if rules is None:
        raise not_found(kind, role)
    _confirm(gate, user, kind, new, list(rules))


def _confirm(gate: Gate, user: User, kind: ResourceKind, new: JsonObject, rules: list[Rule]) -> None:
    namespace, name = new["metadata"].get("namespace", ""), new["metadata"]["name"]
    lacking = missing(gate.rbac.rules(user, namespace), rules)
    if not lacking:
        return
    who = f'user "{user.name}" (groups={listed(user.groups)})'
    lines = "\n".join(map(str, lacking))
    message = f"{who} is attempting to grant RBAC permissions not currently held:\n{lines}"
    raise _refusal(kind, name, message)


def _refusal(kind: ResourceKind, name: str, message: str) -> StatusError:
    details = {"name": name, "group": kind.group, "kind": kind.plural}
    return StatusError(403, "Forbidden", f'{kind.name} "{name}" is forbidden: {message}', details)
