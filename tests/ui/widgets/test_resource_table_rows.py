"""Rows that come, change, glow and go."""

from __future__ import annotations

import asyncio

import pytest
from textual.strip import Strip

from k8stui.ui.widgets.resource_table import ResourceTable
from tests.ui.widgets.table_app import NOW, pod
from tests.ui.widgets.table_driver import opened, pods


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
