"""Job: Pods that run to their end, as many as asked for, with as many failures as allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import (
    JOBS,
    PODS,
    ByStanding,
    Controller,
    Key,
    Keys,
    controller_of,
    deleting,
    is_true,
    own,
    own_key,
    ready,
    with_condition,
)
from k8stui.practice.controllers.indexes import index_of, written
from k8stui.practice.controllers.jobpods import TRACKING, finished, index_wait, job_pod, waited
from k8stui.practice.controllers.jobpolicies import action_on, counts, only_replaces_failed
from k8stui.practice.controllers.jobrun import Outcome, Run
from k8stui.practice.controllers.ownership import claim, claimants
from k8stui.practice.controllers.ranking import first_to_go
from k8stui.practice.controllers.retries import Retries
from k8stui.practice.controllers.template import filled
from k8stui.practice.controllers.world import World
from k8stui.practice.errors import StatusError

_BURST = 500
_OURS = "kubernetes.io/job-controller"


class Jobs(Controller):
    """Runs every Job."""

    name = "job-controller"
    kind = JOBS
    thorough = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._retries = Retries()
        self._failures: dict[Key, tuple[int, float]] = {}
        """How many Pods of each Job failed since one succeeded, and when the last did."""

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The Jobs, the Pods they made or could adopt, and Pods whose Job has gone."""
        claims = claimants(self.world, JOBS, lambda obj: dig(obj, "spec", "selector"))

        def pods(pod: JsonObject) -> Iterator[Key]:
            yield from claims(pod)
            if self._left_behind(pod):
                namespace, name = own(pod)
                yield namespace, f"pods/{name}"

        return {JOBS: own_key, PODS: ByStanding(pods)}

    def start(self) -> Iterator[Key]:
        """Every Job."""
        return iter([own(obj) for obj in self.world.store.list(JOBS)])

    def _left_behind(self, pod: JsonObject) -> bool:
        """Whether nobody counts a Pod any more: its Job is over, or has gone."""
        if TRACKING not in (pod["metadata"].get("finalizers") or ()):
            return False
        ref = controller_of(pod)
        if ref is None or ref.get("kind") != "Job":
            return ref is None
        job = self.world.find(JOBS, pod["metadata"]["namespace"], ref["name"])
        return job is None or job["metadata"]["uid"] != ref["uid"] or _over(job)

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Count what has ended, start what is missing, say when it is over."""
        if name.startswith("pods/"):
            pod = self.world.find(PODS, namespace, name.removeprefix("pods/"))
            if pod is not None and self._left_behind(pod):
                self.world.release(PODS, pod, TRACKING)
            return None
        obj = self.world.find(JOBS, namespace, name)
        if obj is None or _over(obj):
            self._retries.forget((namespace, name))
            self._failures.pop((namespace, name), None)
            return None if obj is None else self._expire(obj)
        if dig(obj, "spec", "managedBy") not in (None, _OURS):
            return None
        if "selector" not in obj["spec"]:
            obj = self.world.store.update(JOBS, filled(self.world, JOBS, obj))
        status = dig(obj, "status") or {}
        if not status.get("startTime") and not dig(obj, "spec", "suspend"):
            status = {**status, "startTime": self.world.now()}
        return self._sync({**obj, "status": status})

    def _sync(self, obj: JsonObject) -> float | None:
        run = Run(obj, self._claimed(obj), self.world.clock())
        self._note_failures(run)
        outcome = run.outcome()
        again: float | None = run.deadline_left()
        gone: list[JsonObject] = []
        if outcome is not None:
            gone = list(run.active)
            for pod in gone:
                self._remove(run, pod)
        elif not deleting(obj):
            wait = self._manage(run)
            again = min((each for each in (wait, again) if each is not None), default=None)
            if run.complete():
                message = "Reached expected number of succeeded pods"
                outcome = ("SuccessCriteriaMet", "CompletionsReached", message)
        conditions = self._suspension(run, outcome)
        self._tell(run, outcome, gone, conditions)
        told = self.world.find(JOBS, *own(obj))
        return self._expire(told) if told is not None and _over(told) else again

    def _claimed(self, obj: JsonObject) -> list[JsonObject]:
        """Its Pods; one that was adopted is counted like those it made."""
        mine = {pod["metadata"]["uid"] for pod in self.world.owned(PODS, obj)}
        found = []
        for pod in claim(self.world, obj, PODS, dig(obj, "spec", "selector")):
            finalizers = pod["metadata"].get("finalizers") or []
            if pod["metadata"]["uid"] not in mine and TRACKING not in finalizers:
                pod = self.world.set_metadata(PODS, pod, finalizers=[*finalizers, TRACKING])
            found.append(pod)
        return found

    def _note_failures(self, run: Run) -> None:
        """Failures in a row: those after the last success."""
        if not run.failed and not run.succeeded:
            return
        count, last = self._failures.get(own(run.obj), (0, 0.0))
        if run.succeeded:
            since = max(finished(pod) for pod in run.succeeded)
            moments = [each for each in map(finished, run.failed) if each > since]
            count = len(moments)
        else:
            moments = [finished(pod) for pod in run.failed]
            count += len(moments)
        self._failures[own(run.obj)] = count, max(moments, default=last)

    def _manage(self, run: Run) -> float | None:
        """Start or remove Pods: seconds until it is to be tried again."""
        spec = run.spec
        if run.suspended:
            self._remove_surplus(run, len(run.active))
            return None
        parallel = spec.get("parallelism")
        wanted = 1 if parallel is None else int(parallel)
        if spec.get("completions") is not None:
            wanted = max(0, min(wanted, run.completions - run.success_count))
        elif run.success_count:
            wanted = len(run.active)
        surplus = len(run.active) - wanted
        if surplus > 0:
            self._remove_surplus(run, surplus)
            return None
        going = len(run.going) if only_replaces_failed(run.obj) else 0
        missing = min(wanted - going - len(run.active), _BURST)
        return self._start(run, missing) if missing > 0 else None

    def _start(self, run: Run, missing: int) -> float | None:
        wait = self._retries.wait(own(run.obj), run.now)
        if not run.by_index:
            wait = max(wait, waited(*self._failures.get(own(run.obj), (0, 0.0))) - run.now)
        if wait > 0:
            return wait
        indexes: list[int | None] = [None] * missing
        before = run.last_failures() if run.by_index else {}
        if run.indexed:
            pending = run.pending(missing)
            waits = {index: index_wait(pod, run.now) for index, pod in before.items()}
            indexes = [index for index in pending if waits.get(index, 0.0) <= 0]
            if not indexes:
                return min((waits[index] for index in pending), default=None)
        for index in indexes:
            old = before.get(index) if index is not None else None
            ignored = old is not None and action_on(run.obj, old)[0] == "Ignore"
            try:
                pod = self.world.create(PODS, job_pod(self.world, run.obj, index, old, ignored=ignored))
            except StatusError as error:
                message = f"Error creating: {error.message}"
                self.world.say(run.obj, "FailedCreate", message, by=self.name, warning=True)
                return self._retries.failed(own(run.obj), run.now)
            run.active.append(pod)
            message = f"Created pod: {pod['metadata']['name']}"
            self.world.say(run.obj, "SuccessfulCreate", message, by=self.name)
        self._retries.forget(own(run.obj))
        return None

    def _remove_surplus(self, run: Run, surplus: int) -> None:
        """Delete Pods that are too many, without counting them as failures; double indexes first."""
        seen: set[int] = set()
        double = []
        for pod in run.active:
            index = index_of(pod)
            if run.indexed and (index is None or index in seen or index >= run.completions):
                double.append(pod)
            elif index is not None:
                seen.add(index)
        rest = first_to_go([pod for pod in run.active if pod not in double], (), run.now)
        for pod in [*double, *rest][:surplus]:
            self.world.release(PODS, pod, TRACKING)
            left = self.world.find(PODS, *own(pod))
            if left is not None:
                self._remove(run, left)
            run.active.remove(pod)

    def _remove(self, run: Run, pod: JsonObject) -> None:
        self.world.delete(PODS, pod)
        message = f"Deleted pod: {pod['metadata']['name']}"
        self.world.say(run.obj, "SuccessfulDelete", message, by=self.name)
        left = self.world.find(PODS, *own(pod))
        if left is not None:
            run.going.append(left)

    def _suspension(self, run: Run, outcome: Outcome | None) -> list[JsonObject]:
        """The conditions with what a change of ``suspend`` says."""
        conditions = list(dicts(run.obj, "status", "conditions"))
        was = is_true(run.obj, "Suspended")
        if outcome is not None or deleting(run.obj) or was == run.suspended:
            return conditions
        word = "suspended" if run.suspended else "resumed"
        self.world.say(run.obj, word.capitalize(), f"Job {word}", by=self.name)
        status = {key: value for key, value in run.obj["status"].items() if key != "startTime"}
        run.obj["status"] = status if run.suspended else {**status, "startTime": self.world.now()}
        said = ("Suspended", f"Job{word.capitalize()}", f"Job {word}")
        return _with(conditions, said, self.world.now(), "True" if run.suspended else "False")

    def _tell(
        self, run: Run, outcome: Outcome | None, gone: list[JsonObject], conditions: list[JsonObject]
    ) -> None:
        """Count what has ended, let it go, and write the status."""
        status: JsonObject = {**run.obj["status"]}
        lost = gone if outcome is not None and outcome[0] == "FailureTarget" else []
        failures = run.failure_count + sum(TRACKING in (p["metadata"].get("finalizers") or ()) for p in lost)
        kept = {p["metadata"]["uid"] for p in run.last_failures().values()} if run.by_index else set()
        for pod in run.failed:
            if outcome is None and pod["metadata"]["uid"] in kept and counts(run.obj, pod):
                failures -= 1
        active = [] if outcome is not None else run.active
        for key, value in (
            ("active", len(active)),
            ("succeeded", run.success_count),
            ("failed", failures),
            ("completedIndexes", written(run.done) if run.indexed else ""),
        ):
            status.pop(key, None)
            if value:
                status[key] = value
        if run.by_index:
            status["failedIndexes"] = written(run.lost)
        up = sum(ready(pod) for pod in active)
        status.update(ready=up, terminating=len(run.going), uncountedTerminatedPods={})
        over = self._concluded(run, outcome, status, conditions)
        self.world.set_status(JOBS, self.world.store.get(JOBS, *own(run.obj)), status)
        for pod in [*run.succeeded, *run.failed, *gone]:
            if outcome is not None or pod["metadata"]["uid"] not in kept:
                left = self.world.find(PODS, *own(pod))
                if left is not None:
                    self.world.release(PODS, left, TRACKING)
        if over is not None:
            self.world.say(run.obj, *over[:2], by=self.name, warning=over[2])

    def _concluded(
        self, run: Run, outcome: Outcome | None, status: JsonObject, conditions: list[JsonObject]
    ) -> tuple[str, str, bool] | None:
        """Write the conditions of an outcome into a status; the event that ends the Job, if it has ended."""
        if outcome is None:
            if conditions:
                status["conditions"] = conditions
            return None
        kind, reason, message = outcome
        now = self.world.now()
        conditions = _with(conditions, outcome, now)
        ends = not run.going
        if ends:
            final = "Complete" if kind == "SuccessCriteriaMet" else "Failed"
            conditions = _with(conditions, (final, reason, message), now)
        status["conditions"] = conditions
        if not ends:
            return None
        if kind == "SuccessCriteriaMet":
            status["completionTime"] = now
            return "Completed", "Job completed", False
        return reason, message, True

    def _expire(self, obj: JsonObject) -> float | None:
        """Delete a Job that is over when its time to live is."""
        keep = obj["spec"].get("ttlSecondsAfterFinished")
        if keep is None or deleting(obj):
            return None
        over = next(
            parse_time(c.get("lastTransitionTime"))
            for c in dicts(obj, "status", "conditions")
            if c.get("type") in ("Complete", "Failed") and c.get("status") == "True"
        )
        left = float((over or 0.0) + keep - self.world.clock())
        if left > 0:
            return left
        self.world.delete(JOBS, obj)
        return None


def _over(obj: JsonObject) -> bool:
    return is_true(obj, "Complete") or is_true(obj, "Failed")


def _with(conditions: list[JsonObject], said: Outcome, now: str, value: str = "True") -> list[JsonObject]:
    """The conditions with one more, which stays as it is when it is there."""
    condition = {"type": said[0], "status": value, "reason": said[1], "message": said[2]}
    return [{"lastProbeTime": now, **item} for item in with_condition(conditions, condition, now)]
