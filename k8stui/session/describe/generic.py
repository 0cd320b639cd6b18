"""Any object at all: its fields in reading order, as they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts
from k8stui.session.describe.beside import Beside
from k8stui.session.describe.model import DEEPEST, Section, Writer, pairs, quiet, strong, words

MOST_FIELDS = 300
"""Lines of one part of an object; the YAML has the rest."""
MOST_ITEMS = 30
"""Items of one list that are shown."""

_TITLES = {
    "spec": Text("Spec: what is wanted", "spec（望む状態）"),
    "status": Text("Status: what is", "status（現在の状態）"),
}
_FIRST_FIELDS = ("name", "type", "kind", "key")


def anything(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """What the object holds besides metadata and conditions: plain fields, then spec, the rest, status."""
    parts = [(name, value) for name, value in pairs(obj) if name not in ("apiVersion", "kind", "metadata")]
    plain = Writer()
    for name, value in parts:
        if not isinstance(value, dict | list):
            plain.fact(words(name), value)
    yield from plain.section(Text("Fields", "フィールド"))
    for name, value in sorted(parts, key=lambda part: (part[0] == "status", part[0] != "spec", part[0])):
        if isinstance(value, dict | list):
            writer = Writer()
            if name == "status" and isinstance(value, dict) and list(dicts(value, "conditions")):
                # They have a section of their own.
                value = {field: found for field, found in value.items() if field != "conditions"}
            _tree(writer, value, 0, [MOST_FIELDS])
            yield from writer.section(_TITLES.get(name, words(name)))


def _tree(writer: Writer, value: Any, depth: int, room: list[int]) -> None:
    """Write fields and items; ``room`` counts down the lines that are left."""
    if isinstance(value, dict):
        for name, found in sorted(pairs(value), key=_reading_order):
            if not _room(writer, room):
                return
            if _is_leaf(found) or depth >= DEEPEST:
                writer.fact(words(name), found if found is not None else quiet("null"))
            else:
                writer.say(strong(name))
                _tree(writer.deeper(), found, depth + 1, room)
    elif isinstance(value, list):
        for item in writer.some(value, MOST_ITEMS):
            if not _room(writer, room):
                return
            if isinstance(item, dict) and item and depth < DEEPEST:
                named = next((item[k] for k in _FIRST_FIELDS if isinstance(item.get(k), str)), "")
                writer.say(quiet("• "), named)
                _tree(writer.deeper(), item, depth + 1, room)
            else:
                writer.say(quiet("• "), words(item))


def _room(writer: Writer, room: list[int]) -> bool:
    room[0] -= 1
    if room[0] == 0:
        writer.say(quiet("…"))
    return room[0] > 0


def _is_leaf(value: Any) -> bool:
    if isinstance(value, list):
        return all(not isinstance(item, dict | list) for item in value)
    return not isinstance(value, dict) or not value


def _reading_order(field: tuple[str, Any]) -> tuple[bool, int, str]:
    """Names first, then what fits on a line, then what has parts."""
    name, value = field
    early = _FIRST_FIELDS.index(name) if name in _FIRST_FIELDS else len(_FIRST_FIELDS)
    return not _is_leaf(value), early, name
