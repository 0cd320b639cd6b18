"""Who may do what: ServiceAccounts, Roles, bindings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.selectors import of_selector
from k8stui.session.describe.beside import Beside, listed
from k8stui.session.describe.model import (
    MORE,
    MOST_LINES,
    NONE,
    READING,
    Phrase,
    Piece,
    Section,
    Tone,
    Writer,
    joined,
    link,
    own_namespace,
    phrase,
    quiet,
    string,
    strings,
    strong,
    words,
)

_RBAC = "rbac.authorization.k8s.io"
MOST_BINDINGS = 50
"""Bindings, and subjects of one, that are named."""

_MAY = Text("What it allows", "許可する操作")
_NO_RULES = Text("It allows nothing.", "何も許可しません。")
_EVERYTHING = Text("do everything", "すべての操作")
_READ = Text("read", "読み取り")
_CHANGE = Text("change", "変更")
_READ_AND_CHANGE = Text("read and change", "読み取りと変更")
_READING_VERBS = frozenset({"get", "list", "watch"})
_CHANGING = frozenset({"create", "update", "patch", "delete"})
_ORDINARY = _READING_VERBS | _CHANGING | {"deletecollection"}
_POWERS = {
    "impersonate": Text("act as somebody else", "ほかの利用者になりすませる"),
    "escalate": Text("give a role more rights than it has itself", "自分にない権限もロールに加えられる"),
    "bind": Text("grant rights that it has not itself", "自分にない権限も与えられる"),
}
"""Verbs that lead to further rights."""
_EVERY_KIND = Text("every kind", "すべての種類")
_OF_GROUP = Text("every kind of {group}", "{group}のすべての種類")
_ONLY = Text("  only {names}", "  {names}に限る")
_ALL_GROUPS = Text("  in every API group", "  すべてのAPIグループ")
_EVERYWHERE = Text("in every namespace, and on what has none", "すべてのNamespaceと、Namespaceに属さないもの")
_WITHIN = Text("in the namespace {name}", "Namespace {name}の中")
_GONE = Text(
    "The role does not exist: this grants nothing.", "このロールはありません。権限は何も与えられません。"
)
_HOLDERS = Text("Granted to", "与えられている相手")
_NOBODY = Text("No binding grants it to anybody.", "どのBindingからも与えられていません。")
_NAMES_NOBODY = Text("It names nobody.", "誰も指定されていません。")
_NO_BINDING = Text(
    "No binding names this account itself; what its groups may do comes on top.",
    "このServiceAccountを直接指定するBindingはありません。所属グループの権限は別に加わります。",
)
_GROUPS = Text(
    "Bindings to groups such as system:serviceaccounts count for it too; those are not listed here.",
    "system:serviceaccountsなどのグループへのBindingも有効ですが、ここには含みません。",
)


def rules(writer: Writer, role: JsonObject) -> None:
    """What a Role or ClusterRole allows, rule by rule."""
    found = list(dicts(role, "rules"))
    for rule in writer.some(found):
        writer.say("• ", *_rule(rule))
    if not found:
        writer.say(quiet(_NO_RULES))


def _rule(rule: JsonObject) -> Iterator[Any]:
    verbs = strings(rule, "verbs")
    groups, kinds, urls = (
        strings(rule, "apiGroups"),
        strings(rule, "resources"),
        strings(rule, "nonResourceURLs"),
    )
    yield from _verbs(verbs)
    yield quiet(" → ")
    if urls:
        yield words(", ".join(urls))
        return
    if kinds == ["*"]:
        yield Piece(_EVERY_KIND if groups == ["*"] else _OF_GROUP.format(group=_groups(groups)), Tone.WARN)
        yield quiet(f" *.{words(', '.join(groups)).en}" if groups != [""] else " *")
    else:
        # Each resource in each group: of long lists that would be millions.
        yield joined(islice(_full_names(kinds, groups), MOST_LINES), ", ")
        left = len(kinds) * max(1, len(groups)) - MOST_LINES
        if left > 0:
            yield phrase(" ", quiet(MORE.format(count=f"{left:,}")))
        if "*" in groups:
            yield quiet(_ALL_GROUPS)
    names = strings(rule, "resourceNames")
    if names:
        yield _ONLY.format(names=words(", ".join(names)))


def _verbs(verbs: list[str]) -> Iterator[Piece]:
    """What may be done in a word, where there is one, and the verbs."""
    told = words(", ".join(verbs))
    given = set(verbs)
    if "*" in given:
        yield Piece(_EVERYTHING, Tone.WARN)
        yield quiet(" *")
    elif given & _POWERS.keys():
        powers = [_POWERS[verb] for verb in verbs if verb in _POWERS]
        yield Piece(told, Tone.WARN)
        yield quiet(Text(f" ({', '.join(p.en for p in powers)})", f"（{'、'.join(p.ja for p in powers)}）"))
    else:
        word = (
            _READ if given == _READING_VERBS
            else _CHANGE if given >= _CHANGING and not given & _READING_VERBS
            else _READ_AND_CHANGE if given >= _CHANGING | _READING_VERBS
            else None
        )  # fmt: skip
        if word is not None and given <= _ORDINARY:
            yield strong(word)
            yield quiet(Text(f" {told.en}", f" {told.ja}"))
        else:
            yield strong(told)


def _groups(groups: list[str]) -> Text:
    return words(", ".join(group or "core" for group in groups))


def _full_names(kinds: list[str], groups: list[str]) -> Iterator[str]:
    """Each resource with its group, as kubectl names it; subresources keep their place."""
    for group in groups or [""]:
        for kind in kinds:
            plural, slash, rest = kind.partition("/")
            yield f"{plural}.{group}{slash}{rest}" if group and group != "*" else kind


def role(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A Role or ClusterRole, and to whom it is granted."""
    writer = Writer()
    for selector in dicts(obj, "aggregationRule", "clusterRoleSelectors"):
        told = Text("Collects the rules of roles with", "次のラベルを持つロールの規則を集めます")
        writer.say(told, " ", strong(of_selector(selector) or "?"))
    rules(writer, obj)
    yield from writer.section(_MAY)
    holders = Writer()
    for granting in holders.some(listed(holders, beside["bindings"], _NOBODY), MOST_BINDINGS):
        holders.say(_binding(granting), "  ", quiet(_reach(granting)))
        _subjects(holders.deeper(), granting)
    yield from holders.section(_HOLDERS)


