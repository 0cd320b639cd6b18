"""Field sets: what two versions of an object do not have alike is all that has to be looked at."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from k8stui.core.objects import JsonObject
from k8stui.practice.api import fields

words = st.sampled_from(("a", "b"))
plain = st.none() | st.booleans() | st.integers(0, 1) | words
keyed = st.lists(
    st.fixed_dictionaries({"type": words}, optional={"status": words, "name": words}),
    max_size=2,
    unique_by=lambda each: each["type"],
)
names = st.sampled_from(("a", "template", "spec", "selector", "resources", "strategy", "metadata"))
maps = st.recursive(
    st.dictionaries(names, plain, max_size=2),
    lambda below: st.dictionaries(names, plain | below, max_size=3),
    max_leaves=8,
)
parts = st.fixed_dictionaries(
    {}, optional={"a": maps, "template": maps, "selector": maps, "conditions": keyed}
)
objects = st.fixed_dictionaries(
    {
        "kind": st.just("Deployment"),
        "metadata": st.fixed_dictionaries({"name": st.just("web")}, optional={"labels": maps}),
    },
    optional={"spec": parts, "status": parts, "data": maps},
)
Paths = dict[fields.Path, Any]


def values(obj: JsonObject) -> Paths:
    return fields.values(obj, "Deployment", obj)


def told(now: Paths, then: Paths) -> tuple[set[fields.Path], set[fields.Path]]:
    """What has changed, and what is gone without having grown branches."""
    changed = {path for path, value in now.items() if path not in then or then[path] != value}
    grown = {path[:length] for path in now for length in range(1, len(path))}
    return changed, then.keys() - now.keys() - grown


@settings(derandomize=True, max_examples=600, deadline=None)
@given(objects, objects)
def test_only_what_differs_needs_to_be_looked_at(new: JsonObject, old: JsonObject) -> None:
    before = copy.deepcopy((new, old))
    ours, theirs = fields.differing(new, old)
    assert told(values(ours), values(theirs)) == told(values(new), values(old))
    assert (new, old) == before


def test_what_is_alike_is_left_out() -> None:
    shared = {"containers": [{"name": "a", "image": "b"}]}
    old = {"kind": "Pod", "spec": shared, "status": {"phase": "Running", "hostIP": "1", "message": "x"}}
    new = {**old, "spec": copy.deepcopy(shared), "status": {**old["status"], "message": "y"}}  # type: ignore[dict-item]
    assert fields.differing(new, old) == ({"status": {"message": "y"}}, {"status": {"message": "x"}})
    assert fields.differing(old, old) == ({"kind": "Pod"}, {"kind": "Pod"})


def test_a_map_that_lost_a_field_is_not_empty() -> None:
    ours, theirs = fields.differing({"status": {"a": 1}}, {"status": {"a": 1, "b": 2}})
    assert ours == {"status": {"a": 1}}
    assert theirs == {"status": {"a": 1, "b": 2}}
