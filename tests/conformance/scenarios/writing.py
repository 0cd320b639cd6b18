"""Creating and updating: what is checked, what is refused and in which words."""

from __future__ import annotations

from pathlib import Path

import yaml

from tests.conformance.scenarios.reading import config_map
from tests.conformance.script import Scenario, Script
from tests.conformance.server import JsonObject

_REFUSALS = Path(__file__).with_name("refusals.yaml")
_LONG = 150


def deployment(name: str, **spec: object) -> JsonObject:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "a", "image": "nginx:1"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": template, **spec},
    }


async def creating(script: Script) -> None:
    """Names, generated names, namespaces, dry runs."""
    server, path = script.server, script.path("configmaps")
    made = await script.make(path, {"metadata": {"generateName": "made-"}})
    assert made["metadata"]["name"].startswith("made-")
    assert len(made["metadata"]["name"]) == len("made-") + 5
    assert made["metadata"]["generateName"] == "made-"
    imagined = await server.post(f"{path}?dryRun=All", config_map("imagined"))
    assert imagined.status == 201
    assert "resourceVersion" not in imagined.json["metadata"]
    assert imagined.json["metadata"]["uid"]
    assert (await server.get(f"{path}/imagined")).status == 404
    given = {"uid": "x", "resourceVersion": "", "generation": 7, "creationTimestamp": "2020-01-01T00:00:00Z"}
    forged = await script.make(path, {"metadata": {"name": "forged", "selfLink": "/x", **given}})
    assert forged["metadata"]["uid"] != "x"
    script.tell("what a client cannot say", forged)
    for what, body in {
        "no name": {"metadata": {}},
        "no metadata": {},
        "a bad name": config_map("A_b"),
        "a long name": config_map("a" * 254),
        "a bad generateName": {"metadata": {"generateName": "A_"}},
        "another namespace": {"metadata": {"name": "a", "namespace": "other"}},
        "a resourceVersion": {"metadata": {"name": "a", "resourceVersion": "7"}},
        "a bad label": config_map("a", {"a b": "c"}),
        "a bad label value": config_map("a", {"a": "c d"}),
        "a bad annotation": {"metadata": {"name": "a", "annotations": {"a b": "c"}}},
        "a bad finalizer": {"metadata": {"name": "a", "finalizers": ["a b"]}},
        "a bad key": config_map("a") | {"data": {"a b": "c"}},
        "another kind": {"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "a"}},
        "another version": {"kind": "ConfigMap", "apiVersion": "v2", "metadata": {"name": "a"}},
        "a kind without version": {"kind": "ConfigMap", "metadata": {"name": "a"}},
        "a wrong type": {"metadata": {"name": "a"}, "data": {"a": 1}},
        "a list for a map": {"metadata": {"name": "a"}, "data": ["a"]},
    }.items():
        refused = await server.post(path, body)
        script.tell(what, refused.json)
    script.tell("no JSON", (await server.post(path, b"{")).json)
    script.tell("a list", (await server.post(path, [])).json)
    script.tell("nothing", (await server.post(path, b"")).json)
    script.tell("dryRun=Some", (await server.post(f"{path}?dryRun=Some", config_map("a"))).json)
    gone = await server.post(f"/api/v1/namespaces/none-{script.mark}/configmaps", config_map("a"))
    script.tell("no namespace", gone.json)
    media = await server.call("POST", path, b"a: b", "text/plain")
    script.tell("text", [media.status, media.json.get("reason")])
    yaml = await server.call("POST", path, b"metadata: {name: yaml}\ndata: {a: b}", "application/yaml")
    assert (yaml.status, yaml.json["data"]) == (201, {"a": "b"})


async def strictness(script: Script) -> None:
    """Unknown and doubled fields under Strict, Warn and Ignore."""
    server, path = script.server, script.path("deployments", group="apps")
    odd = deployment("odd", replica=3)
    odd["spec"]["template"]["spec"]["containers"][0]["imag"] = "x"
    refused = await server.post(f"{path}?fieldValidation=Strict", odd)
    assert refused.refusal == (
        400,
        "BadRequest",
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: '
        'unknown field "spec.template.spec.containers[0].imag", unknown field "spec.replica"',
    )
    warned = await server.post(f"{path}?dryRun=All&fieldValidation=Warn", odd)
    assert warned.status == 201
    assert list(warned.warnings) == [
        '299 - "unknown field \\"spec.template.spec.containers[0].imag\\""',
        '299 - "unknown field \\"spec.replica\\""',
    ]
    assert (await server.post(f"{path}?dryRun=All", odd)).warnings == warned.warnings
    ignored = await server.post(f"{path}?dryRun=All&fieldValidation=Ignore", odd)
    assert (ignored.status, ignored.warnings) == (201, ())
    assert "replica" not in ignored.json["spec"]
    twice = b'{"metadata":{"name":"a","name":"b"},"data":{"x":"1","x":"2"}}'
    doubled = await server.call("POST", script.path("configmaps") + "?fieldValidation=Strict", twice)
    script.tell("doubled fields", doubled.json)
    script.tell("fieldValidation=Odd", (await server.post(f"{path}?fieldValidation=Odd", odd)).json)


def _refusals(script: Script) -> JsonObject:
    text = _REFUSALS.read_text().replace("NAMESPACE", script.namespace).replace("MARK", script.mark)
    found: JsonObject = yaml.safe_load(text)
    return found


async def rules(script: Script) -> None:
    """Rules of the kinds that learners meet, in the server's words."""
    for rule in _refusals(script)["rules"]:
        refused = await script.server.post(f"{rule['path']}?dryRun=All", rule["body"])
        told = refused.json if refused.status >= 300 else {"accepted": refused.status}
        script.tell(rule["what"], told)


async def updating(script: Script) -> None:
    """Conflicts, generations, writes that change nothing, what may not change."""
    server, path = script.server, script.path("deployments", group="apps")
    made = await script.make(path, deployment("d"))
    assert made["metadata"]["generation"] == 1
    one = f"{path}/d"
    settled = await script.until(one, lambda found: found["status"].get("observedGeneration") == 1)
    stale = {
        **settled,
        "metadata": {**settled["metadata"], "resourceVersion": made["metadata"]["resourceVersion"]},
    }
    stale["spec"] = {**settled["spec"], "replicas": 0, "minReadySeconds": 3}
    conflict = await server.put(one, stale)
    assert conflict.refusal == (
        409,
        "Conflict",
        'Operation cannot be fulfilled on deployments.apps "d": the object has been modified; '
        "please apply your changes to the latest version and try again",
    )
    script.tell("conflict", conflict.json)
    free = {**settled, "metadata": {k: v for k, v in settled["metadata"].items() if k != "resourceVersion"}}
    labelled = {**free, "metadata": {**free["metadata"], "labels": {"a": "b"}}}
    answered = (await server.put(one, labelled)).json
    assert answered["metadata"]["generation"] == 1, "labels are no change of the spec"
    changed = {**answered, "spec": {**answered["spec"], "minReadySeconds": 3}}
    assert (await server.put(one, changed)).json["metadata"]["generation"] == 2
    maps = script.path("configmaps")
    plain = await script.make(maps, config_map("c", a="1"))
    same = (await server.put(f"{maps}/c", plain)).json
    assert same["metadata"]["resourceVersion"] == plain["metadata"]["resourceVersion"]
    imagined = (await server.put(f"{maps}/c?dryRun=All", {**plain, "data": {"a": "2"}})).json
    assert imagined["data"] == {"a": "2"}
    assert imagined["metadata"]["resourceVersion"] == plain["metadata"]["resourceVersion"]
    assert (await server.get(f"{maps}/c")).json["data"] == {"a": "1"}
    for what, target, body in (
        ("another name", f"{maps}/c", {**plain, "metadata": {**plain["metadata"], "name": "other"}}),
        ("another uid", f"{maps}/c", {**plain, "metadata": {**plain["metadata"], "uid": "other"}}),
        ("one that is not there", f"{maps}/none", config_map("none")),
        ("another selector", one, {"metadata": {"name": "d"}, "spec": deployment("x")["spec"]}),
    ):
        script.tell(what, (await server.put(target, body)).json)
    frozen = await script.make(maps, config_map("frozen", a="1") | {"immutable": True})
    script.tell("immutable", (await server.put(f"{maps}/frozen", {**frozen, "data": {"a": "2"}})).json)


async def unchangeable(script: Script) -> None:
    """What may not be changed once it is made."""
    refusals = _refusals(script)
    for each in refusals["objects"]:
        await script.make(each["path"], each["body"])
    for change in refusals["changes"]:
        refused = await script.server.patch(change["path"], change["patch"])
        told: JsonObject = {"accepted": refused.status} if refused.status < 300 else refused.json
        if len(told.get("message", "")) > _LONG:
            # What follows is the object as the server's own language prints it.
            told = {"code": told["code"], "message": told["message"].partition("\n")[0][:_LONG]}
        script.tell(change["what"], told)


WRITING: dict[str, Scenario] = {
    each.__name__: each for each in (creating, strictness, rules, updating, unchangeable)
}
