"""Answers for scripts: the same facts as on the screen, as plain data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from k8stui import catalog
from k8stui.catalog import Node, Role
from k8stui.core.errors import UsageError
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Text
from k8stui.core.nearest import did_you_mean
from k8stui.core.refs import ObjectRef
from k8stui.session import commands, fields
from k8stui.session.model import Explanation, Subject

if TYPE_CHECKING:
    from k8stui.kube.client import Count
    from k8stui.kube.schemas import FieldDoc
    from k8stui.session.session import Session


_NO_FIELD = Text("{kind} has no field {path}.", "{kind}に{path}というフィールドはありません。")
CLUSTER = "cluster"
"""The word for the cluster itself."""


async def categories(session: Session, *, counts: bool) -> list[dict[str, Any]]:
    """The five categories, each with every kind the cluster serves; forms of Service beside their kind.

    A count is a number, None where it may not be told (``denied`` says why) or was not asked for.
    """
    await session.discover()
    kinds = [node.kind for root in session.catalog for node in _leaves(root) if node.kind is not None]
    known: dict[ResourceKind, Count] = {}
    if counts:
        async for kind, count in session.counts(list(dict.fromkeys(kinds))):
            known[kind] = count
    forms = await session.form_counts() if counts else {}
    return [
        {
            "category": root.title,
            "kinds": [_kind(node, known, forms) for node in _leaves(root) if node.kind is not None],
            "unavailable": [
                {"group": node.title, "message": node.message}
                for node in _all(root)
                if node.role is Role.UNAVAILABLE
            ],
        }
        for root in session.catalog
    ]


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _leaves(node: Node) -> Iterator[Node]:
    return (found for found in _all(node) if found.role is Role.KIND)


def _kind(
    node: Node, known: dict[ResourceKind, Count], forms: dict[catalog.ServiceForm, int]
) -> dict[str, Any]:
    kind = node.kind
    assert kind is not None
    count = known.get(kind)
    data: dict[str, Any] = {
        "group": kind.group,
        "version": kind.version,
        "kind": kind.kind,
        "plural": kind.plural,
        "shortNames": list(kind.short_names),
        "namespaced": kind.namespaced,
        "count": count.value if count is not None else None,
        "inBook": node.in_book,
    }
    if count is not None and count.denied is not None:
        data["denied"] = count.denied.server_message
    of_kind = [child.form for child in node.children if child.form is not None]
    if of_kind:
        data["forms"] = [{"form": form.value, "count": forms.get(form)} for form in of_kind]
    return data


async def explanation(session: Session, target: str) -> Explanation:
    """What ``explain KIND[.GROUP][/NAME]`` says; a built-in kind needs no cluster to answer.

    ``cluster`` in place of a kind is the cluster itself: what it runs on.

    Raises:
        UsageError: no kind has that name.
        ExplorerError: the object could not be read.
    """
    if target == CLUSTER:
        await session.discover()
        found = await session.learning.environment(session.info)
        return await session.explainer.explain(Subject(cluster=True), environment=found)
    word, _, name = target.partition("/")
    kind = await _resolve(session, word)
    if not name:
        return await anext(aiter(session.explanations(Subject(kind=kind))))
    namespace = next(iter(session.scope.namespaces), "default") if kind.namespaced else ""
    ref = ObjectRef(kind, namespace, name)
    return await session.explain_once(ref)


async def field(session: Session, target: str, *, offline: bool = False) -> FieldDoc | None:
    """What ``explain KIND[.GROUP].FIELD…`` says of a field; None when the target names a kind or an object.

    Args:
        session: Its cluster is asked for the fields, and for kinds that are not built in.
        target: As a person wrote it.
        offline: No cluster is open: the client package's models tell.

    Raises:
        UsageError: no kind has that name, or the kind has no such field.
        ExplorerError: the server could not be asked, and the client package does not know the kind.
    """
    if "/" in target or "." not in target:
        return None
    found = _field(target, session.kinds)
    if found is None and not offline:
        await session.discover()
        found = _field(target, session.kinds)
    if found is None:
        raise commands.unknown_kind(target.partition(".")[0], session.kinds)
    kind, path = found
    if not path:
        return None
    doc = await fields.explain(session, kind, path, offline=offline)
    if doc is None:
        known = await fields.explain(session, kind, path[:-1], offline=offline)
        near = did_you_mean(path[-1], [entry.name for entry in known.fields] if known is not None else [])
        raise UsageError(_NO_FIELD.format(kind=kind.kind, path=".".join(path)), near)
    return doc


def names_field(session: Session, target: str) -> bool:
    """Whether a target names a field of a kind that is known already."""
    found = _field(target, session.kinds) if "/" not in target else None
    return found is not None and bool(found[1])


def _field(target: str, kinds: Sequence[ResourceKind]) -> tuple[ResourceKind, tuple[str, ...]] | None:
    """The kind that the longest beginning of a target names, and the fields after it."""
    words = target.split(".")
    for size in range(len(words), 0, -1):
        found = catalog.resolve(".".join(words[:size]), kinds)
        if found:
            return found[0], tuple(words[size:])
    return None


async def _resolve(session: Session, word: str) -> ResourceKind:
    found = catalog.resolve(word, session.kinds)
    if not found:
        await session.discover()
        found = catalog.resolve(word, session.kinds)
    if not found:
        raise commands.unknown_kind(word, session.kinds)
    return found[0]
