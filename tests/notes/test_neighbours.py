"""Conditions, evidence and placeholders over an object and its neighbours."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import k8stui.notes
from k8stui.core.lang import Lang
from k8stui.core.objects import JsonObject
from k8stui.notes import RELATIONS, Subject
from k8stui.notes.paths import evidence
from k8stui.notes.placeholders import failing_container
from k8stui.notes.relations import has_relation

from .writing import note, pod, shelf

SERVICE = Subject(kind="Service")
WEB: JsonObject = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {"name": "web", "namespace": "shop"},
    "spec": {"selector": {"app": "web", "tier": "front"}},
}
NOBODY = note(
    "nobody",
    "{kind: Service}",
    "wrong",
    "    when: size(near.pods) == 0\n    needs: [pods]\n    evidence: [spec.selector]\n",
)
WAITS = note(
    "waits",
    "{kind: Service}",
    "wrong",
    """\
    when: near.pods.exists(p, p.status.phase == "Pending")
    needs: [pods]
    unless: [nobody]
    evidence: ["near.pods[status.phase=Pending].spec.nodeName", near.pods]
    text: {en: "Look at {=near.pods[*].metadata.name}.", ja: "{=near.pods[*].metadata.name}を見ます。"}
    commands: [{run: "kubectl get pods -l {selector} {=near.pods[*].metadata.name}", does: {en: A, ja: あ}}]
