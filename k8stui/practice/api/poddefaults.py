"""What the server fills in in the spec of a Pod, alone or in a template."""

from __future__ import annotations

from k8stui.core.objects import JsonObject, dicts

_MODE = 0o644
_TOKEN_SECONDS = 3600
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def put(target: JsonObject, **values: object) -> None:
    """Set values where there are none."""
    for name, value in values.items():
        if target.get(name) is None:
            target[name] = value


def pod_spec(spec: JsonObject) -> None:
    """Defaults of a Pod's spec, in place."""
    put(
        spec,
        restartPolicy="Always",
        terminationGracePeriodSeconds=30,
        dnsPolicy="ClusterFirst",
        securityContext={},
        schedulerName="default-scheduler",
    )
    if spec.get("serviceAccountName"):
        put(spec, serviceAccount=spec["serviceAccountName"])
    for field in ("initContainers", "containers", "ephemeralContainers"):
        for container in dicts(spec, field):
            _container(container, bare=field == "ephemeralContainers")
            if spec.get("hostNetwork"):
                for port in dicts(container, "ports"):
                    put(port, hostPort=port.get("containerPort"))
    for volume in dicts(spec, "volumes"):
        _volume(volume)


def claim_spec(spec: JsonObject) -> None:
    """Defaults of a claim's spec, in place."""
    put(spec, volumeMode="Filesystem")


def _container(container: JsonObject, *, bare: bool) -> None:
    image = str(container.get("image") or "")
    tag = image.rpartition("/")[2].partition(":")[2]
    always = "@" not in image and tag in ("", "latest")
    put(
        container,
        terminationMessagePath="/dev/termination-log",
        terminationMessagePolicy="File",
        imagePullPolicy="Always" if always else "IfNotPresent",
        resources={},
    )
    for variable in dicts(container, "env"):
        source = variable.get("valueFrom")
        if isinstance(source, dict):
            _reference(source)
    if bare:
        return
    for port in dicts(container, "ports"):
        put(port, protocol="TCP")
    for name in _PROBES:
        if isinstance(probe := container.get(name), dict):
            put(probe, timeoutSeconds=1, periodSeconds=10, successThreshold=1, failureThreshold=3)
            _handler(probe)
    for hook in (container.get("lifecycle") or {}).values():
        if isinstance(hook, dict):
            _handler(hook)
    resources = container["resources"]
    if isinstance(resources, dict) and isinstance(resources.get("limits"), dict):
        requests = resources.setdefault("requests", {})
        put(requests, **resources["limits"])


def _handler(handler: JsonObject) -> None:
    if isinstance(handler.get("httpGet"), dict):
        put(handler["httpGet"], path="/", scheme="HTTP")
    if isinstance(handler.get("grpc"), dict):
        put(handler["grpc"], service="")


def _reference(source: JsonObject) -> None:
    """A field of the Pod, or a resource of one of its containers."""
    if isinstance(source.get("fieldRef"), dict):
        put(source["fieldRef"], apiVersion="v1")
    if isinstance(source.get("resourceFieldRef"), dict):
        put(source["resourceFieldRef"], divisor="0")


def _volume(volume: JsonObject) -> None:
    if set(volume) == {"name"}:
        volume["emptyDir"] = {}
    for name in ("configMap", "secret", "downwardAPI", "projected"):
        if isinstance(source := volume.get(name), dict):
            put(source, defaultMode=_MODE)
    for item in dicts(volume, "downwardAPI", "items"):
        _reference(item)
    for source in dicts(volume, "projected", "sources"):
        if isinstance(source.get("serviceAccountToken"), dict):
            put(source["serviceAccountToken"], expirationSeconds=_TOKEN_SECONDS)
        for item in dicts(source, "downwardAPI", "items"):
            _reference(item)
    if isinstance(volume.get("hostPath"), dict):
        put(volume["hostPath"], type="")
    if isinstance(template := (volume.get("ephemeral") or {}).get("volumeClaimTemplate"), dict):
        put(template, metadata={})
        claim_spec(template.setdefault("spec", {}))
    _old_sources(volume)


def _old_sources(volume: JsonObject) -> None:
    """Disks that a Pod names by itself."""
    defaults: JsonObject = {
        "iscsi": {"iscsiInterface": "default"},
        "rbd": {"pool": "rbd", "user": "admin", "keyring": "/etc/ceph/keyring"},
        "azureDisk": {"cachingMode": "ReadWrite", "kind": "Shared", "fsType": "ext4", "readOnly": False},
        "scaleIO": {"storageMode": "ThinProvisioned", "fsType": "xfs"},
    }
    for name, values in defaults.items():
        if isinstance(source := volume.get(name), dict):
            put(source, **values)
