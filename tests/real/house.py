"""A namespace of our own on a real API server, and kubectl beside it as the judge."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from k8stui.core.kinds import ResourceKind
from k8stui.core.refs import ObjectRef
from k8stui.core.rows import Column, Row, RowKey
from k8stui.kube import kubeconfig
from k8stui.kube.client import Client
from k8stui.kube.errors import Conflict, NotFound

DEADLINE = 20.0
"""Seconds after which a busy machine, too, should have answered."""

_AGE = re.compile(r"(?<![\w.])(\d+[smhdy])+(?![\w.])")

JsonObject = dict[str, Any]


def kubectl_binary() -> str | None:
    """The kubectl of the test extra, else the system's."""
    beside = Path(sys.executable).with_name("kubectl")
    return str(beside) if beside.exists() else shutil.which("kubectl")


async def until(true: Callable[[], Any], what: str) -> float:
    """Wait until something is true; how many seconds that took."""
    start = time.monotonic()
    while not true():
        if time.monotonic() > start + DEADLINE:
            raise AssertionError(f"never became true: {what}")
        await asyncio.sleep(0.01)
    return time.monotonic() - start


class House:
    """One client, one kubectl, one namespace; what is made elsewhere is noted down and removed with it."""

    def __init__(self, path: Path, namespace: str) -> None:
        self.path = path
        self.namespace = namespace
        self.client = Client.open(kubeconfig.load([path], {}).choose(None), cache=None)
        self._elsewhere: list[str] = []

    async def kubectl(self, *words: str, stdin: str = "") -> str:
        """What kubectl prints."""
        binary = kubectl_binary()
        assert binary is not None
        process = await asyncio.create_subprocess_exec(
            binary, "--kubeconfig", str(self.path), *words,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await process.communicate(stdin.encode())
        assert process.returncode == 0, err.decode()
        return out.decode()

    async def create(self, kind: ResourceKind, obj: JsonObject) -> None:
        """Make an object: of a namespaced kind in our namespace."""
        body = {"apiVersion": kind.api_version, "kind": kind.kind, **obj}
        await self._write("POST", kind.path(self.namespace), body)
        if not kind.namespaced:
            self._elsewhere.append(kind.path(None, obj["metadata"]["name"]))

    async def patch(self, kind: ResourceKind, name: str, patch: JsonObject) -> None:
        """Merge a patch into an object of our namespace."""
        await self.client.transport.request(
            "PATCH",
            kind.path(self.namespace, name),
            body=json.dumps(patch).encode(),
            content_type="application/merge-patch+json",
        )

    async def delete(self, kind: ResourceKind, name: str) -> None:
        """Delete an object; it may be gone already."""
        await self._remove(kind.path(self.namespace, name))

    async def leave(self) -> None:
        """Remove everything that was made, and the namespace."""
        for path in reversed(self._elsewhere):
            await self._remove(path)
        await self.client.close()

    async def _write(self, method: str, path: str, body: JsonObject) -> None:
        await self.client.transport.request(method, path, body=json.dumps(body).encode())

    async def _remove(self, path: str) -> None:
        try:
            body = json.dumps({"propagationPolicy": "Background"}).encode()
            await self.client.transport.request("DELETE", path, body=body)
        except (NotFound, Conflict):
            return

    def impersonating(self, user: str, path: Path) -> Path:
        """A kubeconfig at ``path`` that asks the same server as somebody else."""
        import yaml

        document = yaml.safe_load(self.path.read_text())
        for entry in document["users"]:
            entry["user"]["as"] = user
        path.write_text(yaml.safe_dump(document))
        return path

    def ref(self, kind: ResourceKind, name: str) -> ObjectRef:
        """An object of our namespace."""
        return ObjectRef(kind, self.namespace if kind.namespaced else "", name)


Printed = dict[RowKey, tuple[str, ...]]


def parse_wide(text: str, *, namespaced: bool) -> tuple[tuple[str, ...], Printed]:
    """Headers and rows of ``kubectl get -o wide``, for every namespace when the kind has one.

    kubectl sets columns by their widest cell, so each header begins where its cells begin.
    """
    lines = text.splitlines()
    if not lines:
        return (), {}
    starts = [found.start() for found in re.finditer(r"(?:(?<=^)|(?<= {3}))\S", lines[0])]
    rows = [_cut(line, starts) for line in lines]
    headers, first = rows[0], 1 if namespaced else 0
    name = headers.index("NAME")  # not the first column of an Event
    return headers[first:], {(row[0] if first else "", row[name]): row[first:] for row in rows[1:]}


def _cut(line: str, starts: Sequence[int]) -> tuple[str, ...]:
    ends = [*starts[1:], len(line)]
    return tuple(line[start:end].strip() for start, end in zip(starts, ends, strict=True))


def headers_of(columns: Sequence[Column]) -> tuple[str, ...]:
    """Our columns as kubectl writes them."""
    return tuple(column.name.upper() for column in columns)


def differences(ours: dict[RowKey, Row], theirs: Printed) -> list[str]:
    """Where rows differ; ages may have moved on between two looks."""
    found = [f"only {'ours' if key in ours else 'kubectl'}: {key}" for key in set(ours) ^ set(theirs)]
    for key in set(ours) & set(theirs):
        mine = tuple(_ageless(cell) for cell in ours[key].cells)
        other = tuple(_ageless(cell) for cell in theirs[key])
        if mine != other:
            found.append(f"{key}: {ours[key].cells} is not {theirs[key]}")
    return sorted(found)


def _ageless(cell: str) -> str:
    return _AGE.sub("AGE", cell.strip())
