"""HorizontalPodAutoscalers over the metrics: what they decide, how fast, and what they say."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.practice.controllers.scaling import Memory, decide
from k8stui.practice.kinds import builtin
from tests.practice.lab import Lab, deployment

HPAS, DEPLOYMENTS = builtin("horizontalpodautoscalers", "autoscaling"), builtin("deployments", "apps")
PODS, SERVICES = builtin("pods"), builtin("apiservices", "apiregistration.k8s.io")
CPU: JsonObject = {
    "type": "Resource",
    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}},
}


@pytest.fixture
def lab() -> Iterator[Lab]:
    lab = Lab()
    lab.make("apiservices", "v1beta1.metrics.k8s.io", "apiregistration.k8s.io", spec={})
    yield lab
    lab.engine.detach()


def autoscaler(lab: Lab, *metrics: JsonObject, most: int = 10, **spec: object) -> None:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    whole = {"scaleTargetRef": target, "maxReplicas": most, "metrics": list(metrics or (CPU,)), **spec}
    lab.make("horizontalpodautoscalers", "web", "autoscaling", spec=whole)


def conditions(lab: Lab) -> dict[str, tuple[str, str, str]]:
    found = dicts(lab.get(HPAS, "web"), "status", "conditions")
    return {c["type"]: (c["status"], c["reason"], c["message"]) for c in found}


def replicas(lab: Lab) -> int:
    found: int = lab.get(DEPLOYMENTS, "web")["spec"]["replicas"]
    return found


def call(lab: Lab, name: str = "load") -> None:
    loop = "while true; do wget -q -O- http://web; done"
    item = {"name": "c", "image": "busybox:1.37", "command": ["sh", "-c", loop]}
    lab.make("pods", name, spec={"containers": [item]})


def test_load_brings_pods_and_its_end_takes_them_away_after_a_while(lab: Lab) -> None:
    deployment(lab, replicas=1, resources={"requests": {"cpu": "200m"}, "limits": {"cpu": "500m"}})
    lab.make("services", "web", spec={"selector": {"app": "web"}, "ports": [{"port": 80}]})
    autoscaler(lab)
    lab.wait(120)
    assert replicas(lab) == 1
    call(lab)
    lab.wait(240)
    assert 7 <= replicas(lab) <= 10
    said = lab.said("SuccessfulRescale", "web")
    assert all(
        m.endswith("reason: cpu resource utilization (percentage of request) above target") for m in said
    )
    status = lab.get(HPAS, "web")["status"]
    assert status["desiredReplicas"] == status["currentReplicas"] == replicas(lab)
    assert 40 <= status["currentMetrics"][0]["resource"]["current"]["averageUtilization"] <= 55
    assert conditions(lab)["ScalingActive"][:2] == ("True", "ValidMetricFound")
    lab.world.delete(PODS, lab.get(PODS, "load"))
    lab.wait(200)
    assert replicas(lab) >= 7, "the highest of five minutes counts"
    assert conditions(lab)["AbleToScale"][1] == "ScaleDownStabilized"
    lab.wait(400)
    assert replicas(lab) <= 2
    assert any(m.endswith("reason: All metrics below target") for m in lab.said("SuccessfulRescale", "web"))


def test_without_requests_it_says_which_are_missing(lab: Lab) -> None:
    deployment(lab, replicas=1)
    autoscaler(lab)
    lab.wait(100)
    pod = lab.store.list(PODS, "shop")[0]["metadata"]["name"]
    inner = f"failed to get cpu utilization: missing request for cpu in container c of Pod {pod}"
    assert conditions(lab)["ScalingActive"] == (
        "False",
        "FailedGetResourceMetric",
        f"the HPA was unable to compute the replica count: {inner}",
    )
    assert inner in lab.said("FailedGetResourceMetric", "web")
    first = f"first error is: failed to get cpu resource metric value: {inner}"
    assert f"invalid metrics (1 invalid out of 1), {first}" in lab.said("FailedComputeMetricsReplicas", "web")


@pytest.mark.parametrize(
    ("metric", "reason", "message"),
    [
        (
            {"type": "Pods", "pods": {"metric": {"name": "rps"}, "target": {"averageValue": "1k"}}},
            "FailedGetPodsMetric",
            "unable to get metric rps: unable to fetch metrics from custom metrics API: "
            "no custom metrics API (custom.metrics.k8s.io) registered",
        ),
        (
            {
                "type": "Object",
                "object": {
                    "metric": {"name": "hits"},
                    "describedObject": {"kind": "Ingress", "name": "shop"},
                    "target": {"value": "10"},
                },
            },
            "FailedGetObjectMetric",
            "unable to get metric hits: Ingress on shop/unable to fetch metrics from custom metrics API: "
            "no custom metrics API (custom.metrics.k8s.io) registered",
        ),
        (
            {"type": "External", "external": {"metric": {"name": "queue"}, "target": {"value": "10"}}},
            "FailedGetExternalMetric",
            "unable to get external metric queue: unable to fetch metrics from external metrics API: "
            "no external metrics API (external.metrics.k8s.io) registered",
        ),
        (
            {
                "type": "ContainerResource",
                "containerResource": {"name": "cpu", "container": "x", "target": {"averageUtilization": 50}},
            },
            "FailedGetContainerResourceMetric",
            "failed to get cpu utilization: unable to get metrics for resource cpu: "
            "container x not present in metrics for pod shop/",
        ),
    ],
)
def test_metrics_that_nobody_has(lab: Lab, metric: JsonObject, reason: str, message: str) -> None:
    deployment(lab, replicas=1, resources={"requests": {"cpu": "200m"}})
    autoscaler(lab, metric)
    lab.wait(100)
    state, found, said = conditions(lab)["ScalingActive"]
    assert (state, found) == ("False", reason)
    assert said.startswith(f"the HPA was unable to compute the replica count: {message}")


def test_one_container_and_plain_values(lab: Lab) -> None:
    deployment(lab, replicas=1, resources={"requests": {"cpu": "200m", "memory": "100Mi"}})
    one = {"name": "cpu", "container": "c", "target": {"type": "Utilization", "averageUtilization": 90}}
    plain = {"name": "memory", "target": {"type": "AverageValue", "averageValue": "20Mi"}}
    autoscaler(
        lab, {"type": "ContainerResource", "containerResource": one}, {"type": "Resource", "resource": plain}
    )
    lab.wait(200)
    assert replicas(lab) >= 3, "the metric that wants most wins"
    metrics = lab.get(HPAS, "web")["status"]["currentMetrics"]
    assert metrics[0]["containerResource"]["container"] == "c"
    assert "averageUtilization" not in metrics[1]["resource"]["current"]
    assert conditions(lab)["ScalingActive"][2].endswith("from memory resource")


def test_the_bounds_of_the_spec(lab: Lab) -> None:
    deployment(lab, replicas=7, resources={"requests": {"cpu": "200m"}})
    autoscaler(lab, most=4)
    lab.wait(1)
    assert replicas(lab) == 4
    assert lab.said("SuccessfulRescale") == [
        "New size: 4; reason: Current number of replicas above Spec.MaxReplicas"
    ]
    lab.change(HPAS, "web", minReplicas=6, maxReplicas=8)
    lab.wait(16)
    assert replicas(lab) == 6
    lab.change(DEPLOYMENTS, "web", replicas=0)
    lab.wait(16)
    assert conditions(lab)["ScalingActive"][:2] == ("False", "ScalingDisabled")
    assert replicas(lab) == 0


def test_a_target_that_does_not_exist(lab: Lab) -> None:
    autoscaler(lab)
    lab.wait(1)
    inner = 'deployments.apps "web" not found'
    said = f"the HPA controller was unable to get the target's current scale: {inner}"
    assert conditions(lab)["AbleToScale"] == ("False", "FailedGetScale", said)
    assert lab.said("FailedGetScale") == [inner]


def test_two_that_control_the_same_pods_do_nothing(lab: Lab) -> None:
    deployment(lab, replicas=1, resources={"requests": {"cpu": "200m"}})
    autoscaler(lab)
    lab.wait(100)
    assert conditions(lab)["ScalingActive"][:2] == ("True", "ValidMetricFound")
    other = {**lab.get(HPAS, "web")["spec"], "minReplicas": 3}
    lab.make("horizontalpodautoscalers", "again", "autoscaling", spec=other)
    lab.wait(40)
    assert replicas(lab) == 3, "the bounds come first"
    why = "pods by selector app=web are controlled by more than one HPA (e.g. [shop/again shop/web])"
    assert conditions(lab)["ScalingActive"] == ("False", "AmbiguousSelector", why)
    assert lab.get(HPAS, "web")["status"]["currentMetrics"] is None
    for reason in ("AmbiguousSelector", "FailedComputeMetricsReplicas"):
        assert why in lab.said(reason, "web")
        assert why in lab.said(reason, "again")
    lab.world.delete(HPAS, lab.get(HPAS, "again"))
    lab.wait(40)
    assert conditions(lab)["ScalingActive"][:2] == ("True", "ValidMetricFound")


def test_without_a_metrics_server(lab: Lab) -> None:
    deployment(lab, replicas=1, resources={"requests": {"cpu": "200m"}})
    lab.store.delete(SERVICES, "", "v1beta1.metrics.k8s.io")
    autoscaler(lab)
    lab.wait(60)
    assert "unable to fetch metrics from resource metrics API" in conditions(lab)["ScalingActive"][2]
    assert dig(lab.get(HPAS, "web"), "status", "currentMetrics") is None


def spec(**behavior: object) -> JsonObject:
    return {"minReplicas": 1, "maxReplicas": 100, "behavior": behavior}


def policies(*found: tuple[str, int, int], **more: object) -> JsonObject:
    return {"policies": [{"type": t, "value": v, "periodSeconds": p} for t, v, p in found], **more}


def test_growing_no_faster_than_the_policies_allow() -> None:
    plain: JsonObject = {"minReplicas": 1, "maxReplicas": 100}
    found = decide(plain, Memory(), 0.0, 5, 50)
    assert (found.replicas, found.limited, found.limit.reason) == (10, True, "ScaleUpLimit")
    assert decide(plain, Memory(), 0.0, 1, 50).replicas == 4
    rules = spec(scaleUp=policies(("Pods", 2, 60), ("Percent", 10, 60)))
    memory = Memory()
    assert decide(rules, memory, 0.0, 10, 50).replicas == 12
    memory.scaled.append((0.0, 2))
    assert decide(rules, memory, 30.0, 12, 50).replicas == 12, "within the minute nothing is left"
    assert decide(rules, memory, 61.0, 12, 50).replicas == 14
    least = spec(scaleUp=policies(("Pods", 2, 60), ("Percent", 10, 60), selectPolicy="Min"))
    assert decide(least, Memory(), 0.0, 10, 50).replicas == 11
    never = spec(scaleUp={"selectPolicy": "Disabled"})
    found = decide(never, Memory(), 0.0, 10, 50)
    assert (found.replicas, found.limit.reason) == (10, "ScaleUpLimit")


def test_shrinking_no_faster_than_the_policies_allow() -> None:
    rules = spec(scaleDown=policies(("Percent", 20, 60), stabilizationWindowSeconds=0))
    found = decide(rules, Memory(), 0.0, 10, 1)
    assert (found.replicas, found.limited, found.limit.reason) == (8, True, "ScaleDownLimit")
    never = spec(scaleDown={"selectPolicy": "Disabled", "stabilizationWindowSeconds": 0})
    assert decide(never, Memory(), 0.0, 10, 1).replicas == 10
    free = spec(scaleDown=policies(("Percent", 100, 15), stabilizationWindowSeconds=0))
    found = decide({**free, "minReplicas": 3}, Memory(), 0.0, 10, 1)
    assert (found.replicas, found.limit.reason) == (3, "TooFewReplicas")


def test_stabilisation_in_both_directions() -> None:
    rules = spec(scaleUp={"stabilizationWindowSeconds": 60}, scaleDown={"stabilizationWindowSeconds": 120})
    memory = Memory()
    first = decide(rules, memory, 0.0, 4, 8)
    assert (first.replicas, first.able.reason) == (4, "ScaleUpStabilized")
    assert decide(rules, memory, 61.0, 4, 8).replicas == 8
    down = decide(rules, memory, 100.0, 8, 2)
    assert (down.replicas, down.able.reason) == (8, "ScaleDownStabilized")
    assert decide(rules, memory, 230.0, 8, 2).replicas == 2
