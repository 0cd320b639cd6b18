"""YAML that remembers its lines, so that a mistake can be shown where it stands.

Only what a person writes into settings and notes is understood: mappings, lists and text. Anchors,
aliases and tags are refused, names must not repeat, and size and depth are bounded, so that no file can
make reading it take long.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, TypeAlias

from k8stui.core.lang import Text
from k8stui.core.text import clean

MOST_CHARACTERS = 1_000_000
MOST_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text, a number or a truth value: the words as they are written."""

    line: int
    """1 is the first line of the file."""
    text: str
    plain: bool = True
    """Whether it stands without quotes: only then ``true`` is a truth value and an empty value is none at
    all."""


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    line: int
    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """A mapping: each name with the line on which it stands, and its value."""

    line: int
    fields: dict[str, tuple[int, Value]]


Value: TypeAlias = Scalar | Items | Fields


class Mistake(Exception):
    """Something that cannot be read, with its line; the caller knows the file and tells the person."""

    def __init__(self, line: int, message: Text) -> None:
        super().__init__(f"{line}: {message.en}")
        self.line = line
        self.message = message


_TOO_DEEP = Text("This is nested too deeply.", "入れ子が深すぎます。")


def read_document(text: str) -> Value | None:
    """The one document of a YAML text; None when the text is empty or only comments.

    Raises:
        Mistake: it is no YAML, or goes beyond what is understood here.
    """
    import yaml  # 35 ms, and most starts read no file at all

    if len(text) > MOST_CHARACTERS:
        raise Mistake(1, Text("The file is too large.", "ファイルが大きすぎます。"))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Builder(yaml.parse(text, Loader=loader)).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = clean(str(error.problem or error.context or ""))
        said = Text(f"This is not YAML: {problem}.", f"YAMLとして読めません: {problem}")
        # The scanner reads ahead, so libyaml's own bound may come before the one here.
        raise Mistake(
            mark.line + 1 if mark else 1, _TOO_DEEP if "nesting depth" in problem else said
        ) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise Mistake(line, Text("There is an unreadable character.", "読めない文字があります。")) from None


class _Builder:
    """Builds values from parser events; recursion is bounded by ``MOST_DEPTH``."""

    def __init__(self, events: Iterator[Any]) -> None:
        self._events = events

    def document(self) -> Value | None:
        found: Value | None = None
        documents = 0
        for event in self._events:
            match type(event).__name__:
                case "DocumentStartEvent":
                    documents += 1
                    if documents > 1:
                        _fail(event, "There is more than one document.", "ドキュメントが複数あります。")
                case "StreamStartEvent" | "StreamEndEvent" | "DocumentEndEvent":
                    pass
                case _:
                    found = self._value(event, 0)
        if isinstance(found, Scalar) and found.plain and not found.text:
            return None
        return found

    def _value(self, event: Any, depth: int) -> Value:
        if depth > MOST_DEPTH:
            raise Mistake(event.start_mark.line + 1, _TOO_DEEP)
        name = type(event).__name__
        if name == "AliasEvent" or event.anchor is not None:
            _fail(event, "Anchors and aliases are not understood.", "アンカーとエイリアスは使えません。")
        if event.tag is not None:
            _fail(event, "Tags are not understood.", "タグは使えません。")
        line = event.start_mark.line + 1
        if name == "ScalarEvent":
            return Scalar(line, event.value, not event.style)
        if name == "SequenceStartEvent":
            return Items(line, tuple(self._items(depth)))
        return Fields(line, self._fields(depth))

    def _items(self, depth: int) -> Iterator[Value]:
        for event in self._events:
            if type(event).__name__ == "SequenceEndEvent":
                return
            yield self._value(event, depth + 1)

    def _fields(self, depth: int) -> dict[str, tuple[int, Value]]:
        fields: dict[str, tuple[int, Value]] = {}
        for event in self._events:
            if type(event).__name__ == "MappingEndEvent":
                break
            name = self._value(event, depth + 1)
            if not isinstance(name, Scalar):
                _fail(event, "A name must be a word.", "項目名には文字列を書いてください。")
            if name.text in fields:
                _fail(
                    event,
                    f"{clean(name.text)} stands here a second time.",
                    f"{clean(name.text)}が重複しています。",
                )
            fields[name.text] = (name.line, self._value(next(self._events), depth + 1))
        return fields


def _fail(event: Any, en: str, ja: str) -> NoReturn:
    raise Mistake(event.start_mark.line + 1, Text(en, ja))
