"""Services: which addresses stand behind them."""

from __future__ import annotations

from k8stui.core.objects import JsonObject
from k8stui.practice.kinds import builtin
from tests.practice.controllers.lab import DEPLOYMENTS, PODS, SERVICES, SLICES, Lab, deployment, template

ENDPOINTS = builtin("endpoints")


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


def service(lab: Lab, name: str = "web", **spec: object) -> None:
    lab.make(SERVICES, name, spec={"selector": {"app": "web"}, "ports": [{"port": 80}], **spec})
    lab.wait(5)


def slices(lab: Lab) -> list[JsonObject]:
    return lab.store.list(SLICES, "shop")


def test_pods_that_are_not_ready_are_published_only_on_request(lab: Lab) -> None:
    deployment(lab, replicas=1)
    lab.wait(5)
    pod = lab.pods()[0]
    sick = [{**c, "status": "False"} if c["type"] == "Ready" else c for c in pod["status"]["conditions"]]
    lab.world.set_status(PODS, pod, {**pod["status"], "conditions": sick})
    service(lab)
    service(lab, "eager", publishNotReadyAddresses=True)
    by_name = {found["metadata"]["labels"]["kubernetes.io/service-name"]: found for found in slices(lab)}
    assert [by_name[n]["endpoints"][0]["conditions"]["ready"] for n in ("web", "eager")] == [False, True]
    assert "addresses" not in lab.store.get(ENDPOINTS, "shop", "web")["subsets"][0]
    assert "addresses" in lab.store.get(ENDPOINTS, "shop", "eager")["subsets"][0]


def test_a_pod_on_its_way_out_serves_but_is_not_ready(lab: Lab) -> None:
    deployment(lab, replicas=1)
    service(lab)
    pod = lab.world.set_metadata(PODS, lab.pods()[0], finalizers=["example.com/hold"])
    lab.delete(PODS, pod)
    lab.wait(0)
    found = {e["targetRef"]["name"]: e["conditions"] for e in slices(lab)[0]["endpoints"]}
    assert found[pod["metadata"]["name"]] == {"ready": False, "serving": True, "terminating": True}


def test_named_ports_may_differ_from_pod_to_pod(lab: Lab) -> None:
    for name, number in (("one", 8080), ("two", 9090)):
        spec = template()["spec"]
        spec["containers"][0]["ports"] = [{"name": "http", "containerPort": number}]
        pod = lab.make(PODS, name, spec=spec)
        lab.world.set_metadata(PODS, pod, labels={"app": "web"})
    service(lab, ports=[{"name": "w", "port": 80, "targetPort": "http"}])
    assert sorted(found["ports"][0]["port"] for found in slices(lab)) == [8080, 9090]
    subsets = lab.store.get(ENDPOINTS, "shop", "web")["subsets"]
    assert sorted(subset["ports"][0]["port"] for subset in subsets) == [8080, 9090]


def test_a_service_without_selector_has_what_somebody_says(lab: Lab) -> None:
    lab.make(SERVICES, "outside", spec={"ports": [{"port": 5432}]})
    lab.wait(1)
    assert slices(lab) == [] and lab.store.count(ENDPOINTS, "shop") == 0
    subset = {"addresses": [{"ip": "192.0.2.7"}], "ports": [{"port": 5432}]}
    lab.make(ENDPOINTS, "outside", subsets=[subset])
    lab.wait(1)
    found = slices(lab)[0]
    managed = found["metadata"]["labels"]["endpointslice.kubernetes.io/managed-by"]
    assert managed == "endpointslicemirroring-controller.k8s.io"
    assert [e["addresses"] for e in found["endpoints"]] == [["192.0.2.7"]]
    assert found["ports"] == [{"name": "", "protocol": "TCP", "port": 5432}]


def test_a_headless_service_names_the_pods_that_chose_it(lab: Lab) -> None:
    spec = {**template()["spec"], "hostname": "me", "subdomain": "web"}
    pod = lab.make(PODS, "one", spec=spec)
    lab.world.set_metadata(PODS, pod, labels={"app": "web"})
    service(lab, clusterIP="None")
    found = slices(lab)[0]
    assert found["endpoints"][0]["hostname"] == "me"
    assert "service.kubernetes.io/headless" in found["metadata"]["labels"]


def test_nothing_is_written_when_nothing_changes(lab: Lab) -> None:
    deployment(lab, replicas=2)
    service(lab)
    before = [found["metadata"]["resourceVersion"] for found in slices(lab)]
    pod = lab.pods()[0]
    lab.world.set_metadata(PODS, pod, annotations={"note": "x"})
    lab.wait(5)
    assert [found["metadata"]["resourceVersion"] for found in slices(lab)] == before
