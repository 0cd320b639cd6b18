"""Which of the nodes that a Pod can go to suits it best."""

from __future__ import annotations

from collections.abc import Sequence

from k8stui.core.objects import dicts
from k8stui.practice.controllers.affinity import domains, node_preference, terms
from k8stui.practice.controllers.base import labels_of
from k8stui.practice.controllers.filters import Question, Room
from k8stui.practice.controllers.resources import tolerates

_BASE = ("cpu", "memory", "pods")


def best(question: Question, rooms: Sequence[Room]) -> Room:
    """The room with the highest score; the first of several."""
    total = [100 - 50 * load(room) for room in rooms]
    for weight, scores in (
        (3, [-float(_disliked(question, room)) for room in rooms]),
        (2, [float(node_preference(question.pod["spec"], room.node)) for room in rooms]),
        (2, _company(question, rooms)),
        (2, _evenness(question, rooms)),
    ):
        for index, score in enumerate(_normal(scores)):
            total[index] += weight * score
    return max(zip(total, rooms, strict=True), key=lambda pair: pair[0])[1]


def load(room: Room) -> float:
    """How full a node is by requests, from 0 to 2 where it is not overbooked."""
    shares = [room.used[name] / (room.whole.get(name) or 1) for name in _BASE]
    return (max(shares) + sum(shares) / 2) / 1.25


def _normal(scores: list[float]) -> list[float]:
    """Scores from 0 to 100; all 0 where they do not differ."""
    low, high = min(scores), max(scores)
    return [0.0 if high == low else 100 * (score - low) / (high - low) for score in scores]


def _disliked(question: Question, room: Room) -> int:
    return sum(
        taint.get("effect") == "PreferNoSchedule" and not tolerates(question.pod, taint)
        for taint in dicts(room.node, "spec", "taints")
    )


def _company(question: Question, rooms: Sequence[Room]) -> list[float]:
    """What the preferred affinities of the Pod make of each node."""
    scores = [0.0] * len(rooms)
    for kind, sign in (("podAffinity", 1), ("podAntiAffinity", -1)):
        wanted = terms(question.pod, kind, preferred=True)
        if not wanted:
            continue
        counts = domains(wanted, question.placed, question.space_labels)
        for index, room in enumerate(rooms):
            labels = labels_of(room.node)
            for term, count in zip(wanted, counts, strict=True):
                scores[index] += sign * term.weight * count[labels.get(term.key, "")]
    return scores


def _evenness(question: Question, rooms: Sequence[Room]) -> list[float]:
    """How few of its like each node has, by the constraints that are wishes."""
    scores = [0.0] * len(rooms)
    for spread in question.spreads:
        if not spread.hard:
            for index, room in enumerate(rooms):
                scores[index] -= spread.counts.get(labels_of(room.node).get(spread.key, ""), 0)
    return scores
