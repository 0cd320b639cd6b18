"""Which kind stands in which category.

The categories are those of the Kubernetes API reference, versions 1.17 to 1.34; the book took them from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from k8stui.catalog.categories import Category
from k8stui.core.kinds import ResourceKind

GroupKind = tuple[str, str]
"""API group (empty for core) and Kind name."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one kind stands in the tree."""

    category: Category
    in_book: bool = False
    """Whether the book names the kind."""
    placed: bool = True
    """False when nobody has said where the kind belongs, and its API group decided."""
    custom: bool = False
    """Whether it comes from a CustomResourceDefinition or another API server, not from Kubernetes itself."""


_RBAC = "rbac.authorization.k8s.io"
_ADMISSION = "admissionregistration.k8s.io"

_BOOK: tuple[tuple[Category, str, str], ...] = (
    (Category.WORKLOADS, "", "Pod ReplicationController"),
    (Category.WORKLOADS, "apps", "ReplicaSet Deployment DaemonSet StatefulSet"),
    (Category.WORKLOADS, "batch", "Job CronJob"),
    (Category.SERVICE, "", "Service"),
    (Category.SERVICE, "networking.k8s.io", "Ingress"),
    (Category.CONFIG_STORAGE, "", "Secret ConfigMap PersistentVolumeClaim"),
    (Category.CLUSTER, "", "Node Namespace PersistentVolume ResourceQuota ServiceAccount"),
    (Category.CLUSTER, _RBAC, "Role ClusterRole RoleBinding ClusterRoleBinding"),
    (Category.CLUSTER, "networking.k8s.io", "NetworkPolicy"),
    (Category.METADATA, "", "LimitRange"),
    (Category.METADATA, "autoscaling", "HorizontalPodAutoscaler"),
    (Category.METADATA, "policy", "PodDisruptionBudget"),
    (Category.METADATA, "apiextensions.k8s.io", "CustomResourceDefinition"),
)
"""The book's kinds in the book's order."""

_ALSO: tuple[tuple[Category, str, str], ...] = (
    (Category.WORKLOADS, "metrics.k8s.io", "PodMetrics"),
    (Category.WORKLOADS, "scheduling.k8s.io", "Workload PodGroup"),
    (Category.SERVICE, "", "Endpoints"),
    (Category.SERVICE, "discovery.k8s.io", "EndpointSlice"),
    (Category.SERVICE, "networking.k8s.io", "IngressClass"),
    (
        Category.CONFIG_STORAGE,
        "storage.k8s.io",
        "StorageClass CSIDriver CSINode CSIStorageCapacity VolumeAttachment VolumeAttributesClass",
    ),
    (Category.CLUSTER, "", "ComponentStatus Binding"),
    (Category.CLUSTER, "apiregistration.k8s.io", "APIService"),
    (Category.CLUSTER, "certificates.k8s.io", "CertificateSigningRequest PodCertificateRequest"),
    (Category.CLUSTER, "flowcontrol.apiserver.k8s.io", "FlowSchema PriorityLevelConfiguration"),
    (Category.CLUSTER, "coordination.k8s.io", "Lease LeaseCandidate"),
    (Category.CLUSTER, "node.k8s.io", "RuntimeClass"),
    (Category.CLUSTER, "networking.k8s.io", "IPAddress ServiceCIDR"),
    (Category.CLUSTER, "internal.apiserver.k8s.io", "StorageVersion"),
    (Category.CLUSTER, "storagemigration.k8s.io", "StorageVersionMigration"),
    (Category.CLUSTER, "metrics.k8s.io", "NodeMetrics"),
    (Category.CLUSTER, _ADMISSION, "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding"),
    (Category.CLUSTER, "authentication.k8s.io", "TokenReview SelfSubjectReview TokenRequest"),
    (
        Category.CLUSTER,
        "authorization.k8s.io",
        "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
    ),
    (Category.METADATA, "apps", "ControllerRevision"),
    (Category.METADATA, "", "PodTemplate Event"),
    (
        Category.METADATA,
        _ADMISSION,
        "MutatingWebhookConfiguration ValidatingWebhookConfiguration"
        " ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding",
    ),
    (Category.METADATA, "scheduling.k8s.io", "PriorityClass"),
    (Category.METADATA, "certificates.k8s.io", "ClusterTrustBundle"),
    (
        Category.METADATA,
        "resource.k8s.io",
        "DeviceClass DeviceTaintRule ResourceClaim ResourceClaimTemplate ResourceSlice",
    ),
)

