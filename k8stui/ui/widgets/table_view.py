"""The screen side of the live table: when lines are painted, and where the rows stand.

A change of rows reaches the screen with the next *settling*: at the leading edge of a burst, then at most
every ``PERIOD`` seconds. Settling compares what each visible line would show with what it shows, and repaints
only those that differ: changes outside the view cost nothing but their place in the order.

Private parts of Textual 8.2.8 in use: ``_scroll_update`` (brings the scrollbars up to date after a change of
the virtual size, without a layout of the whole screen).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf
from typing import ClassVar

from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from k8stui.ui.widgets.table_canvas import Canvas, Traces, View
from k8stui.ui.widgets.table_health import Health
from k8stui.ui.widgets.table_model import Entry, TableModel
from k8stui.ui.widgets.table_paint import Palette, glow_styles

PERIOD = 0.06
"""Seconds between two settlings while changes keep coming."""
GLOW_SECONDS = 1.0
"""How long a changed row glows."""
LINGER_SECONDS = 2.0
"""How long a deleted row stays."""
_TICK = 1.0
"""Ages are printed again at most this often, in seconds."""


class TableView(ScrollView):
    """A table's lines on the screen. What is in them, and what keys do, is the subclass's.

    ## Component classes

    | Class | Styles |
    | :---- | :----- |
    | `table--header` | The line of titles. |
    | `table--cursor` | The cursor's row, while the table has the focus. |
    | `table--cursor-blur` | The cursor's row, while it has not. |
    | `table--match` | What a filter has found. |
    | `table--ok`, `table--busy`, `table--warn`, `table--bad`, `table--dim` | Cells by their health. |
    | `table--finished` | Rows of objects that have done their work. |
    | `table--gone` | Rows of deleted objects, before they go. |
    | `table--stale` | All rows, while the table is dimmed. |
    | `table--glow` | The background of a row that has just changed. |
    """

    ALLOW_SELECT = False
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "table--header", "table--cursor", "table--cursor-blur", "table--match", "table--ok", "table--busy",
        "table--warn", "table--bad", "table--dim", "table--finished", "table--gone", "table--stale",
        "table--glow",
    }  # fmt: skip
    DEFAULT_CSS = """
    TableView {
        width: 1fr; height: 1fr;
        background: $background; color: $foreground;
        overflow-x: hidden; overflow-y: auto; scrollbar-gutter: stable; scrollbar-size-vertical: 1;
        & > .table--header { color: $text-muted; text-style: bold; }
        & > .table--cursor {
            background: $block-cursor-background; color: $block-cursor-foreground; text-style: bold;
        }
        & > .table--cursor-blur {
            background: $block-cursor-blurred-background; color: $block-cursor-blurred-foreground;
        }
        & > .table--match { text-style: bold underline; }
        & > .table--ok { color: $text-success; }
        & > .table--busy { color: $text-secondary; }
        & > .table--warn { color: $text-warning; }
        & > .table--bad { color: $text-error; text-style: bold; }
        & > .table--dim { color: $text-muted; }
        & > .table--finished { color: $text-muted; }
        & > .table--gone { color: $text-disabled; text-style: strike; }
        & > .table--stale { color: $text-disabled; }
        & > .table--glow { background: $primary 22%; }
        &:nocolor > .table--cursor { text-style: reverse; }
        &:nocolor > .table--cursor-blur { text-style: underline; }
    }
    """

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
        super().__init__(id=id, classes=classes)
        self.glow = glow
        self.live = False
        """Whether the first listing is over: rows that come from now on glow, and the cursor keeps its row
        even if nobody has moved it yet. While it is not, an untouched cursor stays on the first row."""
        self._clock = clock
        self._monotonic = monotonic
        self._model = TableModel()
        self._traces = Traces(monotonic, glow_seconds=GLOW_SECONDS, linger_seconds=LINGER_SECONDS)
        self._canvas = Canvas(self._model, self._traces, clock)
        self._offset = 0
        self._wide = False
        self._dimmed = False
        self._cursor: Entry | None = None
        self._touched = False
        self._anchor: tuple[Entry, int] | None = None
        self._moved = self._remeasure = self._rearrange = False
        self._ready = self._has_palette = False
        self._settle_timer: Timer | None = None
        self._settled_at = -PERIOD
        self._alarm: Timer | None = None
        self._thumb: tuple[object, ...] = ()
        self._frame: View | None = None

    # Settling: the screen catches up with the rows

    @property
    def _glows(self) -> bool:
        return self.glow and self._ready and not self.app.no_color and self.app.animation_level != "none"

    def _lingers(self, entry: Entry) -> bool:
        return entry.row.key in self._canvas.on_screen

    def _schedule(self) -> None:
        if self._settle_timer is not None or not self._ready:
            return
        wait = self._settled_at + PERIOD - self._monotonic()
        if wait <= 0:
            self.settle()
        else:
            self._settle_timer = self.set_timer(wait, self.settle)

    def settle(self) -> None:
        """Bring the screen in line with the rows now: columns, scrolling, cursor, changed lines, messages."""
        if self._settle_timer is not None:
            self._settle_timer.stop()
            self._settle_timer = None
        if not self._ready:
            return
        self._settled_at = self._monotonic()
        if self._seen:
            self._settle_columns()
            if self._moved:
                self._moved = False
                self._settle_places()
            self._repaint_changed()
        self._tell()

    @property
    def _seen(self) -> bool:
        """Whether the table has a place on the screen: without one there is nothing to settle."""
        return self._ready and self.scrollable_content_region.area > 0

    def _settle_columns(self) -> None:
        if not self._has_palette:
            self._has_palette = True
            self._canvas.set_palette(self._make_palette())
        if self._remeasure:
            self._canvas.measure_again()
        if self._remeasure or self._rearrange or self._canvas.grown:
            self._remeasure = self._rearrange = False
            room = self.scrollable_content_region.width
            self._canvas.arrange(room, wide=self._wide, offset=self._offset)
            self._offset = self._canvas.layout.offset

    def _settle_places(self) -> None:
        """After rows came and went: the virtual size, and the anchored row back on its line of the screen."""
        rows = len(self._model.view)
        size = Size(self.size.width, rows + 1)
        if size != self.virtual_size:
            self.set_reactive(TableView.virtual_size, size)
            self._settle_scrollbar()
        top = 0
        if self._anchor is not None and (self._touched or self.live):
            entry, line = self._anchor
            at = self._model.index(entry)
            top = (self._model.nearest(entry) if at is None else at) - min(line, self._page - 1)
        self._scroll_rows(top)

    def _settle_scrollbar(self) -> None:
        """Draw the scrollbar anew, but only if a row more or less moves it by an eighth of a cell."""
        page, rows, top = self._page + 1, self.virtual_size.height, self.scroll_offset.y
        thumb = (rows <= page, *(round(8 * page * part / rows) for part in (page, top)))
        if thumb != self._thumb:
            self._thumb = thumb
            self._scroll_update(self.virtual_size)

    @property
    def _page(self) -> int:
        """Rows that fit under the titles."""
        return max(1, self.scrollable_content_region.height - 1)

    def _scroll_rows(self, top: int) -> None:
        top = max(0, min(top, len(self._model.view) - self._page))
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, immediate=True)
        self._cast_anchor()

    def _cast_anchor(self) -> None:
        """Remember which row is on which line: the cursor's, or the first if the cursor is out of view."""
        entries, top = self._model.view, self.scroll_offset.y
        at = self._model.index(self._cursor) if self._cursor is not None else None
        if self._cursor is not None and at is not None and top <= at < top + self._page:
            self._anchor = (self._cursor, at - top)
        else:
            self._anchor = (entries[top], 0) if top < len(entries) else None

    def _follow_cursor(self) -> None:
        """Keep the cursor on its row; when that has gone, on the row that takes its place."""
        entries = self._model.view
        cursor = self._cursor
        if not entries:
            self._cursor = None
        elif cursor is None or not (self._touched or self.live):
            self._cursor = entries[0]
        elif not cursor.shown:
            self._cursor = entries[self._model.nearest(cursor)]

    def _view(self) -> View:
        region = self.scrollable_content_region
        return View(
            top=self.scroll_offset.y,
            width=self.size.width,
            room=region.width,
            height=region.height,
            cursor=self._cursor,
            focus=self.has_focus,
            stale=self._dimmed,
        )

    def _repaint_changed(self) -> None:
        view = self._view()
        changed = self._canvas.changed(view)
        if self._canvas.grown:
            self._settle_columns()
            changed = self._canvas.changed(view)
        if changed:
            self.refresh(*(Region(0, y, view.width, 1) for y in changed))
        self._set_alarm()

    def _tell(self) -> None:
        """Post messages about what is different; for the subclass."""

    # Time: ages tick, glows fade, gone rows leave

    def _set_alarm(self) -> None:
        if self._alarm is not None:
            self._alarm.stop()
            self._alarm = None
        wait = min(self._traces.wait(), max(_TICK, self._canvas.next_tick - self._clock()))
        if wait < inf:
            self._alarm = self.set_timer(max(wait, PERIOD), self.wake)

    def wake(self) -> None:
        """Do what time has brought: forget rows that have gone, fade glows, print ages again."""
        self._alarm = None
        if self._model.forget(self._traces.due()):
            self._moved = True
            self._follow_cursor()
        self.settle()

    # What Textual calls

    def on_resize(self, event: events.Resize) -> None:
        """Place the columns anew, and keep the cursor in view if it was. With the first size all begins."""
        self._ready = self._remeasure = self._moved = True
        self.settle()

    def on_hide(self) -> None:
        """Out of sight, deleted rows need not stay."""
        self._canvas.on_screen = {}
        self._traces.clear()
        self._moved |= self._model.forget(list(self._model.lingering))
        self._follow_cursor()

    def on_show(self) -> None:
        """Catch up with what has come meanwhile."""
        self._thumb = ()
        self._remeasure = self._moved = True
        self.settle()

    def notify_style_update(self) -> None:
        """Colours may be others now (theme, focus, classes)."""
        super().notify_style_update()
        self._has_palette = False

    def _make_palette(self) -> Palette:
        style = self.get_component_rich_style
        base = self.rich_style
        return Palette(
            base=base,
            header=style("table--header"),
            cursor=style("table--cursor"),
            cursor_blur=style("table--cursor-blur"),
            match=style("table--match", partial=True),
            finished=style("table--finished", partial=True),
            gone=style("table--gone"),
            stale=style("table--stale"),
            tones={tone: style(f"table--{tone.name.lower()}", partial=True) for tone in Health},
            glow=glow_styles(base, style("table--glow")),
        )

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Repaint the lines that show something else now."""
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value
            self._settle_scrollbar()
        if round(old_value) != round(new_value) and self._seen:
            self._cast_anchor()
            self._repaint_changed()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Draw some lines, all for the same view."""
        self._frame = self._view()
        try:
            return super().render_lines(crop)
        finally:
            self._frame = None

    def render_line(self, y: int) -> Strip:
        """Draw one line of the screen."""
        if not self._has_palette:
            self._has_palette = True
            self._canvas.set_palette(self._make_palette())
        return self._canvas.line(y, self._frame or self._view())
