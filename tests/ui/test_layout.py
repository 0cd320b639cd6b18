"""How the screen looks: sizes, languages, themes, drawers."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from textual.geometry import Region

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Lang, Text
from k8stui.settings import Settings
from tests.driver import Explorer, explorer
from tests.ui.fakes import SHOP_PODS, fake_session, pod, shop


def fits(it: Explorer, size: tuple[int, int]) -> bool:
    """Whether the explorer has taken a size."""
    return len(it.lines) == size[1] and it.regions()["foot"].width == size[0]


SIZES = [(160, 48), (140, 40), (120, 30), (100, 30), (99, 30), (80, 24), (79, 24), (60, 20)]


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_overlaps_at_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path, size=size) as it:
        await it.until_rows(*SHOP_PODS)
        for _ in range(2):
            regions = it.regions()
            assert "header" in regions
            assert "foot" in regions
            for name, region in regions.items():
                assert Region(0, 0, *size).contains_region(region), name
                for other, there in regions.items():
                    assert other == name or not region.intersection(there).area, (name, other)
            await it.press("t")
            await it.until(lambda: it.regions() != regions, "the tree came or went")  # noqa: B023  # waited for at once
        assert len(it.lines) == size[1]


async def test_a_narrow_screen_shows_the_note_in_two_lines(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path, size=(80, 24)) as it:
        await it.until_rows(*SHOP_PODS)
        await it.until(lambda: "No controller stands behind this Pod" in it.note, "the headline")
        assert it.regions()["note"].height == 2
        assert "tree" not in it.regions()
        await it.press("t")
        await it.until(lambda: it.focus == "tree", "the drawer")
        await it.press("down", "down", "down")
        await it.press("enter")
        await it.until(lambda: it.kind == "Deployment" and "tree" not in it.regions(), "opened, drawer in")


async def test_a_resize_goes_through_every_layout(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path, size=(160, 48)) as it:
        await it.until_rows(*SHOP_PODS)
        for size in ((60, 20), (120, 30), (80, 24), (160, 48)):
            await it.resize(*size)
            await it.until(partial(fits, it, size), "resized")
            assert set(it.rows) == set(SHOP_PODS)


async def test_a_tree_for_which_there_is_no_room_any_more_uncovers_the_rows(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path, size=(160, 48)) as it:
        await it.until_rows(*SHOP_PODS)
        await it.resize(60, 20)
        await it.until(lambda: "tree" not in it.regions() and "table" in it.regions(), "rows alone")
        await it.resize(160, 48)
        await it.until(lambda: "tree" in it.regions(), "the tree beside them")
        await it.focus_on("tree")
        await it.resize(60, 20)
        await it.until(partial(fits, it, (60, 20)), "resized")
        assert "tree" in it.regions()
        await it.press("t")
        await it.until(lambda: "tree" not in it.regions(), "the drawer in")
        await it.resize(160, 48)
        await it.until(lambda: "tree" in it.regions(), "the tree beside them again")


async def test_the_language_changes_everywhere_at_once(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.until_seen("live", "open", "Pod: the smallest unit you run")
        await it.press("f2")
        await it.until_seen("最新", "開く", "読み取り専用", "Pod: 動かす最小の単位")
        assert "read-only" not in it.text
        await it.press("question_mark")
        await it.until_seen("キー一覧")
        await it.press("f2")
        await it.until_seen("Go somewhere")
        await it.press("escape")
        await it.until_seen("live")


async def test_japanese_from_the_start(tmp_path: Path) -> None:
    session, _ = fake_session(shop(), lang=Lang.JA)
    async with explorer(session, tmp_path) as it:
        await it.until_seen("● 最新", "Pod 4件")
        await it.open("secrets")
        await it.until_seen("Namespace「shop」にSecretはありません。")


async def test_themes_go_round(tmp_path: Path) -> None:
    session, _ = fake_session(shop(), settings=Settings(theme="light", motion=False))
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        seen = []
        for _ in range(3):
            seen.append(it.app.theme)
            await it.press("f3")
        assert seen == ["k8stui-light", "k8stui-high-contrast", "k8stui-dark"]


async def test_without_colours_marks_and_words_remain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_seen("✖ CrashLoopBackOff", "● live")
        for strip in it.app.screen._compositor.render_strips():
            for segment in strip:
                style = segment.style
                assert style is None or style.color is None or style.color.is_default
                assert style is None or style.bgcolor is None or style.bgcolor.is_default
        assert any(
            segment.style is not None and segment.style.reverse
            for strip in it.app.screen._compositor.render_strips()
            for segment in strip
        )
        await it.press("f3")
        assert it.app.theme == "k8stui-plain"


async def test_the_full_note_opens_scrolls_and_closes(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path, size=(120, 20)) as it:
        await it.until_rows(*SHOP_PODS)
        await it.until(lambda: "No controller" in it.note, "a note")
        await it.press("n")
        await it.until_seen("Commands to try", "Esc close")
        before = it.text
        await it.press("end")
        await it.until(lambda: it.text != before, "scrolled")
        await it.press("n")
        await it.until_gone("Esc close")


async def test_help_names_every_action(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path, size=(160, 90)) as it:
        await it.until_rows(*SHOP_PODS)
        await it.press("question_mark")
        await it.until_seen("Keys")
        for operation in session.operations:
            assert operation.explain.en[:40] in it.text, operation.id
        await it.press("escape")


async def test_a_long_error_is_readable_in_full(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path, size=(60, 20)) as it:
        await it.until_rows(*SHOP_PODS)
        sentence = (
            "The server answered with something that cannot be true. " * 3 + "Look at its log for the end."
        )
        it.app.report(ExplorerError(Text.same(sentence)))
        await it.until(lambda: "the end." in it.foot, "the whole sentence")
        assert it.regions()["foot"].height > 1
        await it.click(3, 19)
        await it.until(lambda: it.regions()["foot"].height == 1, "a foot again")


async def test_markup_and_escapes_of_a_cluster_are_drawn_as_they_are(tmp_path: Path) -> None:
    client = shop()
    client.objects["pods"].append(pod("[bold]x[/bold]"))
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        await it.until_seen("[bold]x[/bold]")


async def test_a_context_may_have_a_colour_of_its_own(tmp_path: Path) -> None:
    session, _ = fake_session(shop(), settings=Settings(context_colours={"de*": "#c03030"}, motion=False))
    async with explorer(session, tmp_path) as it:
        await it.until_seen("● live")
        strip = it.app.screen._compositor.render_strips()[0]
        (name,) = [segment for segment in strip if "dev" in segment.text]
        assert name.style is not None
        assert name.style.bgcolor is not None
        assert name.style.bgcolor.name == "#c03030"
