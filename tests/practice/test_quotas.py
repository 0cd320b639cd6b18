"""ResourceQuota and LimitRange. The sentences are a real server's."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.core.objects import JsonObject, dicts
from k8stui.practice.admission.usage import usage, written
from k8stui.practice.kinds import builtin
from tests.practice.api_client import config_map, deployment
from tests.practice.team import PODS, Team, claim, refused


async def test_a_quota_refuses_what_is_too_much(team: Team) -> None:
    await team.quota({"pods": "2", "requests.cpu": "1", "limits.memory": "1Gi"})
    some = {"requests": {"cpu": "600m"}, "limits": {"memory": "600Mi"}}
    assert (await team.pod("first", some)).status == 201
    refused(
        await team.pod("p", some),
        "exceeded quota: q, requested: limits.memory=600Mi,requests.cpu=600m, "
        "used: limits.memory=600Mi,requests.cpu=600m, limited: limits.memory=1Gi,requests.cpu=1",
    )
    few = {"requests": {"cpu": "1m"}, "limits": {"memory": "1Mi"}}
    assert (await team.pod("second", few)).status == 201
    refused(await team.pod("p", few), "exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2")
    await team.clock.step(1)
    status = (await team.get("api/v1/namespaces/team/resourcequotas/q"))["status"]
    assert status["used"] == {"pods": "2", "requests.cpu": "601m", "limits.memory": "601Mi"}
    await team.api.call("DELETE", f"{PODS}/first")
    await team.clock.step(40)
    assert (await team.pod("p", few)).status == 201


async def test_a_quota_wants_every_container_to_say_what_it_needs(team: Team) -> None:
    await team.quota({"limits.memory": "1Gi", "requests.cpu": "1"})
    spec = {
        "containers": [
            {"name": "c", "image": "x"},
            {"name": "b", "image": "x", "resources": {"limits": {"memory": "1Mi"}}},
        ],
        "initContainers": [{"name": "i", "image": "x"}],
    }
    refused(
        await team.pod("p", **spec),
        "failed quota: q: must specify limits.memory for: c,i; requests.cpu for: b,c,i",
    )


async def test_a_quota_counts_objects_ports_and_storage(team: Team) -> None:
    hard = {"count/deployments.apps": "1", "count/configmaps": "2", "services.nodeports": "1"}
    await team.quota({**hard, "persistentvolumeclaims": "2", "requests.storage": "5Gi", "services": "3"})
    await team.clock.step(1)
    first = {"kind": "Deployment", **deployment("one")}
    assert (await team.make("deployments", first, "apis/apps/v1")).status == 201
    second = await team.make("deployments", {**first, "metadata": {"name": "two"}}, "apis/apps/v1")
    key = "count/deployments.apps=1"
    refused(
        second,
        f"exceeded quota: q, requested: {key}, used: {key}, limited: {key}",
        'deployments.apps "two"',
    )
    assert (await team.make("configmaps", config_map("c1"))).status == 201
    reply = await team.make("configmaps", config_map("c2"))
    assert "used: count/configmaps=2, limited: count/configmaps=2" in reply.json["message"]
    service = {"kind": "Service", "spec": {"type": "NodePort", "ports": [{"port": 80}]}}
    assert (await team.make("services", {**service, "metadata": {"name": "s1"}})).status == 201
    reply = await team.make("services", {**service, "metadata": {"name": "s2"}})
    assert "requested: services.nodeports=1, used: services.nodeports=1" in reply.json["message"]
    assert (await team.make("persistentvolumeclaims", claim("c1", "3Gi"))).status == 201
    reply = await team.make("persistentvolumeclaims", claim("c2", "2560Mi"))
    assert "requested: requests.storage=2560Mi, used: requests.storage=3Gi" in reply.json["message"]


async def test_changes_are_counted_too(team: Team) -> None:
    await team.quota({"services.nodeports": "0"})
    service = {"kind": "Service", "metadata": {"name": "s"}, "spec": {"ports": [{"port": 80}]}}
    assert (await team.make("services", service)).status == 201
    path = "/api/v1/namespaces/team/services/s"
    reply = await team.api.patch(path, {"spec": {"type": "NodePort"}})
    assert (
        reply.status == 403 and "exceeded quota: q, requested: services.nodeports=1" in reply.json["message"]
    )
    assert (await team.api.patch(path, {"metadata": {"labels": {"a": "b"}}})).status == 200


async def test_a_quota_with_scopes(team: Team) -> None:
    await team.quota({"pods": "0"}, scopes=["BestEffort"])
    await team.quota({"pods": "0"}, "deadline", scopes=["Terminating"])
    matching = [{"scopeName": "PriorityClass", "operator": "In", "values": ["system-node-critical"]}]
    await team.quota({"pods": "0"}, "critical", scopeSelector={"matchExpressions": matching})
    some = {"requests": {"cpu": "1m"}}
    assert (await team.pod("good", some)).status == 201
    cases: tuple[tuple[str, dict[str, Any]], ...] = (
        ("q", {}),
        ("deadline", {"activeDeadlineSeconds": 5, "resources": some}),
        ("critical", {"priorityClassName": "system-node-critical", "resources": some}),
    )
    for name, more in cases:
        reply = await team.pod("p", **more)
        assert f"exceeded quota: {name}," in reply.json["message"]


async def test_controllers_meet_quotas_as_people_do(team: Team) -> None:
    await team.quota({"pods": "1"})
    await team.make("deployments", {"kind": "Deployment", **deployment("web", replicas=3)}, "apis/apps/v1")
    await team.clock.step(5)
    sets = (await team.get("apis/apps/v1/namespaces/team/replicasets"))["items"]
    assert sets[0]["status"]["replicas"] == 1
    failure = next(c for c in dicts(sets[0], "status", "conditions") if c["type"] == "ReplicaFailure")
    assert failure["reason"] == "FailedCreate"
    assert failure["message"].endswith("exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1")
    events = (await team.get("api/v1/namespaces/team/events"))["items"]
    assert any(e["message"].startswith('Error creating: pods "web-') for e in events)
    await team.api.patch("/api/v1/namespaces/team/resourcequotas/q", {"spec": {"hard": {"pods": "5"}}})
    await team.clock.step(120)
    assert (await team.get("apis/apps/v1/namespaces/team/replicasets"))["items"][0]["status"]["replicas"] == 3


async def test_a_limit_range_gives_what_is_not_said(team: Team) -> None:
    await team.limits(
        {
            "type": "Container",
            "max": {"cpu": "1", "memory": "1Gi"},
            "min": {"cpu": "100m"},
            "default": {"cpu": "500m"},
        }
    )
    made = (await team.pod("l1")).json
    both = {"cpu": "500m", "memory": "1Gi"}
    assert made["spec"]["containers"][0]["resources"] == {"limits": both, "requests": both}
    note = made["metadata"]["annotations"]["kubernetes.io/limit-ranger"]
    assert (
        note
        == "LimitRanger plugin set: cpu, memory request for container c; cpu, memory limit for container c"
    )
    assert made["status"]["qosClass"] == "Guaranteed"


@pytest.mark.parametrize(
    ("resources", "why"),
    [
        (
            {"requests": {"cpu": "50m"}, "limits": {"cpu": "2", "memory": "2Gi"}},
            "[minimum cpu usage per Container is 100m, but request is 50m, "
            "maximum cpu usage per Container is 1, but limit is 2, "
            "maximum memory usage per Container is 1Gi, but limit is 2Gi, "
            "cpu max limit to request ratio per Container is 2, but provided ratio is 40.000000]",
        ),
        (
            {"requests": {"cpu": "200m"}, "limits": {"cpu": "1"}},
            "cpu max limit to request ratio per Container is 2, but provided ratio is 5.000000",
        ),
        (
            {"requests": {"cpu": "0"}},
            "[minimum cpu usage per Container is 100m, but request is 0, "
            "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0]",
        ),
    ],
)
async def test_a_limit_range_refuses(team: Team, resources: JsonObject, why: str) -> None:
    limit = {"max": {"cpu": "1", "memory": "1Gi"}, "min": {"cpu": "100m"}, "default": {"cpu": "500m"}}
    await team.limits({"type": "Container", "maxLimitRequestRatio": {"cpu": "2"}, **limit})
    refused(await team.pod("p", resources), why)


async def test_a_limit_range_for_pods_and_claims(team: Team) -> None:
    await team.limits(
        {"type": "Pod", "max": {"cpu": "2"}},
        {"type": "PersistentVolumeClaim", "max": {"storage": "4Gi"}, "min": {"storage": "1Gi"}},
    )
    refused(await team.pod("p"), "maximum cpu usage per Pod is 2.  No limit is specified")
    refused(await team.pod("p", {"limits": {"cpu": "3"}}), "maximum cpu usage per Pod is 2, but limit is 3")
    for size, why in (
        ("10Gi", "maximum storage usage per PersistentVolumeClaim is 4Gi, but request is 10Gi"),
        ("512Mi", "minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 512Mi"),
    ):
        reply = await team.make("persistentvolumeclaims", claim("c", size))
        refused(reply, why, 'persistentvolumeclaims "c"')


def test_what_a_pod_counts_for() -> None:
    def item(name: str, cpu: str, **more: Any) -> JsonObject:
        return {"name": name, "resources": {"requests": {"cpu": cpu}}, **more}

    spec = {
        "initContainers": [item("side", "100m", restartPolicy="Always"), item("first", "900m")],
        "containers": [item("a", "200m"), item("b", "300m")],
        "overhead": {"cpu": "10m"},
    }
    kind = builtin("pods")
    found = usage(kind, {"spec": spec})
    assert found["requests.cpu"] == found["cpu"] == 1010, "a first container beside a sidecar is the most"
    assert usage(kind, {"spec": spec, "status": {"phase": "Succeeded"}}) == {"count/pods": 1000}
    ports = {"type": "LoadBalancer", "ports": [{"port": 1}, {"port": 2}]}
    service = usage(builtin("services"), {"spec": ports})
    assert (service["services.nodeports"], service["services.loadbalancers"]) == (2000, 1000)
    sized = usage(
        builtin("persistentvolumeclaims"), {**claim("c", "1Gi"), "spec": {"storageClassName": "fast"}}
    )
    assert sized["fast.storageclass.storage.k8s.io/persistentvolumeclaims"] == 1000


@pytest.mark.parametrize(
    ("resource", "amount", "text"),
    [
        ("requests.cpu", 1500, "1500m"),
        ("requests.cpu", 4000, "4"),
        ("pods", 2000, "2"),
        ("limits.memory", 600 * 2**20 * 1000, "600Mi"),
        ("requests.memory", 2**30 * 1000, "1Gi"),
        ("requests.storage", 0, "0"),
    ],
)
def test_amounts_are_written_as_quantities(resource: str, amount: int, text: str) -> None:
    assert written(resource, amount) == text
