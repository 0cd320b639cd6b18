"""What a cluster has besides what people put there: images, addresses, attachments, aggregated APIs."""

from __future__ import annotations

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.controllers.base import CLAIMS, NODES, PODS, SERVICES, VOLUMES
from k8stui.practice.controllers.nodes import Heartbeats
from k8stui.practice.controllers.programs import digest
from k8stui.practice.controllers.pulls import full_name, image_id
from k8stui.practice.controllers.world import World
from k8stui.practice.kinds import BUILTIN_KINDS, builtin

_ADDRESSES = builtin("ipaddresses", "networking.k8s.io")
_ATTACHMENTS = builtin("volumeattachments", "storage.k8s.io")
_API_SERVICES = builtin("apiservices", "apiregistration.k8s.io")
_DEFINITIONS = builtin("customresourcedefinitions", "apiextensions.k8s.io")
_PAUSE = "registry.k8s.io/pause:3.10.1"


def furnish(world: World) -> None:
    """Write everything that follows from what is there."""
    with world.store.written_by("kube-apiserver"):
        _addresses(world)
        _api_services(world)
    with world.store.written_by("kube-controller-manager"):
        _attachments(world)
    with world.store.written_by("kubelet"):
        _images(world)
        beats = Heartbeats(world)
        for node in world.store.list(NODES):
            beats.reconcile("", node["metadata"]["name"])


def _images(world: World) -> None:
    """Every node has the images of its Pods, the largest first."""
    found: dict[str, set[str]] = {}
    for pod in world.store.list(PODS):
        images = found.setdefault(pod["spec"].get("nodeName", ""), {_PAUSE})
        for field in ("initContainers", "containers"):
            started = {s["name"] for s in dicts(pod, "status", f"{field[:-1]}Statuses") if s.get("imageID")}
            images.update(item["image"] for item in dicts(pod, "spec", field) if item["name"] in started)
    for node in world.store.list(NODES):
        listed: list[JsonObject] = [
            {"names": [image_id(image), full_name(image)], "sizeBytes": world.programs.of(image).size}
            for image in found.get(node["metadata"]["name"], {_PAUSE})
        ]
        listed.sort(key=lambda image: (-image["sizeBytes"], str(image["names"])))
        world.set_status(NODES, node, {**node["status"], "images": listed[:50]})


def _addresses(world: World) -> None:
    """An IPAddress for every address of a Service."""
    for service in world.store.list(SERVICES):
        for address in dig(service, "spec", "clusterIPs") or ():
            if address == "None":
                continue
            metadata = service["metadata"]
            labels = {
                "ipaddress.kubernetes.io/ip-family": "IPv4",
                "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
            }
            parent = {
                "resource": "services",
                "namespace": metadata["namespace"],
                "name": metadata["name"],
            }
            born = metadata["creationTimestamp"]
            world.create(
                _ADDRESSES,
                {
                    "metadata": {"name": address, "labels": labels, "creationTimestamp": born},
                    "spec": {"parentRef": parent},
                },
            )


def _attachments(world: World) -> None:
    """A VolumeAttachment for every disk that a Pod uses."""
    for pod in world.store.list(PODS):
        node = pod["spec"].get("nodeName")
        for volume in dicts(pod, "spec", "volumes"):
            name = dig(volume, "persistentVolumeClaim", "claimName")
            claim = world.find(CLAIMS, pod["metadata"]["namespace"], name) if name else None
            found = world.find(VOLUMES, "", dig(claim, "spec", "volumeName") or "")
            driver = dig(found, "spec", "csi", "driver")
            if not node or found is None or driver != "csi.disks.example":
                continue
            mark = digest(f"{found['metadata']['name']}{driver}{node}").removeprefix("sha256:")
            spec = {
                "attacher": driver,
                "nodeName": node,
                "source": {"persistentVolumeName": found["metadata"]["name"]},
            }
            metadata = {"name": f"csi-{mark}", "creationTimestamp": pod["metadata"]["creationTimestamp"]}
            if world.find(_ATTACHMENTS, "", metadata["name"]) is None:
                world.create(_ATTACHMENTS, {"metadata": metadata, "spec": spec, "status": {"attached": True}})


def _api_services(world: World) -> None:
    """An APIService for every group and version; all of them are served by the API server itself."""
    oldest = min(node["metadata"]["creationTimestamp"] for node in world.store.list(NODES))
    served: dict[tuple[str, str], tuple[str, JsonObject | None]] = {
        (kind.group, kind.version): (oldest, None) for kind in BUILTIN_KINDS
    }
    for definition in world.store.list(_DEFINITIONS):
        for found in dicts(definition, "spec", "versions"):
            key = (definition["spec"]["group"], found["name"])
            served.setdefault(key, (definition["metadata"]["creationTimestamp"], definition))
    for (group, version), (since, source) in served.items():
        managed = {"kube-aggregator.kubernetes.io/automanaged": "true" if source else "onstart"}
        available = {
            "type": "Available",
            "status": "True",
            "lastTransitionTime": since,
            "reason": "Local",
            "message": "Local APIServices are always available",
        }
        spec: JsonObject = {"version": version, "groupPriorityMinimum": 18000, "versionPriority": 15}
        if source is not None:
            spec.update(groupPriorityMinimum=1000, versionPriority=100)
        spec["group"] = group
        metadata = {"name": f"{version}.{group}", "labels": managed, "creationTimestamp": since}
        world.create(
            _API_SERVICES, {"metadata": metadata, "spec": spec, "status": {"conditions": [available]}}
        )
