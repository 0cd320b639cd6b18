"""Objects as JSON, in each form: as they are, as rows of a Table, as their metadata only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from k8stui.core.objects import JsonObject
from k8stui.core.units import parse_time
from k8stui.practice.api import authors, convert
from k8stui.practice.api.negotiate import Form, Shape
from k8stui.practice.printers import row_conditions
from k8stui.practice.registry import Served
from k8stui.practice.store import Entry

_ENCODER = msgspec.json.Encoder()
_YOUNG_SECONDS = 600
_UNKNOWN = "<unknown>"

encode = _ENCODER.encode


def copied(value: Any) -> Any:
    """A copy of decoded JSON that shares nothing with it; many times as fast as copy.deepcopy."""
    return msgspec.json.decode(encode(value))


def object_bytes(served: Served, obj: JsonObject) -> bytes:
    """A whole object in the version that is asked for."""
    return encode(convert.view(served.kind, obj))


def metadata_bytes(served: Served, entry: Entry, version: str) -> bytes:
    """A PartialObjectMetadata."""
    head = b'{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/%b","metadata":' % version.encode()
    return head + encode(authors.metadata(entry, served.shapes)) + b"}"


def table_head(served: Served, form: Form, metadata: Mapping[str, Any], *, columns: bool = True) -> bytes:
    """A Table up to its first row."""
    return b'{"kind":"Table","apiVersion":"meta.k8s.io/%b","metadata":%b,"columnDefinitions":%b,"rows":[' % (
        form.version.encode(),
        encode(metadata),
        encode(served.printer.columns) if columns else b"null",
    )


def cells_bytes(served: Served, entry: Entry, now: float) -> bytes:
    """The printed cells (and row conditions) of an object, kept while the ages in them hold.

    Ages count in seconds for the first ten minutes and in minutes from then on, so rows of older objects are
    kept for some seconds; that is what makes lists of many thousand objects cheap.
    """
    kept = entry.cells
    if kept is not None and kept[0] >= now and kept[2] is served.printer:
        return kept[1]
    text = encode(served.printer.cells(convert.view(served.kind, entry.object), now))
    if served.kind.plural == "pods" and (conditions := row_conditions(entry.object)):
        text += b',"conditions":' + encode(conditions)
    created = parse_time(entry.object["metadata"].get("creationTimestamp"))
    young = created is None or now - created < _YOUNG_SECONDS
    entry.cells = (now + (0.5 if young else 10.0), text, served.printer)
    return text


def row_bytes(served: Served, form: Form, entry: Entry, now: float) -> bytes:
    """A row of a Table."""
    if form.include == "None":
        rest = b"null"
    elif form.include == "Metadata":
        rest = metadata_bytes(served, entry, form.version)
    else:
        rest = object_bytes(served, authors.whole(entry, served.shapes))
    return b'{"cells":%b,"object":%b}' % (cells_bytes(served, entry, now), rest)


def bare_bytes(served: Served, obj: JsonObject) -> bytes:
    """A whole object inside a list: those of built-in kinds do not repeat what the list's own kind says."""
    text = object_bytes(served, obj)
    head = b'{"kind":%b,"apiVersion":%b,' % (encode(served.kind.kind), encode(served.kind.api_version))
    return b"{" + text[len(head) :] if served.custom is None and text.startswith(head) else text


def item_bytes(served: Served, form: Form, entry: Entry, now: float) -> bytes:
    """One object inside a list of a form."""
    if form.shape is Shape.TABLE:
        return row_bytes(served, form, entry, now)
    if form.shape is Shape.METADATA:
        return metadata_bytes(served, entry, form.version)
    return bare_bytes(served, authors.whole(entry, served.shapes))


def single(served: Served, form: Form, entry: Entry, now: float, *, columns: bool = True) -> bytes:
    """One object as an answer of its own, or as the object of a watch event."""
    if form.shape is Shape.TABLE:
        head = table_head(
            served,
            form,
            {"resourceVersion": entry.object["metadata"].get("resourceVersion", "")},
            columns=columns,
        )
        return head + row_bytes(served, form, entry, now) + b"]}"
    if form.shape is Shape.METADATA:
        return metadata_bytes(served, entry, form.version)
    return object_bytes(served, authors.whole(entry, served.shapes))


def list_head(served: Served, form: Form, metadata: Mapping[str, Any]) -> bytes:
    """A list up to its first item."""
    if form.shape is Shape.TABLE:
        return table_head(served, form, metadata)
    if form.shape is Shape.METADATA:
        kind, api_version = "PartialObjectMetadataList", f"meta.k8s.io/{form.version}"
    else:
        kind, api_version = f"{served.kind.kind}List", served.kind.api_version
    return b'{"kind":%b,"apiVersion":%b,"metadata":%b,"items":[' % (
        encode(kind),
        encode(api_version),
        encode(metadata),
    )


def bookmark(served: Served, form: Form, revision: int, *, initial: bool, columns: bool) -> bytes:
    """The object of a BOOKMARK event: only a resourceVersion, and whether the initial events end here."""
    metadata: JsonObject = {"resourceVersion": str(revision)}
    if initial:
        metadata["annotations"] = {"k8s.io/initial-events-end": "true"}
    if form.shape is Shape.OBJECT:
        bare: JsonObject = {
            "kind": served.kind.kind,
            "apiVersion": served.kind.api_version,
            "metadata": metadata,
        }
        if served.kind.plural == "pods":
            bare |= {"spec": {"containers": None}, "status": {}}
        return encode(bare)
    partial = {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{form.version}",
        "metadata": metadata,
    }
    if form.shape is Shape.METADATA:
        return encode(partial)
    cells = [_empty_cell(column) for column in served.printer.columns]
    if form.include == "None":
        row: JsonObject = {"cells": cells, "object": None}
    elif form.include == "Metadata":
        row = {"cells": cells, "object": partial}
    else:
        whole = {"kind": served.kind.kind, "apiVersion": served.kind.api_version, "metadata": metadata}
        row = {"cells": cells, "object": whole}
    head = table_head(served, form, {"resourceVersion": str(revision)}, columns=columns)
    return head + encode(row) + b"]}"


def _empty_cell(column: JsonObject) -> Any:
    if column["type"] == "integer":
        return 0
    return _UNKNOWN if column["name"] == "Age" else ""
