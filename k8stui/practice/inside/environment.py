"""The environment variables of a container: from its image, its spec, and the Services of its namespace."""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Callable, Iterator, Mapping

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_quantity, parse_time
from k8stui.practice.inside.runs import Run, spec_of
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Store

CONFIG_MAPS, SECRETS = builtin("configmaps"), builtin("secrets")
_SERVICES, _NODES = builtin("services"), builtin("nodes")
_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_.\-][A-Za-z0-9_.\-]*)\)")
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_SUBSCRIPT = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")
_DEFAULTS = {"cpu": 4.0, "memory": float(16 << 30), "ephemeral-storage": float(100 << 30)}


def environ(store: Store, run: Run, image: Mapping[str, str], host: str) -> dict[str, str]:
    """All variables.

    Args:
        store: Where ConfigMaps, Secrets and Services are.
        run: The container.
        image: Those of the image.
        host: The host name.
    """
    found = {"PATH": _PATH, "HOSTNAME": host, **image}
    services = dict(_services(store, run))
    given: dict[str, str] = {}
    for source in dicts(run.spec, "envFrom"):
        prefix = str(source.get("prefix") or "")
        for key, value in data_of(store, run.pod, source).items():
            given[prefix + key] = value.decode(errors="replace")
    for variable in dicts(run.spec, "env"):
        name = str(variable.get("name", ""))
        if "valueFrom" in variable:
            text = _from(store, run, variable["valueFrom"] or {})
            if text is not None:
                given[name] = text
        else:
            given[name] = expanded(str(variable.get("value") or ""), {**services, **given})
    return {**found, **services, **given}


def expanded(text: str, variables: Mapping[str, str]) -> str:
    """A value or an argument with its ``$(NAME)`` replaced, as the kubelet does it."""

    def replace(match: re.Match[str]) -> str:
        if match[0] == "$$":
            return "$"
        return variables.get(match[1], match[0])

    return _REFERENCE.sub(replace, text)


def data_of(store: Store, pod: JsonObject, source: JsonObject) -> dict[str, bytes]:
    """What is in the ConfigMap or Secret that a source names; empty when it is not there."""
    namespace = pod["metadata"]["namespace"]
    for key in ("configMapRef", "configMap", "configMapKeyRef"):
        if key in source:
            return of_config_map(store.find(CONFIG_MAPS, namespace, str(source[key].get("name", ""))))
    for key in ("secretRef", "secret", "secretKeyRef"):
        if key in source:
            name = str(source[key].get("secretName") or source[key].get("name") or "")
            return of_secret(store.find(SECRETS, namespace, name))
    return {}


def of_config_map(found: JsonObject | None) -> dict[str, bytes]:
    """A ConfigMap's data."""
    data = {key: str(value).encode() for key, value in (dig(found, "data") or {}).items()}
    return {**data, **_decoded(dig(found, "binaryData") or {})}


def of_secret(found: JsonObject | None) -> dict[str, bytes]:
    """A Secret's data."""
    plain = {key: str(value).encode() for key, value in (dig(found, "stringData") or {}).items()}
    return {**_decoded(dig(found, "data") or {}), **plain}


def _decoded(data: Mapping[str, str]) -> dict[str, bytes]:
    found = {}
    for key, value in data.items():
        try:
            found[key] = base64.b64decode(value)
        except (binascii.Error, ValueError):
            found[key] = b""
    return found


def _from(store: Store, run: Run, source: JsonObject) -> str | None:
    if "fieldRef" in source:
        return field_value(run.pod, str(source["fieldRef"].get("fieldPath", "")))
    if "resourceFieldRef" in source:
        return resource_value(store, run.pod, run.spec, source["resourceFieldRef"])
    for key in ("configMapKeyRef", "secretKeyRef"):
        if key in source:
            value = data_of(store, run.pod, {key: source[key]}).get(str(source[key].get("key", "")))
            return None if value is None else value.decode(errors="replace")
    return None


