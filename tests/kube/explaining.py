"""Fields explained by us and by kubectl, for comparing."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from k8stui.core.kinds import ResourceKind
from k8stui.kube.schemas import FieldDoc, SchemaSource, field_doc
from tests.kube.judge import kubectls

_FIELD = re.compile(r"^FIELD: \S+ <(.*?)>$", re.MULTILINE)
_ENTRY = re.compile(r"^  (\S+)\t<(.*?)>( -required-)?$", re.MULTILINE)


def random_paths(
    source: SchemaSource, kinds: Sequence[ResourceKind], count: int, rng: random.Random
) -> Iterator[tuple[ResourceKind, tuple[str, ...]]]:
    """Places that exist, by walking down from a random kind."""
    for _ in range(count):
        kind = rng.choice(kinds)
        path: tuple[str, ...] = ()
        for _ in range(rng.randint(1, 7)):
            doc = field_doc(source, kind, path)
            assert doc is not None
            if not doc.fields:
                break
            path = (*path, rng.choice(doc.fields).name)
        yield kind, path


async def kubectl_explains(kubeconfig: Path, kind: ResourceKind, path: Sequence[str], home: Path) -> str:
    """What kubectl prints of a field."""
    words = ["explain", ".".join((kind.plural, *path)), f"--api-version={kind.api_version}"]
    process = await asyncio.create_subprocess_exec(
        kubectls()[0], "--kubeconfig", str(kubeconfig), *words,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "KUBE_CACHE": str(home)},
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode == 0, (words, err.decode())
    return out.decode()


def differences(doc: FieldDoc, printed: str) -> list[str]:
    """Where our explanation and kubectl's differ: type, required, words, fields."""
    found = []
    head = _FIELD.search(printed)
    if doc.path and head is not None and head[1] != doc.type:
        found.append(f"type {doc.type} against {head[1]}")
    words = printed.partition("DESCRIPTION:")[2].partition("\nFIELDS:")[0]
    theirs, ours = squeezed(words).removesuffix("<empty>"), squeezed(doc.words)
    if theirs != ours:
        found.append(f"words {ours[:120]!r} against {theirs[:120]!r}")
    entries = [(m[1], m[2], bool(m[3])) for m in _ENTRY.finditer(printed)]
    own = [(entry.name, entry.type, entry.required) for entry in doc.fields]
    if entries != own:
        found.append(f"fields {own} against {entries}")
    return found


def squeezed(text: str) -> str:
    """The words without any white space: kubectl sets them into lines of its own."""
    return "".join(text.split())
