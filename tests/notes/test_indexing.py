"""Expressions rewritten for the engine say what they said."""

from __future__ import annotations

from typing import Any

import cel
import pytest

from k8stui.notes import NoteLibrary
from k8stui.notes.conditions import BadCondition, Condition, LiveObject
from k8stui.notes.indexing import indexed
from k8stui.practice.cluster import practice_cluster


@pytest.mark.parametrize(
    ("written", "compiled"),
    [
        ("object.status.phase == 'a.b'", 'object["status"]["phase"] == \'a.b\''),
        ("has(object.spec.a)", 'has(object["spec"].a)'),
        ("has( object . spec . a )", 'has( object["spec"].a )'),
        ("(has(a.b) || a.c)", '(has(a.b) || a["c"])'),
        ("a.all(c, has(c.d) && c.d.matches('[.]x'))", "a.all(c, has(c.d) && c[\"d\"].matches('[.]x'))"),
        ("f(a.b)[0].c.size() > 1.5", 'f(a["b"])[0]["c"].size() > 1.5'),
        ("a.b.exists(c, c.d.e == 1)", 'a["b"].exists(c, c["d"]["e"] == 1)'),
        ("a.b // of a.b\n && a.c", 'a["b"] // of a.b\n && a["c"]'),
        (r"r'\'.size() == a.b", r"""r'\'.size() == a["b"]"""),
        ("\"\"\"a.b\"\"\" == '''c.d'''", "\"\"\"a.b\"\"\" == '''c.d'''"),
        ("[1.0, 2.].map(x, x.y)", '[1.0, 2.].map(x, x["y"])'),
        ("Thing{a: b.c}.a", 'Thing{a: b["c"]}.a'),
        ("has(a['b'])", "has(a['b'])"),
        (")", ")"),
    ],
)
def test_fields_are_taken_by_index(written: str, compiled: str) -> None:
    assert indexed(written) == compiled


def outcome(program: Any, live: LiveObject) -> Any:
    try:
        return program.execute(live.context(100))
    except Exception as error:  # the engine has no base class for its own
        return type(error)


async def test_every_condition_says_of_every_kind_what_it_said() -> None:
    conditions = {note.when for note in NoteLibrary.load().notes() if note.when}
    programs = {source: (cel.compile(source), cel.compile(indexed(source))) for source in conditions}
    async with practice_cluster(moving=False, random_seed=1) as cluster:
        objects = [
            {"kind": served.kind.kind, "apiVersion": served.kind.api_version, **entry.object}
            for served in cluster.registry.all()
            for entry in list(cluster.store.entries(served.kind))[:2]
        ]
    assert len(conditions) > 100 and len(objects) > 60
    held = 0
    for obj in objects:
        live = LiveObject(obj, {})
        for source, (written, rewritten) in programs.items():
            said = outcome(written, live)
            assert outcome(rewritten, live) == said, (source, obj["kind"])
            held += said is True
    assert held > 100


def test_a_mistake_is_told_of_what_was_written() -> None:
    with pytest.raises(BadCondition) as caught:
        Condition("object.status.phase == == 'a'").compile()
    assert "1:24" in caught.value.message.en
