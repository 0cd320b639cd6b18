from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from rich.style import Style
from textual.pilot import Pilot
from textual.strip import Strip

from k8stui.core.rows import Column, Row, RowDelta
from k8stui.ui.widgets.resource_table import ResourceTable, TextFilter
from tests.ui.widgets.table_app import NOW, POD_COLUMNS, TableApp, pod


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


async def test_rows_are_drawn_under_their_titles() -> None:
    async with opened(pod("api", "CrashLoopBackOff", ready="1/2", restarts="14"), pod("cart")) as driver:
        assert driver.lines[0].split() == ["NAME", "↑", "READY", "STATUS", "RESTARTS", "AGE"]
        assert driver.lines[1].split() == ["api", "1/2", "✖", "CrashLoopBackOff", "14", "5d"]
        assert driver.lines[2].split() == ["cart", "1/1", "●", "Running", "0", "5d"]
        assert driver.lines[3] == ""


async def test_rows_given_before_the_first_frame_are_drawn() -> None:
    app = TableApp()
    app.table.set_columns(POD_COLUMNS, namespaced=True)
    app.put(*pods(3))
    assert app.table.cursor_key == ("shop", "pod-000")
    assert app.table.move_to(("shop", "pod-002"))
    async with app.run_test(size=(80, 12)) as pilot:
        await pilot.pause()
        assert "pod-002" in app.screen_lines()[3]
        assert app.table.cursor_key == ("shop", "pod-002")


async def test_columns_of_a_delta_are_taken() -> None:
    async with opened() as driver:
        columns = (Column("Name", format="name"), Column("Size", "integer"))
        driver.table.apply(RowDelta(columns=columns, put=[Row(("", "a"), ("a", "7"), NOW)]))
        await driver.settled()
        assert driver.lines[0].split() == ["NAME", "↑", "SIZE"]


async def test_the_same_columns_again_change_nothing() -> None:
    async with opened(*pods(3), size=(50, 8)) as driver:
        driver.table.wide = True
        await driver.press("l")
        driver.table.set_columns(POD_COLUMNS, namespaced=False)
        await driver.settled()
        assert driver.table.layout_now.offset == 1


async def test_keys_move_the_cursor() -> None:
    async with opened(*pods(50)) as driver:
        steps = [("j", 1), ("down", 2), ("k", 1), ("up", 0), ("up", 0), ("pagedown", 10), ("ctrl+f", 20)]
        steps += [("ctrl+b", 10), ("pageup", 0), ("G", 49), ("j", 49), ("g", 0), ("end", 49), ("home", 0)]
        for key, place in steps:
            await driver.press(key)
            assert driver.table.cursor_key == ("shop", f"pod-{place:03d}"), key
            assert f"pod-{place:03d}" in "".join(driver.lines)


async def test_the_cursor_is_told_once_for_each_row() -> None:
    async with opened(*pods(5)) as driver:
        driver.app.told.clear()
        await driver.press("j")
        await driver.press("j")
        await driver.press("G")
        await driver.press("G")
        keys = [m.key for m in driver.app.told if isinstance(m, ResourceTable.Highlighted)]
        assert keys == [("shop", "pod-001"), ("shop", "pod-002"), ("shop", "pod-004")]


async def test_enter_and_a_double_click_open() -> None:
    async with opened(*pods(5)) as driver:
        await driver.press("j", "enter")
        await driver.pilot.double_click(ResourceTable, offset=(4, 4))
        keys = [m.key for m in driver.app.told if isinstance(m, ResourceTable.Opened)]
        assert keys == [("shop", "pod-001"), ("shop", "pod-003")]


async def test_a_click_moves_the_cursor_and_the_wheel_only_the_view() -> None:
    async with opened(*pods(50)) as driver:
        await driver.pilot.click(ResourceTable, offset=(4, 6))
        assert driver.table.cursor_key == ("shop", "pod-005")
        await driver.pilot._post_mouse_events([_wheel()], ResourceTable, offset=(4, 4))
        await driver.settled()
        assert driver.table.scroll_offset.y > 0
        assert driver.table.cursor_key == ("shop", "pod-005")


def _wheel() -> type:
    from textual.events import MouseScrollDown

    return MouseScrollDown


