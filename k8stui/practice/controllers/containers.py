"""The life of a container as its status tells it: waiting, running, ended, waiting longer, running again.

Everything is derived from the status itself and the time, so whoever looks at a Pod can carry on from there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import msgspec

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers import probes
from k8stui.practice.controllers.programs import Program, Programs, digest, ending, unstartable
from k8stui.practice.controllers.pulls import arrives, full_name, image_id, pulled, pulling
from k8stui.practice.controllers.words import Said
from k8stui.practice.controllers.world import stamp

__all__ = ["Around", "Place", "Said", "Step", "advance", "created", "image_id", "jitter"]

_LONGEST = 300.0
_STEADY = 600.0
_SETTLE = 2.0
_PROBED = 30.0
_SYNC = 10.0
"""Seconds between two tries to make a container whose settings are wrong."""


class Around(msgspec.Struct):
    """What a kubelet knows beside the Pod itself."""

    lacks: Callable[[JsonObject], str] = lambda container: ""
    """What a container's settings refer to and is not there; empty when all is."""
    pause: Callable[[float, float], float] = lambda seconds, since: seconds
    """How long to wait before what has failed since a time is tried again."""
    present: Callable[[str], bool] = lambda image: True
    """Whether the node has an image already."""
    resets: dict[str, int] = msgspec.field(default_factory=dict)
    """How often containers had been started again when they last ran for long, by uid and name."""
    pulling: set[str] = msgspec.field(default_factory=set)
    """Containers whose image is on its way, by uid and name."""
    added: dict[str, float] = msgspec.field(default_factory=dict)
    """When an ephemeral container was found in a Pod that ran already, by uid and name, until it starts."""


class Place(msgspec.Struct):
    """Where a container lives: its Pod, what is known about images, and the time."""

    pod: JsonObject
    programs: Programs
    now: float
    restart: str
    """Always, OnFailure or Never."""
    begin: float
    """When it may start (seconds since the epoch)."""
    around: Around
    said: list[Said] = msgspec.field(default_factory=list)

    @property
    def uid(self) -> str:
        """The Pod's uid."""
        return str(self.pod["metadata"]["uid"])

    @property
    def whose(self) -> str:
        """The Pod as the kubelet names it in its messages."""
        metadata = self.pod["metadata"]
        return f"{metadata['name']}_{metadata['namespace']}({self.uid})"

    def at(self, *, restart: str | None = None, begin: float | None = None) -> Place:
        """The same place for another container of the Pod, of which nothing has been said yet."""
        return msgspec.structs.replace(
            self,
            restart=self.restart if restart is None else restart,
            begin=self.begin if begin is None else begin,
            said=[],
        )


class Step(msgspec.Struct, frozen=True):
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


def final(spec: JsonObject, status: JsonObject, restart: str) -> bool:
    """Whether a container has ended and is not started again."""
    gone = status["state"].get("terminated")
    return gone is not None and not _restarts(spec, gone, restart)


def _restarts(spec: JsonObject, gone: JsonObject, restart: str) -> bool:
    """Whether a container that has ended is started again, by its rules or its policy."""
    code = gone.get("exitCode", 0)
    for rule in dicts(spec, "restartPolicyRules"):
        codes = rule.get("exitCodes") or {}
        inside = code in (codes.get("values") or ())
        if rule.get("action") == "Restart" and inside == (codes.get("operator", "In") == "In"):
            return True
    return restart == "Always" or (restart == "OnFailure" and code != 0)


def stopped(status: JsonObject, at: float, code: int, reason: str, message: str = "") -> JsonObject:
    """The status of a running container that ends at a time."""
    gone = {
        "exitCode": code,
        "reason": reason,
        "startedAt": status["state"]["running"].get("startedAt"),
        "finishedAt": stamp(at),
        "containerID": status.get("containerID", ""),
    }
    if message:
        gone["message"] = message
    return {**status, "state": {"terminated": gone}, "ready": False, "started": False}


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
    if "running" in state:
        return _running(spec, status, place, place.programs.running(place.pod, spec))
    if "terminated" in state:
        return _ended(spec, status, place)
    if state["waiting"].get("reason") == "CrashLoopBackOff":
        return _crashed(spec, status, place)
    return _waiting(spec, status, place, place.programs.running(place.pod, spec))


