"""The page's description and events: at once, then with what stands beside the object, and live."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from k8stui import catalog
from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.practice.times import stamp
from k8stui.ui.screens import page_describe
from tests.driver import explorer
from tests.e2e.house import session_of
from tests.ui.pages import opened, page

B = catalog.BUILTIN
PODS, EVENTS, MAPS = B["pods"], B["events"], B["configmaps"]
ROASTS = ResourceKind("roasting.kumo-coffee.example", "v1", "Roast", "roasts", namespaced=True)


@pytest.fixture
async def cluster() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(moving=False, random_seed=7) as running:
        yield running


def happened(pod: JsonObject, name: str, reason: str, at: str, **more: Any) -> JsonObject:
    """An Event about a Pod."""
    meta = pod["metadata"]
    return {
        "apiVersion": "v1", "kind": "Event", "type": "Normal", "reason": reason, "message": f"{reason} it",
        "metadata": {"name": name, "namespace": meta["namespace"]}, "source": {"component": "tester"},
        "involvedObject": {"kind": "Pod", "name": meta["name"], "namespace": meta["namespace"],
                           "uid": meta["uid"], "apiVersion": "v1"},
        "firstTimestamp": at, "lastTimestamp": at, "count": 1, **more,
    }  # fmt: skip


@pytest.mark.parametrize("size", [(160, 48), (80, 24), (60, 20)])
async def test_a_pod_is_described_and_its_links_lead_on(
    cluster: PracticeCluster, tmp_path: Path, size: tuple[int, int]
) -> None:
    copied: list[str] = []
    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path, size=size) as it:
        it.app.copy_to_clipboard = copied.append  # type: ignore[assignment, method-assign]
        name = await opened(it, "d")
        await it.until_seen("Identity", "Namespace", "1 orders")
        await it.press("C")
        await it.until(lambda: copied == [f"kubectl describe pods {name} -n orders"], "copied")
        await it.press("f2")
        await it.until_seen("基本情報", "名前")
        await it.press("f2", "G")
        await it.until_seen("Events")
        await it.press("2")
        await it.until(lambda: page(it).state.ref.kind.kind != "Pod", "the owner's page")
        await it.until_seen("Identity")
        await it.press("escape")
        await it.until(lambda: page(it).state.ref.name == name, "back at the Pod")


async def test_it_is_described_before_its_neighbours_answer(cluster: PracticeCluster, tmp_path: Path) -> None:
    slow = [cluster.faults.hang("endpointslices"), cluster.faults.hang("events", "list")]
    async with explorer(
        session_of(cluster.kubeconfig, namespace="orders"), tmp_path, kind="svc", size=(120, 60)
    ) as it:
        await opened(it, "d", "order-api")
        await it.until_seen("Cluster IP", "Endpoints", "reading")
        for fault in slow:
            cluster.faults.remove(fault)
        await it.until_seen("● ready", "Pod", ":8080")
        await it.until_gone("reading")


async def test_what_may_not_be_read_beside_it_is_a_sentence(cluster: PracticeCluster, tmp_path: Path) -> None:
    cluster.faults.forbid("endpointslices")
    cluster.faults.forbid("events")
    session = session_of(cluster.kubeconfig, namespace="orders")
    async with explorer(session, tmp_path, kind="svc", size=(120, 60)) as it:
        await opened(it, "d", "order-api")
        await it.until_seen("Cluster IP", 'cannot list resource "endpointslices"')
        await it.press("v")
        await it.until_seen('cannot list resource "events"')


async def test_a_description_follows_its_object_until_it_goes(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    async with explorer(
        session_of(cluster.kubeconfig, namespace="orders"), tmp_path, kind="cm", size=(120, 50)
    ) as it:
        await opened(it, "d", "order-api")
        await it.until_seen("Data")
        found = cluster.store.get(MAPS, "orders", "order-api")
        cluster.store.update(MAPS, {**found, "data": {"COLOUR": "teal"}})
        await it.until_seen("COLOUR", "teal")
        cluster.store.delete(MAPS, "orders", "order-api")
        await it.until_seen("✖ deleted at", "teal")


async def test_hostile_values_are_words_and_large_ones_bounded(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    cluster.store.create(
        MAPS,
        {
            "apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "aaa", "namespace": "orders", "annotations": {"a": "[bold]x[/]\x1b[31m"}},
            "binaryData": {"blob": "AP8A" * 1_000},
            "data": {"esc": "\x1b]0;owned\x07 [red]", "huge": "z" * 1_900_000, "many": "あ\n" * 10_000},
        },
    )  # fmt: skip
    session = session_of(cluster.kubeconfig, namespace="orders")
    async with explorer(session, tmp_path, kind="cm", size=(100, 60)) as it:
        await opened(it, "d", "aaa")
        await it.until_seen("[bold]x[/]", "[red]", "1,900,000 bytes", "10,000 lines")
        assert "\x1b" not in it.text and "\x07" not in it.text
        await it.press("G")
        await it.until_seen("3,000 bytes", "Events")


async def test_a_secret_is_never_in_its_description(cluster: PracticeCluster, tmp_path: Path) -> None:
    cluster.store.create(
        B["secrets"],
        {
            "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
            "metadata": {"name": "aaa", "namespace": "orders"}, "data": {"word": "aHVudGVyMg=="},
        },
    )  # fmt: skip
    session = session_of(cluster.kubeconfig, namespace="orders")
    async with explorer(session, tmp_path, kind="secrets") as it:
        await opened(it, "d", "aaa")
        await it.until_seen("word", "7 bytes")
        assert "hunter2" not in it.text and "aHVudGVy" not in it.text


async def test_custom_resources_are_described(cluster: PracticeCluster, tmp_path: Path) -> None:
    session = session_of(cluster.kubeconfig, namespace="warehouse")
    async with explorer(session, tmp_path, kind="roasts", size=(120, 50)) as it:
        await opened(it, "d", "mandheling-2026-47")
        await it.until_seen("Roast", "roasting.kumo-coffee.example/v1", "beans", "Mandheling")
        await it.until_seen("! Ready False", "DrumJammed", "It is not ready.", "The drum has stopped")
        assert "kubectl describe roasts.roasting.kumo-coffee.example" in it.lines[-1]
        await it.press("f2")
        await it.until_seen("準備ができていません。", "spec（望む状態）")


async def test_events_are_live_folded_and_the_latest_is_last(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    session = session_of(cluster.kubeconfig, namespace="orders")
    copied: list[str] = []
    async with explorer(session, tmp_path) as it:
        it.app.copy_to_clipboard = copied.append  # type: ignore[assignment, method-assign]
        await it.until_seen("● live")
        pod = cluster.store.create(
            PODS,
            {
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "aaa", "namespace": "orders"},
                "spec": {"containers": [{"name": "a", "image": "b"}]},
            },
        )  # fmt: skip
        await opened(it, "v", "aaa")
        await it.until_seen("Nothing has happened to it lately")
        await it.press("C")
        await it.until(lambda: copied == ["kubectl events --for=pod/aaa -n orders"], "copied")
        first = happened(pod, "aaa.1", "Zoomed", "2020-01-01T00:00:00Z")
        other = happened(pod, "aaa.2", "Bounced", "2020-01-01T00:10:00Z", type="Warning", message="a\x1b[31m")
        cluster.store.create(EVENTS, first)
        cluster.store.create(EVENTS, other)
        await it.until_seen("Zoomed it", "! Warning  Bounced")
        assert it.text.index("Zoomed") < it.text.index("Bounced") and "\x1b" not in it.text
        cluster.store.create(EVENTS, {**first, "metadata": {"name": "aaa.3", "namespace": "orders"},
                                      "count": 4, "lastTimestamp": "2020-01-01T00:20:00Z"})  # fmt: skip
        await it.until_seen("5 times")
        assert it.text.count("Zoomed it") == 1 and it.text.index("Bounced") < it.text.index("Zoomed")
        await it.press("f2")
        await it.until_seen("5回")


@pytest.mark.parametrize("trouble", ["cut", "gone"])
async def test_events_outlive_a_broken_watch(cluster: PracticeCluster, tmp_path: Path, trouble: str) -> None:
    if trouble == "cut":
        cluster.faults.cut("events", "watch", events=1, times=1)
    else:
        cluster.faults.error_event(410, "events", times=1)
    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path) as it:
        name = await opened(it, "v")
        await it.until_gone("Reading")
        pod = cluster.store.get(PODS, "orders", name)
        for n in range(4):
            made = happened(pod, f"{name}.{n}", f"Reason{n}", f"2020-01-01T00:00:0{n}Z")
            cluster.store.create(EVENTS, made)
            await it.until_seen(f"Reason{n}")


async def test_events_of_a_pod_made_again_are_its_own(cluster: PracticeCluster, tmp_path: Path) -> None:
    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path) as it:
        name = await opened(it, "v")
        pod = cluster.store.get(PODS, "orders", name)
        cluster.store.create(EVENTS, happened(pod, "e.1", "Ancient", "2020-01-01T00:00:00Z"))
        await it.until_seen("Ancient")
        cluster.store.delete(PODS, "orders", name)
        await it.until_seen("✖ deleted at", "Ancient")
        made = {key: pod[key] for key in ("apiVersion", "kind", "spec")}
        again = cluster.store.create(PODS, {**made, "metadata": {"name": name, "namespace": "orders"}})
        await it.until_gone("Ancient")
        cluster.store.create(EVENTS, happened(again, "e.2", "Recent", "2020-01-01T00:00:00Z"))
        await it.until_seen("Recent")


async def test_events_of_a_namespace_stand_newest_first(cluster: PracticeCluster, tmp_path: Path) -> None:
    pod = cluster.store.list(PODS, "orders")[0]
    for name, minutes in (("m", 1), ("a", 9), ("z", 5)):
        at = stamp(time.time() - 60 * minutes)
        made = happened(pod, name, f"Reason{minutes}", at)
        cluster.store.create(EVENTS, {**made, "metadata": {"name": name, "namespace": "school-trip"}})
    session = session_of(cluster.kubeconfig, namespace="orders")
    async with explorer(session, tmp_path) as it:
        await it.until_seen("● live")
        await it.go("events school-trip")
        await it.until(lambda: it.rows == ["m", "z", "a"], "the events, newest first")
        await it.until_seen("kubectl events -n school-trip", "LAST SEEN")
        await opened(it, "d")
        await it.until_seen("What happened", "About", f"Pod 2 {pod['metadata']['name']}")
        await it.press("2")
        await it.until(lambda: page(it).state.ref.kind.kind == "Pod", "the Pod's page")


async def test_the_neighbours_of_what_is_gone_are_not_read_again(
    cluster: PracticeCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_describe, "AGAIN_SECONDS", 0.01)
    monkeypatch.setattr(page_describe, "REST_SECONDS", 0.02)

    def reading() -> bool:
        return any(worker.group == "page-describe" for worker in it.app.workers)

    async with explorer(session_of(cluster.kubeconfig, namespace="orders"), tmp_path, size=(120, 60)) as it:
        name = await opened(it, "d")
        await it.until_seen("Identity")
        assert reading()
        pod = cluster.store.delete(PODS, "orders", name)
        await it.until_seen("✖ deleted at")
        await it.until(lambda: not reading(), "nothing to read")
        made = {key: pod[key] for key in ("apiVersion", "kind", "spec")}
        meta = {"name": name, "namespace": "orders", "labels": {"again": "yes"}}
        cluster.store.create(PODS, {**made, "metadata": meta})
        await it.until_gone("✖ deleted at")
        await it.until_seen("again")
        await it.until(reading, "reading again")
