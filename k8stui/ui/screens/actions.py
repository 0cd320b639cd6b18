"""What each action of the explorer does. Screens that it opens are imported then, after the first frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from k8stui.core.lang import Text
from k8stui.core.refs import Scope
from k8stui.session.explain import title_of
from k8stui.session.model import Explanation, Subject, View
from k8stui.ui.screens import explaining
from k8stui.ui.screens.asking import Asking
from k8stui.ui.screens.panes import Panes
from k8stui.ui.screens.parts import ExplorerParts
from k8stui.ui.screens.switching import Switching

_NO_ROW = Text("There is no row under the cursor.", "カーソル位置に行がありません。")
_NO_NOTE = Text("There is nothing to explain yet.", "まだ解説する対象がありません。")
_FIRST = Text("There is no view before this one.", "これより前の画面はありません。")
_NEWEST = Text("There is no view after this one.", "これより後の画面はありません。")
_NO_COLUMN = Text("This table has no column {column}.", "この表に{column}列はありません。")
_SORT = Text("Sort by", "並べ替え")
_BY_NAME = Text("namespace and name", "Namespaceと名前")
_NAMESPACES = Text("Namespaces", "Namespace")
_ALL = Text("all namespaces", "全Namespace")
_LISTING = Text("Listing anew.", "再取得しています。")
_RETRYING = Text("Trying now.", "今すぐ再接続します。")
PAGE_TABS = ("page.yaml", "page.describe", "page.events", "page.relations", "page.history")
"""Actions that open the page of the row under the cursor at one of its tabs."""
HANDBOOK = ("handbook", "handbook.categories", "why")
"""Actions that open the handbook in one of its layouts."""
_ALL_ID, _BY_NAME_ID = "*", "-"


class Actions:
    """The explorer's part of the table of actions."""

    def __init__(
        self,
        parts: ExplorerParts,
        panes: Panes,
        asking: Asking,
        switching: Switching,
        connect: Callable[[], None],
    ) -> None:
        self._parts = parts
        self._asking = asking
        self._switching = switching
        self._connect = connect
        self.table: dict[str, Callable[[], None]] = {
            "open": self._open,
            "command": asking.ask_where,
            "filter": asking.ask_filter,
            "back": self._escape,
            "up": self._back,
            "history.back": self._back,
            "history.forward": self._forward,
            "history.last": self._last,
            "scope.all": lambda: self._look_in(Scope.all()),
            "scope.choose": lambda: parts.work(self._choose_scope, "namespaces"),
            "context.choose": switching.choose,
            "sort.name": lambda: self._sort("NAME"),
            "sort.age": lambda: self._sort("AGE"),
            "sort.choose": self._choose_sort,
            "wide": self._wide,
            "copy.name": self._copy_name,
            "copy.kubectl": self._copy_kubectl,
            "tree": panes.toggle_tree,
            "note": self._note,
            "page": lambda: self._page("note"),
            **{tab: partial(self._page, tab) for tab in PAGE_TABS},
            **{layout: partial(self._handbook, layout) for layout in HANDBOOK},
            "cluster.note": self._cluster,
            "pane.next": lambda: panes.step(1),
            "pane.previous": lambda: panes.step(-1),
            "refresh": self._refresh,
            "help": self._help,
        }

    def sense(self, operation: str) -> bool:
        """Whether an action makes sense now."""
        parts = self._parts
        view = parts.live.view
        match operation:
            case "sort.name" | "sort.age" | "sort.choose" | "wide":
                return bool(parts.table.columns)
            case "open":
                return parts.tree_pane.has_focus or parts.table.visible_count > 0
            case "copy.name" | "page":
                return parts.table.visible_count > 0
            case tab if tab in PAGE_TABS:
                return parts.table.visible_count > 0
            case "scope.all":
                return view is not None and view.kind.namespaced and not view.scope.everywhere
            case "scope.choose":
                return view is not None and view.kind.namespaced
            case "filter" | "copy.kubectl":
                return view is not None
            case _:
                return True

    def _open(self) -> None:
        tree = self._parts.tree_pane
        if tree.has_focus:
            tree.action_open()
        else:
            self._parts.table.action_open()

    def _escape(self) -> None:
        parts = self._parts
        if self._switching.cancel():
            return
        if parts.live.waiting and not parts.ways.deep:
            parts.workers.cancel_group(parts, "feed")
            parts.workers.cancel_group(parts, "cluster")
            parts.live.stop()
        elif not parts.roomy and parts.has_class("-tree"):
            parts.remove_class("-tree")
            parts.call_after_refresh(parts.focus_rows)
        elif not self._asking.clear_filter():
            if parts.tree_pane.has_focus or parts.note.has_focus:
                parts.focus_rows()
            else:
                self._step(self._parts.ways.back(parts.table.cursor_key), None)

    def _back(self) -> None:
        self._step(self._parts.ways.back(self._parts.table.cursor_key), _FIRST)

    def _forward(self) -> None:
        self._step(self._parts.ways.forward(self._parts.table.cursor_key), _NEWEST)

    def _last(self) -> None:
        self._step(self._parts.ways.last(self._parts.table.cursor_key), _FIRST)

    def _step(self, view: View | None, otherwise: Text | None) -> None:
        if view is not None:
            self._parts.show_view(view)
        elif otherwise is not None:
            self._parts.base.tell(otherwise)

    def _look_in(self, scope: Scope) -> None:
        view = self._parts.live.view
        if view is not None:
            self._parts.open_view(self._parts.ways.elsewhere(view, scope))

    async def _choose_scope(self) -> None:
        from k8stui.ui.screens.chooser import Choice, Chooser

        parts = self._parts
        now = parts.session.scope
        names = await parts.session.namespaces()
        choices = [Choice(_ALL_ID, parts.base.say(_ALL), current=now.everywhere, markable=False)]
        choices += [Choice(name, name, current=name in now.namespaces) for name in names]

        def chosen(answer: str | None) -> None:
            if answer is not None:
                self._look_in(Scope.all() if answer == _ALL_ID else Scope(tuple(answer.split(","))))

        parts.app.push_screen(Chooser(_NAMESPACES, choices, many=True), chosen)

    def _sort(self, column: str) -> None:
        table = self._parts.table
        if column not in {c.name.upper() for c in table.columns}:
            self._parts.base.tell(_NO_COLUMN.format(column=column))
            return
        now, reverse = table.sort_state
        table.sort_by(column, now == column and not reverse)

    def _choose_sort(self) -> None:
        from k8stui.ui.screens.chooser import Choice, Chooser

        table = self._parts.table
        now, _ = table.sort_state
        choices = [Choice(_BY_NAME_ID, self._parts.base.say(_BY_NAME), current=now is None)]
        for column in table.columns:
            title = column.name.upper()
            choices.append(Choice(title, title, column.description.partition(". ")[0], now == title))

        def chosen(answer: str | None) -> None:
            if answer == _BY_NAME_ID:
                table.sort_by(None)
            elif answer is not None:
                self._sort(answer)

        self._parts.app.push_screen(Chooser(_SORT, choices), chosen)

    def _wide(self) -> None:
        self._parts.table.wide = not self._parts.table.wide

    def _copy_name(self) -> None:
        key = self._parts.table.cursor_key
        if key is None:
            self._parts.base.tell(_NO_ROW)
        else:
            self._parts.copy(key[1])

    def _copy_kubectl(self) -> None:
        if self._parts.foot.kubectl:
            self._parts.copy(self._parts.foot.kubectl)

    def _note(self) -> None:
        from k8stui.ui.screens.drawer import NoteDrawer

        parts = self._parts
        start = parts.note.explanation or parts.note.content
        if start is None:
            parts.base.tell(_NO_NOTE)
        else:
            parts.app.push_screen(NoteDrawer(start), lambda _: parts.explain_cursor())

    def _page(self, tab: str) -> None:
        from k8stui.ui.screens.page import PageScreen

        parts = self._parts
        ref = parts.ref
        if ref is None:
            parts.base.tell(_NO_ROW)
            return
        parts.workers.cancel_group(parts, "explain")
        parts.app.push_screen(PageScreen(parts.session, ref, tab), lambda _: parts.explain_cursor(anew=True))

    def _handbook(self, layout: str) -> None:
        from k8stui.ui.screens.handbook import HandbookScreen

        self._parts.app.push_screen(HandbookScreen(self._parts.session, layout))

    def _cluster(self) -> None:
        from k8stui.ui.screens.drawer import NoteDrawer

        parts, subject = self._parts, Subject(cluster=True)
        drawer = NoteDrawer(Explanation(subject, title_of(subject), ()))
        parts.app.push_screen(drawer, lambda _: parts.explain_cursor())
        parts.work(partial(explaining.explain, parts.session, subject, drawer.explain), "cluster-note")

    def _help(self) -> None:
        from k8stui.ui.screens.drawer import HelpDrawer

        self._parts.app.push_screen(HelpDrawer(self._parts.session.operations))

    def _refresh(self) -> None:
        parts = self._parts
        view = parts.live.view
        if view is None:
            self._connect()
        elif parts.live.stopped:
            parts.show_view(view)
        elif parts.live.retrying:
            parts.session.retry_now()
            parts.base.tell(_RETRYING)
        else:
            parts.live.fresh = None
            parts.show_view(replace(view, cursor=parts.table.cursor_key))
            parts.desk.counts_wanted()
            parts.base.tell(_LISTING)
