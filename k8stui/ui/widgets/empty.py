"""What stands in the table's place when there are no rows to show."""

from __future__ import annotations

from textual import events
from textual.geometry import Region

from k8stui.core.lang import Lang
from k8stui.ui.base import TonedWidget
from k8stui.ui.messages import Copy, Operate
from k8stui.ui.prose import Line, Span
from k8stui.ui.widgets.note_pane import Compose

MOVING = "◐◓◑◒"
"""The moving mark of something that is under way."""
_FRAME_SECONDS = 0.25
_WIDEST = 76


class EmptyState(TonedWidget, can_focus=True):
    """Sentences in the upper part of the pane: what is the matter, and what to do."""

    DEFAULT_CSS = "EmptyState { width: 1fr; height: 1fr; background: $k-ground; padding: 0 2; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._composer: Compose | None = None
        self._moving = False
        self._frame = 0
        self._set: tuple[tuple[int, int, Lang], list[Line]] | None = None

    def on_mount(self) -> None:
        """Move the mark while something is under way."""
        self.set_interval(_FRAME_SECONDS, self._tick)

    def _tick(self) -> None:
        if self._moving and self.display:
            if self.app.animation_level != "none":
                self._frame = (self._frame + 1) % len(MOVING)
            self._set = None
            cells, rows = self.content_size
            head = next((y for y, line in enumerate(self._lines(cells, rows)) if line), 0)
            self.refresh(Region(0, head, *self.size.with_height(1)))

    def show(self, compose: Compose, *, moving: bool = False) -> None:
        """Show lines; a moving mark goes before the first one."""
        self._composer, self._moving, self._set = compose, moving, None
        self.refresh()

    def words(self) -> str:
        """What is shown, as plain text."""
        cells, rows = self.content_size
        lines = self._lines(cells, rows)
        return "\n".join("".join(span.text for span in line).rstrip() for line in lines).strip()

    def _lines(self, cells: int, rows: int) -> list[Line]:
        wanted = (cells, rows, self.base.lang)
        if self._set is None or self._set[0] != wanted:
            lines: list[Line] = []
            if self._composer is not None:
                lines = self._composer(min(cells - 2, _WIDEST), self.base.lang)
            if self._moving and lines:
                lines[0] = (Span(f"{MOVING[self._frame]} ", "busy"), *lines[0])
            top = max(1 if rows > len(lines) + 1 else 0, (rows - len(lines)) // 4)
            self._set = (wanted, [()] * top + lines)
        return self._set[1]

    def line(self, y: int, cells: int) -> Line:
        """One line of the pane."""
        lines = self._lines(cells, self.content_size.height)
        return lines[y] if y < len(lines) else ()

    def on_click(self, event: events.Click) -> None:
        """A command is copied, an action run."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        verb, _, what = self.act_at(offset.x, offset.y).partition(":")
        if verb == "copy":
            self.post_message(Copy(what))
        elif verb == "op":
            self.post_message(Operate(what))
