"""The rows of one collection: listed, and kept true by the events of a watch."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from msgspec import DecodeError, MsgspecError

from k8stui.core.rows import Column, Row, RowDelta, RowKey
from k8stui.kube.cells import PLAIN_COLUMNS, Layout, Marks, NoName, RowReader, layout
from k8stui.kube.errors import Expired, status_error
from k8stui.kube.listing import Listing
from k8stui.kube.lists import Asker, Lister, Target, namespace_names
from k8stui.kube.pulse import Beat, Interrupted, Pulse, Why
from k8stui.kube.timing import Timing
from k8stui.kube.watch import Lines, gone_back, watch_query, whole_objects
from k8stui.kube.wire import (
    PARTIAL,
    AnyBody,
    AnyEvent,
    BareRow,
    ColumnDefinition,
    Include,
    MetadataRow,
    columns_of,
    format_of,
    harmless,
    not_kubernetes,
)

if TYPE_CHECKING:
    from k8stui.kube.transport import Transport

SETTLED = 30.0
"""Seconds after a list in which other columns in the watch are not a reason to list again: servers of two
versions behind one address would otherwise make us list for ever."""

Put = Callable[[RowDelta], Awaitable[None]]
Done = Callable[[int, int | None], Awaitable[None]]
"""Told how many rows of a listing are there, and of how many."""


@dataclass(frozen=True, slots=True)
class Upstream:
    """One API server and the ways to deal with time: what all that is followed there has in common."""

    transport: Transport
    timing: Timing
    pulse: Pulse
    from_cache: Callable[[], bool]
    """Whether full lists shall be answered from the server's cache (resourceVersion=0)."""


class Sheet:
    """The columns of one view, which may be fed by several collections."""

    def __init__(self) -> None:
        self.columns: tuple[Column, ...] | None = None
        self.changed_at = 0.0
        """When they were set, on the monotonic clock."""
        self.told = False
        """Whether the receiver knows them."""
        self.changed: Callable[[RowSource], None] = lambda source: None
        """Called when a source has changed the columns: rows of the others do not fit any more."""

    def use(self, columns: tuple[Column, ...] | None, now: float) -> None:
        """Set the columns."""
        self.columns, self.changed_at = columns, now


