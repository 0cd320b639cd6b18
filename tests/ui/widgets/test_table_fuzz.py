"""The table against a naive one, through thousands of random steps."""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot
from textual.strip import Strip

from k8stui.core.rows import Column, Row, RowDelta, RowKey
from k8stui.core.units import parse_age
from k8stui.ui.widgets.table_filter import TextFilter
from tests.ui.widgets.table_app import NOW, TableApp

SEEDS = range(int(os.environ.get("K8STUI_FUZZ_SEEDS", "3")))
STEPS = int(os.environ.get("K8STUI_FUZZ_STEPS", "80"))

COLUMNS = (
    Column("Name", format="name"),
    Column("Ready"),
    Column("Status"),
    Column("Count", type="integer"),
    Column("Age"),
    Column("メモ", priority=1),
)
NOTES = [
    "", "日本語", "ポッド", "a", "👨‍👩‍👧‍👦", "❤️", "e\u0301", "ｶﾞ", "長い長い長い長い名前", "x" * 70,
    "\u200d", "\u200dx", "x\u200d", "❤️\u200d", "\ufe0f", "[red]", "\u0301", "👍🏽 ok", "🇯🇵",
    "a\u200d\u200d b", "日本語" * 30, "\u200d \u200d", "ok\u200d\u0301",
]  # fmt: skip
STATES = ["Running", "CrashLoopBackOff", "Completed", "Pending", "Terminating", "Init:0/1", "失敗", ""]
FILTERS = [None, "n1", "!n1", "~n3", "run.*", "日本", "(", "n", "n2", "running", "/^n1$|5/", "e", "xx"]
Oracle = dict[RowKey, Row]


def random_row(rng: random.Random) -> Row:
    name = f"n{rng.randrange(90)}"
    cells = (
        name if rng.random() < 0.8 else name + rng.choice(NOTES),
        f"{rng.randrange(3)}/{rng.randrange(1, 3)}",
        rng.choice(STATES),
        rng.choice(["<none>", str(rng.randrange(12)), str(rng.randrange(12))]),
        rng.choice([f"{rng.randrange(1, 60)}m", f"{rng.randrange(1, 100)}d", "<unknown>", "3s"]),
        rng.choice(NOTES),
    )
    marks = frozenset(mark for mark in ("A", "B") if rng.random() < 0.5)
    return Row((rng.choice(["", "ns1", "名前"]), name), cells, NOW, None, marks=marks)


def naive_value(title: str | None, row: Row) -> float | str | None:
    if title == "COUNT":
        return None if row.cells[3] == "<none>" else float(row.cells[3])
    if title == "READY":
        part, whole = row.cells[1].split("/")
        return int(part) / int(whole)
    if title == "AGE":
        age = parse_age(row.cells[4])
        return None if age is None else float(age)
    if title == "STATUS":
        return row.cells[2].casefold() or None
    return row.cells[0].casefold()


def naive_order(rows: list[Row], title: str | None, reverse: bool) -> list[RowKey]:
    if title is None:
        return sorted((row.key for row in rows), reverse=reverse)
    rows = sorted(rows, key=lambda row: row.key)
    valued = [(value, row) for row in rows if (value := naive_value(title, row)) is not None]
    second: Callable[[Row], float] = lambda row: float(row.cells[1][2:]) if title == "READY" else 0.0  # noqa: E731
    valued.sort(key=lambda pair: (pair[0], second(pair[1])), reverse=reverse)
    return [row.key for _, row in valued] + [row.key for row in rows if naive_value(title, row) is None]


def naive_passes(row: Row, text: TextFilter | None, mark: str | None) -> bool:
    if mark is not None and mark not in row.marks:
        return False
    if text is None:
        return True
    cells = [row.key[0], *row.cells[:4], row.cells[5]]
    return text.matches(row.key, "\n".join(cells).lower())


def looks(strip: Strip) -> list[tuple[str, object]]:
    """Every character with its colours and the lines through and under it."""
    return [
        (char, style and (style.color, style.bgcolor, style.strike, style.bold, style.underline))
        for text, style, _ in strip
        for char in text
    ]


