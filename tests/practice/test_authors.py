"""managedFields of what the cluster's own components and the seed's hands wrote."""

from __future__ import annotations

import random
from typing import Any

import pytest

from k8stui.core.objects import JsonObject
from k8stui.practice.api import authors, fields, mergekeys
from k8stui.practice.clock import SteppedClock
from k8stui.practice.cluster import practice_cluster
from k8stui.practice.kinds import BUILTIN_KINDS, builtin
from k8stui.practice.seeding import seed
from k8stui.practice.shelf import Entry
from k8stui.practice.store import Store
from k8stui.practice.times import stamp
from tests.practice.api_client import APPLY, MERGE, TABLE, Api, connect, deployment
from tests.practice.team import Team

NOW = 1_790_000_000.0
KUBECTL, CONTROLLERS, KUBELET = "kubectl-client-side-apply", "kube-controller-manager", "kubelet"
WEB = "/apis/apps/v1/namespaces/team/deployments/web"
Who = tuple[str, str, str]


@pytest.fixture(scope="module")
def store() -> Store:
    store = Store(lambda: NOW, rng=random.Random(1))
    seed(store, lambda: NOW)
    return store


def entry(store: Store, plural: str, group: str, namespace: str, name: str) -> Entry:
    """The first object of a namespace whose name begins so."""
    found = store.entries(builtin(plural, group), namespace or None)
    return next(each for each in found if each.name.startswith(name))


def by_writer(metadata: JsonObject) -> dict[Who, Any]:
    """FieldsV1 by manager, operation and subresource."""
    listed = metadata["managedFields"]
    found = {(each["manager"], each["operation"], each.get("subresource", "")): each for each in listed}
    assert len(found) == len(listed), "one entry for each"
    return {key: each["fieldsV1"] for key, each in found.items()}


def leaves(tree: JsonObject, *steps: str) -> set[str]:
    """The names right below a place in FieldsV1."""
    for step in steps:
        tree = tree[step]
    return {name.removeprefix("f:") for name in tree}


def test_a_deployment_that_kubectl_applied(store: Store) -> None:
    found = entry(store, "deployments", "apps", "analytics", "report-builder")
    metadata = authors.metadata(found)
    owned = by_writer(metadata)
    assert owned.keys() == {(KUBECTL, "Update", ""), (CONTROLLERS, "Update", "status")}
    first, second = metadata["managedFields"]
    assert first["manager"] == KUBECTL, "the earlier one first"
    assert first["time"] == metadata["creationTimestamp"] < second["time"]
    assert (first["apiVersion"], first["fieldsType"]) == ("apps/v1", "FieldsV1")
    mine = owned[KUBECTL, "Update", ""]
    applied = "f:kubectl.kubernetes.io/last-applied-configuration"
    assert mine["f:metadata"] == {
        "f:annotations": {".": {}, applied: {}},
        "f:labels": {".": {}, "f:app": {}},
    }
    assert leaves(mine, "f:spec") == {
        *("progressDeadlineSeconds", "replicas", "revisionHistoryLimit", "selector", "strategy", "template")
    }
    pod = mine["f:spec"]["f:template"]["f:spec"]
    assert "." not in pod and "." not in pod["f:containers"], "there in an empty object already"
    assert leaves(pod, "f:containers", 'k:{"name":"report-builder"}') == {
        *(".", "image", "imagePullPolicy", "name", "resources"),
        *("terminationMessagePath", "terminationMessagePolicy"),
    }
    theirs = owned[CONTROLLERS, "Update", "status"]
    assert leaves(theirs, "f:metadata", "f:annotations") == {"deployment.kubernetes.io/revision"}
    assert leaves(theirs, "f:status", "f:conditions") == {
        *(".", 'k:{"type":"Available"}', 'k:{"type":"Progressing"}')
    }


