"""Namespaces: what a new one gets, and how one ends."""

from __future__ import annotations

from k8stui.practice.kinds import builtin
from tests.practice.controllers.lab import SPACES, Lab, deployment


def test_a_new_namespace_is_furnished_and_a_deleted_one_emptied(lab: Lab) -> None:
    assert lab.store.get(builtin("serviceaccounts"), "shop", "default")
    deployment(lab)
    lab.wait(3)
    space = lab.store.get(SPACES, "", "shop")
    lab.world.set_metadata(SPACES, space, deletionTimestamp=lab.world.now())
    lab.wait(15)
    assert lab.store.find(SPACES, "", "shop") is None
    assert lab.pods() == []
