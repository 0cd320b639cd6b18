"""What goes, and what stays, when an owner goes."""

from __future__ import annotations

from k8stui.core.objects import JsonObject
from k8stui.practice.kinds import builtin
from tests.practice.controllers.lab import DEPLOYMENTS, REPLICA_SETS, SPACES, Lab, deployment, said

MAPS = builtin("configmaps")


def test_deleting_the_owner_deletes_everything_below(lab: Lab) -> None:
    lab.delete(DEPLOYMENTS, deployment(lab))
    lab.wait(3)
    deployment(lab)
    lab.wait(3)
    lab.delete(DEPLOYMENTS, lab.store.get(DEPLOYMENTS, "shop", "web"))
    lab.wait(5)
    assert lab.store.count(REPLICA_SETS) == 0
    assert lab.pods() == []


def test_dependents_can_be_left_as_orphans(lab: Lab) -> None:
    deployment(lab)
    lab.wait(3)
    obj = lab.store.get(DEPLOYMENTS, "shop", "web")
    lab.world.set_metadata(DEPLOYMENTS, obj, finalizers=["orphan"], deletionTimestamp=lab.world.now())
    lab.wait(3)
    assert lab.store.count(DEPLOYMENTS) == 0
    assert lab.words() == {"Running": 3}
    assert "ownerReferences" not in lab.store.list(REPLICA_SETS)[0]["metadata"]


def test_foreground_deletion_waits_for_the_dependents(lab: Lab) -> None:
    deployment(lab)
    lab.wait(3)
    obj = lab.store.get(DEPLOYMENTS, "shop", "web")
    finalizers = ["foregroundDeletion"]
    lab.world.set_metadata(DEPLOYMENTS, obj, finalizers=finalizers, deletionTimestamp=lab.world.now())
    lab.wait(10)
    assert (lab.store.count(DEPLOYMENTS), lab.store.count(REPLICA_SETS), lab.pods()) == (0, 0, [])


def a_map(lab: Lab, name: str, *owners: JsonObject, space: str = "shop", block: bool = False) -> JsonObject:
    refs = [
        {
            **{"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": owner["metadata"]["name"]},
            **{"uid": owner["metadata"]["uid"], "blockOwnerDeletion": block},
        }
        for owner in owners
    ]
    metadata: JsonObject = {"name": name, "namespace": space, "ownerReferences": refs}
    return lab.world.create(MAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})


def left(lab: Lab, space: str = "shop") -> list[str]:
    names = [found["metadata"]["name"] for found in lab.store.list(MAPS, space)]
    return [name for name in names if name != "kube-root-ca.crt"]


def ghost(name: str = "ghost") -> JsonObject:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "uid": "no-such-uid"}}


def test_anything_may_own_anything(lab: Lab) -> None:
    owner = a_map(lab, "owner")
    child = a_map(lab, "child", owner)
    a_map(lab, "grandchild", child)
    lab.delete(MAPS, owner)
    lab.wait(0)
    assert left(lab) == []


def test_what_names_an_owner_that_does_not_exist_goes(lab: Lab) -> None:
    a_map(lab, "child", ghost())
    lab.wait(0)
    assert left(lab) == []


def test_as_long_as_one_owner_stays_so_does_the_dependent(lab: Lab) -> None:
    owner = a_map(lab, "owner")
    a_map(lab, "child", owner, ghost())
    lab.wait(0)
    child = lab.store.get(MAPS, "shop", "child")
    assert [ref["name"] for ref in child["metadata"]["ownerReferences"]] == ["owner"]
    lab.delete(MAPS, owner)
    lab.wait(0)
    assert left(lab) == []


def test_owners_in_other_namespaces_do_not_count(lab: Lab) -> None:
    lab.make(SPACES, "other")
    owner = a_map(lab, "owner", space="other")
    a_map(lab, "child", owner)
    lab.wait(0)
    assert left(lab) == [] and left(lab, "other") == ["owner"]
    message = said(lab, "ConfigMap", "OwnerRefInvalidNamespace")[0]
    assert message.startswith("ownerRef [v1/ConfigMap, namespace: shop, name: owner, uid: ")
    assert message.endswith('] does not exist in namespace "shop"')


def test_foreground_deletion_waits_only_for_those_that_block(lab: Lab) -> None:
    owner = a_map(lab, "owner")
    for name, block in (("held", True), ("loose", False)):
        child = a_map(lab, name, owner, block=block)
        lab.world.set_metadata(MAPS, child, finalizers=["example.com/hold"])
    marks = {"finalizers": ["foregroundDeletion"], "deletionTimestamp": lab.world.now()}
    lab.world.set_metadata(MAPS, lab.store.get(MAPS, "shop", "owner"), **marks)
    lab.wait(1)
    assert left(lab) == ["held", "loose", "owner"]
    lab.world.release(MAPS, lab.store.get(MAPS, "shop", "held"), "example.com/hold")
    lab.wait(1)
    assert left(lab) == ["loose"]


def test_custom_resources_own_and_are_owned(lab: Lab) -> None:
    names = {"plural": "widgets", "kind": "Widget"}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {}}}
    spec = {"group": "example.com", "scope": "Namespaced", "names": names, "versions": [version]}
    lab.make(builtin("customresourcedefinitions", "apiextensions.k8s.io"), "widgets.example.com", spec=spec)
    lab.wait(0)
    kind = lab.world.kinds["example.com/v1", "Widget"]
    metadata: JsonObject = {"name": "w", "namespace": "shop"}
    widget = lab.world.create(kind, {"metadata": metadata, "apiVersion": "example.com/v1", "kind": "Widget"})
    a_map(lab, "child", widget)
    lab.wait(0)
    assert left(lab) == ["child"]
    lab.delete(kind, widget)
    lab.wait(0)
    assert left(lab) == []
