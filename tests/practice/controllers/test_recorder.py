"""Events: what becomes of many, as client-go's recorders have it."""

from __future__ import annotations

import random

import pytest

from k8stui.core.objects import JsonObject
from k8stui.practice.controllers.programs import Programs
from k8stui.practice.controllers.world import World
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Store

NOW = 1_790_000_000.0
EVENTS = builtin("events")


class Desk:
    """A cluster in which things are said."""

    def __init__(self) -> None:
        self.time = NOW
        self.store = Store(lambda: self.time, rng=random.Random(1))
        self.world = self.started()
        metadata = {"name": "web", "namespace": "team", "uid": "u", "resourceVersion": "1"}
        self.about: JsonObject = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": metadata}

    def started(self) -> World:
        """The components, newly started."""
        world = World(self.store, lambda: self.time, random.Random(1), Programs({}))
        for _ in world.attaching():
            pass
        return world

    def say(self, message: str, reason: str = "Why", by: str = "test", action: str = "") -> None:
        """Report an event."""
        self.world.say(self.about, reason, message, by=by, action=action)

    def events(self) -> list[JsonObject]:
        """All that are there, in the order in which they came."""
        found = self.store.list(EVENTS)
        return sorted(found, key=lambda event: int(event["metadata"]["name"].rpartition(".")[2], 16))

    def counts(self) -> dict[str, int]:
        """How often each message was said."""
        return {event["message"]: event["count"] for event in self.events()}


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_the_same_again_counts_on(desk: Desk) -> None:
    desk.say("a")
    desk.time += 30
    desk.say("a")
    desk.say("a", by="other")
    first, second = desk.events()
    assert (first["count"], second["count"]) == (2, 1)
    assert first["firstTimestamp"] < first["lastTimestamp"] == second["firstTimestamp"]
    name, _, mark = first["metadata"]["name"].rpartition(".")
    assert name == "web" and int(mark, 16) == int(NOW * 1_000_000_000)


def test_similar_ones_become_one_from_the_tenth_on(desk: Desk) -> None:
    for number in range(12):
        desk.say(f"no {number}")
        desk.time += 1
    assert list(desk.counts()) == [
        *(f"no {number}" for number in range(9)),
        "(combined from similar events): no 11",
    ]
    assert desk.counts()["(combined from similar events): no 11"] == 3
    desk.time += 601
    desk.say("no 12")
    assert desk.counts()["no 12"] == 1, "ten minutes later it is a new story"


def test_a_component_that_says_too_much_of_an_object_is_not_heard(desk: Desk) -> None:
    for number in range(30):
        desk.say("a", reason=f"R{number}")
    assert len(desk.events()) == 25
    desk.say("a", by="other")
    assert len(desk.events()) == 26, "others are"
    desk.time += 300
    desk.say("a", reason="R30")
    desk.say("a", reason="R31")
    assert len(desk.events()) == 27, "one more after five minutes"


def test_the_scheduler_writes_the_newer_form(desk: Desk) -> None:
    desk.say("0/3 nodes", by="default-scheduler", action="Scheduling")
    (event,) = desk.events()
    assert (event["eventTime"], event["source"]) == ("2026-09-21T14:13:20.000000Z", {})
    assert event["firstTimestamp"] is event["lastTimestamp"] is None and "count" not in event
    assert event["reportingComponent"] == "default-scheduler"
    assert event["reportingInstance"] == "default-scheduler-control-plane"
    desk.time += 300
    desk.say("0/3 nodes", by="default-scheduler", action="Scheduling")
    (event,) = desk.events()
    assert event["series"] == {"count": 2, "lastObservedTime": "2026-09-21T14:18:20.000000Z"}
    desk.time += 361
    desk.say("0/3 nodes", by="default-scheduler", action="Scheduling")
    assert len(desk.events()) == 2, "six quiet minutes end a series"


def test_what_was_forgotten_comes_back_with_its_count(desk: Desk) -> None:
    desk.say("a")
    (event,) = desk.events()
    desk.store.delete(EVENTS, "team", event["metadata"]["name"])
    desk.say("a")
    (again,) = desk.events()
    assert (again["metadata"]["name"], again["count"]) == (event["metadata"]["name"], 2)


def test_components_go_on_from_what_is_there(desk: Desk) -> None:
    for number in range(11):
        desk.say(f"no {number}")
    desk.say("x", by="default-scheduler", action="Scheduling")
    desk.world = desk.started()
    desk.time += 5
    desk.say("no 11")
    desk.say("no 0")
    desk.say("x", by="default-scheduler", action="Scheduling")
    found = desk.events()
    assert len(found) == 11
    assert found[9]["message"] == "(combined from similar events): no 0" and found[9]["count"] == 4
    assert found[10]["series"]["count"] == 2
