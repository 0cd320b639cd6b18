"""Which kind of cluster it is, told from what it shows."""

from __future__ import annotations

import pytest

from k8stui.core.objects import JsonObject
from k8stui.notes import ENVIRONMENTS, NETWORKS
from k8stui.session import environment
from k8stui.session.environment import Facts, tell


def node(name: str = "n", **metadata: object) -> JsonObject:
    return {"kind": "Node", "metadata": {"name": name, **metadata}}


def provided(provider: str, name: str = "n") -> JsonObject:
    return node(name) | {"spec": {"providerID": provider}}


def daemonset(name: str) -> JsonObject:
    return {"kind": "DaemonSet", "metadata": {"name": name, "namespace": "kube-system"}}


@pytest.mark.parametrize(
    ("facts", "kind", "proof"),
    [
        (Facts("v1.37.0+practice"), "practice", ("gitVersion", "v1.37.0+practice")),
        (Facts("v1.33.1-gke.1000"), "gke", ("gitVersion", "v1.33.1-gke.1000")),
        (Facts("v1.33.1-eks-abc"), "eks", ("gitVersion", "v1.33.1-eks-abc")),
        (
            Facts(nodes=(node(labels={"kubernetes.azure.com/cluster": "MC_a"}),)),
            "aks",
            ('Node/n metadata.labels["kubernetes.azure.com/cluster"]', "MC_a"),
        ),
        (
            Facts("v1.33.1", groups=frozenset({"config.openshift.io"})),
            "openshift",
            ("apiGroup", "config.openshift.io"),
        ),
        (Facts("v1.33.1+rke2r1"), "rke2", ("gitVersion", "v1.33.1+rke2r1")),
        (Facts("v1.33.1+k3s1", nodes=(node("k3d-a-server-0"),)), "k3d", ("gitVersion", "v1.33.1+k3s1")),
        (Facts("v1.33.1+k3s1", nodes=(node("pi"),)), "k3s", ("gitVersion", "v1.33.1+k3s1")),
        (
            Facts("v1.33.1+k3s1", nodes=(node("lima-rancher-desktop"),)),
            "rancher-desktop",
            ("Node/lima-rancher-desktop metadata.name", "lima-rancher-desktop"),
        ),
        (Facts("v1.33.1+k3s1", nodes=(node("colima"),)), "colima", ("gitVersion", "v1.33.1+k3s1")),
        (
            Facts("v1.33.1+orb1", nodes=(node("orbstack"),)),
            "orbstack",
            ("Node/orbstack metadata.name", "orbstack"),
        ),
        (
            Facts(nodes=(node("minikube", labels={"minikube.k8s.io/name": "minikube"}),)),
            "minikube",
            ('Node/minikube metadata.labels["minikube.k8s.io/name"]', "minikube"),
        ),
        (
            Facts(nodes=(node("docker-desktop"),)),
            "docker-desktop",
            ("Node/docker-desktop metadata.name", "docker-desktop"),
        ),
        (
            Facts(nodes=(provided("kind://docker/kind/kind-control-plane"),)),
            "kind",
            ("Node/n spec.providerID", "kind://docker/kind/kind-control-plane"),
        ),
        (
            Facts(nodes=(node(labels={"microk8s.io/cluster": "true"}),)),
            "microk8s",
            ('Node/n metadata.labels["microk8s.io/cluster"]', "true"),
        ),
        (
            Facts(nodes=(node(annotations={"kubeadm.alpha.kubernetes.io/cri-socket": "unix:///x"}),)),
            "kubeadm",
            ('Node/n metadata.annotations["kubeadm.alpha.kubernetes.io/cri-socket"]', "unix:///x"),
        ),
    ],
)
def test_each_kind_is_told_with_its_proof(facts: Facts, kind: str, proof: tuple[str, str]) -> None:
    found = tell(facts)
    assert [name for name, _ in found.kinds] == [kind]
    assert proof in found.kinds[0][1]


def test_what_shows_nothing_is_unknown() -> None:
    info = {"osImage": "Talos", "kubeletVersion": "v1.33.1"}
    found = tell(Facts("v1.33.1", nodes=(node() | {"status": {"nodeInfo": info}},)))
    assert found.kinds == (
        (
            "unknown",
            (
                ("Node/n status.nodeInfo.osImage", "Talos"),
                ("Node/n status.nodeInfo.kubeletVersion", "v1.33.1"),
            ),
        ),
    )
    assert found.networks == ()
    nameless = {"osImage": "", "kubeletVersion": "v1.33.1"}
    found = tell(Facts(nodes=(node() | {"status": {"nodeInfo": nameless}},)))
    assert [place for place, _ in found.kinds[0][1]] == ["Node/n status.nodeInfo.kubeletVersion"]
    assert tell(Facts()).kinds == (("unknown", ()),)


def test_rancher_manages_clusters_of_any_kind() -> None:
    found = tell(Facts("v1.33.1+k3s1", namespaces=("default", "cattle-system")))
    assert found.kinds[1:] == (("rancher", (("Namespace", "cattle-system"),)),)


@pytest.mark.parametrize(
    ("name", "network"),
    [
        ("kube-flannel-ds", "flannel"),
        ("calico-node", "calico"),
        ("cilium", "cilium"),
        ("aws-node", "aws-vpc-cni"),
    ],
)
def test_networks_are_told_by_their_daemonsets(name: str, network: str) -> None:
    found = tell(Facts(daemonsets=(daemonset("kube-proxy"), daemonset(name))))
    assert found.networks == ((network, ((f"DaemonSet/{name} metadata.namespace", "kube-system"),)),)


def test_a_network_without_a_daemonset_is_told_by_the_nodes() -> None:
    conditions = [3, {"type": "NetworkUnavailable", "reason": "FlannelIsUp"}]
    found = tell(Facts(nodes=(node() | {"status": {"conditions": conditions}},)))
    assert [name for name, _ in found.networks] == ["flannel"]


def test_what_a_cluster_says_steers_no_terminal() -> None:
    hostile = node("n\x1b[0m") | {"spec": {"providerID": "kind://\x1b]0;x\x07"}}
    found = tell(Facts(nodes=(hostile,)))
    assert all("\x1b" not in said for proof in found.kinds[0][1] for said in proof)


def test_names_are_those_of_the_notes() -> None:
    assert {name for name, _ in environment._KINDS} | {"rancher", "unknown"} == set(ENVIRONMENTS)
    assert {name for name, _ in environment._NETWORKS} == set(NETWORKS)
