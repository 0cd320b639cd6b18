"""From view to view: the history with its cursors, links, drilling down. No terminal needed."""

from __future__ import annotations

from dataclasses import replace

from k8stui.core.refs import Scope
from k8stui.core.rows import RowKey
from k8stui.session.commands import OpenKind
from k8stui.session.history import History
from k8stui.session.model import Link, View
from k8stui.session.session import Session


class Wayfinder:
    """Steps through the session's history; a view that is left keeps its cursor."""

    def __init__(self, session: Session) -> None:
        self._session = session

    @property
    def deep(self) -> bool:
        """Whether there is a view to go back to."""
        history = self._session.history
        if history.back() is None:
            return False
        history.forward()
        return True

    def begin(self, view: View) -> None:
        """Start a new history, as on another cluster."""
        self._session.history = History()
        self._session.history.visit(view)

    def go(self, view: View, cursor: RowKey | None) -> View:
        """A new step; ``cursor`` is the row that is left."""
        self._leave(cursor)
        self._session.history.visit(view)
        return view

    def amend(self, view: View) -> View:
        """The same step with another filter."""
        self._session.history.amend(view)
        return view

    def back(self, cursor: RowKey | None) -> View | None:
        """One step back; None at the beginning."""
        self._leave(cursor)
        return self._session.history.back()

    def forward(self, cursor: RowKey | None) -> View | None:
        """One step forward; None at the end."""
        self._leave(cursor)
        return self._session.history.forward()

    def last(self, cursor: RowKey | None) -> View | None:
        """The view before this one, as a new step."""
        self._leave(cursor)
        return self._session.history.last()

    def _leave(self, cursor: RowKey | None) -> None:
        current = self._session.history.current
        if current is not None and cursor is not None and current.cursor != cursor:
            self._session.history.amend(replace(current, cursor=cursor))

    def to_link(self, link: Link, now: View | None) -> View:
        """The view of a neighbour's kind, the cursor on the neighbour.

        Every namespace stays in view if it was; else it is the neighbour's.
        """
        scope = now.scope if now is not None else self._session.scope
        if link.namespace and not scope.everywhere and link.namespace not in scope.namespaces:
            scope = Scope.of(link.namespace)
        return View(link.kind, scope, cursor=(link.namespace, link.name) if link.name else None)

    def to_kind(self, command: OpenKind) -> View:
        """The view that a line of the command prompt asks for."""
        return View(
            command.kind,
            self._session.scope if command.scope is None else command.scope,
            label_selector=command.label_selector,
            filter=command.filter,
        )

    def elsewhere(self, view: View, scope: Scope) -> View:
        """The same kind in other namespaces."""
        return replace(view, scope=scope, cursor=None)
