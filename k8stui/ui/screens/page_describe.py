"""The page's description: the object in words and figures, and beside it what belongs to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing, suppress
from functools import partial

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Lang, Text
from k8stui.core.objects import JsonObject
from k8stui.core.refs import ObjectRef
from k8stui.session.describe import describe
from k8stui.session.describe.beside import Beside, Reader
from k8stui.session.describe.model import Target
from k8stui.session.page import ObjectState
from k8stui.ui.prose import Line, Span
from k8stui.ui.screens.pagetab import Page, PageTab
from k8stui.ui.widgets.describe_lines import description_lines, targets
from k8stui.ui.widgets.foot import FootKey
from k8stui.ui.widgets.note_pane import FACTS_CELLS, LinesPane

AGAIN_SECONDS = 3.0
"""The least time between two readings of what stands beside the object, however often it changes."""
REST_SECONDS = 15.0
"""The time after which they are read again though the object has not changed."""

_GROUP = "page-describe"
_READING = Text("Reading", "読み込んでいます")
_FOLLOW = Text("go there", "リンク先へ")


class DescriptionPane(LinesPane):
    """Lines with links of which the tab knows where they lead."""

    def __init__(self, go: Callable[[int], None], *, id: str) -> None:
        super().__init__(id=id, most_cells=FACTS_CELLS)
        self._go = go

    def follow(self, index: int) -> None:
        """Follow the link of that index."""
        self._go(index)


class DescribeTab(PageTab):
    """Describes each version of the object at once, and again when its neighbours have answered."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._pane = DescriptionPane(self.follow, id="page-describe")
        self._ref: ObjectRef | None = None
        self._obj: JsonObject | None = None
        self._beside = Beside()
        self._targets: tuple[Target, ...] = ()
        self._changed = asyncio.Event()
        self._deleted = False
        self._done = False
        """Nothing is read any more: the object is gone."""

    @property
    def widget(self) -> DescriptionPane:
        """The description."""
        return self._pane

    def show(self, state: ObjectState) -> None:
        """Describe the object as it is now; the neighbours follow."""
        if state.ref != self._ref:
            self._ref, self._obj, self._beside = state.ref, None, Beside()
            self._targets = ()
            self._pane.show(_reading)
        self._deleted = state.deleted_at is not None
        if state.obj is None or state.obj is self._obj:
            return
        due = self._obj is None or self._done
        self._obj = state.obj
        self._draw()
        if due:
            self._done = False
            self.page.work(partial(self._look, state.ref), _GROUP)
        else:
            self._changed.set()

    async def _look(self, ref: ObjectRef) -> None:
        """Read the neighbours, and again when it has changed or after a rest; of a deleted one once."""
        session = self.page.session
        if not session.discovered:
            # Without an answer the built-in kinds will do.
            with suppress(ExplorerError):
                await session.discover()
        reader = Reader(session.client, session.kinds)
        while self._obj is not None:
            self._changed.clear()
            known = dict(self._beside.answers)
            filling = not known
            async with aclosing(reader.read(self._obj, ref.kind)) as answers:
                async for beside in answers:
                    known |= beside.answers
                    self._beside = Beside(dict(known))
                    if filling:
                        self._draw()
            self._draw()
            if self._deleted:
                self._done = True
                return
            await asyncio.sleep(AGAIN_SECONDS)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), REST_SECONDS - AGAIN_SECONDS)

    def _draw(self) -> None:
        if self._obj is None or self._ref is None:
            return
        found = describe(self._obj, self._ref.kind, self._beside, self.page.session.clock())
        self._targets = targets(found)
        self._pane.show(lambda cells, lang: description_lines(found, cells, lang), keep_place=True)

    def close(self) -> None:
        """Nothing is read for a description that is not seen."""
        self._obj = None
        self._pane.workers.cancel_group(self._pane.screen, _GROUP)

    def relabel(self) -> None:
        """Another language sets other words."""
        self._pane.reset()

    def keys(self) -> Sequence[FootKey]:
        """Digits lead to the neighbours."""
        return [FootKey("1-9", _FOLLOW.get(self.page.base.lang), "")]

    def follow(self, index: int) -> None:
        """Go to the page of the object that the link names, if the cluster has its kind."""
        if index >= len(self._targets):
            return
        to = self._targets[index]
        kinds = self.page.session.kinds
        kind = next((k for k in kinds if k.kind == to.kind and k.group == to.group), None)
        if kind is not None:
            self.page.go_to(ObjectRef(kind, to.namespace if kind.namespaced else "", to.name))


def _reading(cells: int, lang: Lang) -> list[Line]:
    return [(Span(f"◌ {_READING.get(lang)}", "busy"),)]
