"""What is explained: from a row or a node to the subject of a note. No terminal needed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from k8stui.catalog import Node, Role
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang, Text
from k8stui.core.refs import ObjectRef
from k8stui.core.rows import RowKey
from k8stui.session.model import Explanation, Subject, View
from k8stui.ui.prose import Line, Span, wrap
from k8stui.ui.widgets.note_pane import Compose

_DENIED = Text(
    'You may not list {kind} here: the verb "list" on {name} is missing.',
    "{kind}を一覧する権限がありません（{name}に対する動詞「list」が足りません）。",
)
_DELETED = Text(
    "It was deleted at {time}. What stands here is its last state.",
    "{time}に削除されました。表示しているのは最後の状態です。",
)
_MORE = Text("More kinds of {category}", "{category}のその他の種類")
_MORE_WHY = Text(
    "Kinds of this category that the book does not name, in alphabetical order. Some are newer than the "
    "book, some work behind the scenes.",
    "本に出てこない、このカテゴリの種類です。本より新しいものや、裏方として働くものがあります。",
)
_GROUP = Text("API group {group}", "APIグループ {group}")
_GROUP_WHY = Text(
    "Custom resources: kinds that a CustomResourceDefinition added to this cluster. Kubernetes stores and "
    "serves them; a controller of their own gives them meaning.",
    "CustomResourceDefinitionがこのクラスターに追加した種類（カスタムリソース）です。"
    "保存と配信はKubernetesが行い、動作は専用のコントローラーが担います。",
)
_UNAVAILABLE = Text("API group {group} does not answer", "APIグループ{group}が応答しません")
_UNAVAILABLE_WHY = Text(
    "Another server stands behind this group (an APIService), and it could not be reached. Its kinds are "
    "missing until it answers; everything else works.",
    "このグループは別のサーバー（APIService）が担当していますが、接続できません。"
    "応答するまでその種類は表示されません。ほかの種類には影響しません。",
)


def of_node(node: Node) -> Subject | None:
    """The subject that a node of the tree stands for; None when no note speaks of it."""
    match node.role:
        case Role.CATEGORY:
            return Subject(category=node.category)
        case Role.FORM:
            return Subject(form=node.form)
        case Role.KIND:
            return Subject(kind=node.kind)
        case _:
            return None


def of_row(view: View | None, key: RowKey | None) -> Subject | None:
    """The object under the table's cursor; without rows, the form or kind of the view."""
    if view is None:
        return None
    if key is not None:
        return Subject(ref=ObjectRef(view.kind, key[0], key[1]))
    return Subject(form=view.form) if view.form is not None else Subject(kind=view.kind)


def with_denial(explanation: Explanation, denied: Collection[ResourceKind]) -> Explanation:
    """The explanation of a kind that may not be listed says so."""
    kind = explanation.subject.kind
    if kind is None or kind not in denied or explanation.problem is not None:
        return explanation
    return replace(explanation, problem=_DENIED.format(kind=kind.kind, name=kind.name))


def with_end(explanation: Explanation, now: float) -> Explanation:
    """The explanation of an object that has just been deleted says when that was."""
    time = datetime.fromtimestamp(now).strftime("%H:%M:%S")
    return replace(explanation, deleted=False, problem=_DELETED.format(time=time))


def about(node: Node) -> Compose:
    """What there is to say of a node that no note speaks of."""
    title, why = {
        Role.MORE: (_MORE.format(category=node.category.title), _MORE_WHY),
        Role.GROUP: (_GROUP.format(group=node.title), _GROUP_WHY),
        Role.UNAVAILABLE: (_UNAVAILABLE.format(group=node.title), _UNAVAILABLE_WHY),
    }.get(node.role, (Text.same(node.title), Text("", "")))

    def compose(cells: int, lang: Lang) -> list[Line]:
        lines = wrap([Span(title.get(lang), "title")], cells)
        lines += wrap([Span(why.get(lang))], cells)
        if node.message:
            lines += [(), *wrap([Span(node.message, "quiet")], cells)]
        return lines

    return compose
