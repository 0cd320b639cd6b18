"""What a Deployment tells of itself: counts, whether enough is available, and how its rollout goes."""

from __future__ import annotations

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import DEPLOYMENTS
from k8stui.practice.controllers.rollout import available_of, lack_of, replicas_of
from k8stui.practice.controllers.world import World

Said = tuple[str, str, str, str]
"""Type, status, reason and message of a condition."""
_NO_DEADLINE = 2**31 - 1
_COMPLETE, _LATE = "NewReplicaSetAvailable", "ProgressDeadlineExceeded"


def deadline(obj: JsonObject) -> int | None:
    """Seconds within which a rollout has to get further; None when it may take for ever."""
    seconds = dig(obj, "spec", "progressDeadlineSeconds")
    return None if seconds is None or seconds == _NO_DEADLINE else int(seconds)


def condition(obj: JsonObject, kind: str) -> JsonObject | None:
    """A condition by its type."""
    return next((found for found in dicts(obj, "status", "conditions") if found.get("type") == kind), None)


def with_said(obj: JsonObject, said: Said, now: str) -> JsonObject:
    """The status of a Deployment with a condition, which changes only with its status or reason."""
    status = obj.get("status") or {}
    return {**status, "conditions": _with(list(dicts(status, "conditions")), said, now)}


def with_pause(world: World, obj: JsonObject) -> JsonObject:
    """The status of a Deployment that says whether it has been paused, or resumed."""
    status: JsonObject = obj.get("status") or {}
    old = condition(obj, "Progressing")
    if deadline(obj) is None or (old is not None and old.get("reason") == _LATE):
        return status
    paused, was = bool(dig(obj, "spec", "paused")), bool(old and old.get("reason") == "DeploymentPaused")
    if paused == was:
        return status
    word = "paused" if paused else "resumed"
    said = ("Progressing", "Unknown", f"Deployment{word.capitalize()}", f"Deployment is {word}")
    return with_said(obj, said, world.now())


def complete(obj: JsonObject, status: JsonObject) -> bool:
    """Whether all that is asked for is there, new and available."""
    wanted = obj["spec"]["replicas"]
    counts = (status.get(key, 0) for key in ("updatedReplicas", "replicas", "availableReplicas"))
    seen = status.get("observedGeneration", 0) >= obj["metadata"].get("generation", 1)
    return seen and all(count == wanted for count in counts)


def tell(
    world: World, obj: JsonObject, sets: list[JsonObject], newest: JsonObject | None, *, estimate: bool
) -> float | None:
    """Write the status of a Deployment.

    Args:
        world: The cluster.
        obj: The Deployment.
        sets: All its ReplicaSets.
        newest: That of its template, if any.
        estimate: Whether it is rolling out, so that its progress is judged; not so while it is paused or
            only changes its size.

    Returns:
        Seconds until its progress has to be judged again.
    """
    status = _counts(obj, sets, newest)
    conditions = list(dicts(obj, "status", "conditions"))
    wanted, now = int(obj["spec"]["replicas"]), world.now()
    enough = status.get("availableReplicas", 0) >= wanted - lack_of(obj)
    conditions = _with(conditions, _AVAILABLE if enough else _UNAVAILABLE, now)
    if estimate:
        conditions = _judged(world, obj, conditions, status, newest)
        conditions = _with_failure(conditions, sets, newest)
    status["conditions"] = conditions
    if (collisions := dig(obj, "status", "collisionCount")) is not None:
        status["collisionCount"] = collisions
    world.set_status(DEPLOYMENTS, obj, status)
    return _again(world, obj, status) if estimate else None


_AVAILABLE: Said = (
    *("Available", "True", "MinimumReplicasAvailable"),
    "Deployment has minimum availability.",
)
_UNAVAILABLE: Said = (
    *("Available", "False", "MinimumReplicasUnavailable"),
    "Deployment does not have minimum availability.",
)


def _counts(obj: JsonObject, sets: list[JsonObject], newest: JsonObject | None) -> JsonObject:
    def total(field: str) -> int:
        return sum(int(dig(found, "status", field) or 0) for found in sets)

    available = sum(available_of(found) for found in sets)
    status: JsonObject = {"observedGeneration": obj["metadata"].get("generation", 1)}
    for key, value in (
        ("replicas", total("replicas")),
        ("updatedReplicas", (dig(newest, "status", "replicas") or 0) if newest else 0),
        ("readyReplicas", total("readyReplicas")),
        ("availableReplicas", available),
        ("unavailableReplicas", max(0, sum(replicas_of(found) for found in sets) - available)),
    ):
        if value:
            status[key] = value
    status["terminatingReplicas"] = total("terminatingReplicas")
    return status


