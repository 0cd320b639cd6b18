"""Which kind of cluster this is and which network plugin it has, told from what it shows of itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from k8stui.core.errors import ExplorerError
from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dig
from k8stui.core.refs import Scope
from k8stui.core.text import clean

if TYPE_CHECKING:
    from k8stui.kube.client import Client

MOST_NODES = 20
MOST_DAEMONSETS = 200

Proof = tuple[tuple[str, str], ...]
"""What shows it: places and values."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is looked at."""

    version: str = ""
    """The server's gitVersion."""
    groups: frozenset[str] = frozenset()
    """API groups that the cluster serves."""
    nodes: tuple[JsonObject, ...] = ()
    daemonsets: tuple[JsonObject, ...] = ()
    namespaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Environment:
    """What was found, each by its name among notes, with its proof."""

    kinds: tuple[tuple[str, Proof], ...]
    """What the cluster runs on, ``unknown`` alone when nothing shows it; then what manages it."""
    networks: tuple[tuple[str, Proof], ...]


async def look(client: Client, version: str, kinds: Sequence[ResourceKind]) -> Environment:
    """Ask a cluster for what shows its kind: three lists. What may not be read is left out."""

    async def some(group: str, kind: str, most: int) -> tuple[JsonObject, ...]:
        found = next((k for k in kinds if (k.group, k.kind) == (group, kind)), None)
        try:
            return tuple(await client.list(found, Scope.all(), limit=most)) if found is not None else ()
        except ExplorerError:
            return ()

    async def spaces() -> tuple[str, ...]:
        try:
            return tuple(await client.namespaces())
        except ExplorerError:
            return ()

    nodes, daemonsets, namespaces = await asyncio.gather(
        some("", "Node", MOST_NODES), some("apps", "DaemonSet", MOST_DAEMONSETS), spaces()
    )
    return tell(Facts(version, frozenset(kind.group for kind in kinds), nodes, daemonsets, namespaces))


def tell(facts: Facts) -> Environment:
    """What the facts show."""
    kinds: list[tuple[str, Proof]] = []
    for slug, clues in _KINDS:
        proof = tuple(found for clue in clues for found in clue(facts))
        if proof:
            kinds.append((slug, proof))
            break
    managed = tuple(_namespace("cattle-system")(facts))
    if managed:
        kinds.append(("rancher", managed))
    networks = []
    for slug, names in _NETWORKS:
        proof = tuple(found for name in names for found in _daemonset(name)(facts))
        proof = proof or tuple(_reason(f"{slug.title()}IsUp")(facts))
        if proof:
            networks.append((slug, proof))
    return Environment(tuple(kinds) or (("unknown", tuple(_first_node(facts))),), tuple(networks))


Clue = Callable[[Facts], Iterator[tuple[str, str]]]


def _version(part: str) -> Clue:
    def clue(facts: Facts) -> Iterator[tuple[str, str]]:
        if part in facts.version:
            yield "gitVersion", facts.version

    return clue


def _group(name: str) -> Clue:
    def clue(facts: Facts) -> Iterator[tuple[str, str]]:
        if name in facts.groups:
            yield "apiGroup", name

    return clue


def _namespace(name: str) -> Clue:
    def clue(facts: Facts) -> Iterator[tuple[str, str]]:
        if name in facts.namespaces:
            yield "Namespace", name

    return clue


def _daemonset(name: str) -> Clue:
    def clue(facts: Facts) -> Iterator[tuple[str, str]]:
        for found in facts.daemonsets:
            if dig(found, "metadata", "name") == name:
                space = clean(str(dig(found, "metadata", "namespace")))
                yield f"DaemonSet/{name} metadata.namespace", space
                return

    return clue


def _of_node(fits: Callable[[str], bool], where: str, *steps: str) -> Clue:
    """A text of any node."""

    def clue(facts: Facts) -> Iterator[tuple[str, str]]:
        for node in facts.nodes:
            value = dig(node, *steps)
            if isinstance(value, str) and fits(value):
                yield _place(node, where), clean(value)
                return

    return clue


def _label(name: str) -> Clue:
    return _of_node(lambda _: True, f'metadata.labels["{name}"]', "metadata", "labels", name)


