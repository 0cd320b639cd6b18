"""One line of a table, drawn: from a row's texts to a strip of exactly the table's width."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from k8stui.ui.text import fit, snap, tame
from k8stui.ui.widgets.table_ages import (
    NEVER,
    Ticking,
    next_change,
    restarts_count,
    ticking_age,
    ticking_restarts,
)
from k8stui.ui.widgets.table_columns import ColumnRole, Layout, Placed
from k8stui.ui.widgets.table_filter import TextFilter
from k8stui.ui.widgets.table_health import Health, finished, health
from k8stui.ui.widgets.table_model import Entry

GLOW_STEPS = 4
"""Shades in which a changed row fades."""
_NO_STRIKE = Style(strike=False)
_ASCENDING, _DESCENDING = " ↑", " ↓"


@dataclass(frozen=True, slots=True)
class Palette:
    """The styles of one theme."""

    base: Style
    header: Style
    cursor: Style
    """The cursor's row while the table has the focus."""
    cursor_blur: Style
    """The cursor's row while it has not."""
    match: Style
    finished: Style
    gone: Style
    stale: Style
    """All rows when the cluster is lost."""
    tones: Mapping[Health, Style]
    glow: tuple[Style, ...]
    """From faint to bright: ``GLOW_STEPS`` styles."""


def glow_styles(base: Style, bright: Style) -> tuple[Style, ...]:
    """Shades between the table's background and the bright one; only the bright one without true colours."""
    low, high = _triplet(base.bgcolor), _triplet(bright.bgcolor)
    if low is None or high is None:
        return (bright,) * GLOW_STEPS
    shades = []
    for step in range(1, GLOW_STEPS + 1):
        part = step / GLOW_STEPS
        mixed = [round(a + (b - a) * part) for a, b in zip(low, high, strict=True)]
        shades.append(base + Style(bgcolor=Color.from_rgb(*mixed)))
    return tuple(shades)


def _triplet(color: Color | None) -> tuple[int, int, int] | None:
    if color is None or color.triplet is None:
        return None
    return color.triplet.red, color.triplet.green, color.triplet.blue


class Face:
    """What a visible row says: its texts at one moment."""

    __slots__ = ("births", "done", "revision", "texts", "ticking", "tones", "until", "version")

    def __init__(self) -> None:
        self.version = 0
        """The entry's version it was made from; 0 for none."""
        self.revision = 0
        """Another number whenever texts or tones are others."""
        self.texts: list[str] = []
        """One text for each column of the layout."""
        self.tones: list[Health | None] = []
        self.ticking: list[tuple[int, Ticking]] = []
        self.until = NEVER
        """When an age in it may change, in seconds since the epoch."""
        self.done = False
        """Whether the whole row is at rest."""

    def make(self, entry: Entry, layout: Layout, birth: float | None, count_width: int, now: float) -> bool:
        """Make the texts from an entry; whether they, or their tones, are others than before."""
        before = (self.texts, self.tones, self.done)
        row = entry.row
        self.version = entry.version
        self.texts, self.tones, self.ticking = [], [], []
        self.done = finished(row)
        for i, placed in enumerate(layout.columns):
            cell, role = placed.spec.cell(row), placed.spec.role
            tone = None
            if role in (ColumnRole.MARKED, ColumnRole.HEALTH):
                tone = health(placed.spec.column, cell, row)
                if role is ColumnRole.MARKED:
                    cell = f"{tone.value} {cell}" if tone else f"  {cell}" if cell else cell
            elif role is ColumnRole.AGE:
                is_own = placed.spec.title == "AGE"
                self._tick(i, ticking_age(cell, row.seen, (birth,) if is_own else ()))
            elif role is ColumnRole.RESTARTS:
                indent = " " * (count_width - len(restarts_count(cell)))
                ticking = ticking_restarts(cell, row.seen)
                if ticking is not None:
                    ticking.before = indent + ticking.before
                self._tick(i, ticking)
                cell = indent + cell
            self.texts.append(tame(cell))
            self.tones.append(tone)
        self._print(now)
        return before != (self.texts, self.tones, self.done)

    def tick(self, now: float) -> bool:
        """Print the ages again; whether one has changed."""
        before = [self.texts[i] for i, _ in self.ticking]
        self._print(now)
        return before != [self.texts[i] for i, _ in self.ticking]

    def _tick(self, i: int, ticking: Ticking | None) -> None:
        if ticking is not None:
            self.ticking.append((i, ticking))

    def _print(self, now: float) -> None:
        for i, ticking in self.ticking:
            self.texts[i] = ticking.at(now)
        self.until = min((next_change(ticking.birth, now) for _, ticking in self.ticking), default=NEVER)


