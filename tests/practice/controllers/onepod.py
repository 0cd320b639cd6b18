"""One Pod ``p`` of a lab, and what is to be seen of it."""

from __future__ import annotations

from typing import Any

from k8stui.core.objects import JsonObject
from k8stui.practice.printers.pods import pod_status
from tests.practice.controllers.lab import EVENTS, PODS, Lab


def pod(lab: Lab, image: str = "app:1", *, says: JsonObject | None = None, **spec: Any) -> JsonObject:
    """A Pod ``p`` of one container ``c``; what is not a field of the Pod's spec is one of the container's."""
    of_pod = {
        *("restartPolicy", "initContainers", "volumes", "securityContext", "terminationGracePeriodSeconds"),
        *("activeDeadlineSeconds", "ephemeralContainers", "readinessGates", "containers"),
    }
    item = {"name": "c", "image": image, **{k: v for k, v in spec.items() if k not in of_pod}}
    whole = {"containers": [item], **{k: v for k, v in spec.items() if k in of_pod}}
    made = lab.make(PODS, "p", spec=whole)
    if says:
        notes = {f"practice.k8stui.dev/{key}": value for key, value in says.items()}
        made = lab.world.set_metadata(PODS, made, annotations=notes)
    return made


def now(lab: Lab) -> JsonObject:
    return lab.store.get(PODS, "shop", "p")


def word(lab: Lab) -> str:
    return pod_status(now(lab))


def first(lab: Lab, field: str = "containerStatuses") -> JsonObject:
    found: JsonObject = now(lab)["status"][field][0]
    return found


def said(lab: Lab, reason: str = "") -> list[str]:
    """The messages of the Pod's events."""
    return [
        event["message"]
        for event in lab.store.list(EVENTS)
        if event["involvedObject"]["name"] == "p" and reason in ("", event["reason"])
    ]


def condition(lab: Lab, kind: str) -> str:
    return str(next(c["status"] for c in now(lab)["status"]["conditions"] if c["type"] == kind))


def now_spec(image: str) -> JsonObject:
    return {"containers": [{"name": "c", "image": image}]}
