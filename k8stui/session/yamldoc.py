"""An object as lines of YAML, each of which knows what it shows: the place in the object, and its value.

The lines read as ``kubectl get -o yaml`` prints them (list dashes below their key, texts of several lines as
blocks), in the order of the object. Every string of the object is made harmless. Values of Secrets are masked
unless revealed.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from k8stui.core.objects import JsonObject
from k8stui.core.paths import Path
from k8stui.core.text import clean, clean_lines

MASK = "••••••"
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
MANAGED: Path = ("metadata", "managedFields")

_PLAIN = re.compile(r"-{0,2}[A-Za-z_/$(][^\x00-\x1f\x7f-\x9f#:]*(?:[:#](?=\S)[^\x00-\x1f\x7f-\x9f#:]*)*")
_OTHER = re.compile(
    r"(?:y|n|yes|no|true|false|on|off|null|~|\.inf|\.nan)|[-+]?[\d.][\d_.,:eExXob+\-a-fA-F]*", re.IGNORECASE
)
"""Strings that YAML 1.1 or 1.2 would read as something else than a string."""


class YamlLine(NamedTuple):
    """One line."""

    path: Path
    """What the line shows: a field, an item of a list, or the text block that it belongs to."""
    indent: int
    """Cells before the first character."""
    dashes: str
    """``- `` of the lists that begin on this line."""
    key: str
    """With its colon; empty for an item without one and inside a text block."""
    value: str
    """The rest of the line."""
    tone: str
    """``str``, ``num``, ``word`` (true, false, null), ``mark`` (block signs, empty collections), ``mask``."""
    depth: int
    """How many folds it stands in."""

    @property
    def text(self) -> str:
        """The line as it is read."""
        space = " " if self.key and self.value else ""
        return f"{' ' * self.indent}{self.dashes}{self.key}{space}{self.value}".rstrip(" ")


class YamlDocument:
    """The lines of one version of an object, and what folds on which line."""

    def __init__(self, obj: JsonObject, *, revealed: Collection[Path] = (), managed: bool = False) -> None:
        """Make the lines.

        Args:
            obj: The object.
            revealed: Places of a Secret whose values are shown, decoded.
            managed: Whether metadata.managedFields is written out; else one line tells that it is there.
        """
        self._secret = obj.get("kind") == "Secret" and obj.get("apiVersion") == "v1"
        self._revealed = frozenset(revealed)
        self._managed = managed
        self.lines: list[YamlLine] = []
        self.folds: dict[int, int] = {}
        """First line of what can be folded: the line after its last one."""
        self._map({name: obj[name] for name in sorted(obj, key=_rank)}, (), 0, "", 0)

    def line_of(self, path: Path) -> int:
        """The first line of a place, or of the nearest place above it that has one."""
        known: dict[Path, int] = {}
        for at, line in enumerate(self.lines):
            known.setdefault(line.path, at)
        for size in range(len(path), 0, -1):
            if path[:size] in known:
                return known[path[:size]]
        return 0

    def masked(self, path: Path) -> bool:
        """Whether the value of a place is masked unless revealed."""
        if not self._secret:
            return False
        return (len(path) == 2 and path[0] in ("data", "stringData")) or (
            path[:2] == ("metadata", "annotations") and path[-1] == _APPLIED
        )

    # Lines

    def _add(
        self,
        path: Path,
        indent: int,
        dashes: str,
        key: str,
        value: str = "",
        tone: str = "mark",
        depth: int = 0,
    ) -> None:
        self.lines.append(YamlLine(path, indent, dashes, key, value, tone, depth))

    def _map(self, found: JsonObject, path: Path, indent: int, dashes: str, depth: int) -> None:
        for name, value in found.items():
            place = (*path, name)
            key = f"{_scalar_text(name)}:"
            if place == MANAGED and not self._managed and isinstance(value, list):
                self._add(place, indent, dashes, key, f"# {_managers(value)}", "comment", depth)
            else:
                self._value(value, place, indent, dashes, key, depth)
            indent, dashes = indent + len(dashes), ""

    def _list(self, found: list[Any], path: Path, indent: int, depth: int) -> None:
        for at, value in enumerate(found):
            place = (*path, at)
            if isinstance(value, dict) and value:
                start = len(self.lines)
                self._map(value, place, indent, "- ", depth)
                self._fold(start)
            elif isinstance(value, list) and value:
                self._add(place, indent, "- ", "", depth=depth)
                start = len(self.lines) - 1
                self._list(value, place, indent + 2, depth + 1)
                self._fold(start)
            else:
                self._value(value, place, indent, "- ", "", depth)

    def _value(self, value: Any, path: Path, indent: int, dashes: str, key: str, depth: int) -> None:
        inner = indent + len(dashes)
        if self.masked(path):
            value = self._secret_value(value, path)
            if value is None:
                self._add(path, indent, dashes, key, MASK, "mask", depth)
                return
        if isinstance(value, dict) and value:
            self._add(path, indent, dashes, key, depth=depth)
            start = len(self.lines) - 1
            self._map(value, path, inner + 2, "", depth + 1)
            self._fold(start)
        elif isinstance(value, list) and value:
            self._add(path, indent, dashes, key, depth=depth)
            start = len(self.lines) - 1
            self._list(value, path, inner, depth + 1)
            self._fold(start)
        elif isinstance(value, str) and "\n" in value:
            self._block(value, path, indent, dashes, key, depth)
        else:
            text, tone = _scalar(value)
            self._add(path, indent, dashes, key, text, tone, depth)

    def _block(self, value: str, path: Path, indent: int, dashes: str, key: str, depth: int) -> None:
        """A text of several lines, as a literal block."""
        body = value.rstrip("\n")
        ends = len(value) - len(body)
        sign = "|" + ("-" if ends == 0 else "" if ends == 1 and body else "+")
        if body.startswith((" ", "\n")):
            sign = f"|2{sign[1:]}"
        self._add(path, indent, dashes, key, sign, "mark", depth)
        start = len(self.lines) - 1
        inner = indent + len(dashes) + (2 if key else 0)
        for text in clean_lines(body).split("\n") + [""] * max(0, ends - 1):
            self._add(path, inner if text else 0, "", "", text, "str", depth + 1)
        self._fold(start)

    def _fold(self, start: int) -> None:
        if len(self.lines) - start > 1:
            self.folds[start] = len(self.lines)

    def _secret_value(self, value: Any, path: Path) -> Any:
        """A revealed value, decoded where it is text; None while it is masked."""
        if path not in self._revealed:
            return None
        return decoded(value) if path[0] == "data" else value


def decoded(value: Any) -> str:
    """The text in a value of a Secret's ``data``; of other bytes how many there are, and the base64."""
    try:
        data = base64.b64decode(str(value), validate=True)
    except (binascii.Error, ValueError):
        return str(value)
    try:
        return data.decode()
    except UnicodeDecodeError:
        return f"({len(data)} bytes, base64) {value}"


