"""Whether what stands behind an APIService answers."""

from __future__ import annotations

import msgspec

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.kinds import builtin
from k8stui.practice.registry import API_SERVICES
from k8stui.practice.store import Store

__all__ = ["API_SERVICES", "SERVICE_LABEL", "Availability", "available"]

_SERVICES = builtin("services")
_SLICES = builtin("endpointslices", "discovery.k8s.io")
SERVICE_LABEL = "kubernetes.io/service-name"


class Availability(msgspec.Struct, frozen=True):
    """What the Available condition of an APIService says."""

    status: bool
    reason: str
    message: str


def available(store: Store, api_service: JsonObject) -> Availability:
    """How an APIService fares: its Service must exist, and have a ready endpoint."""
    ref = dig(api_service, "spec", "service")
    if not ref:
        return Availability(True, "Local", "Local APIServices are always available")
    namespace, name = str(ref.get("namespace", "")), str(ref.get("name", ""))
    shown = f'service/{name} in "{namespace}"'
    service = store.find(_SERVICES, namespace, name)
    if service is None:
        return Availability(False, "ServiceNotFound", f"{shown} is not present")
    wanted = ref.get("port", 443)
    ports = [port for port in dicts(service, "spec", "ports") if port.get("port") == wanted]
    if not ports:
        return Availability(False, "ServicePortError", f"{shown} is not listening on port {wanted}")
    slices = [
        found
        for found in store.list(_SLICES, namespace)
        if (found["metadata"].get("labels") or {}).get(SERVICE_LABEL) == name
    ]
    if any(dig(each, "conditions", "ready") for found in slices for each in dicts(found, "endpoints")):
        return Availability(True, "Passed", "all checks passed")
    port = str(ports[0].get("name") or "")
    message = f'endpoints for {shown} have no addresses with port name "{port}"'
    return Availability(False, "MissingEndpoints", message)
