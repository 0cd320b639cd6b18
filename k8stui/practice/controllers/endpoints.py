"""EndpointSlice and Endpoints: which Pods stand behind a Service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.controllers.base import (
    ENDPOINT_SLICES,
    ENDPOINTS,
    NODES,
    PODS,
    SERVICES,
    ByStanding,
    Controller,
    Key,
    Keys,
    deleting,
    ended,
    is_true,
    labels_of,
    own,
    own_key,
    ready,
    reference,
)

_PER_SLICE = 100
_MANAGER = "endpointslice-controller.k8s.io"
_MIRRORER = "endpointslicemirroring-controller.k8s.io"
_MANAGED = "endpoints.kubernetes.io/managed-by"
_MANAGED_SLICE = "endpointslice.kubernetes.io/managed-by"
_SKIP = "endpointslice.kubernetes.io/skip-mirror"
_TRIGGERED = "endpoints.kubernetes.io/last-change-trigger-time"
_ZONE = "topology.kubernetes.io/zone"


class EndpointSlices(Controller):
    """Keeps the addresses behind every Service that has a selector."""

    name = "endpoint-slice-controller"
    kind = SERVICES
    turn = 2
    thorough = True

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The Services, the Pods that they select, and Endpoints of their name."""
        return {SERVICES: own_key, PODS: ByStanding(self._selecting), ENDPOINTS: own_key}

    def _selecting(self, pod: JsonObject) -> Iterator[Key]:
        labels = labels_of(pod)
        for service in self.world.store.list(SERVICES, pod["metadata"]["namespace"]):
            wanted = dig(service, "spec", "selector")
            if wanted and wanted.items() <= labels.items():
                yield own(service)

    def reconcile(self, namespace: str, name: str) -> float | None:
        """Write the slices, and the older Endpoints object, of one Service."""
        service = self.world.find(SERVICES, namespace, name)
        if service is None or deleting(service):
            return None
        wanted = dig(service, "spec", "selector")
        if dig(service, "spec", "type") == "ExternalName":
            return None
        if not wanted:
            self._mirror(service)
            return None
        pods = [
            pod
            for pod in self.world.store.list(PODS, namespace)
            if wanted.items() <= labels_of(pod).items() and dig(pod, "status", "podIP") and not ended(pod)
        ]
        self._slices(service, service, self._bodies(service, pods), _MANAGER)
        self._endpoints(service, pods)
        return None

    def _bodies(self, service: JsonObject, pods: list[JsonObject]) -> list[JsonObject]:
        """What is to stand in the slices: Pods with the same port numbers together, so many in each."""
        groups: dict[str, tuple[list[JsonObject], list[JsonObject]]] = {}
        for pod in pods:
            ports = _ports(service, pod)
            groups.setdefault(repr(ports), (ports, []))[1].append(self._endpoint(service, pod))
        bodies: list[JsonObject] = [
            {"addressType": "IPv4", "endpoints": found[i : i + _PER_SLICE], "ports": ports}
            for ports, found in groups.values()
            for i in range(0, len(found), _PER_SLICE)
        ]
        return bodies or [{"addressType": "IPv4", "endpoints": [], "ports": None}]

    def _slices(self, service: JsonObject, owner: JsonObject, bodies: list[JsonObject], manager: str) -> None:
        """Write slices, of which those stay as they are that say what they have to."""
        metadata = service["metadata"]
        labels = {
            **(metadata.get("labels") or {}),
            _MANAGED_SLICE: manager,
            "kubernetes.io/service-name": metadata["name"],
            **_headless(service),
        }
        found = self.world.owned(ENDPOINT_SLICES, owner)
        for index, body in enumerate(bodies):
            if index >= len(found):
                self._new_slice(metadata, owner, labels, body)
                continue
            old = found[index]
            if labels_of(old) != labels or any(old.get(key) != value for key, value in body.items()):
                said = {**(old["metadata"].get("annotations") or {}), _TRIGGERED: self.world.now()}
                kept = {**old["metadata"], "labels": labels, "annotations": said}
                self.world.store.update(ENDPOINT_SLICES, {**old, "metadata": kept, **body})
        for extra in found[len(bodies) :]:
            self.world.delete(ENDPOINT_SLICES, extra)

    def _new_slice(
        self, metadata: JsonObject, owner: JsonObject, labels: JsonObject, body: JsonObject
    ) -> None:
        said = {
            "name": f"{metadata['name']}-{self.world.suffix()}",
            "generateName": f"{metadata['name']}-",
            "namespace": metadata["namespace"],
            "labels": labels,
            "annotations": {_TRIGGERED: self.world.now()},
            "ownerReferences": [reference(owner)],
        }
        self.world.create(ENDPOINT_SLICES, {"metadata": said, **body})

    def _mirror(self, service: JsonObject) -> None:
        """A Service without selector has the slices that somebody's Endpoints of its name say."""
        namespace, name = own(service)
        endpoints = self.world.find(ENDPOINTS, namespace, name)
        if endpoints is None or _MANAGED in labels_of(endpoints) or _SKIP in labels_of(endpoints):
            return
        bodies: list[JsonObject] = []
        for subset in dicts(endpoints, "subsets"):
            found = [_mirrored(item, up=True) for item in dicts(subset, "addresses")]
            found += [_mirrored(item, up=False) for item in dicts(subset, "notReadyAddresses")]
            ports = [{"name": "", "protocol": "TCP", **port} for port in dicts(subset, "ports")]
            bodies.append({"addressType": "IPv4", "endpoints": found, "ports": ports})
        self._slices(service, endpoints, bodies, _MIRRORER)

    def _endpoints(self, service: JsonObject, pods: list[JsonObject]) -> None:
        """The Endpoints object, which has no owner but the Service's name."""
        metadata = service["metadata"]
        namespace, name = metadata["namespace"], metadata["name"]
        eager = bool(dig(service, "spec", "publishNotReadyAddresses"))
        groups: dict[str, JsonObject] = {}
        for pod in pods:
            up = eager or ready(pod)
            if not up and deleting(pod):
                continue
            ports = [_named(port) for port in _ports(service, pod)]
            subset = groups.setdefault(
                repr(ports), {"addresses": [], "notReadyAddresses": [], "ports": ports}
            )
            subset["addresses" if up else "notReadyAddresses"].append(_address(service, pod))
        subsets = [{key: value for key, value in subset.items() if value} for subset in groups.values()]
        body = {"subsets": subsets} if subsets else {}
        managed = {_MANAGED: "endpoint-controller"}
        labels = {**(metadata.get("labels") or {}), **managed, **_headless(service)}
        old = self.world.find(ENDPOINTS, namespace, name)
        if old is None:
            said = {"name": name, "namespace": namespace, "labels": labels}
            said["annotations"] = {_TRIGGERED: self.world.now()}
            self.world.create(ENDPOINTS, {"metadata": said, **body})
        elif labels_of(old) != labels or (old.get("subsets") or []) != subsets:
            kept = {key: value for key, value in old.items() if key != "subsets"}
            annotations = {**(old["metadata"].get("annotations") or {}), _TRIGGERED: self.world.now()}
            kept["metadata"] = {**old["metadata"], "labels": labels, "annotations": annotations}
            self.world.store.update(ENDPOINTS, {**kept, **body})

    def _endpoint(self, service: JsonObject, pod: JsonObject) -> JsonObject:
        up, going = is_true(pod, "Ready"), deleting(pod)
        eager = bool(dig(service, "spec", "publishNotReadyAddresses"))
        found: JsonObject = {
            "addresses": [pod["status"]["podIP"]],
            "conditions": {"ready": eager or (up and not going), "serving": up, "terminating": going},
            "nodeName": pod["spec"].get("nodeName"),
            "targetRef": _pod_reference(pod),
        }
        zone = labels_of(self.world.find(NODES, "", pod["spec"]["nodeName"]) or {"metadata": {}}).get(_ZONE)
        if zone:
            found["zone"] = zone
        return {**found, **_hostname(service, pod)}


