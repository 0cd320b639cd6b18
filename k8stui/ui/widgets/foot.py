"""The foot line: the kubectl command that shows the same, the keys that matter now, and messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.timer import Timer

from k8stui.core.lang import Lang, Text
from k8stui.ui.base import TonedWidget
from k8stui.ui.messages import Copy, Operate
from k8stui.ui.prose import Line, Span, line_width, wrap
from k8stui.ui.text import fit, width

MOST_LINES = 5
"""Lines that a long message may take: all of it is readable without another key."""
_READING = 14.0
"""Characters that are read in a second, generously slow; Japanese characters count double."""


@dataclass(frozen=True, slots=True)
class FootKey:
    """A key that the foot shows."""

    key: str
    """As a person reads it."""
    title: str
    operation: str
    """What a click runs; empty when the key belongs to the widget that has the focus."""


@dataclass(frozen=True, slots=True)
class FootMessage:
    """A sentence that takes the foot's place for a while."""

    text: Text
    error: bool = False
    lasting: bool = False
    """Stays until another takes its place or it is taken away."""


def reading_seconds(text: str, *, error: bool) -> float:
    """How long a sentence stays: as long as it can be read, an error longer."""
    return max(8.0, 2 * width(text) / _READING) if error else max(4.0, width(text) / _READING)


def message_lines(message: FootMessage, cells: int, lang: Lang) -> list[Line]:
    """A message set into lines."""
    mark, tone = ("✖ ", "bad") if message.error else ("", "ink")
    if message.lasting:
        mark, tone = "◌ ", "busy"
    first: Line = (Span(" "), Span(mark, tone))
    lines = wrap(
        [Span(message.text.get(lang))], cells - 1, first=first, rest=(Span(" " * line_width(first)),)
    )
    return lines[:MOST_LINES]


def foot_line(kubectl: str, keys: Sequence[FootKey], cells: int) -> Line:
    """Command left, keys right: as many keys as fit, the last one (help) always; then the command is cut."""
    shown = list(keys)
    wanted = min(width(kubectl) + 3, max(20, cells // 2 - 6)) if kubectl else 0
    while len(shown) > 2 and wanted + _keys_width(shown) + 3 > cells:
        del shown[-2]
    room = cells - _keys_width(shown) - 3
    left: Line = ()
    if kubectl and room > 12:
        command = fit(kubectl, min(width(kubectl), room - 2))
        left = (Span("$ ", "faint"), Span(command, "quiet", f"copy:{kubectl}"))
    right: list[Span] = []
    for key in shown:
        act = f"op:{key.operation}" if key.operation else ""
        right += [Span("  " if right else ""), Span(key.key, "key", act), Span(f" {key.title}", "quiet", act)]
    gap = max(1, cells - line_width(left) - line_width(right) - 2)
    return (Span(" "), *left, Span(" " * gap), *right, Span(" "))


def _keys_width(keys: Sequence[FootKey]) -> int:
    return sum(width(key.key) + 1 + width(key.title) + 2 for key in keys)


class Foot(TonedWidget):
    """The foot. It grows by a line or more while a message needs them."""

    DEFAULT_CSS = "Foot { height: 1; background: $k-panel; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.kubectl = ""
        self._keys: Callable[[], Sequence[FootKey]] = tuple
        self.message: FootMessage | None = None
        self._timer: Timer | None = None

    def show(self, kubectl: str, keys: Callable[[], Sequence[FootKey]]) -> None:
        """Show a command and keys; ``keys`` is asked at each drawing, as the language may change."""
        self.kubectl, self._keys = kubectl, keys
        self.refresh()

    def tell(self, message: FootMessage | None) -> None:
        """Show a message for as long as it takes to read it; None takes it away."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.message = message
        if message is not None and not message.lasting:
            seconds = reading_seconds(message.text.get(self.base.lang), error=message.error)
            self._timer = self.set_timer(seconds, lambda: self.tell(None))
        self._fit()

    def _fit(self) -> None:
        cells = self.size.width
        lines = message_lines(self.message, cells, self.base.lang) if self.message is not None else [()]
        if self.size.height != len(lines):
            self.styles.height = len(lines)
        self.refresh()

    def on_resize(self) -> None:
        """A message may need more lines now."""
        self._fit()

    def line(self, y: int, cells: int) -> Line:
        """A line of the message, else command and keys."""
        if self.message is not None:
            lines = message_lines(self.message, cells, self.base.lang)
            return lines[y] if y < len(lines) else ()
        return foot_line(self.kubectl, self._keys(), cells)

    def on_click(self, event: events.Click) -> None:
        """A key's word runs its action; the command is copied; a message goes."""
        if self.message is not None and not self.message.lasting:
            self.tell(None)
            return
        verb, _, what = self.act_at(event.x, event.y).partition(":")
        if verb == "op":
            self.post_message(Operate(what))
        elif verb == "copy":
            self.post_message(Copy(what))
