"""A Pod's status, made of those of its containers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers import containers
from k8stui.practice.controllers.base import with_condition
from k8stui.practice.controllers.containers import Place, Said
from k8stui.practice.controllers.programs import Programs
from k8stui.practice.controllers.world import stamp


class Life:
    """What became of a Pod at one moment."""

    __slots__ = ("due", "said", "status")

    def __init__(self, status: JsonObject, due: float | None, said: list[tuple[str, Said]]) -> None:
        self.status = status
        """The Pod's new status; equal to the old one when nothing happened."""
        self.due = due
        """When something will happen by itself; None for never."""
        self.said = said
        """What is reported, with the field path of the container that it is about."""


def quality(spec: JsonObject) -> str:
    """The quality of service class that a Pod's requests and limits give it."""
    found = [
        dig(item, "resources") or {} for item in (*dicts(spec, "containers"), *dicts(spec, "initContainers"))
    ]
    if not any(item.get("requests") or item.get("limits") for item in found):
        return "BestEffort"
    whole = all(
        {"cpu", "memory"} <= set(item.get("limits") or ())
        and (item.get("requests") or item["limits"]) == item["limits"]
        for item in found
    )
    return "Guaranteed" if whole else "Burstable"


def first_status(pod: JsonObject, now: str, node_address: str) -> JsonObject:
    """The status of a Pod whose node has just heard of it."""
    spec, old = pod["spec"], pod.get("status") or {}
    inits = list(dicts(spec, "initContainers"))
    status: JsonObject = {
        **old,
        "phase": "Pending",
        "hostIP": node_address,
        "hostIPs": [{"ip": node_address}],
        "startTime": now,
        "qosClass": quality(spec),
        "containerStatuses": [
            containers.created(item, "PodInitializing" if inits else "ContainerCreating")
            for item in dicts(spec, "containers")
        ],
    }
    if inits:
        status["initContainerStatuses"] = [containers.created(item, "PodInitializing") for item in inits]
    return _conditions(status, pod, now)


def live(
    pod: JsonObject,
    status: JsonObject,
    now: float,
    programs: Programs,
    lacks: Callable[[JsonObject], str] = lambda container: "",
    *,
    pause: Callable[[float, float], float] = lambda seconds, since: seconds,
    settled: bool = False,
) -> Life:
    """Carry a Pod's status on to a moment.

    Args:
        pod: The Pod.
        status: Its status until now.
        now: The moment, seconds since the epoch.
        programs: What its images do.
        lacks: Names what a container refers to in vain.
        pause: Makes of the seconds between two tries, and of when they began, the time until the next one.
        settled: Whether the status is as this function left it: then phase and conditions follow from the
            containers' statuses already, and nobody else has added to them.
    """
    spec = pod["spec"]
    said: list[tuple[str, Said]] = []
    started = parse_time(status.get("startTime")) or now
    place = Place(pod, programs, now, spec.get("restartPolicy", "Always"), started, lacks, pause)
    inits, begin, due = _initialize(spec, status, place, said)
    before: list[JsonObject] = status.get("containerStatuses") or []
    mains = before
    dues = [] if due is None else [due]
    if begin is not None:
        mains = []
        for item, old in zip(spec["containers"], before, strict=True):
            here = containers.at(place, begin=begin)
            step = containers.advance(item, old, here)
            said += [(f"spec.containers{{{item['name']}}}", word) for word in here.said]
            mains.append(step.status)
            if step.due is not None:
                dues.append(step.due)
    if settled and _same(mains, before) and _same(inits, status.get("initContainerStatuses") or ()):
        return Life(status, min(dues, default=None), said)
    new = {**status, "containerStatuses": mains}
    if inits:
        new["initContainerStatuses"] = inits
    new["phase"] = _phase(spec, new)
    new = _conditions(new, pod, stamp(now))
    return Life(new, min(dues, default=None), said)


def _same(new: Sequence[JsonObject], old: Sequence[JsonObject]) -> bool:
    """Whether nothing became of any of them."""
    return len(new) == len(old) and all(a is b for a, b in zip(new, old, strict=True))


def _initialize(
    spec: JsonObject, status: JsonObject, place: Place, said: list[tuple[str, Said]]
) -> tuple[list[JsonObject], float | None, float | None]:
    """Carry on the init containers, one after the other.

    Returns:
        Their statuses; when the others may start (None: not yet); when one changes by itself.
    """
    begin: float | None = place.begin
    due: float | None = None
    found: list[JsonObject] = []
    waiting = zip(spec.get("initContainers") or (), status.get("initContainerStatuses") or (), strict=False)
    for item, old in waiting:
        if begin is None:
            found.append(old)
            continue
        lasting = item.get("restartPolicy") == "Always"
        policy = "Always" if lasting else "Never" if place.restart == "Never" else "OnFailure"
        here = containers.at(place, restart=policy, begin=begin)
        step = containers.advance(item, old, here)
        said += [(f"spec.initContainers{{{item['name']}}}", word) for word in here.said]
        found.append(step.status)
        if step.due is not None:
            due = step.due if due is None else min(due, step.due)
        gone = dig(step.status, "state", "terminated")
        if lasting:
            begin = (
                parse_time(dig(step.status, "state", "running", "startedAt") or "")
                if step.status["started"]
                else None
            )
        elif gone and gone.get("exitCode") == 0:
            begin = parse_time(gone.get("finishedAt"))
            if not step.status["ready"]:
                found[-1] = {**step.status, "ready": True}
        else:
            begin = None
    return found, begin, due


def _phase(spec: JsonObject, status: JsonObject) -> str:
    mains = status["containerStatuses"]
    ends = [dig(item, "state", "terminated") for item in mains]
    policy = spec.get("restartPolicy", "Always")
    failed_init = any(
        (dig(item, "state", "terminated", "exitCode") or 0) != 0
        for item in status.get("initContainerStatuses") or ()
    )
    if policy == "Never" and failed_init and not any(item.get("started") for item in mains):
        return "Failed"
    if all(ends) and policy != "Always":
        if all(item["exitCode"] == 0 for item in ends):
            return "Succeeded"
        if policy == "Never":
            return "Failed"
    if any(
        "running" in item["state"] or item["restartCount"] or dig(item, "state", "terminated")
        for item in mains
    ):
        return "Running"
    return "Pending"


def _conditions(status: JsonObject, pod: JsonObject, now: str) -> JsonObject:
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
