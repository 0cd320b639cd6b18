from __future__ import annotations

from typing import Any

import pytest

from k8stui.core.paths import Path
from k8stui.session.managers import latest_manager, managers_of

OBJECT: dict[str, Any] = {
    "metadata": {
        "finalizers": ["a/b"],
        "managedFields": [
            {
                "manager": "kubectl-client-side-apply", "operation": "Update", "time": "2026-01-01T00:00:00Z",
                "fieldsV1": {
                    "f:metadata": {"f:finalizers": {".": {}, 'v:"a/b"': {}}},
                    "f:spec": {
                        "f:replicas": {},
                        "f:template": {"f:spec": {
                            "f:containers": {'k:{"name":"web"}': {".": {}, "f:image": {}, "f:ports": {
                                'k:{"containerPort":80,"protocol":"TCP"}': {".": {}, "f:containerPort": {}},
                            }}},
                            "f:nodeSelector": {},
                        }},
                    },
                },
            },
            {
                "manager": "scaler", "operation": "Apply", "time": "2026-02-01T00:00:00Z",
                "subresource": "scale", "fieldsV1": {"f:spec": {"f:replicas": {}}},
            },
            {"manager": "broken", "operation": "Update", "time": "never", "fieldsV1": None},
        ],
    },
    "spec": {
        "replicas": 2,
        "paused": False,
        "template": {"spec": {
            "containers": [
                {"name": "web", "image": "x", "ports": [{"containerPort": 80, "protocol": "TCP"}]},
            ],
            "nodeSelector": {"disk": "ssd"},
        }},
    },
}  # fmt: skip
CONTAINER: Path = ("spec", "template", "spec", "containers", 0)


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (("spec", "replicas"), ["scaler", "kubectl-client-side-apply"]),
        (("spec", "paused"), []),
        ((*CONTAINER, "image"), ["kubectl-client-side-apply"]),
        ((*CONTAINER, "ports", 0, "containerPort"), ["kubectl-client-side-apply"]),
        ((*CONTAINER, "command"), []),
        (("spec", "template", "spec", "nodeSelector", "disk"), ["kubectl-client-side-apply"]),
        (("metadata", "finalizers", 0), ["kubectl-client-side-apply"]),
        (("spec",), ["scaler", "kubectl-client-side-apply"]),
    ],
)
def test_managers_of_a_place(path: Path, names: list[str]) -> None:
    assert [manager.name for manager in managers_of(OBJECT, path)] == names


def test_the_last_one_to_write() -> None:
    found = latest_manager(OBJECT)
    assert found is not None
    assert (found.name, found.operation, found.subresource) == ("scaler", "Apply", "scale")
    assert latest_manager({}) is None
