"""The kubelet: starts what is bound to its node, keeps telling how it fares, and ends what is deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import (
    CONFIG_MAPS,
    NODES,
    PODS,
    SECRETS,
    Controller,
    Key,
    Keys,
    deleting,
    ended,
    own,
)
from k8stui.practice.controllers.pods import first_status, live
from k8stui.practice.controllers.world import World

_GOODBYE = 1.0
"""Seconds that a Pod takes to end after it was told to."""


class Kubelet(Controller):
    """All kubelets of the cluster at once."""

    name = "kubelet"
    kind = PODS
    thorough = True

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._used: set[str] = set()
        self._told: dict[Key, JsonObject] = {}
        """The status of each restless Pod as it was left here."""

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """Pods that have a node."""
        return {PODS: self._bound}

    def start(self) -> Iterator[Key]:
        """Pods that are not simply running; every address in use is noted."""
        known: dict[tuple[int, int, str | None], bool] = {}
        for pod in self.world.store.list(PODS):
            status = pod.get("status") or {}
            if "podIP" in status:
                self._used.add(status["podIP"])
            # Many Pods share their containers and what became of them: one of these tells of all.
            spec = pod["spec"]
            key = id(spec.get("containers")), id(status.get("containerStatuses")), spec.get("restartPolicy")
            plain = status.get("phase") == "Running" and "initContainers" not in spec
            if not plain or deleting(pod):
                steady = self._steady(pod)
            elif key in known:
                steady = known[key]
            else:
                steady = known[key] = self._steady(pod)
            if not steady:
                yield own(pod)

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Carry one Pod on to now."""
        pod = self.world.find(PODS, namespace, name)
        if pod is None or not pod["spec"].get("nodeName"):
            self._told.pop((namespace, name), None)
            return None
        if deleting(pod):
            return self._end(pod)
        if ended(pod):
            return None
        now = self.world.clock()
        status = pod.get("status") or {}
        if not status.get("startTime"):
            status = first_status(pod, self.world.now(), self._node_address(pod["spec"]["nodeName"]))
        settled = self._told.get((namespace, name)) is status
        lacks = self._lacks(namespace)
        programs, pause = self.world.programs, self.world.pause
        life = live(pod, status, now, programs, lacks, pause=pause, settled=settled)
        status = self._with_address(pod, life.status)
        if status is not pod.get("status"):
            pod = self.world.set_status(PODS, pod, status)
            if self._steady(pod):
                self._told.pop((namespace, name), None)
            else:
                self._told[namespace, name] = pod["status"]
        for path, word in life.said:
            self.world.say(
                pod,
                word.reason,
                word.message,
                by=self.name,
                warning=word.warning,
                field=path,
                host=pod["spec"]["nodeName"],
                every=word.every,
            )
        return None if life.due is None else max(0.0, life.due - now)

    def _bound(self, pod: JsonObject) -> Iterator[Key]:
        if pod["spec"].get("nodeName") and (deleting(pod) or not self._steady(pod)):
            yield own(pod)

    def _steady(self, pod: JsonObject) -> bool:
        """Whether nothing will happen to a Pod by itself."""
        if deleting(pod):
            return False
        if ended(pod):
            return True
        status = pod.get("status") or {}
        statuses = (*(status.get("containerStatuses") or ()), *(status.get("initContainerStatuses") or ()))
        if status.get("phase") != "Running" or not all(item.get("ready") for item in statuses):
            return False
        spec = pod["spec"]
        steady = self.world.programs.steady
        return spec.get("restartPolicy", "Always") == "Always" and all(
            steady(item["image"]) and "command" not in item and "args" not in item
            for item in (*spec["containers"], *(spec.get("initContainers") or ()))
        )

    def _end(self, pod: JsonObject) -> float | None:
        metadata = pod["metadata"]
        grace = metadata.get("deletionGracePeriodSeconds") or 0
        told = (parse_time(metadata["deletionTimestamp"]) or 0.0) - grace
        wait = told + min(_GOODBYE, grace) - self.world.clock()
        if wait > 0:
            return wait
        if metadata.get("finalizers"):
            return None
        for item in dicts(pod, "spec", "containers"):
            if grace:
                self.world.say(
                    pod,
                    "Killing",
                    f"Stopping container {item['name']}",
                    by=self.name,
                    field=f"spec.containers{{{item['name']}}}",
                    host=pod["spec"]["nodeName"],
                )
        self._used.discard(dig(pod, "status", "podIP") or "")
        self.world.store.delete(PODS, metadata["namespace"], metadata["name"])
        return None

    def _lacks(self, namespace: str) -> Callable[[JsonObject], str]:
        """Finds the first ConfigMap or Secret that a container's environment names in vain."""

        def lacks(container: JsonObject) -> str:
            for kind, word, ref in _references(container):
                name = ref.get("name", "")
                if not ref.get("optional") and self.world.find(kind, namespace, name) is None:
                    return f'{word} "{name}" not found'
            return ""

        return lacks

    def _with_address(self, pod: JsonObject, status: JsonObject) -> JsonObject:
        if status.get("podIP") or not any(
            item.get("containerID")
            for item in (*status["containerStatuses"], *(status.get("initContainerStatuses") or ()))
        ):
            return status
        address = status.get("hostIP", "") if pod["spec"].get("hostNetwork") else self._new_address(pod)
        return {**status, "podIP": address, "podIPs": [{"ip": address}]}

    def _new_address(self, pod: JsonObject) -> str:
        """A free address out of the node's range."""
        node = self.world.find(NODES, "", pod["spec"]["nodeName"])
        base = str(dig(node, "spec", "podCIDR") or "10.244.250.0/24").rpartition(".")[0]
        for _ in range(1_000):
            address = f"{base}.{self.world.rng.randint(2, 254)}"
            if address not in self._used:
                break
        self._used.add(address)
        return address

    def _node_address(self, name: str) -> str:
        node = self.world.find(NODES, "", name)
        found = (a["address"] for a in dicts(node, "status", "addresses") if a.get("type") == "InternalIP")
        return next(found, "")


def _references(container: JsonObject) -> Iterator[tuple[ResourceKind, str, JsonObject]]:
    for source in dicts(container, "envFrom"):
        for key, kind, word in (("configMapRef", CONFIG_MAPS, "configmap"), ("secretRef", SECRETS, "secret")):
            if key in source:
                yield kind, word, source[key]
    for variable in dicts(container, "env"):
        origin = variable.get("valueFrom") or {}
        for key, kind, word in (
            ("configMapKeyRef", CONFIG_MAPS, "configmap"),
            ("secretKeyRef", SECRETS, "secret"),
        ):
            if key in origin:
                yield kind, word, origin[key]
