"""Notes kept on disk as they were read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from k8stui.notes import NoteLibrary, Subject
from k8stui.notes.shelf import Shelf

from .writing import note, shelf

WEB = note("web", more='    when: "true"\n    evidence: [spec.a]\n')


def ids(content: Path, cache: Path) -> list[str]:
    return sorted(found.id for found in NoteLibrary(content, cache=cache).notes())


def test_the_product_s_notes_come_back_as_they_were(tmp_path: Path) -> None:
    read = NoteLibrary.load(cache=tmp_path).notes()
    again = NoteLibrary.load(cache=tmp_path).notes()
    assert again == read
    assert [(n.file, n.line, n.lines) for n in again] == [(n.file, n.line, n.lines) for n in read]


def test_kept_notes_are_taken_for_one_kind_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = tmp_path / "content"
    shelf(tmp_path, pod=WEB)
    assert ids(content, tmp_path) == ["web"]
    monkeypatch.setattr("k8stui.notes.shelf.parse_file", None)
    library = NoteLibrary(content, cache=tmp_path)
    assert [match.note.id for match in library.match(Subject(kind="Pod"), {"spec": {"a": 1}})] == ["web"]


def test_a_file_that_changed_is_read_again(tmp_path: Path) -> None:
    content = tmp_path / "content"
    shelf(tmp_path, pod=WEB)
    assert ids(content, tmp_path) == ["web"]
    shelf(tmp_path, pod=note("other"))
    assert ids(content, tmp_path) == ["other"]
    file = content / "workloads" / "pod.yaml"
    text = file.read_text(encoding="utf-8").replace("other", "again")
    file.write_text(text, encoding="utf-8")
    os.utime(file, ns=(1, 1))
    assert ids(content, tmp_path) == ["again"]
    shelf(tmp_path, service=note("service", "{kind: Service}"))
    assert ids(content, tmp_path) == ["again", "service"]


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x82\xa3key\x01\xa5notes\x90"])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, data: bytes) -> None:
    shelf(tmp_path, pod=WEB)
    (tmp_path / "notes.msgpack").write_bytes(data)
    assert ids(tmp_path / "content", tmp_path) == ["web"]


def test_where_nothing_can_be_kept_notes_are_read_all_the_same(tmp_path: Path) -> None:
    shelf(tmp_path, pod=WEB)
    (tmp_path / "file").write_text("")
    assert ids(tmp_path / "content", tmp_path / "file") == ["web"]


def test_notes_with_mistakes_are_not_kept(tmp_path: Path) -> None:
    shelf(tmp_path, pod=WEB + note("bad", severity="worse"))
    kept = Shelf(tmp_path / "content", tmp_path)
    kept.read_all()
    assert kept.mistakes
    assert not (tmp_path / "notes.msgpack").exists()
