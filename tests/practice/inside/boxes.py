"""A container to look into, without a server."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

from k8stui.core.objects import JsonObject
from k8stui.practice.inside import runs
from k8stui.practice.inside.box import Box
from k8stui.practice.inside.insides import Insides
from k8stui.practice.inside.session import execute, streams_of
from k8stui.practice.inside.shell.io import Given, Kept
from k8stui.practice.kinds import builtin
from k8stui.practice.store import Store
from tests.practice.streams.pods import NOON, PODS, Hands, container, running

SERVICES, SLICES = builtin("services"), builtin("endpointslices", "discovery.k8s.io")


class Company:
    """A small cluster that nobody serves."""

    def __init__(self) -> None:
        self.hands = Hands(NOON + 60)
        self.store = Store(self.hands, rng=random.Random(1))
        self.insides = Insides(self.store, self.hands)

    def pod(
        self,
        name: str,
        *containers: JsonObject,
        address: str = "10.244.1.7",
        metadata: JsonObject | None = None,
        **spec: Any,
    ) -> JsonObject:
        mains = list(containers) or [container()]
        inits = spec.get("initContainers", [])
        return self.store.create(
            PODS,
            {
                "metadata": {"name": name, "namespace": "default", **(metadata or {})},
                "spec": {"nodeName": "worker-1", "containers": mains, **spec},
                "status": {
                    "phase": "Running",
                    "podIP": address,
                    "hostIP": "192.168.10.21",
                    "containerStatuses": [running(each) for each in mains],
                    "initContainerStatuses": [running(each) for each in inits],
                },
            },
        )

    def service(self, name: str, address: str = "10.96.0.7", **spec: Any) -> JsonObject:
        metadata = {"name": name, "namespace": "default", "creationTimestamp": "2026-11-25T11:00:00Z"}
        return self.store.create(SERVICES, {"metadata": metadata, "spec": {"clusterIP": address, **spec}})

    def box(self, pod: JsonObject, name: str = "") -> Box:
        run = runs.running(pod, name or pod["spec"]["containers"][0]["name"])
        assert run is not None
        return self.insides.box(run)


async def run(box: Box, command: str | Sequence[str], text: bytes = b"") -> tuple[int, str, str]:
    """Exit status, output and errors of a command or, if it is a text, of a script."""
    out, err = Kept(), Kept()
    words = ["sh", "-c", command] if isinstance(command, str) else list(command)
    status = await execute(box, words, streams_of(Given(text), out, err))
    return status, out.data.decode(), err.data.decode()


async def said(box: Box, script: str, text: bytes = b"") -> str:
    """The output of a script that ends well."""
    status, out, err = await run(box, script, text)
    assert (status, err) == (0, ""), (script, status, err)
    return out