def _headless(service: JsonObject) -> JsonObject:
    return {"service.kubernetes.io/headless": ""} if dig(service, "spec", "clusterIP") == "None" else {}


def _target(port: JsonObject, pod: JsonObject) -> Any:
    """The number behind a targetPort, which may be the name of a container's port; None when it has none."""
    target = port.get("targetPort") or port.get("port")
    if isinstance(target, int):
        return target
    for item in (*dicts(pod, "spec", "containers"), *dicts(pod, "spec", "initContainers")):
        for declared in dicts(item, "ports"):
            same = declared.get("protocol", "TCP") == port.get("protocol", "TCP")
            if declared.get("name") == target and same:
                return declared.get("containerPort")
    return None


def _ports(service: JsonObject, pod: JsonObject) -> list[JsonObject]:
    """A Service's ports as one Pod has them; without those that it does not have."""
    found = []
    for port in dicts(service, "spec", "ports"):
        number = _target(port, pod)
        if number is None:
            continue
        each = {"name": port.get("name", ""), "port": number, "protocol": port.get("protocol", "TCP")}
        if port.get("appProtocol"):
            each["appProtocol"] = port["appProtocol"]
        found.append(each)
    return found


def _named(port: JsonObject) -> JsonObject:
    return {key: value for key, value in port.items() if key != "name" or value}


def _pod_reference(pod: JsonObject) -> JsonObject:
    metadata = pod["metadata"]
    return {
        "kind": "Pod",
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "uid": metadata["uid"],
    }


def _hostname(service: JsonObject, pod: JsonObject) -> JsonObject:
    """The name that a Pod has within the Service's domain, if it chose that domain."""
    spec = pod["spec"]
    chosen = spec.get("hostname") and spec.get("subdomain") == service["metadata"]["name"]
    return {"hostname": spec["hostname"]} if chosen else {}


def _address(service: JsonObject, pod: JsonObject) -> JsonObject:
    found: JsonObject = {"ip": pod["status"]["podIP"], "nodeName": pod["spec"].get("nodeName")}
    return {**found, **_hostname(service, pod), "targetRef": _pod_reference(pod)}


def _mirrored(address: JsonObject, *, up: bool) -> JsonObject:
    """An address of an Endpoints object as slices have it."""
    kept = {key: address[key] for key in ("hostname", "nodeName", "targetRef") if address.get(key)}
    return {"addresses": [address.get("ip", "")], "conditions": {"ready": up}, **kept}
