"""The page's events: what has happened to the object, the latest last, live."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import aclosing
from functools import partial

from k8stui.core.freshness import Phase
from k8stui.core.lang import Lang, Text
from k8stui.core.objects import JsonObject, dig
from k8stui.core.refs import ObjectRef
from k8stui.session.describe.build import when
from k8stui.session.describe.occurrences import Occurrence
from k8stui.session.happenings import Happenings, happenings
from k8stui.session.page import ObjectState
from k8stui.ui.prose import Line, Span, wrap
from k8stui.ui.screens.pagetab import Page, PageTab, tick
from k8stui.ui.widgets.note_pane import FACTS_CELLS, LinesPane

_FOLLOW, _TICK = "page-events", "page-events-ages"
_READING = Text("Reading", "読み込んでいます")
_NONE = Text(
    "Nothing has happened to it lately. A cluster forgets events after about an hour.",
    "最近のイベントはありません。イベントは1時間ほどで消えます。",
)
_TROUBLE = (Phase.DENIED, Phase.FAILED, Phase.RECONNECTING)


class EventsTab(PageTab):
    """Follows the events of the page's object."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._pane = LinesPane(id="page-events", most_cells=FACTS_CELLS)
        self._meant: tuple[ObjectRef, object] | None = None
        self._now = Happenings()

    @property
    def widget(self) -> LinesPane:
        """The list."""
        return self._pane

    def show(self, state: ObjectState) -> None:
        """Follow the events anew for another object, and for one made again under the same name."""
        if state.obj is None:
            if self._meant is None or self._meant[0] != state.ref:
                self._meant, self._now = None, Happenings()
                self._pane.show(lambda cells, lang: event_lines(Happenings(), 0.0, cells, lang))
            return
        meant = (state.ref, dig(state.obj, "metadata", "uid"))
        if meant != self._meant:
            self._meant, self._now = meant, Happenings()
            self._draw(tail=True)
            self.page.work(partial(self._follow, state.ref, state.obj), _FOLLOW)
            self.page.work(partial(tick, self._draw), _TICK)

    async def _follow(self, ref: ObjectRef, obj: JsonObject) -> None:
        async with aclosing(happenings(self.page.session, obj, ref.kind)) as editions:
            async for edition in editions:
                pane = self._pane
                tail = self._now.occurrences is None or pane.scroll_offset.y >= pane.max_scroll_y
                self._now = edition
                self._draw(tail=tail)

    def _draw(self, *, tail: bool = False) -> None:
        found, now = self._now, self.page.session.clock()
        self._pane.show(lambda cells, lang: event_lines(found, now, cells, lang), keep_place=True)
        if tail:
            self._pane.scroll_end(animate=False, force=True)

    def close(self) -> None:
        """Nothing is followed for events that are not seen."""
        self._meant = None
        for group in (_FOLLOW, _TICK):
            self._pane.workers.cancel_group(self._pane.screen, group)

    def relabel(self) -> None:
        """Another language sets other words."""
        self._pane.reset()

    def kubectl(self) -> str:
        """The command that shows the same."""
        return self.page.session.kubectl_events(self.page.state.ref)


def event_lines(found: Happenings, now: float, cells: int, lang: Lang) -> list[Line]:
    """Events as lines, the latest last; above them whatever is wrong with them."""
    lines: list[Line] = []
    fresh = found.freshness
    if fresh is not None and fresh.phase in _TROUBLE and fresh.message is not None:
        words = [Span(fresh.message.get(lang), "quiet")]
        lines += [*wrap(words, cells, first=(Span("! ", "warn"),), rest=(Span("  "),)), ()]
    if found.occurrences is None:
        if not lines:
            lines = [(Span(f"◌ {_READING.get(lang)}", "busy"),)]
        return lines
    for one in found.occurrences:
        lines += _one(one, now, cells, lang)
    if not found.occurrences:
        lines += wrap([Span(_NONE.get(lang), "quiet")], cells)
    return lines


def _one(one: Occurrence, now: float, cells: int, lang: Lang) -> Iterator[Line]:
    tone = "warn" if one.warns else "quiet"
    mark = "! " if one.warns else "· "
    head = [Span(one.kind, tone), Span("  "), Span(one.reason, "strong"), Span("  ")]
    head.append(Span(when(one, now).get(lang), "ink"))
    head += [Span(f"  {part}", "quiet") for part in (one.source, one.field) if part]
    yield from wrap(head, cells, first=(Span(mark, tone),), rest=(Span("  "),))
    if one.message:
        yield from wrap([Span(one.message)], cells, first=(Span("  "),), rest=(Span("  "),))
    yield ()
