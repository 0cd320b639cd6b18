"""The explorer's readings of a real API server, judged by kubectl.

Skipped unless K8STUI_TEST_KUBECONFIG names a kubeconfig that may make and remove namespaces and
CustomResourceDefinitions. Everything happens in a namespace that is made for it, others may use the server
meanwhile.
"""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from k8stui import catalog
from k8stui.core.freshness import Phase
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang
from k8stui.core.objects import dig
from k8stui.core.refs import Scope
from k8stui.kube.client import Include
from k8stui.kube.errors import ApiError
from k8stui.session.model import Subject, View
from k8stui.session.session import Session
from k8stui.settings import Settings
from tests.kube.scripted import Receiver
from tests.real.house import House, differences, headers_of, parse_wide, until

CONFIG_MAPS = catalog.BUILTIN["configmaps"]
DEPLOYMENTS = catalog.BUILTIN["deployments"]
SERVICES = catalog.BUILTIN["services"]
CRDS = catalog.BUILTIN["customresourcedefinitions"]


def deployment(name: str, *, image: str = "nginx:latest", replicas: int = 2) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "web", "image": image}]},
            },
        },
    }


def custom_kind(group: str) -> dict[str, Any]:
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    column = {"name": "Colour", "type": "string", "jsonPath": ".spec.colour"}
    wide = {"name": "Size", "type": "integer", "jsonPath": ".spec.size", "priority": 1}
    return {
        "metadata": {"name": f"gadgets.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"plural": "gadgets", "singular": "gadget", "kind": "Gadget", "shortNames": ["gdg"]},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                    "additionalPrinterColumns": [column, wide],
                }
            ],
        },
    }


@asynccontextmanager
async def receiver(steps: Any) -> AsyncIterator[Receiver]:
    found = Receiver(steps)
    try:
        yield found
    finally:
        await found.close()


@asynccontextmanager
async def session(house: House, path: Path | None = None) -> AsyncIterator[Session]:
    settings = Settings(kubeconfig=path or house.path, namespace=house.namespace)
    found = Session(settings, _NoPractice(), lang=Lang.EN, environ={})
    try:
        await found.start()
        yield found
    finally:
        await found.close()


class _NoPractice:
    """Whoever asks for the practice cluster here has taken a wrong turn."""

    async def start(self) -> Path:
        raise AssertionError("the practice cluster was asked for")

    async def stop(self) -> None:
        """Nothing was started."""


