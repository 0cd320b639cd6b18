"""The HTTP server: who may speak to it, where a request goes, and how an answer is written."""

from __future__ import annotations

import asyncio
import dataclasses
import ipaddress
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

import msgspec
from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage

from k8stui.core.objects import JsonObject
from k8stui.practice import errors
from k8stui.practice.api import access, encode, lists, read, subresources, verbs, watch
from k8stui.practice.api.call import Call, Server, find_target, truthy, verb_of
from k8stui.practice.authority.attributes import of_request, selected_name
from k8stui.practice.authority.users import User
from k8stui.practice.faults import Action, Active, Fault, Place
from k8stui.practice.streams import serving

_JSON = "application/json"
_HOSTS = frozenset(("127.0.0.1", "localhost", "[::1]"))
_CONNECTS = frozenset(("attach", "exec", "portforward"))
_WHOLE_LIST = 100
LARGEST_BODY = 3 << 20
"""Bytes of the largest body that is read."""
_LOG = logging.getLogger(__name__)
_VERSION = {
    "major": "1",
    "minor": "37",
    "emulationMajor": "1",
    "emulationMinor": "37",
    "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "36",
    "gitVersion": "v1.37.0+practice",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "1970-01-01T00:00:00Z",
    "goVersion": "",
    "compiler": "",
    "platform": "python/any",
}

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def handler(server: Server) -> Handler:
    """The function that answers every request."""

    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        task = asyncio.current_task()
        assert task is not None
        server.tasks.add(task)
        try:
            user = check_client(server, request)
            return await _answer(server, request, user)
        except errors.StatusError as error:
            return refusal(error)
        except web.HTTPRequestEntityTooLarge:
            message = f"Request entity too large: limit is {LARGEST_BODY}"
            return refusal(errors.StatusError(413, "RequestEntityTooLarge", message, {}))
        except web.HTTPException:
            raise
        except Exception as error:
            _LOG.exception("%s %s", request.method, request.path)
            return refusal(errors.StatusError(500, "InternalError", f"Internal error occurred: {error}", {}))
        finally:
            server.tasks.discard(task)

    return handle


def check_client(server: Server, request: web.BaseRequest) -> User:
    """Let only holders of a token in, and no web page: neither by Origin nor by a name that points here.

    Returns:
        Who it is.

    Raises:
        StatusError: 403 for a foreign Host or any Origin, 401 without a token; of impersonation 400 and 403.
    """
    host = request.headers.get("Host", "").rsplit(":", 1)[0]
    known = host in _HOSTS or (server.exposed and _is_address(host))
    if not known or "Origin" in request.headers:
        raise errors.StatusError(403, "Forbidden", "forbidden: this server answers local clients only", {})
    if server.faults.token_expired:
        raise errors.unauthorized()
    return server.gate.user(request.headers)


def _is_address(host: str) -> bool:
    """Whether it is an IP address: no web page can make one of those point here."""
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


def authorize(server: Server, request: web.BaseRequest, user: User) -> None:
    """Ask RBAC whether the user may send this request.

    Raises:
        StatusError: 403 in its words.
    """
    watch = truthy(request.query.get("watch", ""))
    selected = selected_name(request.query.get("fieldSelector", ""))
    wanted = of_request(request.method, request.path, watch=watch, selected=selected)
    server.gate.check(user, wanted)
    if wanted.verb == "get" and wanted.resource == "pods" and wanted.subresource in _CONNECTS:
        # A GET that becomes a websocket does what a POST does, so it needs its right too.
        server.gate.check(user, dataclasses.replace(wanted, verb="create"))


def refusal(error: errors.StatusError) -> web.Response:
    """A Status as an HTTP answer."""
    return answer(error.body(), status=error.code, headers=error.headers)


def answer(
    body: JsonObject | bytes,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    media: str = _JSON,
) -> web.Response:
    """An answer in one piece."""
    text = body if isinstance(body, bytes) else encode.encode(body)
    all_headers = {"Content-Type": media, "Cache-Control": "no-cache, private", **(headers or {})}
    return web.Response(status=status, body=text, headers=all_headers)


def receive(
    message: RawRequestMessage,
    payload: StreamReader,
    protocol: web.RequestHandler,
    writer: AbstractStreamWriter,
    task: asyncio.Task[None],
) -> web.BaseRequest:
    """A request as the web server hands it over, with our limit on bodies."""
    loop = asyncio.get_running_loop()
    return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=LARGEST_BODY)


