"""The handbook's layouts, its search, and what has been read."""

from __future__ import annotations

from pathlib import Path

import pytest

from k8stui import catalog
from k8stui.core.lang import Text
from k8stui.notes import Note, NoteLibrary, Severity, Subject
from k8stui.session.handbook import CHAPTERS, Order, category_of, fits, sections, subject_of
from k8stui.session.marks import ReadMarks

NOTES = NoteLibrary.load().notes()


def made(id: str, about: Subject, severity: Severity = Severity.KIND, book: str = "") -> Note:
    return Note(id, about, severity, Text(f"Title {id}", f"題{id}"), Text("Short", "短い"), book=book)


POD = Subject(kind="Pod")


def test_every_note_stands_once_in_each_layout() -> None:
    for order in (Order.CHAPTERS, Order.CATEGORIES):
        found = [note.id for section in sections(NOTES, order) for note in section.notes]
        assert sorted(found) == sorted(note.id for note in NOTES)


def test_chapters_are_in_order_and_their_sections_too() -> None:
    found = sections(NOTES, Order.CHAPTERS)
    ids = [section.id for section in found]
    assert ids == [name for name in (*CHAPTERS, "beyond") if name in ids]
    five = next(section for section in found if section.id == "5")
    numbers = [int(note.book.partition(".")[2] or 0) for note in five.notes]
    assert numbers == sorted(numbers)


def test_in_a_category_a_kind_comes_before_its_states() -> None:
    states = (made("bad", POD, Severity.WRONG), made("odd", POD, Severity.SPECIAL), made("pod", POD))
    (section,) = sections([*states, made("job", Subject(kind="Job", group="batch"))], Order.CATEGORIES)
    assert [note.id for note in section.notes] == ["pod", "odd", "bad", "job"]
    assert section.id == "workloads"


@pytest.mark.parametrize(
    ("about", "category"),
    [
        (POD, "workloads"),
        (Subject(kind="Gateway", group="gateway.networking.k8s.io"), "service"),
        (Subject(form="NodePort"), "service"),
        (Subject(custom_resource=True), "metadata"),
        (Subject(environment="kind"), "cluster"),
        (Subject(category="cluster"), "cluster"),
        (Subject(handbook="images"), ""),
    ],
)
def test_what_stands_in_which_category(about: Subject, category: str) -> None:
    assert category_of(made("a", about)) == category
    assert category in ("", *(found.slug for found in catalog.Category))
    said = subject_of(about)
    assert said.en and said.ja


def test_pages_without_an_object_and_benefits_have_a_place() -> None:
    page, benefit = made("page", Subject(handbook="images"), book="1.2"), made("b", Subject(benefit="logs"))
    chapters = sections([page, benefit], Order.CHAPTERS)
    assert [(s.id, [n.id for n in s.notes]) for s in chapters] == [("1", ["page"]), ("beyond", ["b"])]
    (beyond,) = sections([page], Order.CATEGORIES)
    assert beyond.id == "beyond"
    first = made("a", Subject(benefit="many-nodes"))
    (why,) = sections([benefit, page, first], Order.BENEFITS)
    assert [note.id for note in why.notes] == ["a", "b"]
    assert sections([page], Order.BENEFITS) == ()


@pytest.mark.parametrize(
    "query", ["host network", "HOSTNETWORK", "ＨｏｓｔＮｅｔｗｏｒｋ", "F5.6", "ホスト pod-host", ""]
)
def test_a_search_finds_words_of_both_languages(query: str) -> None:
    note = made("pod-host-network", POD)
    note = Note(
        note.id, note.about, note.severity, Text("Host network", "ホストのネットワーク"),
        Text("`hostNetwork` is true", "hostNetworkがtrueです"), facts=("F5.6",),
    )  # fmt: skip
    assert fits(note, query)
    assert not fits(note, f"{query} nowhere")


def test_what_was_read_is_remembered(tmp_path: Path) -> None:
    marks, other = ReadMarks(tmp_path / "state"), ReadMarks(tmp_path / "state")
    assert marks.read == other.read == frozenset()
    assert marks.add("pod", "job")
    assert not marks.add("pod")
    assert other.add("service")
    assert ReadMarks(tmp_path / "state").read == {"pod", "job", "service"}


@pytest.mark.parametrize("text", ["", "[]", '{"read": 3}', '{"read": [3, "pod"]}', "\x00"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "read-notes.json").write_text(text)
    marks = ReadMarks(tmp_path)
    assert marks.read <= {"pod"}
    marks.add("job")
    assert "job" in ReadMarks(tmp_path).read


def test_where_nothing_can_be_written_it_is_remembered_for_now(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    marks = ReadMarks(tmp_path / "file")
    assert marks.add("pod")
    assert marks.read == {"pod"}
