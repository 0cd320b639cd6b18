"""The kinds of a server as a tree of plain nodes: categories, the book's kinds, others, custom resources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from k8stui.catalog.builtin import BUILTIN
from k8stui.catalog.categories import Category, ServiceForm
from k8stui.catalog.placement import (
    GroupKind,
    Placement,
    book_order,
    canonical,
    group_category,
    is_custom_group,
    place,
)
from k8stui.core.kinds import ResourceKind
from k8stui.core.text import clean


class Role(Enum):
    """What a node stands for."""

    CATEGORY = "category"
    KIND = "kind"
    FORM = "form"
    """A form of Service: the same objects, fewer of them."""
    MORE = "more"
    """The kinds of a category that the book does not name, folded together."""
    GROUP = "group"
    """An API group of custom resources."""
    UNAVAILABLE = "unavailable"
    """An API group whose server did not answer discovery."""


@dataclass(frozen=True, slots=True)
class Node:
    """One line of the tree."""

    id: str
    """Stable between servers and runs: ``workloads``, ``workloads/pods``, ``service/services/NodePort``,
    ``cluster/leases.coordination.k8s.io``, ``metadata/crd/stable.example.com``."""
    role: Role
    title: str
    """Names of kinds, groups and categories are the same in every language; the word for MORE is the UI's."""
    category: Category
    kind: ResourceKind | None = None
    form: ServiceForm | None = None
    in_book: bool = False
    placed: bool = True
    """False for a built-in kind whose place was guessed from its API group."""
    children: tuple[Node, ...] = ()
    message: str = ""
    """For UNAVAILABLE: what the server said, already free of control characters."""


def tree(
    kinds: Iterable[ResourceKind] | None, unavailable: Iterable[tuple[str, str]] = ()
) -> tuple[Node, ...]:
    """The five categories with their kinds.

    Args:
        kinds: What discovery found; None while no server has answered: then the book's kinds, as built in.
        unavailable: API group, alone or with its version, and message of each that discovery could not reach.

    Returns:
        Always five CATEGORY nodes in the book's order. Kinds that cannot be listed have no node; one resource
        has one node, whatever number of groups or versions serve it.
    """
    rows = _rows(BUILTIN.values() if kinds is None else kinds)
    if kinds is None:
        rows = [(kind, placement) for kind, placement in rows if placement.in_book]
    broken = [(clean(group), clean(message)) for group, message in unavailable]
    return tuple(_category(category, rows, broken) for category in Category)


def _rows(kinds: Iterable[ResourceKind]) -> list[tuple[ResourceKind, Placement]]:
    chosen: dict[GroupKind, ResourceKind] = {}
    for kind in kinds:
        if kind.listable:
            key = canonical(kind.group, kind.kind)
            if key not in chosen or (kind.group == key[0] and chosen[key].group != key[0]):
                chosen[key] = kind
    return [(kind, place(kind)) for kind in chosen.values()]


def _category(
    category: Category, rows: list[tuple[ResourceKind, Placement]], broken: list[tuple[str, str]]
) -> Node:
    mine = [(kind, placement) for kind, placement in rows if placement.category is category]
    book = sorted((kind for kind, placement in mine if placement.in_book), key=book_order)
    custom = [kind for kind, placement in mine if placement.custom]
    more = [_other(category, kind, p) for kind, p in mine if not p.in_book and not p.custom]
    more += [
        _unavailable(category, group, message)
        for group, message in broken
        if not is_custom_group(_group_of(group)) and group_category(_group_of(group)) is category
    ]
    groups: tuple[Node, ...] = ()
    if category is Category.METADATA:
        groups = _groups(custom, [pair for pair in broken if is_custom_group(_group_of(pair[0]))])
    children = [_book_kind(category, kind, groups) for kind in book]
    if groups and not any(kind.kind == "CustomResourceDefinition" for kind in book):
        children.extend(groups)
    if more:
        more.sort(key=lambda node: (node.title.casefold(), node.id))
        children.append(Node(f"{category.value}/more", Role.MORE, "more", category, children=tuple(more)))
    return Node(
        category.value, Role.CATEGORY, category.title, category, in_book=True, children=tuple(children)
    )


def _book_kind(category: Category, kind: ResourceKind, groups: tuple[Node, ...]) -> Node:
    path = f"{category.value}/{kind.plural}"
    children: tuple[Node, ...] = ()
    if kind.kind == "Service":
        children = tuple(
            Node(f"{path}/{form.value}", Role.FORM, form.title, category, kind, form, in_book=True)
            for form in ServiceForm
        )
    elif kind.kind == "CustomResourceDefinition":
        children = groups
    return Node(path, Role.KIND, kind.kind, category, kind, in_book=True, children=children)


def _other(category: Category, kind: ResourceKind, placement: Placement) -> Node:
    return Node(
        f"{category.value}/{kind.name}", Role.KIND, kind.kind, category, kind, placed=placement.placed
    )


def _unavailable(category: Category, group: str, message: str, below: str = "unavailable") -> Node:
    return Node(f"{category.value}/{below}/{group}", Role.UNAVAILABLE, group, category, message=message)


def _group_of(group: str) -> str:
    """The group of ``group/version``."""
    return group.partition("/")[0]


def _groups(custom: list[ResourceKind], broken: list[tuple[str, str]]) -> tuple[Node, ...]:
    by_group: dict[str, list[ResourceKind]] = {}
    for kind in custom:
        by_group.setdefault(kind.group, []).append(kind)
    nodes = [_group(group, kinds) for group, kinds in by_group.items()]
    nodes += [_unavailable(Category.METADATA, group, message, "crd/unavailable") for group, message in broken]
    return tuple(sorted(nodes, key=lambda node: (node.title, node.id)))


def _group(group: str, kinds: list[ResourceKind]) -> Node:
    path = f"{Category.METADATA.value}/crd/{group}"
    children = tuple(
        Node(f"{path}/{kind.plural}", Role.KIND, kind.kind, Category.METADATA, kind)
        for kind in sorted(kinds, key=lambda kind: (kind.kind.casefold(), kind.plural))
    )
    return Node(path, Role.GROUP, group, Category.METADATA, children=children)
