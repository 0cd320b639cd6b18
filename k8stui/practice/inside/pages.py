"""What programs answer to HTTP, and what others say to those who speak HTTP to them."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from k8stui.core.objects import dig
from k8stui.practice import errors
from k8stui.practice.inside.families import worded
from k8stui.practice.inside.files import FileTrouble, Folder
from k8stui.practice.inside.network import Listener
from k8stui.practice.inside.profiles import repository, tag

if TYPE_CHECKING:
    from k8stui.practice.inside.insides import Insides

REASONS = {200: "OK", 302: "Found", 400: "Bad Request", 403: "Forbidden", 404: "Not Found"} | {
    405: "Method Not Allowed",
    413: "Content Too Large",
    503: "Service Unavailable",
}
_TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".json": "application/json"}
HTTP = frozenset(("static", "json", "unready", "missing", "apiserver", "outside"))
"""Ways of talking that are HTTP."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request."""

    method: str = "GET"
    target: str = "/"
    """Path and query."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case names."""
    body: bytes = b""
    client: str = "127.0.0.1"
    """The address that it comes from."""

    @property
    def path(self) -> str:
        """The path."""
        return unquote(urlsplit(self.target).path) or "/"


@dataclass(frozen=True, slots=True)
class Page:
    """An answer."""

    status: int
    body: bytes
    type: str = "text/plain"
    server: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def head(self, now: float) -> list[tuple[str, str]]:
        """Its headers."""
        when = datetime.fromtimestamp(now, UTC)
        day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[when.weekday()]
        month = "JanFebMarAprMayJunJulAugSepOctNovDec"[3 * when.month - 3 : 3 * when.month]
        found = [("Server", self.server)] if self.server else []
        return [
            *found,
            ("Date", when.strftime(f"{day}, %d {month} %Y %H:%M:%S GMT")),
            ("Content-Type", self.type),
            ("Content-Length", str(len(self.body))),
            *self.headers.items(),
        ]


def page(insides: Insides, listener: Listener, asked: Asked) -> Page:
    """What somebody answers to a request; it leaves a line in the container's log."""
    match listener.talks:
        case "static":
            found = _static(insides, listener, asked)
        case "json":
            found = _service(insides, listener, asked)
        case "unready":
            found = Page(503, b'{"status":"starting","detail":"index not loaded"}\n', "application/json")
        case "apiserver":
            found = _forbidden(asked)
        case "outside":
            host = asked.headers.get("host", "")
            found = Page(200, f"{host}: this would be outside of the practice cluster\n".encode())
        case _:
            found = Page(404, b"<html><body><h1>404 Not Found</h1></body></html>\n", "text/html", "nginx")
    if listener.run is not None:
        insides.visited(listener.run, asked, found)
    return found


def _static(insides: Insides, listener: Listener, asked: Asked) -> Page:
    run, family = listener.run, listener.family
    assert run is not None
    assert family is not None
    name, version = repository(run.image).rpartition("/")[2], tag(run.image)
    server = "Apache/2.4.65 (Unix)" if name == "httpd" else f"{name}/{version.partition('-')[0]}"
    if asked.method not in ("GET", "HEAD"):
        return _error(405, server)
    if asked.path in ("/ready", "/healthz", "/health", "/live", "/-/healthy", "/-/ready"):
        return Page(200, b"ok", "text/plain", server)
    files = insides.box(run).files
    path = posixpath.normpath(posixpath.join(family.root, asked.path.lstrip("/")))
    if path != family.root and not path.startswith(family.root + "/"):
        return _error(404, server)
    if isinstance(files.find(path), Folder):
        path = f"{path}/index.html"
        if files.find(path) is None:
            return _error(403, server)
    try:
        body = files.read(path)
    except FileTrouble:
        return _error(404, server)
    return Page(200, body, _TYPES.get(posixpath.splitext(path)[1], "text/plain"), server)


def _error(status: int, server: str) -> Page:
    title = f"{status} {REASONS[status]}"
    body = f"<html>\n<head><title>{title}</title></head>\n<body><h1>{title}</h1></body>\n</html>\n"
    return Page(status, body.encode(), "text/html", server)


def _service(insides: Insides, listener: Listener, asked: Asked) -> Page:
    run = listener.run
    assert run is not None
    program, now = worded("{program}", run.image), insides.clock()
    if asked.path in ("/ready", "/healthz", "/health", "/live"):
        ready = insides.programs.of(run.image).ready
        word = b'{"status":"ok"}\n' if ready else b'{"status":"starting"}\n'
        return Page(200 if ready else 503, word, "application/json")
    if asked.path == "/metrics":
        name = program.replace("-", "_")
        lines = [
            f"# TYPE {name}_requests_total counter",
            f'{name}_requests_total{{code="200"}} {int((now - run.started) / 7)}',
            f'{name}_requests_total{{code="500"}} {int((now - run.started) / 1900)}',
            "# TYPE process_start_time_seconds gauge",
            f"process_start_time_seconds {run.started:.0f}",
        ]
        return Page(200, ("\n".join(lines) + "\n").encode(), "text/plain; version=0.0.4")
    said = {
        "service": program,
        "version": tag(run.image),
        "pod": run.pod["metadata"]["name"],
        "namespace": run.pod["metadata"]["namespace"],
        "node": dig(run.pod, "spec", "nodeName"),
        "method": asked.method,
        "path": asked.path,
        "client": asked.client,
    }
    return Page(200, json.dumps(said, ensure_ascii=False).encode() + b"\n", "application/json")


def _forbidden(asked: Asked) -> Page:
    """The API server's answer to somebody without credentials."""
    refused = errors.forbidden_path("system:anonymous", asked.method.lower(), asked.path)
    return Page(403, json.dumps(refused.body(), indent=2).encode() + b"\n", "application/json")
