"""The prompts ``:`` and ``/``: one line in the foot's place."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import SuggestionReady
from textual.widgets import Input

from k8stui.ui.base import TonedWidget
from k8stui.ui.prose import Line, Span, line_width
from k8stui.ui.text import width

Complete = Callable[[str], Sequence[str]]
"""What a line may become, best first."""


class PromptInput(Input):
    """The line that is typed, with the completion as faint text behind it."""

    DEFAULT_CSS = """
    PromptInput {
        border: none; padding: 0; height: 1; width: 1fr; min-width: 16;
        background: $k-panel; color: $k-strong;
        &:focus { border: none; background-tint: transparent; }
        & > .input--suggestion { color: $k-faint; }
        & > .input--placeholder { color: $k-faint; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,ctrl+f", "accept", "accept", show=False),
        Binding("up", "cycle(-1)", "previous", show=False),
        Binding("down", "cycle(1)", "next", show=False),
    ]

    @dataclass
    class Offered(Message):
        """The candidates have changed."""

        candidates: Sequence[str]
        chosen: int

    def __init__(self, value: str, complete: Complete | None, placeholder: str) -> None:
        super().__init__(value, placeholder=placeholder, select_on_focus=False, compact=True)
        self.cursor_position = len(value)
        self._complete = complete
        self._candidates: list[str] = []
        self._chosen = 0

    def offer(self) -> None:
        """Ask for candidates for what is typed now."""
        if self._complete is None:
            return
        self._candidates = [line for line in self._complete(self.value) if line != self.value]
        self._chosen = 0
        self._suggest()

    def _suggest(self) -> None:
        if self._candidates:
            candidate = self._candidates[self._chosen]
            if candidate.startswith(self.value):
                self.post_message(SuggestionReady(self.value, candidate))
        self.post_message(self.Offered(self._candidates, self._chosen))

    def action_accept(self) -> None:
        """Take the candidate."""
        if self._candidates:
            self.value = (
                f"{self._candidates[self._chosen]} " if self._is_word() else self._candidates[self._chosen]
            )
            self.cursor_position = len(self.value)

    def _is_word(self) -> bool:
        return " " not in self._candidates[self._chosen]

    def action_cycle(self, by: int) -> None:
        """Go to another candidate."""
        if self._candidates:
            self._chosen = (self._chosen + by) % len(self._candidates)
            self._suggest()


class Candidates(TonedWidget):
    """The candidates, beside what is typed."""

    DEFAULT_CSS = "Candidates { width: 2fr; height: 1; background: $k-panel; }"

    def __init__(self) -> None:
        super().__init__()
        self.candidates: Sequence[str] = ()
        self.chosen = 0
        self.hint = ""

    def line(self, y: int, cells: int) -> Line:
        """Candidates from the chosen one on, as many as fit; without any, what the keys do."""
        line: Line = ()
        rotated = [*self.candidates[self.chosen :], *self.candidates[: self.chosen]]
        for index, candidate in enumerate(rotated):
            if line_width(line) + width(candidate) + 3 > cells:
                break
            line = (*line, Span("   "), Span(candidate, "accent" if index == 0 else "quiet"))
        if line:
            return line
        room = max(0, cells - width(self.hint) - 1)
        return (Span(" " * room), Span(self.hint, "quiet")) if width(self.hint) < cells else ()


class Prompt(Horizontal):
    """A prompt. What is typed travels up as messages while it is typed; Enter and Esc are the screen's."""

    DEFAULT_CSS = """
    Prompt { height: 1; background: $k-panel; padding: 0 1; }
    Prompt > PromptSign { width: 2; height: 1; }
    """

    @dataclass
    class Changed(Message):
        """The text is another."""

        sign: str
        text: str

    def __init__(
        self,
        sign: str,
        value: str = "",
        *,
        complete: Complete | None = None,
        hint: str = "",
        placeholder: str = "",
    ) -> None:
        super().__init__(id="prompt")
        self.sign = sign
        self._input = PromptInput(value, complete, placeholder)
        self._candidates = Candidates()
        self._candidates.hint = hint

    def compose(self) -> ComposeResult:
        """Sign, line, candidates."""
        yield PromptSign(self.sign)
        yield self._input
        yield self._candidates

    def on_mount(self) -> None:
        """Typing can begin."""
        self._input.focus()

    @property
    def line(self) -> PromptInput:
        """Where it is typed."""
        return self._input

    @property
    def text(self) -> str:
        """What is typed."""
        return self._input.value

    async def read(self) -> None:
        """Wait until every key that has been passed on stands in the line."""
        done = asyncio.Event()
        if self._input.call_later(done.set):
            await done.wait()

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        event.stop()
        self._input.offer()
        self.post_message(self.Changed(self.sign, event.value))

    @on(PromptInput.Offered)
    def _offered(self, event: PromptInput.Offered) -> None:
        event.stop()
        self._candidates.candidates, self._candidates.chosen = event.candidates, event.chosen
        self._candidates.refresh()


class PromptSign(TonedWidget):
    """The sign before the line."""

    def __init__(self, sign: str) -> None:
        super().__init__()
        self._sign = sign

    def line(self, y: int, cells: int) -> Line:
        """The sign."""
        return (Span(self._sign, "key"),)
