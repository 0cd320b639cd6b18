from __future__ import annotations

from typing import Any

import pytest

from k8stui.practice.api.patch import PatchError, json_patch, merge_patch, strategic_patch


@pytest.mark.parametrize(
    ("operations", "expected"),
    [
        ([{"op": "add", "path": "/b", "value": 2}], {"a": [1, 2], "b": 2}),
        ([{"op": "add", "path": "/a/1", "value": 9}], {"a": [1, 9, 2]}),
        ([{"op": "add", "path": "/a/-", "value": 3}], {"a": [1, 2, 3]}),
        ([{"op": "remove", "path": "/a/0"}], {"a": [2]}),
        ([{"op": "replace", "path": "/a/0", "value": 5}], {"a": [5, 2]}),
        ([{"op": "replace", "path": "/a", "value": "x"}], {"a": "x"}),
        ([{"op": "move", "from": "/a", "path": "/c"}], {"c": [1, 2]}),
        ([{"op": "copy", "from": "/a/0", "path": "/c"}], {"a": [1, 2], "c": 1}),
        ([{"op": "test", "path": "/a/0", "value": 1}], {"a": [1, 2]}),
        ([{"op": "add", "path": "/x~1y~0z", "value": 1}], {"a": [1, 2], "x/y~z": 1}),
        ([{"op": "replace", "path": "", "value": {"n": 1}}], {"n": 1}),
    ],
)
def test_json_patch(operations: list[dict[str, Any]], expected: dict[str, Any]) -> None:
    before = {"a": [1, 2]}
    assert json_patch(before, operations) == expected
    assert before == {"a": [1, 2]}


@pytest.mark.parametrize(
    "operations",
    [
        [{"op": "test", "path": "/a/0", "value": 2}],
        [{"op": "remove", "path": "/nothing"}],
        [{"op": "replace", "path": "/a/7", "value": 1}],
        [{"op": "add", "path": "/x/y", "value": 1}],
        [{"op": "fold", "path": "/a"}],
        [{"op": "remove", "path": ""}],
        {"op": "add"},
        [{"op": "add", "path": "a", "value": 1}],
    ],
)
def test_json_patches_that_do_not_apply(operations: Any) -> None:
    with pytest.raises(PatchError):
        json_patch({"a": [1, 2]}, operations)


def test_merge_patch_removes_with_null_and_replaces_lists() -> None:
    before = {"a": {"x": 1, "y": 2}, "l": [1, 2], "gone": 1}
    after = merge_patch(before, {"a": {"y": None, "z": {"n": 3, "m": None}}, "l": [3], "gone": None})
    assert after == {"a": {"x": 1, "z": {"n": 3}}, "l": [3]}
    assert before["a"] == {"x": 1, "y": 2}


def workload() -> dict[str, Any]:
    return {
        "metadata": {"name": "web", "finalizers": ["a"]},
        "spec": {
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}},
            "template": {
                "spec": {
                    "containers": [
                        {"name": "a", "image": "x:1", "env": [{"name": "A", "value": "1"}], "args": ["p"]},
                        {"name": "b", "image": "y:1", "ports": [{"containerPort": 80}]},
                    ],
                    "tolerations": [{"key": "t"}],
                }
            },
        },
    }


def pod_patch(**spec: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": spec}}}


def containers(found: dict[str, Any]) -> dict[str, Any]:
    return {each["name"]: each for each in found["spec"]["template"]["spec"]["containers"]}


def test_strategic_patch_merges_containers_by_name() -> None:
    patch = pod_patch(
        containers=[
            {"name": "b", "image": "y:2", "ports": [{"containerPort": 81}]},
            {"name": "a", "env": [{"name": "A", "value": "2"}, {"name": "B", "value": "3"}], "args": ["q"]},
            {"name": "c", "image": "z:1"},
        ]
    )
    found = containers(strategic_patch(workload(), patch, "Deployment"))
    assert list(found) == ["b", "a", "c"]
    assert found["a"]["image"] == "x:1"
    assert found["a"]["env"] == [{"name": "A", "value": "2"}, {"name": "B", "value": "3"}]
    assert found["a"]["args"] == ["q"]
    assert found["b"]["image"] == "y:2"
    assert [port["containerPort"] for port in found["b"]["ports"]] == [81, 80]


def test_strategic_patch_deletes_and_orders_elements() -> None:
    patch = pod_patch(
        containers=[{"name": "a", "$patch": "delete"}, {"name": "n", "image": "n"}],
        **{"$setElementOrder/containers": [{"name": "n"}, {"name": "b"}]},
    )
    assert list(containers(strategic_patch(workload(), patch, "Deployment"))) == ["n", "b"]
    only_order = pod_patch(**{"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]})
    assert list(containers(strategic_patch(workload(), only_order, "Deployment"))) == ["b", "a"]


def test_strategic_patch_replaces_what_has_no_key() -> None:
    found = strategic_patch(workload(), pod_patch(tolerations=[{"key": "u"}]), "Deployment")
    assert found["spec"]["template"]["spec"]["tolerations"] == [{"key": "u"}]
    found = strategic_patch(
        workload(), {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}, "Deployment"
    )
    assert found["spec"]["strategy"] == {"type": "Recreate"}


def test_strategic_patch_of_plain_lists() -> None:
    found = strategic_patch(workload(), {"metadata": {"finalizers": ["b"]}}, "Deployment")
    assert found["metadata"]["finalizers"] == ["b", "a"]
    gone = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a"]}}
    assert strategic_patch(workload(), gone, "Deployment")["metadata"]["finalizers"] == []


def test_strategic_patch_with_replace_of_a_map() -> None:
    found = strategic_patch(workload(), {"spec": {"strategy": {"$patch": "replace", "x": 1}}}, "Deployment")
    assert found["spec"]["strategy"] == {"x": 1}


def test_strategic_patch_needs_its_keys() -> None:
    with pytest.raises(PatchError, match="merge key: name"):
        strategic_patch(workload(), pod_patch(containers=[{"image": "x"}]), "Deployment")


def test_service_ports_merge_by_port() -> None:
    service = {"spec": {"ports": [{"port": 80, "name": "http"}, {"port": 443, "name": "tls"}]}}
    found = strategic_patch(service, {"spec": {"ports": [{"port": 443, "nodePort": 30443}]}}, "Service")
    assert found["spec"]["ports"][1] == {"port": 443, "name": "tls", "nodePort": 30443}
    assert found["spec"]["ports"][0] == {"port": 80, "name": "http"}
