from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from k8stui.core.freshness import Freshness, Phase
from k8stui.core.objects import JsonObject
from k8stui.core.refs import ObjectRef
from tests.kube.scripted import PODS, FakeTime, Feed, Reply, Request, client_of, settle, status, until
from tests.kube.stage import Say

REF = ObjectRef(PODS, "ns", "web")
PATH, COLLECTION = "/api/v1/namespaces/ns/pods/web", "/api/v1/namespaces/ns/pods"


def pod(version: str, name: str = "web", **more: Any) -> JsonObject:
    meta = {"name": name, "namespace": "ns", "resourceVersion": version}
    return {"kind": "Pod", "apiVersion": "v1", "metadata": meta} | more


class One:
    """A server of one pod, and what following it gives."""

    def __init__(self, first: Say) -> None:
        self.time = FakeTime()
        self.get: Say = first
        self.list: Say = Reply({"kind": "PodList", "metadata": {"resourceVersion": "50"}, "items": []})
        self.watch: Say | None = None
        self.feeds: list[Feed] = []
        self.client, self.transport = client_of(self.answer, self.time)
        self.objects: list[JsonObject | None] = []
        self.fresh: list[Freshness] = []
        self.ended = False

    def answer(self, request: Request) -> Say:
        if request.path == PATH:
            return self.get
        assert request.path == COLLECTION
        assert request.query["fieldSelector"] == "metadata.name=web"
        if not request.watching:
            return self.list
        if self.watch is not None:
            return self.watch
        self.feeds.append(Feed())
        return Reply(feed=self.feeds[-1])

    @property
    def phase(self) -> Phase | None:
        return self.fresh[-1].phase if self.fresh else None

    @asynccontextmanager
    async def follow(self) -> AsyncIterator[None]:
        steps = self.client.follow_object(REF)

        async def receive() -> None:
            async for step in steps:
                if isinstance(step, Freshness):
                    self.fresh.append(step)
                else:
                    self.objects.append(step)
            self.ended = True

        task = asyncio.create_task(receive())
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})
            await steps.aclose()
            assert self.transport.open_streams == 0


async def test_an_object_its_changes_its_death_and_its_return() -> None:
    one = One(Reply(pod("7")))
    async with one.follow():
        await until(lambda: one.phase is Phase.LIVE)
        assert one.objects == [pod("7")]
        assert one.transport.asked(watch="1")[0].query["resourceVersion"] == "7"
        one.feeds[0].event("MODIFIED", pod("8", spec={"a": 1}))
        one.feeds[0].event("BOOKMARK", pod("9", name=""))
        one.feeds[0].event("MODIFIED", pod("10", name="other"))
        one.feeds[0].event("DELETED", pod("11"))
        one.feeds[0].event("ADDED", pod("12"))
        await until(lambda: len(one.objects) == 4)
        assert one.objects == [pod("7"), pod("8", spec={"a": 1}), None, pod("12")]
        one.feeds[0].end()
        await until(lambda: len(one.feeds) == 2)
        assert one.transport.asked(watch="1")[1].query["resourceVersion"] == "12"


async def test_an_object_that_is_not_there_is_waited_for() -> None:
    one = One(status(404, "NotFound"))
    async with one.follow():
        await until(lambda: one.phase is Phase.LIVE)
        assert one.objects == [None]
        assert one.transport.asked(watch="1")[0].query["resourceVersion"] == "50"
        one.feeds[0].event("ADDED", pod("51"))
        await until(lambda: one.objects == [None, pod("51")])


async def test_an_object_born_between_get_and_list_is_not_missed() -> None:
    one = One(status(404, "NotFound"))
    born = {"metadata": pod("50")["metadata"]}
    one.list = Reply({"kind": "PodList", "metadata": {"resourceVersion": "50"}, "items": [born]})
    async with one.follow():
        await until(lambda: one.phase is Phase.LIVE)
        assert one.objects == [pod("50")]


async def test_after_410_it_is_read_again_and_the_same_is_not_told_twice() -> None:
    one = One(Reply(pod("7")))
    async with one.follow():
        await until(lambda: one.phase is Phase.LIVE)
        await one.time.advance(10)
        one.feeds[0].event("ERROR", {"kind": "Status", "code": 410})
        await until(lambda: len(one.feeds) == 2)
        assert one.objects == [pod("7")]
        one.get = Reply(pod("20"))
        await one.time.advance(10)
        one.feeds[1].event("ERROR", {"kind": "Status", "code": 410})
        await until(lambda: one.objects == [pod("7"), pod("20")])


async def test_who_may_get_but_not_watch_polls() -> None:
    one = One(Reply(pod("7")))
    one.watch = status(403, "Forbidden")
    async with one.follow():
        await until(lambda: one.phase is Phase.POLLING)
        one.get = status(404, "NotFound")
        one.list = status(403, "Forbidden")
        await one.time.advance(10)
        await until(lambda: one.objects == [pod("7"), None])
        one.get = Reply(pod("9"))
        await one.time.advance(10)
        await until(lambda: one.objects == [pod("7"), None, pod("9")])


async def test_a_refused_get_is_the_end() -> None:
    one = One(status(403, "Forbidden"))
    async with one.follow():
        await until(lambda: one.ended)
        assert (one.objects, one.phase) == ([], Phase.DENIED)


async def test_trouble_keeps_the_object_and_comes_back() -> None:
    one = One(Reply(pod("7")))
    async with one.follow():
        await until(lambda: one.phase is Phase.LIVE)
        one.feeds[0].raw(b'{"type":"DELETED","obj')
        one.feeds[0].cut()
        await until(lambda: one.phase is Phase.RECONNECTING)
        await one.time.advance(3)
        await until(lambda: one.phase is Phase.LIVE)
        one.feeds[1].raw(b"<html>\n")
        await until(lambda: one.phase is Phase.RECONNECTING)
        await settle()
        assert one.objects == [pod("7")]
