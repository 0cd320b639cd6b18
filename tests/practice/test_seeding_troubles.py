"""The seeded company: the troubles that it is there to show, and what is well beside them."""

from __future__ import annotations

import pytest

from k8stui.core.objects import dicts, dig
from k8stui.practice.controllers.correlator import last_time
from k8stui.practice.kinds import builtin
from k8stui.practice.printers import cells
from k8stui.practice.printers.pods import pod_status
from k8stui.practice.printers.workloads import job_status
from k8stui.practice.store import Store
from tests.practice.company import NOW, PODS, everything, is_ready, seeded, the_pod

SERVICES = builtin("services")


@pytest.fixture(scope="module")
def store() -> Store:
    return seeded()


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
    assert pod_status(pod) == "Running" and not is_ready(pod)


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
