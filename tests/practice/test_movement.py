"""The cluster in motion: what moves by itself, and what answers to what people do."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import pairwise

import pytest

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice import movement
from k8stui.practice.clock import RunningClock
from k8stui.practice.controllers import RESTLESS, STEADY
from k8stui.practice.controllers.base import matches
from k8stui.practice.controllers.cron import Schedule
from k8stui.practice.controllers.engine import Engine
from k8stui.practice.controllers.template import filled
from k8stui.practice.controllers.world import World
from k8stui.practice.kinds import builtin
from k8stui.practice.printers.pods import pod_status
from k8stui.practice.printers.workloads import job_status
from k8stui.practice.seeding import programs, seed
from k8stui.practice.store import Event, Store

START = 1_790_000_000.0
PODS, NODES, EVENTS = builtin("pods"), builtin("nodes"), builtin("events")
DEPLOYMENTS, REPLICA_SETS = builtin("deployments", "apps"), builtin("replicasets", "apps")
STATEFUL_SETS, DAEMON_SETS = builtin("statefulsets", "apps"), builtin("daemonsets", "apps")
JOBS, CRON_JOBS = builtin("jobs", "batch"), builtin("cronjobs", "batch")
SLICES, SERVICES = builtin("endpointslices", "discovery.k8s.io"), builtin("services")
CLAIMS, LEASES = builtin("persistentvolumeclaims"), builtin("leases", "coordination.k8s.io")
SPACES = builtin("namespaces")


class Lab:
    """A cluster whose time is moved by hand."""

    def __init__(self, *, seeded: bool = False, pods: int = 0) -> None:
        self.time = START
        self.store = Store(lambda: self.time, rng=random.Random(2))
        if seeded:
            seed(self.store, lambda: self.time, pods=pods)
        self.world = World(self.store, lambda: self.time, random.Random(3), programs())
        self.engine = Engine(self.world, RESTLESS if seeded else STEADY)
        if not seeded:
            for name in ("node-a", "node-b"):
                self.make(NODES, name, status={"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}})
            self.make(SPACES, "shop")
        self.engine.attach()
        self.wait(0)

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        until = self.time + seconds
        for _ in range(100_000):
            due = self.engine.run()
            if due is None or due > until:
                break
            self.time = max(self.time, due)
        else:
            raise AssertionError("the controllers never come to rest")
        self.time = until

    def make(self, kind: ResourceKind, name: str, **parts: object) -> JsonObject:
        metadata: JsonObject = {"name": name, "uid": self.world.new_uid()}
        if kind.namespaced:
            metadata["namespace"] = "shop"
        return self.world.create(kind, filled(self.world, kind, {"metadata": metadata, **parts}))

    def change(self, kind: ResourceKind, name: str, **spec: object) -> JsonObject:
        obj = self.store.get(kind, "shop", name)
        return self.store.update(kind, filled(self.world, kind, {**obj, "spec": {**obj["spec"], **spec}}))

    def pods(self, space: str = "shop", app: str = "") -> list[JsonObject]:
        found = self.store.list(PODS, space)
        return [p for p in found if not app or (p["metadata"].get("labels") or {}).get("app") == app]

    def words(self, app: str = "", space: str = "shop") -> Counter[str]:
        return Counter(pod_status(pod) for pod in self.pods(space, app))

    def delete(self, kind: ResourceKind, obj: JsonObject) -> None:
        self.world.delete(kind, obj)


@pytest.fixture
def lab() -> Iterator[Lab]:
    lab = Lab()
    yield lab
    lab.engine.detach()


@pytest.fixture
def company() -> Iterator[Lab]:
    lab = Lab(seeded=True)
    yield lab
    lab.engine.detach()


def template(app: str = "web", image: str = "nginx:1.29", **spec: object) -> JsonObject:
    return {
        "metadata": {"labels": {"app": app}},
        "spec": {"containers": [{"name": "c", "image": image}], **spec},
    }


def deployment(lab: Lab, replicas: int = 3, image: str = "nginx:1.29") -> JsonObject:
    return lab.make(
        DEPLOYMENTS,
        "web",
        spec={
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": template(image=image),
        },
    )


def status(lab: Lab, kind: ResourceKind, name: str) -> JsonObject:
    found: JsonObject = lab.store.get(kind, "shop", name)["status"]
    return found


def test_a_deployment_gets_its_pods_within_seconds(lab: Lab) -> None:
    deployment(lab)
    lab.wait(0)
    assert lab.words() == {"ContainerCreating": 3}
    assert {pod["spec"]["nodeName"] for pod in lab.pods()} == {"node-a", "node-b"}
    lab.wait(2)
    assert lab.words() == {"Running": 3}
    found = status(lab, DEPLOYMENTS, "web")
    assert (found["replicas"], found["readyReplicas"], found["updatedReplicas"]) == (3, 3, 3)
    assert [c["status"] for c in found["conditions"]] == ["True", "True"]
    addresses = {pod["status"]["podIP"] for pod in lab.pods()}
    assert len(addresses) == 3


def test_a_deleted_pod_is_replaced(lab: Lab) -> None:
    deployment(lab)
    lab.wait(3)
    first = lab.pods()[0]
    lab.delete(PODS, first)
    lab.wait(0)
    assert lab.words()["Terminating"] == 1
    lab.wait(3)
    assert lab.words() == {"Running": 3}
    assert first["metadata"]["uid"] not in {pod["metadata"]["uid"] for pod in lab.pods()}


def test_scaling_down_and_up(lab: Lab) -> None:
    deployment(lab)
    lab.wait(3)
    lab.change(DEPLOYMENTS, "web", replicas=1)
    lab.wait(3)
    assert lab.words() == {"Running": 1}
    lab.change(DEPLOYMENTS, "web", replicas=0)
    lab.wait(3)
    assert lab.words() == {}
    lab.change(DEPLOYMENTS, "web", replicas=4)
    lab.wait(3)
    assert lab.words() == {"Running": 4}


def test_a_rolling_update_never_has_too_few_pods(lab: Lab) -> None:
    deployment(lab, replicas=4)
    lab.wait(3)
    lab.change(DEPLOYMENTS, "web", template=template(image="nginx:1.28-alpine"))
    least = 4
    for _ in range(40):
        lab.wait(0.5)
        least = min(least, status(lab, DEPLOYMENTS, "web").get("availableReplicas", 0))
    assert least >= 3
    assert {p["spec"]["containers"][0]["image"] for p in lab.pods()} == {"nginx:1.28-alpine"}
    assert lab.words() == {"Running": 4}
    assert sorted(s["spec"]["replicas"] for s in lab.store.list(REPLICA_SETS)) == [0, 4]
    revision = lab.store.get(DEPLOYMENTS, "shop", "web")["metadata"]["annotations"]
    assert revision["deployment.kubernetes.io/revision"] == "2"


def test_going_back_uses_the_old_replica_set_again(lab: Lab) -> None:
    deployment(lab, replicas=2)
    lab.wait(3)
    for image in ("nginx:1.28-alpine", "nginx:1.29"):
        lab.change(DEPLOYMENTS, "web", template=template(image=image))
        lab.wait(10)
    assert lab.store.count(REPLICA_SETS) == 2
    found = lab.store.get(DEPLOYMENTS, "shop", "web")["metadata"]["annotations"]
    assert found["deployment.kubernetes.io/revision"] == "3"


def test_an_image_that_does_not_exist_can_be_mended(lab: Lab) -> None:
    deployment(lab, replicas=2)
    lab.wait(3)
    lab.change(DEPLOYMENTS, "web", template=template(image="nginx:1.29-typo!"))
    lab.wait(30)
    assert lab.words()["Running"] == 2
    assert lab.words().keys() & {"ErrImagePull", "ImagePullBackOff"}
    lab.wait(700)
    progress = next(c for c in status(lab, DEPLOYMENTS, "web")["conditions"] if c["type"] == "Progressing")
    assert progress["reason"] == "ProgressDeadlineExceeded"
    lab.change(DEPLOYMENTS, "web", template=template(image="nginx:1.28-alpine"))
    lab.wait(20)
    assert lab.words() == {"Running": 2}


def test_deleting_the_owner_deletes_everything_below(lab: Lab) -> None:
    lab.delete(DEPLOYMENTS, deployment(lab))
    lab.wait(3)
    deployment(lab)
    lab.wait(3)
    lab.delete(DEPLOYMENTS, lab.store.get(DEPLOYMENTS, "shop", "web"))
    lab.wait(5)
    assert lab.store.count(REPLICA_SETS) == 0
    assert lab.pods() == []


def test_dependents_can_be_left_as_orphans(lab: Lab) -> None:
    deployment(lab)
    lab.wait(3)
    obj = lab.store.get(DEPLOYMENTS, "shop", "web")
    lab.world.set_metadata(DEPLOYMENTS, obj, finalizers=["orphan"], deletionTimestamp=lab.world.now())
    lab.wait(3)
    assert lab.store.count(DEPLOYMENTS) == 0
    assert lab.words() == {"Running": 3}
    assert "ownerReferences" not in lab.store.list(REPLICA_SETS)[0]["metadata"]


def test_foreground_deletion_waits_for_the_dependents(lab: Lab) -> None:
    deployment(lab)
    lab.wait(3)
    obj = lab.store.get(DEPLOYMENTS, "shop", "web")
    finalizers = ["foregroundDeletion"]
    lab.world.set_metadata(DEPLOYMENTS, obj, finalizers=finalizers, deletionTimestamp=lab.world.now())
    lab.wait(10)
    assert (lab.store.count(DEPLOYMENTS), lab.store.count(REPLICA_SETS), lab.pods()) == (0, 0, [])


def test_a_stateful_set_starts_in_order_and_keeps_its_claims(lab: Lab) -> None:
    lab.make(
        builtin("storageclasses", "storage.k8s.io"),
        "disks",
        provisioner="csi.disks.example",
        volumeBindingMode="WaitForFirstConsumer",
    )
    claim = {
        "metadata": {"name": "data"},
        "spec": {
            "storageClassName": "disks",
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
    }
    spec = {
        "replicas": 2,
        "selector": {"matchLabels": {"app": "db"}},
        "template": template("db"),
        "serviceName": "db",
    }
    lab.make(STATEFUL_SETS, "db", spec={**spec, "volumeClaimTemplates": [claim]})
    lab.wait(0)
    assert [pod["metadata"]["name"] for pod in lab.pods()] == ["db-0"]
    lab.wait(5)
    assert lab.words() == {"Running": 2}
    assert {c["status"]["phase"] for c in lab.store.list(CLAIMS)} == {"Bound"}
    before = lab.store.get(PODS, "shop", "db-1")["metadata"]["uid"]
    lab.delete(PODS, lab.store.get(PODS, "shop", "db-1"))
    lab.wait(5)
    assert lab.store.get(PODS, "shop", "db-1")["metadata"]["uid"] != before
    lab.change(STATEFUL_SETS, "db", replicas=1)
    lab.wait(5)
    assert [pod["metadata"]["name"] for pod in lab.pods()] == ["db-0"]
    assert lab.store.count(CLAIMS) == 2


def test_a_daemon_set_follows_the_nodes(lab: Lab) -> None:
    lab.make(
        DAEMON_SETS, "agent", spec={"selector": {"matchLabels": {"app": "a"}}, "template": template("a")}
    )
    lab.wait(3)
    assert sorted(pod["spec"]["nodeName"] for pod in lab.pods()) == ["node-a", "node-b"]
    lab.make(NODES, "node-c", status={"allocatable": {"cpu": "1", "memory": "1Gi", "pods": "9"}})
    lab.wait(3)
    assert status(lab, DAEMON_SETS, "agent")["numberReady"] == 3


def test_a_job_runs_to_its_end_and_one_gives_up(lab: Lab) -> None:
    good = template("good", "busybox:1.37", restartPolicy="Never")
    lab.make(JOBS, "good", spec={"completions": 3, "parallelism": 2, "template": good})
    bad = template("bad", "busybox:1.37", restartPolicy="Never")
    bad["spec"]["containers"][0]["command"] = ["sh", "-c", "sleep 1; exit 4"]
    lab.make(JOBS, "bad", spec={"backoffLimit": 1, "template": bad})
    lab.wait(120)
    assert job_status(lab.store.get(JOBS, "shop", "good")) == "Complete"
    assert job_status(lab.store.get(JOBS, "shop", "bad")) == "Failed"
    assert status(lab, JOBS, "bad")["failed"] == 2
    assert status(lab, JOBS, "good")["succeeded"] == 3


def test_a_cron_job_keeps_only_some_of_its_jobs(lab: Lab) -> None:
    job = {"spec": {"template": template("tick", "busybox:1.37", restartPolicy="Never")}}
    lab.make(
        CRON_JOBS, "tick", spec={"schedule": "* * * * *", "successfulJobsHistoryLimit": 2, "jobTemplate": job}
    )
    lab.wait(600)
    jobs = lab.store.list(JOBS)
    assert 2 <= len(jobs) <= 3
    assert {dig(j, "metadata", "ownerReferences", 0, "name") for j in jobs} == {"tick"}
    assert len(lab.pods()) == len(jobs)
    last = parse_time(status(lab, CRON_JOBS, "tick")["lastScheduleTime"]) or 0.0
    assert lab.time - 60 <= last <= lab.time


def test_a_service_follows_its_pods(lab: Lab) -> None:
    deployment(lab, replicas=2)
    lab.make(SERVICES, "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]})
    lab.wait(3)
    found = lab.store.list(SLICES, "shop")[0]
    assert {e["addresses"][0] for e in found["endpoints"]} == {p["status"]["podIP"] for p in lab.pods()}
    assert [port["port"] for port in found["ports"]] == [8080]
    lab.change(DEPLOYMENTS, "web", replicas=1)
    lab.wait(5)
    assert len(lab.store.list(SLICES, "shop")[0]["endpoints"]) == 1
    lab.delete(SERVICES, lab.store.get(SERVICES, "shop", "web"))
    lab.wait(3)
    assert lab.store.count(SLICES, "shop") == 0


def test_a_crash_loop_waits_longer_each_time(lab: Lab) -> None:
    crash = template("crash", "busybox:1.37")
    crash["spec"]["containers"][0]["command"] = ["sh", "-c", "sleep 2; exit 1"]
    lab.make(PODS, "crash", spec=crash["spec"])
    seen: Counter[str] = Counter()
    restarts: list[float] = []
    count = 0
    for _ in range(400):
        lab.wait(1)
        pod = lab.store.get(PODS, "shop", "crash")
        seen[pod_status(pod)] += 1
        now = pod["status"]["containerStatuses"][0]["restartCount"]
        if now > count:
            count = now
            restarts.append(lab.time)
    assert {"Running", "Error", "CrashLoopBackOff"} <= seen.keys()
    pauses = [later - earlier for earlier, later in pairwise(restarts[1:])]
    assert len(pauses) >= 3
    assert all(b > 1.5 * a for a, b in pairwise(pauses))
    waiting = pod["status"]["containerStatuses"][0]["state"].get("waiting")
    assert waiting is None or "back-off" in waiting["message"]


def test_two_pods_on_the_nodes_network_cannot_have_the_same_port(lab: Lab) -> None:
    spec = {
        "hostNetwork": True,
        "containers": [{"name": "c", "image": "i:1", "ports": [{"containerPort": 80}]}],
    }
    for number in range(3):
        lab.make(PODS, f"edge-{number}", spec=spec)
    lab.wait(3)
    assert lab.words() == {"Running": 2, "Pending": 1}
    waiting = next(pod for pod in lab.pods() if pod_status(pod) == "Pending")
    assert "2 node(s) didn't have free ports" in waiting["status"]["conditions"][0]["message"]


def test_a_full_cluster_takes_pods_again_when_there_is_room(lab: Lab) -> None:
    big = {"containers": [{"name": "c", "image": "i:1", "resources": {"requests": {"cpu": "4"}}}]}
    for number in range(3):
        lab.make(PODS, f"big-{number}", spec=big)
    lab.wait(3)
    assert lab.words() == {"Running": 2, "Pending": 1}
    lab.delete(PODS, next(pod for pod in lab.pods() if pod_status(pod) == "Running"))
    lab.wait(90)
    assert lab.words() == {"Running": 2}


def test_a_missing_secret_holds_a_container_back_until_it_is_there(lab: Lab) -> None:
    spec = template()["spec"]
    spec["containers"][0]["envFrom"] = [{"secretRef": {"name": "keys"}}]
    lab.make(PODS, "web", spec=spec)
    lab.wait(5)
    assert lab.words() == {"CreateContainerConfigError": 1}
    lab.make(builtin("secrets"), "keys")
    lab.wait(20)
    assert lab.words() == {"Running": 1}


def test_a_new_namespace_is_furnished_and_a_deleted_one_emptied(lab: Lab) -> None:
    assert lab.store.get(builtin("serviceaccounts"), "shop", "default")
    deployment(lab)
    lab.wait(3)
    space = lab.store.get(SPACES, "", "shop")
    lab.world.set_metadata(SPACES, space, deletionTimestamp=lab.world.now())
    lab.wait(15)
    assert lab.store.find(SPACES, "", "shop") is None
    assert lab.pods() == []


def test_pods_with_a_finalizer_stay_terminating(lab: Lab) -> None:
    pod = lab.make(PODS, "held", spec=template()["spec"])
    lab.wait(3)
    pod = lab.store.get(PODS, "shop", "held")
    pod = lab.world.set_metadata(PODS, pod, finalizers=["example.com/hold"])
    lab.delete(PODS, pod)
    lab.wait(60)
    assert lab.words() == {"Terminating": 1}
    lab.world.set_metadata(PODS, lab.store.get(PODS, "shop", "held"), finalizers=None)
    lab.wait(3)
    assert lab.pods() == []


@pytest.mark.parametrize(
    ("text", "after", "due"),
    [
        ("*/5 * * * *", "2026-05-01T12:03:10Z", "2026-05-01T12:05:00Z"),
        ("0 3 * * *", "2026-05-01T03:00:00Z", "2026-05-02T03:00:00Z"),
        ("0 3 1 1 *", "2026-05-01T03:00:00Z", "2027-01-01T03:00:00Z"),
        ("30 9 * * mon-fri", "2026-05-02T00:00:00Z", "2026-05-04T09:30:00Z"),
        ("0 0 13 * 5", "2026-05-02T00:00:00Z", "2026-05-08T00:00:00Z"),
        ("@hourly", "2026-05-01T23:59:59Z", "2026-05-02T00:00:00Z"),
    ],
)
def test_schedules(text: str, after: str, due: str) -> None:
    assert Schedule(text).after(parse_time(after) or 0.0) == parse_time(due)


def test_a_schedule_that_never_comes() -> None:
    assert Schedule("0 0 30 2 *").after(START) is None


@pytest.mark.parametrize("text", ["* * * *", "61 * * * *", "* * * * * *", "a * * * *", "*/0 * * * *"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Schedule(text)


def consistent(lab: Lab) -> None:
    """What always holds between workloads and their Pods once the controllers have looked at them."""
    pods = lab.store.list(PODS)
    for obj in lab.store.list(DEPLOYMENTS):
        space = obj["metadata"]["namespace"]
        mine = [
            pod
            for pod in pods
            if pod["metadata"]["namespace"] == space
            and matches(obj["spec"]["selector"], pod["metadata"].get("labels") or {})
            and not pod["metadata"].get("deletionTimestamp")
        ]
        assert obj["status"].get("replicas", 0) == len(mine), obj["metadata"]["name"]
        up = sum(
            any(c["type"] == "Ready" and c["status"] == "True" for c in dicts(p, "status", "conditions"))
            for p in mine
        )
        assert obj["status"].get("readyReplicas", 0) == up
    alive = {pod["metadata"]["uid"] for pod in pods}
    for found in lab.store.list(SLICES):
        for endpoint in dicts(found, "endpoints"):
            assert "targetRef" not in endpoint or endpoint["targetRef"]["uid"] in alive


def test_an_hour_of_the_company(company: Lab) -> None:
    sizes: set[int] = set()
    kinds = (PODS, JOBS, EVENTS, REPLICA_SETS, LEASES)
    before = {kind.name: company.store.count(kind) for kind in kinds}
    first = {pod["metadata"]["uid"] for pod in company.store.list(PODS)}
    worker = company.pods("orders", "order-worker")[0]["status"]["containerStatuses"][0]["restartCount"]
    for _ in range(60):
        company.wait(60)
        consistent(company)
        sizes.add(company.store.get(DEPLOYMENTS, "storefront", "cart")["spec"]["replicas"])
    assert min(sizes) == 2 and max(sizes) == 5, "the autoscaler uses its whole range"
    later = company.pods("orders", "order-worker")[0]["status"]["containerStatuses"][0]["restartCount"]
    assert worker + 5 <= later <= worker + 30
    assert first - {pod["metadata"]["uid"] for pod in company.store.list(PODS)}, "some Pods were replaced"
    after = {kind.name: company.store.count(kind) for kind in kinds}
    assert after["leases.coordination.k8s.io"] == before["leases.coordination.k8s.io"]
    assert after["jobs.batch"] <= before["jobs.batch"] + 5
    assert after["pods"] < before["pods"] + 80
    assert after["events"] < 2_500, "events are forgotten after an hour"
    for lease in company.store.list(LEASES, "kube-node-lease"):
        assert company.time - (parse_time(lease["spec"]["renewTime"]) or 0.0) <= 11


def test_trouble_can_be_mended(company: Lab) -> None:
    obj = company.store.get(DEPLOYMENTS, "orders", "order-worker")
    spec = obj["spec"]
    item = {
        **spec["template"]["spec"]["containers"][0],
        "image": "registry.kumo-coffee.example/orders/order-worker:2.7.2",
    }
    changed = {**spec["template"], "spec": {**spec["template"]["spec"], "containers": [item]}}
    company.store.update(DEPLOYMENTS, {**obj, "spec": {**spec, "template": changed}})
    company.wait(30)
    assert company.words("order-worker", "orders") == {"Running": 1}


def test_many_pods_cost_nothing_per_step() -> None:
    lab = Lab(seeded=True, pods=3_000)
    touched: Counter[str] = Counter()
    lab.store.subscribe(PODS, lambda event: touched.update([event.entry.namespace]))
    before = lab.store.count(PODS)
    lab.wait(60)
    assert not any(space.startswith("load-") for space in touched)
    assert abs(lab.store.count(PODS) - before) < 20
    lab.engine.detach()


def test_detached_controllers_hear_nothing(lab: Lab) -> None:
    lab.engine.detach()
    deployment(lab)
    lab.engine.run()
    assert lab.pods() == []


@contextlib.asynccontextmanager
async def moving(store: Store, clock: Callable[[], float]) -> AsyncIterator[None]:
    task = asyncio.create_task(movement.run(store, RunningClock(real=clock), random.Random(4)))
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def change_of(store: Store, kind: ResourceKind, wanted: Callable[[JsonObject], bool]) -> JsonObject:
    """The first written object of a kind that is as wanted; within ten seconds."""
    found: asyncio.Future[JsonObject] = asyncio.get_running_loop().create_future()

    def look(event: Event) -> None:
        if event.type != "DELETED" and not found.done() and wanted(event.entry.object):
            found.set_result(event.entry.object)

    end = store.subscribe(kind, look)
    try:
        async with asyncio.timeout(10):
            return await found
    finally:
        end()


async def test_the_running_cluster_answers_a_write() -> None:
    lab = Lab(seeded=True)
    lab.engine.detach()
    async with moving(lab.store, lambda: lab.time):
        victim = lab.pods("storefront", "newsletter")[0]
        uid = victim["metadata"]["uid"]
        waiting = asyncio.ensure_future(
            change_of(
                lab.store,
                PODS,
                lambda pod: (
                    pod["metadata"]["name"].startswith("newsletter-") and pod["metadata"]["uid"] != uid
                ),
            )
        )
        await asyncio.sleep(0)
        lab.world.delete(PODS, victim)
        new = await waiting
    assert new["metadata"]["ownerReferences"][0]["uid"] == victim["metadata"]["ownerReferences"][0]["uid"]


async def test_cancelling_leaves_no_listener_behind() -> None:
    store = Store(lambda: START)
    async with moving(store, lambda: START):
        await asyncio.sleep(0)
        assert store._shelf(PODS).listeners
    assert store._shelf(PODS).listeners == []
