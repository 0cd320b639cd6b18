"""The seeded company: complete, consistent, and the same each time."""

from __future__ import annotations

import json
import re

import pytest

from k8stui.core.objects import dicts, dig
from k8stui.core.units import parse_quantity, parse_time
from k8stui.practice.cluster import practice_cluster
from k8stui.practice.controllers.base import matches
from k8stui.practice.kinds import BUILTIN_KINDS, builtin
from k8stui.practice.printers import cells, columns
from k8stui.practice.store import Store
from tests.practice.company import NOW, PODS, everything, is_ready, seeded, the_pod

SERVICES = builtin("services")
APPS = ("deployments", "replicasets", "statefulsets", "daemonsets")

BOOK = {
    "workloads": (
        *("pods", "replicationcontrollers", "replicasets.apps", "deployments.apps", "daemonsets.apps"),
        *("statefulsets.apps", "jobs.batch", "cronjobs.batch"),
    ),
    "service": ("services", "ingresses.networking.k8s.io"),
    "config and storage": ("secrets", "configmaps", "persistentvolumeclaims"),
    "cluster": (
        *("nodes", "namespaces", "persistentvolumes", "resourcequotas", "serviceaccounts"),
        *("roles.rbac.authorization.k8s.io", "clusterroles.rbac.authorization.k8s.io"),
        *("rolebindings.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io"),
        "networkpolicies.networking.k8s.io",
    ),
    "metadata": (
        *("limitranges", "horizontalpodautoscalers.autoscaling", "poddisruptionbudgets.policy"),
        "customresourcedefinitions.apiextensions.k8s.io",
    ),
}


@pytest.fixture(scope="module")
def store() -> Store:
    return seeded()


@pytest.mark.parametrize("name", [name for names in BOOK.values() for name in names])
def test_every_kind_of_the_book_is_there(store: Store, name: str) -> None:
    kind = next(kind for kind in BUILTIN_KINDS if kind.name == name)
    assert store.count(kind) > 0


FORMS = {
    "ClusterIP": ("storefront", "shop-web"),
    "ExternalIP": ("warehouse", "scanner-gateway"),
    "NodePort": ("orders", "order-api-nodeport"),
    "NodePort with external addresses": ("warehouse", "handheld"),
    "LoadBalancer": ("ingress-nginx", "ingress-nginx-controller"),
    "Headless": ("orders", "orders-db"),
    "ExternalName": ("orders", "mail"),
    "None-Selector": ("warehouse", "erp"),
}


@pytest.mark.parametrize(("form", "where"), FORMS.items(), ids=FORMS)
def test_every_form_of_a_service_is_there(store: Store, form: str, where: tuple[str, str]) -> None:
    spec = store.get(SERVICES, *where)["spec"]
    holds = {
        "ClusterIP": spec["type"] == "ClusterIP" and "selector" in spec and "externalIPs" not in spec,
        "ExternalIP": spec["type"] == "ClusterIP" and bool(spec.get("externalIPs")),
        "NodePort": spec["type"] == "NodePort" and "externalIPs" not in spec,
        "NodePort with external addresses": spec["type"] == "NodePort" and bool(spec.get("externalIPs")),
        "LoadBalancer": spec["type"] == "LoadBalancer",
        "Headless": spec.get("clusterIP") == "None",
        "ExternalName": spec["type"] == "ExternalName" and bool(spec.get("externalName")),
        "None-Selector": "selector" not in spec and spec["type"] == "ClusterIP",
    }
    assert holds[form]


def test_a_service_without_selector_has_a_slice_of_its_own(store: Store) -> None:
    slices = store.list(builtin("endpointslices", "discovery.k8s.io"), "warehouse")
    mine = [s for s in slices if s["metadata"]["labels"]["kubernetes.io/service-name"] == "erp"]
    assert [e["addresses"] for e in mine[0]["endpoints"]] == [["192.168.20.5"], ["192.168.20.6"]]


def test_the_four_namespaces_of_the_start_and_the_teams(store: Store) -> None:
    names = {space["metadata"]["name"] for space in store.list(builtin("namespaces"))}
    assert {"kube-system", "kube-public", "kube-node-lease", "default"} <= names
    assert {"storefront", "orders", "warehouse", "analytics", "prd-payments", "stg-payments"} <= names
    for name in names:
        assert store.find(builtin("serviceaccounts"), name, "default")
        assert store.find(builtin("configmaps"), name, "kube-root-ca.crt")


