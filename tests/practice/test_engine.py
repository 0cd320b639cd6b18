"""The engine under the controllers: what it looks at, when, and how often."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
import yaml

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice import seedyaml
from k8stui.practice.controllers import RESTLESS
from k8stui.practice.controllers.base import PODS, ByStanding, Controller, Key, Keys, same_standing
from k8stui.practice.controllers.engine import Engine
from k8stui.practice.controllers.kubelet import Kubelet
from k8stui.practice.controllers.scheduler import Scheduler
from k8stui.practice.controllers.world import World
from k8stui.practice.kinds import builtin
from k8stui.practice.seedfile import Ago, compiled
from k8stui.practice.seeding import programs, seed
from k8stui.practice.seedyaml import _Loader, _Reader
from k8stui.practice.store import Store

NOW = 1_790_000_000.0
MAPS = builtin("configmaps")


class Marker(Controller):
    """Writes to each object it looks at, once."""

    kind = MAPS
    looked: int

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.looked = 0

    def reconcile(self, namespace: str, name: str) -> float | None:
        self.looked += 1
        found = self.world.find(self.kind, namespace, name)
        if found is not None:
            self.world.store.update(self.kind, {**found, "data": {"seen": "yes"}})
        return None


class Thorough(Marker):
    thorough = True


def a_map(name: str = "a", **parts: object) -> JsonObject:
    return {"metadata": {"name": name, "namespace": "shop"}, **parts}


@pytest.mark.parametrize(("controller", "looks"), [(Marker, 2), (Thorough, 1)])
def test_what_a_thorough_controller_writes_does_not_call_it_again(
    controller: type[Marker], looks: int
) -> None:
    store = Store(lambda: NOW)
    engine = Engine(World(store, lambda: NOW, random.Random(1), programs()), (controller,))
    engine.attach()
    store.create(MAPS, a_map())
    engine.run()
    marker = engine.controllers[0]
    assert isinstance(marker, Marker) and marker.looked == looks
    store.update(MAPS, {**store.get(MAPS, "shop", "a"), "data": {}})
    engine.run()
    assert marker.looked == 2 * looks, "what others write does"


class Counting(Marker):
    def sources(self) -> Mapping[ResourceKind, Keys]:
        return {PODS: ByStanding(lambda pod: [("shop", "a")])}


def condition(kind: str, status: str, at: str = "2026-01-01T00:00:00Z") -> JsonObject:
    return {"type": kind, "status": status, "lastTransitionTime": at}


CHANGES: list[tuple[str, JsonObject, bool]] = [
    ("a message", {"message": "why"}, False),
    ("a condition on the way", {"conditions": [condition("Initialized", "True")]}, False),
    ("not ready, as before", {"conditions": [condition("Ready", "False")]}, False),
    ("ready", {"conditions": [condition("Ready", "True")]}, True),
    ("about to be evicted", {"conditions": [condition("DisruptionTarget", "True")]}, True),
    ("at its end", {"phase": "Succeeded"}, True),
    ("an address", {"podIP": "10.0.0.1"}, True),
    ("started again", {"containerStatuses": [{"restartCount": 1}]}, False),
]


@pytest.mark.parametrize(("status", "news"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_who_counts_pods_is_called_when_one_counts_for_something_else(status: JsonObject, news: bool) -> None:
    store = Store(lambda: NOW)
    pod = store.create(PODS, {**a_map(), "spec": {}, "status": {"phase": "Running"}})
    engine = Engine(World(store, lambda: NOW, random.Random(1), programs()), (Counting,))
    engine.attach()
    counting = engine.controllers[0]
    assert isinstance(counting, Counting)
    engine.run()
    before = counting.looked
    store.update(PODS, {**pod, "status": {**pod["status"], **status}})
    engine.run()
    assert counting.looked == before + news


@pytest.mark.parametrize("field", ["labels", "annotations", "finalizers", "ownerReferences"])
def test_a_pod_with_another_place_counts_for_something_else(field: str) -> None:
    pod: JsonObject = {"metadata": {"name": "a", field: "before"}, "spec": {}}
    assert same_standing(pod, pod)
    assert not same_standing(pod, {**pod, "metadata": {"name": "a", field: "after"}})
    assert same_standing(pod, {**pod, "spec": {"nodeName": "b"}})
    assert not same_standing(pod, {**pod, "spec": {"priority": 1}})


@pytest.mark.parametrize(("policy", "same"), [("Always", True), ("OnFailure", False)])
def test_being_started_again_counts_where_a_pod_is_to_end(policy: str, same: bool) -> None:
    def pod(restarts: int) -> JsonObject:
        status = {"containerStatuses": [{"restartCount": restarts}]}
        return {"metadata": {"name": "a"}, "spec": {"restartPolicy": policy}, "status": status}

    assert same_standing(pod(0), pod(1)) is same


def test_a_second_look_is_put_off_in_the_past_but_is_not_forgotten() -> None:
    now = NOW
    store = Store(lambda: now)
    engine = Engine(World(store, lambda: now, random.Random(1), programs()), (Thorough,))
    marker = engine.controllers[0]
    assert isinstance(marker, Thorough)
    engine.attach()
    engine.put_off(5.0)

    def touch(data: str) -> float | None:
        store.update(MAPS, {**store.get(MAPS, "shop", "a"), "data": {"is": data}})
        return engine.run()

    store.create(MAPS, a_map())
    assert engine.run() is None and marker.looked == 1
    assert touch("one") == NOW + 5.0 and touch("two") == NOW + 5.0
    assert marker.looked == 1, "both are seen at once, later"
    now = NOW + 5.0
    assert engine.run() is None and marker.looked == 2
    assert touch("three") == NOW + 10.0 and marker.looked == 2
    engine.put_off(0.0)
    engine.run()
    assert marker.looked == 3, "the past is over"


def test_what_is_urgent_comes_before_what_was_there_first() -> None:
    order: list[str] = []

    class Last(Marker):
        turn = 2

        def reconcile(self, namespace: str, name: str) -> float | None:
            order.append(f"last {name}")
            return None

    class Late(Marker):
        def reconcile(self, namespace: str, name: str) -> float | None:
            order.append(f"late {name}")
            return None

    class First(Marker):
        turn = 0

        def reconcile(self, namespace: str, name: str) -> float | None:
            order.append(f"first {name}")
            return None

    store = Store(lambda: NOW)
    engine = Engine(World(store, lambda: NOW, random.Random(1), programs()), (Last, Late, First))
    engine.attach()
    store.create(MAPS, a_map("a"))
    store.create(MAPS, a_map("b"))
    assert engine.run(1) == NOW, "there is more to do"
    engine.run()
    assert order == ["first a", "first b", "late a", "late b", "last a", "last b"]


def test_changes_between_the_steps_of_attaching_are_seen() -> None:
    store = Store(lambda: NOW, rng=random.Random(1))
    seed(store, lambda: NOW)
    pod = store.list(PODS, "storefront")[0]
    metadata = {**pod["metadata"], "uid": "", "labels": {"app": "late"}, "ownerReferences": []}
    twin = {**pod, "metadata": metadata, "status": {}}
    twin["spec"] = {key: value for key, value in pod["spec"].items() if key != "nodeName"}
    engine = Engine(World(store, lambda: NOW, random.Random(1), programs()), RESTLESS)
    names = []
    for number, _ in enumerate(engine.attaching()):
        twin["metadata"]["name"] = f"late-{number}"
        store.create(PODS, twin)
        names.append(f"late-{number}")
    engine.run(5_000)
    assert len(names) > 20
    for name in names:
        found = store.get(PODS, "storefront", name)
        assert found["spec"].get("nodeName") or found["status"]["conditions"][0]["reason"] == "Unschedulable"
    after, anew = used(engine), used_anew(store)
    assert after.keys() == anew.keys()
    for node, found in after.items():
        assert found == pytest.approx(anew[node])


def used(engine: Engine) -> dict[str, dict[str, int]]:
    scheduler = next(c for c in engine.controllers if isinstance(c, Scheduler))
    return {node: dict(found) for node, found in scheduler._used.items()}


def used_anew(store: Store) -> dict[str, dict[str, int]]:
    """What each node's Pods use, counted one by one as changes tell of them."""
    world = World(store, lambda: NOW, random.Random(1), programs())
    scheduler = Scheduler(world)
    for pod in store.list(PODS):
        scheduler._count(pod, 1)
    return {node: dict(found) for node, found in scheduler._used.items()}


