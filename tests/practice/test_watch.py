from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from k8stui.core.objects import JsonObject
from k8stui.practice.api import watch
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.practice.kinds import builtin
from tests.practice.api_client import TABLE, Api, connect

MAPS = builtin("configmaps")
PATH = "/api/v1/namespaces/default/configmaps"
END = "k8s.io/initial-events-end"
STREAM = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"


def make(cluster: PracticeCluster, name: str, namespace: str = "default", **labels: str) -> JsonObject:
    metadata = {"name": name, "namespace": namespace, "labels": labels}
    return cluster.store.create(MAPS, {"metadata": metadata})


def label(cluster: PracticeCluster, obj: JsonObject, **labels: str) -> JsonObject:
    metadata = {key: value for key, value in obj["metadata"].items() if key != "resourceVersion"}
    return cluster.store.update(MAPS, {**obj, "metadata": {**metadata, "labels": labels}})


def said(event: JsonObject) -> tuple[Any, Any]:
    return event["type"], event["object"]["metadata"]["name"]


async def test_changes_after_a_version(cluster: PracticeCluster, api: Api) -> None:
    make(cluster, "before")
    start = cluster.store.revision
    missed = make(cluster, "missed")
    async with api.watch(f"{PATH}?resourceVersion={start}") as lines:
        assert said(await lines.next()) == ("ADDED", "missed")
        label(cluster, missed, a="b")
        make(cluster, "elsewhere", "kube-system")
        event = await lines.next()
        assert said(event) == ("MODIFIED", "missed")
        assert event["object"]["kind"] == "ConfigMap"
        cluster.store.delete(MAPS, "default", "missed")
        event = await lines.next()
        assert said(event) == ("DELETED", "missed")
        assert event["object"]["metadata"]["resourceVersion"] == str(cluster.store.revision)


@pytest.mark.parametrize("query", ["", "resourceVersion=0", "limit=500"])
async def test_without_a_version_everything_comes_first(
    cluster: PracticeCluster, api: Api, query: str
) -> None:
    make(cluster, "a")
    async with api.watch(f"{PATH}?{query}") as lines:
        assert said(await lines.next()) == ("ADDED", "a")
        make(cluster, "b")
        assert said(await lines.next()) == ("ADDED", "b")


async def test_entering_and_leaving_a_selection(cluster: PracticeCluster, api: Api) -> None:
    first = make(cluster, "a", x="1")
    start = cluster.store.revision
    async with api.watch(f"{PATH}?resourceVersion={start}&labelSelector=x%3D1") as lines:
        second = label(cluster, first, x="2")
        event = await lines.next()
        assert said(event) == ("DELETED", "a")
        assert event["object"]["metadata"]["labels"] == {"x": "1"}
        assert event["object"]["metadata"]["resourceVersion"] == second["metadata"]["resourceVersion"]
        third = label(cluster, second, x="3")
        label(cluster, third, x="1")
        assert said(await lines.next()) == ("ADDED", "a")
        cluster.store.delete(MAPS, "default", "a")
        assert said(await lines.next()) == ("DELETED", "a")


async def test_one_object_by_name(cluster: PracticeCluster, api: Api) -> None:
    make(cluster, "a")
    make(cluster, "b")
    async with api.watch(f"{PATH}?resourceVersion=0&fieldSelector=metadata.name%3Db") as lines:
        assert said(await lines.next()) == ("ADDED", "b")
        make(cluster, "c")
        cluster.store.delete(MAPS, "default", "b")
        assert said(await lines.next()) == ("DELETED", "b")


async def test_tables_say_their_columns_once(cluster: PracticeCluster, api: Api) -> None:
    make(cluster, "a")
    for include in ("None", "Metadata"):
        async with api.watch(f"{PATH}?resourceVersion=0&includeObject={include}", Accept=TABLE) as lines:
            first = (await lines.next())["object"]
            make(cluster, f"b-{include.lower()}")
            later = (await lines.next())["object"]
            assert first["columnDefinitions"][0]["name"] == "Name"
            while later["rows"][0]["cells"][0] != f"b-{include.lower()}":
                later = (await lines.next())["object"]
            assert later["columnDefinitions"] is None
            assert later["metadata"]["resourceVersion"] == str(cluster.store.revision)
            assert (later["rows"][0]["object"] is None) == (include == "None")


async def test_the_initial_events_end_with_a_bookmark(cluster: PracticeCluster, api: Api) -> None:
    make(cluster, "a")
    async with api.watch(f"{PATH}?{STREAM}") as lines:
        assert said(await lines.next()) == ("ADDED", "a")
        event = await lines.next()
        assert event["type"] == "BOOKMARK"
        assert event["object"]["kind"] == "ConfigMap"
        assert event["object"]["metadata"]["annotations"] == {END: "true"}
        assert event["object"]["metadata"]["resourceVersion"] == str(cluster.store.revision)
        make(cluster, "b")
        assert said(await lines.next()) == ("ADDED", "b")


@pytest.mark.parametrize("include", ["None", "Metadata", "Object"])
async def test_bookmarks_of_tables(cluster: PracticeCluster, api: Api, include: str) -> None:
    async with api.watch(f"{PATH}?{STREAM}&includeObject={include}", Accept=TABLE) as lines:
        table = (await lines.next())["object"]
        assert table["columnDefinitions"] is not None
        assert table["rows"][0]["cells"] == ["", "", "<unknown>"]
        if include != "None":
            assert table["rows"][0]["object"]["metadata"]["annotations"] == {END: "true"}
        make(cluster, "b")
        assert (await lines.next())["object"]["columnDefinitions"] is None


