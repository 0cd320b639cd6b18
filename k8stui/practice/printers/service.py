"""Rows of the kinds that expose Pods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.printers.base import (
    AGE,
    NAME,
    NONE,
    SELECTOR,
    UNSET,
    Printer,
    age,
    column,
    few,
    labels,
    name_of,
)


def _entry_points(obj: JsonObject) -> str:
    """Addresses that a load balancer reported, each once, sorted."""
    found = {
        item.get("ip") or item.get("hostname") for item in dicts(obj, "status", "loadBalancer", "ingress")
    }
    return ",".join(sorted(str(address) for address in found if address))


def _external(obj: JsonObject) -> str:
    spec = obj.get("spec") or {}
    own = [str(address) for address in spec.get("externalIPs") or ()]
    match spec.get("type"):
        case "ExternalName":
            return str(spec.get("externalName", ""))
        case "LoadBalancer":
            given = _entry_points(obj)
            return ",".join([given, *own] if given else own) or "<pending>"
        case "ClusterIP" | "NodePort":
            return ",".join(own) or NONE
        case _:
            return "<unknown>"


def _ports(obj: JsonObject) -> Iterator[str]:
    for port in dicts(obj, "spec", "ports"):
        node = f":{port['nodePort']}" if port.get("nodePort") else ""
        yield f"{port.get('port')}{node}/{port.get('protocol', 'TCP')}"


def _service(obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    addresses = spec.get("clusterIPs")
    return [
        name_of(obj),
        spec.get("type", ""),
        addresses[0] if addresses else NONE,
        _external(obj),
        ",".join(_ports(obj)) or NONE,
        age(obj, now),
        labels(spec.get("selector")),
    ]


def _hosts(obj: JsonObject) -> str:
    """Hosts of the first rules; three at most, then how many rules are left."""
    rules = list(dicts(obj, "spec", "rules"))
    hosts: list[str] = []
    for rule in rules:
        if len(hosts) == 3:
            return f"{','.join(hosts)} + {len(rules) - 3} more..."
        if rule.get("host"):
            hosts.append(rule["host"])
    return ",".join(hosts) or "*"


def _ingress(obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    return [
        name_of(obj),
        spec.get("ingressClassName") or NONE,
        _hosts(obj),
        _entry_points(obj),
        "80, 443" if spec.get("tls") else "80",
        age(obj, now),
    ]


def _ingress_class(obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    name = name_of(obj)
    if dig(obj, "metadata", "annotations", "ingressclass.kubernetes.io/is-default-class") == "true":
        name += " (default)"
    parameters = NONE
    if given := spec.get("parameters"):
        group = f".{given['apiGroup']}" if given.get("apiGroup") else ""
        parameters = f"{given.get('kind', '')}{group}/{given.get('name', '')}"
    return [name, spec.get("controller", ""), parameters, age(obj, now)]


def _address(ip: str, port: int) -> str:
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"


def _endpoint_addresses(obj: JsonObject) -> Iterator[str]:
    for subset in dicts(obj, "subsets"):
        addresses = [str(item.get("ip", "")) for item in dicts(subset, "addresses")]
        ports = list(dicts(subset, "ports"))
        if not ports:
            yield from addresses
        for port in ports:
            yield from (_address(ip, port.get("port", 0)) for ip in addresses)


def _endpoints(obj: JsonObject, now: float) -> list[Any]:
    empty = "" if obj.get("subsets") else NONE
    return [name_of(obj), few(_endpoint_addresses(obj), 3, empty), age(obj, now)]


def _slice_ports(obj: JsonObject) -> Iterator[str]:
    for port in dicts(obj, "ports"):
        if port.get("port") is not None:
            yield str(port["port"])
        else:
            yield str(port["name"]) if port.get("name") is not None else "*"


def _endpoint_slice(obj: JsonObject, now: float) -> list[Any]:
    addresses = (str(a) for endpoint in dicts(obj, "endpoints") for a in endpoint.get("addresses") or ())
    return [
        name_of(obj),
        obj.get("addressType", ""),
        few(_slice_ports(obj), 3, UNSET),
        few(addresses, 3, UNSET),
        age(obj, now),
    ]


PRINTERS: tuple[tuple[str, str, Printer], ...] = (
    (
        "",
        "services",
        Printer(
            (
                NAME,
                column("Type", "How the Service is exposed."),
                column("Cluster-IP", "Virtual address inside the cluster."),
                column("External-IP", "Addresses or names under which it is reached from outside."),
                column("Port(s)", "Ports, with the port on every node where there is one."),
                AGE,
                SELECTOR,
            ),
            _service,
        ),
    ),
    (
        "networking.k8s.io",
        "ingresses",
        Printer(
            (
                NAME,
                column("Class", "IngressClass whose controller serves it."),
                column("Hosts", "Host names of its rules."),
                column("Address", "Where its load balancer is reached."),
                column("Ports", "Ports that are open; 443 when it has TLS."),
                AGE,
            ),
            _ingress,
        ),
    ),
    (
        "networking.k8s.io",
        "ingressclasses",
        Printer(
            (
                NAME,
                column("Controller", "Controller that serves Ingresses of the class."),
                column("Parameters", "Object with further settings."),
                AGE,
            ),
            _ingress_class,
        ),
    ),
    (
        "",
        "endpoints",
        Printer((NAME, column("Endpoints", "Addresses and ports behind the Service."), AGE), _endpoints),
    ),
    (
        "discovery.k8s.io",
        "endpointslices",
        Printer(
            (
                NAME,
                column("AddressType", "Kind of the addresses: IPv4, IPv6 or FQDN."),
                column("Ports", "Ports that the addresses listen on."),
                column("Endpoints", "Addresses in this slice."),
                AGE,
            ),
            _endpoint_slice,
        ),
    ),
)
