"""Whether the fields of one note agree with each other."""

from __future__ import annotations

from collections.abc import Iterator

from k8stui.core.lang import Text
from k8stui.notes.conditions import relations_in
from k8stui.notes.model import Note, Subject
from k8stui.notes.paths import near_relation
from k8stui.notes.placeholders import has_values, relations_named, texts_of
from k8stui.notes.relations import has_relation


def agree(note: Note) -> Iterator[tuple[str, Text]]:
    """What does not: each field with the reason."""
    if note.needs and not note.when:
        yield "needs", Text("A note that needs neighbours has a condition.", "needsにはwhenも必要です。")
    for relation in note.needs:
        if not _possible(note.about, relation):
            what = note.about.kind or "this"
            yield (
                "needs",
                Text(
                    f"There are no {relation} near {what}.",
                    f"{note.about.kind or 'この対象'}に{relation}という関係はありません。",
                ),
            )
    yield from _undeclared(note)
    if not note.when:
        for field, text in (("title", note.title), ("short", note.short), ("text", note.text)):
            if text is not None and has_values(text):
                yield (
                    field,
                    Text(
                        "Only a note with a condition speaks of values: without one there may be no object.",
                        "値の埋め込みには条件（when）が必要です。条件がないと、対象のオブジェクトがないこともあります。",
                    ),
                )


def _undeclared(note: Note) -> Iterator[tuple[str, Text]]:
    """Relations that are used without being needed."""
    used = {
        "when": relations_in(note.when),
        "evidence": {near_relation(path) for path in note.evidence} - {""},
        "commands": relations_named(command.run for command in note.commands),
        "text": relations_named(words for text in texts_of(note) for words in (text.en, text.ja)),
    }
    for field, relations in used.items():
        for relation in sorted(set(relations) - set(note.needs)):
            yield (
                field,
                Text(
                    f"near.{relation} is used, so {relation} belongs in needs.",
                    f"near.{relation}を使うには、needsに{relation}を書いてください。",
                ),
            )


def _possible(about: Subject, relation: str) -> bool:
    if about.form:
        return has_relation(relation, "", "Service")
    if about.custom_resource:
        return has_relation(relation, "example.com", "Any")
    return bool(about.kind) and has_relation(relation, about.group, about.kind)
