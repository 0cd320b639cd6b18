"""Paths into an object, and the values found there, as a note shows them for evidence.

A path is written ``spec.containers[*].image``: names with dots between, and in brackets an index, ``*``
for every element, ``name=value`` for the elements with that field (``state.waiting.reason=Error`` for one
further down), or ``"a.name/with.dots"``. A path that begins with ``near.`` goes on with a relation, whose
neighbours are a list: ``near.pods[*].status.phase``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeAlias

from k8stui.core.objects import JsonObject, dig
from k8stui.core.text import cell_width, clean
from k8stui.notes.relations import Near

MOST_VALUES = 8
"""Values shown of one path; a list may have thousands."""
WIDEST_VALUE = 100
"""Cells of one value."""
LONGEST_VALUE = 2_000
"""Characters of a value in a command."""

_STEP = re.compile(
    r"""(?P<dot>\.)?(?P<name>[A-Za-z_$][\w$-]*)
      | \[(?P<index>\d{1,6})\]
      | \[(?P<every>\*)\]
      | \[(?P<key>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)=(?P<value>[^\]\[]+)\]
      | \[(?P<quote>["'])(?P<quoted>[^"']+)(?P=quote)\]""",
    re.VERBOSE | re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Every:
    """Each element of a list."""


@dataclass(frozen=True, slots=True)
class Having:
    """The elements of a list in which a field has a value."""

    key: str
    value: str


Step: TypeAlias = str | int | Every | Having


def parse_path(text: str) -> tuple[Step, ...]:
    """The steps of a path.

    >>> parse_path('status.conditions[type=Ready].reason')
    ('status', 'conditions', Having(key='type', value='Ready'), 'reason')

    Raises:
        ValueError: it is no path; the message is the part that could not be read.
    """
    steps: list[Step] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None or (match["name"] is not None and bool(match["dot"]) != bool(steps)):
            raise ValueError(text[position:])
        if match["name"] is not None:
            steps.append(match["name"])
        elif match["index"] is not None:
            steps.append(int(match["index"]))
        elif match["every"] is not None:
            steps.append(Every())
        elif match["key"] is not None:
            steps.append(Having(match["key"], match["value"]))
        else:
            steps.append(match["quoted"])
        position = match.end()
    if not steps:
        raise ValueError(text)
    return tuple(steps)


def evidence(obj: JsonObject, path: str, near: Near | None = None) -> tuple[tuple[str, str], ...]:
    """What stands at a path: each place with its value, at most ``MOST_VALUES``, or nothing.

    Values below ``data`` of a Secret are masked. A place in a neighbour begins with its kind and name.

    >>> evidence({"spec": {"ports": [{"port": 80}, {"port": 443}]}}, "spec.ports[*].port")
    (('spec.ports[0].port', '80'), ('spec.ports[1].port', '443'))
    """
    return tuple((place, show(value)) for place, value in islice(_places(obj, path, near), MOST_VALUES))


def values(obj: JsonObject, path: str, near: Near | None = None) -> tuple[str, ...]:
    """The values alone, each as one line, texts at full length."""
    found = (value for _, value in islice(_places(obj, path, near), MOST_VALUES))
    return tuple(
        clean(" ".join(value[:LONGEST_VALUE].split())) if isinstance(value, str) else show(value)
        for value in found
    )


def near_relation(path: str) -> str:
    """The relation that a path goes through; empty when it stays in the object.

    Raises:
        ValueError: as :func:`parse_path`; or no relation follows ``near``.
    """
    steps = parse_path(path)
    if steps[0] != "near":
        return ""
    if len(steps) < 2 or not isinstance(steps[1], str):
        raise ValueError(path)
    return steps[1]


def _places(obj: JsonObject, path: str, near: Near | None) -> Iterator[tuple[str, Any]]:
    steps = parse_path(path)
    if steps[0] != "near":
        yield from _walk(_masked(obj), steps, "")
        return
    relation = steps[1] if len(steps) > 1 else ""
    chosen: Iterable[Any] = (near or {}).get(relation, ()) if isinstance(relation, str) else ()
    rest = steps[2:]
    if rest and not isinstance(rest[0], str):
        chosen = (value for _, value in _walk(list(chosen), rest[:1], ""))
        rest = rest[1:]
    for neighbour in chosen:
        kind, name = show(neighbour.get("kind", "")), show(dig(neighbour, "metadata", "name") or "")
        if not rest:
            yield kind, name
        for place, value in _walk(_masked(neighbour), rest, "") if rest else ():
            yield f"{kind}/{name} {place}", value


def show(value: Any) -> str:
    """A decoded JSON value as one line of at most ``WIDEST_VALUE`` cells."""
    if isinstance(value, str):
        # Far more characters than fit are never needed, and cost time to measure.
        text = clean(" ".join(value[: WIDEST_VALUE * 8].split()))
    else:
        text = clean("".join(_chunks(value)))
    if cell_width(text) <= WIDEST_VALUE:
        return text
    width = 0
    for position, char in enumerate(text):
        width += cell_width(char)
        if width > WIDEST_VALUE - 1:
            return text[:position].rstrip() + "…"
    return text


def _chunks(value: Any) -> Iterator[str]:
    length = 0
    for chunk in json.JSONEncoder(ensure_ascii=False, separators=(", ", ": ")).iterencode(value):
        yield chunk[: WIDEST_VALUE * 2]
        length += len(chunk)
        if length > WIDEST_VALUE * 2:
            return


def _walk(value: Any, steps: tuple[Step, ...], place: str) -> Iterator[tuple[str, Any]]:
    if not steps:
        yield place, value
        return
    step, rest = steps[0], steps[1:]
    if isinstance(step, str):
        if isinstance(value, dict) and step in value:
            yield from _walk(value[step], rest, _named(place, step))
        return
    if not isinstance(value, list):
        return
    match step:
        case int():
            if step < len(value):
                yield from _walk(value[step], rest, f"{place}[{step}]")
        case Every():
            for index, item in enumerate(value):
                yield from _walk(item, rest, f"{place}[{index}]")
        case Having(key, wanted):
            for item in value:
                said = dig(item, *key.split("."))
                if said is not None and show(said) == wanted:
                    yield from _walk(item, rest, f"{place}[{key}={wanted}]")


def _named(place: str, name: str) -> str:
    if not re.fullmatch(r"[\w$-]+", name):
        return f'{place}["{name}"]'
    return f"{place}.{name}" if place else name


_MASK = "••••••"
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def _masked(obj: JsonObject) -> JsonObject:
    """A Secret without its values and the copy of them that kubectl apply keeps; others as they are."""
    if obj.get("kind") != "Secret":
        return obj
    masked = dict(obj)
    for name in ("data", "stringData"):
        if isinstance(masked.get(name), dict):
            masked[name] = dict.fromkeys(masked[name], _MASK)
        elif name in masked:
            masked[name] = _MASK
    metadata = masked.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("annotations"), dict):
        annotations = metadata["annotations"]
        if _APPLIED in annotations:
            masked["metadata"] = metadata | {"annotations": annotations | {_APPLIED: _MASK}}
    return masked


def is_at(pattern: str, place: tuple[str | int, ...]) -> bool:
    """Whether a path of a note leads to a place of keys and indices; a condition on elements fits all.

    >>> is_at("spec.containers[*].image", ("spec", "containers", 0, "image"))
    True
    """
    steps = parse_path(pattern)
    return len(steps) == len(place) and all(
        step == at if isinstance(step, str | int) else isinstance(at, int)
        for step, at in zip(steps, place, strict=True)
    )
