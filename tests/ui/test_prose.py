from __future__ import annotations

import random

import pytest

from k8stui.ui.prose import Span, flow, inline, line_width, markdown, plain, wrap

JAPANESE = (
    "Podは、1つ以上のコンテナをまとめた最小の単位です。IPアドレス（Pod IP）を共有し、"
    "「localhost」で互いに通信します。多くはReplicaSetやStatefulSetが作ります。サービス、ー、ッ。"
)
NOT_FIRST = "、。）」ー！？ッャ"
NOT_LAST = "（「"


def lines(text: str, cells: int) -> list[str]:
    return [plain(line) for line in wrap([Span(text)], cells)]


@pytest.mark.parametrize("cells", range(16, 60))
def test_japanese_keeps_its_rules_at_line_ends(cells: int) -> None:
    set_lines = lines(JAPANESE, cells)
    assert "".join(set_lines).replace(" ", "") == JAPANESE.replace(" ", "")
    for line in set_lines:
        assert line[0] not in NOT_FIRST
        assert line[-1] not in NOT_LAST
        assert line_width([Span(line)]) <= cells


@pytest.mark.parametrize("cells", range(14, 60))
def test_a_latin_word_in_japanese_is_never_cut(cells: int) -> None:
    joined = "\n".join(lines(JAPANESE, cells))
    for word in ("ReplicaSet", "StatefulSet", "localhost", "Pod"):
        assert word in joined


def test_english_breaks_at_spaces_and_drops_them() -> None:
    assert lines("one two  three", 8) == ["one two", "three"]


def test_a_word_longer_than_the_line_is_cut_after_a_sign() -> None:
    assert lines("spec.template.spec.containers", 20) == ["spec.template.spec.", "containers"]


def test_tones_survive_the_break() -> None:
    found = wrap([Span("aaa ", "quiet"), Span("bbb", "bad")], 4)
    assert found == [(Span("aaa", "quiet"),), (Span("bbb", "bad"),)]


def test_lines_hang_below_their_mark() -> None:
    found = wrap([Span("one two")], 6, first=(Span("✖ "),), rest=(Span("  "),))
    assert [plain(line) for line in found] == ["✖ one", "  two"]


def test_wrapping_loses_no_character_whatever_the_text() -> None:
    rng = random.Random(7)
    letters = "ab-/.( )「」、。ーあ漢字Pod👩‍👩‍👧é"
    for _ in range(300):
        text = "".join(rng.choice(letters) for _ in range(rng.randrange(1, 60)))
        cells = rng.randrange(6, 30)
        joined = "".join(lines(text, cells))
        assert joined.replace(" ", "") == text.replace(" ", "")


def test_items_flow_but_stay_whole() -> None:
    items = [(Span("1 ReplicaSet"),), (Span("2 Service"),), (Span("3 Node"),)]
    assert [plain(line) for line in flow(items, 24)] == ["1 ReplicaSet   2 Service", "3 Node"]


def test_markdown_knows_what_notes_use() -> None:
    text = "First\nline.\n\n- one\n- two\n  more\n\n```\nkubectl get pods\n```\n\n1. step `x` and **y**"
    found = [plain(line) for line in markdown(text, 40, indent="  ")]
    assert found == [
        "  First line.", "", "  • one", "  • two more", "", "    kubectl get pods", "", "  1. step x and y",
    ]  # fmt: skip


def test_markdown_joins_japanese_lines_without_a_space() -> None:
    assert [plain(line) for line in markdown("コンテナが\n動きます。", 40)] == ["コンテナが動きます。"]


def test_inline_marks_become_tones() -> None:
    assert inline("a `b` **c** [d](https://e)") == [
        Span("a "), Span("b", "code"), Span(" "), Span("c", "title"), Span(" "), Span("d"),
        Span(" (https://e)", "quiet"),
    ]  # fmt: skip


def test_markup_of_a_cluster_is_only_text() -> None:
    assert plain(wrap([Span("[red]x[/red]")], 40)[0]) == "[red]x[/red]"