@dataclass(frozen=True, slots=True)
class LineState:
    """How a row is drawn, beside what it says."""

    cursor: int = 0
    """0 elsewhere, 1 the cursor without focus, 2 with."""
    glow: int = 0
    """0 none, up to ``GLOW_STEPS``."""
    gone: bool = False
    stale: bool = False


@dataclass(slots=True)
class Pen:
    """Collects the parts of a line; neighbours of one style become one segment."""

    segments: list[Segment] = field(default_factory=list)
    _texts: list[str] = field(default_factory=list)
    _style: Style | None = None

    def put(self, text: str, style: Style) -> None:
        """Add a text."""
        if style is not self._style:
            self._flush()
            self._style = style
        self._texts.append(text)

    def _flush(self) -> None:
        if text := "".join(self._texts):
            self.segments.append(Segment(text, self._style))
        self._texts = []

    def strip(self, width: int) -> Strip:
        """The line, of so many cells."""
        self._flush()
        return Strip(self.segments, width)


def draw_row(
    face: Face, layout: Layout, room: int, palette: Palette, state: LineState, text_filter: TextFilter | None
) -> Strip:
    """A row's line in exactly ``room`` cells."""
    style = _row_style(face, palette, state)
    between = style + _NO_STRIKE if state.gone else style
    quiet = state.cursor > 0 or state.gone or state.stale
    pen, x = Pen(), 0
    for placed, text, tone in zip(layout.columns, face.texts, face.tones, strict=False):
        if placed.x > x:
            pen.put(" " * (placed.x - x), between)
        x = placed.x + placed.width
        look = style if quiet or tone is None or face.done else style + palette.tones[tone]
        fitted = fit(text, placed.width, right=placed.right)
        marked = placed.spec.role is ColumnRole.MARKED and tone is Health.OK
        spans = _spans(text_filter, placed, fitted)
        if spans:
            _put_matches(pen, fitted, spans, look, look + palette.match)
        elif state.gone:
            said = fitted.strip()
            before, _, after = fitted.partition(said) if said else (fitted, "", "")
            pen.put(before, between)
            pen.put(said, style)
            pen.put(after, between)
        elif tone is Health.OK and not quiet:
            pen.put(fitted[:1] if marked else "", look)
            pen.put(fitted[1:] if marked else fitted, style)
        else:
            pen.put(fitted, look)
    if x < room:
        pen.put(" " * (room - x), between)
    return pen.strip(max(x, room))


def _row_style(face: Face, palette: Palette, state: LineState) -> Style:
    if state.cursor:
        style = palette.cursor if state.cursor > 1 else palette.cursor_blur
        return style + Style(strike=True) if state.gone else style
    if state.gone:
        return palette.gone
    if state.stale:
        return palette.stale
    style = palette.glow[state.glow - 1] if state.glow else palette.base
    return style + palette.finished if face.done else style


def _spans(text_filter: TextFilter | None, placed: Placed, fitted: str) -> list[tuple[int, int]]:
    if text_filter is None or placed.spec.role is ColumnRole.AGE:
        return []
    end = len(fitted.rstrip())
    found = text_filter.spans(fitted, name=placed.spec.role is ColumnRole.NAME)
    return [(start, min(stop, end)) for start, stop in found if start < end]


def _put_matches(pen: Pen, text: str, spans: Sequence[tuple[int, int]], plain: Style, marked: Style) -> None:
    at = 0
    for found in spans:
        start, stop = snap(text, *found)
        start = max(start, at)
        if stop <= start:
            continue
        pen.put(text[at:start], plain)
        pen.put(text[start:stop], marked)
        at = stop
    pen.put(text[at:], plain)


def draw_header(
    layout: Layout, view: int, room: int, palette: Palette, sorted_title: str | None, reverse: bool
) -> Strip:
    """The line of titles, with the sorted column's arrow and signs for columns beyond the edges.

    Args:
        layout: The columns.
        view: Cells that are not covered by a scrollbar.
        room: Cells to fill.
        palette: The styles.
        sorted_title: The column that sorts.
        reverse: Whether it sorts the biggest first.
    """
    style, pen, x = palette.header, Pen(), 0
    for placed in layout.columns:
        title = placed.spec.title
        if title == sorted_title:
            title = fit(title, min(len(title), placed.width - 2)) + (_DESCENDING if reverse else _ASCENDING)
        if placed.x > x:
            pen.put(
                "‹" + " " * (placed.x - 1) if x == 0 and layout.more_left else " " * (placed.x - x), style
            )
        pen.put(fit(title, placed.width, right=placed.right), style)
        x = placed.x + placed.width
    if x < view:
        pen.put(" " * (view - x - 1) + ("›" if layout.more_right else " "), style)
        x = view
    if x < room:
        pen.put(" " * (room - x), style)
    return pen.strip(max(x, room))
