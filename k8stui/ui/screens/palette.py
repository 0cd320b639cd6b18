"""Textual's command palette, made safe against keys that come at any moment."""

from __future__ import annotations

from contextlib import suppress

from textual.command import CommandPalette

from k8stui.ui.base import OnceScreen


class Palette(CommandPalette, OnceScreen[None]):
    """The palette of commands; it closes once."""

    def _action_command_list(self, action: str) -> None:
        # Textual's list knows on which line an option stands only once it has been laid out.
        with suppress(KeyError):
            super()._action_command_list(action)
