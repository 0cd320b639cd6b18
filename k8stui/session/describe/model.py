"""What a description is made of. Every text in it is harmless: it was cleaned when it was taken in."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import Any, TypeVar

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dig
from k8stui.core.selectors import of_selector
from k8stui.core.text import clean
from k8stui.core.units import format_age, parse_time, spoken_age

MOST_CHARS = 1_000
"""Characters shown of one value; the YAML has the rest."""
MOST_LINES = 100
"""Lines shown of one list; what is left is counted."""
MOST_BLOCKS = 2_000
"""Blocks shown of one section, whatever it is made of."""
DEEPEST = 8
"""Maps in maps that are opened."""
NEARLY = 0.9
"""The share from which on what may be used up is nearly so."""


class Tone(Enum):
    """How a piece stands in its line."""

    PLAIN = "ink"
    QUIET = "quiet"
    STRONG = "strong"
    GOOD = "good"
    BUSY = "busy"
    WARN = "warn"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Target:
    """An object that a piece names."""

    kind: str
    group: str
    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A few words in one tone."""

    text: Text
    tone: Tone = Tone.PLAIN
    to: Target | None = None
    """The object that they lead to."""


Phrase = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its value, of one line or several."""

    label: Text
    lines: tuple[Phrase, ...]
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Say:
    """A line or a paragraph without a label."""

    words: Phrase
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """Rows that are compared with each other."""

    head: tuple[Text, ...]
    rows: tuple[tuple[Phrase, ...], ...]
    depth: int = 0
    label: Text | None = None
    """What all of it is, where it stands among facts."""
    last: int = 0
    """The least cells of the last column: with less, rows become paragraphs."""


@dataclass(frozen=True, slots=True)
class Bar:
    """How much of something is used."""

    label: Text
    share: float
    """Of 1; more when there is more than there should be."""
    words: Phrase
    tone: Tone
    depth: int = 0


Block = Fact | Say | Grid | Bar


@dataclass(frozen=True, slots=True)
class Section:
    """Blocks under a title."""

    title: Text
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """A whole object."""

    sections: tuple[Section, ...]


# Taking values in

READING = Text("reading", "読み込み中")
MORE = Text("… and {count} more", "…ほか{count}件")
CUT = Text("… {count} characters in all", "…全{count}文字")
NONE = Text("none", "なし")


def words(value: Any) -> Text:
    """Any value of an object as words: harmless, of one line, and not too long.

    What is too long is cut and its length told; so words are put together as phrases, not as strings that
    would be cut, and counted, again.
    """
    if isinstance(value, Text):
        return value
    if isinstance(value, str):
        text = value
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif value is None:
        text = ""
    elif isinstance(value, list) and all(isinstance(one, str | int | float) for one in value):
        text = ", ".join(words(one).en for one in value[:MOST_LINES])
        if len(value) > MOST_LINES:
            text += " …"
    elif isinstance(value, dict | list):
        text = json.dumps(value, ensure_ascii=False)
    else:
        text = str(value)
    if len(text) <= MOST_CHARS:
        return Text.same(_one_line(text))
    told = CUT.format(count=f"{len(text):,}")
    start = _one_line(text[:MOST_CHARS])
    return Text(f"{start} {told.en}", f"{start} {told.ja}")


def _one_line(text: str) -> str:
    """Harmless, with a sign where a line ended."""
    return clean(text.rstrip("\n").replace("\n", " ↵ ") if "\n" in text else text)


def phrase(*parts: Any) -> Phrase:
    """Words, pieces and phrases side by side."""
    found: list[Piece] = []
    for part in parts:
        if isinstance(part, Piece):
            found.append(part)
        elif isinstance(part, tuple):
            found += part
        else:
            found.append(Piece(words(part)))
    return tuple(found)


def quiet(value: Any) -> Piece:
    """Words that stand back."""
    return Piece(words(value), Tone.QUIET)


def strong(value: Any) -> Piece:
    """Words that stand out."""
    return Piece(words(value), Tone.STRONG)


def link(kind: str, name: Any, namespace: str = "", group: str = "") -> Piece:
    """The name of another object, which leads there."""
    to = Target(kind, group, namespace, name) if isinstance(name, str) and name else None
    return Piece(words(name), Tone.PLAIN, to)


def joined(parts: Iterable[Any], between: Any = "  ") -> Phrase:
    """Several parts on one line."""
    return tuple(piece for at, part in enumerate(parts) for piece in phrase(*([between] if at else []), part))


_Item = TypeVar("_Item")


class Writer:
    """Collects the blocks of a section; what is empty is left out."""

    def __init__(self, depth: int = 0) -> None:
        self.blocks: list[Block] = []
        self.depth = depth

    def fact(self, label: Text, *lines: Any) -> None:
        """A label and its lines; without any line that says something there is no fact."""
        found = [phrase(line) for line in lines if line is not None and line != "" and line != []]
        if found:
            left = len(found) - MOST_LINES
            if left > 0:
                found = [*found[:MOST_LINES], (quiet(MORE.format(count=f"{left:,}")),)]
            self.blocks.append(Fact(label, tuple(found), self.depth))

    def or_none(self, label: Text, lines: Iterable[Any]) -> None:
        """The same, but an empty list is told."""
        self.fact(label, *(list(lines) or [quiet(NONE)]))

    def say(self, *parts: Any) -> None:
        """A paragraph."""
        self.blocks.append(Say(phrase(*parts), self.depth))

    def some(self, items: Sequence[_Item], most: int = MOST_LINES) -> Iterator[_Item]:
        """The first of many, to be written one by one; behind them stands how many more there are."""
        yield from items[:most]
        self._more(len(items) - most)

    def grid(
        self,
        head: Sequence[Text],
        rows: Iterable[Sequence[Any]],
        *,
        label: Text | None = None,
        last: int = 0,
        count: int = 0,
    ) -> None:
        """Rows under a head; ``count`` tells how many there are when ``rows`` are the first of them."""
        coming = iter(rows)
        found = [tuple(phrase(cell) for cell in row) for row in islice(coming, MOST_LINES)]
        if found:
            self.blocks.append(Grid(tuple(head), tuple(found), self.depth, label, last))
        self._more(count - len(found) if count else sum(1 for _ in coming))

    def _more(self, count: int) -> None:
        if count > 0:
            self.say(quiet(MORE.format(count=f"{count:,}")))

    def bar(self, label: Any, share: float, *parts: Any, full: Tone = Tone.BAD) -> None:
        """How much of something there is.

        Args:
            label: Of what.
            share: Of 1.
            parts: The same in figures.
            full: How things stand when it is all of it, or more: less is then a warning (``GOOD``), or
                fine (``BAD``, ``WARN``), with a warning shortly before it for ``BAD``.
        """
        tone = full if share >= 1 else Tone.GOOD
        if (full is Tone.BAD and NEARLY <= share < 1) or (full is Tone.GOOD and share < 1):
            tone = Tone.WARN
        self.blocks.append(Bar(words(label), share, phrase(*parts), tone, self.depth))

    def deeper(self) -> Writer:
        """A writer into the same section, one step to the right."""
        inner = Writer(self.depth + 1)
        inner.blocks = self.blocks
        return inner

    def section(self, title: Text) -> Iterator[Section]:
        """The section, if there is anything in it."""
        left = len(self.blocks) - MOST_BLOCKS
        if left > 0:
            self.blocks[MOST_BLOCKS:] = [Say((quiet(MORE.format(count=f"{left:,}")),))]
        if self.blocks:
            yield Section(title, tuple(self.blocks))


# Reading an object of which nothing is certain


def string(value: Any, *steps: str | int) -> str:
    """A string of the object; empty when there is none."""
    found = dig(value, *steps)
    return found if isinstance(found, str) else ""


def strings(value: Any, *steps: str | int) -> list[str]:
    """A list of strings; what is no string in it is left out."""
    found = dig(value, *steps)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def number(value: Any, *steps: str | int) -> int:
    """A whole number; 0 when there is none."""
    found = dig(value, *steps)
    return found if isinstance(found, int) and not isinstance(found, bool) else 0


def pairs(value: Any, *steps: str | int) -> list[tuple[str, Any]]:
    """The entries of a map, in the order of their names."""
    found = dig(value, *steps)
    if not isinstance(found, dict):
        return []
    return sorted(((str(key), one) for key, one in found.items()), key=lambda pair: pair[0])


def leaves(value: Any, before: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The values of a map and of the maps in it, each by its dotted path."""
    for name, found in pairs(value):
        path = f"{before}.{name}" if before else name
        if isinstance(found, dict) and found and depth < DEEPEST:
            yield from leaves(found, path, depth + 1)
        else:
            yield path, found