async def test_a_click_on_a_title_sorts_and_again_reverses() -> None:
    async with opened(pod("a", restarts="9"), pod("b", restarts="10")) as driver:
        at = driver.lines[0].index("RESTARTS")
        await driver.pilot.click(ResourceTable, offset=(at, 0))
        assert driver.table.sort_state == ("RESTARTS", False)
        assert "RESTARTS ↑" in driver.lines[0]
        await driver.pilot.click(ResourceTable, offset=(at, 0))
        await driver.settled()
        assert "RESTARTS ↓" in driver.lines[0]
        assert "b" in driver.lines[1]
        told = [m for m in driver.app.told if isinstance(m, ResourceTable.SortRequested)]
        assert [(m.column, m.reverse) for m in told] == [("RESTARTS", False), ("RESTARTS", True)]


async def test_rows_that_come_above_do_not_move_the_cursor() -> None:
    async with opened(*pods(50)) as driver:
        await driver.press("pagedown", "pagedown", "k")
        before = driver.line_of("pod-019")
        driver.app.put(*(pod(f"a-{i}") for i in range(7)))
        driver.app.drop("pod-000")
        await driver.settled()
        assert driver.table.cursor_key == ("shop", "pod-019")
        assert driver.line_of("pod-019") == before


async def test_a_view_without_the_cursor_stays_too() -> None:
    async with opened(*pods(50)) as driver:
        await driver.press("j")
        driver.table.scroll_to(y=20, animate=False)
        await driver.settled()
        driver.app.put(*(pod(f"a-{i}") for i in range(7)))
        await driver.settled()
        assert driver.line_of("pod-020") == 1


async def test_an_untouched_cursor_stays_on_the_first_row_until_the_list_is_complete() -> None:
    async with opened(pod("m")) as driver:
        driver.app.put(pod("b"))
        assert driver.table.cursor_key == ("shop", "b")
        driver.table.live = True
        driver.app.put(pod("a"))
        await driver.settled()
        assert driver.table.cursor_key == ("shop", "b")


async def test_a_deleted_row_is_struck_through_then_goes_and_its_neighbour_takes_the_cursor() -> None:
    async with opened(*pods(4)) as driver:
        await driver.press("j")
        driver.app.drop("pod-001", "pod-003")
        await driver.settled()
        assert driver.table.visible_count == 2
        assert all(style.strike for style in driver.styles("pod-003"))
        assert not any(style.strike for style in driver.styles("pod-002"))
        assert driver.table.cursor_key == ("shop", "pod-001")
        await driver.press("enter")
        assert driver.told(ResourceTable.Opened) == []
        driver.app.told.clear()
        await driver.passes(1.9)
        assert "pod-003" in "".join(driver.lines)
        await driver.passes(0.2)
        assert "pod-003" not in "".join(driver.lines)
        assert driver.table.cursor_key == ("shop", "pod-002")
        assert [m.key for m in driver.app.told if isinstance(m, ResourceTable.Highlighted)] == [
            ("shop", "pod-002")
        ]


async def test_rows_out_of_view_go_at_once() -> None:
    async with opened(*pods(50)) as driver:
        driver.app.drop("pod-040")
        assert len(driver.table._model.view) == 49


async def test_a_row_that_comes_back_is_told_again() -> None:
    async with opened(*pods(2)) as driver:
        await driver.press("j")
        driver.app.drop("pod-001")
        await driver.settled()
        driver.app.told.clear()
        driver.app.put(pod("pod-001", "Pending"))
        await driver.settled()
        assert [m.key for m in driver.app.told if isinstance(m, ResourceTable.Highlighted)] == [
            ("shop", "pod-001")
        ]
        await driver.passes(5)
        assert "Pending" in driver.lines[2]


async def test_a_changed_row_glows_and_fades() -> None:
    async with opened(*pods(4)) as driver:
        plain = driver.styles("pod-002")[0].bgcolor
        driver.app.put(pod("pod-002", "Pending"), pod("pod-003", age="6d"))
        await driver.settled()
        shades = [driver.styles("pod-002")[0].bgcolor]
        assert driver.styles("pod-003")[0].bgcolor == plain
        for _ in range(4):
            await driver.passes(0.25)
            shades.append(driver.styles("pod-002")[0].bgcolor)
        assert len(set(shades)) == 5
        assert shades[-1] == plain


