"""What a schema says of a single value: choices, ranges, lengths, formats."""

from __future__ import annotations

import base64
import ipaddress
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from k8stui.core.objects import JsonObject
from k8stui.practice.api.validation.said import Cause, duplicate, shown


def limits(schema: JsonObject, value: Any, path: str) -> Iterator[Cause]:
    """The limits that a value of the right type breaks."""
    if "enum" in schema and value not in schema["enum"]:
        choices = ", ".join(shown(each) for each in schema["enum"])
        why = f"Unsupported value: {shown(value)}: supported values: {choices}"
        yield "FieldValueNotSupported", path, why
    match value:
        case bool():
            return
        case int() | float():
            for why in _number(schema, value):
                yield "FieldValueInvalid", path, f"Invalid value: {value}: {path} in body should be {why}"
        case str():
            yield from _text(schema, value, path)
        case list():
            yield from _list(schema, value, path)
        case dict():
            yield from _size(schema, len(value), path, "Properties")


def _number(schema: JsonObject, value: float) -> Iterator[str]:
    low, high, step = (schema.get(name) for name in ("minimum", "maximum", "multipleOf"))
    if low is not None:
        if schema.get("exclusiveMinimum") and value <= low:
            yield f"greater than {low}"
        elif value < low:
            yield f"greater than or equal to {low}"
    if high is not None:
        if schema.get("exclusiveMaximum") and value >= high:
            yield f"less than {high}"
        elif value > high:
            yield f"less than or equal to {high}"
    if step and value % step:
        yield f"a multiple of {step}"


def _text(schema: JsonObject, value: str, path: str) -> Iterator[Cause]:
    least, most, pattern = (schema.get(name) for name in ("minLength", "maxLength", "pattern"))
    if most is not None and len(value) > most:
        yield "FieldValueTooLong", path, f"Too long: may not be more than {most} bytes"
    elif least is not None and len(value) < least:
        why = f"Invalid value: {shown(value)}: {path} in body should be at least {least} chars long"
        yield "FieldValueInvalid", path, why
    elif pattern and not _search(str(pattern), value):
        why = f"Invalid value: {shown(value)}: {path} in body should match '{pattern}'"
        yield "FieldValueInvalid", path, why
    kind = schema.get("format")
    if kind and not _formatted(str(kind), value):
        why = f"Invalid value: {shown(value)}: {path} in body must be of type {kind}: {shown(value)}"
        yield "FieldValueTypeInvalid", path, why


def _list(schema: JsonObject, value: list[Any], path: str) -> Iterator[Cause]:
    yield from _size(schema, len(value), path, "Items")
    keys = schema.get("x-kubernetes-list-map-keys") or ()
    kind = schema.get("x-kubernetes-list-type")
    if kind not in ("set", "map"):
        return
    seen: list[Any] = []
    for number, each in enumerate(value):
        key = {name: each.get(name) for name in keys} if kind == "map" and isinstance(each, dict) else each
        if key in seen:
            yield duplicate(f"{path}[{number}]", key)
        seen.append(key)


def _size(schema: JsonObject, size: int, path: str, what: str) -> Iterator[Cause]:
    least, most = schema.get(f"min{what}"), schema.get(f"max{what}")
    if most is not None and size > most:
        items = "item" if most == 1 else "items"
        yield "FieldValueTooMany", path, f"Too many: {size}: must have at most {most} {items}"
    elif least is not None and size < least:
        why = f"Invalid value: {size}: {path} in body should have at least {least} {what.lower()}"
        yield "FieldValueInvalid", path, why


def _search(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return True


def _formatted(kind: str, text: str) -> bool:
    """Whether a text has a format; one that is not known is taken for granted."""
    try:
        match kind:
            case "date-time":
                datetime.fromisoformat(text)
            case "date":
                datetime.strptime(text, "%Y-%m-%d")
            case "ipv4":
                ipaddress.IPv4Address(text)
            case "ipv6":
                ipaddress.IPv6Address(text)
            case "cidr":
                ipaddress.ip_network(text, strict=False)
            case "byte":
                base64.b64decode(text, validate=True)
            case "uuid":
                return re.fullmatch(r"(?i)[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}", text) is not None
    except ValueError:
        return False
    return True
