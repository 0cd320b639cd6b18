"""GET log: which lines, of which run, in which words it is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.practice.inside import runs
from k8stui.practice.inside.insides import Insides
from k8stui.practice.inside.loglines import Line, Lines
from k8stui.practice.inside.runs import Run
from k8stui.practice.streams import logs
from tests.practice.api_client import Api, connect
from tests.practice.streams.pods import NOON, PODS, Hands, container, put, running, stamp

LOG = "/api/v1/namespaces/default/pods/p/log"


@pytest.fixture
def hands() -> Hands:
    return Hands()


@pytest_asyncio.fixture
async def cluster(hands: Hands) -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(seeded=False, moving=False, clock=hands, random_seed=1) as found:
        yield found


@pytest_asyncio.fixture
async def api(cluster: PracticeCluster) -> AsyncIterator[Api]:
    async with connect(cluster) as found:
        yield found


async def lines(api: Api, query: str = "") -> list[str]:
    reply = await api.get(f"{LOG}?{query}")
    assert reply.status == 200, reply.body
    return reply.body.decode().splitlines()


async def test_the_same_lines_for_everybody(api: Api, cluster: PracticeCluster, hands: Hands) -> None:
    put(cluster)
    hands.now += 300
    first = await lines(api, "timestamps=true")
    hands.now += 300
    second = await lines(api, "timestamps=true")
    assert second[: len(first)] == first
    assert len(second) > len(first)
    assert any("start worker processes" in line for line in first)
    assert all(line.startswith("2026-11-25T12:0") for line in first)
    assert first == sorted(first)
    assert [line.partition(" ")[2] for line in second] == await lines(api)


async def test_no_line_is_from_before_the_start_or_from_the_future(
    api: Api, cluster: PracticeCluster, hands: Hands
) -> None:
    put(cluster)
    assert await lines(api) == []
    hands.now += 100
    times = [line.partition("Z")[0] for line in await lines(api, "timestamps=true")]
    assert times[0] >= "2026-11-25T12:00:00"
    assert times[-1] < "2026-11-25T12:01:40"


@pytest.mark.parametrize("age", [100, 5_000, 40_000, 8_000_000])
async def test_the_end_of_a_log_of_any_length(
    api: Api, cluster: PracticeCluster, hands: Hands, age: int
) -> None:
    put(cluster)
    hands.now += age
    whole = await lines(api)
    for count in (1, 7, 60, 100_000):
        assert await lines(api, f"tailLines={count}") == whole[-count:]
    assert await lines(api, "tailLines=0") == []


async def test_since_and_limit(api: Api, cluster: PracticeCluster, hands: Hands) -> None:
    put(cluster)
    hands.now += 3_600
    whole = await lines(api, "timestamps=true")
    recent = await lines(api, "timestamps=true&sinceSeconds=60")
    assert recent
    assert recent == [line for line in whole if line >= "2026-11-25T12:59:00"]
    assert await lines(api, "timestamps=true&sinceTime=2026-11-25T12:59:00Z") == recent
    reply = await api.get(f"{LOG}?limitBytes=100")
    assert len(reply.body) == 100


async def test_following_as_the_clock_goes(api: Api, cluster: PracticeCluster, hands: Hands) -> None:
    pod = put(cluster)
    hands.now += 60
    before = await lines(api)
    async with api.session.get(f"{cluster.server}{LOG}?follow=true") as response:
        assert response.status == 200
        for line in before:
            assert (await response.content.readline()).decode().strip() == line
        hands.now += 60
        new = (await lines(api))[len(before) :]
        for line in new:
            async with asyncio.timeout(5):
                assert (await response.content.readline()).decode().strip() == line
        cluster.store.delete(PODS, "default", pod["metadata"]["name"])
        async with asyncio.timeout(5):
            assert await response.content.read() == b""


async def test_following_ends_with_the_container(api: Api, cluster: PracticeCluster, hands: Hands) -> None:
    pod = put(cluster)
    hands.now += 60
    async with api.session.get(f"{cluster.server}{LOG}?follow=true&tailLines=0") as response:
        hands.now += 30
        gone = {"exitCode": 143, "reason": "Error", "startedAt": stamp(NOON), "finishedAt": stamp(hands.now)}
        status = {
            **pod["status"]["containerStatuses"][0],
            "state": {"terminated": {**gone, "containerID": "containerd://web0"}},
        }
        cluster.store.update(PODS, {**pod, "status": {**pod["status"], "containerStatuses": [status]}})
        async with asyncio.timeout(5):
            text = (await response.content.read()).decode()
    assert text.splitlines()[-1].endswith("exit")
    assert text.splitlines() == (await lines(api))[-len(text.splitlines()) :]


async def test_the_run_before(api: Api, cluster: PracticeCluster, hands: Hands) -> None:
    spec = container("worker", "registry.kumo-coffee.example/orders/order-worker:2.7.1")
    gone = {
        "exitCode": 1,
        "reason": "Error",
        "startedAt": stamp(NOON),
        "finishedAt": stamp(NOON + 9),
        "containerID": "containerd://worker0",
    }
    again = {**running(spec, NOON + 20, 1), "lastState": {"terminated": gone}}
    put(cluster, "p", spec, statuses=[again])
    hands.now += 22
    before = await lines(api, "previous=true")
    assert "cannot start" in before[-1]
    assert len(await lines(api)) == 2
    hands.now += 60
    waiting = {"waiting": {"reason": "CrashLoopBackOff"}}
    pod = cluster.store.get(PODS, "default", "p")
    status = [{**again, "state": waiting, "restartCount": 0, "ready": False}]
    cluster.store.update(PODS, {**pod, "status": {**pod["status"], "containerStatuses": status}})
    assert await lines(api) == before
    assert await lines(api, "previous=true") == before


async def test_a_profile_may_be_chosen(api: Api, cluster: PracticeCluster, hands: Hands) -> None:
    notes = {"annotations": {"practice.k8stui.dev/log": "redis", "b.practice.k8stui.dev/log": "postgres"}}
    put(cluster, "p", container("a", "x/y:1"), container("b", "x/y:1"), metadata=notes)
    hands.now += 60
    assert "Redis is starting" in (await lines(api, "container=a"))[0]
    assert "PostgreSQL" in (await lines(api, "container=b"))[0]


async def test_refusals(api: Api, cluster: PracticeCluster, hands: Hands) -> None:
    init, a, b = container("i"), container("a"), container("b", "redis:8.2")
    waiting = {"name": "a", "state": {"waiting": {"reason": "ImagePullBackOff"}}, "restartCount": 0}
    put(cluster, "p", a, b, statuses=[waiting, running(b)], initContainers=[init])

    async def refused(query: str) -> tuple[int, str]:
        reply = await api.get(f"{LOG}?{query}")
        return reply.status, reply.json["message"]

    assert await refused("") == (
        400,
        "a container name must be specified for pod p, choose one of: [a b] "
        "or one of the init containers: [i]",
    )
    assert await refused("container=c") == (400, "container c is not valid for pod p")
    assert await refused("container=a") == (
        400,
        'container "a" in pod "p" is waiting to start: trying and failing to pull image',
    )
    assert await refused("container=b&previous=true") == (
        400,
        'previous terminated container "b" in pod "p" not found',
    )
    assert await refused("container=i") == (400, 'container "i" in pod "p" is not available')
    assert (await refused("container=b&tailLines=-1"))[0] == 422
    assert (await refused("container=b&sinceSeconds=0"))[0] == 422
    assert (await refused("container=b&sinceSeconds=3&sinceTime=2026-11-25T12:59:00Z"))[0] == 422
    assert (await refused("container=b&tailLines=x"))[0] == 400
    assert (await refused("container=b&sinceTime=x"))[0] == 400
    assert (await api.get(LOG.replace("/p/", "/q/"))).status == 404
    assert (await api.post(LOG, {})).status == 405


async def test_a_pod_without_a_node_has_an_empty_log(api: Api, cluster: PracticeCluster) -> None:
    put(cluster, "p", statuses=[], nodeName="")
    assert await lines(api) == []


class Stepped(Insides):
    """Time goes on by a twentieth of a second whenever somebody waits; counts who looks for lines."""

    looked = 0
    waited = 0

    def lines(self, run: Run) -> Lines:
        self.looked += 1
        return super().lines(run)

    async def tick(self) -> None:
        assert isinstance(self.clock, Hands)
        self.clock.now += 0.05
        self.waited += 1
        await asyncio.sleep(0)


async def test_a_follower_looks_only_when_there_is_something(cluster: PracticeCluster) -> None:
    hands = Hands(NOON + 30)
    insides = Stepped(cluster.store, hands)
    run = runs.running(put(cluster), "web")
    assert run is not None
    found: list[Line] = []
    async for lines in logs.follow(insides, run, hands.now):
        found += lines
        if hands.now > NOON + 1_000:
            break
    assert found == list(Insides(cluster.store, hands).lines(run).between(NOON + 30, hands.now))
    assert len(found) > 20
    assert insides.looked < insides.waited / 8
    insides.close()
