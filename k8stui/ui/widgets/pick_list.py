"""Lines of which some can be picked: a cursor goes from one of these to the next. Drawn line by line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from k8stui.core.lang import Lang
from k8stui.ui.base import TonedScroll
from k8stui.ui.prose import Line


@dataclass(frozen=True, slots=True)
class PickLine:
    """One line; ``key`` is empty where the cursor does not stop."""

    line: Line
    key: str = ""


Compose = Callable[[int, Lang], Sequence[PickLine]]
"""Lines for a width and a language."""


class PickList(TonedScroll, can_focus=True):
    """Shows lines; Enter, ``l`` and ``h`` on the picked one are told as messages."""

    DEFAULT_CSS = """
    PickList {
        scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; scrollbar-gutter: stable;
        overflow-x: hidden; background: $k-ground;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False, id="table.up"),
        Binding("down,j", "move(1)", "down", show=False, id="table.down"),
        Binding("pageup,ctrl+b", "page(-1)", "page up", show=False, id="table.page-up"),
        Binding("pagedown,ctrl+f,space", "page(1)", "page down", show=False, id="table.page-down"),
        Binding("home,g", "edge(-1)", "top", show=False, id="table.top"),
        Binding("end,G", "edge(1)", "bottom", show=False, id="table.bottom"),
        Binding("left,h", "fold(True)", "fold", show=False, id="table.left"),
        Binding("right,l", "fold(False)", "unfold", show=False, id="table.right"),
        Binding("enter", "pick", "open", show=False),
    ]

    @dataclass
    class Picked(Message):
        """Enter, or a click on the line under the cursor."""

        key: str

    @dataclass
    class Folded(Message):
        """``h`` or ``l``."""

        key: str
        fold: bool

    @dataclass
    class Moved(Message):
        """The cursor is on another line."""

        key: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.key = ""
        """The key of the line under the cursor."""
        self._composer: Compose | None = None
        self._lines: Sequence[PickLine] = ()
        self._set_for: tuple[int, Lang] | None = None

    def show(self, compose: Compose) -> None:
        """Show other lines; the cursor stays with its key, else goes to the first that can be picked."""
        self._composer, self._set_for = compose, None
        self.reset()

    def reset(self) -> None:
        """Set the lines again if width or language have changed."""
        if not self.is_attached or self._composer is None:
            return
        wanted = (max(8, self.scrollable_content_region.width), self.base.lang)
        if wanted != self._set_for:
            self._set_for = wanted
            before = self._at()
            self._lines = self._composer(*wanted)
            if self.virtual_size.height != len(self._lines):
                self.virtual_size = Size(0, len(self._lines))
            keys = [line.key for line in self._lines if line.key]
            if self.key not in keys:
                self._go_near(before if before is not None else 0)
            self.refresh()

    def on_resize(self) -> None:
        """Another width sets other lines."""
        self.reset()

    def _at(self) -> int | None:
        """The line under the cursor."""
        return next((at for at, line in enumerate(self._lines) if line.key and line.key == self.key), None)

    def _go_near(self, at: int) -> None:
        """The cursor to the nearest line that can be picked, at or after one, else before it."""
        keyed = [i for i, line in enumerate(self._lines) if line.key]
        if not keyed:
            self.key = ""
            return
        self._go(min((i for i in keyed if i >= at), default=keyed[-1]))

    def _go(self, at: int) -> None:
        key = self._lines[at].key
        self._show_line(at)
        if key != self.key:
            self.key = key
            self.refresh()
            self.post_message(self.Moved(key))

    def _show_line(self, at: int) -> None:
        height, top = self.scrollable_content_region.height, self.scroll_offset.y
        first = next((i for i, line in enumerate(self._lines) if line.key), 0)
        wanted = 0 if at <= first else at
        to = min(max(top, wanted - height + 2), max(0, wanted - 1))
        if to != top:
            self.scroll_to(y=to, animate=False, force=True)

    def _step(self, by: int, times: int = 1) -> None:
        keyed = [i for i, line in enumerate(self._lines) if line.key]
        at = self._at()
        if not keyed or at is None:
            self.scroll_to(y=self.scroll_offset.y + by * times, animate=False, force=True)
            return
        index = keyed.index(at)
        if by > 0 and index == len(keyed) - 1:
            self.scroll_to(y=self.scroll_offset.y + times, animate=False, force=True)
        self._go(keyed[max(0, min(len(keyed) - 1, index + by * times))])

    def action_move(self, by: int) -> None:
        """To the next line that can be picked; where there is none, one line on."""
        self._step(by)

    def action_page(self, by: int) -> None:
        """One page on."""
        self._step(by, max(1, self.scrollable_content_region.height - 1))

    def action_edge(self, side: int) -> None:
        """To the first or the last line."""
        self._step(-1 if side < 0 else 1, max(1, len(self._lines)))

    def action_fold(self, fold: bool) -> None:
        """Tell that the line under the cursor should fold or unfold."""
        if self.key:
            self.post_message(self.Folded(self.key, fold))

    def action_pick(self) -> None:
        """Tell that the line under the cursor is meant."""
        if self.key:
            self.post_message(self.Picked(self.key))

    def on_click(self, event: events.Click) -> None:
        """A click goes there; on the line under the cursor it picks."""
        offset = event.get_content_offset(self)
        index = offset.y + self.scroll_offset.y if offset is not None else len(self._lines)
        if index < len(self._lines) and self._lines[index].key:
            if self._lines[index].key == self.key:
                self.action_pick()
            else:
                self._go(index)

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        cells = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        if index >= len(self._lines):
            return self.painter.strip((), cells)
        line = self._lines[index]
        ground = ""
        if line.key and line.key == self.key:
            ground = "cursor" if self.has_focus else "shade"
        return self.painter.strip(line.line, cells, ground)
