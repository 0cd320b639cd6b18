"""Descriptions as plain words, and what kubectl says in its own, for comparing them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator

from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang
from k8stui.core.objects import JsonObject
from k8stui.core.refs import ObjectRef
from k8stui.session.describe import Description, describe
from k8stui.session.describe.beside import Beside, Reader
from k8stui.session.session import Session
from k8stui.ui.prose import plain
from k8stui.ui.widgets.describe_lines import description_lines


def written(description: Description, lang: Lang = Lang.EN, cells: int = 4_000) -> str:
    """The description as it stands on a very wide screen."""
    return "\n".join(plain(line) for line in description_lines(description, cells, lang))


async def read_beside(session: Session, obj: JsonObject, kind: ResourceKind) -> Beside:
    """Everything that stands beside an object."""
    last = Beside()
    async for beside in Reader(session.client, session.kinds).read(obj, kind):
        last = beside
    return last


async def described(session: Session, ref: ObjectRef) -> str:
    """The description of an object of the cluster."""
    obj = await session.client.get(ref)
    return written(describe(obj, ref.kind, await read_beside(session, obj, ref.kind), session.clock()))


async def kubectl_describe(kubectl: str, kubeconfig: str, ref: ObjectRef) -> str:
    """What kubectl says."""
    words = [kubectl, "--kubeconfig", kubeconfig, "describe", ref.kind.name, ref.name]
    if ref.namespace:
        words += ["-n", ref.namespace]
    process = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    out, error = await process.communicate()
    assert process.returncode == 0, error.decode()
    return out.decode()


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_TIME = re.compile(r"\w{3}, (\d\d) (\w{3}) (\d{4}) (\d\d:\d\d:\d\d) [+]0000")
_EXPLAINED = re.compile(
    r"^(\s+Type:\s+\w+) \(.*\)$"
    r"|\s+\((?:as a percentage of request|Selected pods are isolated for \w+ connectivity"
    r"|Allowing the specific traffic to all pods in this namespace|Total limits may be over 100 .*)\)"
    r"|\s+\(traffic [a-z ]+\)"
    r"|^\s+Not affecting \w+ traffic$"
    # What a Node lists though it has none of it and nobody asks for it.
    r"|^\s+\S+\s+0 \(0%\)\s+0 \(0%\)$"
    r"|(?<=\d\d:\d\d:\d\d) [+]0000",
    re.MULTILINE,
)
"""What kubectl says in explanation, in words of its own."""
_LABEL = re.compile(r"^\s*(token|[A-Z][\w/()' .-]*?):(?:\s+|$)(.*)$")


def facts(told: str) -> Iterator[tuple[str, str]]:
    """Label and value of each fact of kubectl's description, a value cut into words."""
    told = _TIME.sub(lambda m: f"{m[3]}-{_MONTHS.index(m[2]) + 1:02d}-{m[1]} {m[4]}", told)
    told = _EXPLAINED.sub(lambda m: m[1] or "", told)
    label = ""
    for line in told.split("\n"):
        if line.startswith("Events:"):
            return
        found = _LABEL.match(line)
        if found is not None:
            label = found[1]
            line = found[2]
        for word in re.split(r"[\s,;=/()<>\[\]\"']+", line):
            word = word.strip(".:|")
            if word:
                yield label, word
