"""Which pane has the focus, which comes next, and which keys the foot shows for it."""

from __future__ import annotations

from collections.abc import Callable

from textual.widget import Widget

from k8stui.core.lang import Text
from k8stui.session.operations import Operation
from k8stui.ui.keys import written
from k8stui.ui.screens.parts import ExplorerParts
from k8stui.ui.widgets.foot import FootKey

_FOLD = Text("fold", "開閉")
_FOLLOW = Text("go there", "リンク先へ")


class Panes:
    """The ring of panes that Tab goes through."""

    def __init__(self, parts: ExplorerParts) -> None:
        self._parts = parts
        self._beside = True
        """Whether the tree stands beside the rows where there is room."""

    def ring(self) -> list[Widget]:
        """Tree, rows, note: those that there is room for; the tree is a drawer where it is narrow."""
        parts = self._parts
        rows: Widget = parts.table if parts.table.display else parts.empty
        return [parts.tree_pane, rows, parts.note] if parts.roomy else [parts.tree_pane, rows]

    def step(self, by: int) -> None:
        """Move the focus by panes; the tree comes out for it."""
        ring = self.ring()
        at = next((i for i, pane in enumerate(ring) if pane.has_focus), 1)
        pane = ring[(at + by) % len(ring)]
        if pane is self._parts.tree_pane:
            self.show_tree(True)
        elif not self._parts.roomy:
            self.show_tree(False)
        self._parts.call_after_refresh(pane.focus)

    def show_tree(self, shown: bool) -> None:
        """Show or hide the tree; where it is hidden the focus goes to the rows."""
        self._parts.set_class(shown, "-tree")
        if shown:
            self._parts.desk.counts_wanted()
        if not shown and self._parts.tree_pane.has_focus:
            self._parts.call_after_refresh(self._parts.focus_rows)

    def room_changed(self, roomy: bool) -> None:
        """A tree that would be a drawer goes in, unless it is in use; where there is room it comes back."""
        if roomy:
            self.show_tree(self._beside or self._parts.tree_pane.has_focus)
        else:
            self._beside = self._parts.has_class("-tree")
            self.show_tree(self._beside and self._parts.tree_pane.has_focus)

    def toggle_tree(self) -> None:
        """Show the tree and go there, or hide it."""
        shown = not self._parts.has_class("-tree")
        self.show_tree(shown)
        if shown:
            self._parts.call_after_refresh(self._parts.tree_pane.focus)

    def show_foot(self, allowed: Callable[[str], bool]) -> None:
        """Show the command and the keys of the pane in use."""
        parts = self._parts
        view, ref, command = parts.live.view, parts.ref, ""
        if parts.note.has_focus and ref is not None:
            command = parts.session.kubectl(ref)
        elif view is not None:
            command = parts.session.kubectl(view)
        parts.foot.show(command, lambda: self._keys(allowed))

    def _keys(self, allowed: Callable[[str], bool]) -> list[FootKey]:
        parts, lang = self._parts, self._parts.session.lang
        ranked = sorted((op for op in parts.session.operations if op.foot), key=lambda op: op.foot)
        keys = [self._key(op) for op in ranked if allowed(op.id)]
        if parts.tree_pane.has_focus:
            keys.insert(1, FootKey("← →", _FOLD.get(lang), ""))
        elif parts.note.has_focus:
            keys[0:1] = [FootKey("1-9", _FOLLOW.get(lang), "")]
        return keys

    def _key(self, operation: Operation) -> FootKey:
        title = operation.title.get(self._parts.session.lang)
        return FootKey(written(operation.keys[0]), title, operation.id)
