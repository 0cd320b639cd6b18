"""The life of a container as its status tells it: waiting, running, ended, waiting longer, running again.

Everything is derived from the status itself and the time, so whoever looks at a Pod can carry on from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from k8stui.core.objects import JsonObject, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.programs import Program, Programs, digest, ending
from k8stui.practice.controllers.world import stamp

_LONGEST = 300.0
_STEADY = 600.0
_SETTLE = 2.0
_PROBED = 30.0


@dataclass(frozen=True, slots=True)
class Said:
    """Something the kubelet reports about a container."""

    reason: str
    message: str
    warning: bool = False
    every: float = 0.0
    """Seconds between two of these, where some may have been left out."""


@dataclass(slots=True)
class Place:
    """Where a container lives: its Pod, what is known about images, and the time."""

    pod: JsonObject
    programs: Programs
    now: float
    restart: str
    """Always, OnFailure or Never."""
    begin: float
    """When it may start (seconds since the epoch)."""
    lacks: Callable[[JsonObject], str]
    """What a container's settings refer to and is not there; empty when all is."""
    pause: Callable[[float, float], float]
    """How long to wait before what has failed since a time is tried again."""
    said: list[Said] = field(default_factory=list)

    @property
    def uid(self) -> str:
        """The Pod's uid."""
        return str(self.pod["metadata"]["uid"])


@dataclass(frozen=True, slots=True)
class Step:
    """A container's status now, and when it will change by itself."""

    status: JsonObject
    due: float | None = None


def jitter(*parts: str) -> float:
    """A number from 0 to 1 that always is the same for the same words."""
    return hashlib.blake2b("/".join(parts).encode(), digest_size=2).digest()[0] / 255


def back_off(restarts: int) -> float:
    """Seconds from an end to the next start: 0 at first, then 10 s, doubled each time up to 5 min."""
    return 0.0 if restarts <= 0 else float(min(_LONGEST, 10 * 2 ** min(restarts - 1, 8)))


def duration(seconds: float) -> str:
    """A duration in Go's words: ``2m40s``."""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def created(spec: JsonObject, reason: str = "ContainerCreating") -> JsonObject:
    """The status of a container that has not started."""
    return {
        "name": spec["name"],
        "state": {"waiting": {"reason": reason}},
        "lastState": {},
        "ready": False,
        "restartCount": 0,
        "image": spec["image"],
        "imageID": "",
        "started": False,
    }


def container_id(*parts: object) -> str:
    """A containerd id that always is the same for the same start of a container."""
    return "containerd://" + digest("/".join(str(part) for part in parts)).removeprefix("sha256:")


def image_id(image: str) -> str:
    """The reference by digest that an image was resolved to."""
    repository = image.partition("@")[0]
    head, colon, tail = repository.rpartition(":")
    if colon and "/" not in tail:
        repository = head
    if "/" not in repository:
        repository = f"docker.io/library/{repository}"
    elif "." not in repository.partition("/")[0]:
        repository = f"docker.io/{repository}"
    return f"{repository}@{digest(image)}"


def advance(spec: JsonObject, status: JsonObject, place: Place) -> Step:
    """Carry a container's status on to the time of its place, through as many stages as are due."""
    for _ in range(12):
        step = _once(spec, status, place)
        if step.status is status:
            return step
        status = step.status
    return Step(status, place.now + 1)


def _once(spec: JsonObject, status: JsonObject, place: Place) -> Step:
    state = status["state"]
    program = place.programs.of(spec["image"])
    if "running" in state:
        return _running(spec, status, place, program)
    if "terminated" in state:
        return _ended(spec, status, place)
    if state["waiting"].get("reason") == "CrashLoopBackOff":
        return _crashed(spec, status, place)
    return _waiting(spec, status, place, program)


def _waiting(spec: JsonObject, status: JsonObject, place: Place, program: Program) -> Step:
    begin = place.begin + 0.3 + 0.5 * jitter(place.uid, spec["name"])
    if place.now < begin:
        return Step(status, begin)
    if program.pull != "ok":
        return _pulling(spec, status, place, program, begin)
    missing = place.lacks(spec)
    if missing:
        said = {"reason": "CreateContainerConfigError", "message": missing}
        if status["state"]["waiting"] == said:
            return Step(status, place.now + place.pause(10.0, begin))
        place.said.append(Said("Failed", f"Error: {missing}", warning=True))
        return Step({**status, "state": {"waiting": said}}, place.now + 10.0)
    waited = status["state"]["waiting"].get("reason") == "CreateContainerConfigError"
    place.said.append(Said("Pulled", f'Container image "{spec["image"]}" already present on machine'))
    return _start(spec, status, place, place.now if waited else begin)