def test_a_kubelet_looks_after_the_pods_that_do_not_rest() -> None:
    store = Store(lambda: NOW, rng=random.Random(1))
    seed(store, lambda: NOW, pods=200)
    world = World(store, lambda: NOW, random.Random(1), programs())
    kubelet = Kubelet(world)
    one_by_one = [key for pod in store.list(PODS) for key in each(kubelet, pod)]
    assert list(kubelet.start()) == one_by_one
    assert 10 < len(one_by_one) < 100


def each(kubelet: Kubelet, pod: JsonObject) -> Iterable[Key]:
    if not kubelet._steady(pod):
        yield pod["metadata"]["namespace"], pod["metadata"]["name"]


def test_tries_that_nobody_sees_are_left_out_but_counted() -> None:
    time = NOW
    world = World(Store(lambda: time), lambda: time, random.Random(1), programs())
    assert world.pause(30.0, NOW - 9_000) == 30.0, "in the present each one counts"
    world.until = NOW + 95.0
    assert world.pause(30.0, NOW - 10) == 30.0, "at first they are looked at closely"
    assert world.pause(30.0, NOW - 9_000) == 90.0, "the last one before the present comes in time"
    about = {"apiVersion": "v1", "kind": "ConfigMap", **a_map()}
    about["metadata"]["uid"] = "u"
    for moment in (NOW, NOW + 90.0, NOW + 120.0):
        time = moment
        world.say(about, "Failed", "It failed.", by="test", every=30.0)
    assert [event["count"] for event in world.store.list(builtin("events"))] == [5]


