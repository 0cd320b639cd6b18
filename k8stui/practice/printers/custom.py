"""Rows of custom resources, by the additionalPrinterColumns of their definition."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from k8stui.core.objects import JsonObject
from k8stui.practice.printers.base import AGE, NAME, Printer, column, name_of, plain_cells, since

_STEP = re.compile(
    r"""\.(?P<key>(?:[^.\[\]\\]|\\.)+)"""
    r"""|\[(?P<index>-?\d+)\]"""
    r"""|\[(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\]"""
    r"""|\[(?P<all>\*)\]"""
    r"""|\[\?\(@\.(?P<field>[\w.\-/]+)\s*==\s*(?P<mark>['"])(?P<value>.*?)(?P=mark)\)\]"""
)


def follow(path: str, value: Any) -> list[Any]:
    """What a simple JSONPath finds: keys, indices, ``[*]`` and ``[?(@.type=="Ready")]``.

    >>> follow('.status.conditions[?(@.type=="Ready")].status',
    ...        {"status": {"conditions": [{"type": "Ready", "status": "True"}]}})
    ['True']
    """
    found = [value]
    position = 0
    while position < len(path):
        match = _STEP.match(path, position)
        if match is None:
            return []
        found = [child for item in found for child in _children(match, item)]
        position = match.end()
    return found


def _children(step: re.Match[str], item: Any) -> Iterable[Any]:
    if isinstance(item, dict):
        key = step["key"] or step["quoted"]
        if key is not None:
            key = re.sub(r"\\(.)", r"\1", key)
            return [item[key]] if key in item else []
        return list(item.values()) if step["all"] else []
    if isinstance(item, list):
        if step["index"] is not None:
            index = int(step["index"])
            return [item[index]] if -len(item) <= index < len(item) else []
        if step["all"]:
            return item
        if step["field"] is not None:
            return [child for child in item if follow("." + step["field"], child) == [step["value"]]]
    return []


def _text(value: Any) -> str:
    """A value as JSONPath templates write it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return str(value)


def _cell(kind: str, value: Any, now: float) -> Any:
    """A value in the type of its column; None where it is of another type."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    match kind:
        case "string":
            return _text(value)
        case "integer":
            return int(value) if is_number else None
        case "number":
            return float(value) if is_number else None
        case "boolean":
            return value if isinstance(value, bool) else None
        case "date" if isinstance(value, str):
            return since(value, now) if value else None
        case _:
            return None


def custom_printer(additional: Iterable[JsonObject]) -> Printer:
    """The printer of a CRD version's additionalPrinterColumns; Name and Age when there are none."""
    wanted = list(additional)
    if not wanted:
        return Printer((NAME, {**AGE, "type": "date"}), plain_cells)
    columns = [
        column(
            str(item.get("name", "")),
            item.get("description") or f"The value at {item.get('jsonPath')} of the custom resource.",
            kind=item.get("type", "string"),
            form=item.get("format", ""),
            priority=item.get("priority", 0),
        )
        for item in wanted
    ]
    paths = [(str(item.get("jsonPath", "")), item.get("type", "string")) for item in wanted]

    def cells(obj: JsonObject, now: float) -> list[Any]:
        row: list[Any] = [name_of(obj)]
        for path, kind in paths:
            found = follow(path, obj)
            row.append(_cell(kind, found[0], now) if found else None)
        return row

    return Printer((NAME, *columns), cells)
