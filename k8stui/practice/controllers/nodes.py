"""Nodes: heartbeats, what a kubelet says of its node, and what the control plane makes of its silence."""

from __future__ import annotations

from collections.abc import Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import (
    LEASES,
    NODES,
    PODS,
    ByEvent,
    Controller,
    Keys,
    ended,
    is_true,
    own_key,
    with_condition,
)
from k8stui.practice.controllers.nodehealth import (
    conditions_of,
    first_report,
    kubelet_runs,
    pressure,
    silent,
    tainted,
)
from k8stui.practice.controllers.world import World, micro, stamp

_RENEW = 10.0
_TELL = 300.0
_SPACE = "kube-node-lease"
_GRACE = 50.0
"""Seconds without a sign of life after which a node counts as lost."""
_UP = 2.0
"""Seconds that a new node takes to get ready."""


class Heartbeats(Controller):
    """Renews the lease of every node ten seconds by ten seconds, and its conditions every five minutes."""

    name = "kubelet"
    manager = "kubelet"
    kind = NODES

    def reconcile(self, namespace: str, name: str) -> float | None:
        """One heartbeat of one node."""
        node = self.world.find(NODES, "", name)
        if node is None or not kubelet_runs(node):
            return None
        now = self.world.clock()
        lease = self.world.find(LEASES, _SPACE, name)
        due = (parse_time(dig(lease, "spec", "renewTime")) or 0.0) + _RENEW if lease else 0.0
        if due <= now:
            self._renew(node, lease)
            due = now + _RENEW
        said = [parse_time(c.get("lastHeartbeatTime")) or 0.0 for c in dicts(node, "status", "conditions")]
        if said and now - min(said) >= _TELL:
            conditions = [
                {**found, "lastHeartbeatTime": self.world.now()}
                for found in dicts(node, "status", "conditions")
            ]
            self.world.set_status(NODES, node, {**node["status"], "conditions": conditions})
        return due - now

    def _renew(self, node: JsonObject, lease: JsonObject | None) -> None:
        metadata = node["metadata"]
        spec = {
            "holderIdentity": metadata["name"],
            "leaseDurationSeconds": 40,
            "renewTime": micro(self.world.clock()),
        }
        if lease is not None:
            self.world.store.update(LEASES, {**lease, "spec": spec})
            return
        owner = {"apiVersion": "v1", "kind": "Node", "name": metadata["name"], "uid": metadata["uid"]}
        name = {"name": metadata["name"], "namespace": _SPACE, "ownerReferences": [owner]}
        if self.world.find(NODES, "", metadata["name"]) is not None:
            self.world.create(LEASES, {"metadata": name, "spec": spec})