""",
)


def waiting(name: str) -> JsonObject:
    found = pod(nodeName="node-1")
    found["metadata"] = {"name": name, "managedFields": [{"manager": "kubectl"}]}
    return found | {"status": {"phase": "Pending"}}


def ids(library: k8stui.notes.NoteLibrary, near: dict[str, tuple[JsonObject, ...]] | None) -> list[str]:
    return [match.note.id for match in library.match(SERVICE, WEB, near)]


def test_a_note_waits_for_the_neighbours_it_needs(tmp_path: Path) -> None:
    library = shelf(tmp_path, service=NOBODY + WAITS)
    assert library.needs(SERVICE) == {"pods"}
    assert library.needs(Subject(kind="Pod")) == frozenset()
    assert ids(library, None) == []
    assert ids(library, {"events": ()}) == []
    assert ids(library, {"pods": ()}) == ["nobody"]
    assert ids(library, {"pods": (waiting("a"),)}) == ["waits"]
    assert library.match(SERVICE, None) == ()
    assert library.mistakes == ()


def test_values_of_neighbours_are_shown_and_filled_in(tmp_path: Path) -> None:
    library = shelf(tmp_path, service=NOBODY + WAITS)
    (match,) = library.match(SERVICE, WEB, {"pods": (waiting("a"), waiting("b"))})
    assert match.evidence == (
        ("Pod/a spec.nodeName", "node-1"),
        ("Pod/b spec.nodeName", "node-1"),
        ("Pod", "a"),
        ("Pod", "b"),
    )
    assert match.say(match.note.text, Lang.EN) == "Look at a, b."
    assert match.say(match.note.text, Lang.JA) == "a, bを見ます。"
    assert match.say(match.note.changed, Lang.EN) == ""
    assert [command.run for command in match.commands] == ["kubectl get pods -l app=web,tier=front a b"]


def test_a_note_goes_where_another_says_the_same(tmp_path: Path) -> None:
    both = note("both", "{kind: Service}", more='    when: "true"\n    unless: [nobody, waits]\n')
    library = shelf(tmp_path, service=NOBODY + WAITS + both)
    assert ids(library, {}) == ["both"]
    assert ids(library, {"pods": ()}) == ["nobody"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("    when: size(near.pods) == 0\n", "near.pods is used, so pods belongs in needs."),
        ("    needs: [pods]\n", "A note that needs neighbours has a condition."),
        ('    when: "true"\n    needs: [target]\n', "There are no target near Service."),
        ('    when: "true"\n    needs: [podz]\n', '"podz" does not fit'),
        ('    when: "true"\n    evidence: [near.pods]\n', "near.pods is used"),
        ('    when: "true"\n    evidence: ["near[0]"]\n', "The path cannot be read"),
        ("    text: {en: '{=spec.a}', ja: あ}\n", "Only a note with a condition speaks of values"),
        ("    when: 'true'\n    text: {en: '{=a..b}', ja: あ}\n", '"a..b" is no path.'),
        ("    when: 'true'\n    text: {en: '{=near.pods}', ja: あ}\n", "near.pods is used"),
        (
            "    when: 'true'\n    commands: [{run: 'kubectl {=near.node[0].a}', does: {en: a, ja: あ}}]\n",
            "near.node is used",
        ),
    ],
)
def test_what_does_not_agree_is_told(tmp_path: Path, more: str, said: str) -> None:
    library = shelf(tmp_path, service=note("one", "{kind: Service}", more=more))
    assert library.notes() == ()
    (mistake,) = library.mistakes
    assert said in mistake.message.en
    assert mistake.message.ja


def test_a_note_that_is_unless_nothing_is_told(tmp_path: Path) -> None:
    library = shelf(tmp_path, service=NOBODY + note("two", "{kind: Service}", more="    unless: [nobodi]\n"))
    (mistake,) = library.check([("", "Service")])
    assert "There is no note nobodi" in mistake.message.en
    assert "nobody" in mistake.message.en


def test_of_neighbours_the_fields_that_conditions_name_are_seen(tmp_path: Path) -> None:
    when = (
        'near.pods.exists(p, p.metadata.labels["app"] == "web"'
        ' && p.spec.containers.exists(c, c.image == "x"))'
        " && !near.pods.exists(p, has(p.status))"
    )
    library = shelf(
        tmp_path,
        service=note("one", "{kind: Service}", more=f"    when: >-\n      {when}\n    needs: [pods]\n"),
    )
    found = pod(containers=[{"name": "c", "image": "x", "env": [{"name": "A"}]}])
    found["metadata"]["labels"] = {"app": "web"}
    assert ids(library, {"pods": (found,)}) == ["one"]
    assert ids(library, {"pods": (found | {"status": {}},)}) == []
    found["spec"]["containers"][0]["image"] = "y"
    assert ids(library, {"pods": (found,)}) == []


def test_owned_fields_are_not_handed_to_conditions(tmp_path: Path) -> None:
    when = 'object.metadata.managedFields.exists(m, m.manager == "kubectl" && !has(m.fieldsV1))'
    library = shelf(tmp_path, pod=note("one", more=f"    when: >-\n      {when}\n"))
    found = pod()
    found["metadata"]["managedFields"] = [{"manager": "kubectl", "fieldsV1": {"f:spec": {}}}, 3]
    assert [match.note.id for match in library.match(Subject(kind="Pod"), found)] == ["one"]
    found["metadata"]["managedFields"] = "none"
    assert library.match(Subject(kind="Pod"), found) == ()


def test_every_relation_is_in_the_manual() -> None:
    manual = k8stui.notes.__doc__ or ""
    table = manual[manual.index("more than 200. ::") :]
    assert set(re.findall(r"^    ([a-z]+)  ", table, re.M)) == set(RELATIONS)


def test_relations_belong_to_kinds() -> None:
    assert has_relation("pods", "", "Service")
    assert not has_relation("pods", "", "Event")
    assert has_relation("owner", "example.com", "Lantern")
    assert not has_relation("friends", "", "Pod")


def test_the_values_of_a_neighbouring_secret_stay_hidden() -> None:
    secret: JsonObject = {"kind": "Secret", "metadata": {"name": "s"}, "data": {"password": "c2VjcmV0"}}
    assert evidence({}, "near.owner[0].data.password", {"owner": (secret,)}) == (
        ("Secret/s data.password", "••••••"),
    )


def test_a_field_further_down_finds_an_element() -> None:
    obj: JsonObject = {
        "status": {"s": [{"name": "a", "state": {"waiting": {"reason": "Error"}}}, {"name": "b"}]}
    }
    assert evidence(obj, "status.s[state.waiting.reason=Error].name") == (
        ("status.s[state.waiting.reason=Error].name", "a"),
    )


RUNS: JsonObject = {"running": {}}


@pytest.mark.parametrize(
    ("status", "named"),
    [
        ({}, "first"),
        ({"containerStatuses": [{"name": "b", "ready": False, "state": RUNS}]}, "b"),
        (
            {
                "containerStatuses": [
                    {"name": "b", "ready": False, "state": RUNS},
                    {"name": "c", "state": RUNS, "lastState": {"terminated": {"exitCode": 1}}},
                ]
            },
            "c",
        ),
        (
            {
                "initContainerStatuses": [
                    {"name": "i", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}
                ],
                "containerStatuses": [{"name": "b", "state": {"waiting": {"reason": "PodInitializing"}}}],
            },
            "i",
        ),
        ({"containerStatuses": [{"name": "b", "state": {"terminated": {"exitCode": 0}}}]}, "first"),
    ],
)
def test_the_container_is_the_one_that_fails(status: JsonObject, named: str) -> None:
    found = pod(containers=[{"name": "first"}, {"name": "second"}]) | {"status": status}
    assert failing_container(found) == named


def test_the_container_is_the_default_one_of_a_template() -> None:
    template = {
        "metadata": {"annotations": {"kubectl.kubernetes.io/default-container": "b"}},
        "spec": {"containers": [{"name": "a"}, {"name": "b"}]},
    }
    assert failing_container({"kind": "Deployment", "spec": {"template": template}}) == "b"
    assert (
        failing_container({"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": template}}}})
        == "b"
    )
    assert failing_container({"kind": "Service", "spec": {}}) == ""


def test_notes_on_forms_stand_among_those_on_the_kind_by_severity(tmp_path: Path) -> None:
    library = shelf(
        tmp_path,
        forms=note("open", "{form: NodePort}", "worth-knowing", '    when: "true"\n    unless: [nobody]\n')
        + note("form", "{form: NodePort}"),
        service=NOBODY
        + note("odd", "{kind: Service}", "special", '    when: "true"\n')
        + note("kind", "{kind: Service}"),
    )
    forms = [Subject(form="NodePort")]
    found = library.match(SERVICE, WEB, {}, also=forms)
    assert [match.note.id for match in found] == ["open", "odd", "form", "kind"]
    found = library.match(SERVICE, WEB, {"pods": ()}, also=forms)
    assert [match.note.id for match in found] == ["nobody", "odd", "form", "kind"]
