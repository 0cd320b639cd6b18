"""A transport without a network, time that passes when told, and a receiver that applies what comes."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic as real_monotonic
from typing import Any, cast

from k8stui.core.freshness import Freshness, Phase
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Text
from k8stui.core.rows import Column, Row, RowDelta, RowKey
from k8stui.kube.answers import Answer
from k8stui.kube.client import Client
from k8stui.kube.errors import Cause, Unreachable, api_error
from k8stui.kube.timing import Timing
from k8stui.kube.transport import Transport

PODS = ResourceKind("", "v1", "Pod", "pods", namespaced=True)
NODES = ResourceKind("", "v1", "Node", "nodes", namespaced=False)
DEADLINE = 2.0

COLUMNS: list[dict[str, Any]] = [
    {"name": "Name", "type": "string", "format": "name", "description": "", "priority": 0},
    {"name": "Status", "type": "string", "format": "", "description": "", "priority": 0},
]


async def until(true: Callable[[], Any], what: str = "") -> None:
    """Let the loop run until something is true."""
    end = real_monotonic() + DEADLINE
    while not true():
        if real_monotonic() > end:
            raise AssertionError(f"never became true: {what or true}")
        await asyncio.sleep(0)


async def settle(turns: int = 60) -> None:
    """Let everything run that can run without time passing."""
    for _ in range(turns):
        await asyncio.sleep(0)


class FakeTime:
    """A wall clock and a monotonic clock that pass together, only in ``advance``."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0
        self.mono = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self.chance = 0.5
        self.slept: list[float] = []

    @property
    def timing(self) -> Timing:
        return Timing(lambda: self.now, lambda: self.mono, self.sleep, lambda: self.chance)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.mono + seconds, next(self._order), future))
        await future

    async def advance(self, seconds: float) -> None:
        end = self.mono + seconds
        await settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, future = heapq.heappop(self._sleepers)
            if future.done():
                continue
            self.now += at - self.mono
            self.mono = at
            future.set_result(None)
            await settle()
        self.now += end - self.mono
        self.mono = end
        await settle()

    def suspend(self, seconds: float) -> None:
        """The machine sleeps: only the wall clock goes on."""
        self.now += seconds


@dataclass
class Request:
    method: str
    path: str
    query: dict[str, str]
    accept: str
    headers: dict[str, str]
    body: bytes | None = None

    @property
    def watching(self) -> bool:
        return self.query.get("watch") in ("1", "true")

    @property
    def include(self) -> str:
        return self.query.get("includeObject", "Metadata")


