"""``k8stui notes`` on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from k8stui.cli import main
from k8stui.cli.options import parse
from k8stui.core.errors import UsageError

NOWHERE = {"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"}
OWN = """\
notes:
  - id: own-host-network
    about: {kind: Pod}
    severity: special
    title: {en: On the node, ja: ノードの上}
    short: {en: "On {=spec.nodeName}", ja: "{=spec.nodeName}の上"}
    when: has(object.spec.hostNetwork) && object.spec.hostNetwork
  - id: own-nothing
    about: {kind: Pod}
    severity: special
    title: {en: Nothing, ja: なし}
    short: {en: Nothing, ja: なし}
    when: object.metadata.name == "no-such-pod"
"""


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """No kubeconfig, settings or cache of the person who runs the tests."""
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "K8STUI_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    yield


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["notes", *arguments]) == 0
    return capsys.readouterr().out


def test_options_of_notes() -> None:
    options = parse(["notes", "--chapter", "5.2", "--search=a b", "--category", "all", "--examples"], NOWHERE)
    assert (options.command, options.chapter, options.search, options.category) == (
        "notes",
        "5.2",
        "a b",
        "all",
    )
    assert options.examples and options.output == "text"
    assert parse(["notes", "check", "/x", "-o", "json"], NOWHERE).rest == ("/x",)


@pytest.mark.parametrize(
    "arguments",
    [
        ["notes", "check"],
        ["notes", "pod", "extra"],
        ["notes", "--chapter", "x"],
        ["notes", "--category", "pods"],
        ["notes", "-o", "yaml"],
        ["pods", "--search", "x"],
        ["explain", "pods", "--examples"],
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(UsageError):
        parse(arguments, NOWHERE)


def test_the_list_is_by_chapter_or_by_category(capsys: pytest.CaptureFixture[str]) -> None:
    assert "5  Workloads" in said(capsys)
    assert said(capsys, "--category", "workloads").startswith("Workloads APIs")
    five = said(capsys, "--chapter", "5.2", "--lang", "ja")
    assert "5  ワークロード" in five and "§5.2" in five and "§5.3" not in five
    assert "pod-host-network" in said(capsys, "--search", "hostNetwork 5.6")
    assert said(capsys, "--search", "no-such-thing-at-all") == "No note fits.\n"


def test_the_list_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(said(capsys, "--chapter", "5", "-o", "json", "--lang", "ja"))
    assert [section["section"] for section in found] == ["5"]
    assert {"id", "title", "when", "facts"} <= found[0]["notes"][0].keys()


def test_one_note_and_its_examples(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "pod-host-network", "--examples", "--practice")
    assert "§5.6" in text and "In this cluster:" in text and "    Pod " in text
    data = json.loads(said(capsys, "pod-host-network", "-o", "json"))
    assert data["text"] and data["commands"] and "examples" not in data
    assert main(["notes", "pod-host-netwrk"]) == 2
    assert "pod-host-network" in capsys.readouterr().err


def test_a_person_s_own_notes_are_checked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "mine.yaml").write_text(OWN, encoding="utf-8")
    out = said(capsys, "check", str(own), "--practice")
    assert f"{own / 'mine.yaml'}:2: own-host-network: " in out
    assert "own-nothing: nothing shows it" in out
    assert "No mistakes." in out
    (own / "mine.yaml").write_text(
        OWN.replace("special", "odd", 1) + "    links: [{kind: Podd}]\n", encoding="utf-8"
    )
    assert main(["notes", "check", str(own), "--practice", "-o", "json", "--lang", "ja"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [mistake["line"] for mistake in found["mistakes"]] == [4, 14]
    assert [note["id"] for note in found["notes"]] == ["own-nothing"]


def test_notes_are_checked_without_a_cluster_too(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(OWN, encoding="utf-8")
    assert main(["notes", "check", str(tmp_path), "--kubeconfig", "/nonexistent/config"]) == 0
    captured = capsys.readouterr()
    assert "Notes: 2. No mistakes." in captured.out
    assert "/nonexistent/config" in captured.err
