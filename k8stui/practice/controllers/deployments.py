"""Deployment: one ReplicaSet per template, their numbers, and how many of the old ones are kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.practice.controllers import progress
from k8stui.practice.controllers.base import (
    DEPLOYMENTS,
    REPLICA_SETS,
    ByEvent,
    Controller,
    Key,
    Keys,
    deleting,
    own,
    reference,
)
from k8stui.practice.controllers.ownership import claim, claimants
from k8stui.practice.controllers.retries import Retries
from k8stui.practice.controllers.rollout import (
    DESIRED,
    MOST,
    REVISION,
    Rollout,
    born,
    recreates,
    replicas_of,
    revision_of,
    surge_of,
)
from k8stui.practice.controllers.template import is_of, template_hash
from k8stui.practice.controllers.world import World
from k8stui.practice.errors import StatusError
from k8stui.practice.store import Event

_HISTORY = "deployment.kubernetes.io/revision-history"
_HISTORY_LENGTH = 2_000
_NOT_COPIED = frozenset(
    (
        *("kubectl.kubernetes.io/last-applied-configuration", "deprecated.deployment.rollback.to"),
        *(REVISION, _HISTORY, DESIRED, MOST),
    )
)
_HASH = "pod-template-hash"


class Deployments(Controller):
    """Rolls every Deployment to its template."""

    name = "deployment-controller"
    kind = DEPLOYMENTS
    turn = 2

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._retries = Retries()
        self._telling = False

    def sources(self) -> Mapping[ResourceKind, Keys | ByEvent]:
        """The Deployments, the ReplicaSets they made, and those that they could adopt."""
        claims = claimants(self.world, DEPLOYMENTS, _selector)
        return {DEPLOYMENTS: ByEvent(self._of_own), REPLICA_SETS: claims}

    def _of_own(self, event: Event) -> Iterator[Key]:
        """A Deployment; what it has just told itself is no news."""
        if not self._telling or event.previous is None:
            yield own(event.entry.object)

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Make the newest ReplicaSet, move replicas towards it, clean up, tell."""
        obj = self.world.find(DEPLOYMENTS, namespace, name)
        if obj is None:
            self._retries.forget((namespace, name))
            return None
        if not _selector(obj):
            message = "This deployment is selecting all pods. A non-empty selector is required."
            self.world.say(obj, "SelectingAll", message, by=self.name, warning=True)
            return None
        sets = claim(self.world, obj, REPLICA_SETS, _selector(obj))
        sets.sort(key=born)
        if deleting(obj):
            return self._tell(obj, sets, self._newest(obj, sets), estimate=False)
        status = progress.with_pause(self.world, obj)
        if status is not obj.get("status"):
            obj = self.world.set_status(DEPLOYMENTS, obj, status)
        wait = self._retries.wait((namespace, name), self.world.clock())
        if wait > 0:
            return wait
        try:
            return self._sync(obj, sets)
        except StatusError as error:
            return self._failed(obj, error)

    def _sync(self, obj: JsonObject, sets: list[JsonObject]) -> float | None:
        paused = bool(dig(obj, "spec", "paused"))
        rolling = not paused and not self._resized(obj, sets)
        create = rolling and not (recreates(obj) and self._old_run(obj, sets))
        obj, newest = self._numbered(obj, sets, create)
        rollout = Rollout(self.world, obj, newest, sets, self.name)
        if not rolling:
            rollout.resize()
        elif recreates(obj):
            rollout.recreate(create)
        else:
            rollout.roll()
        self._retries.forget(own(obj))
        again = self._tell(obj, rollout.sets(), rollout.newest, estimate=rolling)
        if paused or (rolling and _complete(self.world.store.get(DEPLOYMENTS, *own(obj)))):
            self._forget(obj, rollout)
        return again

    def _tell(
        self, obj: JsonObject, sets: list[JsonObject], newest: JsonObject | None, *, estimate: bool
    ) -> float | None:
        self._telling = True
        try:
            return progress.tell(self.world, obj, sets, newest, estimate=estimate)
        finally:
            self._telling = False

    def _resized(self, obj: JsonObject, sets: list[JsonObject]) -> bool:
        """Whether somebody has changed the number of replicas since the ReplicaSets were told of it."""
        wanted = str(dig(obj, "spec", "replicas"))
        said = (
            (found["metadata"].get("annotations") or {}).get(DESIRED) for found in sets if replicas_of(found)
        )
        return any(text is not None and text != wanted for text in said)

    def _old_run(self, obj: JsonObject, sets: list[JsonObject]) -> bool:
        """Whether Pods of earlier templates are still there, be it on their way out."""
        newest = self._newest(obj, sets)
        return any(
            replicas_of(found)
            or dig(found, "status", "replicas")
            or dig(found, "status", "terminatingReplicas")
            for found in sets
            if found is not newest
        )

    def _newest(self, obj: JsonObject, sets: list[JsonObject]) -> JsonObject | None:
        template = obj["spec"]["template"]
        return next((s for s in sets if is_of(s["spec"]["template"], template)), None)

    def _numbered(
        self, obj: JsonObject, sets: list[JsonObject], create: bool
    ) -> tuple[JsonObject, JsonObject | None]:
        """The Deployment with the number of its revision, and the ReplicaSet of its template, if any.

        Both are written when its status is told.
        """
        newest = self._newest(obj, sets)
        number = max((revision_of(found) for found in sets if found is not newest), default=0) + 1
        if newest is None:
            if not create:
                return obj, None
            newest = self._make(obj, sets, number)
            sets.append(newest)
            message = f'Created new replica set "{newest["metadata"]["name"]}"'
            found = ("NewReplicaSetCreated", message)
        else:
            place = sets.index(newest)
            newest = sets[place] = self._revived(obj, newest, number)
            found = ("FoundNewReplicaSet", f'Found new replica set "{newest["metadata"]["name"]}"')
        obj = self._with_number(obj, newest)
        new = found[0] == "NewReplicaSetCreated"
        if progress.deadline(obj) is not None and (new or progress.condition(obj, "Progressing") is None):
            status = progress.with_said(obj, ("Progressing", "True", *found), self.world.now())
            obj = {**obj, "status": status}
        return obj, newest

    def _with_number(self, obj: JsonObject, newest: JsonObject) -> JsonObject:
        number = newest["metadata"]["annotations"][REVISION]
        annotations = obj["metadata"].get("annotations") or {}
        if annotations.get(REVISION) == number:
            return obj
        metadata = {**obj["metadata"], "annotations": {**annotations, REVISION: number}}
        return {**obj, "metadata": metadata}

    def _make(self, obj: JsonObject, sets: list[JsonObject], number: int) -> JsonObject:
        """A new ReplicaSet for the template."""
        template = obj["spec"]["template"]
        mark = template_hash([template, dig(obj, "status", "collisionCount") or 0])
        said = template.get("metadata") or {}
        labels = {**(said.get("labels") or {}), _HASH: mark}
        selector = _selector(obj)
        replicas = Rollout(self.world, obj, None, sets, self.name).room()
        wanted = obj["spec"]["replicas"]
        annotations = {
            **_copied(obj),
            DESIRED: str(wanted),
            MOST: str(wanted + surge_of(obj)),
            REVISION: str(number),
        }
        name = f"{obj['metadata']['name'][: 253 - 1 - len(mark)]}-{mark}"
        metadata = {
            "name": name,
            "namespace": obj["metadata"]["namespace"],
            "labels": labels,
            "annotations": annotations,
            "ownerReferences": [reference(obj)],
        }
        spec = {
            "replicas": replicas,
            "selector": {
                **selector,
                "matchLabels": {**(selector.get("matchLabels") or {}), _HASH: mark},
            },
            "template": {**template, "metadata": {**said, "labels": labels}},
        }
        if dig(obj, "spec", "minReadySeconds"):
            spec["minReadySeconds"] = obj["spec"]["minReadySeconds"]
        found = self.world.create(
            REPLICA_SETS, {"metadata": metadata, "spec": spec, "status": {"replicas": 0}}
        )
        if replicas:
            message = f"Scaled up replica set {name} from 0 to {replicas}"
            self.world.say(obj, "ScalingReplicaSet", message, by=self.name)
        return found

    def _revived(self, obj: JsonObject, found: JsonObject, number: int) -> JsonObject:
        """The ReplicaSet with the Deployment's annotations; going back to it gives it the next number."""
        before = found["metadata"].get("annotations") or {}
        annotations = {**before, **_copied(obj)}
        old = before.get(REVISION)
        if revision_of(found) < number:
            annotations[REVISION] = str(number)
            if old is not None:
                annotations[_HISTORY] = _with_revision(before.get(_HISTORY, ""), old)
        least = dig(obj, "spec", "minReadySeconds") or 0
        spec = found["spec"]
        if (spec.get("minReadySeconds") or 0) != least:
            spec = {key: value for key, value in spec.items() if key != "minReadySeconds"}
            spec = {**spec, "minReadySeconds": least} if least else spec
        if annotations == before and spec is found["spec"]:
            return found
        metadata = {**found["metadata"], "annotations": annotations}
        return self.world.store.update(REPLICA_SETS, {**found, "metadata": metadata, "spec": spec})

    def _failed(self, obj: JsonObject, error: StatusError) -> float | None:
        """A ReplicaSet could not be made: its name is taken, or the server refuses it."""
        obj = self.world.store.get(DEPLOYMENTS, *own(obj))
        again = self._retries.failed(own(obj), self.world.clock())
        if error.reason == "AlreadyExists":
            collisions = (dig(obj, "status", "collisionCount") or 0) + 1
            self.world.set_status(
                DEPLOYMENTS, obj, {**(obj.get("status") or {}), "collisionCount": collisions}
            )
            self._retries.forget(own(obj))
            return None
        message = f"Failed to create new replica set: {error.message}"
        self.world.say(obj, "ReplicaSetCreateError", message, by=self.name, warning=True)
        if progress.deadline(obj) is not None:
            said = ("Progressing", "False", "ReplicaSetCreateError", message)
            self.world.set_status(DEPLOYMENTS, obj, progress.with_said(obj, said, self.world.now()))
        return again

    def _forget(self, obj: JsonObject, rollout: Rollout) -> None:
        """Delete the ReplicaSets of the oldest revisions beyond the history limit that have no Pods."""
        limit = dig(obj, "spec", "revisionHistoryLimit")
        older = [found for found in rollout.older() if not deleting(found)]
        older.sort(key=revision_of)
        for found in older[: max(0, len(older) - (10 if limit is None else limit))]:
            seen = dig(found, "status", "observedGeneration") or 0
            idle = not replicas_of(found) and not dig(found, "status", "replicas")
            if idle and found["metadata"].get("generation", 1) <= seen:
                self.world.delete(REPLICA_SETS, found)
                rollout.drop(found)


def _complete(obj: JsonObject) -> bool:
    return progress.complete(obj, obj.get("status") or {})


def _selector(obj: JsonObject) -> JsonObject:
    return dig(obj, "spec", "selector") or {}


def _copied(obj: JsonObject) -> JsonObject:
    """The annotations that a Deployment's ReplicaSet has from it; kubernetes.io/change-cause among them."""
    annotations = obj["metadata"].get("annotations") or {}
    return {key: value for key, value in annotations.items() if key not in _NOT_COPIED}


def _with_revision(history: str, number: str) -> str:
    """The list of earlier revisions with one more; the oldest are dropped when it grows too long."""
    numbers = [each for each in history.split(",") if each] + [number]
    while len(numbers) > 1 and len(",".join(numbers)) > _HISTORY_LENGTH:
        del numbers[0]
    return ",".join(numbers)
