"""Reads shell scripts."""

from __future__ import annotations

import re

from k8stui.practice.inside.shell.reading import Reading
from k8stui.practice.inside.shell.syntax import (
    Case,
    Command,
    For,
    Group,
    If,
    Item,
    Literal,
    Loop,
    Pipeline,
    Redirect,
    Script,
    Simple,
    SyntaxTrouble,
    Word,
)

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_REDIRECT = re.compile(r"(\d?)(<<-?|>>|>&|<&|>\||&>|<|>)")
_CLOSING = frozenset(("then", "elif", "else", "fi", "do", "done", "esac", "}"))
_LONGEST = 100_000
_DEEPEST = 40


def parse(text: str) -> Script:
    """The script that a text is.

    Raises:
        Incomplete: it ends too early.
        SyntaxTrouble: it is none.
    """
    if len(text) > _LONGEST:
        raise SyntaxTrouble("script too long")
    parser = Parser(text)
    script = parser.script()
    if not parser.reading.over:
        raise parser.reading.trouble()
    return script


class Parser:
    """One script being read; a part of another one when ``depth`` is more than 0."""

    def __init__(self, text: str, depth: int = 0) -> None:
        self._depth = depth
        if depth > _DEEPEST:
            raise SyntaxTrouble("nested too deeply")
        self.reading = Reading(text, lambda inner: Parser(inner, depth + 1).whole())

    def whole(self) -> Script:
        """All of it."""
        script = self.script()
        if not self.reading.over:
            raise self.reading.trouble()
        return script

    def script(self) -> Script:
        """As much as there is until something that ends it."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise SyntaxTrouble("nested too deeply")
        items = []
        self.reading.skip_lines()
        while not self._ends():
            items.append(self._item())
            self.reading.skip_lines()
        self._depth -= 1
        return Script(items)

    def _ends(self) -> bool:
        reading = self.reading
        return reading.over or reading.peek() in (")",) or reading.at(";;") or reading.keyword() in _CLOSING

    def _item(self) -> Item:
        pipelines = [("", self._pipeline())]
        while True:
            operator = self.reading.take("&&", "||")
            if not operator:
                break
            self.reading.skip_lines()
            pipelines.append((operator, self._pipeline()))
        background = not self.reading.at("&&") and bool(self.reading.take("&"))
        if not background and not self.reading.at(";;"):
            self.reading.take(";")
        return Item(pipelines, background)

    def _pipeline(self) -> Pipeline:
        negated = False
        while self.reading.keyword() == "!":
            self.reading.take_keyword("!")
            negated = not negated
        commands = [self._command()]
        while not self.reading.at("||") and self.reading.take("|"):
            self.reading.skip_lines()
            commands.append(self._command())
        return Pipeline(commands, negated)

    def _command(self) -> Command:
        form: If | Loop | For | Case | Group
        keyword = self.reading.keyword()
        if self.reading.peek() == "(":
            self.reading.take("(")
            form = Group(self.script(), apart=True)
            self.reading.need(")")
        elif keyword == "{":
            self.reading.take_keyword("{")
            form = Group(self._until("}"), apart=False)
        elif keyword == "if":
            form = self._if()
        elif keyword in ("while", "until"):
            self.reading.take_keyword(keyword)
            condition = self._until("do")
            form = Loop(condition, self._until("done"), keyword == "until")
        elif keyword == "for":
            form = self._for()
        elif keyword == "case":
            form = self._case()
        else:
            return self._simple()
        redirects = []
        while (found := self._redirect()) is not None:
            redirects.append(found)
        return Command(form, redirects)

    def _until(self, keyword: str) -> Script:
        script = self.script()
        self.reading.need_keyword(keyword)
        return script

    def _if(self) -> If:
        self.reading.take_keyword("if")
        condition = self._until("then")
        branches, other = [(condition, self.script())], None
        while self.reading.keyword() == "elif":
            self.reading.take_keyword("elif")
            condition = self._until("then")
            branches.append((condition, self.script()))
        if self.reading.keyword() == "else":
            self.reading.take_keyword("else")
            other = self.script()
        self.reading.need_keyword("fi")
        return If(branches, other)

    def _for(self) -> For:
        self.reading.take_keyword("for")
        name = self.reading.match(_NAME)
        if not name:
            raise SyntaxTrouble("syntax error: bad for loop variable")
        words = []
        self.reading.skip_lines()
        if self.reading.keyword() == "in":
            self.reading.take_keyword("in")
            while (word := self.reading.word()) is not None:
                words.append(word)
        self.reading.take(";")
        self.reading.skip_lines()
        self.reading.need_keyword("do")
        return For(name, words, self._until("done"))

    def _case(self) -> Case:
        self.reading.take_keyword("case")
        word = self._needed()
        self.reading.skip_lines()
        self.reading.need_keyword("in")
        branches = []
        self.reading.skip_lines()
        while self.reading.keyword() != "esac":
            self.reading.take("(")
            patterns = [self._needed()]
            while self.reading.take("|"):
                patterns.append(self._needed())
            self.reading.need(")")
            branches.append((patterns, self.script()))
            self.reading.take(";;")
            self.reading.skip_lines()
        self.reading.need_keyword("esac")
        return Case(word, branches)

    def _needed(self) -> Word:
        word = self.reading.word()
        if word is None:
            raise self.reading.trouble()
        return word

    def _simple(self) -> Command:
        assignments: list[tuple[str, Word]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            found = self._redirect()
            if found is not None:
                redirects.append(found)
                continue
            if not words:
                named = self.reading.match(_ASSIGNMENT)
                if named:
                    assignments.append((named[:-1], self.reading.word(after_blank=False) or Word(())))
                    continue
            word = self.reading.word()
            if word is None:
                break
            words.append(word)
        if not words and not assignments and not redirects:
            raise self.reading.trouble()
        return Command(Simple(assignments, words), redirects)

    def _redirect(self) -> Redirect | None:
        found = self.reading.match(_REDIRECT)
        if not found:
            return None
        number, operator = (int(found[0]), found[1:]) if found[0].isdigit() else (-1, found)
        if operator.startswith("<<"):
            end = "".join(part.text for part in self._needed().parts if isinstance(part, Literal))
            return Redirect(0, "<<", self.reading.document(end, tabs=operator == "<<-"))
        if operator == "&>":
            return Redirect(-2, ">", self._needed())
        if number < 0:
            number = 0 if operator.startswith("<") else 1
        return Redirect(number, ">" if operator == ">|" else operator, self._needed())
