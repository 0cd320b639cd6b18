"""What becomes of words: variables, substitution, splitting, file names."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Awaitable, Callable

from k8stui.practice.inside.files import FileTrouble
from k8stui.practice.inside.shell import arithmetic
from k8stui.practice.inside.shell.state import State
from k8stui.practice.inside.shell.syntax import (
    Arithmetic,
    Literal,
    Output,
    Part,
    Script,
    SyntaxTrouble,
    Variable,
    Word,
)

_LONGEST = 1 << 18
_MOST = 10_000
_SPECIAL = frozenset("*?[")
_PLAIN = re.compile(r"[\w./:=,+@%-]+").fullmatch

Piece = tuple[str, bool]
"""Text, and whether it is to be left as it is."""


class Expander:
    """Expands the words of one shell.

    Args:
        state: Its variables.
        output: Runs a script and tells what it writes.
    """

    def __init__(self, state: State, output: Callable[[Script], Awaitable[str]]) -> None:
        self._state = state
        self._output = output

    async def text(self, word: Word) -> str:
        """A word as one text, without splitting."""
        return "".join(text for text, _ in await self._pieces(word))

    async def pattern(self, word: Word) -> str:
        """A word as a pattern, in which what was quoted means itself."""
        pieces = await self._pieces(word)
        return "".join("".join(f"[{c}]" if c in _SPECIAL else c for c in t) if q else t for t, q in pieces)

    async def fields(self, words: list[Word]) -> list[str]:
        """Words as arguments: split at space, and with file names for patterns."""
        found: list[str] = []
        for word in words:
            if len(word.parts) == 1 and isinstance(part := word.parts[0], Literal) and _stays(part):
                found.append(part.text)
                continue
            if self._is_all(word):
                found += self._state.arguments
                continue
            for field in self._split(await self._pieces(word)):
                found += self._named(field)
            if len(found) > _MOST:
                raise SyntaxTrouble("argument list too long")
        return found

    @staticmethod
    def _is_all(word: Word) -> bool:
        """Whether it is ``"$@"`` and nothing else."""
        texts = [part for part in word.parts if not (isinstance(part, Literal) and not part.text)]
        return len(texts) == 1 and isinstance(texts[0], Variable) and texts[0].name == "@" and texts[0].quoted

    async def _pieces(self, word: Word) -> list[Piece]:
        found: list[Piece] = []
        for index, part in enumerate(word.parts):
            if isinstance(part, Literal):
                text = part.text
                if index == 0 and not part.quoted and (text == "~" or text.startswith("~/")):
                    text = self._state.variables.get("HOME", "/") + text[1:]
                found.append((text, part.quoted))
            else:
                found.append((await self._value(part), part.quoted))
        if sum(len(text) for text, _ in found) > _LONGEST:
            raise SyntaxTrouble("word too long")
        return found

    async def _value(self, part: Part) -> str:
        if isinstance(part, Output):
            return (await self._output(part.script)).rstrip("\n")
        if isinstance(part, Arithmetic):
            return str(arithmetic.calculate(await self.text(part.expression), self._state.variables))
        if isinstance(part, Variable):
            return await self._variable(part)
        return part.text

    async def _variable(self, part: Variable) -> str:
        value = self._state.value(part.name)
        operator = part.operator
        if operator == "length":
            return str(len(value or ""))
        if not operator:
            return value or ""
        assert part.word is not None
        if operator.lstrip(":") in ("-", "=", "+", "?"):
            return await self._otherwise(part, value, part.word)
        return _trimmed(value or "", await self.pattern(part.word), operator)

    async def _otherwise(self, part: Variable, value: str | None, word: Word) -> str:
        missing = value is None or (part.operator[0] == ":" and not value)
        match part.operator[-1]:
            case "+":
                return "" if missing else await self.text(word)
            case "?" if missing:
                raise SyntaxTrouble(f"{part.name}: {await self.text(word) or 'parameter not set'}")
            case "=" if missing:
                self._state.variables[part.name] = new = await self.text(word)
                return new
            case _:
                return await self.text(word) if missing else value or ""

    @staticmethod
    def _split(pieces: list[Piece]) -> list[list[Piece]]:
        """Fields of a word: what is not quoted is split at space."""
        fields: list[list[Piece]] = []
        open_field = False
        for text, quoted in pieces:
            if quoted:
                if not open_field:
                    fields.append([])
                fields[-1].append((text, True))
                open_field = True
                continue
            words = text.split()
            for index, each in enumerate(words):
                joins = index == 0 and open_field and not text[0].isspace()
                if not joins:
                    fields.append([])
                fields[-1].append((each, False))
            if words:
                open_field = not text[-1].isspace()
            elif text:
                open_field = False
        return fields

    def _named(self, field: list[Piece]) -> list[str]:
        plain = "".join(text for text, _ in field)
        if not any(not quoted and _SPECIAL & set(text) for text, quoted in field):
            return [plain]
        pattern = "".join("".join(f"[{c}]" if c in _SPECIAL else c for c in t) if q else t for t, q in field)
        return self._matching(pattern) or [plain]

    def _matching(self, pattern: str) -> list[str]:
        """The file names that a pattern stands for."""
        absolute = pattern.startswith("/")
        found = ["/" if absolute else ""]
        for part in [part for part in pattern.split("/") if part]:
            further = []
            for base in found:
                for name in self._names(base):
                    hidden = name.startswith(".") and not part.startswith(".")
                    if not hidden and fnmatch.fnmatchcase(name, part):
                        further.append(posixpath.join(base, name))
            found = further[:_MOST]
        return sorted(found)

    def _names(self, base: str) -> list[str]:
        try:
            return self._state.box.files.names(self._state.path(base or "."))
        except FileTrouble:
            return []


def _stays(part: Literal) -> bool:
    """Whether nothing is to be done to a text that stands for itself: most words are like that."""
    return part.quoted or _PLAIN(part.text) is not None


def _trimmed(value: str, pattern: str, operator: str) -> str:
    """A value without the shortest or longest part at an end that a pattern matches."""
    value = value[:2_000]
    places = range(len(value) + 1)
    if operator[0] == "#":
        ends = places if operator == "#" else reversed(places)
        return next((value[at:] for at in ends if fnmatch.fnmatchcase(value[:at], pattern)), value)
    begins = reversed(places) if operator == "%" else places
    return next((value[:at] for at in begins if fnmatch.fnmatchcase(value[at:], pattern)), value)
