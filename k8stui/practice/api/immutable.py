"""What of an object may not be changed once it is made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_quantity
from k8stui.practice import errors
from k8stui.practice.api import encode

Cause = tuple[str, str, str]

_POD_RULE = (
    "pod updates may not change fields other than `spec.containers[*].image`,"
    "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to "
    "existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
    "previously negative)"
)
_CLAIM_RULE = (
    "spec is immutable after creation except resources.requests "
    "and volumeAttributesClassName for bound claims"
)
_FROZEN_RULE = "field is immutable when `immutable` is set"
_FIELDS: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        ("apps", "deployments"): ("selector",),
        ("apps", "replicasets"): ("selector",),
        ("apps", "daemonsets"): ("selector",),
        ("apps", "statefulsets"): ("serviceName", "selector", "podManagementPolicy", "volumeClaimTemplates"),
        ("batch", "jobs"): ("completions", "selector", "template.spec", "completionMode", "managedBy"),
    }
)


def check(kind: ResourceKind, old: JsonObject, new: JsonObject) -> None:
    """Refuse a new version that changes what may not change.

    Raises:
        StatusError: 422 with every field that has changed.
    """
    found = [*_finalizers(old, new)]
    for field in _FIELDS.get((kind.group, kind.plural), ()):
        steps = field.split(".")
        before, after = dig(old, "spec", *steps), dig(new, "spec", *steps)
        if before != after and not (kind.plural == "jobs" and dig(old, "spec", "suspend") and "." in field):
            found.append(_changed(f"spec.{field}", after))
    match kind.group, kind.plural:
        case "", "pods":
            found += _pod(old["spec"], new["spec"])
        case "", "configmaps" | "secrets":
            found += _data(old, new)
        case "", "persistentvolumeclaims":
            found += _claim(old["spec"], new["spec"])
        case "rbac.authorization.k8s.io", "rolebindings" | "clusterrolebindings":
            before, after = old.get("roleRef"), new.get("roleRef") or {}
            if before != after:
                found.append(_changed("roleRef", {key[:1].upper() + key[1:]: v for key, v in _role(after)}))
    if found:
        raise errors.invalid(kind.group, kind.kind, new["metadata"]["name"], found)


def _role(ref: JsonObject) -> list[tuple[str, object]]:
    return [("APIGroup", ref.get("apiGroup")), ("kind", ref.get("kind")), ("name", ref.get("name"))]


def _changed(field: str, value: object) -> Cause:
    return "FieldValueInvalid", field, f"Invalid value: {encode.encode(value).decode()}: field is immutable"


def _finalizers(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    if not old["metadata"].get("deletionTimestamp"):
        return
    before = old["metadata"].get("finalizers") or []
    added = [each for each in new["metadata"].get("finalizers") or [] if each not in before]
    if added:
        listed = ", ".join(f'"{each}"' for each in added)
        why = (
            "Forbidden: no new finalizers can be added if the object is being deleted, "
            f"found new finalizers []string{{{listed}}}"
        )
        yield "FieldValueForbidden", "metadata.finalizers", why


def _pod(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    for field in ("containers", "initContainers"):
        if len(old.get(field) or ()) != len(new.get(field) or ()):
            yield (
                "FieldValueForbidden",
                f"spec.{field}",
                "Forbidden: pod updates may not add or remove containers",
            )
            return
    if _fixed(old) != _fixed(new):
        yield "FieldValueForbidden", "spec", f"Forbidden: {_POD_RULE}"
        return
    kept = new.get("tolerations") or []
    if any(each not in kept for each in old.get("tolerations") or ()):
        why = "Forbidden: existing toleration can not be modified except its tolerationSeconds"
        yield "FieldValueForbidden", "spec.tolerations", why


def _fixed(spec: JsonObject) -> JsonObject:
    """What stays of a Pod's spec when all that may change is left out."""
    free = ("activeDeadlineSeconds", "tolerations", "schedulingGates")
    fixed = {key: value for key, value in spec.items() if key not in free}
    if spec.get("schedulingGates"):
        for key in ("nodeSelector", "affinity"):
            fixed.pop(key, None)
    for field in ("containers", "initContainers"):
        fixed[field] = [
            {
                key: value
                for key, value in container.items()
                if key not in ("image", "resources", "resizePolicy")
            }
            for container in dicts(spec, field)
        ]
    return fixed


def _data(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    if old.get("immutable"):
        for field in ("immutable", "data", "binaryData"):
            if old.get(field) != new.get(field):
                yield "FieldValueForbidden", field, f"Forbidden: {_FROZEN_RULE}"
    if old["kind"] == "Secret" and old.get("type") != new.get("type"):
        yield _changed("type", new.get("type"))


def _claim(old: JsonObject, new: JsonObject) -> Iterator[Cause]:
    free = ("resources", "volumeName", "volumeAttributesClassName")
    before = {key: value for key, value in old.items() if key not in free}
    after = {key: value for key, value in new.items() if key not in free}
    sizes = [parse_quantity(str(dig(spec, "resources", "requests", "storage") or "0")) for spec in (old, new)]
    bound = bool(old.get("volumeName"))
    if bound and old["volumeName"] != new.get("volumeName"):
        after["volumeName"] = new.get("volumeName")
    if before != after or (sizes[0] != sizes[1] and not bound):
        yield "FieldValueForbidden", "spec", f"Forbidden: {_CLAIM_RULE}"
    elif (sizes[1] or 0) < (sizes[0] or 0):
        why = "Forbidden: field can not be less than previous value"
        yield "FieldValueForbidden", "spec.resources.requests.storage", why
