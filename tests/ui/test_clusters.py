"""Clusters that come, go, refuse and change."""

from __future__ import annotations

from pathlib import Path

from k8stui.core.errors import ExplorerError
from k8stui.core.freshness import Freshness, Phase
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Text
from k8stui.core.rows import RowDelta
from k8stui.session.connections import PRACTICE
from tests.driver import explorer
from tests.ui.fakes import NOW, SHOP_PODS, FakeClient, fake_session, pod, shop, thing


async def test_the_first_frame_has_the_categories_before_any_cluster(tmp_path: Path) -> None:
    client = shop()
    client.silent = {"pods"}
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        for title in (
            "Workloads APIs",
            "Service APIs",
            "Config & Storage APIs",
            "Cluster APIs",
            "Metadata APIs",
        ):
            assert title in it.tree
        await it.until_seen("connecting to 10.1.2.3:6443", "Esc cancels")


async def test_rows_come_first_and_everything_else_after_them(tmp_path: Path) -> None:
    client = shop()
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.until_seen("v1.37.2", "● live", "4 Pods", "ns shop", "$ kubectl get pods")
        await it.until(
            lambda: it.app.explorer.tree_pane.tallies.counts.get(it.session.kinds[0]) is not None, "counts"
        )
        assert client.asked[0][0] == "pods"


async def test_a_denied_kind_says_which_right_is_missing(tmp_path: Path) -> None:
    client = shop()
    client.denied = {"secrets"}
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.open("secrets")
        await it.until_seen("⊘ denied", "You may not list Secrets", 'cannot list resource "secrets"')
        assert 'the verb "list" on secrets' in it.place
        assert "kubectl auth can-i list secrets -n shop" in it.place
        await it.focus_on("tree")
        await it.until(lambda: "⊘" in it.tree, "a sign in the tree")
        await it.until(lambda: "You may not list Secret here" in it.note, "a sentence in the note")


async def test_a_lost_cluster_keeps_its_rows_and_counts_down(tmp_path: Path) -> None:
    client = shop()
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.until_seen("● live")
        client.say(
            Freshness(Phase.RECONNECTING, current_at=NOW - 2, retry_at=NOW + 4, message=Text.same("gone"))
        )
        await it.until_seen("↻ reconnecting in 4 s")
        assert it.app.explorer.table.dimmed
        assert set(it.rows) == set(SHOP_PODS)
        await it.press("r")
        await it.until(lambda: client.retries == 1, "tried now")
        client.say(Freshness(Phase.LIVE, current_at=NOW))
        await it.until_seen("● live")
        assert not it.app.explorer.table.dimmed


async def test_a_cluster_that_is_never_reached_says_why(tmp_path: Path) -> None:
    client = shop()
    client.unreachable = ExplorerError(
        Text("10.1.2.3:6443 refused the connection.", "接続を拒否されました。")
    )
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        await it.until_seen("The cluster cannot be reached.", "refused the connection", "r tries now")


async def test_no_cluster_at_all_says_what_to_do(tmp_path: Path) -> None:
    broken = ExplorerError(Text("The kubeconfig names no such context.", "そのコンテキストはありません。"))
    session, _ = fake_session(("elsewhere", broken), shop())
    async with explorer(session, tmp_path) as it:
        await it.until_seen("names no such context", "^T chooses another cluster")
        assert "Workloads APIs" in it.tree


async def test_connecting_is_cancelled_and_tried_again(tmp_path: Path) -> None:
    client = shop()
    client.silent = {"pods"}
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        await it.until_seen("Esc cancels")
        await it.until(lambda: bool(client.asked), "asked")
        await it.press("escape")
        await it.until_seen("Connecting was cancelled", "○ not connected")
        client.silent = set()
        await it.press("r")
        await it.until_rows(*SHOP_PODS)


