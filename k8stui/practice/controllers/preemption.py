"""Which Pods of lower priority have to go so that another one can come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from k8stui.core.objects import JsonObject, dig
from k8stui.practice.controllers.base import BUDGETS, Key, labels_of, matches, own
from k8stui.practice.controllers.filters import Question, Room
from k8stui.practice.controllers.resources import host_ports, requests
from k8stui.practice.controllers.world import World


class Placement(msgspec.Struct, frozen=True):
    """A node, and the Pods that have to leave it."""

    node: str
    victims: tuple[JsonObject, ...]
    broken: int
    """How many disruption budgets that allow nothing it goes against."""

    def cost(self) -> tuple[int, int, int, int]:
        """The lower, the better."""
        priorities = [priority(pod) for pod in self.victims]
        return self.broken, max(priorities), sum(priorities), len(priorities)


def priority(pod: JsonObject) -> int:
    """spec.priority."""
    return int(pod["spec"].get("priority") or 0)


def placement(question: Question, rooms: Sequence[Room]) -> Placement | None:
    """The node that can be made to fit with the least harm; None when there is none.

    Args:
        question: The Pod that has no node.
        rooms: The nodes on which it could help that others go.
    """
    mine = priority(question.pod)
    below: dict[str, list[JsonObject]] = {}
    for pod, _ in question.placed:
        if priority(pod) < mine:
            below.setdefault(pod["spec"]["nodeName"], []).append(pod)
    found = [_on(question, room, below.get(room.name, [])) for room in rooms]
    fitting = [each for each in found if each is not None]
    return min(fitting, key=Placement.cost, default=None)


def _on(question: Question, room: Room, pods: list[JsonObject]) -> Placement | None:
    """The fewest and least important Pods of one node that have to go."""
    gone = {own(pod): pod for pod in pods}
    if not gone or not _fits(question, room, gone):
        return None
    broken = {key for key, pod in gone.items() if _protected(question.world, pod)}
    order = sorted(gone, key=lambda key: (key in broken, priority(gone[key])), reverse=True)
    for key in order:
        fewer = {other: pod for other, pod in gone.items() if other != key}
        if _fits(question, room, fewer):
            gone = fewer
    return Placement(room.name, tuple(gone.values()), len(broken & gone.keys())) if gone else None


def _fits(question: Question, room: Room, gone: dict[Key, JsonObject]) -> bool:
    used, ports = Counter(room.used), Counter(room.ports)
    for pod in gone.values():
        used.subtract(requests(pod["spec"]))
        ports.subtract(host_ports(pod["spec"]))
    left = Room(room.node, room.whole, used, +ports)
    asked = Question(
        question.world,
        question.pod,
        question.wanted,
        question.ports,
        question.repelling,
        frozenset(gone),
        question.claims,
    )
    return asked.refusal(left) is None


def _protected(world: World, pod: JsonObject) -> bool:
    """Whether a disruption budget of a Pod allows no disruption now."""
    return any(
        matches(dig(budget, "spec", "selector"), labels_of(pod))
        and not dig(budget, "status", "disruptionsAllowed")
        for budget in world.store.list(BUDGETS, pod["metadata"]["namespace"])
    )
