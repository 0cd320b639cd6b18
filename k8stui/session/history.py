"""Where the person has been: back, forward, and the last one, as a browser keeps it."""

from __future__ import annotations

from k8stui.session.model import View

LIMIT = 100
"""Views kept; the oldest go first."""


class History:
    """A line of views with a place in it."""

    def __init__(self) -> None:
        self._views: list[View] = []
        self._at = -1

    @property
    def current(self) -> View | None:
        """The view that is open."""
        return self._views[self._at] if self._views else None

    def visit(self, view: View) -> None:
        """Open a new view; what lay ahead is forgotten. The same view again is no new step."""
        if self.current == view:
            return
        self._views = [*self._views[: self._at + 1], view][-LIMIT:]
        self._at = len(self._views) - 1

    def amend(self, view: View) -> None:
        """Replace the current view in place: its cursor or filter has moved."""
        if self._views:
            self._views[self._at] = view

    def back(self) -> View | None:
        """One step back; None at the beginning."""
        return self._step(-1)

    def forward(self) -> View | None:
        """One step forward; None at the end."""
        return self._step(1)

    def _step(self, by: int) -> View | None:
        if not 0 <= self._at + by < len(self._views):
            return None
        self._at += by
        return self._views[self._at]

    def last(self) -> View | None:
        """The view before this one, which becomes a new step: pressing twice returns."""
        if self._at < 1:
            return None
        view = self._views[self._at - 1]
        self.visit(view)
        return view
