"""The page of one object: its tabs, its way back, and an object that changes and goes while it is open."""

from __future__ import annotations

import asyncio
import gc
import time
import warnings
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import msgspec
import pytest

from k8stui import catalog
from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Lang, Text
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.session import fields as field_facts
from k8stui.session.versions import Change, Edition
from k8stui.ui.prose import plain
from k8stui.ui.screens import pagetab
from k8stui.ui.screens.page import TABS
from k8stui.ui.screens.page_history import history_lines
from k8stui.ui.screens.page_yaml import YamlTab
from tests.driver import explorer
from tests.e2e.house import session_of
from tests.ui.pages import opened, page

PODS = catalog.BUILTIN["pods"]


@pytest.fixture
async def cluster() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(moving=False, random_seed=7) as running:
        yield running


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


async def test_the_ages_of_the_history_go_on(
    cluster: PracticeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pagetab, "TICK_SECONDS", 0.01)
    session = session_of(cluster.kubeconfig, namespace="orders")
    begun = time.time()
    monkeypatch.setattr(session, "clock", lambda: begun)
    async with explorer(session, tmp_path) as it:
        await opened(it, "H")
        await it.until_seen("first seen")
        monkeypatch.setattr(session, "clock", lambda: begun + 7_200)
        await it.until_seen("120m ago")
        await it.press("y")
        await it.until(
            lambda: all(worker.group != "page-history-ages" for worker in it.app.workers),
            "nothing that ticks",
        )


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


async def test_yaml_explains_the_field_under_the_cursor(cluster: PracticeCluster, tmp_path: Path) -> None:
    session = session_of(cluster.kubeconfig, namespace="orders")
    async with explorer(session, tmp_path) as it:
        await it.until_seen("● live")
        body = {"metadata": {"name": "aaa"}, "spec": {"containers": [{"name": "a", "image": "b"}]}}
        await session.client.transport.request(
            "POST", PODS.path("orders"), body=msgspec.json.encode(body), query=[("fieldManager", "me")]
        )
        await it.until(lambda: "aaa" in it.rows, "the new Pod")
        await it.press("g")
        await opened(it, "y")
        await it.until_seen("apiVersion: v1", "managedFields: # 1: me")
        await it.press("slash")
        await it.until(lambda: page(it).prompt is not None, "a line to type in")
        await it.write("restartpolicy")
        await it.press("enter")
        await it.until_seen("1 of", "spec.restartPolicy", "Restart policy for all containers", "Set by me")
        await it.press("escape", "m")
        await it.until_seen("f:")
        await it.press("g", "h")
        await it.until(lambda: "apiVersion" in it.text, "the top")
        await it.press("f2")
        await it.until_seen("検索")


async def test_yaml_keeps_its_place_while_the_object_changes(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path) as it:
        name = await opened(it, "y")
        await it.until_seen("apiVersion: v1")
        await it.press("G")
        tab = page(it).tab
        assert isinstance(tab, YamlTab)
        before = tab.yaml.place
        pod = cluster.store.get(PODS, "orders", name)
        labels = {**pod["metadata"]["labels"], **{f"new-{n}": "x" for n in range(30)}}
        cluster.store.update(PODS, {**pod, "metadata": {**pod["metadata"], "labels": labels}})
        await it.until(
            lambda: tab.yaml.document is not None and len(tab.yaml.document.lines) > 100, "more lines"
        )
        assert tab.yaml.place == before


async def test_a_secret_shows_one_value_when_asked(cluster: PracticeCluster, tmp_path: Path) -> None:
    secrets = catalog.BUILTIN["secrets"]
    cluster.store.create(
        secrets,
        {
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": {"name": "aaa", "namespace": "orders"},
            "data": {"user": "bWU=", "word": "aHVudGVyMg=="},
        },
    )  # fmt: skip
    copied: list[str] = []
    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path, kind="secrets") as it:
        it.app.copy_to_clipboard = copied.append  # type: ignore[assignment, method-assign]
        await opened(it, "y")
        await it.until_seen("word: ••••••")
        await it.press("slash")
        await it.until(lambda: page(it).prompt is not None, "a line to type in")
        await it.write("word")
        await it.press("enter")
        for expected in ("••••••", "hunter2"):
            await it.press("c")
            await it.choose("value")
            await it.until(lambda: copied[-1:] == [expected], "copied")  # noqa: B023
            if expected != "hunter2":
                await it.press("x")
                await it.until_seen("word: hunter2", "user: ••••••", "Shown until this page closes")
        await it.press("H", "y")
        await it.until_seen("word: ••••••")
        assert "hunter2" not in it.text


