"""Colours of the table in every theme, and without any."""

from __future__ import annotations

import pytest
from rich.color import Color

from k8stui.ui.theme import PALETTES, contrast, themes
from k8stui.ui.widgets.table_health import Health
from tests.ui.widgets.table_app import POD_COLUMNS, TableApp, pod

ENOUGH = 4.5


def code(color: Color | None) -> str:
    assert color is not None and color.triplet is not None
    return color.triplet.hex


@pytest.mark.parametrize("theme", PALETTES)
async def test_everything_can_be_read(theme: str) -> None:
    app = TableApp()
    for made in themes():
        app.register_theme(made)
    app.theme = theme
    async with app.run_test():
        palette = app.table._make_palette()
    for style in (
        palette.base,
        palette.header,
        palette.cursor,
        palette.cursor_blur,
        palette.gone,
        palette.stale,
    ):
        assert contrast(code(style.color), code(style.bgcolor)) >= ENOUGH
    for ground in (palette.base, *palette.glow):
        for tone in (palette.base, palette.finished, *palette.tones.values()):
            assert contrast(code(tone.color), code(ground.bgcolor)) >= ENOUGH
    assert len({code(palette.tones[tone].color) for tone in Health}) == len(Health)
    assert len({code(style.bgcolor) for style in (palette.base, palette.cursor, palette.cursor_blur)}) == 3


async def test_the_cursor_is_seen_without_colours_and_nothing_glows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = TableApp()
    async with app.run_test(size=(60, 8)) as pilot:
        app.table.set_columns(POD_COLUMNS, namespaced=False)
        app.put(pod("a"), pod("b"))
        await pilot.pause()
        cursor, other = (next(iter(app.table.render_line(y))).style for y in (1, 2))
        assert cursor is not None and cursor.reverse
        assert other is not None and not other.reverse
        app.put(pod("b", "Pending"))
        app.table.settle()
        after = next(iter(app.table.render_line(2))).style
        assert after is not None and after.bgcolor == other.bgcolor
        assert "◌ Pending" in app.table.render_line(2).text


async def test_a_theme_chosen_later_is_used() -> None:
    app = TableApp()
    for made in themes():
        app.register_theme(made)
    async with app.run_test(size=(60, 8)) as pilot:
        app.table.set_columns(POD_COLUMNS, namespaced=False)
        app.put(pod("a"), pod("b"))
        for theme in PALETTES:
            app.theme = theme
            await pilot.pause()
            style = next(iter(app.table.render_line(2))).style
            assert style is not None
            assert code(style.bgcolor) == PALETTES[theme].ground
