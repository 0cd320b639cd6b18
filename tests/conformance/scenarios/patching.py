"""The four kinds of patches, and server-side apply."""

from __future__ import annotations

from typing import Any

from tests.conformance.scenarios.reading import config_map
from tests.conformance.scenarios.writing import deployment
from tests.conformance.script import Scenario, Script
from tests.conformance.server import APPLY, JSON_PATCH, MERGE, STRATEGIC, JsonObject, Reply


def refusal(reply: Reply) -> list[Any]:
    """Code, reason and message, without the object that some messages quote."""
    message = str(reply.json.get("message"))
    if 'patch: Invalid value: "' in message:
        message = "PATCH: " + message.rpartition('": ')[2]
    return [reply.status, reply.json.get("reason"), message]


async def json_and_merge_patches(script: Script) -> None:
    """RFC 6902 and RFC 7386."""
    server, path = script.server, script.path("configmaps", "c")
    await script.make(script.path("configmaps"), config_map("c", {"x": "y"}, a="1", b="2"))
    merged = (await server.patch(path, {"data": {"a": None, "c": "3"}})).json
    assert merged["data"] == {"b": "2", "c": "3"}
    operations = [
        {"op": "test", "path": "/data/b", "value": "2"},
        {"op": "replace", "path": "/data/b", "value": "5"},
        {"op": "add", "path": "/metadata/annotations", "value": {"d/e": "6"}},
        {"op": "replace", "path": "/metadata/annotations/d~1e", "value": "7"},
        {"op": "move", "from": "/data/c", "path": "/data/f"},
        {"op": "copy", "from": "/data/f", "path": "/data/g"},
        {"op": "remove", "path": "/metadata/labels"},
    ]
    answer = await server.patch(path, operations, JSON_PATCH)
    patched = answer.json
    assert answer.status == 200, answer.body
    assert patched["data"] == {"b": "5", "f": "3", "g": "3"}
    assert patched["metadata"]["annotations"] == {"d/e": "7"}
    assert "labels" not in patched["metadata"]
    same = (await server.patch(path, {"data": {"b": "5"}})).json
    assert same["metadata"]["resourceVersion"] == patched["metadata"]["resourceVersion"]
    imagined = (await server.patch(f"{path}?dryRun=All", {"data": {"b": "6"}})).json
    assert imagined["data"]["b"] == "6"
    assert (await server.get(path)).json["data"]["b"] == "5"
    stale = {"metadata": {"resourceVersion": merged["metadata"]["resourceVersion"]}, "data": {"b": "7"}}
    assert (await server.patch(path, stale)).refusal[:2] == (409, "Conflict")
    for what, body, media in (
        ("a failed test", [{"op": "test", "path": "/data/b", "value": "9"}], JSON_PATCH),
        ("a path that is not there", [{"op": "remove", "path": "/data/none"}], JSON_PATCH),
        ("an operation that is none", [{"op": "swap", "path": "/data/b"}], JSON_PATCH),
        ("no list", {"op": "remove"}, JSON_PATCH),
        ("a merge that is a list", [], MERGE),
        ("a wrong type", {"data": {"b": 5}}, MERGE),
        ("another name", {"metadata": {"name": "other"}}, MERGE),
        ("another kind", {"kind": "Service"}, MERGE),
        ("an unknown kind of patch", {}, "application/json"),
        ("no JSON", b"{", MERGE),
    ):
        refused = await server.patch(path, body, media)
        script.tell(what, refusal(refused))
    gone = await server.patch(script.path("configmaps", "none"), {})
    assert gone.refusal[:2] == (404, "NotFound")
    unknown = await server.patch(f"{path}?fieldValidation=Strict", {"dato": {}})
    script.tell("an unknown field", refusal(unknown))


