"""The command line, read into plain options.

Written by hand rather than with argparse because a kind and a subcommand stand in the same place, and because
every mistake is a sentence in the person's language.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from k8stui import __version__, settings
from k8stui.catalog import Category
from k8stui.cli import words
from k8stui.cli.output import put
from k8stui.core.lang import Lang
from k8stui.settings import Settings

PEOPLE = ("viewer", "dev-team")
"""Who may open the practice cluster beside its administrator."""
COMMANDS = ("categories", "explain", "notes", "practice")
_VALUES = {
    "-n": "namespace", "--namespace": "namespace", "--context": "context", "--kubeconfig": "kubeconfig",
    "--lang": "lang", "--theme": "theme", "--config": "config", "-o": "output", "--output": "output",
    "--as-user": "as_user",
    "--chapter": "chapter", "--category": "category", "--search": "search",
}  # fmt: skip
_SWITCHES = {
    "-A": "everywhere", "--all-namespaces": "everywhere", "--practice": "practice",
    "--no-counts": "no_counts", "--examples": "examples",
    "-h": "help", "--help": "help", "--version": "version",
}  # fmt: skip
_OUTPUTS = {"categories": ("table", "json", "yaml"), "explain": ("text", "json"), "notes": ("text", "json")}
_OF_NOTES = ("chapter", "category", "search")
_CHAPTER = re.compile(r"[1-9](\.[1-9]\d?)?")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asks for, with settings already merged."""

    command: str
    """``explore`` or one of COMMANDS."""
    settings: Settings
    kind: str = ""
    practice: bool = False
    as_user: str = ""
    """As whom the practice cluster is opened; empty for who may do everything."""
    counts: bool = True
    output: str = ""
    rest: tuple[str, ...] = ()
    """Of ``practice``: the arguments that its own command line reads. Of ``notes check``: the directory."""
    chapter: str = ""
    """Of ``notes``: a chapter, or a section such as ``5.2``."""
    category: str = ""
    """Of ``notes``: one of the five categories, or ``all`` to lay them out by category."""
    search: str = ""
    """Of ``notes``: words that all stand in the note."""
    examples: bool = False
    """Of ``notes``: name objects of the cluster."""


@dataclass(slots=True)
class _Read:
    words: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    switches: set[str] = field(default_factory=set)


def parse(arguments: Sequence[str], environ: Mapping[str, str]) -> Options:
    """Read the command line. ``--help`` and ``--version`` print and leave by SystemExit.

    Raises:
        UsageError: an argument makes no sense.
        SettingsError: the settings file has a mistake.
    """
    if arguments and arguments[0] == "practice":
        return Options("practice", settings.load(environ), rest=tuple(arguments[1:]))
    read = _read(arguments)
    _print_and_leave(read, environ)
    command = read.words.pop(0) if read.words and read.words[0] in COMMANDS else "explore"
    kind = read.words.pop(0) if read.words and command != "categories" else ""
    rest = (read.words.pop(0),) if (command, kind) == ("notes", "check") and read.words else ()
    if read.words:
        raise words.too_many(read.words[0])
    if command == "explain" and not kind:
        raise words.EXPLAIN_WHAT
    _check_of_notes(command, kind, rest, read)
    return Options(
        command,
        _settings(read, environ),
        kind,
        "practice" in read.switches or "as_user" in read.values,
        _person(read.values.get("as_user", "")),
        "no_counts" not in read.switches,
        _output(command, read.values.get("output")),
        rest,
        read.values.get("chapter", ""),
        read.values.get("category", ""),
        read.values.get("search", ""),
        "examples" in read.switches,
    )


def _check_of_notes(command: str, kind: str, rest: tuple[str, ...], read: _Read) -> None:
    """Options and words that only ``notes`` has."""
    if command != "notes":
        for name in (*_OF_NOTES, "examples"):
            if name in read.values or name in read.switches:
                raise words.bad_option(f"--{name}")
        return
    if kind == "check" and not rest:
        raise words.CHECK_WHAT
    category = read.values.get("category", "all")
    slugs = [found.slug for found in Category]
    if category not in (*slugs, "all"):
        raise words.one_of("--category", category, ", ".join((*slugs, "all")))
    chapter = read.values.get("chapter", "1")
    if not _CHAPTER.fullmatch(chapter):
        raise words.one_of("--chapter", chapter, "1 … 5, 5.2")


def _read(arguments: Sequence[str]) -> _Read:
    read = _Read()
    waiting = iter(arguments)
    for word in waiting:
        name, equals, value = word.partition("=")
        if name in _VALUES and name.startswith("-"):
            if not equals:
                found = next(waiting, None)
                if found is None:
                    raise words.needs_value(name)
                value = found
            read.values[_VALUES[name]] = value
        elif word in _SWITCHES:
            read.switches.add(_SWITCHES[word])
        elif word.startswith("-n") and len(word) > 2 and not word.startswith("--"):
            read.values["namespace"] = word[2:]
        elif word.startswith("-"):
            raise words.bad_option(word)
        else:
            read.words.append(word)
    return read


def _print_and_leave(read: _Read, environ: Mapping[str, str]) -> None:
    if "version" in read.switches:
        put(f"k8stui {__version__}\n")
        sys.exit(0)
    if "help" in read.switches:
        asked = read.values.get("lang")
        lang = Lang(asked) if asked in ("en", "ja") else Lang.from_environment(environ)
        put(words.USAGE.get(lang))
        sys.exit(0)


def _settings(read: _Read, environ: Mapping[str, str]) -> Settings:
    names = ("lang", "theme", "context", "kubeconfig", "namespace")
    flags = {name: read.values[name] for name in names if name in read.values}
    if "everywhere" in read.switches:
        flags["namespace"] = "*"
    config = read.values.get("config")
    return settings.load(environ, flags=flags, config=Path(config) if config else None)


def _person(asked: str) -> str:
    if asked and asked not in PEOPLE:
        raise words.one_of("--as-user", asked, ", ".join(PEOPLE))
    return asked


def _output(command: str, asked: str | None) -> str:
    possible = _OUTPUTS.get(command, ())
    if asked is None:
        return possible[0] if possible else ""
    if asked not in possible:
        raise words.one_of("--output", asked, ", ".join(possible)) if possible else words.bad_option("-o")
    return asked
