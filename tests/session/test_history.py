from __future__ import annotations

from k8stui import catalog
from k8stui.core.refs import Scope
from k8stui.session.history import LIMIT, History
from k8stui.session.model import View


def view(name: str, cursor: str = "") -> View:
    return View(catalog.BUILTIN[name], Scope.all(), cursor=("", cursor) if cursor else None)


def test_back_and_forward_and_what_lies_ahead_is_forgotten() -> None:
    history = History()
    pods, nodes, jobs = view("pods"), view("nodes"), view("jobs")
    for each in (pods, nodes):
        history.visit(each)
    assert history.back() == pods
    assert history.back() is None
    assert history.forward() == nodes
    assert history.forward() is None
    history.back()
    history.visit(jobs)
    assert history.forward() is None
    assert history.back() == pods


def test_the_last_view_and_this_one_in_turn() -> None:
    history = History()
    assert history.last() is None
    history.visit(view("pods"))
    history.visit(view("nodes"))
    assert history.last() == view("pods")
    assert history.last() == view("nodes")


def test_the_same_view_is_no_step_and_a_moved_cursor_amends() -> None:
    history = History()
    history.visit(view("pods"))
    history.visit(view("pods"))
    history.visit(view("nodes"))
    history.back()
    history.amend(view("pods", "web-1"))
    history.forward()
    assert history.back() == view("pods", "web-1")


def test_it_is_bounded() -> None:
    history = History()
    for i in range(LIMIT + 10):
        history.visit(view("pods", f"p{i}"))
    steps = 0
    while history.back() is not None:
        steps += 1
    assert steps == LIMIT - 1
