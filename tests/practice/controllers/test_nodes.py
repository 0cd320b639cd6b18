"""Nodes: how they come, fall silent, come back and go, and what becomes of their Pods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers import RESTLESS
from k8stui.practice.controllers.engine import Engine
from k8stui.practice.controllers.nodehealth import KUBELET, PRESSURE, tainted
from k8stui.practice.controllers.resources import toleration_seconds
from k8stui.practice.kinds import builtin
from k8stui.practice.printers import cells
from k8stui.practice.printers.pods import pod_status
from tests.practice.controllers.lab import (
    DAEMON_SETS,
    EVENTS,
    LEASES,
    NODES,
    PODS,
    SERVICES,
    SLICES,
    Lab,
    deployment,
    template,
)

SETS = builtin("statefulsets", "apps")
ROLE = "node.kubernetes.io/"


class Live(Lab):
    """A lab with heartbeats too."""

    def __init__(self) -> None:
        super().__init__()
        self.engine.detach()
        self.engine = Engine(self.world, [c for c in RESTLESS if c.__name__ != "Descheduler"])
        self.engine.attach()
        self.wait(5)


@pytest.fixture
def lab() -> Iterator[Live]:
    lab = Live()
    yield lab
    lab.engine.detach()


def note(lab: Lab, name: str, key: str, value: str | None) -> None:
    """Set an annotation of a node, or take it away."""
    node = lab.store.get(NODES, "", name)
    notes = {**(node["metadata"].get("annotations") or {}), key: value}
    lab.world.set_metadata(NODES, node, annotations={k: v for k, v in notes.items() if v is not None})


def status(lab: Lab, name: str) -> str:
    return str(cells(NODES, lab.store.get(NODES, "", name), lab.time)[1])


def taints(lab: Lab, name: str) -> set[tuple[str, str]]:
    found = lab.store.get(NODES, "", name)
    return {(t["key"].removeprefix(ROLE), t["effect"]) for t in dicts(found, "spec", "taints")}


def reasons(lab: Lab, name: str) -> set[str]:
    return {e["reason"] for e in lab.store.list(EVENTS) if e["involvedObject"]["name"] == name}


def pod(lab: Lab, name: str, node: str = "node-a", **spec: Any) -> JsonObject:
    containers = [{"name": "c", "image": "app:1"}]
    return lab.make(PODS, name, spec={"nodeName": node, "containers": containers, **spec})


BOTH = [
    {"key": ROLE + key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300}
    for key in ("not-ready", "unreachable")
]


def test_a_node_that_somebody_creates_gets_ready(lab: Live) -> None:
    agent = {"selector": {"matchLabels": {"app": "agent"}}, "template": template("agent")}
    lab.make(DAEMON_SETS, "agent", spec=agent)
    lab.make(NODES, "fresh")
    lab.wait(0)
    assert status(lab, "fresh") == "Unknown"
    lab.wait(5)
    node = lab.store.get(NODES, "", "fresh")
    assert status(lab, "fresh") == "Ready"
    assert node["spec"]["podCIDR"] not in {
        lab.store.get(NODES, "", name)["spec"]["podCIDR"] for name in ("node-a", "node-b")
    }
    assert node["status"]["allocatable"]["pods"] == "110"
    assert node["metadata"]["labels"]["kubernetes.io/hostname"] == "fresh"
    assert {c["type"] for c in node["status"]["conditions"]} >= {"Ready", "MemoryPressure", "DiskPressure"}
    assert node["status"]["nodeInfo"]["kubeletVersion"].startswith("v1.")
    assert "RegisteredNode" in reasons(lab, "fresh")
    lab.wait(5)
    assert {p["spec"]["nodeName"] for p in lab.pods(app="agent")} == {"node-a", "node-b", "fresh"}
    lease = lab.store.get(LEASES, "kube-node-lease", "fresh")
    assert lab.time - (parse_time(lease["spec"]["renewTime"]) or 0.0) <= 10


def test_a_silent_node_is_lost_and_its_pods_leave(lab: Live) -> None:
    deployment(lab, replicas=4)
    lab.make(SERVICES, "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})
    lab.wait(5)
    for made in lab.pods():
        lab.store.update(PODS, {**made, "spec": {**made["spec"], "tolerations": BOTH}})
    lab.wait(1)
    note(lab, "node-a", KUBELET, "stopped")
    lab.wait(35)
    assert status(lab, "node-a") == "Ready", "it may only be slow"
    lab.wait(20)
    assert status(lab, "node-a") == "NotReady"
    ready = next(
        c for c in lab.store.get(NODES, "", "node-a")["status"]["conditions"] if c["type"] == "Ready"
    )
    assert (ready["status"], ready["reason"]) == ("Unknown", "NodeStatusUnknown")
    assert ready["message"] == "Kubelet stopped posting node status."
    assert taints(lab, "node-a") == {("unreachable", "NoSchedule"), ("unreachable", "NoExecute")}
    assert "NodeNotReady" in reasons(lab, "node-a")
    here = [p for p in lab.pods() if p["spec"]["nodeName"] == "node-a"]
    assert len(here) == 2 and lab.words() == {"Running": 4}
    ends = {e["targetRef"]["name"]: e["conditions"]["ready"] for e in lab.store.list(SLICES)[0]["endpoints"]}
    assert not any(ends.get(p["metadata"]["name"]) for p in here) and sum(ends.values()) == 2
    lab.wait(290)
    assert lab.words() == {"Running": 4}, "five minutes are tolerated"
    lab.wait(20)
    assert lab.words() == {"Running": 4, "Terminating": 2}, "nobody can tell whether they still run"
    gone = lab.store.get(PODS, "shop", here[0]["metadata"]["name"])
    said = next(c for c in gone["status"]["conditions"] if c["type"] == "DisruptionTarget")
    assert said["reason"] == "DeletionByTaintManager"
    note(lab, "node-a", KUBELET, None)
    lab.wait(60)
    assert lab.words() == {"Running": 4}
    assert status(lab, "node-a") == "Ready" and taints(lab, "node-a") == set()
    assert "NodeReady" in reasons(lab, "node-a")


def test_who_comes_back_in_time_keeps_its_pods(lab: Live) -> None:
    pod(lab, "p", tolerations=BOTH)
    lab.wait(5)
    note(lab, "node-a", KUBELET, "stopped")
    lab.wait(100)
    found = lab.store.get(PODS, "shop", "p")
    assert not any(c["status"] == "True" for c in found["status"]["conditions"] if c["type"] == "Ready")
    note(lab, "node-a", KUBELET, None)
    lab.wait(400)
    found = lab.store.get(PODS, "shop", "p")
    assert "deletionTimestamp" not in found["metadata"]
    assert any(c["status"] == "True" for c in found["status"]["conditions"] if c["type"] == "Ready")
    texts = {e["message"] for e in lab.store.list(EVENTS) if e["reason"] == "TaintManagerEviction"}
    assert texts == {"Cancelling deletion of Pod shop/p"}


def test_nothing_starts_on_a_silent_node(lab: Live) -> None:
    note(lab, "node-a", KUBELET, "stopped")
    lab.wait(1)
    pod(lab, "p")
    lab.wait(30)
    assert lab.words() == {"Pending": 1}
    note(lab, "node-a", KUBELET, None)
    lab.wait(5)
    assert lab.words() == {"Running": 1}


def test_a_runtime_that_does_not_answer(lab: Live) -> None:
    note(lab, "node-b", KUBELET, "not-ready")
    lab.wait(1)
    assert status(lab, "node-b") == "NotReady"
    assert taints(lab, "node-b") == {("not-ready", "NoSchedule"), ("not-ready", "NoExecute")}
    note(lab, "node-b", KUBELET, None)
    lab.wait(1)
    assert status(lab, "node-b") == "Ready" and taints(lab, "node-b") == set()


def test_a_stateful_set_waits_for_its_lost_pod(lab: Live) -> None:
    body = template("db")
    spec = {"replicas": 1, "serviceName": "db", "selector": {"matchLabels": {"app": "db"}}, "template": body}
    body["spec"]["tolerations"] = []
    lab.make(SETS, "db", spec=spec)
    lab.wait(5)
    first = lab.pods(app="db")[0]
    note(lab, first["spec"]["nodeName"], KUBELET, "stopped")
    lab.wait(420)
    assert [p["metadata"]["uid"] for p in lab.pods(app="db")] == [first["metadata"]["uid"]]
    lab.store.delete(PODS, "shop", "db-0")
    lab.wait(5)
    assert pod_status(lab.pods(app="db")[0]) == "Running", "removed by force, it may be made anew"


@pytest.mark.parametrize(
    ("tolerations", "stays"),
    [
        ([], 0.0),
        ([{"key": "x", "operator": "Exists", "effect": "NoExecute"}], None),
        ([{"key": "x", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}], 60.0),
        ([{"operator": "Exists", "tolerationSeconds": 30}, {"key": "x", "value": "y"}], 30.0),
        ([{"key": "x", "value": "other"}], 0.0),
        ([{"key": "x", "operator": "Exists", "effect": "NoSchedule"}], 0.0),
    ],
)
def test_how_long_a_taint_is_tolerated(tolerations: list[JsonObject], stays: float | None) -> None:
    taint = {"key": "x", "value": "y", "effect": "NoExecute"}
    assert toleration_seconds({"spec": {"tolerations": tolerations}}, taint) == stays


def test_a_taint_that_somebody_sets_drives_pods_away(lab: Live) -> None:
    patient = [{"key": "x", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 60}]
    pod(lab, "at-once")
    pod(lab, "later", tolerations=patient)
    pod(lab, "never", tolerations=[{"operator": "Exists"}])
    lab.wait(5)
    node = lab.store.get(NODES, "", "node-a")
    taint = {"key": "x", "value": "y", "effect": "NoExecute"}
    lab.store.update(NODES, {**node, "spec": {**node["spec"], "taints": [taint]}})
    lab.wait(5)
    assert {p["metadata"]["name"] for p in lab.pods()} == {"later", "never"}
    lab.wait(60)
    assert {p["metadata"]["name"] for p in lab.pods()} == {"never"}
    texts = {e["message"] for e in lab.store.list(EVENTS) if e["reason"] == "TaintManagerEviction"}
    assert "Marking for deletion Pod shop/at-once" in texts


def test_cordon_and_uncordon(lab: Live) -> None:
    node = lab.store.get(NODES, "", "node-a")
    lab.store.update(NODES, {**node, "spec": {**node["spec"], "unschedulable": True}})
    lab.wait(0)
    assert taints(lab, "node-a") == {("unschedulable", "NoSchedule")}
    assert status(lab, "node-a") == "Ready,SchedulingDisabled"
    deployment(lab, replicas=3)
    lab.wait(5)
    assert {p["spec"]["nodeName"] for p in lab.pods()} == {"node-b"}
    node = lab.store.get(NODES, "", "node-a")
    lab.store.update(NODES, {**node, "spec": {**node["spec"], "unschedulable": False}})
    lab.wait(0)
    assert taints(lab, "node-a") == set()


def test_the_pods_of_a_deleted_node_go_and_come_elsewhere(lab: Live) -> None:
    deployment(lab, replicas=4)
    lab.wait(5)
    lab.store.delete(NODES, "", "node-a")
    lab.wait(30)
    assert len(lab.pods()) == 4
    lab.wait(30)
    assert {p["spec"]["nodeName"] for p in lab.pods()} == {"node-b"}
    assert lab.words() == {"Running": 4}
    assert "RemovingNode" in reasons(lab, "node-a")


@pytest.mark.parametrize(
    ("short", "kind", "reason", "taint"),
    [
        ("memory", "MemoryPressure", "KubeletHasInsufficientMemory", "memory-pressure"),
        ("disk", "DiskPressure", "KubeletHasDiskPressure", "disk-pressure"),
        ("pid", "PIDPressure", "KubeletHasInsufficientPID", "pid-pressure"),
    ],
)
def test_a_node_that_runs_short_evicts(lab: Live, short: str, kind: str, reason: str, taint: str) -> None:
    pod(lab, "humble")
    critical = pod(lab, "critical")
    lab.store.update(PODS, {**critical, "spec": {**critical["spec"], "priority": 2_000_000_000}})
    lab.wait(5)
    note(lab, "node-a", PRESSURE, short)
    lab.wait(1)
    node = lab.store.get(NODES, "", "node-a")
    found = next(c for c in node["status"]["conditions"] if c["type"] == kind)
    assert (found["status"], found["reason"]) == ("True", reason)
    assert taints(lab, "node-a") == {(taint, "NoSchedule")}
    lab.wait(15)
    humble = lab.store.get(PODS, "shop", "humble")
    assert pod_status(humble) in ("Evicted", "Error")
    assert (humble["status"]["phase"], humble["status"]["reason"]) == ("Failed", "Evicted")
    assert humble["status"]["message"].startswith("The node was low on resource: ")
    assert pod_status(lab.store.get(PODS, "shop", "critical")) == "Running"
    assert {"EvictionThresholdMet"} <= reasons(lab, "node-a") and "Evicted" in reasons(lab, "humble")
    note(lab, "node-a", PRESSURE, None)
    lab.wait(1)
    node = lab.store.get(NODES, "", "node-a")
    assert next(c["status"] for c in node["status"]["conditions"] if c["type"] == kind) == "False"
    assert taints(lab, "node-a") == set()


def test_other_peoples_taints_are_left_alone() -> None:
    mine = {"key": "team", "value": "x", "effect": "NoSchedule"}
    shutdown = {"key": f"{ROLE}out-of-service", "value": "nodeshutdown", "effect": "NoExecute"}
    stale = {"key": f"{ROLE}unreachable", "effect": "NoExecute"}
    conditions = [{"type": "Ready", "status": "True"}]
    node = {"metadata": {"name": "n"}, "spec": {"taints": [mine, shutdown, stale]}}
    assert tainted({**node, "status": {"conditions": conditions}}, "now") == [mine, shutdown]


def test_heartbeats_go_on_and_stop(lab: Live) -> None:
    lab.wait(600)
    lease = lab.store.get(LEASES, "kube-node-lease", "node-a")
    assert lab.time - (parse_time(lease["spec"]["renewTime"]) or 0.0) <= 10
    heard = dig(lab.store.get(NODES, "", "node-a"), "status", "conditions", 0, "lastHeartbeatTime")
    assert lab.time - (parse_time(heard) or 0.0) <= 310
    note(lab, "node-a", KUBELET, "stopped")
    lab.wait(100)
    again = lab.store.get(LEASES, "kube-node-lease", "node-a")
    assert lab.time - (parse_time(again["spec"]["renewTime"]) or 0.0) >= 100
