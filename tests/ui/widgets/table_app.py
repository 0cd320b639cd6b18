"""An app with nothing but a table, and clocks that stand still until they are moved."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from textual.app import App, ComposeResult
from textual.message import Message

from k8stui.core.rows import Column, Row, RowDelta
from k8stui.ui.widgets.resource_table import ResourceTable

POD_COLUMNS = (
    Column("Name", format="name"),
    Column("Ready"),
    Column("Status"),
    Column("Restarts"),
    Column("Age"),
    Column("IP", priority=1),
    Column("Node", priority=1),
)
NOW = 1_800_000_000.0


def pod(
    name: str,
    status: str = "Running",
    *,
    ready: str = "1/1",
    restarts: str = "0",
    age: str = "5d",
    namespace: str = "shop",
    seen: float = NOW,
    created: float | None = None,
    marks: Iterable[str] = (),
) -> Row:
    cells = (name, ready, status, restarts, age, "10.0.0.1", "node-1")
    return Row((namespace, name), cells, seen, created, marks=frozenset(marks))


@dataclass
class Clock:
    now: float

    def __call__(self) -> float:
        return self.now


class TableApp(App[None]):
    """The table alone; what it tells is collected."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock(NOW)
        self.ticks = Clock(100.0)
        self.table = ResourceTable(clock=self.clock, monotonic=self.ticks)
        self.told: list[Message] = []

    def compose(self) -> ComposeResult:
        yield self.table

    def on_mount(self) -> None:
        self.table.focus()

    def on_resource_table_highlighted(self, message: ResourceTable.Highlighted) -> None:
        self.told.append(message)

    def on_resource_table_opened(self, message: ResourceTable.Opened) -> None:
        self.told.append(message)

    def on_resource_table_counts_changed(self, message: ResourceTable.CountsChanged) -> None:
        self.told.append(message)

    def on_resource_table_sort_requested(self, message: ResourceTable.SortRequested) -> None:
        self.told.append(message)

    def put(self, *rows: Row) -> None:
        self.table.apply(RowDelta(put=rows))

    def drop(self, *names: str, namespace: str = "shop") -> None:
        self.table.apply(RowDelta(drop=[(namespace, name) for name in names]))

    def screen_lines(self) -> list[str]:
        """What is on the screen, without the spaces at the ends."""
        return [strip.text.rstrip() for strip in self.screen._compositor.render_strips()]

    def pass_time(self, seconds: float) -> None:
        """Both clocks go on, and what waited for that happens."""
        self.clock.now += seconds
        self.ticks.now += seconds
        self.table.wake()
