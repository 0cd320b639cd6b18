"""CronJob: makes a Job whenever its schedule says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import (
    CRON_JOBS,
    JOBS,
    ByEvent,
    Controller,
    Key,
    Keys,
    controller_of,
    deleting,
    is_true,
    own,
    own_key,
    owner_key,
    reference,
)
from k8stui.practice.controllers.cron import Schedule
from k8stui.practice.controllers.retries import Retries
from k8stui.practice.controllers.template import filled
from k8stui.practice.controllers.world import World, stamp
from k8stui.practice.errors import StatusError
from k8stui.practice.store import Event

_OWNERS = owner_key("CronJob")


class CronJobs(Controller):
    """Follows the schedule of every CronJob and keeps as many old Jobs as it says."""

    name = "cronjob-controller"
    kind = CRON_JOBS
    turn = 2
    thorough = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._retries = Retries()

    def sources(self) -> Mapping[ResourceKind, Keys | ByEvent]:
        """The CronJobs, and the Jobs they made that come, end or go."""
        return {CRON_JOBS: own_key, JOBS: ByEvent(_of_job)}

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Note what has ended, make the Job that is due, drop old ones."""
        obj = self.world.find(CRON_JOBS, namespace, name)
        if obj is None:
            self._retries.forget((namespace, name))
            return None
        uid = obj["metadata"]["uid"]
        jobs = [j for j in self.world.owned(JOBS, obj) if (controller_of(j) or {}).get("uid") == uid]
        status = dict(obj.get("status") or {})
        active = self._active(obj, status, jobs)
        again = None if deleting(obj) else self._next(obj, status, active)
        self._forget(obj, jobs)
        status.pop("active", None)
        if active:
            status["active"] = active
        self.world.set_status(CRON_JOBS, obj, status)
        return again

    def _active(self, obj: JsonObject, status: JsonObject, jobs: list[JsonObject]) -> list[JsonObject]:
        """References to its Jobs that run; what has ended is told, and noted in the status."""
        children = {job["metadata"]["uid"]: job for job in jobs}
        active: list[JsonObject] = []
        for ref in dicts(status, "active"):
            job = children.get(ref.get("uid", ""))
            if job is None:
                message = f"Active job went missing: {ref.get('name')}"
                self.world.say(obj, "MissingJob", message, by=self.name)
            elif word := _ended(job):
                message = f"Saw completed job: {job['metadata']['name']}, condition: {word}"
                self.world.say(obj, "SawCompletedJob", message, by=self.name)
            else:
                active.append(ref)
        known = {ref.get("uid") for ref in dicts(status, "active")}
        for uid, job in children.items():
            if uid not in known and not _ended(job):
                message = "Saw a job that the controller did not create or forgot: "
                message += job["metadata"]["name"]
                self.world.say(obj, "UnexpectedJob", message, by=self.name, warning=True)
        ends = [dig(job, "status", "completionTime") for job in jobs if is_true(job, "Complete")]
        latest = max((end for end in ends if end), default=None)
        if latest and latest > (status.get("lastSuccessfulTime") or ""):
            status["lastSuccessfulTime"] = latest
        return active

    def _next(self, obj: JsonObject, status: JsonObject, active: list[JsonObject]) -> float | None:
        """Make the Job that is due, if any; seconds until the next one."""
        spec, now = obj["spec"], self.world.clock()
        zone = self._zone(obj)
        if zone is None or spec.get("suspend"):
            return None
        try:
            schedule = Schedule(spec.get("schedule", ""), zone)
        except ValueError as error:
            message = f'unparseable schedule: "{spec.get("schedule")}" : {error}'
            self.world.say(obj, "UnparseableSchedule", message, by=self.name, warning=True)
            return None
        last = parse_time(status.get("lastScheduleTime") or obj["metadata"]["creationTimestamp"]) or now
        deadline = spec.get("startingDeadlineSeconds")
        earliest = last if deadline is None else max(last, now - deadline)
        due, many = schedule.latest(earliest, now)
        upcoming = schedule.after(now)
        wait = None if upcoming is None else upcoming - now
        if due is None:
            return wait
        if many:
            message = "too many missed start times. Set or decrease .spec.startingDeadlineSeconds"
            message += " or check clock skew"
            self.world.say(obj, "TooManyMissedTimes", message, by=self.name, warning=True)
        if not self._may_start(obj, active):
            return wait
        return self._start(obj, status, active, due, zone) or wait

    def _zone(self, obj: JsonObject) -> tzinfo | None:
        """The time zone of the schedule; None when there is no such zone."""
        name = obj["spec"].get("timeZone")
        if name is None:
            return UTC
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            message = f'invalid timeZone: "{name}": unknown time zone {name}'
            self.world.say(obj, "UnknownTimeZone", message, by=self.name, warning=True)
            return None

    def _may_start(self, obj: JsonObject, active: list[JsonObject]) -> bool:
        """Whether a Job may start beside those that run; Replace ends these."""
        policy = obj["spec"].get("concurrencyPolicy", "Allow")
        if policy == "Forbid" and active:
            message = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self.world.say(obj, "JobAlreadyActive", message, by=self.name)
            return False
        if policy == "Replace":
            for ref in active:
                job = self.world.find(JOBS, obj["metadata"]["namespace"], ref["name"])
                if job is not None:
                    self._delete(obj, job)
            active.clear()
        return True

    def _start(
        self, obj: JsonObject, status: JsonObject, active: list[JsonObject], due: float, zone: tzinfo
    ) -> float | None:
        """Make a Job: seconds until it is to be tried again when the server refuses it."""
        now = self.world.clock()
        wait = self._retries.wait(own(obj), now)
        if wait > 0:
            return wait
        name = f"{obj['metadata']['name']}-{int(due) // 60}"
        if self.world.find(JOBS, obj["metadata"]["namespace"], name) is None:
            try:
                job = self._make(obj, name, due, zone)
            except StatusError as error:
                message = f"Error creating job: {error.message}"
                self.world.say(obj, "FailedCreate", message, by=self.name, warning=True)
                return self._retries.failed(own(obj), now)
            active.append(_pointer(job))
        self._retries.forget(own(obj))
        status["lastScheduleTime"] = stamp(due)
        return None

    def _make(self, obj: JsonObject, name: str, due: float, zone: tzinfo) -> JsonObject:
        template = obj["spec"]["jobTemplate"]
        said = template.get("metadata") or {}
        scheduled = datetime.fromtimestamp(int(due), zone).isoformat(timespec="seconds")
        metadata = {
            "name": name,
            "namespace": obj["metadata"]["namespace"],
            "uid": self.world.new_uid(),
            "labels": said.get("labels") or {},
            "annotations": {
                **(said.get("annotations") or {}),
                "batch.kubernetes.io/cronjob-scheduled-timestamp": scheduled.replace("+00:00", "Z"),
            },
            "ownerReferences": [reference(obj)],
        }
        job = filled(self.world, JOBS, {"metadata": metadata, "spec": template["spec"], "status": {}})
        job = self.world.create(JOBS, job)
        self.world.say(obj, "SuccessfulCreate", f"Created job {name}", by=self.name)
        return job

    def _forget(self, obj: JsonObject, jobs: list[JsonObject]) -> None:
        for condition, key in (
            ("Complete", "successfulJobsHistoryLimit"),
            ("Failed", "failedJobsHistoryLimit"),
        ):
            keep = obj["spec"].get(key)
            if keep is None:
                continue
            over = [job for job in jobs if is_true(job, condition) and not deleting(job)]
            over.sort(key=lambda job: (dig(job, "status", "startTime") or "~", job["metadata"]["name"]))
            for job in over[: max(0, len(over) - keep)]:
                self._delete(obj, job)

    def _delete(self, obj: JsonObject, job: JsonObject) -> None:
        self.world.delete(JOBS, job)
        self.world.say(obj, "SuccessfulDelete", f"Deleted job {job['metadata']['name']}", by=self.name)


def _of_job(event: Event) -> Iterator[Key]:
    """The CronJob of a Job; how far the Job is, until it ends, is nothing to it."""
    job = event.entry.object
    if event.type == "MODIFIED" and event.previous is not None:
        before = event.previous.object
        if controller_of(before) == controller_of(job):
            if _ended(before) == _ended(job) and deleting(before) == deleting(job):
                return
        else:
            yield from _OWNERS(before)
    yield from _OWNERS(job)


def _ended(job: JsonObject) -> str:
    """How a Job has ended; empty while it runs."""
    return next((word for word in ("Complete", "Failed") if is_true(job, word)), "")


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
