"""Reading one answer, a Table or a plain list, while it still arrives.

A Table with cells or metadata is cut between its rows as the bytes come: the first rows are out before the
last have left the server, and no single piece of decoding is long enough to be felt at the keyboard.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from msgspec import DecodeError, MsgspecError

from k8stui.core.rows import Column, Row
from k8stui.kube.cells import PLAIN_COLUMNS, Layout, NoName, RowReader, layout, name_column
from k8stui.kube.wire import AnyBody, AnyRow, Include, columns_of, format_of, harmless, not_kubernetes

PIECE = 256 * 1024
"""Bytes decoded at once, more only when one row is larger."""
PIECE_OF_CELLS = 64 * 1024
"""The same where there is nothing but cells: some 500 rows."""
ROWS = 500
"""Rows handed out at once."""
_ROWS_OF_OBJECTS = 25
_HEAD = b'"rows":['
_BETWEEN = b',{"cells":['

Emit = Callable[[list[Row]], Awaitable[None]]
Head = Callable[[tuple[Column, ...]], tuple[Column, ...]]
"""Told the columns of an answer, says in which columns the rows are wanted."""


@dataclass(frozen=True, slots=True)
class Page:
    """What an answer said beside its rows."""

    version: str
    """resourceVersion of the collection."""
    more: str
    """The continue token; empty on the last page."""
    remaining: int | None
    """remainingItemCount, which servers leave out when selectors are used."""
    count: int
    """Rows on this page."""


class Cutter:
    """Cuts the bytes of a Table into arrays of rows.

    Safe for cells and metadata: inside a JSON string the quotes of the mark would be escaped, and neither
    ObjectMeta nor managedFields can hold a list of objects with a field ``cells``. Whole objects can: they
    are not cut. An answer with other spacing or another order of fields is not cut either and comes as the
    rest.
    """

    def __init__(self, include: Include) -> None:
        self._body = format_of(include).body
        self._cuts = include is not Include.OBJECT
        self._piece = PIECE_OF_CELLS if include is Include.NONE else PIECE
        self._whole: list[bytes] = []
        self._head = b""
        self._rest = b""
        self.head: AnyBody | None = None
        """The Table without its rows, as soon as it is known."""

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """Take bytes; gives JSON arrays of rows, each some PIECE long at most."""
        if not self._cuts:
            self._whole.append(chunk)
            return
        self._rest += chunk
        if self.head is None and not self._find_head():
            return
        while self._cuts:
            at = self._rest.rfind(_BETWEEN, 0, self._piece)
            if at < 0:
                at = self._rest.find(_BETWEEN)
            if at < 0:
                return
            piece, self._rest = self._rest[:at], self._rest[at + 1 :]
            yield b"[%b]" % piece

    def rest(self) -> bytes:
        """The document that is left: of a cut Table the last row or rows and all that stands around them."""
        if self._cuts:
            return self._head + self._rest
        return b"".join(self._whole)

    def _find_head(self) -> bool:
        at = self._rest.find(_HEAD)
        if at < 0:
            return len(self._rest) >= PIECE and self._leave_whole()
        head = self._rest[: at + len(_HEAD)]
        try:
            body = self._body.decode(head + b"]}")
        except MsgspecError:
            return self._leave_whole()
        if body.kind != "Table" or body.column_definitions is None:
            return self._leave_whole()
        self.head, self._head, self._rest = body, head, self._rest[len(head) :]
        return True

    def _leave_whole(self) -> bool:
        """This answer cannot be cut."""
        self._cuts = False
        self._whole, self._rest = [self._rest], b""
        return False


class PageReader:
    """Reads one answer to a list request."""

    def __init__(
        self,
        include: Include,
        reader: RowReader,
        head: Head,
        emit: Emit,
        clock: Callable[[], float],
        what: str,
    ) -> None:
        self._include = include
        self._reader = reader
        self._tell_head = head
        self._emit = emit
        self._clock = clock
        self._what = what
        self._count = 0
        self._layout: Layout | None = None

    async def read(self, chunks: AsyncIterator[bytes], namespace: str | None = None) -> Page:
        """Read to the end, handing out rows on the way.

        Raises:
            NoName: the rows cannot be told apart by their cells.
            InvalidAnswer: neither a Table nor a list.
        """
        cutter = Cutter(self._include)
        rows = format_of(self._include).rows
        try:
            async for chunk in chunks:
                for piece in cutter.feed(chunk):
                    form = self._form(cutter.head)
                    await self._give(rows.decode(piece), form, harmless(piece), namespace)
            rest = cutter.rest()
            body = format_of(self._include).body.decode(rest)
            await self._finish(body, harmless(rest), namespace)
        except (DecodeError, UnicodeDecodeError) as error:
            raise not_kubernetes(self._what, error) from None
        meta = body.metadata
        return Page(
            version=(meta and meta.resource_version) or "",
            more=(meta and meta.continue_) or "",
            remaining=meta.remaining_item_count if meta else None,
            count=self._count,
        )

    async def _finish(self, body: AnyBody, clean: bool, namespace: str | None) -> None:
        if body.kind == "Table":
            await self._give(body.rows or [], self._form(body), clean, namespace)
            return
        if not (body.kind or "").endswith("List"):
            raise not_kubernetes(self._what)
        self._tell_head(PLAIN_COLUMNS)
        items = body.items or []
        for at in range(0, max(1, len(items)), ROWS):
            found = self._reader.read_plain(items[at : at + ROWS], self._clock())
            self._count += len(found)
            await self._emit(found)
            await asyncio.sleep(0)

    async def _give(self, rows: Sequence[AnyRow], form: Layout, clean: bool, namespace: str | None) -> None:
        step = _ROWS_OF_OBJECTS if self._include is Include.OBJECT else ROWS
        for at in range(0, max(1, len(rows)), step):
            found = self._reader.read(
                rows[at : at + step], form, self._clock(), harmless=clean, namespace=namespace
            )
            self._count += len(found)
            await self._emit(found)
            await asyncio.sleep(0)

    def _form(self, body: AnyBody | None) -> Layout:
        if self._layout is None:
            definitions = (body.column_definitions if body else None) or []
            columns = columns_of(definitions)
            if self._include is Include.NONE and name_column(columns) is None:
                raise NoName
            self._layout = layout(columns, self._tell_head(columns))
        return self._layout
