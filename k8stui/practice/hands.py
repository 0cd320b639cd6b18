"""Through whose hands the objects of the seed came: what a learner meets in a company's cluster.

Most teams use ``kubectl apply``, and the annotation with what was applied shows it. The platform team
installs with Helm; the payments team's objects are applied by Argo CD, server-side, so it owns just the
fields of its manifests. The cluster itself was set up by kubeadm, and nodes register themselves. Secrets
were made by hand.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice.api import fields
from k8stui.practice.writes import APPLY, Write, Writes, made, status_of

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
CLIENT_SIDE = "kubectl-client-side-apply"
HELM = "helm"
ARGO_CD = "argocd-controller"
_BY_FILE: Mapping[str, str] = MappingProxyType(
    {"cluster": "kubeadm", "system": "kubeadm", "rbac": "kubeadm", "platform": HELM, "payments": ARGO_CD}
)
_BY_KIND: Mapping[str, str] = MappingProxyType(
    {"Node": "kubelet", "CSINode": "kubelet", "Lease": "kubelet", "Secret": "kubectl-create"}
)


def manager_of(file: str, manifest: JsonObject, owner: str = "") -> str:
    """Who wrote an entry of a file of the seed; ``owner`` is ``Kind/name`` of what it belongs to."""
    kind = manifest["kind"]
    if owner.startswith("Node/"):
        return "kubelet"
    return _BY_KIND.get(kind) or _BY_FILE.get(file, CLIENT_SIDE)


def annotated(manifest: JsonObject, manager: str, applied: JsonObject) -> JsonObject:
    """A manifest with what the hand leaves on it.

    Args:
        manifest: The object, which stays as it is.
        manager: Who writes it.
        applied: What was applied.
    """
    metadata = manifest["metadata"]
    if manager == CLIENT_SIDE:
        said = {key: value for key, value in applied.items() if key != "status"}
        named = {"annotations": {}, **applied["metadata"]}
        text = msgspec.json.encode({**said, "metadata": named}, order="sorted").decode() + "\n"
        left = {LAST_APPLIED: text}
    elif manager == HELM and metadata.get("namespace"):
        left = {f"meta.helm.sh/release-{key}": metadata["namespace"] for key in ("name", "namespace")}
    else:
        return manifest
    return {
        **manifest,
        "metadata": {**metadata, "annotations": {**(metadata.get("annotations") or {}), **left}},
    }


def writes(manager: str, kind: ResourceKind, manifest: JsonObject, new: JsonObject) -> Writes:
    """The record of an object made by a hand of the seed.

    Args:
        manager: The hand.
        kind: The object's kind.
        manifest: What was sent.
        new: The object with its defaults.
    """
    time = new["metadata"]["creationTimestamp"]
    if manager != ARGO_CD:
        return made(manager, kind, new, time)
    return (Write(manager, APPLY, "", time, applied(kind, manifest)), *status_of(kind, new, time))


def applied(kind: ResourceKind, manifest: JsonObject) -> frozenset[fields.Path]:
    """What a server-side apply of a manifest owns: its fields, but not the maps and lists that hold them."""
    found = fields.values(
        {key: value for key, value in manifest.items() if key != "status"}, kind.kind, manifest
    )
    return frozenset(path for path in found if path[-1] != "." or path[-2].startswith("k:"))
