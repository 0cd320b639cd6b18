"""How a Deployment moves replicas between its ReplicaSets."""

from __future__ import annotations

from k8stui.core.objects import JsonObject, dig
from k8stui.practice.controllers.base import REPLICA_SETS
from k8stui.practice.controllers.template import scaled
from k8stui.practice.controllers.world import World

REVISION = "deployment.kubernetes.io/revision"
DESIRED = "deployment.kubernetes.io/desired-replicas"
MOST = "deployment.kubernetes.io/max-replicas"


class Rollout:
    """One step of one Deployment's rollout.

    Args:
        world: The cluster.
        obj: The Deployment.
        newest: The ReplicaSet of its template; None when there is none.
        sets: All its ReplicaSets, the oldest first.
        by: The component that reports the events.
    """

    def __init__(
        self, world: World, obj: JsonObject, newest: JsonObject | None, sets: list[JsonObject], by: str
    ) -> None:
        self._world = world
        self._obj = obj
        self._by = by
        self._sets = {found["metadata"]["name"]: found for found in sets}
        self._new = newest["metadata"]["name"] if newest else ""

    @property
    def newest(self) -> JsonObject | None:
        """The ReplicaSet of the template."""
        return self._sets.get(self._new)

    def sets(self) -> list[JsonObject]:
        """All ReplicaSets as they are now."""
        return list(self._sets.values())

    def older(self) -> list[JsonObject]:
        """All but the newest."""
        return [found for name, found in self._sets.items() if name != self._new]

    def drop(self, found: JsonObject) -> None:
        """Forget a ReplicaSet that has been deleted."""
        del self._sets[found["metadata"]["name"]]

    @property
    def _wanted(self) -> int:
        return int(self._obj["spec"]["replicas"])

    def _total(self) -> int:
        return sum(replicas_of(found) for found in self._sets.values())

    def room(self) -> int:
        """How many replicas the newest ReplicaSet may have now."""
        if recreates(self._obj):
            return self._wanted
        now = replicas_of(self.newest) if self.newest else 0
        spare = self._wanted + surge_of(self._obj) - self._total()
        return now if spare <= 0 else now + min(spare, self._wanted - now)

    def roll(self) -> None:
        """Grow the newest as far as the surge allows, or else shrink the older ones as far as is safe."""
        newest = self.newest
        if newest is None:
            return
        now = replicas_of(newest)
        if now > self._wanted and self._scale(newest, self._wanted):
            return
        if now < self._wanted and self._scale(newest, self.room()):
            return
        self._shrink(newest)

    def recreate(self, ready: bool) -> None:
        """Shrink the older ones to nothing; the newest grows once nothing of them is left."""
        for found in self.older():
            self._scale(found, 0)
        if ready and self.newest is not None:
            self._scale(self.newest, self._wanted)

    def resize(self) -> None:
        """Follow a new number of replicas, in the middle of a rollout by the size of each ReplicaSet."""
        active = [found for found in self._sets.values() if replicas_of(found)]
        if len(active) <= 1:
            only = active[0] if active else self.newest or next(reversed(self.older()), None)
            if only is not None:
                self._scale(only, self._wanted)
            return
        if self.newest is not None and self._saturated(self.newest):
            for found in self.older():
                self._scale(found, 0)
            return
        if recreates(self._obj):
            return
        allowed = self._wanted + surge_of(self._obj) if self._wanted else 0
        self._share(active, allowed - self._total())

    def _share(self, active: list[JsonObject], more: int) -> None:
        """Spread more (or fewer) replicas over the ReplicaSets in proportion to their sizes."""
        active = sorted(active, key=born, reverse=more > 0)
        active.sort(key=replicas_of, reverse=True)
        left, sizes = more, []
        for found in active:
            share = self._fraction(found) if left else 0
            share = min(share, left) if more > 0 else max(share, left)
            left -= share
            sizes.append(replicas_of(found) + share)
        sizes[0] = max(0, sizes[0] + left)
        for found, size in zip(active, sizes, strict=True):
            self._scale(found, size, tell=True)

    def _fraction(self, found: JsonObject) -> int:
        """How many more replicas a ReplicaSet should have to keep its share."""
        now = replicas_of(found)
        if not self._wanted:
            return -now
        before = _number(found, MOST) or dig(self._obj, "status", "replicas") or 0
        if not before:
            return 0
        most = self._wanted + surge_of(self._obj)
        return int(now * most / before + 0.5) - now

    def _saturated(self, found: JsonObject) -> bool:
        wanted = self._wanted
        return replicas_of(found) == _number(found, DESIRED) == available_of(found) == wanted

    def _shrink(self, newest: JsonObject) -> None:
        """Scale the older ones down, what is not available first, keeping enough that is."""
        older = [found for found in self.older() if replicas_of(found)]
        least = self._wanted - lack_of(self._obj)
        budget = self._total() - least - (replicas_of(newest) - available_of(newest))
        if not older or budget <= 0:
            return
        cleaned = 0
        for found in older:
            sick = max(0, replicas_of(found) - available_of(found))
            drop = min(sick, budget - cleaned)
            if drop > 0:
                cleaned += drop
                self._scale(found, replicas_of(found) - drop)
        spare = sum(available_of(found) for found in self._sets.values()) - least
        for found in self.older():
            drop = min(replicas_of(found), spare)
            if drop > 0:
                spare -= drop
                self._scale(found, replicas_of(found) - drop)

    def _scale(self, found: JsonObject, replicas: int, *, tell: bool = False) -> bool:
        """Give a ReplicaSet another size, and say so; ``tell`` writes the annotations in any case."""
        before = replicas_of(found)
        if before == replicas and not tell:
            return False
        annotations = {
            **(found["metadata"].get("annotations") or {}),
            DESIRED: str(self._wanted),
            MOST: str(self._wanted + surge_of(self._obj)),
        }
        name = found["metadata"]["name"]
        self._sets[name] = self._world.store.update(
            REPLICA_SETS,
            {
                **found,
                "metadata": {**found["metadata"], "annotations": annotations},
                "spec": {**found["spec"], "replicas": replicas},
            },
        )
        if before == replicas:
            return False
        way = "up" if replicas > before else "down"
        message = f"Scaled {way} replica set {name} from {before} to {replicas}"
        self._world.say(self._obj, "ScalingReplicaSet", message, by=self._by)
        return True


