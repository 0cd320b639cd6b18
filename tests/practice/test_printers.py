"""Tables: the columns of every kind, and cells for objects in every state that matters."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.core.units import parse_time
from k8stui.practice.kinds import BUILTIN_KINDS, builtin
from k8stui.practice.printers import cells, columns, custom_printer
from k8stui.practice.printers.custom import follow

NOW = parse_time("2026-05-01T12:00:00Z") or 0.0
BORN = "2026-05-01T10:00:00Z"
PODS = builtin("pods")

COLUMNS = {
    "pods": "Name Ready Status Restarts Age IP+ Node+ Nominated_Node+ Readiness_Gates+",
    "services": "Name Type Cluster-IP External-IP Port(s) Age Selector+",
    "nodes": (
        "Name Status Roles Age Version Internal-IP+ External-IP+ OS-Image+ Kernel-Version+ Container-Runtime+"
    ),
    "deployments.apps": "Name Ready Up-to-date Available Age Containers+ Images+ Selector+",
    "cronjobs.batch": "Name Schedule Timezone Suspend Active Last_Schedule Age Containers+ Images+ Selector+",
    "jobs.batch": "Name Status Completions Duration Age Containers+ Images+ Selector+",
    "events": "Last_Seen Type Reason Object Subobject+ Source+ Message First_Seen+ Count+ Name+",
    "limitranges": "Name Created_At",
    "ipaddresses.networking.k8s.io": "Name ParentRef",
    "persistentvolumeclaims": (
        "Name Status Volume Capacity Access_Modes StorageClass VolumeAttributesClass Age VolumeMode+"
    ),
}


@pytest.mark.parametrize(("name", "expected"), COLUMNS.items())
def test_columns_are_those_of_a_real_server(name: str, expected: str) -> None:
    kind = next(kind for kind in BUILTIN_KINDS if kind.name == name)
    said = [c["name"].replace(" ", "_") + "+" * c["priority"] for c in columns(kind)]
    assert said == expected.split()


@pytest.mark.parametrize("kind", [k for k in BUILTIN_KINDS if k.listable], ids=lambda k: k.name)
def test_every_kind_has_columns_and_prints_an_empty_object(kind: ResourceKind) -> None:
    defined = columns(kind)
    assert {"name", "type", "format", "description", "priority"} == set(defined[0])
    assert all(column["description"] for column in defined)
    printed = cells(kind, {"metadata": {"name": "x"}}, NOW)
    assert "x" in printed or "/x" in str(printed)
    if kind.plural != "ipaddresses":  # a real server prints one cell more than it has columns there
        assert len(printed) == len(defined)


def _object(**parts: Any) -> JsonObject:
    return {"metadata": {"name": "x", "namespace": "n", "creationTimestamp": BORN}, **parts}


ROWS: list[tuple[str, str, JsonObject, list[Any]]] = [
    (
        "services",
        "",
        _object(
            spec={
                "type": "LoadBalancer",
                "clusterIPs": ["10.96.0.9"],
                "ports": [{"port": 80, "nodePort": 30080}],
            }
        ),
        ["x", "LoadBalancer", "10.96.0.9", "<pending>", "80:30080/TCP", "120m", "<none>"],
    ),
    (
        "services",
        "",
        _object(
            spec={
                "type": "LoadBalancer",
                "clusterIPs": ["10.96.0.9"],
                "externalIPs": ["1.2.3.4"],
                "selector": {"b": "2", "a": "1"},
            },
            status={"loadBalancer": {"ingress": [{"ip": "5.6.7.8"}, {"hostname": "a.example"}]}},
        ),
        ["x", "LoadBalancer", "10.96.0.9", "5.6.7.8,a.example,1.2.3.4", "<none>", "120m", "a=1,b=2"],
    ),
    (
        "services",
        "",
        _object(spec={"type": "ExternalName", "externalName": "db.example"}),
        ["x", "ExternalName", "<none>", "db.example", "<none>", "120m", "<none>"],
    ),
    (
        "services",
        "",
        _object(
            spec={"type": "ClusterIP", "clusterIPs": ["None"], "ports": [{"port": 53, "protocol": "UDP"}]}
        ),
        ["x", "ClusterIP", "None", "<none>", "53/UDP", "120m", "<none>"],
    ),
    (
        "ingresses",
        "networking.k8s.io",
        _object(spec={"tls": [{}], "rules": [{"host": h} for h in "abcd"]}),
        ["x", "<none>", "a,b,c + 1 more...", "", "80, 443", "120m"],
    ),
    (
        "endpoints",
        "",
        _object(
            subsets=[
                {"addresses": [{"ip": "::1"}, {"ip": "10.0.0.1"}], "ports": [{"port": 80}, {"port": 90}]}
            ]
        ),
        ["x", "[::1]:80,10.0.0.1:80,[::1]:90 + 1 more...", "120m"],
    ),
    (
        "endpointslices",
        "discovery.k8s.io",
        _object(addressType="IPv4", ports=[{"name": "any"}, {}], endpoints=[]),
        ["x", "IPv4", "any,*", "<unset>", "120m"],
    ),
    (
        "jobs",
        "batch",
        _object(
            spec={"parallelism": 3, "template": {"spec": {"containers": [{"name": "a", "image": "b"}]}}},
            status={"startTime": "2026-05-01T11:59:00Z", "succeeded": 1},
        ),
        ["x", "Running", "1/1 of 3", "60s", "120m", "a", "b", "<none>"],
    ),
    (
        "jobs",
        "batch",
        _object(
            spec={"completions": 2},
            status={
                "startTime": "2026-05-01T11:00:00Z",
                "completionTime": "2026-05-01T11:02:05Z",
                "succeeded": 2,
                "conditions": [{"type": "Complete", "status": "True"}],
            },
        ),
        ["x", "Complete", "2/2", "2m5s", "120m", "", "", "<none>"],
    ),
    (
        "cronjobs",
        "batch",
        _object(spec={"schedule": "@daily", "suspend": True}),
        ["x", "@daily", "<none>", "True", 0, "<none>", "120m", "", "", "<none>"],
    ),
    (
        "resourcequotas",
        "",
        _object(status={"hard": {"pods": "5", "limits.cpu": "2"}, "used": {"pods": "3"}}),
        ["x", "pods: 3/5", "limits.cpu: 0/2", "120m"],
    ),
    (
        "persistentvolumeclaims",
        "",
        _object(spec={"storageClassName": "fast", "volumeMode": "Block"}, status={"phase": "Pending"}),
        ["x", "Pending", "", "", "", "fast", "<unset>", "120m", "Block"],
    ),
    (
        "horizontalpodautoscalers",
        "autoscaling",
        _object(
            spec={
                "scaleTargetRef": {"kind": "Deployment", "name": "web"},
                "maxReplicas": 5,
                "metrics": [
                    {"type": "Resource", "resource": {"name": "cpu", "target": {"averageUtilization": 80}}},
                    {"type": "Pods", "pods": {"target": {"averageValue": "10"}}},
                    {"type": "External", "external": {"target": {"value": "3"}}},
                ],
            },
            status={"currentMetrics": [{"resource": {"current": {"averageUtilization": 35}}}]},
        ),
        ["x", "Deployment/web", "cpu: 35%/80%, <unknown>/10 + 1 more...", "<unset>", 5, 0, "120m"],
    ),
    (
        "networkpolicies",
        "networking.k8s.io",
        _object(
            spec={
                "podSelector": {
                    "matchLabels": {"z": "1"},
                    "matchExpressions": [
                        {"key": "a", "operator": "NotIn", "values": ["q", "b"]},
                        {"key": "m", "operator": "DoesNotExist"},
                    ],
                }
            }
        ),
        ["x", "a notin (b,q),!m,z=1", "120m"],
    ),
    (
        "rolebindings",
        "rbac.authorization.k8s.io",
        _object(
            roleRef={"kind": "Role", "name": "r"},
            subjects=[
                {"kind": "User", "name": "u1"},
                {"kind": "User", "name": "u2"},
                {"kind": "ServiceAccount", "namespace": "n", "name": "s"},
            ],
        ),
        ["x", "Role/r", "120m", "u1, u2", "", "n/s"],
    ),
]


@pytest.mark.parametrize(
    ("plural", "group", "obj", "expected"), ROWS, ids=[f"{r[0]}-{n}" for n, r in enumerate(ROWS)]
)
def test_cells(plural: str, group: str, obj: JsonObject, expected: list[Any]) -> None:
    assert cells(builtin(plural, group), obj, NOW) == expected


def test_an_older_autoscaler_keeps_what_it_cannot_say_in_annotations() -> None:
    key = "autoscaling.alpha.kubernetes.io/"
    obj = _object(
        apiVersion="autoscaling/v1",
        spec={"scaleTargetRef": {"kind": "Deployment", "name": "w"}, "targetCPUUtilizationPercentage": 60},
    )
    obj["metadata"]["annotations"] = {
        f"{key}metrics": '[{"type":"Resource","resource":{"name":"memory","targetAverageUtilization":80}}]',
        f"{key}current-metrics": (
            '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":47}},'
            '{"type":"Resource","resource":{"name":"memory","currentAverageUtilization":62}}]'
        ),
    }
    kind = builtin("horizontalpodautoscalers", "autoscaling", "v1")
    assert cells(kind, obj, NOW)[2] == "cpu: 47%/60%, memory: 62%/80%"


def test_a_node_tells_its_roles_and_whether_it_takes_pods() -> None:
    node = _object(
        spec={"unschedulable": True},
        status={
            "conditions": [{"type": "Ready", "status": "Unknown"}],
            "nodeInfo": {"kubeletVersion": "v1.37.2", "kernelVersion": "6.12", "architecture": "arm64"},
        },
    )
    node["metadata"]["labels"] = {"node-role.kubernetes.io/b": "", "kubernetes.io/role": "a"}
    row = cells(builtin("nodes"), node, NOW)
    assert row[1:3] == ["NotReady,SchedulingDisabled", "a,b"]
    assert row[8] == "6.12 (arm64)"


@pytest.mark.parametrize(
    "event",
    [
        {
            "involvedObject": {"kind": "Pod", "name": "p"},
            "source": {"component": "kubelet", "host": "w"},
            "firstTimestamp": BORN,
            "lastTimestamp": "2026-05-01T11:59:30Z",
            "count": 7,
            "message": "hello\n",
        },
        {
            "regarding": {"kind": "Pod", "name": "p"},
            "deprecatedSource": {"component": "kubelet", "host": "w"},
            "deprecatedFirstTimestamp": BORN,
            "deprecatedLastTimestamp": "2026-05-01T11:59:30Z",
            "deprecatedCount": 7,
            "note": "hello\n",
        },
    ],
    ids=["core", "events.k8s.io"],
)
def test_both_forms_of_an_event_print_the_same(event: JsonObject) -> None:
    row = cells(builtin("events"), _object(type="Warning", reason="Why", **event), NOW)
    assert row == ["30s", "Warning", "Why", "pod/p", "", "kubelet, w", "hello", "120m", 7, "x"]


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".a.b", [1]),
        (".list[1].n", ["y"]),
        (".list[*].n", ["x", "y"]),
        ('.list[?(@.n=="y")].v', [2]),
        (".a.missing", []),
        (r".a['d.e']", [3]),
        (r".a.d\.e", [3]),
        ("not a path", []),
    ],
)
def test_simple_json_paths(path: str, found: list[Any]) -> None:
    value = {"a": {"b": 1, "d.e": 3}, "list": [{"n": "x", "v": 1}, {"n": "y", "v": 2}]}
    assert follow(path, value) == found


def test_custom_columns_keep_to_their_types() -> None:
    printer = custom_printer(
        [
            {"name": "Size", "type": "integer", "jsonPath": ".spec.size"},
            {"name": "On", "type": "boolean", "jsonPath": ".spec.on"},
            {"name": "What", "type": "string", "jsonPath": ".spec.what"},
            {"name": "Since", "type": "date", "jsonPath": ".metadata.creationTimestamp"},
            {"name": "None", "type": "string", "jsonPath": ".spec.none"},
            {"name": "Wrong", "type": "integer", "jsonPath": ".spec.what"},
        ]
    )
    obj = _object(spec={"size": 3, "on": True, "what": ["a"]})
    assert printer.cells(obj, NOW) == ["x", 3, True, '["a"]', "120m", None, None]
    assert [c["name"] for c in printer.columns] == ["Name", "Size", "On", "What", "Since", "None", "Wrong"]


def test_custom_resources_without_columns_have_name_and_age() -> None:
    printer = custom_printer(())
    assert [c["name"] for c in printer.columns] == ["Name", "Age"]
    assert printer.cells(_object(), NOW) == ["x", "120m"]
