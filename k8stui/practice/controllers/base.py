"""What every controller is made of, and the kinds they deal with."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts
from k8stui.core.units import parse_time
from k8stui.practice.controllers.world import World
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Event

Key = tuple[str, str]
"""Namespace (empty for a cluster-scoped kind) and name."""
Keys = Callable[[JsonObject], Iterable[Key]]
"""Which objects of a controller's own kind a changed object concerns."""


class ByLabels:
    """Keys that follow from an object's name, labels and owners.

    As long as these stay as they were, an object concerns the same ones before and after a change.
    """

    __slots__ = ("_keys",)

    def __init__(self, keys: Keys) -> None:
        self._keys = keys

    def __call__(self, obj: JsonObject) -> Iterable[Key]:
        """The keys."""
        return self._keys(obj)


class ByStanding(ByLabels):
    """Keys of those that count Pods: while a Pod counts for the same, its changes are nothing to them."""

    __slots__ = ()


class ByEvent:
    """Keys that follow from what has changed, not from how an object is."""

    __slots__ = ("keys",)

    def __init__(self, keys: Callable[[Event], Iterable[Key]]) -> None:
        self.keys = keys


PODS = builtin("pods")
NODES = builtin("nodes")
NAMESPACES = builtin("namespaces")
SERVICES = builtin("services")
ENDPOINTS = builtin("endpoints")
ENDPOINT_SLICES = builtin("endpointslices", "discovery.k8s.io")
REPLICA_SETS = builtin("replicasets", "apps")
REPLICATION_CONTROLLERS = builtin("replicationcontrollers")
DEPLOYMENTS = builtin("deployments", "apps")
STATEFUL_SETS = builtin("statefulsets", "apps")
DAEMON_SETS = builtin("daemonsets", "apps")
REVISIONS = builtin("controllerrevisions", "apps")
JOBS = builtin("jobs", "batch")
CRON_JOBS = builtin("cronjobs", "batch")
CLAIMS = builtin("persistentvolumeclaims")
VOLUMES = builtin("persistentvolumes")
STORAGE_CLASSES = builtin("storageclasses", "storage.k8s.io")
AUTOSCALERS = builtin("horizontalpodautoscalers", "autoscaling")
BUDGETS = builtin("poddisruptionbudgets", "policy")
QUOTAS = builtin("resourcequotas")
LEASES = builtin("leases", "coordination.k8s.io")
INGRESSES = builtin("ingresses", "networking.k8s.io")
CONFIG_MAPS = builtin("configmaps")
SECRETS = builtin("secrets")
SERVICE_ACCOUNTS = builtin("serviceaccounts")


