"""What the server fills in that a manifest leaves out, kind by kind."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from types import MappingProxyType

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts
from k8stui.practice.api import extradefaults
from k8stui.practice.api.poddefaults import claim_spec, pod_spec, put
from k8stui.practice.store import Store

_ROLLING = {"maxUnavailable": "25%", "maxSurge": "25%"}
_NODE_PORTS = (30_000, 32_767)
_STICKY_SECONDS = 10_800
_IN_STATUS = frozenset(("nodes", "customresourcedefinitions"))


def fill(kind: ResourceKind, obj: JsonObject, store: Store) -> None:
    """Fill in the defaults of a built-in kind, in place. The object must be the caller's own copy."""
    filler = _FILLERS.get((kind.group, kind.plural))
    if filler is not None:
        filler(obj, store)


def in_status(kind: ResourceKind) -> bool:
    """Whether a status itself has defaults, beside there being one."""
    return kind.plural in _IN_STATUS


def custom(schema: JsonObject, value: object) -> None:
    """Fill in the defaults of a custom resource's schema, in place."""
    if isinstance(value, dict):
        for name, below in (schema.get("properties") or {}).items():
            if name in value and value[name] is None and not below.get("nullable"):
                del value[name]
            if name not in value and "default" in below:
                value[name] = _copy(below["default"])
            if name in value:
                custom(below, value[name])
        others = schema.get("additionalProperties")
        if isinstance(others, dict):
            for each in value.values():
                custom(others, each)
    elif isinstance(value, list) and isinstance(schema.get("items"), dict):
        for each in value:
            custom(schema["items"], each)


def _copy(value: object) -> object:
    if isinstance(value, dict):
        return {key: _copy(each) for key, each in value.items()}
    return [_copy(each) for each in value] if isinstance(value, list) else value


def _spec(obj: JsonObject, **values: object) -> JsonObject:
    """The spec, with values set where it has none."""
    spec: JsonObject = obj["spec"] if isinstance(obj.get("spec"), dict) else {}
    obj["spec"] = spec
    put(spec, **values)
    return spec


def _template(spec: JsonObject) -> JsonObject:
    template: JsonObject = spec["template"] if isinstance(spec.get("template"), dict) else {}
    spec["template"] = template
    put(template, metadata={})
    pod_spec(_spec(template))
    return template


def _pod_template(obj: JsonObject, _store: Store) -> None:
    _template(obj)


def _pod(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj, enableServiceLinks=True)
    pod_spec(spec)


def _replicated(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj, replicas=1)
    template = _template(spec)
    labels = template["metadata"].get("labels") or {}
    if obj["kind"] == "ReplicationController":
        put(spec, selector=dict(labels))
        if labels:
            put(obj["metadata"], labels=dict(labels))
    put(obj, status={"replicas": 0})


