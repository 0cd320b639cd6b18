"""The page of one object: its tabs, its way back, and an object that changes and goes while it is open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from k8stui import catalog
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.ui.screens.page import TABS, PageScreen
from tests.driver import Explorer, explorer
from tests.e2e.house import session_of

PODS = catalog.BUILTIN["pods"]


@pytest.fixture
async def cluster() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(moving=False, random_seed=7) as running:
        yield running


def page(it: Explorer) -> PageScreen:
    assert isinstance(it.app.screen, PageScreen)
    return it.app.screen


async def opened(it: Explorer, key: str = "enter") -> str:
    """Open the page of the row under the cursor; the row's name."""
    await it.until_seen("● live")
    name = it.row
    await it.press(key)
    await it.until(lambda: isinstance(it.app.screen, PageScreen) and name in it.lines[2], "the page")
    return name


@pytest.mark.parametrize("size", [(160, 48), (80, 24), (60, 20)])
async def test_enter_opens_the_page_and_esc_comes_back_to_the_row(
    cluster: PracticeCluster, tmp_path: Path, size: tuple[int, int]
) -> None:
    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path, size=size) as it:
        await it.until_seen("● live")
        await it.press("j", "j")
        name = await opened(it)
        await it.until_seen("◆", "kubectl")
        assert page(it).tab_name == "note"
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.app.explorer, "back")
        assert it.row == name
        await it.until(lambda: it.app.focused is it.app.explorer.table, "the table's focus")


async def test_every_tab_is_a_key_away(cluster: PracticeCluster, tmp_path: Path) -> None:
    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path) as it:
        await opened(it)
        keys = {op.id: op.keys[0] for op in it.session.operations}
        for name in reversed(TABS):
            await it.press(keys[name])
            await it.until(lambda: page(it).tab_name == name, name)  # noqa: B023  # waited for at once
        for name in [*TABS, "note"][1:]:
            await it.press("tab")
            await it.until(lambda: page(it).tab_name == name, name)  # noqa: B023


async def test_history_tells_what_changed_and_that_it_went(cluster: PracticeCluster, tmp_path: Path) -> None:
    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path) as it:
        name = await opened(it, "H")
        await it.until_seen("first seen")
        pod = cluster.store.get(PODS, "orders", name)
        cluster.store.update(PODS, {**pod, "spec": {**pod["spec"], "priority": 7}})
        await it.until_seen("~ spec.priority: 0 → 7")
        await it.press("f2")
        await it.until_seen("最初に見た版")
        await it.press("f2")
        cluster.store.delete(PODS, "orders", name)
        await it.until_seen("✖ deleted at", "deleted")
        cluster.store.create(PODS, {**pod, "metadata": {"name": name, "namespace": "orders"}})
        await it.until(lambda: "✖ deleted at" not in it.lines[2], "it is back")


async def test_links_lead_to_other_pages_and_back(cluster: PracticeCluster, tmp_path: Path) -> None:
    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path) as it:
        name = await opened(it)
        await it.until_seen("◆")
        await it.press("1")
        await it.until(lambda: page(it).state.ref.kind.kind != "Pod", "the owner's page")
        await it.press("escape")
        await it.until(lambda: page(it).state.ref.name == name, "back at the Pod")
        await it.press("right_square_bracket")
        await it.until(lambda: page(it).state.ref.kind.kind != "Pod", "forward again")
        await it.press("colon")
        await it.until(lambda: it.app.screen is it.app.explorer, "the explorer")
        await it.until(lambda: it.app.explorer.asking.prompt is not None, "its prompt")


async def test_a_lost_server_costs_the_page_nothing(cluster: PracticeCluster, tmp_path: Path) -> None:
    cluster.faults.cut("pods", "watch", events=1)
    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path) as it:
        name = await opened(it, "H")
        await it.until_seen("first seen")
        cluster.faults.token_expired = True
        pod = cluster.store.get(PODS, "orders", name)
        cluster.store.update(PODS, {**pod, "spec": {**pod["spec"], "priority": 7}})
        await it.until(lambda: "● live" not in it.header, "trouble")
        assert "first seen" in it.text
