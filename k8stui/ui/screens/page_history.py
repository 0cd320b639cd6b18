"""The page's history: the versions of the object that were seen, and what changed from each to the next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from k8stui.core.lang import Lang, Text
from k8stui.core.paths import dotted
from k8stui.core.text import clean
from k8stui.core.units import spoken_age
from k8stui.session.managers import FieldManager
from k8stui.session.page import ObjectState
from k8stui.session.versions import MOST_BYTES, MOST_OF_ONE, Change, Edition
from k8stui.ui.prose import Line, Span, wrap
from k8stui.ui.screens.pagetab import Page, PageTab, tick
from k8stui.ui.widgets.note_pane import NOTE_CELLS, LinesPane

_TICK = "page-history-ages"
_BOUND = Text(
    "What this explorer has seen since it started, newest first: of one object the last {most} versions, of "
    "all {bytes} MB. Lines beginning with ~ have changed, + are new, - are gone.",
    "このエクスプローラーの起動後に見た版を新しい順に表示します。1つのオブジェクトにつき直近{most}版、"
    "全体で{bytes} MBまで保持します。~は変更、+は追加、-は削除です。",
)
_FIRST = Text("first seen", "最初に見た版")
_DELETED = Text("deleted", "削除")
_AGO = Text("{age} ago", "{age}前")
_MORE = Text("… and {count} more", "…ほかに{count}件の変更")
_NONE = Text("Nothing has been seen of it yet.", "まだ何も取得していません。")
_UNTRACKED = Text("author unknown", "変更者不明")
_NOTHING = Text("nothing but the version number", "版番号のみ")


class HistoryTab(PageTab):
    """Lists the editions of the page's object."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._lines = LinesPane(id="page-history", most_cells=NOTE_CELLS)
        self._ticking = False

    @property
    def widget(self) -> LinesPane:
        """The list."""
        return self._lines

    def show(self, state: ObjectState) -> None:
        """A new version is at the top."""
        self._draw()
        if not self._ticking:
            self._ticking = True
            self.page.work(partial(tick, self._draw), _TICK)

    def _draw(self) -> None:
        session = self.page.session
        editions, now = session.versions.of(self.page.state.ref), session.clock()
        self._lines.show(lambda cells, lang: history_lines(editions, now, cells, lang), keep_place=True)

    def close(self) -> None:
        """Ages that are not seen do not pass."""
        self._ticking = False
        self._lines.workers.cancel_group(self._lines.screen, _TICK)

    def relabel(self) -> None:
        """Another language sets other words."""
        self._lines.reset()

    def kubectl(self) -> str:
        """The command that shows who manages which field."""
        return f"{self.page.session.kubectl(self.page.state.ref, 'yaml')} --show-managed-fields"


def history_lines(editions: tuple[Edition, ...], now: float, cells: int, lang: Lang) -> list[Line]:
    """The editions as lines, the newest first."""
    bound = _BOUND.format(most=MOST_OF_ONE, bytes=MOST_BYTES >> 20)
    lines = wrap([Span(bound.get(lang), "quiet")], cells)
    if not editions:
        return [*lines, (), (Span(_NONE.get(lang)),)]
    for edition in editions:
        lines.append(())
        lines += _head(edition, now, cells, lang)
        for change in edition.changes:
            lines += _change(change, cells)
        if edition.more:
            lines.append((Span("    "), Span(_MORE.format(count=edition.more).get(lang), "quiet")))
    return lines


def _head(edition: Edition, now: float, cells: int, lang: Lang) -> Iterator[Line]:
    time = datetime.fromtimestamp(edition.seen_at).strftime("%H:%M:%S")
    ago = _AGO.format(age=spoken_age(now - edition.seen_at)).get(lang)
    spans = [Span(time, "title"), Span(f"  {ago}", "quiet"), Span("   ")]
    if edition.deleted:
        spans.append(Span(_DELETED.get(lang), "bad"))
    elif edition.number == 1 or not edition.changes:
        spans.append(Span((_FIRST if edition.number == 1 else _NOTHING).get(lang), "quiet"))
    if not edition.deleted:
        spans += [Span("   "), *_author(edition.by, lang)]
    if edition.version:
        spans.append(Span(f"   resourceVersion {clean(edition.version)}", "faint"))
    yield from wrap(spans, cells, rest=(Span("    "),))


def _author(by: FieldManager | None, lang: Lang) -> list[Span]:
    if by is None:
        return [Span(_UNTRACKED.get(lang), "faint")]
    how = by.operation + (f", {by.subresource}" if by.subresource else "")
    return [Span(by.name, "accent"), Span(f" ({how})" if how else "", "quiet")]


def _change(change: Change, cells: int) -> list[Line]:
    path = Span(dotted(change.path), "quiet")
    rest: Line = (Span("      "),)
    if change.before is None:
        spans = [path, Span(": ", "quiet"), Span(change.after or "", "good")]
        return wrap(spans, cells, first=(Span("  + ", "good"),), rest=rest)
    if change.after is None:
        spans = [path, Span(": ", "quiet"), Span(change.before, "bad")]
        return wrap(spans, cells, first=(Span("  - ", "bad"),), rest=rest)
    spans = [
        path,
        Span(": ", "quiet"),
        Span(change.before, "ink"),
        Span(" → ", "quiet"),
        Span(change.after, "strong"),
    ]
    return wrap(spans, cells, first=(Span("  ~ ", "accent"),), rest=rest)
