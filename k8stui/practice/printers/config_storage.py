"""Rows of the kinds for settings, secrets and storage."""

from __future__ import annotations

from typing import Any

from k8stui.core.objects import JsonObject, dig
from k8stui.practice.printers.base import (
    AGE,
    CREATED,
    NAME,
    NONE,
    UNSET,
    Printer,
    age,
    column,
    default_cells,
    name_of,
    whole,
    wide,
)

_MODES = (
    ("ReadWriteOnce", "RWO"),
    ("ReadOnlyMany", "ROX"),
    ("ReadWriteMany", "RWX"),
    ("ReadWriteOncePod", "RWOP"),
)
_CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_DEFAULT_CLASS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)


def _secret(obj: JsonObject, now: float) -> list[Any]:
    return [name_of(obj), obj.get("type", ""), len(obj.get("data") or ()), age(obj, now)]


def _config_map(obj: JsonObject, now: float) -> list[Any]:
    entries = len(obj.get("data") or ()) + len(obj.get("binaryData") or ())
    return [name_of(obj), entries, age(obj, now)]


def _access(modes: Any) -> str:
    given = modes or ()
    return ",".join(short for mode, short in _MODES if mode in given)


def _class(obj: JsonObject) -> str:
    old = dig(obj, "metadata", "annotations", _CLASS_ANNOTATION)
    return str(old or dig(obj, "spec", "storageClassName") or "")


def _phase(obj: JsonObject) -> str:
    if obj["metadata"].get("deletionTimestamp"):
        return "Terminating"
    return str(dig(obj, "status", "phase") or "")


def _claim(obj: JsonObject, now: float) -> list[Any]:
    spec, status = obj.get("spec") or {}, obj.get("status") or {}
    volume = spec.get("volumeName") or ""
    return [
        name_of(obj),
        _phase(obj),
        volume,
        dig(status, "capacity", "storage") or "0" if volume else "",
        _access(status.get("accessModes")) if volume else "",
        _class(obj),
        spec.get("volumeAttributesClassName") or UNSET,
        age(obj, now),
        spec.get("volumeMode") or UNSET,
    ]


