"""The wire format of protobuf: a message as field numbers, wire types and raw values."""

from __future__ import annotations

from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
_LAST_FIELD = (1 << 29) - 1
_FIXED = {FIXED64: 8, FIXED32: 4}


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field numbers and raw values of a message: numbers of varints, bytes of everything else.

    Raises:
        ValueError: the bytes are no message.
    """
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if not 1 <= number <= _LAST_FIELD:
            raise ValueError(f"{number} is no number of a field")
        if wire == VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == BYTES:
            length, at = _varint(data, at)
        elif wire in _FIXED:
            length = _FIXED[wire]
        else:
            raise ValueError(f"field {number} has the unknown wire type {wire}")
        if at + length > len(data):
            raise ValueError(f"it ends in the middle of field {number}")
        yield number, data[at : at + length]
        at += length


def varints(data: bytes) -> Iterator[int]:
    """The numbers of a packed list.

    Raises:
        ValueError: the last number does not end.
    """
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def inside(value: int | bytes) -> bytes:
    """The bytes of a value that is a string or a message.

    Raises:
        ValueError: it is a number.
    """
    if isinstance(value, int):
        raise ValueError("a number stands where text or a message should")
    return value


def text(value: int | bytes) -> str:
    """A value that is a string.

    Raises:
        ValueError: it is a number, or not UTF-8.
    """
    return inside(value).decode()


def integer(value: int | bytes, bits: int) -> int:
    """A value that is a signed number of so many bits.

    Raises:
        ValueError: it is text or a message.
    """
    if not isinstance(value, int):
        raise ValueError("text or a message stands where a number should")
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """A number and where the next byte is."""
    result = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("a number does not end")
        byte = data[at]
        at += 1
        result |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return result, at
