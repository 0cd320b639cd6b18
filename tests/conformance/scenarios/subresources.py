"""What hangs below objects: status, scale, eviction, binding, ephemeral containers, tokens, reviews."""

from __future__ import annotations

from tests.conformance.scenarios.deleting import pod
from tests.conformance.scenarios.writing import deployment
from tests.conformance.script import Scenario, Script


async def status(script: Script) -> None:
    """The status is written through its own path, and through no other."""
    server, path = script.server, script.path("pods")
    made = await script.make(path, pod("p"))
    assert made["status"]["phase"] == "Pending"
    changed = {**made, "status": {"phase": "Running"}, "metadata": {**made["metadata"], "labels": {"a": "b"}}}
    through_object = (await server.put(f"{path}/p", changed)).json
    assert through_object["status"]["phase"] == "Pending"
    assert through_object["metadata"]["labels"] == {"a": "b"}
    changed["metadata"] = {**through_object["metadata"], "labels": {"a": "c"}}
    through_status = (await server.put(f"{path}/p/status", changed)).json
    assert through_status["status"]["phase"] == "Running"
    script.tell("labels through status", through_status["metadata"]["labels"])
    assert (await server.get(f"{path}/p/status")).json["kind"] == "Pod"
    both = {"status": {"message": "x"}, "metadata": {"annotations": {"a": "b"}}}
    patched = (await server.patch(f"{path}/p/status", both)).json
    assert patched["status"]["message"] == "x"
    script.tell("annotations through status", patched["metadata"].get("annotations"))
    conditions = [{"type": "Ready", "status": "True"}, {"type": "Own", "status": "False"}]
    media = "application/strategic-merge-patch+json"
    merged = await server.patch(f"{path}/p/status", {"status": {"conditions": conditions[:1]}}, media)
    merged = await server.patch(f"{path}/p/status", {"status": {"conditions": conditions[1:]}}, media)
    script.tell("conditions, merged by type", sorted(c["type"] for c in merged.json["status"]["conditions"]))


async def scale(script: Script) -> None:
    """Scale of what has replicas."""
    server, path = script.server, script.path("deployments", group="apps")
    await script.make(path, deployment("d"))
    script.tell("scale", (await server.get(f"{path}/d/scale")).json)
    scaled = await server.patch(f"{path}/d/scale?dryRun=All", {"spec": {"replicas": 3}})
    assert scaled.json["spec"]["replicas"] == 3
    assert (await server.get(f"{path}/d")).json["spec"]["replicas"] == 0
    negative = await server.patch(f"{path}/d/scale", {"spec": {"replicas": -1}})
    script.tell("fewer than none", negative.json)
    found = (await server.get(f"{path}/d/scale")).json
    stale = {**found, "metadata": {**found["metadata"], "resourceVersion": "1"}, "spec": {"replicas": 2}}
    assert (await server.put(f"{path}/d/scale", stale)).refusal[:2] == (409, "Conflict")
    script.tell("scale of none", (await server.get(f"{path}/none/scale")).json)


async def eviction(script: Script) -> None:
    """A budget that allows none holds an eviction up."""
    server, path = script.server, script.path("pods")
    made = pod("p", labels={"app": "x"})
    await script.make(path, made)
    budget = {
        "metadata": {"name": "b"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "x"}}},
    }
    budgets = script.path("poddisruptionbudgets", group="policy")
    await script.make(budgets, budget)
    await server.patch(
        f"{path}/p/status",
        {"status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}},
    )
    await script.until(f"{budgets}/b", lambda found: found["status"].get("currentHealthy") == 1)
    body = {"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p"}}
    refused = await server.post(f"{path}/p/eviction", body)
    assert refused.refusal == (
        429,
        "TooManyRequests",
        "Cannot evict pod as it would violate the pod's disruption budget.",
    )
    told = refused.json
    told["details"].pop("retryAfterSeconds", None)
    script.tell("held up", told)
    await server.delete(f"{budgets}/b")
    imagined = await server.post(f"{path}/p/eviction", {**body, "deleteOptions": {"dryRun": ["All"]}})
    assert imagined.status == 201
    assert (await server.get(f"{path}/p")).status == 200
    evicted = await server.post(f"{path}/p/eviction", body)
    script.tell("evicted", evicted.json)
    await script.gone(f"{path}/p")
    script.tell("evicted again", (await server.post(f"{path}/p/eviction", body)).json)