async def strategic_patches(script: Script) -> None:
    """Lists merged by key, and the directives."""
    server, path = script.server, script.path("deployments", "d", "apps")
    made = deployment("d")
    spec = made["spec"]["template"]["spec"]
    spec["containers"] = [
        {"name": "a", "image": "nginx:1", "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}],
         "ports": [{"containerPort": 80, "name": "http"}, {"containerPort": 81}]},
        {"name": "b", "image": "redis:1"},
    ]  # fmt: skip
    spec["tolerations"] = [{"key": "a", "operator": "Exists"}]
    spec["volumes"] = [{"name": "v", "emptyDir": {}}]
    await script.make(script.path("deployments", group="apps"), made)

    async def patch(pod: JsonObject, **more: Any) -> JsonObject:
        body = {"spec": {"template": {"spec": pod}, **more}}
        answer = await server.patch(path, body, STRATEGIC)
        assert answer.status == 200, answer.body
        return answer.json

    def images(found: JsonObject) -> list[tuple[str, str]]:
        return [(each["name"], each["image"]) for each in found["spec"]["template"]["spec"]["containers"]]

    found = await patch({"containers": [{"name": "b", "image": "redis:2"}]})
    assert images(found) == [("a", "nginx:1"), ("b", "redis:2")]
    found = await patch({"containers": [{"name": "c", "image": "busybox:1"}]})
    script.tell("a third container", images(found))
    order = [{"name": "c"}, {"name": "a"}, {"name": "b"}]
    found = await patch(
        {"$setElementOrder/containers": order, "containers": [{"name": "a", "image": "nginx:2"}]}
    )
    assert images(found) == [("c", "busybox:1"), ("a", "nginx:2"), ("b", "redis:2")]
    found = await patch({"containers": [{"name": "c", "$patch": "delete"}]})
    assert images(found) == [("a", "nginx:2"), ("b", "redis:2")]
    env = [{"name": "B", "value": "3"}, {"name": "C", "value": "4"}, {"name": "A", "$patch": "delete"}]
    found = await patch({"containers": [{"name": "a", "env": env}]})
    script.tell("environment", found["spec"]["template"]["spec"]["containers"][0]["env"])
    ports = [{"containerPort": 81, "$patch": "delete"}, {"containerPort": 82}]
    found = await patch({"containers": [{"name": "a", "ports": ports}]})
    script.tell("ports", found["spec"]["template"]["spec"]["containers"][0]["ports"])
    found = await patch({"tolerations": [{"key": "b", "operator": "Exists"}]})
    assert [each["key"] for each in found["spec"]["template"]["spec"]["tolerations"]] == ["b"], "replaced"
    found = await patch(
        {"volumes": [{"name": "v", "$retainKeys": ["name", "hostPath"], "hostPath": {"path": "/x"}}]}
    )
    script.tell("another kind of volume", found["spec"]["template"]["spec"]["volumes"])
    found = await patch({}, strategy={"$retainKeys": ["type"], "type": "Recreate"})
    assert found["spec"]["strategy"] == {"type": "Recreate"}
    found = await patch({"nodeSelector": {"a": "b", "c": "d"}})
    found = await patch({"nodeSelector": {"$patch": "replace", "e": "f"}})
    assert found["spec"]["template"]["spec"]["nodeSelector"] == {"e": "f"}
    found = await patch({"nodeSelector": None})
    assert "nodeSelector" not in found["spec"]["template"]["spec"]
    found = await patch({"containers": [{"$patch": "replace"}, {"name": "z", "image": "nginx:9"}]})
    assert images(found) == [("z", "nginx:9")]
    account = script.path("serviceaccounts", "default")
    await server.patch(account, {"imagePullSecrets": [{"name": "a"}, {"name": "b"}]}, STRATEGIC)
    gone = {
        "$deleteFromPrimitiveList/finalizers": ["x.example/a"],
        "$setElementOrder/finalizers": ["x.example/b"],
    }
    await server.patch(account, {"metadata": {"finalizers": ["x.example/a", "x.example/b"]}}, STRATEGIC)
    freed = (await server.patch(account, {"metadata": gone}, STRATEGIC)).json
    assert freed["metadata"]["finalizers"] == ["x.example/b"]
    await server.patch(account, {"metadata": {"finalizers": None}})
    for what, body in (
        ("no key", {"spec": {"template": {"spec": {"containers": [{"image": "x"}]}}}}),
        ("an unknown directive", {"spec": {"strategy": {"$patch": "turn"}}}),
        ("a wrong type", {"spec": {"template": {"spec": {"containers": {}}}}}),
    ):
        refused = await server.patch(path, body, STRATEGIC)
        script.tell(what, refusal(refused))


