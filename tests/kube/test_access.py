from __future__ import annotations

import asyncio
import json

import pytest

from k8stui.kube.access import Rights, Rule
from k8stui.kube.errors import InvalidAnswer
from tests.kube.scripted import FakeTime, Reply, Request, client_of
from tests.kube.stage import Say


def rule(verbs: str, resources: str, groups: tuple[str, ...] = ("",), names: str = "") -> Rule:
    return Rule(
        frozenset(verbs.split()), frozenset(groups), frozenset(resources.split()), frozenset(names.split())
    )


def rights(*rules: Rule, incomplete: bool = False) -> Rights:
    return Rights("ns", rules, incomplete)


@pytest.mark.parametrize(
    ("found", "asked", "answer"),
    [
        (rule("get list", "pods"), ("list", "", "pods"), True),
        (rule("get list", "pods"), ("delete", "", "pods"), False),
        (rule("get", "pods", ("apps",)), ("get", "", "pods"), False),
        (rule("*", "*", ("*",)), ("delete", "apps", "deployments"), True),
        (rule("*", "*", ("*",)), ("get", "", "pods", "log"), True),
        (rule("get", "pods"), ("get", "", "pods", "log"), False),
        (rule("get", "pods/log"), ("get", "", "pods", "log"), True),
        (rule("get", "pods/log"), ("get", "", "pods"), False),
        (rule("update", "*/scale", ("*",)), ("update", "apps", "deployments", "scale"), True),
        (rule("update", "*/scale", ("*",)), ("update", "apps", "deployments"), False),
        (rule("get", "secrets", names="a b"), ("get", "", "secrets", "", "a"), True),
        (rule("get", "secrets", names="a b"), ("get", "", "secrets", "", "c"), False),
        (rule("get", "secrets", names="a b"), ("get", "", "secrets"), None),
    ],
)
def test_rules_are_matched_as_the_server_does(
    found: Rule, asked: tuple[str, ...], answer: bool | None
) -> None:
    assert rights(found).may(*asked) is answer


def test_incomplete_rules_make_a_no_a_perhaps() -> None:
    some = rights(rule("get", "pods"), incomplete=True)
    assert some.may("get", "", "pods") is True
    assert some.may("delete", "", "pods") is None


class Reviewer:
    def __init__(self) -> None:
        self.time = FakeTime()
        self.bodies: list[dict[str, object]] = []
        self.say: Say = Reply(
            {
                "kind": "SelfSubjectRulesReview",
                "status": {
                    "resourceRules": [{"verbs": ["list"], "apiGroups": [""], "resources": ["pods"]}, {}],
                    "nonResourceRules": [],
                    "incomplete": False,
                },
            },
            status=201,
        )
        self.client, self.transport = client_of(self.answer, self.time)

    def answer(self, request: Request) -> Say:
        assert request.method == "POST"
        self.bodies.append(json.loads(request.body or b""))
        return self.say


async def test_rights_are_asked_once_per_namespace_and_kept_five_minutes() -> None:
    reviewer = Reviewer()
    client = reviewer.client
    found, again = await asyncio.gather(client.rights("a"), client.rights("a"))
    assert found is again
    assert found.may("list", "", "pods") is True
    assert found.may("list", "", "nodes") is False
    await client.rights("b")
    assert [body["spec"] for body in reviewer.bodies] == [{"namespace": "a"}, {"namespace": "b"}]
    reviewer.time.mono += 299
    await client.rights("a")
    assert len(reviewer.bodies) == 2
    reviewer.time.mono += 2
    await client.rights("a")
    assert len(reviewer.bodies) == 3
    client.retry_now()
    await client.rights("a")
    assert len(reviewer.bodies) == 4


async def test_an_answer_without_a_status_is_no_review() -> None:
    reviewer = Reviewer()
    for nonsense in (Reply({}), Reply(b"<html>")):
        reviewer.say = nonsense
        with pytest.raises(InvalidAnswer):
            await reviewer.client.rights("a")


async def test_one_thing_can_be_asked_exactly() -> None:
    from tests.kube.scripted import PODS

    reviewer = Reviewer()
    reviewer.say = Reply({"status": {"allowed": True}})
    assert await reviewer.client.allowed("ns", "get", PODS, "log", "web") is True
    attributes = {"namespace": "ns", "verb": "get", "resource": "pods", "subresource": "log", "name": "web"}
    assert reviewer.bodies[0]["spec"] == {"resourceAttributes": attributes}
    reviewer.say = Reply({"status": {}})
    assert await reviewer.client.allowed("ns", "get", PODS) is False
