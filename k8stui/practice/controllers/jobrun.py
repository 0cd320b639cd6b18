"""One look at a Job: what its Pods amount to, and whether that decides it."""

from __future__ import annotations

from dataclasses import dataclass, field

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import deleting, ended, is_true
from k8stui.practice.controllers.indexes import index_of, parsed
from k8stui.practice.controllers.jobpods import TRACKING, failures_of
from k8stui.practice.controllers.jobpolicies import (
    action_on,
    counts,
    fail_message,
    failed,
    success_message,
)

Outcome = tuple[str, str, str]
"""FailureTarget or SuccessCriteriaMet, with reason and message."""


@dataclass(slots=True)
class Run:
    """A Job and its Pods at one time."""

    obj: JsonObject
    pods: list[JsonObject]
    now: float
    active: list[JsonObject] = field(init=False)
    going: list[JsonObject] = field(init=False)
    """Those that have been told to end and have not yet."""
    succeeded: list[JsonObject] = field(init=False)
    """Those that have succeeded and are not in the status yet."""
    failed: list[JsonObject] = field(init=False)
    """Those that count as failed and are not in the status yet."""
    done: set[int] = field(init=False)
    """The indexes that have succeeded."""
    lost: set[int] = field(init=False)
    """The indexes that have failed for good."""

    def __post_init__(self) -> None:
        fresh = [pod for pod in self.pods if TRACKING in (pod["metadata"].get("finalizers") or ())]
        self.active = [pod for pod in self.pods if not ended(pod) and not deleting(pod)]
        self.going = [pod for pod in self.pods if not ended(pod) and deleting(pod)]
        self.succeeded = [pod for pod in fresh if dig(pod, "status", "phase") == "Succeeded"]
        self.failed = [pod for pod in fresh if failed(self.obj, pod)]
        status = self.obj.get("status") or {}
        done, lost = status.get("completedIndexes"), status.get("failedIndexes")
        self.done = parsed(done, self.completions) | self._indexes(self.succeeded)
        self.lost = parsed(lost, self.completions)
        if self.by_index:
            self.lost |= self._indexes([pod for pod in self.failed if self._final(pod)])

    @property
    def spec(self) -> JsonObject:
        """What is asked for."""
        found: JsonObject = self.obj["spec"]
        return found

    @property
    def indexed(self) -> bool:
        """Whether each Pod has an index of its own to complete."""
        return bool(self.spec.get("completionMode") == "Indexed")

    @property
    def by_index(self) -> bool:
        """Whether failures are counted by index."""
        return self.indexed and self.spec.get("backoffLimitPerIndex") is not None

    @property
    def completions(self) -> int:
        """How many Pods, or indexes, have to succeed; zero when that is not said."""
        return int(self.spec.get("completions") or 0)

    @property
    def suspended(self) -> bool:
        """Whether no Pod is to run for now."""
        return bool(self.spec.get("suspend"))

    @property
    def success_count(self) -> int:
        """How many Pods, or indexes, have succeeded in all."""
        if self.indexed:
            return len(self.done)
        return int(dig(self.obj, "status", "succeeded") or 0) + len(self.succeeded)

    @property
    def failure_count(self) -> int:
        """How many Pods have failed in all, without those that do not count."""
        return int(dig(self.obj, "status", "failed") or 0) + sum(counts(self.obj, p) for p in self.failed)

    def last_failures(self) -> dict[int, JsonObject]:
        """By index the last failed Pod, for indexes that are to be tried again."""
        busy = self._indexes(self.active) | self.done | self.lost
        found: dict[int, JsonObject] = {}
        for pod in self.failed:
            index = index_of(pod)
            if index is None or index in busy or index >= self.completions:
                continue
            if index not in found or failures_of(found[index]) < failures_of(pod):
                found[index] = pod
        return found

    def pending(self, most: int) -> list[int]:
        """The first indexes that have no Pod and need one."""
        busy = self._indexes(self.active) | self.done | self.lost
        if self.spec.get("podReplacementPolicy") == "Failed" or self.spec.get("podFailurePolicy"):
            busy |= self._indexes(self.going)
        found: list[int] = []
        for index in range(self.completions):
            if len(found) == most:
                break
            if index not in busy:
                found.append(index)
        return found

    def deadline_left(self) -> float | None:
        """Seconds that the Job may still be active; None without a limit."""
        limit, began = self.spec.get("activeDeadlineSeconds"), dig(self.obj, "status", "startTime")
        since = parse_time(began)
        return None if limit is None or since is None or self.suspended else since + limit - self.now

    def outcome(self) -> Outcome | None:
        """What decides the Job before all is done; None while nothing does."""
        for kind in ("SuccessCriteriaMet", "FailureTarget"):
            if is_true(self.obj, kind):
                said = next(c for c in dicts(self.obj, "status", "conditions") if c.get("type") == kind)
                return kind, str(said.get("reason", "")), str(said.get("message", ""))
        if message := fail_message(self.obj, self.pods):
            return "FailureTarget", "PodFailurePolicy", message
        limit = self.spec.get("backoffLimit")
        if self.failure_count > (6 if limit is None else limit) or self._restarts_exceed():
            message = "Job has reached the specified backoff limit"
            return "FailureTarget", "BackoffLimitExceeded", message
        left = self.deadline_left()
        if left is not None and left <= 0:
            message = "Job was active longer than specified deadline"
            return "FailureTarget", "DeadlineExceeded", message
        return self._indexed_outcome() if self.indexed else None

    def _indexed_outcome(self) -> Outcome | None:
        most = self.spec.get("maxFailedIndexes")
        if self.by_index and most is not None and len(self.lost) > most:
            message = "Job has exceeded the specified maximal number of failed indexes"
            return "FailureTarget", "MaxFailedIndexesExceeded", message
        if self.by_index and self.lost and len(self.lost) + len(self.done) >= self.completions:
            return "FailureTarget", "FailedIndexes", "Job has failed indexes"
        if message := success_message(self.obj, self.done):
            return "SuccessCriteriaMet", "SuccessPolicy", message
        return None

    def complete(self) -> bool:
        """Whether as much has succeeded as is asked for, and nothing runs any more."""
        if self.spec.get("completions") is None:
            return self.success_count > 0 and not self.active
        return self.success_count >= self.completions and not self.active

    def _restarts_exceed(self) -> bool:
        """Whether the containers of Pods that restart in place have failed too often."""
        if dig(self.spec, "template", "spec", "restartPolicy") != "OnFailure":
            return False
        restarts = sum(
            int(item.get("restartCount") or 0)
            for pod in self.pods
            if not ended(pod)
            for key in ("containerStatuses", "initContainerStatuses")
            for item in dicts(pod, "status", key)
        )
        limit = self.spec.get("backoffLimit")
        return restarts > 0 and restarts >= (6 if limit is None else limit)

    def _final(self, pod: JsonObject) -> bool:
        """Whether a failed Pod makes its index fail for good."""
        action = action_on(self.obj, pod)[0]
        if action == "FailIndex":
            return True
        return action != "Ignore" and failures_of(pod) >= int(self.spec["backoffLimitPerIndex"])

    def _indexes(self, pods: list[JsonObject]) -> set[int]:
        found = (index_of(pod) for pod in pods)
        return {index for index in found if index is not None and index < self.completions}