def group_of(api_version: str) -> str:
    """The group of an apiVersion."""
    return api_version.rpartition("/")[0]


_FRACTION = re.compile(r"(?<=:\d\d)[.]\d+")
AGO = Text("{time}  ({age} ago)", "{time}（{age}前）")
AHEAD = Text("{time}  (in {age})", "{time}（あと{age}）")


def moment(value: Any, now: float) -> Text | None:
    """A time and how long ago that was; None for null, rubbish as it stands."""
    if not isinstance(value, str) or not value:
        return None
    at = parse_time(value)
    if at is None:
        return words(value)
    said = clean(_FRACTION.sub("", value.replace("T", " ").removesuffix("Z")))
    said += " UTC" if value.endswith("Z") else ""
    if at > now + 2:
        return AHEAD.format(time=said, age=spoken_age(at - now))
    return AGO.format(time=said, age=spoken_age(now - at))


def age(value: Any, now: float) -> str:
    """How long ago, as kubectl writes it; empty when it is not known."""
    at = parse_time(value) if isinstance(value, str) else None
    return format_age(max(0.0, now - at)) if at is not None else ""


def labelled(found: Iterable[tuple[str, Any]], sign: str = "=") -> Iterator[Phrase]:
    """Entries of a map, one a line: labels, annotations, options."""
    for key, value in found:
        yield phrase(words(key), quiet(sign), value)


_EVERY_POD = Text("every Pod of the namespace", "NamespaceのすべてのPod")


def pods_meant(selector: Any) -> Text | None:
    """The Pods that a label selector picks; an empty one picks all, and without one it is None."""
    if not isinstance(selector, dict):
        return None
    told = of_selector(selector)
    return words(selector if told is None else told) if told != "" else _EVERY_POD


def own_namespace(obj: JsonObject) -> str:
    """The namespace that the object is in."""
    return string(obj, "metadata", "namespace")
