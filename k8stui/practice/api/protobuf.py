"""Protobuf bodies, as kubectl's typed clients send them, made into the JSON that they stand for.

Kubernetes wraps a message in ``Unknown`` behind four magic bytes. Nothing of a message is left out: a field
that the table of messages does not have is an error, since the object without it would be another one.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from k8stui.core.objects import JsonObject
from k8stui.practice.api import protowire
from k8stui.practice.api.prototable import INLINE, Table

MAGIC = b"k8s\0"
_EPOCH = datetime(1970, 1, 1)
_ZEROS = (None, "", 0)
_NUMBERS = ("int32", "int64", "bool")


class Unsupported(Exception):
    """A kind or a field that the table does not have; the text names it."""


class Protobuf:
    """Decodes protobuf bodies; reads the table of messages when the first one comes."""

    def __init__(self) -> None:
        self._read: Table | None = None

    def decode(self, body: bytes) -> JsonObject:
        """The object of a protobuf body.

        Raises:
            ValueError: the bytes are no such message.
            Unsupported: its kind or one of its fields is not known.
        """
        api_version, kind, raw = _unwrap(body)
        message = _message_name(api_version, kind)
        if message not in self._table:
            raise Unsupported(f"kind {kind} of {api_version}")
        found: JsonObject = {"kind": kind, "apiVersion": api_version}
        self._fill(message, raw, found)
        return found

    @property
    def _table(self) -> Table:
        if self._read is None:
            self._read = Table()
        return self._read

    def _fill(self, message: str, data: bytes, into: JsonObject) -> JsonObject:
        """Adds the fields of a message to an object; later values replace or join earlier ones."""
        fields = self._table[message]
        for number, raw in protowire.fields(data):
            field = fields.get(number)
            if field is None:
                raise Unsupported(f"field {number} of {message}")
            if field.many == "{}":
                key, value = self._entry(field.type, protowire.inside(raw))
                into.setdefault(field.name, {})[key] = value
            elif field.many:
                into.setdefault(field.name, []).extend(self._items(field.type, raw))
            elif field.name == INLINE:
                self._fill(field.type, protowire.inside(raw), into)
            elif field.type in self._table:
                self._fill(field.type, protowire.inside(raw), into.setdefault(field.name, {}))
            elif (value := self._value(field.type, raw)) not in _ZEROS or field.kept:
                into[field.name] = value
            else:
                into.pop(field.name, None)
        return into

    def _items(self, kind: str, raw: int | bytes) -> list[Any]:
        """What one field of a list adds to it: several values when they are packed numbers."""
        if isinstance(raw, bytes) and kind in _NUMBERS:
            return [self._value(kind, number) for number in protowire.varints(raw)]
        return [self._value(kind, raw)]

    def _entry(self, kind: str, data: bytes) -> tuple[str, Any]:
        """Key and value of one entry of a map."""
        key, value = "", self._value(kind, 0 if kind in _NUMBERS else b"")
        for number, raw in protowire.fields(data):
            if number == 1:
                key = protowire.text(raw)
            elif number == 2:
                value = self._value(kind, raw)
            else:
                raise Unsupported(f"field {number} of an entry of a map")
        return key, value

    def _value(self, kind: str, raw: int | bytes) -> Any:
        match kind:
            case "string":
                return protowire.text(raw)
            case "bytes":
                return base64.b64encode(protowire.inside(raw)).decode()
            case "bool":
                return protowire.integer(raw, 64) != 0
            case "int32" | "int64":
                return protowire.integer(raw, int(kind[3:]))
            case "Strings":
                return [protowire.text(value) for value in _parts(kind, raw, 1).get(1, ())]
            case "Quantity":
                return protowire.text(_last(_parts(kind, raw, 1), 1, b"0"))
            case "IntOrString":
                return _either(_parts(kind, raw, 3))
            case "Time" | "MicroTime":
                return _time(_parts(kind, raw, 2), "auto" if kind == "Time" else "microseconds")
            case "FieldsV1" | "RawExtension":
                return _json(protowire.inside(_last(_parts(kind, raw, 1), 1, b"")))
            case _:
                return self._fill(kind, protowire.inside(raw), {})


def _unwrap(body: bytes) -> tuple[str, str, bytes]:
    """apiVersion, kind and message of what is wrapped in ``Unknown``."""
    if not body.startswith(MAGIC):
        raise ValueError("it does not start with the magic bytes")
    envelope = _parts("Unknown", body[len(MAGIC) :], 4)
    if _last(envelope, 3, b""):
        raise Unsupported("a content encoding")
    about = _parts("TypeMeta", _last(envelope, 1, b""), 2)
    api_version, kind = (protowire.text(_last(about, number, b"")) for number in (1, 2))
    if not api_version or not kind:
        raise ValueError("it does not say its apiVersion and kind")
    return api_version, kind, protowire.inside(_last(envelope, 2, b""))


def _message_name(api_version: str, kind: str) -> str:
    """The message of a kind: ``rbac/v1.Role`` for Role of rbac.authorization.k8s.io/v1."""
    if kind == "DeleteOptions":
        return "meta/v1.DeleteOptions"  # every group has the same
    group, _, version = api_version.rpartition("/")
    return f"{group.partition('.')[0] or 'core'}/{version}.{kind}"


def _parts(message: str, raw: int | bytes, last: int) -> dict[int, list[int | bytes]]:
    """The raw values of a message with few fields, by number."""
    found: dict[int, list[int | bytes]] = {}
    for number, value in protowire.fields(protowire.inside(raw)):
        if number > last:
            raise Unsupported(f"field {number} of {message}")
        found.setdefault(number, []).append(value)
    return found


def _last(parts: Mapping[int, list[int | bytes]], number: int, default: int | bytes) -> int | bytes:
    return parts[number][-1] if number in parts else default


def _either(parts: Mapping[int, list[int | bytes]]) -> int | str:
    if protowire.integer(_last(parts, 1, 0), 64) == 1:
        return protowire.text(_last(parts, 3, b""))
    return protowire.integer(_last(parts, 2, 0), 32)


def _time(parts: Mapping[int, list[int | bytes]], precision: str) -> str:
    """A time as JSON has it; empty for the zero time, which stands for none."""
    seconds = protowire.integer(_last(parts, 1, 0), 64)
    nanos = protowire.integer(_last(parts, 2, 0), 32)
    if not seconds and not nanos:
        return ""
    try:
        moment = _EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError(f"{seconds} seconds are no time") from None
    if precision == "microseconds":
        moment = moment.replace(microsecond=min(max(nanos, 0) // 1000, 999_999))
    return moment.isoformat(timespec=precision) + "Z"


def _json(data: bytes) -> Any:
    """The JSON text inside a message."""
    if not data:
        return None
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, RecursionError) as error:
        raise ValueError(f"JSON inside it cannot be read: {error}") from None
