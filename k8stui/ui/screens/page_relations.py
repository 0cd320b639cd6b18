"""The page's relations: owners, what is owned, neighbours with their evidence, and the way of a request."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial

from k8stui import catalog
from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Lang, Text
from k8stui.core.objects import JsonObject
from k8stui.core.refs import ObjectRef
from k8stui.core.text import clean
from k8stui.session.page import ObjectState
from k8stui.session.related import MOST_READ, Related
from k8stui.session.relationtree import Branch, RelationTree, Twig
from k8stui.session.requestpath import FOLLOWED, RequestPath, Step, Turn
from k8stui.session.wellbeing import Mood, State, state_of
from k8stui.ui.prose import Line, Span, line_width, wrap
from k8stui.ui.screens.pagetab import Page, PageTab
from k8stui.ui.text import fit, width
from k8stui.ui.widgets.foot import FootKey
from k8stui.ui.widgets.pick_list import PickLine, PickList

AGAIN_SECONDS = 2.0
"""The least time between two readings of the relations, however often the object changes."""

_TONES = {Mood.OK: "good", Mood.BUSY: "busy", Mood.WARN: "warn", Mood.BAD: "bad", Mood.DIM: "faint"}
_TURNS = {Turn.GOOD: ("↓ ", "good"), Turn.CARE: ("! ", "warn"), Turn.BROKEN: ("✖ ", "bad")}
_WAYS = {"up": "↑ ", "down": "↓ ", "side": "↔ "}

_READING = Text("Looking around", "関係を調べています")
_NOTHING = Text("Nothing else is known that has to do with it.", "ほかに関係するものは見つかりません。")
_STORY = Text("Follow a request", "リクエストをたどる")
_MORE = Text("… and {count} more", "…ほか{count}件")
_PARTIAL = Text("… only the first {count} were looked at", "…最初の{count}件だけを調べました")
_MISSING = Text("does not exist", "存在しません")
_OPEN = Text("go there", "移動")
_FOLD = Text("unfold", "開閉")


class RelationsTab(PageTab):
    """A tree that opens one level at a time, and above it the way of a request."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._list = PickList(id="page-relations")
        self._ref: ObjectRef | None = None
        self._obj: JsonObject | None = None
        self._tree: RelationTree | None = None
        self._story: list[Step] = []
        self._trouble: Text | None = None

    @property
    def widget(self) -> PickList:
        """The tree."""
        return self._list

    def show(self, state: ObjectState) -> None:
        """Read the relations anew when the object has changed, not more often than is good for the server."""
        if state.ref != self._ref:
            self._ref, self._obj, self._story, self._trouble = state.ref, None, [], None
            self._tree = None
            self._draw()
        if state.obj is not None and state.obj is not self._obj:
            pause = AGAIN_SECONDS if self._obj is not None else 0.0
            self._obj = state.obj
            self.page.work(partial(self._look, state.ref, state.obj, pause), "page-relations")

    async def _look(self, ref: ObjectRef, obj: JsonObject, pause: float) -> None:
        await asyncio.sleep(pause)
        session = self.page.session
        if self._tree is None:
            if not session.discovered:
                # Without an answer neighbours of kinds that are not in the book are missed.
                with suppress(ExplorerError):
                    await session.discover()
            self._tree = RelationTree(Related(session.client, session.kinds), ref)
        tree = self._tree
        await tree.grow(obj)
        self._draw()
        if ref.kind.kind in FOLLOWED and ref.kind.group in ("", "networking.k8s.io"):
            try:
                self._story = await RequestPath(session.client, session.kinds).follow(obj)
                self._trouble = None
            except ExplorerError as error:
                self._trouble = error.message
            self._draw()
        if await tree.probe():
            self._draw()

    def _draw(self) -> None:
        self._list.show(self._compose)

    def relabel(self) -> None:
        """Another language sets other words."""
        self._list.reset()

    # Actions

    def keys(self) -> Sequence[FootKey]:
        """What can be done here."""
        lang = self.page.base.lang
        return [FootKey("↵", _OPEN.get(lang), ""), FootKey("← →", _FOLD.get(lang), "")]

    def picked(self, key: str) -> None:
        """Go to the page of a neighbour."""
        branch = self._tree.branch(key) if self._tree is not None else None
        if branch is not None:
            self.page.go_to(branch.ref)

    def folded(self, key: str, *, fold: bool) -> None:
        """Show or hide the relations of a neighbour."""
        if self._tree is None:
            return
        if fold:
            self._list.key = self._tree.fold(key) or key
            self._draw()
        else:
            self.page.work(partial(self._unfold, self._tree, key), "page-unfold")

    async def _unfold(self, tree: RelationTree, key: str) -> None:
        await tree.unfold(key)
        self._draw()

    # Lines

    def _compose(self, cells: int, lang: Lang) -> Sequence[PickLine]:
        tree = self._tree
        if tree is None or tree.root.relations is None:
            return [PickLine((Span(f"◌ {_READING.get(lang)}", "busy"),))]
        lines = list(self._story_lines(cells, lang))
        for twig in tree.twigs():
            if twig.heading and twig.depth == 0 and lines:
                lines.append(PickLine(()))
            lines += twig_lines(twig, cells, lang)
        return lines or [PickLine(line) for line in wrap([Span(_NOTHING.get(lang), "quiet")], cells)]

    def _story_lines(self, cells: int, lang: Lang) -> Iterator[PickLine]:
        if not self._story and self._trouble is None:
            return
        yield PickLine((Span(_STORY.get(lang), "title"),))
        for step in self._story:
            mark, tone = _TURNS[step.turn]
            indent = "  " * (step.depth + 1)
            lead: Line = (Span(indent), Span(mark, tone))
            words = [Span(step.text.get(lang), "ink" if step.turn is not Turn.BROKEN else "bad")]
            for line in wrap(words, cells, first=lead, rest=(Span(indent + "  "),)):
                yield PickLine(line)
        if self._trouble is not None:
            for line in wrap([Span(self._trouble.get(lang), "quiet")], cells, first=(Span("  ⊘ ", "bad"),)):
                yield PickLine(line)