class Controller:
    """Brings what is closer to what is asked for, one object at a time."""

    name = ""
    """Component under which it reports events."""
    manager = "kube-controller-manager"
    """Who has set the fields that it writes."""
    kind: ResourceKind
    """Kind of the objects that it looks after."""
    thorough = False
    """Whether one look does all there is to do: what it writes itself asks for no second one."""

    turn = 1
    """When its work is done: 0 before that of the others, who count what becomes of it; 2 after theirs."""

    def __init__(self, world: World) -> None:
        self.world = world

    def sources(self) -> Mapping[ResourceKind, Keys | ByEvent]:
        """The kinds whose changes concern it, and which of its own objects each change concerns."""
        return {self.kind: own_key}

    def custom(self) -> Keys | None:
        """Which of its own objects a change of any custom resource concerns; None: that is nothing to it."""
        return None

    def start(self) -> Iterable[Key]:
        """What to look at when it starts: every object of its kind."""
        return [own(obj) for obj in self.world.store.list(self.kind)]

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Look at one object and do what is to be done.

        Returns:
            Seconds after which it has to be looked at again even if nothing changes; None for never.
        """
        raise NotImplementedError


def own(obj: JsonObject) -> Key:
    """Namespace and name of an object."""
    metadata = obj["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def _own_key(obj: JsonObject) -> tuple[Key]:
    return (own(obj),)


own_key = ByLabels(_own_key)
"""An object concerns itself."""


def controller_of(obj: JsonObject) -> JsonObject | None:
    """The owner reference of the controller that made an object."""
    for ref in obj["metadata"].get("ownerReferences") or ():
        if ref.get("controller"):
            found: JsonObject = ref
            return found
    return None


def owner_key(*kinds: str) -> Keys:
    """A mapping from an object to the controller that made it, if that is of one of the kinds."""

    def keys(obj: JsonObject) -> Sequence[Key]:
        ref = controller_of(obj)
        if ref is not None and ref.get("kind") in kinds:
            return ((obj["metadata"].get("namespace", ""), ref["name"]),)
        return ()

    return ByLabels(keys)


def reference(obj: JsonObject) -> JsonObject:
    """The owner reference that makes an object the controller of what it makes."""
    return {
        "apiVersion": obj["apiVersion"],
        "kind": obj["kind"],
        "name": obj["metadata"]["name"],
        "uid": obj["metadata"]["uid"],
        "controller": True,
        "blockOwnerDeletion": True,
    }


def deleting(obj: JsonObject) -> bool:
    """Whether the object is on its way out."""
    return bool(obj["metadata"].get("deletionTimestamp"))


def matches(selector: Any, labels: Mapping[str, str]) -> bool:
    """Whether labels satisfy a LabelSelector; an empty one matches everything, a missing one nothing."""
    if selector is None:
        return False
    wanted = selector.get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        return False
    return all(_meets(item, labels) for item in dicts(selector, "matchExpressions"))


def _meets(expression: JsonObject, labels: Mapping[str, str]) -> bool:
    key, values = expression.get("key", ""), expression.get("values") or ()
    match expression.get("operator"):
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case _:
            return key not in labels


_INNER = frozenset(("PodScheduled", "PodReadyToStartContainers", "Initialized", "ContainersReady"))
"""Conditions of a Pod that are nothing to those that count it."""
_PLACE = ("labels", "ownerReferences", "deletionTimestamp", "finalizers", "annotations")


def same_standing(old: JsonObject, new: JsonObject) -> bool:
    """Whether two versions of a Pod count for the same: in place, phase, address, readiness and restarts.

    The node that it gets is nothing to them until it has an address there.
    """
    a, b = old["metadata"], new["metadata"]
    for field in _PLACE:
        before, after = a.get(field), b.get(field)
        if before is not after and before != after:
            return False
    spec = new["spec"]
    if spec is not old["spec"] and {**old["spec"], "nodeName": ""} != {**spec, "nodeName": ""}:
        return False
    before, after = old.get("status") or {}, new.get("status") or {}
    for field in ("phase", "podIP", "reason"):
        if before.get(field) != after.get(field):
            return False
    if _met(before) != _met(after):
        return False
    return spec.get("restartPolicy", "Always") == "Always" or _restarts(before) == _restarts(after)


def _met(status: JsonObject) -> Sequence[object]:
    """Since when which conditions are met."""
    return [
        (found.get("type"), found.get("lastTransitionTime"))
        for found in status.get("conditions") or ()
        if found.get("status") == "True" and found.get("type") not in _INNER
    ]


def _restarts(status: JsonObject) -> Sequence[object]:
    """How often its containers were started again, which only Pods that run to their end are judged by."""
    fields = ("containerStatuses", "initContainerStatuses")
    return [item.get("restartCount") for field in fields for item in status.get(field) or ()]


def labels_of(obj: JsonObject) -> Mapping[str, str]:
    """metadata.labels."""
    return obj["metadata"].get("labels") or {}


def is_true(obj: JsonObject, condition: str) -> bool:
    """Whether a condition of the status is True."""
    for found in (obj.get("status") or {}).get("conditions") or ():
        if found.get("type") == condition and found.get("status") == "True":
            return True
    return False


def ended(pod: JsonObject) -> bool:
    """Whether a Pod has run to its end."""
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed")


def ready(pod: JsonObject) -> bool:
    """Whether a Pod is ready and stays."""
    return not deleting(pod) and is_true(pod, "Ready")


def available_in(pod: JsonObject, least: float, now: float) -> float:
    """Seconds until a ready Pod has been ready for at least so long; zero or less when it has."""
    if not least:
        return 0.0
    for condition in dicts(pod, "status", "conditions"):
        if condition.get("type") == "Ready":
            since = parse_time(condition.get("lastTransitionTime"))
            return 0.0 if since is None else since + least - now
    return 0.0


def available(pod: JsonObject, least: float, now: float) -> bool:
    """Whether a Pod is ready and has been for at least so many seconds."""
    return ready(pod) and available_in(pod, least, now) <= 0


def _says(old: JsonObject, new: JsonObject) -> bool:
    """Whether a condition says the same as a new one, which has no times."""
    for key, value in new.items():
        if key not in old or old[key] != value:
            return False
    # All of it is there: what is more than the same can only be times.
    more = len(old) - len(new)
    return more == 0 or more == sum(key[-4:] == "Time" for key in old)


def with_condition(conditions: Iterable[JsonObject], new: JsonObject, now: str) -> list[JsonObject]:
    """The conditions with one of them replaced or added; its times move only where it changes."""
    found = list(conditions)
    for index, old in enumerate(found):
        if old.get("type") != new["type"]:
            continue
        if not _says(old, new):
            times: JsonObject = {key: now for key in old if key in ("lastUpdateTime", "lastTransitionTime")}
            if old.get("status") == new["status"] and "lastTransitionTime" in old:
                times["lastTransitionTime"] = old["lastTransitionTime"]
            found[index] = {**new, **times}
        return found
    found.append({**new, "lastTransitionTime": now})
    return found
