"""The explorer's parts and what joins them: views that are opened, rows that are explained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from k8stui.core.errors import ExplorerError
from k8stui.core.freshness import Freshness, Phase
from k8stui.core.lang import Text
from k8stui.core.refs import ObjectRef
from k8stui.session.model import Explanation, Subject, View
from k8stui.session.session import Session
from k8stui.ui.base import BaseScreen
from k8stui.ui.screens import explaining, subjects
from k8stui.ui.screens.desk import ClusterDesk
from k8stui.ui.screens.live import LiveView
from k8stui.ui.screens.wayfinding import Wayfinder
from k8stui.ui.widgets.category_tree import CategoryTree
from k8stui.ui.widgets.empty import EmptyState
from k8stui.ui.widgets.foot import Foot, FootMessage
from k8stui.ui.widgets.header import Banner
from k8stui.ui.widgets.note_pane import NotePane
from k8stui.ui.widgets.resource_table import ResourceTable

_LEFT_OUT = Text("A note is left out. {mistake}{more}", "読み込めないノートがあります。{mistake}{more}")
_MORE_MISTAKES = Text(" ({count} more mistakes)", "（ほかに{count}件）")
_COPIED = Text("Copied: {text}", "コピーしました: {text}")

if TYPE_CHECKING:
    from k8stui.ui.screens.drawer import NoteDrawer


class ExplorerParts(BaseScreen):
    """The panes, the open view and the note. Actions and prompts work on these."""

    def __init__(self, session: Session) -> None:
        super().__init__(classes="-tree")
        self.session = session
        self.tree_pane = CategoryTree(session.catalog, id="tree")
        self.table = ResourceTable(clock=session.clock, glow=session.settings.motion, id="table")
        self.empty = EmptyState(id="empty")
        self.note = NotePane(id="note")
        self.banner = Banner(session.clock, id="header")
        self.foot = Foot(id="foot")
        self.live = LiveView(session, self.table, self.empty, self.banner, self.tree_pane)
        self.live.on_settled = self.learn_purpose
        self.live.on_trouble = self._lost
        self.ways = Wayfinder(session)
        self.desk = ClusterDesk(session, self.banner, self.tree_pane, lambda error: self.base.report(error))
        self.desk.on_catalog = self._catalog_changed
        self.greeting = False
        """The note pane shows the greeting, until the first key."""
        self._subject: Subject | None = None
        self._told: set[Text] = set()
        """Mistakes in notes that the person knows of."""

    def tell(self, text: Text, *, error: bool = False) -> None:
        """Show a sentence in the foot line."""
        self.foot.tell(FootMessage(text, error))

    # Views

    def open_view(self, view: View) -> None:
        """Open a view as a new step of the history."""
        self.show_view(self.ways.go(view, self.table.cursor_key))

    def show_view(self, view: View) -> None:
        """Show a view that the history already stands at."""
        scope = self.session.scope
        if self.live.begin(view):
            self.work(partial(self.live.follow, view), "feed")
        if view.kind.namespaced and view.scope != scope:
            self.session.scope = view.scope
            self.tree_pane.forget_counts()
            self.desk.counts_wanted()
        self.tree_pane.reveal(view.kind, view.form)
        self.explain_cursor()
        self.show_foot()
        self.learn_purpose()

    def _catalog_changed(self) -> None:
        """The open view's kind may have gone, or come back after its feed had given up."""
        view, fresh = self.live.view, self.live.fresh
        self.live.show_state()
        if view is not None and fresh is not None and fresh.phase is Phase.FAILED:
            known = next((kind for kind in self.session.kinds if kind.name == view.kind.name), None)
            if known is not None:
                self.live.fresh = None
                self.show_view(self.ways.amend(replace(view, kind=known)))

    def _lost(self, fresh: Freshness) -> None:
        if fresh.message is not None:
            self.base.report(ExplorerError(fresh.message, fresh.hint))

    def learn_purpose(self) -> None:
        """Find what an empty kind is for, and whether its namespace is there, if that is due."""
        if self.live.purpose_wanted == self.roomy:
            self.live.purpose_wanted = not self.roomy
            self.live.show_state()
        if self.live.needs_purpose:
            self.work(self.live.learn_purpose, "purpose")
        if self.live.needs_namespace:
            self.work(self.live.look_for_namespace, "namespace")

    def show_foot(self) -> None:
        """Show the command and the keys of the pane in use."""

    def focus_rows(self) -> None:
        """Put the focus where the rows are."""
        (self.table if self.table.display else self.empty).focus()

    @property
    def roomy(self) -> bool:
        """Whether tree, table and note are all on the screen."""
        return self.has_class("-wide") or self.has_class("-normal")

    # Explaining

    @property
    def ref(self) -> ObjectRef | None:
        """The object under the table's cursor."""
        subject = subjects.of_row(self.live.view, self.table.cursor_key)
        return subject.ref if subject is not None else None

    def explain_cursor(self, *, anew: bool = False) -> None:
        """Explain what the cursor of the pane in use stands on, unless that is explained already.

        While the note is open in full it stays with its subject, also when the row has gone.
        """
        if self.greeting:
            return
        if self._drawer is not None:
            if anew and self._subject is not None:
                self._explain(self._subject)
            return
        subject = subjects.of_row(self.live.view, self.table.cursor_key)
        node = self.tree_pane.node
        if self.tree_pane.has_focus and node is not None:
            subject = subjects.of_node(node)
            if subject is None:
                self._subject = None
                self.workers.cancel_group(self, "explain")
                self.note.say(subjects.about(node))
                return
        if subject is not None and (anew or subject != self._subject):
            self._explain(subject)

    def _explain(self, subject: Subject) -> None:
        self._subject = subject
        self.work(partial(explaining.explain, self.session, subject, self._explained), "explain")

    def _tell_mistakes(self, mistakes: Sequence[Text]) -> None:
        new = [mistake for mistake in mistakes if mistake not in self._told]
        if new:
            self._told.update(new)
            more = _MORE_MISTAKES.format(count=len(new) - 1) if len(new) > 1 else Text("", "")
            self.base.tell(_LEFT_OUT.format(mistake=new[0], more=more), error=True)

    def _explained(self, explanation: Explanation) -> None:
        self._tell_mistakes(explanation.mistakes)
        if explanation.deleted:
            explanation = subjects.with_end(explanation, self.session.clock())
        explanation = subjects.with_denial(explanation, self.tree_pane.tallies.denied)
        self.note.explain(explanation)
        if self._drawer is not None:
            self._drawer.explain(explanation)

    @property
    def _drawer(self) -> NoteDrawer | None:
        """The note in full, when it is open."""
        if self.app.screen is self:
            return None
        from k8stui.ui.screens.drawer import NoteDrawer

        return self.app.screen if isinstance(self.app.screen, NoteDrawer) else None

    def stop_greeting(self) -> None:
        """Explain what is under the cursor from now on."""
        if self.greeting:
            self.greeting = False
            self.call_after_refresh(self.explain_cursor)

    def copy(self, text: str) -> None:
        """Put a text into the terminal's clipboard (OSC 52), and say so."""
        self.app.copy_to_clipboard(text)
        self.base.tell(_COPIED.format(text=text))
