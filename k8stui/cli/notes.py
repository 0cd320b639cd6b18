"""``k8stui notes``: the handbook on stdout, and a check of a person's own notes."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from k8stui import catalog
from k8stui.cli import words
from k8stui.cli.headless import MARKS
from k8stui.cli.options import Options
from k8stui.cli.output import complain, put
from k8stui.cli.practice import PracticeCluster, wanted_for_sure
from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Lang, Text
from k8stui.core.nearest import did_you_mean
from k8stui.core.text import cell_width, clean, pad
from k8stui.session.handbook import CHAPTERS, Order, Section, chapter_of, sections, subject_of, title_of
from k8stui.session.model import Link
from k8stui.session.session import Session

if TYPE_CHECKING:
    from k8stui.notes import Note, NoteError

ALL = "all"
"""As a category: every one."""
MOST_NAMED = 20
"""Objects that a check looks for; more are counted no further."""

_NOTHING = Text("No note fits.", "当てはまるノートはありません。")
_HERE = Text("In this cluster", "このクラスターでは")
_NOT_HERE = Text("nothing shows it", "該当するオブジェクトはありません")
_SOUND = Text("Notes: {count}. No mistakes.", "ノート{count}件、誤りはありません。")
_WRONG = Text("Notes: {count}. Mistakes: {mistakes}.", "ノート{count}件、誤り{mistakes}件。")
_AT_LEAST = Text("{count} or more", "{count}件以上")
_MATCHES = Text("{count} objects", "{count}件")
_ONE = Text("1 object", "1件")


def run(options: Options) -> int:
    """Print what is asked for; the exit status.

    Raises:
        ExplorerError: it cannot be told.
    """
    session = Session(options.settings, PracticeCluster(), lang=options.settings.lang, environ=os.environ)
    lines, status = asyncio.run(_answer(session, options))
    put("".join(f"{line}\n" for line in lines))
    return status


async def _answer(session: Session, options: Options) -> tuple[list[str], int]:
    try:
        if options.kind == "check":
            return await _check(session, options)
        if options.kind:
            return await _one(session, options), 0
        return _listed(session, options), 0
    finally:
        await session.close()


# The list


def _listed(session: Session, options: Options) -> list[str]:
    lang = options.settings.lang
    order = Order.CATEGORIES if options.category else Order.CHAPTERS
    found = sections(session.explainer.library.notes(), order, options.search)
    if options.category and options.category != ALL:
        found = tuple(section for section in found if section.id == options.category)
    if options.chapter:
        found = tuple(_within(section, options.chapter) for section in found)
    found = tuple(section for section in found if section.notes)
    if options.output == "json":
        return [_json([_section_data(section, lang) for section in found])]
    if not found:
        return [_NOTHING.get(lang)]
    return list(_section_lines(found, lang))


def _within(section: Section, chapter: str) -> Section:
    """The notes of a section that are of a chapter, or of a part of one (``5.2``)."""
    kept = tuple(note for note in section.notes if chapter in (chapter_of(note), note.book))
    return Section(section.id, section.title, kept)


def _section_lines(found: Sequence[Section], lang: Lang) -> Iterator[str]:
    widest = max(cell_width(note.id) for section in found for note in section.notes)
    for position, section in enumerate(found):
        if position:
            yield ""
        number = f"{section.id}  " if section.id in CHAPTERS else ""
        yield f"{number}{section.title.get(lang)}"
        for note in section.notes:
            book = f"§{note.book}" if note.book else ""
            mark = MARKS[note.severity.value]
            yield f"  {pad(book, 5)}  {mark} {pad(note.id, widest)}  {title_of(note, lang)}"


def _section_data(section: Section, lang: Lang) -> dict[str, Any]:
    return {
        "section": section.id,
        "title": section.title.get(lang),
        "notes": [_note_data(note, lang) for note in section.notes],
    }


def _note_data(note: Note, lang: Lang) -> dict[str, Any]:
    return {
        "id": note.id,
        "about": subject_of(note.about).get(lang),
        "severity": note.severity.value,
        "title": title_of(note, lang),
        "short": note.short.get(lang),
        "when": note.when,
        "needs": list(note.needs),
        "book": note.book,
        "facts": list(note.facts),
        "docs": note.docs,
        "file": note.file,
    }


# One note


async def _one(session: Session, options: Options) -> list[str]:
    lang = options.settings.lang
    notes = {note.id: note for note in session.explainer.library.notes()}
    note = notes.get(options.kind)
    if note is None:
        raise words.no_note(options.kind, did_you_mean(options.kind, sorted(notes)))
    shown = await _shown(session, options, note) if options.examples else None
    if options.output == "json":
        data = _note_data(note, lang) | {
            name: text.get(lang) if text is not None else ""
            for name, text in (("text", note.text), ("category", note.category),
                               ("neighbours", note.neighbours), ("changed", note.changed))
        }  # fmt: skip
        data["commands"] = [{"run": c.run, "does": c.does.get(lang)} for c in note.commands]
        if shown is not None:
            data["examples"] = [_link_data(link) for link in shown]
        return [_json(data)]
    return list(_note_lines(note, shown, lang))


def _note_lines(note: Note, shown: Sequence[Link] | None, lang: Lang) -> Iterator[str]:
    book = f"  §{note.book}" if note.book else ""
    yield f"{MARKS[note.severity.value]} {note.title.get(lang)}{book}".lstrip()
    for text in (note.short, note.text, note.category, note.neighbours, note.changed):
        if text is not None:
            yield ""
            yield from (f"  {line}".rstrip() for line in text.get(lang).strip().splitlines())
    if note.commands:
        yield ""
    for command in note.commands:
        yield f"  $ {command.run}"
        yield f"    {command.does.get(lang)}"
    if note.docs:
        yield f"  {note.docs}"
    if shown is not None:
        yield ""
        yield f"  {_HERE.get(lang)}:"
        yield from (f"    {link.title}" for link in shown)
        if not shown:
            yield f"    {_NOT_HERE.get(lang)}"


def _link_data(link: Link) -> dict[str, str]:
    return {"kind": link.kind.name, "namespace": link.namespace, "name": link.name}


async def _shown(session: Session, options: Options, note: Note) -> list[Link]:
    await _open(session, options)
    return await session.learning.examples(note)


async def _open(session: Session, options: Options) -> None:
    """Open the cluster that is meant; one that is not meant must not give its answers."""
    await session.start(practice=options.practice, instead=wanted_for_sure(options, os.environ))
    await session.discover()


# A person's own notes


async def _check(session: Session, options: Options) -> tuple[list[str], int]:
    from k8stui.notes import NoteLibrary

    lang, directory = options.settings.lang, Path(options.rest[0])
    here = True
    try:
        await _open(session, options)
    except ExplorerError as error:
        here = False
        complain(error.sentence(lang))
    library = NoteLibrary.load([directory])
    session.explainer.use(library)
    own = [note for note in library.notes() if Path(note.file).is_relative_to(directory)]
    known = {(kind.group, kind.kind) for kind in session.kinds} | set(catalog.PLACES)
    known |= {(note.about.group, note.about.kind) for note in library.notes() if note not in own}
    mistakes = [error for error in library.check(known) if Path(error.file).is_relative_to(directory)]
    matches = {note.id: await session.learning.examples(note, MOST_NAMED) for note in own} if here else {}
    if options.output == "json":
        lines = [_json(_check_data(own, mistakes, matches, lang))]
    else:
        lines = list(_check_lines(own, mistakes, matches, lang))
    return lines, int(bool(mistakes))


def _check_data(
    own: Sequence[Note], mistakes: Sequence[NoteError], matches: dict[str, list[Link]], lang: Lang
) -> dict[str, Any]:
    return {
        "mistakes": [
            {"file": error.file, "line": error.line, "message": error.sentence(lang)} for error in mistakes
        ],
        "notes": [
            {"id": note.id, "file": note.file, "line": note.line}
            | ({"matches": [_link_data(link) for link in matches[note.id]]} if note.id in matches else {})
            for note in own
        ],
    }


def _check_lines(
    own: Sequence[Note], mistakes: Sequence[NoteError], matches: dict[str, list[Link]], lang: Lang
) -> Iterator[str]:
    for error in mistakes:
        yield clean(error.message.get(lang))
    for note in own:
        if note.id in matches:
            yield f"{note.file}:{note.line}: {note.id}: {_told(matches[note.id], lang)}"
    end = _WRONG if mistakes else _SOUND
    yield end.format(count=len(own), mistakes=len(mistakes)).get(lang)


def _told(found: Sequence[Link], lang: Lang) -> str:
    if not found:
        return _NOT_HERE.get(lang)
    many = _AT_LEAST if len(found) >= MOST_NAMED else _ONE if len(found) == 1 else _MATCHES
    names = ", ".join(link.title for link in found[:3])
    more = ", …" if len(found) > 3 else ""
    return f"{many.format(count=len(found)).get(lang)} ({names}{more})"


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)
