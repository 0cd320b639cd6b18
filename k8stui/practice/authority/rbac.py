"""Role-based access control: who is bound to which rules, read off the store.

What the bindings come to is kept until a role or a binding changes, so that a question costs a few look-ups.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.authority.attributes import Attributes
from k8stui.practice.authority.rules import Rule
from k8stui.practice.authority.users import User, account_name
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Event, Store

GROUP = "rbac.authorization.k8s.io"
ROLES = builtin("roles", GROUP)
CLUSTER_ROLES = builtin("clusterroles", GROUP)
ROLE_BINDINGS = builtin("rolebindings", GROUP)
CLUSTER_ROLE_BINDINGS = builtin("clusterrolebindings", GROUP)
_Subject = tuple[str, str]
"""``User`` or ``Group``, and the name."""


@dataclass(frozen=True, slots=True)
class Grant:
    """The rules that one binding gives to one subject."""

    rules: tuple[Rule, ...]
    reason: str
    """Why these rules hold, in the words of an access review."""
    trouble: str = ""
    """Why there are none: the role is missing."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to a question."""

    allowed: bool
    reason: str = ""
    trouble: str = ""
    """Roles that could not be found on the way."""


@dataclass(slots=True)
class _Grants:
    """Who has what: in every namespace and outside of any, and in one namespace."""

    everywhere: dict[_Subject, list[Grant]] = field(default_factory=dict)
    within: dict[str, dict[_Subject, list[Grant]]] = field(default_factory=dict)


class Rbac:
    """The roles and bindings of a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._grants: _Grants | None = None
        kinds = (ROLES, CLUSTER_ROLES, ROLE_BINDINGS, CLUSTER_ROLE_BINDINGS)
        self._ends = [store.subscribe(kind, self._changed) for kind in kinds]

    def close(self) -> None:
        """Stop following the store."""
        for end in self._ends:
            end()

    def decide(self, user: User, wanted: Attributes) -> Decision:
        """Whether a user may do something."""
        if user.privileged:
            return Decision(True)
        troubles = []
        for grant in self.grants(user, wanted.namespace):
            if grant.trouble:
                troubles.append(grant.trouble)
            for rule in grant.rules:
                if rule.allows(wanted):
                    return Decision(True, grant.reason)
        return Decision(False, trouble=_joined(troubles))

    def grants(self, user: User, namespace: str) -> Iterator[Grant]:
        """What a user has in a namespace (empty: outside of any)."""
        if self._grants is None:
            self._grants = self._compiled()
        subjects = [("User", user.name), *(("Group", group) for group in user.groups)]
        where: list[Mapping[_Subject, list[Grant]]] = [self._grants.everywhere]
        if namespace and (within := self._grants.within.get(namespace)) is not None:
            where.append(within)
        for found in where:
            for subject in subjects:
                yield from found.get(subject, ())

    def rules(self, user: User, namespace: str) -> list[Rule]:
        """All rules of a user in a namespace."""
        return [rule for grant in self.grants(user, namespace) for rule in grant.rules]

    def role_rules(self, reference: JsonObject, namespace: str) -> tuple[Rule, ...] | None:
        """The rules of the role that a binding refers to; None when there is no such role."""
        role = self._role(reference, namespace)
        return None if role is None else tuple(Rule.read(rule) for rule in dicts(role, "rules"))

    def _role(self, reference: JsonObject, namespace: str) -> JsonObject | None:
        name = str(reference.get("name") or "")
        if reference.get("kind") == "Role":
            return self._store.find(ROLES, namespace, name)
        return self._store.find(CLUSTER_ROLES, "", name)

    def _changed(self, _event: Event) -> None:
        self._grants = None

    def _compiled(self) -> _Grants:
        grants = _Grants()
        for kind in (CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS):
            for binding in self._store.list(kind):
                namespace = binding["metadata"].get("namespace", "")
                place = grants.within.setdefault(namespace, {}) if namespace else grants.everywhere
                self._bind(kind, binding, namespace, place)
        return grants

    def _bind(
        self, kind: ResourceKind, binding: JsonObject, namespace: str, place: dict[_Subject, list[Grant]]
    ) -> None:
        reference = binding.get("roleRef") or {}
        role, name = str(reference.get("kind") or ""), str(reference.get("name") or "")
        rules = self.role_rules(reference, namespace)
        trouble = "" if rules is not None else f'{role.lower()}.{GROUP} "{name}" not found'
        if rules is not None and (role == "Role" and not namespace):
            rules = ()
        own = binding["metadata"]["name"]
        bound = f"{own}/{namespace}" if namespace else own
        head = f'RBAC: allowed by {kind.kind} "{bound}" of {role} "{name}" to '
        for subject in dicts(binding, "subjects"):
            key, shown = _subject(subject, namespace)
            place.setdefault(key, []).append(Grant(rules or (), head + shown, trouble))


def _subject(subject: JsonObject, namespace: str) -> tuple[_Subject, str]:
    kind, name = str(subject.get("kind") or ""), str(subject.get("name") or "")
    if kind != "ServiceAccount":
        return (kind, name), f'{kind} "{name}"'
    space = str(dig(subject, "namespace") or namespace)
    return ("User", account_name(space, name)), f'ServiceAccount "{name}/{space}"'


def _joined(troubles: list[str]) -> str:
    """Errors as Go aggregates them: each once, in brackets when there are several."""
    single = list(dict.fromkeys(troubles))
    if not single:
        return ""
    return "RBAC: " + (single[0] if len(single) == 1 else f"[{', '.join(single)}]")