_FIELDS: Mapping[str, Callable[[JsonObject], object]] = {
    "metadata.name": lambda pod: dig(pod, "metadata", "name"),
    "metadata.namespace": lambda pod: dig(pod, "metadata", "namespace"),
    "metadata.uid": lambda pod: dig(pod, "metadata", "uid"),
    "spec.nodeName": lambda pod: dig(pod, "spec", "nodeName"),
    "spec.serviceAccountName": lambda pod: dig(pod, "spec", "serviceAccountName") or "default",
    "status.hostIP": lambda pod: dig(pod, "status", "hostIP"),
    "status.hostIPs": lambda pod: dig(pod, "status", "hostIP"),
    "status.podIP": lambda pod: dig(pod, "status", "podIP"),
    "status.podIPs": lambda pod: dig(pod, "status", "podIP"),
    "metadata.labels": lambda pod: _pairs(dig(pod, "metadata", "labels")),
    "metadata.annotations": lambda pod: _pairs(dig(pod, "metadata", "annotations")),
}


def field_value(pod: JsonObject, path: str) -> str:
    """A field of a Pod as the downward API gives it."""
    chosen = _SUBSCRIPT.fullmatch(path)
    if chosen is not None:
        return str((dig(pod, "metadata", chosen[1]) or {}).get(chosen[2], ""))
    field = _FIELDS.get(path)
    return "" if field is None else str(field(pod) or "")


def _pairs(found: Mapping[str, str] | None) -> str:
    return "\n".join(f'{key}="{value}"' for key, value in sorted((found or {}).items()))


def resource_value(store: Store, pod: JsonObject, own: JsonObject, source: JsonObject) -> str:
    """A request or limit of a container in units of the divisor; a missing limit is what the node has."""
    spec = own
    if source.get("containerName"):
        spec = spec_of(pod, str(source["containerName"])) or own
    which, _, resource = str(source.get("resource", "")).partition(".")
    text = dig(spec, "resources", which, resource)
    if text is None and which == "limits":
        node = store.find(_NODES, "", str(dig(pod, "spec", "nodeName") or ""))
        text = dig(node, "status", "allocatable", resource)
    amount = parse_quantity(str(text)) if text is not None else None
    if amount is None:
        amount = _DEFAULTS.get(resource, 0.0) if which == "limits" else 0.0
    divisor = parse_quantity(str(source.get("divisor") or "1")) or 1.0
    return str(math.ceil(amount / divisor))


def _services(store: Store, run: Run) -> Iterator[tuple[str, str]]:
    """Variables of the Services that were there when the container started."""
    namespace = run.pod["metadata"]["namespace"]
    services = [store.find(_SERVICES, "default", "kubernetes")]
    if dig(run.pod, "spec", "enableServiceLinks") is not False:
        services += [
            each
            for each in store.list(_SERVICES, namespace)
            if (namespace, each["metadata"]["name"]) != ("default", "kubernetes")
        ]
    for service in services:
        address = dig(service, "spec", "clusterIP")
        ports = list(dicts(service, "spec", "ports"))
        if service is None or not address or address == "None" or not ports:
            continue
        if (parse_time(service["metadata"]["creationTimestamp"]) or 0.0) > run.started:
            continue
        yield from _of_service(str(service["metadata"]["name"]), str(address), ports)


def _of_service(name: str, address: str, ports: list[JsonObject]) -> Iterator[tuple[str, str]]:
    word = name.upper().replace("-", "_")
    yield f"{word}_SERVICE_HOST", address
    yield f"{word}_SERVICE_PORT", str(ports[0].get("port"))
    for port in ports:
        if port.get("name"):
            yield f"{word}_SERVICE_PORT_{port['name'].upper().replace('-', '_')}", str(port.get("port"))
    for index, port in enumerate(ports):
        protocol, number = str(port.get("protocol") or "TCP"), port.get("port")
        url = f"{protocol.lower()}://{address}:{number}"
        prefix = f"{word}_PORT_{number}_{protocol}"
        if index == 0:
            yield f"{word}_PORT", url
        yield prefix, url
        yield f"{prefix}_PROTO", protocol.lower()
        yield f"{prefix}_PORT", str(number)
        yield f"{prefix}_ADDR", address
