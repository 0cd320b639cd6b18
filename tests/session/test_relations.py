"""What is asked for each relation of an object; nothing is asked of a server here."""

from __future__ import annotations

import pytest

from k8stui import catalog
from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.notes import RELATIONS
from k8stui.session.relations import Wish, wishes

RBAC = "rbac.authorization.k8s.io"
NETWORKING = "networking.k8s.io"
OTHER = {
    "EndpointSlice": ResourceKind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", True),
    "IngressClass": ResourceKind(NETWORKING, "v1", "IngressClass", "ingressclasses", False),
    "StorageClass": ResourceKind("storage.k8s.io", "v1", "StorageClass", "storageclasses", False),
    "Endpoints": ResourceKind("", "v1", "Endpoints", "endpoints", True),
    "Lantern": ResourceKind("example.com", "v1", "Lantern", "lanterns", True),
}
KINDS = {kind.kind: kind for kind in catalog.BUILTIN.values()} | OTHER


ODD: tuple[object, ...] = (None, [], {"selector": 3, "volumes": {}, "rules": [1]}, "x")


def made(kind: str, name: str = "a", namespace: str = "shop", **fields: object) -> JsonObject:
    metadata: JsonObject = {"name": name, "uid": f"uid-{name}"}
    if KINDS[kind].namespaced:
        metadata["namespace"] = namespace
    return {"apiVersion": KINDS[kind].api_version, "kind": kind, "metadata": metadata, **fields}


def asked(relation: str, obj: JsonObject) -> tuple[Wish, ...] | None:
    return wishes(relation, obj, KINDS[obj["kind"]])


def keeps(relation: str, obj: JsonObject, neighbour: JsonObject) -> bool:
    (wish,) = asked(relation, obj) or ()
    return wish.keep is None or wish.keep(neighbour)


TEMPLATE = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c"}]}}
DEPLOYMENT = made("Deployment", spec={"selector": {"matchLabels": {"app": "web"}}, "template": TEMPLATE})
POD = made("Pod", spec={"nodeName": "n1", "serviceAccountName": "robot"})
POD["metadata"]["labels"] = {"app": "web"}


@pytest.mark.parametrize("relation", RELATIONS)
def test_every_relation_is_a_question_that_any_object_survives(relation: str) -> None:
    for kind in KINDS:
        if not RELATIONS[relation] or (KINDS[kind].group, kind) in RELATIONS[relation]:
            for odd in ODD:
                found = asked(relation, made(kind, spec=odd, subjects=odd, roleRef=odd))
                assert found is None or all(isinstance(wish, Wish) for wish in found)


