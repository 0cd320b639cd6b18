"""Relations, the tree of them and the way of a request, on the practice cluster."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from k8stui import catalog
from k8stui.core.objects import JsonObject
from k8stui.core.refs import ObjectRef
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.session.related import MOST_SHOWN, Related, Relation
from k8stui.session.relationtree import RelationTree
from k8stui.session.requestpath import RequestPath, Turn
from k8stui.session.session import Session
from tests.e2e.house import session_of

B = catalog.BUILTIN
DEPLOYMENTS = B["deployments"]


@pytest.fixture
async def cluster() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(moving=False, seeded=False, random_seed=1) as running:
        yield running


@pytest.fixture
async def session(cluster: PracticeCluster) -> AsyncIterator[Session]:
    found = session_of(cluster.kubeconfig)
    await found.start()
    await found.discover()
    yield found
    await found.close()


def make(cluster: PracticeCluster, plural: str, name: str, **fields: Any) -> JsonObject:
    kind = B[plural]
    metadata = {
        "name": name,
        **({"namespace": "default"} if kind.namespaced else {}),
        **fields.pop("metadata", {}),
    }
    return cluster.store.create(
        kind, {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": metadata, **fields}
    )


def owned_by(owner: JsonObject) -> dict[str, Any]:
    reference = {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "controller": True}
    return {
        "ownerReferences": [{**reference, "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"]}]
    }


def a_shop(cluster: PracticeCluster, pods: int = 2, ready: bool = True) -> JsonObject:
    labels = {"app": "web"}
    spec = {"containers": [{"name": "web", "image": "x", "ports": [{"name": "http", "containerPort": 8080}],
            "envFrom": [{"configMapRef": {"name": "web"}}, {"secretRef": {"name": "gone"}}]}]}  # fmt: skip
    template = {"metadata": {"labels": labels}, "spec": spec}
    make(cluster, "configmaps", "web")
    deployment = make(
        cluster, "deployments", "web",
        spec={"replicas": pods, "selector": {"matchLabels": labels}, "template": template},
    )  # fmt: skip
    replica_set = make(
        cluster, "replicasets", "web-1", metadata={"labels": labels, **owned_by(deployment)},
        spec={"replicas": pods, "selector": {"matchLabels": labels}, "template": template},
        status={"readyReplicas": pods},
    )  # fmt: skip
    conditions = [{"type": "Ready", "status": "True" if ready else "False", "message": "probe failed"}]
    for number in range(pods):
        make(
            cluster, "pods", f"web-1-{number}", spec=spec,
            metadata={"labels": labels, **owned_by(replica_set)},
            status={"phase": "Running", "podIP": "10.0.0.1", "conditions": conditions},
        )  # fmt: skip
    make(
        cluster, "services", "web",
        spec={"clusterIP": "10.96.0.9", "selector": labels, "ports": [{"port": 80, "targetPort": "http"}]},
    )  # fmt: skip
    make(
        cluster, "horizontalpodautoscalers", "web",
        spec={"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
    )  # fmt: skip
    return deployment


async def relations(session: Session, plural: str, name: str) -> dict[str, Relation]:
    kind = B[plural]
    obj = await session.client.get(ObjectRef(kind, "default" if kind.namespaced else "", name))
    found = await Related(session.client, session.kinds).of(obj, kind)
    return {relation.name: relation for relation in found}


async def test_a_deployment_and_what_is_below_it(cluster: PracticeCluster, session: Session) -> None:
    a_shop(cluster)
    found = await relations(session, "deployments", "web")
    assert set(found) == {"replicasets", "services", "hpas", "uses"}
    [replica_set] = found["replicasets"].members
    assert replica_set.evidence == ("ReplicaSet metadata.ownerReferences[0].name", "web")
    assert found["services"].members[0].evidence == ("Service spec.selector", "app=web")
    assert found["hpas"].members[0].evidence == ("HorizontalPodAutoscaler spec.scaleTargetRef.name", "web")
    named = {one.ref.kind.kind: one.evidence for one in found["uses"].members}
    assert named["ConfigMap"] == ("spec.template.spec.containers[0].envFrom[0].configMapRef.name", "web")


async def test_used_by_and_owned_by(cluster: PracticeCluster, session: Session) -> None:
    a_shop(cluster)
    users = (await relations(session, "configmaps", "web"))["users"]
    assert [one.ref.name for one in users.members] == ["web-1-0", "web-1-1"]
    pod = await relations(session, "pods", "web-1-0")
    assert [one.ref.name for one in pod["owner"].members] == ["web-1"]
    assert [one.ref.name for one in pod["services"].members] == ["web"]


async def test_what_is_named_and_not_there_is_found_out(cluster: PracticeCluster, session: Session) -> None:
    a_shop(cluster)
    found = await relations(session, "pods", "web-1-0")
    probed = await Related(session.client, session.kinds).probed(found["uses"])
    assert {one.ref.name: one.missing for one in probed.members if one.ref.kind.kind != "ServiceAccount"} == {
        "web": False,
        "gone": True,
    }


async def test_a_refusal_is_told_where_the_neighbours_would_be(
    cluster: PracticeCluster, session: Session
) -> None:
    a_shop(cluster)
    cluster.faults.forbid("services", "list")
    found = await relations(session, "deployments", "web")
    denied = found["services"].denied
    assert denied is not None
    assert "services is forbidden" in denied.en
    assert found["replicasets"].members


async def test_few_requests_tell_of_a_deployment_with_500_pods(
    cluster: PracticeCluster, session: Session
) -> None:
    deployment = a_shop(cluster, pods=500)
    watched = cluster.faults.delay(0.0)
    tree = RelationTree(Related(session.client, session.kinds), ObjectRef(DEPLOYMENTS, "default", "web"))
    await tree.grow({"kind": "Deployment", **deployment})
    await tree.probe()
    key = next(twig.key for twig in tree.twigs() if twig.member and twig.member.ref.kind.kind == "ReplicaSet")
    await tree.unfold(key)
    assert watched.hits <= 12
    owned = next(twig.relation for twig in tree.twigs() if twig.relation.name == "owned-pods")
    assert (len(owned.members), owned.more) == (MOST_SHOWN, 500 - MOST_SHOWN)


async def test_circles_end(cluster: PracticeCluster, session: Session) -> None:
    first = make(cluster, "configmaps", "a")
    second = make(
        cluster, "configmaps", "b", metadata=owned_by({"apiVersion": "v1", "kind": "ConfigMap", **first})
    )
    cluster.store.update(
        B["configmaps"],
        {
            **first,
            "metadata": {
                **first["metadata"],
                **owned_by({"apiVersion": "v1", "kind": "ConfigMap", **second}),
            },
        },
    )
    tree = RelationTree(Related(session.client, session.kinds), ObjectRef(B["configmaps"], "default", "a"))
    await tree.grow(await session.client.get(tree.root.ref))
    for _ in range(3):
        key = next(twig.key for twig in reversed(list(tree.twigs())) if twig.key)
        await tree.unfold(key)
    troubles = [twig.trouble for twig in tree.twigs() if twig.trouble is not None]
    assert [trouble.en for trouble in troubles] == ["It stands further up already."]
    assert tree.fold(key) == key


async def steps(session: Session, plural: str, name: str) -> list[tuple[Turn, str]]:
    obj = await session.client.get(ObjectRef(B[plural], "default", name))
    found = await RequestPath(session.client, session.kinds).follow(obj)
    return [(step.turn, step.text.en) for step in found]


async def test_a_request_comes_through(cluster: PracticeCluster, session: Session) -> None:
    a_shop(cluster)
    found = await steps(session, "services", "web")
    assert {turn for turn, _ in found} == {Turn.GOOD}
    assert found[-1][1] == "Port 80 leads to port 8080 of container web."
    assert (Turn.GOOD, "The Pod is ready at 10.0.0.1.") in await steps(session, "pods", "web-1-0")


BROKEN: dict[str, tuple[dict[str, Any], str]] = {
    "nobody": ({"selector": {"app": "none"}, "ports": [{"port": 80}]}, "matches no Pod"),
    "port": (
        {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": "grpc"}]},
        "a name that no container",
    ),
    "hand": ({"ports": [{"port": 80}]}, "nobody has written endpoints"),
}


@pytest.mark.parametrize("case", BROKEN)
async def test_where_a_request_breaks(case: str, cluster: PracticeCluster, session: Session) -> None:
    a_shop(cluster)
    spec, words = BROKEN[case]
    make(cluster, "services", "odd", spec={"clusterIP": "10.96.0.10", **spec})
    turn, text = (await steps(session, "services", "odd"))[-1]
    assert turn is Turn.BROKEN
    assert words in text


async def test_pods_that_are_not_ready_break_it(cluster: PracticeCluster, session: Session) -> None:
    a_shop(cluster, ready=False)
    turn, text = (await steps(session, "services", "web"))[-1]
    assert turn is Turn.BROKEN
    assert "None of them is ready" in text
    assert "probe failed" in text


async def test_an_ingress_leads_to_services_that_are_there(
    cluster: PracticeCluster, session: Session
) -> None:
    a_shop(cluster)
    paths = [
        {"path": path, "pathType": "Prefix", "backend": {"service": {"name": name, "port": {"number": port}}}}
        for path, name, port in (("/", "web", 80), ("/a", "web", 81), ("/b", "gone", 80))
    ]
    make(
        cluster,
        "ingresses",
        "shop",
        spec={"rules": [{"host": "h", "http": {"paths": paths}}]},
    )
    found = [text for _, text in await steps(session, "ingresses", "shop")]
    assert "A request for h/ comes to the Ingress." in found
    assert "Service web has no port 81." in found
    assert any(text.startswith("Service gone does not exist") for text in found)
