"""What hangs below an object: status, scale, eviction, binding, finalize, token, ephemeral containers."""

from __future__ import annotations

import dataclasses
from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice import errors
from k8stui.practice.api import (
    authors,
    bodies,
    encode,
    eviction,
    patch,
    patching,
    read,
    removal,
    tokens,
    write,
)
from k8stui.practice.api.call import Call


async def answer(call: Call) -> tuple[int, bytes]:
    """Do what a request to a subresource asks.

    Returns:
        Status and body.

    Raises:
        StatusError: whatever a server refuses; 405 for what this cluster does not have.
    """
    match call.target.subresource, call.verb:
        case ("scale", "get"):
            return 200, encode.encode(_scale(call, read.entry_of(call).object))
        case ("scale", "update" | "patch"):
            return await _rescale(call)
        case ("eviction", "create"):
            return await _evict(call)
        case ("binding", "create"):
            return await _bind(call)
        case ("token", "create"):
            return await tokens.request(call)
        case ("finalize", "update"):
            return await _finalize(call)
        case ("status" | "ephemeralcontainers" | "resize" | "approval", "get"):
            return await read.get(call)
        case ("status" | "ephemeralcontainers" | "resize" | "approval", "update"):
            return await write.update(call)
        case ("status" | "ephemeralcontainers" | "resize" | "approval", "patch"):
            return await patching.patched(call)
        case _:
            raise errors.method_not_allowed()


def _paths(call: Call) -> tuple[str, str, str]:
    custom = call.target.served.custom
    found = (custom.scale if custom else None) or {}
    return (
        str(found.get("specReplicasPath", ".spec.replicas")).lstrip("."),
        str(found.get("statusReplicasPath", ".status.replicas")).lstrip("."),
        str(found.get("labelSelectorPath", "")).lstrip("."),
    )


def _scale(call: Call, obj: JsonObject) -> JsonObject:
    """The Scale of an object (autoscaling/v1)."""
    wanted, actual, selected = _paths(call)
    metadata = {
        key: obj["metadata"][key]
        for key in ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")
        if key in obj["metadata"]
    }
    status: JsonObject = {"replicas": dig(obj, *actual.split(".")) or 0}
    selector = dig(obj, *selected.split(".")) if selected else _selector_text(dig(obj, "spec", "selector"))
    if selector:
        status["selector"] = selector
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": metadata,
        "spec": {"replicas": replicas} if (replicas := dig(obj, *wanted.split("."))) else {},
        "status": status,
    }


def _selector_text(selector: Any) -> str:
    """A label selector as a query has it."""
    if not isinstance(selector, dict):
        return ""
    labels = selector.get("matchLabels") if "matchLabels" in selector else selector
    parts = [f"{key}={value}" for key, value in sorted((labels or {}).items()) if isinstance(value, str)]
    for each in dicts(selector, "matchExpressions"):
        values = ",".join(each.get("values") or ())
        match each.get("operator"):
            case "In":
                parts.append(f"{each['key']} in ({values})")
            case "NotIn":
                parts.append(f"{each['key']} notin ({values})")
            case "Exists":
                parts.append(str(each["key"]))
            case _:
                parts.append(f"!{each['key']}")
    return ",".join(parts)


async def _rescale(call: Call) -> tuple[int, bytes]:
    entry = read.entry_of(call)
    old = _scale(call, entry.object)
    if call.verb == "update":
        new = await bodies.read(call)
    else:
        text = bodies.parse(await call.request.read(), yaml=True)
        try:
            is_list = isinstance(text, list)
            new = patch.json_patch(old, text) if is_list else patch.merge_patch(old, text)
        except patch.PatchError as error:
            raise errors.StatusError(422, "Invalid", str(error), {}) from None
    replicas = dig(new, "spec", "replicas")
    replicas = 0 if replicas is None else replicas
    if not isinstance(replicas, int) or isinstance(replicas, bool) or replicas < 0:
        why = f"Invalid value: {replicas}: must be greater than or equal to 0"
        raise errors.invalid(
            "autoscaling", "Scale", call.target.name, [("FieldValueInvalid", "spec.replicas", why)]
        )
    version = dig(new, "metadata", "resourceVersion")
    if version and version != entry.object["metadata"]["resourceVersion"]:
        raise errors.conflict(call.target.served.kind, call.target.name)
    old_object = authors.whole(entry)
    changed = _with(old_object, _paths(call)[0].split("."), replicas)
    stored = write.replace(call, old_object, changed, write.manager(call))
    return 200, encode.encode(_scale(call, stored))


def _with(obj: JsonObject, path: list[str], value: object) -> JsonObject:
    """A copy with one field set."""
    if len(path) == 1:
        return {**obj, path[0]: value}
    below = obj.get(path[0])
    return {**obj, path[0]: _with(below if isinstance(below, dict) else {}, path[1:], value)}


async def _evict(call: Call) -> tuple[int, bytes]:
    """Evict a Pod unless a PodDisruptionBudget forbids it."""
    body = await bodies.read(call)
    options = dict(body.get("deleteOptions") or {})
    pod = read.entry_of(call).object
    eviction.check(call.server.store, pod, dry_run=bool(call.dry_run or options.get("dryRun")))
    removal.remove(call, pod, options)
    return 201, encode.encode(
        {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    )


async def _bind(call: Call) -> tuple[int, bytes]:
    """Put a Pod on a node."""
    body = await bodies.read(call)
    pod = read.entry_of(call).object
    node = str(dig(body, "target", "name") or "")
    if dig(pod, "spec", "nodeName"):
        why = f'pod {call.target.name} is already assigned to node "{pod["spec"]["nodeName"]}"'
        about = dataclasses.replace(call.target.served.kind, plural="pods/binding")
        raise errors.conflict(about, call.target.name, why)
    call.server.store.update(call.target.served.kind, _with(pod, ["spec", "nodeName"], node))
    return 201, encode.encode(
        {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    )


async def _finalize(call: Call) -> tuple[int, bytes]:
    """Set a namespace's spec.finalizers; with none left a deleted namespace goes."""
    body = await bodies.read(call)
    entry = read.entry_of(call)
    old = entry.object
    spec = {**(old.get("spec") or {}), "finalizers": dig(body, "spec", "finalizers") or []}
    stored = call.server.store.update(call.target.served.kind, {**old, "spec": spec})
    if stored["metadata"].get("deletionTimestamp") and not removal.waiting(call.target.served.kind, stored):
        call.server.store.delete(call.target.served.kind, "", call.target.name)
    return 200, encode.object_bytes(call.target.served, authors.later(entry, stored))
