"""What a server refuses, kind by kind: field, reason and sentence."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.core.objects import JsonObject
from k8stui.practice.api import validation
from k8stui.practice.api.defaults import fill
from k8stui.practice.kinds import BUILTIN_KINDS, builtin
from k8stui.practice.store import Store
from tests.practice.api_client import Api, deployment
from tests.practice.company import seeded

NOW = 1_800_000_000.0
LABELS = {"app": "x"}
GROUPS = {
    "deployments": "apps",
    "statefulsets": "apps",
    "daemonsets": "apps",
    "jobs": "batch",
    "cronjobs": "batch",
    "ingresses": "networking.k8s.io",
    "networkpolicies": "networking.k8s.io",
    "roles": "rbac.authorization.k8s.io",
    "rolebindings": "rbac.authorization.k8s.io",
    "horizontalpodautoscalers": "autoscaling",
    "poddisruptionbudgets": "policy",
    "storageclasses": "storage.k8s.io",
    "priorityclasses": "scheduling.k8s.io",
    "customresourcedefinitions": "apiextensions.k8s.io",
}


def mistakes(plural: str, name: str = "x", **body: Any) -> list[validation.Cause]:
    kind = builtin(plural, GROUPS.get(plural, ""))
    obj = {"kind": kind.kind, "apiVersion": kind.api_version, "metadata": {"name": name}, **body}
    fill(kind, obj, Store(lambda: NOW))
    return validation.causes(kind, obj)


def pod(spec: JsonObject | None = None, **container: Any) -> JsonObject:
    return {"containers": [{"name": "a", "image": "x", **container}], **(spec or {})}


def apps(spec: JsonObject | None = None, template: JsonObject | None = None) -> JsonObject:
    own = {"metadata": {"labels": LABELS}, "spec": pod(template)}
    return {"selector": {"matchLabels": LABELS}, "template": own, **(spec or {})}


PODS: list[tuple[JsonObject, str, str, str]] = [
    ({}, "FieldValueRequired", "spec.containers", "Required value"),
    (
        pod({"restartPolicy": "Sometimes"}),
        "FieldValueNotSupported",
        "spec.restartPolicy",
        'Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
    ),
    (
        pod(ports=[{"containerPort": 70_000}]),
        "FieldValueInvalid",
        "spec.containers[0].ports[0].containerPort",
        "Invalid value: 70000: must be between 1 and 65535, inclusive",
    ),
    (
        pod(resources={"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}),
        "FieldValueInvalid",
        "spec.containers[0].resources.requests",
        'Invalid value: "2": must be less than or equal to cpu limit of 1',
    ),
    (
        pod(volumeMounts=[{"name": "v", "mountPath": "/x"}]),
        "FieldValueNotFound",
        "spec.containers[0].volumeMounts[0].name",
        'Not found: "v"',
    ),
    (
        pod({"dnsPolicy": "None"}),
        "FieldValueRequired",
        "spec.dnsConfig",
        "Required value: must provide `dnsConfig` when `dnsPolicy` is None",
    ),
    (
        pod({"hostNetwork": True}, ports=[{"containerPort": 80, "hostPort": 81}]),
        "FieldValueInvalid",
        "spec.containers[0].ports[0].hostPort",
        "Invalid value: 81: must match `containerPort` when `hostNetwork` is true",
    ),
    (
        pod(env=[{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "foo.bar"}}}]),
        "FieldValueInvalid",
        "spec.containers[0].env[0].valueFrom.fieldRef.fieldPath",
        'Invalid value: "foo.bar": error converting fieldPath: field label not supported: foo.bar',
    ),
    (
        pod(livenessProbe={"httpGet": {"port": 80}, "exec": {"command": ["a"]}}),
        "FieldValueForbidden",
        "spec.containers[0].livenessProbe.httpGet",
        "Forbidden: may not specify more than 1 handler type",
    ),
    (
        pod({"initContainers": [{"name": "a", "image": "x"}]}),
        "FieldValueDuplicate",
        "spec.initContainers[0].name",
        'Duplicate value: "a"',
    ),
]


@pytest.mark.parametrize(("spec", "reason", "field", "message"), PODS)
def test_pods(spec: JsonObject, reason: str, field: str, message: str) -> None:
    assert mistakes("pods", spec=spec) == [(reason, field, message)]


@pytest.mark.parametrize(
    ("plural", "body", "field", "words"),
    [
        (
            "deployments",
            {"spec": apps({"selector": {}})},
            "spec.selector",
            "empty selector is invalid for deployment",
        ),
        (
            "deployments",
            {"spec": apps({"selector": {"matchLabels": {"a": "b"}}})},
            "spec.template.metadata.labels",
            'Invalid value: {"app":"x"}: `selector` does not match template `labels`',
        ),
        (
            "deployments",
            {"spec": apps({"replicas": -1})},
            "spec.replicas",
            "must be greater than or equal to 0",
        ),
        (
            "deployments",
            {"spec": apps({"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}})},
            "spec.strategy.rollingUpdate.maxUnavailable",
            "Invalid value: 0: may not be 0 when `maxSurge` is 0",
        ),
        (
            "deployments",
            {"spec": apps(template={"restartPolicy": "Never"})},
            "spec.template.spec.restartPolicy",
            'Unsupported value: "Never": supported values: "Always"',
        ),
        (
            "statefulsets",
            {"spec": apps({"podManagementPolicy": "X"})},
            "spec.podManagementPolicy",
            "must be 'OrderedReady'",
        ),
        (
            "daemonsets",
            {"spec": apps({"updateStrategy": {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 1}}})},
            "spec.updateStrategy.rollingUpdate.maxSurge",
            "may not be set when maxUnavailable is non-zero",
        ),
        (
            "jobs",
            {"spec": {"template": {"spec": pod()}}},
            "spec.template.spec.restartPolicy",
            'Required value: valid values: "OnFailure", "Never"',
        ),
        (
            "cronjobs",
            {
                "spec": {
                    "schedule": "foo",
                    "jobTemplate": {"spec": {"template": {"spec": pod({"restartPolicy": "Never"})}}},
                }
            },
            "spec.schedule",
            'Invalid value: "foo": expected exactly 5 fields, found 1: [foo]',
        ),
        ("services", {"spec": {}}, "spec.ports", "Required value"),
        (
            "services",
            {"spec": {"ports": [{"port": 80, "nodePort": 30_123}]}},
            "spec.ports[0].nodePort",
            "Forbidden: may not be used when `type` is 'ClusterIP'",
        ),
        ("services", {"spec": {"type": "ExternalName"}}, "spec.externalName", "Required value"),
        (
            "services",
            {"spec": {"ports": [{"port": 80, "name": "a"}, {"port": 81, "name": "a"}]}},
            "spec.ports[1].name",
            'Duplicate value: "a"',
        ),
        ("ingresses", {"spec": {}}, "spec", "either `defaultBackend` or `rules` must be specified"),
        (
            "ingresses",
            {"spec": {"rules": [{"host": "1.2.3.4"}]}},
            "spec.rules[0].host",
            "must be a DNS name, not an IP address",
        ),
        (
            "networkpolicies",
            {"spec": {"podSelector": {}, "ingress": [{"from": [{}]}]}},
            "spec.ingress[0].from[0]",
            "must specify a peer",
        ),
        ("configmaps", {"data": {"a b": "c"}}, "data[a b]", "a valid config key must consist of"),
        ("secrets", {"type": "kubernetes.io/ssh-auth"}, "data[ssh-privatekey]", "Required value"),
        (
            "persistentvolumeclaims",
            {"spec": {"accessModes": ["Foo"], "resources": {"requests": {"storage": "1Gi"}}}},
            "spec.accessModes",
            'Unsupported value: "Foo"',
        ),
        (
            "persistentvolumes",
            {"spec": {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}}},
            "spec",
            "must specify a volume type",
        ),
        ("storageclasses", {}, "provisioner", "Required value"),
        (
            "resourcequotas",
            {"spec": {"hard": {"pods": "-1"}}},
            "spec.hard[pods]",
            "must be greater than or equal to 0",
        ),
        (
            "limitranges",
            {
                "spec": {
                    "limits": [{"type": "Container", "default": {"cpu": "1"}, "defaultRequest": {"cpu": "2"}}]
                }
            },
            "spec.limits[0].defaultRequest[cpu]",
            "default request value 2 is greater than default limit value 1",
        ),
        (
            "roles",
            {"rules": [{"apiGroups": [""], "resources": ["pods"]}]},
            "rules[0].verbs",
            "Required value",
        ),
        (
            "rolebindings",
            {"roleRef": {"kind": "Foo", "name": "x"}},
            "roleRef.kind",
            'Unsupported value: "Foo": supported values: "Role", "ClusterRole"',
        ),
        (
            "horizontalpodautoscalers",
            {
                "spec": {
                    "minReplicas": 5,
                    "maxReplicas": 3,
                    "scaleTargetRef": {"kind": "Deployment", "name": "d", "apiVersion": "apps/v1"},
                }
            },
            "spec.maxReplicas",
            "must be greater than or equal to `minReplicas`",
        ),
        (
            "poddisruptionbudgets",
            {"spec": {"minAvailable": "200%"}},
            "spec.minAvailable",
            "must not be greater than 100%",
        ),
        (
            "priorityclasses",
            {"value": 2_000_000_000},
            "value",
            "maximum allowed value of a user defined priority",
        ),
    ],
)
def test_kinds(plural: str, body: JsonObject, field: str, words: str) -> None:
    found = mistakes(plural, **body)
    assert [each[1] for each in found] == [field]
    assert words in found[0][2]


@pytest.mark.parametrize(
    ("plural", "name", "words"),
    [
        (
            "pods",
            "Bad_Name",
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-'",
        ),
        ("pods", "a" * 254, "must be no more than 253 characters"),
        ("namespaces", "a.b", "must not contain dots"),
        ("services", "a" * 64, "must be no more than 63 characters"),
        ("roles", "a/b", "may not contain '/'"),
    ],
)
def test_names(plural: str, name: str, words: str) -> None:
    body = (
        {"spec": pod()}
        if plural == "pods"
        else {"spec": {"ports": [{"port": 80}]}}
        if plural == "services"
        else {}
    )
    found = mistakes(plural, name, **body)
    assert found[0][1] == "metadata.name"
    assert words in found[0][2]


def test_nothing_in_the_company_is_refused() -> None:
    store = seeded()
    for kind in BUILTIN_KINDS:
        if kind.listable and (kind.group, kind.version) not in (
            ("autoscaling", "v1"),
            ("events.k8s.io", "v1"),
        ):
            for obj in store.list(kind):
                assert validation.causes(kind, obj) == [], (kind.plural, obj["metadata"]["name"])


async def test_a_refusal_over_http(api: Api) -> None:
    path = "/apis/apps/v1/namespaces/default/deployments"
    reply = await api.post(path, deployment("d", replicas=-1))
    assert (reply.status, reply.json["reason"]) == (422, "Invalid")
    assert reply.json["message"] == (
        'Deployment.apps "d" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0'
    )
    await api.post(path, deployment("d"))
    labels = {"app": "other"}
    change = {"spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}}}}
    reply = await api.patch(f"{path}/d", change)
    assert reply.json["details"]["causes"] == [
        {
            "reason": "FieldValueInvalid",
            "message": 'Invalid value: {"matchLabels":{"app":"other"}}: field is immutable',
            "field": "spec.selector",
        }
    ]


async def test_secrets_are_base64(api: Api) -> None:
    path = "/api/v1/namespaces/default/secrets"
    reply = await api.post(path, {"metadata": {"name": "s"}, "data": {"a": "YW%="}})
    assert (reply.status, reply.json["message"]) == (
        400,
        'Secret in version "v1" cannot be handled as a Secret: illegal base64 data at input byte 2',
    )
    assert (await api.post(path, {"metadata": {"name": "s"}, "data": {"a": "YWI="}})).status == 201
