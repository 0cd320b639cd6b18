"""Asking for lists: one page of rows, all names, a few whole objects, or only the number of objects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from msgspec import DecodeError

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.core.refs import Scope
from k8stui.core.rows import Row
from k8stui.kube.cells import NoName, RowReader
from k8stui.kube.errors import ApiError, Forbidden
from k8stui.kube.tables import Emit, Head, Page, PageReader
from k8stui.kube.timing import Timing
from k8stui.kube.wire import BARE, JSON, OBJECT, TABLE, Include, not_kubernetes

if TYPE_CHECKING:
    from k8stui.kube.transport import Stream, Transport

NAMESPACES = ResourceKind("", "v1", "Namespace", "namespaces", namespaced=False)
AT_ONCE = 8
"""Namespaces asked at the same time when each needs its own request."""
SILENCE = 60.0
"""Seconds without a byte after which a list is given up."""
_PAGE = 500
_ANSWERS = 25


@dataclass(frozen=True, slots=True)
class Target:
    """A collection to list and watch."""

    kind: ResourceKind
    namespace: str = ""
    """Empty for every namespace, and for a cluster-scoped kind."""
    label_selector: str = ""
    field_selector: str = ""

    @property
    def path(self) -> str:
        """The URL path of the collection."""
        return self.kind.path(self.namespace or None)

    @property
    def everywhere(self) -> bool:
        """Whether its objects are of several namespaces."""
        return self.kind.namespaced and not self.namespace

    def query(self, include: Include | None, *more: tuple[str, str]) -> list[tuple[str, str]]:
        """The query parameters: selectors, ``includeObject`` for a Table, and those given."""
        pairs = [
            ("includeObject", include.value if include else ""),
            ("labelSelector", self.label_selector),
            ("fieldSelector", self.field_selector),
            *more,
        ]
        return [(name, value) for name, value in pairs if value]


class Asker:
    """Remembers how a collection is asked for: as a Table, or plainly when the server cannot print it."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport
        self.plain = False

    @asynccontextmanager
    async def stream(
        self, target: Target, include: Include, *more: tuple[str, str], silence: float | None = SILENCE
    ) -> AsyncIterator[Stream]:
        """GET the collection, after a 406 (it cannot be a Table) once more as plain JSON."""
        while True:
            entered = False
            try:
                async with self.transport.stream(
                    target.path,
                    query=target.query(None if self.plain else include, *more),
                    accept=JSON if self.plain else TABLE,
                    read_timeout=silence,
                ) as stream:
                    entered = True
                    yield stream
                return
            except ApiError as error:
                if entered or self.plain or error.status != 406:
                    raise
                self.plain = True


class Lister:
    """Lists one collection page by page, handing out rows as they arrive."""

    def __init__(
        self, asker: Asker, target: Target, timing: Timing, reader: RowReader, head: Head, emit: Emit
    ) -> None:
        self.target = target
        self._asker = asker
        self._timing = timing
        self._reader = reader
        self._head = head
        self._emit = emit

    async def page(
        self,
        include: Include,
        *,
        limit: int = 0,
        token: str = "",
        version: str = "",
        namespace: str = "",
    ) -> Page:
        """Read one page.

        Args:
            include: what comes with each row.
            limit: most rows wanted; 0 for all that are left.
            token: of the page before.
            version: resourceVersion asked for; "0" for whatever the server has at hand.
            namespace: this one only, of a target everywhere.

        Raises:
            NoName: cells alone do not tell the objects apart; ask for metadata.
            ExplorerError: the server refused, or the connection broke.
        """
        target = replace(self.target, namespace=namespace) if namespace else self.target
        more = [
            ("limit", str(limit) if limit else ""),
            ("continue", token),
            ("resourceVersion", "" if token else version),
        ]
        page = PageReader(
            include, self._reader, self._head, self._emit, self._timing.clock, f"GET {target.path}"
        )
        async with (
            self._asker.stream(target, include, *more) as stream,
            aclosing(cast(Any, stream.chunks())) as chunks,  # an async generator behind its interface
        ):
            return await page.read(chunks, namespace or None)


