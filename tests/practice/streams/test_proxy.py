"""proxy of Pods and Services."""

from __future__ import annotations

from k8stui.practice.cluster import PracticeCluster
from k8stui.practice.kinds import builtin
from tests.practice.api_client import Api
from tests.practice.streams.pods import container, put

BASE = "/api/v1/namespaces/default"
SERVICES = builtin("services")


async def test_pages_through_the_server(api: Api, cluster: PracticeCluster) -> None:
    ports = [{"name": "http", "containerPort": 8080}]
    put(cluster, "p", container("a", "x.example/cart:1", ports=ports), metadata={"labels": {"app": "cart"}})
    put(cluster, "r", container("r", "redis:8.2"))
    put(cluster, "web")
    for name, label in (("cart", "cart"), ("none", "nobody")):
        spec = {"selector": {"app": label}, "ports": [{"name": "web", "port": 80, "targetPort": "http"}]}
        cluster.store.create(SERVICES, {"metadata": {"name": name, "namespace": "default"}, "spec": spec})
    for path in (
        "pods/p/proxy/a/b?c=d",
        "pods/p:8080/proxy/a/b",
        "pods/p:http/proxy/a/b",
        "services/cart/proxy/a/b",
    ):
        reply = await api.get(f"{BASE}/{path}")
        assert (reply.status, reply.json["pod"]) == (200, "p"), path
        assert reply.json["path"].partition("?")[0] == "/a/b"
    for path in ("services/cart:80/proxy/", "services/cart:web/proxy", "services/http:cart:web/proxy/"):
        assert (await api.get(f"{BASE}/{path}")).json["path"] == "/"
    assert b"Welcome" in (await api.get(f"{BASE}/pods/web/proxy/")).body
    assert (await api.get(f"{BASE}/pods/web/proxy/nope")).status == 404
    reply = await api.get(f"{BASE}/services/none/proxy/")
    assert (reply.status, reply.json["message"]) == (503, 'no endpoints available for service "none"')
    assert (await api.get(f"{BASE}/services/cart:99/proxy/")).status == 503
    assert (await api.get(f"{BASE}/pods/r:6379/proxy/")).status == 503
    assert (await api.get(f"{BASE}/pods/nope/proxy/")).json["message"] == 'pods "nope" not found'
