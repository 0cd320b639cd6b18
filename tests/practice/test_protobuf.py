"""Protobuf bodies: nothing gets lost, nothing breaks the reader."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from k8stui.core.objects import JsonObject
from k8stui.practice.api.protobuf import MAGIC, Protobuf, Unsupported
from k8stui.practice.api.prototable import Field
from k8stui.practice.api.schemas import PREFIX, Schemas
from k8stui.practice.kinds import BUILTIN_KINDS
from tests.practice.api_client import Api
from tests.practice.wire import MEDIA, TABLE, block, message, number, varint, wrapped

PODS = "/api/v1/namespaces/default/pods"
ADVICE = "use kubectl apply -f, or --dry-run=client -o yaml | kubectl apply -f -"
_PLAIN: dict[str, Any] = {
    **{"string": "text", "bytes": "AAE=", "bool": True, "int32": -7, "int64": 1 << 40, "Strings": ["a", "b"]},
    **{"Quantity": "5Mi", "IntOrString": "25%", "Time": "2026-01-02T03:04:05Z"},
    **{"MicroTime": "1969-01-02T03:04:05.000006Z", "FieldsV1": {"f:a": {}}, "RawExtension": {"a": [1]}},
}
decode = Protobuf().decode


def full(name: str) -> JsonObject:
    """An object in which every field of a message has a value."""
    found: JsonObject = {}
    for field in TABLE[name].values():
        value = _PLAIN.get(field.type)
        value = full(field.type) if value is None else value
        if field.name == "-":
            found |= value
        else:
            found[field.name] = _many(field, value)
    return found


def _many(field: Field, value: Any) -> Any:
    return {"": value, "k": value} if field.many == "{}" else [value, value] if field.many else value


def kinds() -> dict[str, tuple[str, str]]:
    """apiVersion and kind of every message that a client sends by itself."""
    found = {}
    for kind in BUILTIN_KINDS:
        name = f"{kind.group.partition('.')[0] or 'core'}/{kind.version}.{kind.kind}"
        if name in TABLE:
            found[name] = (kind.api_version, kind.kind)
    return found


@pytest.mark.parametrize("name", sorted(kinds()))
def test_every_field_arrives(name: str) -> None:
    api_version, kind = kinds()[name]
    obj = full(name)
    assert decode(wrapped(api_version, kind, message(name, obj))) == {
        "apiVersion": api_version, "kind": kind, **obj
    }  # fmt: skip


def test_the_table_has_the_fields_of_the_models() -> None:
    """The models of the client package are made from the same release as the table."""
    schemas = Schemas()
    for kind in BUILTIN_KINDS:
        name = f"{kind.group.partition('.')[0] or 'core'}/{kind.version}.{kind.kind}"
        if name not in TABLE:
            continue
        root = schemas.root(kind)
        assert root is not None
        _compare(schemas, name, schemas.get(root), set())


def _names(message_name: str) -> dict[str, str]:
    """JSON names of a message's fields, and the messages behind them."""
    found: dict[str, str] = {}
    for field in TABLE[message_name].values():
        found |= _names(field.type) if field.name == "-" else {field.name: field.type}
    return found


def _compare(schemas: Schemas, name: str, schema: JsonObject, seen: set[str]) -> None:
    if name in seen:
        return
    seen.add(name)
    properties = schema.get("properties", {})
    names = _names(name)
    assert set(properties) - {"apiVersion", "kind"} <= set(names), name
    assert set(names) <= set(properties), name
    for field, kind in names.items():
        if kind in TABLE and (below := _behind(properties[field])):
            _compare(schemas, kind, schemas.get(below), seen)


def _behind(schema: JsonObject) -> str:
    for part in (schema, *schema.get("allOf", ()), schema.get("items"), schema.get("additionalProperties")):
        if isinstance(part, dict) and "$ref" in part:
            return str(part["$ref"]).removeprefix(PREFIX)
    return ""


def pod(spec: bytes) -> JsonObject:
    found = decode(wrapped("v1", "Pod", block(2, spec)))
    spec_found: JsonObject = found["spec"]
    return spec_found


def test_zero_of_what_may_be_left_out_is_a_statement() -> None:
    assert pod(number(4, 0)) == {"terminationGracePeriodSeconds": 0}
    assert pod(number(21, 0)) == {"automountServiceAccountToken": False}