def _volume(obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    claim = spec.get("claimRef")
    return [
        name_of(obj),
        dig(spec, "capacity", "storage") or "0",
        _access(spec.get("accessModes")),
        spec.get("persistentVolumeReclaimPolicy", ""),
        _phase(obj),
        f"{claim.get('namespace', '')}/{claim.get('name', '')}" if claim else "",
        _class(obj),
        spec.get("volumeAttributesClassName") or UNSET,
        dig(obj, "status", "reason") or "",
        age(obj, now),
        spec.get("volumeMode") or UNSET,
    ]


def _storage_class(obj: JsonObject, now: float) -> list[Any]:
    """The default is marked on the object's own word.

    Where several claim to be the default, a server marks the newest one only, and none outside of a list.
    """
    name = name_of(obj)
    said = dig(obj, "metadata", "annotations") or {}
    if any(said.get(key) == "true" for key in _DEFAULT_CLASS):
        name += " (default)"
    return [
        name,
        obj.get("provisioner", ""),
        obj.get("reclaimPolicy") or "Delete",
        obj.get("volumeBindingMode") or "Immediate",
        bool(obj.get("allowVolumeExpansion")),
        age(obj, now),
    ]


def _driver(obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    requests = spec.get("tokenRequests")
    return [
        name_of(obj),
        spec.get("attachRequired", True),
        spec.get("podInfoOnMount", False),
        spec.get("storageCapacity", False),
        UNSET if requests is None else ",".join(str(item.get("audience", "")) for item in requests),
        spec.get("requiresRepublish", False),
        ",".join(spec.get("volumeLifecycleModes") or ()) or NONE,
        age(obj, now),
    ]


def _csi_node(obj: JsonObject, now: float) -> list[Any]:
    return [name_of(obj), len(dig(obj, "spec", "drivers") or ()), age(obj, now)]


def _attachment(obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    return [
        name_of(obj),
        spec.get("attacher", ""),
        dig(spec, "source", "persistentVolumeName") or "",
        spec.get("nodeName", ""),
        bool(dig(obj, "status", "attached")),
        age(obj, now),
    ]


def _attributes_class(obj: JsonObject, now: float) -> list[Any]:
    return [name_of(obj), obj.get("driverName", ""), age(obj, now)]


_ATTRIBUTES = column("VolumeAttributesClass", "Class of changeable attributes asked for.")
_VOLUME_MODE = wide("VolumeMode", "Whether a file system or a raw block device.")

PRINTERS: tuple[tuple[str, str, Printer], ...] = (
    (
        "",
        "secrets",
        Printer(
            (
                NAME,
                column("Type", "What the Secret is for, so which keys it must have."),
                column("Data", "How many keys it has."),
                AGE,
            ),
            _secret,
        ),
    ),
    ("", "configmaps", Printer((NAME, column("Data", "How many keys it has."), AGE), _config_map)),
    (
        "",
        "persistentvolumeclaims",
        Printer(
            (
                NAME,
                column("Status", "Whether a volume is bound to the claim."),
                column("Volume", "PersistentVolume that is bound."),
                column("Capacity", "Size of the bound volume."),
                column("Access Modes", "How nodes may mount the bound volume."),
                column("StorageClass", "Class that the volume comes from."),
                _ATTRIBUTES,
                AGE,
                _VOLUME_MODE,
            ),
            _claim,
        ),
    ),
    (
        "",
        "persistentvolumes",
        Printer(
            (
                NAME,
                column("Capacity", "Size of the volume."),
                column("Access Modes", "How nodes may mount the volume."),
                column("Reclaim Policy", "What becomes of the volume when its claim goes."),
                column("Status", "Whether it is available, bound, released or failed."),
                column("Claim", "Claim that it is bound to, as namespace/name."),
                column("StorageClass", "Class that the volume belongs to."),
                _ATTRIBUTES,
                column("Reason", "Why the volume is in its state."),
                AGE,
                _VOLUME_MODE,
            ),
            _volume,
        ),
    ),
    (
        "storage.k8s.io",
        "storageclasses",
        Printer(
            (
                NAME,
                column("Provisioner", "Driver that makes the volumes."),
                column("ReclaimPolicy", "What becomes of its volumes when their claims go."),
                column("VolumeBindingMode", "Whether volumes are made at once or for the first Pod."),
                column("AllowVolumeExpansion", "Whether claims may grow."),
                AGE,
            ),
            _storage_class,
        ),
    ),
    (
        "storage.k8s.io",
        "csidrivers",
        Printer(
            (
                NAME,
                column(
                    "AttachRequired", "Whether volumes are attached before they are mounted.", kind="boolean"
                ),
                column("PodInfoOnMount", "Whether the driver is told about the Pod.", kind="boolean"),
                column("StorageCapacity", "Whether the scheduler asks for free space.", kind="boolean"),
                column("TokenRequests", "Audiences of the ServiceAccount tokens it is given."),
                column("RequiresRepublish", "Whether volumes are published again and again.", kind="boolean"),
                column("Modes", "Persistent volumes, ephemeral ones, or both."),
                AGE,
            ),
            _driver,
        ),
    ),
    (
        "storage.k8s.io",
        "csinodes",
        Printer((NAME, whole("Drivers", "How many CSI drivers the node has."), AGE), _csi_node),
    ),
    ("storage.k8s.io", "csistoragecapacities", Printer((NAME, CREATED), default_cells)),
    (
        "storage.k8s.io",
        "volumeattachments",
        Printer(
            (
                NAME,
                column("Attacher", "Driver that attaches the volume.", form="name"),
                column("PV", "PersistentVolume to attach."),
                column("Node", "Node to attach it to."),
                column("Attached", "Whether it is attached.", kind="boolean"),
                AGE,
            ),
            _attachment,
        ),
    ),
    (
        "storage.k8s.io",
        "volumeattributesclasses",
        Printer((NAME, column("DriverName", "Driver that knows the attributes."), AGE), _attributes_class),
    ),
)
