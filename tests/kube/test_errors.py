"""HTTP answers and Status objects as errors for a reader."""

from __future__ import annotations

import json
from typing import Any

import pytest

from k8stui.core.errors import ExplorerError
from k8stui.core.lang import Lang
from k8stui.kube import errors
from k8stui.kube.answers import warning_texts
from k8stui.kube.errors import ApiError, Cause, api_error, status_error
from k8stui.kube.troubles import Peer, unreachable


def status(**fields: Any) -> bytes:
    return json.dumps({"kind": "Status", "apiVersion": "v1", "status": "Failure", **fields}).encode()


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (400, errors.ApiError),
        (401, errors.Unauthorized),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (405, errors.ApiError),
        (409, errors.Conflict),
        (410, errors.Expired),
        (422, errors.ApiError),
        (429, errors.TooManyRequests),
        (500, errors.ServerTrouble),
        (503, errors.ServerTrouble),
        (599, errors.ServerTrouble),
    ],
)
def test_a_status_decides_the_class(code: int, kind: type[ApiError]) -> None:
    error = api_error(code, {}, status(code=code, reason="Why", message="the server says."), "GET /x")
    assert type(error) is kind
    assert (error.status, error.reason, error.server_message) == (code, "Why", "the server says.")
    for lang in Lang:
        sentence = error.sentence(lang)
        assert "GET /x" in sentence
        assert "the server says" in sentence
        assert ".)" not in sentence
    assert error.sentence(Lang.EN) != error.sentence(Lang.JA)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><h1>SECRET</h1></html>",
        b'{"token": "SECRET"}',
        b'{"kind": "Status", "message": "SECRET',
        b"[1, SECRET]",
        b'{"kind":"Status","message":null,"reason":null,"details":null}',
    ],
)
def test_a_body_that_is_no_status_is_dropped(body: bytes) -> None:
    error = api_error(500, {}, body, "GET /x")
    assert error.server_message == ""
    assert "SECRET" not in error.sentence(Lang.EN)
    assert "HTTP 500 Internal Server Error" in error.sentence(Lang.EN)


def test_plain_text_is_cut_and_cleaned() -> None:
    error = api_error(404, {}, b"404 page\n not \x1b[31mfound " + b"x" * 1000, "GET /x")
    assert error.server_message.startswith("404 page not \ufffd[31mfound")
    assert len(error.server_message) == 256


def test_a_status_with_wrong_types_is_borne() -> None:
    error = api_error(403, {}, status(reason=7, message=["x"], details="x", code="403"), "GET /x")
    assert (error.reason, error.server_message, error.details) == ("", "", {})


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": " 0 "}, 0.0),
        ({"Retry-After": "Tue, 14 Nov 2023 22:13:50 GMT", "Date": "Tue, 14 Nov 2023 22:13:20 GMT"}, 30.0),
        ({"Retry-After": "Tue, 14 Nov 2023 22:13:50 GMT"}, None),
        ({"Retry-After": "soon", "Date": "never"}, None),
        ({}, None),
    ],
)
def test_retry_after_in_seconds_or_as_a_date(headers: dict[str, str], seconds: float | None) -> None:
    assert api_error(429, headers, b"", "GET /x").retry_after == seconds


def test_retry_after_in_the_details() -> None:
    body = status(details={"retryAfterSeconds": 3})
    assert api_error(500, {}, body, "x").retry_after == 3
    assert api_error(500, {"Retry-After": "9"}, body, "x").retry_after == 9


def test_causes_are_found_by_reason_and_field() -> None:
    details = {"causes": [{"reason": "FieldValueForbidden", "field": "sendInitialEvents"}, "rubbish"]}
    error = api_error(422, {}, status(reason="Invalid", details=details), "x")
    assert error.has_cause(field="sendInitialEvents")
    assert error.has_cause("FieldValueForbidden", "sendInitialEvents")
    assert not error.has_cause("ResourceVersionTooLarge")
    assert not error.has_cause("FieldValueForbidden", "other")


def test_an_error_event_of_a_watch_is_the_same_error() -> None:
    """Difference 15: the package takes an in-band 410 for a reason to ask the same again."""
    gone = {"kind": "Status", "code": 410, "reason": "Expired", "message": "too old resource version: 1 (2)"}
    error = status_error(gone, "pods")
    assert isinstance(error, errors.Expired)
    assert "too old resource version: 1 (2)" in error.sentence(Lang.EN)
    assert isinstance(status_error({"code": "rubbish"}, "pods"), errors.ServerTrouble)


def test_every_class_is_an_explorer_error_with_a_title_of_its_own() -> None:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ExplorerError)
    ]
    titles = [kind.title for kind in kinds]
    assert len(kinds) >= 12
    assert len({title.en for title in titles}) == len({title.ja for title in titles}) == len(kinds)


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_its_own_sentence_in_both_languages(cause: Cause) -> None:
    peer = Peer("api.example:6443", "http://proxy:3128")
    error = unreachable(cause, peer, "why {0} not")
    others = [unreachable(other, peer, "why {0} not") for other in Cause if other is not cause]
    for lang in Lang:
        assert "api.example:6443" in error.sentence(lang)
        assert error.sentence(lang) not in [other.sentence(lang) for other in others]
    assert error.cause is cause


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        (['299 - "one"'], ("one",)),
        (['299 - "a \\"quoted\\" \\\\ word"'], ('a "quoted" \\ word',)),
        (['299 - "one", 299 - "two"', '299 - "one"'], ("one", "two")),
        (['110 - "stale"', "299 - unquoted", ""], ()),
        (['299 - "x\x1by"'], ("x\ufffdy",)),
    ],
)
def test_warning_headers(values: list[str], texts: tuple[str, ...]) -> None:
    assert warning_texts(values) == texts
