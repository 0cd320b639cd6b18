from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from k8stui.practice.clock import SteppedClock
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from tests.practice.api_client import Api, connect
from tests.practice.controllers.lab import Lab
from tests.practice.lab import START
from tests.practice.team import Team


@pytest_asyncio.fixture
async def cluster() -> AsyncIterator[PracticeCluster]:
    """An empty cluster in which nothing moves."""
    async with practice_cluster(seeded=False, moving=False, random_seed=1) as found:
        yield found


@pytest_asyncio.fixture
async def api(cluster: PracticeCluster) -> AsyncIterator[Api]:
    async with connect(cluster) as found:
        yield found


@pytest.fixture
def lab() -> Iterator[Lab]:
    """Two nodes, one namespace, and nothing in it."""
    lab = Lab()
    yield lab
    lab.engine.detach()


@pytest.fixture
def company() -> Iterator[Lab]:
    """The company of the seed."""
    lab = Lab(seeded=True)
    yield lab
    lab.engine.detach()


@pytest_asyncio.fixture
async def team() -> AsyncIterator[Team]:
    clock = SteppedClock(START)
    async with (
        practice_cluster(clock=clock, seeded=False, random_seed=1) as cluster,
        connect(cluster) as api,
    ):
        room = {"cpu": "8", "memory": "16Gi", "pods": "110"}
        node = {
            "kind": "Node",
            "apiVersion": "v1",
            "metadata": {"name": "n"},
            "status": {"allocatable": room},
        }
        assert (await api.post("/api/v1/nodes", node)).status == 201
        await api.post(
            "/api/v1/namespaces", {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "team"}}
        )
        await clock.step(1)
        yield Team(api, clock)