class RowSource:
    """One collection: lists it, watches it, and puts what changes."""

    def __init__(
        self,
        upstream: Upstream,
        target: Target,
        include: Include,
        marks: Marks | None,
        sheet: Sheet,
        put: Put,
        turn: asyncio.Semaphore | None = None,
    ) -> None:
        """Prepare.

        Args:
            upstream: the server.
            target: what to list and watch.
            include: what is wanted with each row.
            marks: what to note of each whole object.
            sheet: the columns of the view.
            put: takes the rows.
            turn: held while listing, when lists of several sources shall not all run at once.
        """
        self.version = ""
        """Where the next watch begins; empty when the server said none."""
        self.heard = 0.0
        """When the server last said something, in seconds since the epoch."""
        self.events = 0
        """Events seen so far, bookmarks too."""
        self._upstream = upstream
        self._target = target
        self._include = include
        self._sheet = sheet
        self._put = put
        self._turn = turn or asyncio.Semaphore()
        self._asker = Asker(upstream.transport)
        self._reader = RowReader(target.namespace, marks)
        self._marks = marks
        self._known: set[RowKey] = set()
        self._seen: set[RowKey] = set()
        self._listed: tuple[Column, ...] | None = None
        self._held: list[Row] | None = None
        self._done: Done | None = None
        self._total: int | None = None
        self._by_namespace = True
        self._beat: Beat | None = None
        self._definitions: list[ColumnDefinition] | None = None
        self._used_namespaces = False
        self._synced_at = 0.0
        self._events_then = 0

    @property
    def what(self) -> str:
        """The request, for sentences."""
        return f"GET {self._target.path}"

    async def sync(self, done: Done) -> None:
        """List everything; rows that have gone are dropped at the end.

        Raises:
            ExplorerError: the listing failed; what was put stays.
        """
        self._done = done
        async with self._turn:
            while True:
                listing = self._begin()
                try:
                    version = await listing.run()
                    break
                except NoName:
                    self._include = Include.METADATA
            await self._end()
        self.version = version
        self._used_namespaces = listing.used_namespaces
        self.heard = self._upstream.timing.clock()
        self._synced_at = self._upstream.timing.monotonic()
        self._events_then = self.events

    async def watch(self, beat: Beat, live: Callable[[], Awaitable[None]]) -> None:
        """Watch from ``version`` until the server ends it; ``live`` is called at its start and at bookmarks.

        Raises:
            Interrupted: the collection should be listed again.
            Expired: the version is too old.
            ExplorerError: refused, broken, or nonsense.
        """
        self._beat = beat
        include = self._include
        if include is Include.NONE and self._target.everywhere:
            include = Include.METADATA
        query, silence = watch_query(self._upstream.timing, self.version)
        form: Layout | None = None
        self._definitions = None
        try:
            async with (
                self._asker.stream(self._target, include, *query, silence=silence) as stream,
                aclosing(cast(Any, stream.chunks())) as chunks,  # an async generator behind its interface
            ):
                await live()
                lines = Lines()
                async for chunk in chunks:
                    for block in lines.feed(chunk):
                        beat.touched = self._upstream.timing.monotonic()
                        self.heard = self._upstream.timing.clock()
                        form, marked = await self._apply(block, include, form)
                        beat.touched = self._upstream.timing.monotonic()
                        if marked:
                            beat.bookmarks = True
                            await live()
                        await asyncio.sleep(0)
        except Expired:
            self._distrust()
            raise
        except (DecodeError, UnicodeDecodeError) as error:
            raise not_kubernetes(self.what, error) from None
        finally:
            self._beat = None

    def relist(self) -> None:
        """Have the collection listed again soon; rows stay until then."""
        self.version = ""
        if self._beat is not None:
            self._beat.interrupt(Why.RELIST)

    async def forget(self) -> None:
        """Drop every row that was put."""
        gone, self._known = self._known, set()
        if gone:
            await self._put(RowDelta(drop=tuple(gone)))

    def _distrust(self) -> None:
        """A list per namespace that was too old at once: its versions are not what they seem, use pages."""
        quick = self._upstream.timing.monotonic() - self._synced_at < SETTLED
        if self._used_namespaces and quick and self.events == self._events_then:
            self._by_namespace = False

    # -- listing ---------------------------------------------------------------------------------

    def _begin(self) -> Listing:
        self._seen, self._listed, self._held, self._total = set(), None, None, None
        self._used_namespaces = False
        upstream = self._upstream
        return Listing(
            Lister(self._asker, self._target, upstream.timing, self._reader, self._head, self._emit),
            self._include,
            lambda: namespace_names(upstream.transport, upstream.timing),
            from_cache=upstream.from_cache(),
            by_namespace=self._by_namespace,
            total=self._tell_total,
            anew=self._anew,
        )

    def _anew(self) -> None:
        self._seen = set()
        if self._held is not None:
            self._held = []

    async def _end(self) -> None:
        gone = tuple(self._known - self._seen)
        self._known = self._seen
        if self._held is not None:
            self._sheet.use(self._listed, self._upstream.timing.monotonic())
            await self._put(RowDelta(self._listed, self._held, gone))
            self._held, self._sheet.told = None, True
            self._sheet.changed(self)
        elif gone:
            await self._put(RowDelta(drop=gone))

    def _head(self, columns: tuple[Column, ...]) -> tuple[Column, ...]:
        """In which columns this listing's rows are given: the first answer's, or still those of the view."""
        if self._listed is None:
            now, sheet = self._upstream.timing.monotonic(), self._sheet
            self._listed = columns
            if sheet.columns is None:
                sheet.use(columns, now)
            elif sheet.columns != columns:
                if now - sheet.changed_at > SETTLED or columns == PLAIN_COLUMNS:
                    self._held = []
                else:
                    self._listed = sheet.columns
        return self._listed

    async def _emit(self, rows: list[Row]) -> None:
        keys = [row.key for row in rows]
        self._seen.update(keys)
        if self._held is not None:
            self._held.extend(rows)
        else:
            self._known.update(keys)
            news = None if self._sheet.told else self._sheet.columns
            if rows or news is not None:
                await self._put(RowDelta(news, rows))
                self._sheet.told = True
        await self._tell()

    async def _tell_total(self, total: int | None) -> None:
        self._total = total
        await self._tell()

    async def _tell(self) -> None:
        if self._done is not None:
            await self._done(len(self._seen), self._total)

    # -- events ----------------------------------------------------------------------------------

    async def _apply(self, block: bytes, include: Include, form: Layout | None) -> tuple[Layout | None, bool]:
        """Put what a block of lines says; gives the layout from here on, and whether a bookmark was there."""
        events: Sequence[AnyEvent] = format_of(include).events.decode_lines(block)
        changes: dict[RowKey, Row | None] = {}
        clean, marked, version = harmless(block), False, self.version
        trouble: Exception | None = None
        for at, event in enumerate(events):
            body = event.object
            if event.type == "ERROR":
                trouble = status_error(whole_objects(block)[at][1], self.what)
                break
            self.events += 1
            if body is None:
                continue
            if event.type == "BOOKMARK":
                marked, before, version = True, version, _version(body) or version
                if gone_back(before, version):
                    trouble = Interrupted(Why.RELIST)
                    break
                continue
            try:
                form = self._form(body, form)
                rows = self._rows(body, form, clean, block, at)
            except Interrupted as wish:
                trouble = wish
                break
            except NoName:
                self._include, trouble = Include.METADATA, Interrupted(Why.RELIST)
                break
            for row in rows:
                changes[row.key] = None if event.type == "DELETED" else row
            version = _version(body) or version
        await self._settle(changes)
        self.version = version
        if trouble is not None:
            raise trouble
        return form, marked

    def _form(self, body: AnyBody, form: Layout | None) -> Layout:
        wanted = self._sheet.columns or ()
        columns = wanted
        if body.kind != "Table":
            columns = PLAIN_COLUMNS
        elif form is not None and body.column_definitions in (None, self._definitions):
            return form
        elif body.column_definitions is not None:
            self._definitions = body.column_definitions
            columns = columns_of(body.column_definitions)
        if columns == wanted:
            return layout(wanted, wanted)
        settled = self._upstream.timing.monotonic() - self._synced_at > SETTLED
        if settled or body.kind != "Table":
            raise Interrupted(Why.RELIST)
        return layout(columns, wanted)

    def _rows(self, body: AnyBody, form: Layout, clean: bool, block: bytes, at: int) -> list[Row]:
        seen = self.heard
        if body.kind == "Table":
            return self._reader.read(body.rows or [], form, seen, harmless=clean)
        if body.metadata is None or not body.metadata.name:
            return []
        marks = self._marks(whole_objects(block)[at][1]) if self._marks else frozenset[str]()
        return [self._reader.plain(body.metadata, seen, marks)]

    async def _settle(self, changes: dict[RowKey, Row | None]) -> None:
        put = [row for row in changes.values() if row is not None]
        drop = [key for key, row in changes.items() if row is None]
        if put or drop:
            await self._put(RowDelta(None, put, drop))
            self._known.difference_update(drop)
            self._known.update(row.key for row in put)


def _version(body: AnyBody) -> str:
    """The resourceVersion of an event: the Table's own, or that of the object of its row."""
    if body.metadata is not None and body.metadata.resource_version:
        return body.metadata.resource_version
    for row in body.rows or []:
        if isinstance(row, MetadataRow):
            meta = row.object.metadata if row.object else None
        elif isinstance(row, BareRow):
            meta = None
        else:
            try:
                meta = PARTIAL.decode(row.object).metadata
            except MsgspecError:
                meta = None
        if meta is not None and meta.resource_version:
            return meta.resource_version
    return ""
