from __future__ import annotations

import json

import pytest

from k8stui.core.objects import JsonObject
from k8stui.practice.cluster import PracticeCluster
from k8stui.practice.kinds import builtin
from tests.practice.api_client import (
    APPLY,
    JSON_PATCH,
    MERGE,
    STRATEGIC,
    Api,
    config_map,
    deployment,
)

MAPS = "/api/v1/namespaces/default/configmaps"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


async def test_create(api: Api) -> None:
    reply = await api.post(MAPS, config_map("a", x="1"))
    assert reply.status == 201
    metadata = reply.json["metadata"]
    assert metadata["namespace"] == "default"
    assert {"uid", "resourceVersion", "creationTimestamp"} <= set(metadata)
    assert metadata["managedFields"][0]["manager"] == "tests"
    assert metadata["managedFields"][0]["fieldsV1"] == {"f:data": {".": {}, "f:x": {}}}
    assert (await api.get(f"{MAPS}/a")).json == reply.json


async def test_what_the_client_may_not_say_is_the_servers(api: Api) -> None:
    body = config_map("a")
    body["metadata"] |= {"uid": "mine", "creationTimestamp": "2001-01-01T00:00:00Z"}
    metadata = (await api.post(MAPS, body)).json["metadata"]
    assert metadata["uid"] != "mine"
    assert not metadata["creationTimestamp"].startswith("2001")


async def test_an_object_that_was_stored_already_is_not_created(api: Api) -> None:
    body = config_map("a")
    body["metadata"]["resourceVersion"] = "1"
    reply = await api.post(MAPS, body)
    assert reply.status == 500
    assert reply.json["message"] == "resourceVersion should not be set on objects to be created"


async def test_generated_names(api: Api) -> None:
    names = set()
    for _ in range(3):
        body = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"generateName": "x-"}}
        names.add((await api.post(MAPS, body)).json["metadata"]["name"])
    assert len(names) == 3
    assert all(name.startswith("x-") and len(name) == 7 for name in names)


@pytest.mark.parametrize(
    ("path", "body", "status", "reason", "words"),
    [
        (
            "/api/v1/namespaces/nope/configmaps",
            config_map("a"),
            404,
            "NotFound",
            'namespaces "nope" not found',
        ),
        (MAPS, config_map("X_y"), 422, "Invalid", 'ConfigMap "X_y" is invalid: metadata.name: Invalid value'),
        (MAPS, config_map(""), 422, "Invalid", "name or generateName is required"),
        (MAPS, deployment("a"), 400, "BadRequest", "cannot be handled as a ConfigMap"),
        (MAPS, {"metadata": {"name": "a", "namespace": "b"}}, 400, "BadRequest", "does not match"),
        (MAPS, b'{"kind":', 400, "BadRequest", "json parse error"),
        (MAPS, b"[]", 400, "BadRequest", "unrecognized"),
        (DEPLOYMENTS, deployment("a", selector=None), 422, "Invalid", "spec.selector: Required value"),
        (
            DEPLOYMENTS,
            deployment("a", selector={"matchLabels": {"q": "r"}}),
            422,
            "Invalid",
            "`selector` does not match template `labels`",
        ),
    ],
)
async def test_manifests_that_are_refused(
    api: Api, path: str, body: JsonObject | bytes, status: int, reason: str, words: str
) -> None:
    reply = await api.post(path, body)
    assert (reply.status, reply.json["reason"]) == (status, reason)
    assert words in reply.json["message"]


async def test_a_taken_name(api: Api) -> None:
    await api.post(MAPS, config_map("a"))
    reply = await api.post(MAPS, config_map("a"))
    assert (reply.status, reply.json["reason"]) == (409, "AlreadyExists")
    assert reply.json["message"] == 'configmaps "a" already exists'


async def test_field_validation(api: Api) -> None:
    body = {**config_map("a"), "dato": {}}
    strict = await api.post(f"{MAPS}?fieldValidation=Strict", body)
    assert strict.status == 400
    assert strict.json["message"] == (
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: '
        'strict decoding error: unknown field "dato"'
    )
    warned = await api.post(f"{MAPS}?fieldValidation=Warn", body)
    assert warned.status == 201
    assert warned.headers["Warning"] == '299 - "unknown field \\"dato\\""'
    typed = await api.post(f"{DEPLOYMENTS}?fieldValidation=Strict", deployment("a", replicas="three"))
    assert typed.json["message"].endswith(
        "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"
    )


