"""CustomResourceDefinitions: their names, versions and schemas."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.api.decoding import json_type
from k8stui.practice.api.validation.said import (
    Cause,
    duplicate,
    forbidden,
    invalid,
    label_1035,
    one_of,
    required,
    shown,
    subdomain,
    unsupported,
)

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_PROTECTED = ("k8s.io", "kubernetes.io")
_APPROVED = "api-approved.kubernetes.io"
_SCHEMA = "spec.validation.openAPIV3Schema"


def check_definition(obj: JsonObject) -> Iterator[Cause]:
    """CustomResourceDefinition."""
    spec = obj.get("spec") or {}
    names, group = spec.get("names") or {}, str(spec.get("group") or "")
    if obj["metadata"]["name"] != f"{names.get('plural') or ''}.{group}":
        why = 'must be spec.names.plural+"."+spec.group'
        yield invalid("metadata.name", obj["metadata"]["name"], why)
    yield from _approval(obj, group)
    if not group:
        yield required("spec.group")
    else:
        yield from subdomain("spec.group", group)
        if "." not in group:
            yield invalid("spec.group", group, "should be a domain with at least one dot")
    if not spec.get("scope"):
        yield required("spec.scope")
    yield from one_of("spec.scope", spec.get("scope") or None, ("Cluster", "Namespaced"))
    yield from _versions(spec)
    yield from _names(names)
    if not dig(obj, "status", "storedVersions"):
        yield invalid("status.storedVersions", None, "must have at least one stored version")


def _approval(obj: JsonObject, group: str) -> Iterator[Cause]:
    if not any(group == each or group.endswith(f".{each}") for each in _PROTECTED):
        return
    if not dig(obj, "metadata", "annotations", _APPROVED):
        why = (
            f'protected groups must have approval annotation "{_APPROVED}", '
            "see https://github.com/kubernetes/enhancements/pull/1111"
        )
        yield required(f"metadata.annotations[{_APPROVED}]", why)


def _names(names: JsonObject) -> Iterator[Cause]:
    for field in ("plural", "singular"):
        text = str(names.get(field) or "")
        yield from label_1035(f"spec.names.{field}", text) if text else (required(f"spec.names.{field}"),)
    for field in ("kind", "listKind"):
        text = str(names.get(field) or "")
        if not text or (field == "listKind" and text == "List"):
            yield required(f"spec.names.{field}")
            continue
        for _, _, message in label_1035("", text.lower()):
            why = message.partition(": ")[2].partition(": ")[2]
            yield invalid(
                f"spec.names.{field}", text, f"may have mixed case, but should otherwise match: {why}"
            )
    for number, short in enumerate(names.get("shortNames") or ()):
        yield from label_1035(f"spec.names.shortNames[{number}]", str(short))
    if names.get("kind") and names.get("kind") == names.get("listKind"):
        yield invalid("spec.names.listKind", names["listKind"], "kind and listKind may not be the same")


def _versions(spec: JsonObject) -> Iterator[Cause]:
    versions = list(dicts(spec, "versions"))
    names = [str(version.get("name") or "") for version in versions]
    shared = _single(versions)
    for number, version in enumerate(versions):
        at = f"spec.versions[{number}]"
        yield from label_1035(f"{at}.name", names[number])
        below = "spec" if shared else at
        schema = dig(version, "schema", "openAPIV3Schema")
        place = _SCHEMA if shared else f"{at}.schema.openAPIV3Schema"
        if schema is None:
            yield required(f"{at}.schema.openAPIV3Schema")
        else:
            if not schema.get("type"):
                yield required(f"{place}.type", "must not be empty at the root")
            elif schema["type"] != "object":
                yield invalid(f"{place}.type", schema["type"], "must be object at the root")
            yield from _schema(schema, place, top=True)
        yield from _columns(version, below)
        yield from _scale(version, below)
    if len(set(names)) != len(names):
        yield invalid(
            "spec.versions", [_shown(each) for each in versions], "must contain unique version names"
        )
    if sum(bool(version.get("storage")) for version in versions) != 1:
        why = "must have exactly one version marked as storage version"
        yield invalid("spec.versions", [_shown(each) for each in versions], why)


def _single(versions: list[JsonObject]) -> bool:
    """Whether all versions say the same, which the server then tells of as one."""
    parts = ("schema", "subresources", "additionalPrinterColumns")
    said = [[version.get(part) for part in parts] for version in versions]
    return all(each == said[0] for each in said)


def _shown(version: JsonObject) -> JsonObject:
    return {
        "Name": version.get("name") or "",
        "Served": bool(version.get("served")),
        "Storage": bool(version.get("storage")),
        "Deprecated": bool(version.get("deprecated")),
        "DeprecationWarning": version.get("deprecationWarning"),
        "Schema": None,
        "Subresources": None,
        "AdditionalPrinterColumns": None,
        "SelectableFields": None,
    }


def _columns(version: JsonObject, at: str) -> Iterator[Cause]:
    for number, column in enumerate(dicts(version, "additionalPrinterColumns")):
        where = f"{at}.additionalPrinterColumns[{number}]"
        if not column.get("name"):
            yield required(f"{where}.name")
        kind, path = column.get("type"), str(column.get("jsonPath") or "")
        if not kind:
            yield required(f"{where}.type", f"must be one of {','.join(_COLUMN_TYPES)}")
        elif kind not in _COLUMN_TYPES:
            yield invalid(f"{where}.type", kind, f"must be one of {','.join(_COLUMN_TYPES)}")
        if not path:
            yield required(f"{where}.JSONPath")
        elif not path.startswith("."):
            yield invalid(f"{where}.JSONPath", path, "must be a simple json path starting with .")


def _scale(version: JsonObject, at: str) -> Iterator[Cause]:
    scale = dig(version, "subresources", "scale")
    if not isinstance(scale, dict):
        return
    for field, root in (("specReplicasPath", ".spec."), ("statusReplicasPath", ".status.")):
        where, path = f"{at}.subresources.scale.{field}", str(scale.get(field) or "")
        if not path:
            yield required(where)
        elif not path.startswith(root):
            yield invalid(where, path, f"should be a json path under {root[:-1]}")


def _schema(schema: JsonObject, at: str, *, top: bool = False) -> Iterator[Cause]:
    kind = schema.get("type")
    free = schema.get("x-kubernetes-int-or-string") or schema.get("x-kubernetes-preserve-unknown-fields")
    if not kind and not free and not top:
        yield required(f"{at}.type", "must not be empty for specified object fields")
    elif kind and kind not in _TYPES:
        yield unsupported(f"{at}.type", kind, _TYPES)
    if "properties" in schema and "additionalProperties" in schema:
        yield forbidden(
            f"{at}.additionalProperties",
            "must not be used together with properties; additionalProperties and properties are "
            "mutual exclusive",
        )
    if kind == "array" and not isinstance(schema.get("items"), dict):
        yield required(f"{at}.items", "must be specified")
    if "default" in schema:
        yield from _default(schema, f"{at}.default")
    keys = schema.get("x-kubernetes-list-map-keys") or ()
    if schema.get("x-kubernetes-list-type") == "map" and not keys:
        why = "must not be empty if x-kubernetes-list-type is map"
        yield required(f"{at}.x-kubernetes-list-map-keys", why)
    if len(set(keys)) != len(keys):
        yield duplicate(f"{at}.x-kubernetes-list-map-keys", keys)
    yield from _rules(schema, at)
    for name, below in (schema.get("properties") or {}).items():
        if isinstance(below, dict):
            yield from _schema(below, f"{at}.properties[{name}]")
    for key in ("additionalProperties", "items"):
        if isinstance(schema.get(key), dict):
            yield from _schema(schema[key], f"{at}.{key}")


def _default(schema: JsonObject, at: str) -> Iterator[Cause]:
    value, kind = schema["default"], schema.get("type")
    actual = json_type(value)
    if kind and value is not None and actual != kind and (kind, actual) != ("number", "integer"):
        why = f"Invalid value: {shown(actual)}:  in body must be of type {kind}: {shown(actual)}"
        yield "FieldValueTypeInvalid", at, why


def _rules(schema: JsonObject, at: str) -> Iterator[Cause]:
    from k8stui.practice.api.validation.expressions import trouble

    for number, rule in enumerate(dicts(schema, "x-kubernetes-validations")):
        where, text = f"{at}.x-kubernetes-validations[{number}].rule", str(rule.get("rule") or "").strip()
        if not text:
            yield required(where, "rule is not specified")
        elif why := trouble(text):
            yield invalid(where, _shown_rule(rule), f"compilation failed: {why}")


def _shown_rule(rule: JsonObject) -> Any:
    return {
        "Rule": rule.get("rule") or "",
        "Message": rule.get("message") or "",
        "MessageExpression": rule.get("messageExpression") or "",
        "Reason": rule.get("reason"),
        "FieldPath": rule.get("fieldPath") or "",
        "OptionalOldSelf": rule.get("optionalOldSelf"),
    }