def test_a_replica_set_and_its_pod(store: Store) -> None:
    owned = by_writer(authors.metadata(entry(store, "replicasets", "apps", "analytics", "report-builder")))
    assert owned.keys() == {(CONTROLLERS, "Update", ""), (CONTROLLERS, "Update", "status")}
    (references,) = (owned[CONTROLLERS, "Update", ""]["f:metadata"]["f:ownerReferences"],)
    assert len(references) == 2 and all(below == {} for below in references.values())
    found = entry(store, "pods", "", "analytics", "report-builder")
    owned = by_writer(authors.metadata(found))
    assert owned.keys() == {(CONTROLLERS, "Update", ""), (KUBELET, "Update", "status")}
    spec = owned[CONTROLLERS, "Update", ""]["f:spec"]
    assert not leaves(spec) & {"nodeName", "volumes", "tolerations", "priority", "serviceAccountName"}
    assert "volumeMounts" not in leaves(spec, "f:containers", 'k:{"name":"report-builder"}')
    status = owned[KUBELET, "Update", "status"]["f:status"]
    assert leaves(status, "f:conditions") == {
        f'k:{{"type":"{each}"}}'
        for each in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady")
    }
    assert status["f:hostIPs"] == {} and status["f:containerStatuses"] == {}
    assert "qosClass" not in leaves(status)


@pytest.mark.parametrize(
    ("plural", "group", "namespace", "name", "writers"),
    [
        ("deployments", "apps", "prd-payments", "payment-api", "argocd-controller/Apply/ kcm/Update/status"),
        ("deployments", "apps", "orders", "pricing", "csa/Update/ kcm/Update/scale kcm/Update/status"),
        ("deployments", "apps", "kube-system", "coredns", "kubeadm/Update/ kcm/Update/status"),
        ("nodes", "", "", "control-plane-1", "kubelet/Update/ kubelet/Update/status"),
        ("apiservices", "apiregistration.k8s.io", "", "v1.apps", "apiserver/Update/ apiserver/Update/status"),
        ("pods", "", "storefront", "thumbnailer", "csa/Update/ kubelet/Update/status"),
        ("jobs", "batch", "prd-payments", "settle", "kcm/Update/ kcm/Update/status"),
    ],
)
def test_through_whose_hands(
    store: Store, plural: str, group: str, namespace: str, name: str, writers: str
) -> None:
    short = {"kcm": CONTROLLERS, "csa": KUBECTL, "apiserver": "kube-apiserver"}
    wanted = [each.split("/") for each in writers.split()]
    found = by_writer(authors.metadata(entry(store, plural, group, namespace, name)))
    assert found.keys() == {(short.get(who, who), operation, below) for who, operation, below in wanted}


def test_everything_that_is_owned_is_there_and_has_one_owner(store: Store) -> None:
    shapes: dict[tuple[str, str], authors.Shapes] = {}
    seen = 0
    for kind in BUILTIN_KINDS:
        if (kind.group, kind.version) in (("autoscaling", "v1"), ("events.k8s.io", "v1")):
            continue
        for each in store.entries(kind):
            metadata = authors.metadata(each)
            assert metadata == authors.metadata(
                each, shapes.setdefault((kind.group, kind.plural), authors.Shapes())
            )
            if "managedFields" not in metadata:
                assert kind.plural == "serviceaccounts", (kind.plural, each.key)
                continue
            seen += 1
            owned: set[fields.Path] = set()
            present = fields.values(each.object, kind.kind, each.object).keys()
            for manager in metadata["managedFields"]:
                assert metadata["creationTimestamp"] <= manager["time"] <= stamp(NOW), each.key
                paths = set(fields.flat(manager["fieldsV1"]))
                assert paths and owned.isdisjoint(paths), (kind.plural, each.key)
                assert kind.plural == "events" or paths <= present, (kind.plural, each.key)
                owned |= paths
    assert seen > 500


