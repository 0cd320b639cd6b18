"""A cluster whose time is moved by hand, and what its tests put into it."""

from __future__ import annotations

import random
from collections import Counter

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.controllers import RESTLESS, STEADY
from k8stui.practice.controllers.engine import Engine
from k8stui.practice.controllers.template import filled
from k8stui.practice.controllers.world import World
from k8stui.practice.kinds import builtin
from k8stui.practice.printers.pods import pod_status
from k8stui.practice.seeding import programs, seed
from k8stui.practice.store import Store

START = 1_790_000_000.0
PODS, NODES, EVENTS = builtin("pods"), builtin("nodes"), builtin("events")
DEPLOYMENTS, REPLICA_SETS = builtin("deployments", "apps"), builtin("replicasets", "apps")
STATEFUL_SETS, DAEMON_SETS = builtin("statefulsets", "apps"), builtin("daemonsets", "apps")
JOBS, CRON_JOBS = builtin("jobs", "batch"), builtin("cronjobs", "batch")
SLICES, SERVICES = builtin("endpointslices", "discovery.k8s.io"), builtin("services")
CLAIMS, LEASES = builtin("persistentvolumeclaims"), builtin("leases", "coordination.k8s.io")
SPACES = builtin("namespaces")


class Lab:
    """A cluster whose time is moved by hand."""

    def __init__(self, *, seeded: bool = False, pods: int = 0) -> None:
        self.time = START
        self.store = Store(lambda: self.time, rng=random.Random(2))
        if seeded:
            seed(self.store, lambda: self.time, pods=pods)
        self.world = World(self.store, lambda: self.time, random.Random(3), programs())
        self.engine = Engine(self.world, RESTLESS if seeded else STEADY)
        if not seeded:
            for name in ("node-a", "node-b"):
                self.make(NODES, name, status={"allocatable": {"cpu": "4", "memory": "8Gi", "pods": "110"}})
            self.make(SPACES, "shop")
        self.engine.attach()
        self.wait(0)

    def wait(self, seconds: float) -> None:
        """Let time go by."""
        until = self.time + seconds
        for _ in range(100_000):
            due = self.engine.run()
            if due is None or due > until:
                break
            self.time = max(self.time, due)
        else:
            raise AssertionError("the controllers never come to rest")
        self.time = until

    def make(self, kind: ResourceKind, name: str, **parts: object) -> JsonObject:
        metadata: JsonObject = {"name": name, "uid": self.world.new_uid()}
        if kind.namespaced:
            metadata["namespace"] = "shop"
        return self.world.create(kind, filled(self.world, kind, {"metadata": metadata, **parts}))

    def change(self, kind: ResourceKind, name: str, **spec: object) -> JsonObject:
        obj = self.store.get(kind, "shop", name)
        return self.store.update(kind, filled(self.world, kind, {**obj, "spec": {**obj["spec"], **spec}}))

    def pods(self, space: str = "shop", app: str = "") -> list[JsonObject]:
        found = self.store.list(PODS, space)
        return [p for p in found if not app or (p["metadata"].get("labels") or {}).get("app") == app]

    def words(self, app: str = "", space: str = "shop") -> Counter[str]:
        return Counter(pod_status(pod) for pod in self.pods(space, app))

    def delete(self, kind: ResourceKind, obj: JsonObject) -> None:
        self.world.delete(kind, obj)


def template(app: str = "web", image: str = "nginx:1.29", **spec: object) -> JsonObject:
    return {
        "metadata": {"labels": {"app": app}},
        "spec": {"containers": [{"name": "c", "image": image}], **spec},
    }


def deployment(lab: Lab, replicas: int = 3, image: str = "nginx:1.29") -> JsonObject:
    return lab.make(
        DEPLOYMENTS,
        "web",
        spec={
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": template(image=image),
        },
    )


def status(lab: Lab, kind: ResourceKind, name: str) -> JsonObject:
    found: JsonObject = lab.store.get(kind, "shop", name)["status"]
    return found


def conditions(lab: Lab, kind: ResourceKind, name: str) -> dict[str, tuple[str, str, str]]:
    """Status, reason and message of each condition."""
    found = status(lab, kind, name).get("conditions") or []
    return {c["type"]: (c["status"], c.get("reason", ""), c.get("message", "")) for c in found}


def said(lab: Lab, about: str, reason: str) -> list[str]:
    """The messages of all events with a reason about the objects of a kind."""
    events = lab.store.list(EVENTS, "shop")
    return [e["message"] for e in events if e["involvedObject"]["kind"] == about and e["reason"] == reason]


def failing(code: int = 1, seconds: int = 1, **spec: object) -> JsonObject:
    """A template whose container fails after some seconds."""
    found = template("job", "busybox:1.37", **{"restartPolicy": "Never", **spec})
    found["spec"]["containers"][0]["command"] = ["sh", "-c", f"sleep {seconds}; exit {code}"]
    return found


def sleeping(seconds: int) -> JsonObject:
    """A template whose container succeeds after some seconds."""
    return failing(0, seconds)
