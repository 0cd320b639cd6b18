"""Which columns of a table are on the screen, where, and how wide. Nothing here knows a terminal.

Columns keep the server's order, with the namespace and the name moved to the front; these two stay where
they are while the others scroll sideways. Where not all fit, columns leave in a stated order
(``ColumnSpec.rank``): wide ones, then the last ones, then the age and the namespace; the name, what says how
the object is and the first three stay. Long texts are cut a little before a column leaves for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from k8stui.core.rows import Column, Row
from k8stui.ui.text import width as text_width
from k8stui.ui.widgets.table_ages import is_age, is_restarts, restarts_count
from k8stui.ui.widgets.table_health import marked_column, speaks_of_health
from k8stui.ui.widgets.table_sort import MISSING, number_of

GAP = 2
"""Cells between two columns."""
MARGIN = 1
"""Cells left and right of the table's text."""
WIDEST = 60
"""No column asks for more unless there is room to spare."""
_SAMPLE = 200
_MEASURED = 2_000
_AGE_WIDTH = 5
_MARK_WIDTH = 2
_SOFT = 16
_SOFT_STATUS = 20
"""Holds CrashLoopBackOff with its mark: one longer word in a table should not cost the namespace."""


class ColumnRole(Enum):
    """What a column is for, as far as drawing goes."""

    NAMESPACE = "namespace"
    NAME = "name"
    AGE = "age"
    RESTARTS = "restarts"
    HEALTH = "health"
    """Judged, and coloured."""
    MARKED = "marked"
    """Judged, coloured, and led by the mark of its health."""
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column that the table could show."""

    index: int
    """Its cell in a row; -1 for the namespace, which comes from the row's key."""
    title: str
    role: ColumnRole
    column: Column
    rank: int = 0
    """0 is the last to leave a narrow screen."""

    @property
    def frozen(self) -> bool:
        """Whether it stays in place while the others scroll sideways."""
        return self.role in (ColumnRole.NAMESPACE, ColumnRole.NAME)

    @property
    def wide(self) -> bool:
        """Whether it is shown only when wide columns are asked for."""
        return self.column.priority > 0

    def cell(self, row: Row) -> str:
        """This column's text in a row; empty when the row has no such cell."""
        if self.index < 0:
            return row.key[0]
        return row.cells[self.index] if self.index < len(row.cells) else ""


def name_index(columns: Sequence[Column]) -> int:
    """Which column names the object: the one the server marks, one called Name, else the first."""
    for i, column in enumerate(columns):
        if column.format == "name":
            return i
    return next((i for i, column in enumerate(columns) if column.name.upper() == "NAME"), 0)


def specs_of(columns: Sequence[Column], *, namespaced: bool) -> tuple[ColumnSpec, ...]:
    """The server's columns with what each is for, namespace and name first."""
    name, marked = name_index(columns), marked_column(tuple(columns))
    rest = [i for i in range(len(columns)) if i != name]
    specs = []
    for place, i in enumerate([name, *rest] if columns else []):
        role = _role(i, columns[i], name, marked)
        specs.append(ColumnSpec(i, columns[i].name.upper(), role, columns[i], _rank(role, columns[i], place)))
    if namespaced:
        column = Column(name="Namespace", description="")
        specs.insert(0, ColumnSpec(-1, "NAMESPACE", ColumnRole.NAMESPACE, column, 4))
    return tuple(specs)


def _role(index: int, column: Column, name: int, marked: int | None) -> ColumnRole:
    if index == name:
        return ColumnRole.NAME
    if index == marked:
        return ColumnRole.MARKED
    if is_age(column):
        return ColumnRole.AGE
    if is_restarts(column):
        return ColumnRole.RESTARTS
    return ColumnRole.HEALTH if speaks_of_health(column) else ColumnRole.PLAIN


def _rank(role: ColumnRole, column: Column, place: int) -> int:
    if role is ColumnRole.NAME:
        return 0
    if column.priority > 0:
        return 1_000 + place
    if role is ColumnRole.MARKED:
        return 1
    if role is ColumnRole.HEALTH and column.name.upper() == "READY":
        return 2
    if place < 3:
        return 3
    return 5 if role is ColumnRole.AGE else 10 + place