def test_what_no_one_changed_is_the_object_itself(store: Store) -> None:
    bare = Entry("", "a", 1, {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "a"}})
    assert authors.whole(bare) is bare.object
    assert authors.metadata(bare) is bare.object["metadata"]
    found = entry(store, "pods", "", "analytics", "report-builder")
    assert "managedFields" not in found.object["metadata"], "made for who looks, not kept"


def test_lists_and_maps_that_are_owned_whole() -> None:
    ended = {"conditions": [{"type": "Complete", "status": "True"}], "succeeded": 1}
    assert fields.values({"status": ended}, "Job", ["status"]).keys() == {
        ("f:status", "f:conditions"),
        ("f:status", "f:succeeded"),
    }
    assert mergekeys.list_rule("JobStatus", "conditions") is not None, "a strategic merge goes by type"
    spec: JsonObject = {"template": {"metadata": {}, "spec": {"securityContext": {}}}}
    paths = fields.values({"spec": spec}, "Job", ["spec"]).keys()
    assert paths == {("f:spec", "f:template", "f:spec", "f:securityContext")}
    assert fields.tree("spec", spec, "Job", zero=True) == {
        "f:template": {"f:spec": {"f:securityContext": {}}}
    }


async def made(team: Team) -> None:
    """A Deployment of a client, with its Pods running."""
    found = await team.make("deployments", deployment("web", replicas=2), "apis/apps/v1")
    assert found.status == 201
    await team.clock.step(30)


async def entries(team: Team, path: str = WEB) -> dict[Who, Any]:
    return by_writer((await team.api.get(path)).json["metadata"])


async def test_a_controller_and_a_client_keep_what_is_theirs(team: Team) -> None:
    await made(team)
    before = await entries(team)
    assert before.keys() == {("tests", "Update", ""), (CONTROLLERS, "Update", "status")}
    change = {"metadata": {"labels": {"tier": "front"}}, "spec": {"minReadySeconds": 3}}
    assert (await team.api.patch(f"{WEB}?fieldManager=me", change, MERGE)).status == 200
    after = await entries(team)
    assert after[CONTROLLERS, "Update", "status"] == before[CONTROLLERS, "Update", "status"]
    assert after["tests", "Update", ""] == before["tests", "Update", ""]
    assert after["me", "Update", ""] == {
        "f:metadata": {"f:labels": {".": {}, "f:tier": {}}},
        "f:spec": {"f:minReadySeconds": {}},
    }
    await team.clock.step(30)
    later = await entries(team)
    assert later.keys() == after.keys()
    assert later["me", "Update", ""] == after["me", "Update", ""]
    assert "observedGeneration" in leaves(later[CONTROLLERS, "Update", "status"], "f:status")


async def test_a_scaling_is_owned_through_its_subresource(team: Team) -> None:
    await made(team)
    scaled = await team.api.patch(f"{WEB}/scale?fieldManager=me", {"spec": {"replicas": 3}}, MERGE)
    assert scaled.status == 200
    await team.clock.step(30)
    owned = await entries(team)
    assert owned["me", "Update", "scale"] == {"f:spec": {"f:replicas": {}}}
    assert "replicas" not in leaves(owned["tests", "Update", ""], "f:spec")
    assert "readyReplicas" in leaves(owned[CONTROLLERS, "Update", "status"], "f:status")


async def test_every_answer_says_the_same(team: Team) -> None:
    await made(team)
    pods = "/api/v1/namespaces/team/pods"
    listed = (await team.api.get(pods)).json
    first = listed["items"][0]["metadata"]
    assert by_writer(first).keys() == {(CONTROLLERS, "Update", ""), (KUBELET, "Update", "status")}
    name, said = first["name"], first["managedFields"]
    assert (await team.api.get(f"{pods}/{name}")).json["metadata"]["managedFields"] == said
    partial = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"
    assert (await team.api.get(f"{pods}/{name}", Accept=partial)).json["metadata"]["managedFields"] == said
    for how in ("Metadata", "Object"):
        rows = (await team.api.get(f"{pods}?includeObject={how}", Accept=TABLE)).json["rows"]
        row = next(each["object"]["metadata"] for each in rows if each["object"]["metadata"]["name"] == name)
        assert row["managedFields"] == said
    async with team.api.watch(f"{pods}?fieldSelector=metadata.name={name}") as lines:
        assert (await lines.next())["object"]["metadata"]["managedFields"] == said
        gone = await team.api.call("DELETE", f"{pods}/{name}?gracePeriodSeconds=0")
        assert gone.json["metadata"]["managedFields"] == said
        event = await lines.next()
        while event["type"] != "DELETED":
            assert event["object"]["metadata"]["managedFields"]
            event = await lines.next()
        assert (CONTROLLERS, "Update", "") in by_writer(event["object"]["metadata"])


