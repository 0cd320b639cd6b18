"""Rows of the kinds for devices that Pods claim (resource.k8s.io)."""

from __future__ import annotations

from typing import Any

from k8stui.core.objects import JsonObject, dig
from k8stui.practice.printers.base import AGE, NAME, Printer, age, column, name_of, plain_cells, since


def _claim(obj: JsonObject, now: float) -> list[Any]:
    gone = bool(obj["metadata"].get("deletionTimestamp"))
    states = ["deleted"] if gone else []
    if dig(obj, "status", "allocation"):
        states.append("allocated")
        if dig(obj, "status", "reservedFor"):
            states.append("reserved")
    elif not gone:
        states.append("pending")
    return [name_of(obj), ",".join(states), age(obj, now)]


def _taint_rule(obj: JsonObject, now: float) -> list[Any]:
    taint = dig(obj, "spec", "taint") or {}
    added = taint.get("timeAdded")
    return [
        name_of(obj),
        taint.get("key", ""),
        taint.get("value", ""),
        taint.get("effect", ""),
        since(added, now) if added else "",
        age(obj, now),
    ]


def _resource_slice(obj: JsonObject, now: float) -> list[Any]:
    spec = obj.get("spec") or {}
    pool = dig(spec, "pool", "name") or ""
    return [name_of(obj), spec.get("nodeName") or "", spec.get("driver", ""), pool, age(obj, now)]


PRINTERS: tuple[tuple[str, str, Printer], ...] = (
    ("resource.k8s.io", "deviceclasses", Printer((NAME, AGE), plain_cells)),
    (
        "resource.k8s.io",
        "devicetaintrules",
        Printer(
            (
                NAME,
                column("Key", "Key of the taint."),
                column("Value", "Value of the taint."),
                column("Effect", "What the taint does to Pods without a toleration."),
                column("TimeAdded", "Time since the taint holds."),
                AGE,
            ),
            _taint_rule,
        ),
    ),
    (
        "resource.k8s.io",
        "resourceclaims",
        Printer((NAME, column("State", "Whether devices are allocated and reserved."), AGE), _claim),
    ),
    ("resource.k8s.io", "resourceclaimtemplates", Printer((NAME, AGE), plain_cells)),
    (
        "resource.k8s.io",
        "resourceslices",
        Printer(
            (
                NAME,
                column("Node", "Node that has the devices."),
                column("Driver", "Driver that manages them."),
                column("Pool", "Pool that they belong to."),
                AGE,
            ),
            _resource_slice,
        ),
    ),
)
