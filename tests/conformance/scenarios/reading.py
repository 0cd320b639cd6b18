"""Lists, pages, selectors, and what Tables look like."""

from __future__ import annotations

from typing import Any

from tests.conformance.script import Scenario, Script
from tests.conformance.server import TABLE, JsonObject


def config_map(name: str, labels: dict[str, str] | None = None, **data: str) -> JsonObject:
    return {"metadata": {"name": name, "labels": labels or {}}, "data": data}


def names(found: JsonObject) -> list[str]:
    """The names in a list or a Table, without what a namespace gets by itself."""
    items: list[Any] = found["items"] if "items" in found else [row["object"] for row in found["rows"]]
    return [item["metadata"]["name"] for item in items if item["metadata"]["name"] != "kube-root-ca.crt"]


async def _five(script: Script) -> str:
    path = script.path("configmaps")
    for name in "edbca":
        tier = "front" if name in "ab" else "back"
        await script.make(path, config_map(name, {"tier": tier, "app": name}))
    return path


async def lists_and_pages(script: Script) -> None:
    """Order, limit, continue and what is left."""
    path, server = await _five(script), script.server
    whole = (await server.get(path)).json
    assert names(whole) == ["a", "b", "c", "d", "e"]
    assert (whole["kind"], whole["apiVersion"]) == ("ConfigMapList", "v1")
    assert "kind" not in whole["items"][0], "items of a list have no kind of their own"
    assert set(whole["metadata"]) == {"resourceVersion"}
    first = (await server.get(f"{path}?limit=2")).json
    assert names(first) == ["a", "b"]
    assert first["metadata"]["remainingItemCount"] == 4
    token = first["metadata"]["continue"]
    await script.make(path, config_map("aa"))
    second = (await server.get(f"{path}?limit=2&continue={token}")).json
    assert names(second) == ["c", "d"], "a page shows the list of then"
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    last = (await server.get(f"{path}?continue={second['metadata']['continue']}")).json
    assert names(last) == ["e"]
    assert "continue" not in last["metadata"]
    selected = (await server.get(f"{path}?limit=1&labelSelector=tier%3Dback")).json
    assert "remainingItemCount" not in selected["metadata"]
    assert selected["metadata"]["continue"]
    assert (await server.get(f"{path}?limit=2&continue=rubbish")).refusal[:2] == (400, "BadRequest")
    assert (await server.get(f"{path}?limit=x")).status == 400
    script.tell("list", {**whole, "items": whole["items"][:5]})
    script.tell("page", first["metadata"])
    nothing = (await server.get(script.path("secrets"))).json
    script.tell("empty list", nothing)
    script.tell("empty Table", (await server.table(script.path("secrets")))["rows"])


async def lists_of_versions(script: Script) -> None:
    """resourceVersion and resourceVersionMatch of lists."""
    path, server = await _five(script), script.server
    version = (await server.get(path)).json["metadata"]["resourceVersion"]
    await script.make(path, config_map("later"))
    exact = (await server.get(f"{path}?resourceVersion={version}&resourceVersionMatch=Exact")).json
    assert "later" not in names(exact)
    assert exact["metadata"]["resourceVersion"] == version
    fresh = f"{path}?resourceVersion={version}&resourceVersionMatch=NotOlderThan"
    assert "later" in names((await server.get(fresh)).json)
    assert (await server.get(f"{path}?resourceVersion=0")).status == 200
    for query in (
        "resourceVersionMatch=Exact",
        "resourceVersion=0&resourceVersionMatch=Exact",
        f"resourceVersion={version}&resourceVersionMatch=Sometimes",
        f"resourceVersion={version}&resourceVersionMatch=NotOlderThan&continue=abc",
        "resourceVersion=abc",
        "sendInitialEvents=true",
    ):
        refused = await server.get(f"{path}?{query}")
        script.tell(query.replace(version, "VERSION"), [refused.status, refused.json.get("reason")])
    future = await server.get(f"{path}?resourceVersion={int(version) + 10**9}&timeoutSeconds=1")
    script.tell("a version to come", [future.status, future.json.get("reason")])
    old = await server.get(f"{path}?resourceVersion=1&resourceVersionMatch=Exact")
    assert old.refusal[:2] == (410, "Expired")


