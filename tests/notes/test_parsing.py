"""Files of notes, and the mistakes in them."""

from pathlib import Path

import pytest

from k8stui.core.lang import Text
from k8stui.notes import Command, Link, Note, NoteError, Severity, Subject
from k8stui.notes.parsing import parse_file
from tests.notes.writing import BOTH, note


def parse(tmp_path: Path, text: str) -> tuple[list[Note], list[NoteError]]:
    file = tmp_path / "pod.yaml"
    file.write_text(text, encoding="utf-8")
    return parse_file(file, "workloads/pod.yaml")


def parsed(tmp_path: Path, text: str) -> list[Note]:
    notes, mistakes = parse(tmp_path, text)
    assert [mistake.message.en for mistake in mistakes] == []
    return notes


FULL = """\
# A remark
notes:
  - id: pod-host-network
    about: {kind: Pod}
    severity: worth-knowing
    when: >-
      has(object.spec.hostNetwork)
      && object.spec.hostNetwork
    title: {en: "It uses the node's network", ja: "Nodeのネットワークを使います"}
    short:
      en: Two such Pods on one node cannot share a port.
      ja: 同じNodeではポート番号が重なります。
    text:
      en: |
        The Pod has *no* address of its own.

        Its ports are the node's.
      ja: |
        PodにIPアドレスはありません。
    category: {en: Why, ja: なぜ}
    neighbours: {en: Near, ja: 隣}
    changed: {en: Then, ja: 昔}
    commands:
      - run: "kubectl get pod {name} -n {namespace} -o wide"
        does: {en: Shows the address, ja: アドレスを表示します}
    evidence: [spec.hostNetwork, "status.conditions[type=Ready].status"]
    links: [{kind: Node}, {kind: ReplicaSet, group: apps}]
    book: 5.2
    facts: [F5.6, F2]
    docs: https://kubernetes.io/docs/concepts/workloads/pods/
"""


def test_every_field_is_read(tmp_path: Path) -> None:
    [found] = parsed(tmp_path, FULL)
    assert found == Note(
        id="pod-host-network",
        about=Subject(kind="Pod"),
        severity=Severity.WORTH_KNOWING,
        when="has(object.spec.hostNetwork) && object.spec.hostNetwork",
        title=Text("It uses the node's network", "Nodeのネットワークを使います"),
        short=Text("Two such Pods on one node cannot share a port.", "同じNodeではポート番号が重なります。"),
        text=Text(
            "The Pod has *no* address of its own.\n\nIts ports are the node's.",
            "PodにIPアドレスはありません。",
        ),
        category=Text("Why", "なぜ"),
        neighbours=Text("Near", "隣"),
        changed=Text("Then", "昔"),
        commands=(
            Command(
                "kubectl get pod {name} -n {namespace} -o wide",
                Text("Shows the address", "アドレスを表示します"),
            ),
        ),
        evidence=("spec.hostNetwork", "status.conditions[type=Ready].status"),
        links=(Link("Node"), Link("ReplicaSet", "apps")),
        book="5.2",
        facts=("F5.6", "F2"),
        docs="https://kubernetes.io/docs/concepts/workloads/pods/",
    )
    assert (found.file, found.line) == ("workloads/pod.yaml", 3)
    assert (found.lines["when"], found.lines["docs"]) == (6, 30)


@pytest.mark.parametrize(
    ("about", "subject"),
    [
        ("{kind: Deployment, group: apps}", Subject(kind="Deployment", group="apps")),
        ('{kind: Pod, group: ""}', Subject(kind="Pod")),
        ("{category: config-storage}", Subject(category="config-storage")),
        ("{form: None-Selector}", Subject(form="None-Selector")),
        ("{custom-resource: true}", Subject(custom_resource=True)),
    ],
)
def test_what_a_note_can_be_about(tmp_path: Path, about: str, subject: Subject) -> None:
    [found] = parsed(tmp_path, "notes:\n" + note(about=about))
    assert found.about == subject


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "notes: []\n"])
def test_a_file_without_notes_is_fine(tmp_path: Path, text: str) -> None:
    assert parsed(tmp_path, text) == []


