"""Whatever is written to the store, in whatever order: versions grow, and who replays them sees the store."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from k8stui.core.objects import JsonObject
from k8stui.practice.controllers import STEADY
from k8stui.practice.errors import StatusError
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Store
from tests.practice.lab import SPACE, Lab

MAPS = builtin("configmaps")
FEW = settings(derandomize=True, max_examples=120, deadline=None)
spaces = st.sampled_from(("one", "two"))
names = st.sampled_from("abcd")
writes = st.lists(
    st.tuples(
        st.sampled_from(("create", "update", "stale", "delete", "compact")), spaces, names, st.integers(0, 2)
    ),
    max_size=40,
)
State = dict[tuple[str, str], JsonObject]


def obj(namespace: str, name: str, value: int, **metadata: Any) -> JsonObject:
    return {"metadata": {"namespace": namespace, "name": name, **metadata}, "data": {"value": str(value)}}


def state(store: Store) -> State:
    return {(each["metadata"]["namespace"], each["metadata"]["name"]): each for each in store.list(MAPS)}


def write(store: Store, what: str, namespace: str, name: str, value: int) -> None:
    """One write, which the store may refuse."""
    found = store.find(MAPS, namespace, name)
    match what:
        case "create":
            store.create(MAPS, obj(namespace, name, value))
        case "update":
            version = found["metadata"]["resourceVersion"] if found else "1"
            store.update(MAPS, obj(namespace, name, value, resourceVersion=version))
        case "stale":
            store.update(MAPS, obj(namespace, name, value, resourceVersion="1"))
        case "delete":
            store.delete(MAPS, namespace, name)


@FEW
@given(writes)
def test_versions_only_grow_and_nothing_is_lost(steps: list[tuple[str, str, str, int]]) -> None:
    store = Store(lambda: 1_790_000_000.0)
    seen, model = store.revision, dict[tuple[str, str], str]()
    for what, namespace, name, value in steps:
        key, before = (namespace, name), store.revision
        try:
            write(store, what, namespace, name, value)
        except StatusError as error:
            assert error.code in (404, 409)
            assert (what == "create") == (error.code == 409 and key in model) or what == "stale"
            assert store.revision == before, "what is refused changes nothing"
        else:
            assert what != "stale"
            if what == "delete":
                del model[key]
            elif what != "compact":
                model[key] = str(value)
        assert store.revision >= seen
        seen = store.revision
        assert {key: each["data"]["value"] for key, each in state(store).items()} == model
    versions = [int(each["metadata"]["resourceVersion"]) for each in store.list(MAPS)]
    assert len(set(versions)) == len(versions)
    assert max(versions, default=0) <= store.revision


@FEW
@given(writes)
def test_who_replays_from_any_version_sees_the_store(steps: list[tuple[str, str, str, int]]) -> None:
    store = Store(lambda: 1_790_000_000.0)
    moments = [(store.revision, state(store))]
    compacted = store.revision
    for what, namespace, name, value in steps:
        if what == "compact":
            compacted = moments[len(moments) // 2][0]
            store.compact(compacted)
        with suppress(StatusError):
            write(store, what, namespace, name, value)
        moments.append((store.revision, state(store)))
    for revision, then in moments:
        if revision < compacted:
            with suppress(StatusError):
                store.since(MAPS, revision)
                raise AssertionError("what is forgotten is not answered")
            continue
        replayed, last = dict(then), revision
        for event in store.since(MAPS, revision):
            assert event.revision > last, "in order, each once"
            last = event.revision
            assert (event.entry.key in replayed) == (event.type != "ADDED")
            if event.type == "DELETED":
                del replayed[event.entry.key]
            else:
                replayed[event.entry.key] = event.entry.object
        assert replayed == state(store)
        undone: dict[tuple[str, str], JsonObject] = dict(state(store))
        for key, entry in store.undo(MAPS, revision).items():
            undone.pop(key, None)
            if entry is not None:
                undone[key] = entry.object
        assert undone == then, "a list of an old version is the list of then"


trees = st.lists(st.lists(st.integers(0, 7), max_size=2), min_size=1, max_size=8)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(trees, st.sets(st.integers(0, 7), max_size=3))
def test_what_belongs_to_nothing_any_more_goes(tree: list[list[int]], gone: set[int]) -> None:
    """Objects whose owners all go are collected, with what they own in turn; all others stay."""
    lab = Lab(STEADY)
    owners: dict[int, list[int]] = {}
    uids: dict[int, str] = {}
    for number, above in enumerate(tree):
        owners[number] = sorted({each for each in above if each < number})
        refs = [
            {"apiVersion": "v1", "kind": "ConfigMap", "name": f"m{each}", "uid": uids[each]}
            for each in owners[number]
        ]
        metadata = {"namespace": SPACE, "name": f"m{number}", **({"ownerReferences": refs} if refs else {})}
        uids[number] = lab.store.create(MAPS, {"metadata": metadata})["metadata"]["uid"]
    lab.wait(5)
    for number in gone & owners.keys():
        lab.store.delete(MAPS, SPACE, f"m{number}")
    lab.wait(120)
    left: set[int] = set()
    for number, above in owners.items():
        if number not in gone and (not above or left.intersection(above)):
            left.add(number)
    found = {each["metadata"]["name"] for each in lab.store.list(MAPS, SPACE)}
    assert found - {"kube-root-ca.crt"} == {f"m{number}" for number in left}
