"""What a server refuses in definitions of custom resources, and in what changes."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.core.objects import JsonObject
from k8stui.practice.api import validation
from k8stui.practice.api.validation.updates import changes
from tests.practice.test_validation import mistakes, pod


def definition(**spec: Any) -> JsonObject:
    schema = {"openAPIV3Schema": {"type": "object"}}
    versions = [{"name": "v1", "served": True, "storage": True, "schema": schema}]
    names = {"plural": "things", "kind": "Thing"}
    return {"group": "x.example", "names": names, "scope": "Namespaced", "versions": versions, **spec}


@pytest.mark.parametrize(
    ("spec", "field", "words"),
    [
        ({"group": "y.example"}, "metadata.name", 'must be spec.names.plural+"."+spec.group'),
        ({"scope": "Foo"}, "spec.scope", 'supported values: "Cluster", "Namespaced"'),
        (
            {"versions": [{"name": "v1", "served": True, "storage": True}]},
            "spec.versions[0].schema.openAPIV3Schema",
            "Required value",
        ),
    ],
)
def test_definitions(spec: JsonObject, field: str, words: str) -> None:
    found = mistakes("customresourcedefinitions", "things.x.example", spec=definition(**spec))
    assert [each[1] for each in found] == [field]
    assert words in found[0][2]


@pytest.mark.parametrize(
    ("schema", "field", "words"),
    [
        ({"properties": {"a": {}}}, "properties[a].type", "must not be empty for specified object fields"),
        ({"properties": {"a": {"type": "foo"}}}, "properties[a].type", 'Unsupported value: "foo"'),
        (
            {"properties": {"a": {"type": "integer", "default": "x"}}},
            "properties[a].default",
            "in body must be of type integer",
        ),
        (
            {"x-kubernetes-validations": [{"rule": "self.foo >"}]},
            "x-kubernetes-validations[0].rule",
            "compilation failed: ERROR",
        ),
    ],
)
def test_schemas_of_definitions(schema: JsonObject, field: str, words: str) -> None:
    versions = [
        {
            "name": "v1",
            "served": True,
            "storage": True,
            "schema": {"openAPIV3Schema": {"type": "object", **schema}},
        }
    ]
    found = mistakes("customresourcedefinitions", "things.x.example", spec=definition(versions=versions))
    assert [each[1] for each in found] == [f"spec.validation.openAPIV3Schema.{field}"]
    assert words in found[0][2]


def changed(kind: str, before: JsonObject, after: JsonObject) -> list[validation.Cause]:
    return list(changes({"kind": kind, **before}, {"kind": kind, **after}))


@pytest.mark.parametrize(
    ("kind", "before", "after", "field"),
    [
        ("Deployment", {"spec": {"selector": {"a": 1}}}, {"spec": {"selector": {"a": 2}}}, "spec.selector"),
        ("StatefulSet", {"spec": {}}, {"spec": {"serviceName": "x"}}, "spec.serviceName"),
        ("Job", {"spec": {"template": {"a": 1}}}, {"spec": {"template": {}}}, "spec.template"),
        ("ConfigMap", {"immutable": True, "data": {}}, {"immutable": True, "data": {"a": ""}}, "data"),
        ("ConfigMap", {"immutable": True}, {}, "immutable"),
        ("Secret", {"type": "a"}, {"type": "b"}, "type"),
        ("RoleBinding", {"roleRef": {"name": "a"}}, {"roleRef": {"name": "b"}}, "roleRef"),
        ("PersistentVolumeClaim", {"spec": {"accessModes": ["a"]}}, {"spec": {"accessModes": []}}, "spec"),
        (
            "PersistentVolume",
            {"spec": {"nfs": {}}},
            {"spec": {"hostPath": {}}},
            "spec.persistentvolumesource",
        ),
        ("PriorityClass", {"value": 1}, {"value": 2}, "value"),
        ("Pod", {"spec": pod()}, {"spec": {"containers": []}}, "spec.containers"),
        ("Pod", {"spec": pod()}, {"spec": pod({"restartPolicy": "Never"})}, "spec"),
        (
            "CustomResourceDefinition",
            {"spec": {"scope": "Cluster"}},
            {"spec": {"scope": "Namespaced"}},
            "spec.scope",
        ),
    ],
)
def test_what_may_not_change(kind: str, before: JsonObject, after: JsonObject, field: str) -> None:
    assert [each[1] for each in changed(kind, before, after)] == [field]
    assert changed(kind, before, before) == []


def test_what_of_a_pod_may_change() -> None:
    after = pod({"activeDeadlineSeconds": 5, "tolerations": [{"key": "a"}]}, image="y")
    assert changed("Pod", {"spec": pod()}, {"spec": after}) == []


def test_a_bound_claim_may_grow() -> None:
    def claim(size: str) -> JsonObject:
        return {
            "spec": {"volumeName": "v", "resources": {"requests": {"storage": size}}},
            "status": {"capacity": {"storage": "1Gi"}},
        }

    assert changed("PersistentVolumeClaim", claim("1Gi"), claim("2Gi")) == []
    assert (
        changed("PersistentVolumeClaim", claim("1Gi"), claim("1Mi"))[0][1]
        == "spec.resources.requests.storage"
    )
