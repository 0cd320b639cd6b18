"""The page of a custom resource, whatever its schema: none, one that does not come, one of 2 MB."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from k8stui.core.objects import JsonObject
from k8stui.practice.cluster import PracticeCluster, practice_cluster
from k8stui.ui.screens.page import PageScreen
from tests.driver import Explorer, explorer
from tests.e2e.house import session_of
from tests.practice.api_client import connect

_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
FREE: JsonObject = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}


@pytest.fixture
async def cluster() -> AsyncIterator[PracticeCluster]:
    async with practice_cluster(moving=False, seeded=False, random_seed=7) as running:
        yield running


async def beans(cluster: PracticeCluster, schema: JsonObject) -> None:
    """Define the kind Bean with a schema, and make one."""
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": "beans", "singular": "bean", "kind": "Bean"}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "beans.farm.example"},
        "spec": {"group": "farm.example", "names": names, "scope": "Namespaced", "versions": [version]},
    }  # fmt: skip
    bean = {
        "apiVersion": "farm.example/v1", "kind": "Bean", "metadata": {"name": "arabica"},
        "spec": {"altitude": 1_200, "farm": "Alto"},
    }  # fmt: skip
    async with connect(cluster) as api:
        assert (await api.post(_DEFINITIONS, definition)).status == 201
        assert (await api.post("/apis/farm.example/v1/namespaces/default/beans", bean)).status == 201


async def at_altitude(it: Explorer) -> None:
    """Open the YAML of the Bean, with the cursor on its altitude."""
    await it.until(lambda: it.rows == ["arabica"], "the Bean")
    await it.press("y")
    await it.until(lambda: isinstance(it.app.screen, PageScreen), "the page")
    await it.until_seen("altitude: 1200", "farm: Alto")
    await it.press("slash")
    await it.until(lambda: it.app.screen.prompt is not None, "a line to type in")  # type: ignore[attr-defined]
    await it.write("altitude")
    await it.press("enter")
    await it.until_seen("spec.altitude")


async def test_without_a_schema_it_says_that_anything_may_stand_there(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    await beans(cluster, FREE)
    async with explorer(session_of(cluster.kubeconfig), tmp_path, kind="beans") as it:
        await at_altitude(it)
        await it.until_seen("Any value may stand here")
        await it.press("f2")
        await it.until_seen("任意の値")


async def test_a_schema_that_does_not_come_holds_nothing_up(cluster: PracticeCluster, tmp_path: Path) -> None:
    await beans(cluster, FREE)
    hanging = cluster.faults.hang(path="^/openapi/")
    async with explorer(session_of(cluster.kubeconfig), tmp_path, kind="beans") as it:
        await at_altitude(it)
        assert hanging.hits
        await it.press("G")
        await it.until(lambda: "spec.altitude  " not in it.text, "another field")
        await it.press("u")
        await it.until_seen("Defined by", "CustomResourceDefinition beans.farm.example")
        await it.press("escape")
        await it.until(lambda: it.app.screen is it.app.explorer, "the explorer")


async def test_a_schema_of_two_megabytes_explains_its_fields(
    cluster: PracticeCluster, tmp_path: Path
) -> None:
    fields: JsonObject = {
        f"field{n}": {"type": "string", "description": f"Number {n}. " + "x" * 1_000} for n in range(2_000)
    }
    fields |= {
        "altitude": {"type": "integer", "description": "Metres above the sea.", "minimum": 0},
        "farm": {"type": "string"},
    }
    spec = {"type": "object", "properties": fields, "required": ["altitude"]}
    await beans(cluster, {"type": "object", "properties": {"spec": spec}})
    async with explorer(session_of(cluster.kubeconfig), tmp_path, kind="beans") as it:
        await at_altitude(it)
        await it.until_seen("spec.altitude  integer", "Metres above the sea.", "minimum 0")