class NodeLifecycle(Controller):
    """Gets new nodes ready, notices lost ones, and taints nodes by their conditions."""

    name = "node-controller"
    kind = NODES

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._seen: dict[str, float] = {}
        """When a node that has said nothing yet was first seen, and when one was last heard of."""
        self._known: set[str] = set()
        self._pressed: dict[str, str] = {}
        """What nodes are told to run short of."""

    def sources(self) -> Mapping[ResourceKind, Keys | ByEvent]:
        """The nodes alone."""
        return {NODES: own_key}

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Look at one node."""
        node = self.world.find(NODES, "", name)
        if node is None:
            self._gone(name)
            return None
        self._greet(node)
        now = self.world.clock()
        ready = next((c for c in conditions_of(node) if c["type"] == "Ready"), None)
        wait: float | None = None
        if kubelet_runs(node):
            seen = self._seen.setdefault(name, now)
            if ready is None and now < seen + _UP:
                wait = seen + _UP - now
            else:
                node = self._report(node)
                self._seen.pop(name, None)
        elif ready is None or ready.get("status") != "Unknown":
            heard = self._seen.setdefault(name, self._last_sign(name, now))
            if now < heard + _GRACE:
                wait = heard + _GRACE - now
            else:
                node = self._lose(node, heard)
        else:
            self._seen.pop(name, None)
        taints = tainted(node, self.world.now())
        if taints != (dig(node, "spec", "taints") or []):
            spec = {key: value for key, value in (node.get("spec") or {}).items() if key != "taints"}
            if taints:
                spec["taints"] = taints
            self.world.store.update(NODES, {**node, "spec": spec})
        return wait

    def _last_sign(self, name: str, now: float) -> float:
        lease = self.world.find(LEASES, _SPACE, name)
        return parse_time(dig(lease, "spec", "renewTime")) or now

    def _greet(self, node: JsonObject) -> None:
        name = node["metadata"]["name"]
        if name not in self._known:
            self._known.add(name)
            if self.world.clock() - (parse_time(node["metadata"]["creationTimestamp"]) or 0.0) < _UP:
                text = f"Node {name} event: Registered Node {name} in Controller"
                self.world.say(node, "RegisteredNode", text, by=self.name)

    def _gone(self, name: str) -> None:
        self._seen.pop(name, None)
        if name in self._known:
            self._known.discard(name)
            ghost = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": name, "uid": name}}
            text = f"Node {name} event: Removing Node {name} from Controller"
            self.world.say(ghost, "RemovingNode", text, by=self.name)

    def _report(self, node: JsonObject) -> JsonObject:
        """What a kubelet that works says of its node."""
        name, short = node["metadata"]["name"], pressure(node)
        relieved = self._pressed.pop(name, "")
        if short:
            self._pressed[name] = short
        nodes, now = self.world.store.list(NODES), self.world.now()
        status = first_report(node, nodes, now, "" if relieved == short else relieved)
        was = is_true(node, "Ready")
        before = {c["type"]: c.get("status") for c in conditions_of(node)}
        if status is not node.get("status"):
            node = self.world.store.update(NODES, {**node, "status": status})
            for new in conditions_of(node):
                if before.get(new["type"]) not in (new["status"], None) or not before:
                    text = f"Node {name} status is now: {_word(new)}"
                    self.world.say(node, _word(new), text, by="kubelet", host=name)
        if not was and is_true(node, "Ready"):
            node = self._furnish(node)
        elif was and not is_true(node, "Ready"):
            self._unready(node)
        return node

    def _furnish(self, node: JsonObject) -> JsonObject:
        """Labels that a kubelet gives its node, and a range for the addresses of its Pods."""
        metadata, spec = node["metadata"], node.get("spec") or {}
        name = metadata["name"]
        labels = {"kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux", "kubernetes.io/hostname": name}
        if not spec.get("podCIDR"):
            taken = {dig(other, "spec", "podCIDR") for other in self.world.store.list(NODES)}
            free = (f"10.244.{n}.0/24" for n in range(1, 250))
            found = next((r for r in free if r not in taken), "10.244.250.0/24")
            spec = {**spec, "podCIDR": found, "podCIDRs": [found]}
        named = {**metadata, "labels": {**labels, **(metadata.get("labels") or {})}}
        new = {**node, "spec": spec, "metadata": named}
        return node if new == node else self.world.store.update(NODES, new)

    def _lose(self, node: JsonObject, heard: float) -> JsonObject:
        """Nothing is known of a node any more."""
        name = node["metadata"]["name"]
        status = {**(node.get("status") or {}), "conditions": silent(node, self.world.now(), stamp(heard))}
        node = self.world.set_status(NODES, node, status)
        self.world.say(node, "NodeNotReady", f"Node {name} status is now: NodeNotReady", by=self.name)
        self._unready(node)
        return node

    def _unready(self, node: JsonObject) -> None:
        """The Pods of a node that is not ready are not ready either, so that nothing is sent to them."""
        for pod in self.world.store.list(PODS):
            if pod["spec"].get("nodeName") != node["metadata"]["name"] or ended(pod):
                continue
            ready = next((c for c in dicts(pod, "status", "conditions") if c["type"] == "Ready"), None)
            if ready is not None and ready["status"] == "True":
                conditions = with_condition(
                    pod["status"]["conditions"], {**ready, "status": "False"}, self.world.now()
                )
                pod = self.world.set_status(PODS, pod, {**pod["status"], "conditions": conditions})
                self.world.say(pod, "NodeNotReady", "Node is not ready", by=self.name, warning=True)


def _word(condition: JsonObject) -> str:
    """The reason of the event on a condition that has changed."""
    if condition["type"] == "Ready":
        return "NodeReady" if condition["status"] == "True" else "NodeNotReady"
    return f"NodeHas{condition['reason'].removeprefix('KubeletHas')}"
