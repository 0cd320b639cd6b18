"""A description as lines: one column of labels, grids that wrap or stack, bars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from k8stui.core.lang import Lang, Text
from k8stui.session.describe.model import (
    Bar,
    Block,
    Description,
    Fact,
    Grid,
    Phrase,
    Say,
    Section,
    Target,
    Tone,
)
from k8stui.ui.prose import Line, Span, line_width, plain, wrap
from k8stui.ui.text import cut, fit, tame, width

LABELS = 22
"""The most cells that the column of labels takes; what is wider makes its own section's column wider."""
WIDEST = 32
_NARROWEST = 10
"""Cells below which a column of a grid does not go."""
_GAP = 2
_BAR = 24
_FULL, _FREE = "█", "░"
_LINKS = 9
"""Links that a digit leads to."""

Numbers = Mapping[Target, int]
"""Where each link stands among the links of a description."""


def targets(description: Description) -> tuple[Target, ...]:
    """The objects that a description leads to, each once, in its order."""
    found: dict[Target, None] = {}
    for section in description.sections:
        for block in section.blocks:
            for phrase in _phrases(block):
                for piece in phrase:
                    if piece.to is not None:
                        found.setdefault(piece.to)
    return tuple(found)


def _phrases(block: Block) -> Iterator[Phrase]:
    if isinstance(block, Fact):
        yield from block.lines
    elif isinstance(block, Grid):
        for row in block.rows:
            yield from row
    else:
        yield block.words


