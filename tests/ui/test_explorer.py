"""Rows, notes and messages on a cluster in memory."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.command import CommandList

from k8stui.catalog import BUILTIN
from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject
from k8stui.core.refs import ObjectRef
from k8stui.core.rows import RowDelta
from k8stui.kube.errors import Forbidden
from k8stui.session.model import Link
from k8stui.ui.messages import Follow
from k8stui.ui.screens.drawer import HelpDrawer, NoteDrawer
from k8stui.ui.screens.palette import Palette
from tests.driver import explorer, tail_of
from tests.ui.fakes import SHOP_PODS, fake_session, pod, shop
from tests.ui.pages import opened, page


async def test_the_cursor_is_explained_after_a_rest(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.press("down")
        await it.until(lambda: "Pod  api-2" in it.note, "explained api-2")
        assert "Pod: the smallest unit you run" in it.note
        assert "§5.2" in it.note


async def test_copying_says_what_was_copied(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.press("c")
        await it.until(lambda: "Copied: api-1" in it.foot, "said so")
        assert it.app.clipboard == "api-1"
        await it.press("C")
        await it.until(lambda: "Copied: kubectl get pods" in it.foot, "said so")


async def test_an_empty_kind_says_how_one_is_made(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path, size=(90, 30)) as it:
        await it.until_rows(*SHOP_PODS)
        await it.open("cm")
        await it.until_seen("No ConfigMaps in Namespace shop.", "kubectl create configmap")
        await it.until(lambda: len(it.place.split("\n")) > 6, "what it is for")


async def test_live_rows_move_the_counts(tmp_path: Path) -> None:
    client = shop()
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        await it.until_seen("● live")
        row = client.row(BUILTIN["pods"], pod("api-3"), None)
        client.say(RowDelta(put=[row]))
        await it.until_seen("5 Pods")
        await it.until(
            lambda: it.app.explorer.tree_pane.tallies.counts[BUILTIN["pods"]] == 5, "the tree's count"
        )
        client.say(RowDelta(drop=[row.key]))
        await it.until_seen("4 Pods")


async def test_a_fault_of_ours_is_logged_and_the_app_goes_on(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)

        async def broken() -> None:
            raise ValueError("not thought of")

        it.app.explorer.work(broken, "test")
        await it.until(lambda: bool(it.app.faults), "caught")
        it.app.faults.clear()
        await it.until(lambda: "ValueError" in it.foot and "k8stui.log" in it.foot.replace("\n", ""), "told")
        assert "not thought of" in (tmp_path / "k8stui.log").read_text()
        await it.press("down")
        assert it.row == "api-2"


async def test_the_full_note_stays_with_an_object_that_goes(tmp_path: Path) -> None:
    client = shop()
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        await it.until_seen("● live", "Pod  api-1")
        await it.press("n")
        await it.until_seen("Commands to try")
        client.gone.set()
        client.say(RowDelta(drop=[("shop", "api-1")]))
        await it.until_seen("It was deleted at ", "Pod  api-1")
        await it.until(lambda: it.row == "api-2", "the row after it")
        await it.until_seen("It was deleted at ", "Pod  api-1")
        client.gone.clear()
        await it.press("escape")
        await it.until(lambda: "Pod  api-2" in it.note, "the note of the next row")


async def test_counts_are_not_asked_for_a_tree_that_nobody_sees(tmp_path: Path) -> None:
    client = shop()
    session, _ = fake_session(client)
    async with explorer(session, tmp_path, size=(80, 24)) as it:
        await it.until(lambda: session.discovered, "discovered")
        await it.go("deploy")
        await it.until_rows("api")
        assert client.counted == []
        await it.press("t")
        await it.until(lambda: "nodes" in client.counted, "counted")
        await it.until(lambda: tail_of(it.tree, "Cluster APIs") == "4", "the sum")


async def test_an_explanation_is_told_by_the_kind_while_the_object_is_awaited(tmp_path: Path) -> None:
    client = shop()
    client.slow = asyncio.Event()
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        await it.until(lambda: "Pod  api-1" in it.note and "smallest unit" in it.note, "the kind")
        assert "No controller" not in it.note
        client.slow.set()
        await it.until(lambda: "No controller" in it.note, "the object")


async def test_a_drawer_closes_once_however_often_it_is_told(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await it.until_seen("● live", "Pod  api-1")
        await it.press("n")
        await it.until_seen("Commands to try")
        drawer = it.app.screen
        assert isinstance(drawer, NoteDrawer)
        link = Link("Service", BUILTIN["services"])
        for _ in range(3):
            drawer.post_message(Follow(link))
            drawer.call_next(drawer.action_close)
        await it.until(lambda: it.kind == "Service", "followed the link")
        assert it.app.screen is it.app.explorer


async def test_a_namespace_that_is_not_there_is_told_from_an_empty_one(tmp_path: Path) -> None:
    client = shop()
    client.objects["namespaces"] = [{"metadata": {"name": "shop"}}]
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.open("cm")
        await it.until_seen("No ConfigMaps in Namespace shop.")
        await it.go("cm shopp")
        await it.until_seen("There is no Namespace shopp in this cluster.", "Did you mean shop?", "^N")
        await it.press("f2")
        await it.until_seen("Namespace「shopp」はありません。", "shopのことでしょうか。^N")
        client.objects["namespaces"].append({"metadata": {"name": "shopp"}})
        await it.press("f2", "r")
        await it.until_seen("No ConfigMaps in Namespace shopp.")


async def test_a_namespace_that_nobody_may_read_is_taken_to_be_there(tmp_path: Path) -> None:
    client = shop()
    session, _ = fake_session(client)

    async def refused(ref: ObjectRef) -> JsonObject:
        raise Forbidden(Text.same("namespaces is forbidden"), status=403)

    client.get = refused  # type: ignore[method-assign]
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.go("cm elsewhere")
        await it.until_seen("No ConfigMaps in Namespace elsewhere.")
        await it.until(lambda: not it.app.explorer.live.needs_namespace, "asked")
        await it.until_seen("No ConfigMaps in Namespace elsewhere.")


async def test_a_page_below_a_drawer_does_not_close_it(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path) as it:
        await opened(it)
        under = page(it)
        await it.press("question_mark")
        await it.until(lambda: isinstance(it.app.screen, HelpDrawer), "every key")
        under.dismiss(None)
        assert isinstance(it.app.screen, HelpDrawer)
        await it.press("escape")
        await it.until(lambda: it.app.screen is under, "the page again")
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.app.explorer, "the explorer again")


async def test_the_palette_bears_a_page_key_before_it_has_any_room(tmp_path: Path) -> None:
    session, _ = fake_session(shop())
    async with explorer(session, tmp_path, size=(60, 20)) as it:
        await it.until_seen("● live")
        await it.press("ctrl+p")
        await it.until(lambda: isinstance(it.app.screen, Palette), "the palette")
        options = it.app.screen.query_one(CommandList)
        await it.until(lambda: options.option_count > 0, "commands")
        options._index_to_line.clear()
        options.highlighted = 0
        await it.app.screen.run_action("command_list('page_up')")
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.app.explorer, "the explorer again")


async def test_a_filter_typed_meanwhile_does_not_cost_the_answer_about_the_namespace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, answered = shop(), asyncio.Event()
    get = client.get

    async def late(ref: ObjectRef) -> JsonObject:
        await answered.wait()
        return await get(ref)

    monkeypatch.setattr(client, "get", late)
    client.objects["namespaces"] = [{"metadata": {"name": "shop"}}]
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.go("cm shopp")
        await it.until_seen("No ConfigMaps in Namespace shopp.")
        view = it.app.explorer.live.view
        await it.filter("x")
        await it.until(lambda: it.app.explorer.live.view is not view, "another view of the same rows")
        answered.set()
        await it.press("escape")
        await it.until_seen("There is no Namespace shopp in this cluster.")
