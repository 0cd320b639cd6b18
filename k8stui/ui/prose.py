"""Running text set into lines of terminal cells, English and Japanese.

A line of Japanese never begins with a closing mark (``、。）」ー``) and never ends with an opening one; a
Latin word is cut only when it is longer than the line. ``markdown`` understands what notes use of Markdown:
paragraphs, headings, lists, fenced code, ``code`` and **strong**.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from k8stui.ui.text import cut, width

_NO_START = frozenset(
    "、。，．・：；？！）」』】〕》〉］｝”’ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ々ゝゞヽヾ…‥〜～%％"
    "),.;:!?]}"
)
_NO_END = frozenset("（「『【〔《〈［｛“‘([{")
_BETTER_CUTS = frozenset("/-.,=:_")


class Span(NamedTuple):
    """A piece of a line in one tone."""

    text: str
    tone: str = "ink"
    act: str = ""
    """What a click on it does, as ``verb:argument``; empty for nothing."""


Line = tuple[Span, ...]


def line_width(line: Iterable[Span]) -> int:
    """The cells that a line takes."""
    return sum(width(span.text) for span in line)


def plain(line: Iterable[Span]) -> str:
    """The line's words."""
    return "".join(span.text for span in line)


def wrap(spans: Sequence[Span], cells: int, *, first: Line = (), rest: Line = ()) -> list[Line]:
    """Set one paragraph into lines of at most so many cells.

    Args:
        spans: The paragraph; runs of white space between words count as they stand, at line ends they go.
        cells: The room, indents included.
        first: Put before the first line.
        rest: Put before every other line.
    """
    text = "".join(span.text for span in spans)
    lines: list[Line] = []
    start, lead = 0, first
    while start < len(text) or not lines:
        room = max(4, cells - line_width(lead))
        end = _line_end(text, start, room)
        body = _slice(spans, start, start + len(text[start:end].rstrip()))
        lines.append((*lead, *body))
        start, lead = end, rest
        while start < len(text) and text[start] == " ":
            start += 1
    return lines


def _line_end(text: str, start: int, room: int) -> int:
    """Where the line that begins at ``start`` ends."""
    used, best, at = 0, start, start
    while at < len(text):
        used += width(text[at])
        if used > room and text[at] != " ":
            break
        at += 1
        if at < len(text) and _breakable(text[at - 1], text[at]):
            best = at
    if at == len(text):
        return at
    if best > start:
        return best
    fitting = start + max(1, len(cut(text[start:], room)))
    for stop in range(fitting, start + (fitting - start) // 2, -1):
        if text[stop - 1] in _BETTER_CUTS:
            return stop
    return fitting


def _breakable(before: str, after: str) -> bool:
    if after == " " or after in _NO_START or before in _NO_END or width(after) == 0:
        return False
    return before == " " or width(before) > 1 or width(after) > 1


def _slice(spans: Sequence[Span], start: int, end: int) -> Line:
    found: list[Span] = []
    at = 0
    for span in spans:
        begin, stop = max(start - at, 0), min(end - at, len(span.text))
        if begin < stop:
            found.append(span._replace(text=span.text[begin:stop]))
        at += len(span.text)
    return tuple(found)


def flow(items: Sequence[Line], cells: int, *, gap: int = 3) -> list[Line]:
    """Set whole items side by side, as many a line as fit; none is cut in two lines."""
    lines: list[Line] = []
    line: Line = ()
    for item in items:
        if line and line_width(line) + gap + line_width(item) > cells:
            lines.append(line)
            line = ()
        line = (*line, Span(" " * gap), *item) if line else item
    return [*lines, line] if line else lines


_INLINE = re.compile(r"`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(([^)\s]+)\)")
_ITEM = re.compile(r"(\s*)(?:[-*+]|(\d+)[.)])\s+(.*)")
_HEADING = re.compile(r"#{1,6}\s+(.*)")


def inline(text: str, tone: str = "ink") -> list[Span]:
    """One paragraph of Markdown as spans."""
    spans: list[Span] = []
    at = 0
    for found in _INLINE.finditer(text):
        if found.start() > at:
            spans.append(Span(text[at : found.start()], tone))
        code, strong, stressed, label, target = found.groups()
        if code:
            spans.append(Span(code, "code"))
        elif strong:
            spans.append(Span(strong, "title"))
        elif stressed:
            spans.append(Span(stressed, "strong"))
        else:
            spans += [Span(label, tone), Span(f" ({target})", "quiet")]
        at = found.end()
    if at < len(text):
        spans.append(Span(text[at:], tone))
    return spans


def markdown(text: str, cells: int, *, indent: str = "", tone: str = "ink") -> list[Line]:
    """A text of several Markdown blocks as lines, an empty one between blocks."""
    lead: Line = (Span(indent),) if indent else ()
    lines: list[Line] = []
    previous = ""
    for kind, body, mark in _blocks(text):
        if lines and not kind == previous == "item":
            lines.append(())
        previous = kind
        if kind == "code":
            lines += [(*lead, Span("  " + code, "code")) for code in body.split("\n")]
        elif kind == "heading":
            lines += wrap(inline(body, "title"), cells, first=lead, rest=lead)
        elif kind == "item":
            hang = (*lead, Span(" " * width(mark)))
            lines += wrap(inline(body, tone), cells, first=(*lead, Span(mark, "quiet")), rest=hang)
        else:
            lines += wrap(inline(body, tone), cells, first=lead, rest=lead)
    return lines


def _blocks(text: str) -> list[tuple[str, str, str]]:
    """Kind of block, its text, and for a list item its mark."""
    blocks: list[tuple[str, str, str]] = []
    fence: list[str] | None = None
    joins = False
    for raw in text.strip("\n").split("\n"):
        if raw.strip().startswith("```"):
            if fence is not None:
                blocks.append(("code", "\n".join(fence), ""))
            fence, joins = ([] if fence is None else None), False
        elif fence is not None:
            fence.append(raw.rstrip())
        elif not raw.strip():
            joins = False
        elif heading := _HEADING.match(raw):
            blocks.append(("heading", heading[1], ""))
            joins = False
        elif item := _ITEM.match(raw):
            blocks.append(("item", item[3], f"{item[1]}{item[2] + '.' if item[2] else '•'} "))
            joins = True
        elif joins:
            kind, body, mark = blocks[-1]
            blocks[-1] = (kind, _joined(body, raw.strip()), mark)
        else:
            blocks.append(("text", raw.strip(), ""))
            joins = True
    if fence:
        blocks.append(("code", "\n".join(fence), ""))
    return blocks


def _joined(before: str, after: str) -> str:
    """Two lines of one paragraph: between Japanese characters no space is put."""
    return before + ("" if width(before[-1:]) > 1 or width(after[:1]) > 1 else " ") + after
