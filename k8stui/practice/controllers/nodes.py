"""Heartbeats: every kubelet renews its lease, and tells its conditions now and then."""

from __future__ import annotations

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import LEASES, NODES, Controller
from k8stui.practice.controllers.world import micro

_RENEW = 10.0
_TELL = 300.0
_SPACE = "kube-node-lease"


class Heartbeats(Controller):
    """Renews the lease of every node every ten seconds, and its conditions every five minutes."""

    name = "kubelet"
    kind = NODES

    def reconcile(self, namespace: str, name: str) -> float | None:
        """One heartbeat of one node."""
        node = self.world.find(NODES, "", name)
        if node is None:
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
