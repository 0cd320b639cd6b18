"""Random requests to the server: watches, pages and patches agree with what was written."""

from __future__ import annotations

import asyncio
import copy
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from k8stui.core.objects import JsonObject
from k8stui.practice.cluster import practice_cluster
from tests.practice.api_client import APPLY, JSON_PATCH, MERGE, STRATEGIC, Api, connect

MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
FEW = settings(derandomize=True, max_examples=15, deadline=None)
names = st.sampled_from("abcde")
labels = st.fixed_dictionaries({}, optional={"tier": st.sampled_from(("x", "y"))})
data = st.dictionaries(st.sampled_from("pqrs"), st.text(max_size=5), max_size=3)
changes = st.dictionaries(st.sampled_from("pqrs"), st.none() | st.text(max_size=5), max_size=3)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("create"), names, labels, data),
        st.tuples(st.just("put"), names, labels, data),
        st.tuples(st.just("stale"), names, labels, data),
        st.tuples(st.sampled_from((MERGE, STRATEGIC, JSON_PATCH, APPLY)), names, labels, changes),
        st.tuples(st.just("delete"), names, labels, data),
        st.tuples(st.just("deletecollection"), names, labels, data),
    ),
    max_size=25,
)
Step = tuple[str, str, dict[str, str], dict[str, Any]]


def body(name: str, wanted: dict[str, str], values: dict[str, Any]) -> JsonObject:
    return {
        "kind": "ConfigMap",
        "apiVersion": "v1",
        "metadata": {"name": name, "labels": wanted},
        "data": values,
    }


