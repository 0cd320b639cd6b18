"""A Pod's status, made of those of its containers."""

from __future__ import annotations

from collections.abc import Sequence

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers import containers
from k8stui.practice.controllers.conditions import conditions
from k8stui.practice.controllers.containers import Around, Place, Said
from k8stui.practice.controllers.probes import timing
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
    return conditions(status, pod, now)


def live(
    pod: JsonObject,
    status: JsonObject,
    now: float,
    programs: Programs,
    around: Around,
    *,
    began: float | None = None,
    settled: bool = False,
) -> Life:
    """Carry a Pod's status on to a moment.

    Args:
        pod: The Pod.
        status: Its status until now.
        now: The moment, seconds since the epoch.
        programs: What its images do.
        around: What else its kubelet knows.
        began: When its volumes were there; the start of its status when None.
        settled: Whether the status is as this function left it: then phase and conditions follow from the
            containers' statuses already, and nobody else has added to them.
    """
    spec = pod["spec"]
    said: list[tuple[str, Said]] = []
    started = began or parse_time(status.get("startTime")) or now
    place = Place(pod, programs, now, spec.get("restartPolicy", "Always"), started, around)
    inits, begin, due = _initialize(spec, status, place, said)
    before: list[JsonObject] = status.get("containerStatuses") or []
    mains, dues = before, [] if due is None else [due]
    if begin is not None:
        mains = _each(spec["containers"], before, place.at(begin=begin), "containers", said, dues)
    visitors, looked = _visitors(spec, status, place, said, dues)
    if not _waits(spec, mains, place.restart):
        inits = _dismissed(inits, now, said)
    if (
        settled
        and _same(mains, before)
        and _same(inits, status.get("initContainerStatuses") or ())
        and _same(visitors, looked)
    ):
        return Life(status, min(dues, default=None), said)
    new = {**status, "containerStatuses": mains}
    if inits:
        new["initContainerStatuses"] = inits
    if visitors:
        new["ephemeralContainerStatuses"] = visitors
    new["phase"] = _phase(spec, new)
    new = conditions(new, pod, stamp(now))
    return Life(new, min(dues, default=None), said)


def _each(
    items: Sequence[JsonObject],
    statuses: Sequence[JsonObject],
    place: Place,
    field: str,
    said: list[tuple[str, Said]],
    dues: list[float],
) -> list[JsonObject]:
    """Carry on containers that live beside each other."""
    found = []
    for item, old in zip(items, statuses, strict=True):
        here = place.at(restart=item.get("restartPolicy", place.restart))
        step = containers.advance(item, old, here)
        said += [(f"spec.{field}{{{item['name']}}}", word) for word in here.said]
        found.append(step.status)
        if step.due is not None:
            dues.append(step.due)
    return found


def _visitors(
    spec: JsonObject,
    status: JsonObject,
    place: Place,
    said: list[tuple[str, Said]],
    dues: list[float],
) -> tuple[list[JsonObject], list[JsonObject]]:
    """Carry on the ephemeral containers; also what they were before, where there was something."""
    items = spec.get("ephemeralContainers") or ()
    known = {old["name"]: old for old in status.get("ephemeralContainerStatuses") or ()}
    if not items or not status.get("podIP"):
        return list(known.values()), list(known.values())
    # Those of a Pod that is seen for the first time were added at some time before.
    old = all("waiting" in main["state"] for main in status.get("containerStatuses") or ())
    after: list[JsonObject] = []
    for item in items:
        key = f"{place.uid}/{item['name']}"
        before = known.get(item["name"])
        if before is None and not old:
            place.around.added[key] = place.now
        here = place.at(restart="Never", begin=place.around.added.get(key))
        after += _each([item], [before or containers.created(item)], here, "ephemeralContainers", said, dues)
        if "waiting" not in after[-1]["state"]:
            place.around.added.pop(key, None)
    return after, list(known.values())


def _waits(spec: JsonObject, mains: Sequence[JsonObject], restart: str) -> bool:
    """Whether one of the containers goes on, or will."""
    pairs = zip(spec["containers"], mains, strict=True)
    return not all(
        containers.final(item, status, item.get("restartPolicy", restart)) for item, status in pairs
    )


def _dismissed(inits: list[JsonObject], now: float, said: list[tuple[str, Said]]) -> list[JsonObject]:
    """The sidecars are ended once all others have ended, the last that was started first."""
    found = []
    for old in reversed(inits):
        if "running" in old["state"]:
            path = f"spec.initContainers{{{old['name']}}}"
            said.append((path, Said("Killing", f"Stopping container {old['name']}")))
            old = containers.stopped(old, now, 0, "Completed")
        found.append(old)
    return found[::-1]


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
        here = place.at(restart=policy, begin=begin)
        step = containers.advance(item, old, here)
        said += [(f"spec.initContainers{{{item['name']}}}", word) for word in here.said]
        found.append(step.status)
        if step.due is not None:
            due = step.due if due is None else min(due, step.due)
        gone = dig(step.status, "state", "terminated")
        if lasting:
            begin = _started(item, step.status, place)
        elif gone and gone.get("exitCode") == 0:
            begin = parse_time(gone.get("finishedAt"))
            if not step.status["ready"]:
                found[-1] = {**step.status, "ready": True}
        else:
            begin = None
    return found, begin, due


def _started(item: JsonObject, status: JsonObject, place: Place) -> float | None:
    """When a sidecar was up, so that the next container could start; None when it is not."""
    began = parse_time(dig(status, "state", "running", "startedAt") or "")
    if status["restartCount"]:
        # It was up before: those after it have been started already.
        return began or place.begin
    if began is None or not status["started"]:
        return None
    return timing(item, place.programs.running(place.pod, item), began).started


def _phase(spec: JsonObject, status: JsonObject) -> str:
    mains = status["containerStatuses"]
    policy = spec.get("restartPolicy", "Always")
    failed_init = any(
        (dig(item, "state", "terminated", "exitCode") or 0) != 0
        for item in status.get("initContainerStatuses") or ()
    )
    if policy == "Never" and failed_init and not any(item.get("started") for item in mains):
        return "Failed"
    if not _waits(spec, mains, policy):
        failed = any(item["state"]["terminated"].get("exitCode") for item in mains)
        return "Failed" if failed else "Succeeded"
    if any(
        "running" in item["state"] or item["restartCount"] or dig(item, "state", "terminated")
        for item in mains
    ):
        return "Running"
    return "Pending"
