"""Which requests are streams, and who answers them."""

from __future__ import annotations

from aiohttp import web

from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject
from k8stui.practice import errors
from k8stui.practice.inside.insides import Insides

_POD = frozenset(("log", "exec", "attach", "portforward"))


def streams(kind: ResourceKind, subresource: str) -> bool:
    """Whether a subresource is one of those that are answered here."""
    return not kind.group and kind.plural == "pods" and subresource in _POD


def proxied(kind: ResourceKind, subresource: str) -> bool:
    """Whether a subresource passes HTTP on to a Pod or through a Service."""
    return subresource == "proxy" and not kind.group and kind.plural in ("pods", "services")


async def answer(
    insides: Insides, request: web.BaseRequest, obj: JsonObject, subresource: str
) -> web.StreamResponse:
    """Answer a request to a subresource that streams.

    Args:
        insides: The insides of the cluster's containers.
        request: The request.
        obj: The Pod that it names.
        subresource: What is asked of it.

    Raises:
        StatusError: what a server refuses.
    """
    # A cluster starts without all this: nobody asks for it at once.
    from k8stui.practice.streams import execute, logs, portforward

    if subresource == "log":
        if request.method != "GET":
            raise errors.method_not_allowed()
        return await logs.answer(insides, request, obj)
    if subresource in ("exec", "attach"):
        return await execute.answer(insides, request, obj, attach=subresource == "attach")
    if subresource == "portforward":
        return await portforward.answer(insides, request, obj)
    raise errors.method_not_allowed()