async def test_another_context_is_opened(tmp_path: Path) -> None:
    other = FakeClient(
        {"pods": [pod("b-1", "team")]}, context="staging", namespace="team", host="10.9.9.9:6443"
    )
    first = shop()
    session, _ = fake_session(first, other)
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.press("ctrl+t")
        await it.choose("staging")
        await it.until_rows("b-1")
        await it.until_seen("staging", "ns team")
        assert first.closed
        await it.press("escape")
        assert it.kind == "Pod"


async def test_a_context_that_does_not_answer_changes_nothing(tmp_path: Path) -> None:
    dead = (
        "prod",
        ExplorerError(Text("prod did not answer within 10 seconds.", "prodから応答がありません。")),
    )
    session, _ = fake_session(shop(), dead)
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.go("ctx prod")
        await it.until(lambda: "did not answer" in it.foot, "the sentence")
        await it.until_seen("dev", "● live")
        await it.press("down")
        assert it.row == "api-2"


async def test_switching_is_cancelled_by_escape(tmp_path: Path) -> None:
    import asyncio

    session, connections = fake_session(shop(), FakeClient({}, context="slow"))
    connections.gate = asyncio.Event()
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.go("ctx slow")
        await it.until(lambda: "Esc cancels" in it.foot, "asking")
        await it.press("down")
        assert it.row == "api-2"
        await it.press("escape")
        await it.until(lambda: "Stayed on dev" in it.foot, "stayed")


async def test_kinds_that_come_later_leave_the_tree_as_it_was(tmp_path: Path) -> None:
    from k8stui.core.kinds import ResourceKind

    client = shop()
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS)
        await it.until(lambda: session.discovered, "discovered")
        await it.focus_on("tree")
        await it.press("down", "down")
        tree = it.app.explorer.tree_pane
        assert tree.node is not None
        before = (tree.node.id, tree.expanded)
        widgets = ResourceKind(
            "stable.example.com", "v1", "Widget", "widgets", True, verbs=frozenset({"list"})
        )
        client.kinds = (*client.kinds, widgets)
        client.catalog_moved.set()
        await it.until(lambda: widgets in session.kinds, "the new kind")
        assert tree.node is not None
        assert (tree.node.id, tree.expanded) == before
        await it.open("widgets")
        await it.until(lambda: "stable.example.com" in it.tree, "its group")


async def test_a_kind_that_has_gone_says_so_and_comes_back_by_itself(tmp_path: Path) -> None:
    client = shop()
    widgets = ResourceKind("stable.example.com", "v1", "Widget", "widgets", True, verbs=frozenset({"list"}))
    builtin, client.kinds = client.kinds, (*client.kinds, widgets)
    client.objects["widgets.stable.example.com"] = [thing("Widget", "w-1")]
    session, _ = fake_session(client)
    async with explorer(session, tmp_path) as it:
        await it.until(lambda: session.discovered, "the kinds")
        await it.open("widgets")
        await it.until_rows("w-1")
        client.say(RowDelta(drop=[("shop", "w-1")]))
        no_answer = Text.same("404 page not found")
        client.say(Freshness(Phase.RECONNECTING, current_at=NOW, retry_at=NOW + 4, message=no_answer))
        client.kinds = builtin
        client.catalog_moved.set()
        await it.until_seen("The cluster serves no Widgets any more.")
        assert "cannot be reached" not in it.place
        client.say(Freshness(Phase.FAILED, current_at=NOW, message=no_answer))
        await it.until_seen("✖ failed", "The cluster serves no Widgets any more.")
        client.kinds = (*builtin, widgets)
        client.catalog_moved.set()
        await it.until_rows("w-1")


async def test_a_practice_cluster_greets(tmp_path: Path) -> None:
    client = shop()
    client.context = PRACTICE
    session, connections = fake_session(client)
    connections.reason = Text("No kubeconfig was found.", "kubeconfigがありません。")
    async with explorer(session, tmp_path) as it:
        await it.until_rows(*SHOP_PODS, "dns-1")
        await it.until_seen("practice cluster", "No kubeconfig was found.", "To try", "Your own cluster")
        await it.press("n")
        await it.until_seen("Esc close", "To try")
        await it.press("escape", "down")
        await it.until(lambda: "Pod  api-1" in it.note, "the row")
