"""The scheduler: finds a node for every Pod that has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_quantity, parse_time
from k8stui.practice.controllers.base import (
    CLAIMS,
    NODES,
    PODS,
    STORAGE_CLASSES,
    Controller,
    Key,
    Keys,
    deleting,
    ended,
    labels_of,
    own,
    with_condition,
)
from k8stui.practice.controllers.world import World
from k8stui.practice.store import Event

_RETRY = 30.0
_RESOURCES = ("cpu", "memory")


def requests(spec: JsonObject) -> Counter[str]:
    """What a Pod asks of its node, in thousandths: of CPUs, of bytes of memory, and one place."""
    total: Counter[str] = Counter({"pods": 1000})
    lasting = [item for item in dicts(spec, "initContainers") if item.get("restartPolicy") == "Always"]
    for item in (*dicts(spec, "containers"), *lasting):
        for resource in _RESOURCES:
            value = dig(item, "resources", "requests", resource) or dig(item, "resources", "limits", resource)
            if value:
                total[resource] += round((parse_quantity(str(value)) or 0) * 1000)
    return total


def tolerates(pod: JsonObject, taint: JsonObject) -> bool:
    """Whether one of a Pod's tolerations covers a taint."""
    for item in pod["spec"].get("tolerations") or ():
        if item.get("effect") and item["effect"] != taint.get("effect"):
            continue
        if item.get("operator") == "Exists":
            if not item.get("key") or item["key"] == taint.get("key"):
                return True
        elif item.get("key") == taint.get("key") and item.get("value", "") == taint.get("value", ""):
            return True
    return False


def repelled_by(pod: JsonObject, node: JsonObject) -> JsonObject | None:
    """The first taint of a node that keeps a new Pod away."""
    taints: list[JsonObject] = (node.get("spec") or {}).get("taints") or []
    for taint in taints:
        if taint.get("effect") in ("NoSchedule", "NoExecute") and not tolerates(pod, taint):
            return taint
    return None


def host_ports(spec: JsonObject) -> set[int]:
    """Ports of the node that a Pod takes."""
    shared = bool(spec.get("hostNetwork"))
    return {
        port.get("hostPort") or port["containerPort"]
        for item in dicts(spec, "containers")
        for port in dicts(item, "ports")
        if shared or port.get("hostPort")
    }


