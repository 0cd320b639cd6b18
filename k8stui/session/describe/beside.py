"""What is read beside an object for its description: few requests, each bounded; none may fail it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from k8stui.core.errors import ExplorerError
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dig
from k8stui.core.refs import ObjectRef, Scope
from k8stui.session.describe.model import NONE, READING, Piece, Tone, Writer, quiet, string
from k8stui.session.relations import Wish, wishes

if TYPE_CHECKING:
    from k8stui.kube.client import Client

MOST_READ = 1_000
"""Objects read of one list."""

_RBAC = "rbac.authorization.k8s.io"
_METRICS = "metrics.k8s.io"
PARTIAL = Text("There are more than could be looked at.", "多すぎるため、すべては調べていません。")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one question."""

    objects: tuple[JsonObject, ...] = ()
    partial: bool = False
    """There were too many to read all of them."""
    denied: Text | None = None
    """Why there is no answer: a whole sentence."""


@dataclass(frozen=True, slots=True)
class Beside:
    """The answers so far; one that is not there yet has not been given."""

    answers: Mapping[str, Answer] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Answer | None:
        """The answer to a question."""
        return self.answers.get(name)

    def objects(self, name: str) -> tuple[JsonObject, ...]:
        """The objects of an answer; none when it has not been given."""
        answer = self.answers.get(name)
        return answer.objects if answer is not None else ()


def listed(writer: Writer, answer: Answer | None, none: Text | Piece | None = NONE) -> tuple[JsonObject, ...]:
    """The objects of an answer; whatever else there is to say of it is written.

    Args:
        writer: Takes it: that it is still being read, why it may not be read, that it is not all.
        answer: None when it has not come in.
        none: What to say when there are no objects; None to say nothing.
    """
    if answer is None:
        writer.say(Piece(READING, Tone.BUSY))
        return ()
    if answer.denied is not None:
        writer.say(quiet(answer.denied))
    elif answer.partial:
        writer.say(Piece(PARTIAL, Tone.WARN))
    elif not answer.objects and none is not None:
        writer.say(none if isinstance(none, Piece) else quiet(none))
    return answer.objects


_RELATIONS: Mapping[str, tuple[str, ...]] = {
    "Pod": ("events",),
    "ReplicationController": ("pods",),
    "ReplicaSet": ("pods",),
    "Deployment": ("replicasets",),
    "DaemonSet": ("pods",),
    "StatefulSet": ("pods",),
    "Job": ("pods",),
    "CronJob": ("jobs",),
    "Service": ("endpointslices",),
    "PersistentVolumeClaim": ("pods",),
    "Node": ("pods",),
    "Namespace": ("resourcequotas", "limitranges"),
    "Role": ("bindings",),
    "ClusterRole": ("bindings",),
    "RoleBinding": ("role",),
    "ClusterRoleBinding": ("role",),
    "ServiceAccount": ("bindings",),
}


def questions(obj: JsonObject, kind: ResourceKind) -> dict[str, tuple[Wish, ...]]:
    """What to ask for the description of an object, by the names under which describers look for it."""
    found: dict[str, tuple[Wish, ...]] = {"events": wishes("events", obj, kind) or ()}
    if "." in kind.group and not kind.group.endswith(".k8s.io"):
        return found
    for relation in _RELATIONS.get(kind.kind, ()):
        found[relation] = wishes(relation, obj, kind) or ()
    found |= _more(string(obj, "metadata", "name"), string(obj, "metadata", "namespace"), kind.kind)
    return found


def _more(name: str, space: str, kind: str) -> dict[str, tuple[Wish, ...]]:
    match kind:
        case "Pod":
            return {"metrics": (Wish("PodMetrics", _METRICS, space, name),)}
        case "Node":
            return {
                "metrics": (Wish("NodeMetrics", _METRICS, name=name),),
                "lease": (Wish("Lease", "coordination.k8s.io", "kube-node-lease", name),),
            }
        case "Ingress":
            return {
                "services": (Wish("Service", namespace=space),),
                "endpointslices": (Wish("EndpointSlice", "discovery.k8s.io", space),),
            }
        case "ServiceAccount":
            tokens = "type=kubernetes.io/service-account-token"
            keep = lambda secret: (  # noqa: E731  # one word where it is used
                dig(secret, "metadata", "annotations", "kubernetes.io/service-account.name") == name
            )
            return {"tokens": (Wish("Secret", namespace=space, fields=tokens, keep=keep),)}
    return {}


def further(obj: JsonObject, kind: ResourceKind, beside: Beside) -> dict[str, tuple[Wish, ...]]:
    """What to ask once the first answers are there: the roles that a ServiceAccount's bindings grant."""
    if kind.kind != "ServiceAccount" or kind.group:
        return {}
    bindings = beside.objects("bindings")
    kinds = {string(binding, "roleRef", "kind") for binding in bindings}
    found: dict[str, tuple[Wish, ...]] = {}
    if "ClusterRole" in kinds:
        found["clusterroles"] = (Wish("ClusterRole", _RBAC),)
    if "Role" in kinds:
        spaces = {
            string(binding, "metadata", "namespace")
            for binding in bindings
            if string(binding, "roleRef", "kind") == "Role"
        }
        found["roles"] = (Wish("Role", _RBAC, spaces.pop() if len(spaces) == 1 else ""),)
    return found


class Reader:
    """Asks one cluster for what stands beside objects."""

    def __init__(self, client: Client, kinds: Sequence[ResourceKind]) -> None:
        self._client = client
        self._kinds = kinds

    async def read(self, obj: JsonObject, kind: ResourceKind) -> AsyncGenerator[Beside, None]:
        """The answers as they come in, all of those before with each."""
        beside = Beside()
        for ask in (questions(obj, kind), None):
            asked = ask if ask is not None else further(obj, kind, beside)
            tasks = [asyncio.create_task(self._answer(name, wanted)) for name, wanted in asked.items()]
            try:
                for task in asyncio.as_completed(tasks):
                    name, answer = await task
                    beside = Beside({**beside.answers, name: answer})
                    yield beside
            finally:
                for one in tasks:
                    one.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, name: str, wanted: tuple[Wish, ...]) -> tuple[str, Answer]:
        found: list[JsonObject] = []
        partial = False
        denied: Text | None = None
        for wish in wanted:
            answer = await self._one(wish)
            found += answer.objects
            partial = partial or answer.partial
            denied = denied or answer.denied
        return name, Answer(tuple(found), partial, denied)

    async def _one(self, wish: Wish) -> Answer:
        from k8stui.kube.errors import NotFound

        kind = next((k for k in self._kinds if k.kind == wish.kind and k.group == wish.group), None)
        if kind is None:
            # The cluster has no such kind.
            return Answer()
        namespace = wish.namespace if kind.namespaced else ""
        try:
            if wish.name:
                found = [await self._client.get(ObjectRef(kind, namespace, wish.name))]
            else:
                scope = Scope.of(namespace) if namespace else Scope.all()
                found = await self._client.list(
                    kind, scope, label_selector=wish.labels, field_selector=wish.fields, limit=MOST_READ
                )
        except NotFound:
            return Answer()
        except ExplorerError as error:
            return Answer(denied=error.message)
        for one in found:
            # Objects of a list come without them.
            one.setdefault("kind", kind.kind)
            one.setdefault("apiVersion", kind.api_version)
        kept = tuple(one for one in found if wish.keep is None or wish.keep(one))
        return Answer(kept, partial=len(found) >= MOST_READ)
