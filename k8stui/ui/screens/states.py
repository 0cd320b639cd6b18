"""What is said where rows would be: connecting, empty, denied, lost. No terminal needed."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from k8stui.core.errors import ExplorerError
from k8stui.core.freshness import Freshness
from k8stui.core.lang import Lang, Text
from k8stui.core.refs import Scope
from k8stui.session.model import ClusterInfo, View
from k8stui.ui.prose import Line, Span, inline, wrap
from k8stui.ui.widgets.header import kind_noun
from k8stui.ui.widgets.note_lines import command_lines
from k8stui.ui.widgets.note_pane import Compose

_MAKE = {
    "pods": "kubectl run web --image=nginx",
    "deployments": "kubectl create deployment web --image=nginx --replicas=2",
    "jobs": "kubectl create job hello --image=busybox -- echo hello",
    "cronjobs": "kubectl create cronjob hello --image=busybox --schedule='*/5 * * * *' -- echo hello",
    "services": "kubectl create service clusterip web --tcp=80:80",
    "ingresses": "kubectl create ingress web --rule=example.com/*=web:80",
    "configmaps": "kubectl create configmap settings --from-literal=color=blue",
    "secrets": "kubectl create secret generic login --from-literal=password=change-me",
    "namespaces": "kubectl create namespace play",
    "resourcequotas": "kubectl create quota small --hard=pods=10",
    "serviceaccounts": "kubectl create serviceaccount robot",
    "roles": "kubectl create role reader --verb=get,list,watch --resource=pods",
    "clusterroles": "kubectl create clusterrole reader --verb=get,list,watch --resource=pods",
    "rolebindings": "kubectl create rolebinding readers --role=reader --serviceaccount=default:robot",
    "clusterrolebindings": "kubectl create clusterrolebinding readers --clusterrole=reader --group=readers",
    "poddisruptionbudgets": "kubectl create pdb web --selector=app=web --min-available=1",
    "horizontalpodautoscalers": "kubectl autoscale deployment web --min=2 --max=5 --cpu-percent=80",
    "priorityclasses": "kubectl create priorityclass high --value=1000",
    "replicasets": "kubectl create deployment web --image=nginx",
}
"""The imperative command that makes an object of a kind, where kubectl has one."""

_CONNECTING = Text("Connecting to {host}", "{host}に接続しています")
_STARTING = Text("Opening the cluster", "クラスターを開いています")
_CANCEL_KEY = Text("Esc cancels.", "Escキーで中止できます。")
_CATEGORIES_MEANWHILE = Text(
    "The five categories on the left need no server: look around meanwhile.",
    "左の5つのカテゴリは接続前でも見られます。",
)
_CANCELLED = Text("Connecting was cancelled.", "接続を中止しました。")
_TRY_AGAIN = Text(
    "r tries again, ^T chooses another cluster.", "rキーで再接続、^Tで別のクラスターを選べます。"
)
_SYNCING = Text("Asking for {kinds}", "{kinds}を取得しています")
_NONE = Text("No {kinds} {where}.", "{where}に{kinds}はありません。")
_IN_ONE = Text("in Namespace {name}", "Namespace「{name}」")
_IN_SOME = Text("in these Namespaces: {names}", "選択中のNamespace（{names}）")
_IN_ALL = Text("in any Namespace", "どのNamespace")
_IN_CLUSTER = Text("in this cluster", "このクラスター")
_LABELS = Text(
    "Only objects with {labels} are asked for; Esc clears that.",
    "{labels}に一致するものだけを取得しています。Escキーで解除できます。",
)
_ONLY = Text(
    "You may not list every Namespace, so only {names} is shown. :ns NAME shows another.",
    "全Namespaceを一覧する権限がないため、{names}だけを表示しています。"
    ":ns 名前 で別のNamespaceを表示できます。",
)
_MAKE_ONE = Text("To make one, in a cluster where you may:", "変更してよいクラスターで作るには:")
_EXPLAIN = Text("Its fields, from the server:", "フィールドの一覧をサーバーに尋ねるには:")
_ELSEWHERE = Text("0 looks in every Namespace.", "0キーですべてのNamespaceを表示します。")
_NO_MATCH = Text('Nothing here contains "{filter}".', "「{filter}」を含む行はありません。")
_HIDDEN = Text(
    "The filter hides {count} rows. Esc clears it.",
    "絞り込みで{count}行が隠れています。Escキーで解除できます。",
)
_NO_FORM = Text("No Service {where} takes the form {form}.", "{where}に{form}の形をとるServiceはありません。")
_DENIED = Text("You may not list {kinds} {where}.", "{where}の{kinds}を一覧する権限がありません。")
_SERVER_SAYS = Text("The server says:", "サーバーの応答:")
_MISSING = Text(
    'What is missing: the verb "list" on {resource}.', "足りない権限: {resource}に対する動詞「list」。"
)
_GRANT = Text(
    "Whoever administers this cluster can grant it with a Role and a RoleBinding{wider}.",
    "クラスター管理者にRoleとRoleBinding{wider}で許可を依頼してください。",
)
_WIDER = Text(
    ", or a ClusterRole and a ClusterRoleBinding for all Namespaces",
    "（全NamespaceならClusterRoleとClusterRoleBinding）",
)
_ASK = Text("Ask the server what you may do:", "自分の権限を確認するには:")
_FAILED = Text("{kinds} could not be listed.", "{kinds}を取得できませんでした。")
_LOST = Text("The cluster cannot be reached.", "クラスターに接続できません。")
_GONE = Text("The cluster serves no {kinds} any more.", "クラスターから{kinds}という種類がなくなりました。")
_GONE_WHY = Text(
    "The definition of this kind has been deleted, and its objects with it. "
    "When it comes back they are listed by themselves.",
    "種類の定義が削除され、オブジェクトも一緒に消えました。定義が戻れば自動で取得します。",
)
_RETRIES = Text(
    "It is tried again by itself; r tries now, ^T chooses another cluster.",
    "自動で再接続します。rキーですぐに再接続、^Tで別のクラスターを選べます。",
)
_PROBLEM_NEXT = Text(
    "^T chooses another cluster, the practice cluster among them; ^Q leaves.",
    "^Tで別のクラスター（練習用クラスターもあります）を選べます。^Qで終了します。",
)


def where(scope: Scope, namespaced: bool) -> Text:
    """Where a view looks, as a part of a sentence."""
    if not namespaced:
        return _IN_CLUSTER
    if scope.everywhere:
        return _IN_ALL
    if len(scope.namespaces) == 1:
        return _IN_ONE.format(name=scope.namespaces[0])
    return _IN_SOME.format(names=", ".join(scope.namespaces))


def _kinds(view: View) -> Text:
    return Text(kind_noun(view.kind, 2), view.kind.kind)


def _said(text: Text, cells: int, lang: Lang, tone: str = "ink") -> list[Line]:
    return wrap([Span(text.get(lang), tone)], cells)


def connecting(info: ClusterInfo | None) -> Compose:
    """No answer yet."""

    def compose(cells: int, lang: Lang) -> list[Line]:
        head = _CONNECTING.format(host=info.host) if info is not None and info.host else _STARTING
        lines = _said(head, cells - 2, lang, "title")
        return [
            *lines,
            (),
            *_said(_CATEGORIES_MEANWHILE, cells, lang),
            *_said(_CANCEL_KEY, cells, lang, "quiet"),
        ]

    return compose


def syncing(view: View) -> Compose:
    """The first rows are under way."""
    return lambda cells, lang: _said(_SYNCING.format(kinds=_kinds(view)), cells - 2, lang, "title")


def cancelled() -> Compose:
    """The person stopped connecting."""
    return lambda cells, lang: [
        *_said(_CANCELLED, cells, lang, "title"),
        (),
        *_said(_TRY_AGAIN, cells, lang),
    ]


def problem(error: ExplorerError) -> Compose:
    """No cluster could be opened at all."""

    def compose(cells: int, lang: Lang) -> list[Line]:
        lines = [*_said(error.title, cells, lang, "bad"), (), *_said(error.message, cells, lang)]
        if error.hint is not None:
            lines += _said(error.hint, cells, lang)
        return [*lines, (), *_said(_PROBLEM_NEXT, cells, lang, "quiet")]

    return compose


def empty(view: View, purpose: str, only: tuple[str, ...] = ()) -> Compose:
    """The server has no such object here.

    Args:
        view: What was asked for.
        purpose: What the kind is for, from its note, in the current language; empty when there is none.
        only: Namespaces that were looked at in place of all, which are forbidden.
    """

    def compose(cells: int, lang: Lang) -> list[Line]:
        place = where(Scope(only) if only else view.scope, view.kind.namespaced)
        lines = _said(_NONE.format(kinds=_kinds(view), where=place), cells, lang, "title")
        if only:
            lines += [(), *_said(_ONLY.format(names=", ".join(only)), cells, lang)]
        if purpose:
            lines += [(), *wrap(inline(purpose), cells)]
        if view.label_selector:
            lines += [(), *_said(_LABELS.format(labels=view.label_selector), cells, lang)]
        make = _MAKE.get(view.kind.plural) if view.kind.group in _MAKE_GROUPS else None
        command = make or f"kubectl explain {view.kind.plural}"
        if make and view.kind.namespaced and len(view.scope.namespaces) == 1:
            head, dashes, rest = make.partition(" -- ")
            command = f"{head} -n {shlex.quote(view.scope.namespaces[0])}{dashes}{rest}"
        lines += [(), *_said(_MAKE_ONE if make else _EXPLAIN, cells, lang, "quiet")]
        lines += command_lines(command, cells, "")
        if view.kind.namespaced and not view.scope.everywhere:
            lines += [(), *_said(_ELSEWHERE, cells, lang, "quiet")]
        return lines

    return compose


def no_namespace(sentence: Text, hint: Text) -> Compose:
    """The one namespace that was asked for does not exist."""
    return lambda cells, lang: [
        *_said(sentence, cells, lang, "title"),
        (),
        *_said(hint, cells, lang),
        (),
        *_said(_ELSEWHERE, cells, lang, "quiet"),
    ]


_MAKE_GROUPS = (
    "", "apps", "batch", "networking.k8s.io", "rbac.authorization.k8s.io", "policy", "autoscaling",
    "scheduling.k8s.io",
)  # fmt: skip


def nothing_matches(view: View, filter: str, hidden: int) -> Compose:
    """The filter hides every row."""

    def compose(cells: int, lang: Lang) -> list[Line]:
        lines = _said(_NO_MATCH.format(filter=filter), cells, lang, "title")
        return [*lines, (), *_said(_HIDDEN.format(count=f"{hidden:,}"), cells, lang)]

    return compose


def no_form(view: View, purpose: str) -> Compose:
    """There are Services, but none of the form."""

    def compose(cells: int, lang: Lang) -> list[Line]:
        form = view.form.value if view.form is not None else ""
        place = where(view.scope, True)
        lines = _said(_NO_FORM.format(where=place, form=form), cells, lang, "title")
        if purpose:
            lines += [(), *wrap(inline(purpose), cells)]
        return lines

    return compose


def denied(view: View, fresh: Freshness) -> Compose:
    """403: the server's sentence, what is missing, who could grant it."""

    def compose(cells: int, lang: Lang) -> list[Line]:
        place = where(view.scope, view.kind.namespaced)
        lines = _said(_DENIED.format(kinds=_kinds(view), where=place), cells, lang, "bad")
        if fresh.message is not None:
            lines += [(), *_said(_SERVER_SAYS, cells, lang, "quiet"), *_said(fresh.message, cells, lang)]
        lines += [(), *_said(_MISSING.format(resource=view.kind.name), cells, lang)]
        wider = _WIDER if view.kind.namespaced else Text("", "")
        grant = _GRANT.format(wider=wider)
        if not view.kind.namespaced:
            grant = Text(
                grant.en.replace("a Role and a RoleBinding", "a ClusterRole and a ClusterRoleBinding"),
                grant.ja.replace("RoleとRoleBinding", "ClusterRoleとClusterRoleBinding"),
            )
        lines += _said(grant, cells, lang)
        lines += [(), *_said(_ASK, cells, lang, "quiet")]
        lines += command_lines(f"kubectl auth can-i list {view.kind.name}{_flag(view)}", cells, "")
        return lines

    return compose