async def applying(script: Script) -> None:
    """Who owns which field, conflicts, force, and what goes when nobody wants it any more."""
    server, path = script.server, script.path("deployments", "d", "apps")
    body = deployment("d")
    del body["spec"]["replicas"]

    async def apply(by: str, obj: JsonObject, more: str = "") -> Any:
        answer = await server.patch(f"{path}?fieldManager={by}{more}", obj, APPLY)
        return answer

    def managers(found: JsonObject) -> list[list[Any]]:
        return [
            [
                each["manager"],
                each["operation"],
                each["apiVersion"],
                each.get("subresource", ""),
                each["fieldsV1"],
            ]
            for each in sorted(found["metadata"].get("managedFields", ()), key=lambda each: each["manager"])
            if each["manager"] in ("one", "two", "hand")
        ]

    made = await apply("one", body)
    assert made.status == 201
    script.tell("managers of a new object", managers(made.json))
    assert (await apply("one", body)).json["metadata"]["generation"] == 1
    scaled = await server.patch(path + "?fieldManager=hand", {"spec": {"replicas": 0}})
    assert scaled.status == 200
    script.tell("managers after a patch", managers(scaled.json))
    body["spec"]["replicas"] = 1
    conflict = await apply("one", body)
    assert conflict.refusal == (
        409,
        "Conflict",
        'Apply failed with 1 conflict: conflict with "hand" using apps/v1: .spec.replicas',
    )
    script.tell("conflict", conflict.json)
    body["spec"]["replicas"] = 0
    assert (await apply("one", body)).status == 200, "the same value is shared"
    forced = await apply("two", deployment("d", paused=True), "&force=true")
    script.tell("managers after another one", managers(forced.json))
    del body["spec"]["replicas"]
    body["spec"]["template"]["metadata"]["annotations"] = {"a": "b"}
    assert (await apply("one", body)).json["spec"]["template"]["metadata"]["annotations"] == {"a": "b"}
    del body["spec"]["template"]["metadata"]["annotations"]
    without = (await apply("one", body)).json
    assert "annotations" not in without["spec"]["template"]["metadata"], "nobody wants it any more"
    assert without["spec"]["paused"] is True, "another manager's"
    body["spec"]["template"]["spec"]["containers"].append({"name": "b", "image": "redis:1"})
    assert len((await apply("one", body)).json["spec"]["template"]["spec"]["containers"]) == 2
    del body["spec"]["template"]["spec"]["containers"][1]
    assert len((await apply("one", body)).json["spec"]["template"]["spec"]["containers"]) == 1
    for what, query, obj in (
        ("no manager", "", body),
        ("another name", "?fieldManager=x", {**body, "metadata": {"name": "other"}}),
        ("managed fields", "?fieldManager=x", {**body, "metadata": {"name": "d", "managedFields": [{}]}}),
        ("no kind", "?fieldManager=x", {"metadata": {"name": "d"}}),
        ("an unknown field", "?fieldManager=x&force=true", {**body, "spec": {**body["spec"], "odd": 1}}),
    ):
        refused = await server.patch(path + query, obj, APPLY)
        script.tell(what, refusal(refused))
    forced_merge = await server.patch(f"{path}?force=true", {})
    script.tell("a merge patch with force", [forced_merge.status, forced_merge.json.get("message")])
    imagined = await server.patch(
        script.path("configmaps", "none") + "?fieldManager=x&dryRun=All",
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "none"}},
        APPLY,
    )
    assert imagined.status == 201
    assert (await server.get(script.path("configmaps", "none"))).status == 404


PATCHING: dict[str, Scenario] = {
    each.__name__: each for each in (json_and_merge_patches, strategic_patches, applying)
}
