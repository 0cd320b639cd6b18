"""How fast an autoscaler may scale: stabilisation windows, policies, and the bounds of its spec."""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from k8stui.core.objects import JsonObject, dicts, dig

_DOWN_WINDOW = 300.0
_LONGEST_WINDOW = 3600.0


class Said(msgspec.Struct, frozen=True):
    """Reason and message of a condition."""

    reason: str
    message: str


READY = Said("ReadyForNewScale", "recommended size matches current size")
WITHIN = Said("DesiredWithinRange", "the desired count is within the acceptable range")
TOO_FEW = Said("TooFewReplicas", "the desired replica count is less than the minimum replica count")
TOO_MANY = Said("TooManyReplicas", "the desired replica count is more than the maximum replica count")
UP_LIMIT = Said("ScaleUpLimit", "the desired replica count is increasing faster than the maximum scale rate")
DOWN_LIMIT = Said(
    "ScaleDownLimit", "the desired replica count is decreasing faster than the maximum scale rate"
)
DOWN_STABILIZED = Said(
    "ScaleDownStabilized",
    "recent recommendations were higher than current one, applying the highest recent recommendation",
)
UP_STABILIZED = Said(
    "ScaleUpStabilized",
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
)


class Memory(msgspec.Struct):
    """What is remembered of one autoscaler, as its controller does: in memory only."""

    recommended: list[tuple[float, int]] = msgspec.field(default_factory=list)
    """When how many replicas were recommended."""
    scaled: list[tuple[float, int]] = msgspec.field(default_factory=list)
    """When how many replicas were added; fewer than zero were taken away."""

    def forget(self, now: float) -> None:
        """Drop what no window reaches back to."""
        self.recommended = [each for each in self.recommended if each[0] > now - _LONGEST_WINDOW]
        self.scaled = [each for each in self.scaled if each[0] > now - _LONGEST_WINDOW]

    def _since(self, now: float, window: float) -> Iterable[int]:
        return (count for at, count in self.recommended if at > now - window)

    def highest(self, now: float, window: float, wanted: int) -> int:
        """The highest recommendation of the last seconds."""
        return max(wanted, *self._since(now, window), wanted)

    def lowest(self, now: float, window: float, wanted: int) -> int:
        """The lowest recommendation of the last seconds."""
        return min(wanted, *self._since(now, window), wanted)

    def change(self, now: float, window: float) -> int:
        """By how many replicas it grew in the last seconds."""
        return sum(count for at, count in self.scaled if at > now - window)


class Decision(msgspec.Struct, frozen=True):
    """How many replicas there shall be, and what is said of it."""

    replicas: int
    able: Said
    limited: bool
    limit: Said


def decide(spec: JsonObject, memory: Memory, now: float, current: int, wanted: int) -> Decision:
    """What becomes of a recommendation.

    Args:
        spec: The autoscaler's.
        memory: What was recommended and done before; the new recommendation is added.
        now: Seconds since the epoch.
        current: How many replicas there are.
        wanted: How many the metrics ask for.
    """
    memory.forget(now)
    if not memory.recommended:
        memory.recommended.append((now, current))
    behavior = spec.get("behavior")
    able = READY
    if behavior is None:
        steady = memory.highest(now, _DOWN_WINDOW, wanted)
        if steady != wanted:
            able = DOWN_STABILIZED
    else:
        up = memory.lowest(now, _window(behavior, "scaleUp", 0.0), wanted)
        down = memory.highest(now, _window(behavior, "scaleDown", _DOWN_WINDOW), wanted)
        steady = min(max(current, up), down)
        if steady != wanted:
            able = UP_STABILIZED if wanted >= current else DOWN_STABILIZED
    memory.recommended.append((now, wanted))
    replicas, said = _bounded(spec, memory, now, current, steady)
    return Decision(replicas, able, replicas != steady, said)


def _window(behavior: JsonObject, way: str, usual: float) -> float:
    found = dig(behavior, way, "stabilizationWindowSeconds")
    return usual if found is None else float(found)


def _bounded(spec: JsonObject, memory: Memory, now: float, current: int, wanted: int) -> tuple[int, Said]:
    """A number within the bounds and the speed limits, and what held it back if anything did."""
    least, most = spec.get("minReplicas") or 1, spec["maxReplicas"]
    behavior = spec.get("behavior")
    if behavior is None:
        highest, said = most, TOO_MANY
        if most > (fastest := max(2 * current, 4)):
            highest, said = fastest, UP_LIMIT
        if wanted < least:
            return least, TOO_FEW
        return (highest, said) if wanted > highest else (wanted, WITHIN)
    if wanted > current:
        limit = max(current, _up(dig(behavior, "scaleUp") or {}, memory, now, current))
        highest, said = (limit, UP_LIMIT) if most > limit else (most, TOO_MANY)
        return (highest, said) if wanted > highest else (wanted, WITHIN)
    if wanted < current:
        limit = min(current, _down(dig(behavior, "scaleDown") or {}, memory, now, current))
        lowest, said = (limit, DOWN_LIMIT) if least < limit else (least, TOO_FEW)
        return (lowest, said) if wanted < lowest else (wanted, WITHIN)
    return wanted, WITHIN


def _period(policy: JsonObject) -> float:
    return float(policy.get("periodSeconds", 15))


def _up(rules: JsonObject, memory: Memory, now: float, current: int) -> int:
    """The most replicas that the policies allow now."""
    if rules.get("selectPolicy") == "Disabled":
        return current
    found: list[int] = []
    for policy in dicts(rules, "policies"):
        before, value = current - memory.change(now, _period(policy)), int(policy["value"])
        more = value if policy.get("type") == "Pods" else math.ceil(before * value / 100)
        found.append(before + more)
    if not found:
        return max(current + 4, 2 * current)
    return min(found) if rules.get("selectPolicy") == "Min" else max(found)


def _down(rules: JsonObject, memory: Memory, now: float, current: int) -> int:
    """The fewest replicas that the policies allow now."""
    if rules.get("selectPolicy") == "Disabled":
        return current
    found: list[int] = []
    for policy in dicts(rules, "policies"):
        before, value = current - memory.change(now, _period(policy)), int(policy["value"])
        fewer = value if policy.get("type") == "Pods" else math.ceil(before * value / 100)
        found.append(before - fewer)
    if not found:
        return 0
    return max(found) if rules.get("selectPolicy") == "Min" else min(found)
