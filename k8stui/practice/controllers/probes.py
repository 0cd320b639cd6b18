"""When probes tell what about a container: all of it follows from when it was started."""

from __future__ import annotations

import math

import msgspec

from k8stui.core.objects import JsonObject
from k8stui.practice.controllers.programs import Program

_ANSWER = 1.0
"""Seconds until the first answer of a probe without delay."""


class Timing(msgspec.Struct, frozen=True):
    """What a container's probes come to, in seconds since the epoch; None for never."""

    started: float | None
    """When the startup probe has succeeded, or when it was started where it has none."""
    ready: float | None
    """When the readiness probe succeeds first."""
    killed: float | None
    """When the kubelet kills it for a probe that failed too often."""
    by: str = ""
    """The probe that it is killed for: ``Startup`` or ``Liveness``."""
    first: float = 0.0
    """When that probe fails first."""


def timing(container: JsonObject, program: Program, began: float) -> Timing:
    """What the probes of a container that was started at a time will tell.

    Args:
        container: Its spec.
        program: What it does.
        began: When it was started.
    """
    started = began
    startup = container.get("startupProbe")
    if startup:
        delay, period, most = _numbers(startup)
        up = began + max(_ANSWER, delay, program.starts)
        tries = math.ceil(max(0.0, up - began - delay) / period)
        if program.starts and tries >= most:
            first = began + delay
            return Timing(None, None, first + period * most, "Startup", first)
        started = up if not program.starts else began + delay + tries * period
    ready = _ready(container.get("readinessProbe"), program, began, started, bool(startup))
    liveness = container.get("livenessProbe")
    if liveness and not program.live:
        delay, period, most = _numbers(liveness)
        first = max(started + delay, began + program.after)
        return Timing(started, ready, first + period * (most - 1), "Liveness", first)
    return Timing(started, ready, None)


def _ready(
    probe: JsonObject | None, program: Program, began: float, started: float, waits: bool
) -> float | None:
    if probe is None:
        return max(started, began)
    if not program.ready:
        return None
    delay, period, _ = _numbers(probe)
    more = period * (int(probe.get("successThreshold") or 1) - 1)
    return (started if waits else began) + delay + _ANSWER + more


def _numbers(probe: JsonObject) -> tuple[float, float, int]:
    """Delay, period and how many failures in a row are one too many."""
    return (
        float(probe.get("initialDelaySeconds") or 0),
        float(probe.get("periodSeconds") or 10),
        int(probe.get("failureThreshold") or 3),
    )


def period(probe: JsonObject) -> float:
    """Seconds between two probes."""
    return _numbers(probe)[1]


def failure(kind: str, probe: JsonObject, program: Program) -> str:
    """What is reported of a probe that fails."""
    if program.failure:
        return f"{kind} probe failed: {program.failure}"
    if "httpGet" in probe:
        return f"{kind} probe failed: HTTP probe failed with statuscode: 503"
    if "tcpSocket" in probe:
        port = probe["tcpSocket"].get("port")
        return f"{kind} probe failed: dial tcp :{port}: connect: connection refused"
    if "grpc" in probe:
        return f'{kind} probe failed: service unhealthy (responded with "NOT_SERVING")'
    return f"{kind} probe failed: command exited with code 1"
