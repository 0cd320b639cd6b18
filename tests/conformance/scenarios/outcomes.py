"""What controllers make of objects."""

from __future__ import annotations

from typing import Any

from tests.conformance.scenarios.writing import deployment
from tests.conformance.script import Scenario, Script
from tests.conformance.server import JsonObject

_CONTAINER = {"name": "a", "image": "nginx:1"}


def _conditions(found: JsonObject) -> list[list[Any]]:
    told = [
        [c["type"], c["status"], c.get("reason"), c.get("message")]
        for c in found["status"].get("conditions", ())
    ]
    return sorted(told, key=str)


def _ready(count: int) -> Any:
    def true(found: JsonObject) -> bool:
        status = found["status"]
        return bool(
            status.get("observedGeneration") == found["metadata"]["generation"]
            and status.get("readyReplicas", 0) == count
            and status.get("replicas", 0) == count
            and status.get("updatedReplicas", 0) == count
        )

    return true


async def deployments(script: Script) -> None:
    """A Deployment makes a ReplicaSet, and another one when its template changes; lost Pods are replaced."""
    server, path = script.server, script.path("deployments", "web", "apps")
    await script.make(script.path("deployments", group="apps"), deployment("web", replicas=2))
    ready = await script.until(path, _ready(2), "two Pods are ready")
    ready["status"].pop("terminatingReplicas", None)
    script.tell("status", {**ready["status"], "conditions": _conditions(ready)})
    assert ready["metadata"]["annotations"]["deployment.kubernetes.io/revision"] == "1"
    sets = script.path("replicasets", group="apps")
    first = (await server.get(f"{sets}?labelSelector=app%3Dweb")).json["items"][0]
    assert first["metadata"]["name"] == f"web-{first['metadata']['labels']['pod-template-hash']}"
    script.tell("ReplicaSet", {**first, "status": None})
    pods = script.path("pods")
    found = (await server.get(f"{pods}?labelSelector=app%3Dweb")).json["items"]
    script.tell("owner of a Pod", found[0]["metadata"]["ownerReferences"])
    assert all(each["metadata"]["name"].startswith(f"{first['metadata']['name']}-") for each in found)
    lost = found[0]["metadata"]["name"]
    await server.delete(f"{pods}/{lost}", {"gracePeriodSeconds": 0})
    await script.until(
        f"{pods}?labelSelector=app%3Dweb",
        lambda found: (
            len(found["items"]) == 2 and lost not in [p["metadata"]["name"] for p in found["items"]]
        ),
        "the lost Pod is replaced",
    )
    image = {"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "nginx:2"}]}}}}
    await server.patch(path, image)
    await script.until(path, _ready(2), "the new version is out")
    both = await script.until(
        f"{sets}?labelSelector=app%3Dweb",
        lambda found: sorted(each["spec"]["replicas"] for each in found["items"]) == [0, 2],
    )
    revisions = {
        each["metadata"]["annotations"]["deployment.kubernetes.io/revision"]: each["spec"]["replicas"]
        for each in both["items"]
    }
    assert revisions == {"1": 0, "2": 2}
    await server.delete(path, {"propagationPolicy": "Background"})
    await script.until(
        f"{pods}?labelSelector=app%3Dweb", lambda found: not found["items"], "the Pods are gone"
    )


async def jobs(script: Script) -> None:
    """A Job runs to its end and says so."""
    template = {
        "spec": {
            "restartPolicy": "Never",
            "containers": [{**_CONTAINER, "image": "busybox:1", "command": ["true"]}],
        }
    }
    path = script.path("jobs", group="batch")
    await script.make(path, {"metadata": {"name": "j"}, "spec": {"completions": 2, "template": template}})
    done = await script.until(
        f"{path}/j", lambda found: any(c["type"] == "Complete" for c in found["status"].get("conditions", ()))
    )
    assert done["status"]["succeeded"] == 2
    script.tell("conditions", _conditions(done))
    script.tell("fields of the status", sorted(done["status"]))
    pods = (await script.server.get(f"{script.path('pods')}?labelSelector=job-name%3Dj")).json["items"]
    script.tell("labels of a Pod", {**pods[0]["metadata"]["labels"], "uid": None})


async def daemon_sets(script: Script) -> None:
    """One Pod for each node that takes it."""
    spec = {"containers": [_CONTAINER], "tolerations": [{"operator": "Exists"}]}
    labels = {"app": "d"}
    body = {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels}, "spec": spec}}
    path = script.path("daemonsets", group="apps")
    await script.make(path, {"metadata": {"name": "d"}, "spec": body})

    async def everywhere() -> JsonObject | None:
        # Others may add and remove nodes meanwhile.
        nodes = sum(
            any(c["type"] == "Ready" and c["status"] == "True" for c in node["status"].get("conditions", ()))
            for node in (await script.server.get("/api/v1/nodes")).json["items"]
        )
        found = (await script.server.get(f"{path}/d")).json
        status = found["status"]
        return found if status["desiredNumberScheduled"] >= nodes == status["numberReady"] > 0 else None

    found = await script.seen(everywhere, "a ready Pod on each node that is ready")
    script.tell("fields of the status", sorted(found["status"].keys() - {"numberUnavailable"}))


