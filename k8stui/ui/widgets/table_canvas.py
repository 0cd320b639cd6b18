"""The lines that a table shows: which of them have changed, and what they look like."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import count
from math import ceil, inf

from textual.cache import LRUCache
from textual.strip import Strip

from k8stui.core.rows import Row, RowKey
from k8stui.ui.widgets.table_columns import Layout, Measure, lay_out, specs_of
from k8stui.ui.widgets.table_model import Entry, TableModel
from k8stui.ui.widgets.table_paint import GLOW_STEPS, Face, LineState, Palette, draw_header, draw_row

_KEPT_FACES = 512
_KEPT_STRIPS = 1_024
_MEASURED = 2_000
_MANY_GLOWING = 20

Signature = tuple[int, ...]
"""Everything that a line's look depends on: two equal ones are the same picture.

For a row: the revision of its texts, the generation of columns and colours, cursor, glow, gone, stale.
"""
_TITLES, _NOTHING = -1, 0


class Traces:
    """Rows that have just changed or gone, and how much of that is still to be seen."""

    def __init__(self, monotonic: Callable[[], float], *, glow_seconds: float, linger_seconds: float) -> None:
        self._monotonic = monotonic
        self._glow_seconds = glow_seconds
        self._linger_seconds = linger_seconds
        self._glowing: dict[RowKey, float] = {}
        self._leaving: dict[RowKey, float] = {}

    def glow(self, keys: Iterable[RowKey]) -> None:
        """These rows have changed now."""
        self._glowing |= dict.fromkeys(keys, self._monotonic())

    def leave(self, keys: Iterable[RowKey]) -> None:
        """These rows have gone now."""
        self._leaving |= dict.fromkeys(keys, self._monotonic() + self._linger_seconds)

    def stay(self, keys: Iterable[RowKey]) -> None:
        """These rows have come back."""
        for key in keys:
            self._leaving.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._glowing.clear()
        self._leaving.clear()

    def level(self, key: RowKey) -> int:
        """How brightly a row glows: 0 to ``GLOW_STEPS``."""
        since = self._glowing.get(key)
        if since is None:
            return 0
        left = 1 - (self._monotonic() - since) / self._glow_seconds
        steps = self._steps
        return max(0, min(steps, ceil(left * steps))) * (GLOW_STEPS // steps)

    @property
    def _steps(self) -> int:
        """Where much glows, it fades in fewer steps: each is a line to paint."""
        return GLOW_STEPS if len(self._glowing) <= _MANY_GLOWING else 2

    def due(self) -> list[RowKey]:
        """Gone rows whose time is over; each is told once. Glows that have faded are forgotten."""
        now = self._monotonic()
        for key in [key for key, since in self._glowing.items() if now - since >= self._glow_seconds]:
            del self._glowing[key]
        over = [key for key, until in self._leaving.items() if now >= until]
        for key in over:
            del self._leaving[key]
        return over

    def wait(self) -> float:
        """Seconds until the next glow fades a step or a gone row leaves; infinite when there is none."""
        now = self._monotonic()
        leaving = min(self._leaving.values(), default=inf) - now
        if not self._glowing:
            return leaving
        return min(leaving, self._glow_seconds / self._steps)


@dataclass(frozen=True, slots=True)
class View:
    """What of the table is on the screen."""

    top: int
    """The first row's place."""
    width: int
    """Cells of a line."""
    room: int
    """Cells that no scrollbar covers."""
    height: int
    """Lines, the titles' included."""
    cursor: Entry | None = None
    focus: bool = False
    stale: bool = False