def with_line(line: str) -> str:
    return "notes:\n" + note(more=f"    {line}\n")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (with_line("titel: a"), 7, "There is no field titel. Did you mean title?"),
        (with_line("qqq: a"), 7, "Known are id, about"),
        (with_line("text: {en: Words}"), 7, "The Japanese is missing."),
        (with_line("text: {ja: 言葉}"), 7, "The English is missing."),
        (with_line("text: {en: Words, ja: }"), 7, "Words are expected"),
        (with_line("text: Words"), 7, "both languages"),
        (with_line("text: {en: a, ja: b, de: c}"), 7, "no field de"),
        (with_line("when:"), 7, "Words are expected"),
        (with_line("when: [a]"), 7, "Words are expected"),
        (with_line("commands: {run: a}"), 7, "A list is expected"),
        (with_line("commands: [kubectl]"), 7, "Names with values"),
        (with_line("commands: [{run: kubectl}]"), 7, "run and does"),
        (with_line(f"commands: [{{run: 'kubectl {{pod}}', does: {BOTH}}}]"), 7, "no placeholder {pod}"),
        (with_line("evidence: ['spec[']"), 7, 'from "[" on'),
        (with_line("links: [{group: apps}]"), 7, "A link has a kind"),
        (with_line("links: [{kind: pods}]"), 7, "a kind such as Deployment"),
        (with_line("book: five"), 7, "a section such as 5.2"),
        (with_line("facts: [5.2]"), 7, "a number such as F5.2"),
        (with_line("docs: http://example.com"), 7, "an https:// address"),
        (with_line("docs: https://example.com/a b"), 7, "an https:// address"),
        (with_line("id: again"), 7, "second time"),
        ("notes:\n" + note(id="Two Words"), 2, "small letters"),
        ("notes:\n" + note(severity="bad"), 4, "wrong, worth-knowing, special, kind"),
        ("notes:\n" + note(about="Pod"), 3, "Names with values"),
        ("notes:\n" + note(about="{}"), 3, "A note is about"),
        ("notes:\n" + note(about="{group: apps}"), 3, "A note is about"),
        ("notes:\n" + note(about="{kind: Pod, form: NodePort}"), 3, "A note is about"),
        ("notes:\n" + note(about="{form: NodePort, group: apps}"), 3, "A note is about"),
        ("notes:\n" + note(about="{category: Workloads}"), 3, "one of workloads, service"),
        ("notes:\n" + note(about="{form: Nodeport}"), 3, "one of ClusterIP"),
        ("notes:\n" + note(about="{custom-resource: false}"), 3, "only be true"),
        ("notes:\n" + note(about="{kinds: Pod}"), 3, "Did you mean kind?"),
        ("notes:\n  - id: a\n    about: {kind: Pod}\n", 2, "The note has no severity."),
        ("notes:\n  - words\n", 2, "Names with values"),
        ("note: []\n", 1, "Did you mean notes?"),
        ("- id: a\n", 1, "`notes:`"),
        ("notes: words\n", 1, "`notes:`"),
        ("{}\n", 1, "`notes:`"),
        ("notes:\n  - a: [\n", 3, "not YAML"),
        ("notes: &all []\nmore: *all\n", 1, "Anchors"),
    ],
)
def test_a_mistake_says_file_line_and_what(tmp_path: Path, text: str, line: int, words: str) -> None:
    notes, [mistake, *_] = parse(tmp_path, text)
    assert notes == []
    assert mistake.message.en.startswith(f"workloads/pod.yaml:{line}: ")
    assert mistake.message.ja.startswith(f"workloads/pod.yaml:{line}: ")
    assert (mistake.file, mistake.line) == ("workloads/pod.yaml", line)
    assert words in mistake.message.en
    assert mistake.message.ja != mistake.message.en


def test_a_mistake_leaves_the_other_notes_standing(tmp_path: Path) -> None:
    notes, mistakes = parse(tmp_path, "notes:\n" + note("good") + note("bad", severity="bad") + note("fine"))
    assert [found.id for found in notes] == ["good", "fine"]
    assert [mistake.line for mistake in mistakes] == [9]


def test_a_file_that_cannot_be_read_is_a_mistake(tmp_path: Path) -> None:
    _, [mistake] = parse_file(tmp_path / "absent.yaml", "absent.yaml")
    assert "cannot be read" in mistake.message.en
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    _, [mistake] = parse_file(tmp_path / "bytes.yaml", "bytes.yaml")
    assert "cannot be read" in mistake.message.en


def test_nothing_in_a_note_can_steer_a_terminal(tmp_path: Path) -> None:
    [found] = parsed(tmp_path, "notes:\n" + note(more='    text: {en: "a\\e[31mb", ja: "a\\u202Eb"}\n'))
    assert found.text is not None
    assert "\x1b" not in found.text.en
    assert "\u202e" not in found.text.ja


def test_every_field_that_is_wrong_is_told(tmp_path: Path) -> None:
    text = """\
notes:
  - id: One
    about: {kind: pod}
    severity: bad
    titel: {en: A, ja: あ}
    short: {en: A}
    book: five
"""
    notes, mistakes = parse(tmp_path, text)
    assert notes == []
    assert sorted(mistake.line for mistake in mistakes) == [2, 2, 3, 4, 5, 6, 7]
    assert all(mistake.message.ja for mistake in mistakes)