def _flag(view: View) -> str:
    if not view.kind.namespaced:
        return ""
    if len(view.scope.namespaces) == 1:
        return f" -n {shlex.quote(view.scope.namespaces[0])}"
    return " -A"


def failed(view: View, fresh: Freshness) -> Compose:
    """The server refused for a reason that trying again will not mend."""
    head = _FAILED.format(kinds=_kinds(view))
    return lambda cells, lang: list(_trouble(head, fresh, _TRY_AGAIN, cells, lang))


def gone(view: View) -> Compose:
    """The kind itself is there no more: its CustomResourceDefinition or aggregated API was removed."""

    def compose(cells: int, lang: Lang) -> list[Line]:
        lines = _said(_GONE.format(kinds=_kinds(view)), cells, lang, "bad")
        return [*lines, (), *_said(_GONE_WHY, cells, lang)]

    return compose


def unreachable(fresh: Freshness) -> Compose:
    """No rows yet, and the server cannot be reached."""
    return lambda cells, lang: list(_trouble(_LOST, fresh, _RETRIES, cells, lang))


def _trouble(head: Text, fresh: Freshness, after: Text, cells: int, lang: Lang) -> Iterator[Line]:
    yield from _said(head, cells, lang, "bad")
    if fresh.message is not None:
        yield ()
        yield from _said(fresh.message, cells, lang)
    if fresh.hint is not None:
        yield from _said(fresh.hint, cells, lang)
    yield ()
    yield from _said(after, cells, lang, "quiet")
