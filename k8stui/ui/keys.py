"""Keys: from the table of actions to Textual's bindings, and how a key is written for a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from textual.binding import Binding

from k8stui.session.operations import Operation

_SIGNS = {
    "enter": "↵",
    "escape": "Esc",
    "tab": "Tab",
    "space": "Space",
    "colon": ":",
    "slash": "/",
    "question_mark": "?",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "minus": "-",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "exclamation_mark": "!",
    "backslash": "\\",
    "comma": ",",
    "full_stop": ".",
    "semicolon": ";",
    "apostrophe": "'",
    "less_than_sign": "<",
    "greater_than_sign": ">",
}


def written(key: str) -> str:
    """A key of Textual's spelling as a person reads it: ``^N``, ``⇧Tab``, ``Esc``, ``?``, ``F2``."""
    *held, last = key.split("+")
    sign = _SIGNS.get(last, last)
    if len(last) > 1 and last[0] == "f" and last[1:].isdigit():
        sign = last.upper()
    for modifier in reversed(held):
        sign = {"ctrl": "^", "shift": "⇧", "alt": "Alt+"}.get(modifier, f"{modifier}+") + (
            sign.upper() if modifier == "ctrl" else sign
        )
    return sign


def bindings(operations: Iterable[Operation], *, priority: bool = False) -> list[Binding]:
    """One binding for each action; its id is the action's, so that a keymap can move it."""
    return [
        Binding(
            ",".join(operation.keys),
            f"operate('{operation.id}')",
            operation.title.en,
            show=False,
            id=operation.id,
            priority=priority,
        )
        for operation in operations
    ]


def keymap(keys: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The settings' keys in the form that ``App.set_keymap`` takes."""
    return {name: ",".join(chosen) for name, chosen in keys.items()}
