"""Which forms a Service has."""

from __future__ import annotations

from k8stui.catalog.categories import ServiceForm
from k8stui.core.objects import JsonObject, dig

_BY_TYPE = {
    "NodePort": ServiceForm.NODE_PORT,
    "LoadBalancer": ServiceForm.LOAD_BALANCER,
    "ExternalName": ServiceForm.EXTERNAL_NAME,
}


def service_forms(obj: JsonObject) -> frozenset[ServiceForm]:
    """Every form that a live Service has.

    Exactly one comes from its type: ClusterIP, Headless (a ClusterIP Service that has none), NodePort,
    LoadBalancer or ExternalName. ExternalIP and None-Selector stand beside it: they say how traffic comes in,
    and who picks the Pods, whatever the type is.
    """
    spec = dig(obj, "spec")
    if not isinstance(spec, dict):
        spec = {}
    by_type = _BY_TYPE.get(str(spec.get("type")), ServiceForm.CLUSTER_IP)
    if by_type is ServiceForm.CLUSTER_IP and "None" in (spec.get("clusterIP"), dig(spec, "clusterIPs", 0)):
        by_type = ServiceForm.HEADLESS
    forms = {by_type}
    if spec.get("externalIPs"):
        forms.add(ServiceForm.EXTERNAL_IP)
    if not spec.get("selector") and by_type is not ServiceForm.EXTERNAL_NAME:
        forms.add(ServiceForm.NONE_SELECTOR)
    return frozenset(forms)
