from __future__ import annotations

import pytest

from k8stui.practice.api.selectors import parse, parse_labels
from k8stui.practice.errors import StatusError
from k8stui.practice.kinds import builtin

PODS = builtin("pods")


@pytest.mark.parametrize(
    ("text", "labels", "expected"),
    [
        ("", {}, True),
        ("a=1", {"a": "1"}, True),
        ("a==1", {"a": "2"}, False),
        ("a!=1", {}, True),
        ("a!=1", {"a": "1"}, False),
        ("a", {"a": ""}, True),
        ("!a", {"a": ""}, False),
        ("a in (1, 2),b", {"a": "2", "b": "x"}, True),
        ("a in (1,2)", {}, False),
        ("a notin (1,2)", {}, True),
        ("a notin (1,2)", {"a": "2"}, False),
        ("example.com/a=x.y-z_0", {"example.com/a": "x.y-z_0"}, True),
        ("a=,b=1", {"a": "", "b": "1"}, True),
        ("a=", {"a": "1"}, False),
    ],
)
def test_labels(text: str, labels: dict[str, str], expected: bool) -> None:
    assert all(requirement.matches(labels) for requirement in parse_labels(text)) is expected


@pytest.mark.parametrize("text", ["==a", "a in 1", "a=b c", "a,,b", "a=b,", "=(", "!"])
def test_labels_that_are_none(text: str) -> None:
    with pytest.raises(StatusError) as caught:
        parse_labels(text)
    assert caught.value.code == 400


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("metadata.name=a", True),
        ("metadata.name!=a", False),
        ("status.phase=Running,spec.nodeName=n1", True),
        ("spec.nodeName=", False),
        ("status.podIP=", True),
        ("spec.hostNetwork=false", True),
    ],
)
def test_fields(text: str, expected: bool) -> None:
    pod = {"metadata": {"name": "a"}, "spec": {"nodeName": "n1"}, "status": {"phase": "Running"}}
    assert parse(PODS, "", text).matches(pod) is expected


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(StatusError, match=r"field label not supported: spec\.foo"):
        parse(PODS, "", "spec.foo=a")
    assert parse(PODS, "", "spec.foo=a", ("spec.foo",)).matches({"metadata": {}, "spec": {"foo": "a"}})
