"""One collection on a server that a test plays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from k8stui.core.kinds import ResourceKind
from k8stui.core.refs import Scope
from tests.kube.scripted import (
    NODES,
    FakeTime,
    Feed,
    Receiver,
    Reply,
    Request,
    client_of,
    row,
    table,
)

Say = Reply | Exception


class Stage:
    """A server of nodes: ``rows`` is the list's answer, ``watch`` the next watches' (a Feed by default)."""

    def __init__(self) -> None:
        self.time = FakeTime()
        self.rows: list[dict[str, Any]] = [row("", "a"), row("", "b")]
        self.version = "10"
        self.list_says: list[Say] = []
        self.watch_says: list[Say] = []
        self.livez: list[Say] = []
        self.feeds: list[Feed] = []
        self.client, self.transport = client_of(self.answer, self.time)

    def answer(self, request: Request) -> Say:
        if request.path == "/livez":
            return self.livez.pop(0) if self.livez else Reply(b"ok")
        if not request.watching:
            return self.list_says.pop(0) if self.list_says else Reply(table(*self.rows, version=self.version))
        if self.watch_says:
            return self.watch_says.pop(0)
        self.feeds.append(Feed())
        return Reply(feed=self.feeds[-1])

    @property
    def feed(self) -> Feed:
        return self.feeds[-1]

    @property
    def lists(self) -> list[Request]:
        return [r for r in self.transport.requests if not r.watching and r.path != "/livez"]

    @property
    def watches(self) -> list[Request]:
        return [r for r in self.transport.requests if r.watching]

    def happen(self, kind: str, name: str, version: str, *cells: Any, columns: Any = None) -> None:
        found = table(row("", name, *cells), version=version, columns=columns)
        self.feed.event(kind, found)

    def bookmark(self, version: str) -> None:
        self.happen("BOOKMARK", "", version, "")

    @asynccontextmanager
    async def follow(self, kind: ResourceKind = NODES, **options: Any) -> AsyncIterator[Receiver]:
        receiver = Receiver(self.client.follow(kind, Scope.all(), **options))
        try:
            yield receiver
        finally:
            await receiver.close()
            assert self.transport.open_streams == 0
            assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("kube-")]