def _judged(
    world: World,
    obj: JsonObject,
    conditions: list[JsonObject],
    status: JsonObject,
    newest: JsonObject | None,
) -> list[JsonObject]:
    """The conditions with that of the progress."""
    limit = deadline(obj)
    if limit is None:
        return [found for found in conditions if found.get("type") != "Progressing"]
    old = condition(obj, "Progressing")
    settled = status.get("replicas", 0) == status.get("updatedReplicas", 0)
    if settled and old is not None and old.get("reason") == _COMPLETE:
        return conditions
    name = newest["metadata"]["name"] if newest else obj["metadata"]["name"]
    what = f'{"ReplicaSet" if newest else "Deployment"} "{name}"'
    if complete(obj, status):
        said = ("Progressing", "True", _COMPLETE, f"{what} has successfully progressed.")
        return _with(conditions, said, world.now())
    if _further(obj.get("status") or {}, status):
        said = ("Progressing", "True", "ReplicaSetUpdated", f"{what} is progressing.")
        since = old["lastTransitionTime"] if old and old.get("status") == "True" else world.now()
        left = [found for found in conditions if found.get("type") != "Progressing"]
        return [*left, _made(said, since, world.now())]
    if old is not None and (old.get("reason") == _LATE or _left(world, old, limit) < 0):
        if old.get("reason") == _COMPLETE:
            return conditions
        said = ("Progressing", "False", _LATE, f"{what} has timed out progressing.")
        return _with(conditions, said, world.now())
    return conditions


def _further(before: JsonObject, after: JsonObject) -> bool:
    """Whether a rollout has got further: more new, ready or available Pods, or fewer old ones."""
    more = any(
        after.get(key, 0) > before.get(key, 0)
        for key in ("updatedReplicas", "readyReplicas", "availableReplicas")
    )
    return more or _old(after) < _old(before)


def _old(status: JsonObject) -> int:
    return int(status.get("replicas", 0)) - int(status.get("updatedReplicas", 0))


def _left(world: World, found: JsonObject, limit: int) -> float:
    updated = parse_time(found.get("lastUpdateTime")) or 0.0
    return updated + limit - world.clock()


def _again(world: World, obj: JsonObject, status: JsonObject) -> float | None:
    limit, found = deadline(obj), condition({"status": status}, "Progressing")
    if limit is None or found is None or complete(obj, status) or found.get("reason") in (_LATE, _COMPLETE):
        return None
    return max(0.0, _left(world, found, limit)) + 1.0


def _with_failure(
    conditions: list[JsonObject], sets: list[JsonObject], newest: JsonObject | None
) -> list[JsonObject]:
    """The conditions with the failure of a ReplicaSet to make Pods, that of the newest before others."""
    order = [*([newest] if newest else []), *sets]
    failures = (c for found in order for c in dicts(found, "status", "conditions"))
    failure = next((found for found in failures if found.get("type") == "ReplicaFailure"), None)
    if failure is None:
        return [found for found in conditions if found.get("type") != "ReplicaFailure"]
    said = (
        *("ReplicaFailure", str(failure["status"])),
        str(failure.get("reason")),
        str(failure.get("message")),
    )
    return _with(conditions, said, str(failure["lastTransitionTime"]))


def _with(conditions: list[JsonObject], said: Said, now: str) -> list[JsonObject]:
    old = next((found for found in conditions if found.get("type") == said[0]), None)
    if old is not None and (old.get("status"), old.get("reason")) == said[1:3]:
        return conditions
    since = old["lastTransitionTime"] if old is not None and old.get("status") == said[1] else now
    return [*(found for found in conditions if found.get("type") != said[0]), _made(said, since, now)]


def _made(said: Said, since: str, now: str) -> JsonObject:
    return {
        "type": said[0],
        "status": said[1],
        "lastUpdateTime": now,
        "lastTransitionTime": since,
        "reason": said[2],
        "message": said[3],
    }
