"""Writes of a status: what they leave alone."""

from __future__ import annotations

import copy

from k8stui.practice.cluster import PracticeCluster
from k8stui.practice.kinds import builtin
from tests.practice.api_client import Api, deployment

PODS = builtin("pods")
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


async def test_a_status_leaves_the_rest_as_it_was(api: Api, cluster: PracticeCluster) -> None:
    bare = {"metadata": {"name": "bare", "namespace": "default"}, "spec": {"containers": [{"name": "a"}]}}
    old = cluster.store.create(PODS, {**bare, "status": {"phase": "Running", "podIPs": [{"ip": "10.0.0.1"}]}})
    before = copy.deepcopy(old)
    path = "/api/v1/namespaces/default/pods/bare"
    reply = await api.patch(f"{path}/status", {"status": {"phase": None, "message": "m", "nonsense": 1}})
    assert reply.status == 200, reply.json
    assert reply.json["status"] == {"podIPs": [{"ip": "10.0.0.1"}], "message": "m"}
    assert "status.nonsense" in reply.headers["Warning"]
    new = cluster.store.get(PODS, "default", "bare")
    assert new["spec"] is old["spec"]
    assert new["metadata"]["generation"] == 1
    assert old == before
    (entry,) = new["metadata"]["managedFields"]
    assert entry["fieldsV1"] == {"f:status": {"f:message": {}}}
    whole = (await api.get(path)).json
    whole["spec"], whole["status"] = {"containers": []}, {"phase": "Failed"}
    reply = await api.call("PUT", f"{path}/status", whole)
    assert reply.json["status"] == {"phase": "Failed"}
    assert cluster.store.get(PODS, "default", "bare")["spec"] == before["spec"]


async def test_a_status_with_defaults_of_its_own_gets_them(api: Api) -> None:
    assert (await api.post("/api/v1/nodes", {"kind": "Node", "metadata": {"name": "n"}})).status == 201
    reply = await api.patch(
        "/api/v1/nodes/n/status", {"status": {"conditions": [{"type": "Ready", "status": "True"}]}}
    )
    assert reply.status == 200, reply.json
    assert "lastHeartbeatTime" in reply.json["status"]["conditions"][0]
    await api.post(DEPLOYMENTS, deployment("web"))
    reply = await api.patch(f"{DEPLOYMENTS}/web/status", {"status": None})
    assert reply.json["status"] == {}