def recreates(obj: JsonObject) -> bool:
    """Whether a Deployment removes all old Pods before it makes new ones."""
    return bool(dig(obj, "spec", "strategy", "type") == "Recreate")


def surge_of(obj: JsonObject) -> int:
    """How many Pods more than asked for there may be during a rollout."""
    if recreates(obj):
        return 0
    most = dig(obj, "spec", "strategy", "rollingUpdate", "maxSurge")
    return scaled("25%" if most is None else most, obj["spec"]["replicas"], up=True)


def lack_of(obj: JsonObject) -> int:
    """How many Pods less than asked for may be available during a rollout."""
    wanted = int(obj["spec"]["replicas"])
    if recreates(obj) or not wanted:
        return 0
    may_lack = dig(obj, "spec", "strategy", "rollingUpdate", "maxUnavailable")
    lack = scaled("25%" if may_lack is None else may_lack, wanted, up=False)
    if lack == 0 and surge_of(obj) == 0:
        lack = 1
    return min(lack, wanted)


def replicas_of(found: JsonObject) -> int:
    """spec.replicas."""
    return int(dig(found, "spec", "replicas") or 0)


def available_of(found: JsonObject) -> int:
    """status.availableReplicas."""
    return int(dig(found, "status", "availableReplicas") or 0)


def revision_of(found: JsonObject) -> int:
    """The number of the revision that a ReplicaSet stands for."""
    return _number(found, REVISION)


def born(found: JsonObject) -> str:
    """creationTimestamp, by which the older come before the younger."""
    return str(found["metadata"]["creationTimestamp"])


def _number(found: JsonObject, annotation: str) -> int:
    text = (found["metadata"].get("annotations") or {}).get(annotation, "")
    return int(text) if text.isdigit() else 0
