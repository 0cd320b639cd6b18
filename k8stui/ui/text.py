"""Text fitted into terminal cells: exactly so many, whole characters only.

Widths are those that Textual's own strips use (rich.cells), so that what is fitted here lines up there. A
*grapheme* is a character with everything that belongs to it: combining marks, variation selectors, and the
parts of an emoji that joiners tie together. None is ever cut in two.
"""

from __future__ import annotations

import re

from rich.cells import cell_len, split_graphemes

ELLIPSIS = "…"

_JOINER = "\u200d"
_SELECTOR = "\ufe0f"
_LOOSE = re.compile(
    r"^[\u200d\ufe0f]+|\u200d[\u200d\ufe0f]+|\u200d(?=[\s\u0300-\u036f]|$)|(?<=\s)[\u200d\ufe0f]+"
)


def width(text: str) -> int:
    """How many terminal cells the text takes."""
    return len(text) if text.isascii() else cell_len(text)


def tame(text: str) -> str:
    """The text without joiners and selectors that have nothing to join.

    A joiner at an edge would reach into the text that is drawn beside it and move everything after it.
    """
    if text.isascii() or (_JOINER not in text and _SELECTOR not in text):
        return text
    while (tamed := _LOOSE.sub("", text)) != text:
        text = tamed
    return text


def cut(text: str, cells: int) -> str:
    """The longest beginning of the text that takes at most so many cells."""
    if cells <= 0:
        return ""
    if text.isascii():
        return text[:cells]
    spans, total = split_graphemes(text)
    if total <= cells:
        return text
    taken = end = 0
    for _, stop, size in spans:
        if taken + size > cells:
            break
        taken, end = taken + size, stop
    return text[:end]


def fit(text: str, cells: int, *, right: bool = False) -> str:
    """The text in exactly so many cells: padded with spaces, or cut with an ellipsis.

    Args:
        text: One line, free of control characters.
        cells: The width to fill; nothing is drawn in none.
        right: Pad on the left, as for numbers.
    """
    if cells <= 0:
        return ""
    text = tame(text)
    size = width(text)
    if size > cells:
        text = cut(text, cells - 1) + ELLIPSIS
        size = width(text)
    space = " " * (cells - size)
    return space + text if right else text + space


def snap(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span of character positions until it cuts no grapheme in two."""
    if text.isascii() or end <= start:
        return start, end
    for begin, stop, _ in split_graphemes(text)[0]:
        if begin < start < stop:
            start = begin
        if begin < end < stop:
            end = stop
    return start, end
