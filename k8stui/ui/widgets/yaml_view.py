"""An object as YAML: a cursor on lines, folding, searching. Only the lines that are seen are drawn."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from k8stui.core.paths import Path
from k8stui.session.yamldoc import YamlDocument, YamlLine, fold_place, matches, visible
from k8stui.ui.base import TonedScroll
from k8stui.ui.prose import Span
from k8stui.ui.text import width

_TONES = {"str": "ink", "num": "good", "word": "warn", "mark": "quiet", "mask": "faint", "comment": "faint"}
_FOLDED = " …"
_MARGIN = 3
"""Cells left of the text: the mark of a fold between spaces."""
_MOST_CELLS = 4_000
"""Cells of a line that are drawn; longer ones end in an ellipsis, and the pane beside shows more."""
_MOST_DRAWN = 1_000
"""Lines as drawn that are kept."""
_KEPT_IN_VIEW = 2
"""Lines that stay between the cursor and the edge."""


class YamlView(TonedScroll, can_focus=True):
    """Shows one document."""

    DEFAULT_CSS = """
    YamlView {
        background: $k-ground; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 1;
        scrollbar-gutter: stable;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "up", show=False, id="table.up"),
        Binding("down,j", "move(1)", "down", show=False, id="table.down"),
        Binding("pageup,ctrl+b", "page(-1)", "page up", show=False, id="table.page-up"),
        Binding("pagedown,ctrl+f,space", "page(1)", "page down", show=False, id="table.page-down"),
        Binding("home,g", "edge(-1)", "top", show=False, id="table.top"),
        Binding("end,G", "edge(1)", "bottom", show=False, id="table.bottom"),
        Binding("left,h", "fold(True)", "fold", show=False, id="table.left"),
        Binding("right,l", "fold(False)", "unfold", show=False, id="table.right"),
        Binding("enter", "flip", "fold", show=False),
        Binding("shift+left", "pan(-1)", "left", show=False),
        Binding("shift+right", "pan(1)", "right", show=False),
        Binding("n", "hit(1)", "next hit", show=False, id="yaml.next"),
        Binding("N", "hit(-1)", "previous hit", show=False, id="yaml.previous"),
    ]

    @dataclass
    class Moved(Message):
        """The cursor is on another place."""

        path: Path

        def can_replace(self, message: Message) -> bool:
            """Only the last place matters."""
            return isinstance(message, YamlView.Moved)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.document: YamlDocument | None = None
        self.folded: set[Path] = set()
        self.wanted = ""
        """The text that is searched for."""
        self.hits: list[int] = []
        """The lines of the document that contain it."""
        self._seen: list[int] = []
        """The lines of the document that are seen, from top to bottom."""
        self._cursor = 0
        """Which of those the cursor is on."""
        self._drawn: dict[tuple[int, str], Strip] = {}
        """Lines as drawn, by their number in the document and what is under them."""
        self._drawn_for: tuple[int, int] = (0, 0)
        """The cells and the scrolling to the right that they were drawn for."""

    # What is shown

    @property
    def line(self) -> YamlLine | None:
        """The line under the cursor."""
        if self.document is None or not self._seen:
            return None
        return self.document.lines[self._seen[self._cursor]]

    @property
    def place(self) -> Path:
        """The place under the cursor: the item of a list where the cursor is on its dash alone."""
        return self.line.path if self.line is not None else ()

    @property
    def place_line(self) -> int:
        """The line of the document under the cursor."""
        return self._seen[self._cursor] if self._seen else 0

    def show(self, document: YamlDocument, *, place: Path | None = None) -> None:
        """Show another document; the cursor stays at its place, or goes to the one named.

        Lines above that come and go do not move what is seen.
        """
        wanted = self.place if place is None else place
        before = self._cursor - self.scroll_offset.y
        self.document = document
        self._search()
        self._lay_out()
        self._cursor = self._nearest(document.line_of(wanted)) if wanted else 0
        if self.is_attached:
            self.scroll_to(y=max(0, self._cursor - before), animate=False, force=True)
            self._follow_cursor()
        self.refresh()
        self._tell()

    def _lay_out(self) -> None:
        assert self.document is not None
        self._drawn.clear()
        self._seen = visible(self.document, self.folded)
        widest = max((width(line.text) for line in self.document.lines), default=0)
        self.virtual_size = Size(min(widest, _MOST_CELLS) + _MARGIN + 2, len(self._seen))

    def _nearest(self, at: int) -> int:
        """The seen line at or above a line of the document."""
        return max(0, bisect_right(self._seen, at) - 1)

    def _tell(self) -> None:
        self.post_message(self.Moved(self.place))

    # Moving

    def _go(self, to: int) -> None:
        to = max(0, min(to, len(self._seen) - 1))
        if to != self._cursor and self._seen:
            old, self._cursor = self._cursor, to
            self._refresh_lines(old, to)
            self._follow_cursor()
            self._tell()

    def _refresh_lines(self, *lines: int) -> None:
        top, size = self.scroll_offset.y, self.scrollable_content_region.size
        self.refresh(*(Region(0, y - top, size.width, 1) for y in lines if 0 <= y - top < size.height))

    def _follow_cursor(self) -> None:
        height, top = self.scrollable_content_region.height, self.scroll_offset.y
        margin = min(_KEPT_IN_VIEW, max(0, (height - 1) // 2))
        to = min(max(top, self._cursor + margin - height + 1), max(0, self._cursor - margin))
        if to != top:
            self.scroll_to(y=to, animate=False, force=True)

    def action_move(self, by: int) -> None:
        """One line up or down."""
        self._go(self._cursor + by)

    def action_page(self, by: int) -> None:
        """One page up or down."""
        self._go(self._cursor + by * max(1, self.scrollable_content_region.height - 1))

    def action_edge(self, side: int) -> None:
        """To the first or the last line."""
        self._go(0 if side < 0 else len(self._seen) - 1)

    def action_pan(self, by: int) -> None:
        """Long lines to the left and right."""
        self.scroll_to(x=max(0, self.scroll_offset.x + 20 * by), animate=False, force=True)

    # Folding

    def action_fold(self, fold: bool) -> None:
        """Fold what begins here, else go to what this stands in; or unfold."""
        at = self._fold_at()
        if at is not None and self.document is not None:
            place = fold_place(self.document, at)
            if fold != (place in self.folded):
                self._set_folded(place, fold)
                return
        if fold:
            self._to_parent()

    def action_flip(self) -> None:
        """Fold or unfold what begins here."""
        at = self._fold_at()
        if at is not None and self.document is not None:
            place = fold_place(self.document, at)
            self._set_folded(place, place not in self.folded)

    def _fold_at(self) -> int | None:
        """The line of the document under the cursor, when something folds there."""
        if self.document is None or not self._seen:
            return None
        at = self._seen[self._cursor]
        return at if at in self.document.folds else None

    def _set_folded(self, place: Path, folded: bool) -> None:
        assert self.document is not None
        at = self._seen[self._cursor]
        (self.folded.add if folded else self.folded.discard)(place)
        self._lay_out()
        self._cursor = self._nearest(at)
        self._follow_cursor()
        self.refresh()

    def _to_parent(self) -> None:
        if self.document is None or not self._seen:
            return
        at = self._seen[self._cursor]
        above = [start for start, end in self.document.folds.items() if start < at < end]
        if above:
            self._go(self._nearest(max(above)))

    # Searching

    def search(self, text: str) -> int:
        """Search for a text and go to the next line that has it; how many lines have it. Empty ends it."""
        self.wanted = text
        self._search()
        if self.hits and self._seen:
            here = self._seen[self._cursor]
            self._go_to_hit(bisect_left(self.hits, here) % len(self.hits))
        self.refresh()
        return len(self.hits)

    def _search(self) -> None:
        self._drawn.clear()
        found = self.document is not None and self.wanted
        self.hits = list(matches(self.document, self.wanted)) if found and self.document else []

    def action_hit(self, by: int) -> None:
        """To the next line that has the text, or the one before; round the ends."""
        if self.hits:
            here = self._seen[self._cursor]
            at = bisect_right(self.hits, here) if by > 0 else bisect_left(self.hits, here) - 1
            self._go_to_hit(at % len(self.hits))

    def _go_to_hit(self, index: int) -> None:
        assert self.document is not None
        at = self.hits[index]
        hiding = [start for start, end in self.document.folds.items() if start < at < end]
        places = {fold_place(self.document, start) for start in hiding}
        if places & self.folded:
            self.folded -= places
            self._lay_out()
            self.refresh()
        self._go(self._nearest(at))

    @property
    def hit_number(self) -> int:
        """Which of the hits the cursor is on, from 1; 0 when on none."""
        at = self._seen[self._cursor] if self._seen else -1
        index = bisect_left(self.hits, at)
        return index + 1 if index < len(self.hits) and self.hits[index] == at else 0

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without a search its keys belong to others."""
        return bool(self.wanted) if action == "hit" else True

    # Drawing

    def notify_style_update(self) -> None:
        """Drop what was drawn in the old theme."""
        super().notify_style_update()
        self._drawn.clear()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Some lines of the window.

        A scrolled line is on another row but looks the same. Textual keeps what it has drawn by row; here it
        is kept by line, so that scrolling draws the one line that has come into view.
        """
        width, (left, top) = self.outer_size.width, self.scroll_offset
        if self._drawn_for != (width, left) or len(self._drawn) > _MOST_DRAWN:
            self._drawn_for = (width, left)
            self._drawn.clear()
        filters, below = self.get_line_filters(), self.background_colors[1]
        seen, drawn = self._seen, self._drawn
        strips = []
        for index in range(top + crop.y, top + crop.bottom):
            ground = ("cursor" if self.has_focus else "shade") if index == self._cursor else ""
            key = (seen[index] if index < len(seen) else -1, ground)
            strip = drawn.get(key)
            if strip is None:
                strip = self._draw(*key)
                for line_filter in filters:
                    strip = strip.apply_filter(line_filter, below)
                drawn[key] = strip
            strips.append(strip)
        start, end = crop.column_span
        return strips if (start, end) == (0, width) else [strip.crop(start, end) for strip in strips]

    def _draw(self, at: int, ground: str) -> Strip:
        """A line of the document, or an empty one below its end."""
        cells, base = self.outer_size.width, self.painter.style("ink", ground)
        if at < 0:
            return Strip.blank(cells, base)
        segments = [Segment(self._sign(at), self.painter.style("quiet", ground))]
        for span in self._spans(at):
            style = self.painter.style(span.tone, ground)
            segments += self._marked(span.text, style) if self.wanted else [Segment(span.text, style)]
        left = self.scroll_offset.x
        strip = Strip(segments)
        if left:
            strip = Strip([segments[0], *strip.crop(_MARGIN + left)])
        return strip.adjust_cell_length(cells, base)

    def _sign(self, at: int) -> str:
        assert self.document is not None
        if at not in self.document.folds:
            return " " * _MARGIN
        return " ▸ " if fold_place(self.document, at) in self.folded else " ▾ "

    def _spans(self, at: int) -> Sequence[Span]:
        assert self.document is not None
        line = self.document.lines[at]
        value = line.value if len(line.value) < _MOST_CELLS else f"{line.value[: _MOST_CELLS - 1]}…"
        if at in self.document.folds and fold_place(self.document, at) in self.folded:
            value += _FOLDED
        gap = " " if line.key and value else ""
        return (
            Span(" " * line.indent + line.dashes, "quiet"),
            Span(line.key, "accent"),
            Span(gap + value, _TONES.get(line.tone, "ink")),
        )

    def _marked(self, text: str, style: Style) -> list[Segment]:
        """A text with what is searched for reversed."""
        wanted = self.wanted if self.wanted != self.wanted.lower() else self.wanted.lower()
        inside = text if wanted != wanted.lower() else text.lower()
        if len(inside) != len(text):
            inside = text
        found, at = [], 0
        while (hit := inside.find(wanted, at)) >= 0:
            found += [Segment(text[at:hit], style)] if hit > at else []
            found.append(Segment(text[hit : hit + len(wanted)], style + Style(reverse=True)))
            at = hit + len(wanted)
        return [*found, Segment(text[at:], style)] if at < len(text) else found

    def on_click(self, event: events.Click) -> None:
        """The cursor goes to the line; on a fold's mark it folds."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        self._go(offset.y + self.scroll_offset.y)
        if offset.x < _MARGIN:
            self.action_flip()

    def on_focus(self) -> None:
        """The cursor line shows who has the focus."""
        self._refresh_lines(self._cursor)

    def on_blur(self) -> None:
        """The same."""
        self._refresh_lines(self._cursor)
