"""Ages that go on counting between two answers of the server.

A server prints an age once (``5m``); it is true only at that moment. Here every such cell becomes a time of
birth, so that it can be printed again at any later moment, and it is known when its text will next change.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from math import floor, inf

from k8stui.core.rows import Column
from k8stui.core.units import format_age, parse_age

_AGE_NAMES = frozenset({"AGE", "LAST SEEN", "FIRST SEEN", "LAST SCHEDULE", "LAST SCHEDULE TIME"})
_LONGEST = 24
_SERIES = re.compile(r"(\S+)( \(.*\))")
_RESTARTS = re.compile(r"(\d{1,9}) \((\S{1,24}) ago\)")

_FINE = (
    (600, 1),
    (28_800, 60),
    (691_200, 3_600),
)
"""Below so many seconds of age, an age's text can change every so many seconds; above: every day."""
_DAY = 86_400


def is_age(column: Column) -> bool:
    """Whether the server prints an age in this column, counted from some moment to now."""
    return column.type == "date" or column.name.upper() in _AGE_NAMES


def is_restarts(column: Column) -> bool:
    """Whether the column counts restarts, perhaps with ``(3m ago)`` behind."""
    return column.name.upper() == "RESTARTS"


def age_seconds(cell: str) -> int | None:
    """The age in a cell, in seconds; None when it holds none (``<none>``, ``<invalid>``, anything else)."""
    return parse_age(cell) if len(cell) <= _LONGEST else None


def birth_of(cell: str, seen: float, candidates: Sequence[float | None] = ()) -> float | None:
    """When what the cell tells the age of began, in seconds since the epoch.

    Args:
        cell: The printed age.
        seen: When it was printed.
        candidates: Better-known times (a creation timestamp, an earlier estimate). The first that would have
            been printed just so at that moment is taken: an age is coarse, and another clock may be wrong.

    Returns:
        None when the cell holds no age.
    """
    seconds = age_seconds(cell)
    if seconds is None:
        return None
    for candidate in candidates:
        if candidate is not None and format_age(seen - candidate) == cell:
            return candidate
    return seen - seconds


def printed(birth: float, now: float) -> str:
    """The age at a moment; never negative, as the server has already said that it is an age."""
    return format_age(max(0.0, now - birth))


def next_change(birth: float, now: float) -> float:
    """The next moment at which the printed age can be another; both in seconds since the epoch."""
    age = now - birth
    if age < 0:
        return birth + 1
    unit = next((unit for below, unit in _FINE if age < below), _DAY)
    return birth + (floor(age / unit) + 1) * unit


class Ticking:
    """The text of a cell with an age in it, at any moment."""

    __slots__ = ("after", "before", "birth")

    def __init__(self, before: str, birth: float, after: str) -> None:
        self.before = before
        self.birth = birth
        self.after = after

    def at(self, now: float) -> str:
        """The text at a moment."""
        return f"{self.before}{printed(self.birth, now)}{self.after}"


def ticking_age(cell: str, seen: float, candidates: Sequence[float | None] = ()) -> Ticking | None:
    """An age column's cell, such as ``5m`` or an event's ``3m (x5 over 10m)``; None when it does not tick."""
    birth = birth_of(cell, seen, candidates)
    if birth is not None:
        return Ticking("", birth, "")
    if found := _SERIES.fullmatch(cell):
        birth = birth_of(found[1], seen)
        if birth is not None:
            return Ticking("", birth, found[2])
    return None


def ticking_restarts(cell: str, seen: float) -> Ticking | None:
    """A count of restarts with the time since the last one, such as ``14 (3m ago)``."""
    found = _RESTARTS.fullmatch(cell)
    birth = birth_of(found[2], seen) if found else None
    return Ticking(f"{found[1]} (", birth, " ago)") if found and birth is not None else None


def restarts_count(cell: str) -> str:
    """The count without the time behind it."""
    return cell.partition(" ")[0]


NEVER = inf
"""When something that does not tick will next change."""