@pytest.mark.parametrize(
    ("relation", "obj", "expected"),
    [
        ("pods", DEPLOYMENT, [Wish("Pod", namespace="shop", labels="app=web")]),
        (
            "pods",
            made("Service", spec={"selector": {"a": "b"}}),
            [Wish("Pod", namespace="shop", labels="a=b")],
        ),
        ("pods", made("PodDisruptionBudget", spec={"selector": {}}), [Wish("Pod", namespace="shop")]),
        ("pods", made("NetworkPolicy", spec={"podSelector": {}}), [Wish("Pod", namespace="shop")]),
        ("pods", made("Node"), [Wish("Pod", fields="spec.nodeName=a")]),
        ("pods", made("Namespace"), [Wish("Pod", namespace="a")]),
        (
            "pods",
            made("ServiceAccount"),
            [Wish("Pod", namespace="shop", fields="spec.serviceAccountName=a")],
        ),
        ("node", POD, [Wish("Node", namespace="shop", name="n1")]),
        ("serviceaccount", POD, [Wish("ServiceAccount", namespace="shop", name="robot")]),
        ("owner", POD, []),
        ("node", made("Pod", spec={}), []),
        (
            "definition",
            made("Lantern"),
            [Wish("CustomResourceDefinition", "apiextensions.k8s.io", "", "lanterns.example.com")],
        ),
        ("namespace", POD, [Wish("Namespace", name="shop")]),
        (
            "endpointslices",
            made("Service"),
            [Wish("EndpointSlice", "discovery.k8s.io", "shop", labels="kubernetes.io/service-name=a")],
        ),
        ("bindings", made("Role"), [Wish("RoleBinding", RBAC, "shop")]),
        ("bindings", made("ClusterRole"), [Wish("ClusterRoleBinding", RBAC), Wish("RoleBinding", RBAC)]),
        (
            "role",
            made("RoleBinding", roleRef={"kind": "ClusterRole", "name": "view"}),
            [Wish("ClusterRole", RBAC, "", "view")],
        ),
        (
            "target",
            made(
                "HorizontalPodAutoscaler",
                spec={"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}},
            ),
            [Wish("Deployment", "apps", "shop", "web")],
        ),
        (
            "subject",
            made(
                "Event", involvedObject={"kind": "Pod", "apiVersion": "v1", "name": "p", "namespace": "shop"}
            ),
            [Wish("Pod", "", "shop", "p")],
        ),
        (
            "services",
            made(
                "Ingress",
                spec={
                    "defaultBackend": {"service": {"name": "b"}},
                    "rules": [{"http": {"paths": [{"backend": {"service": {"name": "c"}}}]}}],
                },
            ),
            [Wish("Service", namespace="shop", name="b"), Wish("Service", namespace="shop", name="c")],
        ),
        (
            "pvcs",
            made("PersistentVolume", spec={"claimRef": {"name": "c", "namespace": "shop"}}),
            [Wish("PersistentVolumeClaim", namespace="shop", name="c")],
        ),
        (
            "serviceaccounts",
            made(
                "ClusterRoleBinding",
                subjects=[
                    {"kind": "ServiceAccount", "name": "r", "namespace": "x"},
                    {"kind": "User", "name": "u"},
                ],
            ),
            [Wish("ServiceAccount", namespace="x", name="r")],
        ),
    ],
)
def test_what_is_asked(relation: str, obj: JsonObject, expected: list[Wish]) -> None:
    assert list(asked(relation, obj) or ()) == expected


@pytest.mark.parametrize(
    ("relation", "obj"),
    [
        ("pods", made("Service", spec={})),
        ("pods", made("Deployment", spec={})),
        ("definition", made("Pod")),
        ("namespace", made("Node")),
        ("services", made("EndpointSlice")),
        (
            "serviceaccounts",
            made("RoleBinding", subjects=[{"kind": "ServiceAccount", "name": f"r{n}"} for n in range(11)]),
        ),
    ],
)
def test_what_makes_no_sense_is_not_asked(relation: str, obj: JsonObject) -> None:
    assert asked(relation, obj) is None


def test_the_owner_is_the_controller_and_the_very_one() -> None:
    obj = made("Pod")
    obj["metadata"]["ownerReferences"] = [
        {"apiVersion": "v1", "kind": "Node", "name": "n", "uid": "1"},
        {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "2", "controller": True},
    ]
    assert asked("owner", obj) == (Wish("ReplicaSet", "apps", "shop", "r"),)
    assert keeps("owner", obj, {"metadata": {"uid": "2"}})
    assert not keeps("owner", obj, {"metadata": {"uid": "3"}})


def test_services_and_budgets_are_near_the_pods_that_they_select() -> None:
    mine = made("Service", spec={"selector": {"app": "web"}})
    other = made("Service", spec={"selector": {"app": "db"}})
    for obj in (POD, DEPLOYMENT):
        assert keeps("services", obj, mine)
        assert not keeps("services", obj, other)
        assert not keeps("services", obj, made("Service", spec={}))
    budget = made("PodDisruptionBudget", "b", spec={"selector": {"matchLabels": {"app": "web"}}})
    assert keeps("pdbs", POD, budget)
    assert not keeps("pdbs", budget, budget)
    assert keeps("pdbs", made("PodDisruptionBudget", "c", spec={}), budget)
    policy = made(
        "NetworkPolicy", spec={"podSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}}
    )
    assert keeps("networkpolicies", POD, policy)
    assert keeps("networkpolicies", made("Namespace"), policy)


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("PersistentVolumeClaim", {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "a"}}]}),
        ("ConfigMap", {"volumes": [{"name": "v", "configMap": {"name": "a"}}]}),
        ("ConfigMap", {"containers": [{"envFrom": [{"configMapRef": {"name": "a"}}]}]}),
        ("ConfigMap", {"volumes": [{"name": "v", "projected": {"sources": [{"configMap": {"name": "a"}}]}}]}),
        ("Secret", {"volumes": [{"name": "v", "secret": {"secretName": "a"}}]}),
        ("Secret", {"initContainers": [{"env": [{"valueFrom": {"secretKeyRef": {"name": "a"}}}]}]}),
        ("Secret", {"imagePullSecrets": [{"name": "a"}]}),
    ],
)
def test_pods_that_use_something_are_near_it(kind: str, spec: JsonObject) -> None:
    assert keeps("pods", made(kind), made("Pod", spec=spec))
    assert not keeps("pods", made(kind, "b"), made("Pod", spec=spec))
    assert not keeps("pods", made(kind), made("Pod", spec={"volumes": [{"name": "a", "emptyDir": {}}]}))


