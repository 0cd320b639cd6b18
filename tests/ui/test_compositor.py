"""Only what is seen of a change is drawn, and it looks as Textual would have drawn it."""

from __future__ import annotations

import itertools
import random
import re
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from textual._compositor import Compositor
from textual.geometry import Region
from textual.widget import Widget

from k8stui.practice.cluster import practice_cluster
from k8stui.ui.compositor import FrontCompositor
from k8stui.ui.screens.drawer import HelpDrawer
from k8stui.ui.screens.page import PageScreen
from k8stui.ui.screens.palette import Palette
from k8stui.ui.widgets.prompt import Prompt
from k8stui.ui.widgets.yaml_view import YamlView
from tests.driver import Explorer, explorer
from tests.e2e.house import session_of
from tests.ui.fakes import SHOP_PODS, fake_session, shop
from tests.ui.pages import opened, page

SIZE = (160, 48)
_IDLE_MOVE = re.compile(r"\x1b\[\d+;\d+H(?=\x1b\[\d+;\d+H|\n|$)")
PLACES: dict[str, type[Widget] | None] = {
    "": None,
    "question_mark": HelpDrawer,
    "ctrl+p": Palette,
    "enter": PageScreen,
    "d": PageScreen,
    "colon": Prompt,
    "slash": Prompt,
}
"""Keys, and the screen or widget that each opens; without one the table stays."""


def sent(update: Any) -> str:
    """What goes to the terminal; moves to where nothing is written left out."""
    console = Console(color_system="truecolor", force_terminal=True, legacy_windows=False)
    return _IDLE_MOVE.sub("", update.render_segments(console))


def compositor(it: Explorer) -> FrontCompositor:
    """That of the screen on top."""
    found = it.app.screen._compositor
    assert isinstance(found, FrontCompositor)
    return found


def as_textual_does(front: FrontCompositor) -> Compositor:
    """Textual's own, with the same widgets in the same places."""
    plain = Compositor()
    plain.__dict__.update({name: value for name, value in vars(front).items() if name != "_changes"})
    plain._dirty_regions = set()
    return plain


def some_region(chance: random.Random, size: tuple[int, int]) -> Region:
    """A part of the screen."""
    x, y = chance.randrange(size[0]), chance.randrange(size[1])
    part = Region(x, y, chance.randint(1, size[0] // 2), chance.choice((1, 1, 2, size[1] // 2)))
    return part.intersection(Region(0, 0, *size))


@pytest.mark.parametrize("key", PLACES)
@pytest.mark.parametrize("size", [SIZE, (80, 24)], ids=str)
async def test_changes_look_as_textual_draws_them(tmp_path: Path, size: tuple[int, int], key: str) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path, size=size) as it:
        await it.until_rows(*SHOP_PODS)
        place = PLACES[key]
        if place is not None:
            await it.press(key)
            await it.until(lambda: isinstance(it.app.screen, place) or bool(it.app.screen.query(place)), key)
        front, chance = compositor(it), random.Random(1)
        for _ in range(40):
            regions = {some_region(chance, size) for _ in range(chance.randint(1, 4))}
            regions |= {
                region.intersection(clip)
                for region, clip in chance.sample(list(front.visible_widgets.values()), 1)
            }
            plain = as_textual_does(front)
            front._dirty_regions, plain._dirty_regions = set(regions), set(regions)
            assert sent(front.render_partial_update()) == sent(plain.render_partial_update()), regions


@pytest.fixture
def paints(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, int]]:
    """How many lines each widget, by its id or class, has drawn for each change of the screen."""
    found: list[dict[str, int]] = []
    part, renders = FrontCompositor.render_partial_update, FrontCompositor._get_renders

    def painted(self: FrontCompositor) -> Any:
        found.append({})
        return part(self)

    def drawn(self: FrontCompositor, crop: Region | None = None) -> Any:
        names = {
            region: widget.id or type(widget).__name__ for widget, (region, _) in self.visible_widgets.items()
        }
        for region, clip, strips in renders(self, crop):
            if found:
                found[-1][names[region]] = len(strips)
            yield region, clip, strips

    monkeypatch.setattr(FrontCompositor, "render_partial_update", painted)
    monkeypatch.setattr(FrontCompositor, "_get_renders", drawn)
    return found


async def test_a_moved_cursor_draws_two_lines(tmp_path: Path, paints: list[dict[str, int]]) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path, size=SIZE) as it:
        await it.until_rows(*SHOP_PODS)
        await it.until(lambda: it.focus == "table", "in the table")
        ways = itertools.cycle((1, -1))

        def moved() -> bool:
            it.app.explorer.table.action_move(next(ways))
            return {"table": 2} in paints

        await it.until(moved, "the line that was left and the one reached")


async def test_a_scrolled_line_draws_the_yaml_alone(tmp_path: Path, paints: list[dict[str, int]]) -> None:
    async with (
        practice_cluster(moving=False, seeded=False, random_seed=7) as cluster,
        explorer(session_of(cluster.kubeconfig), tmp_path, size=(160, 20), kind="namespaces") as it,
    ):
        await opened(it, "y")
        await it.until_seen("apiVersion: v1", "kind: Namespace")
        view = page(it).query_one("#yaml", YamlView)
        await it.until(lambda: view.max_scroll_y > 0, "longer than the screen")
        lines, tops = view.scrollable_content_region.height, itertools.cycle((1, 0))

        def scrolled() -> bool:
            view.scroll_to(y=next(tops), animate=False, force=True)
            return {"yaml": lines, "ScrollBar": lines} in paints

        await it.until(scrolled, "its lines and the thumb beside them")
