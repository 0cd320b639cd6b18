"""The tree of the five categories: where am I."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from k8stui.catalog import Node, Role, ServiceForm
from k8stui.core.kinds import ResourceKind
from k8stui.ui.base import TonedScroll
from k8stui.ui.widgets.tree_lines import (
    Tallies,
    TreeLine,
    arrow_column,
    every,
    node_for,
    parents,
    seen,
    tree_line,
)


class CategoryTree(TonedScroll, can_focus=True):
    """Categories, kinds and the forms of Service, each with a count.

    The cursor stands on a node's id, so that it stays where it is while the tree changes around it.
    """

    DEFAULT_CSS = """
    CategoryTree {
        width: 30; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; overflow-x: hidden;
        background: $k-ground;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False, id="table.up"),
        Binding("down,j", "move(1)", "down", show=False, id="table.down"),
        Binding("pageup,ctrl+b", "page(-1)", "page up", show=False, id="table.page-up"),
        Binding("pagedown,ctrl+f", "page(1)", "page down", show=False, id="table.page-down"),
        Binding("home,g", "edge(-1)", "top", show=False, id="table.top"),
        Binding("end,G", "edge(1)", "bottom", show=False, id="table.bottom"),
        Binding("left", "fold", "fold", show=False, id="table.left"),
        Binding("h", "fold", "fold", show=False, id="table.left-vi"),
        Binding("right", "unfold", "unfold", show=False, id="table.right"),
        Binding("l", "unfold", "unfold", show=False, id="table.right-vi"),
        Binding("enter", "open", "open", show=False, id="table.open"),
        Binding("space", "toggle_node", "fold or unfold", show=False, id="table.toggle"),
    ]

    @dataclass
    class Highlighted(Message):
        """The cursor came to a node."""

        node: Node

    @dataclass
    class Opened(Message):
        """The person wants to see the objects of a node."""

        node: Node

    @dataclass
    class Unfolded(Message):
        """Kinds that were folded away are seen now."""

        node: Node

    def __init__(self, nodes: tuple[Node, ...], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._roots = nodes
        self._expanded = {nodes[0].id} if nodes else set()
        self._lines: list[TreeLine] = list(seen(nodes, self._expanded))
        self._cursor = 0
        self._current = ""
        self.tallies = Tallies()

    def on_mount(self) -> None:
        """Take the size that the lines need."""
        self._resized()

    @property
    def node(self) -> Node | None:
        """The node under the cursor."""
        return self._lines[self._cursor].node if self._lines else None

    @property
    def lines(self) -> list[TreeLine]:
        """The nodes that are seen, from top to bottom."""
        return self._lines

    @property
    def expanded(self) -> frozenset[str]:
        """The ids of the nodes that are unfolded."""
        return frozenset(self._expanded)

    def set_nodes(self, nodes: tuple[Node, ...]) -> None:
        """Show another tree; cursor and unfolded nodes stay as far as they still exist."""
        was = self.node.id if self.node is not None else ""
        self._roots = nodes
        self._expanded &= {node.id for node in every(nodes)}
        self._relist(was)

    @property
    def shows_forms(self) -> bool:
        """Whether the forms of Service are seen."""
        return any(line.node.role is Role.FORM for line in self._lines)

    def kinds_to_count(self) -> list[ResourceKind]:
        """The kinds whose counts the tree shows: those seen first, then the book's that are folded away."""
        shown = [line.node.kind for line in self._lines if line.node.role is Role.KIND and line.node.kind]
        folded = [n.kind for n in every(self._roots) if n.in_book and n.role is Role.KIND and n.kind]
        return list(dict.fromkeys([*shown, *folded]))

    def set_count(self, kind: ResourceKind, count: int | None, *, denied: bool = False) -> None:
        """Show how many objects of a kind there are; None leaves what was known."""
        tallies = self.tallies
        if denied:
            tallies.denied.add(kind)
            tallies.counts.pop(kind, None)
        elif count is not None:
            tallies.denied.discard(kind)
            if tallies.counts.get(kind) == count:
                return
            tallies.counts[kind] = count
        self.refresh()

    def set_forms(self, counts: Mapping[ServiceForm, int]) -> None:
        """Show how many Services take each form."""
        if counts != self.tallies.forms:
            self.tallies.forms = dict(counts)
            self.refresh()

    def forget_counts(self) -> None:
        """Show no counts: they are of another cluster or scope."""
        self.tallies = Tallies()
        self.refresh()

    def reveal(self, kind: ResourceKind, form: ServiceForm | None) -> None:
        """Mark the node of the view that is open; the cursor goes there unless the person is in the tree."""
        node = node_for(self._roots, kind, form)
        self._current = node.id if node is not None else ""
        if node is not None and not (self.has_focus and self.node is not None):
            self._expanded.update(parents(self._roots, node.id))
            self._relist(node.id)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the window."""
        cells = self.scrollable_content_region.width
        index = y + self.scroll_offset.y
        if index >= len(self._lines):
            return self.painter.strip((), cells)
        line = self._lines[index]
        words = tree_line(
            line,
            self.tallies,
            cells,
            self.base.lang,
            expanded=line.node.id in self._expanded,
            current=line.node.id == self._current,
        )
        ground = ""
        if index == self._cursor:
            ground = "cursor" if self.has_focus else "shade"
        return self.painter.strip(words, cells, ground)

    def action_move(self, by: int) -> None:
        """Move the cursor by so many lines."""
        self._go(self._cursor + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by a window."""
        self._go(self._cursor + by * max(1, self.scrollable_content_region.height - 1))

    def action_edge(self, side: int) -> None:
        """Move the cursor to the top or the bottom."""
        self._go(0 if side < 0 else len(self._lines) - 1)

    def action_fold(self) -> None:
        """Fold the node; when it is folded, go to the node above it."""
        node = self.node
        if node is None:
            return
        if node.children and node.id in self._expanded:
            self._toggle(node)
        elif above := parents(self._roots, node.id):
            self._go(self._index(above[-1]))

    def action_unfold(self) -> None:
        """Unfold the node; when it is unfolded, go to its first child."""
        node = self.node
        if node is None or not node.children:
            return
        if node.id in self._expanded:
            self._go(self._cursor + 1)
        else:
            self._toggle(node)

    def action_toggle_node(self) -> None:
        """Fold or unfold the node."""
        if self.node is not None and self.node.children:
            self._toggle(self.node)

    def action_open(self) -> None:
        """Open the node's objects; a node without any folds or unfolds."""
        node = self.node
        if node is None:
            return
        if node.kind is not None:
            self.post_message(self.Opened(node))
        else:
            self.action_toggle_node()

    def on_click(self, event: events.Click) -> None:
        """A line opens its objects, an arrow folds or unfolds."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        index = offset.y + self.scroll_offset.y
        if index >= len(self._lines):
            return
        line = self._lines[index]
        self._go(index)
        if line.node.children and offset.x <= arrow_column(line.depth) + 1:
            self._toggle(line.node)
        else:
            self.action_open()

    def on_focus(self) -> None:
        """The cursor's line gets its strong colour; what it stands on is explained."""
        self.refresh()
        if self.node is not None:
            self.post_message(self.Highlighted(self.node))

    def on_blur(self) -> None:
        """The cursor's line steps back."""
        self.refresh()

    def _toggle(self, node: Node) -> None:
        self._expanded ^= {node.id}
        self._relist(node.id)
        if node.id in self._expanded:
            self.post_message(self.Unfolded(node))

    def _relist(self, cursor: str) -> None:
        self._lines = list(seen(self._roots, self._expanded))
        ids = [line.node.id for line in self._lines]
        while cursor and cursor not in ids:
            cursor = cursor.rpartition("/")[0]
        self._cursor = ids.index(cursor) if cursor else min(self._cursor, max(0, len(ids) - 1))
        self._resized()
        self._scroll_to_cursor()
        self.refresh()

    def _index(self, id: str) -> int:
        return next((i for i, line in enumerate(self._lines) if line.node.id == id), self._cursor)

    def _go(self, index: int) -> None:
        index = max(0, min(index, len(self._lines) - 1))
        if index != self._cursor and self._lines:
            self._cursor = index
            self._scroll_to_cursor()
            self.refresh()
            self.post_message(self.Highlighted(self._lines[index].node))

    def _scroll_to_cursor(self) -> None:
        self.scroll_to_region(Region(0, self._cursor, 1, 1), animate=False, force=True)

    def _resized(self) -> None:
        self.virtual_size = Size(0, len(self._lines))
