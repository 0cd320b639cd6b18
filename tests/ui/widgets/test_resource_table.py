"""The table: what it draws, its keys, its filter and its columns."""

from __future__ import annotations

from k8stui.core.rows import Column, Row, RowDelta
from k8stui.ui.widgets.resource_table import ResourceTable
from tests.ui.widgets.table_app import NOW, POD_COLUMNS, TableApp, pod
from tests.ui.widgets.table_driver import opened, pods


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