def test_the_patterns_of_several_containers(store: Store) -> None:
    names = {
        app: [item["name"] for item in the_pod(store, space, app)["spec"]["containers"]]
        for space, app in (("storefront", "shop-web"), ("orders", "order-api"), ("warehouse", "stock-api"))
    }
    assert names == {
        "shop-web": ["nginx", "log-shipper"],
        "order-api": ["api", "db-proxy"],
        "stock-api": ["stock-api", "metrics-adapter"],
    }
    native = the_pod(store, "storefront", "cart")["spec"]["initContainers"][0]
    assert native["restartPolicy"] == "Always"


def test_network_and_names_of_pods(store: Store) -> None:
    host = store.get(PODS, "default", "sample-hostnetwork")
    assert host["spec"]["hostNetwork"] and host["status"]["podIP"] == host["status"]["hostIP"]
    assert store.get(PODS, "default", "sample-externaldns")["spec"]["dnsPolicy"] == "None"
    assert store.get(PODS, "default", "sample-externaldns")["spec"]["dnsConfig"]["nameservers"]
    assert store.get(PODS, "default", "sample-dns-default")["spec"]["dnsPolicy"] == "Default"
    assert store.get(PODS, "default", "sample-pod")["spec"]["dnsPolicy"] == "ClusterFirst"


SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


def test_names_are_valid_and_times_are_past(store: Store) -> None:
    for kind, obj in everything(store):
        name = obj["metadata"]["name"]
        if kind.group == "rbac.authorization.k8s.io" or kind.plural == "clustertrustbundles":
            name = name.replace(":", "").lower()
        if kind.plural == "apiservices":
            name = name.rstrip(".")
        assert SUBDOMAIN.fullmatch(name) and len(name) <= 253, (kind.name, name)
        born = parse_time(obj["metadata"]["creationTimestamp"])
        assert born is not None and born <= NOW
        assert obj["kind"] == kind.kind and "/" in f"/{obj['apiVersion']}"


def test_every_owner_exists(store: Store) -> None:
    uids = {obj["metadata"]["uid"]: obj for _, obj in everything(store)}
    owned = 0
    for _, obj in everything(store):
        for ref in obj["metadata"].get("ownerReferences") or ():
            owner = uids[ref["uid"]]
            assert (owner["kind"], owner["metadata"]["name"]) == (ref["kind"], ref["name"])
            owned += 1
    assert owned > 100


def test_uids_and_versions_are_unique(store: Store) -> None:
    objects = [obj["metadata"] for _, obj in everything(store)]
    assert len({metadata["uid"] for metadata in objects}) == len(objects)
    assert len({metadata["resourceVersion"] for metadata in objects}) == len(objects)


@pytest.mark.parametrize("plural", APPS)
def test_workloads_match_the_pods_they_count(store: Store, plural: str) -> None:
    pods = [
        pod
        for pod in store.list(PODS)
        if dig(pod, "status", "phase") in ("Running", "Pending")
        and "deletionTimestamp" not in pod["metadata"]
    ]
    for obj in store.list(builtin(plural, "apps")):
        space = obj["metadata"]["namespace"]
        found = [
            pod
            for pod in pods
            if pod["metadata"]["namespace"] == space
            and "deletionTimestamp" not in pod["metadata"]
            and matches(obj["spec"]["selector"], dig(pod, "metadata", "labels") or {})
        ]
        status = obj["status"]
        total = status.get("replicas", status.get("currentNumberScheduled", 0))
        up = status.get("readyReplicas", status.get("numberReady", 0))
        assert total == len(found), (space, obj["metadata"]["name"])
        assert up == sum(is_ready(pod) for pod in found)


def test_endpoints_are_the_ready_pods(store: Store) -> None:
    addresses = {dig(p, "status", "podIP"): p for p in store.list(PODS) if not p["spec"].get("hostNetwork")}
    for found in store.list(builtin("endpointslices", "discovery.k8s.io")):
        for endpoint in dicts(found, "endpoints"):
            if "targetRef" not in endpoint:
                continue
            pod = addresses[endpoint["addresses"][0]]
            assert endpoint["targetRef"]["uid"] == pod["metadata"]["uid"]
            leaving = "deletionTimestamp" in pod["metadata"]
            assert endpoint["conditions"]["ready"] == (is_ready(pod) and not leaving)


