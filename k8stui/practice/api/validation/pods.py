"""Pods and the templates of Pods."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.api.validation.containers import check_containers
from k8stui.practice.api.validation.said import (
    Cause,
    duplicate,
    forbidden,
    invalid,
    label,
    labels,
    one_of,
    positive,
    qualified,
    required,
    selector,
    unsupported,
)

_RESTARTS = ("Always", "OnFailure", "Never")
_DNS = ("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_NODE_OPERATORS = frozenset(("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"))
_NOT_SOURCES = frozenset(("name",))


def check_spec(spec: JsonObject, at: str, claims: Iterable[str] = ()) -> Iterator[Cause]:
    """The mistakes of a Pod's spec.

    Args:
        spec: With its defaults.
        at: Where it stands in the object, such as ``spec.template.spec``.
        claims: Names of volumes that a StatefulSet adds.
    """
    volumes = list(dicts(spec, "volumes"))
    yield from _volumes(volumes, f"{at}.volumes")
    names = frozenset((*claims, *(str(volume.get("name") or "") for volume in volumes)))
    yield from check_containers(spec, at, names)
    if spec.get("restartPolicy"):
        yield from one_of(f"{at}.restartPolicy", spec["restartPolicy"], _RESTARTS)
    yield from one_of(f"{at}.dnsPolicy", spec.get("dnsPolicy"), _DNS)
    if spec.get("dnsPolicy") == "None" and not dig(spec, "dnsConfig", "nameservers"):
        why = "must provide `dnsConfig` when `dnsPolicy` is None"
        if spec.get("dnsConfig"):
            why = "must provide at least one DNS nameserver when `dnsPolicy` is None"
            yield required(f"{at}.dnsConfig.nameservers", why)
        else:
            yield required(f"{at}.dnsConfig", why)
    yield from labels(f"{at}.nodeSelector", spec.get("nodeSelector"))
    yield from _host_network(spec, at)
    yield from _affinity(spec.get("affinity"), f"{at}.affinity")
    yield from positive(f"{at}.activeDeadlineSeconds", spec.get("activeDeadlineSeconds"))
    for name in ("serviceAccountName", "priorityClassName", "nodeName"):
        if spec.get(name) and "/" in str(spec[name]):
            yield invalid(f"{at}.{name}", spec[name], "may not contain '/'")
    for number, toleration in enumerate(dicts(spec, "tolerations")):
        yield from _toleration(toleration, f"{at}.tolerations[{number}]")
    for number, alias in enumerate(dicts(spec, "hostAliases")):
        if not alias.get("ip"):
            yield required(f"{at}.hostAliases[{number}].ip")
    yield from _spread(spec, at)


def _host_network(spec: JsonObject, at: str) -> Iterator[Cause]:
    """With the node's network a port of the host is the container's; and each can be had once."""
    taken: set[str] = set()
    for number, container in enumerate(dicts(spec, "containers")):
        for index, port in enumerate(dicts(container, "ports")):
            where = f"{at}.containers[{number}].ports[{index}].hostPort"
            host = port.get("hostPort")
            if not host:
                continue
            if spec.get("hostNetwork") and host != port.get("containerPort"):
                yield invalid(where, host, "must match `containerPort` when `hostNetwork` is true")
            key = f"{port.get('protocol') or 'TCP'}/{port.get('hostIP') or ''}/{host}"
            if key in taken:
                yield duplicate(where, key)
            taken.add(key)


def _volumes(volumes: list[JsonObject], at: str) -> Iterator[Cause]:
    seen: set[str] = set()
    for number, volume in enumerate(volumes):
        where, name = f"{at}[{number}]", str(volume.get("name") or "")
        if not name:
            yield required(f"{where}.name")
        else:
            yield from label(f"{where}.name", name)
            if name in seen:
                yield duplicate(f"{where}.name", name)
        seen.add(name)
        yield from one_source(volume, where, _NOT_SOURCES)
        for source, field in (
            ("secret", "secretName"),
            ("configMap", "name"),
            ("persistentVolumeClaim", "claimName"),
            ("hostPath", "path"),
        ):
            if isinstance(volume.get(source), dict) and not volume[source].get(field):
                yield required(f"{where}.{source}.{field}")


def one_source(volume: JsonObject, at: str, other: frozenset[str]) -> Iterator[Cause]:
    """See that a volume has exactly one source; ``other`` are the fields that are none."""
    sources = sorted(key for key, value in volume.items() if key not in other and value is not None)
    for more in sources[1:]:
        yield forbidden(f"{at}.{more}", "may not specify more than 1 volume type")
    if not sources:
        yield required(at, "must specify a volume type")


def _affinity(affinity: Any, at: str) -> Iterator[Cause]:
    required_terms = "requiredDuringSchedulingIgnoredDuringExecution"
    where = f"{at}.nodeAffinity.{required_terms}.nodeSelectorTerms"
    node = dig(affinity, "nodeAffinity", required_terms)
    if isinstance(node, dict) and not node.get("nodeSelectorTerms"):
        yield required(where, "must have at least one node selector term")
    for number, term in enumerate(dicts(node, "nodeSelectorTerms")):
        for index, each in enumerate(dicts(term, "matchExpressions")):
            yield from _node_requirement(each, f"{where}[{number}].matchExpressions[{index}]")
    for name in ("podAffinity", "podAntiAffinity"):
        for number, term in enumerate(dicts(affinity, name, required_terms)):
            place = f"{at}.{name}.{required_terms}[{number}]"
            yield from selector(f"{place}.labelSelector", term.get("labelSelector"))
            if not term.get("topologyKey"):
                yield required(f"{place}.topologyKey", "can not be empty")


def _node_requirement(each: Mapping[str, Any], at: str) -> Iterator[Cause]:
    operator, values = each.get("operator"), each.get("values") or ()
    if operator not in _NODE_OPERATORS:
        yield invalid(f"{at}.operator", operator or "", "not a valid selector operator")
    elif operator in ("In", "NotIn") and not values:
        yield required(f"{at}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in ("Exists", "DoesNotExist") and values:
        why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        yield forbidden(f"{at}.values", why)
    elif operator in ("Gt", "Lt") and len(values) != 1:
        why = "must be specified single value when `operator` is 'Lt' or 'Gt'"
        yield required(f"{at}.values", why)
    yield from qualified(f"{at}.key", str(each.get("key") or ""))


def _toleration(toleration: JsonObject, at: str) -> Iterator[Cause]:
    operator, value = toleration.get("operator") or "Equal", toleration.get("value")
    if toleration.get("key"):
        yield from qualified(f"{at}.key", str(toleration["key"]))
    elif operator != "Exists":
        yield invalid(f"{at}.operator", operator, "operator must be Exists when `key` is empty, which means "
                      '"match all values and all keys"')  # fmt: skip
    if toleration.get("tolerationSeconds") is not None and toleration.get("effect") != "NoExecute":
        why = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        yield invalid(f"{at}.effect", toleration.get("effect") or "", why)
    if operator not in ("Equal", "Exists"):
        yield unsupported(f"{at}.operator", operator, ("Equal", "Exists"))
    elif operator == "Exists" and value:
        yield invalid(f"{at}.operator", value, "value must be empty when `operator` is 'Exists'")
    if toleration.get("effect"):
        yield from one_of(f"{at}.effect", toleration["effect"], _EFFECTS)


def _spread(spec: JsonObject, at: str) -> Iterator[Cause]:
    for number, each in enumerate(dicts(spec, "topologySpreadConstraints")):
        where = f"{at}.topologySpreadConstraints[{number}]"
        if (each.get("maxSkew") or 0) <= 0:
            yield invalid(f"{where}.maxSkew", each.get("maxSkew") or 0, "must be greater than zero")
        if not each.get("topologyKey"):
            yield required(f"{where}.topologyKey", "can not be empty")
        chosen = each.get("whenUnsatisfiable") or ""
        yield from one_of(f"{where}.whenUnsatisfiable", chosen, ("DoNotSchedule", "ScheduleAnyway"))
        yield from selector(f"{where}.labelSelector", each.get("labelSelector"))
