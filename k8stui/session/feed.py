"""Rows of one view, for people who may not list the whole cluster too."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from k8stui import catalog
from k8stui.core.freshness import Freshness, Phase
from k8stui.core.objects import JsonObject
from k8stui.core.refs import Scope
from k8stui.core.rows import RowDelta
from k8stui.session.model import View

if TYPE_CHECKING:
    from k8stui.kube.client import Client


def form_marks(obj: JsonObject) -> frozenset[str]:
    """The forms of a Service as marks of its row."""
    return frozenset(form.value for form in catalog.service_forms(obj))


async def follow(client: Client, view: View, fallback: Scope) -> AsyncGenerator[RowDelta | Freshness, None]:
    """Follow a view; where the whole cluster is forbidden, follow the namespaces of ``fallback`` instead.

    Services come as whole objects, since only these tell the forms; every other kind as cells.
    """
    from k8stui.kube.client import Include

    service = (view.kind.group, view.kind.plural) == ("", "services")
    include = Include.OBJECT if service else Include.NONE
    marks = form_marks if service else None

    def door(scope: Scope) -> AsyncGenerator[RowDelta | Freshness, None]:
        return client.follow(
            view.kind, scope, label_selector=view.label_selector, include=include, marks=marks
        )

    denied: Freshness | None = None
    async with aclosing(door(view.scope)) as steps:
        async for step in steps:
            if _cluster_wide_denial(step, view) and not fallback.everywhere:
                assert isinstance(step, Freshness)
                denied = step
                break
            yield step
    if denied is None:
        return
    async with aclosing(door(fallback)) as steps:
        async for step in steps:
            yield narrowed(step, denied, fallback) if isinstance(step, Freshness) else step


def _cluster_wide_denial(step: RowDelta | Freshness, view: View) -> bool:
    return (
        isinstance(step, Freshness)
        and step.phase is Phase.DENIED
        and view.kind.namespaced
        and view.scope.everywhere
    )


def narrowed(step: Freshness, denied: Freshness, scope: Scope) -> Freshness:
    """A freshness of the narrower scope that still says what it is, and why it is narrower."""
    return replace(step, message=step.message or denied.message, only=scope.namespaces)
