"""EndpointSlice and Endpoints: which Pods stand behind a Service."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.controllers.base import (
    ENDPOINT_SLICES,
    ENDPOINTS,
    PODS,
    SERVICES,
    ByLabels,
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


class EndpointSlices(Controller):
    """Keeps the addresses behind every Service that has a selector."""

    name = "endpoint-slice-controller"
    kind = SERVICES

    def sources(self) -> Mapping[ResourceKind, Keys]:
        """The Services, and the Pods that they select."""
        return {SERVICES: own_key, PODS: ByLabels(self._selecting)}

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
        if not wanted or dig(service, "spec", "type") == "ExternalName":
            return None
        pods = [
            pod
            for pod in self.world.store.list(PODS, namespace)
            if wanted.items() <= labels_of(pod).items() and dig(pod, "status", "podIP") and not ended(pod)
        ]
        self._slices(service, pods)
        self._endpoints(service, pods)
        return None

    def _slices(self, service: JsonObject, pods: list[JsonObject]) -> None:
        ports = [_port(port, pods) for port in dicts(service, "spec", "ports")] or [{}]
        endpoints = [_endpoint(pod) for pod in pods]
        chunks = [endpoints[i : i + _PER_SLICE] for i in range(0, len(endpoints), _PER_SLICE)] or [[]]
        found = self.world.owned(ENDPOINT_SLICES, service)
        metadata = service["metadata"]
        for index, chunk in enumerate(chunks):
            body: JsonObject = {"addressType": "IPv4", "endpoints": chunk, "ports": ports if chunk else []}
            if index < len(found):
                self.world.store.update(ENDPOINT_SLICES, {**found[index], **body})
                continue
            self.world.create(
                ENDPOINT_SLICES,
                {
                    "metadata": {
                        "name": f"{metadata['name']}-{self.world.suffix()}",
                        "generateName": f"{metadata['name']}-",
                        "namespace": metadata["namespace"],
                        "labels": {
                            **(metadata.get("labels") or {}),
                            "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                            "kubernetes.io/service-name": metadata["name"],
                            **_headless(service),
                        },
                        "ownerReferences": [reference(service)],
                    },
                    **body,
                },
            )
        for extra in found[len(chunks) :]:
            self.world.delete(ENDPOINT_SLICES, extra)

    def _endpoints(self, service: JsonObject, pods: list[JsonObject]) -> None:
        """The Endpoints object, which has no owner but the Service's name."""
        metadata = service["metadata"]
        namespace, name = metadata["namespace"], metadata["name"]
        up = [_address(pod) for pod in pods if ready(pod)]
        down = [_address(pod) for pod in pods if not ready(pod) and not deleting(pod)]
        subset: JsonObject = {}
        if up:
            subset["addresses"] = up
        if down:
            subset["notReadyAddresses"] = down
        if subset:
            subset["ports"] = [_named(_port(port, pods)) for port in dicts(service, "spec", "ports")]
        body = {"subsets": [subset]} if subset else {}
        old = self.world.find(ENDPOINTS, namespace, name)
        if old is not None:
            kept = {key: value for key, value in old.items() if key != "subsets"}
            self.world.store.update(ENDPOINTS, {**kept, **body})
            return
        managed = {"endpoints.kubernetes.io/managed-by": "endpoint-controller"}
        labels = {**(metadata.get("labels") or {}), **managed, **_headless(service)}
        self.world.create(
            ENDPOINTS, {"metadata": {"name": name, "namespace": namespace, "labels": labels}, **body}
        )


def _headless(service: JsonObject) -> JsonObject:
    return {"service.kubernetes.io/headless": ""} if dig(service, "spec", "clusterIP") == "None" else {}


def _target(port: JsonObject, pods: list[JsonObject]) -> Any:
    """The number behind a targetPort, which may be the name of a container's port."""
    target = port.get("targetPort", port.get("port"))
    if isinstance(target, int):
        return target
    for pod in pods:
        for item in (*dicts(pod, "spec", "containers"), *dicts(pod, "spec", "initContainers")):
            for declared in dicts(item, "ports"):
                if declared.get("name") == target:
                    return declared.get("containerPort")
    return port.get("port")


def _port(port: JsonObject, pods: list[JsonObject]) -> JsonObject:
    found = {
        "name": port.get("name", ""),
        "port": _target(port, pods),
        "protocol": port.get("protocol", "TCP"),
    }
    if port.get("appProtocol"):
        found["appProtocol"] = port["appProtocol"]
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


def _endpoint(pod: JsonObject) -> JsonObject:
    up = is_true(pod, "Ready")
    going = deleting(pod)
    found: JsonObject = {
        "addresses": [pod["status"]["podIP"]],
        "conditions": {"ready": up and not going, "serving": up, "terminating": going},
        "nodeName": pod["spec"].get("nodeName"),
        "targetRef": _pod_reference(pod),
    }
    if pod["spec"].get("subdomain"):
        found["hostname"] = pod["spec"].get("hostname")
    return found


def _address(pod: JsonObject) -> JsonObject:
    found: JsonObject = {"ip": pod["status"]["podIP"], "nodeName": pod["spec"].get("nodeName")}
    if pod["spec"].get("subdomain"):
        found["hostname"] = pod["spec"].get("hostname")
    return {**found, "targetRef": _pod_reference(pod)}
