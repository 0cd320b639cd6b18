"""Reads the words of a shell script: quotes, variables, command substitution."""

from __future__ import annotations

import re
from collections.abc import Callable

from k8stui.practice.inside.shell.syntax import (
    Arithmetic,
    Incomplete,
    Literal,
    Output,
    Part,
    Script,
    SyntaxTrouble,
    Variable,
    Word,
)

_BREAKS = frozenset(" \t\n;&|<>()")
_KEYWORD = re.compile(r"[a-z]+|!|\{|\}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|[0-9?$#@*!-]")
_OPERATOR = re.compile(r":?[-=+?]|%%?|##?")


class Reading:
    """A text, and how far it has been read.

    Args:
        text: The script.
        script: Reads the script inside of a substitution.
    """

    def __init__(self, text: str, script: Callable[[str], Script]) -> None:
        self._text = text.replace("\\\n", "")
        self._at = 0
        self._script = script

    @property
    def over(self) -> bool:
        """Whether nothing but space is left."""
        self._blank()
        return self._at >= len(self._text)

    def peek(self) -> str:
        """The next character after space; empty at the end."""
        self._blank()
        return self._text[self._at : self._at + 1]

    def at(self, text: str) -> bool:
        """Whether something comes next."""
        self._blank()
        return self._text.startswith(text, self._at)

    def take(self, *choices: str) -> str:
        """Read one of some texts if it comes next."""
        for each in choices:
            if self.at(each):
                self._at += len(each)
                return each
        return ""

    def need(self, text: str) -> None:
        """Read a text that has to be there.

        Raises:
            SyntaxTrouble: it is not.
        """
        if not self.take(text):
            raise self.trouble()

    def keyword(self) -> str:
        """The word that comes next, if it could be a keyword."""
        self._blank()
        found = _KEYWORD.match(self._text, self._at)
        if found is None or (self._text[found.end() : found.end() + 1] or " ") not in _BREAKS:
            return ""
        return found[0]

    def take_keyword(self, keyword: str) -> None:
        """Read a keyword that comes next."""
        self._blank()
        self._at += len(keyword)

    def need_keyword(self, keyword: str) -> None:
        """Read a keyword that has to be there.

        Raises:
            SyntaxTrouble: it is not.
        """
        if self.keyword() != keyword:
            raise self.trouble()
        self.take_keyword(keyword)

    def trouble(self) -> SyntaxTrouble:
        """What is wrong here."""
        if self.over:
            return Incomplete("syntax error: unexpected end of file")
        found = re.compile(r"[;&|<>()]{1,2}|\S+").match(self._text, self._at)
        word = found[0] if found else "newline"
        return SyntaxTrouble(f'syntax error: unexpected "{word}"')

    def match(self, pattern: re.Pattern[str]) -> str:
        """Read what a pattern matches next; empty for nothing."""
        self._blank()
        found = pattern.match(self._text, self._at)
        if found is None:
            return ""
        self._at = found.end()
        return found[0]

    def skip_lines(self) -> None:
        """Go on to the next line that has something."""
        while self.peek() == "\n" or (self.peek() == ";" and not self.at(";;")):
            self._at += 1

    def document(self, end: str, *, tabs: bool) -> Word:
        """A here-document: it begins in the next line, and what is left of this one is read later.

        Raises:
            Incomplete: it does not end.
        """
        begin = self._text.find("\n", self._at)
        lines = [] if begin < 0 else self._text[begin + 1 :].split("\n")
        found: list[str] = []
        for line in lines:
            bare = line.lstrip("\t") if tabs else line
            if bare == end:
                size = sum(len(each) + 1 for each in lines[: len(found)]) + len(line)
                self._text = self._text[:begin] + self._text[begin + 1 + size :]
                return Word((Literal("".join(f"{each}\n" for each in found), quoted=True),))
            found.append(bare)
        raise Incomplete("syntax error: unexpected end of file in here-document")

    def word(self, *, after_blank: bool = True) -> Word | None:
        """The next word; None when there is none on this line."""
        if after_blank:
            self._blank()
        parts: list[Part] = []
        while self._at < len(self._text) and self._text[self._at] not in _BREAKS:
            parts += self._piece()
        return Word(parts) if parts else None

    def _blank(self) -> None:
        while self._at < len(self._text):
            if self._text[self._at] in " \t":
                self._at += 1
            elif self._text[self._at] == "#" and (self._at == 0 or self._text[self._at - 1] in " \t\n;&|("):
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end
            else:
                return

    def _piece(self) -> list[Part]:
        char = self._text[self._at]
        if char == "'":
            return [Literal(self._up_to("'", self._at + 1), quoted=True)]
        if char == '"':
            self._at += 1
            return self._quoted()
        if char == "\\":
            self._at += 2
            return [Literal(self._text[self._at - 1 : self._at], quoted=True)]
        if char in "$`":
            return [self._dollar(quoted=False)]
        begin = self._at
        while self._at < len(self._text) and self._text[self._at] not in "'\"\\$`" + "".join(_BREAKS):
            self._at += 1
        return [Literal(self._text[begin : self._at])]

    def _up_to(self, end: str, begin: int) -> str:
        found = self._text.find(end, begin)
        if found < 0:
            raise Incomplete("syntax error: unterminated quoted string")
        self._at = found + len(end)
        return self._text[begin:found]

    def _quoted(self) -> list[Part]:
        parts: list[Part] = [Literal("", quoted=True)]
        text = ""
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == '"':
                self._at += 1
                return [*parts, Literal(text, quoted=True)]
            if char in "$`":
                parts.append(Literal(text, quoted=True))
                text = ""
                parts.append(self._dollar(quoted=True))
                continue
            if char == "\\" and self._text[self._at + 1 : self._at + 2] in ('"', "\\", "$", "`"):
                self._at += 1
            text += self._text[self._at]
            self._at += 1
        raise Incomplete("syntax error: unterminated quoted string")

    def _dollar(self, *, quoted: bool) -> Part:
        if self._text[self._at] == "`":
            return Output(self._script(self._up_to("`", self._at + 1)), quoted)
        if self._text.startswith("$((", self._at):
            inner = self._enclosed(self._at + 3, "(", ")", 2)
            return Arithmetic(self._inner(inner), quoted)
        if self._text.startswith("$(", self._at):
            return Output(self._script(self._enclosed(self._at + 2, "(", ")", 1)), quoted)
        if self._text.startswith("${", self._at):
            return self._braced(self._enclosed(self._at + 2, "{", "}", 1), quoted)
        found = _NAME.match(self._text, self._at + 1)
        if found is None:
            self._at += 1
            return Literal("$", quoted)
        self._at = found.end()
        return Variable(found[0], quoted)

    def _enclosed(self, begin: int, opening: str, closing: str, depth: int) -> str:
        """What is between brackets; goes on behind them."""
        at, quote, wanted = begin, "", depth
        while at < len(self._text):
            char = self._text[at]
            if char == "\\":
                at += 1
            elif quote:
                quote = "" if char == quote else quote
            elif char in "'\"":
                quote = char
            elif char == opening:
                depth += 1
            elif char == closing:
                depth -= 1
                if depth == 0:
                    self._at = at + 1
                    return self._text[begin : at + 1 - wanted]
            at += 1
        raise Incomplete("syntax error: unterminated substitution")

    def _inner(self, text: str) -> Word:
        """A text inside of a substitution, in which space is no break."""
        inner = Reading(text, self._script)
        parts: list[Part] = []
        while inner._at < len(inner._text):
            if inner._text[inner._at] in _BREAKS:
                parts.append(Literal(inner._text[inner._at]))
                inner._at += 1
            else:
                parts += inner._piece()
        return Word(parts)

    def _braced(self, inner: str, quoted: bool) -> Part:
        if inner.startswith("#") and _NAME.fullmatch(inner[1:]):
            return Variable(inner[1:], quoted, "length")
        found = _NAME.match(inner)
        if found is None:
            raise SyntaxTrouble("syntax error: bad substitution")
        rest = inner[found.end() :]
        if not rest:
            return Variable(found[0], quoted)
        operator = _OPERATOR.match(rest)
        if operator is None:
            raise SyntaxTrouble("syntax error: bad substitution")
        return Variable(found[0], quoted, operator[0], self._inner(rest[operator.end() :]))