async def _answer(server: Server, request: web.BaseRequest, user: User) -> web.StreamResponse:
    path = request.path
    if not user.privileged:
        authorize(server, request, user)
    target = find_target(server.registry, path)
    if target is None:
        verb, place = request.method.lower(), None
    else:
        kind = target.served.kind
        verb = verb_of(request.method, target, watch=truthy(request.query.get("watch", "")))
        place = Place(kind, target.namespace, target.name, target.subresource)
    active = server.faults.meet(verb, path, place)
    if active.faults and (made := await _misbehave(active, user, verb, path, place)) is not None:
        return made
    if target is None:
        return await _other(server, request)
    call = Call(server, request, verb, target, active, user)
    allowed = target.served.kind.verbs
    if not verb or (not target.subresource and verb not in allowed):
        raise errors.method_not_allowed()
    if target.subresource:
        return await _below(call)
    match verb:
        case "watch":
            return await _watch(call)
        case "list":
            return await _list(call)
        case "get":
            return await _single(call, read.get(call))
        case _ if allowed == {"create"}:
            return await _single(call, access.answer(call))
        case _:
            return await _single(call, verbs.answer(call))


async def _below(call: Call) -> web.StreamResponse:
    """Answer what hangs below an object."""
    target, insides = call.target, call.server.insides
    kind, name = target.served.kind, target.subresource
    if serving.proxied(kind, name):
        from k8stui.practice.streams import proxy  # heavy, and seldom asked for

        return await proxy.answer(insides, call.request, kind.plural, target.namespace, target.name)
    if serving.streams(kind, name):
        return await serving.answer(insides, call.request, read.entry_of(call).object, name)
    return await _single(call, subresources.answer(call))


async def _misbehave(
    active: Active, user: User, verb: str, path: str, place: Place | None
) -> web.StreamResponse | None:
    for fault in active.faults:
        if fault.action is Action.DELAY:
            await _pause(fault, fault.seconds)
        elif fault.action is Action.HANG:
            await fault.ended.wait()
    refused = active.first(Action.FORBID, Action.EXPIRED, Action.STATUS, Action.RUBBISH)
    if refused is None:
        return None
    if refused.action is Action.RUBBISH:
        return web.Response(body=refused.body, headers={"Content-Type": refused.type})
    if refused.action is Action.EXPIRED:
        raise errors.expired("too old resource version: 1 (2)")
    if refused.action is Action.STATUS:
        raise _asked_for(refused)
    if place is None:
        raise errors.forbidden_path(user.name, verb, path)
    raise errors.forbidden(
        user.name,
        verb,
        place.kind,
        subresource=place.subresource,
        namespace=place.namespace,
        name=place.name,
    )


async def _pause(fault: Fault, seconds: float) -> None:
    try:
        await asyncio.wait_for(fault.ended.wait(), seconds)
    except TimeoutError:
        return


_REASONS = {
    400: ("BadRequest", "the server rejected our request for an unknown reason"),
    401: ("Unauthorized", "Unauthorized"),
    406: ("NotAcceptable", "only the following media types are accepted: application/json"),
    409: ("Conflict", "the server reported a conflict"),
    429: ("TooManyRequests", "Too many requests, please try again later."),
    500: ("InternalError", "Internal error occurred: a fault was asked for"),
    503: ("ServiceUnavailable", "the server is currently unable to handle the request"),
    504: ("Timeout", "Timeout: request did not complete within the allotted timeout"),
}


def _asked_for(fault: Fault) -> errors.StatusError:
    reason, message = _REASONS.get(fault.code, ("", f"the server answered {fault.code} as it was told to"))
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    details: JsonObject = {} if fault.retry_after is None else {"retryAfterSeconds": fault.retry_after}
    return errors.StatusError(fault.code, reason, message, details, headers=headers)