def test_a_part_is_made_anew_only_when_it_is_another() -> None:
    world = World(Store(lambda: NOW), lambda: NOW, random.Random(1), programs())
    made: list[object] = []

    def make(value: object) -> str:
        made.append(value)
        return str(len(made))

    part = {"a": 1}
    assert world.remembered("x", part, make) == world.remembered("x", part, make) == "1"
    assert world.remembered("x", {"a": 1}, make) == "2"
    assert world.remembered("y", part, make) == "3"


SAID = """
- plain: [a, 1, 1.5, true, ~, null, 0x10, 2001-01-01, "1", 'true', 1Mi, 10m, "", on]
  anchored: &one {a: 1, b: &list [x, y]}
  again: *one
  merged: {c: 3, <<: *one, a: 9}
  "quoted": *list
  when: !ago 3h
  typed: !!str 5
  text: |
    two
    lines
  1: number
  empty:
- last
"""


def test_seed_files_are_read_as_yaml_is() -> None:
    ours = _Reader(SAID).document()
    assert ours == yaml.load(SAID, Loader=_Loader)  # the safe loader, and one tag
    assert list(ours[0]["merged"]) == ["a", "b", "c"]
    assert ours[0]["when"] == Ago(10_800.0)


def test_an_age_that_is_none_is_told() -> None:
    with pytest.raises(ValueError, match="soon is no age"):
        _Reader("a: !ago soon").document()


def test_what_was_made_of_a_seed_file_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    path = tmp_path / "some.yaml"
    path.write_text("- {when: !ago 3h, 1: [x, 1.5, ~]}")
    first = compiled(path)
    assert first == [{"when": Ago(10_800.0), 1: ["x", 1.5, None]}]
    (kept,) = (tmp_path / "__pycache__").iterdir()
    with monkeypatch.context() as patch:
        patch.setattr(seedyaml, "parsed", lambda text: pytest.fail("it was read again"))
        assert compiled(path) == first
    path.write_text("- {when: !ago 4h}")
    assert compiled(path) == [{"when": Ago(14_400.0)}]
    kept.write_bytes(b"damaged")
    assert compiled(path) == [{"when": Ago(14_400.0)}]


def test_a_seed_in_a_folder_that_is_not_ours_is_read_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    monkeypatch.setattr(sys, "pycache_prefix", None)
    path = tmp_path / "some.yaml"
    path.write_text("- {a: 1}")
    (tmp_path / "__pycache__").write_text("no folder")
    assert compiled(path) == compiled(path) == [{"a": 1}]


def test_owned_objects_are_found_by_resource() -> None:
    """Owned objects are found by plural and group, whatever version names them."""
    store = Store(lambda: NOW)
    world = World(store, lambda: NOW, random.Random(1), programs())
    owner = world.create(MAPS, a_map())
    refs = [{"uid": owner["metadata"]["uid"], "kind": "ConfigMap", "name": "a"}]
    for _ in world.attaching():
        pass
    store.create(MAPS, {"metadata": {"name": "b", "namespace": "shop", "ownerReferences": refs}})
    other = ResourceKind("", "v9", "ConfigMap", "configmaps", True)
    assert [found["metadata"]["name"] for found in world.owned(other, owner)] == ["b"]
    assert world.dependents(owner["metadata"]["uid"]) == [(MAPS, "shop", "b")]