def description_lines(description: Description, cells: int, lang: Lang) -> list[Line]:
    """A whole description."""
    numbers = {target: at for at, target in enumerate(targets(description))}
    most = min(LABELS, max(8, cells // 3))
    sizes = [
        size
        for section in description.sections
        for block in section.blocks
        if (size := _reach(block, cells, lang)) <= most
    ]
    column = max(sizes, default=0)
    lines: list[Line] = []
    for section in description.sections:
        if lines:
            lines.append(())
        lines += _Section(section, column, cells, lang, numbers).lines()
    return lines


def _reach(block: Block, cells: int, lang: Lang) -> int:
    """The cells that a label takes with its indent; 0 for a block without one."""
    label = None if isinstance(block, Say) else block.label
    return len(_indent(block, cells)) + width(tame(label.get(lang))) if label is not None else 0


def _indent(block: Block, cells: int) -> str:
    step = 2 if cells >= 50 else 1
    return " " * min(step * (block.depth + 1), cells // 3)


class _Section:
    """Sets one section: values stand in the column of the description, or further right in all of it."""

    def __init__(self, section: Section, column: int, cells: int, lang: Lang, numbers: Numbers) -> None:
        self.section = section
        self.cells = cells
        self.lang = lang
        self.numbers = numbers
        most = min(WIDEST, max(8, cells // 3))
        own = [size for block in section.blocks if (size := _reach(block, cells, lang)) <= most]
        self.column = max([column, *own])

    def lines(self) -> Iterator[Line]:
        """The title and what stands under it."""
        yield (Span(self.section.title.get(self.lang), "title"),)
        for block in self.section.blocks:
            if isinstance(block, Fact):
                yield from self._fact(block)
            elif isinstance(block, Bar):
                yield from self._bar(block)
            elif isinstance(block, Grid):
                yield from self._grid(block)
            else:
                yield from self._say(block)

    def _spans(self, phrase: Phrase) -> list[Span]:
        return spans(phrase, self.lang, self.numbers)

    def _say(self, block: Say) -> Iterator[Line]:
        said, indent = self._spans(block.words), _indent(block, self.cells)
        # A text that was written with line ends of its own keeps what stands before its first word.
        text = "".join(span.text for span in said)
        inner = " " * min(len(text) - len(text.lstrip(" ")), self.cells // 3)
        hang = indent + (inner or "  ")
        yield from wrap(said, self.cells, first=(Span(indent),), rest=(Span(hang),))

    def _lead(self, label: Text, block: Block) -> tuple[list[Line], Line, Line]:
        """Lines of its own for a label that is too long, else what stands before the first line; the rest."""
        indent = _indent(block, self.cells)
        told = cut(tame(label.get(self.lang)), self.cells - len(indent) - _GAP)
        gap = self.column - len(indent) - width(told)
        rest: Line = (Span(" " * (self.column + _GAP)),)
        head = (Span(indent), Span(told, "quiet"))
        if gap < 0 and line_width(head) > max(self.cells // 2, self.column):
            return [head], rest, rest
        return [], (*head, Span(" " * (max(0, gap) + _GAP))), rest

    def _fact(self, block: Fact) -> Iterator[Line]:
        own, first, rest = self._lead(block.label, block)
        yield from own
        for said in _aligned([self._spans(phrase) for phrase in block.lines]):
            yield from wrap(said, self.cells, first=first, rest=rest)
            first = rest

    def _bar(self, block: Bar) -> Iterator[Line]:
        own, first, rest = self._lead(block.label, block)
        yield from own
        size = max(6, min(_BAR, (self.cells - line_width(first)) // 3))
        percent = f"{min(block.share, 99.99):>4.0%} "
        words = [*bar(block.share, size, block.tone), Span(percent), *self._spans(block.words)]
        yield from wrap(words, self.cells, first=first, rest=rest)

    def _grid(self, block: Grid) -> Iterator[Line]:
        head = [text.get(self.lang) for text in block.head]
        columns = [
            _aligned([self._spans(row[at]) for row in block.rows if at < len(row)])
            for at in range(len(block.head))
        ]
        rows = [list(cells) for cells in zip(*columns, strict=True)]
        indent = _indent(block, self.cells)
        first: Line = (Span(indent),)
        rest = first
        if block.label is not None:
            own, first, rest = self._lead(block.label, block)
            yield from own
        room = self.cells - max(line_width(first), line_width(rest))
        sizes = _sizes(head, columns, room, block.last)
        lines = _stacked(head, rows, room) if sizes is None else _side_by_side(head, rows, sizes)
        for line in lines:
            yield (*first, *line)
            first = rest


def spans(phrase: Phrase, lang: Lang, numbers: Numbers | None = None) -> list[Span]:
    """The words of a phrase; a link carries the digit that leads there."""
    found: list[Span] = []
    for piece in phrase:
        text = tame(piece.text.get(lang))
        at = numbers.get(piece.to) if numbers is not None and piece.to is not None else None
        if at is None:
            found.append(Span(text, piece.tone.value))
            continue
        if at < _LINKS:
            found.append(Span(f"{at + 1} ", "key", f"link:{at}"))
        found.append(Span(text, "accent" if piece.tone is Tone.PLAIN else piece.tone.value, f"link:{at}"))
    return found


def _aligned(cells: Sequence[list[Span]]) -> list[list[Span]]:
    """Cells below each other: names begin in one column though some have a digit and others none."""
    if not any(cell and cell[0].tone == "key" for cell in cells):
        return list(cells)
    return [[Span("  "), *cell] if cell and cell[0].act and cell[0].tone != "key" else cell for cell in cells]


def bar(share: float, cells: int, tone: Tone) -> Line:
    """A bar of so many cells; trouble is told by an exclamation mark too."""
    share = max(0.0, share)
    full = min(cells, int(share * cells + 0.5))
    if share > 0 and full == 0:
        full = 1
    if share < 1 and full == cells and cells > 1:
        full -= 1
    sign = " !" if tone in (Tone.WARN, Tone.BAD) else "  "
    return (
        Span(_FULL * full, tone.value),
        Span(_FREE * (cells - full), "faint"),
        Span(sign, tone.value),
    )


Cells = Sequence[Sequence[Span]]


def _side_by_side(head: Sequence[str], rows: Iterable[Cells], sizes: Sequence[int]) -> Iterator[Line]:
    if any(head):
        titles = (" " * _GAP).join(fit(title, size) for title, size in zip(head, sizes, strict=False))
        yield (Span(titles.rstrip(), "quiet"),)
    for row in rows:
        columns = [wrap(cell, size) for cell, size in zip(row, sizes, strict=False)]
        for at in range(max(len(column) for column in columns)):
            line: list[Span] = []
            for column, size in zip(columns, sizes, strict=False):
                part = column[at] if at < len(column) else ()
                line += part
                line.append(Span(" " * (size - line_width(part) + _GAP)))
            yield tuple(line[:-1])


def _sizes(head: Sequence[str], columns: Sequence[Cells], room: int, last: int) -> list[int] | None:
    """The widths of the columns; None when they cannot stand side by side."""
    sizes = [
        max([width(title), *(line_width(cell) for cell in column)])
        for title, column in zip(head, columns, strict=True)
    ]
    room -= _GAP * (len(sizes) - 1)
    least = [min(size, max(_NARROWEST, width(title))) for size, title in zip(sizes, head, strict=True)]
    least[-1] = max(least[-1], min(last, sizes[-1]))
    if sum(least) > room:
        return None
    while (over := sum(sizes) - room) > 0:
        widest = max(range(len(sizes)), key=lambda at: sizes[at] - least[at])
        loose = sizes[widest] - least[widest]
        sizes[widest] -= min(over, max(1, loose // 2))
    return [max(1, size) for size in sizes]


def _stacked(head: Sequence[str], rows: Iterable[Cells], room: int) -> Iterator[Line]:
    """Each row as a paragraph: what has no title first, then titles and values."""
    for row in rows:
        words: list[Span] = []
        for title, cell in zip(head, row, strict=False):
            if not plain(cell).strip():
                continue
            if words:
                words.append(Span("  "))
                words.append(Span(f"{title} " if title else "", "quiet"))
            words += cell
        yield from wrap(words, room, rest=(Span("  "),))
