"""Questions that are answered at once: who am I, what may I do. The holder of the token may do everything."""

from __future__ import annotations

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.practice import errors
from k8stui.practice.api import bodies
from k8stui.practice.api.call import USER, Call
from k8stui.practice.api.encode import encode
from k8stui.practice.faults import Action, Fault, Place

_GROUPS = ["system:masters", "system:authenticated"]
_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")


async def answer(call: Call) -> tuple[int, bytes]:
    """Answer a review.

    Returns:
        Status and body.

    Raises:
        StatusError: 400, 415 for the body; 405 for questions that this cluster does not answer.
    """
    review = await bodies.read(call)
    kind = call.target.served.kind
    review = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": {}, **review}
    match kind.kind:
        case "SelfSubjectReview":
            status: JsonObject = {"userInfo": {"username": USER, "uid": USER, "groups": _GROUPS}}
        case "SelfSubjectRulesReview":
            status = _rules(call, str(dig(review, "spec", "namespace") or ""))
        case "SelfSubjectAccessReview":
            status = _access(call, review)
        case "SubjectAccessReview" | "LocalSubjectAccessReview":
            groups = dig(review, "spec", "groups") or []
            known = dig(review, "spec", "user") == USER or "system:masters" in groups
            status = _access(call, review) if known else {"allowed": False}
        case "TokenReview":
            status = _token(call, str(dig(review, "spec", "token") or ""))
        case _:
            raise errors.method_not_allowed()
    return 201, encode({**review, "status": status})


def _token(call: Call, token: str) -> JsonObject:
    if token != call.server.token:
        return {"user": {}, "error": "invalid bearer token"}
    return {"authenticated": True, "user": {"username": USER, "uid": USER, "groups": _GROUPS}}


def _forbidding(call: Call) -> list[Fault]:
    return [
        fault for fault in call.server.faults.rules if fault.action is Action.FORBID and fault.times is None
    ]


def _access(call: Call, review: JsonObject) -> JsonObject:
    asked = dig(review, "spec", "resourceAttributes")
    if not isinstance(asked, dict):
        return {"allowed": True}
    place = _place(call, asked)
    path = place.kind.path(place.namespace, place.name or None, place.subresource or None)
    denied = any(fault.meets(str(asked.get("verb", "")), path, place) for fault in _forbidding(call))
    return {"allowed": not denied}


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
    everything = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    rules = [everything]
    if _forbidding(call):
        rules = [
            rule for served in call.server.registry.all() for rule in _rule(call, served.kind, namespace)
        ]
    return {
        "resourceRules": rules,
        "nonResourceRules": [{"verbs": ["*"], "nonResourceURLs": ["*"]}],
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
        ]
        resource = f"{kind.plural}/{below}" if below else kind.plural
        if verbs:
            found.append({"verbs": verbs, "apiGroups": [kind.group], "resources": [resource]})
    return found