async def test_defaults(api: Api) -> None:
    spec = (await api.post(DEPLOYMENTS, deployment("web"))).json["spec"]
    assert spec["replicas"] == 1
    assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": "25%", "maxSurge": "25%"}
    assert spec["template"]["spec"]["containers"][0]["imagePullPolicy"] == "IfNotPresent"
    body = {"metadata": {"name": "s"}, "spec": {"type": "NodePort", "ports": [{"port": 80}]}}
    service = (await api.post("/api/v1/namespaces/default/services", body)).json["spec"]
    assert service["clusterIP"].startswith("10.96.")
    assert service["ports"][0]["targetPort"] == 80
    assert 30_000 <= service["ports"][0]["nodePort"] <= 32_767
    secret = {"metadata": {"name": "s"}, "stringData": {"a": "b"}}
    stored = (await api.post("/api/v1/namespaces/default/secrets", secret)).json
    assert (stored["type"], stored["data"]) == ("Opaque", {"a": "Yg=="})


async def test_dry_run_stores_nothing(api: Api, cluster: PracticeCluster) -> None:
    before = cluster.store.revision
    assert (await api.post(f"{MAPS}?dryRun=All", config_map("a"))).status == 201
    assert (await api.get(f"{MAPS}/a")).status == 404
    assert cluster.store.revision == before
    await api.post(MAPS, config_map("a", x="1"))
    reply = await api.patch(f"{MAPS}/a?dryRun=All", {"data": {"x": "2"}})
    assert reply.json["data"] == {"x": "2"}
    assert (await api.get(f"{MAPS}/a")).json["data"] == {"x": "1"}
    assert (await api.call("DELETE", f"{MAPS}/a?dryRun=All")).status == 200
    assert (await api.get(f"{MAPS}/a")).status == 200
    assert (await api.post(f"{MAPS}?dryRun=Some", config_map("b"))).status == 422


async def test_update_and_its_conflict(api: Api) -> None:
    made = (await api.post(MAPS, config_map("a", x="1"))).json
    changed = (await api.call("PUT", f"{MAPS}/a", {**made, "data": {"x": "2"}})).json
    assert changed["data"] == {"x": "2"}
    reply = await api.call("PUT", f"{MAPS}/a", {**made, "data": {"x": "3"}})
    assert (reply.status, reply.json["reason"]) == (409, "Conflict")
    assert "the object has been modified" in reply.json["message"]
    assert (await api.call("PUT", f"{MAPS}/b", made)).status == 400
    assert (await api.call("PUT", f"{MAPS}/b", config_map("b"))).status == 404
    assert (await api.call("PUT", f"{MAPS}/a", config_map("a", x="4"))).json["data"] == {"x": "4"}


