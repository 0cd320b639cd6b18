"""Every field that a note names is in the schemas that the practice cluster serves."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from k8stui.core.objects import JsonObject
from k8stui.notes import Note, NoteLibrary
from k8stui.notes.paths import parse_path

from .schema_paths import Follower

NOTES = NoteLibrary.load().notes()
FOLLOWER = Follower()
_PLACEHOLDER = re.compile(r"\{=([^}]+)\}")


def root(note: Note) -> JsonObject | None:
    """The schema of what a note is about; None for custom resources."""
    if note.about.form:
        return FOLLOWER.kind("", "Service")
    known = note.about.kind and FOLLOWER.knows(note.about.group, note.about.kind)
    return FOLLOWER.kind(note.about.group, note.about.kind) if known else None


def paths(note: Note) -> Iterator[str]:
    """The paths in evidence, texts and commands."""
    yield from note.evidence
    texts = [text for text in (note.title, note.short, note.text, note.changed) if text is not None]
    for words in [text.en + text.ja for text in texts] + [command.run for command in note.commands]:
        yield from _PLACEHOLDER.findall(words)


def missing(note: Note) -> list[str]:
    """The paths of a note that lead nowhere."""
    FOLLOWER.missing.clear()
    FOLLOWER.condition(note.when, root(note))
    for path in paths(note):
        FOLLOWER.steps(parse_path(path), root(note))
    for example in note.shows:
        FOLLOWER.condition(example.when, FOLLOWER.kind(example.group, example.kind))
    return list(FOLLOWER.missing)


@pytest.mark.parametrize(
    "note", [n for n in NOTES if n.when or n.evidence or n.shows], ids=lambda note: note.id
)
def test_every_path_is_in_the_schemas(note: Note) -> None:
    assert missing(note) == []


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("has(object.spec.hostNetwork)", []),
        ("has(object.spec.hostNetwrk)", ["object.spec.hostNetwrk"]),
        ('object.spec.containers.exists(c, c.image == "a" && c.imagee == "b")', ["c.imagee"]),
        ("object.spec.containers[0].ports.all(p, p.containerPort > 1 && p.port > 1)", ["p.port"]),
        ('object.metadata.labels.exists(k, k.startsWith("a"))', []),
        ('object.metadata.annotations["a.b/c"] == ""', []),
        ("near.services.exists(s, s.spec.selecter.size() > 0)", ["s.spec.selecter"]),
        ("near.services.filter(s, has(s.spec)).exists(s, has(s.specs))", ["s.specs"]),
    ],
)
def test_a_path_that_leads_nowhere_is_found(condition: str, expected: list[str]) -> None:
    FOLLOWER.missing.clear()
    FOLLOWER.condition(condition, FOLLOWER.kind("", "Pod"))
    assert FOLLOWER.missing == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("status.conditions[type=Ready].message", []),
        ("status.containerStatuses[state.waiting.reason=Error].name", []),
        ("status.containerStatuses[state.waits=Error].name", [".status.containerStatuses[state.waits]"]),
        ("near.node[*].spec.podCIDRS", ["near.node.spec.podCIDRS"]),
        ("spec.containers[*].img", [".spec.containers.img"]),
    ],
)
def test_evidence_that_leads_nowhere_is_found(path: str, expected: list[str]) -> None:
    FOLLOWER.missing.clear()
    FOLLOWER.steps(parse_path(path), FOLLOWER.kind("", "Pod"))
    assert FOLLOWER.missing == expected
