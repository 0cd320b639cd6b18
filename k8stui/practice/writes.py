"""Who wrote which part of an object and when: the short record from which metadata.managedFields is made.

Requests of clients keep managedFields themselves. What the cluster's own components write is only noted
here, beside the stored object: most of it is read by nobody, and field sets of every version would cost more
than the writes. ``api.authors`` makes the entries when somebody looks.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.api import fields

APPLY = "Apply"
UPDATE = "Update"
_KUBELET = "kubelet"
_SCHEDULER = "kube-scheduler"
_API_SERVER = "kube-apiserver"
_CONTROLLERS = "kube-controller-manager"
_STATUS_OF: Mapping[str, str] = MappingProxyType(
    {
        "pods": _KUBELET,
        "nodes": _KUBELET,
        "apiservices": _API_SERVER,
        "customresourcedefinitions": _API_SERVER,
        "certificatesigningrequests": _CONTROLLERS,
        "flowschemas": "api-priority-and-fairness-config-consumer-v1",
        "servicecidrs": _CONTROLLERS,
        "storageversionmigrations": _CONTROLLERS,
        "validatingadmissionpolicies": _CONTROLLERS,
        "volumeattachments": "csi-attacher",
    }
)
"""Whose a status is in the main, where that is not simply the first one who writes to it."""
_OWNED_METADATA = ("labels", "annotations", "ownerReferences", "finalizers")
_NO_PART = frozenset(("metadata", "status", "kind", "apiVersion"))
_SCALED = frozenset(("deployments", "statefulsets", "replicationcontrollers"))
_REPLICAS = frozenset((("f:spec", "f:replicas"),))
_REVISION = ("f:metadata", "f:annotations", "f:deployment.kubernetes.io/revision")


class Write(NamedTuple):
    """One manager's part of an object."""

    manager: str
    operation: str
    subresource: str
    time: str
    paths: frozenset[fields.Path] | None = None
    """What it set; None for all of the status, or all but the status, that nobody else set."""


Writes = tuple[Write, ...]


def made(manager: str, kind: ResourceKind, obj: JsonObject, time: str) -> Writes:
    """The record of a new object; a status that it comes with is its usual writer's, if it has one."""
    return (Write(manager, UPDATE, "", time), *status_of(kind, obj, time))


def status_of(kind: ResourceKind, obj: JsonObject, time: str) -> Writes:
    """The record of the status that a new object comes with."""
    owner = _STATUS_OF.get(kind.plural)
    return (Write(owner, UPDATE, "status", time),) if owner and obj.get("status") else ()


def status_writer(kind: ResourceKind, manager: str) -> str:
    """Who writes a status when a manager has it written."""
    return _STATUS_OF.get(kind.plural, manager)


def changed(
    writes: Writes, manager: str, kind: ResourceKind, old: JsonObject, new: JsonObject, time: str
) -> Writes:
    """The record after a change by one of the cluster's own components.

    Args:
        writes: The record before.
        manager: The component.
        kind: The kind of the object.
        old: The object before.
        new: The object now.
        time: When, as metadata has it.
    """
    status, was = new.get("status"), old.get("status")
    if status is not was and status != was:
        writes = _status(writes, manager, kind, old, new, time)
    if _differs(old, new):
        writes = _main(writes, manager, kind, old, new, time)
    return writes


def _differs(old: JsonObject, new: JsonObject) -> bool:
    """Whether anything but the status has changed that a manager may own."""
    before, after = old["metadata"], new["metadata"]
    for key in _OWNED_METADATA:
        a, b = before.get(key), after.get(key)
        if a is not b and a != b:
            return True
    for key, value in new.items():
        if key not in _NO_PART:
            was = old.get(key)
            if was is not value and was != value:
                return True
    return False


def _status(
    writes: Writes, manager: str, kind: ResourceKind, old: JsonObject, new: JsonObject, time: str
) -> Writes:
    owner = _STATUS_OF.get(kind.plural, manager)
    for index, write in enumerate(writes):
        if write.subresource == "status" and write.paths is None:
            if write.manager == manager:
                return writes if write.time == time else _again(writes, index, time)
            owner = write.manager
    if owner == manager:
        return (*writes, Write(manager, UPDATE, "status", time))
    if manager == _SCHEDULER and (new.get("spec") or {}).get("nodeName"):
        return writes  # A binding leaves no trace.
    return _noted(writes, Write(manager, UPDATE, "status", time, _changes(kind, old, new, ("status",))))


def _main(
    writes: Writes, manager: str, kind: ResourceKind, old: JsonObject, new: JsonObject, time: str
) -> Writes:
    operation = UPDATE
    for index, write in enumerate(writes):
        if write.manager == manager and not write.subresource:
            if write.paths is None:
                return writes if write.time == time else _again(writes, index, time)
            operation = write.operation
    if manager == _SCHEDULER:
        return writes
    sections = [key for key in new if key not in ("kind", "apiVersion", "status")]
    paths = _changes(kind, old, new, sections)
    subresource = ""
    if kind.plural in _SCALED and paths == _REPLICAS:
        subresource = "scale"
    elif _REVISION in paths:
        subresource = "status"
    return _noted(writes, Write(manager, operation, subresource, time, paths)) if paths else writes


def _again(writes: Writes, index: int, time: str) -> Writes:
    """The record with a later time of one write."""
    write = writes[index]
    later = Write(write.manager, write.operation, write.subresource, time, write.paths)
    return (*writes[:index], later, *writes[index + 1 :])


def _changes(
    kind: ResourceKind, old: JsonObject, new: JsonObject, sections: tuple[str, ...] | list[str]
) -> frozenset[fields.Path]:
    before = fields.values(old, kind.kind, sections)
    now = fields.values(new, kind.kind, sections)
    return frozenset(path for path, value in now.items() if path not in before or before[path] != value)


def _noted(writes: Writes, new: Write) -> Writes:
    """The record with a write in place of an earlier one of the same part, or with one more."""
    same = new.manager, new.operation, new.subresource, new.paths is None
    for index, write in enumerate(writes):
        if (*write[:3], write.paths is None) == same:
            if new.paths is not None and write.paths is not None:
                new = new._replace(paths=write.paths | new.paths)
            return (*writes[:index], new, *writes[index + 1 :])
    others = writes
    if new.paths is not None:
        taken = new.paths
        others = tuple(
            each if each.paths is None else each._replace(paths=each.paths - taken) for each in writes
        )
    return (*others, new)
