"""APIService: whether what stands behind an aggregated API answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.practice.controllers.base import (
    ENDPOINT_SLICES,
    SERVICES,
    Controller,
    Key,
    Keys,
    deleting,
    labels_of,
    own,
    own_key,
    with_condition,
)
from k8stui.practice.metrics.availability import API_SERVICES, SERVICE_LABEL, available


class ApiServices(Controller):
    """Keeps the Available condition of every APIService that has a Service behind it."""

    name = "kube-aggregator"
    manager = "kube-apiserver"
    kind = API_SERVICES
    thorough = True

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The APIServices, their Services, and the endpoints of these."""
        return {API_SERVICES: own_key, SERVICES: self._in_front, ENDPOINT_SLICES: self._above}

    def _in_front(self, service: JsonObject) -> Iterator[Key]:
        yield from self._of(*own(service))

    def _above(self, found: JsonObject) -> Iterator[Key]:
        yield from self._of(found["metadata"]["namespace"], labels_of(found).get(SERVICE_LABEL, ""))

    def _of(self, namespace: str, name: str) -> Iterator[Key]:
        for obj in self.world.store.list(API_SERVICES):
            ref = dig(obj, "spec", "service") or {}
            if (ref.get("namespace"), ref.get("name")) == (namespace, name):
                yield own(obj)

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Look whether one of them answers."""
        obj = self.world.find(API_SERVICES, "", name)
        if obj is None or deleting(obj):
            return None
        found = available(self.world.store, obj)
        said = {
            "type": "Available",
            "status": "True" if found.status else "False",
            "reason": found.reason,
            "message": found.message,
        }
        status = obj.get("status") or {}
        conditions = with_condition(status.get("conditions") or (), said, self.world.now())
        self.world.set_status(API_SERVICES, obj, {**status, "conditions": conditions})
        return None
