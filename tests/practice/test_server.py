from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.practice.kinds import builtin
from tests.practice.api_client import MERGE, TABLE, Api, config_map, connect

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
PODS = "/api/v1/namespaces/default/pods"
MAPS = "/api/v1/namespaces/default/configmaps"
WIDGETS = "/apis/example.com/v1/namespaces/default/widgets"


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Basic eA=="])
async def test_only_holders_of_the_token_come_in(cluster: PracticeCluster, header: str) -> None:
    async with connect(cluster, Authorization=header) as api:
        reply = await api.get("/version")
    assert (reply.status, reply.json["reason"], reply.json["message"]) == (
        401,
        "Unauthorized",
        "Unauthorized",
    )


@pytest.mark.parametrize("headers", [{"Host": "evil.example:443"}, {"Origin": "https://127.0.0.1"}])
async def test_web_pages_do_not(cluster: PracticeCluster, headers: dict[str, str]) -> None:
    async with connect(cluster, **headers) as api:
        assert (await api.get("/version")).status == 403


async def test_the_kubeconfig_is_its_owners(cluster: PracticeCluster) -> None:
    assert cluster.kubeconfig.stat().st_mode & 0o777 == 0o600
    text = cluster.kubeconfig.read_text()
    assert cluster.token in text
    assert cluster.server in text


async def test_the_kubeconfig_goes_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "config"
    async with practice_cluster(seeded=False, moving=False, path=path):
        assert os.listdir(tmp_path) == ["config"]
    assert os.listdir(tmp_path) == []


async def test_open_watches_do_not_hold_the_end() -> None:
    async with asyncio.timeout(5):
        async with practice_cluster(seeded=False, moving=False) as cluster, connect(cluster) as api:
            response = await api.session.get(f"{cluster.server}/api/v1/pods?watch=1")
            assert response.status == 200
        response.close()


async def test_other_certificates_are_not_trusted(cluster: PracticeCluster) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await session.get(cluster.server)


async def test_health_and_version(api: Api) -> None:
    for path in ("/livez", "/readyz", "/healthz"):
        assert (await api.get(path)).body == b"ok"
    assert (await api.get("/version")).json["minor"] == "37"


async def test_discovery_in_one_document(api: Api) -> None:
    core = await api.get("/api", Accept=AGGREGATED)
    assert core.headers["Content-Type"] == AGGREGATED
    resources = {r["resource"]: r for r in core.json["items"][0]["versions"][0]["resources"]}
    assert resources["pods"]["shortNames"] == ["po"]
    assert resources["pods"]["responseKind"] == {"group": "", "version": "", "kind": "Pod"}
    groups = await api.get("/apis", Accept=AGGREGATED)
    assert {"apps", "batch"} <= {item["metadata"]["name"] for item in groups.json["items"]}
    again = await api.get("/apis", Accept=AGGREGATED, If_None_Match=groups.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    older = await api.get("/apis", Accept=AGGREGATED.replace("v=v2", "v=v2beta1"))
    assert older.json["apiVersion"] == "apidiscovery.k8s.io/v2beta1"


async def test_discovery_of_old(api: Api) -> None:
    assert (await api.get("/api")).json["versions"] == ["v1"]
    groups = {group["name"]: group for group in (await api.get("/apis")).json["groups"]}
    assert groups["autoscaling"]["preferredVersion"]["version"] == "v2"
    assert (await api.get("/apis/apps")).json["kind"] == "APIGroup"
    names = {r["name"] for r in (await api.get("/apis/apps/v1")).json["resources"]}
    assert {"deployments", "deployments/scale", "deployments/status"} <= names
    eviction = [r for r in (await api.get("/api/v1")).json["resources"] if r["name"] == "pods/eviction"]
    assert eviction[0]["kind"] == "Eviction"
    assert (await api.get("/apis/nope")).status == 404


async def test_openapi(api: Api) -> None:
    index = (await api.get("/openapi/v3")).json["paths"]
    assert {"api/v1", "apis/apps/v1"} <= set(index)
    document = (await api.get(index["apis/apps/v1"]["serverRelativeURL"])).json
    operation = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert "fieldValidation" in [parameter["name"] for parameter in operation["parameters"]]
    schemas = document["components"]["schemas"]
    identity = {"group": "apps", "version": "v1", "kind": "Deployment"}
    roots = [s for s in schemas.values() if identity in s.get("x-kubernetes-group-version-kind", [])]
    assert len(roots) == 1
    reference = roots[0]["properties"]["spec"]["allOf"][0]["$ref"].rpartition("/")[2]
    assert schemas[reference]["properties"]["replicas"]["type"] == "integer"
    pod = next(s for name, s in schemas.items() if name.endswith(".PodSpec"))
    assert pod["properties"]["containers"]["x-kubernetes-patch-merge-key"] == "name"
    assert "containers" in pod["required"]
    assert (await api.get("/openapi/v3/apis/nope/v1")).status == 404


def definition(**version: object) -> dict[str, object]:
    schema = {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "required": ["size"],
                "properties": {
                    "size": {"type": "integer", "minimum": 1},
                    "color": {"type": "string", "default": "red", "enum": ["red", "blue"]},
                },
            }
        },
    }
    return {
        "kind": "CustomResourceDefinition",
        "apiVersion": "apiextensions.k8s.io/v1",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "scope": "Namespaced",
            "names": {"plural": "widgets", "kind": "Widget", "shortNames": ["wd"]},
            "versions": [
                {
                    "name": "v1",
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": schema},
                    "subresources": {
                        "status": {},
                        "scale": {"specReplicasPath": ".spec.size", "statusReplicasPath": ".status.size"},
                    },
                    "additionalPrinterColumns": [
                        {"name": "Size", "type": "integer", "jsonPath": ".spec.size"}
                    ],
                    **version,
                }
            ],
        },
    }


