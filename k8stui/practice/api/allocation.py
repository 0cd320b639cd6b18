"""Addresses and ports of Services: what is given out, what may be asked for, and what is given back."""

from __future__ import annotations

import ipaddress

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.api import encode
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Store

_SERVICES = builtin("services")
_NETWORK = ipaddress.ip_network("10.96.0.0/16")
_FIRST_PORT, _LAST_PORT = 30_000, 32_767
_ADDRESSED = ("ClusterIP", "NodePort", "LoadBalancer")
_OUTSIDE = ("NodePort", "LoadBalancer")

Cause = tuple[str, str, str]
"""Reason, field and message of what a server refuses."""


def carried(old: JsonObject, new: JsonObject) -> None:
    """Keep what a Service was given where a new version says nothing; drop what its new type does not use.

    Args:
        old: The Service as it is.
        new: Its new version, before its defaults are filled in; changed in place.
    """
    before, spec = old.get("spec") or {}, new.get("spec")
    if not isinstance(spec, dict):
        return
    was, now = before.get("type", "ClusterIP"), spec.get("type") or "ClusterIP"
    if was in _ADDRESSED and now in _ADDRESSED:
        for key in ("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if not spec.get(key) and before.get(key):
                spec[key] = before[key]
    address = spec.get("clusterIP")
    if address and address != before.get("clusterIP") and spec.get("clusterIPs") == before.get("clusterIPs"):
        spec["clusterIPs"] = [address]
    _carry_ports(before, spec, now)
    for key in _unused(was, now):
        if spec.get(key) == before.get(key):
            spec.pop(key, None)


def _carry_ports(before: JsonObject, spec: JsonObject, now: str) -> None:
    ports = {(p.get("port"), p.get("protocol", "TCP")): p.get("nodePort") for p in dicts(before, "ports")}
    for port in dicts(spec, "ports"):
        given = ports.get((port.get("port"), port.get("protocol", "TCP")))
        if now in _OUTSIDE:
            if given and not port.get("nodePort"):
                port["nodePort"] = given
        elif given and port.get("nodePort") == given:
            del port["nodePort"]


def _unused(was: str, now: str) -> list[str]:
    """The fields that a type had and another does not have."""
    found: list[str] = []
    if was in _OUTSIDE and now not in _OUTSIDE:
        found += ["externalTrafficPolicy", "healthCheckNodePort"]
    if was == "LoadBalancer" != now:
        found += ["allocateLoadBalancerNodePorts", "loadBalancerClass"]
    if was in _ADDRESSED and now not in _ADDRESSED:
        found += ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy"]
    return found


def causes(store: Store, new: JsonObject, old: JsonObject | None) -> list[Cause]:
    """Why a Service cannot have the address and ports that it names.

    Args:
        store: The cluster.
        new: The Service, with its defaults.
        old: Its version before, if it is there already.
    """
    if dig(new, "spec", "type") not in _ADDRESSED:
        return []
    others = [each for each in store.list(_SERVICES) if _name(each) != _name(new)]
    found = _address(new, old, others)
    taken = {p.get("nodePort") for each in others for p in dicts(each, "spec", "ports")}
    taken |= {dig(each, "spec", "healthCheckNodePort") for each in others}
    for index, port in enumerate(dicts(new, "spec", "ports")):
        number = port.get("nodePort")
        if not number or found:
            continue
        why = ""
        if not _FIRST_PORT <= number <= _LAST_PORT:
            valid = f"{_FIRST_PORT}-{_LAST_PORT}"
            why = f"provided port is not in the valid range. The range of valid ports is {valid}"
        elif number in taken:
            why = "provided port is already allocated"
        if why:
            field = f"spec.ports[{index}].nodePort"
            found.append(("FieldValueInvalid", field, f"Invalid value: {number}: {why}"))
    return found


def _address(new: JsonObject, old: JsonObject | None, others: list[JsonObject]) -> list[Cause]:
    address = dig(new, "spec", "clusterIP")
    shown = encode.encode(dig(new, "spec", "clusterIPs") or [address]).decode()
    before = dig(old, "spec", "clusterIP") if old else None
    if before and dig(old, "spec", "type") in _ADDRESSED:
        if before == address:
            return []
        why = f"Invalid value: {shown}: may not change once set"
        return [("FieldValueInvalid", "spec.clusterIPs[0]", why)]
    if not address or address == "None":
        return []
    try:
        inside = ipaddress.ip_address(address) in _NETWORK
    except ValueError:
        why = f"Invalid value: {shown}: must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"
        return [("FieldValueInvalid", "spec.clusterIPs[0]", why)]
    why = ""
    if not inside:
        why = "the provided network does not match the current range"
    elif any(address in (dig(each, "spec", "clusterIPs") or ()) for each in others):
        why = "provided IP is already allocated"
    if not why:
        return []
    said = f"Invalid value: {shown}: failed to allocate IP {address}: {why}"
    return [("FieldValueInvalid", "spec.clusterIPs", said)]


def _name(service: JsonObject) -> tuple[str, str]:
    metadata = service["metadata"]
    return metadata.get("namespace", ""), metadata.get("name", "")
