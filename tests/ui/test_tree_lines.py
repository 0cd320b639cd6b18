from __future__ import annotations

import pytest

from k8stui.catalog import BUILTIN, ServiceForm, tree
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang
from k8stui.ui.prose import line_width, plain
from k8stui.ui.widgets.tree_lines import Tallies, TreeLine, every, node_for, parents, seen, tree_line

NODES = tree(None)
WIDGET = ResourceKind("stable.example.com", "v1", "Widget", "widgets", True, verbs=frozenset({"list"}))


def draw(
    line: TreeLine, tallies: Tallies, cells: int = 30, *, expanded: bool = False, current: bool = False
) -> str:
    return plain(tree_line(line, tallies, cells, Lang.EN, expanded=expanded, current=current))


def test_only_what_is_unfolded_is_seen() -> None:
    assert len(list(seen(NODES, set()))) == 5
    assert len(list(seen(NODES, {"workloads"}))) == 5 + 8


def test_counts_stand_at_the_right_edge() -> None:
    node = node_for(NODES, BUILTIN["pods"], None)
    assert node is not None
    line = draw(TreeLine(node, 1), Tallies({BUILTIN["pods"]: 1234}))
    assert line.endswith("Pod" + " " * (30 - len("     Pod") - len("1,234 ")) + "1,234 ")


@pytest.mark.parametrize("cells", range(20, 50))
def test_every_line_fills_its_width(cells: int) -> None:
    tallies = Tallies({kind: 50000 for kind in BUILTIN.values()}, {BUILTIN["secrets"]})
    for line in seen(tree(BUILTIN.values()), {node.id for node in every(NODES)}):
        assert line_width(tree_line(line, tallies, cells, Lang.JA, expanded=False, current=True)) == cells


def test_a_folded_category_sums_what_is_known() -> None:
    tallies = Tallies({BUILTIN["pods"]: 3, BUILTIN["jobs"]: 2})
    assert draw(TreeLine(NODES[0], 0), tallies).rstrip().endswith("5")
    assert draw(TreeLine(NODES[0], 0), tallies, expanded=True).strip() == "▾ Workloads APIs"
    assert draw(TreeLine(NODES[4], 0), tallies).strip() == "▸ Metadata APIs"


def test_a_kind_that_is_denied_has_a_sign() -> None:
    node = node_for(NODES, BUILTIN["secrets"], None)
    assert node is not None
    assert draw(TreeLine(node, 1), Tallies(denied={BUILTIN["secrets"]})).endswith("⊘ ")


def test_forms_have_counts_of_their_own() -> None:
    node = node_for(NODES, BUILTIN["services"], ServiceForm.HEADLESS)
    assert node is not None
    assert Tallies(forms={ServiceForm.HEADLESS: 2}).of(node) == 2


def test_custom_resources_count_in_their_group_and_category() -> None:
    nodes = tree([*BUILTIN.values(), WIDGET])
    tallies = Tallies({WIDGET: 4, BUILTIN["limitranges"]: 1})
    assert tallies.of(nodes[4]) == 5


def test_the_way_down_to_a_node() -> None:
    assert parents(NODES, "service/services/NodePort") == ("service", "service/services")
    assert parents(NODES, "service") == ()


def test_a_group_that_does_not_answer_is_marked() -> None:
    nodes = tree(BUILTIN.values(), [("metrics.k8s.io/v1beta1", "no endpoints")])
    broken = next(node for node in every(nodes) if node.message)
    assert draw(TreeLine(broken, 2), Tallies(), 40).endswith("! ")
