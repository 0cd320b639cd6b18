"""What may not change once an object is there."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.api.validation.said import Cause, forbidden, invalid, number

_IMMUTABLE = "field is immutable"
_SET = "field is immutable when `immutable` is set"
_POD = (
    "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
    "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
)
_CLAIM = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName "
    "for bound claims"
)
_FIXED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "Deployment": ("spec.selector",),
        "ReplicaSet": ("spec.selector",),
        "DaemonSet": ("spec.selector",),
        "StatefulSet": (
            "spec.selector",
            "spec.serviceName",
            "spec.podManagementPolicy",
            "spec.volumeClaimTemplates",
        ),
        "Secret": ("type",),
        "PriorityClass": ("preemptionPolicy",),
        "RuntimeClass": ("handler",),
    }
)
"""Fields by kind that keep the value with which they were created."""
_POD_FREE = frozenset(
    ("activeDeadlineSeconds", "schedulingGates", "terminationGracePeriodSeconds", "tolerations")
)
_GATED = frozenset(("affinity", "nodeSelector"))
_FREE_VOLUME = frozenset(
    (
        *("accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "storageClassName"),
        *("persistentVolumeReclaimPolicy", "volumeAttributesClassName", "volumeMode"),
    )
)


def changes(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    """The changes that are not allowed, of a built-in kind."""
    kind = str(new["kind"])
    yield from _finalizers(old, new)
    for path in _FIXED.get(kind, ()):
        before, after = dig(old, *path.split(".")), dig(new, *path.split("."))
        if (before or None) != (after or None):
            yield invalid(path, after, _IMMUTABLE)
    check = _CHECKS.get(kind)
    if check is not None:
        yield from check(old, new)


def _finalizers(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    metadata = old.get("metadata") or {}
    before = metadata.get("finalizers") or ()
    added = [each for each in dig(new, "metadata", "finalizers") or () if each not in before]
    if added and metadata.get("deletionTimestamp"):
        listed = ", ".join(f'"{each}"' for each in added)
        why = "no new finalizers can be added if the object is being deleted"
        yield forbidden("metadata.finalizers", f"{why}, found new finalizers []string{{{listed}}}")


def _difference(before: Any, after: Any) -> str:
    """What changed, line by line, as the server shows it behind its refusal."""
    texts = [msgspec.json.format(msgspec.json.encode(each), indent=1).decode() for each in (before, after)]
    lines = list(difflib.unified_diff(texts[0].splitlines(), texts[1].splitlines(), lineterm=""))
    return "\n" + "\n".join(lines[2:]) + "\n"


def _pod(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    before, after = old.get("spec") or {}, new.get("spec") or {}
    for field in ("containers", "initContainers"):
        if len(before.get(field) or ()) != len(after.get(field) or ()):
            yield forbidden(f"spec.{field}", "pod updates may not add or remove containers")
            return
    kept = [each for each in before.get("tolerations") or () if each in (after.get("tolerations") or ())]
    if len(kept) != len(before.get("tolerations") or ()):
        yield forbidden(
            "spec.tolerations", "existing toleration can not be modified except its tolerationSeconds"
        )
    fixed = [_pod_rest(spec) for spec in (before, after)]
    if fixed[0] != fixed[1]:
        yield forbidden("spec", _POD + _difference(*fixed))


def _pod_rest(spec: JsonObject) -> JsonObject:
    """What of a Pod's spec stays as it is."""
    free = _POD_FREE | _GATED if spec.get("schedulingGates") else _POD_FREE
    rest = {key: value for key, value in spec.items() if key not in free}
    for field in ("containers", "initContainers"):
        if field in rest:
            rest[field] = [{**each, "image": ""} for each in dicts(spec, field)]
    return rest


