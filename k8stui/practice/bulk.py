"""Many Pods at little cost: running, of two containers each, sharing all that is the same in every one.

Who wrote them is not told: managedFields would make most of every answer, for Pods that are there to be many.
"""

from __future__ import annotations

import random
import uuid

from k8stui.core.objects import JsonObject
from k8stui.practice.admission.pods import admit_pod
from k8stui.practice.api.defaults import fill as fill_defaults
from k8stui.practice.api.poddefaults import pod_spec
from k8stui.practice.controllers.base import NAMESPACES, NODES, PODS
from k8stui.practice.controllers.containers import container_id, image_id
from k8stui.practice.controllers.world import stamp
from k8stui.practice.store import Store
from k8stui.practice.writes import made

_SPACES = 20
_PER_NODE = 250
_LETTERS = "bcdfghjklmnpqrstvwxz2456789"
_APPS = ("web", "api", "worker", "cache", "gateway", "billing", "mailer", "search")


def fill(store: Store, now: float, pods: int, random_seed: int = 0) -> None:
    """Add running Pods over twenty namespaces ``load-01`` to ``load-20``, and nodes for them.

    Args:
        store: Where to.
        now: Seconds since the epoch; the Pods are hours to weeks old by then.
        pods: How many.
        random_seed: The same number gives the same Pods.
    """
    rng = random.Random(random_seed + 1)
    spaces = [f"load-{number + 1:02}" for number in range(_SPACES)]
    for name in spaces:
        metadata: JsonObject = {"name": name, "uid": _uid(rng), "labels": {"purpose": "load"}}
        metadata["creationTimestamp"] = stamp(now - 30 * 86_400)
        space: JsonObject = {"kind": "Namespace", "metadata": metadata}
        fill_defaults(NAMESPACES, space, store)
        store.create(
            NAMESPACES, space, made("kubectl-create", NAMESPACES, space, metadata["creationTimestamp"])
        )
    nodes = [f"load-node-{number + 1:03}" for number in range(-(-pods // _PER_NODE))]
    for index, name in enumerate(nodes):
        node = _node(name, index, now, _uid(rng))
        store.create(NODES, node, made("kubelet", NODES, node, node["metadata"]["creationTimestamp"]))
    moulds = [_Mould(app, now, rng) for app in _APPS]
    for number in range(pods):
        mould = moulds[number % len(moulds)]
        index = number % len(nodes)
        address = f"10.{100 + index // 200}.{index % 200}.{2 + number // len(nodes)}"
        host = f"192.168.{100 + index // 200}.{index % 200 + 10}"
        name = mould.prefix + _end(number)
        pod = mould.pod(spaces[number % _SPACES], name, nodes[index], address, host, _uid(rng))
        store.create(PODS, pod)


class _Mould:
    """One application's Pods: everything but names, addresses, node and times is made once."""

    def __init__(self, app: str, now: float, rng: random.Random) -> None:
        mark = "".join(rng.choices(_LETTERS, k=10))
        self.prefix = f"{app}-{mark}-"
        self.labels = {"app": app, "pod-template-hash": mark}
        self.moments = [stamp(now - rng.uniform(3_600, 20 * 86_400)) for _ in range(40)]
        self.kept: dict[str, tuple[list[JsonObject], list[JsonObject]]] = {}
        image = f"registry.kumo-coffee.example/load/{app}:1.{rng.randint(0, 9)}.{rng.randint(0, 20)}"
        spec: JsonObject = {
            "containers": [
                {
                    "name": app,
                    "image": image,
                    "ports": [{"name": "http", "containerPort": 8080}],
                    "resources": {"requests": {"cpu": "10m", "memory": "16Mi"}},
                    "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
                },
                {
                    "name": "log-shipper",
                    "image": "registry.kumo-coffee.example/platform/log-shipper:2.3.0",
                    "resources": {"requests": {"cpu": "5m", "memory": "8Mi"}},
                },
            ]
        }
        self.images = [str(item["image"]) for item in spec["containers"]]
        draft: JsonObject = {"kind": "Pod", "metadata": {"name": app}, "spec": spec}
        spec["enableServiceLinks"] = True
        pod_spec(spec)
        self.spec = admit_pod(draft, "".join(rng.choices(_LETTERS, k=5)))["spec"]
        self.names = [app, "log-shipper"]

    def _lived(self, moment: str) -> tuple[list[JsonObject], list[JsonObject]]:
        """Conditions and container statuses of all Pods that started at one moment."""
        found = self.kept.get(moment)
        if found is None:
            kinds = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
            conditions: list[JsonObject] = [
                {"type": kind, "status": "True", "lastProbeTime": None, "lastTransitionTime": moment}
                for kind in kinds
            ]
            statuses: list[JsonObject] = [
                {
                    "name": name,
                    "state": {"running": {"startedAt": moment}},
                    "lastState": {},
                    "ready": True,
                    "restartCount": 0,
                    "image": image,
                    "imageID": image_id(image),
                    "containerID": container_id(self.prefix, name, moment),
                    "started": True,
                }
                for name, image in zip(self.names, self.images, strict=True)
            ]
            found = self.kept[moment] = conditions, statuses
        return found

    def pod(self, namespace: str, name: str, node: str, address: str, host: str, uid: str) -> JsonObject:
        """One more Pod."""
        moment = self.moments[int(uid[:4], 16) % len(self.moments)]
        conditions, statuses = self._lived(moment)
        return {
            "metadata": {
                "name": name,
                "generateName": self.prefix,
                "namespace": namespace,
                "uid": uid,
                "creationTimestamp": moment,
                "labels": self.labels,
            },
            "spec": {**self.spec, "nodeName": node},
            "status": {
                "phase": "Running",
                "conditions": conditions,
                "hostIP": host,
                "hostIPs": [{"ip": host}],
                "podIP": address,
                "podIPs": [{"ip": address}],
                "startTime": moment,
                "containerStatuses": statuses,
                "qosClass": "Burstable",
            },
        }


def _end(number: int) -> str:
    """The end of a Pod's name: five letters, different for each number below fourteen million."""
    value = (number * 7_368_787 + 5_000_011) % 27**5
    letters = []
    for _ in range(5):
        value, rest = divmod(value, 27)
        letters.append(_LETTERS[rest])
    return "".join(letters)


def _uid(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))


def _node(name: str, index: int, now: float, uid: str) -> JsonObject:
    born = stamp(now - 30 * 86_400)
    address = f"192.168.{100 + index // 200}.{index % 200 + 10}"
    room = {"cpu": "16", "memory": "65536000Ki", "pods": str(_PER_NODE), "ephemeral-storage": "200Gi"}
    ready = {
        "type": "Ready",
        "status": "True",
        "reason": "KubeletReady",
        "message": "kubelet is posting ready status",
        "lastHeartbeatTime": stamp(now - 60),
        "lastTransitionTime": born,
    }
    # Without kubernetes.io/os: the seed's DaemonSets leave these nodes alone.
    labels = {"kubernetes.io/arch": "amd64", "kubernetes.io/hostname": name, "purpose": "load"}
    taint = {"key": "purpose", "value": "load", "effect": "NoSchedule"}
    return {
        "metadata": {"name": name, "uid": uid, "creationTimestamp": born, "labels": labels},
        "spec": {"podCIDR": f"10.{100 + index // 200}.{index % 200}.0/24", "taints": [taint]},
        "status": {
            "addresses": [{"type": "InternalIP", "address": address}, {"type": "Hostname", "address": name}],
            "allocatable": room,
            "capacity": room,
            "conditions": [ready],
            "nodeInfo": {
                "architecture": "amd64",
                "containerRuntimeVersion": "containerd://2.2.0",
                "kernelVersion": "6.12.48-1-amd64",
                "kubeletVersion": "v1.37.2",
                "operatingSystem": "linux",
                "osImage": "Debian GNU/Linux 13 (trixie)",
            },
        },
    }
