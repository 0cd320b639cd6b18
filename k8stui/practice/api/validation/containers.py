"""The containers of a Pod."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from k8stui.core.objects import JsonObject, dicts
from k8stui.practice.api.validation.said import (
    Cause,
    duplicate,
    env_name,
    forbidden,
    invalid,
    label,
    not_negative,
    number,
    one_of,
    port,
    port_name,
    port_or_name,
    qualified,
    quantity,
    required,
    unknown,
)

_PULLS = ("Always", "IfNotPresent", "Never")
PROTOCOLS = ("SCTP", "TCP", "UDP")
_HANDLERS = ("exec", "httpGet", "tcpSocket", "grpc")
_FIELDS = frozenset(
    (
        *("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName"),
        *("status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs"),
    )
)
_STANDARD = frozenset(("cpu", "memory", "ephemeral-storage"))


def check_containers(spec: JsonObject, at: str, volumes: frozenset[str]) -> Iterator[Cause]:
    """The mistakes of all containers of a Pod's spec; ``volumes`` are the names of its volumes."""
    if not spec.get("containers"):
        yield required(f"{at}.containers")
    seen: set[str] = set()
    for where in ("containers", "initContainers"):
        for index, container in enumerate(dicts(spec, where)):
            path = f"{at}.{where}[{index}]"
            yield from _container(container, path, volumes, seen, init=where == "initContainers")


def _container(
    container: JsonObject, at: str, volumes: frozenset[str], seen: set[str], *, init: bool
) -> Iterator[Cause]:
    name, image = str(container.get("name") or ""), str(container.get("image") or "")
    if not name:
        yield required(f"{at}.name")
    else:
        yield from label(f"{at}.name", name)
        if name in seen:
            yield duplicate(f"{at}.name", name)
    seen.add(name)
    if not image:
        yield required(f"{at}.image")
    elif image != image.strip():
        yield invalid(f"{at}.image", image, "must not have leading or trailing whitespace")
    if not init or container.get("restartPolicy") == "Always":
        for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
            if isinstance(container.get(probe), dict):
                yield from _probe(container[probe], f"{at}.{probe}", once=probe != "readinessProbe")
    else:
        for field in ("lifecycle", "livenessProbe", "readinessProbe", "startupProbe"):
            if container.get(field):
                why = "may not be set for init containers without restartPolicy=Always"
                yield forbidden(f"{at}.{field}", why)
    yield from one_of(f"{at}.imagePullPolicy", container.get("imagePullPolicy"), _PULLS)
    yield from _ports(container, at)
    yield from _environment(container, at)
    yield from _mounts(container, at, volumes)
    yield from resources(container.get("resources"), f"{at}.resources")


