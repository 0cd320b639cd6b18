"""Namespaces: what a new one gets, and how one ends."""

from __future__ import annotations

from k8stui.core.objects import JsonObject
from k8stui.practice.kinds import builtin
from tests.practice.controllers.lab import PODS, SPACES, Lab, deployment

MAPS = builtin("configmaps")


def test_a_new_namespace_is_furnished_and_a_deleted_one_emptied(lab: Lab) -> None:
    assert lab.store.get(builtin("serviceaccounts"), "shop", "default")
    deployment(lab)
    lab.wait(3)
    space = lab.store.get(SPACES, "", "shop")
    lab.world.set_metadata(SPACES, space, deletionTimestamp=lab.world.now())
    lab.wait(15)
    assert lab.store.find(SPACES, "", "shop") is None
    assert lab.pods() == []


def states(lab: Lab) -> dict[str, tuple[str, str, str]]:
    found: JsonObject = lab.store.get(SPACES, "", "shop")["status"]
    return {c["type"]: (c["status"], c["reason"], c["message"]) for c in found["conditions"]}


def end(lab: Lab) -> None:
    space = lab.store.get(SPACES, "", "shop")
    lab.world.set_metadata(SPACES, space, deletionTimestamp=lab.world.now())


def test_a_namespace_says_what_holds_it(lab: Lab) -> None:
    held = {"name": "held", "namespace": "shop", "finalizers": ["b.example/y", "a.example/x"]}
    lab.world.create(MAPS, {"metadata": held})
    deployment(lab)
    lab.wait(3)
    end(lab)
    lab.wait(0)
    assert all(state == "False" for state, _, _ in states(lab).values()), "Pods go first"
    lab.wait(15)
    assert lab.store.get(SPACES, "", "shop")["status"]["phase"] == "Terminating"
    found = states(lab)
    assert found["NamespaceContentRemaining"] == (
        *("True", "SomeResourcesRemain"),
        "Some resources are remaining: configmaps. has 1 resource instances",
    )
    assert found["NamespaceFinalizersRemaining"][2] == (
        "Some content in the namespace has finalizers remaining: "
        "a.example/x in 1 resource instances, b.example/y in 1 resource instances"
    )
    assert found["NamespaceDeletionContentFailure"][:2] == ("False", "ContentDeleted")
    lab.world.set_metadata(MAPS, lab.store.get(MAPS, "shop", "held"), finalizers=None)
    lab.store.delete(MAPS, "shop", "held")
    lab.wait(10)
    assert lab.store.find(SPACES, "", "shop") is None


def test_controllers_make_nothing_in_a_namespace_that_ends(lab: Lab) -> None:
    deployment(lab)
    lab.wait(3)
    before = {pod["metadata"]["uid"] for pod in lab.pods()}
    end(lab)
    for _ in range(20):
        lab.wait(0.5)
        assert {pod["metadata"]["uid"] for pod in lab.store.list(PODS, "shop")} <= before


def test_a_finalizer_of_somebody_else_keeps_an_empty_namespace(lab: Lab) -> None:
    space = lab.store.get(SPACES, "", "shop")
    lab.world.set_metadata(SPACES, space, finalizers=["example.com/hold"])
    end(lab)
    lab.wait(10)
    assert lab.store.get(SPACES, "", "shop")["spec"] == {}


def test_what_every_namespace_has_is_made_again(lab: Lab) -> None:
    for kind, name in ((MAPS, "kube-root-ca.crt"), (builtin("serviceaccounts"), "default")):
        lab.store.delete(kind, "shop", name)
        lab.wait(0)
        assert lab.store.get(kind, "shop", name)
