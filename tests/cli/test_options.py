from __future__ import annotations

from pathlib import Path

import pytest

from k8stui.cli import main
from k8stui.cli.options import PEOPLE, parse
from k8stui.core.errors import UsageError
from k8stui.core.lang import Lang
from k8stui.core.refs import Scope
from k8stui.practice.authority import users
from k8stui.settings import SettingsError

NOWHERE = {"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent"}


def test_nothing_means_explore() -> None:
    options = parse([], NOWHERE)
    assert (options.command, options.kind, options.practice) == ("explore", "", False)
    assert options.settings.scope() is None
    assert options.settings.lang is Lang.EN


def test_kind_scope_context_and_language() -> None:
    options = parse(["po", "-n", "a,b", "--context=prod", "--lang", "ja", "--kubeconfig", "/k"], NOWHERE)
    assert (options.kind, options.settings.scope(), options.settings.lang) == (
        "po",
        Scope.of("a", "b"),
        Lang.JA,
    )
    assert (options.settings.context, options.settings.kubeconfig) == ("prod", Path("/k"))
    assert parse(["-nshop"], NOWHERE).settings.scope() == Scope.of("shop")
    assert parse(["pods", "-A", "-n", "shop"], NOWHERE).settings.scope() == Scope.all()


def test_commands_and_their_output() -> None:
    assert parse(["categories"], NOWHERE).output == "table"
    assert parse(["categories", "-o", "yaml", "--no-counts"], NOWHERE).counts is False
    options = parse(["explain", "pods/web", "-o", "json"], NOWHERE)
    assert (options.command, options.kind, options.output) == ("explain", "pods/web", "json")
    assert parse(["practice", "--pods", "3"], NOWHERE).rest == ("--pods", "3")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--nonsense"],
        ["pods", "extra"],
        ["categories", "pods"],
        ["--context"],
        ["--lang", "fr"],
        ["categories", "-o", "text"],
        ["explain"],
        ["pods", "-o", "json"],
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str]) -> None:
    with pytest.raises((UsageError, SettingsError)):
        parse(arguments, NOWHERE)


def test_help_and_version_go_to_stdout(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, start in (
        (["--version"], "k8stui 0"),
        (["--help"], "usage:"),
        (["--help", "--lang", "ja"], "使い方"),
    ):
        with pytest.raises(SystemExit) as left:
            parse(arguments, NOWHERE)
        assert left.value.code == 0
        told = capsys.readouterr()
        assert told.out.startswith(start)
        assert told.err == ""


def test_without_a_terminal_it_says_what_to_use_instead(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "en"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "needs a terminal" in told.err
    assert "Traceback" not in told.err


def test_the_practice_cluster_as_somebody_else() -> None:
    options = parse(["--as-user", "viewer"], NOWHERE)
    assert (options.practice, options.as_user) == (True, "viewer")
    with pytest.raises(UsageError, match="one of viewer, dev-team"):
        parse(["--as-user", "root"], NOWHERE)


def test_they_are_people_of_the_practice_cluster() -> None:
    assert {*PEOPLE, users.ADMIN} == set(users.PEOPLE)
