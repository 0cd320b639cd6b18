"""What a shell script is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class SyntaxTrouble(Exception):
    """It is no script."""


class Incomplete(SyntaxTrouble):
    """It may become one with more lines."""


@dataclass(frozen=True, slots=True)
class Literal:
    """Text as it is."""

    text: str
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """``$NAME`` or ``${NAME op word}``."""

    name: str
    quoted: bool
    operator: str = ""
    """``:-``, ``:=``, ``:+``, ``:?``, the same without the colon, ``%``, ``%%``, ``#``, ``##`` or length."""
    word: Word | None = None


@dataclass(frozen=True, slots=True)
class Output:
    """``$(script)``."""

    script: Script
    quoted: bool


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``$((expression))``; the expression is a word to be expanded first."""

    expression: Word
    quoted: bool


Part = Literal | Variable | Output | Arithmetic


@dataclass(frozen=True, slots=True)
class Word:
    """One word: parts without space between them."""

    parts: Sequence[Part]


@dataclass(frozen=True, slots=True)
class Redirect:
    """``2>> file``, ``2>&1``, or a here-document."""

    number: int
    operator: str
    """``<``, ``>``, ``>>``, ``>&``, ``<&`` or ``<<``."""
    word: Word


@dataclass(frozen=True, slots=True)
class Simple:
    """Assignments, a command and its arguments."""

    assignments: Sequence[tuple[str, Word]]
    words: Sequence[Word]


@dataclass(frozen=True, slots=True)
class If:
    """Conditions with what follows from them, and what else."""

    branches: Sequence[tuple[Script, Script]]
    other: Script | None


@dataclass(frozen=True, slots=True)
class Loop:
    """``while`` or ``until``."""

    condition: Script
    body: Script
    until: bool


@dataclass(frozen=True, slots=True)
class For:
    """``for NAME in WORDS``."""

    name: str
    words: Sequence[Word]
    body: Script


@dataclass(frozen=True, slots=True)
class Case:
    """``case WORD in PATTERN) …;; esac``."""

    word: Word
    branches: Sequence[tuple[Sequence[Word], Script]]


@dataclass(frozen=True, slots=True)
class Group:
    """``{ … }`` or, with variables of its own, ``( … )``."""

    body: Script
    apart: bool


@dataclass(frozen=True, slots=True)
class Command:
    """A command of any form, and where its input and output go."""

    form: Simple | If | Loop | For | Case | Group
    redirects: Sequence[Redirect] = ()


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands, each reading what the one before writes."""

    commands: Sequence[Command]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Item:
    """Pipelines joined by ``&&`` and ``||``; the operator stands before each but the first."""

    pipelines: Sequence[tuple[str, Pipeline]]
    background: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """What is done one after the other."""

    items: Sequence[Item]
