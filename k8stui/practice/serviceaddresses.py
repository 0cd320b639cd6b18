"""The IPAddress of every address that a Service has, made and removed with it."""

from __future__ import annotations

from k8stui.core.objects import JsonObject, dig
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Event, Store

_SERVICES = builtin("services")
_ADDRESSES = builtin("ipaddresses", "networking.k8s.io")


def follow_services(store: Store) -> None:
    """Keep the IPAddresses of a store in line with its Services from now on, with every write at once."""
    for service in store.list(_SERVICES):
        _keep(store, service)

    def changed(event: Event) -> None:
        now = set() if event.type == "DELETED" else _addresses(event.entry.object)
        before = set() if event.previous is None else _addresses(event.previous.object)
        for address in before - now:
            if store.find(_ADDRESSES, "", address) is not None:
                store.delete(_ADDRESSES, "", address)
        if now - before:
            _keep(store, event.entry.object)

    store.subscribe(_SERVICES, changed)


def _keep(store: Store, service: JsonObject) -> None:
    metadata = service["metadata"]
    for address in sorted(_addresses(service)):
        if store.find(_ADDRESSES, "", address) is not None:
            continue
        labels = {
            "ipaddress.kubernetes.io/ip-family": "IPv6" if ":" in address else "IPv4",
            "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
        }
        parent = {"resource": "services", "namespace": metadata["namespace"], "name": metadata["name"]}
        store.create(
            _ADDRESSES, {"metadata": {"name": address, "labels": labels}, "spec": {"parentRef": parent}}
        )


def _addresses(service: JsonObject) -> set[str]:
    return {address for address in dig(service, "spec", "clusterIPs") or () if address and address != "None"}