def test_what_scales_and_what_is_made_is_near_its_source() -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "a"}
    hpa = made("HorizontalPodAutoscaler", "h", spec={"scaleTargetRef": target})
    assert keeps("hpas", DEPLOYMENT, hpa)
    assert not keeps("hpas", made("Deployment", "b"), hpa)
    assert not keeps("hpas", hpa, hpa)
    assert keeps("hpas", made("HorizontalPodAutoscaler", "g", spec={"scaleTargetRef": target}), hpa)
    job = made("Job", "j")
    job["metadata"]["ownerReferences"] = [{"kind": "CronJob", "uid": "uid-a"}]
    assert keeps("jobs", made("CronJob"), job)
    assert not keeps("jobs", made("CronJob", "b"), job)
    stateful = made("StatefulSet", spec={"volumeClaimTemplates": [{"metadata": {"name": "data"}}]})
    assert keeps("pvcs", stateful, made("PersistentVolumeClaim", "data-a-0"))
    assert not keeps("pvcs", stateful, made("PersistentVolumeClaim", "data-b-0"))
    assert asked("pvcs", made("StatefulSet", spec={})) == ()


def test_events_are_of_this_object_not_of_one_of_the_same_name() -> None:
    (wish,) = asked("events", POD) or ()
    assert (wish.fields, wish.namespace) == ("involvedObject.kind=Pod,involvedObject.name=a", "shop")
    assert keeps("events", POD, {"involvedObject": {"uid": "uid-a"}})
    assert not keeps("events", POD, {"involvedObject": {"uid": "uid-old"}})
    assert keeps("events", made("Node"), {"involvedObject": {"uid": "a"}})
    (wish,) = asked("events", made("Node")) or ()
    assert wish.namespace == "default"


def test_bindings_of_an_account_name_it_with_its_namespace() -> None:
    account = made("ServiceAccount")
    for wish in asked("bindings", account) or ():
        assert wish.keep is not None
        subject = {"kind": "ServiceAccount", "name": "a", "namespace": "shop"}
        assert wish.keep({"subjects": [subject]})
        assert not wish.keep({"subjects": [subject | {"namespace": "other"}]})


def test_ingresses_are_near_what_they_name() -> None:
    ingress = made(
        "Ingress",
        spec={
            "ingressClassName": "a",
            "tls": [{"secretName": "a"}],
            "rules": [{"http": {"paths": [{"backend": {"service": {"name": "a"}}}]}}],
        },
    )
    for kind in ("IngressClass", "Secret", "Service"):
        assert keeps("ingresses", made(kind), ingress)
        assert not keeps("ingresses", made(kind, "b"), ingress)
