"""The token subresource of ServiceAccounts."""

from __future__ import annotations

from types import MappingProxyType

from k8stui.core.objects import JsonObject, dig
from k8stui.practice import errors
from k8stui.practice.api import bodies, encode, read, removal
from k8stui.practice.api.call import Call
from k8stui.practice.authority.tokens import ISSUER
from k8stui.practice.kinds import builtin

_SECONDS = 3600
_SHORTEST = 600
_LONGEST = 1 << 32
_BINDABLE = MappingProxyType({"Pod": builtin("pods"), "Secret": builtin("secrets"), "Node": builtin("nodes")})


async def request(call: Call) -> tuple[int, bytes]:
    """Make a token for a ServiceAccount: 201 and the TokenRequest with it.

    Raises:
        StatusError: 422 for a time that is too short or too long; 400 and 404 for what it is to be bound to.
    """
    body = await bodies.read(call)
    account = read.entry_of(call).object
    metadata = account["metadata"]
    spec: JsonObject = body.get("spec") or {}
    seconds = _seconds(spec.get("expirationSeconds"))
    audiences = tuple(map(str, spec.get("audiences") or (ISSUER,)))
    reference = spec.get("boundObjectRef")
    bound = _bound(call, reference) if isinstance(reference, dict) else None
    token, until = call.server.gate.tokens.made(account, audiences, seconds, bound)
    names = ("name", "namespace", "uid")
    answer = {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {
            **{name: metadata[name] for name in names},
            "creationTimestamp": call.server.store.now(),
        },
        "spec": {"audiences": list(audiences), "expirationSeconds": seconds, "boundObjectRef": reference},
        "status": {"token": token, "expirationTimestamp": removal.stamp(until)},
    }
    return 201, encode.encode(answer)


def _seconds(given: object) -> int:
    seconds = given if isinstance(given, int) and given else _SECONDS
    why = ""
    if seconds < _SHORTEST:
        why = "may not specify a duration less than 10 minutes"
    elif seconds > _LONGEST:
        why = "may not specify a duration larger than 2^32 seconds"
    if why:
        cause = ("FieldValueInvalid", "spec.expirationSeconds", f"Invalid value: {seconds}: {why}")
        raise errors.invalid("authentication.k8s.io", "TokenRequest", "", [cause])
    return seconds


def _bound(call: Call, reference: JsonObject) -> JsonObject:
    """The object to which a token is bound, by kind, name and uid."""
    kind = _BINDABLE.get(str(reference.get("kind") or ""))
    if kind is None or reference.get("apiVersion") != "v1":
        group, _, version = str(reference.get("apiVersion") or "").rpartition("/")
        why = f"{group}/{version}, Kind={reference.get('kind') or ''}"
        raise errors.bad_request(f"cannot bind token to object of type {why}")
    found = call.server.store.get(kind, call.target.namespace, str(reference.get("name") or ""))
    uid = dig(found, "metadata", "uid")
    if reference.get("uid") not in (None, "", uid):
        why = (
            f"the UID in the bound object reference ({reference['uid']}) does not match the UID in record. "
            "The object might have been deleted and then recreated"
        )
        raise errors.conflict(kind, found["metadata"]["name"], why)
    return {"kind": kind.kind, "name": found["metadata"]["name"], "uid": uid}
