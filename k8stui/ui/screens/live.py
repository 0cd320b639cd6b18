"""The open view: its feed, its freshness, and what stands in the table's place when there are no rows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing

from k8stui.core.errors import ExplorerError
from k8stui.core.freshness import Freshness, Phase
from k8stui.core.lang import Text
from k8stui.core.rows import RowDelta
from k8stui.session.missing import missing_namespace
from k8stui.session.model import Subject, View
from k8stui.session.session import Session
from k8stui.ui.screens import states
from k8stui.ui.widgets.category_tree import CategoryTree
from k8stui.ui.widgets.empty import EmptyState
from k8stui.ui.widgets.header import Banner
from k8stui.ui.widgets.resource_table import ResourceTable
from k8stui.ui.widgets.table_filter import TextFilter

_SETTLED = (Phase.LIVE, Phase.POLLING)


class LiveView:
    """Feeds the table, and tells header and tree what the feed says."""

    def __init__(
        self, session: Session, table: ResourceTable, empty: EmptyState, header: Banner, tree: CategoryTree
    ) -> None:
        self._session = session
        self._table = table
        self._empty = empty
        self._header = header
        self._tree = tree
        self.view: View | None = None
        """What the table shows; None before the first view."""
        self.fresh: Freshness | None = None
        self.problem: ExplorerError | None = None
        """Why no cluster could be opened."""
        self.stopped = False
        """The person cancelled connecting."""
        self.settled = asyncio.Event()
        """Set once a view has all its rows, or cannot have any: there is time for other questions now."""
        self._purpose = ""
        self._missing: tuple[Text, Text] | None = None
        self._looked = False
        self.purpose_wanted = False
        """Whether an empty pane should say what the kind is for: where no note stands beside it."""
        self.on_settled: Callable[[], None] = lambda: None
        """Called when the rows are complete."""
        self.on_trouble: Callable[[Freshness], None] = lambda fresh: None
        """Called when rows that stay on the screen have lost their server; nothing else would say why."""

    def begin(self, view: View) -> bool:
        """Make the widgets ready for a view; whether it needs a feed of its own."""
        old, self.view = self.view, view
        again = old is None or self.fresh is None or not old.same_rows(view)
        table = self._table
        if again:
            table.clear()
            if old is None or old.kind != view.kind:
                # Of events the latest matter most, and their names say nothing.
                table.sort_by("LAST SEEN" if view.kind.kind == "Event" else None)
            table.dimmed = False
            self.fresh = None
            self._purpose = ""
            self._missing, self._looked = None, False
        table.set_mark_filter(view.form.value if view.form is not None else None)
        self.filter(view.filter)
        if not again and view.cursor is not None:
            table.move_to(view.cursor)
        self._header.show(
            kind=view.kind,
            scope=view.scope if view.kind.namespaced else None,
            filter=view.filter or (f"-l {view.label_selector}" if view.label_selector else ""),
            freshness=self.fresh,
            stopped=False,
            shown=table.visible_count,
            total=table.total,
        )
        self.stopped = False
        self.problem = None
        self.show_state()
        return again

    def filter(self, text: str) -> None:
        """Narrow the rows by a text; an empty one shows all."""
        self._table.set_filter(TextFilter.parse(text))

    async def follow(self, view: View) -> None:
        """Feed the table until this is cancelled or the server has said its last word."""
        table = self._table
        wanted = view.cursor
        namespaced = view.kind.namespaced and len(view.scope.namespaces) != 1
        async with aclosing(self._session.feed(view)) as steps:
            async for step in steps:
                if isinstance(step, Freshness):
                    self._is(step)
                else:
                    if step.columns is not None:
                        table.set_columns(step.columns, namespaced=namespaced)
                    table.apply(step)
                    if wanted is not None and table.move_to(wanted):
                        wanted = None
                    self._rows_came(step)
                await asyncio.sleep(0)

    def _is(self, fresh: Freshness) -> None:
        before, self.fresh = self.fresh, fresh
        if fresh.phase in _SETTLED:
            self._table.live = True
            self._count_open_kind()
            self.on_settled()
        else:
            self._looked = False
        if fresh.phase in (*_SETTLED, Phase.DENIED, Phase.FAILED):
            self.settled.set()
        lost = fresh.phase in (Phase.RECONNECTING, Phase.DENIED, Phase.FAILED) and self._table.row_count > 0
        if self._table.dimmed != lost:
            self._table.dimmed = lost
        if lost and (before is None or before.phase is not fresh.phase):
            self.on_trouble(fresh)
        table = self._table
        self._header.show(freshness=fresh, stopped=False, shown=table.visible_count, total=table.total)
        if fresh.phase is Phase.DENIED and self.view is not None and fresh.current_at is None:
            self._tree.set_count(self.view.kind, None, denied=True)
        self.show_state()

    def _rows_came(self, delta: RowDelta) -> None:
        if self._table.live and (delta.put or delta.drop):
            self._count_open_kind()
        if self._table.display != (self._table.visible_count > 0):
            self.show_state()

    def _count_open_kind(self) -> None:
        view = self.view
        if view is not None and not view.label_selector:
            self._tree.set_count(view.kind, self._table.row_count)

    def forget(self) -> None:
        """Another cluster is open: no row of the old one stays."""
        self.view = self.fresh = None
        self._table.clear()

    def fail(self, error: ExplorerError) -> None:
        """No cluster could be opened."""
        self.problem = error
        self._header.show(stopped=True)
        self.settled.set()
        self.show_state()

    def stop(self) -> None:
        """The person cancelled connecting."""
        self.stopped = True
        self.fresh = None
        self._header.show(stopped=True, freshness=None)
        self.show_state()

    @property
    def waiting(self) -> bool:
        """Whether nothing has come yet and there is something to cancel."""
        fresh = self.fresh
        return (
            not self.stopped
            and self.problem is None
            and self._table.row_count == 0
            and (fresh is None or fresh.phase in (Phase.CONNECTING, Phase.SYNCING, Phase.RECONNECTING))
        )

    @property
    def troubled(self) -> bool:
        """Whether the open view gets nothing from its cluster."""
        return self.stopped or self.problem is not None or self.retrying

    @property
    def retrying(self) -> bool:
        """Whether the feed waits for its next attempt."""
        return self.fresh is not None and self.fresh.phase is Phase.RECONNECTING

    def show_state(self) -> None:
        """Show the table, or what there is to say in its place."""
        rows = self._table.visible_count > 0
        if not rows:
            self._show_empty()
        if self._table.display != rows:
            focus = self._table.has_focus or self._empty.has_focus
            self._table.display, self._empty.display = rows, not rows
            if focus:
                (self._table if rows else self._empty).focus()

    def _show_empty(self) -> None:
        view, fresh, show = self.view, self.fresh, self._empty.show
        purpose = self._purpose if self.purpose_wanted else ""
        if self.problem is not None:
            show(states.problem(self.problem))
        elif self.stopped:
            show(states.cancelled())
        elif view is None or fresh is None or fresh.phase is Phase.CONNECTING:
            show(states.connecting(self._session.info), moving=True)
        elif fresh.phase is Phase.DENIED:
            show(states.denied(view, fresh))
        elif fresh.phase in (Phase.FAILED, Phase.RECONNECTING) and not self._session.serves(view.kind):
            show(states.gone(view))
        elif fresh.phase is Phase.FAILED:
            show(states.failed(view, fresh))
        elif self._table.total > 0:
            show(states.nothing_matches(view, view.filter, self._table.total))
        elif fresh.phase is Phase.RECONNECTING:
            show(states.unreachable(fresh))
        elif fresh.phase is Phase.SYNCING:
            show(states.syncing(view), moving=True)
        elif self._table.row_count > 0:
            show(states.no_form(view, purpose))
        elif self._missing is not None:
            show(states.no_namespace(*self._missing))
        else:
            show(states.empty(view, purpose, fresh.only))

    @property
    def _bare(self) -> bool:
        """Whether the server has said that there is nothing."""
        fresh = self.fresh
        return self._table.total == 0 and fresh is not None and fresh.phase in _SETTLED

    @property
    def needs_purpose(self) -> bool:
        """Whether the pane would say what the kind is for, and does not know it yet."""
        return self.purpose_wanted and self._bare and not self._purpose

    @property
    def needs_namespace(self) -> bool:
        """Whether nothing is there, and nobody has asked yet whether the namespace is."""
        return self._bare and not self._looked

    async def look_for_namespace(self) -> None:
        """Find out whether the namespace exists, and say so when it does not."""
        view, self._looked = self.view, True
        missing = await missing_namespace(self._session, view) if view is not None else None
        if view is not None and self._still(view) and missing != self._missing:
            self._missing = missing
            self.show_state()

    def _still(self, view: View) -> bool:
        """Whether the rows of a view are the ones that are shown, filtered or not."""
        return self.view is not None and self.view.same_rows(view) and self.view.form == view.form

    async def learn_purpose(self) -> None:
        """Find out what the kind or form is for, and say it."""
        view = self.view
        if view is None:
            return
        subject = Subject(form=view.form) if view.form is not None else Subject(kind=view.kind)
        async with aclosing(self._session.explanations(subject)) as editions:
            async for edition in editions:
                if edition.notes and self._still(view):
                    self._purpose = edition.notes[-1].short
                    self.show_state()

    def relabel(self) -> None:
        """The language has changed."""
        self._purpose = ""
        self.show_state()
