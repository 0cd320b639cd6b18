"""CustomResourceDefinitions: names, schemas, rules and the end of a kind."""

from __future__ import annotations

from typing import Any

import pytest

from k8stui.core.objects import JsonObject
from k8stui.practice.api.validation import custom, expressions
from tests.practice.api_client import Api

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
THINGS = "/apis/x.example/v1/namespaces/default/things"


def definition(plural: str = "things", kind: str = "Thing", **schema: Any) -> JsonObject:
    whole = {"type": "object", "properties": {"spec": {"type": "object", **schema}}}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": whole}}
    return {
        "metadata": {"name": f"{plural}.x.example"},
        "spec": {
            "group": "x.example",
            "scope": "Namespaced",
            "names": {"plural": plural, "kind": kind},
            "versions": [version],
        },
    }


def thing(**spec: Any) -> JsonObject:
    return {"kind": "Thing", "apiVersion": "x.example/v1", "metadata": {"name": "t"}, "spec": spec}


@pytest.mark.parametrize(
    ("schema", "value", "words"),
    [
        ({"type": "string", "maxLength": 2}, "abc", "Too long: may not be more than 2 bytes"),
        ({"type": "string", "minLength": 2}, "a", "a in body should be at least 2 chars long"),
        ({"type": "string", "enum": ["a", "b"]}, "c", 'Unsupported value: "c": supported values: "a", "b"'),
        ({"type": "string", "format": "date-time"}, "x", 'must be of type date-time: "x"'),
        ({"type": "array", "maxItems": 1}, [1, 2], "Too many: 2: must have at most 1 item"),
        ({"type": "array", "x-kubernetes-list-type": "set"}, [1, 1], "Duplicate value: 1"),
        ({"type": "object", "maxProperties": 0, "additionalProperties": True}, {"a": 1}, "Too many: 1"),
        ({"type": "number", "minimum": 0, "exclusiveMinimum": True}, 0, "should be greater than 0"),
        ({"type": "integer", "multipleOf": 5}, 7, "should be a multiple of 5"),
        ({"x-kubernetes-int-or-string": True}, True, "must be of type integer,string"),
        ({"type": "string", "oneOf": [{"enum": ["a"]}, {"enum": ["b"]}]}, "c", "Found none valid"),
        ({"type": "string", "not": {"enum": ["a"]}}, "a", "must not validate"),
    ],
)
def test_schemas(schema: JsonObject, value: Any, words: str) -> None:
    found = custom.check({"type": "object", "properties": {"a": schema}}, {"a": value}).causes
    assert len(found) == 1
    assert words in found[0][2]


def test_rules() -> None:
    rules = [
        {"rule": "self.low <= self.high", "message": "low must not be above high"},
        {"rule": "self.low >= oldSelf.low", "messageExpression": "'low is ' + string(self.low)"},
        {"rule": "self.low.isMagic()"},
    ]
    schema = {"type": "object", "x-kubernetes-validations": rules}
    assert list(expressions.verdicts(schema, {"low": 1, "high": 2}, None, "spec")) == []
    assert list(expressions.verdicts(schema, {"low": 3, "high": 2}, {"low": 4}, "spec")) == [
        ("FieldValueInvalid", "spec", "Invalid value: low must not be above high"),
        ("FieldValueInvalid", "spec", "Invalid value: low is 3"),
    ]


async def test_rules_are_asked_over_http(api: Api) -> None:
    rule = {"rule": "self.size < 9", "message": "too large"}
    schema: JsonObject = {"properties": {"size": {"type": "integer"}}, "x-kubernetes-validations": [rule]}
    made = definition(**schema)
    assert (await api.post(DEFINITIONS, made)).status == 201
    reply = await api.post(THINGS, thing(size=9))
    assert reply.json["message"] == 'Thing.x.example "t" is invalid: spec: Invalid value: too large'
    assert (await api.post(THINGS, thing(size=8))).status == 201


async def test_null_is_nothing_unless_the_schema_says_so(api: Api) -> None:
    text = {"type": "string"}
    await api.post(DEFINITIONS, definition(properties={"a": text, "b": {**text, "nullable": True}}))
    assert (await api.post(THINGS, thing(a=None, b=None))).json["spec"] == {"b": None}


async def test_a_kind_takes_its_objects_along(api: Api) -> None:
    made = definition(properties={"size": {"type": "integer"}})
    await api.post(DEFINITIONS, made)
    await api.post(THINGS, thing(size=1))
    async with api.watch(THINGS) as watch:
        assert (await watch.next())["type"] == "ADDED"
        await api.call("DELETE", f"{DEFINITIONS}/things.x.example")
        assert (await watch.next())["type"] == "DELETED"
    assert (await api.get(THINGS)).status == 404
    await api.post(DEFINITIONS, made)
    assert (await api.get(THINGS)).json["items"] == []


async def test_names_that_are_taken(api: Api) -> None:
    await api.post(DEFINITIONS, definition())
    second = (await api.post(DEFINITIONS, definition("thangs"))).json
    assert [(each["type"], each["status"], each["reason"]) for each in second["status"]["conditions"]] == [
        ("NamesAccepted", "False", "ListKindConflict"),
        ("Established", "False", "NotAccepted"),
    ]
    assert (await api.get("/apis/x.example/v1/namespaces/default/thangs")).status == 404