def _waiting(spec: JsonObject, status: JsonObject, place: Place, program: Program) -> Step:
    begin = place.begin + 0.3 + 0.5 * jitter(place.uid, spec["name"])
    if place.now < begin:
        return Step(status, begin)
    around, waiting = place.around, status["state"]["waiting"]
    trouble = pulling(spec, program, begin, place.now, around.present)
    if trouble is not None:
        every = trouble.said[0].every
        if not trouble.reason:
            key = f"{place.uid}/{spec['name']}"
            if key not in around.pulling:
                around.pulling.add(key)
                place.said += trouble.said
            return Step(status, trouble.due)
        same = waiting.get("reason") == trouble.reason
        if same == bool(every):
            place.said += trouble.said
        if same:
            return Step(status, place.now + around.pause(every, begin) if every else trouble.due)
        return Step(_in_state(status, trouble.reason, trouble.message))
    missing = _refuses_root(spec, place, program) or around.lacks(spec)
    if missing:
        if waiting.get("message") != missing:
            return Step(_in_state(status, "CreateContainerConfigError", missing))
        place.said.append(Said("Failed", f"Error: {missing}", warning=True, every=_SYNC))
        return Step(status, place.now + around.pause(_SYNC, begin))
    place.said += pulled(spec, program, around.present)
    late = waiting.get("reason") not in ("ContainerCreating", "PodInitializing")
    return _start(spec, status, place, place.now if late else arrives(spec, program, begin, around.present))


def _in_state(status: JsonObject, reason: str, message: str) -> JsonObject:
    return {**status, "state": {"waiting": {"reason": reason, "message": message}}}


def _refuses_root(spec: JsonObject, place: Place, program: Program) -> str:
    """Why a container that must not be root would be."""
    both = [spec.get("securityContext") or {}, place.pod["spec"].get("securityContext") or {}]
    if not next((c["runAsNonRoot"] for c in both if c.get("runAsNonRoot") is not None), False):
        return ""
    user = next((c["runAsUser"] for c in both if c.get("runAsUser") is not None), None)
    whose = f'(pod: "{place.whose}", container: {spec["name"]})'
    if user == 0:
        return f"container's runAsUser breaks non-root policy {whose}"
    if user is None and program.root:
        return f"container has runAsNonRoot and image will run as root {whose}"
    return ""


def _start(spec: JsonObject, status: JsonObject, place: Place, at: float) -> Step:
    place.said.append(Said("Created", f"Container created: {spec['name']}"))
    new = {
        **status,
        "state": {"running": {"startedAt": stamp(at)}},
        "ready": False,
        "image": full_name(spec["image"]),
        "imageID": image_id(spec["image"]),
        "containerID": container_id(place.uid, spec["name"], status["restartCount"]),
        "started": "startupProbe" not in spec,
    }
    if spec.get("resources"):
        new["resources"] = spec["resources"]
        if "requests" in spec["resources"]:
            new["allocatedResources"] = spec["resources"]["requests"]
    missing = unstartable(spec)
    if missing:
        why = (
            "failed to create containerd task: failed to create shim task: OCI runtime create failed: runc "
            "create failed: unable to start container process: error during container init: "
            f'exec: "{missing}": executable file not found in $PATH'
        )
        place.said.append(Said("Failed", f"Error: {why}", warning=True))
        return Step(stopped(new, at, 128, "StartError", why))
    place.said.append(Said("Started", f"Container started: {spec['name']}"))
    return Step(new)


def _running(spec: JsonObject, status: JsonObject, place: Place, program: Program) -> Step:
    began = parse_time(status["state"]["running"].get("startedAt")) or place.now
    end = ending(program, spec, to_completion=place.restart != "Always")
    told = probes.timing(spec, program, began)
    stops = None if end is None else began + end.after
    if end is not None and stops is not None and stops <= min(place.now, told.killed or place.now):
        return Step(stopped(status, stops, end.code, end.reason, program.message))
    if told.killed is not None and told.killed <= place.now:
        return _killed(spec, status, place, program, told)
    dues = [stops, told.killed]
    if told.by and place.now >= told.first:
        _unhealthy(spec, place, program, told)
        dues.append(place.now + probes.period(spec[f"{told.by.lower()}Probe"]))
    elif told.by:
        dues.append(told.first)
    new = status
    if told.started is None or place.now < told.started:
        dues.append(told.started)
    elif not status.get("started"):
        new = {**new, "started": True}
    if told.ready is not None and place.now >= told.ready:
        if not new["ready"] and new.get("started"):
            new = {**new, "ready": True}
    elif told.ready is not None:
        dues.append(told.ready)
    elif new.get("started"):
        dues.append(_unready(spec, place, program, began))
        if new["ready"]:
            new = {**new, "ready": False}
    return Step(new, min((due for due in dues if due is not None), default=None))


