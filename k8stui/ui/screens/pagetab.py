"""What a tab of an object's page is, and what it may ask of its page."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from textual.widget import Widget

from k8stui.core.lang import Text
from k8stui.core.refs import ObjectRef
from k8stui.session.page import ObjectState
from k8stui.session.session import Session
from k8stui.ui.base import BaseApp, Work
from k8stui.ui.widgets.foot import FootKey


class Page(Protocol):
    """The page as its tabs know it."""

    session: Session

    @property
    def base(self) -> BaseApp:
        """The app."""

    @property
    def state(self) -> ObjectState:
        """The object that the page is about, as it is now."""

    def work(self, work: Work, group: str) -> None:
        """Do work as the only one of its group, until the page shows another object or closes."""

    def go_to(self, ref: ObjectRef, tab: str = "") -> None:
        """Show another object's page; Esc comes back to this one."""

    def ask(self, sign: str, value: str, hint: Text) -> None:
        """Open a line to type in; the tab's ``typed`` and ``answered`` hear of it."""

    def copy(self, text: str, shown: str = "") -> None:
        """Put a text into the clipboard, and say so; ``shown`` is said in place of a text that is secret."""

    def show_foot(self) -> None:
        """The tab's command or keys have changed."""


TICK_SECONDS = 10.0
"""How often ages are written anew."""


async def tick(draw: Callable[[], None]) -> None:
    """Draw again and again, since ages pass."""
    while True:
        await asyncio.sleep(TICK_SECONDS)
        draw()


class PageTab:
    """One tab. Made when it is first opened; ``show`` is called then, and at each change while it is open."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def widget(self) -> Widget:
        """What is shown; the same one every time."""
        raise NotImplementedError

    def show(self, state: ObjectState) -> None:
        """Show the object, which may be another one than before."""

    def close(self) -> None:
        """Another tab is open now, or another object is coming: what runs for this tab alone ends."""

    def relabel(self) -> None:
        """Draw everything anew in the current language."""

    def kubectl(self) -> str:
        """The kubectl command that shows the same."""
        return self.page.session.kubectl(self.page.state.ref)

    def keys(self) -> Sequence[FootKey]:
        """Keys of the tab's own that the foot shows first."""
        return ()

    def operate(self, operation: str) -> bool:
        """Run an action of the table in the tab's own way; False leaves it to the page."""
        return False

    def sense(self, operation: str) -> bool | None:
        """Whether an action makes sense now; None leaves it to the page."""
        return None

    def typed(self, text: str) -> None:
        """What is being typed in the line that the tab has opened."""

    def answered(self, text: str, *, entered: bool) -> None:
        """The line is closed, by Enter or by Esc."""

    def picked(self, key: str) -> None:
        """A line of the tab's list is meant."""

    def folded(self, key: str, *, fold: bool) -> None:
        """A line of the tab's list should fold, or unfold."""

    def escape(self) -> bool:
        """Esc: end a search or the like; False when there is nothing to end."""
        return False

    def follow(self, index: int) -> None:
        """A digit: follow the link of that index."""
