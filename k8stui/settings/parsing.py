"""From words to values: what each setting may be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from k8stui.core.lang import Lang, Text
from k8stui.core.text import clean

THEMES = ("dark", "light", "high-contrast")
"""Colour themes, without the product's name before them."""
MOST_SECONDS = 86_400.0
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})
_NAMESPACES = re.compile(r"\*|[a-z0-9]([-a-z0-9]*[a-z0-9])?(,[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")


class BadValue(Exception):
    """A value that does not fit; the sentence completes "file:line: "."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


@dataclass(frozen=True, slots=True)
class From:
    """What a word is read against: a path in a file is relative to the file, ``~`` is the person's home."""

    home: Path
    base: Path


def language(word: str, _: From) -> Lang:
    """``en`` or ``ja``."""
    try:
        return Lang(word.strip().lower())
    except ValueError:
        raise _expected(word, Text("en or ja", "enまたはja")) from None


def truth(word: str, _: From) -> bool:
    """A truth value, in YAML's words and in the shell's."""
    folded = word.strip().lower()
    if folded in _TRUE or folded in _FALSE:
        return folded in _TRUE
    raise _expected(word, Text("true or false", "trueまたはfalse"))


def seconds(word: str, _: From) -> float:
    """A number of seconds from 0 to a day."""
    try:
        number = float(word)
    except ValueError:
        number = -1.0
    if not 0 <= number <= MOST_SECONDS:  # false for NaN too
        raise _expected(word, Text("a number of seconds from 0 to 86400", "0から86400までの秒数"))
    return number


def name(word: str, _: From) -> str:
    """Any word of one line."""
    if not word.strip() or clean(word) != word:
        raise _expected(word, Text("a word", "1行の文字列"))
    return word.strip()


def theme(word: str, _: From) -> str:
    """The name of a theme, with or without the product's name before it."""
    short = word.strip().removeprefix("k8stui-")
    if short not in THEMES:
        raise _expected(word, Text(f"one of {', '.join(THEMES)}", f"{'、'.join(THEMES)}のいずれか"))
    return f"k8stui-{short}"


def namespaces(word: str, _: From) -> str:
    """One namespace, several with commas, or ``*``."""
    compact = "".join(word.split())
    if not _NAMESPACES.fullmatch(compact):
        raise _expected(
            word, Text("a namespace, several with commas, or *", "Namespace名（複数はカンマ区切り）か*")
        )
    return compact


def path(word: str, where: From) -> Path:
    """A file or directory; it need not exist."""
    if not word.strip() or "\0" in word:
        raise _expected(word, Text("a path", "パス"))
    if word == "~" or word.startswith("~/"):
        return where.home / word[2:]
    return where.base / word


WORDS: Mapping[str, Callable[[str, From], object]] = MappingProxyType(
    {
        "lang": language,
        "theme": theme,
        "notes_dir": path,
        "kubeconfig": path,
        "context": name,
        "namespace": namespaces,
        "read_only": truth,
        "cache_dir": path,
        "mouse": truth,
        "motion": truth,
        "counts_seconds": seconds,
    }
)
"""The settings that are one word, with how the word is read."""


def _expected(word: str, what: Text) -> BadValue:
    shown = clean(word[:60])
    return BadValue(
        Text(
            f'"{shown}" does not fit: {what.en} is expected.',
            f"「{shown}」は指定できません。{what.ja}を指定してください。",
        )
    )