def _binding(binding: JsonObject) -> Phrase:
    kind, name = string(binding, "kind"), string(binding, "metadata", "name")
    return phrase(quiet(f"{words(kind).en} "), link(kind, name, own_namespace(binding), _RBAC))


def _reach(binding: JsonObject) -> Text:
    space = own_namespace(binding)
    return _WITHIN.format(name=words(space)) if space else _EVERYWHERE


def _subjects(writer: Writer, binding: JsonObject) -> None:
    found = list(dicts(binding, "subjects"))
    for subject in writer.some(found, MOST_BINDINGS):
        kind, name, space = string(subject, "kind"), string(subject, "name"), string(subject, "namespace")
        told = link(kind, name, space) if kind == "ServiceAccount" else phrase(name)
        where = _WITHIN.format(name=words(space)) if space else ""
        writer.say(quiet(f"{words(kind).en} "), told, quiet("  "), quiet(where))
    if not found:
        writer.say(quiet(_NAMES_NOBODY))


def binding(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A RoleBinding or ClusterRoleBinding: who may do what, and where."""
    writer = Writer()
    _subjects(writer, obj)
    yield from writer.section(Text("Who", "誰が"))
    what = Writer()
    kind, name = string(obj, "roleRef", "kind"), string(obj, "roleRef", "name")
    space = own_namespace(obj) if kind == "Role" else ""
    what.fact(
        Text("Role", "ロール"), phrase(f"{words(kind).en} ", link(kind, name, space, _RBAC)) if name else None
    )
    what.fact(Text("Where", "範囲"), _reach(obj))
    for one in listed(what, beside["role"], Piece(_GONE, Tone.WARN)):
        rules(what, one)
    yield from what.section(Text("May do what", "何をできるか"))


def service_account(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A ServiceAccount and what it may do."""
    writer = Writer()
    space = own_namespace(obj)
    _secrets(writer, Text("Pull secrets", "イメージ取得用Secret"), obj, "imagePullSecrets", space)
    _secrets(writer, Text("Mountable secrets", "マウントできるSecret"), obj, "secrets", space)
    tokens, none = beside["tokens"], Piece(READING, Tone.BUSY)
    if tokens is not None:
        none = quiet(tokens.denied or NONE)
    found = [link("Secret", string(one, "metadata", "name"), space) for one in beside.objects("tokens")]
    writer.fact(Text("Tokens", "トークン"), *(found or [none]))
    mounted = obj.get("automountServiceAccountToken")
    writer.fact(Text("Token mounted", "トークンの自動マウント"), mounted)
    yield from writer.section(Text("Account", "アカウント"))
    may = Writer()
    bindings = listed(may, beside["bindings"], _NO_BINDING)
    for one in may.some(bindings, MOST_BINDINGS):
        _grant(may, one, beside)
    if bindings:
        may.say(quiet(_GROUPS))
    yield from may.section(Text("May do what", "何をできるか"))


def _secrets(writer: Writer, title: Text, obj: JsonObject, field: str, space: str) -> None:
    writer.or_none(title, [link("Secret", one.get("name"), space) for one in dicts(obj, field)])


def _grant(writer: Writer, binding: JsonObject, beside: Beside) -> None:
    kind, name = string(binding, "roleRef", "kind"), string(binding, "roleRef", "name")
    space = own_namespace(binding) if kind == "Role" else ""
    writer.say(
        phrase(quiet(f"{words(kind).en} "), link(kind, name, space, _RBAC)),
        "  ",
        quiet(_reach(binding)),
        quiet(" ← "),
        _binding(binding),
    )
    answer = beside["clusterroles" if kind == "ClusterRole" else "roles"]
    inner, gone = writer.deeper(), Piece(_GONE, Tone.WARN)
    roles = listed(inner, answer, gone)
    found = _named(roles, name, space)
    if found is not None:
        rules(inner, found)
    elif roles and answer is not None and not answer.partial:
        inner.say(gone)


def _named(objects: Iterable[JsonObject], name: str, space: str) -> JsonObject | None:
    return next(
        (o for o in objects if dig(o, "metadata", "name") == name and own_namespace(o) == space), None
    )
