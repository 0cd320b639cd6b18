"""A Pod's conditions, made of the statuses of its containers."""

from __future__ import annotations

from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.controllers.base import with_condition


def conditions(status: JsonObject, pod: JsonObject, now: str) -> JsonObject:
    """A Pod's status with the conditions that follow from its containers."""
    spec = pod["spec"]
    phase = status["phase"]
    mains = status["containerStatuses"]
    lasting = {i["name"] for i in dicts(spec, "initContainers") if i.get("restartPolicy") == "Always"}
    waiting = [i["name"] for i in status.get("initContainerStatuses") or () if not _initialized(i, lasting)]
    unready = [i["name"] for i in mains if not i["ready"]]
    unready += [
        i["name"]
        for i in status.get("initContainerStatuses") or ()
        if i["name"] in lasting and not i["ready"]
    ]
    over = phase in ("Succeeded", "Failed")
    sandbox = not over and any(
        i.get("containerID") for i in (*mains, *(status.get("initContainerStatuses") or ()))
    )
    gates = [gate.get("conditionType", "") for gate in dicts(spec, "readinessGates")]
    met = {c.get("type") for c in status.get("conditions") or () if c.get("status") == "True"}
    closed = [gate for gate in gates if gate not in met]
    found: list[JsonObject] = list(status.get("conditions") or ())
    if not any(item.get("type") == "PodScheduled" for item in found):
        found = with_condition(found, {"type": "PodScheduled", "status": "True"}, now)
    ready = _not_ready(phase, unready)
    for new in (
        _said("PodReadyToStartContainers", None if sandbox else {}),
        _said(
            "Initialized",
            {
                "reason": "ContainersNotInitialized",
                "message": f"containers with incomplete status: [{' '.join(waiting)}]",
            }
            if waiting
            else ({"reason": "PodCompleted"} if phase == "Succeeded" else None),
            holds=not waiting,
        ),
        _said(
            "Ready",
            ready
            or (
                {
                    "reason": "ReadinessGatesNotReady",
                    "message": f'corresponding condition of pod readiness gate "{closed[0]}" does not exist.',
                }
                if closed
                else None
            ),
        ),
        _said("ContainersReady", ready),
    ):
        found = with_condition(found, new, now)
    return {**status, "conditions": [_probed(item) for item in found]}


def _not_ready(phase: str, unready: list[str]) -> JsonObject | None:
    if phase == "Succeeded":
        return {"reason": "PodCompleted"}
    if phase == "Failed":
        return {"reason": "PodFailed"}
    if unready:
        return {
            "reason": "ContainersNotReady",
            "message": f"containers with unready status: [{' '.join(unready)}]",
        }
    return None


def _initialized(status: JsonObject, lasting: set[str]) -> bool:
    if status["name"] in lasting:
        return bool(status.get("started"))
    return bool(dig(status, "state", "terminated", "exitCode") == 0)


def _said(kind: str, why: JsonObject | None, holds: bool | None = None) -> JsonObject:
    true = why is None if holds is None else holds
    return {"type": kind, "status": "True" if true else "False", **(why or {})}


def _probed(condition: JsonObject) -> JsonObject:
    if "lastProbeTime" in condition:
        return condition
    found: dict[str, Any] = {"type": condition["type"], "status": condition["status"], "lastProbeTime": None}
    return {**found, **condition}
