"""Watches: order and form of events, bookmarks, initial events, versions too old, selectors, Tables."""

from __future__ import annotations

from typing import Any

from tests.conformance.scenarios.reading import config_map
from tests.conformance.script import Scenario, Script
from tests.conformance.server import TABLE, JsonObject


def _said(events: list[JsonObject]) -> list[list[Any]]:
    assert all("type" in event for event in events), events
    return [[event["type"], event["object"]["metadata"]["name"]] for event in events]


_OURS = "labelSelector=ours"


async def events(script: Script) -> None:
    """Every change once and in order; what a selector makes of changes of labels."""
    server, path = script.server, script.path("configmaps")
    await script.make(path, config_map("a", {"ours": "1", "tier": "x"}))
    version = (await server.get(path)).json["metadata"]["resourceVersion"]
    async with (
        server.watch(f"{path}?{_OURS}&resourceVersion={version}") as every,
        server.watch(f"{path}?{_OURS},tier%3Dx&resourceVersion={version}") as selected,
        server.watch(f"{path}?{_OURS}") as whole,
    ):
        await script.make(path, config_map("b", {"ours": "1"}))
        await server.patch(f"{path}/b", {"metadata": {"labels": {"tier": "x"}}})
        await server.patch(f"{path}/b", {"data": {"k": "v"}})
        await server.patch(f"{path}/a", {"metadata": {"labels": {"tier": "y"}}})
        await server.delete(f"{path}/b")
        seen = await every.take(5)
        assert _said(seen) == [
            ["ADDED", "b"],
            ["MODIFIED", "b"],
            ["MODIFIED", "b"],
            ["MODIFIED", "a"],
            ["DELETED", "b"],
        ]
        versions = [int(event["object"]["metadata"]["resourceVersion"]) for event in seen]
        assert versions == sorted(set(versions)), "each has a version of its own, and they grow"
        assert seen[4]["object"]["data"] == {"k": "v"}, "a deletion shows the last state"
        assert _said(await selected.take(4)) == [
            ["ADDED", "b"],
            ["MODIFIED", "b"],
            ["DELETED", "a"],
            ["DELETED", "b"],
        ]
        assert _said(await whole.take(2)) == [["ADDED", "a"], ["ADDED", "b"]]
        script.tell("an event", seen[0])
    async with server.watch(f"{path}?{_OURS}&resourceVersion={versions[1]}") as replayed:
        assert _said(await replayed.take(3)) == [["MODIFIED", "b"], ["MODIFIED", "a"], ["DELETED", "b"]]
    async with server.watch(f"{path}?fieldSelector=metadata.name%3Da&resourceVersion=0") as one:
        assert _said(await one.take(1)) == [["ADDED", "a"]]
    single = await server.get(f"{path}/a?watch=true")
    assert single.json["metadata"]["name"] == "a", "one object is answered, not watched"


async def initial_events(script: Script) -> None:
    """A watch that begins with a list, and says where the list ends."""
    server, path = script.server, script.path("configmaps")
    for name in "ab":
        await script.make(path, config_map(name, {"ours": "1"}))
    query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    async with server.watch(f"{path}?{_OURS}&{query}") as found:
        seen = await found.take(3)
        assert sorted(_said(seen[:2])) == [["ADDED", "a"], ["ADDED", "b"]]
        assert seen[2]["type"] == "BOOKMARK"
        script.tell("the end of the list", seen[2])
        await server.delete(f"{path}/a")
        assert _said(await found.take(1)) == [["DELETED", "a"]]
    pods = script.path("pods")
    async with server.watch(f"{pods}?{query}") as empty:
        script.tell("the end of an empty list of Pods", await empty.next())
    for what, wrong in (
        ("no match", "sendInitialEvents=true&allowWatchBookmarks=true"),
        ("exact match", "sendInitialEvents=true&resourceVersionMatch=Exact&resourceVersion=1"),
        ("a match without it", "resourceVersionMatch=NotOlderThan"),
    ):
        refused = await server.get(f"{path}?watch=true&{wrong}")
        script.tell(what, refused.json)


async def table_events(script: Script) -> None:
    """Events as rows of a Table."""
    server, path = script.server, script.path("configmaps")
    await script.make(path, config_map("a", {"ours": "1"}, k="v"))
    async with server.watch(f"{path}?{_OURS}", Accept=TABLE) as found:
        first = await found.next()
        assert [column["name"] for column in first["object"]["columnDefinitions"]] == ["Name", "Data", "Age"]
        first["object"]["columnDefinitions"] = "NAMED"
        script.tell("first", first)
        await server.patch(f"{path}/a", {"data": {"l": "w"}})
        script.tell("second", await found.next())
        await server.delete(f"{path}/a")
        script.tell("third", await found.next())
    query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true"
    async with server.watch(f"{path}?{_OURS}&{query}", Accept=TABLE) as found:
        end = await found.next()
        del end["object"]["columnDefinitions"]
        script.tell("the end of an empty list", end)


async def versions(script: Script) -> None:
    """Where a watch may begin."""
    server, path = script.server, script.path("configmaps")
    async with server.watch(f"{path}?resourceVersion=1") as old:
        event = await old.next()
        assert event["type"] == "ERROR"
        assert (event["object"]["code"], event["object"]["reason"]) == (410, "Expired")
        text = str(event["object"].pop("message"))
        assert text.startswith("too old resource version: 1 ("), text
        script.tell("too old", event)
    for what, query in (("rubbish", "resourceVersion=x"), ("negative", "resourceVersion=-1")):
        refused = await server.get(f"{path}?watch=true&{query}")
        script.tell(what, refused.json)
    ended = await server.get(f"{path}?watch=true&timeoutSeconds=1&{_OURS}")
    assert (ended.status, ended.body) == (200, b"")


WATCHING: dict[str, Scenario] = {
    "watch_events": events,
    "watch_initial_events": initial_events,
    "watch_tables": table_events,
    "watch_versions": versions,
}