async def test_new_rows_glow_only_when_the_list_is_complete() -> None:
    async with opened(*pods(2)) as driver:
        driver.app.put(pod("quiet"))
        await driver.settled()
        driver.table.live = True
        driver.app.put(pod("late"))
        await driver.settled()
        assert driver.styles("quiet")[0].bgcolor != driver.styles("late")[0].bgcolor
        assert driver.styles("quiet")[0].bgcolor == driver.styles("pod-001")[0].bgcolor


@pytest.mark.parametrize("why", ["setting", "animations"])
async def test_nothing_glows_when_that_is_not_wanted(why: str) -> None:
    async with opened(*pods(3)) as driver:
        if why == "setting":
            driver.table.glow = False
        else:
            driver.app.animation_level = "none"
        driver.app.put(pod("pod-002", "Pending"))
        await driver.settled()
        assert driver.styles("pod-002")[0].bgcolor == driver.styles("pod-001")[0].bgcolor


async def test_ages_tick_on_the_screen() -> None:
    rows = [
        pod("a", age="5m", restarts="3 (9m ago)"),
        pod("b", age="<unknown>"),
        pod("c", created=NOW - 86_400, age="24h"),
    ]
    async with opened(*rows) as driver:
        await driver.passes(61)
        assert driver.lines[1].split()[-4:] == ["3", "(10m", "ago)", "6m1s"]
        assert driver.lines[2].split()[-1] == "<unknown>"
        await driver.passes(86_400)
        assert driver.lines[3].split()[-1] == "2d"


async def test_only_lines_that_changed_are_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with opened(*pods(50), size=(80, 30)) as driver:
        drawn: list[int] = []
        real = ResourceTable.render_line

        def render_line(table: ResourceTable, y: int) -> Strip:
            drawn.append(y)
            return real(table, y)

        monkeypatch.setattr(ResourceTable, "render_line", render_line)
        driver.app.put(pod("pod-003", "Pending"), pod("pod-045", "Pending"))
        await driver.settled()
        assert set(drawn) == {4}
        drawn.clear()
        await driver.press("j")
        assert set(drawn) == {1, 2}
        drawn.clear()
        driver.app.put(*pods(3))  # the same again
        await driver.settled()
        assert drawn == []


async def test_idle_table_has_nothing_to_wake_for_soon() -> None:
    async with opened(*pods(50)) as driver:
        alarm = driver.table._alarm
        assert alarm is None or alarm._interval >= 3_600


async def test_a_burst_is_painted_at_once_and_then_at_intervals() -> None:
    async with opened(*pods(3)) as driver:
        driver.app.ticks.now += 1
        driver.app.put(pod("pod-000", "Pending"))
        assert driver.table._settle_timer is None
        driver.app.put(pod("pod-001", "Pending"))
        driver.app.put(pod("pod-002", "Pending"))
        assert driver.table._settle_timer is not None
        async with asyncio.timeout(5):
            while "Pending" not in driver.lines[3]:
                await driver.pilot.pause(0.01)


async def test_filter_shows_what_it_found_and_counts() -> None:
    async with opened(*pods(30)) as driver:
        driver.app.told.clear()
        driver.filter("POD-01")
        await driver.settled()
        assert driver.table.visible_count == 10
        assert [style.underline for style in driver.styles("pod-015")] == [True] * 6 + [None]
        counts = [m for m in driver.app.told if isinstance(m, ResourceTable.CountsChanged)]
        assert [(m.shown, m.total) for m in counts] == [(10, 30)]


async def test_a_filter_that_hides_everything_and_back() -> None:
    async with opened(*pods(30)) as driver:
        await driver.press("j")
        driver.filter("nothing")
        await driver.settled()
        assert (driver.table.cursor_key, driver.table.cursor_row) == (None, None)
        assert (driver.table.visible_count, driver.table.total) == (0, 30)
        assert driver.lines[1:] == [""] * 11
        driver.table.set_filter(None)
        await driver.settled()
        assert driver.table.cursor_key is not None


