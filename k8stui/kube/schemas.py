"""What a schema says of the field at a path (OpenAPI v3, read as kubectl explain reads it)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.core.text import clean, clean_lines

_MOST_NESTED = 40
"""Schemas that refer to each other without end are followed so far."""
_LIMITS = (
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
    "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "pattern",
)  # fmt: skip


class SchemaSource(Protocol):
    """Where schemas come from: a server's document, or the client package."""

    package: bool
    """Whether they are the client package's own, for want of a server's."""

    def root(self, kind: ResourceKind) -> JsonObject | None:
        """The schema of a kind; None when the source has none."""

    def get(self, ref: str) -> JsonObject | None:
        """The schema that a ``$ref`` points to."""


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """One field of an object as the list of its fields shows it."""

    name: str
    type: str
    required: bool
    description: str
    enum: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldDoc:
    """What a schema says of one field."""

    kind: ResourceKind
    path: tuple[str, ...]
    """Names of the fields from the object down, without indices and keys of maps; empty for the kind."""
    type: str
    """As kubectl writes it: ``[]Container``, ``map[string]string``, ``integer``, ``Object``."""
    description: str
    """The field's own words; several lines."""
    type_description: str = ""
    """What is said of its type in general, where it has one by name."""
    required: bool = False
    default: str | None = None
    """The default as JSON; None when the schema names none that means anything."""
    enum: tuple[str, ...] = ()
    format: str = ""
    limits: tuple[tuple[str, str], ...] = ()
    """Bounds in the schema's own terms: ``("minimum", "1")``."""
    free: bool = False
    """Anything may stand here (x-kubernetes-preserve-unknown-fields, or a map without a schema)."""
    fields: tuple[FieldEntry, ...] = ()
    package: bool = False
    """From the client package's models: the server has no schema of this kind."""

    @property
    def words(self) -> str:
        """Both descriptions."""
        return "\n".join(part for part in (self.description, self.type_description) if part)


def field_doc(source: SchemaSource, kind: ResourceKind, path: Sequence[str | int]) -> FieldDoc | None:
    """The field at a path; None when the schema knows no such place.

    Args:
        source: Where schemas come from.
        kind: The kind of the object.
        path: Names of fields, keys of maps and indices of lists. Indices may be left out.
    """
    schema = source.root(kind)
    names: list[str] = []
    required = named = False
    for step in path:
        if schema is None:
            return None
        found = _below(source, schema, step)
        if found is None:
            free = _is_free(source, schema)
            return (
                FieldDoc(kind, tuple(names), "Object", "", free=True, package=source.package)
                if free
                else None
            )
        schema, required, named = found
        names += [clean(str(step))] if named else []
    if schema is None:
        return None
    return _doc(source, kind, tuple(names), schema, required=required, named=named or not path)


def _doc(
    source: SchemaSource,
    kind: ResourceKind,
    names: tuple[str, ...],
    schema: JsonObject,
    *,
    required: bool,
    named: bool,
) -> FieldDoc:
    """The field of a schema; an element of a list or a map is not ``named`` and has no words of its own."""
    own = str(schema.get("description") or "") if named else ""
    words = [text for text in _descriptions(source, schema) if text != own]
    inner = _inner(source, schema)
    return FieldDoc(
        kind,
        names,
        clean(type_name(source, schema)),
        clean_lines(own),
        clean_lines("\n".join(words)),
        required,
        _default(schema, required),
        _enum(inner),
        clean(str(inner.get("format") or "")),
        tuple((name, clean(_json(inner[name]))) for name in _LIMITS if _bounds(inner.get(name))),
        _is_free(source, schema),
        tuple(_entries(source, schema)),
        source.package,
    )


def _bounds(limit: Any) -> bool:
    """Whether a limit says anything; a minimum of 0 does."""
    return limit is not None and limit is not False


def type_name(source: SchemaSource, schema: Any, depth: int = 0) -> str:
    """The name of a schema's type as kubectl explain writes it: objects by name, plain values by type."""
    if not isinstance(schema, dict) or depth > _MOST_NESTED:
        return "Object"
    if isinstance(schema.get("items"), dict):
        return "[]" + type_name(source, schema["items"], depth + 1)
    if isinstance(schema.get("additionalProperties"), dict):
        return "map[string]" + type_name(source, schema["additionalProperties"], depth + 1)
    every = schema.get("allOf")
    if isinstance(every, list) and len(every) == 1 and "properties" not in schema:
        return type_name(source, every[0], depth + 1)
    if isinstance(schema.get("$ref"), str):
        plain = (source.get(schema["$ref"]) or {}).get("type", "object")
        return str(schema["$ref"]).rpartition(".")[2].rpartition("/")[2] if plain == "object" else str(plain)
    found = str(schema.get("type") or "Object")
    return "Object" if found == "object" else found


