"""A scripted server with a history: versions, snapshots, watches from any version, and faults by chance."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from typing import Any

from tests.kube.scripted import COLUMNS, Feed, Reply, Request, dumps, metadata, status, table, unreachable

Key = tuple[str, str]


@dataclass(frozen=True)
class Object:
    key: Key
    version: int
    status: str


@dataclass
class Watcher:
    feed: Feed
    namespace: str
    include: str
    first: bool = True


class TruthServer:
    """Pods in namespaces. ``chaos`` makes it change at every request and fail now and then."""

    def __init__(self, seed: int, *, namespaces: int = 4, pods: int = 12, stale: bool = False) -> None:
        self.rng = random.Random(seed)
        self.version = 100
        self.floor = 100
        self.objects: dict[Key, Object] = {}
        self.log: list[tuple[int, str, Object]] = []
        self.namespaces = [f"ns{i}" for i in range(namespaces)]
        self.watchers: list[Watcher] = []
        self.snapshots: dict[str, tuple[int, list[Object]]] = {}
        self.chaos = True
        self.stale = stale
        self.forbidden: set[str] = set()
        """Paths that may not be listed."""
        self.relists = 0
        for _ in range(pods):
            self.change()

    # -- the truth -------------------------------------------------------------------------------

    @property
    def truth(self) -> dict[Key, tuple[str, ...]]:
        return {key: (obj.key[1], obj.status) for key, obj in self.objects.items()}

    def change(self) -> None:
        """Create, change, delete or create anew one pod, or bring a namespace into the world."""
        if self.rng.random() < 0.03:
            self.namespaces.append(f"ns{len(self.namespaces)}")
        namespace = self.namespaces[-1] if self.rng.random() < 0.2 else self.rng.choice(self.namespaces)
        key = (namespace, f"pod{self.rng.randrange(6)}")
        here = key in self.objects
        self.version += self.rng.randrange(1, 3)
        if here and self.rng.random() < 0.4:
            gone = self.objects.pop(key)
            self._happened("DELETED", Object(key, self.version, gone.status))
            if self.rng.random() < 0.5:
                self.version += 1
                self._put("ADDED", key)
            return
        self._put("MODIFIED" if here else "ADDED", key)

    def _put(self, kind: str, key: Key) -> None:
        found = Object(key, self.version, self.rng.choice(["Running", "Pending", "Failed"]))
        self.objects[key] = found
        self._happened(kind, found)

    def _happened(self, kind: str, obj: Object) -> None:
        self.log.append((self.version, kind, obj))
        for watcher in self.watchers:
            if not watcher.feed.closed:
                self._send(watcher, kind, obj)

    def compact(self) -> None:
        """Forget the history up to now, and every snapshot."""
        self.floor = self.version
        self.snapshots.clear()

    def bookmark(self) -> None:
        for watcher in self.watchers:
            if not watcher.feed.closed:
                cells = table(
                    {"cells": ["", ""], "object": None if watcher.include == "None" else metadata("", "")},
                    version=str(self.version),
                    columns=None,
                )
                watcher.feed.event("BOOKMARK", cells)

    # -- faults ----------------------------------------------------------------------------------

    async def mischief(self, chance: float = 0.6) -> None:
        """What may happen at any moment."""
        while self.chaos and self.rng.random() < chance:
            self.change()
            if self.rng.random() < 0.3:
                await asyncio.sleep(0)

    def break_something(self) -> None:
        live = [w for w in self.watchers if not w.feed.closed]
        what = self.rng.randrange(8)
        if what == 0:
            self.compact()
        if not live:
            return
        feed = self.rng.choice(live).feed
        if what == 1:
            feed.end()
        elif what == 2:
            feed.cut()
        elif what == 3:
            feed.raw(b'{"type":"ADDED","object":{"kind":"Table","rows":[{"cells":["ghost","Run')
            feed.end()
        elif what == 4:
            feed.raw(dumps({"type": "ERROR", "object": {"kind": "Status", "code": 410}}) + b"\n")
        elif what == 5:
            self.bookmark()

    async def __call__(self, request: Request) -> Reply | Exception:
        await self.mischief()
        if self.chaos:
            fault = self.rng.random()
            if fault < 0.03:
                return unreachable()
            if fault < 0.05:
                return status(503, "ServiceUnavailable")
            if fault < 0.06:
                return status(429, "TooManyRequests", retryAfterSeconds=1)
        if request.path in self.forbidden:
            return status(403, "Forbidden", "no")
        if request.path == "/livez":
            return Reply(b"ok")
        if request.path == "/api/v1/namespaces":
            rows = [{"cells": [name, "Active"], "object": None} for name in self.namespaces]
            return self._table(rows, self.version, request)
        namespace = request.path.split("/")[4] if "/namespaces/" in request.path else ""
        if request.watching:
            return self._watch(request, namespace)
        self.relists += 1
        return self._list(request, namespace)

    def _list(self, request: Request, namespace: str) -> Reply:
        token = request.query.get("continue", "")
        if token:
            if token not in self.snapshots or (self.chaos and self.rng.random() < 0.1):
                return status(410, "Expired", "The provided continue parameter is too old")
            version, rest = self.snapshots[token]
        else:
            version, found = self.version, dict(self.objects)
            if request.query.get("resourceVersion") == "0" and self.stale:
                version, found = self._as_of(self.rng.randrange(self.floor, self.version + 1))
            rest = [found[key] for key in sorted(found) if namespace in ("", key[0])]
        limit = int(request.query.get("limit", "0")) or len(rest)
        page, rest = rest[:limit], rest[limit:]
        more: dict[str, Any] = {}
        if rest:
            token = f"{version}.{len(self.snapshots)}.{self.rng.random()}"
            self.snapshots[token] = (version, rest)
            more = {"more": token, "remainingItemCount": len(rest)}
        return self._table([self._row(obj, request.include) for obj in page], version, request, **more)

    def _as_of(self, version: int) -> tuple[int, dict[Key, Object]]:
        """The objects as they were: what happened since is undone by replaying the rest of the log."""
        found: dict[Key, Object] = {}
        for at, kind, obj in self.log:
            if at > version:
                break
            if kind == "DELETED":
                found.pop(obj.key, None)
            else:
                found[obj.key] = obj
        return version, found

    def _table(self, rows: list[dict[str, Any]], version: int, request: Request, **meta: Any) -> Reply:
        feed = Feed()
        data = dumps(table(*rows, version=str(version), **meta))
        if not self.chaos:
            feed.raw(data)
            feed.end()
            return Reply(feed=feed)
        size = self.rng.choice([40, 200, 1000, 1 << 20])
        pieces = [data[at : at + size] for at in range(0, len(data), size)]
        broken = self.rng.random() < 0.05
        for piece in pieces[: len(pieces) // 2 if broken else None]:
            feed.raw(piece)
        if broken:
            feed.cut()
        feed.end()
        return Reply(data, feed=feed)

    def _row(self, obj: Object, include: str) -> dict[str, Any]:
        found = None if include == "None" else metadata(*obj.key, str(obj.version))
        return {"cells": [obj.key[1], obj.status], "object": found}

    def _watch(self, request: Request, namespace: str) -> Reply:
        since = int(request.query["resourceVersion"])
        if since < self.floor:
            if self.rng.random() < 0.5:
                return status(410, "Expired", "too old resource version")
            feed = Feed()
            feed.event("ERROR", {"kind": "Status", "code": 410, "reason": "Expired"})
            feed.end()
            return Reply(feed=feed)
        watcher = Watcher(Feed(), namespace, request.include)
        for version, kind, obj in self.log:
            if version > since:
                self._send(watcher, kind, obj)
        self.watchers.append(watcher)
        return Reply(feed=watcher.feed)

    def _send(self, watcher: Watcher, kind: str, obj: Object) -> None:
        if watcher.namespace not in ("", obj.key[0]):
            return
        found = table(
            self._row(obj, watcher.include),
            version=str(obj.version),
            columns=COLUMNS if watcher.first else None,
        )
        watcher.first = False
        line = dumps({"type": kind, "object": found}) + b"\n"
        cut = self.rng.randrange(len(line))
        watcher.feed.raw(line[:cut])
        watcher.feed.raw(line[cut:])
