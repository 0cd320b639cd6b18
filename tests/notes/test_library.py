"""Which notes hold for what is selected."""

import threading
from collections.abc import Iterator
from pathlib import Path

from k8stui.catalog import PLACES, Category, ServiceForm
from k8stui.notes import CATEGORIES, FORMS, Matched, NoteLibrary, Severity, Subject
from tests.notes.writing import BOTH, note, pod, shelf

POD = Subject(kind="Pod")


def ids(found: tuple[Matched, ...]) -> list[str]:
    return [match.note.id for match in found]


def when(condition: str) -> str:
    return f"    when: {condition!r}\n"


def test_what_is_wrong_comes_first_and_the_kind_last(tmp_path: Path) -> None:
    library = shelf(
        tmp_path,
        pod=note("kind", severity="kind") + note("special", severity="special"),
        pod_trouble=note("wrong", severity="wrong") + note("knowing", severity="worth-knowing"),
    )
    found = library.match(POD, pod())
    assert [match.note.severity for match in found] == list(Severity)
    assert library.mistakes == ()


def test_a_condition_decides_for_an_object(tmp_path: Path) -> None:
    library = shelf(
        tmp_path,
        pod=note("always")
        + note("host", more=when("object.spec.hostNetwork"))
        + note("mended", more=when("!has(object.spec.hostNetwork)")),
    )
    assert ids(library.match(POD, pod(hostNetwork=True))) == ["always", "host"]
    assert ids(library.match(POD, pod())) == ["always", "mended"]
    assert ids(library.match(POD, None)) == ["always"]


def test_a_note_says_what_it_saw_and_what_to_try(tmp_path: Path) -> None:
    more = f"""\
    evidence: [spec.hostNetwork, spec.absent]
    commands:
      - {{run: "kubectl get pod {{name}} -n {{namespace}}", does: {BOTH}}}
"""
    library = shelf(tmp_path, pod=note(more=more))
    [match] = library.match(POD, pod(hostNetwork=True))
    assert match.evidence == (("spec.hostNetwork", "true"),)
    assert [(command.run, command.ready) for command in match.commands] == [
        ("kubectl get pod web -n shop", True)
    ]
    [match] = library.match(POD, None)
    assert match.evidence == ()
    assert [command.ready for command in match.commands] == [False]


def test_only_notes_about_the_subject_hold(tmp_path: Path) -> None:
    library = shelf(
        tmp_path,
        pod=note("pod"),
        deployment=note("apps", "{kind: Deployment, group: apps}") + note("core", "{kind: Deployment}"),
        event=note("event", "{kind: Event}"),
        category=note("category", "{category: workloads}") + note("other", "{category: cluster}"),
        forms=note("node-port", "{form: NodePort}") + note("headless", "{form: Headless}"),
        custom_resource=note("custom", "{custom-resource: true}"),
        crontab=note("crontab", "{kind: CronTab, group: stable.example.com}"),
    )
    for about, expected in [
        (POD, ["pod"]),
        (Subject(kind="Deployment", group="apps"), ["apps"]),
        (Subject(kind="Deployment"), ["core"]),
        (Subject(kind="Event"), ["event"]),
        (Subject(kind="Event", group="events.k8s.io"), ["event"]),
        (Subject(category="workloads"), ["category"]),
        (Subject(form="NodePort"), ["node-port"]),
        (Subject(custom_resource=True), ["custom"]),
        (Subject(kind="CronTab", group="stable.example.com", custom_resource=True), ["crontab", "custom"]),
        (Subject(kind="CronTab", group="stable.example.com"), ["crontab"]),
        (Subject(kind="Nothing"), []),
        (Subject(), []),
    ]:
        assert sorted(ids(library.match(about, None))) == expected, about
    assert library.mistakes == ()


def test_only_the_files_needed_are_read(tmp_path: Path) -> None:
    library = shelf(tmp_path, pod=note("pod"), pod_trouble=note("trouble"), service="  - broken\n")
    assert ids(library.match(POD, None)) == ["pod", "trouble"]
    assert library.mistakes == ()
    assert library.match(Subject(kind="Service"), None) == ()
    assert len(library.mistakes) == 1


def test_a_note_in_the_wrong_file_is_a_mistake(tmp_path: Path) -> None:
    library = shelf(tmp_path, pod=note("lost", "{kind: Service}"))
    assert library.match(POD, None) == ()
    [mistake] = library.mistakes
    assert (
        mistake.message.en
        == "workloads/pod.yaml:3: This note is looked for in service.yaml or service-….yaml."
    )


def test_a_second_note_with_an_id_is_a_mistake_across_files_too(tmp_path: Path) -> None:
    library = shelf(tmp_path, pod=note("one"), pod_more=note("one"), service=note("one", "{kind: Service}"))
    assert len(library.notes()) == 1
    assert [mistake.file for mistake in library.mistakes] == [
        "workloads/pod-more.yaml",
        "workloads/service.yaml",
    ]
    assert "workloads/pod.yaml:2" in library.mistakes[0].message.en


