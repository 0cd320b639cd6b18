"""An explanation set into lines: for the pane, for two lines, and in full. No terminal needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from k8stui.core.lang import Lang, Text
from k8stui.session.handbook import CHAPTERS
from k8stui.session.model import Explanation, Link, NoteView
from k8stui.ui.prose import Line, Span, flow, inline, line_width, markdown, plain, wrap
from k8stui.ui.text import ELLIPSIS, fit, width

MARKS = {
    "wrong": ("✖", "bad"),
    "worth-knowing": ("!", "warn"),
    "special": ("◆", "accent"),
    "kind": ("", "strong"),
}
"""Sign and tone of each severity; what a kind is needs no sign."""
_INDENT = "  "

_WHY = Text("Why it stands in this category", "このカテゴリにある理由")
_NEIGHBOURS = Text("Its neighbours", "隣り合うもの")
_CHANGED = Text("Then and now", "本のころと今")
_EVIDENCE = Text("Evidence", "根拠")
_COMMANDS = Text("Commands to try", "試せるコマンド")
_DOCS = Text("Documentation", "ドキュメント")
_BOOK = Text("In the book", "本での位置")
_LINKS = Text("Go to", "移動先")
_NOTHING = Text("There is no note on this kind yet.", "この種類の解説はまだありません。")


def _section(note: NoteView) -> str:
    return f"§{note.book}" if note.book else ""


def headline(note: NoteView, cells: int) -> list[Line]:
    """Mark and title, and at the right edge of the first line the section of the book."""
    mark, tone = MARKS.get(note.severity, ("", "strong"))
    section = _section(note)
    room = cells - (width(section) + 2 if section else 0)
    first: Line = (Span(f"{mark} ", tone),) if mark else ()
    rest: Line = (Span(_INDENT),) if mark else ()
    lines = wrap([Span(note.title, "title")], room, first=first, rest=rest)
    if section:
        gap = max(2, cells - line_width(lines[0]) - width(section))
        lines[0] = (*lines[0], Span(" " * gap), Span(section, "quiet"))
    return lines


def _brief(note: NoteView, cells: int, *, first: bool) -> Iterator[Line]:
    """One note as the pane shows it: headline, short text, and what shows it.

    The first note, and what is wrong, come with a command to try; of the others the full view has them.
    """
    indent = (Span(_INDENT),)
    yield from headline(note, cells)
    yield from wrap(inline(note.short), cells, first=indent, rest=indent)
    urgent = first or note.severity == "wrong"
    for path, value in note.evidence[: 2 if urgent else 1]:
        yield (Span(_INDENT), *_evidence(path, value, cells - 2))
    for run, _ in note.commands[:1] if urgent else ():
        yield from command_lines(run, cells, _INDENT)


def _evidence(path: str, value: str, cells: int) -> Line:
    """Path and value on one line: a long path loses its beginning, since its end says what the value is."""
    room = max(cells - width(value) - 2, min(width(path), cells // 2))
    if width(path) > room:
        path = ELLIPSIS + path[len(path) - room + 1 :]
    return _cut([Span(f"{path}: ", "faint"), Span(value, "quiet")], cells)


def command_lines(run: str, cells: int, indent: str) -> list[Line]:
    """A command; a click on it copies it."""
    first = (Span(indent), Span("▸ ", "quiet"))
    return wrap([Span(run, "code", f"copy:{run}")], cells, first=first, rest=(Span(indent + "  "),))


def _cut(spans: Sequence[Span], cells: int) -> Line:
    """The spans in at most so many cells, with an ellipsis where they were longer."""
    found: list[Span] = []
    for span in spans:
        size = width(span.text)
        if size > cells:
            found.append(span._replace(text=fit(span.text, cells)))
            break
        found.append(span)
        cells -= size
    return tuple(found)


def link_lines(links: Sequence[Link], cells: int, *, first: int = 0) -> list[Line]:
    """The neighbours, each with the digit that leads there."""
    items: list[Line] = []
    for index, link in enumerate(links, first):
        act = f"link:{index}"
        title = fit(link.title, min(width(link.title), cells - 2))
        items.append((Span(str(index + 1), "key", act), Span(f" {title}", "quiet", act)))
    return flow(items, cells)


def _head(explanation: Explanation, lang: Lang, cells: int) -> Iterator[Line]:
    kind, gap, name = explanation.title.partition("  ")
    yield _cut([Span(kind, "quiet" if name else "title"), Span(gap), Span(name, "title")], cells)
    yield from _problem(explanation, lang, cells)


def _problem(explanation: Explanation, lang: Lang, cells: int) -> list[Line]:
    """What is to be known before the notes: the object has gone, or could not be read."""
    if explanation.problem is None:
        return []
    words = [Span(explanation.problem.get(lang), "quiet")]
    return wrap(words, cells, first=(Span("! ", "warn"),), rest=(Span(_INDENT),))


def pane_lines(explanation: Explanation, cells: int, lang: Lang, *, spacious: bool = True) -> list[Line]:
    """What the note pane shows.

    Args:
        explanation: What to show.
        cells: Width of the pane.
        lang: The language of its own words.
        spacious: Whether there is room for a title and empty lines; without, the first headline comes first.
    """
    lines = list(_head(explanation, lang, cells)) if spacious else _problem(explanation, lang, cells)
    links = link_lines(explanation.links, cells)
    for note in explanation.notes:
        if spacious:
            lines.append(())
        lines += _brief(note, cells, first=note is explanation.notes[0])
        if not spacious and links:
            lines += links
            links = []
    if not explanation.notes:
        lines += [(), *wrap([Span(_NOTHING.get(lang), "quiet")], cells)]
    if links:
        lines += [(), *links] if spacious else links
    return lines


def two_lines(explanation: Explanation, cells: int, lang: Lang) -> list[Line]:
    """The first headline and its reason, each cut to one line; a problem comes before both."""
    if explanation.problem is not None:
        return _problem(explanation, lang, cells)[:2]
    if not explanation.notes:
        return [(Span(fit(explanation.title, cells).rstrip(), "title"),)]
    note = explanation.notes[0]
    mark, tone = MARKS.get(note.severity, ("", "strong"))
    first = _cut([Span(f"{mark} " if mark else "", tone), Span(note.title, "title")], cells)
    return [first, (Span(_INDENT if mark else ""), *_cut(inline(note.short, "quiet"), cells - 2))]


def full_lines(explanation: Explanation, cells: int, lang: Lang) -> list[Line]:
    """Everything there is to say: each note in its long form."""
    lines = list(_head(explanation, lang, cells))
    for note in explanation.notes:
        lines += [(), *_long(note, cells, lang)]
    if not explanation.notes:
        lines += [(), *wrap([Span(_NOTHING.get(lang), "quiet")], cells)]
    if explanation.links:
        lines += [(), (Span(_LINKS.get(lang), "quiet"),), *link_lines(explanation.links, cells)]
    return lines


def _long(note: NoteView, cells: int, lang: Lang) -> Iterator[Line]:
    indent = (Span(_INDENT),)
    yield from headline(note, cells)
    yield from wrap(inline(note.short), cells, first=indent, rest=indent)
    if note.text.strip():
        yield ()
        yield from markdown(note.text, cells, indent=_INDENT)
    for title, text in ((_WHY, note.category), (_NEIGHBOURS, note.neighbours), (_CHANGED, note.changed)):
        if text.strip():
            yield ()
            yield (Span(_INDENT), Span(title.get(lang), "accent"))
            yield from markdown(text, cells, indent=_INDENT)
    if note.evidence:
        yield ()
        yield (Span(_INDENT), Span(_EVIDENCE.get(lang), "accent"))
        for path, value in note.evidence:
            spans = [Span(f"{path}: ", "quiet"), Span(value, "ink")]
            yield from wrap(spans, cells, first=indent, rest=(Span(_INDENT * 2),))
    if note.commands:
        yield ()
        yield (Span(_INDENT), Span(_COMMANDS.get(lang), "accent"))
        for run, does in note.commands:
            yield from command_lines(run, cells, _INDENT)
            if does:
                yield from wrap([Span(does, "quiet")], cells, first=(Span("    "),), rest=(Span("    "),))
    sources = [(_DOCS.get(lang), note.docs), (_BOOK.get(lang), _chapter(note, lang))]
    if any(said for _, said in sources):
        yield ()
    for named, said in sources:
        if said:
            yield from wrap([Span(f"{named}  ", "quiet"), Span(said)], cells, first=indent, rest=indent)


def _chapter(note: NoteView, lang: Lang) -> str:
    """The chapter of the notes on the book, and the section."""
    number = note.book.partition(".")[0]
    title = CHAPTERS.get(number)
    return f"{number} {title.get(lang)}  §{note.book}" if title is not None else ""


def long_lines(note: NoteView, cells: int, lang: Lang) -> list[Line]:
    """One note in its long form."""
    return list(_long(note, cells, lang))


def link_list(links: Sequence[Link], cells: int, indent: str) -> list[Line]:
    """Links one below the other, each with the digit that leads there."""
    return [
        (Span(indent), *line)
        for index, link in enumerate(links)
        for line in link_lines([link], cells - width(indent), first=index)
    ]


def words_of(lines: Sequence[Line]) -> str:
    """The lines as plain text."""
    return "\n".join(plain(line).rstrip() for line in lines)
