"""A cluster in memory for tests of the screen: it says what a test tells it to say."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from k8stui import catalog
from k8stui.core.errors import ExplorerError
from k8stui.core.freshness import Freshness, Phase
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang, Text
from k8stui.core.objects import JsonObject
from k8stui.core.refs import ObjectRef, Scope
from k8stui.core.rows import Column, Row, RowDelta
from k8stui.kube.client import Client, Count, Discovery, Include, ServerVersion, UnavailableGroup
from k8stui.kube.errors import Forbidden, NotFound
from k8stui.session.connections import PRACTICE, Connections
from k8stui.session.model import ClusterInfo, ContextEntry
from k8stui.session.session import Session
from k8stui.settings import Settings

NOW = 1_800_000_000.0
Step = RowDelta | Freshness
Objects = list[JsonObject]

POD_COLUMNS = (
    Column("Name", format="name"),
    Column("Ready"),
    Column("Status"),
    Column("Restarts"),
    Column("Age"),
    Column("IP", priority=1),
)
PLAIN_COLUMNS = (Column("Name", format="name"), Column("Age"))


def pod(name: str, namespace: str = "shop", status: str = "Running", ready: str = "1/1") -> JsonObject:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"nodeName": "node-1", "containers": [{"name": "app"}]},
        "status": {"phase": status},
        "cells": [name, ready, status, "0", "5m", "10.0.0.1"],
    }


def thing(kind: str, name: str, namespace: str = "shop", **fields: object) -> JsonObject:
    return {"kind": kind, "metadata": {"name": name, "namespace": namespace}, "cells": [name, "5m"], **fields}


@dataclass
class FakeClient:
    """The part of Client that the session uses."""

    objects: dict[str, list[JsonObject]]
    context: str = "dev"
    host: str = "10.1.2.3:6443"
    namespace: str = "shop"
    insecure: bool = False
    denied: set[str] = field(default_factory=set)
    """Names of kinds that may not be listed."""
    unreachable: ExplorerError | None = None
    silent: set[str] = field(default_factory=set)
    """Names of kinds whose lists never come."""
    kinds: tuple[ResourceKind, ...] = tuple(catalog.BUILTIN.values())
    unavailable: tuple[UnavailableGroup, ...] = ()
    asked: list[tuple[str, Scope, str]] = field(default_factory=list)
    retries: int = 0
    closed: bool = False
    feeds: list[asyncio.Queue[Step]] = field(default_factory=list)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    """Set: every object that is followed has been deleted."""
    slow: asyncio.Event | None = None
    """When set, objects come once it happens."""
    counted: list[str] = field(default_factory=list)
    catalog_moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def version(self) -> ServerVersion:
        if self.unreachable is not None:
            raise self.unreachable
        return ServerVersion("v1.37.2", "1", "37", "linux/amd64")

    async def discover(self, *, refresh: bool = False) -> Discovery:
        return Discovery(self.kinds, self.unavailable)

    async def discovery_changes(self) -> AsyncGenerator[None, None]:
        while True:
            await self.catalog_moved.wait()
            self.catalog_moved.clear()
            yield None

    def of(self, kind: ResourceKind, scope: Scope) -> list[JsonObject]:
        found = self.objects.get(kind.name, [])
        if not kind.namespaced or scope.everywhere:
            return found
        return [obj for obj in found if obj["metadata"]["namespace"] in scope.namespaces]

    def row(
        self, kind: ResourceKind, obj: JsonObject, marks: Callable[[JsonObject], frozenset[str]] | None
    ) -> Row:
        meta = obj["metadata"]
        key = (meta["namespace"] if kind.namespaced else "", meta["name"])
        return Row(key, tuple(obj["cells"]), NOW, marks=marks(obj) if marks else frozenset())

    async def follow(
        self,
        kind: ResourceKind,
        scope: Scope,
        *,
        label_selector: str = "",
        include: Include = Include.NONE,
        marks: Callable[[JsonObject], frozenset[str]] | None = None,
    ) -> AsyncGenerator[Step, None]:
        self.asked.append((kind.name, scope, label_selector))
        mine: asyncio.Queue[Step] = asyncio.Queue()
        self.feeds.append(mine)
        yield Freshness(Phase.CONNECTING)
        if kind.name in self.silent:
            await asyncio.Event().wait()
        if kind.name in self.denied:
            yield Freshness(
                Phase.DENIED, message=Text.same(f'User "me" cannot list resource "{kind.plural}"')
            )
            return
        if self.unreachable is not None:
            yield Freshness(Phase.RECONNECTING, retry_at=NOW + 4, message=self.unreachable.message)
        else:
            rows = [self.row(kind, obj, marks) for obj in self.of(kind, scope)]
            columns = POD_COLUMNS if kind.name == "pods" else PLAIN_COLUMNS
            yield Freshness(Phase.SYNCING, done=0, total=len(rows))
            yield RowDelta(columns, rows)
            yield Freshness(Phase.LIVE, current_at=NOW)
        try:
            while True:
                yield await mine.get()
        finally:
            self.feeds.remove(mine)

    def say(self, step: Step) -> None:
        """What every open feed says next."""
        for feed in self.feeds:
            feed.put_nowait(step)

    async def get(self, ref: ObjectRef) -> JsonObject:
        for obj in self.objects.get(ref.kind.name, []):
            if obj["metadata"]["name"] == ref.name:
                return obj
        raise NotFound(Text.same("not found"), status=404)

    async def follow_object(self, ref: ObjectRef) -> AsyncGenerator[JsonObject | Freshness | None, None]:
        if self.slow is not None:
            await self.slow.wait()
        yield await self.get(ref)
        await self.gone.wait()
        yield None
        await asyncio.Event().wait()

    async def count(self, kind: ResourceKind, scope: Scope) -> Count:
        self.counted.append(kind.name)
        if kind.name in self.denied:
            return Count(None, Forbidden(Text.same("no"), status=403))
        return Count(len(self.of(kind, scope)), None)

    async def namespaces(self) -> list[str]:
        return ["default", "kube-system", "shop"]

    def retry_now(self) -> None:
        self.retries += 1

    async def close(self) -> None:
        self.closed = True

    async def list(self, kind: ResourceKind, scope: Scope, **_: object) -> Objects:
        return self.of(kind, scope)


class FakeConnections:
    """The kubeconfig of a test: contexts by name, each a client or the error that opening it gives."""

    def __init__(self, contexts: dict[str, FakeClient | ExplorerError], current: str) -> None:
        self.all = contexts
        self.current = current
        self.gate: asyncio.Event | None = None
        """When set, probing waits for it."""
        self.reason: Text | None = None

    def _info(self, name: str, client: FakeClient) -> ClusterInfo:
        practice = name == PRACTICE
        return ClusterInfo(
            name,
            client.host,
            client.namespace,
            practice=practice,
            insecure=client.insecure,
            reason=self.reason,
        )

    async def first(self, *, practice: bool, instead: bool = True) -> tuple[Client, ClusterInfo]:
        name = PRACTICE if practice else self.current
        found = self.all[name]
        if isinstance(found, ExplorerError):
            raise found
        return cast(Client, found), self._info(name, found)

    async def probed(self, entry: ContextEntry) -> tuple[Client, ClusterInfo]:
        found = self.all[entry.name]
        if self.gate is not None:
            await self.gate.wait()
        if isinstance(found, ExplorerError):
            raise found
        version = await found.version()
        return cast(Client, found), replace(self._info(entry.name, found), version=version.git)

    def contexts(self, now: ClusterInfo | None) -> list[ContextEntry]:
        current = now.context if now is not None else ""
        return [ContextEntry(n, n, "me", "shop", n == current, practice=n == PRACTICE) for n in self.all]

    def named(self, name: str, now: ClusterInfo | None) -> ContextEntry:
        for entry in self.contexts(now):
            if entry.name == name:
                return entry
        raise ExplorerError(Text(f"There is no context called {name}.", f"{name}はありません。"))

    def own_namespaces(self, now: ClusterInfo) -> tuple[str, ...]:
        return ("shop",)

    async def close(self) -> None:
        return None


class NoPractice:
    async def start(self) -> Path:
        raise ExplorerError(Text("No practice cluster here.", "練習用クラスターはありません。"))

    async def stop(self) -> None:
        return None


def fake_session(
    *clients: FakeClient | tuple[str, ExplorerError], lang: Lang = Lang.EN, settings: Settings | None = None
) -> tuple[Session, FakeConnections]:
    """A session over clients; the first one's context is the current one."""
    named: dict[str, FakeClient | ExplorerError] = {}
    for client in clients:
        if isinstance(client, tuple):
            named[client[0]] = client[1]
        else:
            named[client.context] = client
    connections = FakeConnections(named, next(iter(named)))
    session = Session(
        settings or Settings(motion=False),
        NoPractice(),
        lang=lang,
        environ={"HOME": "/nonexistent"},
        clock=lambda: NOW,
    )
    session._connections = cast(Connections, connections)
    return session, connections


SHOP_PODS = ("api-1", "api-2", "batch-1", "cart-0")
"""The names of the Pods in the namespace shop of ``shop()``."""


def shop() -> FakeClient:
    """A small cluster with a bit of everything."""
    services = [
        thing(
            "Service", "api", spec={"type": "ClusterIP", "clusterIP": "10.0.0.1", "selector": {"app": "api"}}
        ),
        thing("Service", "db", spec={"type": "ClusterIP", "clusterIP": "None", "selector": {"app": "db"}}),
        thing(
            "Service", "web", spec={"type": "NodePort", "clusterIP": "10.0.0.3", "selector": {"app": "web"}}
        ),
    ]
    pods = [
        pod("api-1"),
        pod("api-2"),
        pod("batch-1", status="Completed", ready="0/1"),
        pod("cart-0", status="CrashLoopBackOff", ready="0/1"),
        pod("dns-1", namespace="kube-system"),
    ]
    return FakeClient(
        {
            "pods": pods,
            "services": services,
            "deployments.apps": [thing("Deployment", "api")],
            "nodes": [thing("Node", "node-1", "")],
            "namespaces": [thing("Namespace", n, "") for n in ("default", "kube-system", "shop")],
        }
    )
