"""What admission adds to a Pod beside the defaults: its ServiceAccount's token, tolerations, priority."""

from __future__ import annotations

from k8stui.core.objects import JsonObject, dicts

_TOKEN_PATH = "/var/run/secrets/kubernetes.io/serviceaccount"
_TOKEN_VOLUME = "kube-api-access-"


def admit_pod(pod: JsonObject, token: str, owner: JsonObject | None = None) -> JsonObject:
    """A Pod with what it gets from its ServiceAccount, and with the tolerations that every Pod has.

    Args:
        pod: metadata and spec with their defaults; left as it is.
        token: Five letters for the name of the token's volume.
        owner: The ServiceAccount; None when there is none.
    """
    spec = dict(pod["spec"])
    account = spec.get("serviceAccountName") or spec.get("serviceAccount") or "default"
    spec.update(serviceAccountName=account, serviceAccount=account)
    spec.setdefault("enableServiceLinks", True)
    spec.setdefault("priority", 0)
    spec.setdefault("preemptionPolicy", "PreemptLowerPriority")
    spec["tolerations"] = _tolerations(spec.get("tolerations") or [])
    if owner is not None and owner.get("imagePullSecrets") and not spec.get("imagePullSecrets"):
        spec["imagePullSecrets"] = owner["imagePullSecrets"]
    mount_it = spec.get("automountServiceAccountToken")
    if mount_it is None:
        mount_it = (owner or {}).get("automountServiceAccountToken", True)
    if mount_it:
        _mount_token(spec, token)
    status = pod.get("status") or {"phase": "Pending", "qosClass": _quality(spec)}
    return {**pod, "spec": spec, "status": status}


_PROJECTED: JsonObject = {
    "projected": {
        "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {
                "downwardAPI": {
                    "items": [
                        {
                            "path": "namespace",
                            "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
                        }
                    ]
                }
            },
        ],
        "defaultMode": 420,
    }
}


def _mount_token(spec: JsonObject, token: str) -> None:
    """Mounts the token where nothing is in its place, from the volume that a copied Pod brings along."""
    brought = (str(volume.get("name")) for volume in dicts(spec, "volumes"))
    name = next((found for found in brought if found.startswith(_TOKEN_VOLUME)), "")
    mount = {"name": name or _TOKEN_VOLUME + token, "readOnly": True, "mountPath": _TOKEN_PATH}
    mounted = False
    for key in ("initContainers", "containers"):
        items = list(dicts(spec, key))
        for index, item in enumerate(items):
            if all(each.get("mountPath") != _TOKEN_PATH for each in dicts(item, "volumeMounts")):
                items[index] = {**item, "volumeMounts": [*(item.get("volumeMounts") or ()), mount]}
                mounted = True
        if items:
            spec[key] = items
    if mounted and not name:
        spec["volumes"] = [*(spec.get("volumes") or ()), {"name": mount["name"], **_PROJECTED}]


def _quality(spec: JsonObject) -> str:
    found = [item.get("resources") or {} for item in dicts(spec, "containers")]
    if not any(item.get("requests") or item.get("limits") for item in found):
        return "BestEffort"
    whole = all(
        {"cpu", "memory"} <= set(item.get("limits") or ()) and item.get("requests") == item["limits"]
        for item in found
    )
    return "Guaranteed" if whole else "Burstable"


def _tolerations(given: list[JsonObject]) -> list[JsonObject]:
    found = list(given)
    for key in ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"):
        covered = any(
            item.get("operator") == "Exists"
            and item.get("key", key) == key
            and item.get("effect", "NoExecute") == "NoExecute"
            for item in found
        )
        if not covered:
            found.append({"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300})
    return found
