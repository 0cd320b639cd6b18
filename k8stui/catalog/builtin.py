"""The kinds that are known before any server has been asked."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from k8stui.core.kinds import ResourceKind

_VERBS = frozenset({"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"})
_WORKLOAD = ("status", "scale")


def _kind(
    kind: str,
    plural: str,
    short_names: str = "",
    *,
    group: str = "",
    version: str = "v1",
    namespaced: bool = True,
    categories: tuple[str, ...] = (),
    subresources: tuple[str, ...] = (),
) -> ResourceKind:
    return ResourceKind(
        group=group,
        version=version,
        kind=kind,
        plural=plural,
        namespaced=namespaced,
        singular=kind.lower(),
        verbs=_VERBS - {"deletecollection"} if plural == "namespaces" else _VERBS,
        short_names=tuple(short_names.split()),
        categories=categories,
        subresources=frozenset(subresources),
    )


_ALL = ("all",)
_POD_SUBRESOURCES = (
    "attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward", "proxy", "resize",
    "status",
)  # fmt: skip
_RBAC = "rbac.authorization.k8s.io"
_NETWORKING = "networking.k8s.io"

_KINDS = (
    _kind("Pod", "pods", "po", categories=_ALL, subresources=_POD_SUBRESOURCES),
    _kind("ReplicationController", "replicationcontrollers", "rc", categories=_ALL, subresources=_WORKLOAD),
    _kind("ReplicaSet", "replicasets", "rs", group="apps", categories=_ALL, subresources=_WORKLOAD),
    _kind("Deployment", "deployments", "deploy", group="apps", categories=_ALL, subresources=_WORKLOAD),
    _kind("DaemonSet", "daemonsets", "ds", group="apps", categories=_ALL, subresources=("status",)),
    _kind("StatefulSet", "statefulsets", "sts", group="apps", categories=_ALL, subresources=_WORKLOAD),
    _kind("Job", "jobs", group="batch", categories=_ALL, subresources=("status",)),
    _kind("CronJob", "cronjobs", "cj", group="batch", categories=_ALL, subresources=("status",)),
    _kind("Service", "services", "svc", categories=_ALL, subresources=("proxy", "status")),
    _kind("Ingress", "ingresses", "ing", group=_NETWORKING, subresources=("status",)),
    _kind("Secret", "secrets"),
    _kind("ConfigMap", "configmaps", "cm"),
    _kind("PersistentVolumeClaim", "persistentvolumeclaims", "pvc", subresources=("status",)),
    _kind("Node", "nodes", "no", namespaced=False, subresources=("proxy", "status")),
    _kind("Namespace", "namespaces", "ns", namespaced=False, subresources=("finalize", "status")),
    _kind("PersistentVolume", "persistentvolumes", "pv", namespaced=False, subresources=("status",)),
    _kind("ResourceQuota", "resourcequotas", "quota", subresources=("status",)),
    _kind("ServiceAccount", "serviceaccounts", "sa", subresources=("token",)),
    _kind("Role", "roles", group=_RBAC),
    _kind("ClusterRole", "clusterroles", group=_RBAC, namespaced=False),
    _kind("RoleBinding", "rolebindings", group=_RBAC),
    _kind("ClusterRoleBinding", "clusterrolebindings", group=_RBAC, namespaced=False),
    _kind("NetworkPolicy", "networkpolicies", "netpol", group=_NETWORKING),
    _kind("LimitRange", "limitranges", "limits"),
    _kind(
        "HorizontalPodAutoscaler", "horizontalpodautoscalers", "hpa", group="autoscaling", version="v2",
        categories=_ALL, subresources=("status",),
    ),
    _kind("PodDisruptionBudget", "poddisruptionbudgets", "pdb", group="policy", subresources=("status",)),
    _kind(
        "CustomResourceDefinition", "customresourcedefinitions", "crd crds", group="apiextensions.k8s.io",
        namespaced=False, categories=("api-extensions",), subresources=("status",),
    ),
    _kind("Event", "events", "ev"),
)  # fmt: skip

BUILTIN: Mapping[str, ResourceKind] = MappingProxyType({kind.plural: kind for kind in _KINDS})
"""The kinds that the book names, and Event, by plural name, as discovery lists them on a current server."""
