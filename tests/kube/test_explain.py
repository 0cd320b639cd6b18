"""What fields are: the server's OpenAPI documents and the client package, held against kubectl explain."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from k8stui import catalog
from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.kube import kubeconfig
from k8stui.kube.client import Client
from k8stui.kube.errors import ServerTrouble
from k8stui.kube.openapi import Document
from k8stui.kube.packagedocs import PackageModels
from k8stui.kube.schemas import field_doc
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.practice.kinds import BUILTIN_KINDS
from tests.kube import explaining
from tests.kube.test_practice_follow import cluster as running

PODS = catalog.BUILTIN["pods"]
IMAGE = ("spec", "containers", 0, "image")


@asynccontextmanager
async def servers(which: str) -> AsyncIterator[Path]:
    if which == "real":
        named = os.environ.get("K8STUI_TEST_KUBECONFIG")
        if not named:
            pytest.skip("K8STUI_TEST_KUBECONFIG names no kubeconfig")
        yield Path(named)
        return
    async with practice_cluster(moving=False, random_seed=1) as found:
        yield found.kubeconfig


@pytest.mark.parametrize(("which", "count"), [("practice", 25), ("real", 200)])
async def test_fields_are_explained_as_kubectl_explains_them(which: str, count: int, tmp_path: Path) -> None:
    count = int(os.environ.get("K8STUI_TEST_FIELDS", count))
    async with servers(which) as path:
        client = Client.open(kubeconfig.load([path], {}).choose(None), cache=None)
        try:
            kinds = [kind for kind in (await client.discover()).kinds if kind.listable]
            sources = {kind: await client.openapi.source(kind) for kind in kinds}
        finally:
            await client.close()
        known = [kind for kind, source in sources.items() if not source.package]
        assert len(known) > 40
        rng = random.Random(11)
        gate = asyncio.Semaphore(4)

        async def compare(kind: ResourceKind, steps: tuple[str, ...]) -> list[str]:
            doc = field_doc(sources[kind], kind, steps)
            assert doc is not None
            async with gate:
                printed = await explaining.kubectl_explains(path, kind, steps, tmp_path)
            return [f"{kind.name} {'.'.join(steps)}: {said}" for said in explaining.differences(doc, printed)]

        wanted = [place for kind in known for place in explaining.random_paths(sources[kind], [kind], 8, rng)]
        chosen = rng.sample(sorted(set(wanted), key=str), count)
        found = await asyncio.gather(*(compare(*place) for place in chosen))
        wrong = "\n".join(line for lines in found for line in lines)
        assert not wrong, wrong


async def test_documents_are_kept_on_disk_by_their_hash(tmp_path: Path) -> None:
    async with running(moving=False, cache=tmp_path) as (cluster, client):
        first = await client.openapi.source(PODS)
        assert field_doc(first, PODS, IMAGE) is not None
        cluster.faults.fail(500)
        again = Client.open(kubeconfig.load([cluster.kubeconfig], {}).choose(None), cache=tmp_path)
        again.openapi._index = client.openapi._index
        try:
            assert not (await again.openapi.source(PODS)).package
        finally:
            await again.close()


async def test_without_a_servers_word_the_package_explains(tmp_path: Path) -> None:
    async with running(moving=False, cache=tmp_path) as (cluster, client):
        deny_openapi(cluster)
        source = await client.openapi.source(PODS)
        assert source.package
        doc = field_doc(source, PODS, IMAGE)
        assert doc is not None
        assert (doc.type, doc.package) == ("string", True)
        custom = ResourceKind("acme.example", "v1", "Thing", "things", namespaced=True)
        with pytest.raises(ServerTrouble):
            await client.openapi.source(custom)


def deny_openapi(cluster: PracticeCluster) -> None:
    cluster.faults.fail(500, path="^/openapi/")


def test_the_package_knows_every_built_in_kind() -> None:
    source = PackageModels()
    questions = {"Binding", "Eviction"}
    missing = [k.name for k in BUILTIN_KINDS if k.kind not in questions and source.root(k) is None]
    assert missing == []
    doc = field_doc(source, PODS, ("spec", "containers", 0, "ports"))
    assert doc is not None
    assert doc.type == "[]ContainerPort"
    assert [entry.name for entry in doc.fields if entry.required] == ["containerPort"]
    labels = field_doc(source, PODS, ("metadata", "labels", "app.kubernetes.io/name"))
    assert labels is not None
    assert labels.type == "string"


class Schemas:
    """A source of schemas that a test makes up."""

    package = False

    def __init__(self, root: JsonObject, **named: JsonObject) -> None:
        self._root = root
        self._named = named

    def root(self, kind: ResourceKind) -> JsonObject | None:
        return self._root

    def get(self, ref: str) -> JsonObject | None:
        return self._named.get(ref)


def test_hostile_schemas_end_somewhere() -> None:
    circle = Schemas(
        {"$ref": "a"}, a={"allOf": [{"$ref": "b"}], "description": "\x1b[31mred"}, b={"$ref": "a"}
    )
    doc = field_doc(circle, PODS, ())
    assert doc is not None
    assert doc.description == ""
    assert "\x1b" not in doc.type_description
    assert field_doc(circle, PODS, ("x", "y")) is None
    endless = Schemas(
        {"$ref": "n"}, n={"properties": {"next": {"$ref": "n"}, "odd": 7}, "required": ["next"]}
    )
    deep = field_doc(endless, PODS, ("next",) * 30)
    assert deep is not None
    assert deep.required
    assert [entry.name for entry in deep.fields] == ["next"]


def test_constraints_defaults_and_freedom() -> None:
    source = Schemas(
        {
            "properties": {
                "size": {"type": "integer", "minimum": 1, "maximum": 9, "default": 3, "format": "int32"},
                "mode": {"type": "string", "enum": ["a", "b"], "pattern": "^[a-z]$"},
                "extra": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                "zero": {"type": "integer", "default": 0},
            },
            "required": ["zero"],
        }
    )
    size = field_doc(source, PODS, ("size",))
    assert size is not None
    assert (size.default, size.format, size.limits) == ("3", "int32", (("minimum", "1"), ("maximum", "9")))
    mode = field_doc(source, PODS, ("mode",))
    assert mode is not None
    assert (mode.enum, mode.limits) == (("a", "b"), (("pattern", '"^[a-z]$"'),))
    free = field_doc(source, PODS, ("extra", "whatever", 3, "below"))
    assert free is not None
    assert free.free
    zero = field_doc(source, PODS, ("zero",))
    assert zero is not None
    assert zero.default is None
    assert field_doc(source, PODS, ("none",)) is None


def test_a_document_that_is_none() -> None:
    with pytest.raises(ValueError, match="JSON"):
        Document(b"<html>")
    assert Document(b"{}").root(PODS) is None
