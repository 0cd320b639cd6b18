"""Drawers: the note in full, and every key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from k8stui.core.lang import Lang, Text
from k8stui.session.model import Explanation
from k8stui.session.operations import Operation
from k8stui.ui.base import BaseModal, TonedWidget
from k8stui.ui.keys import written
from k8stui.ui.messages import Follow
from k8stui.ui.prose import Line, Span, wrap
from k8stui.ui.text import fit, width
from k8stui.ui.widgets.note_pane import Compose, FullNote, LinesPane

_CLOSE = Text("Esc close   ↑↓ scroll", "Esc 閉じる   ↑↓ スクロール")
_CLOSE_LINKS = Text("Esc close   ↑↓ scroll   1-9 go there", "Esc 閉じる   ↑↓ スクロール   1-9 移動")
_TITLE = Text("Keys", "キー一覧")
_GROUPS = {
    "go": Text("Go somewhere", "移動する"),
    "look": Text("Look closer", "見る"),
    "learn": Text("Learn", "学ぶ"),
    "cluster": Text("The cluster", "クラスター"),
    "app": Text("k8stui itself", "k8stui自体"),
}
_MOVING = Text("Moving in table, tree and note", "表・ツリー・解説の中での移動")
_MOVES: tuple[tuple[str, Text], ...] = (
    ("↑ k   ↓ j", Text("One line up or down.", "1行ずつ上下に移動します。")),
    ("PgUp ^B   PgDn ^F", Text("One page up or down.", "1ページずつ移動します。")),
    ("Home g   End G", Text("To the first or the last line.", "先頭または末尾の行に移動します。")),
    ("← h   → l", Text(
        "Tree: fold and unfold. Table: columns to the left and right.",
        "ツリーでは折りたたみと展開、表では左右の列に移動します。",
    )),
    ("1 … 9", Text("Follow a link of the note.", "解説のリンク先に移動します。")),
    ("click", Text(
        "Click a line, a title to sort, a word of the header or foot; the wheel scrolls.",
        "行のクリックで選択、列名のクリックで並べ替えができます。上下の行の文字もクリックできます。",
    )),
)  # fmt: skip
_PROMPTS = Text("In the prompts", "入力欄で")
_PROMPT_KEYS: tuple[tuple[str, Text], ...] = (
    (": po kube-system", Text("A kind, then a Namespace.", "種類の名前、続けてNamespaceです。")),
    (": deploy /web", Text("A kind, narrowed down at once.", "種類と絞り込みをまとめて指定します。")),
    (": svc app=web -A", Text(
        "A kind with labels, in every Namespace.", "種類をラベルで絞り、全Namespaceから探します。"
    )),
    (": ns NAME   : ctx NAME", Text(
        "Another Namespace, another cluster.", "Namespaceやクラスターを切り替えます。"
    )),
    ("/ text   / !text   / ~txt", Text(
        "Rows with a text, without it, or with its letters in order.",
        "文字を含む行、含まない行、順に文字が現れる行を表示します。",
    )),
    ("/ -l app=web", Text("Labels, asked of the server.", "ラベルの条件をサーバーに渡します。")),
    ("Tab → ^F   ↑ ↓", Text(
        "Take the completion; the next one.", "補完を確定します。上下で候補を切り替えます。"
    )),
)  # fmt: skip


class _Keys(TonedWidget):
    def __init__(self, text: Text) -> None:
        super().__init__(id="drawer-keys")
        self._text = text

    def line(self, y: int, cells: int) -> Line:
        return (Span(self.base.say(self._text), "quiet"),)


class Drawer(BaseModal):
    """A pane of lines over the right part of the explorer."""

    CSS_PATH = "drawer.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "close", "close", show=False)]
    keys_text = _CLOSE

    def pane(self) -> LinesPane:
        """The pane."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """The pane and its keys."""
        with Vertical(id="drawer"):
            yield self.pane()
            yield _Keys(self.keys_text)

    def on_mount(self) -> None:
        """The keys scroll at once."""
        self.query_one(LinesPane).focus()

    def relabel(self) -> None:
        """Set the lines in the other language."""
        self.query_one(LinesPane).reset()
        self.query_one(_Keys).refresh()


class NoteDrawer(Drawer):
    """The long form of the note; the note pane hands it each new edition."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "close", "close", show=False, id="note"),
        *(Binding(str(n), f"follow({n - 1})", "follow", show=False) for n in range(1, 10)),
    ]
    keys_text = _CLOSE_LINKS

    def __init__(self, start: Explanation | Compose) -> None:
        super().__init__()
        self._pane = FullNote(start)

    def pane(self) -> LinesPane:
        """The note."""
        return self._pane

    def explain(self, explanation: Explanation) -> None:
        """Show a new edition of the same subject."""
        shown = self._pane.explanation
        if shown is not None and shown.subject == explanation.subject:
            self._pane.explain(explanation)

    def action_follow(self, index: int) -> None:
        """Follow a link."""
        self._pane.follow(index)

    def on_follow(self, event: Follow) -> None:
        """The explorer goes there; the drawer closes."""
        event.stop()
        if self.is_active:
            below = self.app.screen_stack[-2]
            self.dismiss(None)
            below.post_message(event)


def help_lines(operations: Sequence[Operation], cells: int, lang: Lang) -> list[Line]:
    """Every key by what it is for."""
    lines: list[Line] = [(Span(_TITLE.get(lang), "title"),)]
    for group, title in _GROUPS.items():
        rows = [
            ("  ".join(written(key) for key in op.keys), op.explain) for op in operations if op.group == group
        ]
        lines += _section(title, rows, cells, lang)
    lines += _section(_MOVING, _MOVES, cells, lang)
    return lines + _section(_PROMPTS, _PROMPT_KEYS, cells, lang)


def _section(title: Text, rows: Iterable[tuple[str, Text]], cells: int, lang: Lang) -> list[Line]:
    column = 28 if cells >= 76 else 20
    lines: list[Line] = [(), (Span(title.get(lang), "accent"),)]
    for keys, words in rows:
        first: Line = (
            Span("  "),
            Span(fit(keys, max(column - 3, width(keys) if cells >= 76 else 0)), "key"),
            Span(" "),
        )
        rest: Line = (Span(" " * column),)
        lines += wrap([Span(words.get(lang))], cells, first=first, rest=rest)
    return lines


class HelpDrawer(Drawer):
    """Every key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark,f1", "close", "close", show=False, id="help"),
    ]

    def __init__(self, operations: Sequence[Operation]) -> None:
        super().__init__()
        self._operations = operations

    def pane(self) -> LinesPane:
        """The list of keys."""
        pane = LinesPane()
        operations = self._operations
        self.call_after_refresh(pane.show, lambda cells, lang: help_lines(operations, cells, lang))
        return pane
