from __future__ import annotations

import pytest

from k8stui import catalog
from k8stui.core.errors import UsageError
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Lang
from k8stui.core.refs import Scope
from k8stui.session.commands import OpenKind, Run, SetScope, SwitchContext, complete, parse

KINDS = (
    *catalog.BUILTIN.values(),
    ResourceKind("stable.example.com", "v1", "CronTab", "crontabs", True, "crontab", frozenset({"list"})),
    ResourceKind("example.org", "v1", "Service", "services", True, "service", frozenset({"list"})),
)


def opened(line: str) -> OpenKind:
    command = parse(line, KINDS)
    assert isinstance(command, OpenKind)
    return command


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("pods", "pods"), ("po", "pods"), ("Pod", "pods"), ("deploy.apps", "deployments.apps"),
        ("dp", "deployments.apps"), ("sec", "secrets"), ("crontab", "crontabs.stable.example.com"),
        ("services.example.org", "services.example.org"), ("svc", "services"), ("v1/pods", "pods"),
    ],
)  # fmt: skip
def test_kinds_by_every_name(word: str, name: str) -> None:
    assert opened(word).kind.name == name


def test_a_namespace_a_filter_labels_and_a_context_in_any_order() -> None:
    assert opened("po kube-system").scope == Scope.of("kube-system")
    assert opened("po a,b").scope == Scope.of("a", "b")
    assert opened("po -A").scope == Scope.all()
    assert opened("po -n shop -l app=x").label_selector == "app=x"
    command = opened("po app=x,tier!=cache shop @prod /two words")
    assert command.scope == Scope.of("shop")
    assert command.label_selector == "app=x,tier!=cache"
    assert command.context == "prod"
    assert command.filter == "two words"


def test_a_bare_kind_keeps_the_scope() -> None:
    assert opened("po").scope is None


def test_words_that_are_no_kind() -> None:
    assert parse("q", KINDS) == Run("quit")
    assert parse("ctx", KINDS) == Run("context.choose")
    assert parse("ctx prod", KINDS) == SwitchContext("prod")
    assert parse("ns shop", KINDS) == SetScope(Scope.of("shop"))
    assert parse("ns all", KINDS) == SetScope(Scope.all())
    assert opened("ns").kind.name == "namespaces"


def test_an_unknown_word_names_the_nearest() -> None:
    with pytest.raises(UsageError) as refused:
        parse("deploymnets", KINDS)
    sentence = refused.value.sentence(Lang.EN)
    assert "deploymnets" in sentence
    assert "deployments" in sentence
    with pytest.raises(UsageError):
        parse("   ", KINDS)


def test_completion_offers_exact_names_then_the_books_kinds() -> None:
    assert complete("po", KINDS)[0] == "pods"
    assert complete("deploy", KINDS)[0] == "deployments"
    assert "services.example.org" in complete("servic", KINDS)
    assert "services" in complete("servic", KINDS)
    assert complete("", KINDS) == []
    assert complete("zzz", KINDS) == []


def test_completion_of_namespaces_and_contexts() -> None:
    assert complete("po sh", KINDS, ["default", "shop"]) == ["po shop"]
    assert complete("po shop @p", KINDS, ["shop"], ["prod", "stage"]) == ["po shop @prod"]
    assert complete("ctx st", KINDS, [], ["prod", "stage"]) == ["ctx stage"]