class Model:
    """What should be there: data by name, changed as RFC 7386 and 6902 say."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self.found: dict[str, dict[str, str]] = {}
        self.applied: dict[str, set[str]] = {}

    async def play(self, step: Step) -> None:
        what, name, wanted, values = step
        there = name in self.found
        match what:
            case "create":
                reply = await self.api.post(MAPS, body(name, wanted, values))
                assert reply.status == (409 if there else 201)
                if not there:
                    self.found[name] = dict(values)
            case "put" | "stale":
                await self._put(what, name, wanted, values)
            case "delete":
                reply = await self.api.call("DELETE", f"{MAPS}/{name}")
                assert reply.status == (200 if there else 404)
                self._forget(name)
            case "deletecollection":
                reply = await self.api.call("DELETE", f"{MAPS}?fieldSelector=metadata.name%3D{name}")
                assert reply.status == 200
                self._forget(name)
            case _ if what == APPLY:
                await self._apply(name, {key: value for key, value in values.items() if value is not None})
            case _:
                await self._patch(what, name, wanted, values)

    def _forget(self, name: str) -> None:
        self.found.pop(name, None)
        self.applied.pop(name, None)

    async def _put(self, what: str, name: str, wanted: dict[str, str], values: dict[str, str]) -> None:
        current = await self.api.get(f"{MAPS}/{name}")
        new = body(name, wanted, values)
        if name in self.found:
            new["metadata"]["resourceVersion"] = (
                "1" if what == "stale" else current.json["metadata"]["resourceVersion"]
            )
        reply = await self.api.call("PUT", f"{MAPS}/{name}", new)
        if name not in self.found:
            assert reply.status == 404
        elif what == "stale":
            assert reply.status == 409
            assert (await self.api.get(f"{MAPS}/{name}")).body == current.body, "nothing is lost"
        else:
            assert reply.status == 200
            self.found[name] = dict(values)

    async def _patch(self, media: str, name: str, wanted: dict[str, str], values: dict[str, Any]) -> None:
        patch: Any = {"metadata": {"labels": wanted}, "data": values}
        if media == JSON_PATCH:
            patch = [
                {"op": "add", "path": "/data", "value": {k: v for k, v in values.items() if v is not None}}
            ]
        reply = await self.api.patch(f"{MAPS}/{name}", patch, media)
        assert reply.status == (200 if name in self.found else 404)
        if name not in self.found:
            return
        if media == JSON_PATCH:
            self.found[name] = dict(patch[0]["value"])
            return
        for key, value in values.items():
            self.found[name].pop(key, None)
            if value is not None:
                self.found[name][key] = value

    async def _apply(self, name: str, values: dict[str, str]) -> None:
        new = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name}, "data": values}
        reply = await self.api.patch(f"{MAPS}/{name}?fieldManager=me&force=true", new, APPLY)
        assert reply.status == (200 if name in self.found else 201), reply.body
        assert (values.items() if values else set()) <= (reply.json.get("data") or {}).items()
        kept = {entry["manager"] for entry in reply.json["metadata"]["managedFields"]}
        assert "me" in kept or not values
        self.found[name] = dict(reply.json.get("data") or {})

    async def check(self) -> None:
        """The list is what the model has, in the order of names, whole or in pages."""
        listed = (await self.api.get(MAPS)).json
        assert {item["metadata"]["name"]: item.get("data", {}) for item in listed["items"]} == self.found
        assert [item["metadata"]["name"] for item in listed["items"]] == sorted(self.found)


async def replayed(
    api: Api, start: str, state: dict[str, JsonObject], selector: str, end: int
) -> dict[str, JsonObject]:
    """A state brought up to date by the events since its version."""
    found = copy.deepcopy(state)
    query = f"resourceVersion={start}&timeoutSeconds=1&labelSelector={selector}&allowWatchBookmarks=true"
    last = int(start)
    async with api.watch(f"{MAPS}?{query}") as lines:
        for event in await lines.rest():
            metadata = event["object"]["metadata"]
            assert last <= int(metadata["resourceVersion"]) <= end
            last = int(metadata["resourceVersion"])
            if event["type"] == "BOOKMARK":
                continue
            assert (metadata["name"] in found) == (event["type"] != "ADDED"), event
            if event["type"] == "DELETED":
                del found[metadata["name"]]
            else:
                found[metadata["name"]] = event["object"]
    return found


def by_name(listed: JsonObject) -> dict[str, JsonObject]:
    head = {"kind": "ConfigMap", "apiVersion": "v1"}
    return {item["metadata"]["name"]: {**head, **item} for item in listed["items"]}


@settings(FEW, max_examples=10)
@given(steps, st.integers(0, 24))
def test_writes_watches_and_lists_agree(script: list[Step], middle: int) -> None:
    async def play() -> None:
        async with practice_cluster(seeded=False, moving=False) as cluster, connect(cluster) as api:
            model, starts = Model(api), []
            for number, step in enumerate(script):
                if number in (0, middle):
                    for selector in ("", "tier%3Dx"):
                        listed = (await api.get(f"{MAPS}?labelSelector={selector}")).json
                        starts.append((listed["metadata"]["resourceVersion"], by_name(listed), selector))
                before = cluster.store.revision
                await model.play(step)
                assert cluster.store.revision >= before
            await model.check()
            now = {s: by_name((await api.get(f"{MAPS}?labelSelector={s}")).json) for s in ("", "tier%3Dx")}
            end = cluster.store.revision
            told = await asyncio.gather(*(replayed(api, *start, end) for start in starts))
            for (_, _, selector), found in zip(starts, told, strict=True):
                assert found == now[selector]

    asyncio.run(play())


@FEW
@given(st.lists(names, unique=True, min_size=2), st.integers(1, 3), steps)
def test_pages_are_the_list_of_the_first_one(first: list[str], limit: int, script: list[Step]) -> None:
    async def play() -> None:
        async with practice_cluster(seeded=False, moving=False) as cluster, connect(cluster) as api:
            for name in first:
                await api.post(MAPS, body(name, {}, {}))
            model = Model(api)
            model.found = {name: {} for name in first}
            seen, token, writes = list[str](), "", list(script)
            while True:
                page = (await api.get(f"{MAPS}?limit={limit}&continue={token}")).json
                seen += [item["metadata"]["name"] for item in page["items"]]
                token = page["metadata"].get("continue", "")
                assert page["metadata"].get("remainingItemCount", 0) == (
                    len(first) - len(seen) if token else 0
                )
                if not token:
                    break
                for step in writes[:5]:
                    await model.play(step)
                del writes[:5]
            assert seen == sorted(first)

    asyncio.run(play())


containers = st.lists(
    st.fixed_dictionaries({"name": st.sampled_from("abcd"), "image": st.sampled_from(("x:1", "y:2"))}),
    min_size=1, max_size=3, unique_by=lambda each: each["name"],
)  # fmt: skip


@FEW
@given(st.lists(containers, min_size=1, max_size=8))
def test_strategic_merges_keep_every_container_whole(patches: list[list[dict[str, str]]]) -> None:
    """Lists merged by key have each key once, the newest values, and nothing that nobody wrote."""

    async def play() -> None:
        async with practice_cluster(seeded=False, moving=False) as cluster, connect(cluster) as api:
            template = {
                "metadata": {"labels": {"a": "b"}},
                "spec": {"containers": [{"name": "a", "image": "x:0"}]},
            }
            spec = {"replicas": 0, "selector": {"matchLabels": {"a": "b"}}, "template": template}
            path = "/apis/apps/v1/namespaces/default/deployments"
            assert (await api.post(path, {"metadata": {"name": "d"}, "spec": spec})).status == 201
            wanted = {"a": "x:0"}
            for patch in patches:
                merged = {"spec": {"template": {"spec": {"containers": patch}}}}
                reply = await api.patch(f"{path}/d", merged, STRATEGIC)
                assert reply.status == 200
                wanted |= {each["name"]: each["image"] for each in patch}
                found = reply.json["spec"]["template"]["spec"]["containers"]
                assert len(found) == len(wanted)
                assert {each["name"]: each["image"] for each in found} == wanted
                assert json.loads((await api.get(f"{path}/d")).body) == reply.json

    asyncio.run(play())
