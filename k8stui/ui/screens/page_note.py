"""The page's first tab: the note in full."""

from __future__ import annotations

from functools import partial

from k8stui.core.lang import Text
from k8stui.core.refs import ObjectRef
from k8stui.session.model import Explanation, Subject
from k8stui.session.page import ObjectState
from k8stui.ui.screens import explaining, subjects
from k8stui.ui.screens.pagetab import Page, PageTab
from k8stui.ui.widgets.foot import FootKey
from k8stui.ui.widgets.note_pane import FullNote

_FOLLOW = Text("go there", "リンク先へ")


class NoteTab(PageTab):
    """Explains the object, and again whenever it changes."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self._note = FullNote(lambda cells, lang: [], id="page-note")
        self._ref: ObjectRef | None = None

    @property
    def widget(self) -> FullNote:
        """The note."""
        return self._note

    def show(self, state: ObjectState) -> None:
        """The session follows the object for the note by itself."""
        if state.ref != self._ref:
            self._ref = state.ref
            self._explain()

    def _explain(self) -> None:
        if self._ref is not None:
            work = partial(explaining.explain, self.page.session, Subject(ref=self._ref), self._explained)
            self.page.work(work, "page-note")

    def _explained(self, explanation: Explanation) -> None:
        if explanation.deleted:
            explanation = subjects.with_end(explanation, self.page.session.clock())
        self._note.explain(explanation)

    def close(self) -> None:
        """Nothing is followed for a note that is not seen."""
        self._ref = None
        self._note.workers.cancel_group(self._note.screen, "page-note")

    def relabel(self) -> None:
        """Another language sets other words."""
        self._explain()

    def keys(self) -> list[FootKey]:
        """Digits lead to the neighbours."""
        return [FootKey("1-9", _FOLLOW.get(self.page.base.lang), "")]

    def follow(self, index: int) -> None:
        """Follow the link of that index."""
        self._note.follow(index)
