"""Drives the explorer by tasks: open pods, filter, read the header. What it is made of stays behind this."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from rich.cells import cell_len
from textual.geometry import Region
from textual.pilot import Pilot

from k8stui.session.commands import OpenKind
from k8stui.session.session import Session
from k8stui.ui.app import ExplorerApp, StartRequest
from k8stui.ui.screens.chooser import Chooser
from k8stui.ui.widgets.prompt import Prompt, PromptInput

DEADLINE = 30.0
"""Seconds after which what was waited for will not come any more."""


_KEYS = {
    "/": "slash",
    " ": "space",
    "-": "minus",
    ":": "colon",
    "!": "exclamation_mark",
    "=": "equals_sign",
    "@": "at",
    ".": "full_stop",
    ",": "comma",
    "~": "tilde",
}


def tail_of(tree: str, title: str) -> str:
    """The last word of the tree's line with a title: its count."""
    return next((line.rstrip(" │").split()[-1] for line in tree.split("\n") if title in line), "")


class Explorer:
    """One running explorer."""

    def __init__(self, app: ExplorerApp, pilot: Pilot[int]) -> None:
        self.app = app
        self._pilot = pilot
        self.session = app.session

    # Waiting

    async def until(self, reached: Callable[[], bool], what: str) -> None:
        """Wait for a state; fail with what is on the screen when it does not come."""
        end = time.monotonic() + DEADLINE
        while not reached():
            if self.app.faults:
                raise self.app.faults[0]
            if time.monotonic() > end:
                raise AssertionError(f"never {what}; the screen says:\n{self.text}")
            await asyncio.sleep(0.01)
            await self._pilot.pause(0)

    async def until_seen(self, *words: str) -> None:
        """Wait until all the words are on the screen."""
        await self.until(lambda: all(word in self.text for word in words), f"saw {words}")

    async def until_gone(self, word: str) -> None:
        """Wait until a word has left the screen."""
        await self.until(lambda: word not in self.text, f"lost {word}")

    async def until_rows(self, *names: str) -> None:
        """Wait until the table shows exactly these names, in any order."""
        await self.until(lambda: set(self.rows) == set(names), f"rows {names} (now {self.rows})")

    # Reading

    @property
    def lines(self) -> list[str]:
        """Every line of the screen."""
        return [
            "".join(segment.text for segment in strip)
            for strip in self.app.screen._compositor.render_strips()
        ]

    @property
    def text(self) -> str:
        """The whole screen."""
        return "\n".join(self.lines)

    @property
    def header(self) -> str:
        """The first line."""
        return self.lines[0]

    @property
    def foot(self) -> str:
        """The last line, or the lines of a message."""
        region = self.app.explorer.foot.region
        return "\n".join(self.lines[region.y : region.bottom])

    @property
    def kind(self) -> str:
        """The kind that is open."""
        view = self.app.explorer.live.view
        return view.kind.kind if view is not None else ""

    @property
    def rows(self) -> list[str]:
        """The names in the table, from top to bottom."""
        table = self.app.explorer.table
        return [entry.row.name for entry in table._model.view] if table.display else []

    @property
    def row(self) -> str:
        """The name under the table's cursor."""
        key = self.app.explorer.table.cursor_key
        return key[1] if key is not None else ""

    @property
    def note(self) -> str:
        """The note pane."""
        return self._block(self.app.explorer.note.region)

    @property
    def tree(self) -> str:
        """The tree."""
        return self._block(self.app.explorer.tree_pane.region)

    @property
    def place(self) -> str:
        """What stands in the table's place."""
        return self.app.explorer.empty.words() if self.app.explorer.empty.display else ""

    def _block(self, region: Region) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(
            "".join(segment.text for segment in strip.crop(region.x, region.right))
            for strip in strips[region.y : region.bottom]
        )

    @property
    def focus(self) -> str:
        """The id of the pane with the focus."""
        return (self.app.focused.id or "") if self.app.focused is not None else ""

    def regions(self) -> dict[str, Region]:
        """Where each pane is, of those that are seen."""
        explorer = self.app.explorer
        panes = {
            "header": explorer.banner,
            "tree": explorer.tree_pane,
            "table": explorer.table,
            "empty": explorer.empty,
            "note": explorer.note,
            "foot": explorer.foot,
        }
        return {name: pane.region for name, pane in panes.items() if pane.region.area and pane.display}

    # Doing

    async def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        await self._pilot.press(*keys)

    async def write(self, text: str) -> None:
        """Type a text."""
        await self.press(*(_KEYS.get(char, char) for char in text))

    async def go(self, line: str) -> None:
        """Type a line into the command prompt and run it."""
        await self.ask("colon")
        await self.write(line)
        await self.press("enter")

    async def ask(self, key: str) -> None:
        """Open a prompt and wait until it takes keys."""
        await self.press(key)
        await self.until(lambda: isinstance(self.app.focused, PromptInput), "a prompt")

    async def open(self, kind: str) -> None:
        """Go to a kind by name and wait until its view is open."""
        wanted = self.session.parse(kind)
        assert isinstance(wanted, OpenKind)
        await self.go(kind)
        await self.until(lambda: self.kind == wanted.kind.kind, f"opened {kind}")

    async def filter(self, text: str) -> None:
        """Narrow the rows, and keep the filter."""
        await self.ask("slash")
        await self.write(text)
        await self.press("enter")
        await self.until(lambda: not self.app.explorer.query(Prompt), "left the prompt")

    async def choose(self, text: str) -> None:
        """In an open list, type a text and take what is found first."""
        await self.until(lambda: isinstance(self.app.screen, Chooser), "a list to choose from")
        await self.write(text)
        await self.press("enter")
        await self.until(lambda: not isinstance(self.app.screen, Chooser), "left the list")

    async def focus_on(self, pane: str) -> None:
        """Go to a pane with Tab."""
        for _ in range(4):
            if self.focus == pane:
                return
            before = self.focus
            await self.press("tab")
            await self.until(lambda: self.focus != before, "moved on")  # noqa: B023  # waited for at once
        raise AssertionError(f"Tab never came to {pane}")

    async def click(self, x: int, y: int) -> None:
        """Click a cell of the screen."""
        await self._pilot.click(offset=(x, y))

    async def click_word(self, word: str) -> None:
        """Click a word where it first stands on the screen."""
        await self.until_seen(word)
        y, line = next((y, line) for y, line in enumerate(self.lines) if word in line)
        await self.click(cell_len(line[: line.index(word)]) + 1, y)

    async def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        await self._pilot.resize_terminal(width, height)
        await self._pilot.pause()


@asynccontextmanager
async def explorer(
    session: Session,
    log: Path,
    *,
    size: tuple[int, int] = (160, 48),
    kind: str = "pods",
    practice: bool = False,
) -> AsyncIterator[Explorer]:
    """Run the explorer without a terminal; a fault of ours fails the test."""
    app = ExplorerApp(session, StartRequest(kind, practice=practice), log=log / "k8stui.log")
    async with app.run_test(size=size) as pilot:
        yield Explorer(app, pilot)
        if app.faults:
            raise app.faults[0]