def test_addresses_are_unique_and_nodes_are_not_overbooked(store: Store) -> None:
    running = [p for p in store.list(PODS) if dig(p, "status", "phase") == "Running"]
    own = [p["status"]["podIP"] for p in running if not p["spec"].get("hostNetwork")]
    assert len(set(own)) == len(own)
    for node in store.list(builtin("nodes")):
        here = [p for p in running if p["spec"]["nodeName"] == node["metadata"]["name"]]
        asked = sum(
            parse_quantity(dig(item, "resources", "requests", "memory") or "0") or 0
            for pod in here
            for item in dicts(pod, "spec", "containers")
        )
        assert asked <= (parse_quantity(node["status"]["allocatable"]["memory"]) or 0)
        assert node["status"]["images"][0]["sizeBytes"] > 0


def test_claims_are_bound_both_ways(store: Store) -> None:
    claims = store.list(builtin("persistentvolumeclaims"))
    bound = [c for c in claims if c["status"]["phase"] == "Bound"]
    for claim in bound:
        volume = store.get(builtin("persistentvolumes"), "", claim["spec"]["volumeName"])
        assert volume["spec"]["claimRef"]["uid"] == claim["metadata"]["uid"]
    assert {c["metadata"]["name"] for c in bound} >= {"data-orders-db-0", "data-orders-db-1", "grafana"}


def test_printers_say_something_about_every_object(store: Store) -> None:
    for kind, obj in everything(store):
        row = cells(kind, obj, NOW)
        extra = 1 if kind.plural == "ipaddresses" else 0
        assert len(row) == len(columns(kind)) + extra
        assert "<unknown>" not in row[:1] and "<invalid>" not in row
    json.dumps([obj for _, obj in everything(store)])


def test_no_seed_key_reaches_the_cluster(store: Store) -> None:
    assert not any("seed" in obj for _, obj in everything(store))


def test_the_same_seed_gives_the_same_cluster(store: Store) -> None:
    again = {obj["metadata"]["uid"]: obj for _, obj in everything(seeded())}
    assert {obj["metadata"]["uid"]: obj for _, obj in everything(store)} == again
    other = {obj["metadata"]["uid"] for _, obj in everything(seeded(random_seed=7))}
    assert not other & again.keys()


def test_the_clock_is_given_back(store: Store) -> None:
    assert store.clock() == NOW


def test_many_cheap_pods() -> None:
    store = seeded(pods=2_000)
    spaces = {f"load-{n:02}" for n in range(1, 21)}
    pods = [pod for pod in store.list(PODS) if pod["metadata"]["namespace"] in spaces]
    assert len(pods) == 2_000
    assert {pod["metadata"]["namespace"] for pod in pods} == spaces
    assert {cells(PODS, pod, NOW)[1] for pod in pods} == {"2/2"}
    assert len(json.dumps(pods[0])) > 2_500
    assert len({id(pod["spec"]["containers"]) for pod in pods}) == 8, "what is the same is shared"
    nodes = {node["metadata"]["name"] for node in store.list(builtin("nodes"))}
    assert {pod["spec"]["nodeName"] for pod in pods} <= nodes
    own = [p for p in store.list(PODS) if dig(p, "status", "podIP") and not p["spec"].get("hostNetwork")]
    addresses = [pod["status"]["podIP"] for pod in own]
    assert len(set(addresses)) == len(addresses)


def test_a_migration_that_is_over_says_no_more_than_its_type_has(store: Store) -> None:
    kind = builtin("storageversionmigrations", "storagemigration.k8s.io")
    condition = store.get(kind, "", "secrets-after-key-change")["status"]["conditions"][0]
    assert condition.keys() == {"type", "status", "reason", "message", "lastTransitionTime"}


async def test_no_uid_of_the_past_comes_again() -> None:
    async with practice_cluster(random_seed=1, moving=False) as cluster:
        store = cluster.store
        seen = {
            entry.object["metadata"]["uid"]
            for served in cluster.registry.all()
            if served.source is None
            for entry in store.entries(served.kind)
        }
        for number in range(200):
            made = store.create(
                builtin("configmaps"), {"metadata": {"name": f"new-{number}", "namespace": "default"}}
            )
            assert made["metadata"]["uid"] not in seen
