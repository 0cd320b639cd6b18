"""What the schema of a definition says of its objects: types, limits, required and unknown fields."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from k8stui.core.objects import JsonObject
from k8stui.practice.api.decoding import json_type
from k8stui.practice.api.validation.limits import limits
from k8stui.practice.api.validation.said import Cause

_KEPT = frozenset(("apiVersion", "kind", "metadata"))


@dataclass(slots=True)
class Findings:
    """What the schema of a definition has to say of a custom resource."""

    unknown: list[str] = field(default_factory=list)
    """Paths of fields that the schema does not have."""
    causes: list[Cause] = field(default_factory=list)
    """Missing values, wrong types, values out of range."""


def check(schema: JsonObject, obj: JsonObject) -> Findings:
    """Check a custom resource against the schema of its definition."""
    findings = Findings()
    top = {
        **schema,
        "properties": {k: v for k, v in (schema.get("properties") or {}).items() if k not in _KEPT},
    }
    rest = {key: value for key, value in obj.items() if key not in _KEPT}
    _structural(top, rest, "", findings)
    return findings


def _structural(schema: JsonObject, value: Any, path: str, findings: Findings) -> None:
    if value is None and schema.get("nullable"):
        return
    wanted, actual = schema.get("type"), json_type(value)
    either = bool(schema.get("x-kubernetes-int-or-string"))
    fits = actual in ("integer", "string") if either else actual == wanted or not wanted
    if not fits and (wanted, actual) != ("number", "integer"):
        said = "integer,string" if either else wanted
        why = f'Invalid value: "{actual}": {path} in body must be of type {said}: "{actual}"'
        findings.causes.append(("FieldValueTypeInvalid", path, why))
        return
    findings.causes += limits(schema, value, path)
    findings.causes += _alternatives(schema, value, path)
    if isinstance(value, dict):
        _structural_map(schema, value, path, findings)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for number, each in enumerate(value):
            _structural(schema["items"], each, f"{path}[{number}]", findings)


def _alternatives(schema: JsonObject, value: Any, path: str) -> Iterator[Cause]:
    """The junctors: how many of some schemas a value must meet."""

    def met(key: str) -> int:
        return sum(_meets(each, value, path) for each in schema[key] if isinstance(each, dict))

    head = f'Invalid value: "": "{path}" must validate '
    if schema.get("oneOf") and not schema.get("x-kubernetes-int-or-string") and (count := met("oneOf")) != 1:
        found = f"Found {count} valid alternatives" if count else "Found none valid"
        yield "FieldValueInvalid", "<nil>", f"{head}one and only one schema (oneOf). {found}"
    if schema.get("anyOf") and not schema.get("x-kubernetes-int-or-string") and not met("anyOf"):
        yield "FieldValueInvalid", "<nil>", f"{head}at least one schema (anyOf)"
    if schema.get("allOf") and met("allOf") != len(schema["allOf"]):
        yield "FieldValueInvalid", "<nil>", f"{head}all the schemas (allOf)"
    if isinstance(schema.get("not"), dict) and _meets(schema["not"], value, path):
        yield "FieldValueInvalid", "<nil>", f'Invalid value: "": "{path}" must not validate the schema (not)'


def _meets(schema: JsonObject, value: Any, path: str) -> bool:
    findings = Findings()
    _structural(schema, value, path, findings)
    return not findings.causes


def _structural_map(schema: JsonObject, value: JsonObject, path: str, findings: Findings) -> None:
    properties = schema.get("properties") or {}
    others = schema.get("additionalProperties")
    open_ended = bool(schema.get("x-kubernetes-preserve-unknown-fields"))
    for name in schema.get("required") or ():
        if name not in value:
            at = f"{path}.{name}" if path else name
            findings.causes.append(("FieldValueRequired", at, "Required value"))
    for name, below in sorted(value.items()):
        at = f"{path}.{name}" if path else name
        if name in properties:
            _structural(properties[name], below, at, findings)
        elif isinstance(others, dict):
            _structural(others, below, at, findings)
        elif not open_ended and not others:
            findings.unknown.append(at)


def prune(schema: JsonObject, value: Any) -> Any:
    """A custom resource without the fields that its schema does not have."""
    if isinstance(value, list):
        items = schema.get("items")
        return [prune(items, each) for each in value] if isinstance(items, dict) else value
    if not isinstance(value, dict) or schema.get("x-kubernetes-preserve-unknown-fields"):
        return value
    properties, others = schema.get("properties") or {}, schema.get("additionalProperties")
    if (
        not properties
        and others is None
        and schema.get("type") == "object"
        and not schema.get("x-kubernetes-embedded-resource")
    ):
        return {}
    if others is True:
        return value
    return {
        key: prune(properties.get(key, others if isinstance(others, dict) else {}), below)
        for key, below in value.items()
        if key in properties or isinstance(others, dict)
    }