def widget(name: str, **spec: object) -> dict[str, object]:
    return {"kind": "Widget", "apiVersion": "example.com/v1", "metadata": {"name": name}, "spec": spec}


@pytest_asyncio.fixture
async def widgets(api: Api) -> AsyncIterator[Api]:
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    made = (await api.post(path, definition())).json
    assert made["status"]["conditions"][1]["type"] == "Established"
    yield api


async def test_custom_resources_are_served_at_once(widgets: Api) -> None:
    groups = (await widgets.get("/apis", Accept=AGGREGATED)).json["items"]
    custom = next(item for item in groups if item["metadata"]["name"] == "example.com")
    resource = custom["versions"][0]["resources"][0]
    assert (resource["singularResource"], resource["shortNames"]) == ("widget", ["wd"])
    assert {s["subresource"] for s in resource["subresources"]} == {"scale", "status"}
    made = await widgets.post(WIDGETS, widget("w", size=3))
    assert (made.status, made.json["spec"]) == (201, {"size": 3, "color": "red"})
    table = (await widgets.get(WIDGETS, Accept=TABLE)).json
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Size"]
    assert table["rows"][0]["cells"] == ["w", 3]
    scaled = await widgets.patch(f"{WIDGETS}/w/scale", {"spec": {"replicas": 5}})
    assert scaled.json["spec"] == {"replicas": 5}
    assert (await widgets.get(f"{WIDGETS}/w")).json["spec"]["size"] == 5
    await widgets.call(
        "DELETE", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/widgets.example.com"
    )
    assert (await widgets.get(WIDGETS)).status == 404


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"size": 0}, "should be greater than or equal to 1"),
        ({"size": "x"}, "must be of type integer"),
        ({}, "spec.size: Required value"),
        ({"size": 1, "color": "green"}, 'supported values: "red", "blue"'),
    ],
)
async def test_custom_resources_are_checked(widgets: Api, spec: dict[str, object], words: str) -> None:
    reply = await widgets.post(WIDGETS, widget("w", **spec))
    assert (reply.status, reply.json["reason"]) == (422, "Invalid")
    assert words in reply.json["message"]


async def test_unknown_fields_of_custom_resources(widgets: Api) -> None:
    body = widget("w", size=1, shape="round")
    strict = await widgets.post(f"{WIDGETS}?fieldValidation=Strict", body)
    assert strict.status == 400
    assert 'unknown field "spec.shape"' in strict.json["message"]
    pruned = await widgets.post(WIDGETS, body)
    assert pruned.json["spec"] == {"size": 1, "color": "red"}
    strategic = await widgets.patch(f"{WIDGETS}/w", {}, "application/strategic-merge-patch+json")
    assert strategic.status == 415


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
async def test_bodies_have_a_limit(api: Api) -> None:
    fits = await api.post(MAPS, config_map("a", x="y" * (1 << 20)))
    assert fits.status == 201
    reply = await api.post(MAPS, config_map("b", x="y" * (4 << 20)))
    assert (reply.status, reply.json["reason"]) == (413, "RequestEntityTooLarge")