def _deployment(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    _rolling(spec, "strategy", _ROLLING)
    _template(spec)
    put(obj, status={})


def _rolling(spec: JsonObject, field: str, values: Mapping[str, object]) -> None:
    strategy: JsonObject = spec.setdefault(field, {})
    put(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        put(strategy, rollingUpdate={})
        put(strategy["rollingUpdate"], **values)


def _stateful_set(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj, replicas=1, podManagementPolicy="OrderedReady", revisionHistoryLimit=10)
    put(spec, persistentVolumeClaimRetentionPolicy={"whenDeleted": "Retain", "whenScaled": "Retain"})
    _rolling(spec, "updateStrategy", {"partition": 0, "maxUnavailable": 1})
    _template(spec)
    for claim in dicts(spec, "volumeClaimTemplates"):
        put(claim, kind="PersistentVolumeClaim", apiVersion="v1", status={"phase": "Pending"})
        claim_spec(_spec(claim))
    put(obj, status={"replicas": 0, "availableReplicas": 0})


def _daemon_set(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj, revisionHistoryLimit=10)
    _rolling(spec, "updateStrategy", {"maxUnavailable": 1, "maxSurge": 0})
    _template(spec)
    generation = obj["metadata"].get("generation", 1)
    put(obj["metadata"], annotations={})
    obj["metadata"]["annotations"].setdefault("deprecated.daemonset.template.generation", str(generation))
    counts = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")
    put(obj, status=dict.fromkeys(counts, 0))


def _job_spec(spec: JsonObject) -> None:
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = 1
    put(spec, parallelism=1, backoffLimit=6, completionMode="NonIndexed", suspend=False)
    replacement = "TerminatingOrFailed" if spec.get("podFailurePolicy") is None else "Failed"
    put(spec, podReplacementPolicy=replacement, manualSelector=False)


def _job(obj: JsonObject, store: Store) -> None:
    metadata = obj["metadata"]
    spec = _spec(obj)
    _job_spec(spec)
    template = _template(spec)
    if spec.get("selector") is None and not spec.get("manualSelector"):
        uid = metadata.setdefault("uid", store.new_uid())
        spec["selector"] = {"matchLabels": {"batch.kubernetes.io/controller-uid": uid}}
        labels = template["metadata"].setdefault("labels", {})
        for prefix in ("batch.kubernetes.io/", ""):
            labels[f"{prefix}controller-uid"] = uid
            labels[f"{prefix}job-name"] = metadata.get("name", "")
    if "labels" not in metadata and template["metadata"].get("labels"):
        metadata["labels"] = dict(template["metadata"]["labels"])
    put(obj, status={})


def _cron_job(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj, concurrencyPolicy="Allow", suspend=False)
    put(spec, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)
    if isinstance(spec.get("jobTemplate"), dict):
        put(spec["jobTemplate"], metadata={})
        _template(_spec(spec["jobTemplate"]))
    put(obj, status={})


def _service(obj: JsonObject, store: Store) -> None:
    spec = _spec(obj, type="ClusterIP", sessionAffinity="None")
    for port in dicts(spec, "ports"):
        put(port, protocol="TCP", targetPort=port.get("port"))
    put(obj, status={"loadBalancer": {}})
    if spec["sessionAffinity"] == "ClientIP":
        put(spec, sessionAffinityConfig={"clientIP": {"timeoutSeconds": _STICKY_SECONDS}})
    if spec["type"] == "ExternalName":
        return
    put(spec, internalTrafficPolicy="Cluster", ipFamilies=["IPv4"], ipFamilyPolicy="SingleStack")
    put(spec, clusterIP=_cluster_ip(store))
    put(spec, clusterIPs=[spec["clusterIP"]])
    if spec["type"] in ("NodePort", "LoadBalancer") or spec.get("externalIPs"):
        put(spec, externalTrafficPolicy="Cluster")
    if spec["type"] in ("NodePort", "LoadBalancer"):
        for port in dicts(spec, "ports"):
            put(port, nodePort=_node_port(store))
    if spec["type"] == "LoadBalancer":
        put(spec, allocateLoadBalancerNodePorts=True)
        if spec["externalTrafficPolicy"] == "Local":
            put(spec, healthCheckNodePort=_node_port(store))


_SERVICES = ResourceKind("", "v1", "Service", "services", namespaced=True)


def _cluster_ip(store: Store) -> str:
    used = {(service.get("spec") or {}).get("clusterIP") for service in store.list(_SERVICES)}
    while True:
        address = f"10.96.{store.rng.randint(1, 255)}.{store.rng.randint(1, 254)}"
        if address not in used:
            return address


def _node_port(store: Store) -> int:
    services = store.list(_SERVICES)
    used = {port.get("nodePort") for service in services for port in dicts(service, "spec", "ports")}
    used |= {(service.get("spec") or {}).get("healthCheckNodePort") for service in services}
    while (port := store.rng.randint(*_NODE_PORTS)) in used:
        pass
    return port


def _namespace(obj: JsonObject, _store: Store) -> None:
    metadata = obj["metadata"]
    metadata["labels"] = {
        **(metadata.get("labels") or {}),
        "kubernetes.io/metadata.name": metadata.get("name", ""),
    }
    _spec(obj, finalizers=["kubernetes"])
    put(obj, status={"phase": "Active"})


def _secret(obj: JsonObject, _store: Store) -> None:
    put(obj, type="Opaque")
    plain = obj.pop("stringData", None)
    if isinstance(plain, dict) and plain:
        written = {key: base64.b64encode(str(value).encode()).decode() for key, value in plain.items()}
        obj["data"] = {**(obj.get("data") or {}), **written}


def _claim(obj: JsonObject, _store: Store) -> None:
    claim_spec(_spec(obj))
    put(obj, status={"phase": "Pending"})


def _volume(obj: JsonObject, store: Store) -> None:
    spec = _spec(obj, volumeMode="Filesystem", persistentVolumeReclaimPolicy="Retain")
    if isinstance(spec.get("hostPath"), dict):
        put(spec["hostPath"], type="")
    put(obj, status={"phase": "Pending", "lastPhaseTransitionTime": store.now()})


def _storage_class(obj: JsonObject, _store: Store) -> None:
    put(obj, reclaimPolicy="Delete", volumeBindingMode="Immediate")


_SCALING: Mapping[str, JsonObject] = MappingProxyType(
    {
        "scaleUp": {
            "stabilizationWindowSeconds": 0,
            "selectPolicy": "Max",
            "policies": (
                {"type": "Pods", "value": 4, "periodSeconds": 15},
                {"type": "Percent", "value": 100, "periodSeconds": 15},
            ),
        },
        "scaleDown": {
            "selectPolicy": "Max",
            "policies": ({"type": "Percent", "value": 100, "periodSeconds": 15},),
        },
    }
)


def _autoscaler(obj: JsonObject, _store: Store) -> None:
    target = {"type": "Utilization", "averageUtilization": 80}
    usual = [{"type": "Resource", "resource": {"name": "cpu", "target": target}}]
    spec = _spec(obj, minReplicas=1, metrics=usual)
    behavior = spec.get("behavior")
    if isinstance(behavior, dict):
        for way, rules in _SCALING.items():
            put(behavior, **{way: {}})
            put(behavior[way], **{**rules, "policies": [dict(policy) for policy in rules["policies"]]})
    put(obj, status={"desiredReplicas": 0, "currentMetrics": None})


def _network_policy(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj)
    put(spec, podSelector={}, policyTypes=["Ingress", "Egress"] if "egress" in spec else ["Ingress"])
    for rule in (*dicts(spec, "ingress"), *dicts(spec, "egress")):
        for port in dicts(rule, "ports"):
            put(port, protocol="TCP")


def _disruption_budget(obj: JsonObject, _store: Store) -> None:
    counts = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    put(obj, status=dict.fromkeys(counts, 0))


def _binding(obj: JsonObject, _store: Store) -> None:
    if isinstance(obj.get("roleRef"), dict):
        put(obj["roleRef"], apiGroup="rbac.authorization.k8s.io")
    for subject in dicts(obj, "subjects"):
        if subject.get("kind") in ("User", "Group"):
            put(subject, apiGroup="rbac.authorization.k8s.io")


def _ingress(obj: JsonObject, _store: Store) -> None:
    put(obj, status={"loadBalancer": {}})


def _empty_status(obj: JsonObject, _store: Store) -> None:
    put(obj, status={})


_FILLERS: Mapping[tuple[str, str], Callable[[JsonObject, Store], None]] = MappingProxyType(
    {
        ("", "pods"): _pod,
        ("", "services"): _service,
        ("", "namespaces"): _namespace,
        ("", "secrets"): _secret,
        ("", "persistentvolumeclaims"): _claim,
        ("", "persistentvolumes"): _volume,
        ("", "replicationcontrollers"): _replicated,
        ("", "resourcequotas"): _empty_status,
        ("", "podtemplates"): _pod_template,
        ("apps", "replicasets"): _replicated,
        ("apps", "deployments"): _deployment,
        ("apps", "statefulsets"): _stateful_set,
        ("apps", "daemonsets"): _daemon_set,
        ("batch", "jobs"): _job,
        ("batch", "cronjobs"): _cron_job,
        ("autoscaling", "horizontalpodautoscalers"): _autoscaler,
        ("networking.k8s.io", "networkpolicies"): _network_policy,
        ("networking.k8s.io", "ingresses"): _ingress,
        ("policy", "poddisruptionbudgets"): _disruption_budget,
        ("rbac.authorization.k8s.io", "rolebindings"): _binding,
        ("rbac.authorization.k8s.io", "clusterrolebindings"): _binding,
        ("storage.k8s.io", "storageclasses"): _storage_class,
        **extradefaults.FILLERS,
    }
)
