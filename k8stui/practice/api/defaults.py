"""What the server fills in that a manifest leaves out, kind by kind."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from types import MappingProxyType

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts
from k8stui.practice.store import Store

_ROLLING = {"maxUnavailable": "25%", "maxSurge": "25%"}
_NODE_PORTS = (30_000, 32_767)


def fill(kind: ResourceKind, obj: JsonObject, store: Store) -> None:
    """Fill in the defaults of a built-in kind, in place. The object must be the caller's own copy."""
    filler = _FILLERS.get((kind.group, kind.plural))
    if filler is not None:
        filler(obj, store)


def custom(schema: JsonObject, value: object) -> None:
    """Fill in the defaults of a custom resource's schema, in place."""
    if isinstance(value, dict):
        for name, below in (schema.get("properties") or {}).items():
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
    _put(spec, **values)
    return spec


def _put(target: JsonObject, **values: object) -> None:
    for name, value in values.items():
        if target.get(name) is None:
            target[name] = value


def pod_spec(spec: JsonObject) -> None:
    """Defaults of a Pod's spec, in place."""
    _put(
        spec,
        restartPolicy="Always",
        terminationGracePeriodSeconds=30,
        dnsPolicy="ClusterFirst",
        securityContext={},
        schedulerName="default-scheduler",
    )
    if spec.get("serviceAccountName"):
        _put(spec, serviceAccount=spec["serviceAccountName"])
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for container in dicts(spec, field):
            _container(container, bare=field == "ephemeralContainers")
    for volume in dicts(spec, "volumes"):
        for source, mode in (("configMap", 420), ("secret", 420), ("downwardAPI", 420), ("projected", 420)):
            if isinstance(volume.get(source), dict):
                _put(volume[source], defaultMode=mode)
        if isinstance(volume.get("hostPath"), dict):
            _put(volume["hostPath"], type="")
        if set(volume) == {"name"}:
            volume["emptyDir"] = {}