class Measure:
    """How wide the cells of each column are. Grows with every row; shrinks only when it starts afresh."""

    def __init__(self, specs: Sequence[ColumnSpec]) -> None:
        self.specs = specs
        self.widths: list[int] = []
        self.count_width = 1
        """Digits of the biggest count of restarts: shorter ones are indented to line up."""
        self._sampled = 0
        self._words: list[bool] = []
        self._numbers: list[bool] = []
        self.start((), None)

    def start(self, rows: Iterable[Row], sorted_title: str | None) -> None:
        """Measure afresh, by the first thousands of rows; others count when they come into view."""
        self.widths = [_header_width(spec, sorted_title) for spec in self.specs]
        self.count_width = 1
        self._sampled = 0
        self._words = [spec.role not in (ColumnRole.PLAIN, ColumnRole.AGE) for spec in self.specs]
        self._numbers = [spec.column.type in ("integer", "number") for spec in self.specs]
        for _, row in zip(range(_MEASURED), rows, strict=False):
            self.add(row)

    def add(self, row: Row) -> bool:
        """Take a row into account; whether a column has grown."""
        grown = False
        widths, cells, many = self.widths, row.cells, len(row.cells)
        for i, spec in enumerate(self.specs):
            at = spec.index
            cell = row.key[0] if at < 0 else cells[at] if at < many else ""
            size = len(cell) if cell.isascii() else text_width(cell)
            if spec.role is ColumnRole.MARKED:
                size += _MARK_WIDTH
            elif spec.role is ColumnRole.RESTARTS:
                count = len(restarts_count(cell))
                if self.count_width < min(count, 9):
                    self.count_width = min(count, 9)
                    grown = True
                size += max(0, self.count_width - count)
            if size > widths[i]:
                widths[i] = size
                grown = True
        if self._sampled < _SAMPLE:
            self._sampled += 1
            self._sample(row)
        return grown

    def widen(self, spec: ColumnSpec, size: int) -> bool:
        """Give a column at least so many cells; whether it had fewer."""
        i = self.specs.index(spec)
        if size <= self.widths[i]:
            return False
        self.widths[i] = size
        return True

    def right(self, i: int) -> bool:
        """Whether the column is aligned right: ages, and columns that hold only numbers."""
        return self.specs[i].role is ColumnRole.AGE or (self._numbers[i] and not self._words[i])

    def _sample(self, row: Row) -> None:
        for i, spec in enumerate(self.specs):
            if self._words[i] or (cell := spec.cell(row)) in MISSING:
                continue
            if "/" in cell or number_of(cell, spec.title) is None:
                self._words[i] = True
            else:
                self._numbers[i] = True


def _header_width(spec: ColumnSpec, sorted_title: str | None) -> int:
    size = text_width(spec.title) + (2 if spec.title == sorted_title else 0)
    return max(size, _AGE_WIDTH) if spec.role is ColumnRole.AGE else size