def visible(document: YamlDocument, folded: Collection[Path]) -> list[int]:
    """The indices of the lines that are seen while some places are folded."""
    if not folded:
        return list(range(len(document.lines)))
    found = []
    at = 0
    while at < len(document.lines):
        found.append(at)
        end = document.folds.get(at)
        at = end if end is not None and fold_place(document, at) in folded else at + 1
    return found


def fold_place(document: YamlDocument, at: int) -> Path:
    """What a fold that begins at a line folds: the item of a list where its first field stands there too."""
    line = document.lines[at]
    if line.dashes and line.key and document.folds.get(at, 0) > at + 1:
        return line.path[:-1] if not _opens(document, at) else line.path
    return line.path


def _opens(document: YamlDocument, at: int) -> bool:
    """Whether the next line stands below the field of this one rather than beside it."""
    here, after = document.lines[at].path, document.lines[at + 1].path
    return after[: len(here)] == here


_FIRST, _LAST = ("apiVersion", "kind", "metadata"), ("status",)


def _rank(name: str) -> int:
    """Where a field of the object itself stands: identity first, status last, the others as they came."""
    if name in _FIRST:
        return _FIRST.index(name) - len(_FIRST)
    return 1 if name in _LAST else 0


def _managers(entries: list[Any]) -> str:
    names = [str(entry.get("manager", "")) for entry in entries if isinstance(entry, dict)]
    unique = list(dict.fromkeys(names))
    return clean(f"{len(entries)}: {', '.join(unique[:5])}{', …' if len(unique) > 5 else ''}")


def _scalar(value: Any) -> tuple[str, str]:
    if value is None:
        return "null", "word"
    if isinstance(value, bool):
        return ("true" if value else "false"), "word"
    if isinstance(value, int | float):
        return json.dumps(value), "num"
    if isinstance(value, dict | list):
        return ("{}" if isinstance(value, dict) else "[]"), "mark"
    return _scalar_text(str(value)), "str"


def _scalar_text(text: str) -> str:
    """A string on one line: plain where YAML reads it as the same string, else in double quotes."""
    if _PLAIN.fullmatch(text) and not text.endswith((" ", ":")) and not _OTHER.fullmatch(text):
        return clean(text)
    if re.fullmatch(r"\d[\w.\-/]*[A-Za-z/][\w.\-/]*", text) and not _OTHER.fullmatch(text):
        return clean(text)
    return clean(json.dumps(text, ensure_ascii=False))


def as_text(document: YamlDocument) -> str:
    """The whole document, as it is shown."""
    return "".join(f"{line.text}\n" for line in document.lines)


def part_of(document: YamlDocument, at: int) -> str:
    """What folds at a line, or the line alone, moved to the left edge; masked values stay masked."""
    lines = document.lines[at : document.folds.get(at, at + 1)]
    edge = min((line.indent for line in lines if line.text), default=0)
    return "".join(f"{line.text[edge:]}\n" for line in lines)


def matches(document: YamlDocument, wanted: str) -> Iterator[int]:
    """The lines that contain a text; its case counts only where it has a capital."""
    exact = wanted != wanted.lower()
    for at, line in enumerate(document.lines):
        if wanted in (line.text if exact else line.text.lower()):
            yield at
