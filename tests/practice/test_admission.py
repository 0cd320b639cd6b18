"""Admission: what is added to new objects, and what is refused. The sentences are a real server's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.admission import security
from k8stui.practice.admission.usage import usage, written
from k8stui.practice.clock import SteppedClock
from k8stui.practice.cluster import practice_cluster
from k8stui.practice.kinds import builtin
from tests.practice.api_client import Api, Reply, config_map, connect, deployment
from tests.practice.lab import START

PODS = "/api/v1/namespaces/team/pods"
PSS = "pod-security.kubernetes.io"


class Team:
    """A namespace of a living cluster."""

    def __init__(self, api: Api, clock: SteppedClock) -> None:
        self.api = api
        self.clock = clock

    async def make(self, plural: str, obj: JsonObject, group: str = "api/v1") -> Reply:
        kind = "".join(obj["kind"])
        version = group.removeprefix("api/").removeprefix("apis/")
        return await self.api.post(
            f"/{group}/namespaces/team/{plural}", {"apiVersion": version, **obj, "kind": kind}
        )

    async def quota(self, hard: JsonObject, name: str = "q", **spec: Any) -> None:
        obj = {"kind": "ResourceQuota", "metadata": {"name": name}, "spec": {"hard": hard, **spec}}
        assert (await self.make("resourcequotas", obj)).status == 201

    async def limits(self, *limits: JsonObject) -> None:
        obj = {"kind": "LimitRange", "metadata": {"name": "l"}, "spec": {"limits": list(limits)}}
        assert (await self.make("limitranges", obj)).status == 201

    async def pod(self, name: str = "p", resources: Any = None, **spec: Any) -> Reply:
        item = {"name": "c", "image": "nginx:1.29", "resources": resources or {}}
        return await self.make("pods", pod(name, **{"containers": [item], **spec}))

    async def label(self, **labels: str) -> Reply:
        named = {f"{PSS}/{key.replace('_', '-')}": value for key, value in labels.items()}
        return await self.api.patch("/api/v1/namespaces/team", {"metadata": {"labels": named}})

    async def get(self, path: str) -> JsonObject:
        return (await self.api.get(f"/{path}")).json


def pod(name: str, **spec: Any) -> JsonObject:
    return {"kind": "Pod", "metadata": {"name": name}, "spec": spec}


def claim(name: str, size: str) -> JsonObject:
    spec = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}}
    return {"kind": "PersistentVolumeClaim", "metadata": {"name": name}, "spec": spec}


def refused(reply: Reply, why: str, about: str = 'pods "p"') -> None:
    assert (reply.status, reply.json["message"]) == (403, f"{about} is forbidden: {why}")
    assert reply.json["reason"] == "Forbidden"
    assert reply.json["details"]["kind"] == about.partition(" ")[0].partition(".")[0]


@pytest_asyncio.fixture
async def team() -> AsyncIterator[Team]:
    clock = SteppedClock(START)
    async with (
        practice_cluster(clock=clock, seeded=False, random_seed=1) as cluster,
        connect(cluster) as api,
    ):
        room = {"cpu": "8", "memory": "16Gi", "pods": "110"}
        node = {
            "kind": "Node",
            "apiVersion": "v1",
            "metadata": {"name": "n"},
            "status": {"allocatable": room},
        }
        assert (await api.post("/api/v1/nodes", node)).status == 201
        await api.post(
            "/api/v1/namespaces", {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "team"}}
        )
        await clock.step(1)
        yield Team(api, clock)


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


async def test_what_a_pod_names_must_exist(team: Team) -> None:
    missing = 'error looking up service account team/nope: serviceaccount "nope" not found'
    refused(await team.pod("p", serviceAccountName="nope"), missing)
    refused(await team.pod("p", priorityClassName="nope"), "no PriorityClass with name nope was found")
    generated = {"kind": "Pod", "metadata": {"generateName": "p-"}}
    spec = {"serviceAccountName": "nope", "containers": [{"name": "c", "image": "x"}]}
    refused(await team.make("pods", {**generated, "spec": spec}), missing, 'pods "p-"')
    why = (
        "the integer value of priority (4) must not be provided in pod spec; "
        "priority admission controller computed 0 from the given PriorityClass name"
    )
    refused(await team.pod("p", priority=4), why)


async def test_the_account_gives_its_pull_secrets_and_may_keep_its_token(team: Team) -> None:
    account = {
        "kind": "ServiceAccount",
        "metadata": {"name": "robot"},
        "imagePullSecrets": [{"name": "registry"}],
        "automountServiceAccountToken": False,
    }
    assert (await team.make("serviceaccounts", account)).status == 201
    spec = (await team.pod("p", serviceAccountName="robot")).json["spec"]
    assert spec["imagePullSecrets"] == [{"name": "registry"}]
    assert "volumes" not in spec
    plain = (await team.pod("q")).json["spec"]
    assert plain["volumes"][0]["name"].startswith("kube-api-access-")
    assert {t["key"] for t in plain["tolerations"]} == {
        "node.kubernetes.io/not-ready",
        "node.kubernetes.io/unreachable",
    }


async def test_priority_comes_from_the_class(team: Team) -> None:
    path = "/apis/scheduling.k8s.io/v1/priorityclasses"
    kind = {"kind": "PriorityClass", "apiVersion": "scheduling.k8s.io/v1"}
    await team.api.post(path, {**kind, "metadata": {"name": "high"}, "value": 9, "preemptionPolicy": "Never"})
    high = (await team.pod("a", priorityClassName="high")).json["spec"]
    assert (high["priority"], high["preemptionPolicy"]) == (9, "Never")
    assert (await team.pod("b")).json["spec"]["priority"] == 0
    system = (await team.pod("c", priorityClassName="system-cluster-critical")).json["spec"]
    assert system["priority"] == 2_000_000_000
    await team.api.post(path, {**kind, "metadata": {"name": "usual"}, "value": 3, "globalDefault": True})
    usual = (await team.pod("d")).json["spec"]
    assert (usual["priority"], usual["priorityClassName"]) == (3, "usual")


async def test_claims_get_the_default_class(team: Team) -> None:
    path = "/apis/storage.k8s.io/v1/storageclasses"
    kind = {"kind": "StorageClass", "apiVersion": "storage.k8s.io/v1", "provisioner": "p.example"}
    notes = {"storageclass.kubernetes.io/is-default-class": "true"}
    assert (
        "storageClassName" not in (await team.make("persistentvolumeclaims", claim("a", "1Gi"))).json["spec"]
    )
    await team.api.post(path, {**kind, "metadata": {"name": "old", "annotations": notes}})
    await team.clock.step(5)
    await team.api.post(path, {**kind, "metadata": {"name": "new", "annotations": notes}})
    made = (await team.make("persistentvolumeclaims", claim("b", "1Gi"))).json
    assert made["spec"]["storageClassName"] == "new"
    none = claim("c", "1Gi")
    none["spec"]["storageClassName"] = ""
    assert (await team.make("persistentvolumeclaims", none)).json["spec"]["storageClassName"] == ""


async def test_a_namespace_that_ends_takes_nothing_new(team: Team) -> None:
    await team.api.patch("/api/v1/namespaces/team", {"metadata": {"finalizers": ["example.com/hold"]}})
    await team.api.call("DELETE", "/api/v1/namespaces/team")
    reply = await team.make("configmaps", config_map("zz"))
    why = "unable to create new content in namespace team because it is being terminated"
    refused(reply, why, 'configmaps "zz"')
    cause = {
        "reason": "NamespaceTerminating",
        "message": "namespace team is being terminated",
        "field": "metadata.namespace",
    }
    assert reply.json["details"]["causes"] == [cause]
    reply = await team.api.post("/api/v1/namespaces/nope/configmaps", {"apiVersion": "v1", **config_map("a")})
    assert (reply.status, reply.json["message"]) == (404, 'namespaces "nope" not found')


RESTRICTED = (
    'allowPrivilegeEscalation != false (container "c" must set '
    "securityContext.allowPrivilegeEscalation=false), "
    'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), '
    'runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), '
    'seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to '
    '"RuntimeDefault" or "Localhost")'
)


async def test_pod_security_enforces_and_warns(team: Team) -> None:
    assert (await team.pod("early")).status == 201
    reply = await team.label(enforce="restricted")
    warnings = reply.headers.getall("Warning")  # type: ignore[attr-defined]
    assert "existing pods in namespace" in warnings[0] and "enforce level" in warnings[0]
    assert "early: allowPrivilegeEscalation != false, unrestricted capabilities" in warnings[1]
    refused(await team.pod("p"), f'violates PodSecurity "restricted:latest": {RESTRICTED}')
    reply = await team.make("deployments", {"kind": "Deployment", **deployment("web")}, "apis/apps/v1")
    assert reply.status == 201
    assert "would violate PodSecurity" in reply.headers["Warning"]
    safe = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    item = {"name": "c", "image": "x", "securityContext": safe}
    context = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    assert (await team.pod("good", containers=[item], securityContext=context)).status == 201
    await team.label(enforce="privileged", warn="baseline", warn_version="v1.30")
    reply = await team.pod("w", hostNetwork=True)
    assert reply.status == 201
    assert 'baseline:v1.30\\": host namespaces (hostNetwork=true)' in reply.headers["Warning"]
    reply = await team.label(enforce="foo", enforce_version="x")
    assert reply.status == 422
    assert [c["message"] for c in reply.json["details"]["causes"]] == [
        'Invalid value: "foo": must be one of privileged, baseline, restricted',
        'Invalid value: "x": must be "latest" or "v1.x"',
    ]


BAD: JsonObject = {
    "hostNetwork": True,
    "hostPID": True,
    "hostIPC": True,
    "securityContext": {
        "runAsUser": 0,
        "seLinuxOptions": {"type": "spc_t", "user": "u"},
        "seccompProfile": {"type": "Unconfined"},
        "sysctls": [{"name": "vm.swappiness", "value": "1"}],
        "appArmorProfile": {"type": "Unconfined"},
    },
    "initContainers": [{"name": "i", "securityContext": {"runAsUser": 0, "privileged": True}}],
    "containers": [
        {
            "name": "a",
            "securityContext": {
                "privileged": True,
                "capabilities": {"add": ["NET_ADMIN", "SYS_TIME", "CHOWN"]},
                "runAsNonRoot": False,
            },
            "ports": [{"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 81}],
            "livenessProbe": {"httpGet": {"host": "1.2.3.4", "port": 80}},
        },
        {
            "name": "b",
            "securityContext": {
                "allowPrivilegeEscalation": True,
                "capabilities": {"add": ["KILL"]},
                "seccompProfile": {"type": "Unconfined"},
            },
            "ports": [{"containerPort": 90, "hostPort": 90}],
            "lifecycle": {"postStart": {"httpGet": {"host": "1.2.3.4", "port": 80}}},
        },
    ],
    "volumes": [
        {"name": "h", "hostPath": {"path": "/"}},
        {"name": "n1", "nfs": {}},
        {"name": "is", "iscsi": {}},
        {"name": "plain"},
    ],
}
BOTH_BEFORE = (
    "host namespaces (hostNetwork=true, hostPID=true, hostIPC=true)",
    'hostPort (containers "a", "b" use hostPorts 80, 81, 90)',
    'probe or lifecycle host (containers "a", "b" use probe or lifecycle host "1.2.3.4")',
    'privileged (containers "i", "a" must not set securityContext.privileged=true)',
    'seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set)',
)
APP_ARMOR = 'forbidden AppArmor profile (pod must not set AppArmor profile type to "Unconfined")'
SECCOMP = (
    'seccompProfile (pod and container "b" must not set securityContext.seccompProfile.type to "Unconfined")'
)


def test_everything_that_baseline_forbids() -> None:
    assert [str(v) for v in security.violations(BAD, "baseline")] == [
        APP_ARMOR,
        'non-default capabilities (container "a" must not include "NET_ADMIN", "SYS_TIME" '
        "in securityContext.capabilities.add)",
        BOTH_BEFORE[0],
        'hostPath volumes (volume "h")',
        *BOTH_BEFORE[1:],
        SECCOMP,
        "forbidden sysctls (vm.swappiness)",
    ]


def test_everything_that_restricted_forbids() -> None:
    assert [str(v) for v in security.violations(BAD, "restricted")] == [
        APP_ARMOR,
        *BOTH_BEFORE,
        "forbidden sysctls (vm.swappiness)",
        'allowPrivilegeEscalation != false (containers "i", "a", "b" must set '
        "securityContext.allowPrivilegeEscalation=false)",
        'unrestricted capabilities (containers "i", "a", "b" must set '
        'securityContext.capabilities.drop=["ALL"]; '
        'containers "a", "b" must not include "CHOWN", "KILL", "NET_ADMIN", "SYS_TIME" '
        "in securityContext.capabilities.add)",
        'restricted volume types (volumes "h", "n1", "is" use restricted volume types '
        '"hostPath", "iscsi", "nfs")',
        'runAsNonRoot != true (container "a" must not set securityContext.runAsNonRoot=false)',
        'runAsUser=0 (pod and container "i" must not set runAsUser=0)',
        SECCOMP,
    ]


def test_users_of_its_own_allow_a_pod_more() -> None:
    item = {"name": "a", "securityContext": {"procMount": "Unmasked", "runAsUser": 0}}
    spec: JsonObject = {"containers": [item], "hostUsers": False}
    assert security.violations(spec, "baseline") == []
    reasons = [v.reason for v in security.violations(spec, "restricted")]
    assert reasons == [
        "allowPrivilegeEscalation != false",
        "unrestricted capabilities",
        "procMount",
        "seccompProfile",
    ]
    assert [v.reason for v in security.violations({"containers": [item]}, "baseline")] == ["procMount"]
    assert security.violations(BAD, "privileged") == []


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


async def test_nothing_is_stored_of_what_is_refused_or_only_tried(team: Team) -> None:
    await team.quota({"pods": "1"})
    reply = await team.api.post(
        f"{PODS}?dryRun=All", {"apiVersion": "v1", **pod("a", containers=[{"name": "c", "image": "x"}])}
    )
    assert reply.status == 201
    assert (await team.pod("a")).status == 201
    assert (await team.pod("b")).status == 403
    assert [dig(p, "metadata", "name") for p in (await team.get(PODS.lstrip("/")))["items"]] == ["a"]