@dataclass(frozen=True, slots=True)
class Placed:
    """A column on the screen."""

    spec: ColumnSpec
    x: int
    """Its first cell, counted from the table's left edge."""
    width: int
    right: bool
    """Aligned right."""


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns on the screen, left to right."""

    columns: tuple[Placed, ...] = ()
    offset: int = 0
    """How many columns beyond namespace and name are scrolled away to the left."""
    furthest: int = 0
    """The biggest offset that still makes sense; 0 when everything is on the screen."""

    @property
    def more_left(self) -> bool:
        """Whether columns wait on the left."""
        return self.offset > 0

    @property
    def more_right(self) -> bool:
        """Whether columns wait on the right."""
        return self.offset < self.furthest


def lay_out(measure: Measure, room: int, *, wide: bool, offset: int = 0) -> Layout:
    """Place the columns in a room of so many cells.

    Args:
        measure: The columns and how wide their cells are.
        room: The width of the table, margins included.
        wide: Whether columns of priority above 0 are shown.
        offset: Columns to leave out after the frozen ones; 0 shows what matters most, side by side.
    """
    inner = max(0, room - 2 * MARGIN)
    shown = [i for i, spec in enumerate(measure.specs) if wide or not spec.wide]
    frozen = [i for i in shown if measure.specs[i].frozen]
    moving = [i for i in shown if not measure.specs[i].frozen]
    fitting = _choose(measure, shown, inner)
    furthest = 0 if len(fitting) == len(shown) else _furthest(measure, frozen, moving, inner)
    offset = max(0, min(offset, furthest))
    if offset:
        chosen = frozen + moving[offset:]
        widths = _scrolled(measure, frozen, moving[offset:], inner)
    else:
        chosen, widths = fitting, _share(measure, fitting, inner)
    columns: list[Placed] = []
    x = MARGIN
    for i in chosen:
        size = min(widths.get(i, 0), MARGIN + inner - x)
        if size <= 0:
            break
        columns.append(Placed(measure.specs[i], x, size, measure.right(i)))
        x += size + GAP
    return Layout(tuple(columns), offset, furthest)


def _natural(measure: Measure, i: int) -> int:
    return min(measure.widths[i], WIDEST)


def _least(measure: Measure, i: int, inner: int) -> int:
    """How far a column is cut before another leaves for it."""
    natural, role = _natural(measure, i), measure.specs[i].role
    if role is ColumnRole.NAME:
        return min(natural, max(_SOFT, inner // 3))
    if role in (ColumnRole.PLAIN, ColumnRole.NAMESPACE):
        return min(natural, _SOFT)
    if role is ColumnRole.MARKED:
        return min(natural, _SOFT_STATUS)
    return natural


def _choose(measure: Measure, shown: list[int], inner: int) -> list[int]:
    """The columns that fit when long texts are cut; by rank the others leave."""
    chosen = list(shown)
    while len(chosen) > 1:
        need = sum(_least(measure, i, inner) for i in chosen) + GAP * (len(chosen) - 1)
        if need <= inner:
            break
        last = max(chosen, key=lambda i: measure.specs[i].rank)
        if measure.specs[last].rank <= 3:
            break
        chosen.remove(last)
    return chosen


def _share(measure: Measure, chosen: list[int], inner: int) -> dict[int, int]:
    """Give every column its least, then what is left over: to the name first, then left to right."""
    widths = {i: _least(measure, i, inner) for i in chosen}
    spare = inner - GAP * (len(chosen) - 1) - sum(widths.values())
    by_rank = sorted(chosen, key=lambda i: (measure.specs[i].rank, i))
    for i in by_rank if spare < 0 else ():
        taken = min(-spare, max(0, widths[i] - (8 if measure.specs[i].role is ColumnRole.NAME else 6)))
        widths[i] -= taken
        spare += taken
    for limit in (_natural, lambda m, i: m.widths[i]):
        for i in by_rank if spare > 0 else ():
            given = min(spare, max(0, limit(measure, i) - widths[i]))
            widths[i] += given
            spare -= given
    return widths


def _scrolled(measure: Measure, frozen: list[int], moving: list[int], inner: int) -> dict[int, int]:
    """Widths when scrolled sideways: the frozen columns take at most half, the first other what it needs."""
    widths = dict.fromkeys(frozen, 0) | {i: _natural(measure, i) for i in moving}
    half = max(8, inner // 2 - GAP) // max(1, len(frozen))
    for i in frozen:
        widths[i] = min(_natural(measure, i), half)
    if moving:
        taken = sum(widths[i] + GAP for i in frozen)
        widths[moving[0]] = max(6, min(measure.widths[moving[0]], inner - taken))
    return widths


def _furthest(measure: Measure, frozen: list[int], moving: list[int], inner: int) -> int:
    """The first offset at which the last column is on the screen as a whole."""
    for offset in range(1, len(moving)):
        widths = _scrolled(measure, frozen, moving[offset:], inner)
        if sum(widths.values()) + GAP * (len(widths) - 1) <= inner:
            return offset
    return max(0, len(moving) - 1)