async def selectors(script: Script) -> None:
    """Label and field selectors, good and bad."""
    path, server = await _five(script), script.server
    for selector, wanted in (
        ("tier=front", "ab"),
        ("tier==front", "ab"),
        ("tier!=front", "cde"),
        ("tier in (front,side)", "ab"),
        ("tier notin (front)", "cde"),
        ("tier,app", "abcde"),
        ("!tier", ""),
        ("tier=back,app notin (c, d)", "e"),
        ("other!=x", "abcde"),
    ):
        found = (await server.get(f"{path}?labelSelector={selector.replace(',', '%2C')}")).json
        assert names(found) == list(wanted), selector
    for selector, wanted in (
        ("metadata.name=c", "c"),
        ("metadata.name!=c,metadata.name!=kube-root-ca.crt", "abde"),
        (f"metadata.namespace={script.namespace},metadata.name=a", "a"),
        ("metadata.namespace=other", ""),
    ):
        found = (await server.get(f"{path}?fieldSelector={selector}")).json
        assert names(found) == list(wanted), selector
    for number, query in enumerate(
        (
            "labelSelector=a=b=c",
            "labelSelector=a in b",
            "labelSelector=-a",
            "fieldSelector=spec.x=1",
            "fieldSelector=metadata.name",
        )
    ):
        refused = await server.get(f"{path}?{query}")
        assert refused.status == 400, query
        script.tell(f"refused selector {number}", refused.json)


_PARTIAL = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json"


async def forms(script: Script) -> None:
    """The forms in which a server writes objects: Table, metadata only, and what it does not speak."""
    path, server = await _five(script), script.server
    table = await server.get(f"{path}?limit=1", Accept=TABLE)
    assert table.json["rows"][0]["object"]["kind"] == "PartialObjectMetadata"
    script.tell("Table", {**table.json, "columnDefinitions": None})
    whole = await server.get(f"{path}/a?includeObject=Object", Accept=TABLE)
    script.tell("row with its object", {**whole.json, "columnDefinitions": None})
    bare = await server.get(f"{path}?limit=1&includeObject=None", Accept=TABLE)
    script.tell("row without object", bare.json["rows"])
    script.tell("metadata only", (await server.get(f"{path}?limit=1", Accept=_PARTIAL)).json)
    one = _PARTIAL.replace("MetadataList", "Metadata")
    script.tell("metadata of one", (await server.get(f"{path}/a", Accept=one)).json)
    for accept in ("text/html", "application/xml", "application/json;as=Table;v=v9;g=meta.k8s.io"):
        script.tell(f"Accept {accept}", (await server.get(path, Accept=accept)).status)
    for accept in ("application/yaml", "application/vnd.kubernetes.protobuf,application/json"):
        answer = await server.get(f"{path}/a", Accept=accept)
        script.tell(f"Accept {accept}: answered in", answer.headers["Content-Type"])
    wrong = await server.get(f"{path}?includeObject=Half", Accept=TABLE)
    script.tell("includeObject=Half", [wrong.status, wrong.json.get("reason")])


async def not_found(script: Script) -> None:
    """What is not there."""
    server = script.server
    for what, path in {
        "object": script.path("configmaps", "none"),
        "grouped object": script.path("deployments", "none", "apps"),
        "namespace": "/api/v1/namespaces/none-MARK".replace("MARK", script.mark),
        "list of a namespace that is not there": f"/api/v1/namespaces/none-{script.mark}/pods",
        "kind": script.path("nones"),
        "group": "/apis/none.example/v1/nones",
        "version": "/api/v9/pods",
        "subresource": script.path("configmaps", "a") + "/status",
        "scale of a Pod": script.path("pods", "a") + "/scale",
        "path": "/none",
    }.items():
        found = await server.get(path)
        script.tell(what, [found.status, found.body.decode() if b"kind" not in found.body else found.json])
    for method, path in (
        ("POST", script.path("configmaps", "a")),
        ("PUT", script.path("configmaps")),
        ("PATCH", script.path("configmaps")),
        ("DELETE", "/api/v1/namespaces"),
        ("POST", "/api/v1/componentstatuses"),
    ):
        refused = await server.call(method, path, {})
        script.tell(f"{method} {path}".replace(script.namespace, "NAMESPACE"), refused.json)


READING: dict[str, Scenario] = {
    each.__name__: each for each in (lists_and_pages, lists_of_versions, selectors, forms, not_found)
}
