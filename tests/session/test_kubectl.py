from __future__ import annotations

from k8stui import catalog
from k8stui.core.kinds import ResourceKind
from k8stui.core.refs import ObjectRef, Scope
from k8stui.session.kubectl import for_events, for_object, for_view
from k8stui.session.model import View

PODS, NODES, DEPLOYMENTS = (catalog.BUILTIN[name] for name in ("pods", "nodes", "deployments"))
CRON = ResourceKind("stable.example.com", "v1", "CronTab", "crontabs", True)


def test_a_table_is_kubectl_get() -> None:
    assert for_view(View(PODS, Scope.of("shop")), "shop") == "kubectl get pods"
    assert for_view(View(PODS, Scope.of("shop")), "default") == "kubectl get pods -n shop"
    assert for_view(View(PODS, Scope.all()), "shop") == "kubectl get pods -A"
    assert for_view(View(NODES, Scope.all()), "shop") == "kubectl get nodes"
    assert for_view(View(DEPLOYMENTS, Scope.all(), label_selector="app in (a, b)"), "") == (
        "kubectl get deployments -A -l 'app in (a, b)'"
    )
    assert for_view(View(CRON, Scope.of("shop")), "shop") == "kubectl get crontabs.stable.example.com"


def test_events_are_listed_in_their_order() -> None:
    events = catalog.BUILTIN["events"]
    assert for_view(View(events, Scope.of("shop")), "") == "kubectl events -n shop"
    assert for_view(View(events, Scope.all(), label_selector="a=b"), "") == "kubectl get events -A -l a=b"


def test_events_about_an_object() -> None:
    assert for_events(ObjectRef(PODS, "shop", "web-1"), "shop") == "kubectl events --for=pod/web-1"
    assert for_events(ObjectRef(NODES, "", "n"), "shop") == "kubectl events --for=node/n -n default"
    assert for_events(ObjectRef(CRON, "a", "b"), "a") == (
        "kubectl events --for=crontabs.stable.example.com/b"
    )


def test_kinds_of_one_name_are_told_apart() -> None:
    metrics = ResourceKind("metrics.k8s.io", "v1beta1", "PodMetrics", "pods", True)
    assert for_view(View(metrics, Scope.all()), "") == "kubectl get pods.metrics.k8s.io -A"


def test_an_object_is_kubectl_describe() -> None:
    assert for_object(ObjectRef(PODS, "shop", "web-1"), "shop") == "kubectl describe pods web-1"
    assert for_object(ObjectRef(PODS, "shop", "web-1"), "default", "get") == "kubectl get pods web-1 -n shop"
    assert for_object(ObjectRef(NODES, "", "n; rm -rf"), "default") == "kubectl describe nodes 'n; rm -rf'"
