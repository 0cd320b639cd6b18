"""What an API server sends, as typed structures: tables, plain lists, watch events, statuses.

Every field may be missing or null: servers, aggregated ones above all, leave out what they please. Only what
rows need is decoded; the rest of each object (managedFields most of all) is skipped, which is why a list
costs a fraction of ``json.loads``. Sources: meta.k8s.io/v1 Table, TableOptions, ListMeta, ObjectMeta,
WatchEvent.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Raw, Struct

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject
from k8stui.core.rows import Column
from k8stui.core.text import clean
from k8stui.kube.errors import InvalidAnswer

JSON = "application/json"
TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
"""Accept header for lists and watches: a Table, or the plain list from a server that knows no Tables."""


class Include(Enum):
    """How much of each object comes with its row (meta.k8s.io/v1 TableOptions ``includeObject``)."""

    NONE = "None"
    """Cells only: some 130 bytes a row."""
    METADATA = "Metadata"
    """Cells, creation time and labels: some 2.7 KB a row, most of it managedFields."""
    OBJECT = "Object"
    """The whole object."""


class Metadata(Struct, rename="camel", gc=False):
    """ObjectMeta and ListMeta in one: a watch event's object may carry either."""

    name: str | None = None
    namespace: str | None = None
    resource_version: str | None = None
    creation_timestamp: str | None = None
    labels: Raw = Raw(b"")
    continue_: str | None = msgspec.field(name="continue", default=None)
    remaining_item_count: int | None = None


class ColumnDefinition(Struct):
    """One of a Table's ``columnDefinitions``."""

    name: str | None = None
    type: str | None = None
    format: str | None = None
    description: str | None = None
    priority: int | None = None


class BareRow(Struct, gc=False):
    """A row of which only the cells are wanted."""

    cells: list[Any] | None = None


class PartialObject(Struct, gc=False):
    """An object of which only the metadata is wanted."""

    metadata: Metadata | None = None


class MetadataRow(Struct, gc=False):
    """A row with the metadata of its object."""

    cells: list[Any] | None = None
    object: PartialObject | None = None


class ObjectRow(Struct, gc=False):
    """A row with its object still as bytes."""

    cells: list[Any] | None = None
    object: Raw = Raw(b"")


AnyRow = BareRow | MetadataRow | ObjectRow
R = TypeVar("R", BareRow, MetadataRow, ObjectRow)


class Body(Struct, Generic[R], rename="camel"):
    """A Table, or a plain list or object in its place."""

    kind: str | None = None
    metadata: Metadata | None = None
    column_definitions: list[ColumnDefinition] | None = None
    rows: list[R] | None = None
    items: list[Raw] | None = None


class Event(Struct, Generic[R]):
    """One line of a watch. The object of an ERROR is a Status and is read from the line again."""

    type: str | None = None
    object: Body[R] | None = None


class RawEvent(Struct):
    """One line of a watch with its object as bytes."""

    type: str | None = None
    object: Raw = Raw(b"null")


class Format(Generic[R]):
    """The decoders for one kind of row."""

    def __init__(self, body: type[Body[R]], rows: type[list[R]], event: type[Event[R]]) -> None:
        self.body: msgspec.json.Decoder[Body[R]] = msgspec.json.Decoder(body)
        """Of a whole answer."""
        self.rows: msgspec.json.Decoder[list[R]] = msgspec.json.Decoder(rows)
        """Of a JSON array of rows."""
        self.events: msgspec.json.Decoder[Event[R]] = msgspec.json.Decoder(event)
        """Of a watch: ``decode_lines`` takes many lines at once."""


BARE = Format(Body[BareRow], list[BareRow], Event[BareRow])
WITH_METADATA = Format(Body[MetadataRow], list[MetadataRow], Event[MetadataRow])
WITH_OBJECT = Format(Body[ObjectRow], list[ObjectRow], Event[ObjectRow])

AnyFormat = Format[BareRow] | Format[MetadataRow] | Format[ObjectRow]
AnyBody = Body[BareRow] | Body[MetadataRow] | Body[ObjectRow]
AnyEvent = Event[BareRow] | Event[MetadataRow] | Event[ObjectRow]

PARTIAL = msgspec.json.Decoder(PartialObject)
OBJECT = msgspec.json.Decoder(JsonObject)
LABELS = msgspec.json.Decoder(dict[str, str | None] | None)
RAW_EVENT = msgspec.json.Decoder(RawEvent)


def format_of(include: Include) -> AnyFormat:
    """The decoders for rows that come with this much of their objects."""
    if include is Include.NONE:
        return BARE
    return WITH_METADATA if include is Include.METADATA else WITH_OBJECT


def columns_of(definitions: list[ColumnDefinition]) -> tuple[Column, ...]:
    """The columns that a server defines, their words made harmless."""
    return tuple(
        Column(
            name=clean(d.name or ""),
            type=d.type or "string",
            format=d.format or "",
            description=clean(" ".join((d.description or "").split())),
            priority=d.priority or 0,
        )
        for d in definitions
    )


def harmless(data: bytes) -> bool:
    """Whether no string in this JSON can hold anything that ``clean`` would change.

    So when there is nothing but printable ASCII, and no escape but the three that Go's encoder writes for
    ``<``, ``>`` and ``&``. One look at the bytes saves a look at each cell.
    """
    if not data.isascii() or b"\x7f" in data:
        return False
    escapes = data.count(b"\\")
    return not escapes or escapes == (
        data.count(b"\\u003c") + data.count(b"\\u003e") + data.count(b"\\u0026")
    )


def not_kubernetes(what: str, error: Exception | None = None) -> InvalidAnswer:
    """The error for an answer that is JSON of some other kind, or no JSON."""
    detail = clean(str(error))[:120] if error else ""
    return InvalidAnswer(
        Text(
            "The answer to {what} is not what a Kubernetes API server sends{detail}.",
            "{what} への応答が、Kubernetes API サーバーのものではありません{detail_ja}。",
        ).format(
            what=what,
            detail=f" ({detail})" if detail else "",
            detail_ja=f"（{detail}）" if detail else "",
        ),
        Text(
            "Check the server's address in the kubeconfig, and any proxy on the way.",
            "kubeconfig のサーバーのアドレスと、途中のプロキシを確認してください。",
        ),
    )
