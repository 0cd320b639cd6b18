"""Questions that are answered at once: who am I, what may I or somebody else do, whose token is this."""

from __future__ import annotations

from typing import Any

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.practice import errors
from k8stui.practice.api import bodies
from k8stui.practice.api.call import Call
from k8stui.practice.api.encode import encode
from k8stui.practice.authority.attributes import Attributes
from k8stui.practice.authority.rbac import Decision
from k8stui.practice.authority.tokens import ISSUER
from k8stui.practice.authority.users import User
from k8stui.practice.faults import Action, Fault, Place

_GROUP = "authorization.k8s.io"
_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


async def answer(call: Call) -> tuple[int, bytes]:
    """Answer a review.

    Returns:
        Status and body.

    Raises:
        StatusError: 400, 415, 422 for the body; 405 for questions that this cluster does not answer.
    """
    review = await bodies.read(call)
    kind = call.target.served.kind
    metadata = dict(review.get("metadata") or {})
    review = {"kind": kind.kind, "apiVersion": kind.api_version, **review, "metadata": metadata}
    match kind.kind:
        case "SelfSubjectReview":
            metadata["creationTimestamp"] = call.server.store.now()
            status: JsonObject = {"userInfo": call.user.info()}
        case "SelfSubjectRulesReview":
            namespace = str(dig(review, "spec", "namespace") or "")
            if not namespace:
                raise errors.bad_request("no namespace on request")
            status, review = _rules(call, namespace), {**review, "spec": {}}
        case "SelfSubjectAccessReview":
            status = _access(call, call.user, review)
        case "SubjectAccessReview" | "LocalSubjectAccessReview":
            status = _access(call, _asked_about(review), review)
        case "TokenReview":
            status = _token(call, review)
        case _:
            raise errors.method_not_allowed()
    return 201, encode({**review, "status": status})


def _asked_about(review: JsonObject) -> User:
    spec = review.get("spec") or {}
    user, groups = str(spec.get("user") or ""), tuple(map(str, spec.get("groups") or ()))
    if not user and not groups:
        raise _invalid("spec.user", '"": at least one of user or group must be specified')
    return User(user, groups, uid=str(spec.get("uid") or ""))


def _invalid(field: str, why: str) -> errors.StatusError:
    """422 without a kind, as reviews are refused."""
    found = errors.invalid(_GROUP, "", "", [("FieldValueInvalid", field, f"Invalid value: {why}")])
    details = {key: value for key, value in (found.details or {}).items() if key != "kind"}
    return errors.StatusError(422, "Invalid", found.message, details)


def _token(call: Call, review: JsonObject) -> JsonObject:
    token = str(dig(review, "spec", "token") or "")
    if not token:
        raise errors.bad_request("token is required for TokenReview in authentication")
    accepted = call.server.gate.tokens.read(token)
    wanted = [str(each) for each in dig(review, "spec", "audiences") or (ISSUER,)]
    if accepted is None:
        return {"user": {}, "error": "invalid bearer token"}
    audiences = [each for each in wanted if each in accepted.audiences]
    if not audiences:
        return {"user": {}, "error": "token audiences " + _quoted(accepted.audiences, wanted)}
    return {"authenticated": True, "user": accepted.user.info(), "audiences": audiences}


def _quoted(given: Any, wanted: Any) -> str:
    texts = ["[" + " ".join(f'"{each}"' for each in values) + "]" for values in (given, wanted)]
    return f"{texts[0]} is invalid for the target audiences {texts[1]}"


def _forbidding(call: Call) -> list[Fault]:
    return [
        fault for fault in call.server.faults.rules if fault.action is Action.FORBID and fault.times is None
    ]


def _access(call: Call, user: User, review: JsonObject) -> JsonObject:
    spec = review.get("spec") or {}
    asked, path = spec.get("resourceAttributes"), spec.get("nonResourceAttributes")
    if isinstance(asked, dict) == isinstance(path, dict):
        shown = "null" if not isinstance(asked, dict) else encode(asked).decode()
        why = f"{shown}: exactly one of nonResourceAttributes or resourceAttributes must be specified"
        raise _invalid("spec", why)
    if not isinstance(asked, dict):
        wanted = Attributes(str(dig(path, "verb") or ""), path=str(dig(path, "path") or ""))
        return _status(call.server.gate.rbac.decide(user, wanted))
    namespace = str(asked.get("namespace") or "")
    if call.target.served.kind.namespaced and namespace != call.target.namespace:
        raise _invalid("spec.resourceAttributes.namespace", f'"{namespace}": must match metadata.namespace')
    names = ("verb", "group", "resource", "subresource", "namespace", "name")
    wanted = Attributes(*(str(asked.get(name) or "") for name in names))
    place = _place(call, asked)
    # What the path of a resource is matters only to the rules for what goes wrong on purpose.
    path_of = place.kind.path(place.namespace, place.name or None, place.subresource or None)
    if any(fault.meets(wanted.verb, path_of, place) for fault in _forbidding(call)):
        return {"allowed": False}
    return _status(call.server.gate.rbac.decide(user, wanted))


def _status(decision: Decision) -> JsonObject:
    reason = decision.reason or decision.trouble
    return {"allowed": decision.allowed, **({"reason": reason} if reason else {})}


def _place(call: Call, asked: JsonObject) -> Place:
    group, plural = str(asked.get("group") or ""), str(asked.get("resource") or "")
    for served in call.server.registry.all():
        if (served.kind.group, served.kind.plural) == (group, plural):
            kind = served.kind
            break
    else:
        kind = ResourceKind(group, str(asked.get("version") or "v1"), plural, plural, namespaced=True)
    values = (str(asked.get(name) or "") for name in ("namespace", "name", "subresource"))
    return Place(kind, *values)


def _rules(call: Call, namespace: str) -> JsonObject:
    found = list(dict.fromkeys(call.server.gate.rbac.rules(call.user, namespace)))
    resources = [rule.written() for rule in found if not rule.urls]
    if _forbidding(call):
        resources = [
            rule for served in call.server.registry.all() for rule in _rule(call, served.kind, namespace)
        ]
    return {
        "resourceRules": resources,
        "nonResourceRules": [rule.written() for rule in found if rule.urls],
        "incomplete": False,
    }


def _rule(call: Call, kind: ResourceKind, namespace: str) -> list[JsonObject]:
    """What is left of a kind's verbs, and of its subresources', under the faults that forbid."""
    found = []
    for below in ("", *sorted(kind.subresources)):
        place = Place(kind, namespace if kind.namespaced else "", "", below)
        path = kind.path(namespace or None, "x" if below else None, below or None)
        verbs = [
            verb
            for verb in (sorted(kind.verbs) if not below else _VERBS)
            if not any(fault.meets(verb, path, place) for fault in _forbidding(call))
            and call.server.gate.rbac.decide(
                call.user, Attributes(verb, kind.group, kind.plural, below, place.namespace)
            ).allowed
        ]
        resource = f"{kind.plural}/{below}" if below else kind.plural
        if verbs:
            found.append({"verbs": verbs, "apiGroups": [kind.group], "resources": [resource]})
    return found
