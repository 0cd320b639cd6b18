"""StatefulSet: numbered Pods, made one after the other, each with claims of its own."""

from __future__ import annotations

from collections.abc import Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.controllers.base import (
    CLAIMS,
    PODS,
    STATEFUL_SETS,
    Controller,
    Keys,
    deleting,
    ended,
    labels_of,
    own_key,
    owner_key,
    ready,
)
from k8stui.practice.controllers.revisions import current_revision, forget_revisions
from k8stui.practice.controllers.template import pod_from

_HASH = "controller-revision-hash"
_REVISION_LABEL = "controller.kubernetes.io/hash"


class StatefulSets(Controller):
    """Makes, rolls and removes the Pods of every StatefulSet in order."""

    name = "statefulset-controller"
    kind = STATEFUL_SETS

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The StatefulSets, and the Pods they made."""
        return {STATEFUL_SETS: own_key, PODS: owner_key("StatefulSet")}

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Do the next step for one StatefulSet, then bring its status up to date."""
        obj = self.world.find(STATEFUL_SETS, namespace, name)
        if obj is None or deleting(obj):
            return None
        mark = current_revision(self.world, obj, _REVISION_LABEL)
        pods = {pod["metadata"]["name"]: pod for pod in self.world.owned(PODS, obj)}
        wanted = dig(obj, "spec", "replicas")
        names = [f"{name}-{number}" for number in range(1 if wanted is None else wanted)]
        self._step(obj, pods, names, f"{name}-{mark}")
        self._tell(obj, names, f"{name}-{mark}")
        in_use = {labels_of(pod).get(_HASH, "").removeprefix(f"{name}-") for pod in pods.values()}
        forget_revisions(self.world, obj, _REVISION_LABEL, {*in_use, mark})
        return None

    def _step(self, obj: JsonObject, pods: dict[str, JsonObject], names: list[str], revision: str) -> None:
        parallel = dig(obj, "spec", "podManagementPolicy") == "Parallel"
        for index, pod_name in enumerate(names):
            pod = pods.get(pod_name)
            if pod is None:
                self._make(obj, pod_name, index, revision)
            elif ended(pod) and not deleting(pod):
                self.world.delete(PODS, pod)
            if not parallel and (pod is None or not ready(pod)):
                return
        surplus = [pod for pod_name, pod in pods.items() if pod_name not in names and not deleting(pod)]
        for pod in sorted(surplus, key=_number, reverse=True)[: None if parallel else 1]:
            self._remove(obj, pod)
        if surplus or dig(obj, "spec", "updateStrategy", "type") == "OnDelete":
            return
        first = dig(obj, "spec", "updateStrategy", "rollingUpdate", "partition") or 0
        for index in range(len(names) - 1, first - 1, -1):
            pod = pods.get(names[index])
            if pod is None or not ready(pod):
                return
            if labels_of(pod).get(_HASH) != revision:
                self._remove(obj, pod)
                return

    def _remove(self, obj: JsonObject, pod: JsonObject) -> None:
        self.world.delete(PODS, pod)
        message = f"delete Pod {pod['metadata']['name']} in StatefulSet {obj['metadata']['name']} successful"
        self.world.say(obj, "SuccessfulDelete", message, by=self.name)

    def _make(self, obj: JsonObject, name: str, index: int, revision: str) -> None:
        template = obj["spec"]["template"]
        claims = [self._claim(obj, item, name) for item in dicts(obj, "spec", "volumeClaimTemplates")]
        spec: JsonObject = {"hostname": name}
        if obj["spec"].get("serviceName"):
            spec["subdomain"] = obj["spec"]["serviceName"]
        if claims:
            own = [
                v for v in dicts(template, "spec", "volumes") if v["name"] not in {c["name"] for c in claims}
            ]
            spec["volumes"] = [*claims, *own]
        labels = {
            "apps.kubernetes.io/pod-index": str(index),
            _HASH: revision,
            "statefulset.kubernetes.io/pod-name": name,
        }
        pod = pod_from(self.world, obj, template, name, labels=labels, spec=spec, generate=False)
        pod["metadata"]["generateName"] = f"{obj['metadata']['name']}-"
        self.world.create(PODS, pod)
        message = f"create Pod {name} in StatefulSet {obj['metadata']['name']} successful"
        self.world.say(obj, "SuccessfulCreate", message, by=self.name)

    def _claim(self, obj: JsonObject, template: JsonObject, pod: str) -> JsonObject:
        """The volume for a Pod's own claim, which is made when there is none yet and outlives the Pod."""
        volume = template["metadata"]["name"]
        name, namespace = f"{volume}-{pod}", obj["metadata"]["namespace"]
        if self.world.find(CLAIMS, namespace, name) is None:
            labels = dig(obj, "spec", "selector", "matchLabels") or {}
            metadata = {"name": name, "namespace": namespace, "labels": labels}
            self.world.create(
                CLAIMS, {"metadata": metadata, "spec": template["spec"], "status": {"phase": "Pending"}}
            )
        return {"name": volume, "persistentVolumeClaim": {"claimName": name}}

    def _tell(self, obj: JsonObject, names: list[str], revision: str) -> None:
        pods = [p for p in self.world.owned(PODS, obj) if not ended(p)]
        up = sum(ready(pod) for pod in pods)
        updated = [pod for pod in pods if labels_of(pod).get(_HASH) == revision and not deleting(pod)]
        status: JsonObject = {
            "observedGeneration": obj["metadata"].get("generation", 1),
            "replicas": len(pods),
        }
        if up:
            status["readyReplicas"] = up
        old = dig(obj, "status", "currentRevision") or revision
        settled = len(updated) == len(names) == len(pods)
        current = sum(labels_of(pod).get(_HASH) == old for pod in pods)
        if settled:
            old, current = revision, len(updated)
        if current:
            status["currentReplicas"] = current
        if updated:
            status["updatedReplicas"] = len(updated)
        status.update(currentRevision=old, updateRevision=revision, collisionCount=0, availableReplicas=up)
        self.world.set_status(STATEFUL_SETS, obj, status)


def _number(pod: JsonObject) -> int:
    tail = pod["metadata"]["name"].rpartition("-")[2]
    return int(tail) if tail.isdigit() else 0
