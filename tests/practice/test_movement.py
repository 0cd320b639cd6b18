"""The cluster in motion: what moves by itself, and what answers to what people do."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable
from itertools import pairwise

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts
from k8stui.core.units import parse_time
from k8stui.practice import movement
from k8stui.practice.clock import RunningClock
from k8stui.practice.controllers.base import matches
from k8stui.practice.kinds import builtin
from k8stui.practice.printers.pods import pod_status
from k8stui.practice.store import Event, Store
from tests.practice.controllers.lab import (
    DEPLOYMENTS,
    EVENTS,
    JOBS,
    LEASES,
    PODS,
    REPLICA_SETS,
    SLICES,
    START,
    Lab,
    deployment,
    template,
)


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


def test_pods_with_a_finalizer_stay_terminating(lab: Lab) -> None:
    pod = lab.make(PODS, "held", spec=template()["spec"])
    lab.wait(3)
    pod = lab.store.get(PODS, "shop", "held")
    pod = lab.world.set_metadata(PODS, pod, finalizers=["example.com/hold"])
    lab.delete(PODS, pod)
    assert lab.words() == {"Terminating": 1}
    lab.wait(60)
    assert lab.words() == {"Completed": 1}, "its containers have ended all the same"
    lab.world.set_metadata(PODS, lab.store.get(PODS, "shop", "held"), finalizers=None)
    lab.wait(3)
    assert lab.pods() == []


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
        if lease["metadata"]["name"] == "worker-4":
            continue
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
        for _ in range(200):
            await asyncio.sleep(0)
        assert store._shelf(PODS).listeners
    assert store._shelf(PODS).listeners == []
