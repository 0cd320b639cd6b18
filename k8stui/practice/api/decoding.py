"""Reading an object into the types of its kind, as the server's decoder does.

Unknown fields are left out, nulls become nothing, and a value of another type is a mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from k8stui.core.objects import JsonObject
from k8stui.practice.api.quantities import canonical
from k8stui.practice.api.schemas import Schemas

_GO_TYPES = MappingProxyType({"integer": "int32", "boolean": "bool", "number": "float64", "array": "[]"})
_QUANTITY_MAPS = frozenset(
    (
        *("limits", "requests", "hard", "used", "capacity", "allocatable", "allocatedResources"),
        *("default", "defaultRequest", "max", "min", "maxLimitRequestRatio", "podFixed"),
    )
)
_QUANTITIES = frozenset(
    (
        *(("EmptyDirVolumeSource", "sizeLimit"), ("ResourceFieldSelector", "divisor")),
        *(("MetricTarget", "value"), ("MetricTarget", "averageValue")),
    )
)
_NO_QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
_ANY: JsonObject = {"x-kubernetes-preserve-unknown-fields": True}
_EMPTY: Mapping[str, Any] = MappingProxyType({"string": "", "integer": 0, "boolean": False, "number": 0})


@dataclass(slots=True)
class Mistakes:
    """What is wrong with an object."""

    unknown: list[str] = field(default_factory=list)
    """Paths of fields that the kind does not have."""
    mistyped: list[str] = field(default_factory=list)
    """Wrong types, in the decoder's words."""


def json_type(value: Any) -> str:
    """The JSON type of a decoded value, as schemas call it."""
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"


class Decoder:
    """Decodes objects of the built-in kinds."""

    def __init__(self, schemas: Schemas) -> None:
        self._schemas = schemas

    def decode(
        self, root: str, obj: JsonObject, known: JsonObject | None = None
    ) -> tuple[JsonObject, Mistakes]:
        """A copy with the fields and types of a schema, and what did not fit.

        Args:
            root: The name of the schema.
            obj: The object.
            known: One that is kept already: what the object shares with it fits, and is shared by the copy.
        """
        mistakes = Mistakes()
        schema = self._schemas.get(root)
        found = self._map(root.rpartition(".")[2], schema, obj, ("", "", ""), mistakes, known)
        return (found if isinstance(found, dict) else {}), mistakes

    def _value(
        self,
        schema: JsonObject,
        value: Any,
        at: tuple[str, str, str],
        mistakes: Mistakes,
        known: JsonObject | None = None,
    ) -> Any:
        """``at`` is the type of the owner, the name of the field, and the whole path."""
        inside, schema = self._schemas.resolved(schema)
        wanted = schema.get("type", "")
        if wanted == "string" and value.__class__ is str and not _quantity(at):
            return value
        if "x-kubernetes-preserve-unknown-fields" in schema:
            return value
        actual = json_type(value)
        if "oneOf" in schema:
            wanted = actual if actual in ("integer", "string") else "integer"
        if wanted == "string" and actual in ("string", "integer", "number") and _quantity(at):
            return _amount(str(value), mistakes)
        if actual != wanted and (wanted, actual) != ("number", "integer"):
            mistakes.mistyped.append(_mistype(at, actual, wanted, inside))
            return _EMPTY.get(wanted)
        if isinstance(value, dict):
            return self._map(inside, schema, value, at, mistakes, known)
        if isinstance(value, list):
            items = schema.get("items", _ANY)
            return [
                self._null(items) if each is None else self._value(items, each, _item(at, number), mistakes)
                for number, each in enumerate(value)
            ]
        return value

    def _map(
        self,
        inside: str,
        schema: JsonObject,
        value: JsonObject,
        at: tuple[str, str, str],
        mistakes: Mistakes,
        known: JsonObject | None = None,
    ) -> JsonObject:
        properties = schema.get("properties")
        others = schema.get("additionalProperties")
        result: JsonObject = {}
        for key, below in value.items():
            before = known.get(key) if known else None
            if below is before and isinstance(below, (dict, list)):
                result[key] = below
                continue
            path = f"{at[2]}.{key}" if at[2] else key
            if properties is not None and key in properties:
                if below is not None and not self._absent(properties[key], below):
                    kept = before if isinstance(before, dict) else None
                    result[key] = self._value(properties[key], below, (inside, key, path), mistakes, kept)
            elif isinstance(others, dict):
                # The map's own name goes along: it tells what its values are.
                where = (at[0], at[1], at[2])
                result[key] = (
                    self._null(others) if below is None else self._value(others, below, where, mistakes)
                )
            elif properties is None and others is None:
                result[key] = below
            else:
                mistakes.unknown.append(path)
        return result

    def _absent(self, schema: JsonObject, value: Any) -> bool:
        """Whether a server keeps nothing of a value: empty lists and maps are not stored."""
        if value == []:
            return schema.get("type") == "array"
        others = schema.get("additionalProperties")
        return value == {} and others is not None and "x-kubernetes-preserve-unknown-fields" not in others

    def _null(self, schema: JsonObject) -> Any:
        """What null stands for inside a list or a map: the empty value of the type."""
        _, schema = self._schemas.resolved(schema)
        wanted = schema.get("type")
        return {} if wanted == "object" else [] if wanted == "array" else _EMPTY.get(str(wanted))


def _amount(text: str, mistakes: Mistakes) -> str:
    amount = canonical(text)
    if amount is None:
        mistakes.mistyped.append(_NO_QUANTITY)
    return amount or ""


def _quantity(at: tuple[str, str, str]) -> bool:
    return at[1] in _QUANTITY_MAPS or (at[0], at[1]) in _QUANTITIES


def _item(at: tuple[str, str, str], number: int) -> tuple[str, str, str]:
    return at[0], at[1], f"{at[2]}[{number}]"


def _mistype(at: tuple[str, str, str], actual: str, wanted: str, inside: str) -> str:
    owner, _, path = at
    actual = {"integer": "number", "boolean": "bool"}.get(actual, actual)
    plain = re.sub(r"\[\d+\]", "", path)
    go_type = inside or _GO_TYPES.get(wanted, "map[string]string" if wanted == "object" else wanted)
    return f"json: cannot unmarshal {actual} into Go struct field {owner}.{plain} of type {go_type}"
