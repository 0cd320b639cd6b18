"""The explorer on the practice cluster: the whole way from an API server to the screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from k8stui import catalog
from k8stui.catalog import Category, Role
from k8stui.core.lang import Lang
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.session.session import Session
from k8stui.settings import Settings
from k8stui.ui.widgets.tree_lines import every
from tests.driver import explorer
from tests.ui.fakes import NoPractice


@pytest.fixture
async def cluster() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(moving=False, random_seed=7) as running:
        yield running


def session_on(cluster: PracticeCluster, namespace: str = "orders", lang: Lang = Lang.EN) -> Session:
    settings = Settings(kubeconfig=cluster.kubeconfig, namespace=namespace, motion=False, lang=lang)
    return Session(settings, NoPractice(), lang=lang, environ={"HOME": "/nonexistent"})


async def test_every_kind_of_every_category_opens(cluster: PracticeCluster, tmp_path: Path) -> None:
    session = session_on(cluster, "*")
    async with explorer(session, tmp_path) as it:
        await it.until(lambda: session.discovered and bool(it.rows), "discovered")
        live = it.app.explorer.live
        opened = set()
        for node in every(session.catalog):
            if node.role is not Role.KIND or not node.in_book or node.kind is None:
                continue
            view = session.view_of(node)
            assert view is not None
            it.app.explorer.open_view(view)
            await it.until_seen("● live")
            await it.until(lambda: live.fresh is not None and live.fresh.current_at is not None, "live")
            assert it.rows or it.place, node.id
            opened.add(node.category)
        assert opened == set(Category)


async def test_what_is_wrong_is_said_first(cluster: PracticeCluster, tmp_path: Path) -> None:
    session = session_on(cluster, "*")
    async with explorer(session, tmp_path) as it:
        await it.until_seen("● live")
        await it.filter("CrashLoopBackOff")
        await it.until(lambda: len(it.rows) > 0, "a Pod in trouble")
        await it.until(lambda: "✖" in it.note and "restartCount" in it.note, "what is wrong, with evidence")
        assert it.note.index("✖") < it.note.index("Pod: the smallest unit")
        assert "▸ kubectl" in it.note


async def test_changes_arrive_by_themselves(cluster: PracticeCluster, tmp_path: Path) -> None:
    session = session_on(cluster, "orders")
    async with explorer(session, tmp_path, kind="cm") as it:
        await it.until_seen("● live")
        before = len(it.rows)
        cluster.store.create(
            catalog.BUILTIN["configmaps"],
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "fresh", "namespace": "orders"},
                "data": {},
            },
        )
        await it.until(lambda: "fresh" in it.rows, "the new one")
        await it.until_seen(f"{before + 1} ConfigMaps")


async def test_a_refusal_is_told_with_the_servers_words(cluster: PracticeCluster, tmp_path: Path) -> None:
    cluster.faults.forbid("secrets")
    session = session_on(cluster, "orders")
    async with explorer(session, tmp_path) as it:
        await it.until_seen("● live")
        await it.open("secrets")
        await it.until_seen("⊘ denied", "You may not list Secrets")
        assert "secrets" in it.place
        assert "The server says:" in it.place


async def test_every_namespace_and_back(cluster: PracticeCluster, tmp_path: Path) -> None:
    session = session_on(cluster, "orders", Lang.JA)
    async with explorer(session, tmp_path) as it:
        await it.until_seen("● 最新")
        rows = it.rows
        await it.press("0")
        await it.until(lambda: len(it.rows) > len(rows), "every namespace")
        await it.press("escape")
        await it.until_rows(*rows)


async def test_a_lost_cluster_keeps_rows_and_comes_back(cluster: PracticeCluster, tmp_path: Path) -> None:
    cluster.faults.cut("pods", "watch", events=1)
    session = session_on(cluster, "orders")
    async with explorer(session, tmp_path) as it:
        await it.until_seen("● live")
        refusal = cluster.faults.fail(503, "pods")
        pods = catalog.BUILTIN["pods"]
        gone = it.rows[-1]
        cluster.store.delete(pods, "orders", gone)
        await it.until(lambda: "reconnecting" in it.header, "lost")
        assert it.app.explorer.table.dimmed
        assert len(it.rows) > 5
        cluster.faults.remove(refusal)
        await it.press("r")
        await it.until(lambda: "● live" in it.header and gone not in it.rows, "back")
        assert not it.app.explorer.table.dimmed


async def test_refreshing_keeps_the_cursor(cluster: PracticeCluster, tmp_path: Path) -> None:
    session = session_on(cluster, "orders")
    async with explorer(session, tmp_path) as it:
        await it.until_seen("● live")
        await it.press("down", "down", "down")
        row, rows = it.row, it.rows
        await it.press("r")
        await it.until(lambda: "● live" in it.header and it.rows == rows and it.row == row, "the same again")
