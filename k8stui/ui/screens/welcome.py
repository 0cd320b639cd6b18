"""The greeting on the practice cluster."""

from __future__ import annotations

from k8stui.core.lang import Lang, Text
from k8stui.session.model import ClusterInfo
from k8stui.ui.prose import Line, Span, wrap
from k8stui.ui.widgets.note_pane import Compose

_TITLE = Text("This is the practice cluster", "練習用クラスターです")
_WHAT = Text(
    "A small cluster that runs on this machine only. Nothing in it is real, nothing can break: "
    "look at everything.",
    "このマシンの中だけで動く小さなクラスターです。本物ではないので、何を見ても壊れる心配はありません。",
)
_TRY = Text("To try", "試してみましょう")
_TRIES = (
    ("↓", Text("Go down the rows: each Pod is explained here.", "行を移動すると、Podの解説がここに出ます。")),
    (
        "Tab",
        Text(
            "Go to the tree: five categories, in the book's order.",
            "ツリーに移ると、5つのカテゴリを順に見られます。",
        ),
    ),
    (":", Text("Type svc or deploy to go there by name.", "svcやdeployと入力すると、その種類に移動します。")),
)
_OWN = Text("Your own cluster", "自分のクラスターを見るには")
_OWN_HOW = Text(
    "Put a kubeconfig at ~/.kube/config or name it in KUBECONFIG, then start again; ^T switches between "
    "clusters.",
    "kubeconfigを~/.kube/configに置くか、環境変数KUBECONFIGで指定して起動し直します。クラスターは^Tで切り替えられます。",
)


def practice(info: ClusterInfo) -> Compose:
    """What the practice cluster is, why it is open, what to try, and how to use one's own."""

    def compose(cells: int, lang: Lang) -> list[Line]:
        lines: list[Line] = [(Span(_TITLE.get(lang), "title"),)]
        if info.reason is not None:
            lines += [*wrap([Span(info.reason.get(lang), "warn")], cells)]
        lines += [*wrap([Span(_WHAT.get(lang))], cells), (), (Span(_TRY.get(lang), "accent"),)]
        for key, words in _TRIES:
            first: Line = (Span("  "), Span(f"{key:<4}", "key"))
            lines += wrap([Span(words.get(lang))], cells, first=first, rest=(Span(" " * 6),))
        lines += [(), (Span(_OWN.get(lang), "accent"),)]
        return lines + wrap([Span(_OWN_HOW.get(lang))], cells, first=(Span("  "),), rest=(Span("  "),))

    return compose
