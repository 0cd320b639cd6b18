"""Deployment: one ReplicaSet per template, and the roll from one to the next."""

from __future__ import annotations

from collections.abc import Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import (
    DEPLOYMENTS,
    PODS,
    REPLICA_SETS,
    Controller,
    Keys,
    deleting,
    own_key,
    owner_key,
    reference,
    with_condition,
)
from k8stui.practice.controllers.template import is_of, scaled, template_hash

_REVISION = "deployment.kubernetes.io/revision"


class Deployments(Controller):
    """Rolls every Deployment to its template."""

    name = "deployment-controller"
    kind = DEPLOYMENTS

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The Deployments, and the ReplicaSets they made."""
        return {DEPLOYMENTS: own_key, REPLICA_SETS: owner_key("Deployment")}

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Make the newest ReplicaSet, move replicas towards it, clean up, tell."""
        obj = self.world.find(DEPLOYMENTS, namespace, name)
        if obj is None or deleting(obj):
            return None
        sets = [found for found in self.world.owned(REPLICA_SETS, obj) if not deleting(found)]
        newest = self._newest(obj, sets)
        if newest is None:
            newest = self._make(obj, sets)
        elif newest is not max(sets, key=_revision):
            newest = self._revive(obj, newest, sets)
        older = [found for found in sets if found["metadata"]["uid"] != newest["metadata"]["uid"]]
        if not dig(obj, "spec", "paused"):
            self._roll(obj, newest, older)
        self._forget(obj, older)
        return self._tell(namespace, name)

    def _newest(self, obj: JsonObject, sets: list[JsonObject]) -> JsonObject | None:
        template = obj["spec"]["template"]
        return next((s for s in sets if is_of(s["spec"]["template"], template)), None)

    def _make(self, obj: JsonObject, sets: list[JsonObject]) -> JsonObject:
        """A new ReplicaSet for the template."""
        template = obj["spec"]["template"]
        mark = template_hash([template, dig(obj, "status", "collisionCount") or 0])
        revision = max((_revision(found) for found in sets), default=0) + 1
        said = template.get("metadata") or {}
        labels = {**(said.get("labels") or {}), "pod-template-hash": mark}
        replicas = dig(obj, "spec", "replicas")
        annotations = {
            "deployment.kubernetes.io/desired-replicas": str(replicas),
            "deployment.kubernetes.io/max-replicas": str(replicas + self._surge(obj)),
            _REVISION: str(revision),
        }
        selector = dig(obj, "spec", "selector") or {}
        matching = {**(selector.get("matchLabels") or {}), "pod-template-hash": mark}
        metadata = {
            "name": f"{obj['metadata']['name']}-{mark}",
            "namespace": obj["metadata"]["namespace"],
            "labels": labels,
            "annotations": annotations,
            "ownerReferences": [reference(obj)],
        }
        spec = {
            "replicas": 0,
            "selector": {**selector, "matchLabels": matching},
            "template": {**template, "metadata": {**said, "labels": labels}},
        }
        if dig(obj, "spec", "minReadySeconds"):
            spec["minReadySeconds"] = obj["spec"]["minReadySeconds"]
        found = self.world.create(
            REPLICA_SETS, {"metadata": metadata, "spec": spec, "status": {"replicas": 0}}
        )
        self._number(obj, revision)
        return found

    def _revive(self, obj: JsonObject, old: JsonObject, sets: list[JsonObject]) -> JsonObject:
        """Going back to an earlier template gives its ReplicaSet the next number."""
        revision = max(_revision(found) for found in sets) + 1
        annotations = {**old["metadata"].get("annotations", {}), _REVISION: str(revision)}
        self._number(obj, revision)
        return self.world.set_metadata(REPLICA_SETS, old, annotations=annotations)

    def _number(self, obj: JsonObject, revision: int) -> None:
        latest = self.world.find(DEPLOYMENTS, obj["metadata"]["namespace"], obj["metadata"]["name"])
        if latest is not None:
            annotations = {**(latest["metadata"].get("annotations") or {}), _REVISION: str(revision)}
            self.world.set_metadata(DEPLOYMENTS, latest, annotations=annotations)

    def _surge(self, obj: JsonObject) -> int:
        if dig(obj, "spec", "strategy", "type") == "Recreate":
            return 0
        most = dig(obj, "spec", "strategy", "rollingUpdate", "maxSurge")
        return scaled("25%" if most is None else most, obj["spec"]["replicas"], up=True)

    def _roll(self, obj: JsonObject, newest: JsonObject, older: list[JsonObject]) -> None:
        wanted = obj["spec"]["replicas"]
        total = _replicas(newest) + sum(_replicas(found) for found in older)
        if dig(obj, "spec", "strategy", "type") == "Recreate":
            for found in older:
                self._scale(obj, found, 0)
            left = any(pod for found in older for pod in self.world.owned(PODS, found))
            if not left:
                self._scale(obj, newest, wanted)
            return
        surge = self._surge(obj)
        may_lack = dig(obj, "spec", "strategy", "rollingUpdate", "maxUnavailable")
        lack = scaled("25%" if may_lack is None else may_lack, wanted, up=False)
        if surge == 0 and lack == 0:
            lack = 1
        if not any(_replicas(found) for found in older):
            self._scale(obj, newest, wanted)
            return
        grow = max(0, min(wanted - _replicas(newest), wanted + surge - total))
        target = wanted if _replicas(newest) > wanted else _replicas(newest) + grow
        newest = self._scale(obj, newest, target)
        self._shrink(obj, newest, older, wanted - lack)

    def _shrink(self, obj: JsonObject, newest: JsonObject, older: list[JsonObject], least: int) -> None:
        """Scale the older ones down, what is not ready first, keeping enough available."""
        up = _available(newest) + sum(_available(found) for found in older)
        new_down = max(0, _replicas(newest) - _available(newest))
        total = _replicas(newest) + sum(_replicas(found) for found in older)
        budget = total - least - new_down
        for found in sorted(older, key=_revision):
            sick = max(0, _replicas(found) - _available(found))
            drop = min(sick, max(0, budget))
            if drop:
                budget -= drop
                found = self._scale(obj, found, _replicas(found) - drop)
            healthy = min(_replicas(found), max(0, min(budget, up - least)))
            if healthy:
                budget -= healthy
                up -= healthy
                self._scale(obj, found, _replicas(found) - healthy)

    def _scale(self, obj: JsonObject, found: JsonObject, replicas: int) -> JsonObject:
        before = _replicas(found)
        if before == replicas:
            return found
        self._report(obj, found, before, replicas)
        return self.world.store.update(
            REPLICA_SETS, {**found, "spec": {**found["spec"], "replicas": replicas}}
        )

    def _report(self, obj: JsonObject, found: JsonObject, before: int, after: int) -> None:
        up = "up" if after > before else "down"
        name = found["metadata"]["name"]
        self.world.say(
            obj, "ScalingReplicaSet", f"Scaled {up} replica set {name} from {before} to {after}", by=self.name
        )

    def _forget(self, obj: JsonObject, older: list[JsonObject]) -> None:
        keep = dig(obj, "spec", "revisionHistoryLimit")
        idle = [found for found in older if _replicas(found) == 0 and not dig(found, "status", "replicas")]
        idle.sort(key=_revision)
        for found in idle[: max(0, len(idle) - (10 if keep is None else keep))]:
            self.world.delete(REPLICA_SETS, found)

    def _tell(self, namespace: str, name: str) -> float | None:
        obj = self.world.find(DEPLOYMENTS, namespace, name)
        if obj is None:
            return None
        sets = self.world.owned(REPLICA_SETS, obj)
        newest = self._newest(obj, sets)
        wanted = obj["spec"]["replicas"]
        status: JsonObject = {"observedGeneration": obj["metadata"].get("generation", 1)}
        total = sum(dig(found, "status", "replicas") or 0 for found in sets)
        available = sum(_available(found) for found in sets)
        for key, value in (
            ("replicas", total),
            ("updatedReplicas", dig(newest, "status", "replicas") or 0),
            ("readyReplicas", sum(dig(found, "status", "readyReplicas") or 0 for found in sets)),
            ("availableReplicas", available),
            ("unavailableReplicas", max(0, wanted - available)),
        ):
            if value:
                status[key] = value
        status["terminatingReplicas"] = sum(dig(s, "status", "terminatingReplicas") or 0 for s in sets)
        conditions, again = self._conditions(obj, newest, status)
        status["conditions"] = conditions
        self.world.set_status(DEPLOYMENTS, obj, status)
        return again

    def _conditions(
        self, obj: JsonObject, newest: JsonObject | None, status: JsonObject
    ) -> tuple[list[JsonObject], float | None]:
        old = list(dicts(obj, "status", "conditions"))
        wanted = obj["spec"]["replicas"]
        may_lack = dig(obj, "spec", "strategy", "rollingUpdate", "maxUnavailable")
        least = wanted - scaled("25%" if may_lack is None else may_lack, wanted, up=False)
        enough = status.get("availableReplicas", 0) >= least
        available = {
            "type": "Available",
            "status": "True" if enough else "False",
            "reason": "MinimumReplicasAvailable" if enough else "MinimumReplicasUnavailable",
            "message": "Deployment has minimum availability."
            if enough
            else "Deployment does not have minimum availability.",
        }
        progress, again = self._progress(obj, newest, status)
        now = self.world.now()
        found = with_condition(old, available, now)
        return [_updated(item, now) for item in with_condition(found, progress, now)], again

    def _progress(
        self, obj: JsonObject, newest: JsonObject | None, status: JsonObject
    ) -> tuple[JsonObject, float | None]:
        name = newest["metadata"]["name"] if newest else ""
        wanted = obj["spec"]["replicas"]
        done = (
            status.get("updatedReplicas", 0) == wanted
            and status.get("replicas", 0) == wanted
            and status.get("availableReplicas", 0) == wanted
        )
        progressing = {"type": "Progressing", "status": "True"}
        old = next((c for c in dicts(obj, "status", "conditions") if c.get("type") == "Progressing"), None)
        finished = f'ReplicaSet "{name}" has successfully progressed.'
        if done or (old and old.get("reason") == "NewReplicaSetAvailable" and old.get("message") == finished):
            return {**progressing, "reason": "NewReplicaSetAvailable", "message": finished}, None
        deadline = dig(obj, "spec", "progressDeadlineSeconds") or 600
        began = parse_time(newest["metadata"]["creationTimestamp"]) if newest else None
        left = deadline if began is None else began + deadline - self.world.clock()
        if left <= 0:
            return {
                **progressing,
                "status": "False",
                "reason": "ProgressDeadlineExceeded",
                "message": f'ReplicaSet "{name}" has timed out progressing.',
            }, None
        return {
            **progressing,
            "reason": "ReplicaSetUpdated",
            "message": f'ReplicaSet "{name}" is progressing.',
        }, left


def _updated(condition: JsonObject, now: str) -> JsonObject:
    if "lastUpdateTime" in condition:
        return condition
    return {**condition, "lastUpdateTime": condition.get("lastTransitionTime", now)}


def _revision(found: JsonObject) -> int:
    return int((found["metadata"].get("annotations") or {}).get(_REVISION, "0"))


def _replicas(found: JsonObject) -> int:
    return int(dig(found, "spec", "replicas") or 0)


def _available(found: JsonObject) -> int:
    return int(dig(found, "status", "availableReplicas") or 0)
