"""Which notes hold for which objects of the practice cluster, as a reader would be told."""

from __future__ import annotations

import re
from dataclasses import dataclass

from k8stui import catalog
from k8stui.core.lang import Lang
from k8stui.core.objects import JsonObject
from k8stui.notes import Note, NoteLibrary, Subject
from k8stui.practice.cluster import PracticeCluster
from k8stui.session.neighbours import Neighbours
from k8stui.session.session import Session
from k8stui.settings import Settings
from tests.session.test_session import Starter


@dataclass(frozen=True)
class Shown:
    """A note that holds for an object."""

    note: Note
    place: str
    """The object as a reader would call it: ``Pod storefront/shop-web-…``."""


def place(obj: JsonObject) -> str:
    """Kind, namespace and name of an object; what was made up of a name is left out."""
    metadata = obj["metadata"]
    if obj["kind"] == "Event":
        return f"Event {metadata['namespace']}/… ({obj['reason']})"
    name = str(metadata["name"])
    owners = metadata.get("ownerReferences") or [{}]
    if metadata.get("generateName") or re.search(r"-[0-9a-f]{16}$", name):
        base = str(metadata.get("generateName") or name)
        if owners[0].get("kind") == "ReplicaSet":
            base = base.rstrip("-").rpartition("-")[0] + "-"
        name = re.sub(r"[0-9a-f.]{17,}$", "", base) + "…"
    elif owners[0].get("kind") in ("Deployment", "CronJob", "DaemonSet", "StatefulSet"):
        name = f"{owners[0]['name']}-…" if owners[0]["kind"] != "StatefulSet" else name
    where = f"{metadata['namespace']}/" if metadata.get("namespace") else ""
    return f"{obj['kind']} {where}{name}"


async def scan(cluster: PracticeCluster, library: NoteLibrary) -> list[Shown]:
    """Every note that holds for an object of a cluster, in the order of kinds and names."""
    found: list[Shown] = []
    session = Session(Settings(kubeconfig=cluster.kubeconfig), Starter(cluster), lang=Lang.EN, environ={})
    try:
        await session.start()
        await session.discover()
        client = session.client
        neighbours = Neighbours(client, lambda: session.kinds)
        for kind in sorted(session.kinds, key=lambda kind: (kind.group, kind.kind)):
            if not kind.listable or kind.group == "metrics.k8s.io":
                continue
            for obj in cluster.store.list(kind):
                about = Subject(kind=kind.kind, group=kind.group, custom_resource=catalog.place(kind).custom)
                near = await neighbours.of(obj, kind, library.needs(about))
                found += [Shown(match.note, place(obj)) for match in library.match(about, obj, near)]
    finally:
        await session.close()
    return found