class Canvas:
    """Draws lines, and remembers what each line of the screen shows."""

    def __init__(self, model: TableModel, traces: Traces, clock: Callable[[], float]) -> None:
        self._model = model
        self._traces = traces
        self._clock = clock
        self._measure = Measure(())
        self.layout = Layout()
        self.grown = False
        """Whether a row needs wider columns than the layout has."""
        self.on_screen: dict[RowKey, int] = {}
        """The lines of the rows that were visible when lines were last compared."""
        self.next_tick = inf
        """When a visible age may change, in seconds since the epoch."""
        self._palette: Palette | None = None
        self._generation = 0
        self._revisions = count(1)
        self._faces: LRUCache[RowKey, Face] = LRUCache(_KEPT_FACES)
        self._strips: LRUCache[Signature, Strip] = LRUCache(_KEPT_STRIPS)
        self._shown: dict[int, Signature] = {}

    # Columns and colours

    def set_columns(self) -> None:
        """Take the model's columns."""
        self._measure = Measure(specs_of(self._model.columns, namespaced=self._model.namespaced))
        self._faces.clear()

    def measure(self, rows: Iterable[Row]) -> None:
        """Let columns grow for rows that have come or changed; many rows are measured when they are seen."""
        if len(self._model.view) <= _MEASURED:
            entries = self._model.entries
            for row in rows:
                if (entry := entries.get(row.key)) is not None and entry.shown:
                    self.grown |= self._measure.add(row)

    def measure_again(self) -> None:
        """Let columns shrink to the rows that are there now."""
        self._measure.start((entry.row for entry in self._model.view), self.sorted_title)

    def arrange(self, room: int, *, wide: bool, offset: int) -> None:
        """Place the columns in a room of so many cells."""
        self.grown = False
        self.layout = lay_out(self._measure, room, wide=wide, offset=offset)
        self._faces.clear()
        self.repaint()

    def set_palette(self, palette: Palette) -> None:
        """Take other colours."""
        if palette != self._palette:
            self._palette = palette
            self.repaint()

    def repaint(self) -> None:
        """Draw every line anew."""
        self._generation += 1

    @property
    def sorted_title(self) -> str | None:
        """The title that carries the arrow: the column that sorts, or what the rows are ordered by anyway."""
        column = self._model.sorting[0]
        if column is not None or not self._model.columns:
            return column
        specs = specs_of(self._model.columns, namespaced=self._model.namespaced)
        return specs[0].title

    # Lines

    def changed(self, view: View) -> list[int]:
        """The lines of the screen that show something else than they should."""
        now = self._clock()
        self.on_screen = {}
        self.next_tick = inf
        changed = []
        for y in range(view.height):
            if self._shown.get(y) != self._signature(y, view, now):
                changed.append(y)
        return changed

    def line(self, y: int, view: View) -> Strip:
        """Draw one line of the screen, exactly as wide as the view."""
        signature = self._shown[y] = self._signature(y, view, self._clock())
        key = (*signature, view.width)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._draw(y, view, signature)
            self._strips[key] = strip
        return strip

    def _signature(self, y: int, view: View, now: float) -> Signature:
        if y == 0:
            return _TITLES, self._generation, view.room
        entry = self._entry(y, view)
        if entry is None:
            return _NOTHING, self._generation
        face = self._face(entry, now)
        self.on_screen[entry.row.key] = y
        self.next_tick = min(self.next_tick, face.until)
        cursor = 0 if entry is not view.cursor else 2 if view.focus else 1
        return (
            face.revision,
            self._generation,
            cursor,
            self._traces.level(entry.row.key),
            entry.gone,
            view.stale,
        )

    def _entry(self, y: int, view: View) -> Entry | None:
        entries, at = self._model.view, view.top + y - 1
        return entries[at] if at < len(entries) else None

    def _face(self, entry: Entry, now: float) -> Face:
        face = self._faces.get(entry.row.key)
        if face is None:
            face = self._faces[entry.row.key] = Face()
        if face.version != entry.version:
            is_new = face.version == 0
            other = face.make(entry, self.layout, self._model.birth(entry), self._measure.count_width, now)
            if other or is_new:
                face.revision = next(self._revisions)
            if len(self._model.view) > _MEASURED:
                self.grown |= self._measure.add(entry.row)
            self._widen(face)
        elif now >= face.until and face.tick(now):
            face.revision = next(self._revisions)
            self._widen(face)
        return face

    def _widen(self, face: Face) -> None:
        """Let columns grow for ages that have become longer."""
        for i, _ in face.ticking:
            placed = self.layout.columns[i]
            if (size := len(face.texts[i])) > placed.width:
                self.grown |= self._measure.widen(placed.spec, size)

    def _draw(self, y: int, view: View, signature: Signature) -> Strip:
        palette = self._palette
        if palette is None:
            return Strip.blank(view.width)
        if y == 0:
            title, reverse = self.sorted_title, self._model.sorting[1]
            return draw_header(self.layout, view.room, view.width, palette, title, reverse)
        entry = self._entry(y, view)
        if entry is None:
            return Strip.blank(view.width, palette.base)
        _, _, cursor, glow, gone, stale = signature
        state = LineState(cursor=cursor, glow=glow, gone=bool(gone), stale=bool(stale))
        face = self._face(entry, self._clock())
        return draw_row(face, self.layout, view.width, palette, state, self._model.filter)
