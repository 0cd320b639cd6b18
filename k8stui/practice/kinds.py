"""The kinds that an API server of Kubernetes 1.37 serves by itself, as its discovery describes them."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from k8stui.core.kinds import ResourceKind

_CHANGE = ("get", "patch", "update")
_ALL = frozenset(("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"))
_CREATE = frozenset(("create",))


class Subresource(msgspec.Struct, frozen=True):
    """A path below an object, such as ``scale`` or ``log``, and what it answers with."""

    name: str
    group: str
    """Group of the answer; empty for the object's own group and version."""
    version: str
    kind: str
    verbs: tuple[str, ...]


def subresources(kind: ResourceKind) -> tuple[Subresource, ...]:
    """The subresources of a kind in the order of their names, as discovery lists them."""
    return tuple(_subresource(kind, name) for name in sorted(kind.subresources))


def _subresource(kind: ResourceKind, name: str) -> Subresource:
    connect = ("create", "get")
    match name:
        case "scale":
            return Subresource(name, "autoscaling", "v1", "Scale", _CHANGE)
        case "token":
            return Subresource(name, "authentication.k8s.io", "v1", "TokenRequest", ("create",))
        case "eviction":
            return Subresource(name, "policy", "v1", "Eviction", ("create",))
        case "binding":
            return Subresource(name, "", "", "Binding", ("create",))
        case "finalize":
            return Subresource(name, "", "", kind.kind, ("update",))
        case "log":
            return Subresource(name, "", "", kind.kind, ("get",))
        case "attach" | "exec":
            return Subresource(name, "", "", f"Pod{name.capitalize()}Options", connect)
        case "portforward":
            return Subresource(name, "", "", "PodPortForwardOptions", connect)
        case "proxy":
            verbs = ("create", "delete", *_CHANGE)
            return Subresource(name, "", "", f"{kind.kind}ProxyOptions", verbs)
        case _:
            return Subresource(name, "", "", kind.kind, _CHANGE)


class _Line(msgspec.Struct, frozen=True):
    """One kind of the table below; what is not said is as with most kinds."""

    plural: str
    kind: str
    short: str = ""
    sub: str = ""
    namespaced: bool = True
    categories: tuple[str, ...] = ()
    verbs: frozenset[str] = _ALL

    def within(self, group: str, version: str) -> ResourceKind:
        """The kind, placed in its group and version."""
        return ResourceKind(
            group=group,
            version=version,
            kind=self.kind,
            plural=self.plural,
            namespaced=self.namespaced,
            singular=self.kind.lower(),
            verbs=self.verbs,
            short_names=tuple(self.short.split()),
            categories=self.categories,
            subresources=frozenset(self.sub.split()),
        )


def _wide(plural: str, kind: str, short: str = "", sub: str = "", categories: str = "") -> _Line:
    """A cluster-scoped kind."""
    return _Line(plural, kind, short, sub, namespaced=False, categories=tuple(categories.split()))


def _user(plural: str, kind: str, short: str = "", sub: str = "") -> _Line:
    """A namespaced kind that ``kubectl get all`` shows."""
    return _Line(plural, kind, short, sub, categories=("all",))


def _question(plural: str, kind: str, namespaced: bool = False) -> _Line:
    """A kind that is only ever created, to be answered at once."""
    return _Line(plural, kind, namespaced=namespaced, verbs=_CREATE)


_POD_SUB = "attach binding ephemeralcontainers eviction exec log portforward proxy resize status"
_EXTENSION = "api-extensions"

_CORE = (
    _question("bindings", "Binding", namespaced=True),
    _Line(
        "componentstatuses",
        "ComponentStatus",
        "cs",
        namespaced=False,
        verbs=frozenset(("get", "list")),
    ),
    _Line("configmaps", "ConfigMap", "cm"),
    _Line("endpoints", "Endpoints", "ep"),
    _Line("events", "Event", "ev"),
    _Line("limitranges", "LimitRange", "limits"),
    _Line(
        "namespaces",
        "Namespace",
        "ns",
        "finalize status",
        namespaced=False,
        verbs=_ALL - {"deletecollection"},
    ),
    _wide("nodes", "Node", "no", "proxy status"),
    _Line("persistentvolumeclaims", "PersistentVolumeClaim", "pvc", "status"),
    _wide("persistentvolumes", "PersistentVolume", "pv", "status"),
    _user("pods", "Pod", "po", _POD_SUB),
    _Line("podtemplates", "PodTemplate"),
    _user("replicationcontrollers", "ReplicationController", "rc", "scale status"),
    _Line("resourcequotas", "ResourceQuota", "quota", "status"),
    _Line("secrets", "Secret"),
    _Line("serviceaccounts", "ServiceAccount", "sa", "token"),
    _user("services", "Service", "svc", "proxy status"),
)

_APPS = (
    _Line("controllerrevisions", "ControllerRevision"),
    _user("daemonsets", "DaemonSet", "ds", "status"),
    _user("deployments", "Deployment", "deploy", "scale status"),
    _user("replicasets", "ReplicaSet", "rs", "scale status"),
    _user("statefulsets", "StatefulSet", "sts", "scale status"),
)

_AUTHORIZATION = (
    _question("localsubjectaccessreviews", "LocalSubjectAccessReview", namespaced=True),
    _question("selfsubjectaccessreviews", "SelfSubjectAccessReview"),
    _question("selfsubjectrulesreviews", "SelfSubjectRulesReview"),
    _question("subjectaccessreviews", "SubjectAccessReview"),
)

