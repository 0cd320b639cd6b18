"""What Pods refer to and is not there: keys of their environment, and what their volumes are made of."""

from __future__ import annotations

from collections.abc import Iterator

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.controllers.base import CLAIMS, CONFIG_MAPS, SECRETS
from k8stui.practice.controllers.world import World

_LONGEST = 122.0

_WHOLE = (("configMapRef", CONFIG_MAPS, "configmap"), ("secretRef", SECRETS, "secret"))
_KEYS = (("configMapKeyRef", CONFIG_MAPS, "configmap"), ("secretKeyRef", SECRETS, "secret"))
_SOURCES = {"configMap": (CONFIG_MAPS, "configmap", "name"), "secret": (SECRETS, "secret", "secretName")}


def lacking(world: World, namespace: str, container: JsonObject) -> str:
    """The first ConfigMap or Secret, or key of one, that a container's environment names in vain."""
    for kind, word, ref, key in _references(container):
        name = ref.get("name", "")
        if ref.get("optional"):
            continue
        found = world.find(kind, namespace, name)
        if found is None:
            return f'{word} "{name}" not found'
        if key and not _has(found, key):
            return f"couldn't find key {key} in {kind.kind} {namespace}/{name}"
    return ""


def unmounted(world: World, pod: JsonObject) -> tuple[str, str] | None:
    """The first volume of a Pod that cannot be mounted, and why; None when all can."""
    namespace = pod["metadata"]["namespace"]
    for volume in pod["spec"].get("volumes") or ():
        for field, ref in _parts(volume):
            kind, word, key = _SOURCES[field]
            name = ref.get(key) or ref.get("name", "")
            found = world.find(kind, namespace, name)
            if ref.get("optional"):
                continue
            if found is None:
                return volume["name"], f'{word} "{name}" not found'
            for item in ref.get("items") or ():
                if not _has(found, item.get("key", "")):
                    what = "config" if field == "configMap" else "secret"
                    return volume["name"], f"{word} references non-existent {what} key: {item.get('key')}"
        claim = dig(volume, "persistentVolumeClaim", "claimName")
        if claim and world.find(CLAIMS, namespace, claim) is None:
            return volume["name"], f'error retrieving PVC {namespace}/{claim}: "{claim}" not found'
    return None


def retry(waited: float) -> float:
    """Seconds from one try to mount a volume to the next, after so many of them: twice as long each time."""
    pause = 0.5
    while pause < _LONGEST and waited >= pause:
        waited -= pause
        pause = min(_LONGEST, pause * 2)
    return max(0.5, pause - (waited % _LONGEST if pause == _LONGEST else waited))


def _parts(volume: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    for field in _SOURCES:
        if field in volume:
            yield field, volume[field]
    for source in dicts(volume, "projected", "sources"):
        for field in _SOURCES:
            if field in source:
                yield field, source[field]


def _has(found: JsonObject, key: str) -> bool:
    return any(key in (found.get(field) or ()) for field in ("data", "binaryData", "stringData"))


def _references(container: JsonObject) -> Iterator[tuple[ResourceKind, str, JsonObject, str]]:
    for source in dicts(container, "envFrom"):
        for field, kind, word in (
            ("configMapRef", CONFIG_MAPS, "configmap"),
            ("secretRef", SECRETS, "secret"),
        ):
            if field in source:
                yield kind, word, source[field], ""
    for variable in dicts(container, "env"):
        origin = variable.get("valueFrom") or {}
        for field, kind, word in _KEYS:
            if field in origin:
                yield kind, word, origin[field], origin[field].get("key", "")
