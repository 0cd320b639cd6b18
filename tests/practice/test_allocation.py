"""Addresses and ports of Services over the API."""

from __future__ import annotations

import pytest

from k8stui.core.objects import JsonObject
from tests.practice.api_client import MERGE, Api

SERVICES = "/api/v1/namespaces/default/services"
ADDRESSES = "/apis/networking.k8s.io/v1/ipaddresses"


def service(name: str, **spec: object) -> JsonObject:
    ports = [{"port": 80}]
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"ports": ports, **spec},
    }


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            {"clusterIP": "10.96.7.7"},
            'spec.clusterIPs: Invalid value: ["10.96.7.7"]: failed to allocate IP 10.96.7.7: '
            "provided IP is already allocated",
        ),
        (
            {"clusterIP": "10.200.0.1"},
            'spec.clusterIPs: Invalid value: ["10.200.0.1"]: failed to allocate IP 10.200.0.1: '
            "the provided network does not match the current range",
        ),
        (
            {"type": "NodePort", "ports": [{"port": 80, "nodePort": 30777}]},
            "spec.ports[0].nodePort: Invalid value: 30777: provided port is already allocated",
        ),
        (
            {"type": "NodePort", "ports": [{"port": 80, "nodePort": 80}]},
            "spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. "
            "The range of valid ports is 30000-32767",
        ),
    ],
)
async def test_what_cannot_be_had_is_refused(api: Api, spec: JsonObject, message: str) -> None:
    ports = [{"port": 80, "nodePort": 30777}]
    first = service("first", type="NodePort", clusterIP="10.96.7.7", ports=ports)
    assert (await api.post(SERVICES, first)).status == 201
    reply = await api.post(SERVICES, service("second", **spec))
    assert reply.status == 422
    assert reply.json["message"] == f'Service "second" is invalid: {message}'


async def test_every_address_has_an_object_as_long_as_the_service_lives(api: Api) -> None:
    made = (await api.post(SERVICES, service("web"))).json
    path = f"{ADDRESSES}/{made['spec']['clusterIP']}"
    found = (await api.get(path)).json
    assert found["spec"] == {"parentRef": {"resource": "services", "namespace": "default", "name": "web"}}
    await api.call("DELETE", f"{SERVICES}/web")
    assert (await api.get(path)).status == 404


async def test_an_address_stays_and_ports_come_and_go_with_the_type(api: Api) -> None:
    before = (await api.post(SERVICES, service("web"))).json["spec"]
    reply = await api.patch(f"{SERVICES}/web", {"spec": {"type": "NodePort"}}, MERGE)
    spec = reply.json["spec"]
    assert spec["clusterIP"] == before["clusterIP"] and 30_000 <= spec["ports"][0]["nodePort"] <= 32_767
    reply = await api.patch(f"{SERVICES}/web", {"spec": {"type": "ClusterIP"}}, MERGE)
    assert reply.json["spec"] == before
    reply = await api.patch(f"{SERVICES}/web", {"spec": {"clusterIP": "10.96.0.99"}}, MERGE)
    assert reply.status == 422
    assert reply.json["message"].endswith(
        'spec.clusterIPs[0]: Invalid value: ["10.96.0.99"]: may not change once set'
    )
    change = {"type": "ExternalName", "externalName": "a.example", "clusterIP": None, "clusterIPs": None}
    spec = (await api.patch(f"{SERVICES}/web", {"spec": change}, MERGE)).json["spec"]
    assert not spec.keys() & {"clusterIP", "clusterIPs", "ipFamilies", "internalTrafficPolicy"}