def _ports(container: JsonObject, at: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, each in enumerate(dicts(container, "ports")):
        where, name = f"{at}.ports[{index}]", str(each.get("name") or "")
        if name:
            mistakes = list(port_name(f"{where}.name", name))
            yield from mistakes
            if not mistakes and name in seen:
                yield duplicate(f"{where}.name", name)
            seen.add(name)
        if not each.get("containerPort"):
            yield required(f"{where}.containerPort")
        else:
            yield from port(f"{where}.containerPort", each["containerPort"])
        if each.get("hostPort"):
            yield from port(f"{where}.hostPort", each["hostPort"])
        yield from one_of(f"{where}.protocol", each.get("protocol"), PROTOCOLS)


def _environment(container: JsonObject, at: str) -> Iterator[Cause]:
    for index, each in enumerate(dicts(container, "env")):
        where, name = f"{at}.env[{index}]", str(each.get("name") or "")
        if not name:
            yield required(f"{where}.name")
        else:
            yield from env_name(f"{where}.name", name)
        source = each.get("valueFrom")
        if not isinstance(source, dict):
            continue
        if each.get("value"):
            yield invalid(f"{where}.valueFrom", "", "may not be specified when `value` is not empty")
        elif len(source) != 1:
            why = "may not have more than one field specified at a time"
            if not source:
                why = (
                    "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` "
                    "or `fileKeyRef`"
                )
            yield invalid(f"{where}.valueFrom", "", why)
        yield from _reference(source, f"{where}.valueFrom")


def _reference(source: JsonObject, at: str) -> Iterator[Cause]:
    for kind in ("configMapKeyRef", "secretKeyRef"):
        if isinstance(source.get(kind), dict) and not source[kind].get("key"):
            yield required(f"{at}.{kind}.key")
    if isinstance(source.get("fieldRef"), dict):
        path = str(source["fieldRef"].get("fieldPath") or "")
        plain = path.partition("[")[0]
        if not path:
            yield required(f"{at}.fieldRef.fieldPath")
        elif path not in _FIELDS and not (
            plain in ("metadata.labels", "metadata.annotations") and "[" in path
        ):
            why = f"error converting fieldPath: field label not supported: {path}"
            yield invalid(f"{at}.fieldRef.fieldPath", path, why)


def _mounts(container: JsonObject, at: str, volumes: frozenset[str]) -> Iterator[Cause]:
    seen: set[str] = set()
    for index, each in enumerate(dicts(container, "volumeMounts")):
        where, name = f"{at}.volumeMounts[{index}]", str(each.get("name") or "")
        if not name:
            yield required(f"{where}.name")
        elif name not in volumes:
            yield unknown(f"{where}.name", name)
        path = str(each.get("mountPath") or "")
        if not path:
            yield required(f"{where}.mountPath")
        elif path in seen:
            yield invalid(f"{where}.mountPath", path, "must be unique")
        seen.add(path)
        if each.get("subPath") and str(each["subPath"]).startswith("/"):
            yield invalid(f"{where}.subPath", each["subPath"], "must be a relative path")


def resources(found: Any, at: str) -> Iterator[Cause]:
    """The mistakes of resource requirements."""
    if not isinstance(found, dict):
        return
    limits, requests = found.get("limits") or {}, found.get("requests") or {}
    for field, values in (("limits", limits), ("requests", requests)):
        for name, value in values.items():
            yield from _resource(f"{at}.{field}[{name}]", name)
            yield from quantity(f"{at}.{field}[{name}]", value)
            if field == "requests" and (number(value) or 0) > (number(limits.get(name)) or float("inf")):
                why = f"must be less than or equal to {name} limit of {limits[name]}"
                yield invalid(f"{at}.requests", str(value), why)


def _resource(at: str, name: str) -> Iterator[Cause]:
    yield from qualified(at, name)
    if "/" not in name and name not in _STANDARD and not name.startswith("hugepages-"):
        yield invalid(at, name, "must be a standard resource type or fully qualified")
        yield invalid(at, name, "must be a standard resource for containers")


def _probe(probe: JsonObject, at: str, *, once: bool) -> Iterator[Cause]:
    handlers = [name for name in _HANDLERS if isinstance(probe.get(name), dict)]
    for more in [name for name in handlers if name != "exec"][0 if "exec" in handlers else 1 :]:
        yield forbidden(f"{at}.{more}", "may not specify more than 1 handler type")
    if not handlers:
        yield required(at, "must specify a handler type")
    if isinstance(probe.get("exec"), dict) and not probe["exec"].get("command"):
        yield required(f"{at}.exec.command")
    for handler in ("httpGet", "tcpSocket", "grpc"):
        if isinstance(probe.get(handler), dict):
            yield from port_or_name(f"{at}.{handler}.port", probe[handler].get("port"))
    numbers = (
        "initialDelaySeconds",
        "timeoutSeconds",
        "periodSeconds",
        "successThreshold",
        "failureThreshold",
    )
    yield from not_negative(at, probe, *numbers)
    if once and (probe.get("successThreshold") or 1) != 1:
        yield invalid(f"{at}.successThreshold", probe["successThreshold"], "must be 1")