async def test_reviews(api: Api) -> None:
    body = {"spec": {"resourceAttributes": {"verb": "list", "resource": "pods", "namespace": "default"}}}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    reply = await api.post(path, body)
    assert (reply.status, reply.json["status"]) == (201, {"allowed": True})
    fault = api.cluster.faults.forbid("pods", "list")
    assert (await api.post(path, body)).json["status"] == {"allowed": False}
    rules_path = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
    rules = (await api.post(rules_path, {"spec": {"namespace": "default"}})).json["status"]["resourceRules"]
    pods = next(rule for rule in rules if rule["resources"] == ["pods"])
    assert "list" not in pods["verbs"]
    assert "get" in pods["verbs"]
    api.cluster.faults.remove(fault)
    rules = (await api.post(rules_path, {"spec": {"namespace": "default"}})).json["status"]["resourceRules"]
    assert rules[0] == {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
    me = await api.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
    assert me.json["status"]["userInfo"]["username"] == "practice-admin"
    assert (await api.get(path)).status == 405


async def test_pods_get_what_admission_adds(api: Api) -> None:
    body = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "image": "x"}]}}
    pod = (await api.post(PODS, body)).json
    assert pod["status"]["phase"] == "Pending"
    assert pod["spec"]["serviceAccountName"] == "default"
    assert pod["spec"]["containers"][0]["imagePullPolicy"] == "Always"


async def test_binding_and_tokens(api: Api) -> None:
    body = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "image": "x"}]}}
    await api.post(PODS, body)
    assert (await api.post(f"{PODS}/p/binding", {"target": {"kind": "Node", "name": "n1"}})).status == 201
    assert (await api.get(f"{PODS}/p")).json["spec"]["nodeName"] == "n1"
    assert (await api.post(f"{PODS}/p/binding", {"target": {"name": "n2"}})).status == 409
    accounts = "/api/v1/namespaces/default/serviceaccounts"
    await api.post(accounts, {"metadata": {"name": "s"}})
    token = (await api.post(f"{accounts}/s/token", {"spec": {}})).json["status"]["token"]
    async with connect(api.cluster, Authorization=f"Bearer {token}") as other:
        assert (await other.get("/version")).status == 200
        assert (await other.get(PODS)).status == 403


async def test_both_groups_of_events_show_the_same(api: Api, cluster: PracticeCluster) -> None:
    about = {"kind": "Pod", "name": "p", "namespace": "default"}
    event = {"involvedObject": about, "reason": "Why", "message": "what", "type": "Normal"}
    kind = builtin("events")
    cluster.store.create(kind, {"metadata": {"name": "e", "namespace": "default"}, **event})
    newer = (await api.get("/apis/events.k8s.io/v1/events?fieldSelector=regarding.name%3Dp")).json
    assert newer["apiVersion"] == "events.k8s.io/v1"
    assert (newer["items"][0]["regarding"], newer["items"][0]["note"]) == (about, "what")
    for path in ("/api/v1/events", "/apis/events.k8s.io/v1/events"):
        assert "what" in (await api.get(path, Accept=TABLE)).json["rows"][0]["cells"]
    path = "/apis/events.k8s.io/v1/namespaces/default/events/e"
    assert (await api.patch(path, {"note": "more"})).json["note"] == "more"
    assert cluster.store.get(kind, "default", "e")["message"] == "more"


async def test_autoscalers_of_both_versions_are_one(api: Api) -> None:
    body = {
        "kind": "HorizontalPodAutoscaler",
        "apiVersion": "autoscaling/v1",
        "metadata": {"name": "h"},
        "spec": {
            "maxReplicas": 3,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "d"},
            "targetCPUUtilizationPercentage": 60,
        },
    }
    path = "/apis/autoscaling/{}/namespaces/default/horizontalpodautoscalers"
    made = await api.post(path.format("v1"), body)
    assert made.json["apiVersion"] == "autoscaling/v1"
    assert made.json["spec"]["targetCPUUtilizationPercentage"] == 60
    newer = (await api.get(path.format("v2") + "/h")).json
    assert newer["spec"]["metrics"][0]["resource"]["target"]["averageUtilization"] == 60
    changed = await api.patch(path.format("v1") + "/h", {"spec": {"targetCPUUtilizationPercentage": 70}})
    assert changed.json["spec"]["targetCPUUtilizationPercentage"] == 70


async def test_labels_by_merge_patch_keep_the_rest(api: Api) -> None:
    await api.post(MAPS, config_map("a", x="1"))
    reply = await api.patch(f"{MAPS}/a", {"metadata": {"labels": {"l": "1"}}}, MERGE)
    assert reply.json["data"] == {"x": "1"}
    assert json.loads(reply.body) == (await api.get(f"{MAPS}/a")).json