def _job(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    before, after = old.get("spec") or {}, new.get("spec") or {}
    for field in ("completions", "selector", "completionMode", "podFailurePolicy", "backoffLimitPerIndex"):
        indexed = after.get("completionMode") == "Indexed" and field == "completions"
        if before.get(field) != after.get(field) and not indexed:
            yield invalid(f"spec.{field}", after.get(field), _IMMUTABLE)
    waiting = before.get("suspend") and not dig(old, "status", "startTime")
    if before.get("template") != after.get("template") and not waiting:
        yield invalid("spec.template", after.get("template"), _IMMUTABLE)


def _data(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    if not old.get("immutable"):
        return
    if not new.get("immutable"):
        yield forbidden("immutable", _SET)
    for key in ("data", "binaryData"):
        if old.get(key) != new.get(key):
            yield forbidden(key, _SET)


def _claim(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    before, after = dict(old.get("spec") or {}), dict(new.get("spec") or {})
    if not before.get("volumeName"):
        before.pop("volumeName", None)
        after.pop("volumeName", None)
    else:
        asked = [number(dig(spec, "resources", "requests", "storage")) or 0 for spec in (before, after)]
        if asked[1] < asked[0] and asked[1] < (number(dig(old, "status", "capacity", "storage")) or 0):
            yield forbidden("spec.resources.requests.storage", "field can not be less than status.capacity")
        for spec in (before, after):
            spec["resources"] = {key: value for key, value in spec["resources"].items() if key != "requests"}
            spec.pop("volumeAttributesClassName", None)
    if before != after:
        yield forbidden("spec", _CLAIM + _difference(before, after))


def _volume(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    sources = [
        {key: value for key, value in (obj.get("spec") or {}).items() if key not in _FREE_VOLUME}
        for obj in (old, new)
    ]
    if sources[0] != sources[1]:
        why = "spec.persistentvolumesource is immutable after creation"
        yield forbidden("spec.persistentvolumesource", why + _difference(*sources))


def _storage_class(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    if old.get("provisioner") != new.get("provisioner"):
        # The server names no value here.
        yield invalid("provisioner", None, _IMMUTABLE)
    for field in ("parameters", "reclaimPolicy"):
        if old.get(field) != new.get(field):
            yield forbidden(field, f"updates to {field} are forbidden.")
    if old.get("volumeBindingMode") != new.get("volumeBindingMode"):
        yield invalid("volumeBindingMode", new.get("volumeBindingMode"), _IMMUTABLE)


def _node(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    before = dig(old, "spec", "podCIDR")
    if before and before != dig(new, "spec", "podCIDR"):
        yield forbidden("spec.podCIDRs", 'node updates may not change podCIDR except from "" to valid')


def _priority(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    if old.get("value") != new.get("value"):
        yield forbidden("value", "may not be changed in an update.")


def _binding(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    after = new.get("roleRef") or {}
    if old.get("roleRef") != after:
        names = (("APIGroup", "apiGroup"), ("Kind", "kind"), ("Name", "name"))
        yield invalid("roleRef", {shown: after.get(name, "") for shown, name in names}, _IMMUTABLE)


def _definition(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    for field in (("scope",), ("names", "kind")):
        after = dig(new, "spec", *field)
        if dig(old, "spec", *field) != after:
            yield invalid(".".join(("spec", *field)), after, _IMMUTABLE)
    served = {version.get("name") for version in dicts(new, "spec", "versions")}
    for number_, name in enumerate(dig(old, "status", "storedVersions") or ()):
        if name not in served:
            why = (
                f"missing from spec.versions; {name} was previously a storage version, and must remain in "
                "spec.versions until a storage migration ensures no data remains persisted in "
                f"{name} and removes {name} from status.storedVersions"
            )
            yield invalid(f"status.storedVersions[{number_}]", name, why)


_CHECKS: Mapping[str, Callable[[JsonObject, JsonObject], Iterator[Cause]]] = MappingProxyType(
    {
        "Pod": _pod,
        "Job": _job,
        "ConfigMap": _data,
        "Secret": _data,
        "PersistentVolumeClaim": _claim,
        "PersistentVolume": _volume,
        "StorageClass": _storage_class,
        "Node": _node,
        "PriorityClass": _priority,
        "RoleBinding": _binding,
        "ClusterRoleBinding": _binding,
        "CustomResourceDefinition": _definition,
    }
)
