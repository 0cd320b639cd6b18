"""What every object has: its name, labels, annotations, finalizers and owners."""

from __future__ import annotations

from collections.abc import Iterator

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts
from k8stui.practice.api.validation.said import (
    Cause,
    invalid,
    label,
    labels,
    qualified,
    required,
    subdomain,
)

_AS_LABELS = frozenset((("", "namespaces"), ("", "services"), ("apps", "statefulsets")))
_PATH_SEGMENTS = frozenset(("rbac.authorization.k8s.io", "apiregistration.k8s.io"))
_STANDARD_FINALIZERS = frozenset(("orphan", "foregroundDeletion", "kubernetes"))
_CRON_JOB_LENGTH = 52
_LARGEST_ANNOTATIONS = 256 << 10


def check(kind: ResourceKind, metadata: JsonObject) -> Iterator[Cause]:
    """The mistakes of an object's metadata."""
    yield from _name(kind, str(metadata.get("name") or ""))
    yield from labels("metadata.labels", metadata.get("labels"))
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict):
        for key in annotations:
            yield from qualified("metadata.annotations", key.lower())
        size = sum(len(key) + len(str(value)) for key, value in annotations.items())
        if size > _LARGEST_ANNOTATIONS:
            why = f"Too long: may not be more than {_LARGEST_ANNOTATIONS} bytes"
            yield "FieldValueTooLong", "metadata.annotations", why
    for number, finalizer in enumerate(metadata.get("finalizers") or ()):
        at = f"metadata.finalizers[{number}]"
        yield from qualified(at, finalizer)
        if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
            yield invalid(
                at, finalizer, "name is neither a standard finalizer name nor is it fully qualified"
            )
    for number, owner in enumerate(dicts(metadata, "ownerReferences")):
        for field in ("apiVersion", "kind", "name", "uid"):
            if not owner.get(field):
                yield required(f"metadata.ownerReferences[{number}].{field}", "must not be empty")


def _name(kind: ResourceKind, name: str) -> Iterator[Cause]:
    if kind.group in _PATH_SEGMENTS or kind.plural == "clustertrustbundles":
        if name in (".", ".."):
            yield invalid("metadata.name", name, f"may not be '{name}'")
        for sign in "/%":
            if sign in name:
                yield invalid("metadata.name", name, f"may not contain '{sign}'")
    elif (kind.group, kind.plural) in _AS_LABELS:
        if kind.plural == "namespaces" and "." in name:
            yield invalid("metadata.name", name, "must not contain dots")
        else:
            yield from label("metadata.name", name)
    else:
        yield from subdomain("metadata.name", name)
    if kind.plural == "cronjobs" and len(name) > _CRON_JOB_LENGTH:
        yield invalid("metadata.name", name, f"must be no more than {_CRON_JOB_LENGTH} characters")
