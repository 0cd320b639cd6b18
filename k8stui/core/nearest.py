"""The known names that a mistyped one comes nearest to."""

from __future__ import annotations

from collections.abc import Iterable

from k8stui.core.lang import Text


def nearest(word: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """Known names that resemble a word, the best first; letter case does not count.

    >>> nearest("Titel", ["id", "title", "text"], limit=1)
    ['title']
    """
    from difflib import get_close_matches  # only a mistake needs it; start-up does not

    by_folded = {name.casefold(): name for name in known}
    return [by_folded[found] for found in get_close_matches(word.casefold(), by_folded, n=limit)]


def did_you_mean(word: str, known: Iterable[str]) -> Text | None:
    """The question that offers the nearest name; None when nothing is near."""
    found = nearest(word, known, limit=1)
    if not found:
        return None
    return Text(f"Did you mean {found[0]}?", f"{found[0]}のことでしょうか。")
