"""The rows of one live table: kept, ordered and filtered, without a terminal.

Every change costs as much as the rows it touches; only a new sort order or filter looks at all rows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count

from k8stui.core.rows import Column, Row, RowDelta, RowKey
from k8stui.ui.widgets.table_ages import birth_of, is_age, is_restarts, restarts_count
from k8stui.ui.widgets.table_columns import name_index
from k8stui.ui.widgets.table_filter import TextFilter, haystack
from k8stui.ui.widgets.table_order import Order
from k8stui.ui.widgets.table_sort import Sorter, SortKey


class Entry:
    """A row with what the table knows of it."""

    __slots__ = ("birth", "gone", "hay", "row", "shown", "skey", "version")

    def __init__(self, row: Row, skey: SortKey, version: int) -> None:
        self.row = row
        self.skey = skey
        self.version = version
        """Another number whenever what is drawn may be different; unique in its table."""
        self.shown = False
        """Whether it is in the view: filters let it through."""
        self.gone = False
        """Deleted, but still shown for a moment."""
        self.birth: float | None = None
        """The best estimate of when the object was made, once someone asked."""
        self.hay: str | None = None
        """What filters search, once a filter asked."""


@dataclass(slots=True)
class Applied:
    """What a delta has done to the table."""

    changed: list[RowKey] = field(default_factory=list)
    """Rows whose cells say something else than before, apart from growing older."""
    added: list[RowKey] = field(default_factory=list)
    again: list[RowKey] = field(default_factory=list)
    """Rows that were gone, or of another object by the same name, and are back."""
    gone: list[RowKey] = field(default_factory=list)
    """Rows that linger: deleted, to be forgotten with ``forget``."""
    moved: bool = False
    """Whether rows have come, gone or changed places."""


class TableModel:
    """Rows by key, all of them in order, and those that the filters let through."""

    def __init__(self) -> None:
        self.entries: dict[RowKey, Entry] = {}
        self.columns: tuple[Column, ...] = ()
        self.namespaced = False
        self.filter: TextFilter | None = None
        self.mark: str | None = None
        self.lingering: dict[RowKey, Entry] = {}
        self._sorter = Sorter(None)
        self._sort_index: int | None = None
        self._ages: tuple[int, ...] = ()
        self._age: int | None = None
        self._restarts: int | None = None
        self._all: Order[Entry] = Order()
        self._view = self._all
        self._marked = 0
        self._versions = count(1)

    # What is there

    @property
    def view(self) -> Sequence[Entry]:
        """The rows to show, in order."""
        return self._view.items

    @property
    def held(self) -> int:
        """Rows in the table, whether filters let them through or not."""
        return len(self.entries) - len(self.lingering)

    @property
    def total(self) -> int:
        """Rows that there would be to see without the text filter."""
        return self.held if self.mark is None else self._marked

    @property
    def shown(self) -> int:
        """Rows that all filters let through."""
        return len(self._view) - len(self.lingering)

    @property
    def sorting(self) -> tuple[str | None, bool]:
        """The name of the column that sorts, in upper case, and whether the biggest come first."""
        return self._sorter.column, self._sorter.reverse

    def index(self, entry: Entry) -> int | None:
        """The place of an entry in the view; None when it is not there."""
        return self._view.index(entry)

    def nearest(self, entry: Entry) -> int:
        """Where an entry stands in the view, or who would follow it; the last place at most."""
        return max(0, min(self._view.place(entry.skey), len(self._view) - 1))

    def birth(self, entry: Entry) -> float | None:
        """When the entry's object was made, as well as its age and its timestamp tell."""
        if entry.birth is None and self._age is not None:
            row = entry.row
            cell = row.cells[self._age] if self._age < len(row.cells) else ""
            entry.birth = birth_of(cell, row.seen, (row.created,))
        return entry.birth if entry.birth is not None else entry.row.created

    # Changes

    def set_columns(self, columns: Sequence[Column], *, namespaced: bool) -> None:
        """Take other columns; the rows stay, and are ordered by the same column if it is still there."""
        self.columns = tuple(columns)
        self.namespaced = namespaced
        self._ages = tuple(i for i, column in enumerate(columns) if is_age(column))
        ages = [i for i in self._ages if columns[i].name.upper() == "AGE"]
        self._age = ages[0] if ages else None
        self._restarts = next((i for i, column in enumerate(columns) if is_restarts(column)), None)
        for entry in self.entries.values():
            entry.birth = entry.hay = None
            entry.version = next(self._versions)
        column, reverse = self.sorting
        self.sort(column, reverse=reverse)

    def clear(self) -> None:
        """Forget all rows; columns, order and filters stay."""
        self.entries.clear()
        self.lingering.clear()
        self._all = Order()
        self._marked = 0
        self._narrow()

    def apply(self, delta: RowDelta, lingers: Callable[[Entry], bool]) -> Applied:
        """Take a batch of changes.

        Args:
            delta: What has changed; its columns are the caller's concern.
            lingers: Whether a deleted entry stays in the view until it is forgotten.
        """
        done = Applied()
        leaving: dict[Entry, None] = {}
        coming: dict[RowKey, tuple[Entry, SortKey]] = {}
        for row in delta.put:
            entry = self.entries.get(row.key)
            if entry is None:
                entry = Entry(row, row.key, next(self._versions))
                entry.skey = self._skey(entry)
                self.entries[row.key] = entry
                coming[row.key] = (entry, entry.skey)
                self._marked += self._has_mark(row)
                done.added.append(row.key)
            elif row is not entry.row:
                self._replace(entry, row, coming, leaving, done)
        for key in delta.drop:
            self._drop(key, coming, leaving, lingers, done)
        self._reorder(coming, leaving, done)
        return done

    def _replace(
        self,
        entry: Entry,
        row: Row,
        coming: dict[RowKey, tuple[Entry, SortKey]],
        leaving: dict[Entry, None],
        done: Applied,
    ) -> None:
        old = entry.row
        if entry.gone:
            entry.gone = False
            del self.lingering[row.key]
            self._marked += self._has_mark(row)
            done.again.append(row.key)
        else:
            self._marked += self._has_mark(row) - self._has_mark(old)
            if self._says_something_else(old, row):
                done.changed.append(row.key)
            if old.created != row.created and None not in (old.created, row.created):
                done.again.append(row.key)
        entry.row = row
        entry.version = next(self._versions)
        entry.hay = None
        entry.birth = self._rebirth(entry.birth, row)
        skey = self._skey(entry)
        is_new = row.key in coming
        if is_new or skey != entry.skey:
            if not is_new:
                leaving[entry] = None
            coming[row.key] = (entry, skey)
        elif self._filtered and self._passes(entry) is not entry.shown:
            leaving[entry] = None
            coming[row.key] = (entry, skey)

    def _drop(
        self,
        key: RowKey,
        coming: dict[RowKey, tuple[Entry, SortKey]],
        leaving: dict[Entry, None],
        lingers: Callable[[Entry], bool],
        done: Applied,
    ) -> None:
        entry = self.entries.get(key)
        if entry is None or entry.gone:
            return
        self._marked -= self._has_mark(entry.row)
        if key not in coming and entry.shown and lingers(entry):
            entry.gone = True
            entry.version = next(self._versions)
            self.lingering[key] = entry
            done.gone.append(key)
            return
        del self.entries[key]
        if coming.pop(key, None) is None:
            leaving[entry] = None

    def forget(self, keys: Iterable[RowKey]) -> bool:
        """Let lingering rows go; whether there were any."""
        leaving = {entry: None for key in keys if (entry := self.lingering.pop(key, None))}
        for entry in leaving:
            del self.entries[entry.row.key]
        self._reorder({}, leaving, Applied())
        return bool(leaving)

    def _reorder(
        self, coming: dict[RowKey, tuple[Entry, SortKey]], leaving: dict[Entry, None], done: Applied
    ) -> None:
        if not coming and not leaving:
            return
        two_lists = self._view is not self._all
        done.moved = True
        self._all.remove(list(leaving))
        if two_lists:
            self._view.remove([entry for entry in leaving if entry.shown])
        for entry in leaving:
            entry.shown = False
        for entry, skey in coming.values():
            entry.skey = skey
            entry.shown = not two_lists or self._passes(entry)
        entries = [entry for entry, _ in coming.values()]
        if two_lists:
            self._view.insert([entry for entry in entries if entry.shown])
        self._all.insert(entries)

    # Order and filters

    def sort(self, column: str | None, *, reverse: bool = False) -> None:
        """Order by a column's name, in any letter case; None orders by namespace and name."""
        title = column.upper() if column is not None else None
        titles = [c.name.upper() for c in self.columns]
        self._sort_index = titles.index(title) if title in titles else None
        if title == "NAMESPACE" and self._sort_index is None:
            self._sort_index = -1
        words = self._sort_index is not None and (
            self._sort_index < 0 or self._sort_index == name_index(self.columns)
        )
        self._sorter = Sorter(title, reverse=reverse, words=words)
        for entry in self.entries.values():
            entry.skey = self._skey(entry)
        self._all.sort()
        if self._view is not self._all:
            self._view.sort()

    def set_filter(self, text: TextFilter | None) -> None:
        """Show only rows that match; None shows all."""
        self.forget(list(self.lingering))
        narrower = text is not None and text.narrows(self.filter)
        self.filter = text
        if text is None:
            for entry in self.entries.values():
                entry.hay = None
        self._narrow(self._view.items if narrower else None)

    def set_mark(self, mark: str | None) -> None:
        """Show only rows that carry this mark; None shows all."""
        self.forget(list(self.lingering))
        self.mark = mark
        self._marked = sum(self._has_mark(e.row) for e in self.entries.values())
        self._narrow()

    def _narrow(self, candidates: Collection[Entry] | None = None) -> None:
        if not self._filtered:
            self._view = self._all
            for entry in self._all.items:
                entry.shown = True
            return
        if candidates is None:
            candidates = self._all.items
        for entry in self._view.items:
            entry.shown = False
        view: Order[Entry] = Order()
        view.items = [entry for entry in candidates if self._passes(entry)]
        for entry in view.items:
            entry.shown = True
        self._view = view

    @property
    def _filtered(self) -> bool:
        return self.filter is not None or self.mark is not None

    def _has_mark(self, row: Row) -> bool:
        return self.mark is not None and self.mark in row.marks

    def _passes(self, entry: Entry) -> bool:
        row = entry.row
        if self.mark is not None and self.mark not in row.marks:
            return False
        if self.filter is None:
            return True
        if entry.hay is None:
            cells = [cell for i, cell in enumerate(row.cells) if i not in self._ages]
            entry.hay = haystack([row.key[0], *cells] if self.namespaced else cells)
        return self.filter.matches(row.key, entry.hay)

    def _skey(self, entry: Entry) -> SortKey:
        row, at, sorter = entry.row, self._sort_index, self._sorter
        if at is None:
            return sorter.natural(row.key) if sorter.column is None else row.key
        if at < 0:
            return sorter.by_cell(row.key[0], row.key)
        if at == self._age:
            return sorter.by_birth(self.birth(entry), row.key)
        cell = row.cells[at] if at < len(row.cells) else ""
        if at in self._ages:
            return sorter.by_birth(birth_of(cell.partition(" ")[0], row.seen), row.key)
        return sorter.by_cell(cell, row.key)

    def _rebirth(self, birth: float | None, row: Row) -> float | None:
        """The new estimate after an answer: the old one, as long as it agrees with the printed age."""
        if birth is None or self._age is None or self._age >= len(row.cells):
            return None
        return birth_of(row.cells[self._age], row.seen, (row.created, birth))

    def _says_something_else(self, old: Row, new: Row) -> bool:
        if old.cells == new.cells:
            return False
        if len(old.cells) != len(new.cells):
            return True
        for i, (before, after) in enumerate(zip(old.cells, new.cells, strict=True)):
            if before == after or i in self._ages:
                continue
            if i != self._restarts or restarts_count(before) != restarts_count(after):
                return True
        return False
