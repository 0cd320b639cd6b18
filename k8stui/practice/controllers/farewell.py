"""How Pods end that are told to: in their own time, or when their grace is over."""

from __future__ import annotations

import re
from collections.abc import Sequence

from k8stui.core.objects import JsonObject, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.conditions import conditions
from k8stui.practice.controllers.containers import stopped
from k8stui.practice.controllers.programs import Programs
from k8stui.practice.controllers.world import stamp

_GOODBYE = 1.0
"""Seconds that a container takes to end after SIGTERM."""
_MORE = 2.0
"""Seconds that a container gets whose preStop hook has used up its grace."""
_KILLED, _OBEYED = 137, 0


def past_deadline(pod: JsonObject, status: JsonObject) -> float | None:
    """When a Pod has run for as long as it may; None for no such time."""
    most = pod["spec"].get("activeDeadlineSeconds")
    began = parse_time(status.get("startTime"))
    return None if most is None or began is None else began + float(most)


def told_to_end(pod: JsonObject, status: JsonObject, at: float, message: str) -> JsonObject:
    """The status of a Pod whose deadline is over: failed, with everything in it ended."""
    new = {**status, "phase": "Failed", "reason": "DeadlineExceeded", "message": message}
    for field in ("initContainerStatuses", "containerStatuses"):
        if field in status:
            new[field] = [_ended(item, at, _KILLED) for item in status[field]]
    return conditions(new, pod, stamp(at))


def farewell(
    pod: JsonObject, status: JsonObject, told: float, grace: float, now: float, programs: Programs
) -> tuple[JsonObject, float | None]:
    """What becomes of the containers of a Pod that is deleted.

    Args:
        pod: The Pod.
        status: Its status until now.
        told: When it was told to end, seconds since the epoch.
        grace: Seconds that it has for it.
        now: The present.
        programs: What its images do.

    Returns:
        Its status now, and when the next of its containers ends; None once all have.
    """
    statuses: Sequence[JsonObject] = status.get("containerStatuses") or ()
    items = {item["name"]: item for item in pod["spec"].get("containers") or ()}
    found, dues = [], []
    for item in statuses:
        if "running" not in item["state"] or item["name"] not in items:
            found.append(item)
            continue
        at, code = _end(pod, items[item["name"]], told, grace, programs)
        if now < at:
            dues.append(at)
            found.append(item)
        else:
            found.append(_ended(item, at, code))
    if all(a is b for a, b in zip(found, statuses, strict=True)):
        return status, min(dues, default=None)
    new = {**status, "containerStatuses": found}
    if not dues:
        codes = [dig(item, "state", "terminated", "exitCode") for item in found]
        new["phase"] = "Succeeded" if not any(codes) else "Failed"
        inits = status.get("initContainerStatuses") or ()
        if inits:
            new["initContainerStatuses"] = [
                _ended(item, now, _OBEYED) if "running" in item["state"] else item for item in inits
            ]
    return conditions(new, pod, stamp(now)), min(dues, default=None)


def _end(
    pod: JsonObject, container: JsonObject, told: float, grace: float, programs: Programs
) -> tuple[float, int]:
    """When one container ends, and with which code."""
    hook = _hook(container)
    last = told + grace
    if hook >= grace:
        # The hook itself is cut off; SIGTERM comes after it, with a little more time.
        last += _MORE if hook > grace and grace else 0.0
        return last, _KILLED
    if programs.running(pod, container).deaf:
        return last, _KILLED
    return min(last, told + hook + _GOODBYE), _OBEYED


def _hook(container: JsonObject) -> float:
    """Seconds that a container's preStop hook takes."""
    hook = dig(container, "lifecycle", "preStop") or {}
    if "sleep" in hook:
        return float(dig(hook, "sleep", "seconds") or 0)
    said = " ".join(str(word) for word in dig(hook, "exec", "command") or ())
    return sum(float(n) for n in re.findall(r"\bsleep (\d+(?:\.\d+)?)", said))


def _ended(item: JsonObject, at: float, code: int) -> JsonObject:
    if "running" in item["state"]:
        return stopped(item, at, code, "Error" if code else "Completed")
    return {**item, "ready": False}