def _unready(spec: JsonObject, place: Place, program: Program, began: float) -> float:
    """Report a readiness probe that fails; when to do so again."""
    probe = spec["readinessProbe"]
    text = probes.failure("Readiness", probe, program)
    pause = max(_PROBED, probes.period(probe))
    place.said.append(Said("Unhealthy", text, warning=True, every=pause))
    return place.now + place.around.pause(pause, began) - (place.now - began) % pause


def _unhealthy(spec: JsonObject, place: Place, program: Program, told: probes.Timing) -> None:
    probe = spec[f"{told.by.lower()}Probe"]
    text = probes.failure(told.by, probe, program)
    place.said.append(Said("Unhealthy", text, warning=True, every=probes.period(probe)))


def _killed(
    spec: JsonObject, status: JsonObject, place: Place, program: Program, told: probes.Timing
) -> Step:
    """A probe has failed once too often."""
    at = told.killed or place.now
    _unhealthy(spec, place, program, told)
    which = told.by.lower()
    text = f"Container {spec['name']} failed {which} probe, will be restarted"
    place.said.append(Said("Killing", text))
    grace = dig(spec, f"{which}Probe", "terminationGracePeriodSeconds")
    if grace is None:
        grace = place.pod["spec"].get("terminationGracePeriodSeconds", 30)
    code, late = (137, float(grace)) if program.deaf else (143, 1.0)
    if place.now < at + late and program.deaf:
        place.said.clear()
        return Step(status, at + late)
    return Step(stopped(status, at + (late if program.deaf else 0.0), code, "Error", program.message))


def _ended(spec: JsonObject, status: JsonObject, place: Place) -> Step:
    gone = status["state"]["terminated"]
    if not _restarts(spec, gone, place.restart):
        return Step(status)
    finished = parse_time(gone.get("finishedAt")) or place.now
    wait = _wait(status, gone, place)
    if wait == 0.0:
        at = finished + 1.0
        return _again(spec, status, place, gone, at) if place.now >= at else Step(status, at)
    if place.now < finished + _SETTLE:
        return Step(status, finished + _SETTLE)
    name, _, rest = place.whose.partition("(")
    text = f"Back-off restarting failed container {spec['name']} in pod {place.whose}"
    place.said.append(Said("BackOff", text, warning=True))
    message = f"back-off {duration(wait)} restarting failed container={spec['name']} pod={name}({rest}"
    waiting = {"reason": "CrashLoopBackOff", "message": message}
    return Step({**status, "state": {"waiting": waiting}, "lastState": {"terminated": gone}})


def _wait(status: JsonObject, gone: JsonObject, place: Place) -> float:
    """Seconds until it is started again; who has run for ten minutes begins anew."""
    began, finished = parse_time(gone.get("startedAt")), parse_time(gone.get("finishedAt"))
    key = f"{place.uid}/{status['name']}"
    if began is not None and finished is not None and finished - began >= _STEADY:
        place.around.resets[key] = status["restartCount"]
    return back_off(status["restartCount"] - place.around.resets.get(key, 0))


def _crashed(spec: JsonObject, status: JsonObject, place: Place) -> Step:
    gone = dig(status, "lastState", "terminated") or {}
    at = (parse_time(gone.get("finishedAt")) or place.now) + max(_SETTLE, _wait(status, gone, place))
    return _again(spec, status, place, gone, at) if place.now >= at else Step(status, at)


def _again(spec: JsonObject, status: JsonObject, place: Place, gone: JsonObject, at: float) -> Step:
    once_more = {
        **status,
        "lastState": {"terminated": gone},
        "restartCount": status["restartCount"] + 1,
    }
    place.said.append(Said("Pulled", f'Container image "{spec["image"]}" already present on machine'))
    return _start(spec, once_more, place, at)
