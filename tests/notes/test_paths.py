"""Evidence: values at paths of an object."""

from typing import Any

import pytest

from k8stui.notes.paths import MOST_VALUES, WIDEST_VALUE, evidence, parse_path, show

POD: dict[str, Any] = {
    "kind": "Pod",
    "metadata": {"labels": {"app.kubernetes.io/name": "web"}, "deletionTimestamp": None},
    "spec": {
        "hostNetwork": True,
        "containers": [
            {"name": "a", "ports": [{"containerPort": 80}, {"containerPort": 443}]},
            {"name": "b"},
        ],
    },
    "status": {
        "conditions": [
            {"type": "Ready", "status": "False", "message": "not yet"},
            {"type": "PodScheduled", "status": "True"},
        ]
    },
}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("spec.hostNetwork", [("spec.hostNetwork", "true")]),
        ("spec.containers[1].name", [("spec.containers[1].name", "b")]),
        ("spec.containers[*].name", [("spec.containers[0].name", "a"), ("spec.containers[1].name", "b")]),
        (
            "spec.containers[*].ports[*].containerPort",
            [
                ("spec.containers[0].ports[0].containerPort", "80"),
                ("spec.containers[0].ports[1].containerPort", "443"),
            ],
        ),
        (
            "status.conditions[type=Ready].message",
            [("status.conditions[type=Ready].message", "not yet")],
        ),
        ("status.conditions[type=Ready].reason", []),
        ("status.conditions[type=Absent].message", []),
        (
            'metadata.labels["app.kubernetes.io/name"]',
            [('metadata.labels["app.kubernetes.io/name"]', "web")],
        ),
        ("metadata.deletionTimestamp", [("metadata.deletionTimestamp", "null")]),
        ("spec.containers[7].name", []),
        ("spec.containers.name", []),
        ("spec.hostNetwork[*]", []),
        ("spec.nothing.at.all", []),
    ],
)
def test_what_is_there_is_found_with_its_place(path: str, found: list[tuple[str, str]]) -> None:
    assert list(evidence(POD, path)) == found


@pytest.mark.parametrize(
    "path", ["", ".", "spec.", ".spec", "spec..a", "spec[", "spec[a]", "spec[-1]", "spec a", "spec[x=]", "a]"]
)
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError):
        parse_path(path)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (3, "3"),
        (2.5, "2.5"),
        (False, "false"),
        ("two\nlines\tand more", "two lines and more"),
        ({"runAsUser": 0, "x": ["é"]}, '{"runAsUser": 0, "x": ["é"]}'),
        ([], "[]"),
        ("", ""),
    ],
)
def test_a_value_is_one_line(value: object, shown: str) -> None:
    assert show(value) == shown


def test_nothing_in_a_value_can_steer_a_terminal() -> None:
    assert "\x1b" not in show("\x1b[31mred")
    assert "\x1b" not in show({"a\x1b": "\x1b]0;title\x07"})
    assert "\u202e" not in show("\u202eevil")


def test_a_long_value_is_cut_in_cells() -> None:
    assert show("x" * 500) == "x" * (WIDEST_VALUE - 1) + "…"
    assert show("語" * 500) == "語" * ((WIDEST_VALUE - 1) // 2) + "…"
    assert show("x" * WIDEST_VALUE) == "x" * WIDEST_VALUE
    assert len(show({"a": ["y" * 1000] * 10_000})) == WIDEST_VALUE
    assert len(show("y" * 5_000_000)) == WIDEST_VALUE


def test_of_a_long_list_the_first_values_are_shown() -> None:
    assert len(evidence({"items": list(range(1000))}, "items[*]")) == MOST_VALUES


@pytest.mark.parametrize(
    "path",
    [
        "data.password",
        "data",
        "stringData.password",
        "metadata.annotations",
        'metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]',
    ],
)
def test_a_secrets_values_are_masked(path: str) -> None:
    secret = {
        "kind": "Secret",
        "metadata": {
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "hunter2", "owner": "me"}
        },
        "data": {"password": "hunter2"},
        "stringData": {"password": "hunter2"},
        "type": "Opaque",
    }
    [(_, value)] = evidence(secret, path)
    assert "hunter2" not in value
    assert "•" in value
    assert evidence(secret, "type") == (("type", "Opaque"),)
    assert evidence(secret, "metadata.annotations.owner") == (("metadata.annotations.owner", "me"),)
    assert secret["data"] == {"password": "hunter2"}, "the object itself is left alone"


def test_other_kinds_are_not_masked() -> None:
    assert evidence({"kind": "ConfigMap", "data": {"a": "b"}}, "data.a") == (("data.a", "b"),)