def _container(container: JsonObject, *, bare: bool) -> None:
    image = str(container.get("image") or "")
    tag = image.rpartition("/")[2].partition(":")[2]
    always = "@" not in image and tag in ("", "latest")
    _put(
        container,
        terminationMessagePath="/dev/termination-log",
        terminationMessagePolicy="File",
        imagePullPolicy="Always" if always else "IfNotPresent",
        resources={},
    )
    if bare:
        return
    for port in dicts(container, "ports"):
        _put(port, protocol="TCP")
    for probe in ("livenessProbe", "readinessProbe", "startupProbe"):
        if isinstance(container.get(probe), dict):
            _put(container[probe], timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
            if isinstance(container[probe].get("httpGet"), dict):
                _put(container[probe]["httpGet"], path="/", scheme="HTTP")
    resources = container["resources"]
    if isinstance(resources, dict) and isinstance(resources.get("limits"), dict):
        requests = resources.setdefault("requests", {})
        _put(requests, **resources["limits"])


def _template(spec: JsonObject) -> JsonObject:
    template: JsonObject = spec["template"] if isinstance(spec.get("template"), dict) else {}
    spec["template"] = template
    _put(template, metadata={})
    pod_spec(_spec(template))
    return template


def _pod(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj, enableServiceLinks=True)
    pod_spec(spec)


def _replicated(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj, replicas=1)
    template = _template(spec)
    labels = template["metadata"].get("labels") or {}
    if obj["kind"] == "ReplicationController":
        _put(spec, selector=dict(labels))
    _put(obj, status={"replicas": 0})


def _deployment(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj, replicas=1, revisionHistoryLimit=10, progressDeadlineSeconds=600)
    _rolling(spec, "strategy", _ROLLING)
    _template(spec)
    _put(obj, status={})


def _rolling(spec: JsonObject, field: str, values: Mapping[str, object]) -> None:
    strategy: JsonObject = spec.setdefault(field, {})
    _put(strategy, type="RollingUpdate")
    if strategy["type"] == "RollingUpdate":
        _put(strategy, rollingUpdate={})
        _put(strategy["rollingUpdate"], **values)


def _stateful_set(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj, replicas=1, podManagementPolicy="OrderedReady", revisionHistoryLimit=10)
    _put(spec, persistentVolumeClaimRetentionPolicy={"whenDeleted": "Retain", "whenScaled": "Retain"})
    _rolling(spec, "updateStrategy", {"partition": 0})
    _template(spec)
    for claim in dicts(spec, "volumeClaimTemplates"):
        _put(claim, kind="PersistentVolumeClaim", apiVersion="v1", status={"phase": "Pending"})
        _spec(claim, volumeMode="Filesystem")
    _put(obj, status={"replicas": 0, "availableReplicas": 0})


def _daemon_set(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj, revisionHistoryLimit=10)
    _rolling(spec, "updateStrategy", {"maxUnavailable": 1, "maxSurge": 0})
    _template(spec)
    counts = ("currentNumberScheduled", "numberMisscheduled", "desiredNumberScheduled", "numberReady")
    _put(obj, status=dict.fromkeys(counts, 0))


def _job_spec(spec: JsonObject) -> None:
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = 1
    _put(spec, parallelism=1, backoffLimit=6, completionMode="NonIndexed", suspend=False)
    _put(spec, podReplacementPolicy="TerminatingOrFailed", manualSelector=False)


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
    _put(obj, status={})


def _cron_job(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj, concurrencyPolicy="Allow", suspend=False)
    _put(spec, successfulJobsHistoryLimit=3, failedJobsHistoryLimit=1)
    if isinstance(spec.get("jobTemplate"), dict):
        _put(spec["jobTemplate"], metadata={})
        _template(_spec(spec["jobTemplate"]))
    _put(obj, status={})


def _service(obj: JsonObject, store: Store) -> None:
    spec = _spec(obj, type="ClusterIP", sessionAffinity="None")
    for port in dicts(spec, "ports"):
        _put(port, protocol="TCP", targetPort=port.get("port"))
    _put(obj, status={"loadBalancer": {}})
    if spec["type"] == "ExternalName":
        return
    _put(spec, internalTrafficPolicy="Cluster", ipFamilies=["IPv4"], ipFamilyPolicy="SingleStack")
    _put(spec, clusterIP=_cluster_ip(store))
    _put(spec, clusterIPs=[spec["clusterIP"]])
    if spec["type"] in ("NodePort", "LoadBalancer"):
        _put(spec, externalTrafficPolicy="Cluster")
        for port in dicts(spec, "ports"):
            _put(port, nodePort=_node_port(store))
    if spec["type"] == "LoadBalancer":
        _put(spec, allocateLoadBalancerNodePorts=True)


_SERVICES = ResourceKind("", "v1", "Service", "services", namespaced=True)


def _cluster_ip(store: Store) -> str:
    used = {(service.get("spec") or {}).get("clusterIP") for service in store.list(_SERVICES)}
    while True:
        address = f"10.96.{store.rng.randint(1, 255)}.{store.rng.randint(1, 254)}"
        if address not in used:
            return address


def _node_port(store: Store) -> int:
    used = {
        port.get("nodePort") for service in store.list(_SERVICES) for port in dicts(service, "spec", "ports")
    }
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
    _put(obj, status={"phase": "Active"})


def _secret(obj: JsonObject, _store: Store) -> None:
    _put(obj, type="Opaque")
    plain = obj.pop("stringData", None)
    if isinstance(plain, dict) and plain:
        written = {key: base64.b64encode(str(value).encode()).decode() for key, value in plain.items()}
        obj["data"] = {**(obj.get("data") or {}), **written}


def _claim(obj: JsonObject, _store: Store) -> None:
    _spec(obj, volumeMode="Filesystem")
    _put(obj, status={"phase": "Pending"})


def _volume(obj: JsonObject, _store: Store) -> None:
    _spec(obj, volumeMode="Filesystem", persistentVolumeReclaimPolicy="Retain")
    _put(obj, status={"phase": "Pending"})


def _storage_class(obj: JsonObject, _store: Store) -> None:
    _put(obj, reclaimPolicy="Delete", volumeBindingMode="Immediate")


def _autoscaler(obj: JsonObject, _store: Store) -> None:
    _spec(obj, minReplicas=1)
    _put(obj, status={"desiredReplicas": 0, "currentMetrics": None})


def _network_policy(obj: JsonObject, _store: Store) -> None:
    spec = _spec(obj)
    _put(spec, podSelector={}, policyTypes=["Ingress", "Egress"] if "egress" in spec else ["Ingress"])


def _disruption_budget(obj: JsonObject, _store: Store) -> None:
    counts = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")
    _put(obj, status=dict.fromkeys(counts, 0))


def _binding(obj: JsonObject, _store: Store) -> None:
    if isinstance(obj.get("roleRef"), dict):
        _put(obj["roleRef"], apiGroup="rbac.authorization.k8s.io")
    for subject in dicts(obj, "subjects"):
        if subject.get("kind") in ("User", "Group"):
            _put(subject, apiGroup="rbac.authorization.k8s.io")


def _ingress(obj: JsonObject, _store: Store) -> None:
    _put(obj, status={"loadBalancer": {}})


def _empty_status(obj: JsonObject, _store: Store) -> None:
    _put(obj, status={})


def _definition(obj: JsonObject, store: Store) -> None:
    spec = _spec(obj, conversion={"strategy": "None"})
    names: JsonObject = spec.setdefault("names", {})
    kind = str(names.get("kind") or "")
    _put(names, singular=kind.lower(), listKind=f"{kind}List")
    now = store.now()
    conditions = [
        {
            "type": kind,
            "status": "True",
            "lastTransitionTime": now,
            "reason": reason,
            "message": message,
            "observedGeneration": 1,
        }
        for kind, reason, message in (
            ("NamesAccepted", "NoConflicts", "no conflicts found"),
            ("Established", "InitialNamesAccepted", "the initial names have been accepted"),
        )
    ]
    stored = [version.get("name") for version in dicts(spec, "versions") if version.get("storage")]
    _put(obj, status={"conditions": conditions, "acceptedNames": names, "storedVersions": stored})


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
        ("", "nodes"): _empty_status,
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
        ("apiextensions.k8s.io", "customresourcedefinitions"): _definition,
    }
)
