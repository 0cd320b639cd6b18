"""StatefulSet: numbered Pods, made one after the other, each with claims of its own."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.practice.controllers import petclaims
from k8stui.practice.controllers.base import (
    CLAIMS,
    PODS,
    STATEFUL_SETS,
    ByStanding,
    Controller,
    Keys,
    available,
    available_in,
    deleting,
    ended,
    is_true,
    labels_of,
    own,
    own_key,
)
from k8stui.practice.controllers.ownership import claim, claimants
from k8stui.practice.controllers.retries import Retries
from k8stui.practice.controllers.revisions import current_revision, forget_revisions, template_of
from k8stui.practice.controllers.template import pod_from, scaled
from k8stui.practice.controllers.world import World
from k8stui.practice.errors import StatusError

_HASH = "controller-revision-hash"
_REVISION_LABEL = "controller.kubernetes.io/hash"


class _Set(msgspec.Struct):
    """A StatefulSet as it is looked at: its Pods by number, and the names of its revisions."""

    obj: JsonObject
    pods: dict[int, JsonObject]
    current: str
    update: str
    now: float

    @property
    def name(self) -> str:
        return str(self.obj["metadata"]["name"])

    @property
    def numbers(self) -> range:
        """The numbers that its Pods are to have."""
        start = dig(self.obj, "spec", "ordinals", "start") or 0
        wanted = dig(self.obj, "spec", "replicas")
        return range(start, start + (1 if wanted is None else wanted))

    @property
    def ordered(self) -> bool:
        return bool(dig(self.obj, "spec", "podManagementPolicy") != "Parallel")

    @property
    def least(self) -> float:
        return float(dig(self.obj, "spec", "minReadySeconds") or 0)

    @property
    def rolling(self) -> bool:
        return bool((dig(self.obj, "spec", "updateStrategy", "type") or "RollingUpdate") == "RollingUpdate")

    @property
    def partition(self) -> int:
        return int(dig(self.obj, "spec", "updateStrategy", "rollingUpdate", "partition") or 0)

    def up(self, number: int) -> bool:
        """Whether a Pod is there, stays, and has been ready for long enough."""
        pod = self.pods.get(number)
        return pod is not None and available(pod, self.least, self.now)

    def stale(self, number: int) -> bool:
        """Whether a Pod is not of the newest template, and not on its way out yet."""
        pod = self.pods.get(number)
        return pod is not None and not deleting(pod) and labels_of(pod).get(_HASH) != self.update


class StatefulSets(Controller):
    """Makes, rolls and removes the Pods of every StatefulSet in order."""

    name = "statefulset-controller"
    kind = STATEFUL_SETS

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._retries = Retries()

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The StatefulSets, the Pods they made or could adopt, and claims that their Pods wait for."""
        pods = claimants(self.world, STATEFUL_SETS, lambda obj: dig(obj, "spec", "selector"))
        return {STATEFUL_SETS: own_key, PODS: ByStanding(pods)}

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Do the next step for one StatefulSet, then bring its status up to date."""
        obj = self.world.find(STATEFUL_SETS, namespace, name)
        if obj is None:
            self._retries.forget((namespace, name))
            return None
        found = self._look(obj)
        again: float | None = None
        if not deleting(obj):
            again = max(0.0, self._retries.wait((namespace, name), found.now)) or None
            try:
                if again is None and self._steady(found) and found.rolling:
                    self._roll(found)
                    self._retries.forget((namespace, name))
            except StatusError:
                again = self._retries.failed((namespace, name), found.now)
        self._tell(obj, found)
        in_use = {labels_of(pod).get(_HASH, "").removeprefix(f"{name}-") for pod in found.pods.values()}
        in_use |= {found.current.removeprefix(f"{name}-"), found.update.removeprefix(f"{name}-")}
        forget_revisions(self.world, obj, _REVISION_LABEL, in_use)
        waits = [available_in(p, found.least, found.now) for p in found.pods.values() if is_true(p, "Ready")]
        return min((w for w in (*waits, again) if w is not None and w > 0), default=None)

    def _look(self, obj: JsonObject) -> _Set:
        name = obj["metadata"]["name"]
        update = f"{name}-{current_revision(self.world, obj, _REVISION_LABEL)}"
        pods: dict[int, JsonObject] = {}
        for pod in claim(self.world, obj, PODS, dig(obj, "spec", "selector")):
            number = petclaims.number_of(pod, name)
            if number is not None:
                pods[number] = pod
        current = dig(obj, "status", "currentRevision") or update
        if template_of(self.world, obj["metadata"]["namespace"], current) is None:
            current = update
        return _Set(obj, pods, current, update, self.world.clock())

    def _steady(self, found: _Set) -> bool:
        """Make what is missing and remove what is too much: whether every Pod has had its turn."""
        for number in found.numbers:
            if not self._settle(found, number) and found.ordered:
                return False
        surplus = sorted((n for n in found.pods if n not in found.numbers), reverse=True)
        for number in surplus:
            petclaims.own_claims(self.world, found.obj, found.pods[number], condemned=True)
        sick = [n for n in (*found.numbers, *reversed(surplus)) if not found.up(n)]
        for number in surplus:
            pod = found.pods[number]
            if not deleting(pod):
                if found.ordered and not found.up(number) and number != sick[0]:
                    return False
                self._remove(found, number)
            if found.ordered:
                return False
        return True

    def _settle(self, found: _Set, number: int) -> bool:
        """See to one Pod that is to be there: whether it is, and is available."""
        pod = found.pods.get(number)
        if pod is None:
            self._make(found, number)
            return False
        if ended(pod):
            if not deleting(pod):
                self._remove(found, number)
            return False
        if dig(pod, "status", "phase") == "Pending":
            petclaims.make_claims(self.world, found.obj, pod, self.name)
        petclaims.own_claims(self.world, found.obj, pod, condemned=False)
        return found.up(number)

    def _roll(self, found: _Set) -> None:
        """Delete Pods of an earlier template, from the last on, as many as may be unavailable."""
        most = dig(found.obj, "spec", "updateStrategy", "rollingUpdate", "maxUnavailable")
        budget = max(1, scaled(1 if most is None else most, len(found.numbers), up=False))
        down = sum(not found.up(number) for number in found.numbers)
        first = found.numbers.start + found.partition
        numbers = [n for n in reversed(found.numbers) if n >= first and found.stale(n)]
        if found.ordered:
            for number in numbers[: max(0, budget - down)]:
                self._remove(found, number)
            return
        for number in [n for n in numbers if not found.up(n)]:
            self._remove(found, number)
        for number in [n for n in numbers if found.up(n)][: max(0, budget - down)]:
            self._remove(found, number)

    def _remove(self, found: _Set, number: int) -> None:
        pod = found.pods[number]
        self.world.delete(PODS, pod)
        message = f"Delete Pod {pod['metadata']['name']} in StatefulSet {found.name} successful"
        self.world.say(found.obj, "SuccessfulDelete", message, by=self.name)
        left = self.world.find(PODS, *own(pod))
        if left is None:
            del found.pods[number]
        else:
            found.pods[number] = left

    def _make(self, found: _Set, number: int) -> None:
        """A Pod of the newest template, or below the partition of the current one."""
        obj, name = found.obj, f"{found.name}-{number}"
        below = found.rolling and number < found.numbers.start + found.partition
        revision = found.current if below else found.update
        template = template_of(self.world, obj["metadata"]["namespace"], revision) or obj["spec"]["template"]
        spec: JsonObject = {"hostname": name}
        if obj["spec"].get("serviceName"):
            spec["subdomain"] = obj["spec"]["serviceName"]
        if volumes := petclaims.volumes(obj, template, name):
            spec["volumes"] = volumes
        labels = {
            "apps.kubernetes.io/pod-index": str(number),
            _HASH: revision,
            "statefulset.kubernetes.io/pod-name": name,
        }
        pod = pod_from(self.world, obj, template, name, labels=labels, spec=spec, generate=False)
        pod["metadata"]["generateName"] = f"{found.name}-"
        try:
            if self._claims_go(obj, pod):
                return
            petclaims.make_claims(self.world, obj, pod, self.name)
            if self.world.find(PODS, *own(pod)) is not None:
                return
            pod = self.world.create(PODS, pod)
        except StatusError as error:
            message = f"Create Pod {name} in StatefulSet {found.name} failed error: {error.message}"
            self.world.say(obj, "FailedCreate", message, by=self.name, warning=True)
            raise
        petclaims.own_claims(self.world, obj, pod, condemned=False)
        message = f"Create Pod {name} in StatefulSet {found.name} successful"
        self.world.say(obj, "SuccessfulCreate", message, by=self.name)
        found.pods[number] = pod

    def _claims_go(self, obj: JsonObject, pod: JsonObject) -> bool:
        """Whether a claim still belongs to an earlier Pod of the same name, with which it is to go."""
        for name in petclaims.claim_names(obj, pod["metadata"]["name"]):
            held = self.world.find(CLAIMS, obj["metadata"]["namespace"], name)
            for ref in (held or {}).get("metadata", {}).get("ownerReferences") or ():
                if ref["kind"] == "Pod" and ref["name"] == pod["metadata"]["name"]:
                    return True
        return False

    def _tell(self, obj: JsonObject, found: _Set) -> None:
        pods = list(found.pods.values())
        staying = [labels_of(pod).get(_HASH) for pod in pods if not deleting(pod)]
        up = [pod for pod in pods if dig(pod, "status", "phase") == "Running" and is_true(pod, "Ready")]
        status: JsonObject = {
            "observedGeneration": obj["metadata"].get("generation", 1),
            "replicas": len(pods),
        }
        updated, current, revision = staying.count(found.update), staying.count(found.current), found.current
        wanted = len(found.numbers)
        if found.rolling and updated == wanted == len(pods) == len(up):
            current, revision = updated, found.update
        for key, value in (
            ("readyReplicas", len(up)),
            ("currentReplicas", current),
            ("updatedReplicas", updated),
        ):
            if value:
                status[key] = value
        steady = sum(available_in(pod, found.least, found.now) <= 0 for pod in up)
        status.update(
            currentRevision=revision,
            updateRevision=found.update,
            collisionCount=dig(obj, "status", "collisionCount") or 0,
            availableReplicas=steady,
        )
        if conditions := dig(obj, "status", "conditions"):
            status["conditions"] = conditions
        self.world.set_status(STATEFUL_SETS, obj, status)