def _pulling(spec: JsonObject, status: JsonObject, place: Place, program: Program, begin: float) -> Step:
    """An image that cannot be pulled: a short try, then a wait, longer each time."""
    attempt, wait = begin, 10.0
    while attempt + wait <= place.now:
        attempt += wait
        wait = min(_LONGEST, wait * 2)
    image = spec["image"]
    trying = place.now < attempt + _SETTLE
    reason = "ErrImagePull" if trying else "ImagePullBackOff"
    due = attempt + (_SETTLE if trying else wait)
    if dig(status, "state", "waiting", "reason") == reason:
        return Step(status, due)
    if program.pull == "denied":
        why = (
            f'failed to pull and unpack image "{image}": pull access denied, '
            "repository does not exist or may require authorization"
        )
    else:
        why = f'rpc error: code = NotFound desc = failed to pull and unpack image "{image}": not found'
    if trying:
        message = why
        place.said.append(Said("Pulling", f'Pulling image "{image}"'))
        place.said.append(Said("Failed", f'Failed to pull image "{image}": {why}', warning=True))
    else:
        message = f'Back-off pulling image "{image}": ErrImagePull: {why}'
        place.said.append(Said("BackOff", f'Back-off pulling image "{image}"'))
    place.said.append(Said("Failed", f"Error: {reason}", warning=True))
    return Step({**status, "state": {"waiting": {"reason": reason, "message": message}}}, due)


def _start(spec: JsonObject, status: JsonObject, place: Place, at: float) -> Step:
    running = {"startedAt": stamp(at)}
    place.said.append(Said("Created", f"Container created: {spec['name']}"))
    place.said.append(Said("Started", f"Container started: {spec['name']}"))
    new = {
        **status,
        "state": {"running": running},
        "ready": False,
        "image": spec["image"] if "/" in spec["image"] else f"docker.io/library/{spec['image']}",
        "imageID": image_id(spec["image"]),
        "containerID": container_id(place.uid, spec["name"], status["restartCount"]),
        "started": True,
    }
    return Step(new)


def _running(spec: JsonObject, status: JsonObject, place: Place, program: Program) -> Step:
    began = parse_time(status["state"]["running"].get("startedAt")) or place.now
    end = ending(program, spec, to_completion=place.restart != "Always")
    if end is not None and began + end.after <= place.now:
        gone = {
            "exitCode": end.code,
            "reason": end.reason,
            "startedAt": stamp(began),
            "finishedAt": stamp(began + end.after),
            "containerID": status.get("containerID", ""),
        }
        return Step({**status, "state": {"terminated": gone}, "ready": False, "started": False})
    due = None if end is None else began + end.after
    probe = spec.get("readinessProbe")
    if not program.ready and probe:
        if program.failure:
            place.said.append(Said("Unhealthy", f"Readiness probe failed: {program.failure}", True, _PROBED))
        pause = max(_PROBED, probe.get("periodSeconds", 10))
        again = place.now + place.pause(pause, began) - (place.now - began) % pause
        return Step(status, again if due is None else min(due, again))
    ready_at = began + (probe.get("initialDelaySeconds", 0) + 1.0 if probe else 0.0)
    if status["ready"]:
        return Step(status, due)
    if place.now >= ready_at:
        return Step({**status, "ready": True}, due)
    return Step(status, ready_at if due is None else min(due, ready_at))


def _ended(spec: JsonObject, status: JsonObject, place: Place) -> Step:
    gone = status["state"]["terminated"]
    if place.restart == "Never" or (place.restart == "OnFailure" and gone.get("exitCode", 0) == 0):
        return Step(status)
    finished = parse_time(gone.get("finishedAt")) or place.now
    wait = _wait(status, gone)
    if wait == 0.0:
        at = finished + 1.0
        return _again(spec, status, place, gone, at) if place.now >= at else Step(status, at)
    if place.now < finished + _SETTLE:
        return Step(status, finished + _SETTLE)
    name = place.pod["metadata"]["name"]
    namespace = place.pod["metadata"]["namespace"]
    whose = f"pod={name}_{namespace}({place.uid})"
    message = f"back-off {duration(wait)} restarting failed container={spec['name']} {whose}"
    place.said.append(
        Said(
            "BackOff",
            f"Back-off restarting failed container {spec['name']} in pod {name}_{namespace}({place.uid})",
            warning=True,
        )
    )
    waiting = {"reason": "CrashLoopBackOff", "message": message}
    return Step({**status, "state": {"waiting": waiting}, "lastState": {"terminated": gone}})


def _wait(status: JsonObject, gone: JsonObject) -> float:
    began, finished = parse_time(gone.get("startedAt")), parse_time(gone.get("finishedAt"))
    if began is not None and finished is not None and finished - began >= _STEADY:
        return 0.0
    return back_off(status["restartCount"])


def _crashed(spec: JsonObject, status: JsonObject, place: Place) -> Step:
    gone = dig(status, "lastState", "terminated") or {}
    at = (parse_time(gone.get("finishedAt")) or place.now) + max(_SETTLE, _wait(status, gone))
    return _again(spec, status, place, gone, at) if place.now >= at else Step(status, at)


def _again(spec: JsonObject, status: JsonObject, place: Place, gone: JsonObject, at: float) -> Step:
    once_more = {
        **status,
        "lastState": {"terminated": gone},
        "restartCount": status["restartCount"] + 1,
    }
    place.said.append(Said("Pulled", f'Container image "{spec["image"]}" already present on machine'))
    return _start(spec, once_more, place, at)


def at(place: Place, *, restart: str | None = None, begin: float | None = None) -> Place:
    """The same place for another container of the Pod, of which nothing has been said yet."""
    return Place(
        place.pod,
        place.programs,
        place.now,
        place.restart if restart is None else restart,
        place.begin if begin is None else begin,
        place.lacks,
        place.pause,
    )
