"""The head of an object's page: what it is about, and its tabs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events

from k8stui.core.lang import Lang, Text
from k8stui.ui.base import TonedWidget
from k8stui.ui.messages import Operate
from k8stui.ui.prose import Line, Span, line_width
from k8stui.ui.text import fit, width


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab as the line shows it."""

    operation: str
    """The action that opens it."""
    key: str
    """As a person reads it."""
    title: Text


@dataclass(frozen=True, slots=True)
class PageHead:
    """What stands above the tabs."""

    kind: str = ""
    name: str = ""
    namespace: str = ""
    said: Text | None = None
    """What is to be known of the object before anything else: it was deleted, it cannot be read."""
    tone: str = "bad"


def title_line(head: PageHead, cells: int, lang: Lang) -> Line:
    """Kind, name, namespace; what is said of it stands at the right, and is cut last."""
    said = head.said.get(lang) if head.said is not None else ""
    room = cells - (min(width(said), cells // 2) + 3 if said else 0)
    name = fit(head.name, max(8, room - width(head.kind) - 4)).rstrip()
    left: Line = (Span(" "), Span(head.kind, "quiet"), Span("  "), Span(name, "title"))
    where = f"   ns {head.namespace}" if head.namespace else ""
    if where and line_width(left) + width(where) <= room:
        left = (*left, Span(where, "quiet"))
    if not said:
        return left
    free = cells - line_width(left) - 3
    words = fit(said, min(width(said), max(0, free)))
    gap = max(1, cells - line_width(left) - width(words) - 1)
    return (*left, Span(" " * gap), Span(words, head.tone), Span(" "))


def tabs_line(tabs: Sequence[Tab], open_tab: str, cells: int, lang: Lang) -> Line:
    """Every tab with its key; where there is no room only the open one says its title."""
    wordy = _tabs(tabs, open_tab, lang, short=False)
    return wordy if line_width(wordy) <= cells else _tabs(tabs, open_tab, lang, short=True)


def _tabs(tabs: Sequence[Tab], open_tab: str, lang: Lang, *, short: bool) -> Line:
    line: list[Span] = [Span(" ")]
    for tab in tabs:
        act = f"op:{tab.operation}"
        here = tab.operation == open_tab
        line += [Span(" " if short else "  ") if len(line) > 1 else Span(""), Span(tab.key, "key", act)]
        if here:
            line.append(Span(f" ▸{tab.title.get(lang)}", "title", act))
        elif not short:
            line.append(Span(f" {tab.title.get(lang)}", "quiet", act))
    return tuple(line)


class TabLine(TonedWidget):
    """Two lines: the title, the tabs. A click on a tab opens it."""

    DEFAULT_CSS = "TabLine { height: 2; background: $k-ground; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.head = PageHead()
        self._tabs: Sequence[Tab] = ()
        self._open = ""

    def show(self, head: PageHead, tabs: Sequence[Tab], open_tab: str) -> None:
        """Show other words."""
        if (head, tabs, open_tab) != (self.head, self._tabs, self._open):
            self.head, self._tabs, self._open = head, tabs, open_tab
            self.refresh()

    def line(self, y: int, cells: int) -> Line:
        """Title or tabs."""
        if y == 0:
            return title_line(self.head, cells, self.base.lang)
        return tabs_line(self._tabs, self._open, cells, self.base.lang)

    def on_click(self, event: events.Click) -> None:
        """Open the tab."""
        verb, _, what = self.act_at(event.x, event.y).partition(":")
        if verb == "op":
            self.post_message(Operate(what))