async def other_subresources(script: Script) -> None:
    """Binding, ephemeral containers, tokens of a ServiceAccount."""
    server, path = script.server, script.path("pods")
    await script.make(path, pod("p"))
    target = {"apiVersion": "v1", "kind": "Node", "name": "nowhere"}
    body = {"apiVersion": "v1", "kind": "Binding", "metadata": {"name": "p"}, "target": target}
    bound = await server.post(f"{path}/p/binding", body)
    script.tell("bound", bound.json)
    assert (await server.get(f"{path}/p")).json["spec"]["nodeName"] == "nowhere"
    again = await server.post(f"{path}/p/binding", body)
    script.tell("bound again", again.json)
    debugger = {"name": "debugger", "image": "busybox", "stdin": True}
    media = "application/strategic-merge-patch+json"
    patched = await server.patch(
        f"{path}/p/ephemeralcontainers", {"spec": {"ephemeralContainers": [debugger]}}, media
    )
    assert patched.status == 200
    script.tell("ephemeral containers", patched.json["spec"]["ephemeralContainers"])
    direct = await server.patch(f"{path}/p", {"spec": {"ephemeralContainers": []}})
    script.tell("through the Pod itself", [direct.status, direct.json.get("reason")])
    accounts = script.path("serviceaccounts", "default")
    token = await server.post(f"{accounts}/token", {"spec": {"expirationSeconds": 3600}})
    assert token.status == 201
    assert len(token.json["status"]["token"].split(".")) == 3
    told = token.json
    told["status"]["token"] = "TOKEN"
    told["spec"].pop("audiences", None)
    script.tell("a token", told)
    short = await server.post(f"{accounts}/token", {"spec": {"expirationSeconds": 1}})
    script.tell("too short", short.json)


async def reviews(script: Script) -> None:
    """Questions that are answered at once."""
    server = script.server
    root = "/apis/authorization.k8s.io/v1"
    attributes = {"namespace": script.namespace, "verb": "get", "resource": "pods"}
    allowed = await server.post(
        f"{root}/selfsubjectaccessreviews", {"spec": {"resourceAttributes": attributes}}
    )
    assert (allowed.status, allowed.json["status"]["allowed"]) == (201, True)
    somebody = {"spec": {"user": "nobody", "resourceAttributes": attributes}}
    refused = await server.post(f"{root}/subjectaccessreviews", somebody)
    assert (refused.status, refused.json["status"]["allowed"]) == (201, False)
    local = await server.post(
        script.path("localsubjectaccessreviews", group="authorization.k8s.io"), somebody
    )
    assert (local.status, local.json["status"]["allowed"]) == (201, False)
    who = await server.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", {})
    assert who.json["status"]["userInfo"]["username"]
    rules = await server.post(f"{root}/selfsubjectrulesreviews", {"spec": {"namespace": script.namespace}})
    assert any("*" in rule["verbs"] for rule in rules.json["status"]["resourceRules"])
    for what, path, body in (
        ("no attributes", f"{root}/selfsubjectaccessreviews", {"spec": {}}),
        ("no user", f"{root}/subjectaccessreviews", {"spec": {"resourceAttributes": attributes}}),
    ):
        script.tell(what, (await server.post(path, body)).json)


SUBRESOURCES: dict[str, Scenario] = {
    each.__name__: each for each in (status, scale, eviction, other_subresources, reviews)
}
