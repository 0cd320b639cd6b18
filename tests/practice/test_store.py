from __future__ import annotations

import random

import pytest

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.errors import StatusError
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Event, Store

PODS = builtin("pods")
NODES = builtin("nodes")


class Clock:
    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def store(history: int = 100) -> Store:
    return Store(Clock(), rng=random.Random(1), history=history)


def pod(name: str, namespace: str = "default", **more: object) -> JsonObject:
    return {"metadata": {"name": name, "namespace": namespace}, **more}


def names(found: list[JsonObject]) -> list[str]:
    return [f"{o['metadata'].get('namespace', '')}/{o['metadata']['name']}" for o in found]


def test_create_stamps_what_the_server_owns() -> None:
    kept = store()
    made = kept.create(PODS, pod("a", spec={"x": 1}))
    metadata = made["metadata"]
    assert list(made)[:3] == ["kind", "apiVersion", "metadata"]
    assert (made["kind"], made["apiVersion"]) == ("Pod", "v1")
    assert metadata["creationTimestamp"] == "2023-11-14T22:13:20Z"
    assert metadata["generation"] == 1
    assert len(metadata["uid"]) == 36
    assert int(metadata["resourceVersion"]) == kept.revision > 1_700_000_000_000_000


def test_kinds_without_a_generation_get_none() -> None:
    assert "generation" not in store().create(NODES, {"metadata": {"name": "n"}})["metadata"]


def test_the_same_name_twice_is_refused() -> None:
    kept = store()
    kept.create(PODS, pod("a"))
    with pytest.raises(StatusError) as caught:
        kept.create(PODS, pod("a"))
    assert (caught.value.code, caught.value.message) == (409, 'pods "a" already exists')
    kept.create(PODS, pod("a", "other"))


def test_lists_are_in_the_order_of_keys() -> None:
    kept = store()
    for namespace, name in (("team", "b"), ("team-a", "z"), ("team", "a"), ("a", "q")):
        kept.create(PODS, pod(name, namespace))
    assert names(kept.list(PODS)) == ["a/q", "team-a/z", "team/a", "team/b"]
    assert names(kept.list(PODS, "team")) == ["team/a", "team/b"]
    kept.create(PODS, pod("aa", "team"))
    kept.delete(PODS, "team", "b")
    kept.delete(PODS, "a", "q")
    assert names(kept.list(PODS)) == ["team-a/z", "team/a", "team/aa"]
    after = [entry.name for entry in kept.entries(PODS, after=("team", "a"))]
    assert after == ["aa"]


def test_update_counts_generations_and_keeps_the_old_version() -> None:
    kept = store()
    first = kept.create(PODS, pod("a", spec={"x": 1}, status={}))
    second = kept.update(PODS, {**first, "status": {"phase": "Running"}})
    third = kept.update(PODS, {**second, "spec": {"x": 2}})
    assert [o["metadata"]["generation"] for o in (first, second, third)] == [1, 1, 2]
    assert first["status"] == {}
    assert third["metadata"]["uid"] == first["metadata"]["uid"]
    versions = [int(o["metadata"]["resourceVersion"]) for o in (first, second, third)]
    assert versions == sorted(set(versions))


def test_an_update_that_changes_nothing_is_no_event() -> None:
    kept = store()
    first = kept.create(PODS, pod("a"))
    before = kept.revision
    assert kept.update(PODS, {**first, "metadata": dict(first["metadata"])}) is first
    assert kept.revision == before


def test_update_of_an_old_version_conflicts() -> None:
    kept = store()
    first = kept.create(PODS, pod("a", spec={}))
    kept.update(PODS, {**first, "spec": {"x": 1}})
    with pytest.raises(StatusError) as caught:
        kept.update(PODS, {**first, "spec": {"x": 2}})
    assert caught.value.code == 409
    assert caught.value.reason == "Conflict"


def test_missing_objects_are_404() -> None:
    kept = store()
    for act in (kept.get, kept.delete):
        with pytest.raises(StatusError) as caught:
            act(PODS, "a", "b")
        assert caught.value.code == 404
    assert kept.find(PODS, "a", "b") is None


def test_listeners_hear_every_change_until_they_end() -> None:
    kept = store()
    heard: list[tuple[str, str]] = []

    def listen(event: Event) -> None:
        heard.append((event.type, event.entry.name))

    end = kept.subscribe(PODS, listen)
    first = kept.create(PODS, pod("a"))
    kept.update(PODS, {**first, "spec": {}})
    kept.delete(PODS, "default", "a")
    end()
    kept.create(PODS, pod("b"))
    assert heard == [("ADDED", "a"), ("MODIFIED", "a"), ("DELETED", "a")]


def test_since_goes_back_as_far_as_the_history() -> None:
    kept = store(history=3)
    start = kept.revision
    for number in range(3):
        kept.create(PODS, pod(f"p{number}"))
    assert [event.entry.name for event in kept.since(PODS, start)] == ["p0", "p1", "p2"]
    kept.create(PODS, pod("p3"))
    with pytest.raises(StatusError) as caught:
        kept.since(PODS, start)
    assert caught.value.code == 410
    assert len(kept.since(PODS, start + 1)) == 3


def test_compaction_forgets() -> None:
    kept = store()
    kept.create(PODS, pod("a"))
    middle = kept.revision
    kept.create(PODS, pod("b"))
    kept.compact(middle)
    assert len(kept.since(PODS, middle)) == 1
    kept.compact()
    with pytest.raises(StatusError):
        kept.since(PODS, middle)
    assert list(kept.since(PODS, kept.revision)) == []


def test_undo_tells_what_was() -> None:
    kept = store()
    a = kept.create(PODS, pod("a", spec={"x": 1}))
    kept.create(PODS, pod("b"))
    then = kept.revision
    kept.update(PODS, {**a, "spec": {"x": 2}})
    kept.delete(PODS, "default", "b")
    kept.create(PODS, pod("c"))
    undone = kept.undo(PODS, then)
    assert set(undone) == {("default", "a"), ("default", "b"), ("default", "c")}
    old = undone["default", "a"]
    assert old is not None
    assert old.object["spec"] == {"x": 1}
    assert undone["default", "b"] is not None
    assert undone["default", "c"] is None


def test_versions_of_a_kind_share_their_objects() -> None:
    kept = store()
    one = ResourceKind("autoscaling", "v1", "HorizontalPodAutoscaler", "horizontalpodautoscalers", True)
    two = ResourceKind("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", True)
    kept.create(two, pod("a"))
    assert kept.count(one) == 1
