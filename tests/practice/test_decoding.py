"""Reading objects into the types of their kinds."""

from __future__ import annotations

import pytest

from k8stui.core.objects import JsonObject
from k8stui.practice.api.decoding import Decoder
from k8stui.practice.api.schemas import Schemas
from k8stui.practice.kinds import builtin

KEPT: JsonObject = {
    "metadata": {"name": "a", "labels": {"app": "a"}},
    "spec": {"containers": [{"name": "a", "image": "x", "resources": {"limits": {"cpu": "1000m"}}}]},
    "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}], "message": "old"},
}


@pytest.fixture(scope="module")
def pods() -> tuple[Decoder, str]:
    schemas = Schemas()
    root = schemas.root(builtin("pods"))
    assert root is not None
    return Decoder(schemas), root


def test_what_is_shared_with_a_kept_object_stays_as_it_is(pods: tuple[Decoder, str]) -> None:
    decoder, root = pods
    new, mistakes = decoder.decode(root, {**KEPT, "status": {**KEPT["status"], "message": "new"}}, KEPT)
    assert new["spec"] is KEPT["spec"] and new["status"]["conditions"] is KEPT["status"]["conditions"]
    assert new["status"]["message"] == "new" and list(new) == list(KEPT)
    assert not mistakes.unknown and not mistakes.mistyped
    alone, _ = decoder.decode(root, KEPT)
    assert alone["spec"]["containers"][0]["resources"]["limits"] == {"cpu": "1"}


def test_what_is_new_is_checked_beside_it(pods: tuple[Decoder, str]) -> None:
    decoder, root = pods
    status = {**KEPT["status"], "mood": "good", "conditions": [{"type": 1}]}
    new, mistakes = decoder.decode(root, {**KEPT, "status": status}, KEPT)
    assert mistakes.unknown == ["status.mood"] and "mood" not in new["status"]
    (said,) = mistakes.mistyped
    assert said.endswith("into Go struct field PodCondition.status.conditions.type of type string")
