"""The seeded company: complete, consistent, and with the troubles that it is there to show."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator

import pytest

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_quantity, parse_time
from k8stui.practice.controllers.base import matches
from k8stui.practice.controllers.correlator import last_time
from k8stui.practice.kinds import BUILTIN_KINDS, builtin
from k8stui.practice.printers import cells, columns
from k8stui.practice.printers.pods import pod_status
from k8stui.practice.printers.workloads import job_status
from k8stui.practice.seeding import seed
from k8stui.practice.store import Store

NOW = 1_790_000_000.0
PODS, SERVICES = builtin("pods"), builtin("services")
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


def seeded(**options: int) -> Store:
    store = Store(lambda: NOW, rng=random.Random(1))
    seed(store, lambda: NOW, **options)
    return store


@pytest.fixture(scope="module")
def store() -> Store:
    return seeded()


def everything(store: Store) -> Iterator[tuple[ResourceKind, JsonObject]]:
    shown_twice = (("autoscaling", "v1"), ("events.k8s.io", "v1"))
    for kind in BUILTIN_KINDS:
        if kind.listable and (kind.group, kind.version) not in shown_twice:
            for obj in store.list(kind):
                yield kind, obj


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


def the_pod(store: Store, namespace: str, app: str) -> JsonObject:
    return next(
        p for p in store.list(PODS, namespace) if (dig(p, "metadata", "labels") or {}).get("app") == app
    )


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
        assert up == sum(_ready(pod) for pod in found)


def _ready(pod: JsonObject) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in dicts(pod, "status", "conditions"))


def test_endpoints_are_the_ready_pods(store: Store) -> None:
    addresses = {dig(p, "status", "podIP"): p for p in store.list(PODS) if not p["spec"].get("hostNetwork")}
    for found in store.list(builtin("endpointslices", "discovery.k8s.io")):
        for endpoint in dicts(found, "endpoints"):
            if "targetRef" not in endpoint:
                continue
            pod = addresses[endpoint["addresses"][0]]
            assert endpoint["targetRef"]["uid"] == pod["metadata"]["uid"]
            leaving = "deletionTimestamp" in pod["metadata"]
            assert endpoint["conditions"]["ready"] == (_ready(pod) and not leaving)


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


def pods_of(store: Store, namespace: str, app: str) -> set[str]:
    return {
        pod_status(pod)
        for pod in store.list(PODS, namespace)
        if (dig(pod, "metadata", "labels") or {}).get("app") == app
    }


TROUBLED_PODS = [
    ("orders", "order-worker", {"CrashLoopBackOff"}, {"Running", "Error"}),
    ("storefront", "gift-cards", {"ImagePullBackOff"}, {"ErrImagePull"}),
    ("warehouse", "label-printer", {"ImagePullBackOff"}, {"ErrImagePull"}),
    ("analytics", "forecast", {"Pending"}, set()),
    ("storefront", "thumbnailer", {"Evicted"}, set()),
    ("warehouse", "scanner-api", {"Init:0/1"}, set()),
    ("stg-payments", "refunds", {"CreateContainerConfigError"}, set()),
    ("analytics", "export", {"Completed"}, set()),
    ("school", "slow-closer", {"Terminating"}, set()),
    ("school", "quiz", {"Pending"}, set()),
    ("school", "gated", {"SchedulingGated"}, set()),
    ("school", "other-scheduler", {"Pending"}, set()),
    ("school", "local-build", {"ErrImageNeverPull"}, set()),
    ("school", "typing-error", {"InvalidImageName"}, set()),
    ("school", "no-root", {"CreateContainerConfigError"}, set()),
    ("school", "missing-key", {"CreateContainerConfigError"}, set()),
    ("school", "missing-volume", {"ContainerCreating"}, set()),
    ("school", "misspelled", {"CrashLoopBackOff"}, {"StartError"}),
    ("school", "failing-init", {"Init:CrashLoopBackOff"}, {"Init:Error"}),
    ("school", "grinder", {"Running"}, {"CrashLoopBackOff", "Error"}),
    ("school", "boiler", {"CrashLoopBackOff"}, {"Running", "Error"}),
    ("school", "one-shot", {"CrashLoopBackOff"}, {"Completed", "Running"}),
    ("school", "past-its-deadline", {"Error"}, set()),
    ("platform", "edge-proxy", {"Pending"}, set()),
    ("warehouse", "label-archiver", {"Pending"}, set()),
    ("analytics", "importer", {"Error"}, set()),
]


@pytest.mark.parametrize(
    ("space", "app", "words", "others"), TROUBLED_PODS, ids=[t[1] for t in TROUBLED_PODS]
)
def test_pods_in_trouble(store: Store, space: str, app: str, words: set[str], others: set[str]) -> None:
    assert pods_of(store, space, app) & (words | others)


def test_a_pod_that_is_killed_for_memory_again_and_again(store: Store) -> None:
    status = the_pod(store, "analytics", "report-builder")["status"]["containerStatuses"][0]
    assert status["restartCount"] > 5
    assert status["lastState"]["terminated"]["reason"] == "OOMKilled"


def test_a_pod_that_runs_but_is_not_ready(store: Store) -> None:
    pod = the_pod(store, "storefront", "search")
    assert pod_status(pod) == "Running" and not _ready(pod)


def test_no_container_started_before_its_pod(store: Store) -> None:
    begun = [pod for pod in store.list(PODS) if dig(pod, "status", "startTime")]
    assert len(begun) > 80
    for pod in begun:
        began = [dig(s, "state", "running", "startedAt") for s in dicts(pod, "status", "containerStatuses")]
        assert all(pod["status"]["startTime"] <= each for each in began if each), pod["metadata"]["name"]


def test_a_roll_that_stands_still(store: Store) -> None:
    api = store.get(builtin("deployments", "apps"), "prd-payments", "payment-api")
    progress = next(c for c in api["status"]["conditions"] if c["type"] == "Progressing")
    assert (progress["status"], progress["reason"]) == ("False", "ProgressDeadlineExceeded")
    assert (api["status"]["updatedReplicas"], api["status"]["availableReplicas"]) == (1, 2)


def test_the_roastery_is_well(store: Store) -> None:
    pods = store.list(PODS, "roastery")
    assert {pod_status(pod) for pod in pods} <= {"Running", "Completed", "ContainerCreating"}
    assert not any(e["type"] == "Warning" for e in store.list(builtin("events"), "roastery"))
    for pod in pods:
        for item in pod["spec"]["containers"]:
            assert "@sha256:" in item["image"] and item["securityContext"]["readOnlyRootFilesystem"]
            assert item["resources"]["requests"] and item["resources"]["limits"]
    budgets = store.list(builtin("poddisruptionbudgets", "policy"), "roastery")
    assert [budget["status"]["disruptionsAllowed"] for budget in budgets] == [1, 1]


def test_a_volume_that_is_missing_is_told_by_events_only(store: Store) -> None:
    events = [e for e in store.list(builtin("events"), "school") if e["reason"] == "FailedMount"]
    assert {(e["involvedObject"]["name"], e["message"]) for e in events} == {
        ("missing-volume", 'MountVolume.SetUp failed for volume "recipes" : configmap "recipes" not found')
    }


def test_every_node_lists_its_images(store: Store) -> None:
    sizes = {
        name: image["sizeBytes"]
        for node in store.list(builtin("nodes"))
        for image in node["status"]["images"]
        for name in image["names"]
    }
    assert sizes["registry.kumo-coffee.example/school/all-in-one:2023"] > 3_000_000_000
    assert "docker.io/library/nginx:1.29" in sizes
    assert not any("local-build" in name or "1.5.0-rc" in name for name in sizes), "they never came"


def test_a_service_that_selects_nothing(store: Store) -> None:
    wanted = store.get(SERVICES, "storefront", "newsletter")["spec"]["selector"]
    assert not any(wanted.items() <= p["metadata"]["labels"].items() for p in store.list(PODS, "storefront"))


def test_other_trouble(store: Store) -> None:
    node = store.get(builtin("nodes"), "", "worker-3")
    assert node["spec"]["unschedulable"]
    assert cells(builtin("nodes"), node, NOW)[1] == "Ready,SchedulingDisabled"
    lost = store.get(builtin("nodes"), "", "worker-4")
    assert cells(builtin("nodes"), lost, NOW)[1] == "NotReady"
    assert {(t["key"].partition("/")[2], t["effect"]) for t in lost["spec"]["taints"]} == {
        ("trial", "NoSchedule"),
        ("unreachable", "NoSchedule"),
        ("unreachable", "NoExecute"),
    }
    pressure = next(c for c in node["status"]["conditions"] if c["type"] == "DiskPressure")
    assert pressure["status"] == "True"
    claim = store.get(builtin("persistentvolumeclaims"), "warehouse", "label-archive")
    assert claim["status"]["phase"] == "Pending"
    job = store.get(builtin("jobs", "batch"), "analytics", "import-2026-q3")
    assert job_status(job) == "Failed" and job["status"]["failed"] == 4
    gateway = store.get(SERVICES, "orders", "partner-gateway")
    assert cells(SERVICES, gateway, NOW)[3] == "<pending>"
    budget = store.get(builtin("poddisruptionbudgets", "policy"), "prd-payments", "payment-api")
    assert budget["status"]["disruptionsAllowed"] == 0
    quota = store.get(builtin("resourcequotas"), "stg-payments", "payments")
    assert (quota["status"]["used"]["pods"], quota["status"]["hard"]["pods"]) == ("4", "5")
    scaler = store.get(builtin("horizontalpodautoscalers", "autoscaling"), "storefront", "banner")
    assert scaler["status"]["conditions"][0]["reason"] == "FailedGetScale"


def test_jobs_and_cron_jobs_in_every_state(store: Store) -> None:
    states = {job_status(job) for job in store.list(builtin("jobs", "batch"))}
    assert states == {"Complete", "Failed", "Running", "Suspended"}
    crons = {c["metadata"]["name"]: c["spec"]["suspend"] for c in store.list(builtin("cronjobs", "batch"))}
    assert crons["stocktaking"] is True and crons["cleanup-carts"] is False


def test_events_fit_what_happened(store: Store) -> None:
    events = store.list(builtin("events"))
    uids = {obj["metadata"]["uid"] for _, obj in everything(store)}
    reasons = {event["reason"] for event in events}
    assert {"Scheduled", "Pulled", "Started", "BackOff", "FailedScheduling", "Unhealthy"} <= reasons
    assert any(event.get("count", 0) > 3 for event in events if event["type"] == "Warning")
    for event in events:
        last = last_time(event)
        assert NOW - 3600 <= last <= NOW
    still = sum(event["involvedObject"]["uid"] in uids for event in events)
    assert still > len(events) / 2


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
