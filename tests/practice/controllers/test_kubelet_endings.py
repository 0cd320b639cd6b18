"""The kubelet: how containers end and begin again, and how Pods end, on a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.programs import Programs
from k8stui.practice.controllers.programs import ending as end_of
from k8stui.practice.printers.pods import pod_status
from tests.practice.controllers.lab import CLAIMS, JOBS, NODES, PODS, Lab
from tests.practice.controllers.onepod import condition, first, now, now_spec, pod, said, word

SH = ["sh", "-c"]


@pytest.fixture
def lab() -> Iterator[Lab]:
    lab = Lab()
    yield lab
    lab.engine.detach()


def test_the_back_off_grows_and_begins_anew_after_ten_minutes(lab: Lab) -> None:
    pod(lab, "busybox:1.37", command=[*SH, "sleep 5; exit 1"])
    lab.wait(300)
    assert "back-off" in str(first(lab)["state"]) or first(lab)["restartCount"] >= 4
    lab.wait(600)
    before = first(lab)["restartCount"]
    lab.wait(290)
    assert first(lab)["restartCount"] <= before + 1, "five minutes is the longest wait"
    lab.store.delete(PODS, "shop", "p")
    lab.wait(1)
    pod(lab, "busybox:1.37", command=[*SH, "sleep 700; exit 1"])
    lab.wait(725)
    assert first(lab)["restartCount"] == 1, "who has run for ten minutes is started at once"
    lab.wait(715)
    assert first(lab)["restartCount"] == 2


@pytest.mark.parametrize(
    ("image", "more", "reason", "code"),
    [
        ("busybox:1.37", {"command": [*SH, "exit 3"]}, "Error", 3),
        ("busybox:1.37", {"command": ["true"]}, "Completed", 0),
        ("app:1", {"says": {"exits": "7", "after": "2s", "message": "disk full"}}, "Error", 7),
        ("busybox:1.37", {"command": ["slep", "9"]}, "StartError", 128),
        (
            "polinux/stress:1",
            {"args": ["--vm-bytes", "250M"], "resources": {"limits": {"memory": "200Mi"}}},
            "OOMKilled",
            137,
        ),
        ("app:1", {"says": {"memory": "1Gi"}, "resources": {"limits": {"memory": "1Mi"}}}, "OOMKilled", 137),
    ],
)
def test_ways_to_end(lab: Lab, image: str, more: Any, reason: str, code: int) -> None:
    pod(lab, image, restartPolicy="Never", **more)
    lab.wait(12)
    gone = first(lab)["state"]["terminated"]
    assert (gone["reason"], gone["exitCode"]) == (reason, code)
    assert now(lab)["status"]["phase"] == ("Failed" if code else "Succeeded")
    if "message" in more.get("says", {}):
        assert gone["message"] == "disk full"


def test_annotations_may_mean_one_container_and_may_be_nonsense(lab: Lab) -> None:
    made = pod(lab, containers=[{"name": "a", "image": "app:1"}, {"name": "b", "image": "app:1"}])
    notes = {
        "b.practice.k8stui.dev/exits": "4",
        "practice.k8stui.dev/ready": "maybe",
        "practice.k8stui.dev/after": "soon",
        "practice.k8stui.dev/memory": "much",
        "a.practice.k8stui.dev/exits": "-1",
    }
    lab.world.set_metadata(PODS, made, annotations=notes)
    lab.wait(8)
    a, b = now(lab)["status"]["containerStatuses"]
    assert "running" in a["state"]
    assert dig(b, "state", "terminated", "exitCode") == 4 or b["restartCount"]


@pytest.mark.parametrize(("words", "seconds"), [("2d", 172_800), ("1.5h", 5_400), ("3m", 180), ("7s", 7)])
def test_sleep_has_units(words: str, seconds: float) -> None:
    spec = {"name": "c", "image": "busybox:1.37", "args": ["sleep", words]}
    found = end_of(Programs.load({}).running({"metadata": {}}, spec), spec, to_completion=False)
    assert found is not None
    assert (found.after, found.code) == (seconds, 0)


def test_init_containers_run_one_by_one(lab: Lab) -> None:
    inits = [{"name": n, "image": "busybox:1.37", "command": [*SH, "sleep 4"]} for n in ("one", "two")]
    pod(lab, initContainers=inits)
    lab.wait(2)
    assert word(lab) == "Init:0/2"
    lab.wait(5)
    assert word(lab) == "Init:1/2"
    assert condition(lab, "Initialized") == "False"
    lab.wait(10)
    assert word(lab) == "Running" and condition(lab, "Initialized") == "True"


def test_an_init_container_that_fails(lab: Lab) -> None:
    init = {"name": "i", "image": "busybox:1.37", "command": [*SH, "exit 1"]}
    pod(lab, initContainers=[init])
    seen = set()
    for _ in range(30):
        lab.wait(1)
        seen.add(word(lab))
    assert {"Init:Error", "Init:CrashLoopBackOff"} <= seen
    lab.store.delete(PODS, "shop", "p")
    lab.wait(0)
    pod(lab, initContainers=[init], restartPolicy="Never")
    lab.wait(10)
    assert (word(lab), now(lab)["status"]["phase"]) == ("Init:Error", "Failed")


def test_a_sidecar_is_up_before_and_ends_after_the_others(lab: Lab) -> None:
    sidecar = {
        "name": "proxy",
        "image": "app:1",
        "restartPolicy": "Always",
        "startupProbe": {"tcpSocket": {"port": 1}, "periodSeconds": 1},
    }
    spec = {
        "restartPolicy": "Never",
        "initContainers": [sidecar],
        "containers": [{"name": "c", "image": "busybox:1.37", "command": [*SH, "sleep 10"]}],
    }
    job = {"spec": spec, "metadata": {"labels": {"app": "j"}}}
    lab.make(JOBS, "j", spec={"template": job})
    lab.wait(5)
    found = lab.pods(app="j")[0]
    main, side = found["status"]["containerStatuses"][0], found["status"]["initContainerStatuses"][0]
    began = [parse_time(dig(s, "state", "running", "startedAt")) or 0.0 for s in (side, main)]
    assert began[0] < began[1]
    lab.wait(15)
    found = lab.pods(app="j")[0]
    assert found["status"]["phase"] == "Succeeded"
    assert "terminated" in found["status"]["initContainerStatuses"][0]["state"]
    assert dig(lab.store.get(JOBS, "shop", "j"), "status", "succeeded") == 1


def test_containers_may_have_their_own_policy(lab: Lab) -> None:
    once = {"name": "once", "image": "busybox:1.37", "command": [*SH, "exit 1"], "restartPolicy": "Never"}
    rule = {"action": "Restart", "exitCodes": {"operator": "In", "values": [42]}}
    again = {
        "name": "again",
        "image": "busybox:1.37",
        "command": [*SH, "exit 42"],
        "restartPolicy": "Never",
        "restartPolicyRules": [rule],
    }
    pod(lab, containers=[once, again])
    lab.wait(20)
    a, b = now(lab)["status"]["containerStatuses"]
    assert (a["restartCount"], b["restartCount"] > 0) == (0, True)


def test_the_deadline_of_a_pod(lab: Lab) -> None:
    pod(lab, activeDeadlineSeconds=30, restartPolicy="Never", command=["sleep", "infinity"])
    lab.wait(20)
    assert word(lab) == "Running"
    lab.wait(15)
    status = now(lab)["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")
    assert status["message"] == "Pod was active on the node longer than the specified deadline"
    assert "terminated" in first(lab)["state"]


def ending(lab: Lab, **spec: Any) -> list[float]:
    """Seconds after which a deleted Pod is gone, looked at second by second."""
    pod(lab, **spec)
    lab.wait(5)
    lab.delete(PODS, now(lab))
    for second in range(60):
        lab.wait(1)
        if lab.store.find(PODS, "shop", "p") is None:
            return [second]
        assert word(lab) == "Terminating"
    return []


@pytest.mark.parametrize(
    ("spec", "least", "most"),
    [
        ({}, 0, 2),
        ({"lifecycle": {"preStop": {"sleep": {"seconds": 10}}}}, 10, 12),
        ({"lifecycle": {"preStop": {"exec": {"command": [*SH, "sleep 15"]}}}}, 15, 17),
        ({"says": {"ignores-sigterm": "true"}, "terminationGracePeriodSeconds": 20}, 19, 21),
        (
            {"lifecycle": {"preStop": {"sleep": {"seconds": 50}}}, "terminationGracePeriodSeconds": 8},
            8,
            11,
        ),
    ],
)
def test_how_long_a_pod_takes_to_end(lab: Lab, spec: JsonObject, least: int, most: int) -> None:
    taken = ending(lab, **spec)
    assert taken and least <= taken[0] <= most
    assert said(lab, "Killing") == ["Stopping container c"]


def test_who_has_to_be_killed_says_so(lab: Lab) -> None:
    made = pod(lab, says={"ignores-sigterm": "true"}, terminationGracePeriodSeconds=10)
    lab.world.set_metadata(PODS, made, finalizers=["example.com/hold"], annotations=None)
    notes = {"practice.k8stui.dev/ignores-sigterm": "true"}
    lab.world.set_metadata(PODS, now(lab), annotations=notes)
    lab.wait(5)
    lab.delete(PODS, now(lab))
    lab.wait(15)
    assert dig(first(lab), "state", "terminated", "exitCode") == 137
    assert now(lab)["status"]["phase"] == "Failed"


def test_a_container_for_looking_into_a_pod(lab: Lab) -> None:
    made = pod(lab)
    lab.wait(5)
    made = now(lab)
    visitor = {"name": "debugger", "image": "busybox:1.37", "stdin": True, "tty": True}
    lab.store.update(PODS, {**made, "spec": {**made["spec"], "ephemeralContainers": [visitor]}})
    lab.wait(3)
    assert "running" in first(lab, "ephemeralContainerStatuses")["state"]
    assert first(lab)["restartCount"] == 0
    made = now(lab)
    other = {"name": "once", "image": "busybox:1.37", "command": [*SH, "exit 2"]}
    lab.store.update(PODS, {**made, "spec": {**made["spec"], "ephemeralContainers": [visitor, other]}})
    lab.wait(10)
    both = now(lab)["status"]["ephemeralContainerStatuses"]
    assert dig(both[1], "state", "terminated", "exitCode") == 2
    mine = parse_time(first(lab)["state"]["running"]["startedAt"]) or 0
    starts = [both[0]["state"]["running"]["startedAt"], both[1]["state"]["terminated"]["startedAt"]]
    one, two = (parse_time(start) or 0 for start in starts)
    assert mine + 3 <= one <= two - 2 <= two <= lab.world.clock()
    assert "running" in both[0]["state"] and both[1]["restartCount"] == 0


def test_a_gate_that_nobody_opens(lab: Lab) -> None:
    pod(lab, readinessGates=[{"conditionType": "example.com/up"}])
    lab.wait(5)
    assert (condition(lab, "ContainersReady"), condition(lab, "Ready")) == ("True", "False")
    made = now(lab)
    opened = [*made["status"]["conditions"], {"type": "example.com/up", "status": "True"}]
    lab.world.set_status(PODS, made, {**made["status"], "conditions": opened})
    lab.wait(1)
    assert condition(lab, "Ready") == "True"


def test_a_shell_on_the_terminal_does_not_end_by_itself(lab: Lab) -> None:
    pod(lab, "busybox:1.37", restartPolicy="Never", stdin=True, tty=True)
    lab.wait(60)
    assert word(lab) == "Running"


def test_the_mirror_of_a_static_pod_comes_back() -> None:
    lab = Lab(seeded=True)
    old = lab.store.get(PODS, "kube-system", "etcd-control-plane-1")
    lab.delete(PODS, old)
    lab.wait(60)
    new = lab.store.get(PODS, "kube-system", "etcd-control-plane-1")
    lab.engine.detach()
    assert new["metadata"]["uid"] != old["metadata"]["uid"]
    assert pod_status(new) == "Running"
    assert new["status"]["podIP"] == new["status"]["hostIP"]


def test_claims_that_are_missing_for_a_pod_with_a_node(lab: Lab) -> None:
    spec = {"nodeName": "node-a", **now_spec("app:1")}
    lab.make(
        PODS, "p", spec={**spec, "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "x"}}]}
    )
    lab.wait(5)
    assert word(lab) == "ContainerCreating"
    assert 'error retrieving PVC shop/x: "x" not found' in said(lab, "FailedMount")[0]
    lab.make(CLAIMS, "x", spec={"accessModes": ["ReadWriteOnce"]})
    lab.wait(130)
    assert word(lab) == "Running"


def test_addresses_are_of_the_nodes_range(lab: Lab) -> None:
    lab.wait(5)
    for number in range(6):
        lab.make(PODS, f"p-{number}", spec=now_spec("app:1"))
    lab.wait(5)
    for found in lab.pods():
        node = lab.store.get(NODES, "", found["spec"]["nodeName"])
        assert found["status"]["podIP"].startswith(node["spec"]["podCIDR"].rpartition(".")[0])
    assert len({p["status"]["podIP"] for p in lab.pods()}) == 6
    assert all(list(dicts(p, "status", "podIPs")) for p in lab.pods())
