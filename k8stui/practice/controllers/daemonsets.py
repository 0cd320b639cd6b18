"""DaemonSet: one Pod on every node that fits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.practice.controllers.base import (
    DAEMON_SETS,
    NODES,
    PODS,
    ByStanding,
    Controller,
    Key,
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
from k8stui.practice.controllers.daemonpods import HASH, daemon_pod, node_of, runs_on, stays_on, tolerant
from k8stui.practice.controllers.ownership import claim, claimants
from k8stui.practice.controllers.retries import Retries
from k8stui.practice.controllers.revisions import current_revision, forget_revisions
from k8stui.practice.controllers.template import scaled
from k8stui.practice.controllers.world import World
from k8stui.practice.errors import StatusError


class _Place(msgspec.Struct):
    """A node as a DaemonSet sees it."""

    wanted: bool
    """Whether a Pod is to run there."""
    pods: list[JsonObject]
    """Those that are there, the oldest first, with those on their way out."""


class DaemonSets(Controller):
    """Makes, rolls and removes the Pods of every DaemonSet."""

    name = "daemonset-controller"
    kind = DAEMON_SETS

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._retries = Retries()
        self._nodes: dict[str, tuple[object, object]] = {}
        """What each node's labels and taints were when a change of it was last looked at."""

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The DaemonSets, the Pods they made, and nodes that come, go or change their labels and taints."""
        pods = claimants(self.world, DAEMON_SETS, lambda obj: dig(obj, "spec", "selector"))
        return {DAEMON_SETS: own_key, PODS: ByStanding(pods), NODES: self._everyone}

    def _everyone(self, node: JsonObject) -> Iterator[Key]:
        name = node["metadata"]["name"]
        found = self.world.find(NODES, "", name)
        if found is None:
            self._nodes.pop(name, None)
        else:
            said = found["metadata"].get("labels"), dig(found, "spec", "taints")
            if self._nodes.get(name) == said:
                return
            self._nodes[name] = said
        yield from (own(obj) for obj in self.world.store.list(DAEMON_SETS))

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Bring one DaemonSet's Pods in line with the nodes."""
        obj = self.world.find(DAEMON_SETS, namespace, name)
        if obj is None:
            self._retries.forget((namespace, name))
            return None
        if deleting(obj):
            return None
        mark = current_revision(self.world, obj, HASH)
        places = self._places(obj)
        again: float | None = max(0.0, self._retries.wait((namespace, name), self.world.clock())) or None
        if again is None:
            try:
                self._manage(obj, places, mark)
                if dig(obj, "spec", "updateStrategy", "type") != "OnDelete":
                    self._roll(obj, places, mark)
            except StatusError as error:
                message = f"Error creating: {error.message}"
                self.world.say(obj, "FailedCreate", message, by=self.name, warning=True)
                again = self._retries.failed((namespace, name), self.world.clock())
        waits = self._tell(obj, self._places(obj), mark)
        pods = (pod for place in places.values() for pod in place.pods)
        forget_revisions(self.world, obj, HASH, {mark, *(labels_of(pod).get(HASH, "") for pod in pods)})
        return min((wait for wait in (*waits, again) if wait is not None and wait > 0), default=None)

    def _places(self, obj: JsonObject) -> dict[str, _Place]:
        """Every node that is to have a Pod, or has one."""
        template = tolerant(obj["spec"]["template"])
        places: dict[str, _Place] = {}
        for pod in claim(self.world, obj, PODS, dig(obj, "spec", "selector")):
            if not (ended(pod) and deleting(pod)):
                places.setdefault(node_of(pod), _Place(False, [])).pods.append(pod)
        for node in self.world.store.list(NODES):
            if runs_on(template, node):
                places.setdefault(node["metadata"]["name"], _Place(True, [])).wanted = True
        for place in places.values():
            place.pods.sort(key=lambda pod: str(pod["metadata"]["creationTimestamp"]))
        return places

    def _manage(self, obj: JsonObject, places: Mapping[str, _Place], mark: str) -> None:
        """Make what is missing, remove what has ended, is one too many, or where it must not be."""
        template = tolerant(obj["spec"]["template"])
        for node, place in places.items():
            if place.wanted and not place.pods:
                place.pods.append(self._make(obj, template, node, mark))
                continue
            found = self.world.find(NODES, "", node)
            if found is None or not (place.wanted or stays_on(template, found)):
                for pod in place.pods:
                    self._remove(obj, pod)
                continue
            running = [pod for pod in place.pods if not deleting(pod)]
            for pod in [pod for pod in running if ended(pod)]:
                running.remove(pod)
                self._replace(obj, pod, node)
            for pod in self._too_many(obj, running, mark):
                self._remove(obj, pod)

    def _too_many(self, obj: JsonObject, running: list[JsonObject], mark: str) -> list[JsonObject]:
        """All but the oldest; while the new Pod surges, all but the oldest of the new and of the old."""
        if not _surge(obj):
            return running[1:]
        new = [pod for pod in running if labels_of(pod).get(HASH) == mark]
        old = [pod for pod in running if labels_of(pod).get(HASH) != mark]
        return [*new[1:], *old[1:]]

    def _replace(self, obj: JsonObject, pod: JsonObject, node: str) -> None:
        """Delete a Pod that has ended, later and later when it keeps failing."""
        namespace, name = own(pod)
        key = namespace, f"{obj['metadata']['name']}@{node}"
        if dig(pod, "status", "phase") == "Succeeded":
            message = f"Found succeeded daemon pod {namespace}/{name} on node {node}, will try to delete it"
            self.world.say(obj, "SucceededDaemonPod", message, by=self.name)
        else:
            if self._retries.wait(key, self.world.clock()) > 0:
                return
            self._retries.failed(key, self.world.clock())
            message = f"Found failed daemon pod {namespace}/{name} on node {node}, will try to kill it"
            self.world.say(obj, "FailedDaemonPod", message, by=self.name, warning=True)
        self._remove(obj, pod)

    def _make(self, obj: JsonObject, template: JsonObject, node: str, mark: str) -> JsonObject:
        pod = self.world.create(PODS, daemon_pod(self.world, obj, template, node, mark))
        name = pod["metadata"]["name"]
        self.world.say(obj, "SuccessfulCreate", f"Created pod: {name}", by=self.name)
        return pod

    def _remove(self, obj: JsonObject, pod: JsonObject) -> None:
        if deleting(pod):
            return
        self.world.delete(PODS, pod)
        self.world.say(obj, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}", by=self.name)

    def _roll(self, obj: JsonObject, places: Mapping[str, _Place], mark: str) -> None:
        """Replace Pods of earlier templates, as many at a time as may be missing, or be one too many."""
        desired = sum(place.wanted for place in places.values())
        least, now = dig(obj, "spec", "minReadySeconds") or 0, self.world.clock()
        surge = _surge(obj, desired)
        lack = dig(obj, "spec", "updateStrategy", "rollingUpdate", "maxUnavailable")
        may_lack = scaled(1 if lack is None else lack, desired, up=True)
        if not surge and not may_lack:
            may_lack = 1
        down, surging, sick, well = 0, 0, [], []
        for node, place in places.items():
            alive = [pod for pod in place.pods if not deleting(pod)]
            new = next((pod for pod in alive if labels_of(pod).get(HASH) == mark), None)
            old = next((pod for pod in alive if labels_of(pod).get(HASH) != mark), None)
            up = new is not None and available(new, least, now)
            if old is None:
                down += not up
            elif new is not None:
                down += 1
                if surge and up:
                    self._remove(obj, old)
                surging += not up
            elif available(old, least, now):
                well.append((node, old))
            else:
                down += 1
                sick.append((node, old))
        if not surge:
            for _, pod in [*sick, *well[: max(0, may_lack - down)]]:
                self._remove(obj, pod)
            return
        template = tolerant(obj["spec"]["template"])
        for node, _ in [*sick, *well[: max(0, surge - surging)]]:
            if places[node].wanted:
                self._make(obj, template, node, mark)

    def _tell(self, obj: JsonObject, places: Mapping[str, _Place], mark: str) -> list[float]:
        """Write the status; seconds until each Pod that is ready is available."""
        least, now = dig(obj, "spec", "minReadySeconds") or 0, self.world.clock()
        firsts = [place.pods[0] for place in places.values() if place.wanted and place.pods]
        desired = sum(place.wanted for place in places.values())
        up = [pod for pod in firsts if is_true(pod, "Ready")]
        waits = [available_in(pod, least, now) for pod in up]
        there = sum(wait <= 0 for wait in waits)
        status: JsonObject = {
            "currentNumberScheduled": len(firsts),
            "numberMisscheduled": sum(not place.wanted for place in places.values()),
            "desiredNumberScheduled": desired,
            "numberReady": len(up),
            "observedGeneration": obj["metadata"].get("generation", 1),
        }
        for key, value in (
            ("updatedNumberScheduled", sum(labels_of(pod).get(HASH) == mark for pod in firsts)),
            ("numberAvailable", there),
            ("numberUnavailable", desired - there),
        ):
            if value:
                status[key] = value
        self.world.set_status(DAEMON_SETS, obj, status)
        return waits


def _surge(obj: JsonObject, desired: int = 100) -> int:
    """How many nodes may have a new Pod beside the old one."""
    most = dig(obj, "spec", "updateStrategy", "rollingUpdate", "maxSurge")
    return scaled(0 if most is None else most, desired, up=True)
