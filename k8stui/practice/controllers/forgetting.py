"""What goes by itself: events after an hour, and the Endpoints of Services that have gone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.controllers.base import ENDPOINTS, SERVICES, Controller, Key, Keys, own
from k8stui.practice.controllers.correlator import last_time
from k8stui.practice.controllers.world import EVENT_LIFETIME
from k8stui.practice.kinds import builtin

_EVENTS = builtin("events")


class Forgetting(Controller):
    """Deletes events an hour after they last happened, and Endpoints whose Service has gone."""

    name = "apiserver"
    manager = "kube-apiserver"
    kind = _EVENTS

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """Events that turn up; Services that go."""
        return {_EVENTS: self._new, SERVICES: self._gone}

    def _new(self, event: JsonObject) -> Iterator[Key]:
        yield own(event)

    def _gone(self, service: JsonObject) -> Iterator[Key]:
        namespace, name = own(service)
        left = self.world.find(ENDPOINTS, namespace, name) is not None
        if left and self.world.find(SERVICES, namespace, name) is None:
            self.world.store.delete(ENDPOINTS, namespace, name)
        yield from ()

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Delete one event when its hour is over."""
        event = self.world.find(_EVENTS, namespace, name)
        if event is None:
            return None
        left = last_time(event) + EVENT_LIFETIME - self.world.clock()
        if left > 0:
            return left
        self.world.store.delete(_EVENTS, namespace, name)
        return None