def test_zero_of_the_others_is_nothing() -> None:
    assert pod(number(11, 0) + block(3, b"")) == {}


def test_empty_messages_stay() -> None:
    volume = block(1, "e") + block(2, block(2, b""))
    assert pod(block(1, volume)) == {"volumes": [{"name": "e", "emptyDir": {}}]}


def test_a_port_of_zero_and_a_budget_of_zero_stay() -> None:
    raw = block(2, block(3, number(1, 0) + number(2, 0)))
    assert decode(wrapped("policy/v1", "PodDisruptionBudget", raw))["spec"] == {"maxUnavailable": 0}


def test_no_time_is_nothing() -> None:
    raw = block(1, block(1, "a") + block(8, b""))
    assert decode(wrapped("v1", "Pod", raw))["metadata"] == {"name": "a"}


def test_a_field_that_comes_twice() -> None:
    """The last scalar counts, lists and messages grow."""
    assert pod(block(3, "Always") + block(3, "Never")) == {"restartPolicy": "Never"}
    assert pod(block(3, "Always") + block(3, "")) == {}
    twice = block(14, number(2, 1)) + block(14, number(3, 1))
    assert pod(twice) == {"securityContext": {"runAsUser": 1, "runAsNonRoot": True}}


def test_packed_numbers() -> None:
    assert pod(block(14, block(4, varint(1) + varint(300)))) == {
        "securityContext": {"supplementalGroups": [1, 300]}
    }


def test_negative_numbers() -> None:
    assert pod(number(5, -1)) == {"activeDeadlineSeconds": -1}
    raw = decode(wrapped("scheduling.k8s.io/v1", "PriorityClass", number(2, -5)))
    assert raw["value"] == -5


def test_delete_options_of_any_group() -> None:
    raw = number(1, 0) + block(4, "Foreground")
    found = decode(wrapped("apps/v1", "DeleteOptions", raw))
    assert (found["gracePeriodSeconds"], found["propagationPolicy"]) == (0, "Foreground")


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (wrapped("v1", "Widget", b""), "kind Widget of v1"),
        (wrapped("apps/v1beta1", "Deployment", b""), "kind Deployment of apps/v1beta1"),
        (wrapped("v1", "Pod", block(2, number(999, 1))), "field 999 of core/v1.PodSpec"),
        (wrapped("v1", "Pod", block(9, b"")), "field 9 of core/v1.Pod"),
        (wrapped("v1", "Pod", b"") + block(3, "gzip"), "a content encoding"),
        (wrapped("v1", "Pod", b"") + block(9, "x"), "field 9 of Unknown"),
        (wrapped("v1", "ConfigMap", block(2, block(1, "a") + block(3, "b"))), "field 3 of an entry of a map"),
    ],
)
async def test_what_is_not_known_is_refused(api: Api, body: bytes, what: str) -> None:
    with pytest.raises(Unsupported, match=what):
        decode(body)
    reply = await api.call("POST", PODS, body, media=MEDIA)
    assert (reply.status, reply.json["reason"]) == (415, "UnsupportedMediaType")
    assert what in reply.json["message"]
    assert ADVICE in reply.json["message"]


