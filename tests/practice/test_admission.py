"""Admission: what is added to new objects, and what is refused. The sentences are a real server's."""

from __future__ import annotations

from k8stui.core.objects import dig
from tests.practice.api_client import config_map
from tests.practice.team import PODS, Team, claim, pod, refused


async def test_what_a_pod_names_must_exist(team: Team) -> None:
    missing = 'error looking up service account team/nope: serviceaccount "nope" not found'
    refused(await team.pod("p", serviceAccountName="nope"), missing)
    refused(await team.pod("p", priorityClassName="nope"), "no PriorityClass with name nope was found")
    generated = {"kind": "Pod", "metadata": {"generateName": "p-"}}
    spec = {"serviceAccountName": "nope", "containers": [{"name": "c", "image": "x"}]}
    refused(await team.make("pods", {**generated, "spec": spec}), missing, 'pods "p-"')
    why = (
        "the integer value of priority (4) must not be provided in pod spec; "
        "priority admission controller computed 0 from the given PriorityClass name"
    )
    refused(await team.pod("p", priority=4), why)


async def test_the_account_gives_its_pull_secrets_and_may_keep_its_token(team: Team) -> None:
    account = {
        "kind": "ServiceAccount",
        "metadata": {"name": "robot"},
        "imagePullSecrets": [{"name": "registry"}],
        "automountServiceAccountToken": False,
    }
    assert (await team.make("serviceaccounts", account)).status == 201
    spec = (await team.pod("p", serviceAccountName="robot")).json["spec"]
    assert spec["imagePullSecrets"] == [{"name": "registry"}]
    assert "volumes" not in spec
    plain = (await team.pod("q")).json["spec"]
    assert plain["volumes"][0]["name"].startswith("kube-api-access-")
    assert {t["key"] for t in plain["tolerations"]} == {
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    }


async def test_priority_comes_from_the_class(team: Team) -> None:
    path = "/apis/scheduling.k8s.io/v1/priorityclasses"
    kind = {"kind": "PriorityClass", "apiVersion": "scheduling.k8s.io/v1"}
    await team.api.post(path, {**kind, "metadata": {"name": "high"}, "value": 9, "preemptionPolicy": "Never"})
    high = (await team.pod("a", priorityClassName="high")).json["spec"]
    assert (high["priority"], high["preemptionPolicy"]) == (9, "Never")
    assert (await team.pod("b")).json["spec"]["priority"] == 0
    system = (await team.pod("c", priorityClassName="system-cluster-critical")).json["spec"]
    assert system["priority"] == 2_000_000_000
    await team.api.post(path, {**kind, "metadata": {"name": "usual"}, "value": 3, "globalDefault": True})
    usual = (await team.pod("d")).json["spec"]
    assert (usual["priority"], usual["priorityClassName"]) == (3, "usual")


async def test_claims_get_the_default_class(team: Team) -> None:
    path = "/apis/storage.k8s.io/v1/storageclasses"
    kind = {"kind": "StorageClass", "apiVersion": "storage.k8s.io/v1", "provisioner": "p.example"}
    notes = {"storageclass.kubernetes.io/is-default-class": "true"}
    assert (
        "storageClassName" not in (await team.make("persistentvolumeclaims", claim("a", "1Gi"))).json["spec"]
    )
    await team.api.post(path, {**kind, "metadata": {"name": "old", "annotations": notes}})
    await team.clock.step(5)
    await team.api.post(path, {**kind, "metadata": {"name": "new", "annotations": notes}})
    made = (await team.make("persistentvolumeclaims", claim("b", "1Gi"))).json
    assert made["spec"]["storageClassName"] == "new"
    none = claim("c", "1Gi")
    none["spec"]["storageClassName"] = ""
    assert (await team.make("persistentvolumeclaims", none)).json["spec"]["storageClassName"] == ""


async def test_a_namespace_that_ends_takes_nothing_new(team: Team) -> None:
    await team.api.patch("/api/v1/namespaces/team", {"metadata": {"finalizers": ["example.com/hold"]}})
    await team.api.call("DELETE", "/api/v1/namespaces/team")
    reply = await team.make("configmaps", config_map("zz"))
    why = "unable to create new content in namespace team because it is being terminated"
    refused(reply, why, 'configmaps "zz"')
    cause = {
        "reason": "NamespaceTerminating",
        "message": "namespace team is being terminated",
        "field": "metadata.namespace",
    }
    assert reply.json["details"]["causes"] == [cause]
    reply = await team.api.post("/api/v1/namespaces/nope/configmaps", {"apiVersion": "v1", **config_map("a")})
    assert (reply.status, reply.json["message"]) == (404, 'namespaces "nope" not found')


async def test_nothing_is_stored_of_what_is_refused_or_only_tried(team: Team) -> None:
    await team.quota({"pods": "1"})
    reply = await team.api.post(
        f"{PODS}?dryRun=All", {"apiVersion": "v1", **pod("a", containers=[{"name": "c", "image": "x"}])}
    )
    assert reply.status == 201
    assert (await team.pod("a")).status == 201
    assert (await team.pod("b")).status == 403
    assert [dig(p, "metadata", "name") for p in (await team.get(PODS.lstrip("/")))["items"]] == ["a"]