async def test_a_write_that_changes_nothing_is_none(team: Team) -> None:
    await made(team)
    found = (await team.api.get(WEB)).json
    again = await team.api.call("PUT", WEB, found)
    assert (again.status, again.json) == (200, found)


async def test_pods_that_wait_for_a_node(team: Team) -> None:
    await team.pod("big", {"requests": {"cpu": "99"}})
    await team.clock.step(5)
    owned = await entries(team, "/api/v1/namespaces/team/pods/big")
    waiting = owned["kube-scheduler", "Update", "status"]["f:status"]["f:conditions"]
    assert "message" in leaves(waiting, 'k:{"type":"PodScheduled"}')
    await team.pod("small")
    await team.clock.step(30)
    owned = await entries(team, "/api/v1/namespaces/team/pods/small")
    assert owned.keys() == {("tests", "Update", ""), (KUBELET, "Update", "status")}, "a binding is nobody's"


def named(config: JsonObject, app: str) -> JsonObject:
    return config | {"metadata": {**config["metadata"], "labels": {"app": app}}}


async def refused(api: Api, path: str, config: JsonObject) -> str:
    """The message of the conflict that a server-side apply has."""
    reply = await api.patch(f"{path}?fieldManager=gitops", config, APPLY)
    assert reply.status == 409, reply.body
    message: str = reply.json["message"]
    return message


async def test_server_side_apply_meets_the_seed_and_its_controllers() -> None:
    path = "/apis/apps/v1/namespaces/orders/deployments/pricing"
    config: JsonObject = {"kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "pricing"}}
    clock = SteppedClock(NOW)  # the autoscaler has scaled by then: its work comes in tides
    async with practice_cluster(moving=False, random_seed=1, clock=clock) as cluster, connect(cluster) as api:
        live = (await api.get(path)).json
        many = config | {"spec": {"replicas": live["spec"]["replicas"] + 1}}
        owner = f'"{CONTROLLERS}" with subresource "scale" using apps/v1'
        wanted = f"Apply failed with 1 conflict: conflict with {owner}: .spec.replicas"
        assert await refused(api, path, many) == wanted
        other = named(config, "other")
        owner = f'"{KUBECTL}" using apps/v1'
        wanted = f"Apply failed with 1 conflict: conflict with {owner}: .metadata.labels.app"
        assert await refused(api, path, other) == wanted
        same = config | {
            "metadata": {"name": "pricing", "labels": {"app": live["metadata"]["labels"]["app"]}}
        }
        shared = await api.patch(f"{path}?fieldManager=gitops", same, APPLY)
        assert shared.status == 200
        owned = by_writer(shared.json["metadata"])
        assert owned["gitops", "Apply", ""] == {"f:metadata": {"f:labels": {"f:app": {}}}}
        assert "app" in leaves(owned[KUBECTL, "Update", ""], "f:metadata", "f:labels")
        taken = await api.patch(f"{path}?fieldManager=gitops&force=true", many, APPLY)
        owned = by_writer(taken.json["metadata"])
        assert owned["gitops", "Apply", ""] == {"f:spec": {"f:replicas": {}}}
        assert (CONTROLLERS, "Update", "scale") not in owned
        assert (CONTROLLERS, "Update", "status") in owned
