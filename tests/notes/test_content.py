"""The notes that come with the product: whole in both languages, and each condition holds where it should."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
import yaml

from k8stui.core.lang import Lang, Text
from k8stui.core.objects import JsonObject
from k8stui.core.text import cell_width
from k8stui.notes import Note, NoteLibrary, Severity, Subject
from k8stui.notes.model import BENEFITS, CATEGORIES, ENVIRONMENTS, FORMS, NETWORKS
from k8stui.practice.kinds import BUILTIN_KINDS

CONTENT = Path(__file__).parents[2] / "k8stui" / "notes" / "content"
LIBRARY = NoteLibrary.load()
NOTES = LIBRARY.notes()
STATES = [note for note in NOTES if note.when]
KINDS = [
    note
    for note in NOTES
    if note.severity is Severity.KIND
    and (note.about.kind or note.about.category or note.about.form or note.about.custom_resource)
]
CASES: dict[str, dict[str, JsonObject]] = {
    name: case
    for path in sorted((Path(__file__).parent / "cases").glob("*.yaml"))
    for name, case in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}
GATEWAYS, METRICS = "gateway.networking.k8s.io", "metrics.k8s.io"
ADDED_KINDS = (
    *((GATEWAYS, kind) for kind in ("Gateway", "GatewayClass", "HTTPRoute")),
    *((METRICS, kind) for kind in ("NodeMetrics", "PodMetrics")),
)
"""Kinds that most clusters serve beside the built-in ones."""
FACTS = {1: 5, 2: 2, 3: 5, 4: 9, 5: 8}
"""How many numbered facts each chapter has."""
WITHOUT_EVIDENCE = {"pod-without-owner"}
"""Notes on what is not there, so that there is no value to show."""

named = pytest.mark.parametrize("note", NOTES, ids=lambda note: note.id)
of_a_state = pytest.mark.parametrize("note", STATES, ids=lambda note: note.id)
of_a_kind = pytest.mark.parametrize("note", KINDS, ids=lambda note: note.id)


def texts(note: Note) -> list[Text]:
    parts = (note.title, note.short, note.text, note.category, note.neighbours, note.changed)
    return [part for part in parts if part is not None] + [command.does for command in note.commands]


def matched(note: Note, case: JsonObject) -> dict[str, tuple[tuple[str, str], ...]]:
    """The notes that hold for a case, with their evidence; ``beside`` in it holds its neighbours."""
    about = note.about
    if about.custom_resource:
        about = Subject(kind="Lantern", group="example.com", custom_resource=True)
    api = f"{about.group}/v1" if about.group else "v1"
    fields = {name: value for name, value in case.items() if name != "beside"}
    near = {relation: tuple(objects) for relation, objects in case.get("beside", {}).items()}
    found = LIBRARY.match(about, {"apiVersion": api, "kind": about.kind, **fields}, near)
    return {match.note.id: match.evidence for match in found}


def test_every_file_is_read_without_a_mistake() -> None:
    assert LIBRARY.check([*((kind.group, kind.kind) for kind in BUILTIN_KINDS), *ADDED_KINDS]) == ()
    assert {note.file for note in NOTES} == {
        p.relative_to(CONTENT).as_posix() for p in CONTENT.rglob("*.yaml")
    }


def test_ids_are_unique() -> None:
    written = Counter(
        re.findall(r"^  - id: (\S+)$", "".join(p.read_text() for p in CONTENT.rglob("*.yaml")), re.M)
    )
    assert [name for name, times in written.items() if times > 1] == []
    assert set(written) == {note.id for note in NOTES}


@named
def test_a_note_is_whole_in_both_languages(note: Note) -> None:
    assert note.text is not None
    assert note.commands
    for text in texts(note):
        assert text.en.isascii() or re.fullmatch(r"[\x00-\x7f…÷×–]*", text.en), text.en
        assert re.search(r"[ぁ-んァ-ヶ一-龠]", text.ja), text.ja
        assert "\uff01" not in text.ja
        assert not re.search(r"\w!|[ぁ-んァ-ヶ一-龠] [A-Za-z0-9]{2}", text.ja), text.ja
    for lang in Lang:
        assert cell_width(note.title.get(lang)) <= 48
        assert cell_width(note.short.get(lang)) <= 150


@named
def test_commands_and_facts_are_real(note: Note) -> None:
    for command in note.commands:
        assert command.run.startswith("kubectl ")
    for fact in note.facts:
        chapter, _, number = fact.removeprefix("F").partition(".")
        assert 1 <= int(number) <= FACTS[int(chapter)], fact
    chapter, _, section = note.book.partition(".")
    assert 1 <= int(section) <= FACTS[int(chapter)], note.book
    assert note.facts


@of_a_kind
def test_a_kind_says_where_it_stands_and_what_has_changed(note: Note) -> None:
    assert note.when == ""
    assert note.category is not None
    assert note.neighbours is not None
    assert note.changed is not None
    assert 2 <= len(note.commands) <= 4


def test_every_kind_every_form_and_every_category_has_its_note() -> None:
    about = {note.about for note in KINDS}
    built_in = {(kind.group, kind.kind) for kind in BUILTIN_KINDS} - {("events.k8s.io", "Event")}
    wanted = {Subject(kind=kind, group=group) for group, kind in built_in | set(ADDED_KINDS)}
    wanted |= {Subject(category=category) for category in CATEGORIES}
    wanted |= {Subject(form=form) for form in FORMS}
    wanted |= {Subject(custom_resource=True)}
    assert wanted - about == set()


def test_every_environment_network_and_benefit_has_its_note() -> None:
    about = {note.about for note in NOTES}
    wanted = {Subject(environment=name) for name in ENVIRONMENTS}
    wanted |= {Subject(network=name) for name in NETWORKS} | {Subject(benefit=name) for name in BENEFITS}
    assert wanted - about == set()


@pytest.mark.parametrize("name", ["kube-system", "kube-public", "kube-node-lease", "default"])
def test_each_namespace_that_is_there_at_the_start_has_its_note(name: str) -> None:
    found = LIBRARY.match(Subject(kind="Namespace"), {"kind": "Namespace", "metadata": {"name": name}})
    assert f"namespace-{name}" in {match.note.id for match in found}


def test_addresses_lead_to_the_documentation() -> None:
    for note in NOTES:
        pattern = r"https://kubernetes\.io/docs/[a-z0-9/-]+/(#[a-z0-9-]+)?"
        assert not note.docs or re.fullmatch(pattern, note.docs), note.docs


def test_no_two_notes_about_one_thing_have_the_same_headline() -> None:
    for lang in Lang:
        heads = Counter((note.about, note.title.get(lang)) for note in NOTES)
        assert [head for head, times in heads.items() if times > 1] == []


def test_every_state_has_a_case() -> None:
    assert {note.id for note in STATES} == set(CASES)


@of_a_state
def test_a_state_is_seen(note: Note) -> None:
    found = matched(note, CASES[note.id]["holds"])
    assert note.id in found
    assert bool(found[note.id]) == (note.id not in WITHOUT_EVIDENCE)


@of_a_state
def test_what_is_only_near_is_passed_over(note: Note) -> None:
    assert note.id not in matched(note, CASES[note.id]["near"])


@of_a_state
def test_an_empty_object_says_nothing_is_wrong(note: Note) -> None:
    if note.severity is Severity.WRONG:
        assert note.id not in matched(note, {"metadata": {"name": "a"}, "spec": {}, "status": {}})
