"""Job: Pods that run to their end, as many as asked for, with as many failures as allowed."""

from __future__ import annotations

from collections.abc import Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import (
    JOBS,
    PODS,
    Controller,
    Keys,
    deleting,
    is_true,
    own_key,
    owner_key,
    ready,
    with_condition,
)
from k8stui.practice.controllers.template import filled, pod_from

_FIRST_WAIT, _LONGEST_WAIT = 10.0, 360.0


class Jobs(Controller):
    """Runs every Job."""

    name = "job-controller"
    kind = JOBS

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The Jobs, and the Pods they made."""
        return {JOBS: own_key, PODS: owner_key("Job")}

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Count what has ended, start what is missing, say when it is over."""
        obj = self.world.find(JOBS, namespace, name)
        if obj is None or deleting(obj):
            return None
        if is_true(obj, "Complete") or is_true(obj, "Failed"):
            return self._expire(obj)
        spec, status = obj["spec"], dict(obj.get("status") or {})
        if "selector" not in spec:
            self.world.store.update(JOBS, filled(self.world, JOBS, obj))
            return None
        if spec.get("suspend"):
            self._suspend(obj, status)
            return None
        status.setdefault("startTime", self.world.now())
        pods = self.world.owned(PODS, obj)
        active = [
            p for p in pods if dig(p, "status", "phase") not in ("Succeeded", "Failed") and not deleting(p)
        ]
        succeeded = sum(dig(pod, "status", "phase") == "Succeeded" for pod in pods)
        failed = [pod for pod in pods if dig(pod, "status", "phase") == "Failed"]
        limit = spec.get("backoffLimit", 6)
        restarts = sum(
            item.get("restartCount", 0)
            for pod in active
            for item in dicts(pod, "status", "containerStatuses")
        )
        wanted = spec.get("completions")
        again: float | None = None
        if (
            len(failed) > limit
            or (restarts >= limit > 0 and _restarting(spec))
            or self._too_long(obj, status)
        ):
            self._fail(obj, status, active, late=self._too_long(obj, status))
            active = []
        elif succeeded >= (1 if wanted is None else wanted) and (wanted is not None or not active):
            self._complete(obj, status)
        else:
            again = self._start(obj, active, succeeded, failed)
            active = [
                p
                for p in self.world.owned(PODS, obj)
                if dig(p, "status", "phase") not in ("Succeeded", "Failed")
            ]
        _count(status, len(active), succeeded, len(failed), sum(ready(pod) for pod in active))
        latest = self.world.find(JOBS, namespace, name)
        if latest is not None:
            self.world.set_status(JOBS, latest, status)
        return again

    def _suspend(self, obj: JsonObject, status: JsonObject) -> None:
        for pod in self.world.owned(PODS, obj):
            self.world.delete(PODS, pod)
        said = {"type": "Suspended", "status": "True", "reason": "JobSuspended", "message": "Job suspended"}
        status["conditions"] = _with(status, said, self.world.now())
        self.world.set_status(JOBS, obj, status)

    def _too_long(self, obj: JsonObject, status: JsonObject) -> bool:
        limit = obj["spec"].get("activeDeadlineSeconds")
        began = parse_time(status.get("startTime"))
        return limit is not None and began is not None and self.world.clock() - began >= limit

    def _start(
        self, obj: JsonObject, active: list[JsonObject], succeeded: int, failed: list[JsonObject]
    ) -> float | None:
        spec = obj["spec"]
        wanted = spec.get("completions")
        left = spec.get("parallelism", 1) if wanted is None else wanted - succeeded
        missing = min(spec.get("parallelism", 1), left) - len(active)
        deadline = spec.get("activeDeadlineSeconds")
        again: float | None = None if deadline is None else float(deadline)
        if missing <= 0:
            return again
        wait = self._pause(failed)
        if wait > 0:
            return wait
        for _ in range(missing):
            template = obj["spec"]["template"]
            pod = pod_from(self.world, obj, template, f"{obj['metadata']['name']}-")
            pod = self.world.create(PODS, pod)
            self.world.say(obj, "SuccessfulCreate", f"Created pod: {pod['metadata']['name']}", by=self.name)
        return again

    def _pause(self, failed: list[JsonObject]) -> float:
        """Seconds until a new try: longer after every failure."""
        if not failed:
            return 0.0
        last = max((_finished(pod) for pod in failed), default=0.0)
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2.0 ** (len(failed) - 1))
        return last + wait - self.world.clock()

    def _complete(self, obj: JsonObject, status: JsonObject) -> None:
        now = self.world.now()
        status["completionTime"] = now
        message = "Reached expected number of succeeded pods"
        for kind in ("SuccessCriteriaMet", "Complete"):
            said = {"type": kind, "status": "True", "reason": "CompletionsReached", "message": message}
            status["conditions"] = _with(status, said, now)
        self.world.say(obj, "Completed", "Job completed", by=self.name)

    def _fail(self, obj: JsonObject, status: JsonObject, active: list[JsonObject], *, late: bool) -> None:
        now = self.world.now()
        reason = "DeadlineExceeded" if late else "BackoffLimitExceeded"
        message = (
            "Job was active longer than specified deadline"
            if late
            else "Job has reached the specified backoff limit"
        )
        for kind in ("FailureTarget", "Failed"):
            said = {"type": kind, "status": "True", "reason": reason, "message": message}
            status["conditions"] = _with(status, said, now)
        for pod in active:
            self.world.delete(PODS, pod)
        self.world.say(obj, reason, message, by=self.name, warning=True)

    def _expire(self, obj: JsonObject) -> float | None:
        keep = obj["spec"].get("ttlSecondsAfterFinished")
        if keep is None:
            return None
        over = [
            parse_time(c.get("lastTransitionTime"))
            for c in dicts(obj, "status", "conditions")
            if c.get("type") in ("Complete", "Failed")
        ]
        left = float((over[0] or 0.0) + keep - self.world.clock())
        if left > 0:
            return left
        self.world.delete(JOBS, obj)
        return None


def _with(status: JsonObject, said: JsonObject, now: str) -> list[JsonObject]:
    found = with_condition(status.get("conditions") or (), said, now)
    return [{"lastProbeTime": now, **item} for item in found]


def _restarting(spec: JsonObject) -> bool:
    return bool(dig(spec, "template", "spec", "restartPolicy") == "OnFailure")


def _finished(pod: JsonObject) -> float:
    moments = [
        parse_time(dig(item, "state", "terminated", "finishedAt"))
        for item in dicts(pod, "status", "containerStatuses")
    ]
    return max((moment for moment in moments if moment is not None), default=0.0)


def _count(status: JsonObject, active: int, succeeded: int, failed: int, up: int) -> None:
    for key, value in (("active", active), ("succeeded", succeeded), ("failed", failed)):
        if value:
            status[key] = value
        else:
            status.pop(key, None)
    status.update(ready=up, terminating=0, uncountedTerminatedPods={})
