"""What an object names in its own fields: node, account, settings, claims, classes, roles, backends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.paths import Path

_RBAC = "rbac.authorization.k8s.io"
_NETWORKING = "networking.k8s.io"
_STORAGE = "storage.k8s.io"
_TEMPLATES: dict[str, Path] = {
    "Pod": (),
    **dict.fromkeys(
        ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "ReplicationController"),
        ("spec", "template"),
    ),
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
}
"""Where the Pod of a kind stands."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One name of another object."""

    path: Path
    """Where it stands."""
    kind: str
    group: str
    namespace: str
    """Empty for a kind without."""
    name: str


def mentions(obj: JsonObject) -> Iterator[Mention]:
    """The other objects that an object names; owners are not among them."""
    kind = str(obj.get("kind"))
    space = str(dig(obj, "metadata", "namespace") or "")
    if kind in _TEMPLATES:
        base = _TEMPLATES[kind]
        yield from _of_pod(dig(obj, *base, "spec"), (*base, "spec"), space)
    for path, target, group in _FIELDS.get(kind, ()):
        name = dig(obj, *path)
        if isinstance(name, str):
            yield Mention(path, target, group, space, name)
    match kind:
        case "Ingress":
            yield from _of_ingress(obj, space)
        case "RoleBinding" | "ClusterRoleBinding":
            yield from _of_binding(obj, space)
        case "ServiceAccount":
            yield from _listed(obj, ("secrets",), "name", "Secret", space)
            yield from _listed(obj, ("imagePullSecrets",), "name", "Secret", space)
        case "PersistentVolume":
            claim = dig(obj, "spec", "claimRef")
            if isinstance(claim, dict):
                place: Path = ("spec", "claimRef", "name")
                where = str(claim.get("namespace", ""))
                yield Mention(place, "PersistentVolumeClaim", "", where, str(claim.get("name", "")))
        case "EndpointSlice":
            yield from _of_slice(obj, space)


_FIELDS: dict[str, tuple[tuple[Path, str, str], ...]] = {
    "StatefulSet": ((("spec", "serviceName"), "Service", ""),),
    "Ingress": ((("spec", "ingressClassName"), "IngressClass", _NETWORKING),),
    "PersistentVolumeClaim": (
        (("spec", "volumeName"), "PersistentVolume", ""),
        (("spec", "storageClassName"), "StorageClass", _STORAGE),
    ),
    "PersistentVolume": (
        (("spec", "storageClassName"), "StorageClass", _STORAGE),
        (("spec", "volumeAttributesClassName"), "VolumeAttributesClass", _STORAGE),
    ),
    "VolumeAttachment": (
        (("spec", "nodeName"), "Node", ""),
        (("spec", "source", "persistentVolumeName"), "PersistentVolume", ""),
    ),
    "EndpointSlice": ((("metadata", "labels", "kubernetes.io/service-name"), "Service", ""),),
}


def _of_pod(spec: Any, base: Path, space: str) -> Iterator[Mention]:
    for field, kind, group in (
        ("nodeName", "Node", ""),
        ("serviceAccountName", "ServiceAccount", ""),
        ("priorityClassName", "PriorityClass", "scheduling.k8s.io"),
        ("runtimeClassName", "RuntimeClass", "node.k8s.io"),
    ):
        name = dig(spec, field)
        if isinstance(name, str):
            yield Mention((*base, field), kind, group, space, name)
    yield from _of_volumes(spec, base, space)
    for part in ("initContainers", "containers", "ephemeralContainers"):
        for at, container in enumerate(dicts(spec, part)):
            yield from _of_container(container, (*base, part, at), space)
    yield from _listed(spec, ("imagePullSecrets",), "name", "Secret", space, base)


_SOURCES: tuple[tuple[tuple[str, str], str], ...] = (
    (("configMap", "name"), "ConfigMap"),
    (("secret", "secretName"), "Secret"),
    (("persistentVolumeClaim", "claimName"), "PersistentVolumeClaim"),
)


def _of_volumes(spec: Any, base: Path, space: str) -> Iterator[Mention]:
    for at, volume in enumerate(dicts(spec, "volumes")):
        place: Path = (*base, "volumes", at)
        for steps, kind in _SOURCES:
            name = dig(volume, *steps)
            if isinstance(name, str):
                yield Mention((*place, *steps), kind, "", space, name)
        for number, source in enumerate(dicts(volume, "projected", "sources")):
            for key, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
                name = dig(source, key, "name")
                if isinstance(name, str):
                    yield Mention(
                        (*place, "projected", "sources", number, key, "name"), kind, "", space, name
                    )


def _of_container(container: JsonObject, place: Path, space: str) -> Iterator[Mention]:
    for at, source in enumerate(dicts(container, "envFrom")):
        for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            name = dig(source, key, "name")
            if isinstance(name, str):
                yield Mention((*place, "envFrom", at, key, "name"), kind, "", space, name)
    for at, variable in enumerate(dicts(container, "env")):
        for key, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            name = dig(variable, "valueFrom", key, "name")
            if isinstance(name, str):
                yield Mention((*place, "env", at, "valueFrom", key, "name"), kind, "", space, name)


def _listed(
    found: Any, steps: tuple[str, ...], key: str, kind: str, space: str, base: Path = ()
) -> Iterator[Mention]:
    for at, item in enumerate(dicts(found, *steps)):
        if isinstance(item.get(key), str):
            yield Mention((*base, *steps, at, key), kind, "", space, item[key])


def _of_ingress(obj: JsonObject, space: str) -> Iterator[Mention]:
    for place, backend in backends(obj):
        name = dig(backend, "service", "name")
        if isinstance(name, str):
            yield Mention((*place, "service", "name"), "Service", "", space, name)
    yield from _listed(obj, ("spec", "tls"), "secretName", "Secret", space)


def backends(ingress: JsonObject) -> Iterator[tuple[Path, JsonObject]]:
    """Where an Ingress sends to: each backend with its place."""
    default = dig(ingress, "spec", "defaultBackend")
    if isinstance(default, dict):
        yield ("spec", "defaultBackend"), default
    for number, rule in enumerate(dicts(ingress, "spec", "rules")):
        for at, path in enumerate(dicts(rule, "http", "paths")):
            if isinstance(path.get("backend"), dict):
                yield ("spec", "rules", number, "http", "paths", at, "backend"), path["backend"]


def _of_binding(obj: JsonObject, space: str) -> Iterator[Mention]:
    kind, name = dig(obj, "roleRef", "kind"), dig(obj, "roleRef", "name")
    if isinstance(kind, str) and isinstance(name, str):
        yield Mention(("roleRef", "name"), kind, _RBAC, space, name)
    for at, who in enumerate(dicts(obj, "subjects")):
        if who.get("kind") == "ServiceAccount" and isinstance(who.get("name"), str):
            where = str(who.get("namespace") or space)
            yield Mention(("subjects", at, "name"), "ServiceAccount", "", where, who["name"])


def _of_slice(obj: JsonObject, space: str) -> Iterator[Mention]:
    for at, endpoint in enumerate(dicts(obj, "endpoints")):
        name = dig(endpoint, "targetRef", "name")
        if dig(endpoint, "targetRef", "kind") == "Pod" and isinstance(name, str):
            where = str(dig(endpoint, "targetRef", "namespace") or space)
            yield Mention(("endpoints", at, "targetRef", "name"), "Pod", "", where, name)
