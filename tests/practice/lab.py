"""A cluster whose time is moved by hand, for tests of what happens in it by itself."""

from __future__ import annotations

import random
from collections.abc import Iterable

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.controllers import RESTLESS
from k8stui.practice.controllers.base import Controller
from k8stui.practice.controllers.engine import Engine
from k8stui.practice.controllers.template import filled
from k8stui.practice.controllers.world import World
from k8stui.practice.kinds import builtin
from k8stui.practice.seeding import programs
from k8stui.practice.store import Store

START = 1_790_000_000.0
SPACE = "shop"


class Lab:
    """An empty cluster with two nodes, one namespace and all its controllers."""

    def __init__(self, controllers: Iterable[type[Controller]] = RESTLESS) -> None:
        self.time = START
        self.store = Store(lambda: self.time, rng=random.Random(2))
        self.world = World(self.store, lambda: self.time, random.Random(3), programs())
        self.engine = Engine(self.world, controllers)
        for name in ("node-a", "node-b"):
            room = {"cpu": "4", "memory": "8Gi", "pods": "110"}
            self.make("nodes", name, status={"allocatable": room, "capacity": room})
        self.make("namespaces", SPACE)
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

    def make(self, plural: str, name: str, group: str = "", **parts: object) -> JsonObject:
        """Create an object as a client would."""
        kind = builtin(plural, group)
        metadata: JsonObject = {"name": name, "uid": self.world.new_uid()}
        if kind.namespaced:
            metadata["namespace"] = SPACE
        return self.world.create(kind, filled(self.world, kind, {"metadata": metadata, **parts}))

    def get(self, kind: ResourceKind, name: str) -> JsonObject:
        """An object of the namespace."""
        return self.store.get(kind, SPACE if kind.namespaced else "", name)

    def change(self, kind: ResourceKind, name: str, **spec: object) -> JsonObject:
        """Replace fields of an object's spec."""
        obj = self.get(kind, name)
        return self.store.update(kind, filled(self.world, kind, {**obj, "spec": {**obj["spec"], **spec}}))

    def events(self, about: str = "") -> list[JsonObject]:
        """The events of the namespace, of one object if it is named."""
        found = self.store.list(builtin("events"), SPACE)
        return [e for e in found if about in ("", e["involvedObject"]["name"])]

    def said(self, reason: str, about: str = "") -> list[str]:
        """The messages of the events with that reason."""
        return [e["message"] for e in self.events(about) if e["reason"] == reason]


def template(app: str = "web", image: str = "nginx:1.29", **container: object) -> JsonObject:
    """A Pod template of one container."""
    return {
        "metadata": {"labels": {"app": app}},
        "spec": {"containers": [{"name": "c", "image": image, **container}]},
    }


def deployment(lab: Lab, name: str = "web", replicas: int = 2, **container: object) -> JsonObject:
    """A Deployment of one container."""
    return lab.make(
        "deployments",
        name,
        "apps",
        spec={
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": template(name, **container),  # type: ignore[arg-type]
        },
    )
