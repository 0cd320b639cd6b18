"""What a condition may ask about an object's neighbours: the names below ``near``."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from k8stui.core.objects import JsonObject

Near = Mapping[str, tuple[JsonObject, ...]]
"""The neighbours of an object by relation, as far as they are known."""

GroupKind = tuple[str, str]

_POD = (("", "Pod"),)
_CONTROLLERS = (
    ("apps", "Deployment"), ("apps", "ReplicaSet"), ("apps", "StatefulSet"), ("apps", "DaemonSet"),
    ("batch", "Job"), ("", "ReplicationController"),
)  # fmt: skip
_SCALED = (
    ("apps", "Deployment"),
    ("apps", "ReplicaSet"),
    ("apps", "StatefulSet"),
    ("", "ReplicationController"),
)
_RBAC = "rbac.authorization.k8s.io"
_NETWORKING = "networking.k8s.io"
_AUTOSCALER = ("autoscaling", "HorizontalPodAutoscaler")
_BUDGET = ("policy", "PodDisruptionBudget")
_SERVICE = ("", "Service")
_CLAIM = ("", "PersistentVolumeClaim")
_VOLUME = ("", "PersistentVolume")
_ROLES = ((_RBAC, "Role"), (_RBAC, "ClusterRole"))
_BINDINGS = ((_RBAC, "RoleBinding"), (_RBAC, "ClusterRoleBinding"))
_ACCOUNT = ("", "ServiceAccount")
_NAMESPACE = ("", "Namespace")
_POLICY = (_NETWORKING, "NetworkPolicy")

EVERY: frozenset[GroupKind] = frozenset()
"""Of objects of every kind."""


def _of(*kinds: GroupKind) -> frozenset[GroupKind]:
    return frozenset(kinds)


RELATIONS: Mapping[str, frozenset[GroupKind]] = MappingProxyType(
    {
        "owner": EVERY,
        "events": EVERY,
        "namespace": EVERY,
        "pods": _of(
            *_CONTROLLERS, _SERVICE, _BUDGET, _POLICY, _CLAIM, _ACCOUNT, _NAMESPACE, ("", "Node"),
            ("", "ConfigMap"), ("", "Secret"),
        ),
        "services": _of(*_POD, *_CONTROLLERS, (_NETWORKING, "Ingress"), ("", "Endpoints"),
                        ("discovery.k8s.io", "EndpointSlice")),
        "endpointslices": _of(_SERVICE),
        "ingresses": _of(_SERVICE, ("", "Secret"), (_NETWORKING, "IngressClass")),
        "ingressclasses": _of((_NETWORKING, "Ingress"), (_NETWORKING, "IngressClass")),
        "replicasets": _of(("apps", "Deployment")),
        "jobs": _of(("batch", "CronJob")),
        "hpas": _of(*_SCALED, _AUTOSCALER),
        "pdbs": _of(*_POD, *_CONTROLLERS, _BUDGET),
        "networkpolicies": _of(*_POD, *_CONTROLLERS, _NAMESPACE),
        "target": _of(_AUTOSCALER),
        "node": _of(*_POD),
        "serviceaccount": _of(*_POD),
        "pvcs": _of(*_POD, _VOLUME, ("apps", "StatefulSet")),
        "volume": _of(_CLAIM),
        "storageclass": _of(_CLAIM, _VOLUME),
        "storageclasses": _of(_CLAIM, ("storage.k8s.io", "StorageClass")),
        "role": _of(*_BINDINGS),
        "bindings": _of(*_ROLES, _ACCOUNT),
        "serviceaccounts": _of(*_BINDINGS),
        "resourcequotas": _of(*_POD, *_CONTROLLERS, _NAMESPACE),
        "limitranges": _of(*_POD, *_CONTROLLERS, _NAMESPACE),
        "subject": _of(("", "Event")),
        "definition": EVERY,
    }
)  # fmt: skip
"""Each relation with the kinds that have it; the package's docstring says what each holds."""


def has_relation(relation: str, group: str, kind: str) -> bool:
    """Whether objects of a kind have a relation."""
    kinds = RELATIONS.get(relation)
    return kinds is not None and (not kinds or (group, kind) in kinds)
