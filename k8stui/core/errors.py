"""What can go wrong, told to the person at the screen."""

from __future__ import annotations

from k8stui.core.lang import Lang, Text


class ExplorerError(Exception):
    """A failure written for its reader: what happened and to what, then what to do.

    Every error that a person can meet is of this family; anything else is a fault of ours.
    """

    title = Text("Something went wrong", "問題が起きました")

    def __init__(self, message: Text, hint: Text | None = None) -> None:
        super().__init__(message.en)
        self.message = message
        self.hint = hint

    def sentence(self, lang: Lang) -> str:
        """Message and hint as one line of running text."""
        message = self.message.get(lang)
        if self.hint is None:
            return message
        return f"{message}{'' if lang is Lang.JA else ' '}{self.hint.get(lang)}"


class UsageError(ExplorerError):
    """The person asked for something that does not exist or does not fit."""

    title = Text("That does not fit", "指定が正しくありません")
