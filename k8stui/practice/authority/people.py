"""The rights of the people for whom kubeconfigs are written, where a cluster was not filled with them."""

from __future__ import annotations

from contextlib import suppress

from k8stui.core.objects import JsonObject
from k8stui.practice.authority.rbac import CLUSTER_ROLE_BINDINGS, GROUP, ROLE_BINDINGS
from k8stui.practice.authority.users import PEOPLE
from k8stui.practice.errors import StatusError
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Store

_NAMESPACES = builtin("namespaces")


def admit(store: Store) -> None:
    """Bind the people of a cluster without the company, as the company's own bindings do there."""
    if store.find(_NAMESPACES, "", PEOPLE["dev-team"].namespace) is not None:
        return
    with suppress(StatusError):
        store.create(CLUSTER_ROLE_BINDINGS, _binding("viewers", "view", "viewer"))
    with suppress(StatusError):
        store.create(ROLE_BINDINGS, _binding("dev-team", "edit", "dev-team", namespace="default"))


def _binding(name: str, role: str, user: str, namespace: str = "") -> JsonObject:
    return {
        "metadata": {"name": name, **({"namespace": namespace} if namespace else {})},
        "roleRef": {"apiGroup": GROUP, "kind": "ClusterRole", "name": role},
        "subjects": [{"kind": "User", "apiGroup": GROUP, "name": user}],
    }