DEEP = b"[" * 100_000
HOSTILE = {
    "nothing": MAGIC,
    "no kind": MAGIC + block(1, block(1, "v1")) + block(2, b""),
    "a number that does not end": wrapped("v1", "Pod", b"\xff" * 20),
    "a number that is cut": wrapped("v1", "Pod", b"\x80"),
    "a value that is cut": wrapped("v1", "Pod", block(2, b"")[:-1]),
    "a huge length": wrapped("v1", "Pod", b"\x12" + varint((1 << 63) - 1)),
    "a length past 64 bits": wrapped("v1", "Pod", b"\x12" + b"\xff" * 9 + b"\x7f"),
    "field zero": wrapped("v1", "Pod", b"\x02\x00"),
    "a field past the last": wrapped("v1", "Pod", varint(1 << 33) + b"\x00"),
    "a group": wrapped("v1", "Pod", b"\x13\x14"),
    "an unknown wire type": wrapped("v1", "Pod", b"\x16\x00"),
    "a number for a message": wrapped("v1", "Pod", number(2, 1)),
    "a number for text": wrapped("v1", "Pod", block(2, number(3, 1))),
    "text for a number": wrapped("v1", "Pod", block(2, block(4, "x"))),
    "a fixed number for text": wrapped("v1", "Pod", block(2, b"\x19" + b"\xff" * 8)),
    "a cut fixed number": wrapped("v1", "Pod", block(2, b"\x1d\x00")),
    "no UTF-8": wrapped("v1", "Pod", block(1, block(1, b"\xff"))),
    "a number for a list": wrapped("v1", "Pod", block(1, number(14, 1))),
    "a number for a map": wrapped("v1", "Pod", block(1, number(11, 1))),
    "a number for a quantity": wrapped("v1", "ResourceQuota", block(2, block(1, number(2, 1)))),
    "a time past the calendar": wrapped("v1", "Pod", block(1, block(8, number(1, 1 << 62)))),
    "fields that are no JSON": wrapped("v1", "Pod", block(1, block(17, block(7, block(1, "{"))))),
    "fields nested too deep": wrapped("v1", "Pod", block(1, block(17, block(7, block(1, DEEP))))),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_bytes(api: Api, name: str) -> None:
    with pytest.raises(ValueError):
        decode(HOSTILE[name])
    reply = await api.call("POST", PODS, HOSTILE[name], media=MEDIA)
    assert (reply.status, reply.json["reason"]) == (400, "BadRequest")
    assert (await api.call("DELETE", f"{PODS}/x", HOSTILE[name], media=MEDIA)).status == 400


async def test_answers_are_json(api: Api) -> None:
    """A typed client prefers protobuf, and takes JSON."""
    maps = "/api/v1/namespaces/default/configmaps"
    body = wrapped("v1", "ConfigMap", block(1, block(1, "a")))
    both = f"{MEDIA},application/json"
    made = await api.call("POST", maps, body, media=MEDIA, Accept=both)
    gone = await api.call("GET", f"{maps}/nope", Accept=both)
    listed = await api.call("GET", maps, Accept=both)
    for reply, status in ((made, 201), (gone, 404), (listed, 200)):
        assert (reply.status, reply.headers["Content-Type"]) == (status, "application/json")
        assert reply.json["kind"] in ("ConfigMap", "Status", "ConfigMapList")
    only = await api.call("GET", maps, Accept=MEDIA)
    assert (only.status, only.json["reason"]) == (406, "NotAcceptable")


def outcome(body: bytes) -> str:
    try:
        decode(body)
    except (ValueError, Unsupported) as error:
        return type(error).__name__
    return "read"


@settings(deadline=None, max_examples=300)
@given(raw=st.binary(max_size=200), kind=st.sampled_from(["Pod", "Service", "ConfigMap", "DeleteOptions"]))
def test_any_bytes_are_read_or_refused(raw: bytes, kind: str) -> None:
    outcome(raw)
    outcome(MAGIC + raw)
    outcome(wrapped("v1", kind, raw))


SAMPLE = wrapped("v1", "Pod", message("core/v1.Pod", full("core/v1.Pod")))


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_damaged_bodies_are_read_or_refused(data: st.DataObject) -> None:
    """Bytes of a Pod with everything, cut, changed, or with others put between."""
    at = data.draw(st.integers(0, len(SAMPLE) - 1))
    put = data.draw(st.binary(max_size=12))
    rest = data.draw(st.sampled_from([0, 1, len(put)]))
    outcome(SAMPLE[:at] + put + SAMPLE[at + rest :])
    # A cut can only end well where the message of the Pod had not begun.
    assert outcome(SAMPLE[: at or 1]) in ("ValueError", "read")


@settings(deadline=None, max_examples=100)
@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1)), st.text(), st.dictionaries(st.text(), st.binary()))
def test_values_come_through(numbers: list[int], text: str, data: dict[str, bytes]) -> None:
    assert pod(b"".join(number(5, each) for each in numbers)) == (
        {"activeDeadlineSeconds": numbers[-1]} if numbers else {}
    )
    assert pod(block(10, text)) == ({"nodeName": text} if text else {})
    raw = b"".join(block(2, block(1, key) + block(2, value)) for key, value in data.items())
    found = decode(wrapped("v1", "Secret", raw)).get("data", {})
    assert set(found) == set(data)
