"""metrics.k8s.io: figures that follow from what there is, and come and go with the metrics server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from itertools import pairwise

import pytest
import pytest_asyncio

from k8stui.core.objects import JsonObject, dig
from k8stui.core.units import parse_quantity, parse_time
from k8stui.practice.clock import SteppedClock
from k8stui.practice.cluster import practice_cluster
from k8stui.practice.kinds import builtin
from k8stui.practice.metrics.load import Sharing, workload_of
from k8stui.practice.metrics.usage import Metrics, Sample
from k8stui.practice.seeding import programs
from tests.practice.api_client import TABLE, Api, connect
from tests.practice.lab import START, Lab, deployment

PODS, NODES = builtin("pods"), builtin("nodes")
GROUP = "/apis/metrics.k8s.io/v1beta1"


@pytest.fixture
def lab() -> Iterator[Lab]:
    lab = Lab()
    yield lab
    lab.engine.detach()


def read(lab: Lab) -> dict[str, Sample]:
    metrics = Metrics(lab.store, lambda: lab.time, programs())
    return {sample.subject["metadata"]["name"]: sample for sample in metrics.pods("shop")}


def test_a_container_is_known_some_time_after_its_start(lab: Lab) -> None:
    lab.make("pods", "web", spec={"containers": [{"name": "c", "image": "nginx:1.29"}]})
    lab.wait(0)
    waited = 0
    while not read(lab):
        lab.wait(1)
        waited += 1
        assert waited < 60
    assert 10 <= waited <= 32
    sample = read(lab)["web"]
    assert 10 <= sample.window <= 16
    assert sample.at <= lab.time


def test_figures_stand_still_between_two_readings_and_then_move(lab: Lab) -> None:
    lab.make("pods", "web", spec={"containers": [{"name": "c", "image": "nginx:1.29"}]})
    lab.wait(300)
    seen: list[float] = []
    for _ in range(90):
        sample = read(lab)["web"]
        if not seen or seen[-1] != sample.at:
            seen.append(sample.at)
            last = sample
        assert sample.usage == last.usage
        lab.wait(1)
    assert 6 <= len(seen) <= 7
    assert all(14 <= later - earlier <= 16 for earlier, later in pairwise(seen))


def test_what_asks_for_more_uses_more_but_never_more_than_its_limit(lab: Lab) -> None:
    small = {"requests": {"cpu": "10m", "memory": "16Mi"}}
    large = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"cpu": "60m", "memory": "256Mi"}}
    for name, resources in (("small", small), ("large", large)):
        item = {"name": "c", "image": "nginx:1.29", "resources": resources}
        lab.make("pods", name, spec={"containers": [item]})
    lab.wait(120)
    found = read(lab)
    assert 0 < found["small"].total.cpu < 0.01 and found["small"].total.memory < 16 * 2**20
    assert found["small"].total.cpu < found["large"].total.cpu <= 0.06
    assert found["large"].total.memory <= 256 * 2**20


def test_a_program_that_only_grows_is_seen_growing(lab: Lab) -> None:
    image = "registry.kumo-coffee.example/analytics/report-builder:4.1.0"
    item = {"name": "c", "image": image, "resources": {"limits": {"memory": "512Mi"}}}
    lab.make("pods", "report", spec={"containers": [item]})
    sizes = []
    for _ in range(6):
        lab.wait(40)
        sizes.append(read(lab)["report"].total.memory)
    assert sizes == sorted(sizes) and sizes[-1] > 3 * sizes[0]


def test_pods_that_do_not_run_or_whose_node_is_silent_have_no_figures(lab: Lab) -> None:
    item = {"name": "c", "image": "busybox:1.37", "command": ["sleep", "5"]}
    lab.make("pods", "over", spec={"restartPolicy": "Never", "containers": [item]})
    lab.make("pods", "web", spec={"containers": [{"name": "c", "image": "nginx:1.29"}]})
    lab.wait(120)
    assert set(read(lab)) == {"web"}
    node = lab.get(NODES, lab.get(PODS, "web")["spec"]["nodeName"])
    unknown = [{"type": "Ready", "status": "Unknown"}]
    lab.world.set_status(NODES, node, {**node["status"], "conditions": unknown})
    assert read(lab) == {}
    metrics = Metrics(lab.store, lambda: lab.time, programs())
    assert [s.subject["metadata"]["name"] for s in metrics.nodes()] != [node["metadata"]["name"]]


def test_a_node_uses_what_its_pods_use_and_more(lab: Lab) -> None:
    resources = {"requests": {"cpu": "500m", "memory": "512Mi"}}
    deployment(lab, replicas=4, resources=resources)
    lab.wait(120)
    metrics = Metrics(lab.store, lambda: lab.time, programs())
    for node in metrics.nodes():
        name = node.subject["metadata"]["name"]
        mine = [s for s in read(lab).values() if s.subject["spec"]["nodeName"] == name]
        assert mine
        extra = node.total.cpu - sum(s.total.cpu for s in mine)
        assert 0.03 < extra < 0.3
        assert node.total.memory > sum(s.total.memory for s in mine) + 500 * 2**20


def test_the_pods_of_a_deployment_share_its_work(lab: Lab) -> None:
    image = "registry.kumo-coffee.example/storefront/cart:4.2.1"
    resources = {"requests": {"cpu": "100m"}, "limits": {"cpu": "2"}}
    deployment(lab, replicas=1, image=image, resources=resources)
    lab.wait(120)
    alone = sum(sample.total.cpu for sample in read(lab).values())
    lab.change(builtin("deployments", "apps"), "web", replicas=4)
    lab.wait(60)
    shared = [sample.total.cpu for sample in read(lab).values()]
    assert len(shared) == 4
    assert max(shared) < 0.6 * alone


def test_a_pod_that_calls_a_service_in_a_loop_gives_its_pods_work(lab: Lab) -> None:
    deployment(lab, replicas=2, resources={"requests": {"cpu": "100m"}})
    lab.make("services", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})
    lab.wait(60)
    before = sum(s.total.cpu for s in read(lab).values())
    loop = "while sleep 0.01; do wget -q -O- http://web; done"
    item = {"name": "c", "image": "busybox:1.37", "command": ["/bin/sh", "-c", loop]}
    lab.make("pods", "load", spec={"containers": [item]})
    lab.wait(60)
    after = sum(s.total.cpu for name, s in read(lab).items() if name != "load")
    assert after > before + 0.4
    pods = lab.store.list(PODS, "shop")
    assert [Sharing(lab.store, "shop", pods).called(lab.get(PODS, "load"))] == [0.0]


def test_the_pods_of_two_revisions_belong_to_one_deployment(lab: Lab) -> None:
    deployment(lab, replicas=1)
    lab.wait(30)
    pod = lab.store.list(PODS, "shop")[0]
    assert workload_of(pod) == ("Deployment", "web")
    assert workload_of({**pod, "metadata": {"name": "web"}}) == ("Pod", "web")


@pytest_asyncio.fixture
async def company() -> AsyncIterator[tuple[Api, SteppedClock]]:
    clock = SteppedClock(START)
    async with practice_cluster(clock=clock, random_seed=1) as cluster, connect(cluster) as api:
        await clock.step(60)
        yield api, clock


async def test_what_the_api_answers(company: tuple[Api, SteppedClock]) -> None:
    api, clock = company
    found = (await api.get(f"{GROUP}/namespaces/storefront/pods?labelSelector=app%3Dcart")).json
    assert found["kind"] == "PodMetricsList" and found["metadata"] == {}
    assert len(found["items"]) >= 2
    item = found["items"][0]
    assert item["metadata"]["labels"]["app"] == "cart"
    assert {c["name"] for c in item["containers"]} == {"cart", "session-cache"}
    usage = item["containers"][0]["usage"]
    assert usage["cpu"].endswith("n") and usage["memory"].endswith("Ki")
    assert 0 <= clock() - (parse_time(item["timestamp"]) or 0.0) <= 32
    name = item["metadata"]["name"]
    one = await api.get(f"{GROUP}/namespaces/storefront/pods/{name}")
    assert one.json["containers"] == item["containers"]
    nodes = (await api.get(f"{GROUP}/nodes")).json["items"]
    assert [n["metadata"]["name"] for n in nodes] == ["control-plane-1", "worker-1", "worker-2", "worker-3"]
    assert all((parse_quantity(n["usage"]["cpu"]) or 0) > 0.05 for n in nodes)


async def test_what_is_not_there(company: tuple[Api, SteppedClock]) -> None:
    api, _ = company
    for path, message in (
        ("namespaces/storefront/pods/nope", 'pods "storefront/nope" not found'),
        ("namespaces/storefront/pods/thumbnailer", 'pods "storefront/thumbnailer" not found'),
        ("nodes/nope", 'nodes "nope" not found'),
    ):
        reply = await api.get(f"{GROUP}/{path}")
        assert (reply.status, reply.json["message"]) == (404, message)
    made = {
        "kind": "Pod",
        "apiVersion": "v1",
        "metadata": {"name": "new"},
        "spec": {"containers": [{"name": "c", "image": "nginx:1.29"}]},
    }
    await api.post("/api/v1/namespaces/default/pods", made)
    await company[1].step(5)
    reply = await api.get(f"{GROUP}/namespaces/default/pods/new")
    assert reply.json["message"] == 'podmetrics.metrics.k8s.io "default/new" not found'
    assert (await api.get(f"{GROUP}/pods?watch=1")).status == 405
    assert (await api.call("DELETE", f"{GROUP}/nodes/worker-1")).status == 405


async def test_the_table_and_discovery(company: tuple[Api, SteppedClock]) -> None:
    api, _ = company
    table = (await api.get(f"{GROUP}/nodes", Accept=TABLE)).json
    assert [c["name"] for c in table["columnDefinitions"]] == ["Name", "cpu", "memory", "Window"]
    assert table["rows"][0]["cells"][0] == "control-plane-1"
    resources = (await api.get(GROUP)).json["resources"]
    assert [(r["name"], r["kind"], r["verbs"]) for r in resources] == [
        ("nodes", "NodeMetrics", ["get", "list"]),
        ("pods", "PodMetrics", ["get", "list"]),
    ]
    assert not any("shortNames" in r for r in resources)
    document = (await api.get("/openapi/v3/apis/metrics.k8s.io/v1beta1")).json
    assert "io.k8s.metrics.v1beta1.PodMetrics" in document["components"]["schemas"]


def available(service: JsonObject) -> tuple[str, str]:
    condition = dig(service, "status", "conditions", 0) or {}
    return condition.get("status", ""), condition.get("reason", "")


async def test_without_its_server_there_are_no_metrics(company: tuple[Api, SteppedClock]) -> None:
    api, clock = company
    service = "/apis/apiregistration.k8s.io/v1/apiservices/v1beta1.metrics.k8s.io"
    assert available((await api.get(service)).json) == ("True", "Passed")
    scale = "/apis/apps/v1/namespaces/kube-system/deployments/metrics-server"
    await api.patch(scale, {"spec": {"replicas": 0}})
    await clock.step(40)
    assert available((await api.get(service)).json) == ("False", "MissingEndpoints")
    reply = await api.get(f"{GROUP}/nodes")
    assert (reply.status, reply.json["reason"]) == (503, "ServiceUnavailable")
    await api.patch(scale, {"spec": {"replicas": 1}})
    await clock.step(60)
    assert (await api.get(f"{GROUP}/nodes")).status == 200
    await api.call("DELETE", service)
    assert (await api.get(f"{GROUP}/nodes")).status == 404
    assert (await api.get(GROUP)).status == 404
