"""The explorer: tree, table and note side by side, and the way between them."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal

from k8stui.core.errors import ExplorerError
from k8stui.session.model import View
from k8stui.session.operations import OPERATIONS
from k8stui.session.session import Session
from k8stui.ui.keys import bindings
from k8stui.ui.messages import Copy, Follow, Operate
from k8stui.ui.screens import welcome
from k8stui.ui.screens.actions import Actions
from k8stui.ui.screens.asking import Asking
from k8stui.ui.screens.panes import Panes
from k8stui.ui.screens.parts import ExplorerParts
from k8stui.ui.screens.switching import Switching
from k8stui.ui.widgets.category_tree import CategoryTree
from k8stui.ui.widgets.prompt import Prompt
from k8stui.ui.widgets.resource_table import ResourceTable

APP_WIDE = ("language", "theme", "palette", "quit")
"""Actions of the whole app: the app binds them, so that they work in drawers too."""
PROMPTS = ("command", "filter")
"""Their keys have priority: the app handles them before it passes on the next key, which is the prompt's."""
NORMAL_WIDTH = 100
"""From this width on tree, table and note are on the screen together."""


class ExplorerScreen(ExplorerParts):
    """Composes the panes and routes between them and the session.

    Its explorer.tcss is loaded by the app: Textual loads none for a default screen.
    """

    AUTO_FOCUS = "#empty"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012  # Textual declares it without ClassVar
        (0, "-tiny"),
        (80, "-narrow"),
        (NORMAL_WIDTH, "-normal"),
        (140, "-wide"),
    ]
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(op for op in OPERATIONS if op.id not in (*APP_WIDE, *PROMPTS)),
        *bindings((op for op in OPERATIONS if op.id in PROMPTS), priority=True),
        *(Binding(str(n), f"follow({n - 1})", "follow", show=False) for n in range(1, 10)),
        Binding("enter", "answer(True)", "enter", show=False, priority=True),
        Binding("escape", "answer(False)", "cancel", show=False, priority=True),
    ]

    def __init__(self, session: Session, kind: str, *, practice: bool) -> None:
        super().__init__(session)
        self._kind = kind
        self._broad = True
        self._practice = practice
        self.panes = Panes(self)
        self.switching = Switching(self, self._arrive)
        self.asking = Asking(self, self.switching)
        self.actions = Actions(self, self.panes, self.asking, self.switching, self.connect)

    def compose(self) -> ComposeResult:
        """Header, the three panes, foot."""
        # Before there are children: a class that comes later costs a layout of them all.
        width = self.app.size.width
        self._broad = width >= NORMAL_WIDTH
        self.set_class(self._broad, "-tree")
        self.add_class(next(name for least, name in reversed(self.HORIZONTAL_BREAKPOINTS) if width >= least))
        yield self.banner
        with Horizontal(id="body"):
            yield self.tree_pane
            with Container(id="stage"):
                with Container(id="place"):
                    yield self.table
                    yield self.empty
                yield self.note
        yield self.foot

    def on_mount(self) -> None:
        """Paint first, connect then."""
        self.table.display = False
        self.banner.show(read_only=self.session.read_only)
        self.live.show_state()
        self.show_foot()
        self.call_after_refresh(self.connect)

    # Clusters

    def connect(self) -> None:
        """Open the first cluster and its first view."""
        self.work(self._connect, "cluster")

    async def _connect(self) -> None:
        try:
            await self.session.start(practice=self._practice)
            self._show_cluster()
            view = await self.session.start_view(self._kind)
        except ExplorerError as error:
            self.live.fail(error)
            return
        await self._settle_in(view)

    async def _arrive(self, view: View) -> None:
        """Another cluster is open: everything that was of the old one goes."""
        self.tree_pane.forget_counts()
        self.tree_pane.set_nodes(self.session.catalog)
        self.live.forget()
        self._show_cluster()
        await self._settle_in(view)

    def _show_cluster(self) -> None:
        info = self.session.info
        if info is None:
            return
        self.banner.show(info=info, colour=self.session.settings.colour_of(info.context))
        self.live.show_state()
        if info.practice:
            self.greeting = True
            self.note.say(welcome.practice(info))

    async def _settle_in(self, view: View) -> None:
        self.live.settled.clear()
        self.ways.begin(view)
        self.show_view(view)
        await self.live.settled.wait()
        self.base.settle_memory()
        await self.desk.introduce()
        self.work(partial(self.desk.keep_counting, self._tree_is_seen), "counts")
        self.work(self.desk.watch_catalog, "catalog")

    def _tree_is_seen(self) -> bool:
        return self.tree_pane.display and self.is_current

    # What panes say

    @on(CategoryTree.Highlighted)
    @on(ResourceTable.Highlighted)
    def _cursor_moved(self) -> None:
        self.explain_cursor()

    @on(CategoryTree.Opened)
    def _node_opened(self, event: CategoryTree.Opened) -> None:
        view = self.session.view_of(event.node)
        if view is not None:
            self._travel(view)

    @on(CategoryTree.Unfolded)
    def _unfolded(self) -> None:
        self.desk.counts_wanted()

    @on(ResourceTable.Opened)
    def _row_opened(self) -> None:
        row, view = self.table.cursor_row, self.live.view
        if row is not None and view is not None:
            below = self.session.drill(view, row)
            if below is not None:
                self.open_view(below)
            else:
                self.operate("page")

    @on(ResourceTable.CountsChanged)
    def _counted(self, event: ResourceTable.CountsChanged) -> None:
        self.banner.show(shown=event.shown, total=event.total)
        self.live.show_state()
        self.learn_purpose()

    @on(Operate)
    def _asked(self, event: Operate) -> None:
        self.stop_greeting()
        self.base.operate(event.operation)

    @on(Follow)
    def _follow_link(self, event: Follow) -> None:
        self._travel(self.ways.to_link(event.link, self.live.view))

    @on(Copy)
    def _copy(self, event: Copy) -> None:
        self.copy(event.text)

    def _travel(self, view: View) -> None:
        """Open a view and go to its rows; a tree that is a drawer goes back in."""
        self.stop_greeting()
        if not self.roomy:
            self.panes.show_tree(False)
        self.open_view(view)
        self.call_after_refresh(self.focus_rows)

    def on_descendant_focus(self) -> None:
        """Keys and note follow the focus."""
        self.show_foot()
        self.explain_cursor()

    def on_resize(self, event: events.Resize) -> None:
        """There may be room for tree and note now, or no more."""
        broad = event.size.width >= NORMAL_WIDTH
        if broad != self._broad:
            self._broad = broad
            self.panes.room_changed(broad)
        self.call_after_refresh(self.learn_purpose)

    def on_mouse_down(self) -> None:
        """So does the first click."""
        self.stop_greeting()

    def on_key(self) -> None:
        """The first key ends the greeting."""
        self.stop_greeting()

    # Prompts

    @on(Prompt.Changed)
    def _prompt_changed(self, event: Prompt.Changed) -> None:
        self.asking.typed(event.sign, event.text)

    async def action_answer(self, entered: bool) -> None:
        """End the prompt by Enter or Esc; the next key waits until the rows have the focus again."""
        await self.asking.answered(entered=entered)

    # Actions

    def operate(self, operation: str) -> bool:
        """Run an action of the explorer, if it makes sense now; whether it is one of the explorer's."""
        action = self.actions.table.get(operation)
        if action is not None and self.actions.sense(operation):
            action()
        return action is not None

    def sense(self, operation: str) -> bool:
        """Whether an action makes sense now."""
        return operation in self.actions.table and self.actions.sense(operation)

    async def action_operate(self, operation: str) -> None:
        """Run an action by its key; the next key waits until a prompt that it opens is there."""
        self.operate(operation)
        await self.asking.opened()

    def action_follow(self, index: int) -> None:
        """Follow a link of the note."""
        self.note.follow(index)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out what makes no sense now."""
        if action == "operate" and isinstance(parameters[0], str):
            if parameters[0] in PROMPTS and self.asking.prompt is not None:
                return False
            return self.actions.sense(parameters[0]) or None
        return action != "answer" or self.asking.prompt is not None

    def show_foot(self) -> None:
        """Show the command and the keys of the pane in use."""
        self.panes.show_foot(self.actions.sense)

    def relabel(self) -> None:
        """Draw everything anew in the other language."""
        self.banner.refresh()
        self.tree_pane.refresh()
        self.live.relabel()
        self.learn_purpose()
        self.show_foot()
        self.note.reset()
        self.explain_cursor(anew=True)
