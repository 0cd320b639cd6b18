"""Neighbours asked of the practice cluster, and notes on them that follow."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from k8stui import catalog
from k8stui.core.lang import Lang
from k8stui.core.refs import ObjectRef
from k8stui.notes import RELATIONS
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.session.model import Subject
from k8stui.session.neighbours import MOST_READ, Neighbours
from k8stui.session.session import Session
from k8stui.settings import Settings
from tests.session.test_session import Starter

pytestmark = pytest.mark.asyncio(loop_scope="module")
SERVICES, PODS = catalog.BUILTIN["services"], catalog.BUILTIN["pods"]
NOTE = """\
notes:
  - id: my-service-pods
    about: {kind: Service}
    severity: special
    title: {en: Has Pods, ja: Podがあります}
    short: {en: "{=near.pods[0].metadata.name} is first.", ja: "{=near.pods[0].metadata.name}が先頭です。"}
    needs: [pods]
    when: size(near.pods) > 0
    evidence: [near.pods]
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seeded() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(moving=False, random_seed=1) as found:
        yield found


@pytest.fixture
def cluster(seeded: PracticeCluster) -> Iterator[PracticeCluster]:
    yield seeded
    seeded.faults.clear()


@asynccontextmanager
async def opened(cluster: PracticeCluster, notes: Path | None = None) -> AsyncIterator[Session]:
    settings = Settings(kubeconfig=cluster.kubeconfig, notes_dir=notes)
    session = Session(settings, Starter(cluster), lang=Lang.EN, environ={})
    try:
        await session.start()
        await session.discover()
        yield session
    finally:
        await session.close()


def with_pods(cluster: PracticeCluster) -> dict[str, Any]:
    """A Service whose selector picks Pods."""
    for service in cluster.store.list(SERVICES):
        for pod in cluster.store.list(PODS, service["metadata"]["namespace"]):
            wanted = service["spec"].get("selector") or {"": ""}
            if wanted.items() <= pod["metadata"].get("labels", {}).items():
                return service
    raise AssertionError


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "own.yaml").write_text(NOTE, encoding="utf-8")
    return tmp_path


async def test_every_relation_of_every_object_can_be_asked(cluster: PracticeCluster) -> None:
    async with opened(cluster) as session:
        neighbours = Neighbours(session.client, lambda: session.kinds)
        told: set[str] = set()
        for kind in session.kinds:
            if not kind.listable:
                continue
            relations = [n for n, of in RELATIONS.items() if not of or (kind.group, kind.kind) in of]
            for obj in await session.client.list(kind, session.scope.all(), limit=40):
                near = await neighbours.of(obj, kind, relations)
                told |= {name for name, found in near.items() if found}
        assert told >= set(RELATIONS) - {"definition", "hpas", "pdbs", "networkpolicies", "limitranges"}


async def test_notes_on_neighbours_follow_the_others(cluster: PracticeCluster, notes: Path) -> None:
    service = with_pods(cluster)
    ref = ObjectRef(SERVICES, service["metadata"]["namespace"], service["metadata"]["name"])
    async with opened(cluster, notes) as session:
        async with asyncio.timeout(10), aclosing(session.explanations(Subject(ref=ref))) as told:
            first = await anext(told)
            assert "my-service-pods" not in {note.id for note in first.notes}
            async for later in told:
                found = {note.id: note for note in later.notes}
                if "my-service-pods" in found:
                    break
        view = found["my-service-pods"]
        assert view.short == f"{view.evidence[0][1]} is first."
        assert view.evidence[0][0] == "Pod"
        assert (PODS, ref.namespace, view.evidence[0][1]) in {
            (k.kind, k.namespace, k.name) for k in later.links
        }
        at_once = await session.explain_once(ref)
        assert "my-service-pods" in {note.id for note in at_once.notes}


async def test_who_may_not_read_neighbours_has_the_other_notes(cluster: PracticeCluster, notes: Path) -> None:
    service = with_pods(cluster)
    cluster.faults.forbid("pods")
    ref = ObjectRef(SERVICES, service["metadata"]["namespace"], service["metadata"]["name"])
    async with opened(cluster, notes) as session:
        found = await session.explain_once(ref)
        assert "my-service-pods" not in {note.id for note in found.notes}
        assert found.notes[-1].severity == "kind"


class Counting:
    """A client that answers lists with so many objects, and counts the questions."""

    def __init__(self, many: int) -> None:
        self.many, self.asked = many, 0

    async def list(self, *_: object, limit: int, **__: object) -> list[dict[str, Any]]:
        self.asked += 1
        await asyncio.sleep(0)
        return [{"kind": "Pod", "metadata": {"name": str(n)}} for n in range(min(self.many, limit))]


SERVICE = {
    "kind": "Service",
    "apiVersion": "v1",
    "metadata": {"name": "a", "namespace": "b"},
    "spec": {"selector": {"a": "b"}},
}


async def test_too_many_neighbours_are_not_told(cluster: PracticeCluster) -> None:
    for many, known in ((MOST_READ, True), (MOST_READ + 1, False)):
        client: Any = Counting(many)
        neighbours = Neighbours(client, lambda: tuple(catalog.BUILTIN.values()))
        near = await neighbours.of(SERVICE, SERVICES, ["pods"])
        assert ("pods" in near) is known


async def test_an_answer_is_kept_for_a_moment(cluster: PracticeCluster) -> None:
    now = [0.0]
    client: Any = Counting(3)
    neighbours = Neighbours(client, lambda: tuple(catalog.BUILTIN.values()), lambda: now[0])
    await asyncio.gather(*(neighbours.of(SERVICE, SERVICES, ["pods"]) for _ in range(5)))
    assert client.asked == 1
    now[0] = 6.0
    await neighbours.of(SERVICE, SERVICES, ["pods"])
    assert client.asked == 2


async def test_a_kind_that_is_not_served_is_not_asked_for(cluster: PracticeCluster) -> None:
    client: Any = Counting(3)
    neighbours = Neighbours(client, lambda: ())
    assert await neighbours.of(SERVICE, SERVICES, ["pods"]) == {}
    assert client.asked == 0
