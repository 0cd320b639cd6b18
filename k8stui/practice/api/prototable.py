"""The fields of the messages that the API has on the protobuf wire, read from ``protobuf.tbl``.

A message begins with its name (``core/v1.PodSpec``), then has a line per field: number, JSON name, type. A
type without a slash is a scalar, a form with a rule of its own (Quantity, Time, ...) or a message beside it.
``-`` names a field whose own fields stand beside it in JSON, ``[]`` is a list, ``{}`` a map by strings, and
``!`` marks a value that JSON has even when it is zero.

The numbers are those of k8s.io/api and k8s.io/apimachinery 0.37; ``tests/practice/protobuf_table.py`` writes
the file from the Go types of a release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

INLINE = "-"
_PLAIN = frozenset(
    (
        *("string", "bytes", "bool", "int32", "int64", "Strings"),
        *("Quantity", "IntOrString", "Time", "MicroTime", "FieldsV1", "RawExtension"),
    )
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message."""

    name: str
    """In JSON; ``-`` for one whose fields are its owner's."""
    type: str
    """A plain type, or the whole name of a message."""
    many: str
    """``[]`` for a list, ``{}`` for a map, empty for one value."""
    kept: bool
    """Whether JSON has it even when it is zero."""


class Table:
    """The messages by name; one's lines are read when it is first met."""

    def __init__(self) -> None:
        text = (resources.files("k8stui.practice.api") / "protobuf.tbl").read_text(encoding="utf-8")
        self._lines: dict[str, list[str]] = {}
        self._fields: dict[str, Mapping[int, Field]] = {}
        lines: list[str] = []
        for line in text.splitlines():
            if " " in line:
                lines.append(line)
            else:
                lines = self._lines[line] = []

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def __contains__(self, message: str) -> bool:
        return message in self._lines

    def __getitem__(self, message: str) -> Mapping[int, Field]:
        """The fields of a message by number."""
        found = self._fields.get(message)
        if found is None:
            package = message.partition(".")[0]
            found = dict(_field(package, line) for line in self._lines[message])
            self._fields[message] = found
        return found


def _field(package: str, line: str) -> tuple[int, Field]:
    number, name, kind = line.split()
    many = kind[:2] if kind[:2] in ("[]", "{}") else ""
    bare = kind.removeprefix(many).rstrip("!")
    if bare not in _PLAIN and "/" not in bare:
        bare = f"{package}.{bare}"
    return int(number), Field(name, bare, many, kind.endswith("!") or bare == "IntOrString")