class Fuzz:
    def __init__(self, app: TableApp, pilot: Pilot[None], seed: int) -> None:
        self.app = app
        self.pilot = pilot
        self.table = app.table
        self.rng = random.Random(seed)
        self.oracle: Oracle = {}
        self.sort: tuple[str | None, bool] = (None, False)
        self.text: TextFilter | None = None
        self.mark: str | None = None

    def change_rows(self) -> None:
        rng = self.rng
        many = rng.choice([1, 1, 3, 10, 60])
        put = [random_row(rng) for _ in range(rng.randrange(many + 1))]
        known = list(self.oracle)
        drop = rng.sample(known, min(len(known), rng.randrange(many + 1))) if rng.random() < 0.6 else []
        if rng.random() < 0.3 and put:
            drop.append(put[0].key)
        before, touched = self.table.cursor_key, self.table._touched
        self.table.apply(RowDelta(put=put, drop=drop))
        for row in put:
            self.oracle[row.key] = row
        for key in drop:
            self.oracle.pop(key, None)
        if before is not None and touched and before in self.expected():
            assert self.table.cursor_key == before

    def look_differently(self) -> None:
        rng = self.rng
        choice = rng.randrange(6)
        if choice == 0:
            self.sort = (rng.choice([None, "NAME", "READY", "STATUS", "COUNT", "AGE"]), rng.random() < 0.5)
            self.table.sort_by(*self.sort)
        elif choice == 1:
            words = rng.choice(FILTERS)
            self.text = TextFilter.parse(words) if words else None
            self.table.set_filter(self.text)
        elif choice == 2:
            self.mark = rng.choice([None, "A", "B"])
            self.table.set_mark_filter(self.mark)
        elif choice == 3:
            self.table.wide = not self.table.wide
        elif choice == 4:
            self.table.dimmed = not self.table.dimmed
        else:
            self.app.pass_time(rng.choice([0.3, 1.0, 5.0, 90.0]))

    async def act(self) -> None:
        rng = self.rng
        keys = ["j", "k", "pagedown", "pageup", "g", "G", "l", "h", "left", "right"]
        if rng.random() < 0.8:
            await self.pilot.press(*rng.choices(keys, k=rng.randrange(1, 3)))
        elif rng.random() < 0.5:
            self.table.scroll_to(y=rng.randrange(100), animate=False)
        else:
            await self.pilot.resize_terminal(rng.randrange(12, 100), rng.randrange(3, 20))

    def expected(self) -> list[RowKey]:
        rows = [row for row in self.oracle.values() if naive_passes(row, self.text, self.mark)]
        return naive_order(rows, *self.sort)

    async def check(self) -> None:
        table = self.table
        table.settle()
        await self.pilot.pause()
        expected = self.expected()
        assert [e.row.key for e in table._model.view if not e.gone] == expected
        assert [e.row for e in table._model.view if not e.gone] == [self.oracle[key] for key in expected]
        assert table.visible_count == len(expected)
        assert table.row_count == len(self.oracle)
        assert table.total == sum(naive_passes(row, None, self.mark) for row in self.oracle.values())
        view = [e.row.key for e in table._model.view]
        assert (table.cursor_key in view) if view else table.cursor_key is None
        assert table.virtual_size.height == len(view) + 1
        self.check_screen()

    def check_screen(self) -> None:
        table = self.table
        room, width = table.scrollable_content_region.width, table.size.width
        painted = self.app.screen._compositor.render_strips()
        for y in range(table.scrollable_content_region.height):
            strip = table.render_line(y)
            assert strip.cell_length == width
            assert sum(cell_len(segment.text) for segment in strip) == width, repr(strip.text)
            assert cell_len(strip.text) == width, repr(strip.text)
            assert painted[y].crop(0, room).text == strip.crop(0, room).text, f"line {y} is stale"
            assert looks(painted[y].crop(0, room)) == looks(strip.crop(0, room)), f"line {y} looks old"


@pytest.mark.parametrize("seed", SEEDS)
async def test_table_agrees_with_a_naive_one(seed: int) -> None:
    app = TableApp()
    async with app.run_test(size=(50, 16)) as pilot:
        app.table.set_columns(COLUMNS, namespaced=seed % 2 == 0)
        fuzz = Fuzz(app, pilot, seed)
        fuzz.table.live = seed % 3 == 0
        if not app.table._model.namespaced:
            app.table._model.namespaced = True  # the naive filter searches the namespace, too
        for _ in range(STEPS):
            for _ in range(fuzz.rng.randrange(3)):
                fuzz.change_rows()
            if fuzz.rng.random() < 0.4:
                fuzz.look_differently()
            if fuzz.rng.random() < 0.5:
                await fuzz.act()
            if fuzz.rng.random() < 0.6:
                await fuzz.check()
