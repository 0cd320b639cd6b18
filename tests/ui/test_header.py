from __future__ import annotations

from dataclasses import replace

import pytest

from k8stui.catalog import BUILTIN
from k8stui.core.freshness import Freshness, Phase
from k8stui.core.lang import Lang, Text
from k8stui.core.refs import Scope
from k8stui.session.model import ClusterInfo
from k8stui.ui.prose import line_width, plain
from k8stui.ui.widgets.header import HeaderState, count_words, freshness_words, header_line, kind_noun

NOW = 1_800_000_000.0
INFO = ClusterInfo("shop-prod", "10.0.0.1:6443", "shop", "v1.37.2")
LIVE = Freshness(Phase.LIVE, current_at=NOW)
FULL = HeaderState(INFO, Scope.of("shop"), True, LIVE, kind=BUILTIN["pods"], shown=18, total=18)


def said(state: HeaderState, cells: int = 160, lang: Lang = Lang.EN) -> str:
    return plain(header_line(state, cells, NOW, lang))


def fresh(freshness: Freshness, lang: Lang = Lang.EN) -> str:
    return freshness_words(HeaderState(INFO, freshness=freshness), NOW, lang)[0][0]


def test_the_whole_line_says_where_and_how_fresh() -> None:
    words = said(FULL).split("   ")
    assert words[0] == " k8stui"
    assert words[1:3] == ["shop-prod · v1.37.2", "ns shop"]
    assert said(FULL).rstrip().endswith("read-only   ● live   18 Pods")


def test_a_view_that_is_narrower_than_asked_for_says_to_what() -> None:
    state = replace(FULL, scope=Scope.all())
    assert "all namespaces" in said(state)
    assert "only ns team-a" in said(replace(state, freshness=replace(LIVE, only=("team-a",))))
    both = replace(state, freshness=replace(LIVE, only=("team-a", "team-b")))
    assert "only 2 namespaces" in said(both) and "2個のNamespaceのみ" in said(both, lang=Lang.JA)


@pytest.mark.parametrize("cells", range(40, 161, 5))
@pytest.mark.parametrize("lang", Lang)
def test_it_fills_the_line_exactly_and_keeps_state_and_count(cells: int, lang: Lang) -> None:
    line = header_line(FULL, cells, NOW, lang)
    assert line_width(line) == cells
    assert "● " in plain(line)
    assert "18" in plain(line)


def test_what_goes_first_is_what_matters_least() -> None:
    assert "k8stui" not in said(FULL, 66)
    assert "v1.37.2" in said(FULL, 66)
    assert "v1.37.2" not in said(FULL, 60)
    assert "read-only" in said(FULL, 60)
    assert "shop-prod" in said(FULL, 40)
    assert "ns shop" in said(FULL, 40)


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (Freshness(Phase.CONNECTING), "◌ connecting to 10.0.0.1:6443"),
        (Freshness(Phase.SYNCING, done=3500, total=50000), "◌ syncing 3,500 of 50,000"),
        (Freshness(Phase.SYNCING), "◌ syncing"),
        (LIVE, "● live"),
        (Freshness(Phase.LIVE, current_at=NOW, partial=("a", "b")), "● live, 2 namespaces denied"),
        (Freshness(Phase.POLLING, current_at=NOW), "↻ polling, no watch"),
        (Freshness(Phase.RECONNECTING, current_at=NOW - 3, retry_at=NOW + 4), "↻ reconnecting in 4 s"),
        (Freshness(Phase.DENIED), "⊘ denied"),
        (Freshness(Phase.FAILED), "✖ failed"),
    ],
)
def test_each_state_has_a_mark_and_a_word(state: Freshness, words: str) -> None:
    assert fresh(state) == words


def test_rows_that_are_old_say_from_when() -> None:
    words = fresh(Freshness(Phase.RECONNECTING, current_at=NOW - 600, retry_at=NOW + 4))
    assert words.startswith("◍ stale since ")
    assert words.endswith(", next try in 4 s")


def test_a_count_says_what_a_filter_hides() -> None:
    state = HeaderState(INFO, None, True, LIVE, kind=BUILTIN["pods"], shown=3, total=1234)
    assert count_words(state, Lang.EN)[0] == "3 of 1,234 Pods"
    assert count_words(state, Lang.JA)[0] == "Pod 1,234件中3件"


def test_kinds_become_nouns() -> None:
    assert kind_noun(BUILTIN["networkpolicies"], 2) == "NetworkPolicies"
    assert kind_noun(BUILTIN["ingresses"], 2) == "Ingresses"
    assert kind_noun(BUILTIN["pods"], 1) == "Pod"


def test_practice_and_insecure_are_said() -> None:
    info = ClusterInfo(
        "practice", "127.0.0.1:1", "default", practice=True, insecure=True, reason=Text("a", "b")
    )
    line = said(HeaderState(info, Scope.all()))
    assert "practice cluster" in line
    assert "certificate not checked" in line
    assert "all namespaces" in line


def test_a_filter_stands_beside_the_state() -> None:
    assert "/api" in said(HeaderState(INFO, None, True, LIVE, filter="api"))
