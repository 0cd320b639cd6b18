"""Regular expressions for grep and sed, matched in time that grows with the text and not with its malice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

_LONGEST = 4_000
"""Characters of a line that are looked at."""
_MOST_REPEATS = 64
_CLASSES: dict[str, Callable[[str], bool]] = {
    "d": str.isdigit,
    "w": lambda c: c.isalnum() or c == "_",
    "s": str.isspace,
    "D": lambda c: not c.isdigit(),
    "W": lambda c: not (c.isalnum() or c == "_"),
    "S": lambda c: not c.isspace(),
}
_NAMED: dict[str, Callable[[str], bool]] = {
    "alpha": str.isalpha,
    "digit": str.isdigit,
    "alnum": str.isalnum,
    "space": str.isspace,
    "upper": str.isupper,
    "lower": str.islower,
    "punct": lambda c: c.isprintable() and not c.isalnum() and not c.isspace(),
}


class PatternTrouble(Exception):
    """It is no regular expression."""


class _Node:
    def ends(self, text: str, begins: set[int]) -> set[int]:
        """Where a match may end that begins at one of some places."""
        raise NotImplementedError


@dataclass(slots=True)
class _Char(_Node):
    fits: Callable[[str], bool]

    def ends(self, text: str, begins: set[int]) -> set[int]:
        return {at + 1 for at in begins if at < len(text) and self.fits(text[at])}


@dataclass(slots=True)
class _Edge(_Node):
    end: bool

    def ends(self, text: str, begins: set[int]) -> set[int]:
        edge = len(text) if self.end else 0
        return {edge} & begins


@dataclass(slots=True)
class _All(_Node):
    parts: list[_Node]

    def ends(self, text: str, begins: set[int]) -> set[int]:
        for part in self.parts:
            if not begins:
                break
            begins = part.ends(text, begins)
        return begins


@dataclass(slots=True)
class _Any(_Node):
    choices: list[_Node]

    def ends(self, text: str, begins: set[int]) -> set[int]:
        return set().union(*(choice.ends(text, begins) for choice in self.choices))


@dataclass(slots=True)
class _Repeat(_Node):
    node: _Node
    least: int
    most: int | None

    def ends(self, text: str, begins: set[int]) -> set[int]:
        here = begins
        for _ in range(self.least):
            here = self.node.ends(text, here)
        found, count = set(here), self.least
        while here and (self.most is None or count < self.most):
            here = self.node.ends(text, here) - found
            found |= here
            count += 1
        return found


class Pattern:
    """A regular expression.

    Args:
        text: POSIX syntax.
        extended: Whether ``+ ? | ( ) {`` mean something by themselves, and not with a backslash.
        ignore_case: Whether upper and lower case are the same.
        fixed: Whether the text is meant as it is.

    Raises:
        PatternTrouble: it is none.
    """

    def __init__(
        self, text: str, *, extended: bool = False, ignore_case: bool = False, fixed: bool = False
    ) -> None:
        self._fold = ignore_case
        text = text.lower() if ignore_case else text
        if fixed:
            self._node: _Node = _All([_Char(c.__eq__) for c in text])
        else:
            self._node = _Reader(text, extended).whole()

    def found(self, text: str) -> bool:
        """Whether it matches anywhere."""
        text = self._ready(text)
        return bool(self._node.ends(text, set(range(len(text) + 1))))

    def span(self, text: str, begin: int = 0) -> tuple[int, int] | None:
        """The first match from a place on, as long as it can be."""
        text = self._ready(text)
        for at in range(begin, len(text) + 1):
            ends = self._node.ends(text, {at})
            if ends:
                return at, max(ends)
        return None

    def _ready(self, text: str) -> str:
        text = text[:_LONGEST]
        return text.lower() if self._fold else text


class _Reader:
    def __init__(self, text: str, extended: bool) -> None:
        self._text = text
        self._extended = extended
        self._at = 0
        self._depth = 0

    def whole(self) -> _Node:
        node = self._choices()
        if self._at < len(self._text):
            raise PatternTrouble("unmatched )")
        return node

    def _token(self) -> tuple[str, bool]:
        """The next character, and whether it has a special meaning."""
        char = self._text[self._at]
        if char == "\\":
            if self._at + 1 >= len(self._text):
                raise PatternTrouble("trailing backslash")
            following = self._text[self._at + 1]
            return following, following in "(){}|+?" and not self._extended
        return char, char in "^$.[*" or (self._extended and char in "(){}|+?")

    def _skip(self) -> None:
        self._at += 2 if self._text[self._at] == "\\" else 1

    def _is(self, *chars: str) -> bool:
        if self._at >= len(self._text):
            return False
        char, special = self._token()
        return special and char in chars

    def _choices(self) -> _Node:
        choices = [self._sequence()]
        while self._is("|"):
            self._skip()
            choices.append(self._sequence())
        return choices[0] if len(choices) == 1 else _Any(choices)

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while self._at < len(self._text) and not self._is("|") and not (self._depth and self._is(")")):
            node = self._one()
            while self._is("*", "+", "?", "{"):
                node = self._repeated(node)
            parts.append(node)
        return _All(parts)

    def _repeated(self, node: _Node) -> _Node:
        char, _ = self._token()
        self._skip()
        if char != "{":
            return _Repeat(node, 1 if char == "+" else 0, 1 if char == "?" else None)
        end = self._text.find("}", self._at)
        if end < 0:
            raise PatternTrouble("unmatched {")
        low, comma, high = self._text[self._at : end].rstrip("\\").partition(",")
        self._at = end + 1
        if not (low or "0").isdigit() or not (high or "0").isdigit():
            raise PatternTrouble("invalid content of {}")
        least = min(int(low or 0), _MOST_REPEATS)
        most = least if not comma else min(int(high), _MOST_REPEATS) if high else None
        return _Repeat(node, least, most)

    def _one(self) -> _Node:
        char, special = self._token()
        escaped = self._text[self._at] == "\\"
        if special and char == "[":
            return _Char(self._set())
        self._skip()
        if special and char == "(":
            self._depth += 1
            if self._depth > 20:
                raise PatternTrouble("too deep")
            node = self._choices()
            if not self._is(")"):
                raise PatternTrouble("unmatched (")
            self._skip()
            self._depth -= 1
            return node
        if special and char in "^$":
            return _Edge(char == "$")
        if special and char == ".":
            return _Char(lambda c: True)
        if escaped and char in _CLASSES:
            return _Char(_CLASSES[char])
        return _Char(char.__eq__)

    def _set(self) -> Callable[[str], bool]:
        at = self._at + 1
        negated = self._text[at : at + 1] == "^"
        at += negated
        end = self._text.find("]", at + 1)
        while end > 0 and self._text.rfind("[:", at, end) > self._text.rfind(":]", at, end):
            end = self._text.find("]", end + 1)
        if end < 0:
            raise PatternTrouble("unmatched [")
        tests, inner, index = [], self._text[at:end], 0
        while index < len(inner):
            named = inner[index + 2 : inner.find(":]", index)] if inner.startswith("[:", index) else ""
            if named in _NAMED:
                tests.append(_NAMED[named])
                index += len(named) + 4
            elif inner[index + 1 : index + 2] == "-" and index + 2 < len(inner):
                tests.append(_between(inner[index], inner[index + 2]))
                index += 3
            else:
                tests.append(inner[index].__eq__)
                index += 1
        self._at = end + 1
        return lambda c: any(test(c) for test in tests) != negated


def _between(low: str, high: str) -> Callable[[str], bool]:
    return lambda c: low <= c <= high
