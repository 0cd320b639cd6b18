"""One clock drives the cluster: real, faster, or moved by hand; and the same seed gives the same life."""

from __future__ import annotations

import asyncio

import pytest

from k8stui.core.objects import JsonObject, dig
from k8stui.core.units import parse_time
from k8stui.practice.clock import RunningClock, SteppedClock
from k8stui.practice.cluster import practice_cluster
from k8stui.practice.kinds import BUILTIN_KINDS, builtin
from k8stui.practice.store import Store
from tests.practice.api_client import connect, deployment

START = 1_790_000_000.0
PODS, EVENTS = builtin("pods"), builtin("events")


def everything(store: Store) -> dict[tuple[str, str, str], JsonObject]:
    """Every object of a store."""
    return {
        (kind.name, entry.namespace, entry.name): entry.object
        for kind in BUILTIN_KINDS
        for entry in store.entries(kind)
    }


async def lived(number: int) -> dict[tuple[str, str, str], JsonObject]:
    """All that there is after some minutes in which somebody did something."""
    clock = SteppedClock(START)
    async with practice_cluster(clock=clock, random_seed=number) as cluster, connect(cluster) as api:
        await clock.step(30)
        made = {**deployment("web", replicas=3), "metadata": {"generateName": "web-"}}
        reply = await api.post("/apis/apps/v1/namespaces/default/deployments", made)
        assert reply.status == 201
        service = {
            "kind": "Service",
            "apiVersion": "v1",
            "metadata": {"name": "web"},
            "spec": {"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80}]},
        }
        assert (await api.post("/api/v1/namespaces/default/services", service)).status == 201
        await clock.step(200)
        assert clock() == START + 230
        assert (await api.call("DELETE", "/api/v1/namespaces/storefront/pods")).status == 200
        await clock.step(70)
        return everything(cluster.store)


async def test_the_same_seed_and_the_same_steps_give_the_same_objects() -> None:
    first, second, other = await lived(7), await lived(7), await lived(8)
    assert first.keys() == second.keys()
    for key, obj in first.items():
        assert second[key] == obj
    mine = [obj for obj in first.values() if dig(obj, "metadata", "labels", "app") == "web"]
    assert sum(obj["kind"] == "Pod" for obj in mine) == 3
    assert first.keys() != other.keys()


async def test_a_step_stops_wherever_something_is_due() -> None:
    clock = SteppedClock(START)
    async with practice_cluster(clock=clock, random_seed=1) as cluster, connect(cluster) as api:
        pod: JsonObject = {
            "kind": "Pod",
            "apiVersion": "v1",
            "metadata": {"name": "brief"},
            "spec": {
                "restartPolicy": "Never",
                "containers": [{"name": "c", "image": "busybox:1.37", "command": ["sleep", "20"]}],
            },
        }
        assert (await api.post("/api/v1/namespaces/default/pods", pod)).status == 201
        await clock.step(600)
        ended = cluster.store.get(PODS, "default", "brief")
        finished = dig(ended, "status", "containerStatuses", 0, "state", "terminated", "finishedAt")
        assert 20 <= (parse_time(finished) or 0.0) - START < 40


def test_a_clock_runs_as_many_times_as_fast() -> None:
    real = [1_000.0]
    clock = RunningClock(10, lambda: real[0])
    assert clock() == 1_000
    real[0] = 1_006.0
    assert clock() == 1_060
    plain = RunningClock(real=lambda: real[0])
    real[0] = 5.0
    assert plain() == 5


async def test_a_fast_clock_does_not_wait_long() -> None:
    clock = RunningClock(1_000)
    due = clock() + 100
    async with asyncio.timeout(5):
        while clock() < due:
            await clock.rest(due, asyncio.Event())


async def test_a_change_ends_the_rest() -> None:
    for clock in (RunningClock(0.001), SteppedClock(START)):
        changed = asyncio.Event()
        resting = asyncio.ensure_future(clock.rest(clock() + 1_000, changed))
        await asyncio.sleep(0)
        changed.set()
        async with asyncio.timeout(5):
            await resting


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_clock_cannot_stand_still(speed: float) -> None:
    with pytest.raises(ValueError):
        RunningClock(speed)
