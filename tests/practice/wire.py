"""Writes protobuf: what a typed client sends for an object, by the server's own table of messages."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

from k8stui.core.objects import JsonObject
from k8stui.practice.api.protobuf import MAGIC
from k8stui.practice.api.prototable import Field, Table

MEDIA = "application/vnd.kubernetes.protobuf"
_EPOCH = datetime(1970, 1, 1)
TABLE = Table()


def varint(value: int) -> bytes:
    value &= (1 << 64) - 1
    found = bytearray()
    while value > 127:
        found.append(value & 127 | 128)
        value >>= 7
    return bytes([*found, value])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def block(field: int, value: bytes | str) -> bytes:
    data = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(data)) + data


def wrapped(api_version: str, kind: str, raw: bytes) -> bytes:
    return MAGIC + block(1, block(1, api_version) + block(2, kind)) + block(2, raw)


def message(name: str, obj: JsonObject) -> bytes:
    """A message with the fields of an object; whatever the object has besides is an error."""
    left = dict(obj)
    found = b"".join(_fields(name, left))
    assert not left, f"{name} has no {sorted(left)}"
    return found


def _fields(name: str, left: JsonObject) -> list[bytes]:
    found = []
    for position, field in TABLE[name].items():
        if field.name == "-":
            if inner := b"".join(_fields(field.type, left)):
                found.append(block(position, inner))
        elif field.name in left:
            found.append(_field(position, field, left.pop(field.name)))
    return found


def _field(position: int, field: Field, value: Any) -> bytes:
    if field.many == "{}":
        entries = (block(1, key) + one(2, field.type, each) for key, each in value.items())
        return b"".join(block(position, entry) for entry in entries)
    values = value if field.many else [value]
    return b"".join(one(position, field.type, each) for each in values)


def one(position: int, kind: str, value: Any) -> bytes:
    match kind:
        case "string":
            return block(position, value)
        case "bytes":
            return block(position, base64.b64decode(value))
        case "bool" | "int32" | "int64":
            return number(position, int(value))
        case "Strings":
            return block(position, b"".join(block(1, each) for each in value))
        case "Quantity":
            return block(position, block(1, value))
        case "IntOrString" if isinstance(value, str):
            return block(position, number(1, 1) + block(3, value))
        case "IntOrString":
            return block(position, number(1, 0) + number(2, value))
        case "Time" | "MicroTime":
            after = datetime.fromisoformat(value.removesuffix("Z")) - _EPOCH
            seconds = after.days * 86400 + after.seconds
            return block(position, number(1, seconds) + number(2, after.microseconds * 1000))
        case "FieldsV1" | "RawExtension":
            return block(position, block(1, json.dumps(value)))
        case _:
            return block(position, message(kind, value))