async def test_immutable_things(api: Api) -> None:
    await api.post(MAPS, {**config_map("a", x="1"), "immutable": True})
    assert (await api.patch(f"{MAPS}/a", {"data": {"x": "2"}})).status == 422
    await api.post(DEPLOYMENTS, deployment("web"))
    labels = {"app": "web", "more": "1"}
    body = {"spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}}}
    reply = await api.patch(f"{DEPLOYMENTS}/web", body)
    assert reply.status == 422
    assert "field is immutable" in reply.json["message"]


async def test_the_four_patches(api: Api) -> None:
    await api.post(DEPLOYMENTS, deployment("web"))
    path = f"{DEPLOYMENTS}/web"
    assert (await api.patch(path, {"spec": {"replicas": 3}}, MERGE)).json["spec"]["replicas"] == 3
    operations = [{"op": "replace", "path": "/spec/replicas", "value": 4}]
    assert (await api.patch(path, operations, JSON_PATCH)).json["spec"]["replicas"] == 4
    container = {"name": "b", "image": "redis:1"}
    body = {"spec": {"template": {"spec": {"containers": [container]}}}}
    spec = (await api.patch(path, body, STRATEGIC)).json["spec"]["template"]["spec"]
    assert [each["image"] for each in spec["containers"]] == ["redis:1", "nginx:1"]
    applied = {
        **{key: deployment("web")[key] for key in ("kind", "apiVersion", "metadata")},
        "spec": {"minReadySeconds": 7},
    }
    done = await api.patch(f"{path}?fieldManager=me", applied, APPLY)
    assert done.json["spec"]["minReadySeconds"] == 7
    assert done.json["metadata"]["generation"] == 5
    assert (await api.patch(path, {}, "application/json")).status == 415


async def test_patches_that_fail(api: Api) -> None:
    await api.post(MAPS, config_map("a", x="1"))
    operations = [{"op": "test", "path": "/data/x", "value": "2"}]
    assert (await api.patch(f"{MAPS}/a", operations, JSON_PATCH)).status == 422
    assert (await api.patch(f"{MAPS}/a", {"op": 1}, JSON_PATCH)).status == 400
    assert (await api.patch(f"{MAPS}/nope", {}, MERGE)).status == 404
    stale = {"metadata": {"resourceVersion": "1"}, "data": {"x": "2"}}
    assert (await api.patch(f"{MAPS}/a", stale, MERGE)).status == 409
    assert (await api.patch(f"{MAPS}/a", {"metadata": {"name": "b"}}, MERGE)).status == 400


async def test_status_is_a_half_of_its_own(api: Api) -> None:
    made = (await api.post(DEPLOYMENTS, {**deployment("web"), "status": {"replicas": 9}})).json
    assert made["status"] == {}
    body = {"status": {"replicas": 2}, "spec": {"replicas": 7}, "metadata": {"labels": {"x": "y"}}}
    below = (await api.patch(f"{DEPLOYMENTS}/web/status", body)).json
    assert (below["status"], below["spec"]["replicas"]) == ({"replicas": 2}, 1)
    assert "labels" not in below["metadata"]
    assert below["metadata"]["generation"] == 1
    above = (await api.patch(f"{DEPLOYMENTS}/web", body)).json
    assert (above["status"], above["spec"]["replicas"]) == ({"replicas": 2}, 7)
    assert above["metadata"]["generation"] == 2


async def test_scale(api: Api) -> None:
    await api.post(DEPLOYMENTS, deployment("web"))
    path = f"{DEPLOYMENTS}/web/scale"
    scale = (await api.get(path)).json
    assert (scale["kind"], scale["spec"], scale["status"]["selector"]) == (
        "Scale",
        {"replicas": 1},
        "app=web",
    )
    assert (await api.patch(path, {"spec": {"replicas": 3}})).json["spec"] == {"replicas": 3}
    assert (await api.call("PUT", path, {**scale, "spec": {"replicas": 5}})).status == 409
    assert (await api.patch(path, {"spec": {"replicas": -1}})).status == 422
    assert (await api.get(f"{DEPLOYMENTS}/web")).json["spec"]["replicas"] == 3
    assert (await api.get(f"{MAPS}/a/scale")).status == 404


async def test_delete_and_its_preconditions(api: Api) -> None:
    made = (await api.post(MAPS, config_map("a"))).json
    wrong = {"preconditions": {"uid": "other"}}
    assert (await api.call("DELETE", f"{MAPS}/a", wrong)).status == 409
    reply = await api.call("DELETE", f"{MAPS}/a", {"preconditions": {"uid": made["metadata"]["uid"]}})
    assert reply.json["status"] == "Success"
    assert reply.json["details"]["uid"] == made["metadata"]["uid"]
    assert (await api.call("DELETE", f"{MAPS}/a")).status == 404
    assert (await api.call("DELETE", f"{MAPS}/a", {"propagationPolicy": "Maybe"})).status in (404, 422)


async def test_finalizers_hold_an_object(api: Api) -> None:
    body = config_map("a")
    body["metadata"]["finalizers"] = ["example.com/wait"]
    await api.post(MAPS, body)
    waiting = (await api.call("DELETE", f"{MAPS}/a")).json
    assert waiting["kind"] == "ConfigMap"
    assert waiting["metadata"]["deletionTimestamp"]
    again = (await api.call("DELETE", f"{MAPS}/a")).json
    assert again["metadata"]["resourceVersion"] == waiting["metadata"]["resourceVersion"]
    await api.patch(f"{MAPS}/a", {"metadata": {"finalizers": None}})
    assert (await api.get(f"{MAPS}/a")).status == 404


async def test_what_is_owned_goes_along_unless_orphaned(api: Api, cluster: PracticeCluster) -> None:
    for name, options, left in (("a", {}, 404), ("b", {"propagationPolicy": "Orphan"}, 200)):
        owner = (await api.post(MAPS, config_map(name))).json
        child = config_map(f"{name}-child")
        child["metadata"]["ownerReferences"] = [
            {"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": owner["metadata"]["uid"]}
        ]
        await api.post(MAPS, child)
        await api.call("DELETE", f"{MAPS}/{name}", options)
        assert (await api.get(f"{MAPS}/{name}-child")).status == left
    assert "ownerReferences" not in (await api.get(f"{MAPS}/b-child")).json["metadata"]


async def test_a_namespace_takes_its_objects_along(api: Api) -> None:
    await api.post("/api/v1/namespaces", {"metadata": {"name": "team"}})
    await api.post("/api/v1/namespaces/team/configmaps", config_map("a"))
    assert (await api.call("DELETE", "/api/v1/namespaces/team")).status == 200
    assert (await api.get("/api/v1/namespaces/team/configmaps/a")).status == 404


async def test_delete_collection(api: Api) -> None:
    for name in "abc":
        body = config_map(name)
        body["metadata"]["labels"] = {"keep": str(name == "b").lower()}
        await api.post(MAPS, body)
    reply = await api.call("DELETE", f"{MAPS}?labelSelector=keep%3Dfalse")
    assert len(reply.json["items"]) == 2
    assert [item["metadata"]["name"] for item in (await api.get(MAPS)).json["items"]] == ["b"]
    assert (await api.call("DELETE", "/api/v1/namespaces")).status == 405


async def test_eviction_respects_budgets(api: Api, cluster: PracticeCluster) -> None:
    pods = "/api/v1/namespaces/default/pods"
    body = {
        "metadata": {"name": "p", "labels": {"a": "b"}},
        "spec": {"containers": [{"name": "a", "image": "x"}]},
    }
    await api.post(pods, body)
    await api.patch(f"{pods}/p/status", {"status": {"phase": "Running"}})
    budget = {
        "metadata": {"name": "b", "namespace": "default"},
        "spec": {"selector": {"matchLabels": {"a": "b"}}},
    }
    kind = builtin("poddisruptionbudgets", "policy")
    stored = cluster.store.create(kind, {**budget, "status": {"disruptionsAllowed": 0}})
    eviction = {"kind": "Eviction", "apiVersion": "policy/v1", "metadata": {"name": "p"}}
    reply = await api.post(f"{pods}/p/eviction", eviction)
    assert (reply.status, reply.json["details"]["causes"][0]["reason"]) == (429, "DisruptionBudget")
    cluster.store.update(kind, {**stored, "status": {"disruptionsAllowed": 1, "observedGeneration": 1}})
    assert (await api.post(f"{pods}/p/eviction", eviction)).status == 201
    assert (await api.get(f"{pods}/p")).status == 404


async def test_yaml_bodies(api: Api) -> None:
    text = b"kind: ConfigMap\napiVersion: v1\nmetadata: {name: a}\ndata: {when: 2026-01-01}\n"
    reply = await api.call("POST", MAPS, text, media="application/yaml")
    assert reply.json["data"] == {"when": "2026-01-01"}
    assert (await api.call("POST", MAPS, b"a: [", media="application/yaml")).status == 400


async def test_protobuf_bodies(api: Api) -> None:
    def field(number: int, value: bytes) -> bytes:
        return bytes([number << 3 | 2, len(value)]) + value

    owner = field(1, b"CronJob") + field(3, b"c") + field(4, b"u") + field(5, b"batch/v1") + b"\x30\x01"
    meta = field(1, b"a") + field(13, owner)
    raw = field(1, meta) + field(2, field(1, b"k") + field(2, b"v"))
    known = b"k8s\0" + field(1, field(1, b"v1") + field(2, b"ConfigMap")) + field(2, raw)
    media = "application/vnd.kubernetes.protobuf"
    reply = await api.call("POST", MAPS, known, media=media)
    assert (reply.status, reply.json["data"]) == (201, {"k": "v"})
    refs = [{"apiVersion": "batch/v1", "kind": "CronJob", "name": "c", "uid": "u", "controller": True}]
    assert reply.json["metadata"]["ownerReferences"] == refs
    unknown = b"k8s\0" + field(1, field(1, b"v1") + field(2, b"Widget")) + field(2, b"")
    reply = await api.call("POST", MAPS, unknown, media=media)
    assert (reply.status, reply.json["reason"]) == (415, "UnsupportedMediaType")
    assert "kubectl apply -f" in reply.json["message"]
    assert (await api.call("POST", MAPS, known[:-3], media=media)).status == 400


async def test_a_long_life_of_managed_fields(api: Api) -> None:
    """Create, apply, conflict, force, and drop: who owns what at the end."""
    await api.post(f"{MAPS}?fieldManager=maker", config_map("a", x="1", y="1"))
    path = f"{MAPS}/a"

    async def apply(who: str, force: bool, **data: str) -> JsonObject:
        query = f"?fieldManager={who}&force={str(force).lower()}"
        return (await api.patch(path + query, config_map("a", **data), APPLY)).json

    refused = await apply("one", False, x="2")
    assert refused["code"] == 409
    assert refused["message"] == 'Apply failed with 1 conflict: conflict with "maker" using v1: .data.x'
    cause = refused["details"]["causes"][0]
    assert (cause["reason"], cause["field"]) == ("FieldManagerConflict", ".data.x")
    taken = await apply("one", True, x="2", z="1")
    assert taken["data"] == {"x": "2", "y": "1", "z": "1"}
    shared = await apply("two", False, z="1")
    assert shared["data"] == taken["data"]
    dropped = await apply("one", False, x="2")
    assert dropped["data"] == taken["data"], "z is still owned by two"
    gone = await apply("two", False)
    assert gone["data"] == {"x": "2", "y": "1"}
    owners = {each["manager"]: each["fieldsV1"] for each in gone["metadata"]["managedFields"]}
    assert owners["one"] == {"f:data": {"f:x": {}}}
    assert owners["maker"] == {"f:data": {".": {}, "f:y": {}}}


async def test_apply_creates(api: Api) -> None:
    reply = await api.patch(f"{MAPS}/new?fieldManager=me", config_map("new", a="b"), APPLY)
    assert reply.status == 201
    entry = reply.json["metadata"]["managedFields"][0]
    assert (entry["manager"], entry["operation"]) == ("me", "Apply")
    same = await api.patch(f"{MAPS}/new?fieldManager=me", config_map("new", a="b"), APPLY)
    assert (same.status, same.json) == (200, reply.json)
    assert (await api.patch(f"{MAPS}/new", config_map("new"), APPLY)).status == 422


async def test_apply_merges_lists_by_key(api: Api) -> None:
    path = f"{DEPLOYMENTS}/web?fieldManager"
    await api.patch(f"{path}=one", deployment("web"), APPLY)
    other = deployment("web")
    other["spec"] = {"template": {"spec": {"containers": [{"name": "side", "image": "s:1"}]}}}
    found = (await api.patch(f"{path}=two", other, APPLY)).json
    spec = found["spec"]["template"]["spec"]
    assert [each["name"] for each in spec["containers"]] == ["a", "side"]
    other["spec"] = {"replicas": 2}
    found = (await api.patch(f"{path}=two", other, APPLY)).json
    assert [each["name"] for each in found["spec"]["template"]["spec"]["containers"]] == ["a"]
    text = json.dumps(found["metadata"]["managedFields"])
    assert 'k:{\\"name\\":\\"a\\"}' in text
