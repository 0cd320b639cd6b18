"""The row of a Pod in every state that matters."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.core.objects import JsonObject
from k8stui.core.units import parse_time
from k8stui.practice.kinds import builtin
from k8stui.practice.printers import cells, row_conditions

NOW = parse_time("2026-05-01T12:00:00Z") or 0.0
BORN = "2026-05-01T10:00:00Z"
PODS = builtin("pods")


def pod(
    *statuses: JsonObject,
    phase: str = "Running",
    inits: list[JsonObject] | None = None,
    init_statuses: list[JsonObject] | None = None,
    metadata: JsonObject | None = None,
    **status: Any,
) -> JsonObject:
    spec: JsonObject = {"containers": [{"name": f"c{n}", "image": "i"} for n in range(len(statuses) or 1)]}
    if inits:
        spec["initContainers"] = inits
    found: JsonObject = {"phase": phase, "containerStatuses": list(statuses), **status}
    if init_statuses:
        found["initContainerStatuses"] = init_statuses
    return {
        "metadata": {"name": "p", "namespace": "n", "creationTimestamp": BORN, **(metadata or {})},
        "spec": spec,
        "status": found,
    }


def container(restarts: int = 0, *, ready: bool = False, last: str = "", **state: JsonObject) -> JsonObject:
    found: JsonObject = {"name": "c0", "ready": ready, "restartCount": restarts, "state": state}
    if last:
        found["lastState"] = {"terminated": {"exitCode": 1, "finishedAt": last}}
    return found


UP = container(ready=True, running={"startedAt": BORN})
SIDECAR = {"name": "side", "image": "i", "restartPolicy": "Always"}
INIT = {"name": "first", "image": "i"}
READY = [{"type": "Ready", "status": "True"}]

PHASES: list[tuple[str, JsonObject, str, str, str]] = [
    ("running", pod(UP), "1/1", "Running", "0"),
    ("no status yet", pod(phase="Pending", containerStatuses=None), "0/1", "Pending", "0"),
    ("creating", pod(container(waiting={"reason": "ContainerCreating"})), "0/1", "ContainerCreating", "0"),
    (
        "crash loop",
        pod(container(14, last="2026-05-01T11:57:00Z", waiting={"reason": "CrashLoopBackOff"})),
        "0/1",
        "CrashLoopBackOff",
        "14 (3m ago)",
    ),
    (
        "killed for memory",
        pod(container(2, terminated={"reason": "OOMKilled", "exitCode": 137})),
        "0/1",
        "OOMKilled",
        "2",
    ),
    ("ended by a signal", pod(container(terminated={"exitCode": 137, "signal": 9})), "0/1", "Signal:9", "0"),
    ("ended with a code", pod(container(terminated={"exitCode": 3})), "0/1", "ExitCode:3", "0"),
    (
        "completed",
        pod(container(terminated={"reason": "Completed", "exitCode": 0}), phase="Succeeded"),
        "0/1",
        "Completed",
        "0",
    ),
    (
        "one done, one running and ready",
        pod(container(terminated={"reason": "Completed", "exitCode": 0}), UP, conditions=READY),
        "1/2",
        "Running",
        "0",
    ),
    (
        "one done, one running but not ready as a whole",
        pod(container(terminated={"reason": "Completed", "exitCode": 0}), UP),
        "1/2",
        "NotReady",
        "0",
    ),
    (
        "one done, one failed",
        pod(
            container(terminated={"reason": "Completed", "exitCode": 0}),
            container(terminated={"reason": "Error", "exitCode": 1}),
        ),
        "0/2",
        "Error",
        "0",
    ),
    ("evicted", pod(phase="Failed", reason="Evicted", containerStatuses=None), "0/1", "Evicted", "0"),
    (
        "terminating",
        pod(UP, metadata={"deletionTimestamp": BORN}),
        "1/1",
        "Terminating",
        "0",
    ),
    (
        "deleted after it had ended",
        pod(
            container(terminated={"reason": "Completed", "exitCode": 0}),
            phase="Succeeded",
            metadata={"deletionTimestamp": BORN},
        ),
        "0/1",
        "Completed",
        "0",
    ),
    (
        "on a lost node",
        pod(UP, metadata={"deletionTimestamp": BORN}, reason="NodeLost"),
        "1/1",
        "Unknown",
        "0",
    ),
    (
        "gated",
        pod(
            phase="Pending",
            containerStatuses=None,
            conditions=[{"type": "PodScheduled", "status": "False", "reason": "SchedulingGated"}],
        ),
        "0/1",
        "SchedulingGated",
        "0",
    ),
    (
        "first of two init containers",
        pod(
            container(waiting={"reason": "PodInitializing"}),
            phase="Pending",
            inits=[INIT, {**INIT, "name": "second"}],
            init_statuses=[{"name": "first", "restartCount": 0, "ready": False, "state": {"running": {}}}],
        ),
        "0/1",
        "Init:0/2",
        "0",
    ),
    (
        "init container that crashes",
        pod(
            container(waiting={"reason": "PodInitializing"}),
            phase="Pending",
            inits=[INIT],
            init_statuses=[
                {
                    "name": "first",
                    "restartCount": 5,
                    "ready": False,
                    "state": {"waiting": {"reason": "CrashLoopBackOff"}},
                }
            ],
        ),
        "0/1",
        "Init:CrashLoopBackOff",
        "5",
    ),
    (
        "init container that failed",
        pod(
            container(waiting={"reason": "PodInitializing"}),
            phase="Failed",
            inits=[INIT],
            init_statuses=[
                {"name": "first", "restartCount": 0, "ready": False, "state": {"terminated": {"exitCode": 7}}}
            ],
        ),
        "0/1",
        "Init:ExitCode:7",
        "0",
    ),
    (
        "native sidecar counts",
        pod(
            UP,
            inits=[SIDECAR],
            init_statuses=[
                {"name": "side", "restartCount": 1, "ready": True, "started": True, "state": {"running": {}}}
            ],
        ),
        "2/2",
        "Running",
        "1",
    ),
]


@pytest.mark.parametrize(("state", "obj", "up", "word", "restarts"), PHASES, ids=[p[0] for p in PHASES])
def test_a_pods_row_tells_its_state(state: str, obj: JsonObject, up: str, word: str, restarts: str) -> None:
    assert cells(PODS, obj, NOW)[1:5] == [up, word, restarts, "120m"]


def test_the_wide_cells_of_a_pod() -> None:
    obj = pod(UP, podIPs=[{"ip": "10.0.0.7"}], conditions=[{"type": "lb", "status": "True"}])
    obj["spec"]["readinessGates"] = [{"conditionType": "lb"}, {"conditionType": "dns"}]
    obj["spec"]["nodeName"] = "worker-1"
    assert cells(PODS, obj, NOW)[5:] == ["10.0.0.7", "worker-1", "<none>", "1/2"]


def test_only_rows_of_ended_pods_have_a_condition() -> None:
    assert row_conditions(pod(UP)) == []
    assert row_conditions(pod(phase="Succeeded"))[0]["reason"] == "Succeeded"
