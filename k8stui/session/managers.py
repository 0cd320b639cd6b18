"""Who set a field: what metadata.managedFields tells (server-side apply, fieldsV1).

In fieldsV1 a key says what it leads to: ``f:name`` a field, ``k:{"name":"web"}`` the item of a list with
these key fields, ``v:"x"`` an item by its value, ``i:0`` one by its index, ``.`` the thing itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.paths import Path
from k8stui.core.text import clean
from k8stui.core.units import parse_time


@dataclass(frozen=True, slots=True)
class FieldManager:
    """One manager of a field, as an entry of managedFields names it."""

    name: str
    operation: str
    """``Apply`` or ``Update``."""
    time: float | None
    """When it last wrote any of its fields (seconds since the epoch)."""
    subresource: str = ""
    """``status``, ``scale`` or empty."""


def managers_of(obj: JsonObject, path: Path) -> tuple[FieldManager, ...]:
    """Who manages a place of an object, the latest first; empty when the server tracks nobody.

    A manager of something below the place counts too; so does one of the whole that the place lies in, where
    the set ends (an atomic list, say).
    """
    found = [
        _manager(entry)
        for entry in dicts(obj, "metadata", "managedFields")
        if _covers(entry.get("fieldsV1"), path, obj)
    ]
    return tuple(sorted(found, key=lambda manager: -(manager.time or 0)))


def latest_manager(obj: JsonObject) -> FieldManager | None:
    """Who wrote to the object last."""
    found = [_manager(entry) for entry in dicts(obj, "metadata", "managedFields")]
    return max(found, key=lambda manager: manager.time or 0, default=None)


def _manager(entry: JsonObject) -> FieldManager:
    return FieldManager(
        clean(str(entry.get("manager") or "")),
        clean(str(entry.get("operation") or "")),
        parse_time(str(entry.get("time") or "")),
        clean(str(entry.get("subresource") or "")),
    )


def _covers(fields: Any, path: Path, value: Any) -> bool:
    """Whether a set of fields speaks of a path; ``value`` is what stands at the place reached so far."""
    for step in path:
        if not isinstance(fields, dict):
            return False
        if not any(key != "." for key in fields):
            return True
        key = next((key for key in _keys(step, value) if key in fields), None)
        if key is None:
            return False
        fields = fields[key]
        value = dig(value, step)
    return isinstance(fields, dict)


def _keys(step: str | int, value: Any) -> Iterator[str]:
    """The keys under which fieldsV1 may have a step below a value."""
    if isinstance(step, str):
        yield f"f:{step}"
        return
    item = dig(value, step)
    yield f"i:{step}"
    if isinstance(item, dict):
        yield from _merge_keys(item)
    else:
        yield f"v:{json.dumps(item, separators=(',', ':'), ensure_ascii=False)}"


_KEY_FIELDS: tuple[tuple[str, ...], ...] = (
    ("name",), ("type",), ("containerPort", "protocol"), ("port", "protocol"), ("mountPath",), ("uid",),
    ("ip",), ("devicePath",), ("key",), ("key", "operator"), ("topologyKey", "whenUnsatisfiable"),
    ("hostnames",), ("namespace", "name"), ("resourceName",), ("path",),
)  # fmt: skip
"""Fields that Kubernetes' lists are merged by (x-kubernetes-list-map-keys of the built-in kinds)."""


def _merge_keys(item: JsonObject) -> Iterator[str]:
    for names in _KEY_FIELDS:
        if all(name in item for name in names):
            pairs = {name: item[name] for name in sorted(names)}
            yield "k:" + json.dumps(pairs, separators=(",", ":"), ensure_ascii=False)
