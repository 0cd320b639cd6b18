"""Services: which addresses stand behind them."""

from __future__ import annotations

from tests.practice.controllers.lab import DEPLOYMENTS, SERVICES, SLICES, Lab, deployment


def test_a_service_follows_its_pods(lab: Lab) -> None:
    deployment(lab, replicas=2)
    lab.make(SERVICES, "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]})
    lab.wait(3)
    found = lab.store.list(SLICES, "shop")[0]
    assert {e["addresses"][0] for e in found["endpoints"]} == {p["status"]["podIP"] for p in lab.pods()}
    assert [port["port"] for port in found["ports"]] == [8080]
    lab.change(DEPLOYMENTS, "web", replicas=1)
    lab.wait(5)
    assert len(lab.store.list(SLICES, "shop")[0]["endpoints"]) == 1
    lab.delete(SERVICES, lab.store.get(SERVICES, "shop", "web"))
    lab.wait(3)
    assert lab.store.count(SLICES, "shop") == 0