async def test_a_binary_and_an_enormous_object_are_shown(cluster: PracticeCluster, tmp_path: Path) -> None:
    maps = catalog.BUILTIN["configmaps"]
    cluster.store.create(
        maps,
        {
            "apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "aaa", "namespace": "orders"},
            "binaryData": {"blob": "AP8A" * 1_000},
            "data": {"text": "あ\x1b[31m\n" * 10_000, "one": "y" * 1_000_000},
        },
    )  # fmt: skip
    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path, kind="cm") as it:
        await opened(it, "y")
        await it.until_seen("blob: AP8A", "text: |")
        assert "\x1b" not in it.text
        await it.press("G")
        tab = page(it).tab
        assert isinstance(tab, YamlTab)
        await it.until(lambda: tab.yaml.scroll_offset.y > 9_000, "the end")


async def test_relations_unfold_and_lead_to_other_pages(cluster: PracticeCluster, tmp_path: Path) -> None:
    session = session_of(cluster.kubeconfig, namespace="orders")
    async with explorer(session, tmp_path, kind="deploy") as it:
        name = await opened(it, "u")
        await it.until_seen("Owns ReplicaSets", "ReplicaSet metadata.ownerReferences")
        await it.press("l")
        await it.until_seen("Owns Pods")
        await it.press("h")
        await it.until_gone("Owns Pods")
        await it.press("enter")
        await it.until(lambda: page(it).state.ref.kind.kind == "ReplicaSet", "the ReplicaSet's page")
        await it.until_seen("Owned by", f"Deployment {name}")
        await it.press("f2")
        await it.until_seen("所有者")
        await it.press("escape")
        await it.until(lambda: page(it).state.ref.name == name, "back")


async def test_a_request_is_followed_on_the_page_of_a_service(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    session = session_of(cluster.kubeconfig, namespace="orders")
    async with explorer(session, tmp_path, kind="svc") as it:
        await it.until_seen("● live")
        it.app.explorer.table.move_to(("orders", "order-api"))
        await opened(it, "u")
        await it.until_seen("Follow a request", "leads to", "Endpoints")


async def test_work_that_newer_work_replaces_at_once_has_begun_nothing(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path) as it:
        await opened(it, "y")
        await it.until_seen("apiVersion:")
        begun: list[int] = []
        done = asyncio.Event()

        async def work(number: int) -> None:
            begun.append(number)
            done.set()

        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            for number in range(3):
                page(it).work(partial(work, number), "test")
                page(it).tab.relabel()
            await done.wait()
            gc.collect()
        assert begun == [2]
        assert not [str(one.message) for one in warned]


async def test_a_field_that_is_left_ends_the_reading_of_its_facts(
    cluster: PracticeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path) as it:
        await opened(it, "y")
        await it.until_seen("apiVersion:")
        tab, said = page(it).tab, []
        assert isinstance(tab, YamlTab)
        reading = asyncio.Event()

        async def facts(*_: object) -> None:
            try:
                reading.set()
                await asyncio.Event().wait()
            finally:
                for _step in range(5):
                    await asyncio.sleep(0)  # as a connection that closes
                said.append("ended")

        monkeypatch.setattr(field_facts, "facts", facts)
        state = page(it).state
        assert state.obj is not None
        work = asyncio.create_task(tab._explain(state.ref, state.obj, ()))
        await reading.wait()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        assert said == ["ended"]


async def test_relations_are_shown_without_discovery(
    cluster: PracticeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def discover(*_: object) -> None:
        raise ExplorerError(Text("not today", "今日は休み"))

    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path) as it:
        await it.until_seen("● live")
        await it.until(lambda: it.session.discovered, "discovered")
        monkeypatch.setattr(it.session, "discovered", False)
        monkeypatch.setattr(it.session, "discover", discover)
        await opened(it, "u")
        await it.until_gone("Looking around")
        await it.until_seen("Job cleanup-carts")


def test_changes_that_are_left_out_are_counted_also_when_it_is_one() -> None:
    edition = Edition(2, 0.0, "7", (Change(("spec", "a"), "1", "2"),), more=1)
    lines = [plain(line).strip() for line in history_lines((edition,), 60.0, 80, Lang.EN)]
    assert lines[-2:] == ["~ spec.a: 1 → 2", "… and 1 more"]
