"""Whatever happens between and during the requests, in the end the rows are the server's truth."""

from __future__ import annotations

import asyncio

import pytest

from k8stui.core.freshness import Phase
from k8stui.core.refs import Scope
from k8stui.kube import listing
from k8stui.kube.client import Client, Include, ServerVersion
from k8stui.kube.timing import Timing
from tests.kube.scripted import PODS, Receiver, client_of, until
from tests.kube.truth import Key, TruthServer


class HastyTime:
    """Waits take no time; the clocks run on by what was waited for."""

    def __init__(self) -> None:
        self.passed = 0.0

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds
        await asyncio.sleep(0)

    @property
    def timing(self) -> Timing:
        return Timing(lambda: 1.7e9 + self.passed, lambda: self.passed, self.sleep, lambda: 0.5)


@pytest.fixture(autouse=True)
def small_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few objects are treated as many."""
    for name, value in {
        "FIRST_LOOK": 3,
        "FIRST_PAGE": 4,
        "LARGEST_PAGE": 6,
        "LARGEST_PAGE_OF_OBJECTS": 6,
        "TINY": -1,
        "_WORTH": 0,
    }.items():
        monkeypatch.setattr(listing, name, value)


def shown(server: TruthServer, namespaces: tuple[str, ...]) -> dict[Key, tuple[str, ...]]:
    return {key: cells for key, cells in server.truth.items() if not namespaces or key[0] in namespaces}


async def converge(server: TruthServer, receiver: Receiver, namespaces: tuple[str, ...] = ()) -> None:
    """Chaos, then quiet: the rows become the truth and stay it through a few more changes."""
    rng = server.rng
    for _ in range(120):
        if rng.random() < 0.4:
            server.change()
        if rng.random() < 0.15:
            server.break_something()
        for _ in range(rng.randrange(1, 25)):
            await asyncio.sleep(0)
    server.chaos = False
    await until(lambda: receiver.phase in (Phase.LIVE, Phase.POLLING), "live")
    await until(lambda: receiver.cells == shown(server, namespaces), "the truth")
    for _ in range(5):
        server.change()
        await until(lambda: receiver.cells == shown(server, namespaces), "the truth after a change")


WAYS = {
    "by namespace": (Scope.all(), Include.NONE),
    "pages": (Scope.all(), Include.METADATA),
    "one namespace": (Scope.of("ns1"), Include.NONE),
    "one namespace with metadata": (Scope.of("ns1"), Include.METADATA),
}


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("way", WAYS)
async def test_the_rows_become_the_truth(way: str, seed: int) -> None:
    scope, include = WAYS[way]
    server = TruthServer(seed, stale=seed % 2 == 1)
    client, transport = client_of(server, HastyTime().timing)
    if server.stale:
        pretend_old(client)
    receiver = Receiver(client.follow(PODS, scope, include=include))
    try:
        await converge(server, receiver, scope.namespaces)
    finally:
        await receiver.close()
    assert transport.open_streams == 0
    assert {task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("kube-")} == set()
    if way == "by namespace":
        assert any("/namespaces/" in r.path for r in transport.requests if not r.watching)


def pretend_old(client: Client) -> None:
    """Make lists come from the cache, as for a server before 1.31."""
    client._version = ServerVersion("v1.27.3", "1", "27", "linux/amd64")


@pytest.mark.parametrize("seed", range(8))
async def test_several_namespaces_become_the_truth(seed: int) -> None:
    server = TruthServer(seed)
    server.forbidden = {"/api/v1/namespaces/ns2/pods"}
    client, transport = client_of(server, HastyTime().timing)
    scope = Scope.of("ns0", "ns1", "ns2", "ns3")
    receiver = Receiver(client.follow(PODS, scope))

    try:
        await converge(server, receiver, ("ns0", "ns1", "ns3"))
        assert receiver.last.partial == ("ns2",)
    finally:
        await receiver.close()
    assert transport.open_streams == 0