_CERTIFICATES = (
    _wide("certificatesigningrequests", "CertificateSigningRequest", "csr", "approval status"),
    _wide("clustertrustbundles", "ClusterTrustBundle"),
    _Line("podcertificaterequests", "PodCertificateRequest", sub="status"),
)

_NETWORKING = (
    _wide("ingressclasses", "IngressClass"),
    _Line("ingresses", "Ingress", "ing", "status"),
    _wide("ipaddresses", "IPAddress", "ip"),
    _Line("networkpolicies", "NetworkPolicy", "netpol"),
    _wide("servicecidrs", "ServiceCIDR", sub="status"),
)

_RBAC = (
    _wide("clusterrolebindings", "ClusterRoleBinding"),
    _wide("clusterroles", "ClusterRole"),
    _Line("rolebindings", "RoleBinding"),
    _Line("roles", "Role"),
)

_STORAGE = (
    _wide("csidrivers", "CSIDriver"),
    _wide("csinodes", "CSINode", sub="status"),
    _Line("csistoragecapacities", "CSIStorageCapacity"),
    _wide("storageclasses", "StorageClass", "sc"),
    _wide("volumeattachments", "VolumeAttachment", sub="status"),
    _wide("volumeattributesclasses", "VolumeAttributesClass", "vac"),
)

_ADMISSION = (
    _wide("mutatingadmissionpolicies", "MutatingAdmissionPolicy", categories=_EXTENSION),
    _wide("mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", categories=_EXTENSION),
    _wide("mutatingwebhookconfigurations", "MutatingWebhookConfiguration", categories=_EXTENSION),
    _wide("validatingadmissionpolicies", "ValidatingAdmissionPolicy", sub="status", categories=_EXTENSION),
    _wide("validatingadmissionpolicybindings", "ValidatingAdmissionPolicyBinding", categories=_EXTENSION),
    _wide("validatingwebhookconfigurations", "ValidatingWebhookConfiguration", categories=_EXTENSION),
)

_DEVICES = (
    _wide("deviceclasses", "DeviceClass"),
    _wide("devicetaintrules", "DeviceTaintRule", sub="status"),
    _Line("resourceclaims", "ResourceClaim", sub="status"),
    _Line("resourceclaimtemplates", "ResourceClaimTemplate"),
    _wide("resourceslices", "ResourceSlice"),
)

_FLOW = (
    _wide("flowschemas", "FlowSchema", sub="status"),
    _wide("prioritylevelconfigurations", "PriorityLevelConfiguration", sub="status"),
)

_GROUPS: tuple[tuple[str, str, tuple[_Line, ...]], ...] = (
    ("", "v1", _CORE),
    (
        "apiregistration.k8s.io",
        "v1",
        (_wide("apiservices", "APIService", sub="status", categories=_EXTENSION),),
    ),
    ("apps", "v1", _APPS),
    ("events.k8s.io", "v1", (_Line("events", "Event", "ev"),)),
    (
        "authentication.k8s.io",
        "v1",
        (
            _question("selfsubjectreviews", "SelfSubjectReview"),
            _question("tokenreviews", "TokenReview"),
        ),
    ),
    ("authorization.k8s.io", "v1", _AUTHORIZATION),
    ("autoscaling", "v2", (_user("horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa", "status"),)),
    ("autoscaling", "v1", (_user("horizontalpodautoscalers", "HorizontalPodAutoscaler", "hpa", "status"),)),
    (
        "batch",
        "v1",
        (
            _user("cronjobs", "CronJob", "cj", "status"),
            _user("jobs", "Job", "", "status"),
        ),
    ),
    ("certificates.k8s.io", "v1", _CERTIFICATES),
    ("networking.k8s.io", "v1", _NETWORKING),
    ("policy", "v1", (_Line("poddisruptionbudgets", "PodDisruptionBudget", "pdb", "status"),)),
    ("rbac.authorization.k8s.io", "v1", _RBAC),
    ("storage.k8s.io", "v1", _STORAGE),
    ("admissionregistration.k8s.io", "v1", _ADMISSION),
    (
        "apiextensions.k8s.io",
        "v1",
        (
            _wide(
                "customresourcedefinitions",
                "CustomResourceDefinition",
                "crd crds",
                "status",
                _EXTENSION,
            ),
        ),
    ),
    ("scheduling.k8s.io", "v1", (_wide("priorityclasses", "PriorityClass", "pc"),)),
    ("coordination.k8s.io", "v1", (_Line("leases", "Lease"),)),
    ("node.k8s.io", "v1", (_wide("runtimeclasses", "RuntimeClass"),)),
    ("discovery.k8s.io", "v1", (_Line("endpointslices", "EndpointSlice"),)),
    ("resource.k8s.io", "v1", _DEVICES),
    ("flowcontrol.apiserver.k8s.io", "v1", _FLOW),
    (
        "storagemigration.k8s.io",
        "v1",
        (_wide("storageversionmigrations", "StorageVersionMigration", sub="status"),),
    ),
)


def _expand() -> Iterator[ResourceKind]:
    for group, version, lines in _GROUPS:
        for line in lines:
            yield line.within(group, version)


BUILTIN_KINDS: tuple[ResourceKind, ...] = tuple(_expand())
"""Every built-in kind in the order of discovery; the first version of a group is its preferred one."""


def builtin(plural: str, group: str = "", version: str = "") -> ResourceKind:
    """The built-in kind of that plural and group, in the preferred version unless one is named.

    Raises:
        KeyError: no built-in kind is called that.
    """
    for kind in BUILTIN_KINDS:
        if kind.plural == plural and kind.group == group and version in ("", kind.version):
            return kind
    raise KeyError(f"{plural}.{group}")
