"""A namespace of a living cluster, with what a test puts into it."""

from __future__ import annotations

from typing import Any

from k8stui.core.objects import JsonObject
from k8stui.practice.clock import SteppedClock
from tests.practice.api_client import Api, Reply

PODS = "/api/v1/namespaces/team/pods"
PSS = "pod-security.kubernetes.io"


class Team:
    """A namespace of a living cluster."""

    def __init__(self, api: Api, clock: SteppedClock) -> None:
        self.api = api
        self.clock = clock

    async def make(self, plural: str, obj: JsonObject, group: str = "api/v1") -> Reply:
        kind = "".join(obj["kind"])
        version = group.removeprefix("api/").removeprefix("apis/")
        return await self.api.post(
            f"/{group}/namespaces/team/{plural}", {"apiVersion": version, **obj, "kind": kind}
        )

    async def quota(self, hard: JsonObject, name: str = "q", **spec: Any) -> None:
        obj = {"kind": "ResourceQuota", "metadata": {"name": name}, "spec": {"hard": hard, **spec}}
        assert (await self.make("resourcequotas", obj)).status == 201

    async def limits(self, *limits: JsonObject) -> None:
        obj = {"kind": "LimitRange", "metadata": {"name": "l"}, "spec": {"limits": list(limits)}}
        assert (await self.make("limitranges", obj)).status == 201

    async def pod(self, name: str = "p", resources: Any = None, **spec: Any) -> Reply:
        item = {"name": "c", "image": "nginx:1.29", "resources": resources or {}}
        return await self.make("pods", pod(name, **{"containers": [item], **spec}))

    async def label(self, **labels: str) -> Reply:
        named = {f"{PSS}/{key.replace('_', '-')}": value for key, value in labels.items()}
        return await self.api.patch("/api/v1/namespaces/team", {"metadata": {"labels": named}})

    async def get(self, path: str) -> JsonObject:
        return (await self.api.get(f"/{path}")).json


def pod(name: str, **spec: Any) -> JsonObject:
    return {"kind": "Pod", "metadata": {"name": name}, "spec": spec}


def claim(name: str, size: str) -> JsonObject:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    return {"kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}


def refused(reply: Reply, why: str, about: str = 'pods "p"') -> None:
    assert (reply.status, reply.json["message"]) == (403, f"{about} is forbidden: {why}")
    assert reply.json["reason"] == "Forbidden"
    assert reply.json["details"]["kind"] == about.partition(" ")[0].partition(".")[0]
