"""What an author should mend in a note that can be used all the same."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from k8stui.core.lang import Text
from k8stui.core.nearest import did_you_mean
from k8stui.core.text import cell_width
from k8stui.notes.conditions import BadCondition, Condition
from k8stui.notes.model import Note, NoteError

WIDEST_TITLE = 48
"""Cells of a title: 24 full-width characters."""
WIDEST_SHORT = 150
"""Cells of the short text: three lines in the pane."""


def lint(note: Note, known: Collection[tuple[str, str]], ids: Collection[str]) -> Iterator[NoteError]:
    """The mistakes of a note that has been read.

    Args:
        note: The note.
        known: API group and Kind name of every kind that there is.
        ids: The id of every note that there is.
    """
    named = [("links", link.group, link.kind) for link in note.links]
    named += [("shows", example.group, example.kind) for example in note.shows]
    if note.about.kind:
        named.append(("about", note.about.group, note.about.kind))
    for field, group, kind in named:
        if (group, kind) not in known:
            yield note.mistake(field, _unknown_kind(group, kind, known))
    for field, text, widest in (("title", note.title, WIDEST_TITLE), ("short", note.short, WIDEST_SHORT)):
        for lang, words in (("en", text.en), ("ja", text.ja)):
            width = cell_width(words)
            if width > widest:
                yield note.mistake(
                    field,
                    Text(
                        f"{field} ({lang}) takes {width} cells of at most {widest}.",
                        f"{field}（{lang}）の幅が{width}桁あります。{widest}桁に収めてください。",
                    ),
                )
    for other in note.unless:
        if other not in ids:
            yield note.mistake("unless", _unknown_note(other, ids))
    for field, when in (("when", note.when), *(("shows", example.when) for example in note.shows)):
        try:
            if when:
                Condition(when).compile()
        except BadCondition as bad:
            yield note.mistake(field, bad.message)


def _unknown_note(name: str, ids: Collection[str]) -> Text:
    question = did_you_mean(name, sorted(ids)) or Text.same("")
    return Text(
        f"There is no note {name}. {question.en}".rstrip(), f"{name}というノートはありません。{question.ja}"
    )


def _unknown_kind(group: str, kind: str, known: Collection[tuple[str, str]]) -> Text:
    groups = [known_group or "core" for known_group, known_kind in known if known_kind == kind]
    if groups:
        return Text(
            f"{kind} is not in the group {group or 'core'} but in {groups[0]}.",
            f"{kind}のグループは{group or 'core'}ではなく{groups[0]}です。",
        )
    question = did_you_mean(kind, sorted({known_kind for _, known_kind in known})) or Text.same("")
    return Text(
        f"There is no kind {kind}. {question.en}".rstrip(), f"{kind}というKindはありません。{question.ja}"
    )
