"""Healthy, well-kept objects are not accused of anything."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from k8stui.catalog import PLACES
from k8stui.core.objects import JsonObject
from k8stui.notes import NoteLibrary, Severity, Subject
from k8stui.practice.kinds import BUILTIN_KINDS
from k8stui.session.relations import wishes

OBJECTS: list[JsonObject] = yaml.safe_load(
    (Path(__file__).parent / "well-kept.yaml").read_text(encoding="utf-8")
)
LIBRARY = NoteLibrary.load()
KINDS = {(kind.group, kind.kind): kind for kind in reversed(BUILTIN_KINDS)}
ACCUSING = (Severity.WRONG, Severity.WORTH_KNOWING)


def subject(obj: JsonObject) -> Subject:
    return Subject(kind=obj["kind"], group=obj["apiVersion"].rpartition("/")[0])


@pytest.mark.parametrize("obj", OBJECTS, ids=lambda obj: f"{obj['kind']}-{obj['metadata']['name']}")
def test_nothing_is_held_against_a_well_kept_object(obj: JsonObject) -> None:
    about = subject(obj)
    fields = {name: value for name, value in obj.items() if name != "beside"}
    near = {relation: tuple(objects) for relation, objects in obj.get("beside", {}).items()}
    kind = KINDS[about.group, about.kind]
    askable = {name for name in LIBRARY.needs(about) if wishes(name, fields, kind) is not None}
    assert askable <= set(near), "every note has what it needs to decide"
    told = {match.note.id for match in LIBRARY.match(about, fields, near) if match.note.severity in ACCUSING}
    assert told == set()


def test_there_is_one_of_each_kind_of_the_book() -> None:
    kept = {(about.group, about.kind) for about in map(subject, OBJECTS)}
    assert {key for key, place in PLACES.items() if place.in_book} <= kept


def test_every_form_of_a_service_but_the_deprecated_one_is_there() -> None:
    specs = [obj["spec"] for obj in OBJECTS if obj["kind"] == "Service"]
    assert {spec["type"] for spec in specs} == {"ClusterIP", "NodePort", "LoadBalancer", "ExternalName"}
    assert any(spec.get("clusterIP") == "None" for spec in specs)
    assert any("selector" not in spec and spec["type"] == "ClusterIP" for spec in specs)
