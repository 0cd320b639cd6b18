"""HorizontalPodAutoscaler: replicas that follow what the metrics say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.selectors import of_selector
from k8stui.practice.controllers.base import (
    AUTOSCALERS,
    DEPLOYMENTS,
    PODS,
    REPLICA_SETS,
    REPLICATION_CONTROLLERS,
    STATEFUL_SETS,
    Controller,
    Key,
    Keys,
    deleting,
    labels_of,
    matches,
    own_key,
    with_condition,
)
from k8stui.practice.controllers.measures import Measured, Scope, Unmeasured, measure
from k8stui.practice.controllers.scaling import Decision, Memory, Said, decide
from k8stui.practice.controllers.world import World
from k8stui.practice.metrics.api import API_SERVICE
from k8stui.practice.metrics.availability import API_SERVICES, available
from k8stui.practice.metrics.usage import Metrics

_SYNC = 15.0
_TARGETS = {
    ("apps", "Deployment"): DEPLOYMENTS,
    ("apps", "StatefulSet"): STATEFUL_SETS,
    ("apps", "ReplicaSet"): REPLICA_SETS,
    ("", "ReplicationController"): REPLICATION_CONTROLLERS,
}
_ACTIVE, _ABLE, _LIMITED = "ScalingActive", "AbleToScale", "ScalingLimited"


class Autoscalers(Controller):
    """Measures the Pods of every target every fifteen seconds, and scales it."""

    name = "horizontal-pod-autoscaler"
    kind = AUTOSCALERS
    turn = 2
    thorough = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._metrics = Metrics(world.store, world.clock, world.programs)
        self._memory: dict[Key, Memory] = {}

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The autoscalers alone; loads are looked at every fifteen seconds."""
        return {AUTOSCALERS: own_key}

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Measure one target, and scale it where it has to be."""
        obj = self.world.find(AUTOSCALERS, namespace, name)
        if obj is None or deleting(obj):
            self._memory.pop((namespace, name), None)
            return None
        status: JsonObject = dict(obj.get("status") or {})
        kind, target = self._target(obj)
        if kind is None or target is None:
            message = self._no_target(obj)
            self._say(obj, "FailedGetScale", message)
            message = f"the HPA controller was unable to get the target's current scale: {message}"
            self._set(status, _ABLE, "False", Said("FailedGetScale", message))
            status.setdefault("currentReplicas", 0)
            status.setdefault("desiredReplicas", 0)
            self.world.set_status(AUTOSCALERS, obj, status)
            return self._again()
        found = "the HPA controller was able to get the target's current scale"
        self._set(status, _ABLE, "True", Said("SucceededGetScale", found))
        current = dig(target, "spec", "replicas")
        self._look(obj, status, kind, target, 1 if current is None else int(current))
        self.world.set_status(AUTOSCALERS, obj, status)
        return self._again()

    def _again(self) -> float:
        """Seconds until the next look: of four only one in a past that nobody watches."""
        return _SYNC if self.world.clock() >= self.world.until else 4 * _SYNC

    def _look(
        self, obj: JsonObject, status: JsonObject, kind: ResourceKind, target: JsonObject, current: int
    ) -> None:
        """One round with a target that exists; what comes of it is put into the status."""
        spec = obj["spec"]
        least, most = spec.get("minReplicas") or 1, spec["maxReplicas"]
        wanted, why = current, ""
        status["currentReplicas"] = dig(target, "status", "replicas") or 0
        if current == 0:
            message = "scaling is disabled since the replica count of the target is zero"
            self._set(status, _ACTIVE, "False", Said("ScalingDisabled", message))
        elif current > most:
            wanted, why = most, "Current number of replicas above Spec.MaxReplicas"
        elif current < least:
            wanted, why = least, "Current number of replicas below Spec.MinReplicas"
        else:
            decided = self._measured(obj, status, target, current)
            if decided is None:
                status.setdefault("desiredReplicas", 0)
                return
            wanted, why = decided
        if wanted != current:
            self._scale(obj, status, kind, target, wanted, why)
        status["desiredReplicas"] = wanted

    def _measured(
        self, obj: JsonObject, status: JsonObject, target: JsonObject, current: int
    ) -> tuple[int, str] | None:
        """How many replicas the metrics want after all limits, and why; None when they cannot tell."""
        metrics = list(dicts(obj, "spec", "metrics"))
        scope = self._scope(obj, target, current)
        rivals = self._rivals(obj["metadata"]["namespace"], scope.pods)
        if len(rivals) > 1:
            message = (
                f"pods by selector {_words(_selector(target))} are controlled by more than one HPA "
                f"(e.g. [{' '.join(rivals[:2])}])"
            )
            status["currentMetrics"] = None
            self._set(status, _ACTIVE, "False", Said("AmbiguousSelector", message))
            self._say(obj, "AmbiguousSelector", message)
            self._say(obj, "FailedComputeMetricsReplicas", message)
            return None
        best, said, failed = self._ask(obj, metrics, scope)
        status["currentMetrics"] = said or None
        if failed and (best is None or best.replicas < current):
            first = failed[0]
            unable = f"the HPA was unable to compute the replica count: {first}"
            self._set(status, _ACTIVE, "False", Said(first.reason, unable))
            message = (
                f"invalid metrics ({len(failed)} invalid out of {len(metrics)}), "
                f"first error is: {first.context}{first}"
            )
            self._say(obj, "FailedComputeMetricsReplicas", message)
            return None
        if best is None:
            return None
        found = f"the HPA was able to successfully calculate a replica count from {best.name}"
        self._set(status, _ACTIVE, "True", Said("ValidMetricFound", found))
        memory = self._memory.setdefault((obj["metadata"]["namespace"], obj["metadata"]["name"]), Memory())
        decision = decide(obj["spec"], memory, self.world.clock(), current, best.replicas)
        self._tell(status, decision)
        why = f"{best.name} above target" if decision.replicas > current else "All metrics below target"
        return decision.replicas, why

    def _ask(
        self, obj: JsonObject, metrics: list[JsonObject], scope: Scope
    ) -> tuple[Measured | None, list[JsonObject], list[Unmeasured]]:
        """The metric that wants the most replicas, what each says, and those that say nothing."""
        best: Measured | None = None
        said: list[JsonObject] = []
        failed: list[Unmeasured] = []
        for metric in metrics:
            try:
                found = measure(metric, scope)
            except Unmeasured as error:
                self._say(obj, error.reason, str(error))
                failed.append(error)
                continue
            said.append(found.status)
            if best is None or found.replicas > best.replicas:
                best = found
        return best, said, failed

    def _scope(self, obj: JsonObject, target: JsonObject, current: int) -> Scope:
        namespace = obj["metadata"]["namespace"]
        selector = _selector(target)
        pods = [p for p in self.world.store.list(PODS, namespace) if matches(selector, labels_of(p))]
        service = self.world.find(API_SERVICES, "", API_SERVICE)
        unavailable = ""
        if service is None:
            unavailable = "the server could not find the requested resource (get pods.metrics.k8s.io)"
        elif not available(self.world.store, service).status:
            unavailable = "the server is currently unable to handle the request (get pods.metrics.k8s.io)"
        found = (
            {}
            if unavailable
            else {sample.subject["metadata"]["uid"]: sample for sample in self._metrics.of(namespace, pods)}
        )
        return Scope(pods, found, current, self.world.clock(), unavailable)

    def _rivals(self, namespace: str, pods: Sequence[JsonObject]) -> list[str]:
        """The autoscalers whose targets select one of some Pods."""
        found = []
        for other in self.world.store.list(AUTOSCALERS, namespace):
            _, target = (None, None) if deleting(other) else self._target(other)
            if target is None:
                continue
            selector = _selector(target)
            if any(matches(selector, labels_of(pod)) for pod in pods):
                found.append(f"{namespace}/{other['metadata']['name']}")
        return sorted(found)

    def _scale(
        self,
        obj: JsonObject,
        status: JsonObject,
        kind: ResourceKind,
        target: JsonObject,
        wanted: int,
        why: str,
    ) -> None:
        current = dig(target, "spec", "replicas")
        self.world.store.update(kind, {**target, "spec": {**target["spec"], "replicas": wanted}})
        message = f"the HPA controller was able to update the target scale to {wanted}"
        self._set(status, _ABLE, "True", Said("SucceededRescale", message))
        self.world.say(obj, "SuccessfulRescale", f"New size: {wanted}; reason: {why}", by=self.name)
        status["lastScaleTime"] = self.world.now()
        memory = self._memory.setdefault((obj["metadata"]["namespace"], obj["metadata"]["name"]), Memory())
        memory.scaled.append((self.world.clock(), wanted - (1 if current is None else int(current))))

    def _target(self, obj: JsonObject) -> tuple[ResourceKind | None, JsonObject | None]:
        ref = dig(obj, "spec", "scaleTargetRef") or {}
        group = str(ref.get("apiVersion") or "").rpartition("/")[0]
        kind = _TARGETS.get((group, str(ref.get("kind", ""))))
        if kind is None:
            return None, None
        return kind, self.world.find(kind, obj["metadata"]["namespace"], str(ref.get("name", "")))

    def _no_target(self, obj: JsonObject) -> str:
        ref = dig(obj, "spec", "scaleTargetRef") or {}
        group = str(ref.get("apiVersion") or "").rpartition("/")[0]
        kind = _TARGETS.get((group, str(ref.get("kind", ""))))
        if kind is None:
            return f'no matches for kind "{ref.get("kind", "")}" in group "{group}"'
        return f'{kind.name} "{ref.get("name", "")}" not found'

    def _tell(self, status: JsonObject, decision: Decision) -> None:
        self._set(status, _ABLE, "True", decision.able)
        self._set(status, _LIMITED, "True" if decision.limited else "False", decision.limit)

    def _set(self, status: JsonObject, kind: str, state: str, said: Said) -> None:
        """Put a condition into a status."""
        new = {"type": kind, "status": state, "reason": said.reason, "message": said.message}
        status["conditions"] = with_condition(status.get("conditions") or (), new, self.world.now())

    def _say(self, obj: JsonObject, reason: str, message: str) -> None:
        self.world.say(obj, reason, message, by=self.name, warning=True)


def _selector(target: JsonObject) -> JsonObject:
    """The selector of a target as a LabelSelector."""
    selector: JsonObject = dig(target, "spec", "selector") or {}
    return {"matchLabels": selector} if target["kind"] == "ReplicationController" else selector


def _words(selector: JsonObject) -> str:
    """A LabelSelector in one line, its labels in order, as a target's Scale has it."""
    labels = dict(sorted((selector.get("matchLabels") or {}).items()))
    return of_selector({**selector, "matchLabels": labels}) or ""
