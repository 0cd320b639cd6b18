"""Every kind: what a server fills in, how it prints it, what it answers when it is made twice and removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.conformance.script import Scenario, Script
from tests.conformance.server import TABLE, JsonObject

_FILE = Path(__file__).with_name("manifests.yaml")


def columns(table: JsonObject) -> list[str]:
    """Name, type, format and priority of each column."""
    kept = ("name", "type", "format", "priority")
    return [" | ".join(str(column[key]) for key in kept) for column in table["columnDefinitions"]]


async def _plurals(script: Script) -> dict[tuple[str, str], tuple[str, bool]]:
    """The plural of each kind and whether it is namespaced, as discovery has it."""
    accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
    found = {}
    for root in ("/api", "/apis"):
        for group in (await script.server.get(root, Accept=accept)).json["items"]:
            name = group["metadata"].get("name", "")
            for version in group["versions"]:
                prefix = f"{name}/" if name else ""
                for kind in version["resources"]:
                    key = (f"{prefix}{version['version']}", kind["responseKind"]["kind"])
                    found[key] = (kind["resource"], kind["scope"] == "Namespaced")
    return found


def _filled(script: Script, manifests: list[JsonObject]) -> Iterator[JsonObject]:
    text = yaml.safe_dump_all(manifests)
    yield from yaml.safe_load_all(text.replace("MARK", script.mark).replace("NAMESPACE", script.namespace))


async def _live(script: Script, path: str, manifest: JsonObject) -> None:
    """One object's life: imagined as a Table, made, made once more, removed."""
    server, name = script.server, manifest["metadata"]["name"]
    what = f"{manifest['kind']} {name.replace(script.mark, 'MARK')}"
    imagined = await server.call("POST", f"{path}?dryRun=All", manifest, Accept=TABLE)
    assert imagined.status == 201, (what, imagined.body)
    table = imagined.json
    script.tell(f"{what}: columns", columns(table))
    script.tell(f"{what}: cells", {"cells": table["rows"][0]["cells"]})
    assert (await server.get(f"{path}/{name}")).status == 404, what
    made = await server.post(path, manifest)
    assert made.status == 201, (what, made.body)
    script.leave(f"{path}/{name}")
    script.tell(f"{what}: made", made.json)
    listed = await server.table(f"{path}?limit=1")
    assert listed["columnDefinitions"] == table["columnDefinitions"], what
    again = await server.post(path, manifest)
    assert again.refusal[:2] == (409, "AlreadyExists"), what
    script.tell(f"{what}: made twice", again.json)
    removed = await server.delete(f"{path}/{name}", {"propagationPolicy": "Background"})
    assert removed.status in (200, 202), (what, removed.body)
    script.tell(f"{what}: removed", {"status": removed.status, "kind": removed.json["kind"]})


def _scenario(manifests: list[JsonObject]) -> Scenario:
    async def play(script: Script) -> None:
        plurals = await _plurals(script)
        for manifest in _filled(script, manifests):
            version = manifest["apiVersion"]
            plural, namespaced = plurals[version, manifest["kind"]]
            root = f"/apis/{version}" if "/" in version else f"/api/{version}"
            space = f"/namespaces/{script.namespace}" if namespaced else ""
            await _live(script, f"{root}{space}/{plural}", manifest)

    return play


KINDS: dict[str, Scenario] = {
    f"kinds_{group}": _scenario(manifests) for group, manifests in yaml.safe_load(_FILE.read_text()).items()
}