class Scheduler(Controller):
    """Binds Pods to nodes by taints, selectors, ports and free resources; the emptiest node wins."""

    name = "default-scheduler"
    kind = PODS

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._used: dict[str, Counter[str]] = {}
        self._ports: dict[str, Counter[int]] = {}
        self._asked: dict[Key, tuple[object, Counter[str], set[int]]] = {}
        """What Pods that wait ask for, with the containers that say so."""
        self._room: dict[str, tuple[object, Mapping[str, float]]] = {}
        """What nodes have to give, with the object that says so."""

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """Pods without a node."""
        return {PODS: self._unbound}

    def start(self) -> Iterator[Key]:
        """Pods without a node; what the others use is added up, and kept so from now on."""
        alike: Counter[tuple[str, int]] = Counter()
        first: dict[tuple[str, int], JsonObject] = {}
        for pod in self.world.store.list(PODS):
            spec = pod["spec"]
            node = spec.get("nodeName")
            if not node:
                yield from self._unbound(pod)
            elif not ended(pod):
                # Many Pods share their containers: these are added up together.
                key = node, id(spec.get("containers"))
                alike[key] += 1
                first.setdefault(key, pod)
        for key, pod in first.items():
            self._count(pod, alike[key])
        self.world.listen(PODS, self._learn)

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Bind one Pod, or say why it cannot be."""
        pod = self.world.find(PODS, namespace, name)
        if pod is None or not any(self._unbound(pod)):
            self._asked.pop((namespace, name), None)
            return None
        if dig(pod, "spec", "schedulingGates"):
            return None
        waiting = self._waits_for_claim(pod)
        reasons: Counter[str] = Counter()
        best: tuple[float, str] | None = None
        nodes = self.world.store.list(NODES)
        wanted, ports = self._wishes(pod)
        for node in nodes:
            why = waiting or self._refusal(pod, node, wanted, ports)
            if why:
                reasons[why] += 1
                continue
            score = self._load(node)
            if best is None or score < best[0]:
                best = (score, node["metadata"]["name"])
        if best is not None:
            self._asked.pop((namespace, name), None)
            self._bind(pod, best[1])
            return None
        self._refuse(pod, len(nodes), reasons, waiting)
        born = parse_time(pod["metadata"]["creationTimestamp"])
        return self.world.pause(_RETRY, born or 0.0)

    def _unbound(self, pod: JsonObject) -> Iterator[Key]:
        spec = pod["spec"]
        if (
            not spec.get("nodeName")
            and not deleting(pod)
            and spec.get("schedulerName", self.name) == self.name
        ):
            yield own(pod)

    def _bind(self, pod: JsonObject, node: str) -> None:
        now = self.world.now()
        scheduled = {
            "type": "PodScheduled",
            "status": "True",
            "lastProbeTime": None,
            "lastTransitionTime": now,
        }
        status = {**(pod.get("status") or {}), "phase": "Pending", "conditions": [scheduled]}
        bound = {**pod, "spec": {**pod["spec"], "nodeName": node}, "status": status}
        pod = self.world.store.update(PODS, bound)
        name = "/".join(own(pod))
        self.world.say(pod, "Scheduled", f"Successfully assigned {name} to {node}", by=self.name)

    def _refuse(self, pod: JsonObject, nodes: int, reasons: Counter[str], waiting: str) -> None:
        counted = ", ".join(sorted(f"{count} {reason}" for reason, count in reasons.items()))
        message = f"0/{nodes} nodes are available: {waiting or counted}."
        if not waiting:
            helpless = f"{nodes} Preemption is not helpful for scheduling"
            message += f" preemption: 0/{nodes} nodes are available: {helpless}."
        refused = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
        status = pod.get("status") or {}
        old = status.get("conditions") or ()
        conditions = with_condition(old, refused, self.world.now())
        if status.get("phase") != "Pending" or conditions != old:
            pod = self.world.set_status(PODS, pod, {**status, "phase": "Pending", "conditions": conditions})
        self.world.say(pod, "FailedScheduling", message, by=self.name, warning=True, every=_RETRY)

    def _refusal(self, pod: JsonObject, node: JsonObject, wanted: Counter[str], ports: set[int]) -> str:
        """Why a Pod cannot go to a node, in the scheduler's words; empty when it can."""
        taint = repelled_by(pod, node)
        if taint is not None:
            if taint["key"] == "node.kubernetes.io/unschedulable":
                return "node(s) were unschedulable"
            value = f": {taint['value']}" if taint.get("value") else ": "
            return f"node(s) had untolerated taint {{{taint['key']}{value}}}"
        labels = labels_of(node)
        if any(labels.get(key) != value for key, value in (dig(pod, "spec", "nodeSelector") or {}).items()):
            return "node(s) didn't match Pod's node affinity/selector"
        name = node["metadata"]["name"]
        taken = self._ports.get(name) or ()
        if any(port in taken for port in ports):
            return "node(s) didn't have free ports for the requested pod ports"
        used = self._used.get(name) or Counter()
        free = self._free(node)
        for resource, text in (
            ("cpu", "Insufficient cpu"),
            ("memory", "Insufficient memory"),
            ("pods", "Too many pods"),
        ):
            if used[resource] + wanted[resource] > free[resource]:
                return text
        return ""

    def _waits_for_claim(self, pod: JsonObject) -> str:
        """What a Pod's claims lack, if anything: one is missing, or should have been bound at once."""
        namespace = pod["metadata"]["namespace"]
        for volume in dicts(pod, "spec", "volumes"):
            name = dig(volume, "persistentVolumeClaim", "claimName")
            if not name:
                continue
            claim = self.world.find(CLAIMS, namespace, name)
            if claim is None:
                return f'persistentvolumeclaim "{name}" not found'
            if dig(claim, "status", "phase") == "Bound":
                continue
            found = self.world.find(STORAGE_CLASSES, "", dig(claim, "spec", "storageClassName") or "")
            if found is None or found.get("volumeBindingMode") != "WaitForFirstConsumer":
                return "pod has unbound immediate PersistentVolumeClaims"
        return ""

    def _load(self, node: JsonObject) -> float:
        """How full a node is by requests, from 0 on."""
        used = self._used.get(node["metadata"]["name"]) or Counter()
        free = self._free(node)
        shares = [used[r] / (free[r] or 1) for r in (*_RESOURCES, "pods")]
        return max(shares) + sum(shares) / 2

    def _free(self, node: JsonObject) -> Mapping[str, float]:
        """What a node has to give, as numbers."""
        said = (node.get("status") or {}).get("allocatable") or {}
        name = node["metadata"]["name"]
        known = self._room.get(name)
        if known is None or known[0] is not said:
            room = {r: (parse_quantity(str(said.get(r, "0"))) or 0.0) * 1000 for r in (*_RESOURCES, "pods")}
            known = self._room[name] = said, room
        return known[1]

    def _wishes(self, pod: JsonObject) -> tuple[Counter[str], set[int]]:
        """What a Pod that waits asks for; it is asked again and again."""
        spec, key = pod["spec"], own(pod)
        known = self._asked.get(key)
        if known is None or known[0] is not spec:
            known = self._asked[key] = spec, requests(spec), host_ports(spec)
        return known[1], known[2]

    def _learn(self, event: Event) -> None:
        if event.previous is not None and event.type == "MODIFIED":
            old, new = event.previous.object, event.entry.object
            if old["spec"] is new["spec"] and ended(old) == ended(new):
                return
        if event.previous is not None:
            self._count(event.previous.object, -1)
        if event.type != "DELETED":
            self._count(event.entry.object, 1)

    def _count(self, pod: JsonObject, times: int) -> None:
        spec = pod["spec"]
        node = spec.get("nodeName")
        if not node or ended(pod):
            return
        wanted, ports = requests(spec), host_ports(spec)
        used = self._used.setdefault(node, Counter())
        for resource, amount in wanted.items():
            used[resource] += times * amount
        if ports:
            taken = self._ports.setdefault(node, Counter())
            for port in ports:
                taken[port] += times
                if not taken[port]:
                    del taken[port]
