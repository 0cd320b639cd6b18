"""The command line behind ``:`` — kinds, namespaces, contexts, in the grammar that k9s users know.

A line is a word, then in any order: a namespace, ``/text`` to filter, labels such as ``app=web,tier!=cache``
and ``@context``. ``-A`` stands for every namespace, ``-n NS`` for one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from k8stui import catalog
from k8stui.core.errors import UsageError
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Text
from k8stui.core.refs import Scope


@dataclass(frozen=True, slots=True)
class OpenKind:
    """Show a kind; what is None stays as it is."""

    kind: ResourceKind
    scope: Scope | None = None
    label_selector: str = ""
    filter: str = ""
    context: str | None = None


@dataclass(frozen=True, slots=True)
class SetScope:
    """Look at other namespaces, at the same kind."""

    scope: Scope


@dataclass(frozen=True, slots=True)
class SwitchContext:
    """Look at another cluster of the kubeconfig."""

    context: str


@dataclass(frozen=True, slots=True)
class Run:
    """Run the action of this id (see operations)."""

    operation: str


Command = OpenKind | SetScope | SwitchContext | Run

_WORDS = {
    "q": "quit", "q!": "quit", "qa": "quit", "quit": "quit", "exit": "quit",
    "?": "help", "h": "help", "help": "help",
    "ctx": "context.choose", "context": "context.choose", "contexts": "context.choose",
    "a": "palette", "alias": "palette", "aliases": "palette", "kinds": "palette",
    "theme": "theme", "lang": "language", "note": "note",
    "notes": "handbook", "handbook": "handbook", "book": "handbook", "why": "why", "cluster": "cluster.note",
}  # fmt: skip
_NAMESPACE_WORDS = ("ns", "namespace", "namespaces")


def parse(line: str, kinds: Sequence[ResourceKind]) -> Command:
    """Read one line.

    Raises:
        UsageError: no kind or command has that name; the nearest names are in the hint.
    """
    words = line.split()
    if not words:
        raise UsageError(Text("Nothing was entered.", "何も入力されていません。"))
    head, rest = words[0], words[1:]
    if head in _NAMESPACE_WORDS and rest:
        return SetScope(_scope_of(rest[0]))
    if head in ("ctx", "context", "contexts") and rest:
        return SwitchContext(rest[0])
    if head in _WORDS:
        return Run(_WORDS[head])
    found = catalog.resolve(head, kinds)
    if not found:
        raise unknown_kind(head, kinds)
    return _open(found[0], line, rest)


def unknown_kind(word: str, kinds: Sequence[ResourceKind]) -> UsageError:
    """The error for a word that names no kind, with what may have been meant."""
    near = catalog.suggest(word, kinds)
    return UsageError(
        Text(
            'This cluster serves no kind called "{word}".',
            "「{word}」という種類はこのクラスターにありません。",
        ).format(word=word),
        Text("Did you mean {near}?", "{near}のことでしょうか。").format(near=", ".join(near))
        if near
        else None,
    )


def _scope_of(word: str) -> Scope:
    return Scope.all() if word in ("all", "-A", "*") else Scope(tuple(n for n in word.split(",") if n))


def _open(kind: ResourceKind, line: str, rest: Sequence[str]) -> OpenKind:
    scope: Scope | None = None
    labels: list[str] = []
    text = context = ""
    words = iter(rest)
    for word in words:
        if word.startswith("/"):
            text = line[line.index(" /") + 2 :]
            break
        if word.startswith("@"):
            context = word[1:]
        elif word in ("-n", "--namespace", "-l", "--selector"):
            value = next(words, "")
            if word in ("-l", "--selector"):
                labels.append(value)
            else:
                scope = _scope_of(value)
        elif "=" in word:
            labels.append(word)
        else:
            scope = _scope_of(word)
    return OpenKind(kind, scope, ",".join(labels), text, context or None)


def complete(
    line: str, kinds: Sequence[ResourceKind], namespaces: Iterable[str] = (), contexts: Iterable[str] = ()
) -> list[str]:
    """Whole lines that the line may become, best first: at most twelve."""
    head, space, tail = line.lstrip().partition(" ")
    if not space:
        return _complete_head(head.lower(), kinds)[:12]
    before, _, last = tail.rpartition(" ")
    base = f"{head} {before} " if before else f"{head} "
    if last.startswith("@"):
        return [f"{base}@{name}" for name in contexts if name.startswith(last[1:])][:12]
    if head in ("ctx", "context", "contexts"):
        return [f"{base}{name}" for name in contexts if name.startswith(last)][:12]
    return [f"{base}{name}" for name in namespaces if name.startswith(last)][:12]


def _complete_head(head: str, kinds: Sequence[ResourceKind]) -> list[str]:
    if not head:
        return []
    exact = [kind for kind in kinds if head in (kind.plural, kind.singular, *kind.short_names)]
    names = [kind for kind in kinds if kind not in exact and kind.plural.startswith(head)]
    names.sort(key=lambda kind: (not catalog.place(kind).in_book, len(kind.plural), kind.name))
    plurals = [kind.plural for kind in (*exact, *names)]
    found = [
        kind.name if plurals.count(kind.plural) > 1 else kind.plural
        for kind in (*exact, *names)
        if kind.listable
    ]
    words = sorted({word for word in (*_WORDS, *_NAMESPACE_WORDS) if len(word) > 1 and word.startswith(head)})
    return list(dict.fromkeys([*found, *words]))
