"""Messages that more than one widget posts."""

from __future__ import annotations

from dataclasses import dataclass

from textual.message import Message

from k8stui.core.lang import Text
from k8stui.session.model import Link


@dataclass
class Told(Message):
    """Something to tell the person in the foot line."""

    text: Text
    error: bool = False


@dataclass
class Operate(Message):
    """The person asked, by a click or from a list, for an action of the table of actions."""

    operation: str


@dataclass
class Follow(Message):
    """The person wants to go to a neighbour that a note names."""

    link: Link


@dataclass
class Copy(Message):
    """The person wants a text in the clipboard."""

    text: str