_WHOLE_GROUPS = {
    "gateway.networking.k8s.io": Category.SERVICE,
    "snapshot.storage.k8s.io": Category.CONFIG_STORAGE,
}
"""Groups of which every kind stands in one category."""

_SAME_ROW: dict[GroupKind, GroupKind] = {
    ("events.k8s.io", "Event"): ("", "Event"),
    ("extensions", "DaemonSet"): ("apps", "DaemonSet"),
    ("extensions", "Deployment"): ("apps", "Deployment"),
    ("extensions", "ReplicaSet"): ("apps", "ReplicaSet"),
    ("extensions", "Ingress"): ("networking.k8s.io", "Ingress"),
    ("extensions", "NetworkPolicy"): ("networking.k8s.io", "NetworkPolicy"),
}
"""The same objects served under a second group: Event under both, the others by clusters before 1.22."""

_PLAIN_GROUPS = frozenset({"", "apps", "autoscaling", "batch", "extensions", "policy"})
"""Kubernetes' own groups that have no domain; all its others end in ``.k8s.io``."""


def _places() -> dict[GroupKind, Placement]:
    return {
        (group, kind): Placement(category, in_book)
        for in_book, table in ((True, _BOOK), (False, _ALSO))
        for category, group, kinds in table
        for kind in kinds.split()
    }


PLACES: Mapping[GroupKind, Placement] = MappingProxyType(_places())
"""Every kind that has a place of its own, the book's first and in order; reviews too, which nobody lists."""

_ORDER = {key: position for position, key in enumerate(PLACES)}


def _majorities() -> dict[str, Category]:
    votes: dict[str, list[Category]] = {}
    for (group, _), placement in PLACES.items():
        votes.setdefault(group, []).append(placement.category)
    return {group: max(Category, key=cast.count) for group, cast in votes.items()} | _WHOLE_GROUPS


_MAJORITY = _majorities()


def canonical(group: str, kind: str) -> GroupKind:
    """The group and kind under which the same objects have their row; most kinds are their own."""
    return _SAME_ROW.get((group, kind), (group, kind))


def is_custom_group(group: str) -> bool:
    """Whether an API group is none of Kubernetes' own.

    Kubernetes' groups are the core group, a few plain names, and those that end in ``.k8s.io``
    (``.x-k8s.io`` is for experiments of the community and does not count).
    """
    return group not in _PLAIN_GROUPS and not group.endswith(".k8s.io")


def group_category(group: str) -> Category:
    """The category most kinds of a group are in, else of the group it is named after, else Metadata.

    ``groupsnapshot.storage.k8s.io`` follows ``storage.k8s.io``; ``autoscaling.k8s.io``, ``autoscaling``.
    """
    if is_custom_group(group):
        return Category.METADATA
    parent = group
    while parent:
        if parent in _MAJORITY:
            return _MAJORITY[parent]
        parent = parent.partition(".")[2]
    return _MAJORITY.get(group.partition(".")[0], Category.METADATA)


def place(kind: ResourceKind) -> Placement:
    """Where a kind stands: in its own row, with its whole group, as a custom resource, or by its group."""
    found = PLACES.get(canonical(kind.group, kind.kind))
    if found is not None:
        return found
    if kind.group in _WHOLE_GROUPS:
        return Placement(_WHOLE_GROUPS[kind.group])
    if is_custom_group(kind.group):
        return Placement(Category.METADATA, custom=True)
    return Placement(group_category(kind.group), placed=False)


def book_order(kind: ResourceKind) -> int:
    """A number that sorts the book's kinds into the book's order; meaningless for others."""
    return _ORDER.get(canonical(kind.group, kind.kind), len(_ORDER))
