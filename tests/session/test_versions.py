from __future__ import annotations

from typing import Any

import pytest

from k8stui import catalog
from k8stui.core.paths import dotted
from k8stui.core.refs import ObjectRef
from k8stui.session.versions import LONGEST, MASK, Versions, differences

PODS = catalog.BUILTIN["pods"]


def ref(name: str = "web") -> ObjectRef:
    return ObjectRef(PODS, "shop", name)


def pod(version: int, **spec: Any) -> dict[str, Any]:
    return {"kind": "Pod", "metadata": {"name": "web", "resourceVersion": str(version)}, "spec": spec}


def told(before: Any, after: Any) -> list[tuple[str, str | None, str | None]]:
    return [(dotted(change.path), change.before, change.after) for change in differences(before, after)]


def test_changes_are_told_by_path_and_noise_is_left_out() -> None:
    before = pod(1, replicas=3, paused=True) | {"status": {"phase": "Pending"}}
    after = pod(2, replicas=5, image="nginx") | {"status": {"phase": "Running"}}
    assert told(before, after) == [
        ("spec.replicas", "3", "5"),
        ("spec.image", None, "nginx"),
        ("spec.paused", "true", None),
        ("status.phase", "Pending", "Running"),
    ]


def test_items_are_matched_by_what_names_them() -> None:
    before = {"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y"}]}
    after = {"containers": [{"name": "b", "image": "y"}, {"name": "a", "image": "x:2"}, {"name": "c"}]}
    assert told(before, after) == [
        ("containers[1].image", "x:1", "x:2"),
        ("containers[2]", None, '{"name":"c"}'),
    ]


def test_lists_without_names_are_compared_by_place() -> None:
    assert told({"args": ["a", "b", "c"]}, {"args": ["a", "d"]}) == [
        ("args[1]", "b", "d"),
        ("args[2]", "c", None),
    ]


def test_values_are_harmless_and_bounded() -> None:
    [(_, before, after)] = told({"a": "x\x1b[31m"}, {"a": "y" * 9_000})
    assert before == "x\ufffd[31m"
    assert after is not None
    assert len(after) == LONGEST
    assert told({"a": ""}, {"a": " x"}) == [("a", '""', '" x"')]


def test_an_edition_knows_who_made_it() -> None:
    versions = Versions()
    entries = [
        {"manager": "kubectl", "operation": "Apply", "time": "2026-01-01T00:00:00Z",
         "fieldsV1": {"f:spec": {"f:replicas": {}}}},
        {"manager": "kubelet", "operation": "Update", "time": "2026-01-02T00:00:00Z",
         "fieldsV1": {"f:status": {"f:phase": {}}}},
    ]  # fmt: skip
    first, second = pod(1, replicas=1), pod(2, replicas=2)
    second["metadata"]["managedFields"] = entries
    assert versions.saw(ref(), first, 1.0)
    assert versions.saw(ref(), second, 2.0)
    newest, oldest = versions.of(ref())
    assert (newest.number, newest.seen_at, newest.version) == (2, 2.0, "2")
    assert newest.by is not None
    assert newest.by.name == "kubectl"
    assert oldest.changes == ()
    assert versions.object_at(ref(), 1) == first


def test_the_same_version_is_no_news_and_neither_is_the_absence_of_the_unknown() -> None:
    versions = Versions()
    assert not versions.saw(ref(), None, 1.0)
    assert versions.of(ref()) == ()
    assert versions.saw(ref(), pod(1), 1.0)
    assert not versions.saw(ref(), pod(1), 2.0)
    assert versions.saw(ref(), None, 3.0)
    assert not versions.saw(ref(), None, 4.0)
    assert versions.saw(ref(), pod(1), 5.0)
    assert [edition.deleted for edition in versions.of(ref())] == [False, True, False]


def test_secrets_never_show_their_values() -> None:
    versions = Versions()
    for number, value in enumerate(("b25l", "dHdv"), 1):
        secret = {"kind": "Secret", "metadata": {"resourceVersion": str(number)}, "data": {"key": value}}
        versions.saw(ref(), secret, number)
    [change] = versions.of(ref())[0].changes
    assert (dotted(change.path), change.before, change.after) == ("data.key", MASK, MASK)


@pytest.mark.parametrize("bound", ["one", "all"])
def test_what_is_kept_is_bounded(bound: str) -> None:
    versions = Versions(most_of_one=5) if bound == "one" else Versions(most_bytes=4_000)
    for number in range(40):
        versions.saw(ref(), pod(number, note=str(number) * 50), number)
        assert versions.size <= 4_000
    editions = versions.of(ref())
    assert len(editions) <= 10
    assert editions[0].number == 40
    assert versions.object_at(ref(), 1) is None
    for number in range(20):
        versions.saw(ref(f"other-{number}"), pod(number, note="x" * 50), number)
    if bound == "all":
        assert versions.of(ref()) == ()
