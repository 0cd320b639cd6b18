"""HorizontalPodAutoscaler: a load that comes and goes, and the replicas that follow it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_quantity, parse_time
from k8stui.practice.controllers.base import (
    AUTOSCALERS,
    DEPLOYMENTS,
    PODS,
    REPLICA_SETS,
    STATEFUL_SETS,
    Controller,
    Keys,
    deleting,
    own_key,
    ready,
    with_condition,
)
from k8stui.practice.controllers.containers import jitter

_SYNC = 15.0
_SETTLE = 60.0
_TARGETS = {"Deployment": DEPLOYMENTS, "StatefulSet": STATEFUL_SETS}


class Autoscalers(Controller):
    """Scales every target by a load of its own: a slow wave with a little noise, the same every time."""

    name = "horizontal-pod-autoscaler"
    kind = AUTOSCALERS
    thorough = True

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The autoscalers alone; loads are looked at every fifteen seconds."""
        return {AUTOSCALERS: own_key}

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Measure one target, and scale it when it has settled."""
        obj = self.world.find(AUTOSCALERS, namespace, name)
        if obj is None or deleting(obj):
            return None
        spec = obj["spec"]
        kind = _TARGETS.get(dig(spec, "scaleTargetRef", "kind") or "")
        target = None if kind is None else self.world.find(kind, namespace, spec["scaleTargetRef"]["name"])
        if kind is None or target is None:
            self._cannot(obj)
            return _SYNC
        current = int(dig(target, "spec", "replicas") or 0)
        pods = [pod for pod in self._pods(target) if ready(pod)]
        metrics, ratio = self._measure(obj, max(1, len(pods)))
        wanted = current
        if abs(ratio - 1.0) > 0.1 and pods:
            wanted = math.ceil(len(pods) * ratio)
        wanted = max(spec.get("minReplicas", 1), min(spec["maxReplicas"], wanted))
        last = parse_time(dig(obj, "status", "lastScaleTime"))
        settled = last is None or self.world.clock() - last >= _SETTLE
        status = dict(obj.get("status") or {})
        if wanted != current and settled:
            self.world.store.update(kind, {**target, "spec": {**target["spec"], "replicas": wanted}})
            why = "above" if wanted > current else "below"
            message = (
                f"New size: {wanted}; reason: cpu resource utilization (percentage of request) {why} target"
            )
            self.world.say(obj, "SuccessfulRescale", message, by=self.name)
            status["lastScaleTime"] = self.world.now()
        else:
            wanted = current if not settled else wanted
        status.update(currentReplicas=current, desiredReplicas=wanted, currentMetrics=metrics)
        status["conditions"] = self._conditions(obj, wanted)
        self.world.set_status(AUTOSCALERS, obj, status)
        return _SYNC

    def _pods(self, target: JsonObject) -> list[JsonObject]:
        if target["kind"] == "StatefulSet":
            return self.world.owned(PODS, target)
        return [
            pod for found in self.world.owned(REPLICA_SETS, target) for pod in self.world.owned(PODS, found)
        ]

    def load(self, obj: JsonObject) -> float:
        """How many Pods' worth of work there is: a wave of nine minutes from the fewest to the most."""
        spec = obj["spec"]
        low, high = spec.get("minReplicas", 1), spec["maxReplicas"]
        now = self.world.clock()
        phase = jitter(obj["metadata"]["uid"]) * math.tau
        wave = 0.5 + 0.5 * math.sin(now / 540.0 * math.tau + phase)
        noise = jitter(obj["metadata"]["uid"], str(int(now // _SYNC))) - 0.5
        return float(max(0.1, low - 0.4 + (high - low + 0.2) * wave + 0.2 * noise))

    def _measure(self, obj: JsonObject, pods: int) -> tuple[list[JsonObject], float]:
        """The current metrics, and by how much the first one misses its target."""
        found: list[JsonObject] = []
        share = self.load(obj) / pods
        for metric in dicts(obj, "spec", "metrics"):
            if metric.get("type") != "Resource":
                continue
            source = metric["resource"]
            goal = dig(source, "target", "averageUtilization")
            if goal is None:
                milli = round(
                    (parse_quantity(str(dig(source, "target", "averageValue"))) or 1) * share * 1000
                )
                current: JsonObject = {"averageValue": f"{milli}m"}
            else:
                percent = max(1, round(goal * (share if not found else 0.7 + 0.1 * share)))
                current = {"averageUtilization": percent, "averageValue": f"{percent * 2}m"}
                if source.get("name") == "memory":
                    current["averageValue"] = f"{percent}Mi"
            found.append({"type": "Resource", "resource": {"name": source["name"], "current": current}})
        return found, share

    def _cannot(self, obj: JsonObject) -> None:
        ref = dig(obj, "spec", "scaleTargetRef") or {}
        message = (
            "the HPA controller was unable to get the target's current scale: "
            f'{str(ref.get("kind", "")).lower()}s.apps "{ref.get("name")}" not found'
        )
        self.world.say(obj, "FailedGetScale", message, by=self.name, warning=True)
        said = {"type": "AbleToScale", "status": "False", "reason": "FailedGetScale", "message": message}
        old = dig(obj, "status", "conditions") or ()
        status = {"currentReplicas": 0, "desiredReplicas": 0, **(obj.get("status") or {})}
        status["conditions"] = with_condition(old, said, self.world.now())
        self.world.set_status(AUTOSCALERS, obj, status)

    def _conditions(self, obj: JsonObject, wanted: int) -> list[JsonObject]:
        most = wanted == obj["spec"]["maxReplicas"]
        limited = most or wanted == obj["spec"].get("minReplicas", 1)
        found: list[JsonObject] = list(dig(obj, "status", "conditions") or ())
        now = self.world.now()
        active = "the HPA was able to successfully calculate a replica count from cpu resource utilization"
        for kind, state, reason, message in (
            ("AbleToScale", "True", "ReadyForNewScale", "recommended size matches current size"),
            ("ScalingActive", "True", "ValidMetricFound", active),
            (
                "ScalingLimited",
                "True" if limited else "False",
                "DesiredWithinRange" if not limited else "TooManyReplicas" if most else "TooFewReplicas",
                "the desired replica count is at its bound"
                if limited
                else "the desired count is within the acceptable range",
            ),
        ):
            said = {"type": kind, "status": state, "reason": reason, "message": message}
            found = with_condition(found, said, now)
        return found