async def test_marks_choose_rows() -> None:
    async with opened(pod("a", marks=["NodePort"]), pod("b")) as driver:
        driver.table.set_mark_filter("NodePort")
        await driver.settled()
        assert driver.table.mark_filter == "NodePort"
        assert (driver.table.visible_count, driver.table.total, driver.table.row_count) == (1, 1, 2)


async def test_clear_takes_everything_but_the_columns() -> None:
    async with opened(*pods(30)) as driver:
        await driver.press("G")
        driver.table.clear()
        await driver.settled()
        assert driver.table.cursor_key is None
        assert driver.lines[0].split()[:2] == ["NAME", "↑"]
        driver.app.put(*pods(30))
        await driver.settled()
        assert driver.table.cursor_key == ("shop", "pod-000")
        assert "pod-000" in driver.lines[1]


async def test_sideways_the_name_stays() -> None:
    async with opened(*pods(3), size=(50, 8)) as driver:
        driver.table.wide = True
        await driver.settled()
        assert driver.lines[0].endswith("›")
        await driver.press("l", "right", "l", "l", "l", "l")
        assert driver.lines[0].startswith("‹NAME")
        assert "NODE" in driver.lines[0]
        assert "READY" not in driver.lines[0]
        assert "node-1" in driver.lines[1]
        await driver.press("h", "left", "h", "h", "h")
        assert "READY" in driver.lines[0]


async def test_sideways_keys_are_free_where_there_is_nothing_to_scroll_to() -> None:
    async with opened(*pods(3), size=(120, 8)) as driver:
        assert driver.table.check_action("sideways", (1,)) is False
        assert driver.table.check_action("sideways", (-1,)) is False
        assert driver.table.check_action("move", (1,)) is True


async def test_dimmed_rows_stand_back_and_stay() -> None:
    async with opened(pod("a", "Failed"), pod("b", "Failed")) as driver:
        before = driver.styles("✖")
        driver.table.dimmed = True
        await driver.settled()
        after = [style.color for style in driver.styles("b    ")]
        assert "Failed" in driver.lines[2]
        assert before[0].color not in after
        driver.table.dimmed = False
        await driver.settled()
        assert driver.styles("b    ")[0].color != after[0]


async def test_a_smaller_screen_keeps_the_cursor_in_view() -> None:
    async with opened(*pods(50), size=(80, 30)) as driver:
        await driver.press(*["j"] * 25)
        await driver.pilot.resize_terminal(60, 10)
        await driver.settled()
        assert "pod-025" in "".join(driver.lines)


async def test_markup_and_wide_characters_are_data() -> None:
    async with opened(pod("[bold]a[/]", "[red]x"), pod("日本語の名前"), pod("zz"), namespaced=True) as driver:
        assert "[bold]a[/]" in driver.lines[1]
        assert "[red]x" in driver.lines[1]
        strip = driver.app.screen._compositor.render_strips()[3]
        assert strip.cell_length == 80
        assert strip.text.index("1/1") == driver.lines[0].index("READY") - 6


async def test_keys_can_be_remapped() -> None:
    async with opened(*pods(5)) as driver:
        driver.app.set_keymap({"table.down": "x"})
        await driver.press("x", "j")
        assert driver.table.cursor_key == ("shop", "pod-001")


async def test_a_table_that_was_hidden_while_rows_came_shows_them() -> None:
    async with opened() as driver:
        driver.table.display = False
        await driver.pilot.pause()
        driver.app.put(*pods(30))
        await driver.settled()
        driver.table.display = True
        await driver.pilot.pause()
        await driver.settled()
        assert driver.lines[0].split()[:3] == ["NAME", "↑", "READY"]
        assert "pod-010" in driver.lines[11]
        driver.table.focus()
        await driver.press("G")
        assert "pod-029" in driver.lines[11]


async def test_rows_deleted_while_the_table_is_hidden_go_at_once() -> None:
    async with opened(*pods(3)) as driver:
        driver.app.drop("pod-000")
        driver.table.display = False
        await driver.pilot.pause()
        driver.app.drop("pod-001")
        await driver.settled()
        assert driver.table.cursor_key == ("shop", "pod-002")
        assert driver.table.move_to(("shop", "pod-002"))
        driver.table.display = True
        await driver.pilot.pause()
        await driver.settled()
        assert [line.split()[:1] for line in driver.lines[1:4]] == [["pod-002"], [], []]
