"""Facts of a field on the practice cluster: schema, origin, managers, the note on it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
import pytest

from k8stui import catalog
from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.core.refs import ObjectRef
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.session.fields import Origin, facts
from k8stui.session.session import Session
from tests.e2e.house import session_of

PODS = catalog.BUILTIN["pods"]


@pytest.fixture
async def cluster() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(moving=False, seeded=False, random_seed=1) as running:
        yield running


@pytest.fixture
async def session(cluster: PracticeCluster) -> AsyncIterator[Session]:
    found = session_of(cluster.kubeconfig)
    await found.start()
    yield found
    await found.close()


def pod(**spec: object) -> JsonObject:
    container = {"name": "web", "image": "nginx", "ports": [{"containerPort": 80, "protocol": "TCP"}]}
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "default"},
        "spec": {"containers": [container], **spec},
    }  # fmt: skip


async def test_a_value_that_somebody_set(session: Session) -> None:
    await session.client.transport.request(
        "POST",
        PODS.path("default"),
        body=msgspec.json.encode(pod(hostNetwork=True)),
        query=[("fieldManager", "me")],
    )
    obj = await session.client.get(ObjectRef(PODS, "default", "web"))
    found = await facts(session, PODS, obj, ("spec", "hostNetwork"))
    assert found.doc is not None
    assert (found.doc.type, found.doc.package) == ("boolean", False)
    assert found.origin is Origin.SET
    assert [manager.name for manager in found.managers] == ["me"]
    assert [note.severity for note in found.notes], "the note on hostNetwork"


async def test_defaults_what_the_server_keeps_and_what_is_not_there(session: Session) -> None:
    obj = pod()
    protocol = await facts(session, PODS, obj, ("spec", "containers", 0, "ports", 0, "protocol"))
    assert protocol.origin in (Origin.DEFAULT, Origin.UNTRACKED)
    absent = await facts(session, PODS, obj, ("spec", "nodeName"))
    assert (absent.origin, absent.managers) == (Origin.ABSENT, ())
    assert absent.doc is not None
    nowhere = await facts(session, PODS, obj, ("spec", "nonsense"))
    assert nowhere.doc is None
    assert nowhere.problem is None


async def test_a_server_without_schemas_is_no_trouble(cluster: PracticeCluster, session: Session) -> None:
    cluster.faults.fail(503, path="^/openapi/")
    found = await facts(session, PODS, pod(), ("spec", "containers", 0, "image"))
    assert found.doc is not None
    assert found.doc.package


async def test_custom_kinds_say_why_nothing_is_known(cluster: PracticeCluster, session: Session) -> None:
    cluster.faults.fail(503, path="^/openapi/")
    kind = ResourceKind("acme.example", "v1", "Thing", "things", namespaced=True)
    found = await facts(session, kind, {"spec": {"size": 3}}, ("spec", "size"))
    assert found.doc is None
    assert found.problem is not None
