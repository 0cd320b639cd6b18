"""What the practice cluster runs on, and its objects that show a note."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio

from k8stui import catalog
from k8stui.core.lang import Lang
from k8stui.notes import BENEFITS, Note
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.session import report
from k8stui.session.handbook import Order
from k8stui.session.model import Link, Subject
from k8stui.session.session import Session
from k8stui.settings import Settings
from tests.session.test_session import Starter

pytestmark = pytest.mark.asyncio(loop_scope="module")
OWN = """\
notes:
  - id: own-page
    about: {handbook: page}
    severity: kind
    title: {en: Page, ja: ページ}
    short: {en: Page, ja: ページ}
    shows:
      - {kind: Nothing}
      - {kind: Pod, when: 'object.metadata.namespace == "kube-system"'}
  - id: own-near
    about: {kind: Service}
    severity: special
    title: {en: Near, ja: 近く}
    short: {en: Near, ja: 近く}
    needs: [endpointslices]
    when: size(near.endpointslices) > 0
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
async def opened(cluster: PracticeCluster, tmp_path: Path) -> AsyncIterator[Session]:
    (tmp_path / "notes").mkdir(exist_ok=True)
    (tmp_path / "notes" / "own.yaml").write_text(OWN, encoding="utf-8")
    settings = Settings(kubeconfig=cluster.kubeconfig, notes_dir=tmp_path / "notes")
    environ = {"XDG_STATE_HOME": str(tmp_path)}
    session = Session(settings, Starter(cluster), lang=Lang.EN, environ=environ)
    try:
        await session.start()
        await session.discover()
        yield session
    finally:
        await session.close()


async def shown(session: Session, id: str, most: int = 9) -> list[Link]:
    note = await session.learning.note(id)
    assert isinstance(note, Note)
    return await session.learning.examples(note, most)


async def test_the_cluster_says_what_it_runs_on(cluster: PracticeCluster, tmp_path: Path) -> None:
    async with opened(cluster, tmp_path) as session:
        found = await session.learning.environment(session.info)
        assert [name for name, _ in found.kinds] == ["practice"]
        assert [name for name, _ in found.networks] == ["flannel"]
        assert session.learning.known_environment is found
        told = await report.explanation(session, "cluster")
        assert told.title == "Cluster"


async def test_what_may_not_be_read_is_left_out(cluster: PracticeCluster, tmp_path: Path) -> None:
    for resource in ("nodes", "daemonsets", "namespaces"):
        cluster.faults.forbid(resource)
    async with opened(cluster, tmp_path) as session:
        found = await session.learning.environment(session.info)
        assert [name for name, _ in found.kinds] == ["practice"]
        assert found.networks == ()


async def test_nodes_and_their_category_are_told_what_the_cluster_is(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    async with opened(cluster, tmp_path) as session:
        for subject in (Subject(category=catalog.Category.CLUSTER), Subject(kind=catalog.BUILTIN["nodes"])):
            editions = [edition async for edition in session.explanations(subject)]
            assert editions[-1].notes[-1].severity == "kind"
            assert {"environment-practice", "network-flannel"} <= {note.id for note in editions[-1].notes}
        assert len(editions) == 1, "the cluster is asked once"


async def test_objects_show_a_note(cluster: PracticeCluster, tmp_path: Path) -> None:
    async with opened(cluster, tmp_path) as session:
        host = await shown(session, "pod-host-network")
        pods = {
            (p["metadata"]["namespace"], p["metadata"]["name"]): p
            for p in cluster.store.list(catalog.BUILTIN["pods"])
        }
        assert host and all(pods[link.namespace, link.name]["spec"]["hostNetwork"] for link in host)
        assert len(await shown(session, "pod-host-network", 2)) == 2
        assert {link.kind.kind for link in await shown(session, "own-page")} == {"Pod"}
        assert {link.namespace for link in await shown(session, "own-page")} == {"kube-system"}
        assert await shown(session, "own-near", 3)
        for form in catalog.ServiceForm:
            note = next(n for n in session.explainer.library.notes() if n.about.form == form.value)
            for link in await session.learning.examples(note, 2):
                assert link.kind.kind == "Service"


async def test_what_the_cluster_runs_on_is_shown_by_its_proof(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    async with opened(cluster, tmp_path) as session:
        assert [link.title for link in await shown(session, "network-flannel")] == [
            "DaemonSet kube-flannel-ds"
        ]
        (daemonset,) = await shown(session, "network-flannel")
        assert daemonset.namespace == "kube-flannel"
        assert [link.title for link in await shown(session, "environment-practice")] == ["Node"]
        assert await shown(session, "environment-gke") == []
        told = await report.explanation(session, "cluster")
        assert [note.id for note in told.notes] == ["environment-practice", "network-flannel"]
        assert told.notes[1].evidence == (("DaemonSet/kube-flannel-ds metadata.namespace", "kube-flannel"),)


async def test_every_benefit_has_an_object_that_shows_it(cluster: PracticeCluster, tmp_path: Path) -> None:
    async with opened(cluster, tmp_path) as session:
        (section,) = await session.learning.sections(Order.BENEFITS)
        assert [note.about.benefit for note in section.notes] == list(BENEFITS)
        for note in section.notes:
            assert await session.learning.examples(note), note.id


async def test_where_a_kind_may_not_be_listed_there_is_no_example(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    cluster.faults.forbid("pods")
    async with opened(cluster, tmp_path) as session:
        assert await shown(session, "pod-host-network") == []


async def test_the_handbook_has_a_person_s_own_pages(cluster: PracticeCluster, tmp_path: Path) -> None:
    async with opened(cluster, tmp_path) as session:
        found = await session.learning.sections(Order.CHAPTERS, "own-page")
        assert [note.id for section in found for note in section.notes] == ["own-page"]
        assert await session.learning.note("no-such-note") is None
        session.learning.marks.add("own-page")
        assert (tmp_path / "k8stui" / "read-notes.json").exists()
