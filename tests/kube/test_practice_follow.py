"""Following kinds of the practice cluster over real connections: two readings of the API must agree."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from k8stui.core.freshness import Phase
from k8stui.core.kinds import ResourceKind
from k8stui.core.refs import ObjectRef, Scope
from k8stui.core.rows import RowKey
from k8stui.kube import kubeconfig
from k8stui.kube.client import Client, Include
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.practice.faults import Fault
from tests.kube.scripted import NODES, PODS, Receiver, until

SERVICES = ResourceKind("", "v1", "Service", "services", namespaced=True)
CONFIG_MAPS = ResourceKind("", "v1", "ConfigMap", "configmaps", namespaced=True)


@asynccontextmanager
async def cluster(
    *, cache: Path | None = None, **options: Any
) -> AsyncIterator[tuple[PracticeCluster, Client]]:
    async with practice_cluster(random_seed=1, **options) as found:
        client = Client.open(kubeconfig.load([found.kubeconfig], {}).choose(None), cache=cache)
        try:
            yield found, client
        finally:
            await client.close()
            left = [task for task in asyncio.all_tasks() if task.get_name().startswith("kube-")]
            assert not left


def keys(found: PracticeCluster, kind: ResourceKind, *namespaces: str) -> set[RowKey]:
    objects = found.store.list(kind)
    all_keys = {(obj["metadata"].get("namespace", ""), obj["metadata"]["name"]) for obj in objects}
    return {key for key in all_keys if not namespaces or key[0] in namespaces}


def config_map(namespace: str, name: str) -> dict[str, Any]:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": namespace}}


async def test_every_kind_that_is_discovered_can_be_followed(tmp_path: Path) -> None:
    async with cluster(moving=False, cache=tmp_path) as (found, client):
        discovery = await client.discover()
        assert await client.discover() == discovery
        assert len(discovery.kinds) > 60
        for kind in discovery.kinds:
            if not kind.listable or "watch" not in kind.verbs:
                continue
            view = Receiver(client.follow(kind, Scope.all()))
            await view.reaches(Phase.LIVE)
            assert set(view.rows) == keys(found, kind), kind.name
            assert view.columns is not None
            assert view.columns[0].name == "Name" or kind.plural == "events"
            await view.close()


async def test_many_pods_that_change_meanwhile_become_the_truth() -> None:
    async with cluster(pods=3000, moving=True) as (found, client):
        view = Receiver(client.follow(PODS, Scope.all()))
        for at in range(60):
            found.store.create(CONFIG_MAPS, config_map("default", f"busy-{at}"))
            gone = sorted(keys(found, PODS))[at * 3]
            found.store.delete(PODS, *gone)
            await asyncio.sleep(0)
        await view.reaches(Phase.LIVE)
        assert max(f.total or 0 for f in view.fresh) >= 2900
        await until(lambda: set(view.rows) == keys(found, PODS))
        assert len(view.rows) > 2900
        await view.close()


async def test_counts_lists_and_rights_agree_with_the_store() -> None:
    async with cluster(moving=False) as (found, client):
        names = await client.namespaces()
        for kind in (PODS, SERVICES, NODES):
            count = await client.count(kind, Scope.all())
            assert count.value == len(keys(found, kind)) > 0
            assert len(await client.list(kind, Scope.all())) == count.value
        some = Scope.of(*names[:3])
        assert (await client.count(PODS, some)).value == len(keys(found, PODS, *names[:3]))
        rights = await client.rights("default")
        assert rights.may("delete", "", "pods") is True


async def test_several_namespaces_live() -> None:
    async with cluster(seeded=False, moving=False) as (found, client):
        for name in ("default", "kube-system", "kube-public"):
            found.store.create(CONFIG_MAPS, config_map(name, "first"))
        found.faults.forbid("configmaps", "list", namespace="kube-public")
        view = Receiver(client.follow(CONFIG_MAPS, Scope.of("default", "kube-system", "kube-public")))
        await view.reaches(Phase.LIVE)
        assert view.last.partial == ("kube-public",)
        found.store.create(CONFIG_MAPS, config_map("kube-system", "second"))
        found.store.delete(CONFIG_MAPS, "default", "first")
        wanted = keys(found, CONFIG_MAPS, "default", "kube-system")
        await until(lambda: set(view.rows) == wanted)
        await view.close()


async def test_marks_follow_the_object() -> None:
    async with cluster(moving=False) as (_, client):
        view = Receiver(
            client.follow(
                SERVICES,
                Scope.all(),
                include=Include.OBJECT,
                marks=lambda obj: frozenset({obj["spec"].get("type", "ClusterIP")}),
            )
        )
        await view.reaches(Phase.LIVE)
        assert {mark for row in view.rows.values() for mark in row.marks} >= {"ClusterIP", "NodePort"}
        assert all(row.labels is not None and row.created for row in view.rows.values())
        await view.close()


async def test_faults_of_a_real_connection_are_survived() -> None:
    async with cluster(seeded=False, moving=False) as (found, client):
        store, faults = found.store, found.faults
        store.create(CONFIG_MAPS, config_map("default", "first"))
        cut = faults.cut("configmaps", "watch", events=1)
        view = Receiver(client.follow(CONFIG_MAPS, Scope.of("default")))
        await view.reaches(Phase.LIVE)

        async def change_and_see(name: str) -> None:
            store.create(CONFIG_MAPS, config_map("default", name))
            retry = asyncio.create_task(retry_often(client))
            await until(lambda: set(view.rows) == keys(found, CONFIG_MAPS, "default"), name)
            retry.cancel()

        await change_and_see("cut-1")
        await change_and_see("cut-2")
        faults.remove(cut)
        troubles: list[Callable[[], Fault]] = [
            lambda: faults.error_event(410, "configmaps", times=2),
            lambda: faults.expire("configmaps", "watch", times=2),
            lambda: faults.fail(503, "configmaps", times=3),
            lambda: faults.fail(429, "configmaps", retry_after=1, times=2),
            lambda: faults.rubbish("configmaps", "watch", times=1),
        ]
        for number, trouble in enumerate(troubles):
            trouble()
            end = faults.cut("configmaps", "watch", events=0, times=1)
            await change_and_see(f"fault-{number}")
            faults.remove(end)
        await view.close()


async def retry_often(client: Client) -> None:
    while True:
        client.retry_now()
        await asyncio.sleep(0)


async def test_a_kind_that_comes_plainly_has_names_and_ages() -> None:
    async with cluster(moving=False) as (found, client):
        found.faults.plain("pods")
        view = Receiver(client.follow(PODS, Scope.all()))
        await view.reaches(Phase.LIVE)
        assert [column.name for column in view.columns or ()] == ["Name", "Age"]
        assert set(view.rows) == keys(found, PODS)
        victim = sorted(view.rows)[0]
        found.store.delete(PODS, *victim)
        await until(lambda: set(view.rows) == keys(found, PODS))
        await view.close()


async def test_one_object_live() -> None:
    async with cluster(seeded=False, moving=False) as (found, client):
        seen: list[Any] = []
        ref = ObjectRef(CONFIG_MAPS, "default", "one")

        async def receive() -> None:
            async for step in client.follow_object(ref):
                seen.append(step)

        task = asyncio.create_task(receive())
        await until(lambda: seen and getattr(seen[-1], "phase", None) is Phase.LIVE)
        found.store.create(CONFIG_MAPS, config_map("default", "one"))
        await until(lambda: isinstance(seen[-1], dict))
        assert seen[-1]["metadata"]["name"] == "one"
        found.store.delete(CONFIG_MAPS, "default", "one")
        await until(lambda: seen[-1] is None)
        task.cancel()
        await asyncio.wait({task})
