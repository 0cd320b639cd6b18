"""Pods and a clock for tests of what one can stream."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from k8stui.core.objects import JsonObject
from k8stui.practice.cluster import PracticeCluster
from k8stui.practice.kinds import builtin

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC).timestamp()
PODS = builtin("pods")


class Hands:
    """A clock that is moved by hand."""

    def __init__(self, now: float = NOON) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + "Z"


def container(name: str = "web", image: str = "nginx:1.29", **more: Any) -> JsonObject:
    return {"name": name, "image": image, **more}


def running(spec: JsonObject, since: float = NOON, number: int = 0) -> JsonObject:
    return {
        "name": spec["name"],
        "image": spec["image"],
        "restartCount": number,
        "ready": True,
        "started": True,
        "state": {"running": {"startedAt": stamp(since)}},
        "lastState": {},
        "containerID": f"containerd://{spec['name']}{number}",
    }


def put(
    cluster: PracticeCluster,
    name: str = "p",
    *containers: JsonObject,
    statuses: list[JsonObject] | None = None,
    metadata: JsonObject | None = None,
    status: JsonObject | None = None,
    **spec: Any,
) -> JsonObject:
    """A Pod that runs since noon, of one nginx unless told otherwise."""
    mains = list(containers) or [container()]
    return cluster.store.create(
        PODS,
        {
            "metadata": {"name": name, "namespace": "default", **(metadata or {})},
            "spec": {"nodeName": "worker-1", "containers": mains, **spec},
            "status": {
                "phase": "Running",
                "podIP": "10.244.1.7",
                "hostIP": "192.168.10.21",
                "containerStatuses": [running(each) for each in mains] if statuses is None else statuses,
                **(status or {}),
            },
        },
    )
