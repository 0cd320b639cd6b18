from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from k8stui.practice.cluster import PracticeCluster, practice_cluster
from tests.practice.api_client import Api, connect


@pytest_asyncio.fixture
async def cluster() -> AsyncIterator[PracticeCluster]:
    """An empty cluster in which nothing moves."""
    async with practice_cluster(seeded=False, moving=False, random_seed=1) as found:
        yield found


@pytest_asyncio.fixture
async def api(cluster: PracticeCluster) -> AsyncIterator[Api]:
    async with connect(cluster) as found:
        yield found
