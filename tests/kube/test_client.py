from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from k8stui.core.freshness import Phase
from k8stui.core.refs import ObjectRef, Scope
from k8stui.kube.client import ServerVersion
from k8stui.kube.errors import Forbidden, InvalidAnswer, NotFound
from tests.kube.scripted import (
    NODES,
    PODS,
    FakeTime,
    Feed,
    Receiver,
    Reply,
    Request,
    client_of,
    dumps,
    row,
    settle,
    status,
    table,
    until,
)
from tests.kube.stage import Say

VERSION = {"major": "1", "minor": "37", "gitVersion": "v1.37.2\x1b", "platform": "linux/amd64"}


@pytest.mark.parametrize(
    ("major", "minor", "numbers"),
    [("1", "37", (1, 37)), ("1", "27+", (1, 27)), ("", "", None), ("one", "x", None)],
)
def test_version_numbers(major: str, minor: str, numbers: tuple[int, int] | None) -> None:
    assert ServerVersion("", major, minor, "").numbers == numbers


async def test_version_get_and_namespaces() -> None:
    def answer(request: Request) -> Say:
        if request.path == "/version":
            return Reply(VERSION)
        if request.path == "/api/v1/namespaces":
            return Reply(table(row("", "a"), row("", "b")))
        if request.path == "/api/v1/namespaces/ns/pods/web":
            return Reply({"kind": "Pod"})
        if request.path == "/api/v1/nodes/odd":
            return Reply(b"[1]")
        return status(404, "NotFound")

    client, _ = client_of(answer, FakeTime(), context="c", namespace="team")
    assert await client.version() == ServerVersion("v1.37.2\ufffd", "1", "37", "linux/amd64")
    assert await client.namespaces() == ["a", "b"]
    assert await client.get(ObjectRef(PODS, "ns", "web")) == {"kind": "Pod"}
    with pytest.raises(NotFound):
        await client.get(ObjectRef(PODS, "ns", "gone"))
    with pytest.raises(InvalidAnswer):
        await client.get(ObjectRef(NODES, "", "odd"))
    assert (client.host, client.context, client.namespace, client.insecure) == (
        "fake:6443",
        "c",
        "team",
        False,
    )


async def test_a_list_over_namespaces_is_in_their_order_and_no_longer_than_wanted() -> None:
    def answer(request: Request) -> Say:
        name = request.path.split("/")[4]
        if name == "secret":
            return status(403, "Forbidden")
        items = [{"metadata": {"name": f"{name}{i}"}} for i in range(3)]
        return Reply({"kind": "PodList", "metadata": {}, "items": items})

    client, transport = client_of(answer, FakeTime())
    found = await client.list(PODS, Scope.of("b", "a"), field_selector="x=y", limit=4)
    assert [obj["metadata"]["name"] for obj in found] == ["b0", "b1", "b2", "a0"]
    assert all(r.query["fieldSelector"] == "x=y" for r in transport.requests)
    with pytest.raises(Forbidden):
        await client.list(PODS, Scope.of("a", "secret"))


@pytest.mark.parametrize(("minor", "cached"), [("30", True), ("31", False), ("", False)])
async def test_servers_before_1_31_list_from_their_cache(minor: str, cached: bool) -> None:
    def answer(request: Request) -> Say:
        if request.path == "/version":
            return Reply({"major": "1", "minor": minor})
        return Reply(feed=Feed()) if request.watching else Reply(table(row("", "a"), version="9"))

    client, transport = client_of(answer, FakeTime())
    await client.version()
    view = Receiver(client.follow(PODS, Scope.of("ns")))
    await view.reaches(Phase.LIVE)
    listed = next(r for r in transport.requests if r.path.endswith("/pods") and not r.watching)
    assert (listed.query.get("resourceVersion") == "0") is cached
    assert ("limit" in listed.query) is not cached
    await view.close()


class Definers:
    """A server whose CRDs and APIServices can be watched, or not."""

    def __init__(self, *refused: str, known: str = "x", ask_first: bool = True) -> None:
        self.time = FakeTime()
        self.refused = refused
        self.known = known
        """The only kind of discovery; the only CRD of the first list is x."""
        self.ask_first = ask_first
        self.feeds: dict[str, Feed] = {}
        self.client, self.transport = client_of(self.answer, self.time)
        self.told = 0
        self.task = asyncio.create_task(self.receive())

    def answer(self, request: Request) -> Say:
        plural = request.path.rpartition("/")[2]
        if request.path in ("/api", "/apis"):
            return Reply(dumps({"versions": ["v1"] if request.path == "/api" else [], "groups": []}))
        if request.path == "/api/v1":
            known = {"name": self.known, "namespaced": False, "kind": "X", "verbs": ["list"]}
            return Reply(dumps({"resources": [known]}))
        if plural in self.refused:
            return status(403, "Forbidden")
        if request.watching:
            self.feeds[plural] = Feed()
            return Reply(feed=self.feeds[plural])
        return Reply(table(row("", "x"), version="5"))

    async def receive(self) -> None:
        if self.ask_first:
            await self.client.discover()
        async for _ in self.client.discovery_changes():
            self.told += 1


async def test_changes_of_the_kinds_are_told_once_per_burst() -> None:
    server = Definers("apiservices")
    await until(lambda: "customresourcedefinitions" in server.feeds)
    await server.time.advance(5)
    assert server.told == 0, "what is there at first is no change"
    feed = server.feeds["customresourcedefinitions"]
    for i in range(5):
        feed.event("ADDED", table(row("", f"crd{i}"), version=str(6 + i), columns=None))
        await server.time.advance(0.5)
    assert server.told == 0
    await server.time.advance(3)
    assert server.told == 1
    feed.event("DELETED", table(row("", "crd1"), version="20", columns=None))
    await server.time.advance(3)
    assert server.told == 2
    server.task.cancel()
    await asyncio.wait({server.task})
    await settle()
    assert server.transport.open_streams == 0


async def test_a_kind_that_was_made_between_discovery_and_the_first_list_is_told() -> None:
    server = Definers("apiservices", known="y")
    await until(lambda: "customresourcedefinitions" in server.feeds)
    await server.time.advance(3)
    assert server.told == 1
    server.task.cancel()
    await asyncio.wait({server.task})


@pytest.mark.parametrize("refused", ["apiservices", "customresourcedefinitions"])
async def test_discovery_that_has_told_nothing_yet_is_due(refused: str) -> None:
    server = Definers(refused, ask_first=False)
    await until(lambda: server.feeds)
    await server.time.advance(3)
    assert server.told == 1
    server.task.cancel()
    await asyncio.wait({server.task})


async def test_changes_end_when_nothing_may_be_watched() -> None:
    server = Definers("apiservices", "customresourcedefinitions")
    await until(server.task.done)
    assert server.told == 0
    server.task.result()


def test_importing_the_client_loads_no_http_library() -> None:
    code = "import sys, k8stui.kube.client; print({'aiohttp', 'kubernetes', 'yaml'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
