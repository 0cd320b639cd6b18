"""CronJob: makes a Job whenever its schedule says so."""

from __future__ import annotations

from collections.abc import Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import (
    CRON_JOBS,
    JOBS,
    Controller,
    Keys,
    deleting,
    is_true,
    own_key,
    owner_key,
    reference,
)
from k8stui.practice.controllers.cron import Schedule
from k8stui.practice.controllers.template import filled
from k8stui.practice.controllers.world import stamp


class CronJobs(Controller):
    """Follows the schedule of every CronJob and keeps as many old Jobs as it says."""

    name = "cronjob-controller"
    kind = CRON_JOBS

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The CronJobs, and the Jobs they made."""
        return {CRON_JOBS: own_key, JOBS: owner_key("CronJob")}

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Note what has ended, drop old Jobs, make the one that is due."""
        obj = self.world.find(CRON_JOBS, namespace, name)
        if obj is None or deleting(obj):
            return None
        jobs = self.world.owned(JOBS, obj)
        active = [job for job in jobs if not is_true(job, "Complete") and not is_true(job, "Failed")]
        self._forget(obj, jobs)
        status = dict(obj.get("status") or {})
        ends = [dig(job, "status", "completionTime") for job in jobs if is_true(job, "Complete")]
        latest = max((end for end in ends if end), default=None)
        if latest and latest > (status.get("lastSuccessfulTime") or ""):
            status["lastSuccessfulTime"] = latest
        again = self._next(obj, status, active)
        if active:
            status["active"] = [_pointer(job) for job in active]
        else:
            status.pop("active", None)
        self.world.set_status(CRON_JOBS, obj, status)
        return again

    def _next(self, obj: JsonObject, status: JsonObject, active: list[JsonObject]) -> float | None:
        """Make the Job that is due, if any; seconds until the next one."""
        spec = obj["spec"]
        if spec.get("suspend"):
            return None
        try:
            schedule = Schedule(spec.get("schedule", ""))
        except ValueError:
            message = f"unparseable schedule: {spec.get('schedule')!r}"
            self.world.say(obj, "UnparseableSchedule", message, by=self.name, warning=True)
            return None
        now = self.world.clock()
        last = parse_time(status.get("lastScheduleTime") or obj["metadata"]["creationTimestamp"]) or now
        due = schedule.after(max(last, now - 120.0))
        if due is not None and due <= now:
            policy = spec.get("concurrencyPolicy", "Allow")
            if policy == "Forbid" and active:
                message = (
                    "Not starting job because prior execution is running and concurrency policy is Forbid"
                )
                self.world.say(obj, "JobAlreadyActive", message, by=self.name)
            else:
                if policy == "Replace":
                    for job in active:
                        self.world.delete(JOBS, job)
                    active.clear()
                active.append(self._make(obj, due))
            status["lastScheduleTime"] = stamp(due)
            due = schedule.after(now)
        return None if due is None else due - now

    def _make(self, obj: JsonObject, due: float) -> JsonObject:
        template = obj["spec"]["jobTemplate"]
        said = template.get("metadata") or {}
        metadata = {
            "name": f"{obj['metadata']['name']}-{int(due) // 60}",
            "namespace": obj["metadata"]["namespace"],
            "uid": self.world.new_uid(),
            "labels": said.get("labels") or {},
            "annotations": {
                **(said.get("annotations") or {}),
                "batch.kubernetes.io/cronjob-scheduled-timestamp": stamp(due),
            },
            "ownerReferences": [reference(obj)],
        }
        job = filled(self.world, JOBS, {"metadata": metadata, "spec": template["spec"], "status": {}})
        job = self.world.create(JOBS, job)
        self.world.say(obj, "SuccessfulCreate", f"Created job {metadata['name']}", by=self.name)
        return job

    def _forget(self, obj: JsonObject, jobs: list[JsonObject]) -> None:
        for condition, key, usual in (
            ("Complete", "successfulJobsHistoryLimit", 3),
            ("Failed", "failedJobsHistoryLimit", 1),
        ):
            over = [job for job in jobs if is_true(job, condition)]
            over.sort(key=lambda job: dig(job, "status", "startTime") or "")
            keep = obj["spec"].get(key, usual)
            for job in over[: max(0, len(over) - keep)]:
                self.world.delete(JOBS, job)
                name = job["metadata"]["name"]
                self.world.say(obj, "SuccessfulDelete", f"Deleted job {name}", by=self.name)


def _pointer(job: JsonObject) -> JsonObject:
    metadata = job["metadata"]
    return {
        "kind": "Job",
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "uid": metadata["uid"],
        "apiVersion": "batch/v1",
        "resourceVersion": metadata["resourceVersion"],
    }