def _annotation(name: str) -> Clue:
    return _of_node(lambda _: True, f'metadata.annotations["{name}"]', "metadata", "annotations", name)


def _provider(scheme: str) -> Clue:
    return _of_node(lambda said: said.startswith(scheme), "spec.providerID", "spec", "providerID")


def _node_name(*names: str) -> Clue:
    return _of_node(lambda said: said in names, "metadata.name", "metadata", "name")


def _node_prefix(start: str) -> Clue:
    return _of_node(lambda said: said.startswith(start), "metadata.name", "metadata", "name")


def _both(first: Clue, second: Clue) -> Clue:
    """Neither shows it alone."""

    def clue(facts: Facts) -> Iterator[tuple[str, str]]:
        one, other = list(first(facts)), list(second(facts))
        if one and other:
            yield from (*one, *other)

    return clue


def _reason(reason: str) -> Clue:
    """The reason of a node's condition NetworkUnavailable, which network plugins set."""

    def clue(facts: Facts) -> Iterator[tuple[str, str]]:
        for node in facts.nodes:
            conditions = dig(node, "status", "conditions")
            for condition in conditions if isinstance(conditions, list) else ():
                if dig(condition, "type") == "NetworkUnavailable" and dig(condition, "reason") == reason:
                    yield _place(node, "status.conditions[type=NetworkUnavailable].reason"), reason
                    return

    return clue


def _first_node(facts: Facts) -> Iterator[tuple[str, str]]:
    """What a person may tell by: the system of the first node."""
    for node in facts.nodes[:1]:
        for name in ("osImage", "kubeletVersion"):
            value = dig(node, "status", "nodeInfo", name)
            if isinstance(value, str) and value:
                yield _place(node, f"status.nodeInfo.{name}"), clean(value)


def _place(node: JsonObject, where: str) -> str:
    return f"Node/{clean(str(dig(node, 'metadata', 'name')))} {where}"


_KINDS: tuple[tuple[str, tuple[Clue, ...]], ...] = (
    ("practice", (_version("+practice"),)),
    ("openshift", (_group("config.openshift.io"), _label("node.openshift.io/os_id"))),
    ("gke", (_version("-gke."), _label("cloud.google.com/gke-nodepool"))),
    ("eks", (_version("-eks-"), _label("eks.amazonaws.com/nodegroup"))),
    ("aks", (_label("kubernetes.azure.com/cluster"), _label("kubernetes.azure.com/agentpool"))),
    ("rke2", (_version("+rke2r"),)),
    ("k3d", (_both(_version("+k3s"), _node_prefix("k3d-")),)),
    ("rancher-desktop", (_node_name("lima-rancher-desktop", "rancher-desktop"),)),
    ("colima", (_both(_version("+k3s"), _node_prefix("colima")),)),
    ("orbstack", (_node_name("orbstack"),)),
    ("k3s", (_version("+k3s"), _annotation("k3s.io/node-args"))),
    ("minikube", (_label("minikube.k8s.io/name"), _label("minikube.k8s.io/version"))),
    ("docker-desktop", (_node_name("docker-desktop", "desktop-control-plane"),)),
    ("kind", (_provider("kind://"),)),
    ("microk8s", (_label("microk8s.io/cluster"),)),
    ("kubeadm", (_annotation("kubeadm.alpha.kubernetes.io/cri-socket"),)),
)
"""The first whose clues show anything; those built on others come before them."""

_NETWORKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("canal", ("canal", "rke2-canal")),
    ("flannel", ("kube-flannel-ds", "kube-flannel")),
    ("calico", ("calico-node",)),
    ("cilium", ("cilium", "anetd")),
    ("kindnet", ("kindnet",)),
    ("weave-net", ("weave-net",)),
    ("antrea", ("antrea-agent",)),
    ("kube-router", ("kube-router",)),
    ("ovn-kubernetes", ("ovnkube-node",)),
    ("aws-vpc-cni", ("aws-node",)),
    ("azure-cni", ("azure-cns",)),
    ("gke-netd", ("netd",)),
)
"""Network plugins by the names of their DaemonSets."""
