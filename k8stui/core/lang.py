"""The two languages, and words that exist in both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Lang(Enum):
    """A language of the product."""

    EN = "en"
    JA = "ja"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Lang:
        """The language that POSIX locale variables ask for: LC_ALL, then LC_MESSAGES, then LANG."""
        for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
            if value := environ.get(name):
                return cls.JA if value.startswith("ja") else cls.EN
        return cls.EN


@dataclass(frozen=True, slots=True)
class Text:
    """The same thing said in English and in Japanese."""

    en: str
    ja: str

    def get(self, lang: Lang) -> str:
        """The words in one language."""
        return self.ja if lang is Lang.JA else self.en

    def format(self, **values: object) -> Text:
        """Both sentences with the values filled in; a value that is a Text speaks its language."""
        return Text(
            self.en.format(**{k: v.en if isinstance(v, Text) else v for k, v in values.items()}),
            self.ja.format(**{k: v.ja if isinstance(v, Text) else v for k, v in values.items()}),
        )

    @classmethod
    def same(cls, words: str) -> Text:
        """Words that are data (a server's sentence, a name) and so the same in both languages."""
        return cls(words, words)
