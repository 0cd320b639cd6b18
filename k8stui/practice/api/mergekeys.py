"""How lists and maps of the built-in kinds are merged: what patches and OpenAPI documents need of the schema.

Facts of the Kubernetes API (patchMergeKey, listMapKeys and listType of its types). A list that is not named
here is atomic: a writer replaces it whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class ListRule:
    """How two versions of a list become one."""

    keys: tuple[str, ...] = ()
    """Fields by which elements are the same for server-side apply; none for a set of plain values."""
    patch_key: str = ""
    """The field for strategic merge patches; empty where these replace the list."""
    atomic: bool = False
    """Whether server-side apply takes the list as one value all the same."""
    retain: bool = False
    """Whether a strategic merge replaces an element's fields that it does not name (retainKeys)."""


def _by(*keys: str, retain: bool = False) -> ListRule:
    return ListRule(keys, keys[0], retain=retain)


_NAME = _by("name")
_TYPE = _by("type")
_SET = ListRule()
_MERGED_SET = ListRule(patch_key="*")

_CONTAINER = {
    "env": _NAME,
    "ports": _by("containerPort", "protocol"),
    "volumeDevices": _by("devicePath"),
    "volumeMounts": _by("mountPath"),
}
_TABLE: dict[str, dict[str, ListRule]] = {
    "ObjectMeta": {"finalizers": _MERGED_SET, "ownerReferences": _by("uid")},
    "Container": _CONTAINER,
    "EphemeralContainer": _CONTAINER,
    "ResourceRequirements": {"claims": ListRule(("name",))},
    "PodSpec": {
        "containers": _NAME,
        "initContainers": _NAME,
        "ephemeralContainers": _NAME,
        "evictionResponders": _NAME,
        "hostAliases": _by("ip"),
        "imagePullSecrets": _NAME,
        "resourceClaims": _by("name", retain=True),
        "schedulingGates": _NAME,
        "topologySpreadConstraints": _by("topologyKey", "whenUnsatisfiable"),
        "volumes": _by("name", retain=True),
    },
    "PodStatus": {
        "podIPs": _by("ip"),
        "hostIPs": ListRule((), "ip", atomic=True),
        "resourceClaimStatuses": _NAME,
    },
    "JobStatus": {"conditions": ListRule((), "type", atomic=True)},
    "UncountedTerminatedPods": {"failed": _SET, "succeeded": _SET},
    "ResourceClaimStatus": {"reservedFor": _by("uid")},
    "ServiceSpec": {"ports": _by("port", "protocol")},
    "NodeSpec": {"podCIDRs": _MERGED_SET},
    "NodeStatus": {"addresses": _TYPE},
    "ServiceAccount": {"secrets": _NAME},
    "CSINodeSpec": {"drivers": _NAME},
    "MutatingWebhookConfiguration": {"webhooks": _NAME},
    "ValidatingWebhookConfiguration": {"webhooks": _NAME},
    "MutatingWebhook": {"matchConditions": _NAME},
    "ValidatingWebhook": {"matchConditions": _NAME},
    "ValidatingAdmissionPolicyBindingSpec": {"validationActions": _SET},
    "MutatingAdmissionPolicySpec": {"matchConditions": _NAME},
    "ValidatingAdmissionPolicySpec": {"matchConditions": _NAME, "variables": _NAME},
    "Endpoint": {"addresses": _SET},
}
_STEPS: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("Pod", "spec"): "PodSpec",
        ("Pod", "status"): "PodStatus",
        ("PodTemplateSpec", "spec"): "PodSpec",
        ("PodSpec", "containers"): "Container",
        ("PodSpec", "initContainers"): "Container",
        ("PodSpec", "ephemeralContainers"): "EphemeralContainer",
        ("PodSpec", "resources"): "ResourceRequirements",
        ("Container", "resources"): "ResourceRequirements",
        ("EphemeralContainer", "resources"): "ResourceRequirements",
        ("Job", "status"): "JobStatus",
        ("JobStatus", "uncountedTerminatedPods"): "UncountedTerminatedPods",
        ("ResourceClaim", "status"): "ResourceClaimStatus",
        ("Service", "spec"): "ServiceSpec",
        ("Node", "spec"): "NodeSpec",
        ("Node", "status"): "NodeStatus",
        ("CSINode", "spec"): "CSINodeSpec",
        ("PersistentVolumeClaim", "spec"): "PersistentVolumeClaimSpec",
        ("ReplicationController", "spec"): "ReplicationControllerSpec",
        ("CronJobSpec", "jobTemplate"): "JobTemplateSpec",
        ("CronJob", "spec"): "CronJobSpec",
        ("MutatingWebhookConfiguration", "webhooks"): "MutatingWebhook",
        ("ValidatingWebhookConfiguration", "webhooks"): "ValidatingWebhook",
        ("MutatingAdmissionPolicy", "spec"): "MutatingAdmissionPolicySpec",
        ("ValidatingAdmissionPolicy", "spec"): "ValidatingAdmissionPolicySpec",
        ("ValidatingAdmissionPolicyBinding", "spec"): "ValidatingAdmissionPolicyBindingSpec",
    }
)
_ATOMIC_MAPS = frozenset(
    (
        *("selector", "nodeSelector", "podSelector", "namespaceSelector", "objectSelector", "labelSelector"),
        *("scopeSelector", "requiredDuringSchedulingIgnoredDuringExecution"),
        *("secretRef", "configMapKeyRef", "secretKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef"),
        *("nodePublishSecretRef", "nodeStageSecretRef", "nodeExpandSecretRef"),
        *("controllerExpandSecretRef", "controllerPublishSecretRef"),
        *("claimRef", "dataSource", "roleRef", "involvedObject", "regarding", "related"),
        *("matchConstraints", "matchResources", "paramKind", "paramRef"),
    )
)
_ATOMIC_TYPES = frozenset(("LabelSelector", "NodeSelector", "ObjectReference", "LocalObjectReference"))
RETAIN_FIELDS = frozenset(("strategy",))
"""Maps whose fields a strategic merge replaces when it says ``$retainKeys``."""


def list_rule(owner: str, field: str) -> ListRule | None:
    """The rule for a list field of a type; None when every writer replaces it whole."""
    if (rule := _TABLE.get(owner, {}).get(field)) is not None:
        return rule
    if field == "conditions" and owner != "CustomResourceDefinition":
        return _TYPE
    return None


def shared(owner: str, field: str) -> ListRule | None:
    """The rule by which several managers own a list field; None when one owns it whole."""
    rule = list_rule(owner, field)
    return None if rule is None or rule.atomic else rule


def step(owner: str, field: str) -> str:
    """The type of a field of a type, as far as merging needs to know; the empty text when it does not."""
    if field == "metadata":
        return "ObjectMeta"
    if field == "template":
        return "PodTemplateSpec"
    return _STEPS.get((owner, field), "")


def atomic_map(field: str, type_name: str = "") -> bool:
    """Whether server-side apply takes a map as one value."""
    return field in _ATOMIC_MAPS or type_name in _ATOMIC_TYPES
