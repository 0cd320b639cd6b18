"""What kubectl describe says of an object is found in ours, on the practice cluster and a real one."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from k8stui.core.objects import dig
from k8stui.core.refs import ObjectRef, Scope
from k8stui.practice.cluster import practice_cluster
from k8stui.session.describe.quantities import amount, written
from k8stui.session.session import Session
from tests.e2e.house import session_of
from tests.real.house import kubectl_binary
from tests.session.describing import described, facts, kubectl_describe

KINDS = (
    "pods", "replicasets.apps", "deployments.apps", "daemonsets.apps", "statefulsets.apps", "jobs.batch",
    "cronjobs.batch", "services", "ingresses.networking.k8s.io", "secrets", "configmaps",
    "persistentvolumeclaims", "persistentvolumes", "nodes", "namespaces", "resourcequotas", "limitranges",
    "serviceaccounts", "roles.rbac.authorization.k8s.io", "clusterroles.rbac.authorization.k8s.io",
    "rolebindings.rbac.authorization.k8s.io", "clusterrolebindings.rbac.authorization.k8s.io",
    "networkpolicies.networking.k8s.io", "horizontalpodautoscalers.autoscaling",
    "poddisruptionbudgets.policy",
)  # fmt: skip
EACH = 4
"""Objects of each kind that are compared: the first, the last, and some between."""

LEFT_OUT = {
    "Annotations": "kubectl cuts and wraps long values",
    "token": "kubectl prints the token of a ServiceAccount's Secret; a value is never described",
}
"""Labels of kubectl whose values are not looked for, each with the reason; events have tests of their own."""
OWN_WORDS = frozenset(
    re.findall(
        r"\S+",
        # There is nothing: ours are other words, or there is no line.
        "none unset unknown unlimited nil true false not set n a optional default "
        # Heads of tables, and the rules below them.
        "type status reason host path backends name message lastheartbeattime lasttransitiontime total "
        "requests hard ratio resources non-resource urls verbs target max value period seconds more + "
        # Explanations in words of kubectl's own: "Terminating (lasts 2m)" is ours since when.
        "from op replicas created delay successthreshold failurethreshold http-get tcp-socket terminates "
        "lasts resource limitrange exists skew exceeded for error services found ephemeralvolume ",
    )
)


def readable(word: str) -> str:
    """A quantity as descriptions write it."""
    found = amount(word)
    return word if found is None else written(found, "memory")


def missing(told: str, ours: str) -> Iterator[str]:
    """Values of kubectl's that are not in our description."""
    ours = ours.lower()
    ours += re.sub(r"(?<=\d),(?=\d{3} bytes)", "", ours)
    for label, word in facts(told):
        parts = [word.lower()]
        if parts[0] not in ours:
            parts = re.split(":", parts[0])
        if set(word) <= {"-"} or label in LEFT_OUT:
            continue
        if readable(word).lower() in ours:
            continue
        if any(part not in OWN_WORDS and part not in ours for part in parts):
            yield f"{label}: {word}"


async def compared(session: Session, kubectl: str, kubeconfig: Path, plural: str) -> list[str]:
    """What is missing, of some objects of a kind."""
    kind = next(kind for kind in session.kinds if kind.name == plural)
    found = []
    objects = await session.client.list(kind, Scope.all(), limit=500)
    for obj in objects[:: max(1, -(-len(objects) // EACH))][: EACH - 1] + objects[-1:]:
        ref = ObjectRef(kind, str(dig(obj, "metadata", "namespace") or ""), str(dig(obj, "metadata", "name")))
        ours = await described(session, ref)
        told = await kubectl_describe(kubectl, str(kubeconfig), ref)
        # What moves meanwhile, heartbeats and ages, is right before or after.
        ours += await described(session, ref)
        found += [f"{ref.name}  {line}" for line in missing(told, ours)]
    return found


async def test_practice_cluster() -> None:
    kubectl = kubectl_binary()
    if kubectl is None:
        pytest.skip("there is no kubectl")
    async with practice_cluster(moving=False, random_seed=7) as cluster:
        await compare(kubectl, cluster.kubeconfig)


async def test_real_cluster() -> None:
    kubectl, named = kubectl_binary(), os.environ.get("K8STUI_TEST_KUBECONFIG")
    if kubectl is None or not named:
        pytest.skip("K8STUI_TEST_KUBECONFIG names no kubeconfig, or there is no kubectl")
    await compare(kubectl, Path(named))


async def compare(kubectl: str, kubeconfig: Path) -> None:
    session = session_of(kubeconfig)
    await session.start()
    try:
        await session.discover()
        found = {plural: await compared(session, kubectl, kubeconfig, plural) for plural in KINDS}
    finally:
        await session.close()
    assert not any(found.values()), "\n".join(f"{k}: {line}" for k, lines in found.items() for line in lines)
