"""Deleting objects: at once, gracefully, or when their finalizers let them go."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.practice import errors
from k8stui.practice.api import authors, bodies, convert, encode, lists, read
from k8stui.practice.api.call import Call
from k8stui.practice.kinds import builtin
from k8stui.practice.registry import DEFINITIONS, custom_kinds
from k8stui.practice.store import Store

_NAMESPACES = builtin("namespaces")
_COLLECTING = MappingProxyType({"Foreground": "foregroundDeletion", "Orphan": "orphan"})
_ORPHANING = frozenset((("batch", "jobs"), ("", "replicationcontrollers")))
"""Kinds whose dependents stay when a deletion does not say what becomes of them."""
_SHOWN: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "": (
            *("pods", "podtemplates", "resourcequotas", "services", "serviceaccounts"),
            *("persistentvolumes", "persistentvolumeclaims"),
        ),
        "storage.k8s.io": (
            *("csidrivers", "csinodes", "storageclasses", "volumeattachments", "volumeattributesclasses"),
        ),
        "resource.k8s.io": ("deviceclasses", "resourceclaims", "resourceclaimtemplates", "resourceslices"),
    }
)
"""Kinds of which a deletion answers with the object; of others it answers with a Status."""


def stamp(seconds: float) -> str:
    """A time as metadata has it: RFC 3339 in UTC, whole seconds."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def waiting(kind: ResourceKind, obj: JsonObject) -> bool:
    """Whether an object that has been deleted still waits: for finalizers, or for its containers to end."""
    if obj["metadata"].get("finalizers"):
        return True
    if kind == _NAMESPACES:
        return bool(dig(obj, "spec", "finalizers"))
    return kind.plural == "pods" and bool(obj["metadata"].get("deletionGracePeriodSeconds"))


async def delete(call: Call) -> tuple[int, bytes]:
    """DELETE of one object: a Status when it is gone, the object when it waits."""
    options = await _options(call)
    kind = call.target.served.kind
    entry = read.entry_of(call)
    left = remove(call, entry.object, options)
    if left is None and kind.plural in _SHOWN.get(kind.group, ()):
        left = _ended(kind, entry.object, call.server.store.now())
    if left is not None:
        return 200, encode.object_bytes(call.target.served, authors.later(entry, left))
    return 200, encode.encode(_success(kind, call.target.name, call.deleted_uid))


def _ended(kind: ResourceKind, obj: JsonObject, now: str) -> JsonObject:
    """The last answer of an object that is gone."""
    if kind.plural != "pods":
        return obj
    marks = {"deletionTimestamp": now, "deletionGracePeriodSeconds": 0}
    return {**obj, "metadata": {**obj["metadata"], **marks}}


async def delete_collection(call: Call) -> tuple[int, bytes]:
    """DELETE of everything that a list with the same parameters would show; that list."""
    options = await _options(call)
    found = lists.page(call)
    for entry in found.entries:
        remove(call, entry.object, options)
    form = read.list_form(call)
    parts = [part async for part in lists.chunks(call.target.served, form, found, call.server.clock())]
    return 200, b"".join(parts)


def remove(call: Call, obj: JsonObject, options: JsonObject) -> JsonObject | None:
    """Delete one object as the options say.

    Returns:
        The object when it stays for a while (or always, in a dry run); None when it is gone.
    """
    kind, store = call.target.served.kind, call.server.store
    metadata: JsonObject = obj["metadata"]
    _check_preconditions(kind, obj, options)
    call.deleted_uid = metadata["uid"]
    if call.dry_run or options.get("dryRun"):
        return None if not _stays(call, obj, options) else obj
    policy = _policy(kind, options)
    if not call.server.graceful and policy == "Orphan":
        _orphan(call, metadata["uid"], metadata.get("namespace"))
    if _stays(call, obj, options):
        return _mark(call, obj, options)
    if (kind.group, kind.plural) == (DEFINITIONS.group, DEFINITIONS.plural):
        _drop(store, obj)
    store.delete(kind, metadata.get("namespace", ""), metadata["name"])
    if not call.server.graceful:
        if kind == _NAMESPACES:
            _empty(call, metadata["name"])
        if policy != "Orphan":
            collect(call, metadata["uid"], metadata.get("namespace"))
    return None


def _drop(store: Store, definition: JsonObject) -> None:
    """Delete every object of a kind that will not be served any more, whatever its finalizers."""
    for served in custom_kinds(definition):
        for obj in store.list(served.kind):
            store.delete(served.kind, obj["metadata"].get("namespace", ""), obj["metadata"]["name"])


def _policy(kind: ResourceKind, options: JsonObject) -> str:
    """What becomes of an object's dependents: as the options say, or as is usual for its kind."""
    if options.get("orphanDependents") is not None:
        return "Orphan" if options["orphanDependents"] else "Background"
    usual = "Orphan" if (kind.group, kind.plural) in _ORPHANING else "Background"
    return str(options.get("propagationPolicy") or usual)


def _holding(call: Call, kind: ResourceKind, obj: JsonObject, options: JsonObject) -> list[str]:
    """The finalizers that hold a deleted object, and the garbage collector's where dependents come first."""
    before: list[str] = obj["metadata"].get("finalizers") or []
    finalizers = [name for name in before if name not in _COLLECTING.values()]
    if not call.server.graceful:
        return before
    if (
        not options.get("propagationPolicy")
        and options.get("orphanDependents") is None
        and finalizers != before
    ):
        return before
    mark = _COLLECTING.get(_policy(kind, options))
    return [*finalizers, mark] if mark else finalizers


