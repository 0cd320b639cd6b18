"""What a person types to narrow a table, understood."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from k8stui.core.rows import RowKey

_META = frozenset("\\^$*+?{}[]|()")
_RUNAWAY = re.compile(r"\((?:[^()\\]|\\.)*[*+}](?:[^()\\]|\\.)*\)[*+{]")
"""A repetition of a repetition, such as ``(a+)+``: it can take longer than anyone would wait."""


class FilterMode(Enum):
    """How a filter looks for its words."""

    PLAIN = "plain"
    """As they stand, anywhere in the row; a space is a space."""
    REGEX = "regex"
    """As a regular expression over the row; ``^`` and ``$`` are the edges of a cell."""
    FUZZY = "fuzzy"
    """Letter after letter, with gaps, in ``namespace/name``."""


@dataclass(frozen=True, slots=True)
class TextFilter:
    """One filter. Letter case never matters.

    Rows are matched as *haystacks*: their cells in lower case, one a line (see ``haystack``).
    """

    text: str
    """As it was typed."""
    mode: FilterMode
    words: str
    """What is looked for, without the signs in front."""
    inverse: bool = False
    """Rows that match are hidden instead of shown."""
    _regex: re.Pattern[str] = field(default=re.compile(""), compare=False, repr=False)

    @classmethod
    def parse(cls, text: str) -> TextFilter | None:
        """Understand what was typed; None when it asks for nothing.

        ``!`` in front inverts, then ``~`` or ``-f`` looks fuzzily. ``/words/`` and anything with the special
        characters of regular expressions is one; if it does not compile (half-typed) or repeats repetitions
        (and so could hold up the screen), it is plain text.
        """
        words, inverse = text, False
        if words.startswith("!"):
            words, inverse = words[1:], True
        for sign in ("~", "-f "):
            if words.startswith(sign):
                words = words[len(sign) :].strip()
                gaps = ".*?".join(map(re.escape, words))
                return cls._made(text, FilterMode.FUZZY, words, inverse, gaps)
        pattern = words
        slashed = len(words) > 2 and words[0] == words[-1] == "/"
        if slashed:
            pattern = words[1:-1]
        if (slashed or not _META.isdisjoint(words)) and not _RUNAWAY.search(pattern):
            try:
                return cls._made(text, FilterMode.REGEX, pattern, inverse, pattern)
            except (re.error, OverflowError, RecursionError):
                pass
        return cls._made(text, FilterMode.PLAIN, words, inverse, re.escape(words))

    @classmethod
    def _made(cls, text: str, mode: FilterMode, words: str, inverse: bool, pattern: str) -> TextFilter | None:
        if not words:
            return None
        regex = re.compile(pattern, re.IGNORECASE | re.MULTILINE | re.DOTALL)
        return cls(text, mode, words if mode is FilterMode.REGEX else words.lower(), inverse, regex)

    def matches(self, key: RowKey, hay: str) -> bool:
        """Whether the row with this key and haystack stays on the screen."""
        if self.mode is FilterMode.PLAIN:
            found = self.words in hay or (" " in self.words and self.words in hay.replace("\n", " "))
        elif self.mode is FilterMode.REGEX:
            found = self._regex.search(hay) is not None
        else:
            found = self._regex.search(f"{key[0]}/{key[1]}" if key[0] else key[1]) is not None
        return found is not self.inverse

    def spans(self, text: str, *, name: bool = False) -> list[tuple[int, int]]:
        """Where the filter's words stand in one cell, as character positions, for showing them.

        Args:
            text: The cell as it is drawn.
            name: Whether it is the name's cell: a fuzzy filter shows its letters only there.
        """
        if self.inverse:
            return []
        if self.mode is not FilterMode.FUZZY:
            return [found.span() for found in self._regex.finditer(text) if found.end() > found.start()]
        spans: list[tuple[int, int]] = []
        lowered, at = text.lower(), 0
        if not name or len(lowered) != len(text):
            return []
        for letter in self.words.rpartition("/")[2]:
            at = lowered.find(letter, at)
            if at < 0:
                return []
            spans.append((at, at + 1))
            at += 1
        return spans

    def narrows(self, other: TextFilter | None) -> bool:
        """Whether every row that matches this filter is known to match the other too."""
        return (
            other is not None
            and self.mode is other.mode is FilterMode.PLAIN
            and not self.inverse
            and not other.inverse
            and other.words in self.words
        )


def haystack(cells: list[str]) -> str:
    """The text that filters search: the cells in lower case, one a line."""
    return "\n".join(cells).lower()
