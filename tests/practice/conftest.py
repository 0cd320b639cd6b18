from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from k8stui.practice.cluster import PracticeCluster, practice_cluster
from tests.practice.api_client import Api, connect
from tests.practice.controllers.lab import Lab


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
