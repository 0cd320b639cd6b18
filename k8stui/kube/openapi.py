"""The server's OpenAPI v3 documents: one for each group and version, fetched when first needed.

``/openapi/v3`` names a URL with a hash for each; a document under its hash never changes, so it is kept on
disk for ever (as long as there is room for it) and read once in a session.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import msgspec
from msgspec import Struct

from k8stui.core.errors import ExplorerError
from k8stui.core.kinds import ResourceKind
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.kube.schemas import SchemaSource
from k8stui.kube.wire import OBJECT, not_kubernetes

if TYPE_CHECKING:
    from k8stui.kube.transport import Transport

_PREFIX = "#/components/schemas/"
_KEPT = 80
"""Documents kept on disk, of all servers."""
_GVK = "x-kubernetes-group-version-kind"


class _Components(Struct):
    schemas: dict[str, msgspec.Raw] | None = None


class _Document(Struct):
    components: _Components | None = None


class Document:
    """The schemas of one document, each decoded when it is first asked for."""

    package = False

    def __init__(self, body: bytes) -> None:
        """Read the table of schemas; the schemas themselves stay as they came.

        Raises:
            DecodeError: the body is no OpenAPI document.
        """
        found = msgspec.json.decode(body, type=_Document).components
        self._raw = (found.schemas if found is not None else None) or {}
        self._decoded: dict[str, JsonObject] = {}
        self._roots: dict[ResourceKind, JsonObject | None] = {}

    def root(self, kind: ResourceKind) -> JsonObject | None:
        """The schema of a kind, found by its group, version and kind."""
        if kind not in self._roots:
            self._roots[kind] = self._find(kind)
        return self._roots[kind]

    def get(self, ref: str) -> JsonObject | None:
        """The schema that a ``$ref`` points to; None when it points nowhere."""
        name = ref.removeprefix(_PREFIX)
        if name not in self._decoded and name in self._raw:
            found = msgspec.json.decode(self._raw[name])
            self._decoded[name] = found if isinstance(found, dict) else {}
        return self._decoded.get(name)

    def _find(self, kind: ResourceKind) -> JsonObject | None:
        wanted = {"group": kind.group, "version": kind.version, "kind": kind.kind}
        mark = _GVK.encode()
        names = sorted(self._raw, key=lambda name: not name.endswith(f".{kind.kind}"))
        for name in names:
            if mark not in bytes(self._raw[name]):
                continue
            schema = self.get(_PREFIX + name)
            if schema is not None and any(entry == wanted for entry in dicts(schema, _GVK)):
                return schema
        return None


class OpenApi:
    """The documents of one server."""

    def __init__(self, transport: Transport, directory: Path | None) -> None:
        """Prepare; asks nothing.

        Args:
            transport: The way to the server.
            directory: Where documents may be kept between sessions; None keeps nothing.
        """
        self._transport = transport
        self._directory = directory
        self._index: dict[str, str] | None = None
        self._documents: dict[str, Document] = {}
        self._lock = asyncio.Lock()
        self._package: SchemaSource | None = None

    def forget(self) -> None:
        """The kinds of the server have changed: ask for the index again."""
        self._index = None

    async def source(self, kind: ResourceKind) -> SchemaSource:
        """Where to read about a kind: the server's document, else the client package's models.

        Raises:
            ExplorerError: the server could not be asked, and the package does not know the kind.
        """
        try:
            document = await self._document(kind)
        except ExplorerError:
            package = await self._models()
            if await asyncio.to_thread(package.root, kind) is None:
                raise
            return package
        if document is not None and document.root(kind) is not None:
            return document
        return await self._models()

    async def offline(self) -> SchemaSource:
        """The client package's models, without asking any server."""
        return await self._models()

    async def _models(self) -> SchemaSource:
        if self._package is None:
            from k8stui.kube.packagedocs import PackageModels

            self._package = PackageModels()
        return self._package

    async def _document(self, kind: ResourceKind) -> Document | None:
        """The document of a kind's group and version; None when the server has none."""
        name = f"apis/{kind.group}/{kind.version}" if kind.group else f"api/{kind.version}"
        async with self._lock:
            if self._index is None:
                self._index = await self._read_index()
            url = self._index.get(name)
            if url is None:
                return None
            if url not in self._documents:
                self._documents[url] = await self._fetch(url)
            return self._documents[url]

    async def _read_index(self) -> dict[str, str]:
        answer = await self._transport.request("GET", "/openapi/v3")
        try:
            paths = dig(OBJECT.decode(answer.body), "paths")
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise not_kubernetes("GET /openapi/v3", error) from None
        found = {name: dig(entry, "serverRelativeURL") for name, entry in (paths or {}).items()}
        return {name: url for name, url in found.items() if isinstance(url, str) and url.startswith("/")}

    async def _fetch(self, url: str) -> Document:
        parts = urlsplit(url)
        query = parse_qsl(parts.query)
        file = self._file(url) if "hash" in dict(query) else None
        if file is not None:
            with contextlib.suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
                return Document(file.read_bytes())
        answer = await self._transport.request("GET", parts.path, query=query)
        try:
            document = Document(answer.body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise not_kubernetes(f"GET {parts.path}", error) from None
        if file is not None:
            _keep(file, answer.body)
        return document

    def _file(self, url: str) -> Path | None:
        if self._directory is None:
            return None
        digest = hashlib.sha256(f"{self._transport.server}{url}".encode()).hexdigest()[:32]
        return self._directory / f"openapi-{digest}.json"


def _keep(file: Path, body: bytes) -> None:
    """Keep a document; the ones not used for longest go. A disk that will not is no trouble."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=".openapi-")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(body)
            os.replace(name, file)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
        kept = sorted(file.parent.glob("openapi-*.json"), key=lambda each: each.stat().st_mtime, reverse=True)
        for old in kept[_KEPT:]:
            old.unlink(missing_ok=True)
