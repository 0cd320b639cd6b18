"""The row of a Pod: readiness, the one word for its state, restarts."""

from __future__ import annotations

from typing import Any

from k8stui.core.objects import JsonObject
from k8stui.practice.printers.base import (
    AGE,
    NAME,
    NONE,
    Printer,
    age,
    column,
    name_of,
    since,
    wide,
)

_COLUMNS = (
    NAME,
    column("Ready", "How many of the Pod's containers are ready, of how many."),
    column("Status", "One word for the state of the Pod's containers."),
    column("Restarts", "How often containers of the Pod were restarted, and when last."),
    AGE,
    wide("IP", "Address of the Pod; all its containers share it."),
    wide("Node", "Node that the Pod was scheduled to."),
    wide("Nominated Node", "Node that is being cleared for the Pod by preemption."),
    wide("Readiness Gates", "Extra conditions that have to hold before the Pod is ready: met, of how many."),
)


class _Tally:
    """What is counted while walking through the containers' statuses."""

    __slots__ = ("last", "ready", "reason", "restarts", "total")

    def __init__(self, reason: str, total: int) -> None:
        self.reason = reason
        self.total = total
        self.ready = 0
        self.restarts = 0
        self.last = ""
        """RFC 3339 time of the last restart; such times sort as text."""

    def count(self, status: JsonObject) -> None:
        """Add one container's restarts."""
        self.restarts += status.get("restartCount", 0)
        ended = (status.get("lastState") or {}).get("terminated")
        if ended and (ended.get("finishedAt") or "") > self.last:
            self.last = ended["finishedAt"]


def _end(terminated: JsonObject) -> str:
    """One word for how a container ended."""
    if terminated.get("reason"):
        return str(terminated["reason"])
    if terminated.get("signal"):
        return f"Signal:{terminated['signal']}"
    return f"ExitCode:{terminated.get('exitCode', 0)}"


def _true(status: JsonObject, kind: str) -> bool:
    return any(c.get("type") == kind and c.get("status") == "True" for c in status.get("conditions") or ())


def _init(pod_tally: _Tally, spec: JsonObject, status: JsonObject) -> tuple[bool, _Tally]:
    """Walk the init containers up to the first that is not done.

    Returns:
        Whether the Pod is still initializing, and the restarts of native sidecars alone.
    """
    declared = {item["name"]: item for item in spec["initContainers"]}
    lasting = {name for name, item in declared.items() if item.get("restartPolicy") == "Always"}
    pod_tally.total += len(lasting)
    sidecars = _Tally("", 0)
    for index, container in enumerate(status.get("initContainerStatuses") or ()):
        sidecar = container.get("name") in lasting
        pod_tally.count(container)
        if sidecar:
            sidecars.count(container)
        state = container.get("state") or {}
        ended, waiting = state.get("terminated"), state.get("waiting") or {}
        if ended and ended.get("exitCode", 0) == 0:
            continue
        if sidecar and container.get("started"):
            pod_tally.ready += bool(container.get("ready"))
            continue
        if ended:
            pod_tally.reason = f"Init:{_end(ended)}"
        elif waiting.get("reason") and waiting["reason"] != "PodInitializing":
            pod_tally.reason = f"Init:{waiting['reason']}"
        else:
            pod_tally.reason = f"Init:{index}/{len(declared)}"
        return True, sidecars
    return False, sidecars


def _main(tally: _Tally, status: JsonObject) -> None:
    """Walk the containers from the last to the first: the first one's word wins."""
    running = False
    failed = ""
    for container in reversed(status.get("containerStatuses") or ()):
        tally.count(container)
        state = container.get("state") or {}
        waiting, ended = state.get("waiting"), state.get("terminated")
        if waiting and waiting.get("reason"):
            tally.reason = waiting["reason"]
        elif ended:
            tally.reason = _end(ended)
            if ended.get("exitCode", 0) != 0:
                failed = tally.reason
        elif container.get("ready") and state.get("running") is not None:
            running = True
            tally.ready += 1
    if tally.reason == "Completed":
        if running and _true(status, "Ready"):
            tally.reason = "Running"
        elif failed:
            tally.reason = failed
        elif running:
            tally.reason = "NotReady"


def _tally(pod: JsonObject) -> _Tally:
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    reason = status.get("reason") or status.get("phase") or ""
    for found in status.get("conditions") or ():
        if found.get("type") == "PodScheduled" and found.get("reason") == "SchedulingGated":
            reason = "SchedulingGated"
    tally = _Tally(reason, len(spec.get("containers") or ()))
    if spec.get("initContainers"):
        initializing, sidecars = _init(tally, spec, status)
        if not initializing or _true(status, "Initialized"):
            tally.restarts, tally.last = sidecars.restarts, sidecars.last
            _main(tally, status)
    else:
        _main(tally, status)
    if pod["metadata"].get("deletionTimestamp"):
        if status.get("reason") == "NodeLost":
            tally.reason = "Unknown"
        elif status.get("phase") not in ("Succeeded", "Failed"):
            tally.reason = "Terminating"
    return tally


def _gates(spec: JsonObject, status: JsonObject) -> str:
    gates = spec.get("readinessGates")
    if not gates:
        return NONE
    states: dict[str, str] = {}
    for found in status.get("conditions") or ():
        states.setdefault(found.get("type", ""), found.get("status", ""))
    met = sum(states.get(gate.get("conditionType", "")) == "True" for gate in gates)
    return f"{met}/{len(gates)}"


def _cells(pod: JsonObject, now: float) -> list[Any]:
    spec, status = pod.get("spec") or {}, pod.get("status") or {}
    tally = _tally(pod)
    restarts = str(tally.restarts)
    if tally.restarts and tally.last:
        restarts = f"{restarts} ({since(tally.last, now)} ago)"
    addresses = status.get("podIPs")
    return [
        name_of(pod),
        f"{tally.ready}/{tally.total}",
        tally.reason,
        restarts,
        age(pod, now),
        (addresses[0].get("ip") if addresses else "") or NONE,
        spec.get("nodeName") or NONE,
        status.get("nominatedNodeName") or NONE,
        _gates(spec, status),
    ]


def pod_status(pod: JsonObject) -> str:
    """The one word of the STATUS column, such as ``Running`` or ``CrashLoopBackOff``."""
    return _tally(pod).reason


def row_conditions(pod: JsonObject) -> list[JsonObject]:
    """TableRowCondition objects of a Pod's row: set once it has ended."""
    phase = (pod.get("status") or {}).get("phase")
    if phase not in ("Succeeded", "Failed"):
        return []
    ending = "The pod has completed successfully." if phase == "Succeeded" else "The pod failed."
    return [{"type": "Completed", "status": "True", "reason": phase, "message": ending}]


POD = Printer(_COLUMNS, _cells)
