"""The session against the practice cluster: what a front end relies on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from k8stui import catalog
from k8stui.core.errors import ExplorerError, UsageError
from k8stui.core.freshness import Freshness, Phase
from k8stui.core.lang import Lang
from k8stui.core.refs import ObjectRef, Scope
from k8stui.core.rows import Row, RowDelta, RowKey
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.session import report
from k8stui.session.connections import PRACTICE
from k8stui.session.model import Subject, View
from k8stui.session.session import Session
from k8stui.settings import Settings

PODS, SERVICES = catalog.BUILTIN["pods"], catalog.BUILTIN["services"]


class Starter:
    """Starts nothing: the cluster of the test is the practice cluster."""

    def __init__(self, cluster: PracticeCluster) -> None:
        self._cluster = cluster
        self.starts = 0

    async def start(self) -> Path:
        self.starts += 1
        return self._cluster.kubeconfig

    async def stop(self) -> None:
        return


pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def seeded() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(moving=False, random_seed=1) as found:
        yield found


@pytest.fixture
def cluster(seeded: PracticeCluster) -> Iterator[PracticeCluster]:
    yield seeded
    seeded.faults.clear()


@asynccontextmanager
async def opened(
    cluster: PracticeCluster, *, environ: Mapping[str, str] | None = None, **settings: object
) -> AsyncIterator[Session]:
    chosen = Settings(**{"kubeconfig": cluster.kubeconfig, **settings})  # type: ignore[arg-type]
    session = Session(chosen, Starter(cluster), lang=Lang.EN, environ=environ or {})
    try:
        yield session
    finally:
        await session.close()


async def until_live(session: Session, view: View) -> tuple[dict[RowKey, Row], Freshness]:
    """The rows of a view when it is live or has ended."""
    rows: dict[RowKey, Row] = {}
    state: Freshness | None = None
    async with asyncio.timeout(10), aclosing(session.feed(view)) as steps:
        async for step in steps:
            if isinstance(step, RowDelta):
                rows.update((row.key, row) for row in step.put)
                for key in step.drop:
                    rows.pop(key, None)
            else:
                state = step
                if step.phase in (Phase.LIVE, Phase.DENIED, Phase.FAILED):
                    break
    assert state is not None
    return rows, state


async def test_it_opens_the_context_and_shows_its_namespace(cluster: PracticeCluster) -> None:
    async with opened(cluster) as session:
        info = await session.start()
        view = await session.start_view("po")
        rows, state = await until_live(session, view)
        assert state.phase is Phase.LIVE
        assert {row.namespace for row in rows.values()} == {info.namespace}
        assert len(rows) == len(cluster.store.list(PODS, info.namespace))
        assert (await session.identify()).version.startswith("v1.")


async def test_settings_choose_the_scope(cluster: PracticeCluster) -> None:
    async with opened(cluster, namespace="*") as session:
        await session.start()
        rows, _ = await until_live(session, await session.start_view("pods"))
        assert len(rows) == len(cluster.store.list(PODS))


async def test_without_a_kubeconfig_the_practice_cluster_opens_and_says_why(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    starter = Starter(cluster)
    session = Session(Settings(), starter, lang=Lang.EN, environ={"HOME": str(tmp_path)})
    try:
        info = await session.start()
        assert (info.practice, starter.starts) == (True, 1)
        assert info.reason is not None
        assert session.scope.everywhere
    finally:
        await session.close()


async def test_what_was_asked_for_by_name_is_never_replaced_by_practice(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    async with opened(cluster, kubeconfig=tmp_path / "missing") as session:
        with pytest.raises(ExplorerError):
            await session.start()
    async with opened(cluster, context="nowhere") as session:
        with pytest.raises(ExplorerError, match="nowhere"):
            await session.start()


async def test_the_catalog_is_there_before_any_server_and_becomes_the_servers(
    cluster: PracticeCluster,
) -> None:
    async with opened(cluster) as session:
        assert [node.title for node in session.catalog] == [c.title for c in catalog.Category]
        await session.start()
        await session.discover()
        names = {kind.name for kind in session.kinds}
        assert "customresourcedefinitions.apiextensions.k8s.io" in names
        assert any(catalog.place(kind).custom for kind in session.kinds)


async def test_services_come_with_their_forms(cluster: PracticeCluster) -> None:
    async with opened(cluster, namespace="*") as session:
        await session.start()
        rows, _ = await until_live(session, View(SERVICES, Scope.all()))
        seen = {mark for row in rows.values() for mark in row.marks}
        assert seen == {form.value for form in catalog.ServiceForm}
        counted = await session.form_counts()
        assert counted == {
            form: sum(form.value in row.marks for row in rows.values()) for form in catalog.ServiceForm
        }


async def test_counts_are_the_scopes(cluster: PracticeCluster) -> None:
    async with opened(cluster) as session:
        info = await session.start()
        session.scope = Scope.of("kube-system")
        wanted = [PODS, catalog.BUILTIN["nodes"], SERVICES]
        told = {kind: count.value async for kind, count in session.counts(wanted)}
        assert told == {
            PODS: len(cluster.store.list(PODS, "kube-system")),
            catalog.BUILTIN["nodes"]: len(cluster.store.list(catalog.BUILTIN["nodes"])),
            SERVICES: len(cluster.store.list(SERVICES, "kube-system")),
        }
        assert info.namespace != "kube-system"


async def test_a_forbidden_kind_is_a_count_that_says_so(cluster: PracticeCluster) -> None:
    cluster.faults.forbid("secrets")
    async with opened(cluster) as session:
        await session.start()
        count = await session.count(catalog.BUILTIN["secrets"])
        assert count.value is None
        assert count.denied is not None
        rows, state = await until_live(session, View(catalog.BUILTIN["secrets"], Scope.all()))
        assert (rows, state.phase) == ({}, Phase.DENIED)


async def test_who_may_not_list_everywhere_sees_the_own_namespace(cluster: PracticeCluster) -> None:
    cluster.faults.forbid("pods", namespace="")
    cluster.faults.forbid("namespaces")
    async with opened(cluster) as session:
        info = await session.start()
        session.scope = Scope.all()
        rows, state = await until_live(session, View(PODS, Scope.all()))
        assert state.phase is Phase.LIVE
        assert state.message is not None
        assert state.only == (info.namespace,)
        assert {row.namespace for row in rows.values()} == {info.namespace}
        assert (await session.count(PODS)).value == len(rows)
        assert await session.namespaces() == [info.namespace]


async def test_forms_are_counted_where_services_may_be_listed(cluster: PracticeCluster) -> None:
    cluster.faults.forbid("services", namespace="")
    async with opened(cluster) as session:
        info = await session.start()
        session.scope = Scope.of(info.namespace)
        here = await session.form_counts()
        session.scope = Scope.all()
        assert await session.form_counts() == here
        assert any(here.values())
        cluster.faults.forbid("services")
        assert await session.form_counts() == {}


async def test_another_context_is_probed_while_the_old_stays(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    config = yaml.safe_load(cluster.kubeconfig.read_text())
    config["clusters"].append({"name": "dead", "cluster": {"server": "https://127.0.0.1:9"}})
    config["contexts"].append({"name": "dead", "context": {"cluster": "dead", "user": ""}})
    path = tmp_path / "config"
    path.write_text(yaml.safe_dump(config))
    async with opened(cluster, kubeconfig=path) as session:
        info = await session.start()
        before = session.client
        with pytest.raises(ExplorerError, match=r"127\.0\.0\.1:9"):
            await session.switch_context(session.context_named("dead"))
        assert (session.client, session.info) == (before, info)
        switched = await session.switch_context(session.context_named(PRACTICE))
        assert switched.practice
        assert [entry.name for entry in session.contexts() if entry.current] == [PRACTICE]
        with pytest.raises(UsageError, match="daed"):
            session.context_named("daed")


async def test_an_object_is_explained_and_followed(cluster: PracticeCluster) -> None:
    pod = next(p for p in cluster.store.list(PODS) if p["metadata"].get("ownerReferences"))
    ref = ObjectRef(PODS, pod["metadata"]["namespace"], pod["metadata"]["name"])
    async with opened(cluster) as session:
        await session.start()
        async with asyncio.timeout(10), aclosing(session.explanations(Subject(ref=ref))) as told:
            first = await anext(told)
            assert first.notes[-1].severity == "kind"
            owner = pod["metadata"]["ownerReferences"][0]
            assert (first.links[0].kind.kind, first.links[0].name) == (owner["kind"], owner["name"])
            session.lang = Lang.JA
            cluster.store.delete(PODS, ref.namespace, ref.name)
            async for later in told:
                if later.deleted:
                    break
            assert later.notes[-1].title != first.notes[-1].title


async def test_an_object_that_cannot_be_read_still_has_its_kinds_note(cluster: PracticeCluster) -> None:
    async with opened(cluster) as session:
        await session.start()
        cluster.faults.forbid("pods")
        pod = cluster.store.list(PODS)[0]["metadata"]
        subject = Subject(ref=ObjectRef(PODS, pod["namespace"], pod["name"]))
        async with asyncio.timeout(10), aclosing(session.explanations(subject)) as told:
            first = await anext(told)
        assert first.problem is not None
        assert [note.severity for note in first.notes] == ["kind"]


async def test_categories_and_forms_have_notes_without_a_cluster(cluster: PracticeCluster) -> None:
    async with opened(cluster) as session:
        for subject in (
            *(Subject(category=category) for category in catalog.Category),
            *(Subject(form=form) for form in catalog.ServiceForm),
            *(Subject(kind=kind) for kind in catalog.BUILTIN.values()),
        ):
            told = await anext(aiter(session.explanations(subject)))
            assert told.notes, told.title


async def test_enter_leads_from_a_namespace_to_its_pods(cluster: PracticeCluster) -> None:
    async with opened(cluster) as session:
        await session.start()
        await session.discover()
        namespaces = View(catalog.BUILTIN["namespaces"], Scope.all())
        rows, _ = await until_live(session, namespaces)
        view = session.drill(namespaces, rows["", "kube-system"])
        assert view == View(PODS, Scope.of("kube-system"))
        crds = View(catalog.BUILTIN["customresourcedefinitions"], Scope.all())
        rows, _ = await until_live(session, crds)
        row = next(iter(rows.values()))
        drilled = session.drill(crds, row)
        assert drilled is not None
        assert drilled.kind.name == row.name
        assert session.drill(View(PODS, Scope.all()), row) is None


async def test_the_report_for_scripts(cluster: PracticeCluster) -> None:
    async with opened(cluster) as session:
        await session.start()
        session.scope = Scope.all()
        told = await report.categories(session, counts=True)
        assert [category["category"] for category in told] == [c.title for c in catalog.Category]
        pods = told[0]["kinds"][0]
        assert (pods["plural"], pods["inBook"], pods["count"]) == (
            "pods",
            True,
            len(cluster.store.list(PODS)),
        )
        services = told[1]["kinds"][0]
        assert [form["form"] for form in services["forms"]] == [form.value for form in catalog.ServiceForm]
        assert all(form["count"] for form in services["forms"])
        with pytest.raises(UsageError, match="podss"):
            await report.explanation(session, "podss")
        pod = cluster.store.list(PODS, "kube-system")[0]["metadata"]["name"]
        session.scope = Scope.of("kube-system")
        assert (await report.explanation(session, f"po/{pod}")).title.endswith(pod)
