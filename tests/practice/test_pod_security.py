"""Pod security standards. The sentences are a real server's."""

from __future__ import annotations

from k8stui.core.objects import JsonObject
from k8stui.practice.admission import security
from tests.practice.api_client import deployment
from tests.practice.team import Team, refused

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