def _parts(source: SchemaSource, schema: JsonObject) -> Iterator[JsonObject]:
    """A schema and those that it is made of (``$ref``, ``allOf``), without going round in circles."""
    waiting, seen = [schema], 0
    while waiting and seen < _MOST_NESTED:
        seen += 1
        found = waiting.pop(0)
        yield found
        if isinstance(found.get("$ref"), str):
            there = source.get(found["$ref"])
            waiting += [there] if there is not None else []
        every = found.get("allOf")
        waiting += [part for part in every if isinstance(part, dict)] if isinstance(every, list) else []


def _element(source: SchemaSource, schema: JsonObject) -> JsonObject | None:
    """The schema of a list's items or a map's values."""
    for part in _parts(source, schema):
        for name in ("items", "additionalProperties"):
            if isinstance(part.get(name), dict):
                found: JsonObject = part[name]
                return found
    return None


def _below(source: SchemaSource, schema: JsonObject, step: str | int) -> tuple[JsonObject, bool, bool] | None:
    """The schema one step down, whether it is required, and whether the step is the name of a field."""
    for _ in range(_MOST_NESTED):
        element = _element(source, schema)
        if isinstance(step, int):
            return None if element is None else (element, False, False)
        for part in _parts(source, schema):
            properties = part.get("properties")
            if isinstance(properties, dict) and isinstance(properties.get(step), dict):
                return properties[step], step in (part.get("required") or ()), True
        if element is None:
            return None
        if any(isinstance(part.get("additionalProperties"), dict) for part in _parts(source, schema)):
            named = any("properties" in part for part in _parts(source, element))
            inside = _below(source, element, step) if named else None
            return inside or (element, False, False)
        schema = element
    return None


def _inner(source: SchemaSource, schema: JsonObject) -> JsonObject:
    """Everything that is said of a value, the nearest word first."""
    found: JsonObject = {}
    for part in _parts(source, schema):
        found = {**part, **found}
    return found


def _descriptions(source: SchemaSource, schema: JsonObject) -> Iterator[str]:
    """The descriptions of a schema, of what it is made of, and of its items or values."""
    for _ in range(_MOST_NESTED):
        for part in _parts(source, schema):
            text = str(part.get("description") or "")
            if text:
                yield text
        element = _element(source, schema)
        if element is None:
            return
        schema = element


def _is_free(source: SchemaSource, schema: JsonObject) -> bool:
    for part in _parts(source, schema):
        if part.get("x-kubernetes-preserve-unknown-fields") or part.get("additionalProperties") is True:
            return True
        if part.get("x-kubernetes-embedded-resource"):
            return True
    inner = _inner(source, schema)
    shaped = {"properties", "items", "additionalProperties", "oneOf", "anyOf", "$ref", "allOf"} & set(inner)
    return not shaped and inner.get("type", "object") == "object"


def _entries(source: SchemaSource, schema: JsonObject) -> Iterator[FieldEntry]:
    """The fields of an object, or of a list's items or a map's values."""
    for _ in range(_MOST_NESTED):
        found: dict[str, FieldEntry] = {}
        for part in _parts(source, schema):
            properties, required = part.get("properties"), part.get("required") or ()
            for name, below in sorted(properties.items()) if isinstance(properties, dict) else ():
                if isinstance(below, dict):
                    words = clean_lines(str(below.get("description") or ""))
                    enum = _enum(_inner(source, below))
                    entry = FieldEntry(
                        clean(name), clean(type_name(source, below)), name in required, words, enum
                    )
                    found.setdefault(entry.name, entry)
        if found:
            yield from found.values()
            return
        element = _element(source, schema)
        if element is None:
            return
        schema = element


def _default(schema: JsonObject, required: bool) -> str | None:
    """The default; not the zero values that a generator writes at fields that have none."""
    found = schema.get("default")
    if found in (None, {}, "") or (required and found == 0):
        return None
    return clean(_json(found))


def _enum(schema: JsonObject) -> tuple[str, ...]:
    found = schema.get("enum")
    if not isinstance(found, list):
        return ()
    return tuple(clean(value if isinstance(value, str) else _json(value)) for value in found)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
