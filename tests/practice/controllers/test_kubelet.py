"""The kubelet: how Pods start and fare, on a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from k8stui.core.objects import JsonObject, dig
from k8stui.core.units import parse_time
from k8stui.practice.kinds import builtin
from tests.practice.controllers.lab import EVENTS, NODES, PODS, START, Lab
from tests.practice.controllers.onepod import condition, first, now, now_spec, pod, said, word

CONFIG_MAPS, SECRETS = builtin("configmaps"), builtin("secrets")


@pytest.fixture
def lab() -> Iterator[Lab]:
    lab = Lab()
    yield lab
    lab.engine.detach()


def test_from_pending_to_running(lab: Lab) -> None:
    pod(lab)
    lab.wait(0)
    assert word(lab) == "ContainerCreating"
    assert condition(lab, "PodReadyToStartContainers") == "False"
    lab.wait(3)
    assert word(lab) == "Running"
    status = now(lab)["status"]
    assert all(c["status"] == "True" for c in status["conditions"])
    assert status["podIP"].startswith("10.244.")
    assert first(lab)["containerID"].startswith("containerd://")
    reasons = {e["reason"] for e in lab.store.list(EVENTS) if e["involvedObject"]["name"] == "p"}
    assert reasons == {"Scheduled", "Pulling", "Pulled", "Created", "Started"}
    before = first(lab)["containerID"]
    lab.wait(600)
    assert first(lab)["containerID"] == before


def test_a_pulled_image_stays_on_the_node(lab: Lab) -> None:
    pod(lab, "nginx:1.29")
    lab.wait(5)
    node = lab.store.get(NODES, "", now(lab)["spec"]["nodeName"])
    assert [i["names"][1] for i in dig(node, "status", "images")] == ["docker.io/library/nginx:1.29"]
    assert "Image size: 192000000 bytes." in said(lab, "Pulled")[0]
    lab.store.delete(PODS, "shop", "p")
    lab.wait(0)
    lab.make(PODS, "p", spec={"nodeName": node["metadata"]["name"], **now_spec("nginx:1.29")})
    lab.wait(5)
    assert 'Container image "nginx:1.29" already present on machine' in said(lab, "Pulled")


@pytest.mark.parametrize(
    ("image", "more", "words", "text"),
    [
        ("nginx:typo", {}, {"ErrImagePull", "ImagePullBackOff"}, "docker.io/library/nginx:typo: not found"),
        ("example.com/no-such-app:1", {}, {"ErrImagePull", "ImagePullBackOff"}, "not found"),
        ("partners.example/labels/printer:0.9.2", {}, {"ErrImagePull", "ImagePullBackOff"}, "access denied"),
        ("nginx:1.29:alpine", {}, {"InvalidImageName"}, "invalid reference format"),
        ("Upper/Case:1", {}, {"InvalidImageName"}, "invalid reference format"),
        ("app:1", {"imagePullPolicy": "Never"}, {"ErrImageNeverPull"}, "pull policy of Never"),
    ],
)
def test_images_that_do_not_come(lab: Lab, image: str, more: JsonObject, words: set[str], text: str) -> None:
    pod(lab, image, **more)
    seen = set()
    for _ in range(40):
        lab.wait(1)
        seen.add(word(lab))
    assert seen - {"ContainerCreating"} == words
    assert text in first(lab)["state"]["waiting"]["message"]
    assert f"Error: {word(lab)}" in said(lab, "Failed")


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        ({"envFrom": [{"configMapRef": {"name": "m"}}]}, 'configmap "m" not found'),
        (
            {"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]},
            "couldn't find key k in Secret shop/s",
        ),
        (
            {"securityContext": {"runAsNonRoot": True, "runAsUser": 0}},
            "container's runAsUser breaks non-root policy",
        ),
    ],
)
def test_settings_that_are_wrong(lab: Lab, spec: JsonObject, text: str) -> None:
    lab.make(SECRETS, "s", data={"other": "eA=="})
    pod(lab, **spec)
    lab.wait(25)
    assert word(lab) == "CreateContainerConfigError"
    assert text in first(lab)["state"]["waiting"]["message"]
    assert sum(e["count"] for e in lab.store.list(EVENTS) if e["reason"] == "Failed") == 3


def test_root_is_what_the_image_is(lab: Lab) -> None:
    pod(lab, "nginx:1.29", securityContext={"runAsNonRoot": True})
    lab.wait(3)
    assert 'image will run as root (pod: "p_shop(' in first(lab)["state"]["waiting"]["message"]
    lab.store.delete(PODS, "shop", "p")
    lab.wait(0)
    pod(lab, "nginx:1.29", securityContext={"runAsNonRoot": True, "runAsUser": 101})
    lab.wait(3)
    assert word(lab) == "Running"


VOLUMES = [
    ({"configMap": {"name": "m"}}, 'configmap "m" not found'),
    ({"secret": {"secretName": "gone"}}, 'secret "gone" not found'),
    (
        {"secret": {"secretName": "s", "items": [{"key": "k", "path": "k"}]}},
        "secret references non-existent secret key: k",
    ),
    ({"projected": {"sources": [{"configMap": {"name": "m"}}]}}, 'configmap "m" not found'),
]


@pytest.mark.parametrize(("volume", "why"), VOLUMES)
def test_volumes_that_cannot_be_mounted(lab: Lab, volume: JsonObject, why: str) -> None:
    lab.make(SECRETS, "s", data={"other": "eA=="})
    pod(lab, volumes=[{"name": "v", **volume}])
    lab.wait(20)
    assert word(lab) == "ContainerCreating" and "podIP" not in now(lab)["status"]
    assert said(lab, "FailedMount") == [f'MountVolume.SetUp failed for volume "v" : {why}']
    count = next(e["count"] for e in lab.store.list(EVENTS) if e["reason"] == "FailedMount")
    assert 5 <= count <= 7, "it is tried again, after twice as long each time"


def test_a_volume_that_turns_up(lab: Lab) -> None:
    pod(lab, volumes=[{"name": "v", "configMap": {"name": "m"}}])
    lab.wait(20)
    lab.make(CONFIG_MAPS, "m", data={"a": "b"})
    lab.wait(130)
    assert word(lab) == "Running"
    assert (parse_time(first(lab)["state"]["running"]["startedAt"]) or 0.0) > START + 20


def test_what_is_optional_may_be_missing(lab: Lab) -> None:
    pod(
        lab,
        volumes=[{"name": "v", "configMap": {"name": "m", "optional": True}}],
        envFrom=[{"secretRef": {"name": "gone", "optional": True}}],
    )
    lab.wait(3)
    assert word(lab) == "Running"


PROBE = {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 5, "failureThreshold": 2}


def test_a_readiness_probe_that_waits(lab: Lab) -> None:
    pod(lab, readinessProbe={**PROBE, "initialDelaySeconds": 20})
    lab.wait(10)
    assert (word(lab), condition(lab, "Ready")) == ("Running", "False")
    lab.wait(15)
    assert condition(lab, "Ready") == "True"


def test_a_readiness_probe_that_fails_does_not_restart(lab: Lab) -> None:
    pod(lab, readinessProbe=PROBE, says={"ready": "false"})
    lab.wait(120)
    assert (word(lab), condition(lab, "Ready"), first(lab)["restartCount"]) == ("Running", "False", 0)
    assert said(lab, "Unhealthy") == ["Readiness probe failed: HTTP probe failed with statuscode: 503"]


def test_a_liveness_probe_that_fails_restarts(lab: Lab) -> None:
    pod(lab, livenessProbe=PROBE, says={"live": "false", "after": "30s"})
    lab.wait(33)
    assert first(lab)["restartCount"] == 0 and said(lab, "Unhealthy")
    lab.wait(7)
    assert first(lab)["restartCount"] == 1
    assert said(lab, "Killing") == ["Container c failed liveness probe, will be restarted"]
    assert dig(first(lab), "lastState", "terminated", "exitCode") == 143
    lab.wait(200)
    assert first(lab)["restartCount"] >= 3


def test_a_startup_probe_holds_the_others_back(lab: Lab) -> None:
    probes: dict[str, Any] = {"startupProbe": {**PROBE, "failureThreshold": 10}, "readinessProbe": PROBE}
    pod(lab, **probes, says={"starts": "22s"})
    lab.wait(20)
    assert (first(lab)["started"], first(lab)["ready"]) == (False, False)
    lab.wait(10)
    assert (first(lab)["started"], first(lab)["ready"]) == (True, True)
    assert first(lab)["restartCount"] == 0


def test_a_startup_probe_that_gives_up(lab: Lab) -> None:
    pod(lab, startupProbe=PROBE, says={"starts": "60s"})
    lab.wait(16)
    assert first(lab)["restartCount"] == 1 and not first(lab)["started"]
    assert said(lab, "Killing") == ["Container c failed startup probe, will be restarted"]
    assert said(lab, "Unhealthy") == ["Startup probe failed: HTTP probe failed with statuscode: 503"]
