"""The scheduler: where Pods go, why they do not, and who makes room for whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from k8stui.core.objects import JsonObject, dicts
from k8stui.practice.controllers.affinity import node_fits, term_fits
from k8stui.practice.kinds import builtin
from tests.practice.controllers.lab import CLAIMS, EVENTS, NODES, PODS, SPACES, Lab

HOST = "kubernetes.io/hostname"
VOLUMES, CLASSES = builtin("persistentvolumes"), builtin("storageclasses", "storage.k8s.io")
BUDGETS = builtin("poddisruptionbudgets", "policy")


@pytest.fixture
def lab() -> Iterator[Lab]:
    lab = Lab()
    yield lab
    lab.engine.detach()


def pod(
    lab: Lab, name: str = "p", cpu: str = "", labels: JsonObject | None = None, **spec: Any
) -> JsonObject:
    item: JsonObject = {"name": "c", "image": "i:1"}
    if cpu:
        item["resources"] = {"requests": {"cpu": cpu}}
    priority = spec.pop("priority", None)
    made = lab.make(PODS, name, spec={"containers": [item], **spec})
    if priority is not None:
        # As admission sets it for a PriorityClass.
        made = lab.store.update(PODS, {**made, "spec": {**made["spec"], "priority": priority}})
    if labels:
        made = lab.world.set_metadata(PODS, made, labels=labels)
    return made


def node(lab: Lab, name: str, cpu: str = "4", labels: JsonObject | None = None, **spec: Any) -> JsonObject:
    room = {"cpu": cpu, "memory": "8Gi", "pods": "110"}
    made = lab.make(NODES, name, spec=spec, status={"allocatable": room})
    return lab.world.set_metadata(NODES, made, labels={HOST: name, **(labels or {})})


def message(lab: Lab, name: str = "p") -> str:
    """Why a Pod has no node, as its condition and its event say alike."""
    lab.wait(0)
    found = lab.store.get(PODS, "shop", name)
    condition = next(c for c in found["status"]["conditions"] if c["type"] == "PodScheduled")
    assert (condition["status"], condition["reason"]) == ("False", "Unschedulable")
    said = [e["message"] for e in lab.store.list(EVENTS) if e["involvedObject"]["name"] == name]
    assert condition["message"] in said
    return str(condition["message"])


def where(lab: Lab, name: str = "p") -> str:
    lab.wait(0)
    return str(lab.store.get(PODS, "shop", name)["spec"].get("nodeName", ""))


HELPLESS = "preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling."
VICTIMLESS = "preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod."
NEAR = {"labelSelector": {"matchLabels": {"app": "a"}}, "topologyKey": HOST}
REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution"


def terms(*expressions: JsonObject, field: str = "matchExpressions") -> JsonObject:
    found = {"nodeSelectorTerms": [{field: list(expressions)}]}
    return {"affinity": {"nodeAffinity": {REQUIRED: found}}}


@pytest.mark.parametrize(
    ("cpu", "spec", "why"),
    [
        ("9", {}, f"2 Insufficient cpu. {HELPLESS}"),
        (
            "",
            {"nodeSelector": {"disk": "ssd"}},
            f"2 node(s) didn't match Pod's node affinity/selector. {HELPLESS}",
        ),
        (
            "",
            terms({"key": "metadata.name", "operator": "In", "values": ["gone"]}, field="matchFields"),
            f"2 node(s) didn't satisfy plugin(s) [NodeAffinity]. {HELPLESS}",
        ),
        (
            "",
            {"affinity": {"podAffinity": {REQUIRED: [NEAR]}}},
            f"2 node(s) didn't match pod affinity rules. {HELPLESS}",
        ),
        (
            "",
            {"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "rack", "labelSelector": {}}]},
            f"2 node(s) didn't match pod topology spread constraints (missing required label). {HELPLESS}",
        ),
    ],
    ids=["cpu", "selector", "field", "affinity", "spread"],
)
def test_the_sentence_says_what_every_node_lacks(lab: Lab, cpu: str, spec: JsonObject, why: str) -> None:
    pod(lab, cpu=cpu, **spec)
    assert message(lab) == f"0/2 nodes are available: {why}"


def test_every_resource_that_lacks_is_named(lab: Lab) -> None:
    asked = {"requests": {"cpu": "9", "memory": "99Gi"}, "limits": {"devices.example/gpu": "1"}}
    lab.make(PODS, "p", spec={"containers": [{"name": "c", "image": "i:1", "resources": asked}]})
    listed = "2 Insufficient cpu, 2 Insufficient devices.example/gpu, 2 Insufficient memory"
    assert message(lab) == f"0/2 nodes are available: {listed}. {HELPLESS}"


def test_what_is_used_up_could_be_freed(lab: Lab) -> None:
    for number in range(2):
        pod(lab, f"big-{number}", cpu="3")
    lab.wait(0)
    pod(lab, cpu="2")
    assert message(lab) == f"0/2 nodes are available: 2 Insufficient cpu. {VICTIMLESS}"


def test_nodes_are_counted_by_reason(lab: Lab) -> None:
    lab.store.update(NODES, {**lab.store.get(NODES, "", "node-a"), "spec": {"unschedulable": True}})
    taint = {"key": "team", "value": "x", "effect": "NoSchedule"}
    lab.store.update(NODES, {**lab.store.get(NODES, "", "node-b"), "spec": {"taints": [taint]}})
    pod(lab)
    reasons = "1 node(s) had untolerated taint(s), 1 node(s) were unschedulable"
    assert message(lab) == f"0/2 nodes are available: {reasons}. {HELPLESS}"
    pod(lab, "tolerant", tolerations=[{"key": "team", "operator": "Exists"}])
    assert where(lab, "tolerant") == "node-b"


def test_no_nodes_at_all(lab: Lab) -> None:
    for name in ("node-a", "node-b"):
        lab.store.delete(NODES, "", name)
    pod(lab)
    assert message(lab) == "no nodes available to schedule pods"


@pytest.mark.parametrize(
    ("operator", "values", "fits"),
    [
        ("In", ["3", "7"], True),
        ("NotIn", ["7"], False),
        ("Exists", [], True),
        ("DoesNotExist", [], False),
        ("Gt", ["6"], True),
        ("Lt", ["6"], False),
        ("Gt", ["x"], False),
        ("Odd", [], False),
    ],
)
def test_operators_of_node_affinity(operator: str, values: list[str], fits: bool) -> None:
    found = {"metadata": {"name": "n", "labels": {"gen": "7"}}}
    expression = {"key": "gen", "operator": operator, "values": values}
    assert node_fits(terms(expression), found) == fits
    assert not term_fits({"nodeSelectorTerms": [{}]}, found), "an empty term matches nothing"


def test_what_is_preferred_decides_between_equals(lab: Lab) -> None:
    node(lab, "node-c", labels={"disk": "ssd"})
    wish = {"weight": 50, "preference": {"matchExpressions": [{"key": "disk", "operator": "Exists"}]}}
    pod(lab, affinity={"nodeAffinity": {PREFERRED: [wish]}})
    assert where(lab) == "node-c"


def test_the_emptiest_node_wins(lab: Lab) -> None:
    pod(lab, "first", cpu="1")
    first = where(lab, "first")
    pod(lab, "second", cpu="1")
    assert {first, where(lab, "second")} == {"node-a", "node-b"}


def test_near_to_some_and_far_from_others(lab: Lab) -> None:
    node(lab, "node-c")
    node(lab, "node-d")
    pod(lab, "friend", labels={"app": "a"}, nodeName="node-c")
    lab.wait(0)
    pod(lab, "near", affinity={"podAffinity": {REQUIRED: [NEAR]}})
    assert where(lab, "near") == "node-c"
    pod(lab, "far", nodeSelector={HOST: "node-c"}, affinity={"podAntiAffinity": {REQUIRED: [NEAR]}})
    assert "1 node(s) didn't match pod anti-affinity rules" in message(lab, "far")


def test_a_pod_may_be_the_first_of_those_that_want_to_be_together(lab: Lab) -> None:
    node(lab, "node-c")
    made = lab.make(
        PODS,
        "p",
        spec={"containers": [{"name": "c", "image": "i"}], "affinity": {"podAffinity": {REQUIRED: [NEAR]}}},
    )
    lab.world.set_metadata(PODS, made, labels={"app": "a"})
    assert where(lab) == "node-c"


def test_those_who_are_there_may_not_want_company(lab: Lab) -> None:
    node(lab, "node-c")
    alone = {"podAntiAffinity": {REQUIRED: [NEAR]}}
    pod(lab, "hermit", nodeName="node-c", affinity=alone)
    lab.wait(0)
    pod(lab, labels={"app": "a"}, nodeSelector={HOST: "node-c"})
    assert "1 node(s) didn't satisfy existing pods anti-affinity rules" in message(lab)
    lab.delete(PODS, lab.store.get(PODS, "shop", "hermit"))
    lab.wait(15)
    assert where(lab) == "node-c"


def test_affinity_by_namespace(lab: Lab) -> None:
    node(lab, "node-c")
    other = lab.make(SPACES, "other")
    lab.world.set_metadata(SPACES, other, labels={"team": "x"})
    friend = pod(lab, "friend", nodeName="node-c")
    lab.store.delete(PODS, "shop", "friend")
    metadata = {**friend["metadata"], "namespace": "other", "labels": {"app": "a"}, "uid": "u"}
    lab.store.create(PODS, {**friend, "metadata": metadata})
    lab.wait(0)
    pod(lab, "here", affinity={"podAffinity": {REQUIRED: [NEAR]}})
    assert "pod affinity rules" in message(lab, "here")
    there = {**NEAR, "namespaceSelector": {"matchLabels": {"team": "x"}}}
    pod(lab, "there", affinity={"podAffinity": {REQUIRED: [there]}})
    assert where(lab, "there") == "node-c"


def test_pods_are_spread_evenly_or_not_at_all(lab: Lab) -> None:
    for name in ("node-a", "node-b"):
        lab.store.delete(NODES, "", name)
    for name in ("node-c", "node-d"):
        node(lab, name)
    said = {"maxSkew": 1, "topologyKey": HOST, "labelSelector": {"matchLabels": {"app": "a"}}}
    hard = [{**said, "whenUnsatisfiable": "DoNotSchedule"}]
    for number in range(4):
        pod(lab, f"p-{number}", labels={"app": "a"}, topologySpreadConstraints=hard)
        lab.wait(0)
    assert sorted(where(lab, f"p-{n}") for n in range(4)) == ["node-c", "node-c", "node-d", "node-d"]
    lab.store.update(NODES, {**lab.store.get(NODES, "", "node-d"), "spec": {"unschedulable": True}})
    pod(lab, "p-4", labels={"app": "a"}, topologySpreadConstraints=hard)
    assert where(lab, "p-4") == "node-c", "one more than on the other node is allowed"
    pod(lab, "p-5", labels={"app": "a"}, topologySpreadConstraints=hard)
    assert "1 node(s) didn't match pod topology spread constraints, 1 node(s) were unsch" in message(
        lab, "p-5"
    )
    soft = [{**said, "whenUnsatisfiable": "ScheduleAnyway"}]
    pod(lab, "p-6", labels={"app": "a"}, topologySpreadConstraints=soft)
    assert where(lab, "p-6") == "node-c"


def test_gates_and_schedulers_of_nobody(lab: Lab) -> None:
    pod(lab, schedulingGates=[{"name": "example.com/wait"}])
    pod(lab, "foreign", schedulerName="nobody")
    lab.wait(0)
    gated = lab.store.get(PODS, "shop", "p")
    condition = gated["status"]["conditions"][0]
    assert (condition["reason"], condition["message"]) == (
        "SchedulingGated",
        "Scheduling is blocked due to non-empty scheduling gates",
    )
    lab.store.update(PODS, {**gated, "spec": {**gated["spec"], "schedulingGates": []}})
    assert where(lab)
    assert "conditions" not in lab.store.get(PODS, "shop", "foreign").get("status", {})


def claiming(lab: Lab, name: str = "p", claim: str = "data") -> JsonObject:
    return pod(lab, name, volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": claim}}])


def test_claims_that_keep_a_pod_waiting(lab: Lab) -> None:
    claiming(lab)
    gone = 'persistentvolumeclaim "data" not found'
    assert message(lab) == f"0/2 nodes are available: {gone}. not found"
    ask = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    lab.make(CLAIMS, "data", spec={**ask, "storageClassName": "fast"})
    lab.wait(15)
    unbound = "pod has unbound immediate PersistentVolumeClaims"
    assert message(lab) == f"0/2 nodes are available: {unbound}. not found"
    lab.make(CLASSES, "fast", provisioner="disks.example", volumeBindingMode="Immediate")
    lab.wait(90)
    assert where(lab)


def test_volumes_that_only_some_nodes_reach(lab: Lab) -> None:
    node(lab, "node-c")
    lab.make(
        CLASSES, "local", provisioner="kubernetes.io/no-provisioner", volumeBindingMode="WaitForFirstConsumer"
    )
    ask = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}
    lab.make(CLAIMS, "data", spec={**ask, "storageClassName": "local"})
    claiming(lab)
    assert "3 node(s) didn't find available persistent volumes to bind" in message(lab)
    reach = terms({"key": HOST, "operator": "In", "values": ["node-c"]})["affinity"]["nodeAffinity"][REQUIRED]
    spec = {
        "storageClassName": "local",
        "capacity": {"storage": "2Gi"},
        "accessModes": ["ReadWriteOnce"],
        "nodeAffinity": {"required": reach},
        "local": {"path": "/disk"},
    }
    lab.make(VOLUMES, "disk", spec=spec)
    lab.wait(15)
    assert where(lab) == "node-c"
    cordoned = lab.store.get(NODES, "", "node-c")
    lab.store.update(NODES, {**cordoned, "spec": {**cordoned["spec"], "unschedulable": True}})
    claiming(lab, "second")
    assert "2 node(s) didn't match PersistentVolume's node affinity" in message(lab, "second")


def test_a_pod_that_fits_again_is_woken_by_what_has_changed(lab: Lab) -> None:
    pod(lab, nodeSelector={"disk": "ssd"})
    message(lab)
    lab.world.set_metadata(NODES, lab.store.get(NODES, "", "node-b"), labels={"disk": "ssd"})
    lab.wait(1)
    assert where(lab) == "node-b"


def test_what_does_not_concern_it_leaves_a_pod_asleep(lab: Lab) -> None:
    lab.wait(5)
    pod(lab, nodeSelector={"disk": "ssd"})
    pod(lab, "other")
    lab.wait(1)
    lab.delete(PODS, lab.store.get(PODS, "shop", "other"))
    lab.wait(60)
    said = [e for e in lab.store.list(EVENTS) if e["reason"] == "FailedScheduling"]
    assert ["series" in e for e in said] == [False]
    lab.wait(300)
    assert [e["series"]["count"] for e in lab.store.list(EVENTS) if e["reason"] == "FailedScheduling"] == [2]


def full(lab: Lab, **budget: Any) -> None:
    for number in range(2):
        pod(lab, f"low-{number}", cpu="4", labels={"app": f"low-{number}"}, priority=number)
    lab.wait(5)


def test_the_less_important_make_room(lab: Lab) -> None:
    full(lab)
    pod(lab, "high", cpu="2", priority=100)
    lab.wait(0)
    high = lab.store.get(PODS, "shop", "high")
    node = high["status"]["nominatedNodeName"]
    assert message(lab, "high").endswith(
        f"preemption: found a potential placement for pod on node {node}, preempting 1 victims"
    )
    victim = lab.store.get(PODS, "shop", "low-0")
    assert victim["spec"]["nodeName"] == node and victim["metadata"]["deletionTimestamp"]
    said = next(c for c in victim["status"]["conditions"] if c["type"] == "DisruptionTarget")
    assert said["reason"] == "PreemptionByScheduler"
    event = next(e for e in lab.store.list(EVENTS) if e["reason"] == "Preempted")
    assert event["message"] == f"Preempted by pod {high['metadata']['uid']} on node {node}"
    pod(lab, "thief", cpu="2", priority=5)
    lab.wait(20)
    assert where(lab, "high") == node, "the room was kept for it"
    assert "nominatedNodeName" not in lab.store.get(PODS, "shop", "high")["status"]


def test_who_may_not_preempt_waits(lab: Lab) -> None:
    full(lab)
    pod(lab, "polite", cpu="2", priority=100, preemptionPolicy="Never")
    assert message(lab, "polite").endswith("preemption: not eligible due to preemptionPolicy=Never.")
    assert lab.words()["Running"] == 2


def test_budgets_are_broken_last(lab: Lab) -> None:
    lab.make(BUDGETS, "guard", spec={"minAvailable": 1, "selector": {"matchLabels": {"app": "low-0"}}})
    full(lab)
    pod(lab, "high", cpu="2", priority=100)
    lab.wait(0)
    going = [p["metadata"]["name"] for p in lab.pods() if p["metadata"].get("deletionTimestamp")]
    assert going == ["low-1"]


def test_the_seeded_company_explains_itself() -> None:
    lab = Lab(seeded=True)
    reasons = {
        p["metadata"]["name"]: c["message"]
        for p in lab.store.list(PODS)
        for c in dicts(p, "status", "conditions")
        if c.get("reason") == "Unschedulable"
    }
    lab.engine.detach()
    edge = next(text for name, text in reasons.items() if name.startswith("edge-proxy"))
    assert edge.startswith(
        "0/5 nodes are available: 1 node(s) were unschedulable, "
        "2 node(s) didn't have free ports for the requested pod ports, 2 node(s) had untolerated taint(s). "
    )
    assert len({text.partition(". ")[0] for text in reasons.values()}) >= 6
