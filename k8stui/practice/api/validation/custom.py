"""What the schema of a definition says of its objects: types, limits, required and unknown fields."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from k8stui.core.objects import JsonObject
from k8stui.practice.api.decoding import json_type
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
    if schema.get("x-kubernetes-int-or-string"):
        wanted = actual if actual in ("integer", "string") else "integer"
    if wanted and actual != wanted and (wanted, actual) != ("number", "integer"):
        why = f'Invalid value: "{actual}": {path} in body must be of type {wanted}: "{actual}"'
        findings.causes.append(("FieldValueTypeInvalid", path, why))
        return
    findings.causes += [(reason, path, message) for reason, message in _limits(schema, value, path)]
    if isinstance(value, dict):
        _structural_map(schema, value, path, findings)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for number, each in enumerate(value):
            _structural(schema["items"], each, f"{path}[{number}]", findings)


def _structural_map(schema: JsonObject, value: JsonObject, path: str, findings: Findings) -> None:
    properties = schema.get("properties") or {}
    others = schema.get("additionalProperties")
    open_ended = bool(schema.get("x-kubernetes-preserve-unknown-fields"))
    for name in schema.get("required") or ():
        if name not in value:
            at = f"{path}.{name}" if path else name
            findings.causes.append(("FieldValueRequired", at, "Required value"))
    for name, below in value.items():
        at = f"{path}.{name}" if path else name
        if name in properties:
            _structural(properties[name], below, at, findings)
        elif isinstance(others, dict):
            _structural(others, below, at, findings)
        elif not open_ended and not others:
            findings.unknown.append(at)


def _limits(schema: JsonObject, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if "enum" in schema and value not in schema["enum"]:
        choices = ", ".join(f'"{each}"' for each in schema["enum"])
        yield "FieldValueNotSupported", f'Unsupported value: "{value}": supported values: {choices}'
    if isinstance(value, int | float) and not isinstance(value, bool):
        for name, words, wrong in (
            ("minimum", "greater than or equal to", value < schema.get("minimum", value)),
            ("maximum", "less than or equal to", value > schema.get("maximum", value)),
        ):
            if wrong:
                yield (
                    "FieldValueInvalid",
                    f"Invalid value: {value}: {path} in body should be {words} {schema[name]}",
                )
    if isinstance(value, str) and "pattern" in schema and not _search(schema["pattern"], value):
        yield (
            "FieldValueInvalid",
            f"Invalid value: \"{value}\": {path} in body should match '{schema['pattern']}'",
        )


def _search(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True


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
