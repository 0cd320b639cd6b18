from __future__ import annotations

import asyncio

import aiohttp
import pytest

from k8stui.practice.cluster import PracticeCluster
from k8stui.practice.faults import Faults
from k8stui.practice.kinds import builtin
from tests.practice.api_client import TABLE, Api, config_map, until

MAPS = "/api/v1/namespaces/default/configmaps"
KIND = builtin("configmaps")


async def test_forbid_speaks_as_rbac_does(api: Api) -> None:
    api.cluster.faults.forbid("pods", "list")
    reply = await api.get("/api/v1/pods")
    assert (reply.status, reply.json["reason"]) == (403, "Forbidden")
    assert reply.json["message"] == (
        'pods is forbidden: User "practice-admin" cannot list resource "pods" in API group "" '
        "at the cluster scope"
    )
    reply = await api.get("/api/v1/namespaces/default/pods")
    assert reply.json["message"].endswith('in API group "" in the namespace "default"')
    assert (await api.get("/api/v1/namespaces/default/pods/a")).status == 404
    assert (await api.get("/api/v1/nodes")).status == 200


async def test_rules_meet_only_what_they_name(api: Api) -> None:
    faults = api.cluster.faults
    fault = faults.forbid("deployments.apps", "get", "list", namespace="kube-system")
    assert (await api.get("/apis/apps/v1/namespaces/kube-system/deployments")).status == 403
    assert (await api.get("/apis/apps/v1/namespaces/default/deployments")).status == 200
    assert (await api.get("/apis/apps/v1/deployments")).status == 200
    assert fault.hits == 1
    faults.clear()
    faults.forbid("pods", "list", namespace="")
    assert (await api.get("/api/v1/pods")).status == 403
    assert (await api.get("/api/v1/namespaces/default/pods")).status == 200
    faults.clear()
    faults.fail(503, path="^/apis$")
    assert (await api.get("/apis")).status == 503
    assert (await api.get("/api")).status == 200


async def test_a_rule_may_be_used_up(api: Api) -> None:
    api.cluster.faults.fail(500, "configmaps", times=2)
    assert [(await api.get(MAPS)).status for _ in range(3)] == [500, 500, 200]


async def test_too_many_requests(api: Api) -> None:
    api.cluster.faults.fail(429, "configmaps", retry_after=7)
    reply = await api.get(MAPS)
    assert (reply.status, reply.json["reason"], reply.headers["Retry-After"]) == (429, "TooManyRequests", "7")
    assert reply.json["details"]["retryAfterSeconds"] == 7


async def test_expired_versions_and_tokens(api: Api) -> None:
    fault = api.cluster.faults.expire("configmaps", "watch")
    reply = await api.get(f"{MAPS}?watch=1&resourceVersion=1")
    assert (reply.status, reply.json["reason"]) == (410, "Expired")
    api.cluster.faults.remove(fault)
    api.cluster.faults.token_expired = True
    assert (await api.get(MAPS)).status == 401
    api.cluster.faults.clear()
    assert (await api.get(MAPS)).status == 200


async def test_rubbish(api: Api) -> None:
    api.cluster.faults.rubbish("configmaps", times=1)
    reply = await api.get(MAPS)
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/html")
    api.cluster.faults.rubbish("configmaps", half_json=True)
    reply = await api.get(MAPS)
    assert reply.headers["Content-Type"] == "application/json"
    with pytest.raises(ValueError):
        assert reply.json


async def test_plain_objects_in_place_of_a_table(api: Api) -> None:
    await api.post(MAPS, config_map("a"))
    api.cluster.faults.plain("configmaps")
    assert (await api.get(MAPS, Accept=TABLE)).json["kind"] == "ConfigMapList"
    async with api.watch(f"{MAPS}?resourceVersion=0", Accept=TABLE) as lines:
        assert (await lines.next())["object"]["kind"] == "ConfigMap"


async def test_hanging_and_dawdling(api: Api) -> None:
    fault = api.cluster.faults.hang("configmaps")
    request = asyncio.create_task(api.get(MAPS))
    await until(lambda: fault.hits == 1)
    assert not request.done()
    api.cluster.faults.remove(fault)
    assert (await request).status == 200
    slow = api.cluster.faults.delay(600, "configmaps")
    request = asyncio.create_task(api.get(MAPS))
    await until(lambda: slow.hits == 1)
    api.cluster.faults.remove(slow)
    assert (await request).status == 200


async def test_watches_that_break(api: Api, cluster: PracticeCluster) -> None:
    for name in "abc":
        await api.post(MAPS, config_map(name))
    cluster.faults.cut("configmaps", "watch", events=2, times=1)
    seen = []
    with pytest.raises(aiohttp.ClientPayloadError):
        async with api.watch(f"{MAPS}?resourceVersion=0") as lines:
            while True:
                seen.append((await lines.next())["object"]["metadata"]["name"])
    assert seen == ["a", "b"]


async def test_lists_that_break(api: Api, cluster: PracticeCluster) -> None:
    await api.post(MAPS, config_map("a"))
    cluster.faults.cut("configmaps", "list", after_bytes=40)
    async with api.session.get(cluster.server + MAPS) as response:
        body = b""
        with pytest.raises(aiohttp.ClientPayloadError):
            async for chunk in response.content.iter_any():
                body += chunk
    assert len(body) == 40


async def test_error_events(api: Api, cluster: PracticeCluster) -> None:
    cluster.faults.error_event(410, "configmaps")
    async with api.watch(f"{MAPS}?resourceVersion={cluster.store.revision}") as lines:
        events = await lines.rest()
    assert [event["type"] for event in events] == ["ERROR"]
    assert events[0]["object"]["code"] == 410


def test_rules_out_of_a_file() -> None:
    faults = Faults()
    faults.load([{"action": "status", "resource": "pods", "verbs": ["list"], "code": 503, "times": 1}])
    (rule,) = faults.rules
    assert (rule.code, rule.verbs, rule.times) == (503, frozenset({"list"}), 1)
    with pytest.raises(ValueError):
        faults.load([{"action": "explode"}])
    with pytest.raises(ValueError):
        faults.load([{"action": "status", "colour": "red"}])
