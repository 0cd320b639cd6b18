"""What every printer is made of: columns as a server defines them, and the small formats of cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import format_age, parse_time

Cells = Callable[[JsonObject, float], list[Any]]
"""One cell per column for an object at a moment (seconds since the epoch)."""

NONE = "<none>"
UNSET = "<unset>"
UNKNOWN = "<unknown>"


class Printer(msgspec.Struct, frozen=True):
    """How a server prints one kind as a Table (meta.k8s.io/v1)."""

    columns: tuple[JsonObject, ...]
    """TableColumnDefinition objects."""
    cells: Cells


def column(
    name: str, description: str = "", *, kind: str = "string", form: str = "", priority: int = 0
) -> JsonObject:
    """A TableColumnDefinition; ``kind`` is the OpenAPI type, ``form`` its format."""
    return {"name": name, "type": kind, "format": form, "description": description, "priority": priority}


def whole(name: str, description: str) -> JsonObject:
    """A column of integers."""
    return column(name, description, kind="integer")


def wide(name: str, description: str) -> JsonObject:
    """A column that is shown only when a wide table is asked for."""
    return column(name, description, priority=1)


NAME = column("Name", "The object's name, unique among its kind in one namespace.", form="name")
AGE = column("Age", "Time since the object was created.")
CREATED = column("Created At", "When the object was created.", kind="date")
CONTAINERS = wide("Containers", "Names of the containers in the Pod template.")
IMAGES = wide("Images", "Images of the containers in the Pod template.")
SELECTOR = wide("Selector", "Labels by which the object finds its Pods.")


def name_of(obj: JsonObject) -> str:
    """metadata.name."""
    return str(obj["metadata"].get("name", ""))


def since(time: str | None, now: float) -> str:
    """How long ago an RFC 3339 time is, as a server says it."""
    moment = parse_time(time)
    return UNKNOWN if moment is None else format_age(now - moment)


def age(obj: JsonObject, now: float) -> str:
    """Time since metadata.creationTimestamp."""
    return since(obj["metadata"].get("creationTimestamp"), now)


def labels(pairs: Any) -> str:
    """Labels as ``a=1,b=2`` in the order of their keys."""
    if not isinstance(pairs, dict) or not pairs:
        return NONE
    return ",".join(f"{key}={pairs[key]}" for key in sorted(pairs))


def _requirement(expression: JsonObject) -> tuple[str, str]:
    key = str(expression.get("key", ""))
    values = ",".join(sorted({str(value) for value in expression.get("values") or ()}))
    match expression.get("operator"):
        case "Exists":
            return key, key
        case "DoesNotExist":
            return key, f"!{key}"
        case "NotIn":
            return key, f"{key} notin ({values})"
        case _:
            return key, f"{key} in ({values})"


def selector(value: Any, empty: str = NONE) -> str:
    """A LabelSelector in the form that ``kubectl -l`` takes; ``empty`` for one that says nothing."""
    pairs = dig(value, "matchLabels") or {}
    said = [(str(key), f"{key}={pairs[key]}") for key in pairs]
    said += [_requirement(expression) for expression in dicts(value, "matchExpressions")]
    return ",".join(text for _, text in sorted(said, key=lambda pair: pair[0])) or empty


def containers(spec: Any) -> tuple[str, str]:
    """Names and images of the containers of a Pod spec, joined by commas."""
    found = list(dicts(spec, "containers"))
    return (
        ",".join(str(item.get("name", "")) for item in found),
        ",".join(str(item.get("image", "")) for item in found),
    )


def number(value: Any) -> int:
    """An integer of the object, 0 where it has none."""
    return value if isinstance(value, int) else 0


def few(items: Iterable[str], most: int, empty: str) -> str:
    """The first items, and how many more there are."""
    found = list(items)
    text = ",".join(found[:most])
    if len(found) > most:
        return f"{text} + {len(found) - most} more..."
    return text or empty


def condition(obj: JsonObject, kind: str) -> JsonObject | None:
    """The first condition of that type in the status."""
    return next((c for c in dicts(obj, "status", "conditions") if c.get("type") == kind), None)


def holds(obj: JsonObject, kind: str) -> bool:
    """Whether the first condition of that type is True."""
    found = condition(obj, kind)
    return found is not None and found.get("status") == "True"


def default_cells(obj: JsonObject, now: float) -> list[Any]:
    """Name and creation time: what a server prints for kinds without a printer of their own."""
    return [name_of(obj), obj["metadata"].get("creationTimestamp")]


def plain_cells(obj: JsonObject, now: float) -> list[Any]:
    """Name and age."""
    return [name_of(obj), age(obj, now)]
