"""DaemonSets: one Pod on every node that fits."""

from __future__ import annotations

import pytest

from k8stui.core.objects import JsonObject
from k8stui.practice.kinds import builtin
from k8stui.practice.printers.pods import pod_status
from tests.practice.controllers.lab import DAEMON_SETS, NODES, Lab, status, template

REVISIONS = builtin("controllerrevisions", "apps")


def test_a_daemon_set_follows_the_nodes(lab: Lab) -> None:
    lab.make(
        DAEMON_SETS, "agent", spec={"selector": {"matchLabels": {"app": "a"}}, "template": template("a")}
    )
    lab.wait(3)
    assert sorted(pod["spec"]["nodeName"] for pod in lab.pods()) == ["node-a", "node-b"]
    lab.make(NODES, "node-c", status={"allocatable": {"cpu": "1", "memory": "1Gi", "pods": "9"}})
    lab.wait(3)
    assert status(lab, DAEMON_SETS, "agent")["numberReady"] == 3


def agents(lab: Lab, **spec: object) -> None:
    said = {"selector": {"matchLabels": {"app": "a"}}, "template": template("a"), **spec}
    lab.make(DAEMON_SETS, "agent", spec=said)
    lab.wait(5)


def node(lab: Lab, name: str, **spec: object) -> None:
    room = {"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}}
    lab.make(NODES, name, spec=spec, status=room)
    lab.wait(5)


def where(lab: Lab) -> list[str]:
    return sorted(pod["spec"].get("nodeName", "") for pod in lab.pods(app="a"))


def set_node(lab: Lab, name: str, *, labels: JsonObject | None = None, taints: object = None) -> None:
    found = lab.store.get(NODES, "", name)
    metadata = {**found["metadata"], "labels": labels or {}}
    lab.store.update(NODES, {**found, "metadata": metadata, "spec": {"taints": taints or []}})
    lab.wait(5)


def test_labels_decide_where_it_runs(lab: Lab) -> None:
    agents(lab, template=template("a", nodeSelector={"disk": "ssd"}))
    assert where(lab) == [] and status(lab, DAEMON_SETS, "agent")["desiredNumberScheduled"] == 0
    set_node(lab, "node-b", labels={"disk": "ssd"})
    assert where(lab) == ["node-b"]
    set_node(lab, "node-b")
    assert where(lab) == []


def test_taints_keep_new_pods_away_and_only_some_drive_old_ones_out(lab: Lab) -> None:
    agents(lab)
    taint = {"key": "team", "value": "x", "effect": "NoSchedule"}
    set_node(lab, "node-a", taints=[taint])
    assert where(lab) == ["node-a", "node-b"], "it was there before"
    found = status(lab, DAEMON_SETS, "agent")
    assert (found["desiredNumberScheduled"], found["numberMisscheduled"]) == (1, 1)
    set_node(lab, "node-a", taints=[{**taint, "effect": "NoExecute"}])
    assert where(lab) == ["node-b"]


def test_it_runs_on_nodes_that_are_closed_to_others(lab: Lab) -> None:
    node(
        lab,
        "node-c",
        unschedulable=True,
        taints=[{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}],
    )
    agents(lab)
    assert where(lab) == ["node-a", "node-b", "node-c"]
    keys = {t["key"] for t in lab.pods(app="a")[0]["spec"]["tolerations"]}
    assert {"node.kubernetes.io/not-ready", "node.kubernetes.io/disk-pressure"} <= keys


def test_a_node_that_goes_takes_its_pod_along(lab: Lab) -> None:
    agents(lab)
    lab.store.delete(NODES, "", "node-b")
    lab.wait(60)
    assert where(lab) == ["node-a"]


@pytest.mark.parametrize(("lack", "least"), [(1, 3), ("50%", 2)])
def test_a_rollout_takes_so_many_nodes_at_a_time(lab: Lab, lack: object, least: int) -> None:
    for name in ("node-c", "node-d"):
        node(lab, name)
    agents(lab, updateStrategy={"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": lack}})
    lab.change(DAEMON_SETS, "agent", template=template("a", image="nginx:1.28-alpine"))
    seen = []
    for _ in range(120):
        lab.wait(0.25)
        seen.append(status(lab, DAEMON_SETS, "agent").get("numberAvailable", 0))
    assert min(seen) == least
    assert status(lab, DAEMON_SETS, "agent")["updatedNumberScheduled"] == 4


def test_with_surge_the_new_pod_is_there_before_the_old_one_goes(lab: Lab) -> None:
    rolling = {"maxUnavailable": 0, "maxSurge": 1}
    agents(lab, updateStrategy={"type": "RollingUpdate", "rollingUpdate": rolling})
    lab.change(DAEMON_SETS, "agent", template=template("a", image="nginx:1.28-alpine"))
    most = 0
    for _ in range(80):
        lab.wait(0.25)
        alive = [p for p in lab.pods(app="a") if not p["metadata"].get("deletionTimestamp")]
        up = {p["spec"].get("nodeName") for p in alive if pod_status(p) == "Running"}
        assert up == {"node-a", "node-b"}
        most = max(most, len(alive))
    assert most == 3
    assert {p["spec"]["containers"][0]["image"] for p in lab.pods(app="a")} == {"nginx:1.28-alpine"}


def test_on_delete_and_undo(lab: Lab) -> None:
    agents(lab, updateStrategy={"type": "OnDelete"})
    for image in ("nginx:1.28-alpine", "nginx:1.29"):
        lab.change(DAEMON_SETS, "agent", template=template("a", image=image))
        lab.wait(5)
    revisions = sorted(r["revision"] for r in lab.store.list(REVISIONS, "shop"))
    assert revisions == [2, 3], "going back gives the old revision the next number"
    assert {p["spec"]["containers"][0]["image"] for p in lab.pods(app="a")} == {"nginx:1.29"}
