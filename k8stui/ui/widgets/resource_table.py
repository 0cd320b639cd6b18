"""The live table: rows of any kind, a hundred thousand of them, in order, under a cursor.

The parts: ``table_model`` keeps rows, order and filters; ``table_columns`` says which columns are where;
``table_paint`` and ``table_canvas`` draw lines; ``table_view`` decides when. This module is the widget that
others use: what it is told, what it tells, and its keys.

Set ``TEXTUAL_FPS=120`` before Textual is imported: it halves the delay between a key and its effect.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from k8stui.core.rows import Column, Row, RowDelta, RowKey
from k8stui.ui.widgets.table_columns import Layout
from k8stui.ui.widgets.table_filter import TextFilter
from k8stui.ui.widgets.table_view import TableView

__all__ = ["ResourceTable", "TextFilter"]

_MOST_GLOWING = 100
"""More new rows at a time are a listing, not news."""


class ResourceTable(TableView, can_focus=True, inherit_bindings=False):
    """A live table of one kind's rows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "Down", show=False, id="table.down"),
        Binding("up,k", "move(-1)", "Up", show=False, id="table.up"),
        Binding("pagedown,ctrl+f", "page(1)", "Page down", show=False, id="table.page-down"),
        Binding("pageup,ctrl+b", "page(-1)", "Page up", show=False, id="table.page-up"),
        Binding("home,g", "top", "First row", show=False, id="table.top"),
        Binding("end,G", "bottom", "Last row", show=False, id="table.bottom"),
        Binding("left", "sideways(-1)", "Columns left", show=False, id="table.left"),
        Binding("h", "sideways(-1)", "Columns left", show=False, id="table.left-vi"),
        Binding("right", "sideways(1)", "Columns right", show=False, id="table.right"),
        Binding("l", "sideways(1)", "Columns right", show=False, id="table.right-vi"),
        Binding("enter", "open", "Open", show=False, id="table.open"),
    ]

    @dataclass
    class Highlighted(Message):
        """The cursor is on another row, or its row has gone or is of a new object."""

        table: ResourceTable
        key: RowKey | None
        """None when there is no row."""

        @property
        def control(self) -> ResourceTable:
            """The table."""
            return self.table

        def can_replace(self, message: Message) -> bool:
            """Only the last of a burst matters."""
            return isinstance(message, ResourceTable.Highlighted) and message.table is self.table

    @dataclass
    class Opened(Message):
        """A row was chosen, by Enter or a double click."""

        table: ResourceTable
        key: RowKey

        @property
        def control(self) -> ResourceTable:
            """The table."""
            return self.table

    @dataclass
    class CountsChanged(Message):
        """Another number of rows is shown, or there."""

        table: ResourceTable
        shown: int
        """Rows that all filters let through."""
        total: int
        """Rows that there would be without the text filter."""

        @property
        def control(self) -> ResourceTable:
            """The table."""
            return self.table

        def can_replace(self, message: Message) -> bool:
            """Only the last of a burst matters."""
            return isinstance(message, ResourceTable.CountsChanged) and message.table is self.table

    @dataclass
    class SortRequested(Message):
        """A title was clicked; the table is already sorted so."""

        table: ResourceTable
        column: str
        reverse: bool

        @property
        def control(self) -> ResourceTable:
            """The table."""
            return self.table

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        glow: bool = True,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        """Make an empty table.

        Args:
            clock: Now, in seconds since the epoch: what ages are counted to.
            monotonic: Seconds that never jump: when glows fade and gone rows leave.
            glow: Whether changed rows glow (never without colours or with animations off).
            id: The widget's id.
            classes: CSS classes.
        """
        super().__init__(clock=clock, monotonic=monotonic, glow=glow, id=id, classes=classes)
        self._told: tuple[RowKey | None, int] = (None, 0)
        self._lives = 0
        self._counts = (0, 0)

    # What is told

    def _tell(self) -> None:
        counts = (self._model.shown, self._model.total)
        if counts != self._counts:
            self._counts = counts
            self.post_message(self.CountsChanged(self, *counts))
        told = (self.cursor_key, self._lives)
        if told != self._told:
            self._told = told
            self.post_message(self.Highlighted(self, self.cursor_key))

    # What is there

    @property
    def columns(self) -> tuple[Column, ...]:
        """The server's columns."""
        return self._model.columns

    @property
    def row_count(self) -> int:
        """Rows in the table, whatever the filters say; rows that are just leaving do not count."""
        return self._model.held

    @property
    def total(self) -> int:
        """Rows that there would be to see without the text filter."""
        return self._model.total

    @property
    def visible_count(self) -> int:
        """Rows that all filters let through, on the screen or to be scrolled to."""
        return self._model.shown

    @property
    def filter(self) -> TextFilter | None:
        """The text filter."""
        return self._model.filter

    @property
    def mark_filter(self) -> str | None:
        """The mark that rows must carry."""
        return self._model.mark

    @property
    def sort_state(self) -> tuple[str | None, bool]:
        """The column that sorts, in upper case (None: namespace and name), and whether it is reversed."""
        return self._model.sorting

    @property
    def cursor_key(self) -> RowKey | None:
        """The key of the row under the cursor; None when there is no row."""
        return self._cursor.row.key if self._cursor is not None else None

    @property
    def cursor_row(self) -> Row | None:
        """The row under the cursor, also while it is just leaving."""
        return self._cursor.row if self._cursor is not None else None

    @property
    def layout_now(self) -> Layout:
        """The columns on the screen, and whether more wait beside them."""
        return self._canvas.layout

    # What to show

    def set_columns(self, columns: Sequence[Column], *, namespaced: bool) -> None:
        """Take the columns of a kind; rows stay until they are replaced or cleared.

        Args:
            columns: As the server defines them.
            namespaced: Whether a NAMESPACE column of the table's own comes first.
        """
        if (tuple(columns), namespaced) == (self._model.columns, self._model.namespaced):
            return
        self._model.set_columns(columns, namespaced=namespaced)
        self._canvas.set_columns()
        self._offset = 0
        self._remeasure = self._moved = True
        self._schedule()

    def apply(self, delta: RowDelta) -> None:
        """Take a batch of changes: into the rows at once, onto the screen soon."""
        if delta.columns is not None and delta.columns != self._model.columns:
            self.set_columns(delta.columns, namespaced=self._model.namespaced)
        done = self._model.apply(delta, self._lingers)
        self._canvas.measure(delta.put)
        self._moved |= done.moved
        self._traces.leave(done.gone)
        self._traces.stay(done.again)
        if self._glows:
            seen = [key for key in (*done.changed, *done.again) if key in self._canvas.on_screen]
            new = done.added if self.live and len(done.added) <= _MOST_GLOWING else []
            self._traces.glow((*seen, *new))
        if self._cursor is not None and self._cursor.row.key in done.again:
            self._lives += 1
        self._follow_cursor()
        self._schedule()

    def clear(self) -> None:
        """Take all rows away; columns, order and filters stay."""
        self._model.clear()
        self._traces.clear()
        self._cursor = self._anchor = None
        self._touched = self.live = False
        self._remeasure = self._moved = True
        self._schedule()

    def set_filter(self, text_filter: TextFilter | None) -> None:
        """Show only rows that match; None shows all."""
        if text_filter != self._model.filter:
            self._model.set_filter(text_filter)
            self._look_again()

    def set_mark_filter(self, mark: str | None) -> None:
        """Show only rows that carry a mark; None shows all."""
        if mark != self._model.mark:
            self._model.set_mark(mark)
            self._look_again()

    def sort_by(self, column: str | None, reverse: bool = False) -> None:
        """Order the rows by a column, by name in any letter case; None orders by namespace and name."""
        self._model.sort(column, reverse=reverse)
        self._look_again()

    def _look_again(self) -> None:
        self._remeasure = self._moved = True
        self._follow_cursor()
        self.settle()

    @property
    def wide(self) -> bool:
        """Whether columns that the server calls wide are shown."""
        return self._wide

    @wide.setter
    def wide(self, wide: bool) -> None:
        self._wide = wide
        self._offset = 0
        self._remeasure = True
        self.settle()

    @property
    def dimmed(self) -> bool:
        """Whether all rows stand back, as the cluster is lost."""
        return self._dimmed

    @dimmed.setter
    def dimmed(self, dimmed: bool) -> None:
        self._dimmed = dimmed
        self.settle()

    # Keys and mouse

    def move_to(self, key: RowKey) -> bool:
        """Put the cursor on a row; whether it is there to be put on."""
        entry = self._model.entries.get(key)
        at = self._model.index(entry) if entry is not None else None
        if at is None:
            return False
        self._put_cursor(at)
        return True

    def _put_cursor(self, place: int) -> None:
        if self._moved:
            self.settle()
        entries = self._model.view
        if not entries:
            return
        place = max(0, min(place, len(entries) - 1))
        self._touched = True
        self._cursor = entries[place]
        if not self._seen:
            self._anchor = (self._cursor, 0)
            self.settle()
            return
        top, page = self.scroll_offset.y, self._page
        if place < top or place >= top + page:
            self._scroll_rows(place if place < top else place - page + 1)
        self._cast_anchor()
        self._repaint_changed()
        self._tell()

    def _cursor_place(self) -> int:
        if self._moved:
            self.settle()
        at = self._model.index(self._cursor) if self._cursor is not None else None
        return 0 if at is None else at

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        self._put_cursor(self._cursor_place() + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by pages."""
        self._put_cursor(self._cursor_place() + by * max(1, self._page - 1))

    def action_top(self) -> None:
        """Go to the first row."""
        self._put_cursor(0)

    def action_bottom(self) -> None:
        """Go to the last row."""
        self._put_cursor(len(self._model.view) - 1)

    def action_sideways(self, by: int) -> None:
        """Scroll by columns; namespace and name stay."""
        self._offset = max(0, min(self._offset + by, self._canvas.layout.furthest))
        self._rearrange = True
        self.settle()

    def action_open(self) -> None:
        """Choose the row under the cursor."""
        if self._cursor is not None and not self._cursor.gone:
            self.post_message(self.Opened(self, self._cursor.row.key))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Sideways keys are free for others where there is nothing to scroll to."""
        if action == "sideways":
            layout = self._canvas.layout
            return layout.more_left if parameters == (-1,) else layout.more_right
        return True

    def on_click(self, event: events.Click) -> None:
        """Sort by a title, put the cursor on a row, open it with a double click."""
        at = event.get_content_offset(self)
        if at is None:
            return
        event.stop()
        if at.y == 0:
            self._click_title(at.x)
            return
        place = self.scroll_offset.y + at.y - 1
        if place < len(self._model.view):
            self._put_cursor(place)
            if event.chain == 2:
                self.action_open()

    def _click_title(self, x: int) -> None:
        for column in self._canvas.layout.columns:
            if column.x <= x < column.x + column.width:
                title = column.spec.title
                reverse = title == self._canvas.sorted_title and not self.sort_state[1]
                self.sort_by(title, reverse)
                self.post_message(self.SortRequested(self, title, reverse))
