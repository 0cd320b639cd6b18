"""The scheduler: finds a node for every Pod that has none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import msgspec

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.affinity import terms
from k8stui.practice.controllers.base import (
    CLAIMS,
    NODES,
    PODS,
    STORAGE_CLASSES,
    VOLUMES,
    ByEvent,
    Controller,
    Key,
    Keys,
    deleting,
    ended,
    labels_of,
    own,
    with_condition,
)
from k8stui.practice.controllers.filters import Question, Refusal, Room
from k8stui.practice.controllers.preemption import placement, priority
from k8stui.practice.controllers.resources import Port, allocatable, host_ports, requests
from k8stui.practice.controllers.scores import best
from k8stui.practice.controllers.world import World
from k8stui.practice.store import Event

_AGAIN = 300.0
"""Seconds after which a Pod that nothing has helped is tried again."""
_LONGEST = 10.0
"""The most seconds between two tries when something has changed that may help."""
_GATED = "Scheduling is blocked due to non-empty scheduling gates"
_MADE_WAY = "default-scheduler: preempting to accommodate a higher priority pod"
_FREED = frozenset(("NodeResourcesFit", "NodePorts"))
_COMPANY = frozenset(("PodTopologySpread", "InterPodAffinity"))
_STORAGE = frozenset(("VolumeBinding",))


class _Waiting(msgspec.Struct):
    """A Pod that no node takes."""

    spec: object
    wanted: Counter[str]
    ports: frozenset[Port]
    plugins: frozenset[str] = frozenset()
    """The filters that have refused it, where it can help that Pods go."""
    tries: int = 0
    last: float = 0.0
    due: float = 0.0
    abroad: bool = False
    """Whether it looks at Pods of other namespaces."""
    nominated: str = ""
    """The node on which room is being made for it."""


class Scheduler(Controller):
    """Filters the nodes, scores what is left, and makes room for what is more important."""

    name = "default-scheduler"
    manager = "kube-scheduler"
    kind = PODS
    turn = 0

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._used: dict[str, Counter[str]] = {}
        self._ports: dict[str, Counter[Port]] = {}
        self._repelling: dict[Key, JsonObject] = {}
        self._waiting: dict[Key, _Waiting] = {}
        self._whole: dict[str, tuple[object, Mapping[str, int]]] = {}
        """What nodes have to give, with the object that says so."""

    def sources(self) -> Mapping[ResourceKind, Keys | ByEvent]:
        """Pods without a node, and whatever may help those that wait."""
        storage = ByEvent(lambda event: self._stirred(_STORAGE))
        return {
            PODS: ByEvent(self._of_pod),
            NODES: ByEvent(self._of_node),
            CLAIMS: storage,
            VOLUMES: storage,
            STORAGE_CLASSES: storage,
        }

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
                if "affinity" in spec:
                    self._repel(pod)
        for key, pod in first.items():
            self._count(pod, alike[key])
        self.world.listen(PODS, self._learn)

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Bind one Pod, or say why it cannot be."""
        key = namespace, name
        pod = self.world.find(PODS, namespace, name)
        if pod is None or not any(self._unbound(pod)):
            self._waiting.pop(key, None)
            return None
        if pod["spec"].get("schedulingGates"):
            gated = {"reason": "SchedulingGated", "message": _GATED}
            self._told(pod, {"type": "PodScheduled", "status": "False", **gated})
            return None
        now = self.world.clock()
        waiting = self._waiting.get(key)
        if waiting is None or waiting.spec is not pod["spec"]:
            spec = pod["spec"]
            waiting = self._waiting[key] = _Waiting(spec, requests(spec), host_ports(spec))
            wishes = [t for kind in ("podAffinity", "podAntiAffinity") for t in terms(pod, kind)]
            waiting.abroad = any(t.spaces or t.space_selector is not None for t in wishes)
        elif now < waiting.due:
            return waiting.due - now
        waiting.tries += 1
        waiting.last = now
        if self._place(pod, waiting):
            self._waiting.pop(key, None)
            return None
        born = parse_time(pod["metadata"]["creationTimestamp"]) or 0.0
        again = self.world.pause(_AGAIN, born)
        waiting.due = now + again
        return again

    def _unbound(self, pod: JsonObject) -> Iterator[Key]:
        spec = pod["spec"]
        if (
            not spec.get("nodeName")
            and not deleting(pod)
            and spec.get("schedulerName", self.name) == self.name
        ):
            yield own(pod)

    def _of_pod(self, event: Event) -> Iterator[Key]:
        """The Pod itself, and those whom its coming or going may help."""
        pod = event.entry.object
        if not pod["spec"].get("nodeName"):
            if event.type != "DELETED":
                yield from self._unbound(pod)
            if own(pod) in self._waiting:
                yield own(pod)
        elif not self._waiting:
            return
        elif event.type == "DELETED" or ended(pod):
            if event.previous is None or not ended(event.previous.object):
                freed = _FREED if host_ports(pod["spec"]) else _FREED - {"NodePorts"}
                yield from self._stirred(freed)
                yield from self._stirred(_COMPANY, pod["metadata"].get("namespace", ""))
        elif event.previous is None or _seen_differently(event.previous.object, pod):
            yield from self._stirred(_COMPANY, pod["metadata"].get("namespace", ""))

    def _of_node(self, event: Event) -> Iterator[Key]:
        """All that wait, where a node is new or offers itself differently."""
        if not self._waiting:
            return
        if event.type != "DELETED" and event.previous is not None:
            old, new = event.previous.object, event.entry.object
            same = old.get("spec") == new.get("spec") and old["metadata"].get("labels") == new[
                "metadata"
            ].get("labels")
            if same and dig(old, "status", "allocatable") == dig(new, "status", "allocatable"):
                return
        yield from self._stirred(None)

    def _stirred(self, plugins: frozenset[str] | None, space: str = "") -> Iterator[Key]:
        """The Pods that wait for one of the filters (None: for any): tried again, but not too often.

        Args:
            plugins: The filters.
            space: The namespace whose Pods have changed, where only those count that look at it.
        """
        now = self.world.clock()
        for key, waiting in self._waiting.items():
            if space and key[0] != space and not waiting.abroad:
                continue
            if plugins is None or plugins & waiting.plugins:
                pause = min(_LONGEST, 2.0 ** (waiting.tries - 1))
                waiting.due = min(waiting.due, max(now, waiting.last + pause))
                yield key

    def _place(self, pod: JsonObject, waiting: _Waiting) -> bool:
        """Look at every node once, and bind the Pod to the best."""
        question = Question(self.world, pod, waiting.wanted, waiting.ports, self._repelling)
        nodes = self.world.store.list(NODES)
        blocked = question.blocked()
        if blocked or not nodes:
            waiting.plugins = _STORAGE if blocked else frozenset()
            why = f"0/{len(nodes)} nodes are available: {blocked}. not found"
            self._refuse(pod, why if nodes else "no nodes available to schedule pods")
            return False
        refused: list[tuple[Room, Refusal]] = []
        fitting: list[Room] = []
        for node in nodes:
            room = self._room(node, pod)
            refusal = question.refusal(room)
            if refusal is None:
                fitting.append(room)
            else:
                refused.append((room, refusal))
        if fitting:
            self._bind(pod, best(question, fitting).name)
            return True
        waiting.plugins = frozenset(
            refusal.plugin
            for _, refusal in refused
            if not refusal.final or refusal.plugin in ("VolumeBinding", "InterPodAffinity")
        )
        reasons = Counter(reason for _, refusal in refused for reason in refusal.reasons)
        listed = ", ".join(sorted(f"{count} {reason}" for reason, count in reasons.items()))
        more = self._preempt(question, waiting, refused)
        self._refuse(
            pod, f"0/{len(nodes)} nodes are available: {listed}. preemption: {more}", waiting.nominated
        )
        return False

    def _room(self, node: JsonObject, pod: JsonObject) -> Room:
        """A node with what is used of it, and with what is kept there for others that are as important."""
        name = node["metadata"]["name"]
        said = dig(node, "status", "allocatable")
        known = self._whole.get(name)
        if known is None or known[0] is not said:
            known = self._whole[name] = said, allocatable(node)
        used = self._used.get(name) or Counter()
        for key, other in self._waiting.items():
            if other.nominated == name and key != own(pod):
                found = self.world.find(PODS, *key)
                if found is not None and priority(found) >= priority(pod):
                    used = used + other.wanted
        return Room(node, known[1], used, self._ports.get(name) or Counter())

    def _preempt(self, question: Question, waiting: _Waiting, refused: list[tuple[Room, Refusal]]) -> str:
        """Make room by deleting Pods that matter less; what came of it, in the scheduler's words."""
        pod = question.pod
        if pod["spec"].get("preemptionPolicy") == "Never":
            return "not eligible due to preemptionPolicy=Never."
        if waiting.nominated and self._leaving(waiting.nominated, priority(pod)):
            return "not eligible due to a terminating pod on the nominated node."
        open_to_it = [room for room, refusal in refused if not refusal.final]
        found = placement(question, open_to_it) if open_to_it else None
        if found is None:
            waiting.nominated = ""
            counts = [
                (len(open_to_it), "No preemption victims found for incoming pod"),
                (len(refused) - len(open_to_it), "Preemption is not helpful for scheduling"),
            ]
            listed = ", ".join(f"{count} {why}" for count, why in sorted(counts) if count)
            return f"0/{len(refused)} nodes are available: {listed}."
        waiting.nominated = found.node
        for victim in found.victims:
            self._evict(victim, pod)
        return (
            f"found a potential placement for pod on node {found.node}, "
            f"preempting {len(found.victims)} victims"
        )

    def _leaving(self, node: str, than: int) -> bool:
        return any(
            pod["spec"].get("nodeName") == node and deleting(pod) and priority(pod) < than
            for pod in self.world.store.list(PODS)
        )

    def _evict(self, victim: JsonObject, pod: JsonObject) -> None:
        said = {"type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler"}
        victim = self._told(victim, {**said, "message": _MADE_WAY})
        uid, node = pod["metadata"]["uid"], victim["spec"]["nodeName"]
        self.world.say(
            victim, "Preempted", f"Preempted by pod {uid} on node {node}", by=self.name, action="Preempting"
        )
        self.world.delete(PODS, victim)

    def _bind(self, pod: JsonObject, node: str) -> None:
        scheduled = {"type": "PodScheduled", "status": "True", "lastProbeTime": None}
        old = pod.get("status") or {}
        conditions = [c for c in old.get("conditions") or () if c.get("type") != "PodScheduled"]
        conditions.append({**scheduled, "lastTransitionTime": self.world.now()})
        status = {**old, "phase": "Pending", "conditions": conditions}
        status.pop("nominatedNodeName", None)
        bound = {**pod, "spec": {**pod["spec"], "nodeName": node}, "status": status}
        pod = self.world.store.update(PODS, bound)
        name = "/".join(own(pod))
        self.world.say(
            pod, "Scheduled", f"Successfully assigned {name} to {node}", by=self.name, action="Binding"
        )

    def _refuse(self, pod: JsonObject, message: str, nominated: str = "") -> None:
        said = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
        pod = self._told(pod, said, nominated)
        self.world.say(
            pod, "FailedScheduling", message, by=self.name, warning=True, action="Scheduling", every=_AGAIN
        )

    def _told(self, pod: JsonObject, condition: JsonObject, nominated: str = "") -> JsonObject:
        """A Pod with one more condition."""
        status = pod.get("status") or {}
        old = status.get("conditions") or ()
        conditions = with_condition(old, {**condition, "lastProbeTime": None}, self.world.now())
        kept = status.get("nominatedNodeName", "") if condition["type"] != "PodScheduled" else nominated
        if conditions == old and status.get("phase") and status.get("nominatedNodeName", "") == kept:
            return pod
        new = {"phase": "Pending", **status, "conditions": conditions, "nominatedNodeName": kept}
        if not kept:
            del new["nominatedNodeName"]
        return self.world.set_status(PODS, pod, new)

    def _learn(self, event: Event) -> None:
        if event.previous is not None and event.type == "MODIFIED":
            old, new = event.previous.object, event.entry.object
            same = old["spec"] is new["spec"] and ended(old) == ended(new)
            if same and old["metadata"].get("labels") == new["metadata"].get("labels"):
                return
        if event.previous is not None:
            self._count(event.previous.object, -1)
            self._repelling.pop(own(event.previous.object), None)
        if event.type != "DELETED":
            self._count(event.entry.object, 1)
            self._repel(event.entry.object)

    def _repel(self, pod: JsonObject) -> None:
        if pod["spec"].get("nodeName") and not ended(pod) and dig(pod, "spec", "affinity", "podAntiAffinity"):
            self._repelling[own(pod)] = pod

    def _count(self, pod: JsonObject, times: int) -> None:
        spec = pod["spec"]
        node = spec.get("nodeName")
        if not node or ended(pod):
            return
        used = self._used.setdefault(node, Counter())
        for resource, amount in requests(spec).items():
            used[resource] += times * amount
        taken = self._ports.setdefault(node, Counter())
        for port in host_ports(spec):
            taken[port] += times
            if not taken[port]:
                del taken[port]


def _seen_differently(old: JsonObject, new: JsonObject) -> bool:
    """Whether a Pod that has a node is one that others see differently."""
    moved = bool(old["spec"].get("nodeName") != new["spec"]["nodeName"])
    return moved or labels_of(old) != labels_of(new)
