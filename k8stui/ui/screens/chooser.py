"""A list to choose from, narrowed down by typing: namespaces, contexts, columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text as RichText
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from k8stui.core.lang import Text
from k8stui.core.text import clean
from k8stui.ui.base import BaseModal, TonedWidget
from k8stui.ui.prose import Line, Span
from k8stui.ui.text import fit, width

_KEYS = Text("↑↓ move   ↵ choose   Esc cancel", "↑↓ 移動   ↵ 決定   Esc 取消")
_KEYS_MANY = Text(
    "↑↓ move   Space mark   ↵ choose   Esc cancel", "↑↓ 移動   Space 複数選択   ↵ 決定   Esc 取消"
)
_TYPE = Text("type to narrow down", "入力して絞り込み")
_NOTHING = Text("Nothing in the list contains that.", "一致するものがありません。")


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of the list."""

    id: str
    label: str
    detail: str = ""
    current: bool = False
    markable: bool = True


class _Caption(TonedWidget):
    DEFAULT_CSS = "_Caption { height: 1; }"

    def __init__(self, text: Text, tone: str) -> None:
        super().__init__()
        self._text, self._tone = text, tone

    def line(self, y: int, cells: int) -> Line:
        return (Span(fit(self.base.say(self._text), cells), self._tone),)


class _Typed(Input):
    """What is typed. No name that can be chosen has a space: that key marks."""

    class Marked(Message):
        """Space."""

    def on_key(self, event: events.Key) -> None:
        if event.key == "space":
            event.prevent_default()
            event.stop()
            self.post_message(self.Marked())


class Chooser(BaseModal):
    """Answers with the id of the choice, with several ids joined by commas, or with None for Esc."""

    CSS_PATH = "chooser.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", "cancel", show=False),
        Binding("up", "move(-1)", "up", show=False),
        Binding("down", "move(1)", "down", show=False),
        Binding("pageup", "move(-10)", "page up", show=False),
        Binding("pagedown", "move(10)", "page down", show=False),
    ]

    def __init__(self, title: Text, choices: Sequence[Choice], *, many: bool = False) -> None:
        super().__init__()
        self._title = title
        self._choices = list(choices)
        self._many = many
        self._marked: set[str] = set()

    def compose(self) -> ComposeResult:
        """Title, what is typed, the list, its keys."""
        with Vertical(id="chooser"):
            yield _Caption(self._title, "title")
            yield _Typed(placeholder=self.base.say(_TYPE), compact=True, select_on_focus=False)
            yield OptionList(markup=False, compact=True)
            yield _Caption(_KEYS_MANY if self._many else _KEYS, "quiet")

    def on_mount(self) -> None:
        """Show all, the cursor on the current one."""
        self.query_one(OptionList).can_focus = False
        self.query_one(Input).focus()
        current = next((choice.id for choice in self._choices if choice.current), None)
        self._fill("", current)

    def set_choices(self, choices: Sequence[Choice]) -> None:
        """Show another list, with what is typed kept."""
        self._choices = list(choices)
        self._fill(self.query_one(Input).value, None)

    def relabel(self) -> None:
        """Draw the words anew."""
        self.query_one(Input).placeholder = self.base.say(_TYPE)
        self.query_one(Input).refresh()
        for caption in self.query(_Caption):
            caption.refresh()

    def _fill(self, typed: str, cursor: str | None) -> None:
        options = self.query_one(OptionList)
        words = typed.lower().split()
        found = [c for c in self._choices if all(w in f"{c.label} {c.detail}".lower() for w in words)]
        options.clear_options()
        column = min(48, max((width(choice.label) for choice in found), default=0))
        options.add_options(Option(self._prompt(choice, column), id=choice.id) for choice in found)
        if not found:
            options.add_option(Option(self.base.say(_NOTHING), disabled=True))
            return
        ids = [choice.id for choice in found]
        options.highlighted = ids.index(cursor) if cursor in ids else 0

    def _prompt(self, choice: Choice, column: int) -> RichText:
        mark = "✓ " if choice.id in self._marked else "● " if choice.current else "  "
        return RichText(
            f"{mark}{fit(clean(choice.label), column)}  {clean(choice.detail)}",
            no_wrap=True,
            overflow="ellipsis",
        )

    def _highlighted(self) -> str | None:
        options = self.query_one(OptionList)
        if options.highlighted is None:
            return None
        return options.get_option_at_index(options.highlighted).id

    def action_move(self, by: int) -> None:
        """Move the cursor of the list."""
        options = self.query_one(OptionList)
        if options.option_count and options.highlighted is not None:
            options.highlighted = max(0, min(options.option_count - 1, options.highlighted + by))

    @on(_Typed.Marked)
    def _mark(self, event: _Typed.Marked) -> None:
        event.stop()
        chosen = self._highlighted()
        choice = next((c for c in self._choices if c.id == chosen), None)
        if not self._many or choice is None or not choice.markable:
            return
        self._marked ^= {choice.id}
        self._fill(self.query_one(Input).value, choice.id)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._fill(event.value, None)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._choose(self._highlighted())

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self._choose(event.option_id)

    def _choose(self, chosen: str | None) -> None:
        if self._marked:
            self.dismiss(",".join(c.id for c in self._choices if c.id in self._marked))
        elif chosen is not None:
            self.dismiss(chosen)
