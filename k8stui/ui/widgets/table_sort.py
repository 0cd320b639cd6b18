"""Sort keys: what makes one row stand before another."""

from __future__ import annotations

import re
from typing import TypeAlias

from k8stui.core.rows import RowKey
from k8stui.core.units import parse_age, parse_quantity

SortKey: TypeAlias = tuple[int, float | str, float, RowKey] | RowKey
"""Unique in one table, as it ends in the row's key.

All keys of one table have the same form: a rank that keeps numbers, words and missing values apart, the
value, a second value for ties, the key.
"""

MISSING = frozenset({"", "-", "<none>", "<unset>", "<unknown>", "<invalid>", "<nil>", "n/a", "N/A"})
"""Cells that say there is nothing: they sort last, either way round."""

_NUMBER = re.compile(r"([+-]?\d{1,18}(?:\.\d{1,18})?)(?:%| \(.*\))?")
_RATIO = re.compile(r"(\d{1,18})/(\d{1,18})")
_QUANTITY_WORDS = ("CPU", "MEMORY", "CAPACITY", "STORAGE", "SIZE", "REQUEST", "LIMIT", "QUOTA", "USED")
_LONGEST = 40


class _Mirror(dict[int, int]):
    """Maps every character to its opposite, so that ascending order becomes descending."""

    def __missing__(self, code: int) -> int:
        self[code] = mirrored = 0x10FFFF - code
        return mirrored


def opposite(text: str, mirror: dict[int, int] | None = None) -> str:
    """A text that sorts before another exactly when the given one sorts after it."""
    return text.translate(_Mirror() if mirror is None else mirror) + "\U0010ffff"


def number_of(cell: str, column: str = "") -> tuple[float, float] | None:
    """The cell as a number with a second one for ties; None when it is a word.

    Understands integers and decimals (``12``, ``45%``, ``14 (3m ago)``), ratios (``1/2`` is a half),
    durations (``5d3h``) and quantities (``250m``, ``64Mi``). ``5m`` alone is five minutes, except in a column
    that speaks of amounts (CPU, memory, capacity …).

    Args:
        cell: The printed value.
        column: The column's name in upper case.
    """
    if not cell or len(cell) > _LONGEST or not (cell[0].isdigit() or cell[0] in "+-."):
        return None
    if found := _NUMBER.fullmatch(cell):
        return float(found[1]), 0.0
    if found := _RATIO.fullmatch(cell):
        part, whole = float(found[1]), float(found[2])
        return (part / whole if whole else 1.0), whole
    age: float | None = parse_age(cell)
    quantity = parse_quantity(cell)
    if any(word in column for word in _QUANTITY_WORDS):
        age, quantity = quantity, age
    value = quantity if age is None else age
    return None if value is None else (value, 0.0)


class Sorter:
    """Makes the sort keys of one table. Missing values come last and ties go by key, in either direction."""

    def __init__(self, column: str | None, *, reverse: bool = False, words: bool = False) -> None:
        """Sort by one column.

        Args:
            column: Its name in upper case; None sorts by namespace and name.
            reverse: Biggest first.
            words: Whether cells are words even if they look like numbers (names).
        """
        self.column = column
        self.reverse = reverse
        self._words = words
        self._mirror = _Mirror()

    def natural(self, key: RowKey) -> SortKey:
        """The key of a row when no column sorts."""
        if not self.reverse:
            return key
        return opposite(key[0], self._mirror), opposite(key[1], self._mirror)

    def by_cell(self, cell: str, key: RowKey) -> SortKey:
        """The key of a row by what its cell says."""
        if cell in MISSING:
            return 2, 0.0, 0.0, key
        number = None if self._words else number_of(cell, self.column or "")
        if number is not None:
            return self.by_number(*number, key)
        word = cell.casefold()
        return (0, opposite(word, self._mirror), 0.0, key) if self.reverse else (1, word, 0.0, key)

    def by_number(self, value: float, second: float, key: RowKey) -> SortKey:
        """The key of a row by a number."""
        return (1, -value, -second, key) if self.reverse else (0, value, second, key)

    def by_birth(self, birth: float | None, key: RowKey) -> SortKey:
        """The key of a row by its age: the youngest first, and it keeps its place while it grows older."""
        return (2, 0.0, 0.0, key) if birth is None else self.by_number(-birth, 0.0, key)
