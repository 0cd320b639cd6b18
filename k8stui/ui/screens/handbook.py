"""The handbook: every note by chapter, by category, or as the thirteen benefits, and objects that show it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Lang, Text
from k8stui.session.handbook import Order, subject_of
from k8stui.session.model import Link, NoteView
from k8stui.session.operations import OPERATIONS
from k8stui.session.session import Session
from k8stui.ui.base import BaseScreen
from k8stui.ui.keys import bindings, written
from k8stui.ui.messages import Copy, Follow, Operate
from k8stui.ui.prose import Line, Span, wrap
from k8stui.ui.widgets.foot import Foot, FootKey, FootMessage
from k8stui.ui.widgets.handbook_list import HandbookList, HandbookPage
from k8stui.ui.widgets.note_lines import link_list, long_lines
from k8stui.ui.widgets.note_pane import Compose
from k8stui.ui.widgets.prompt import Prompt
from k8stui.ui.widgets.tab_line import PageHead, Tab, TabLine

if TYPE_CHECKING:
    from k8stui.notes import Note

LAYOUTS = {
    "handbook": (Order.CHAPTERS, Text("by chapter", "章立て")),
    "handbook.categories": (Order.CATEGORIES, Text("by category", "カテゴリ別")),
    "why": (Order.BENEFITS, Text("why Kubernetes", "Kubernetesの利点")),
}
"""Actions that open a layout."""
HERE = (*LAYOUTS, "back", "up", "filter", "pane.next", "pane.previous", "help", "command")
"""Actions of the table that mean something here."""
SMALL = 90
"""Below this width the list and the page have the screen one after the other."""
REST_SECONDS = 0.2
"""How long the cursor rests before the cluster is searched for objects."""
READ_SECONDS = 3.0
"""A page that stays open so long counts as read."""
SEARCH = "/"

_TITLE = Text("Handbook", "ハンドブック")
_READ = Text("{read} of {all} read", "{all}件中{read}件を読了")
_FOUND = Text("/ {query}   {count} notes", "/ {query}   {count}件")
_HERE = Text("In this cluster", "このクラスターでは")
_LOOKING = Text("Looking for objects …", "該当するオブジェクトを探しています…")
_NOT_HERE = Text("Nothing in this cluster shows it.", "このクラスターに該当するオブジェクトはありません。")
_NOTHING = Text("No note contains that.", "一致する解説はありません。")
_HINT = Text("both languages   ↵ keep   Esc clear", "日本語・英語どちらでも   ↵ 確定   Esc 解除")
_OPEN = Text("read", "読む")
_GO = Text("go there", "リンク先へ")


def page_lines(
    about: Text, view: NoteView, found: list[Link] | Text | None, cells: int, lang: Lang
) -> list[Line]:
    """A note in full, then the objects that show it: None while they are looked for, else why they cannot."""
    lines = [(Span(about.get(lang), "quiet"),), *long_lines(view, cells, lang)]
    lines += [(), (Span("  "), Span(_HERE.get(lang), "accent"))]
    if isinstance(found, list) and found:
        return lines + link_list(found, cells, "  ")
    said = found if isinstance(found, Text) else _LOOKING if found is None else _NOT_HERE
    return lines + wrap([Span(said.get(lang), "quiet")], cells, first=(Span("  "),), rest=(Span("  "),))


class HandbookScreen(BaseScreen):
    """A table of contents and the page of the note under its cursor."""

    CSS_PATH = "handbook.tcss"
    AUTO_FOCUS = "#handbook-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(op for op in OPERATIONS if op.id in HERE),
        *(Binding(str(n), f"follow({n - 1})", "follow", show=False) for n in range(1, 10)),
        Binding("enter", "answer(True)", "enter", show=False, priority=True),
        Binding("escape", "answer(False)", "cancel", show=False, priority=True),
    ]

    def __init__(self, session: Session, layout: str) -> None:
        super().__init__()
        self.session = session
        self._arranged = layout
        self._query = ""
        self._found: dict[str, list[Link]] = {}
        """Objects that show a note, by its id."""
        self._trouble: Text | None = None
        """Why the cluster could not be asked."""
        self._total = 0
        self.head = TabLine(id="handbook-head")
        self.contents = HandbookList(id="handbook-list")
        self.page = HandbookPage(id="handbook-page")
        self.foot = Foot(id="handbook-foot")

    def compose(self) -> ComposeResult:
        """Title and layouts, the list, the page, foot."""
        self.set_class(self.app.size.width < SMALL, "-small")
        yield self.head
        with Horizontal(id="handbook-body"):
            yield self.contents
            yield self.page
        yield self.foot

    def on_mount(self) -> None:
        """Read the notes."""
        self._open(self._arranged)

    def on_resize(self, event: events.Resize) -> None:
        """There may be room for both now, or no more."""
        self.set_class(event.size.width < SMALL, "-small")

    # The list

    def _open(self, layout: str) -> None:
        self._arranged = layout
        self.work(self._list, "handbook-list")

    async def _list(self) -> None:
        learning = self.session.learning
        order = LAYOUTS[self._arranged][0]
        sections = await learning.sections(order, self._query)
        self._total = sum(len(section.notes) for section in sections)
        keep = self.contents.note.id if self.contents.note is not None else ""
        self.contents.show(sections, keep=keep)
        self._show_marks()
        self.show_foot()
        if order is Order.BENEFITS:
            for section in sections:
                for note in section.notes:
                    if self._trouble is None:
                        await self._look_for(note)

    def _show_marks(self) -> None:
        shown = {name: len(found) for name, found in self._found.items()} if self._arranged == "why" else {}
        self.contents.mark(self.session.learning.marks.read, shown)
        read = sum(
            entry.note is not None and entry.note.id in self.contents.read for entry in self.contents.entries
        )
        said = _READ.format(read=read, all=self._total)
        if self._query:
            said = _FOUND.format(query=self._query, count=self._total)
        keys = {op.id: written(op.keys[0]) for op in self.session.operations}
        tabs = tuple(Tab(layout, keys[layout], title) for layout, (_, title) in LAYOUTS.items())
        head = PageHead("", self.base.say(_TITLE), "", said, "quiet")
        self.head.show(head, tabs, self._arranged)

    # The page

    @on(HandbookList.Highlighted)
    def _highlighted(self) -> None:
        self._show_page()
        note = self.contents.note
        if note is not None:
            self.work(partial(self._read, note), "handbook-page")

    def _show_page(self, *, keep_place: bool = False) -> None:
        note = self.contents.note
        if note is None:
            self.page.links = ()
            self.page.show(_saying(_NOTHING) if self._query else None)
            return
        found = self._found.get(note.id)
        self.page.links = found or ()
        trouble = self._trouble if found is None else None
        learning = self.session.learning

        def compose(cells: int, lang: Lang) -> list[Line]:
            view, about = learning.view(note, lang), subject_of(note.about)
            return page_lines(about, view, found if trouble is None else trouble, cells, lang)

        self.page.show(compose, keep_place=keep_place)

    async def _read(self, note: Note) -> None:
        """Look for objects that show the note, and count it as read when it stays open."""
        await asyncio.sleep(REST_SECONDS)
        await self._look_for(note)
        await asyncio.sleep(READ_SECONDS)
        if not self.has_class("-small") or self.has_class("-reading"):
            self._mark(note)

    async def _look_for(self, note: Note) -> None:
        if note.id in self._found:
            return
        try:
            self._found[note.id] = await self.session.learning.examples(note)
            self._trouble = None
        except ExplorerError as error:  # asked again when the cursor comes back
            self._trouble = error.message
        if self.contents.note is not None and self.contents.note.id == note.id:
            self._show_page(keep_place=True)
        self._show_marks()

    def _mark(self, note: Note) -> None:
        if self.session.learning.marks.add(note.id):
            self._show_marks()

    @on(HandbookList.Opened)
    def _opened(self, event: HandbookList.Opened) -> None:
        self._mark(event.note)
        self.add_class("-reading")
        self.call_after_refresh(self.page.focus)

    def _close_page(self) -> bool:
        """Back to the list; whether the page was in use."""
        if not (self.page.has_focus or (self.has_class("-small") and self.has_class("-reading"))):
            return False
        self.remove_class("-reading")
        self.call_after_refresh(self.contents.focus)
        return True

    # Search

    @property
    def prompt(self) -> Prompt | None:
        """The prompt that is open."""
        return next(iter(self.query(Prompt)), None)

    async def _ask(self) -> None:
        if self.prompt is None:
            self.foot.tell(None)
            self.add_class("-prompting")
            prompt = Prompt(SEARCH, self._query, hint=self.base.say(_HINT))
            await self.mount(prompt, after=self.foot)
            self.set_focus(prompt.line)

    @on(Prompt.Changed)
    def _typed(self, event: Prompt.Changed) -> None:
        if self.prompt is not None:
            self._search(event.text)

    def _search(self, query: str) -> None:
        if query != self._query:
            self._query = query
            self._open(self._arranged)

    async def action_answer(self, entered: bool) -> None:
        """Enter keeps the search, Esc ends it."""
        prompt = self.prompt
        if prompt is None:
            return
        await prompt.read()
        self._search(prompt.text.strip() if entered else "")
        self.remove_class("-prompting")
        self.contents.focus()
        await prompt.remove()

    # Actions

    def operate(self, operation: str) -> bool:
        """Run an action; whether the handbook knows it."""
        if operation in LAYOUTS:
            self._close_page()
            self._open(operation)
            return True
        match operation:
            case "back":
                if not self._close_page():
                    if self._query:
                        self._search("")
                    else:
                        self.dismiss(None)
            case "up":
                if not self._close_page():
                    self.dismiss(None)
            case "filter":
                self.work(self._ask, "handbook-prompt")
            case "pane.next" | "pane.previous":
                if self.contents.has_focus:
                    self.contents.action_open()
                else:
                    self._close_page()
            case "help":
                from k8stui.ui.screens.drawer import HelpDrawer

                self.app.push_screen(HelpDrawer(self.session.operations))
            case "command":
                self.dismiss(None)
                self.base.call_after_refresh(self.base.operate, operation)
            case _:
                return False
        return True

    def sense(self, operation: str) -> bool:
        """Whether an action makes sense here."""
        return operation in HERE

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A prompt takes Enter and Esc while it is open."""
        if action == "operate":
            return self.prompt is None
        return action != "answer" or self.prompt is not None

    def action_operate(self, operation: str) -> None:
        """Run an action by its key."""
        self.operate(operation)

    def action_follow(self, index: int) -> None:
        """Go to an object that shows the note."""
        self.page.follow(index)

    @on(Follow)
    def _follow_link(self, event: Follow) -> None:
        self._go(event.link)

    def _go(self, link: Link) -> None:
        note = self.contents.note
        if note is not None:
            self._mark(note)
        self.dismiss(None)
        self.app.screen_stack[0].post_message(Follow(link))

    @on(Operate)
    def _asked(self, event: Operate) -> None:
        self.base.operate(event.operation)

    @on(Copy)
    def _copy(self, event: Copy) -> None:
        self.app.copy_to_clipboard(event.text)

    # Foot

    def tell(self, text: Text, *, error: bool = False) -> None:
        """Show a sentence in the foot line."""
        self.foot.tell(FootMessage(text, error))

    def on_descendant_focus(self) -> None:
        """The keys follow the focus."""
        self.show_foot()

    def show_foot(self) -> None:
        """Show the command that prints the same, and the keys."""
        words = ["k8stui", "notes"]
        if self._arranged == "handbook.categories":
            words += ["--category", "all"]
        if self.page.has_focus and self.contents.note is not None:
            words = ["k8stui", "notes", self.contents.note.id]
        self.foot.show(" ".join(words), self._keys)

    def _keys(self) -> list[FootKey]:
        lang = self.session.lang
        first = FootKey("↵", _OPEN.get(lang), "")
        if self.page.has_focus:
            first = FootKey("1-9", _GO.get(lang), "")
        shown = [op for op in self.session.operations if op.id in ("filter", "back", "help")]
        return [first, *(FootKey(written(op.keys[0]), op.title.get(lang), op.id) for op in shown)]

    def relabel(self) -> None:
        """Draw everything anew in the other language."""
        self._show_marks()
        self.contents.refresh()
        self.page.reset()
        self.show_foot()


def _saying(text: Text) -> Compose:
    return lambda cells, lang: wrap([Span(text.get(lang), "quiet")], cells)