def test_a_persons_own_notes_add_and_replace(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    (first / "below").mkdir(parents=True)
    second.mkdir()
    (first / "mine.yaml").write_text(
        "notes:\n" + note("own") + note("pod", severity="wrong"), encoding="utf-8"
    )
    (first / "below" / "more.yml").write_text("notes:\n" + note("deeper"), encoding="utf-8")
    (first / ".hidden.yaml").write_text("[", encoding="utf-8")
    (first / "readme.txt").write_text("[", encoding="utf-8")
    (second / "again.yaml").write_text("notes:\n" + note("own", severity="special"), encoding="utf-8")
    library = shelf(tmp_path, first, second, pod=note("pod"))
    found = library.match(POD, None)
    assert [(match.note.id, match.note.severity.value) for match in found] == [
        ("pod", "wrong"),
        ("own", "special"),
        ("deeper", "kind"),
    ]
    assert library.mistakes == ()
    assert len(library.notes()) == 3


def test_mistakes_in_a_persons_own_notes_are_told_and_harm_no_other(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    file = own / "mine.yaml"
    file.write_text("notes:\n" + note("a") + note("a") + note("b", severity="bad"), encoding="utf-8")
    library = shelf(tmp_path, own, tmp_path / "absent", pod=note("pod"))
    assert ids(library.match(POD, None)) == ["pod", "a"]
    assert [(mistake.file, mistake.line) for mistake in library.mistakes] == [
        (str(file), 14),
        (str(file), 7),
        (str(tmp_path / "absent"), 0),
    ]
    assert library.mistakes[2].message.en == f"{tmp_path / 'absent'}: There is no such directory of notes."


def test_a_bad_condition_is_told_once_and_never_holds(tmp_path: Path) -> None:
    library = shelf(tmp_path, pod=note("bad", more=when("object.")) + note("good"))
    for _ in range(3):
        assert ids(library.match(POD, pod())) == ["good"]
    [mistake] = library.mistakes
    assert mistake.message.en.startswith("workloads/pod.yaml:7: The condition is not CEL: 1:8")


def test_a_condition_that_took_too_long_is_not_asked_again(tmp_path: Path) -> None:
    def ticks() -> Iterator[float]:
        yield from (0.0, 0.4, 1.0, 1.6)

    times = ticks()
    library = shelf(tmp_path, clock=lambda: next(times), pod=note("slow", more=when("has(object.spec)")))
    assert ids(library.match(POD, pod())) == ["slow"]
    assert ids(library.match(POD, pod())) == ["slow"]
    assert ids(library.match(POD, pod())) == []
    [mistake] = library.mistakes
    assert mistake.message.en.startswith("workloads/pod.yaml:7: The condition took too long")


def test_several_threads_may_ask_at_once(tmp_path: Path) -> None:
    library = shelf(tmp_path, pod="".join(note(f"n{i}", more=when("has(object.spec)")) for i in range(50)))
    found: list[int] = []
    threads = [
        threading.Thread(target=lambda: found.append(len(library.match(POD, pod())))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [50] * 8
    assert library.mistakes == ()


def test_check_finds_what_only_the_author_need_know(tmp_path: Path) -> None:
    long_title = f"    title: {{en: {'x' * 49}, ja: {'題' * 25}}}\n"
    text = note("wide").replace(f"    title: {BOTH}\n", long_title)
    text += note(
        "kinds", "{kind: Pod}", more="    links: [{kind: Deployment}, {kind: Deploiment, group: apps}]\n"
    )
    text += note("cel", more=when("object. =="))
    text += note("long").replace(f"    short: {BOTH}", f"    short: {{en: {'y' * 151}, ja: {'短' * 75}}}")
    library = shelf(tmp_path, pod=text, gizmo=note("gizmo", "{kind: Gizmo}"))
    found = {
        error.message.en.removeprefix("workloads/").partition(": 1:")[0] for error in library.check(PLACES)
    }
    assert found == {
        "gizmo.yaml:3: There is no kind Gizmo.",
        "pod.yaml:5: title (en) takes 49 cells of at most 48.",
        "pod.yaml:5: title (ja) takes 50 cells of at most 48.",
        "pod.yaml:12: Deployment is not in the group core but in apps.",
        "pod.yaml:12: There is no kind Deploiment. Did you mean Deployment?",
        "pod.yaml:18: The condition is not CEL",
        "pod.yaml:23: short (en) takes 151 cells of at most 150.",
    }


def test_categories_and_forms_are_those_of_the_catalog() -> None:
    assert [category.value for category in Category] == list(CATEGORIES)
    assert [form.value for form in ServiceForm] == list(FORMS)


def test_a_directory_that_is_not_there_has_no_notes(tmp_path: Path) -> None:
    assert NoteLibrary(tmp_path / "absent").notes() == ()
