"""Deleting: preconditions, finalizers, grace, propagation, collections, dry runs."""

from __future__ import annotations

from tests.conformance.scenarios.reading import config_map, names
from tests.conformance.script import Scenario, Script
from tests.conformance.server import JsonObject


def pod(name: str, **metadata: object) -> JsonObject:
    spec = {"schedulerName": "nobody", "containers": [{"name": "a", "image": "nginx"}]}
    return {"metadata": {"name": name, **metadata}, "spec": spec}


async def deleting(script: Script) -> None:
    """One object: what is answered, what is refused, what waits."""
    server, path = script.server, script.path("configmaps")
    made = await script.make(path, config_map("a"))
    metadata = made["metadata"]
    wrong = await server.delete(f"{path}/a", {"preconditions": {"uid": "other"}})
    script.tell("another uid", wrong.json)
    stale = await server.delete(f"{path}/a", {"preconditions": {"resourceVersion": "1"}})
    script.tell("another version", stale.json["message"].replace(metadata["resourceVersion"], "VERSION"))
    odd = await server.delete(f"{path}/a", {"propagationPolicy": "Sideways"})
    script.tell("an unknown propagation", odd.json)
    imagined = await server.delete(f"{path}/a?dryRun=All")
    assert imagined.status == 200
    script.tell("dry run", imagined.json)
    assert (await server.get(f"{path}/a")).status == 200
    right = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
    gone = await server.delete(
        f"{path}/a", {"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": right}
    )
    script.tell("gone", gone.json)
    again = await server.delete(f"{path}/a")
    assert again.refusal == (404, "NotFound", 'configmaps "a" not found')
    kept = config_map("kept")
    kept["metadata"]["finalizers"] = ["x.example/keep"]
    await script.make(path, kept)
    waiting = await server.delete(f"{path}/kept")
    assert waiting.status == 200
    script.tell("waiting", waiting.json)
    anew = await server.post(path, config_map("kept"))
    assert anew.refusal == (409, "AlreadyExists", 'object is being deleted: configmaps "kept" already exists')
    assert anew.json["details"] == {"name": "kept", "kind": "configmaps"}
    assert (await server.delete(f"{path}/kept")).status == 200
    adding = await server.patch(
        f"{path}/kept", {"metadata": {"finalizers": ["x.example/keep", "x.example/more"]}}
    )
    script.tell("another finalizer", [adding.status, adding.json.get("message")])
    freed = await server.patch(f"{path}/kept", {"metadata": {"finalizers": None}})
    assert freed.status == 200
    assert (await server.get(f"{path}/kept")).status == 404
    for name, options in (("slow", {}), ("now", {"gracePeriodSeconds": 0})):
        await script.make(script.path("pods"), pod(name))
        removed = await server.delete(script.path("pods", name), options)
        shown = removed.json["metadata"]
        script.tell(
            f"a Pod without node, {name}", [removed.json["kind"], shown.get("deletionGracePeriodSeconds")]
        )
        await script.gone(script.path("pods", name))


async def collections(script: Script) -> None:
    """deletecollection, with a selector and a page of it."""
    server, path = script.server, script.path("configmaps")
    for name in "abcd":
        await script.make(path, config_map(name, {"half": "one" if name in "ab" else "two"}))
    imagined = await server.delete(f"{path}?labelSelector=half%3Done&dryRun=All")
    assert names((await server.get(path)).json) == ["a", "b", "c", "d"]
    script.tell("dry run", imagined.json)
    removed = await server.delete(f"{path}?labelSelector=half%3Done")
    assert removed.status == 200
    assert names((await server.get(path)).json) == ["c", "d"]
    script.tell("what is answered", removed.json)
    nothing = await server.delete(f"{path}?labelSelector=half%3Done")
    script.tell("nothing to remove", nothing.json)


async def owners(script: Script) -> None:
    """What goes with its owner: in the background, in the foreground, or not at all."""
    server, path = script.server, script.path("configmaps")

    async def family(name: str, *, blocking: bool = False) -> None:
        owner = await script.make(path, config_map(name))
        child = config_map(f"{name}-child")
        ref = {"apiVersion": "v1", "kind": "ConfigMap", "name": name, "uid": owner["metadata"]["uid"]}
        child["metadata"]["ownerReferences"] = [{**ref, "blockOwnerDeletion": True} if blocking else ref]
        await script.make(path, child)

    await family("back")
    await server.delete(f"{path}/back", {"propagationPolicy": "Background"})
    assert (await server.get(f"{path}/back")).status == 404
    await script.gone(f"{path}/back-child")
    await family("front", blocking=True)
    waiting = await server.delete(f"{path}/front", {"propagationPolicy": "Foreground"})
    script.tell("in the foreground", waiting.json)
    await script.gone(f"{path}/front")
    assert (await server.get(f"{path}/front-child")).status == 404
    await family("free")
    orphaning = await server.delete(f"{path}/free", {"propagationPolicy": "Orphan"})
    script.tell("orphaning", orphaning.json)
    await script.gone(f"{path}/free")
    found = await script.until(f"{path}/free-child", lambda found: "ownerReferences" not in found["metadata"])
    assert found["metadata"]["name"] == "free-child"
    lost = config_map("lost")
    ref = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "name": "none",
        "uid": "00000000-0000-4000-8000-000000000000",
    }
    lost["metadata"]["ownerReferences"] = [ref]
    await script.make(path, lost)
    await script.gone(f"{path}/lost")


async def namespaces(script: Script) -> None:
    """A namespace that ends takes everything with it, and nothing new."""
    server, name = script.server, f"ending-{script.mark}"
    path = f"/api/v1/namespaces/{name}"
    await script.make("/api/v1/namespaces", {"metadata": {"name": name}})
    held = config_map("held")
    held["metadata"]["finalizers"] = ["x.example/hold"]
    await script.make(f"{path}/configmaps", held)
    ending = await server.delete(path)
    assert ending.json["status"]["phase"] == "Terminating"
    script.tell("ending", ending.json)
    refused = await server.post(f"{path}/configmaps", config_map("late"))
    script.tell("too late", refused.json)
    stuck = await script.until(
        path, lambda found: any(c["status"] == "True" and c["type"] == "NamespaceFinalizersRemaining"
                                for c in found["status"].get("conditions", ())),
    )  # fmt: skip
    wanted = ("NamespaceContentRemaining", "NamespaceFinalizersRemaining")
    script.tell(
        "what holds it up",
        [
            [c["type"], c["reason"], c["message"]]
            for c in stuck["status"]["conditions"]
            if c["type"] in wanted
        ],
    )
    await server.patch(f"{path}/configmaps/held", {"metadata": {"finalizers": None}})
    await script.gone(path)


DELETING: dict[str, Scenario] = {each.__name__: each for each in (deleting, collections, owners, namespaces)}