def _stays(call: Call, obj: JsonObject, options: JsonObject) -> bool:
    kind = call.target.served.kind
    if _holding(call, kind, obj, options):
        return True
    if not call.server.graceful:
        return False
    return kind == _NAMESPACES or _grace(kind, obj, options) > 0


def _grace(kind: ResourceKind, obj: JsonObject, options: JsonObject) -> int:
    """Seconds that a Pod on a node gets to end."""
    if kind.plural != "pods" or not dig(obj, "spec", "nodeName"):
        return 0
    if dig(obj, "status", "phase") in ("Succeeded", "Failed"):
        return 0
    asked = options.get("gracePeriodSeconds")
    own = dig(obj, "spec", "terminationGracePeriodSeconds")
    return int(asked if asked is not None else own if own is not None else 30)


def _mark(call: Call, obj: JsonObject, options: JsonObject) -> JsonObject:
    kind, store = call.target.served.kind, call.server.store
    metadata: JsonObject = obj["metadata"]
    grace = _grace(kind, obj, options)
    if metadata.get("deletionTimestamp") and grace >= (metadata.get("deletionGracePeriodSeconds") or 0):
        return obj
    marks: JsonObject = {"deletionTimestamp": stamp(store.clock() + grace)}
    if kind != _NAMESPACES:
        marks["deletionGracePeriodSeconds"] = grace
    if finalizers := _holding(call, kind, obj, options):
        marks["finalizers"] = finalizers
    new = {**obj, "metadata": {**metadata, **marks}}
    if kind == _NAMESPACES:
        new["status"] = {**(obj.get("status") or {}), "phase": "Terminating"}
    return store.update(kind, new)


def _check_preconditions(kind: ResourceKind, obj: JsonObject, options: JsonObject) -> None:
    metadata, wanted = obj["metadata"], options.get("preconditions") or {}
    for field, words, happened in (
        ("uid", "UID", "deleted and then recreated"),
        ("resourceVersion", "ResourceVersion", "modified"),
    ):
        if wanted.get(field) and wanted[field] != metadata[field]:
            why = f"the {words} in the precondition ({wanted[field]}) does not match the {words} in record "
            why += f"({metadata[field]}). The object might have been {happened}"
            raise errors.conflict(
                dataclasses.replace(kind, group="", plural=kind.kind), metadata["name"], why
            )


async def _options(call: Call) -> JsonObject:
    """DeleteOptions: the body, or the query where the body says nothing."""
    options = dict(await bodies.optional(call))
    for name in ("propagationPolicy", "orphanDependents"):
        if call.text(name):
            options.setdefault(name, call.text(name) if name == "propagationPolicy" else call.flag(name))
    if (grace := call.integer("gracePeriodSeconds")) is not None:
        options.setdefault("gracePeriodSeconds", grace)
    policy = options.get("propagationPolicy")
    if policy not in (None, "Background", "Foreground", "Orphan"):
        choices = '"Foreground", "Background", "Orphan", "nil"'
        raise call.wrong_option(
            "propagationPolicy", f'Unsupported value: "{policy}": supported values: {choices}'
        )
    return options


def _owned(store: Store, kind: ResourceKind, uid: str, namespace: str | None) -> list[JsonObject]:
    return [
        entry.object
        for entry in store.entries(kind, namespace)
        if any(ref.get("uid") == uid for ref in entry.object["metadata"].get("ownerReferences") or ())
    ]


def _stored_kinds(call: Call) -> list[ResourceKind]:
    """One version of every kind that is kept."""
    found: dict[tuple[str, str, str], ResourceKind] = {}
    for served in call.server.registry.all():
        if "list" in served.kind.verbs:
            found.setdefault(convert.stored_kind(served.kind), served.kind)
    return list(found.values())


def collect(call: Call, uid: str, namespace: str | None) -> None:
    """Delete what an object owned, and what that owned: the garbage collection of a cluster at rest."""
    store = call.server.store
    for kind in _stored_kinds(call):
        for obj in _owned(store, kind, uid, namespace):
            metadata = obj["metadata"]
            store.delete(kind, metadata.get("namespace", ""), metadata["name"])
            collect(call, metadata["uid"], metadata.get("namespace"))


def _orphan(call: Call, uid: str, namespace: str | None) -> None:
    store = call.server.store
    for kind in _stored_kinds(call):
        for obj in _owned(store, kind, uid, namespace):
            metadata = {key: value for key, value in obj["metadata"].items() if key != "ownerReferences"}
            others = [ref for ref in obj["metadata"]["ownerReferences"] if ref.get("uid") != uid]
            if others:
                metadata["ownerReferences"] = others
            store.update(kind, {**obj, "metadata": metadata})


def _empty(call: Call, namespace: str) -> None:
    store = call.server.store
    for kind in _stored_kinds(call):
        if kind.namespaced:
            for obj in store.list(kind, namespace):
                store.delete(kind, namespace, obj["metadata"]["name"])


def _success(kind: ResourceKind, name: str, uid: str) -> JsonObject:
    details: JsonObject = {"name": name}
    if kind.group:
        details["group"] = kind.group
    details |= {"kind": kind.plural, "uid": uid}
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Success",
        "details": details,
    }
