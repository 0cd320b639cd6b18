"""Conditions in CEL."""

import subprocess
import sys
from typing import Any

import pytest

from k8stui.notes.conditions import BadCondition, Condition, LiveObject

OBJ: dict[str, Any] = {
    "spec": {"hostNetwork": True, "replicas": 2, "containers": [{"name": "a"}, {"name": "b", "tty": True}]},
    "status": {"phase": "Running", "load": 2.5, "gone": None},
}


def holds(source: str, obj: Any = OBJ) -> bool:
    return Condition(source).holds(LiveObject(obj))


@pytest.mark.parametrize(
    "source",
    [
        "object.spec.hostNetwork",
        "has(object.spec.hostNetwork) && object.spec.hostNetwork",
        "object.spec.replicas > 1 && object.status.load > 2.0",
        "object.spec.containers.exists(c, has(c.tty) && c.tty)",
        "!object.spec.containers.all(c, has(c.tty))",
        "object.spec.containers.exists(a, object.spec.containers.exists(b, a.name != b.name))",
        "size(object.spec.containers) == 2",
        "object.status.phase in ['Running', 'Pending']",
        "object.status.gone == null",
        "object.status.phase.matches('^Run')",
        "object.spec.replicas + 1 == 3 // a remark (with exists(",
        'object.status.phase != "a + b ) .all("',
        "has(object.status) &&\n  object.status.phase == 'Running'",
    ],
)
def test_a_true_condition_holds(source: str) -> None:
    assert holds(source)


@pytest.mark.parametrize(
    "source",
    [
        "!object.spec.hostNetwork",
        "object.spec.nothing",
        "object.spec.nothing.at.all == 1",
        "has(object.absent.field)",
        "!has(object.absent.field)",
        "object.spec.replicas",
        "'true'",
        "object.spec.replicas / 0 == 1",
        "object.spec.replicas > 'a'",
        "unknown == 1",
        "object.status.phase.matches('(')",
        "nosuch(object)",
        "object.spec.replicas + 9223372036854775807 > 0",
    ],
)
def test_a_false_one_and_one_that_cannot_be_told_do_not(source: str) -> None:
    assert not holds(source)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("object.", "not CEL: 1:"),
        ("", "not CEL"),
        ("a b", "not CEL: 1:3"),
        ("true || " * 300 + "true", "longer than"),
        ("object.l.all(a, object.l.all(b, object.l.all(c, object.l.all(d, d))))", "too many"),
        (" || ".join(["object.l.exists(a, a)"] * 13), "too many"),
        ("['x'].map(a, a + a).map(a, a + a) == []", "add inside"),
    ],
)
def test_a_bad_one_says_why(source: str, words: str) -> None:
    with pytest.raises(BadCondition) as caught:
        Condition(source).compile()
    assert words in caught.value.message.en
    assert caught.value.message.ja != caught.value.message.en


def nested(levels: int) -> dict[str, Any]:
    obj: dict[str, Any] = {}
    for _ in range(levels):
        obj = {"a": obj}
    return obj


@pytest.mark.parametrize(
    "value",
    [
        2**70,
        -(2**70),
        10**400,
        "\ud800",
        float("nan"),
        float("inf"),
        nested(50_000),
        {1: 2},
        {"\udc00": 1},
        object(),
    ],
)
def test_no_object_is_too_strange(value: object) -> None:
    assert holds("object.fine == 1", {"fine": 1, "strange": value})


def test_of_endless_lists_only_the_beginning_is_gone_through() -> None:
    obj = {"l": list(range(200_000))}
    once = "object.l.exists(a, a == {})"
    assert holds(once.format(9_999), obj)
    assert not holds(once.format(10_000), obj)
    twice = "object.l.exists(a, object.l.exists(b, a == {0} && b == {0}))"
    assert holds(twice.format(399), obj)
    assert not holds(twice.format(400), obj)
    regular = "object.l.exists(a, string(a).matches('^{}$'))"
    assert holds(regular.format(499), obj)
    assert not holds(regular.format(500), obj)


def test_the_engine_comes_without_its_command_line_tool_and_still_shares_the_package() -> None:
    code = (
        "import sys\n"
        "import k8stui.notes\n"
        "from k8stui.notes.conditions import Condition, LiveObject\n"
        "assert not {'yaml', 'cel.cel', 'difflib'} & set(sys.modules), 'nothing before it is needed'\n"
        "assert Condition('object.a').holds(LiveObject({'a': True}))\n"
        "assert not {'rich', 'typer', 'prompt_toolkit'} & set(sys.modules)\n"
        "import cel\n"
        "assert cel.evaluate('1 == 1') is True\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
