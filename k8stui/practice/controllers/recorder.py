"""Writes down what components report of objects: Events, in the form of the API that the component uses."""

from __future__ import annotations

from collections.abc import Callable

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.controllers.correlator import Correlator, Observed, Said
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Store
from k8stui.practice.times import micro, stamp

_EVENTS = builtin("events")
_NODES = builtin("nodes")
_CONTROL_PLANE = "node-role.kubernetes.io/control-plane"


class Recorder:
    """The event recorders of all components of one cluster.

    Args:
        store: The objects.
        clock: Seconds since the epoch.
        create: Makes a new object in the store.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float],
        create: Callable[[ResourceKind, JsonObject], JsonObject],
    ) -> None:
        self._store = store
        self._clock = clock
        self._create = create
        self._correlator = Correlator()
        self._host = ""

    def recall(self) -> None:
        """Go on from the events that are there."""
        self._correlator.recall(self._store.list(_EVENTS))

    def record(self, said: Said, involved: JsonObject, every: float = 0.0) -> None:
        """Write a new event, or count on one that is there.

        Args:
            said: The report.
            involved: The reference to the object.
            every: Seconds between two of these that are said one by one, where some may have been left out;
                0 when none are.
        """
        now = self._clock()
        time = micro(now) if said.series else stamp(now)
        found = self._correlator.observe(said, now, time, every)
        if found is None:
            return
        namespace = said.namespace
        old = self._store.find(_EVENTS, namespace, found.name) if found.name else None
        if old is None:
            name = found.name or self._correlator.name(involved["name"], now)
            self._correlator.named(said, found.message, name)
            self._create(_EVENTS, self._made(said, found, involved, name, time))
        elif said.series:
            series = {"count": found.count, "lastObservedTime": time}
            self._store.update(_EVENTS, {**old, "series": series})
        else:
            told = {"count": found.count, "lastTimestamp": time, "message": found.message}
            self._store.update(_EVENTS, {**old, **told})

    def _made(self, said: Said, found: Observed, involved: JsonObject, name: str, time: str) -> JsonObject:
        """A new event."""
        event: JsonObject = {
            "metadata": {"name": name, "namespace": said.namespace},
            "involvedObject": involved,
            "reason": said.reason,
            "message": found.message,
            "source": {},
            "firstTimestamp": None,
            "lastTimestamp": None,
            "type": said.type,
        }
        if said.series:
            event |= {"eventTime": found.first, "action": said.action}
            event |= {"reportingComponent": said.by, "reportingInstance": f"{said.by}-{self._hostname()}"}
            if found.count > 1:
                event["series"] = {"count": found.count, "lastObservedTime": time}
            return event
        source = {"component": said.by, "host": said.host} if said.host else {"component": said.by}
        event |= {"source": source, "firstTimestamp": found.first, "lastTimestamp": time}
        event |= {"count": found.count, "eventTime": None}
        return event | {"reportingComponent": said.by, "reportingInstance": said.host}

    def _hostname(self) -> str:
        """The machine of the control plane."""
        if not self._host:
            named = (
                node["metadata"]["name"]
                for node in self._store.list(_NODES)
                if _CONTROL_PLANE in (node["metadata"].get("labels") or {})
            )
            self._host = next(named, "control-plane")
        return self._host
