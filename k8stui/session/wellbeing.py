"""How an object fares, in one word: as kubectl's tables say it, for places that have the whole object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.text import clean


class Mood(Enum):
    """What a state means for the person who looks; the value is its mark."""

    OK = "●"
    BUSY = "◌"
    WARN = "!"
    BAD = "✖"
    DIM = "○"


@dataclass(frozen=True, slots=True)
class State:
    """A mood and the word for it."""

    mood: Mood
    word: str = ""


_QUIET = State(Mood.DIM)
_BUSY_WAITS = frozenset(("ContainerCreating", "PodInitializing"))


def state_of(obj: JsonObject) -> State:
    """The state of an object; of a kind that has none a dim mark without a word."""
    if dig(obj, "metadata", "deletionTimestamp"):
        return State(Mood.BUSY, "Terminating")
    match obj.get("kind"):
        case "Pod":
            return _pod(obj)
        case "Node":
            return _node(obj)
        case "Deployment" | "ReplicaSet" | "StatefulSet" | "ReplicationController":
            return _replicas(dig(obj, "spec", "replicas"), dig(obj, "status", "readyReplicas"))
        case "DaemonSet":
            return _replicas(dig(obj, "status", "desiredNumberScheduled"), dig(obj, "status", "numberReady"))
        case "Job":
            return _job(obj)
        case "CronJob":
            return State(Mood.DIM, "Suspended") if dig(obj, "spec", "suspend") else State(Mood.OK)
        case _:
            return _phase(obj)


def is_ready(pod: JsonObject) -> bool:
    """Whether a Pod takes requests."""
    return any(
        c.get("type") == "Ready" and c.get("status") == "True" for c in dicts(pod, "status", "conditions")
    )


def _pod(pod: JsonObject) -> State:
    phase = str(dig(pod, "status", "phase") or "Pending")
    reason = dig(pod, "status", "reason")
    if phase == "Succeeded":
        return State(Mood.DIM, "Completed")
    if phase == "Failed":
        return State(Mood.BAD, clean(str(reason or "Error")))
    for waiting in _waits(pod):
        return State(Mood.BUSY if waiting in _BUSY_WAITS else Mood.BAD, clean(waiting))
    if phase == "Running":
        return State(Mood.OK, "Running") if is_ready(pod) else State(Mood.WARN, "not ready")
    return State(Mood.BUSY, clean(phase))


def _waits(pod: JsonObject) -> Iterator[str]:
    """Why containers wait, the worse reasons first."""
    found = [
        str(reason)
        for kind in ("initContainerStatuses", "containerStatuses")
        for status in dicts(pod, "status", kind)
        if (reason := dig(status, "state", "waiting", "reason"))
    ]
    yield from sorted(found, key=lambda reason: reason in _BUSY_WAITS)


def _node(node: JsonObject) -> State:
    ready = next((c for c in dicts(node, "status", "conditions") if c.get("type") == "Ready"), {})
    if ready.get("status") != "True":
        return State(Mood.BAD, "NotReady")
    if dig(node, "spec", "unschedulable"):
        return State(Mood.WARN, "SchedulingDisabled")
    return State(Mood.OK, "Ready")


def _replicas(wanted: Any, ready: Any) -> State:
    wanted = wanted if isinstance(wanted, int) else 0
    ready = ready if isinstance(ready, int) else 0
    if wanted == 0 and ready == 0:
        return State(Mood.DIM, "0/0")
    mood = Mood.OK if ready >= wanted else Mood.WARN if ready else Mood.BAD
    return State(mood, f"{ready}/{wanted}")


def _job(job: JsonObject) -> State:
    for condition in dicts(job, "status", "conditions"):
        if condition.get("status") == "True" and condition.get("type") in ("Complete", "Failed", "Suspended"):
            mood = Mood.BAD if condition["type"] == "Failed" else Mood.DIM
            return State(mood, str(condition["type"]))
    return State(Mood.BUSY, "Running")


_PHASES = {
    "Active": Mood.OK, "Bound": Mood.OK, "Available": Mood.OK, "Ready": Mood.OK, "Running": Mood.OK,
    "Pending": Mood.BUSY, "Terminating": Mood.BUSY, "Released": Mood.WARN, "Lost": Mood.BAD,
    "Failed": Mood.BAD,
}  # fmt: skip


def _phase(obj: JsonObject) -> State:
    phase = dig(obj, "status", "phase")
    if isinstance(phase, str) and phase:
        return State(_PHASES.get(phase, Mood.DIM), clean(phase))
    for condition in dicts(obj, "status", "conditions"):
        if condition.get("type") in ("Ready", "Available", "Established"):
            holds = condition.get("status") == "True"
            word = str(condition["type"]) if holds else clean(str(condition.get("reason") or "NotReady"))
            return State(Mood.OK if holds else Mood.WARN, word)
    return _QUIET