class Feed:
    """The body of an answer that a test writes as it goes."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.opened = False
        self.closed = False

    def raw(self, data: bytes) -> None:
        self._pieces.put_nowait(data)

    def event(self, kind: str, obj: Mapping[str, Any]) -> None:
        self.raw(dumps({"type": kind, "object": obj}) + b"\n")

    def end(self) -> None:
        self._pieces.put_nowait(None)

    def cut(self) -> None:
        self._pieces.put_nowait(unreachable(Cause.CUT))

    async def chunks(self) -> AsyncIterator[bytes]:
        while (piece := await self._pieces.get()) is not None:
            if isinstance(piece, Exception):
                raise piece
            yield piece


@dataclass
class Reply:
    body: bytes | Mapping[str, Any] = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "application/json"})
    feed: Feed | None = None

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else dumps(self.body)


class Headers(dict[str, str]):
    def get(self, name: str, default: Any = None) -> Any:
        return {key.lower(): value for key, value in self.items()}.get(name.lower(), default)


Handler = Callable[[Request], Reply | Exception | Awaitable[Reply | Exception]]


class FakeTransport:
    """Gives each request to a function; may cut bodies into small chunks."""

    def __init__(self, handler: Handler, *, chunk: int = 1 << 20) -> None:
        self.handler = handler
        self.chunk = chunk
        self.host = "fake:6443"
        self.server = "https://fake:6443"
        self.requests: list[Request] = []
        self.open_streams = 0
        self.most_streams = 0
        self.closed = False

    def asked(self, **wanted: str) -> list[Request]:
        """Requests whose path or query holds these values (path= and query parameters)."""
        return [
            r
            for r in self.requests
            if all((r.path if key == "path" else r.query.get(key)) == value for key, value in wanted.items())
        ]

    async def _answer(self, request: Request) -> Reply:
        self.requests.append(request)
        await asyncio.sleep(0)
        found = self.handler(request)
        reply = found if isinstance(found, Reply | Exception) else await found
        if isinstance(reply, Exception):
            raise reply
        if reply.status >= 400:
            raise api_error(reply.status, reply.headers, reply.data, f"{request.method} {request.path}")
        return reply

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        content_type: str = "application/json",
        timeout: float | None = 30.0,  # noqa: ASYNC109
        ok: frozenset[int] = frozenset(),
    ) -> Answer:
        reply = await self._answer(Request(method, path, dict(query), accept, dict(headers or {}), body))
        return Answer(reply.status, Headers(reply.headers), reply.data)

    @asynccontextmanager
    async def stream(
        self,
        path: str,
        *,
        query: Sequence[tuple[str, str]] = (),
        accept: str = "application/json",
        headers: Mapping[str, str] | None = None,
        read_timeout: float | None = None,
    ) -> AsyncIterator[Any]:
        reply = await self._answer(Request("GET", path, dict(query), accept, dict(headers or {})))
        feed = reply.feed
        if feed is None:
            feed, data = Feed(), reply.data
            for at in range(0, len(data), self.chunk):
                feed.raw(data[at : at + self.chunk])
            feed.end()
        feed.opened = True
        self.open_streams += 1
        self.most_streams = max(self.most_streams, self.open_streams)
        try:
            yield feed
        finally:
            self.open_streams -= 1
            feed.closed = True

    async def close(self) -> None:
        self.closed = True


def client_of(handler: Handler, time: FakeTime | Timing, **options: Any) -> tuple[Client, FakeTransport]:
    transport = FakeTransport(handler, chunk=options.pop("chunk", 1 << 20))
    timing = time.timing if isinstance(time, FakeTime) else time
    return Client(cast(Transport, transport), timing=timing, **options), transport


class Receiver:
    """Applies what a feed gives, as a view would."""

    def __init__(self, steps: Any) -> None:
        self.rows: dict[RowKey, Row] = {}
        self.columns: tuple[Column, ...] | None = None
        self.fresh: list[Freshness] = []
        self.deltas: list[RowDelta] = []
        self.ended = False
        self._steps = steps
        self._task = asyncio.create_task(self._run())

    @property
    def phase(self) -> Phase | None:
        return self.fresh[-1].phase if self.fresh else None

    @property
    def phases(self) -> list[Phase]:
        return [phase for phase, _ in itertools.groupby(f.phase for f in self.fresh)]

    @property
    def last(self) -> Freshness:
        return self.fresh[-1]

    @property
    def names(self) -> list[str]:
        return sorted(f"{ns}/{name}" if ns else name for ns, name in self.rows)

    @property
    def cells(self) -> dict[RowKey, tuple[str, ...]]:
        return {key: row.cells for key, row in self.rows.items()}

    async def _run(self) -> None:
        async for step in self._steps:
            if isinstance(step, Freshness):
                self.fresh.append(step)
                continue
            self.deltas.append(step)
            if step.columns is not None:
                self.columns = step.columns
            for row in step.put:
                assert self.columns is not None and len(row.cells) == len(self.columns)
                self.rows[row.key] = row
            for key in step.drop:
                self.rows.pop(key, None)
        self.ended = True

    async def reaches(self, phase: Phase) -> None:
        await until(lambda: self._task.done() or self.phase is phase, f"{phase} after {self.phases}")
        if self._task.done() and self.phase is not phase:
            self._task.result()
            raise AssertionError(f"ended with {self.fresh[-1:]}")

    async def close(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        if not self._task.cancelled():
            self._task.result()
        await self._steps.aclose()


def dumps(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def unreachable(cause: Cause = Cause.REFUSED) -> Unreachable:
    return Unreachable(Text("The connection broke.", "接続が切れました。"), cause=cause)


def status(code: int, reason: str = "", message: str = "", **details: Any) -> Reply:
    body = {"kind": "Status", "status": "Failure", "code": code, "reason": reason, "message": message}
    return Reply(body | ({"details": details} if details else {}), status=code)


def metadata(namespace: str, name: str, version: str = "1", **more: Any) -> dict[str, Any]:
    meta = {"name": name, "namespace": namespace, "resourceVersion": version}
    meta |= {"creationTimestamp": "2023-11-14T22:13:20Z"} | more
    return {"kind": "PartialObjectMetadata", "metadata": {k: v for k, v in meta.items() if v}}


def row(namespace: str, name: str, *cells: Any, include: str = "None", version: str = "1") -> dict[str, Any]:
    found = None if include == "None" else metadata(namespace, name, version)
    return {"cells": [name, *(cells or ("Running",))], "object": found}


def table(
    *rows: Mapping[str, Any],
    version: str = "1",
    columns: list[dict[str, Any]] | None = COLUMNS,
    more: str = "",
    **meta: Any,
) -> dict[str, Any]:
    meta |= {"continue": more} if more else {}
    return {
        "kind": "Table",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": {"resourceVersion": version} | meta,
        "columnDefinitions": columns,
        "rows": list(rows),
    }
