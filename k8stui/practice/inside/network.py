"""Who answers at an address and a port: a container, the API server, something outside, or nobody."""

from __future__ import annotations

import ipaddress
import random
from collections.abc import Iterator
from dataclasses import dataclass

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.inside import names, runs
from k8stui.practice.inside.families import Families, Family
from k8stui.practice.inside.names import PODS, SERVICES
from k8stui.practice.inside.runs import Run
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Store

NODES = builtin("nodes")


@dataclass(frozen=True, slots=True)
class Listener:
    """Somebody who answers."""

    port: int
    run: Run | None = None
    """The container; None for somebody who is in none."""
    family: Family | None = None
    talks: str = ""
    """How it answers: as its family does, or ``apiserver`` or ``outside``."""


class Unreachable(Exception):
    """Nobody answers."""


class Refused(Unreachable):
    """The connection is refused at once."""


class Lost(Unreachable):
    """Packets get no answer at all."""


class Network:
    """The network of the cluster.

    Args:
        store: The cluster.
        families: What its images have in them.
    """

    def __init__(self, store: Store, families: Families) -> None:
        self._store = store
        self._families = families

    def listeners(self, pod: JsonObject) -> Iterator[Listener]:
        """Every open port of a Pod."""
        for spec in runs.specs(pod):
            run = runs.running(pod, str(spec.get("name", "")))
            if run is None:
                continue
            family = self._families.of(run.image)
            given = [
                int(each.get("containerPort") or 0)
                for each in dicts(spec, "ports")
                if (each.get("protocol") or "TCP") == "TCP"
            ]
            usual = [family.port] if family.port and not spec.get("command") else []
            for port in given or usual:
                yield Listener(port, run, family, family.talks)

    def local(self, pod: JsonObject, port: int) -> Listener:
        """Who answers at a port of a Pod.

        Raises:
            Refused: nobody does.
        """
        for each in self.listeners(pod):
            if each.port == port:
                return each
        raise Refused

    def reach(self, pod: JsonObject, address: str, port: int, source: random.Random) -> Listener:
        """Who answers at an address, asked from a Pod.

        Args:
            pod: Who asks.
            address: An IP address.
            port: A TCP port.
            source: Chooses between the endpoints of a Service.

        Raises:
            Refused: nobody listens there.
            Lost: there is nothing at the address.
        """
        if ipaddress.ip_address(address).is_loopback:
            if not dig(pod, "spec", "hostNetwork"):
                return self.local(pod, port)
            return self._on_node(str(dig(pod, "status", "hostIP")), port, source)
        for service in self._store.list(SERVICES):
            if address in _addresses(service):
                return self._through(pod, service, port, source)
        for other in self._store.list(PODS):
            if dig(other, "status", "podIP") == address and not dig(other, "spec", "hostNetwork"):
                return self.local(other, port)
        if any(address in _node_addresses(node) for node in self._store.list(NODES)):
            return self._on_node(address, port, source)
        if ipaddress.ip_address(address) in ipaddress.ip_network("203.0.113.0/24"):
            return Listener(port, talks="outside")
        raise Lost

    def service(self, service: JsonObject, port: str, source: random.Random) -> Listener:
        """Who answers for a Service at one of its ports, by number or name; the only one if empty.

        Raises:
            Refused: no Pod behind it is ready.
            Lost: it has no such port, or leads outside.
        """
        ports = list(dicts(service, "spec", "ports"))
        chosen = [each for each in ports if port in (str(each.get("port")), each.get("name"))]
        if not port and len(ports) == 1:
            chosen = ports
        if not chosen:
            raise Lost
        return self._behind(service, chosen[0], source)

    def _through(self, pod: JsonObject, service: JsonObject, port: int, source: random.Random) -> Listener:
        metadata = service["metadata"]
        if (metadata["namespace"], metadata["name"]) == ("default", "kubernetes"):
            if port == 443:
                return Listener(port, talks="apiserver")
            raise Lost
        return self.service(service, str(port), source)

    def _behind(self, service: JsonObject, port: JsonObject, source: random.Random) -> Listener:
        metadata = service["metadata"]
        found = names.endpoints(self._store, metadata["namespace"], metadata["name"])
        if not found:
            raise Refused
        chosen = found[source.randrange(len(found))]
        pod = self._store.find(PODS, metadata["namespace"], chosen.pod) if chosen.pod else None
        if pod is None:
            return Listener(int(port.get("port") or 0), talks="outside")
        return self.local(pod, target_port(pod, port))

    def _on_node(self, address: str, port: int, source: random.Random) -> Listener:
        for pod in self._store.list(PODS):
            if dig(pod, "spec", "hostNetwork") and dig(pod, "status", "hostIP") == address:
                for each in self.listeners(pod):
                    if each.port == port:
                        return each
        for service in self._store.list(SERVICES):
            for opened in dicts(service, "spec", "ports"):
                if opened.get("nodePort") == port:
                    return self._behind(service, opened, source)
        raise Refused


def target_port(pod: JsonObject, port: JsonObject) -> int:
    """The port of a Pod that a port of a Service leads to; 0 for a name that the Pod does not have."""
    target = port.get("targetPort", port.get("port"))
    if isinstance(target, int):
        return target
    if str(target).isdigit():
        return int(str(target))
    for spec in runs.specs(pod):
        for each in dicts(spec, "ports"):
            if each.get("name") == target:
                return int(each.get("containerPort") or 0)
    return 0


def _addresses(service: JsonObject) -> Iterator[str]:
    spec = service.get("spec") or {}
    yield from (str(each) for each in (spec.get("clusterIP"), *(spec.get("externalIPs") or ())) if each)
    for each in dicts(service, "status", "loadBalancer", "ingress"):
        yield str(each.get("ip", ""))


def _node_addresses(node: JsonObject) -> Iterator[str]:
    return (str(each.get("address")) for each in dicts(node, "status", "addresses"))
