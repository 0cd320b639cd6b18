"""The prompts: a line that filters while it is typed, and a line that goes somewhere."""

from __future__ import annotations

from dataclasses import replace

from textual.widget import AwaitMount

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Text
from k8stui.session.commands import OpenKind, Run, SetScope, SwitchContext
from k8stui.session.model import View
from k8stui.ui.screens.parts import ExplorerParts
from k8stui.ui.screens.switching import Switching
from k8stui.ui.widgets.prompt import Prompt

GO, FILTER = ":", "/"
"""The signs of the two prompts."""

_GO_HINT = Text("Tab complete   ↵ go   Esc cancel", "Tab 補完   ↵ 移動   Esc 取消")
_FILTER_HINT = Text(
    "! without   ~ fuzzy   -l labels   ↵ keep   Esc clear",
    "! 除外   ~ あいまい   -l ラベル   ↵ 確定   Esc 解除",
)
_GO_EXAMPLE = Text("kind, namespace, /text, @context", "種類 Namespace /文字 @コンテキスト")
_LABEL_SIGN = "-l"


class Asking:
    """Opens the prompts and does what is typed in them."""

    def __init__(self, parts: ExplorerParts, switching: Switching) -> None:
        self._parts = parts
        self._switching = switching
        self._namespaces: list[str] = []
        self._mounting: AwaitMount | None = None

    @property
    def prompt(self) -> Prompt | None:
        """The prompt that is open."""
        return next(iter(self._parts.query(Prompt)), None)

    def ask_where(self) -> None:
        """Open the prompt for a kind, a namespace or a context."""
        parts = self._parts
        say = parts.base.say
        self._open(Prompt(GO, complete=self._complete, hint=say(_GO_HINT), placeholder=say(_GO_EXAMPLE)))
        parts.work(self._learn_namespaces, "namespaces")

    def ask_filter(self) -> None:
        """Open the prompt for the filter, with the one that holds."""
        view = self._parts.live.view
        if view is None:
            return
        text = f"{_LABEL_SIGN} {view.label_selector}" if view.label_selector else view.filter
        self._open(Prompt(FILTER, text, hint=self._parts.base.say(_FILTER_HINT)))

    def _open(self, prompt: Prompt) -> None:
        if self.prompt is None:
            self._parts.foot.tell(None)
            self._parts.add_class("-prompting")
            self._mounting = self._parts.mount(prompt, after=self._parts.foot)

    async def opened(self) -> None:
        """Wait until a prompt that is being opened takes keys: what is typed at once belongs to it."""
        mounting, self._mounting = self._mounting, None
        if mounting is not None:
            await mounting
            if self.prompt is not None:
                self._parts.set_focus(self.prompt.line)

    async def close(self) -> None:
        """Take the prompt away; the rows have the focus again."""
        if self.prompt is not None:
            self._parts.remove_class("-prompting")
            self._parts.focus_rows()
            await self.prompt.remove()

    def _complete(self, line: str) -> list[str]:
        return self._parts.session.complete(line, self._namespaces)

    async def _learn_namespaces(self) -> None:
        self._namespaces = await self._parts.session.namespaces()

    def typed(self, sign: str, text: str) -> None:
        """The filter takes effect while it is typed; labels and commands wait for Enter."""
        view = self._parts.live.view
        if self.prompt is None:
            return  # the answer has overtaken this
        if sign == FILTER and view is not None and not text.startswith(_LABEL_SIGN):
            self._filter(view, text)

    def _filter(self, view: View, text: str) -> None:
        parts = self._parts
        parts.live.view = parts.ways.amend(replace(view, filter=text))
        parts.live.filter(text)
        parts.banner.show(filter=text)
        parts.live.show_state()

    async def answered(self, *, entered: bool) -> None:
        """Enter: do what the line says. Esc: the filter is cleared, a command forgotten."""
        prompt = self.prompt
        if prompt is None:
            return
        await prompt.read()
        sign, text = prompt.sign, prompt.text
        await self.close()
        if not entered:
            if sign == FILTER:
                self.clear_filter()
        elif sign == GO:
            self._go(text)
        else:
            self._keep(text)

    def clear_filter(self) -> bool:
        """Show every row again; whether anything was hidden."""
        view = self._parts.live.view
        if view is None or not (view.filter or view.label_selector):
            return False
        self._parts.show_view(self._parts.ways.amend(view.narrowed(filter="", label_selector="")))
        return True

    def _keep(self, text: str) -> None:
        view = self._parts.live.view
        if view is None:
            return
        if text.startswith(_LABEL_SIGN):
            view = view.narrowed(label_selector=text[len(_LABEL_SIGN) :].strip(), filter="")
            self._parts.show_view(self._parts.ways.amend(view))
        elif view.label_selector:
            view = view.narrowed(label_selector="", filter=text.strip())
            self._parts.show_view(self._parts.ways.amend(view))
        elif view.filter != text:
            self._filter(view, text)

    def _go(self, line: str) -> None:
        if not line.strip():
            return
        parts = self._parts
        try:
            command = parts.session.parse(line)
        except ExplorerError as error:
            parts.base.report(error)
            return
        match command:
            case OpenKind(context=str(context)):
                self._switching.to_name(context, command)
            case OpenKind():
                parts.open_view(parts.ways.to_kind(command))
            case SetScope():
                if parts.live.view is not None:
                    parts.open_view(parts.ways.elsewhere(parts.live.view, command.scope))
            case SwitchContext():
                self._switching.to_name(command.context)
            case Run():
                parts.base.operate(command.operation)
