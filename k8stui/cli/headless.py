"""``k8stui categories`` and ``k8stui explain``: the explorer's knowledge on stdout."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from k8stui import catalog
from k8stui.cli import fields
from k8stui.cli.options import Options
from k8stui.cli.output import complain, put
from k8stui.cli.practice import PracticeCluster, wanted_for_sure
from k8stui.core.errors import ExplorerError
from k8stui.core.refs import Scope
from k8stui.core.text import cell_width, pad
from k8stui.session import report
from k8stui.session.model import Explanation
from k8stui.session.session import Session

MARKS = {"wrong": "✖", "worth-knowing": "!", "special": "◆", "kind": " "}
"""The sign of each severity."""


def run(options: Options) -> int:
    """Print what the command asks for; the exit status.

    Raises:
        ExplorerError: it cannot be told.
    """
    put("".join(f"{line}\n" for line in asyncio.run(_answer(options))))
    return 0


async def _answer(options: Options) -> list[str]:
    session = Session(
        options.settings, PracticeCluster(options.as_user), lang=options.settings.lang, environ=os.environ
    )
    try:
        await _open(session, options)
        if options.command == "categories":
            return list(_categories(await report.categories(session, counts=options.counts), options.output))
        doc = await report.field(session, options.kind, offline=session.info is None)
        if doc is not None:
            lang = options.settings.lang
            return [_json(fields.as_data(doc))] if options.output == "json" else [*fields.as_text(doc, lang)]
        found = await report.explanation(session, options.kind)
        for mistake in found.mistakes:
            complain(mistake.get(options.settings.lang))
        return [_json(_explained(found))] if options.output == "json" else list(_explanation(found, options))
    finally:
        await session.close()


async def _open(session: Session, options: Options) -> None:
    """Open what the answer needs: a built-in kind is explained without any cluster."""
    known = options.kind != report.CLUSTER and catalog.resolve(options.kind, session.kinds)
    if options.command == "explain" and known:
        return
    if options.command == "explain" and report.names_field(session, options.kind):
        # A built-in kind's fields are explained by the cluster where there is one, else without.
        with suppress(ExplorerError):
            await session.start(practice=options.practice, instead=False)
        return
    # Whoever has a kubeconfig that is broken must not take the practice cluster's answer for their own.
    instead = wanted_for_sure(options, os.environ)
    info = await session.start(practice=options.practice, instead=instead)
    if info.reason is not None:
        complain(info.reason.get(options.settings.lang))
    if options.command == "categories":
        session.scope = options.settings.scope() or Scope.all()


def _json(data: object) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)


def _categories(data: list[dict[str, Any]], output: str) -> Iterator[str]:
    if output == "json":
        yield _json(data)
    elif output == "yaml":
        import yaml

        yield yaml.safe_dump(data, allow_unicode=True, sort_keys=False).rstrip("\n")
    else:
        yield from _table(data)


def _table(data: list[dict[str, Any]]) -> Iterator[str]:
    rows = [("CATEGORY", "KIND", "NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "COUNT", "BOOK")]
    for category in data:
        for kind in category["kinds"]:
            version = f"{kind['group']}/{kind['version']}" if kind["group"] else kind["version"]
            count = "denied" if "denied" in kind else "" if kind["count"] is None else str(kind["count"])
            rows.append(
                (
                    category["category"],
                    kind["kind"],
                    kind["plural"],
                    ",".join(kind["shortNames"]),
                    version,
                    str(kind["namespaced"]).lower(),
                    count,
                    "book" if kind["inBook"] else "",
                )
            )
            for form in kind.get("forms", ()):
                told = "" if form["count"] is None else str(form["count"])
                rows.append((category["category"], f"  {form['form']}", "", "", "", "", told, "book"))
    widths = [max(cell_width(row[i]) for row in rows) for i in range(len(rows[0]))]
    for row in rows:
        yield "   ".join(pad(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip()
    for category in data:
        for group in category["unavailable"]:
            complain(f"{group['group']}: {group['message']}")


def _explained(found: Explanation) -> dict[str, Any]:
    return {
        "title": found.title,
        "notes": [
            {
                "id": note.id,
                "severity": note.severity,
                "title": note.title,
                "short": note.short,
                "text": note.text,
                "category": note.category,
                "neighbours": note.neighbours,
                "changed": note.changed,
                "evidence": [{"path": path, "value": value} for path, value in note.evidence],
                "commands": [{"run": run, "does": does} for run, does in note.commands],
                "book": note.book,
                "docs": note.docs,
            }
            for note in found.notes
        ],
        "links": [
            {"kind": link.kind.name, "namespace": link.namespace, "name": link.name} for link in found.links
        ],
    }


def _explanation(found: Explanation, options: Options) -> Iterator[str]:
    yield found.title
    for note in found.notes:
        section = f"  §{note.book}" if note.book else ""
        yield ""
        yield f"{MARKS.get(note.severity, ' ')} {note.title}{section}"
        for part in (note.short, note.text, note.category, note.neighbours, note.changed):
            if part:
                yield ""
                yield from (f"  {line}".rstrip() for line in part.strip().splitlines())
        if note.evidence or note.commands:
            yield ""
        for path, value in note.evidence:
            yield f"  {path} = {value}"
        for command, does in note.commands:
            yield f"  $ {command}"
            if does:
                yield f"    {does}"
        if note.docs:
            yield f"  {note.docs}"
    if not found.notes:
        yield ""
        yield (
            "  この種類の解説はまだありません。"
            if options.settings.lang.value == "ja"
            else "  There is no note on this kind yet."
        )
