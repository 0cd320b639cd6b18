from __future__ import annotations

from dataclasses import replace

import pytest

from k8stui.catalog import BUILTIN
from k8stui.core.lang import Lang, Text
from k8stui.core.refs import ObjectRef
from k8stui.session.model import Explanation, Link, NoteView, Subject
from k8stui.ui.prose import line_width, plain
from k8stui.ui.widgets.note_lines import full_lines, link_lines, pane_lines, two_lines, words_of

REF = ObjectRef(BUILTIN["pods"], "shop", "api-6b8f9c7d4-2xk4p")
WRONG = NoteView(
    "crash",
    "wrong",
    "The container api keeps stopping",
    "It ended 14 times, last with exit code 1.",
    text="Read the **log**.\n\n- one\n- two",
    changed="The book says the same.",
    evidence=(("status.containerStatuses[0].restartCount", "14"),),
    commands=(("kubectl logs api-6b8f9c7d4-2xk4p -n shop -c api -p", "Prints the last log."),),
    book="5.2",
    docs="https://kubernetes.io/docs/",
)
KIND = NoteView("pod", "kind", "Pod: 動かす最小の単位", "コンテナはIPアドレスを共有します。", book="5.2")
LINKS = tuple(Link(f"{kind.kind} x", kind, "shop", "x") for kind in list(BUILTIN.values())[:4])
WHOLE = Explanation(Subject(ref=REF), "Pod  api-6b8f9c7d4-2xk4p", (WRONG, KIND), LINKS)


@pytest.mark.parametrize("cells", range(30, 90, 3))
@pytest.mark.parametrize("spacious", [True, False])
def test_no_line_is_wider_than_the_pane(cells: int, spacious: bool) -> None:
    lines = pane_lines(WHOLE, cells, Lang.JA, spacious=spacious) + full_lines(WHOLE, cells, Lang.JA)
    assert max(line_width(line) for line in lines) <= cells


def test_what_is_wrong_comes_first_with_mark_section_evidence_and_command() -> None:
    words = words_of(pane_lines(WHOLE, 60, Lang.EN)).split("\n")
    assert words[0] == "Pod  api-6b8f9c7d4-2xk4p"
    assert words[2].startswith("✖ The container api keeps stopping")
    assert words[2].endswith("§5.2")
    assert "  status.containerStatuses[0].restartCount: 14" in words
    assert "  ▸ kubectl logs api-6b8f9c7d4-2xk4p -n shop -c api -p" in words


def test_only_the_first_note_and_what_is_wrong_come_with_a_command() -> None:
    odd = replace(WRONG, id="odd", severity="special", evidence=(("spec.a", "1"), ("spec.b", "2")))
    words = words_of(pane_lines(replace(WHOLE, notes=(WRONG, odd, WRONG)), 60, Lang.EN))
    assert words.count("▸ kubectl logs") == 2
    assert "spec.a: 1" in words and "spec.b: 2" not in words
    words = words_of(pane_lines(replace(WHOLE, notes=(odd, KIND)), 60, Lang.EN))
    assert "▸ kubectl logs" in words and "spec.b: 2" in words


def test_a_long_path_keeps_its_end_and_its_value() -> None:
    words = words_of(pane_lines(WHOLE, 34, Lang.EN))
    assert "restartCount: 14" in words
    assert "  …" in words


def test_a_tight_pane_has_no_empty_lines_and_the_links_early() -> None:
    lines = [plain(line) for line in pane_lines(WHOLE, 80, Lang.EN, spacious=False)]
    assert "" not in lines
    assert next(i for i, line in enumerate(lines) if line.startswith("1 ")) <= 5


def test_two_lines_are_headline_and_reason() -> None:
    assert [plain(line) for line in two_lines(WHOLE, 60, Lang.EN)] == [
        "✖ The container api keeps stopping",
        "  It ended 14 times, last with exit code 1.",
    ]


def test_a_problem_is_said_even_in_two_lines() -> None:
    broken = Explanation(
        WHOLE.subject, WHOLE.title, (KIND,), problem=Text("It has gone.", "削除されました。")
    )
    assert plain(two_lines(broken, 60, Lang.JA)[0]) == "! 削除されました。"
    assert "It has gone." in words_of(pane_lines(broken, 60, Lang.EN, spacious=False))


def test_links_have_digits_and_can_be_clicked() -> None:
    line = link_lines(LINKS, 200)[0]
    assert plain(line).startswith("1 ")
    assert [span.act for span in line if span.act][::2] == ["link:0", "link:1", "link:2", "link:3"]


def test_the_full_note_says_everything() -> None:
    words = words_of(full_lines(WHOLE, 80, Lang.EN))
    for part in (
        "Read the log.",
        "• two",
        "Then and now",
        "Evidence",
        "Prints the last log.",
        "kubernetes.io/docs/",
    ):
        assert part in words


def test_without_a_note_it_says_so() -> None:
    assert "no note" in words_of(pane_lines(Explanation(Subject(ref=REF), "Pod  x", ()), 60, Lang.EN))