async def furnish(house: House) -> None:
    """Objects whose cells are not trivial, of namespaced kinds."""
    await house.create(DEPLOYMENTS, deployment("web"))
    for name, spec in {
        "plain": {"selector": {"app": "web"}, "ports": [{"port": 80}]},
        "ports": {"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80}]},
        "headless": {"clusterIP": "None", "ports": [{"port": 80}]},
        "outside": {"type": "ExternalName", "externalName": "db.example.com"},
        "balanced": {"type": "LoadBalancer", "ports": [{"port": 1}]},
    }.items():
        await house.create(SERVICES, {"metadata": {"name": name}, "spec": spec})
    await house.create(CONFIG_MAPS, {"metadata": {"name": "settings"}, "data": {"a": "1", "b": "2"}})
    claim = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    await house.create(
        catalog.BUILTIN["persistentvolumeclaims"], {"metadata": {"name": "data"}, "spec": claim}
    )
    cron = {"schedule": "0 3 * * *", "jobTemplate": {"spec": {"template": _one_run()}}}
    await house.create(catalog.BUILTIN["cronjobs"], {"metadata": {"name": "night"}, "spec": cron})
    await house.create(
        catalog.BUILTIN["jobs"], {"metadata": {"name": "once"}, "spec": {"template": _one_run()}}
    )


def _one_run() -> dict[str, Any]:
    container = {"name": "run", "image": "busybox:1", "command": ["true"]}
    return {"spec": {"restartPolicy": "Never", "containers": [container]}}


async def test_discovery_finds_what_kubectl_finds(house: House) -> None:
    discovery = await house.client.discover()
    ours = {(kind.name, kind.api_version, kind.namespaced, kind.kind) for kind in discovery.kinds}
    text = await house.kubectl("api-resources", "--no-headers")
    theirs = set()
    for line in text.splitlines():
        *names, version, namespaced, kind = line.split()
        group = version.rpartition("/")[0]
        theirs.add((f"{names[0]}.{group}" if group else names[0], version, namespaced == "true", kind))
    assert ours - theirs == set()
    assert theirs - ours == set()


async def test_every_kind_shows_the_columns_and_cells_of_kubectl(house: House) -> None:
    await furnish(house)
    await house.create(CRDS, custom_kind(f"{house.namespace}.example.com"))
    discovery = await house.client.discover(refresh=True)
    wrong: dict[str, list[str]] = {}
    for kind in (kind for kind in discovery.kinds if kind.listable):
        for _ in range(5):  # the rest of the cluster moves between two looks
            if not (found := await _compared(house, kind)):
                break
        else:
            wrong[kind.name] = found
    assert wrong == {}


async def _compared(house: House, kind: ResourceKind) -> list[str]:
    words = ["-A"] if kind.namespaced else []
    name = f"{kind.plural}.{kind.version}.{kind.group}"
    async with receiver(house.client.follow(kind, Scope.all())) as view:
        wanted = Phase.LIVE if "watch" in kind.verbs else Phase.POLLING
        await until(lambda: view.phase is wanted, f"{kind.name} {wanted}")
        headers, rows = parse_wide(
            await house.kubectl("get", name, *words, "-o", "wide"), namespaced=kind.namespaced
        )
        found = differences(view.rows, rows)
        if rows and view.columns is not None and headers_of(view.columns) != headers:
            found.append(f"columns {headers_of(view.columns)} are not {headers}")
        return found


async def test_a_deployment_made_by_kubectl_appears_at_once(house: House) -> None:
    scope = Scope.of(house.namespace)
    async with receiver(house.client.follow(DEPLOYMENTS, scope)) as view:
        await until(lambda: view.phase is Phase.LIVE, "live")
        await house.kubectl("apply", "-n", house.namespace, "-f", "-", stdin=json.dumps(deployment("web")))
        assert await until(lambda: (house.namespace, "web") in view.rows, "the Deployment") < 1.0
        await house.kubectl("delete", "-n", house.namespace, "deployment/web", "--wait=false")
        await until(lambda: (house.namespace, "web") not in view.rows, "its end")


@pytest.mark.parametrize("everywhere", [False, True], ids=["in one namespace", "everywhere"])
async def test_following_converges_while_objects_come_change_and_go(house: House, everywhere: bool) -> None:
    scope = Scope.all() if everywhere else Scope.of(house.namespace)
    rng = random.Random(7)
    async with (
        receiver(house.client.follow(CONFIG_MAPS, scope, label_selector="churn=yes")) as view,
        receiver(house.client.follow(CONFIG_MAPS, scope, include=Include.OBJECT)) as whole,
    ):
        await asyncio.gather(*(_churn(house, rng, hand) for hand in range(4)))
        truth = await house.client.list(CONFIG_MAPS, Scope.of(house.namespace), label_selector="churn=yes")
        expected = {
            (house.namespace, dig(obj, "metadata", "name")): str(len(obj.get("data", {}))) for obj in truth
        }
        assert expected
        await until(lambda: _data_counts(view, house) == expected, "the rows of the selector")
        names = set(expected)
        await until(
            lambda: (
                {k for k in whole.rows if k[0] == house.namespace and k[1] != "kube-root-ca.crt"} == names
            ),
            "the rows without a selector",
        )
        assert await _compared(house, CONFIG_MAPS) == [] or await _compared(house, CONFIG_MAPS) == []


def _data_counts(view: Receiver, house: House) -> dict[tuple[str, str], str]:
    return {key: row.cells[1] for key, row in view.rows.items() if key[0] == house.namespace}


async def _churn(house: House, rng: random.Random, hand: int) -> None:
    """Sixty changes; names are used again, so that what is deleted comes back as another object."""
    alive: set[str] = set()
    for turn in range(60):
        name = f"churn-{hand}-{rng.randrange(8)}"
        data = {f"key{n}": str(turn) for n in range(rng.randrange(1, 6))}
        if name not in alive:
            await house.create(
                CONFIG_MAPS, {"metadata": {"name": name, "labels": {"churn": "yes"}}, "data": data}
            )
            alive.add(name)
        elif rng.random() < 0.4:
            await house.delete(CONFIG_MAPS, name)
            alive.discard(name)
        else:
            await house.patch(CONFIG_MAPS, name, {"data": data})


async def test_a_namespace_born_and_deleted_while_everything_is_followed(house: House) -> None:
    namespaces = catalog.BUILTIN["namespaces"]
    born = f"{house.namespace}-born"
    async with (
        receiver(house.client.follow(CONFIG_MAPS, Scope.all())) as view,
        receiver(house.client.follow(CONFIG_MAPS, Scope.of(born))) as inside,
    ):
        await until(lambda: view.phase is Phase.LIVE and inside.phase is Phase.LIVE, "live")
        await house.create(namespaces, {"metadata": {"name": born}})
        path = CONFIG_MAPS.path(born)
        body = json.dumps({"metadata": {"name": "first"}, "kind": "ConfigMap", "apiVersion": "v1"}).encode()
        await house.client.transport.request("POST", path, body=body)
        await until(lambda: (born, "first") in view.rows and (born, "first") in inside.rows, "the newborn")
        await house.delete(namespaces, born)
        await until(lambda: not inside.rows and not any(key[0] == born for key in view.rows), "its end")
        assert not inside.ended


async def test_a_new_kind_enters_the_catalog_and_leaves_it(house: House) -> None:
    group = f"{house.namespace}.example.com"
    async with session(house) as explorer:
        await explorer.discover()
        assert catalog.resolve(f"gadgets.{group}", explorer.kinds) == []
        async with aclosing(explorer.catalog_changes()) as changes:
            following = asyncio.create_task(_rediscover(explorer, changes))
            try:
                await house.create(CRDS, custom_kind(group))
                await until(lambda: catalog.resolve(f"gadgets.{group}", explorer.kinds), "the new kind")
                [kind] = catalog.resolve(f"gdg.{group}", explorer.kinds) or catalog.resolve(
                    f"gadgets.{group}", explorer.kinds
                )
                placed = catalog.place(kind)
                assert (placed.category, placed.custom) == (catalog.Category.METADATA, True)
                await _gadget_shows_its_columns(house, kind)
                await house.delete(CRDS, f"gadgets.{group}")
                await until(lambda: not catalog.resolve(f"gadgets.{group}", explorer.kinds), "its end")
            finally:
                following.cancel()
                await asyncio.wait({following})


async def _rediscover(explorer: Session, changes: AsyncIterator[None]) -> None:
    async for _ in changes:
        await explorer.discover(refresh=True)


async def _gadget_shows_its_columns(house: House, kind: ResourceKind) -> None:
    obj = {"metadata": {"name": "one"}, "spec": {"colour": "red", "size": 3}}
    for _ in range(100):  # discovery names a kind a moment before it can be written
        try:
            await house.create(kind, obj)
            break
        except ApiError:
            await asyncio.sleep(0.05)
    async with receiver(house.client.follow(kind, Scope.of(house.namespace))) as view:
        await until(lambda: view.rows, "the custom resource")
        assert view.columns is not None
        assert headers_of(view.columns) == ("NAME", "COLOUR", "SIZE")
        assert [row.cells for row in view.rows.values()] == [("one", "red", "3")]


async def test_forms_counts_and_explanations_of_live_objects(house: House) -> None:
    await furnish(house)
    async with session(house) as explorer:
        await explorer.discover()
        forms = {form.value: count for form, count in (await explorer.form_counts()).items()}
        assert (forms["NodePort"], forms["Headless"], forms["ExternalName"]) == (1, 1, 1)
        assert (await explorer.count(SERVICES)).value == 5
        only = View(SERVICES, explorer.scope, catalog.ServiceForm.HEADLESS)
        async with receiver(explorer.feed(only)) as view:
            await until(lambda: view.phase is Phase.LIVE, "live")
            marked = {row.name for row in view.rows.values() if "Headless" in row.marks}
            assert marked == {"headless"}
        found = await explorer.explain_once(house.ref(DEPLOYMENTS, "web"))
        assert found.title == "Deployment  web"
        assert "deployment" in {note.id for note in found.notes}
        assert any(link.kind.plural == "replicasets" for link in found.links)


async def test_an_explanation_follows_its_object(house: House) -> None:
    await house.create(DEPLOYMENTS, deployment("web", image="nginx:1.27"))
    async with session(house) as explorer:
        subject = Subject(ref=house.ref(DEPLOYMENTS, "web"))
        async with aclosing(explorer.explanations(subject)) as explanations:
            assert not (await anext(explanations)).deleted
            await house.delete(DEPLOYMENTS, "web")
            async with asyncio.timeout(20):
                async for found in explanations:
                    if found.deleted:
                        break


async def test_whoever_may_nothing_is_told_so(house: House, tmp_path: Path) -> None:
    path = house.impersonating("k8stui-nobody", tmp_path / "kubeconfig")
    async with session(house, path) as explorer:
        await explorer.discover()
        assert {kind.name for kind in explorer.kinds} >= {"pods", "deployments.apps"}
        count = await explorer.count(CONFIG_MAPS)
        assert count.value is None and count.denied is not None and count.denied.status == 403
        for scope in (Scope.all(), explorer.scope):
            async with receiver(explorer.feed(View(CONFIG_MAPS, scope))) as view:
                await until(lambda view=view: view.ended, "the refusal")  # type: ignore[misc]
                assert (view.phase, view.rows) == (Phase.DENIED, {})
                assert view.last.message is not None and "k8stui-nobody" in view.last.message.en
