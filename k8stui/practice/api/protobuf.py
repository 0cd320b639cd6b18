"""The protobuf bodies that kubectl sends by itself: reviews, and what its create commands make.

Kubernetes wraps a message in ``Unknown`` behind four magic bytes; the message is decoded here by tables of
field numbers (as the API fixes them), as far as kubectl fills them in.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from k8stui.core.objects import JsonObject

MAGIC = b"k8s\0"


@dataclass(frozen=True, slots=True)
class _Field:
    """One field of a message: JSON name (``-`` for one whose fields are its owner's), type, list or map."""

    name: str
    type: str
    many: str = ""


def _message(*specs: str) -> Mapping[int, _Field]:
    """Fields written as ``1 name type`` (``[]type`` for lists, ``{}type`` for maps with string keys)."""
    found = {}
    for spec in specs:
        number, name, kind = spec.split()
        many = kind[:2] if kind[:2] in ("[]", "{}") else ""
        found[int(number)] = _Field(name, kind.removeprefix(many), many)
    return MappingProxyType(found)


_TEMPLATE_SPECS = ("1 metadata ObjectMeta", "2 spec PodSpec")
_MESSAGES: Mapping[str, Mapping[int, _Field]] = MappingProxyType(
    {
        "ObjectMeta": _message(
            *("1 name string", "2 generateName string", "3 namespace string", "5 uid string"),
            *("6 resourceVersion string", "11 labels {}string", "12 annotations {}string"),
            *("13 ownerReferences []OwnerReference", "14 finalizers []string"),
        ),
        "OwnerReference": _message(
            *("1 kind string", "3 name string", "4 uid string", "5 apiVersion string"),
            *("6 controller bool", "7 blockOwnerDeletion bool"),
        ),
        "Namespace": _message("1 metadata ObjectMeta"),
        "ConfigMap": _message(
            *("1 metadata ObjectMeta", "2 data {}string", "3 binaryData {}bytes", "4 immutable bool")
        ),
        "Secret": _message(
            *("1 metadata ObjectMeta", "2 data {}bytes", "3 type string"),
            *("4 stringData {}string", "5 immutable bool"),
        ),
        "ServiceAccount": _message("1 metadata ObjectMeta"),
        "SelfSubjectAccessReview": _message("1 metadata ObjectMeta", "2 spec AccessSpec"),
        "AccessSpec": _message("1 resourceAttributes Attributes", "2 nonResourceAttributes Path"),
        "Attributes": _message(
            *("1 namespace string", "2 verb string", "3 group string", "4 version string"),
            *("5 resource string", "6 subresource string", "7 name string"),
        ),
        "Path": _message("1 path string", "2 verb string"),
        "SelfSubjectRulesReview": _message("1 metadata ObjectMeta", "2 spec RulesSpec"),
        "RulesSpec": _message("1 namespace string"),
        "SelfSubjectReview": _message("1 metadata ObjectMeta"),
        "DeleteOptions": _message(
            *("1 gracePeriodSeconds int", "2 preconditions Preconditions", "3 orphanDependents bool"),
            *("4 propagationPolicy string", "5 dryRun []string"),
        ),
        "Preconditions": _message("1 uid string", "2 resourceVersion string"),
        "TokenRequest": _message("1 metadata ObjectMeta", "2 spec TokenSpec"),
        "TokenSpec": _message("1 audiences []string", "4 expirationSeconds int"),
        "LabelSelector": _message("1 matchLabels {}string"),
        "PodTemplateSpec": _message(*_TEMPLATE_SPECS),
        "PodSpec": _message(
            *("2 containers []Container", "3 restartPolicy string", "4 terminationGracePeriodSeconds int"),
            *("6 dnsPolicy string", "7 nodeSelector {}string", "8 serviceAccountName string"),
        ),
        "Container": _message(
            *("1 name string", "2 image string", "3 command []string", "4 args []string"),
            *("5 workingDir string", "6 ports []Port", "7 env []Env", "8 resources Resources"),
            "14 imagePullPolicy string",
        ),
        "Port": _message(
            *(
                "1 name string",
                "2 hostPort int",
                "3 containerPort int",
                "4 protocol string",
                "5 hostIP string",
            )
        ),
        "Env": _message("1 name string", "2 value string"),
        "Resources": _message("1 limits {}Quantity", "2 requests {}Quantity"),
        "Quantity": _message("1 string string"),
        "Deployment": _message("1 metadata ObjectMeta", "2 spec DeploymentSpec"),
        "DeploymentSpec": _message(
            *("1 replicas int", "2 selector LabelSelector", "3 template PodTemplateSpec", "7 paused bool")
        ),
        "Job": _message("1 metadata ObjectMeta", "2 spec JobSpec"),
        "JobSpec": _message("1 parallelism int", "2 completions int", "6 template PodTemplateSpec"),
        "CronJob": _message("1 metadata ObjectMeta", "2 spec CronJobSpec"),
        "CronJobSpec": _message("1 schedule string", "4 suspend bool", "5 jobTemplate JobTemplateSpec"),
        "JobTemplateSpec": _message("1 metadata ObjectMeta", "2 spec JobSpec"),
        "Service": _message("1 metadata ObjectMeta", "2 spec ServiceSpec"),
        "ServiceSpec": _message(
            *("1 ports []ServicePort", "2 selector {}string", "3 clusterIP string", "4 type string"),
            "10 externalName string",
        ),
        "ServicePort": _message(
            *(
                "1 name string",
                "2 protocol string",
                "3 port int",
                "4 targetPort IntOrString",
                "5 nodePort int",
            )
        ),
        "IntOrString": _message("1 type int", "2 intVal int", "3 strVal string"),
        "Role": _message("1 metadata ObjectMeta", "2 rules []PolicyRule"),
        "ClusterRole": _message("1 metadata ObjectMeta", "2 rules []PolicyRule"),
        "PolicyRule": _message(
            *("1 verbs []string", "2 apiGroups []string", "3 resources []string"),
            *("4 resourceNames []string", "5 nonResourceURLs []string"),
        ),
        "RoleBinding": _message("1 metadata ObjectMeta", "2 subjects []Subject", "3 roleRef RoleRef"),
        "ClusterRoleBinding": _message("1 metadata ObjectMeta", "2 subjects []Subject", "3 roleRef RoleRef"),
        "Subject": _message("1 kind string", "2 apiGroup string", "3 name string", "4 namespace string"),
        "RoleRef": _message("1 apiGroup string", "2 kind string", "3 name string"),
        "ResourceQuota": _message("1 metadata ObjectMeta", "2 spec ResourceQuotaSpec"),
        "ResourceQuotaSpec": _message("1 hard {}Quantity", "2 scopes []string"),
        "Ingress": _message("1 metadata ObjectMeta", "2 spec IngressSpec"),
        "IngressSpec": _message(
            *("1 defaultBackend IngressBackend", "2 tls []IngressTLS", "3 rules []IngressRule"),
            "4 ingressClassName string",
        ),
        "IngressTLS": _message("1 hosts []string", "2 secretName string"),
        "IngressRule": _message("1 host string", "2 - IngressRuleValue"),
        "IngressRuleValue": _message("1 http IngressPaths"),
        "IngressPaths": _message("1 paths []IngressPath"),
        "IngressPath": _message("1 path string", "2 backend IngressBackend", "3 pathType string"),
        "IngressBackend": _message("4 service IngressService"),
        "IngressService": _message("1 name string", "2 port IngressPort"),
        "IngressPort": _message("1 name string", "2 number int"),
        "PodDisruptionBudget": _message("1 metadata ObjectMeta", "2 spec BudgetSpec"),
        "BudgetSpec": _message(
            *("1 minAvailable IntOrString", "2 selector LabelSelector", "3 maxUnavailable IntOrString")
        ),
        "HorizontalPodAutoscaler": _message("1 metadata ObjectMeta", "2 spec AutoscalerSpec"),
        "AutoscalerSpec": _message(
            *("1 scaleTargetRef ScaleTarget", "2 minReplicas int", "3 maxReplicas int", "4 metrics []Metric")
        ),
        "HorizontalPodAutoscalerV1": _message("1 metadata ObjectMeta", "2 spec AutoscalerSpecV1"),
        "AutoscalerSpecV1": _message(
            *("1 scaleTargetRef ScaleTarget", "2 minReplicas int", "3 maxReplicas int"),
            "4 targetCPUUtilizationPercentage int",
        ),
        "ScaleTarget": _message("1 kind string", "2 name string", "3 apiVersion string"),
        "Metric": _message("1 type string", "3 resource ResourceMetric"),
        "ResourceMetric": _message("1 name string", "2 target MetricTarget"),
        "MetricTarget": _message("1 type string", "4 averageUtilization int"),
        "PriorityClass": _message(
            *("1 metadata ObjectMeta", "2 value int", "3 globalDefault bool", "4 description string"),
            "5 preemptionPolicy string",
        ),
    }
)
_ROOTS = frozenset(
    (
        *("Namespace", "ConfigMap", "Secret", "ServiceAccount", "Deployment", "Job", "CronJob", "Service"),
        *("Role", "ClusterRole", "RoleBinding", "ClusterRoleBinding", "ResourceQuota", "PriorityClass"),
        *("SelfSubjectAccessReview", "SelfSubjectRulesReview", "SelfSubjectReview", "DeleteOptions"),
        *("TokenRequest", "Ingress", "PodDisruptionBudget", "HorizontalPodAutoscaler"),
    )
)

_EMPTY: tuple[Any, ...] = ("", {}, 0)
_ZERO_COUNTS = frozenset(("replicas", "parallelism", "completions", "gracePeriodSeconds", "value"))
"""Numbers of which zero is a statement; of the others the wire has zero for what is not set."""


def decode(body: bytes) -> JsonObject | None:
    """The object of a protobuf body; None for a kind without a table.

    Raises:
        ValueError: the bytes are no such message.
    """
    if not body.startswith(MAGIC):
        raise ValueError("it does not start with the magic bytes")
    envelope = dict(_fields(body[len(MAGIC) :]))
    type_meta = dict(_fields(_bytes(envelope.get(1, b""))))
    api_version = _bytes(type_meta.get(1, b"")).decode()
    kind = _bytes(type_meta.get(2, b"")).decode()
    if kind not in _ROOTS:
        return None
    message = f"{kind}V1" if (api_version, kind) == ("autoscaling/v1", "HorizontalPodAutoscaler") else kind
    found = _decode(message, _bytes(envelope.get(2, b"")))
    return {"kind": kind, "apiVersion": api_version, **found}


def _bytes(value: int | bytes) -> bytes:
    if isinstance(value, int):
        raise ValueError("a number stands where a message should")
    return value


def _decode(message: str, data: bytes) -> JsonObject:
    fields = _MESSAGES[message]
    found: JsonObject = {}
    for number, raw in _fields(data):
        field = fields.get(number)
        if field is None:
            continue
        if field.many == "{}":
            entry = dict(_fields(_bytes(raw)))
            key = _bytes(entry.get(1, b"")).decode()
            found.setdefault(field.name, {})[key] = _value(field.type, entry.get(2, b""))
        elif field.many:
            found.setdefault(field.name, []).append(_value(field.type, raw))
        elif field.name == "-":
            found |= _decode(field.type, _bytes(raw))
        else:
            found[field.name] = _value(field.type, raw)
    return {name: value for name, value in found.items() if value not in _EMPTY or name in _ZERO_COUNTS}


def _value(kind: str, raw: int | bytes) -> Any:
    match kind:
        case "string":
            return _bytes(raw).decode()
        case "bytes":
            return base64.b64encode(_bytes(raw)).decode()
        case "int" | "bool":
            if not isinstance(raw, int):
                raise ValueError("a message stands where a number should")
            signed = raw - (1 << 64) if raw >= 1 << 63 else raw
            return bool(raw) if kind == "bool" else signed
        case "Quantity":
            return _decode(kind, _bytes(raw)).get("string", "0")
        case "IntOrString":
            either = _decode(kind, _bytes(raw))
            return either.get("strVal", "") if either.get("type") == 1 else either.get("intVal", 0)
        case _:
            return _decode(kind, _bytes(raw))


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Field numbers and raw values of a message."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        match tag & 7:
            case 0:
                number, at = _varint(data, at)
                yield tag >> 3, number
            case 2:
                length, at = _varint(data, at)
                if at + length > len(data):
                    raise ValueError("it ends in the middle of a field")
                yield tag >> 3, data[at : at + length]
                at += length
            case 1 | 5 as wire:
                at += 8 if wire == 1 else 4
            case _:
                raise ValueError("a field has an unknown wire type")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    result = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("a number does not end")
        byte = data[at]
        at += 1
        result |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return result, at