async def stateful_sets(script: Script) -> None:
    """Pods with numbers, one after the other."""
    labels = {"app": "s"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [_CONTAINER]}}
    body = {"replicas": 2, "serviceName": "s", "selector": {"matchLabels": labels}, "template": template}
    path = script.path("statefulsets", group="apps")
    await script.make(path, {"metadata": {"name": "s"}, "spec": body})
    found = await script.until(f"{path}/s", lambda found: found["status"].get("readyReplicas") == 2)
    script.tell("fields of the status", sorted(found["status"]))
    pod = (await script.server.get(script.path("pods", "s-1"))).json
    script.tell("labels", {**pod["metadata"]["labels"], "controller-revision-hash": None})
    script.tell("names", [pod["spec"]["hostname"], pod["spec"].get("subdomain")])


async def quotas(script: Script) -> None:
    """A quota counts, and refuses what is too much."""
    path = script.path("resourcequotas")
    hard = {"pods": "1", "requests.cpu": "1", "count/configmaps": "2"}
    await script.make(path, {"metadata": {"name": "q"}, "spec": {"hard": hard}})
    found = await script.until(
        f"{path}/q", lambda found: found["status"].get("used", {}).get("count/configmaps") == "1"
    )
    script.tell("status", found["status"])
    maps = script.path("configmaps")
    await script.make(maps, {"metadata": {"name": "two"}})
    refused = await script.server.post(maps, {"metadata": {"name": "three"}})
    script.tell("one too many", refused.json)
    bare = await script.server.post(
        script.path("pods"), {"metadata": {"name": "p"}, "spec": {"containers": [_CONTAINER]}}
    )
    script.tell("a Pod that asks for nothing", bare.json)
    large = {**_CONTAINER, "resources": {"requests": {"cpu": "2"}}}
    refused = await script.server.post(
        script.path("pods"), {"metadata": {"name": "p"}, "spec": {"containers": [large]}}
    )
    script.tell("a Pod that asks for too much", refused.json)


async def limits(script: Script) -> None:
    """A LimitRange fills in and refuses."""
    limit = {
        "type": "Container",
        "default": {"cpu": "200m"},
        "defaultRequest": {"cpu": "100m"},
        "max": {"cpu": "1"},
    }
    await script.make(script.path("limitranges"), {"metadata": {"name": "l"}, "spec": {"limits": [limit]}})
    pods = script.path("pods")
    made = await script.make(
        pods, {"metadata": {"name": "p"}, "spec": {"schedulerName": "nobody", "containers": [_CONTAINER]}}
    )
    script.tell(
        "filled in", [made["spec"]["containers"][0]["resources"], made["metadata"].get("annotations")]
    )
    large = {**_CONTAINER, "resources": {"limits": {"cpu": "2"}}}
    refused = await script.server.post(pods, {"metadata": {"name": "q"}, "spec": {"containers": [large]}})
    script.tell("too much", refused.json)


async def endpoints(script: Script) -> None:
    """A Service finds the Pods that are ready."""
    await script.make(script.path("deployments", group="apps"), deployment("web", replicas=1))
    service = {
        "metadata": {"name": "s"},
        "spec": {"selector": {"app": "web"}, "ports": [{"port": 80, "targetPort": 8080}]},
    }
    await script.make(script.path("services"), service)
    slices = script.path("endpointslices", group="discovery.k8s.io")
    query = f"{slices}?labelSelector=kubernetes.io/service-name%3Ds"
    found = await script.until(
        query,
        lambda found: (
            found["items"] and any(end["conditions"]["ready"] for end in found["items"][0]["endpoints"] or ())
        ),
    )
    told = found["items"][0]
    told["metadata"].pop("generation")
    for end in told["endpoints"]:
        end["nodeName"] = "NODE"
        end.pop("zone", None)
    script.tell("slice", told)
    ends = await script.until(script.path("endpoints", "s"), lambda found: found.get("subsets"))
    for address in ends["subsets"][0]["addresses"]:
        address["nodeName"] = "NODE"
    script.tell("endpoints", ends)


async def budgets(script: Script) -> None:
    """A budget counts the Pods that may go."""
    await script.make(script.path("deployments", group="apps"), deployment("web", replicas=2))
    path = script.path("poddisruptionbudgets", group="policy")
    body = {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}}
    await script.make(path, {"metadata": {"name": "b"}, "spec": body})
    found = await script.until(f"{path}/b", lambda found: found["status"].get("currentHealthy") == 2)
    script.tell("status", {**found["status"], "conditions": _conditions(found)})


async def unschedulable(script: Script) -> None:
    """A Pod that fits nowhere says why."""
    body = {"nodeSelector": {"no": "node"}, "containers": [_CONTAINER]}
    pods = script.path("pods")
    await script.make(pods, {"metadata": {"name": "p"}, "spec": body})
    found = await script.until(
        f"{pods}/p",
        lambda found: any(c["type"] == "PodScheduled" for c in found["status"].get("conditions", ())),
    )
    condition = found["status"]["conditions"][0]
    script.tell("condition", [condition["type"], condition["status"], condition["reason"]])
    assert " node(s) didn't match Pod's node affinity/selector" in condition["message"]
    assert ". preemption: 0/" in condition["message"]
    assert "Preemption is not helpful for scheduling." in condition["message"]


async def scaffolding(script: Script) -> None:
    """What a namespace gets by itself."""
    account = (await script.server.get(script.path("serviceaccounts", "default"))).json
    script.tell("ServiceAccount", account)
    root = (await script.server.get(script.path("configmaps", "kube-root-ca.crt"))).json
    script.tell("certificate", {**root, "data": sorted(root["data"])})


_ALL = (
    *(deployments, jobs, daemon_sets, stateful_sets, quotas, limits, endpoints, budgets, unschedulable),
    *(scaffolding,),
)
OUTCOMES: dict[str, Scenario] = {f"outcome_{each.__name__}": each for each in _ALL}
