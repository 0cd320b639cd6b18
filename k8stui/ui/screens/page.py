"""The page of one object: its note, YAML, description, events, relations and history, each in a tab."""

from __future__ import annotations

from contextlib import aclosing
from datetime import datetime
from functools import partial
from importlib import import_module
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from k8stui.core.freshness import Phase
from k8stui.core.lang import Text
from k8stui.core.refs import ObjectRef, Scope
from k8stui.core.text import clean
from k8stui.session.operations import OPERATIONS
from k8stui.session.page import ObjectState
from k8stui.session.session import Session
from k8stui.ui.base import BaseScreen
from k8stui.ui.keys import bindings, written
from k8stui.ui.messages import Copy, Follow, Operate
from k8stui.ui.screens.pagetab import PageTab
from k8stui.ui.widgets.foot import Foot, FootKey, FootMessage
from k8stui.ui.widgets.header import Banner
from k8stui.ui.widgets.pick_list import PickList
from k8stui.ui.widgets.prompt import Prompt
from k8stui.ui.widgets.tab_line import PageHead, Tab, TabLine

TABS = {
    "note": ("page_note", "NoteTab"),
    "page.yaml": ("page_yaml", "YamlTab"),
    "page.describe": ("page_describe", "DescribeTab"),
    "page.events": ("page_events", "EventsTab"),
    "page.relations": ("page_relations", "RelationsTab"),
    "page.history": ("page_history", "HistoryTab"),
}
"""Actions that open a tab, in the order of the tabs: module of this package and class, imported then."""
HERE = (*TABS, "back", "up", "history.back", "history.forward", "pane.next", "pane.previous", "copy.name",
        "copy.kubectl", "refresh", "help", "command", "context.choose", "filter", "yaml.managed",
        "yaml.reveal")  # fmt: skip
"""Actions of the table that the page has a meaning for."""
OF_TABS = ("filter", "yaml.managed", "yaml.reveal")
"""Those that only some tabs have a meaning for."""
ELSEWHERE = ("command", "context.choose")
"""Those that lead away: the page closes, and the explorer runs them."""

_DELETED = Text("✖ deleted at {time}", "✖ {time}に削除されました")
_NEVER = Text("✖ there is no such object", "✖ このオブジェクトはありません")
_COPIED = Text("Copied: {text}", "コピーしました: {text}")
_RETRYING = Text("Trying now.", "今すぐ再接続します。")