async def test_initial_events_may_be_left_out(cluster: PracticeCluster, api: Api) -> None:
    make(cluster, "a")
    query = "sendInitialEvents=false&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    async with api.watch(f"{PATH}?{query}") as lines:
        make(cluster, "b")
        assert said(await lines.next()) == ("ADDED", "b")


async def test_initial_events_need_the_right_match(api: Api) -> None:
    reply = await api.get(f"{PATH}?watch=1&sendInitialEvents=true")
    assert reply.status == 422
    assert reply.json["details"]["causes"][0]["field"] == "resourceVersionMatch"


async def test_a_time_that_is_none(api: Api) -> None:
    assert (await api.get(f"{PATH}?watch=1&timeoutSeconds=soon")).status == 400


async def test_versions_that_are_forgotten(cluster: PracticeCluster, api: Api) -> None:
    start = cluster.store.revision
    make(cluster, "a")
    cluster.store.compact()
    async with api.watch(f"{PATH}?resourceVersion={start}") as lines:
        events = await lines.rest()
    assert [event["type"] for event in events] == ["ERROR"]
    assert (events[0]["object"]["code"], events[0]["object"]["reason"]) == (410, "Expired")


async def test_a_watch_ends_after_its_time(cluster: PracticeCluster, api: Api) -> None:
    query = f"resourceVersion={cluster.store.revision}&timeoutSeconds=1&allowWatchBookmarks=true"
    async with api.watch(f"{PATH}?{query}") as lines:
        events = await lines.rest()
    assert [event["type"] for event in events] == ["BOOKMARK"]


@pytest_asyncio.fixture
async def chatty() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(seeded=False, moving=False, bookmark_seconds=0.01) as found:
        yield found


async def test_bookmarks_keep_coming_when_allowed(chatty: PracticeCluster) -> None:
    start = chatty.store.revision
    query = f"resourceVersion={start}&allowWatchBookmarks=true"
    async with connect(chatty) as api, api.watch(f"{PATH}?{query}") as lines:
        assert [(await lines.next())["type"] for _ in range(3)] == ["BOOKMARK"] * 3
        chatty.store.create(MAPS, {"metadata": {"name": "a", "namespace": "kube-system"}})
        while (await lines.next())["object"]["metadata"]["resourceVersion"] == str(start):
            pass


async def test_watchers_of_one_form_share_the_line(cluster: PracticeCluster, api: Api) -> None:
    start = cluster.store.revision
    query = f"resourceVersion={start}"
    async with api.watch(f"{PATH}?{query}") as one, api.watch(f"/api/v1/configmaps?{query}") as other:
        make(cluster, "a")
        assert await one.next() == await other.next()
    (event,) = cluster.store.since(MAPS, start)
    assert len(event.encoded) == 1


async def test_nothing_is_lost_under_many_writes(cluster: PracticeCluster, api: Api) -> None:
    start = cluster.store.revision

    async def read(accept: str) -> list[str]:
        versions: list[str] = []
        async with api.watch(f"{PATH}?resourceVersion={start}", Accept=accept) as lines:
            while len(versions) < 2_000:
                versions.append((await lines.next())["object"]["metadata"]["resourceVersion"])
        return versions

    readers = [asyncio.create_task(read(accept)) for accept in (TABLE, TABLE, "application/json")]
    obj = make(cluster, "a")
    for number in range(1_999):
        obj = label(cluster, obj, n=str(number))
        if number % 100 == 0:
            await asyncio.sleep(0)
    expected = [str(start + 1 + number) for number in range(2_000)]
    for found in await asyncio.gather(*readers):
        assert found == expected


async def test_what_comes_alone_goes_at_once(
    cluster: PracticeCluster, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_REST_SECONDS", 600.0)
    async with api.watch(f"{PATH}?resourceVersion={cluster.store.revision}") as lines:
        make(cluster, "a")
        assert said(await lines.next()) == ("ADDED", "a")


async def test_a_long_backlog_does_not_wait(
    cluster: PracticeCluster, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_REST_SECONDS", 600.0)
    async with api.watch(f"{PATH}?resourceVersion={cluster.store.revision}") as lines:
        for number in range(600):
            make(cluster, f"a-{number}")
        assert [said(await lines.next())[1] for _ in range(500)] == [f"a-{number}" for number in range(500)]


async def test_changes_in_quick_succession_go_together(cluster: PracticeCluster, api: Api) -> None:
    query = f"{PATH}?resourceVersion={cluster.store.revision}"
    async with api.watch(query) as lines:
        found, chunks = b"", 0

        async def read() -> None:
            nonlocal found, chunks
            async for data, whole in lines.response.content.iter_chunks():
                found += data
                chunks += whole
                if found.count(b"\n") == 300:
                    return

        reader = asyncio.create_task(read())
        for number in range(300):
            make(cluster, f"a-{number}")
            # Every task has its turn between two changes.
            await asyncio.sleep(0)
        async with asyncio.timeout(30):
            await reader
    events = [json.loads(line) for line in found.splitlines()]
    assert [said(event)[1] for event in events] == [f"a-{number}" for number in range(300)]
    assert chunks < 100