async def _other(server: Server, request: web.BaseRequest) -> web.StreamResponse:
    """Paths that are no resources."""
    path = request.path.rstrip("/") or "/"
    if request.method not in ("GET", "HEAD"):
        raise errors.method_not_allowed()
    if path in ("/livez", "/readyz", "/healthz"):
        verbose = "verbose" in request.query
        text = f"[+]ping ok\n[+]store ok\n{path[1:]} check passed\n" if verbose else "ok"
        return web.Response(text=text, headers={"X-Content-Type-Options": "nosniff"})
    if path == "/version":
        return answer(_VERSION)
    if path in ("/api", "/apis"):
        return _roots(server, request, path[1:])
    if path.startswith("/openapi/"):
        return await _openapi(server, path)
    found = _legacy(server, path)
    if found is not None:
        return answer(found)
    if path.startswith("/api/") or (path.startswith("/apis/") and _known_group(server, path)):
        raise errors.no_such_path()
    return web.Response(
        status=404, text="404 page not found\n", headers={"X-Content-Type-Options": "nosniff"}
    )


def _known_group(server: Server, path: str) -> bool:
    return server.discovery.group(path.split("/")[2]) is not None


def _legacy(server: Server, path: str) -> JsonObject | None:
    parts = path.strip("/").split("/")
    if path == "/":
        return server.discovery.paths()
    if parts[0] == "api" and len(parts) == 2:
        return server.discovery.resources("", parts[1])
    if parts[0] == "apis" and len(parts) == 2:
        return server.discovery.group(parts[1])
    if parts[0] == "apis" and len(parts) == 3:
        return server.discovery.resources(parts[1], parts[2])
    return None


def _roots(server: Server, request: web.BaseRequest, root: str) -> web.StreamResponse:
    found = server.discovery.aggregated(root, request.headers.get("Accept", ""))
    if found is None:
        if root == "apis":
            return answer(server.discovery.group_list())
        return answer(server.discovery.versions(request.headers.get("Host", "")))
    body, media, tag = found
    headers = {"ETag": tag, "Vary": "Accept", "Cache-Control": "public"}
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers=headers)
    return answer(body, headers=headers, media=media)


async def _openapi(server: Server, path: str) -> web.StreamResponse:
    if path == "/openapi/v3":
        return answer(server.openapi.index())
    found = await server.openapi.document(path.removeprefix("/openapi/v3/"))
    if found is None:
        raise errors.no_such_path()
    return answer(found)


async def _single(call: Call, made: Awaitable[tuple[int, bytes]]) -> web.StreamResponse:
    status, body = await made
    response = answer(body, status=status)
    for warning in call.warnings:
        text = warning.replace("\\", "\\\\").replace('"', '\\"')
        response.headers.add("Warning", f'299 - "{text}"')
    return response


async def _list(call: Call) -> web.StreamResponse:
    form, found = read.list_form(call), lists.page(call)
    parts = lists.chunks(call.target.served, form, found, call.server.clock())
    cut = call.active.first(Action.CUT)
    if len(found.entries) <= _WHOLE_LIST and cut is None:
        return answer(b"".join([part async for part in parts]))
    return await _stream(call, parts, cut)


async def _watch(call: Call) -> web.StreamResponse:
    started, first, mark = watch.begin(call)
    cut = call.active.first(Action.CUT)
    return await _stream(call, _lines(watch.batches(started, first, mark), cut), cut)


async def _lines(batches: AsyncIterator[list[bytes]], cut: Fault | None) -> AsyncIterator[bytes]:
    left = cut.events if cut is not None else None
    async for lines in batches:
        if left is None:
            yield b"".join(lines)
            continue
        yield b"".join(lines[:left])
        left -= len(lines)
        if left <= 0:
            raise ConnectionResetError("cut as asked")


async def _stream(call: Call, parts: AsyncIterator[bytes], cut: Fault | None) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": _JSON, "Cache-Control": "no-cache, private"})
    response.enable_chunked_encoding()
    await response.prepare(call.request)
    left = cut.after_bytes if cut is not None else None
    whole = False
    try:
        async for part in parts:
            if left is not None and len(part) >= left:
                await response.write(part[:left])
                raise ConnectionResetError("cut as asked")
            if left is not None:
                left -= len(part)
            if part:
                await response.write(part)
        await response.write_eof()
        whole = True
    except ConnectionResetError:
        return response
    finally:
        if not whole:
            _break(call.request)
    return response


def _break(request: web.BaseRequest) -> None:
    """Close the connection without the end of the body."""
    if request.transport is not None:
        request.transport.close()


def decode_faults(text: bytes) -> list[dict[str, object]]:
    """The rules of a faults file.

    Raises:
        ValueError: it is no JSON list of objects.
    """
    return msgspec.json.decode(text, type=list[dict[str, object]])
