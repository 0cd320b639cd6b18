"""ConfigMaps, Secrets, and what keeps data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from k8stui.core.objects import JsonObject, dig
from k8stui.practice.api.validation.pods import one_source
from k8stui.practice.api.validation.said import (
    Cause,
    config_keys,
    invalid,
    number,
    one_of,
    quantity,
    required,
    subdomain,
    unsupported,
)

_LARGEST = 1 << 20
_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
_NEEDED = {
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/dockercfg": (".dockercfg",),
}
_ACCOUNT = "kubernetes.io/service-account.name"
_NO_SOURCES = frozenset(
    (
        *("accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "storageClassName"),
        *("persistentVolumeReclaimPolicy", "volumeAttributesClassName", "volumeMode"),
    )
)


def check_config_map(obj: JsonObject) -> Iterator[Cause]:
    """ConfigMap."""
    data, binary = obj.get("data") or {}, obj.get("binaryData") or {}
    yield from config_keys("data", data)
    for key in data:
        if key in binary:
            yield invalid(f"data[{key}]", key, "duplicate of key present in binaryData")
    yield from config_keys("binaryData", binary)
    size = sum(len(str(value).encode()) for value in data.values())
    size += sum(len(str(value)) * 3 // 4 for value in binary.values())
    if size > _LARGEST:
        # No field is to blame, and the server says so with the name of none.
        yield "FieldValueTooLong", "[]", f"Too long: may not be more than {_LARGEST} bytes"


def check_secret(obj: JsonObject) -> Iterator[Cause]:
    """Secret: its keys, its size, and what its type needs."""
    data: JsonObject = obj.get("data") or {}
    yield from config_keys("data", data)
    if sum(len(str(value)) * 3 // 4 for value in data.values()) > _LARGEST:
        yield "FieldValueTooLong", "data", f"Too long: may not be more than {_LARGEST} bytes"
    kind = str(obj.get("type") or "")
    if kind == "kubernetes.io/service-account-token":
        if not dig(obj, "metadata", "annotations", _ACCOUNT):
            yield required(f"metadata.annotations[{_ACCOUNT}]")
    elif kind == "kubernetes.io/basic-auth" and "username" not in data and "password" not in data:
        yield required("data[username]")
        yield required("data[password]")
    for key in _NEEDED.get(kind, ()):
        if key not in data:
            yield required(f"data[{key}]")
        elif key.startswith(".docker") and (why := _json_trouble(data[key])):
            yield invalid(f"data[{key}]", "<secret contents redacted>", why)


def _json_trouble(encoded: Any) -> str:
    import base64
    import binascii

    try:
        json.loads(base64.b64decode(str(encoded)))
    except (ValueError, binascii.Error):
        return "invalid character in the JSON text"
    return ""


def check_claim(obj: JsonObject) -> Iterator[Cause]:
    """PersistentVolumeClaim."""
    spec = obj.get("spec") or {}
    yield from _modes(spec, "at least 1 access mode is required")
    asked = dig(spec, "resources", "requests", "storage")
    if asked is None:
        yield required("spec.resources[storage]")
    elif (number(asked) or 0) <= 0:
        yield invalid("spec.resources[storage]", str(asked), "must be greater than zero")
    if spec.get("storageClassName"):
        yield from subdomain("spec.storageClassName", str(spec["storageClassName"]))
    yield from one_of("spec.volumeMode", spec.get("volumeMode"), ("Block", "Filesystem"))


def check_volume(obj: JsonObject) -> Iterator[Cause]:
    """PersistentVolume."""
    spec = obj.get("spec") or {}
    yield from _modes(spec, "")
    capacity = spec.get("capacity") or {}
    if not capacity:
        yield required("spec.capacity")
    if "storage" not in capacity or len(capacity) > 1:
        yield unsupported("spec.capacity", capacity, ("storage",))
    for name, value in capacity.items():
        yield from quantity(f"spec.capacity[{name}]", value)
    policies = ("Delete", "Recycle", "Retain")
    yield from one_of(
        "spec.persistentVolumeReclaimPolicy", spec.get("persistentVolumeReclaimPolicy"), policies
    )
    yield from one_source(spec, "spec", _NO_SOURCES)
    if spec.get("storageClassName"):
        yield from subdomain("spec.storageClassName", str(spec["storageClassName"]))
    yield from one_of("spec.volumeMode", spec.get("volumeMode"), ("Block", "Filesystem"))


def _modes(spec: JsonObject, why: str) -> Iterator[Cause]:
    modes = spec.get("accessModes") or ()
    if not modes:
        yield required("spec.accessModes", why)
    for mode in modes:
        yield from one_of("spec.accessModes", mode, _MODES)


def check_storage_class(obj: JsonObject) -> Iterator[Cause]:
    """StorageClass."""
    if not obj.get("provisioner"):
        yield required("provisioner")
    yield from one_of("reclaimPolicy", obj.get("reclaimPolicy"), ("Delete", "Retain"))
    bindings = ("Immediate", "WaitForFirstConsumer")
    yield from one_of("volumeBindingMode", obj.get("volumeBindingMode"), bindings)
