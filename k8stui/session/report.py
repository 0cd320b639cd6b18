"""Answers for scripts: the same facts as on the screen, as plain data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from k8stui import catalog
from k8stui.catalog import Node, Role
from k8stui.core.kinds import ResourceKind
from k8stui.core.refs import ObjectRef
from k8stui.session import commands
from k8stui.session.model import Explanation, Subject

if TYPE_CHECKING:
    from k8stui.kube.client import Count
    from k8stui.session.session import Session


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

    Raises:
        UsageError: no kind has that name.
        ExplorerError: the object could not be read.
    """
    word, _, name = target.partition("/")
    kind = await _resolve(session, word)
    if not name:
        return await anext(aiter(session.explanations(Subject(kind=kind))))
    namespace = next(iter(session.scope.namespaces), "default") if kind.namespaced else ""
    ref = ObjectRef(kind, namespace, name)
    return await session.explain_once(ref)


async def _resolve(session: Session, word: str) -> ResourceKind:
    found = catalog.resolve(word, session.kinds)
    if not found:
        await session.discover()
        found = catalog.resolve(word, session.kinds)
    if not found:
        raise commands.unknown_kind(word, session.kinds)
    return found[0]
