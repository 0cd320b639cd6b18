"""The forms of a Service."""

from typing import Any

import pytest

from k8stui.catalog import ServiceForm, service_forms

IP = {"clusterIP": "10.0.0.1", "clusterIPs": ["10.0.0.1"]}
SELECTOR = {"selector": {"app": "web"}}
F = ServiceForm


@pytest.mark.parametrize(
    ("spec", "forms"),
    [
        ({**IP, **SELECTOR, "type": "ClusterIP"}, {F.CLUSTER_IP}),
        ({**SELECTOR}, {F.CLUSTER_IP}),
        ({**IP, "type": "ClusterIP"}, {F.CLUSTER_IP, F.NONE_SELECTOR}),
        ({**IP, "type": "ClusterIP", "selector": {}}, {F.CLUSTER_IP, F.NONE_SELECTOR}),
        ({**SELECTOR, "type": "ClusterIP", "clusterIP": "None"}, {F.HEADLESS}),
        ({**SELECTOR, "type": "ClusterIP", "clusterIPs": ["None"]}, {F.HEADLESS}),
        ({"type": "ClusterIP", "clusterIP": "None"}, {F.HEADLESS, F.NONE_SELECTOR}),
        ({**IP, **SELECTOR, "type": "NodePort"}, {F.NODE_PORT}),
        ({**IP, **SELECTOR, "type": "NodePort", "externalIPs": ["192.0.2.1"]}, {F.NODE_PORT, F.EXTERNAL_IP}),
        ({**IP, **SELECTOR, "externalIPs": ["192.0.2.1"]}, {F.CLUSTER_IP, F.EXTERNAL_IP}),
        ({**IP, **SELECTOR, "externalIPs": []}, {F.CLUSTER_IP}),
        ({**IP, **SELECTOR, "type": "LoadBalancer"}, {F.LOAD_BALANCER}),
        ({**IP, "type": "LoadBalancer"}, {F.LOAD_BALANCER, F.NONE_SELECTOR}),
        ({"type": "ExternalName", "externalName": "db.example.com"}, {F.EXTERNAL_NAME}),
    ],
)
def test_the_forms_of_a_service(spec: dict[str, Any], forms: set[ServiceForm]) -> None:
    assert service_forms({"kind": "Service", "spec": spec}) == forms


@pytest.mark.parametrize(
    "obj", [{}, {"spec": None}, {"spec": []}, {"spec": {"type": 5, "clusterIPs": "None"}}]
)
def test_an_object_of_another_shape_is_no_fault(obj: dict[str, Any]) -> None:
    assert service_forms(obj) == {F.CLUSTER_IP, F.NONE_SELECTOR}
