"""proxy: one HTTP request to a Pod or through a Service, by way of the API server."""

from __future__ import annotations

from aiohttp import web

from k8stui.core.objects import JsonObject, dicts
from k8stui.practice import errors
from k8stui.practice.inside import chance, runs
from k8stui.practice.inside.insides import PODS, Insides
from k8stui.practice.inside.names import SERVICES
from k8stui.practice.inside.network import Listener, Lost, Refused, Unreachable
from k8stui.practice.inside.pages import HTTP, Asked, page

_CLIENT = "192.168.10.11"
_HTTP_PORT = 80


async def answer(
    insides: Insides, request: web.BaseRequest, plural: str, namespace: str, name: str
) -> web.StreamResponse:
    """Pass a request on and its answer back.

    Args:
        insides: The cluster's containers.
        request: The request; what stands behind ``proxy`` in its path is the path that is asked for.
        plural: ``pods`` or ``services``.
        namespace: Where it is.
        name: ``name``, ``name:port`` or ``scheme:name:port``.

    Raises:
        StatusError: 404 when it is not there, 503 when nobody answers.
    """
    words = name.split(":")
    bare, port = (words[0], words[1] if len(words) > 1 else "") if len(words) < 3 else (words[1], words[2])
    kind = PODS if plural == "pods" else SERVICES
    found = insides.store.find(kind, namespace, bare)
    if found is None:
        raise errors.not_found(kind, bare)
    try:
        listener = _pod(insides, found, port) if plural == "pods" else _service(insides, found, port)
    except Refused:
        raise _unavailable(f'no endpoints available for service "{bare}"') from None
    except Lost:
        raise _unavailable(f'no service port "{port}" found for service "{bare}"') from None
    if listener is None or listener.talks not in HTTP:
        raise _unavailable("error trying to reach service: EOF")
    path = "/" + request.path.partition("/proxy")[2].lstrip("/")
    target = path + (f"?{request.query_string}" if request.query_string else "")
    headers = {"host": request.headers.get("Host", ""), "user-agent": request.headers.get("User-Agent", "")}
    body = await request.read()
    made = page(insides, listener, Asked(request.method, target, headers, body, _CLIENT))
    return web.Response(status=made.status, body=made.body, headers={"Content-Type": made.type})


def _pod(insides: Insides, pod: JsonObject, port: str) -> Listener | None:
    ports = [each for spec in runs.specs(pod) for each in dicts(spec, "ports")]
    named = next((int(each.get("containerPort") or 0) for each in ports if each.get("name") == port), 0)
    usual = int(ports[0].get("containerPort") or 0) if ports else _HTTP_PORT
    number = int(port) if port.isdigit() and len(port) < 6 else named or usual
    try:
        return insides.network.local(pod, number)
    except Unreachable:
        return None


def _service(insides: Insides, service: JsonObject, port: str) -> Listener:
    insides.asked += 1
    source = chance.source("proxy", insides.asked, insides.clock())
    return insides.network.service(service, port, source)


def _unavailable(message: str) -> errors.StatusError:
    return errors.StatusError(503, "ServiceUnavailable", message, {})
