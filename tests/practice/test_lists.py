from __future__ import annotations

import pytest

from k8stui.practice.cluster import PracticeCluster
from k8stui.practice.kinds import builtin
from tests.practice.api_client import TABLE, Api, config_map

MAPS = builtin("configmaps")
PATH = "/api/v1/namespaces/default/configmaps"


@pytest.fixture
def five(cluster: PracticeCluster) -> PracticeCluster:
    for number in range(5):
        metadata = {"name": f"m{number}", "namespace": "default", "labels": {"odd": str(number % 2)}}
        cluster.store.create(MAPS, {"metadata": metadata, "data": {"n": str(number)}})
    return cluster


async def test_a_plain_list(five: PracticeCluster, api: Api) -> None:
    found = (await api.get(PATH)).json
    assert (found["kind"], found["apiVersion"]) == ("ConfigMapList", "v1")
    assert found["metadata"] == {"resourceVersion": str(five.store.revision)}
    assert [item["metadata"]["name"] for item in found["items"]] == ["m0", "m1", "m2", "m3", "m4"]
    assert "kind" not in found["items"][0]


async def test_tables_hold_as_much_of_the_object_as_asked_for(five: PracticeCluster, api: Api) -> None:
    table = (await api.get(PATH, Accept=TABLE)).json
    assert (table["kind"], table["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    assert [column["name"] for column in table["columnDefinitions"]] == ["Name", "Data", "Age"]
    row = table["rows"][1]
    assert row["cells"][:2] == ["m1", 1]
    assert row["object"]["kind"] == "PartialObjectMetadata"
    assert row["object"]["metadata"]["labels"] == {"odd": "1"}
    bare = (await api.get(f"{PATH}?includeObject=None", Accept=TABLE)).json
    assert bare["rows"][1]["object"] is None
    whole = (await api.get(f"{PATH}?includeObject=Object", Accept=TABLE)).json
    assert whole["rows"][1]["object"]["data"] == {"n": "1"}
    older = (await api.get(PATH, Accept=TABLE.replace("v=v1;", "v=v1beta1;"))).json
    assert older["apiVersion"] == "meta.k8s.io/v1beta1"
    assert (await api.get(f"{PATH}?includeObject=All", Accept=TABLE)).status == 400


async def test_metadata_only(five: PracticeCluster, api: Api) -> None:
    accept = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"
    found = (await api.get(PATH, Accept=accept)).json
    assert found["kind"] == "PartialObjectMetadataList"
    assert set(found["items"][0]) == {"kind", "apiVersion", "metadata"}
    single = accept.replace("MetadataList", "Metadata")
    assert (await api.get(PATH, Accept=single)).status == 406
    assert (await api.get(f"{PATH}/m1", Accept=single)).json["kind"] == "PartialObjectMetadata"


@pytest.mark.parametrize(
    "accept", ["text/html", "application/json;as=Chart;v=v1;g=meta.k8s.io", "application/yaml"]
)
async def test_forms_that_cannot_be_served(api: Api, accept: str) -> None:
    reply = await api.get(PATH, Accept=accept)
    assert (reply.status, reply.json["reason"]) == (406, "NotAcceptable")


async def test_pages_are_one_snapshot(five: PracticeCluster, api: Api) -> None:
    first = (await api.get(f"{PATH}?limit=2")).json
    assert [item["metadata"]["name"] for item in first["items"]] == ["m0", "m1"]
    assert first["metadata"]["remainingItemCount"] == 3
    five.store.delete(MAPS, "default", "m2")
    five.store.create(MAPS, {"metadata": {"name": "m22", "namespace": "default"}})
    old = five.store.get(MAPS, "default", "m3")
    five.store.update(MAPS, {**old, "data": {"n": "new"}})
    second = (await api.get(f"{PATH}?limit=2&continue={first['metadata']['continue']}")).json
    assert [item["metadata"]["name"] for item in second["items"]] == ["m2", "m3"]
    assert second["items"][1]["data"] == {"n": "3"}
    assert second["metadata"]["resourceVersion"] == first["metadata"]["resourceVersion"]
    assert second["metadata"]["remainingItemCount"] == 1
    third = (await api.get(f"{PATH}?limit=2&continue={second['metadata']['continue']}")).json
    assert [item["metadata"]["name"] for item in third["items"]] == ["m4"]
    assert "continue" not in third["metadata"]


async def test_a_page_that_is_forgotten(five: PracticeCluster, api: Api) -> None:
    first = (await api.get(f"{PATH}?limit=2")).json
    five.store.delete(MAPS, "default", "m2")
    five.store.compact()
    reply = await api.get(f"{PATH}?limit=2&continue={first['metadata']['continue']}")
    assert (reply.status, reply.json["reason"]) == (410, "Expired")
    inconsistent = reply.json["metadata"]["continue"]
    rest = (await api.get(f"{PATH}?continue={inconsistent}")).json
    assert [item["metadata"]["name"] for item in rest["items"]] == ["m3", "m4"]


async def test_resource_versions(five: PracticeCluster, api: Api) -> None:
    then = five.store.revision
    five.store.delete(MAPS, "default", "m0")
    assert len((await api.get(f"{PATH}?resourceVersion=0&limit=1")).json["items"]) == 4
    assert len((await api.get(f"{PATH}?resourceVersion={then}")).json["items"]) == 4
    exact = (await api.get(f"{PATH}?resourceVersion={then}&resourceVersionMatch=Exact")).json
    assert len(exact["items"]) == 5
    assert exact["metadata"]["resourceVersion"] == str(then)
    paged = (await api.get(f"{PATH}?resourceVersion={then}&limit=1")).json
    assert paged["items"][0]["metadata"]["name"] == "m0"
    newer = (await api.get(f"{PATH}?resourceVersion={then}&resourceVersionMatch=NotOlderThan&limit=1")).json
    assert newer["items"][0]["metadata"]["name"] == "m1"
    five.store.compact()
    assert (await api.get(f"{PATH}?resourceVersion={then}&resourceVersionMatch=Exact")).status == 410


@pytest.mark.parametrize(
    ("query", "status", "reason"),
    [
        ("resourceVersion=abc", 400, "BadRequest"),
        ("resourceVersion=99999999999999999", 504, "Timeout"),
        ("limit=x", 400, "BadRequest"),
        ("continue=zzzz", 400, "BadRequest"),
        ("resourceVersionMatch=Exact", 422, "Invalid"),
        ("resourceVersionMatch=Foo&resourceVersion=1", 422, "Invalid"),
        ("sendInitialEvents=true", 422, "Invalid"),
        ("labelSelector=%3D%3Da", 400, "BadRequest"),
        ("fieldSelector=data.n%3D1", 400, "BadRequest"),
    ],
)
async def test_parameters_that_do_not_fit(api: Api, query: str, status: int, reason: str) -> None:
    reply = await api.get(f"{PATH}?{query}")
    assert (reply.status, reply.json["reason"], reply.json["code"]) == (status, reason, status)


async def test_selectors(five: PracticeCluster, api: Api) -> None:
    found = (await api.get(f"{PATH}?labelSelector=odd%3D1&limit=1")).json
    assert [item["metadata"]["name"] for item in found["items"]] == ["m1"]
    assert "remainingItemCount" not in found["metadata"]
    rest = (await api.get(f"{PATH}?labelSelector=odd%3D1&continue={found['metadata']['continue']}")).json
    assert [item["metadata"]["name"] for item in rest["items"]] == ["m3"]
    everywhere = (await api.get("/api/v1/configmaps?fieldSelector=metadata.name%3Dm2")).json
    assert len(everywhere["items"]) == 1
    other = (await api.get("/api/v1/configmaps?fieldSelector=metadata.namespace%3Dother")).json
    assert other["items"] == []


async def test_large_lists_arrive_whole(cluster: PracticeCluster, api: Api) -> None:
    for number in range(1_203):
        cluster.store.create(MAPS, {"metadata": {"name": f"m{number:05d}", "namespace": "default"}})
    found = (await api.get("/api/v1/configmaps?includeObject=None", Accept=TABLE)).json
    assert [row["cells"][0] for row in found["rows"]] == [f"m{number:05d}" for number in range(1_203)]


async def test_paths_that_are_none(api: Api) -> None:
    for path in ("/api/v1/foo", "/apis/apps/v9/deployments", "/api/v1/namespaces/default/nodes"):
        reply = await api.get(path)
        assert reply.status == 404
        assert reply.json["message"] == "the server could not find the requested resource"
    assert (await api.get("/nothing")).body == b"404 page not found\n"
    assert (await api.get("/api/v1/namespaces/nope/pods")).json["items"] == []
    reply = await api.get(f"{PATH}/nope")
    assert reply.json["message"] == 'configmaps "nope" not found'
    assert reply.json["details"] == {"name": "nope", "kind": "configmaps"}
    reply = await api.get("/apis/apps/v1/namespaces/default/deployments/nope")
    assert reply.json["message"] == 'deployments.apps "nope" not found'


async def test_one_object_as_a_table(five: PracticeCluster, api: Api) -> None:
    table = (await api.get(f"{PATH}/m1", Accept=TABLE)).json
    assert len(table["rows"]) == 1
    assert table["metadata"]["resourceVersion"] == table["rows"][0]["object"]["metadata"]["resourceVersion"]
    assert config_map("m1", n="1")["data"] == (await api.get(f"{PATH}/m1")).json["data"]
