"""Drives one table, without an explorer around it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.style import Style
from textual.pilot import Pilot

from k8stui.core.rows import Row
from k8stui.ui.widgets.resource_table import TextFilter
from tests.ui.widgets.table_app import POD_COLUMNS, TableApp, pod


class Driver:
    """What a person does, and sees."""

    def __init__(self, app: TableApp, pilot: Pilot[None]) -> None:
        self.app, self.pilot, self.table = app, pilot, app.table

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.settled()

    async def settled(self) -> None:
        self.table.settle()
        await self.pilot.pause()

    async def passes(self, seconds: float) -> None:
        self.app.pass_time(seconds)
        await self.pilot.pause()

    def filter(self, words: str) -> None:
        self.table.set_filter(TextFilter.parse(words))

    @property
    def lines(self) -> list[str]:
        return self.app.screen_lines()

    def line_of(self, words: str) -> int:
        return next(y for y, line in enumerate(self.lines) if words in line)

    def styles(self, words: str) -> list[Style]:
        """The styles of the letters of some words on the screen."""
        for strip in self.app.screen._compositor.render_strips():
            if (at := strip.text.find(words)) >= 0:
                letters = [style or Style() for text, style, _ in strip for _ in text]
                return letters[at : at + len(words)]
        raise AssertionError(f"{words} is not on the screen")

    def told(self, kind: type) -> list[object]:
        return [message for message in self.app.told if isinstance(message, kind)]


@asynccontextmanager
async def opened(
    *rows: Row, size: tuple[int, int] = (80, 12), namespaced: bool = False
) -> AsyncIterator[Driver]:
    app = TableApp()
    async with app.run_test(size=size) as pilot:
        app.table.set_columns(POD_COLUMNS, namespaced=namespaced)
        app.put(*rows)
        driver = Driver(app, pilot)
        await driver.settled()
        yield driver


def pods(count: int) -> list[Row]:
    return [pod(f"pod-{i:03d}") for i in range(count)]
