"""The cases of the notes as objects that the practice cluster takes, holds and gives back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from k8stui import catalog
from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.notes import Note, NoteLibrary, Subject
from k8stui.practice.cluster import practice_cluster
from tests.practice.api_client import MERGE, Api, connect

pytestmark = pytest.mark.asyncio(loop_scope="module")
HERE = Path(__file__).parent
LIBRARY = NoteLibrary.load()
STATES = [note for note in LIBRARY.notes() if note.when]
MINIMAL: Mapping[str, JsonObject] = yaml.safe_load((HERE / "minimal.yaml").read_text(encoding="utf-8"))
CASES: dict[str, dict[str, JsonObject]] = {
    name: case
    for path in sorted((HERE / "cases").glob("*.yaml"))
    for name, case in yaml.safe_load(path.read_text(encoding="utf-8")).items()
}
NAMESPACES = catalog.BUILTIN["namespaces"]
CRDS = catalog.BUILTIN["customresourcedefinitions"]
LANTERNS = ResourceKind("example.com", "v1", "Lantern", "lanterns", True)
SERVER_ONLY = ("deletionTimestamp", "managedFields")
"""What a client cannot write; a case that has it gets it in the store."""


class Writer:
    """Writes objects as a client does, and reads them back."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._store = api.cluster.store

    async def send(self, method: str, path: str, body: JsonObject | None = None) -> JsonObject:
        """One request; the answer.

        Raises:
            AssertionError: the server refused; with its message.
        """
        media = MERGE if method == "PATCH" else "application/json"
        strict = "?fieldValidation=Strict" if body else ""
        reply = await self._api.call(method, path + strict, body, media=media)
        assert reply.status < 400, reply.json.get("message")
        return reply.json

    async def made(self, kind: ResourceKind, case: JsonObject) -> JsonObject:
        """A case as an object that has been written and read again, and is gone."""
        obj = merged(MINIMAL.get(kind.kind, {}), {k: v for k, v in case.items() if k != "beside"})
        metadata = obj["metadata"] = merged({"name": "a"}, obj.get("metadata") or {})
        namespace = str(metadata.setdefault("namespace", "cases")) if kind.namespaced else ""
        obj |= {"apiVersion": kind.api_version, "kind": kind.kind}
        given = {name: metadata.pop(name) for name in SERVER_ONLY if name in metadata}
        for name in filter(None, ("cases", namespace)):
            if self._store.find(NAMESPACES, "", name) is None:
                await self.send("POST", NAMESPACES.path(), {"metadata": {"name": name}})
        path = f"{kind.path(namespace)}/{metadata['name']}"
        if existed := self._store.find(kind, namespace, metadata["name"]) is not None:
            await self.send("PATCH", path, obj)
        else:
            await self.send("POST", kind.path(namespace), obj)
        if "status" in obj and (await self._api.get(f"{path}/status")).status == 200:
            await self.send("PATCH", f"{path}/status", {"status": obj["status"]})
        if given:
            stored = self._store.get(kind, namespace, metadata["name"])
            self._store.update(kind, stored | {"metadata": stored["metadata"] | given})
        found = await self.send("GET", path)
        if not existed:
            self._store.delete(kind, namespace, metadata["name"])
        return found


def kinds() -> dict[tuple[str, str], ResourceKind]:
    from k8stui.practice.kinds import BUILTIN_KINDS

    found: dict[tuple[str, str], ResourceKind] = {}
    for kind in BUILTIN_KINDS:
        found.setdefault((kind.group, kind.kind), kind)
    return found


def merged(base: JsonObject, over: JsonObject) -> JsonObject:
    """One object over another; lists are replaced, null takes a field away."""
    found = dict(base)
    for name, value in over.items():
        if value is None:
            found.pop(name, None)
        elif isinstance(value, dict) and isinstance(found.get(name), dict):
            found[name] = merged(found[name], value)
        else:
            found[name] = value
    return found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def writer() -> AsyncIterator[Writer]:
    async with (
        practice_cluster(moving=False, seeded=False, random_seed=1) as cluster,
        connect(cluster) as api,
    ):
        written = Writer(api)
        names = {"plural": "lanterns", "singular": "lantern", "kind": "Lantern", "listKind": "LanternList"}
        crd = {"metadata": {"name": "lanterns.example.com"}, "spec": {"names": names}}
        await written.send("POST", CRDS.path(), merged(MINIMAL["CustomResourceDefinition"], crd))
        yield written


@pytest.mark.parametrize("note", STATES, ids=lambda note: note.id)
async def test_a_state_is_told_of_an_object_in_the_cluster_and_not_of_its_neighbour(
    note: Note, writer: Writer
) -> None:
    about = note.about
    kind = LANTERNS if about.custom_resource else kinds()[about.group, about.kind]
    for name, expected in (("holds", True), ("near", False)):
        case = CASES[note.id][name]
        obj = await writer.made(kind, case)
        near = {relation: tuple(objects) for relation, objects in case.get("beside", {}).items()}
        asked = Subject(kind=kind.kind, group=kind.group, custom_resource=about.custom_resource)
        ids = {match.note.id for match in LIBRARY.match(asked, obj, near)}
        assert (note.id in ids) == expected, (name, ids, obj)
