"""Commands with an object's own names."""

import shlex

import pytest

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject
from k8stui.notes import Command, Subject
from k8stui.notes.placeholders import Words, examine

DOES = Text("Shows it", "表示します")
POD = Subject(kind="Pod")


def filled(run: str, obj: JsonObject | None, about: Subject = POD) -> Command:
    command = Words(about, obj).fill(Command(run, DOES))
    assert command is not None
    assert command.does is DOES
    return command


def named(
    name: str, namespace: str | None = "shop", kind: str = "Pod", api_version: str = "v1"
) -> JsonObject:
    metadata = {"name": name} if namespace is None else {"name": name, "namespace": namespace}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata}


def test_names_are_filled_in() -> None:
    command = filled("kubectl describe {kind} {name} -n {namespace}", named("web"))
    assert (command.run, command.ready) == ("kubectl describe pod web -n shop", True)


def test_a_kind_of_a_group_is_named_with_it() -> None:
    obj = named("web", kind="Deployment", api_version="apps/v1")
    assert filled("kubectl get {kind}/{name}", obj).run == "kubectl get deployment.apps/web"
    about = Subject(kind="CronTab", group="stable.example.com", custom_resource=True)
    assert filled("kubectl explain {kind}", None, about).run == "kubectl explain crontab.stable.example.com"


@pytest.mark.parametrize(
    "run",
    [
        "kubectl get node {name} -n {namespace}",
        "kubectl get node {name} --namespace {namespace}",
        "kubectl get node {name} --namespace={namespace}",
    ],
)
def test_without_a_namespace_its_flag_goes(run: str) -> None:
    command = filled(run, named("node-1", None, "Node"))
    assert (command.run, command.ready) == ("kubectl get node node-1", True)


def test_without_an_object_words_stand_for_what_is_missing() -> None:
    command = filled("kubectl logs {name} -n {namespace}", None)
    assert (command.run, command.ready) == ("kubectl logs NAME", False)
    command = filled("kubectl get pods -n {namespace}", None)
    assert (command.run, command.ready) == ("kubectl get pods", True)


@pytest.mark.parametrize(
    "name",
    [
        "a b",
        "x; rm -rf ~",
        "$(reboot)",
        "`reboot`",
        "it's",
        "a|b",
        "system:node",
        "~root",
        "*",
        "a\nb",
        "{namespace}",
    ],
)
def test_whatever_a_name_holds_it_stays_one_word(name: str) -> None:
    command = filled("kubectl get clusterrole {name} -o yaml", named(name, None, "ClusterRole"))
    words = shlex.split(command.run)
    assert len(words) == 6
    assert words[3] == name.replace("\n", "\ufffd")
    assert "\n" not in command.run


@pytest.mark.parametrize("run", ["kubectl get clusterrole {name}", "kubectl get --name={name}"])
def test_a_name_that_would_be_an_option_gives_no_command(run: str) -> None:
    assert Words(POD, named("--server=https://evil.test", None)).fill(Command(run, DOES)) is None


def test_a_dash_elsewhere_is_no_option() -> None:
    assert filled("kubectl get pod/{name}", named("-x", None)).run == "kubectl get pod/-x"


@pytest.mark.parametrize(
    "run",
    [
        "kubectl get pods -n {namespace}",
        "kubectl get pod {name} -o jsonpath='{.spec.nodeName}'",
        "kubectl get pods -o jsonpath='{range .items[*]}{.metadata.name}{end}'",
        'kubectl get pods -o go-template="{{name}}"'.replace("name", "x"),
        "kubectl get events --field-selector involvedObject.name={name}",
    ],
)
def test_a_good_command_is_not_complained_about(run: str) -> None:
    assert examine(run) is None


@pytest.mark.parametrize(
    ("run", "words"),
    [
        ("kubectl get pod '{name}'", "quotes"),
        ('kubectl get pod "{name}"', "quotes"),
        ("kubectl get pod {pod}", "{pod}"),
        ("kubectl get pod 'x", "not closed"),
        ("kubectl get pod\nreboot", "one line"),
        ("kubectl get \x1b[0m", "one line"),
    ],
)
def test_a_bad_one_is(run: str, words: str) -> None:
    problem = examine(run)
    assert problem is not None
    assert words in problem.en
    assert problem.ja != problem.en
