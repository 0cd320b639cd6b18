"""What Pods ask of a node."""

from __future__ import annotations

import pytest

from k8stui.core.objects import JsonObject
from k8stui.practice.controllers.resources import collide, host_ports, requests


def test_requests_of_init_containers_and_sidecars() -> None:
    def item(cpu: str, **more: str) -> JsonObject:
        return {"name": "c", "image": "i", "resources": {"requests": {"cpu": cpu}}, **more}

    spec: JsonObject = {
        "containers": [item("1"), item("1")],
        "initContainers": [item("1", restartPolicy="Always"), item("4")],
        "overhead": {"cpu": "250m"},
    }
    assert requests(spec)["cpu"] == 5250, "the init container beside the sidecar asks for the most"
    spec["initContainers"].pop()
    assert requests(spec)["cpu"] == 3250
    assert requests({**spec, "resources": {"requests": {"cpu": "2"}}})["cpu"] == 2250


@pytest.mark.parametrize(
    ("one", "other", "collides"),
    [
        ({"hostPort": 80}, {"hostPort": 80}, True),
        ({"hostPort": 80}, {"hostPort": 81}, False),
        ({"hostPort": 80}, {"hostPort": 80, "protocol": "UDP"}, False),
        ({"hostPort": 80, "hostIP": "10.0.0.1"}, {"hostPort": 80, "hostIP": "10.0.0.2"}, False),
        ({"hostPort": 80, "hostIP": "10.0.0.1"}, {"hostPort": 80}, True),
    ],
)
def test_ports_of_the_node(one: JsonObject, other: JsonObject, collides: bool) -> None:
    def ports(port: JsonObject) -> JsonObject:
        return {"containers": [{"name": "c", "image": "i", "ports": [{"containerPort": 1, **port}]}]}

    taken = dict.fromkeys(host_ports(ports(other)), 1)
    assert collide(host_ports(ports(one)), taken) == collides
