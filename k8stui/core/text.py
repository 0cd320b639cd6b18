"""Text that a cluster says, made harmless, and measured in terminal cells."""

from __future__ import annotations

import unicodedata

_REPLACEMENT = "\ufffd"
_HARMFUL = dict.fromkeys(
    [
        *range(0x20),
        *range(0x7F, 0xA0),
        0x061C,  # Arabic letter mark
        0x200B,
        0x200E,
        0x200F,
        *range(0x2028, 0x202F),
        *range(0x2060, 0x2070),
        0xFEFF,
        *range(0xFFF9, 0xFFFC),
        *range(0xD800, 0xE000),
        *range(0xE0000, 0xE0080),
    ],
    _REPLACEMENT,
)
_HARMFUL_BUT_LINES = {code: to for code, to in _HARMFUL.items() if code != 0x0A} | {0x09: "    ", 0x0D: None}


def clean(text: str) -> str:
    """One line in which nothing can steer a terminal.

    Control characters (so escape sequences and OSC), direction marks, zero-width and tag characters and lone
    surrogates become U+FFFD. Joiners inside emoji (U+200D) and variation selectors stay.
    """
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_HARMFUL)


def clean_lines(text: str) -> str:
    """The same for text of several lines: line feeds stay, tabs become four spaces, CR goes."""
    if text.isascii() and text.isprintable():
        return text
    return text.translate(_HARMFUL_BUT_LINES)


def cell_width(text: str) -> int:
    """How many terminal cells the text takes: two for East Asian wide characters, none for combining ones."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def pad(text: str, width: int) -> str:
    """The text followed by spaces up to a width in cells; longer text is left whole."""
    return text + " " * max(0, width - cell_width(text))
