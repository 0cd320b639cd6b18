"""From decoded rows to the rows of the screen: every cell a harmless string, as kubectl would print it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from msgspec import MsgspecError, Raw

from k8stui.core.objects import JsonObject
from k8stui.core.rows import Column, Row
from k8stui.core.text import clean
from k8stui.core.units import format_age, parse_time
from k8stui.kube.wire import LABELS, OBJECT, PARTIAL, AnyRow, BareRow, Metadata, MetadataRow

Marks = Callable[[JsonObject], frozenset[str]]
_NO_MARKS: frozenset[str] = frozenset()

PLAIN_COLUMNS = (
    Column("Name", "string", "name", "The name of the object."),
    Column("Age", "string", "", "Time since the object was created."),
)
"""The columns of a kind that its server cannot print as a Table."""

_LINE_END = re.compile(r"[\f\n\r]")
_MOST_SHARED = 8192


class NoName(Exception):
    """Cells alone do not say which object a row is. Never leaves the room.

    No column has the format ``name``, or that column says more than the name: a default StorageClass is
    printed as "standard (default)".
    """


def cell_text(value: Any) -> str:
    """One cell as kubectl prints it (cli-runtime TablePrinter), in one harmless line.

    >>> cell_text(True), cell_text(None), cell_text(2.0), cell_text(["a", 1])
    ('true', '', '2', '[a 1]')
    """
    if isinstance(value, str):
        end = _LINE_END.search(value)
        return clean(value if end is None else value[: end.start()] + "...")
    return "" if value is None else clean(_printed(value))


def _printed(value: Any) -> str:
    """What Go's fmt.Sprint makes of a decoded JSON value."""
    if isinstance(value, str):
        return value
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, list):
        return f"[{' '.join(_printed(item) for item in value)}]"
    if isinstance(value, dict):
        return f"map[{' '.join(f'{k}:{_printed(v)}' for k, v in sorted(value.items()))}]"
    return str(value)


def _number(value: float) -> str:
    """A float in the shortest form, with an exponent only from 1e21 and below 1e-4."""
    if value == 0 or 1e-4 <= abs(value) < 1e21:
        text = f"{value:f}" if value.is_integer() else repr(value)
        if "e" in text:
            text = f"{value:.25f}".rstrip("0")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return repr(value)


class Layout(NamedTuple):
    """How the cells of one answer map onto the columns that the receiver has."""

    width: int
    name_at: int | None
    """Which of the receiver's columns names the object."""
    order: tuple[int, ...] | None
    """For each of the receiver's columns the place of its cell; None when they are the same, -1 for none."""


def name_column(columns: Sequence[Column]) -> int | None:
    """The column that names the object: the one of format ``name``."""
    return next((at for at, column in enumerate(columns) if column.format == "name"), None)


def layout(columns: tuple[Column, ...], wanted: tuple[Column, ...]) -> Layout:
    """The layout for an answer with ``columns`` when the receiver has ``wanted``."""
    order = None
    if columns != wanted:
        places = {column.name: at for at, column in reversed(list(enumerate(columns)))}
        order = tuple(places.get(column.name, -1) for column in wanted)
    return Layout(len(wanted), name_column(wanted), order)


class RowReader:
    """Makes rows for one collection.

    Equal words and equal labels among the last few thousand are kept once: "Running" not 50,000 times.
    """

    def __init__(self, namespace: str, marks: Marks | None = None) -> None:
        self._namespace = namespace
        self._marks = marks
        self._shared: dict[str, str] = {}
        self._labels: dict[bytes, dict[str, str]] = {}

    def read(
        self,
        rows: Sequence[AnyRow],
        form: Layout,
        seen: float,
        *,
        harmless: bool = False,
        namespace: str | None = None,
    ) -> list[Row]:
        """The rows in the receiver's columns.

        Args:
            rows: as decoded; those that name no object (a bookmark's) are left out.
            form: how their cells lie.
            seen: when they were received, in seconds since the epoch.
            harmless: whether the bytes they came from were found harmless.
            namespace: of rows that do not say theirs, when it is not the reader's.

        Raises:
            NoName: a bare row's name is no name.
        """
        if len(self._shared) > _MOST_SHARED:
            self._shared.clear()
        default = self._namespace if namespace is None else namespace
        found = []
        for row in rows:
            cells = self._cells(row.cells or [], form, harmless)
            if isinstance(row, BareRow):
                meta, marks = None, _NO_MARKS
            elif isinstance(row, MetadataRow):
                meta, marks = (row.object.metadata if row.object else None), _NO_MARKS
            else:
                meta, marks = self._opened(row.object)
            if meta is None:
                name = cells[form.name_at] if form.name_at is not None else ""
                if " " in name and isinstance(row, BareRow):
                    raise NoName
                if name:
                    found.append(Row((default, name), cells, seen, None, None, marks))
            elif meta.name:
                found.append(self._with(meta, cells, seen, default, marks))
        return found

    def read_plain(self, items: Sequence[Raw], seen: float) -> list[Row]:
        """Rows with PLAIN_COLUMNS for objects that came without a Table.

        Raises:
            msgspec.MsgspecError: an item is no object.
        """
        found = []
        for item in items:
            meta = PARTIAL.decode(item).metadata
            if meta is None or not meta.name:
                continue
            marks = self._marks(OBJECT.decode(item)) if self._marks else _NO_MARKS
            found.append(self.plain(meta, seen, marks))
        return found

    def plain(self, meta: Metadata, seen: float, marks: frozenset[str] = _NO_MARKS) -> Row:
        """A row with PLAIN_COLUMNS."""
        created = parse_time(meta.creation_timestamp)
        age = "<unknown>" if created is None else format_age(seen - created)
        return self._with(meta, (clean(meta.name or ""), age), seen, self._namespace, marks)

    def _with(
        self, meta: Metadata, cells: tuple[str, ...], seen: float, default: str, marks: frozenset[str]
    ) -> Row:
        where = clean(meta.namespace) if meta.namespace else default
        key = (self._shared.setdefault(where, where), clean(meta.name or ""))
        created = parse_time(meta.creation_timestamp)
        return Row(key, cells, seen, created, self._labels_of(meta.labels), marks)

    def _cells(self, cells: list[Any], form: Layout, harmless: bool) -> tuple[str, ...]:
        if form.order is not None:
            cells = [cells[at] if 0 <= at < len(cells) else "" for at in form.order]
        elif len(cells) != form.width:
            cells = [*cells[: form.width], *[""] * (form.width - len(cells))]
        if harmless:
            texts = [cell if type(cell) is str else cell_text(cell) for cell in cells]
        else:
            texts = [cell_text(cell) for cell in cells]
        return tuple(map(self._shared.setdefault, texts, texts))

    def _opened(self, raw: Raw) -> tuple[Metadata | None, frozenset[str]]:
        if not bytes(raw).startswith(b"{"):
            return None, _NO_MARKS
        marks = self._marks(OBJECT.decode(raw)) if self._marks else _NO_MARKS
        return PARTIAL.decode(raw).metadata, marks

    def _labels_of(self, raw: Raw) -> dict[str, str]:
        key = bytes(raw)
        found = self._labels.get(key)
        if found is None:
            try:
                labels = LABELS.decode(key) if key else None
            except MsgspecError:
                labels = None
            found = {clean(k): clean(v or "") for k, v in labels.items()} if labels else {}
            if len(self._labels) >= _MOST_SHARED:
                self._labels.clear()
            self._labels[key] = found
        return found
