"""All objects of a small collection, followed on a server that the test plays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from k8stui.core.freshness import Freshness, Phase
from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.kube.collectionsource import MOST_KEPT, PAGE
from tests.kube.scripted import FakeTime, Feed, Reply, Request, client_of, status, until
from tests.kube.stage import Say

EVENTS = ResourceKind("", "v1", "Event", "events", namespaced=True)
PATH = "/api/v1/namespaces/ns/events"


def event(name: str, version: str, **more: Any) -> JsonObject:
    meta = {
        "name": name,
        "namespace": "ns",
        "resourceVersion": version,
        "creationTimestamp": version.zfill(9),
    }
    return {"kind": "Event", "apiVersion": "v1", "metadata": meta, **more}


class Collection:
    """A server of events, and what following them gives."""

    def __init__(self, *items: JsonObject) -> None:
        self.time = FakeTime()
        self.items = list(items)
        self.version = "10"
        self.watch_says: list[Say] = []
        self.list_says: list[Say] = []
        self.feeds: list[Feed] = []
        self.client, self.transport = client_of(self.answer, self.time)
        self.editions: list[tuple[JsonObject, ...]] = []
        self.fresh: list[Freshness] = []

    def answer(self, request: Request) -> Say:
        if request.path == "/livez":
            return Reply(b"ok")
        assert request.path == PATH and request.query["fieldSelector"] == "involvedObject.name=web"
        if request.watching:
            if self.watch_says:
                return self.watch_says.pop(0)
            self.feeds.append(Feed())
            return Reply(feed=self.feeds[-1])
        if self.list_says:
            return self.list_says.pop(0)
        start = int(request.query.get("continue") or 0)
        page = self.items[start : start + PAGE]
        left = str(start + PAGE) if start + PAGE < len(self.items) else ""
        return Reply({"metadata": {"resourceVersion": self.version, "continue": left}, "items": page})

    @property
    def phase(self) -> Phase | None:
        return self.fresh[-1].phase if self.fresh else None

    @property
    def names(self) -> list[str]:
        return sorted(one["metadata"]["name"] for one in self.editions[-1]) if self.editions else []

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[None]:
        steps = self.client.follow_objects(EVENTS, "ns", field_selector="involvedObject.name=web")

        async def receive() -> None:
            async for step in steps:
                if isinstance(step, Freshness):
                    self.fresh.append(step)
                else:
                    self.editions.append(step)

        task = asyncio.create_task(receive())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})
            await steps.aclose()
            assert self.transport.open_streams == 0


async def test_a_list_and_then_its_changes() -> None:
    seen = Collection(event("a", "3"), event("b", "4"))
    async with seen.follow():
        await until(lambda: seen.phase is Phase.LIVE)
        assert seen.names == ["a", "b"]
        assert seen.transport.asked(watch="1")[0].query["resourceVersion"] == "10"
        seen.feeds[0].event("ADDED", event("c", "11"))
        seen.feeds[0].event("MODIFIED", event("a", "12", count=7))
        seen.feeds[0].event("DELETED", event("b", "13"))
        seen.feeds[0].event("BOOKMARK", event("", "20"))
        await until(lambda: seen.names == ["a", "c"])
        assert {one["metadata"]["name"]: one.get("count") for one in seen.editions[-1]} == {"a": 7, "c": None}
        seen.feeds[0].end()
        await until(lambda: len(seen.feeds) == 2)
        assert seen.transport.asked(watch="1")[1].query["resourceVersion"] == "20"
        assert len(seen.transport.asked(limit=str(PAGE))) == 1


async def test_after_410_all_is_read_again_and_what_has_gone_is_not_kept() -> None:
    seen = Collection(event("a", "3"), event("b", "4"))
    async with seen.follow():
        await until(lambda: seen.phase is Phase.LIVE)
        seen.items, seen.version = [event("b", "4"), event("c", "30")], "31"
        await seen.time.advance(10)
        seen.feeds[0].event("ERROR", {"kind": "Status", "code": 410})
        await until(lambda: seen.names == ["b", "c"])
        await until(lambda: len(seen.feeds) == 2)
        assert seen.transport.asked(watch="1")[1].query["resourceVersion"] == "31"


async def test_what_is_known_outlives_a_broken_watch() -> None:
    seen = Collection(event("a", "3"))
    async with seen.follow():
        await until(lambda: seen.phase is Phase.LIVE)
        seen.watch_says = [status(500), status(500)]
        seen.feeds[0].end()
        await until(lambda: seen.phase is Phase.RECONNECTING)
        assert seen.names == ["a"]
        for _ in range(20):
            await seen.time.advance(10)
            if len(seen.feeds) == 2:
                break
        seen.feeds[-1].event("ADDED", event("b", "40"))
        await until(lambda: seen.names == ["a", "b"])


async def test_a_refusal_is_an_answer_and_the_end() -> None:
    seen = Collection()
    seen.list_says = [status(403, "Forbidden", "events is forbidden")]
    async with seen.follow():
        await until(lambda: seen.phase is Phase.DENIED)
        assert seen.editions == []


async def test_what_is_no_answer_of_kubernetes_is_told() -> None:
    seen = Collection()
    seen.list_says = [Reply(b"<html>")]
    async with seen.follow():
        await until(lambda: seen.phase is Phase.FAILED)
        assert seen.editions == []


async def test_items_that_are_no_objects_are_left_out() -> None:
    seen = Collection()
    seen.list_says = [Reply({"items": [None, 3, {"metadata": 5}], "metadata": []})]
    async with seen.follow():
        await until(lambda: seen.editions)
        assert seen.editions == [({"metadata": 5},)]


async def test_of_very_many_the_newest_are_kept() -> None:
    seen = Collection(*(event(f"e{n:05}", str(n)) for n in range(MOST_KEPT + 700)))
    async with seen.follow():
        await until(lambda: seen.phase is Phase.LIVE)
        assert len(seen.editions[-1]) == MOST_KEPT
        assert seen.names[0] == "e00700"
        seen.feeds[0].event("ADDED", event("new", "99999"))
        await until(lambda: "new" in seen.names)
        assert len(seen.editions[-1]) == MOST_KEPT and "e00700" not in seen.names
