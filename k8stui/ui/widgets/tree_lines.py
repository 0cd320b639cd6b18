"""The lines of the category tree: which nodes are seen, and what a line says. No terminal needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from k8stui.catalog import Node, Role, ServiceForm
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang, Text
from k8stui.ui.prose import Line, Span
from k8stui.ui.text import fit, width
from k8stui.ui.theme import hue

_MORE = Text("more", "その他")
_NEW = Text("new", "新規")


@dataclass(frozen=True, slots=True)
class TreeLine:
    """One node that is seen, and how deep it stands."""

    node: Node
    depth: int


@dataclass(slots=True)
class Tallies:
    """What is known of how many objects there are."""

    counts: dict[ResourceKind, int] = field(default_factory=dict)
    denied: set[ResourceKind] = field(default_factory=set)
    forms: Mapping[ServiceForm, int] = field(default_factory=dict)

    def of(self, node: Node) -> int | None:
        """Objects under a node; None while nothing is known."""
        if node.form is not None:
            return self.forms.get(node.form)
        if node.role is Role.KIND:
            return self.counts.get(node.kind) if node.kind is not None else None
        known = [count for child in node.children if (count := self._deep(child)) is not None]
        return sum(known) if known else None

    def _deep(self, node: Node) -> int | None:
        own = self.of(node)
        if node.role is not Role.KIND:
            return own
        below = [count for child in node.children if child.form is None and (count := self._deep(child))]
        return own if not below else (own or 0) + sum(below)


def seen(roots: Iterable[Node], expanded: set[str], depth: int = 0) -> Iterator[TreeLine]:
    """The nodes that are seen, from top to bottom."""
    for node in roots:
        yield TreeLine(node, depth)
        if node.children and node.id in expanded:
            yield from seen(node.children, expanded, depth + 1)


def every(roots: Iterable[Node]) -> Iterator[Node]:
    """All nodes, folded ones too."""
    for node in roots:
        yield node
        yield from every(node.children)


def parents(roots: Iterable[Node], wanted: str) -> tuple[str, ...]:
    """The ids of the nodes above one, from the root down; empty when it is a root or unknown."""
    for node in roots:
        if any(child.id == wanted for child in node.children):
            return (node.id,)
        if below := parents(node.children, wanted):
            return (node.id, *below)
    return ()


def node_for(roots: Iterable[Node], kind: ResourceKind, form: ServiceForm | None) -> Node | None:
    """The node whose objects a view of this kind and form shows."""
    return next((node for node in every(roots) if node.kind == kind and node.form is form), None)


def arrow_column(depth: int) -> int:
    """Where the arrow of a line stands."""
    return 1 + 2 * depth


def tree_line(
    line: TreeLine, tallies: Tallies, cells: int, lang: Lang, *, expanded: bool, current: bool
) -> Line:
    """One line in exactly so many cells: arrow, title, count at the right edge."""
    node = line.node
    count, count_tone = _count(node, tallies, expanded)
    arrow = ("▾ " if expanded else "▸ ") if node.children else "  "
    indent = " " * arrow_column(line.depth)
    if current:
        indent = " " * (len(indent) - 1) + "▌"
    title = _MORE.get(lang) if node.role is Role.MORE else node.title
    room = cells - width(indent) - 2 - width(count) - (2 if count else 1)
    tail = "" if node.placed else f" {_NEW.get(lang)}"
    body = fit(title, min(width(title), max(1, room - width(tail))))
    fill = " " * max(0, room - width(body) - width(tail))
    return (
        Span(indent, hue(node.category)),
        Span(arrow, "quiet"),
        Span(body, _tone(node, tallies, current)),
        Span(tail + fill, "faint"),
        Span(f" {count} " if count else " ", count_tone),
    )


def _count(node: Node, tallies: Tallies, expanded: bool) -> tuple[str, str]:
    if node.role is Role.UNAVAILABLE:
        return "!", "warn"
    if node.kind is not None and node.kind in tallies.denied:
        return "⊘", "warn"
    if node.role is not Role.KIND and node.role is not Role.FORM and expanded:
        return "", "faint"
    count = tallies.of(node)
    if count is None:
        return "", "faint"
    return f"{count:,}", "quiet" if count else "faint"


def _tone(node: Node, tallies: Tallies, current: bool) -> str:
    if node.role is Role.CATEGORY:
        return hue(node.category)
    if current:
        return "title"
    if node.role in (Role.MORE, Role.GROUP, Role.UNAVAILABLE):
        return "quiet"
    unused = tallies.of(node) == 0 or (node.kind is not None and node.kind in tallies.denied)
    return "faint" if unused else "ink"
