"""The table of built-in kinds, and its agreement with a real API server when one is at hand."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Any

import pytest

from k8stui.core.kinds import ResourceKind
from k8stui.practice.kinds import BUILTIN_KINDS, builtin, subresources

BOOK = {
    "pods": "", "replicationcontrollers": "", "replicasets": "apps", "deployments": "apps",
    "daemonsets": "apps", "statefulsets": "apps", "jobs": "batch", "cronjobs": "batch",
    "services": "", "ingresses": "networking.k8s.io",
    "secrets": "", "configmaps": "", "persistentvolumeclaims": "",
    "nodes": "", "namespaces": "", "persistentvolumes": "", "resourcequotas": "", "serviceaccounts": "",
    "roles": "rbac.authorization.k8s.io", "clusterroles": "rbac.authorization.k8s.io",
    "rolebindings": "rbac.authorization.k8s.io", "clusterrolebindings": "rbac.authorization.k8s.io",
    "networkpolicies": "networking.k8s.io", "limitranges": "", "horizontalpodautoscalers": "autoscaling",
    "poddisruptionbudgets": "policy", "customresourcedefinitions": "apiextensions.k8s.io",
}  # fmt: skip


@pytest.mark.parametrize(("plural", "group"), BOOK.items())
def test_the_books_kinds_can_be_listed_and_watched(plural: str, group: str) -> None:
    assert {"list", "watch", "get", "delete"} <= builtin(plural, group).verbs


def test_no_kind_stands_in_the_table_twice() -> None:
    assert len(set(BUILTIN_KINDS)) == len(BUILTIN_KINDS) == 72


def test_short_names_belong_to_one_kind_of_a_cluster() -> None:
    owners: dict[str, set[str]] = {}
    for kind in BUILTIN_KINDS:
        for short in kind.short_names:
            owners.setdefault(short, set()).add(kind.kind)
    assert {short for short, kinds in owners.items() if len(kinds) > 1} == set()
    assert owners["deploy"] == {"Deployment"}


def test_the_preferred_version_comes_first() -> None:
    assert builtin("horizontalpodautoscalers", "autoscaling").version == "v2"
    assert builtin("horizontalpodautoscalers", "autoscaling", "v1").version == "v1"


def test_questions_can_only_be_created() -> None:
    only_created = {kind.kind for kind in BUILTIN_KINDS if kind.verbs == {"create"}}
    assert only_created == {
        "Binding",
        "SelfSubjectReview",
        "TokenReview",
        "LocalSubjectAccessReview",
        "SelfSubjectAccessReview",
        "SelfSubjectRulesReview",
        "SubjectAccessReview",
    }


def test_subresources_say_what_they_answer_with() -> None:
    scale = next(s for s in subresources(builtin("deployments", "apps")) if s.name == "scale")
    assert (scale.group, scale.version, scale.kind) == ("autoscaling", "v1", "Scale")
    assert [s.name for s in subresources(builtin("pods"))][:2] == ["attach", "binding"]


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        builtin("gadgets")


def _legacy(kind: ResourceKind) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": kind.plural,
        "singularName": kind.singular,
        "namespaced": kind.namespaced,
        "kind": kind.kind,
        "verbs": sorted(kind.verbs),
    }
    if kind.short_names:
        found["shortNames"] = list(kind.short_names)
    if kind.categories:
        found["categories"] = list(kind.categories)
    return found


@pytest.mark.skipif("K8STUI_TEST_KUBECONFIG" not in os.environ, reason="no real cluster named")
@pytest.mark.parametrize("group_version", sorted({k.api_version for k in BUILTIN_KINDS}))
def test_a_real_server_describes_the_same_kinds(group_version: str) -> None:
    path = f"/apis/{group_version}" if "/" in group_version else f"/api/{group_version}"
    answer = subprocess.run(
        ["kubectl", "--kubeconfig", os.environ["K8STUI_TEST_KUBECONFIG"], "get", "--raw", path],
        check=True,
        capture_output=True,
    )
    real = {r["name"]: r for r in json.loads(answer.stdout)["resources"] if "/" not in r["name"]}
    for resource in real.values():
        resource.pop("storageVersionHash", None)
    mine = {k.plural: _legacy(k) for k in BUILTIN_KINDS if k.api_version == group_version}
    assert mine == real
