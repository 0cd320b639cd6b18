"""What the world outside does for the cluster: load balancers get addresses, Ingresses get theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_time
from k8stui.practice.controllers.base import (
    INGRESSES,
    SERVICES,
    Controller,
    Key,
    Keys,
    deleting,
    own,
    own_key,
)
from k8stui.practice.kinds import builtin

_CLASSES = builtin("ingressclasses", "networking.k8s.io")
_POOL = "203.0.113"
_DELAY = 2.0


class LoadBalancers(Controller):
    """Gives every Service of type LoadBalancer an address out of a documentation range (RFC 5737).

    One that names a loadBalancerClass is left to the controller of that class, of which there is none.
    """

    name = "service-controller"
    manager = "cloud-controller-manager"
    kind = SERVICES

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Give one Service its address, a little after it was made."""
        service = self.world.find(SERVICES, namespace, name)
        if service is None or deleting(service) or dig(service, "spec", "type") != "LoadBalancer":
            return None
        if dig(service, "spec", "loadBalancerClass") or dig(service, "status", "loadBalancer", "ingress"):
            return None
        born = parse_time(service["metadata"]["creationTimestamp"]) or 0.0
        wait = born + _DELAY - self.world.clock()
        if wait > 0:
            self.world.say(service, "EnsuringLoadBalancer", "Ensuring load balancer", by=self.name)
            return wait
        taken = {
            entry.get("ip")
            for other in self.world.store.list(SERVICES)
            for entry in dicts(other, "status", "loadBalancer", "ingress")
        }
        wanted = dig(service, "spec", "loadBalancerIP")
        free = (f"{_POOL}.{number}" for number in range(10, 255))
        address = wanted or next((found for found in free if found not in taken), f"{_POOL}.254")
        status = {"loadBalancer": {"ingress": [{"ip": address, "ipMode": "VIP"}]}}
        service = self.world.set_status(SERVICES, service, status)
        self.world.say(service, "EnsuredLoadBalancer", "Ensured load balancer", by=self.name)
        return None


class IngressAddresses(Controller):
    """Gives Ingresses the address of the load balancer in front of their class's controller."""

    name = "nginx-ingress-controller"
    manager = "nginx-ingress-controller"
    kind = INGRESSES

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The Ingresses, and load balancers that get an address."""
        return {INGRESSES: own_key, SERVICES: self._behind}

    def _behind(self, service: JsonObject) -> Iterator[Key]:
        if dig(service, "spec", "type") == "LoadBalancer":
            yield from (own(obj) for obj in self.world.store.list(INGRESSES))

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Write the address of one Ingress."""
        obj = self.world.find(INGRESSES, namespace, name)
        if obj is None or deleting(obj):
            return None
        found = self.world.find(_CLASSES, "", dig(obj, "spec", "ingressClassName") or "")
        if found is None or dig(found, "spec", "controller") != "k8s.io/ingress-nginx":
            return None
        for service in self.world.store.list(SERVICES, "ingress-nginx"):
            entries = dig(service, "status", "loadBalancer", "ingress")
            if entries:
                addresses = [{"ip": entry.get("ip", "")} for entry in entries]
                if dig(obj, "status", "loadBalancer", "ingress") != addresses:
                    obj = self.world.set_status(INGRESSES, obj, {"loadBalancer": {"ingress": addresses}})
                    self.world.say(obj, "Sync", "Scheduled for sync", by=self.name)
        return None