async def together(work: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Run at the same time; the first failure cancels the others and is raised as it is."""
    try:
        async with asyncio.TaskGroup() as group:
            for one in work:
                group.create_task(one)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


async def in_parallel(
    names: Iterable[str], work: Callable[[str], Awaitable[None]], at_once: int = AT_ONCE
) -> None:
    """Do the work for each name, in order, some at a time."""
    waiting = iter(names)

    async def worker() -> None:
        for name in waiting:
            await work(name)

    await together(worker() for _ in range(at_once))


async def namespace_names(transport: Transport, timing: Timing) -> list[str]:
    """The names of all namespaces, in the server's order.

    Raises:
        Forbidden: the person may not list them.
        ExplorerError: anything else.
    """
    found: list[str] = []

    async def emit(rows: list[Row]) -> None:
        found.extend(row.name for row in rows)

    lister = Lister(
        Asker(transport), Target(NAMESPACES), timing, RowReader(""), lambda columns: columns, emit
    )
    try:
        await lister.page(Include.NONE)
    except NoName:
        await lister.page(Include.METADATA)
    return found


async def objects(transport: Transport, target: Target, limit: int | None = None) -> list[JsonObject]:
    """Whole objects, page by page; for small lists. ``kind`` and ``apiVersion`` are filled in.

    Raises:
        ExplorerError: the server refused, or its answer is no list.
    """
    found: list[JsonObject] = []
    token = ""
    while True:
        wanted = _PAGE if limit is None else min(_PAGE, limit - len(found))
        query = target.query(None, ("limit", str(wanted)), ("continue", token))
        answer = await transport.request("GET", target.path, query=query)
        what = f"GET {target.path}"
        try:
            body = BARE.body.decode(answer.body)
            if not (body.kind or "").endswith("List"):
                raise not_kubernetes(what)
            for at, item in enumerate(body.items or []):
                known = {"apiVersion": target.kind.api_version, "kind": target.kind.kind}
                found.append(known | OBJECT.decode(item))
                if at % _ANSWERS == _ANSWERS - 1:
                    await asyncio.sleep(0)
        except (DecodeError, UnicodeDecodeError) as error:
            raise not_kubernetes(what, error) from None
        token = (body.metadata and body.metadata.continue_) or ""
        if not token or (limit is not None and len(found) >= limit):
            return found


@dataclass(frozen=True, slots=True)
class Count:
    """How many objects there are."""

    value: int | None
    """None when it could not be told."""
    denied: ApiError | None
    """The refusal, when the person may not list them (all, or in some namespace of the scope)."""


async def count(transport: Transport, kind: ResourceKind, scope: Scope) -> Count:
    """Count objects by lists of one (``remainingItemCount``); a scope of namespaces is summed.

    Raises:
        ExplorerError: anything but a refusal by 403.
    """
    spaces = scope.namespaces if kind.namespaced else ()
    denied: list[ApiError] = []
    values: list[int | None] = []

    async def one(namespace: str) -> None:
        try:
            values.append(await _count_one(transport, Target(kind, namespace)))
        except Forbidden as error:
            denied.append(error)

    await in_parallel(spaces or ("",), one)
    known = [value for value in values if value is not None]
    told = bool(known) and len(known) == len(values)
    return Count(sum(known) if told else None, denied[0] if denied else None)


async def _count_one(transport: Transport, target: Target) -> int | None:
    asker = Asker(transport)
    parts: list[bytes] = []
    async with asker.stream(target, Include.NONE, ("limit", "1")) as stream:
        async for chunk in stream.chunks():
            parts.append(chunk)
    what = f"GET {target.path}"
    try:
        body = BARE.body.decode(b"".join(parts))
    except (DecodeError, UnicodeDecodeError) as error:
        raise not_kubernetes(what, error) from None
    if body.kind != "Table" and not (body.kind or "").endswith("List"):
        raise not_kubernetes(what)
    here = len((body.rows if body.kind == "Table" else body.items) or [])
    meta = body.metadata
    if meta is None or not meta.continue_:
        return here
    return None if meta.remaining_item_count is None else here + meta.remaining_item_count
