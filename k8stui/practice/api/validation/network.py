"""Services, Ingresses and NetworkPolicies."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.api.validation.containers import PROTOCOLS
from k8stui.practice.api.validation.said import (
    Cause,
    address,
    block,
    duplicate,
    forbidden,
    invalid,
    label,
    labels,
    one_of,
    port,
    port_or_name,
    required,
    selector,
    subdomain,
)

_TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_OUTSIDE = ("NodePort", "LoadBalancer")
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")


def check_service(obj: JsonObject) -> Iterator[Cause]:
    """Service."""
    spec = obj.get("spec") or {}
    kind = spec.get("type")
    headless = spec.get("clusterIP") == "None"
    if not spec.get("ports") and not headless and kind != "ExternalName":
        yield required("spec.ports")
    if kind == "ExternalName":
        if spec.get("clusterIP") or spec.get("clusterIPs"):
            yield forbidden("spec.clusterIPs", "may not be set for ExternalName services")
        if spec.get("externalName"):
            yield from subdomain("spec.externalName", str(spec["externalName"]))
        else:
            yield required("spec.externalName")
    elif headless and kind in _OUTSIDE:
        yield invalid("spec.clusterIPs[0]", "None", f"may not be set to 'None' for {kind} services")
    yield from _ports(spec, outside=kind in _OUTSIDE)
    yield from labels("spec.selector", spec.get("selector"))
    if not spec.get("sessionAffinity"):
        yield required("spec.sessionAffinity")
    yield from one_of("spec.sessionAffinity", spec.get("sessionAffinity"), ("ClientIP", "None"))
    if kind != "ExternalName" and spec.get("clusterIP") and not headless:
        yield from address("spec.clusterIPs[0]", str(spec["clusterIP"]))
    yield from _external(spec)
    yield from one_of("spec.type", kind, _TYPES)
    for number, source in enumerate(spec.get("loadBalancerSourceRanges") or ()):
        yield from block(f"spec.LoadBalancerSourceRanges[{number}]", str(source))
    policy = spec.get("externalTrafficPolicy")
    if policy and kind not in _OUTSIDE and not spec.get("externalIPs"):
        why = "may only be set for externally-accessible services"
        yield invalid("spec.externalTrafficPolicy", policy, why)
    elif policy:
        yield from one_of("spec.externalTrafficPolicy", policy, ("Cluster", "Local"))
    yield from one_of("spec.internalTrafficPolicy", spec.get("internalTrafficPolicy"), ("Cluster", "Local"))


def _external(spec: JsonObject) -> Iterator[Cause]:
    for number, each in enumerate(spec.get("externalIPs") or ()):
        at, mistakes = f"spec.externalIPs[{number}]", list(address("", str(each)))
        yield from address(at, str(each))
        if mistakes:
            continue
        found = ipaddress.ip_address(str(each))
        if found.is_unspecified:
            yield invalid(at, each, f"may not be unspecified ({each})")
        elif found.is_loopback:
            yield invalid(at, each, "may not be in the loopback range (127.0.0.0/8, ::1/128)")


def _ports(spec: JsonObject, *, outside: bool) -> Iterator[Cause]:
    ports = list(dicts(spec, "ports"))
    names: set[str] = set()
    pairs: set[tuple[Any, Any]] = set()
    for number, each in enumerate(ports):
        at, name = f"spec.ports[{number}]", each.get("name")
        if not name and len(ports) > 1:
            yield required(f"{at}.name")
        elif name:
            yield from label(f"{at}.name", str(name))
            if name in names:
                yield duplicate(f"{at}.name", name)
            names.add(name)
        yield from port(f"{at}.port", each.get("port"))
        yield from one_of(f"{at}.protocol", each.get("protocol"), PROTOCOLS)
        if each.get("targetPort") is not None and spec.get("type") != "ExternalName":
            yield from port_or_name(f"{at}.targetPort", each["targetPort"])
        if each.get("nodePort") and not outside:
            yield forbidden(f"{at}.nodePort", f"may not be used when `type` is '{spec.get('type')}'")
    for number, each in enumerate(ports):
        key = each.get("protocol"), each.get("port")
        if key in pairs:
            shown = {"Name": "", "Protocol": key[0], "AppProtocol": None, "Port": key[1]}
            yield duplicate(f"spec.ports[{number}]", {**shown, "TargetPort": 0, "NodePort": 0})
        pairs.add(key)


def check_ingress(obj: JsonObject) -> Iterator[Cause]:
    """Ingress."""
    spec = obj.get("spec") or {}
    backend, rules = spec.get("defaultBackend"), list(dicts(spec, "rules"))
    if not rules and backend is None:
        why = "either `defaultBackend` or `rules` must be specified"
        yield invalid("spec", None, why)
    if backend is not None:
        yield from _backend(backend, "spec.defaultBackend")
    for number, rule in enumerate(rules):
        yield from _rule(rule, f"spec.rules[{number}]")


def _rule(rule: JsonObject, at: str) -> Iterator[Cause]:
    host = str(rule.get("host") or "")
    if host:
        if not list(address("", host)):
            yield invalid(f"{at}.host", host, "must be a DNS name, not an IP address")
        elif host.startswith("*."):
            yield from subdomain(f"{at}.host", host[2:])
        else:
            yield from subdomain(f"{at}.host", host)
    if not isinstance(rule.get("http"), dict):
        return
    if not rule["http"].get("paths"):
        yield required(f"{at}.http.paths")
    for number, path in enumerate(dicts(rule, "http", "paths")):
        where, kind, text = f"{at}.http.paths[{number}]", path.get("pathType"), str(path.get("path") or "")
        if kind is None:
            yield required(f"{where}.pathType", "pathType must be specified")
        else:
            yield from one_of(f"{where}.pathType", kind, _PATH_TYPES)
        needs = kind in ("Exact", "Prefix") or (kind == "ImplementationSpecific" and text)
        if needs and not text.startswith("/"):
            yield invalid(f"{where}.path", text, "must be an absolute path")
        yield from _backend(path.get("backend"), f"{where}.backend")


def _backend(backend: Any, at: str) -> Iterator[Cause]:
    service, resource = dig(backend, "service"), dig(backend, "resource")
    if resource is not None and service is not None:
        yield invalid(at, "", "cannot set both resource and service backends")
    elif service is None and resource is None:
        yield invalid(at, "", "resource or service backend is required")
    if not isinstance(service, dict):
        return
    name = str(service.get("name") or "")
    if name:
        yield from label(f"{at}.service.name", name)
    else:
        yield required(f"{at}.service.name")
    number, named = dig(service, "port", "number"), dig(service, "port", "name")
    if number and named:
        yield invalid(at, "", "cannot set both port name & port number")
    elif named:
        yield from port_or_name(f"{at}.service.port.name", str(named))
    elif number:
        yield from port(f"{at}.service.port.number", number)
    else:
        yield required(at, "port name or number is required")


def check_network_policy(obj: JsonObject) -> Iterator[Cause]:
    """NetworkPolicy."""
    spec = obj.get("spec") or {}
    yield from selector("spec.podSelector", spec.get("podSelector"))
    for direction, side in (("ingress", "from"), ("egress", "to")):
        for number, rule in enumerate(dicts(spec, direction)):
            at = f"spec.{direction}[{number}]"
            for index, each in enumerate(dicts(rule, "ports")):
                yield from _policy_port(each, f"{at}.ports[{index}]")
            for index, peer in enumerate(dicts(rule, side)):
                yield from _peer(peer, f"{at}.{side}[{index}]")
    for number, kind in enumerate(spec.get("policyTypes") or ()):
        yield from one_of(f"spec.policyTypes[{number}]", kind, ("Ingress", "Egress"))


def _policy_port(each: JsonObject, at: str) -> Iterator[Cause]:
    yield from one_of(f"{at}.protocol", each.get("protocol"), ("TCP", "UDP", "SCTP"))
    first, last = each.get("port"), each.get("endPort")
    if first is not None:
        yield from port_or_name(f"{at}.port", first)
    if last is None:
        return
    if first is None:
        yield required(f"{at}.port", "must be specified when `endPort` is specified")
    elif isinstance(first, str):
        yield invalid(f"{at}.endPort", last, "must not be specified when `port` is non-numeric")
    elif last < first:
        yield invalid(f"{at}.endPort", last, "must be greater than or equal to `port`")


def _peer(peer: JsonObject, at: str) -> Iterator[Cause]:
    if not peer:
        yield required(at, "must specify a peer")
    for name in ("podSelector", "namespaceSelector"):
        yield from selector(f"{at}.{name}", peer.get(name))
    ranges = peer.get("ipBlock")
    if not isinstance(ranges, dict):
        return
    if len(peer) > 1:
        yield forbidden(at, "may not specify both ipBlock and another peer")
    text = str(ranges.get("cidr") or "")
    if not text:
        yield required(f"{at}.ipBlock.cidr")
        return
    mistakes = list(block(f"{at}.ipBlock.cidr", text))
    yield from mistakes
    for number, each in enumerate(ranges.get("except") or ()):
        where = f"{at}.ipBlock.except[{number}]"
        wrong = list(block(where, str(each)))
        yield from wrong
        if not wrong and not mistakes and not _inside(str(each), text):
            yield invalid(where, each, "must be a strict subset of `cidr`")


def _inside(small: str, large: str) -> bool:
    inner, outer = ipaddress.ip_network(small, strict=False), ipaddress.ip_network(large, strict=False)
    return (
        inner.version == outer.version
        and inner.prefixlen > outer.prefixlen
        and inner.network_address in outer
    )