def twig_lines(twig: Twig, cells: int, lang: Lang) -> Iterator[PickLine]:
    """One line of the tree; a trouble may take several."""
    indent = "  " * twig.depth
    if twig.heading:
        yield PickLine((Span(indent), Span(_WAYS[twig.relation.way.value], "quiet"), *_heading(twig, lang)))
    elif twig.trouble is not None:
        words = [Span(twig.trouble.get(lang), "quiet")]
        lead: Line = (Span(indent), Span("⊘ ", "bad"))
        for line in wrap(words, cells, first=lead, rest=(Span(f"{indent}  "),)):
            yield PickLine(line)
    elif twig.branch is not None and twig.member is not None:
        yield PickLine(_member(twig, twig.branch, cells, lang), twig.key)


def _heading(twig: Twig, lang: Lang) -> Iterator[Span]:
    relation = twig.relation
    yield Span(relation.title.get(lang), "strong")
    if relation.members:
        yield Span(f"  {len(relation.members) + relation.more}", "quiet")
    if relation.more:
        yield Span(f"  {_MORE.format(count=relation.more).get(lang)}", "quiet")
    if relation.partial:
        yield Span(f"  {_PARTIAL.format(count=MOST_READ).get(lang)}", "warn")


def _member(twig: Twig, branch: Branch, cells: int, lang: Lang) -> Line:
    """Fold, category, kind, name, state; at the right the evidence."""
    ref = branch.ref
    sign = "◌ " if branch.reading else "▾ " if branch.open else "▸ "
    state = State(Mood.BAD, _MISSING.get(lang)) if branch.missing else _state(branch)
    left: Line = (
        Span("  " * twig.depth),
        Span(sign, "quiet"),
        Span(ref.kind.kind, catalog.place(ref.kind).category.slug.replace("_", "-")),
        Span(" "),
        Span(clean(ref.name), "ink"),
        Span(f"  {state.mood.value} " if state is not None else "", _TONES[state.mood] if state else "ink"),
        Span(state.word if state is not None else "", "quiet"),
    )
    assert twig.member is not None
    path, value = twig.member.evidence
    room = cells - line_width(left) - 3
    if not path or room < 12:
        return left
    told = f"{path}: {value}" if value != ref.name else path
    words = fit(told, min(width(told), room)).rstrip()
    return (*left, Span(" " * (cells - line_width(left) - width(words))), Span(words, "faint"))


def _state(branch: Branch) -> State | None:
    if branch.obj is None:
        return None
    state = state_of({**branch.obj, "kind": branch.ref.kind.kind})
    return state if state.word or state.mood is not Mood.DIM else None