class PageScreen(BaseScreen):
    """Follows one object and hands each new state to the tab that is open."""

    CSS_PATH = "page.tcss"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012  # Textual declares it without ClassVar
        (0, "-tiny"),
        (70, "-narrow"),
        (110, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(op for op in OPERATIONS if op.id in HERE),
        *(Binding(str(n), f"follow({n - 1})", "follow", show=False) for n in range(1, 10)),
        Binding("enter", "answer(True)", "enter", show=False, priority=True),
        Binding("escape", "answer(False)", "cancel", show=False, priority=True),
    ]

    def __init__(self, session: Session, ref: ObjectRef, tab: str = "note") -> None:
        super().__init__()
        self.session = session
        self._state = ObjectState(ref)
        self._tabs: dict[str, PageTab] = {}
        self._open = tab
        self._trail: list[tuple[ObjectRef, str]] = [(ref, tab)]
        """The pages of this screen, in the order they were opened."""
        self._at = 0
        self.banner = Banner(session.clock, id="page-header")
        self.tab_line = TabLine(id="page-tabs")
        self.foot = Foot(id="page-foot")

    @property
    def state(self) -> ObjectState:
        """The object as it is now."""
        return self._state

    @property
    def tab(self) -> PageTab:
        """The tab that is open."""
        return self._tabs[self._open]

    @property
    def tab_name(self) -> str:
        """The action that opens the tab that is open."""
        return self._open

    def compose(self) -> ComposeResult:
        """Header, tabs, the open tab's widget, foot."""
        yield self.banner
        yield self.tab_line
        yield Container(id="page-body")
        yield self.foot

    def on_mount(self) -> None:
        """Open the tab, follow the object."""
        info = self.session.info
        colour = self.session.settings.colour_of(info.context) if info is not None else None
        self.banner.show(info=info, colour=colour, read_only=self.session.read_only)
        self._begin()

    # The object

    def _begin(self) -> None:
        ref, tab = self._trail[self._at]
        self.workers.cancel_node(self)
        for made in self._tabs.values():
            made.close()
        self._state = ObjectState(ref)
        scope = Scope.of(ref.namespace) if ref.namespace else None
        self.banner.show(scope=scope, freshness=None)
        self.work(partial(self._follow, ref), "page")
        self.open_tab(tab)

    async def _follow(self, ref: ObjectRef) -> None:
        async with aclosing(self.session.object_states(ref)) as states:
            async for state in states:
                self._state = state
                self.banner.show(freshness=state.freshness)
                self._show_head()
                if self._open in self._tabs:
                    self.tab.show(state)

    def go_to(self, ref: ObjectRef, tab: str = "") -> None:
        """Show another object's page as a new step; Esc comes back."""
        self._trail[self._at] = (self._trail[self._at][0], self._open)
        self._trail = [*self._trail[: self._at + 1], (ref, tab or self._open)]
        self._at += 1
        self._begin()

    def _step(self, by: int) -> bool:
        if not 0 <= self._at + by < len(self._trail):
            return False
        self._trail[self._at] = (self._trail[self._at][0], self._open)
        self._at += by
        self._begin()
        return True

    # Tabs

    def open_tab(self, name: str) -> None:
        """Open a tab, made now if it was never open."""
        if name not in TABS:
            return
        if self._open != name and self._open in self._tabs:
            self.tab.close()
        self._open = name
        body = self.query_one("#page-body", Container)
        if name not in self._tabs:
            module, made = TABS[name]
            self._tabs[name] = getattr(import_module(f"k8stui.ui.screens.{module}"), made)(self)
            body.mount(self.tab.widget)
        for child in body.children:
            child.display = child is self.tab.widget
        self.tab.widget.focus()
        self._show_head()
        self.tab.show(self._state)
        self.show_foot()

    def _show_head(self) -> None:
        state = self._state
        said: Text | None = None
        if state.deleted_at is not None:
            time = datetime.fromtimestamp(state.deleted_at).strftime("%H:%M:%S")
            said = _DELETED.format(time=time)
        elif state.missing:
            said = _NEVER
        elif state.freshness is not None and state.freshness.phase in (Phase.DENIED, Phase.FAILED):
            said = state.freshness.message
        head = PageHead(state.ref.kind.kind, clean(state.ref.name), clean(state.ref.namespace), said)
        operations = {op.id: op for op in self.session.operations}
        tabs = tuple(Tab(name, written(operations[name].keys[0]), operations[name].title) for name in TABS)
        self.tab_line.show(head, tabs, self._open)

    # A line to type in

    @property
    def prompt(self) -> Prompt | None:
        """The line, while it is open."""
        return next(iter(self.query(Prompt)), None)

    def ask(self, sign: str, value: str, hint: Text) -> None:
        """Open it in the foot's place."""
        if self.prompt is None:
            self.foot.display = False
            self.mount(Prompt(sign, value, hint=self.base.say(hint)), after=self.foot)

    @on(Prompt.Changed)
    def _typed(self, event: Prompt.Changed) -> None:
        if self.prompt is not None:
            self.tab.typed(event.text)

    async def action_answer(self, entered: bool) -> None:
        """Enter or Esc in the line."""
        prompt = self.prompt
        if prompt is not None:
            await prompt.read()
            text = prompt.text
            self.foot.display = True
            self.tab.widget.focus()
            await prompt.remove()
            self.tab.answered(text, entered=entered)

    # Foot

    def tell(self, text: Text, *, error: bool = False) -> None:
        """Show a sentence in the foot line."""
        self.foot.tell(FootMessage(text, error))

    def show_foot(self) -> None:
        """Show the tab's command and keys."""
        self.foot.show(self.tab.kubectl(), self._keys)

    def _keys(self) -> list[FootKey]:
        lang = self.session.lang
        shown = [op for op in self.session.operations if op.id in ("back", "copy.kubectl", "help")]
        return [*self.tab.keys(), *(FootKey(written(op.keys[0]), op.title.get(lang), op.id) for op in shown)]

    def copy(self, text: str, shown: str = "") -> None:
        """Put a text into the terminal's clipboard (OSC 52), and say so; ``shown`` stands for a secret."""
        self.app.copy_to_clipboard(text)
        self.base.tell(_COPIED.format(text=clean((shown or text).partition("\n")[0][:200])))

    # Actions

    def operate(self, operation: str) -> bool:
        """Run an action; whether the page knows it."""
        if self._open in self._tabs and self.tab.operate(operation):
            return True
        if operation in TABS:
            self.open_tab(operation)
        elif operation in ELSEWHERE:
            self.dismiss(None)
            self.base.call_after_refresh(self.base.operate, operation)
        else:
            return self._operate(operation)
        return True

    def _operate(self, operation: str) -> bool:
        match operation:
            case "back" | "up":
                if not (operation == "back" and self.tab.escape()) and not self._step(-1):
                    self.dismiss(None)
            case "history.back":
                self._step(-1)
            case "history.forward":
                self._step(1)
            case "pane.next" | "pane.previous":
                names = list(TABS)
                by = 1 if operation == "pane.next" else -1
                self.open_tab(names[(names.index(self._open) + by) % len(names)])
            case "copy.name":
                self.copy(self._state.ref.name)
            case "copy.kubectl":
                self.copy(self.tab.kubectl())
            case "refresh":
                self.session.retry_now()
                self.base.tell(_RETRYING)
            case "help":
                from k8stui.ui.screens.drawer import HelpDrawer

                self.app.push_screen(HelpDrawer(self.session.operations))
            case _:
                return False
        return True

    def sense(self, operation: str) -> bool:
        """Whether an action makes sense on this page now."""
        if operation not in HERE:
            return False
        own = self.tab.sense(operation) if self._open in self._tabs else None
        if own is not None:
            return own
        if operation in OF_TABS:
            return False
        if operation == "history.back":
            return self._at > 0
        if operation == "history.forward":
            return self._at + 1 < len(self._trail)
        return True

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out what makes no sense now."""
        if action == "operate" and isinstance(parameters[0], str):
            return self.sense(parameters[0]) or None
        return action != "answer" or self.prompt is not None

    def action_operate(self, operation: str) -> None:
        """Run an action by its key."""
        self.operate(operation)

    def action_follow(self, index: int) -> None:
        """Follow a link of the tab."""
        self.tab.follow(index)

    @on(Operate)
    def _asked(self, event: Operate) -> None:
        self.base.operate(event.operation)

    @on(PickList.Picked)
    def _picked(self, event: PickList.Picked) -> None:
        self.tab.picked(event.key)

    @on(PickList.Folded)
    def _folded(self, event: PickList.Folded) -> None:
        self.tab.folded(event.key, fold=event.fold)

    @on(Copy)
    def _copy(self, event: Copy) -> None:
        self.copy(event.text)

    @on(Follow)
    def _follow_link(self, event: Follow) -> None:
        link = event.link
        if link.name:
            self.go_to(ObjectRef(link.kind, link.namespace, link.name))
        else:
            self.dismiss(None)
            self.app.screen_stack[0].post_message(Follow(link))

    def relabel(self) -> None:
        """Draw everything anew in the other language."""
        self.banner.refresh()
        self.tab_line.refresh()
        for tab in self._tabs.values():
            tab.relabel()
        self.show_foot()
