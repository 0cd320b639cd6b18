"""Conditions of notes: CEL over the live object and what is known of its neighbours.

CEL (Common Expression Language) is what Kubernetes itself uses in validation rules and admission policies. An
expression that fails, because a field is missing or has another type, does not hold.

An expression cannot be stopped once it runs, so what could take long is bounded beforehand: its length,
how deeply comprehensions (``all``, ``exists``, ``map`` and so on) nest, and the lists that they go
through.
"""

from __future__ import annotations

import importlib.machinery
import importlib.util
import re
import sys
from collections.abc import Collection
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject
from k8stui.core.text import clean
from k8stui.notes.indexing import indexed
from k8stui.notes.relations import Near

if TYPE_CHECKING:
    from types import ModuleType

    from cel import Context, Program

MOST_CHARACTERS = 2_000
MOST_COMPREHENSIONS = 12
MOST_NESTED = 3
_LONGEST = (10_000, 10_000, 400, 50)
"""Elements of a list that an expression sees, by how deeply its comprehensions nest: about 0.2 s for each."""
_LONGEST_MATCHED = (10_000, 500, 20, 8)
"""The same when it uses ``matches``: each call compiles its regular expression."""
_DEEPEST = 100
"""Levels of an object that an expression sees; the engine walks objects recursively, on a stack of fixed
size."""

_RELATION = re.compile(r"\bnear\s*\.\s*(\w+)", re.ASCII)
_WORD = re.compile(r"\w+")
_MACRO = re.compile(r"\.\s*(all|exists|exists_one|map|filter)\s*$")
_TOKEN = re.compile(
    r"""//[^\n]*
      | [rR]?(?:\"\"\"(?:.|\n)*?\"\"\"|'''(?:.|\n)*?''')
      | [rR](?:"[^"\n]*"|'[^'\n]*')
      | "(?:[^"\\\n]|\\.)*"
      | '(?:[^'\\\n]|\\.)*'
      | [()+]""",
    re.VERBOSE,
)
_FAILURES = (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError)


class BadCondition(Exception):
    """An expression that is not used; the sentence says why."""

    def __init__(self, message: Text) -> None:
        super().__init__(message.en)
        self.message = message


class LiveObject:
    """An object as expressions see it, prepared once for all of them."""

    def __init__(
        self, obj: JsonObject, near: Near | None = None, words: Collection[str] = ("managedFields",)
    ) -> None:
        """Prepare.

        Args:
            obj: The object.
            near: Its neighbours; None for expressions that do not ask for them.
            words: Every word of these expressions: of neighbours, only fields of such a name are seen, and
                the managedFields of the object only when they are named.
        """
        self._variables: dict[str, Any] = {"object": _slim(obj, managers="managedFields" in words)}
        if near is not None:
            self._variables["near"] = {
                relation: [_pruned(neighbour, words, _DEEPEST) for neighbour in neighbours]
                for relation, neighbours in near.items()
            }
        self._longest_list = max(1, _longest_list(self._variables, _DEEPEST))
        self._contexts: dict[int, Context | None] = {}

    def context(self, longest: int) -> Context | None:
        """The variables of an expression, lists cut to a length; None if the engine refuses the object."""
        if longest > self._longest_list:
            longest = self._longest_list  # one context for all where nothing is cut
        if longest not in self._contexts:
            try:
                bounded = {
                    name: _bounded(value, longest, _DEEPEST) for name, value in self._variables.items()
                }
                made = _engine().Context(variables=bounded)
            except _FAILURES:
                made = None
            self._contexts[longest] = made
        return self._contexts[longest]


_FREE = frozenset(
    {
        "labels", "annotations", "matchLabels", "selector", "nodeSelector", "data", "stringData",
        "binaryData", "requests", "limits", "capacity", "allocatable", "hard", "used", "parameters",
    }
)  # fmt: skip
"""Fields whose own fields have any name."""


def _pruned(value: Any, words: Collection[str], levels: int) -> Any:
    """A neighbour with null for every field that no expression names: handing over a whole one takes long.

    The field itself stays, so that it can be counted.
    """
    if isinstance(value, list) and levels:
        return [_pruned(item, words, levels - 1) for item in value]
    if not isinstance(value, dict) or not levels:
        return value
    return {
        name: None if name not in words else inside if name in _FREE else _pruned(inside, words, levels - 1)
        for name, inside in value.items()
    }


def _slim(obj: JsonObject, managers: bool) -> JsonObject:
    """The object without managedFields, often half of it.

    When they are wanted, only their lists of owned fields are left out: no expression can make use of those.
    """
    metadata = obj.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(entries := metadata.get("managedFields"), list):
        return obj
    kept = {name: value for name, value in metadata.items() if name != "managedFields"}
    if managers:
        kept["managedFields"] = [
            {name: said for name, said in one.items() if name != "fieldsV1"} if isinstance(one, dict) else one
            for one in entries
        ]
    return obj | {"metadata": kept}


def _longest_list(value: Any, levels: int) -> int:
    """Elements of the longest list or mapping in a value."""
    longest = len(value)
    if levels:
        for item in value.values() if isinstance(value, dict) else value:
            if isinstance(item, dict | list):
                longest = max(longest, _longest_list(item, levels - 1))
    return longest


class Condition:
    """One expression, compiled when it is first needed."""

    def __init__(self, source: str) -> None:
        self.source = source
        self._program: Program | None = None
        self._longest = 0

    def compile(self) -> None:
        """Compile now.

        Raises:
            BadCondition: it is no CEL, or could take too long.
        """
        if self._program is not None:
            return
        depth = _depth(self.source)
        self._program = _compiled(self.source)
        self._longest = (_LONGEST_MATCHED if "matches" in self._program.functions() else _LONGEST)[depth]

    def holds(self, live: LiveObject) -> bool:
        """Whether it is true of an object; false when it cannot be told.

        Raises:
            BadCondition: as :meth:`compile`.
        """
        self.compile()
        context = live.context(self._longest)
        if context is None or self._program is None:
            return False
        try:
            return self._program.execute(context) is True
        except _FAILURES:
            return False


def _compiled(source: str) -> Program:
    program: Program
    with suppress(*_FAILURES):
        program = _engine().compile(indexed(source))
        return program
    try:
        program = _engine().compile(source)
    except _FAILURES as error:
        reason = _reason(error)
        raise BadCondition(
            Text(f"The condition is not CEL: {reason}", f"条件をCELとして読めません: {reason}")
        ) from None
    return program


@lru_cache(1_000)
def words_in(source: str) -> frozenset[str]:
    """Every word of an expression, those in quotes too: the fields that it can ask for are among them."""
    return frozenset(_WORD.findall(source))


def relations_in(source: str) -> frozenset[str]:
    """The relations that an expression asks for: the names after ``near.``."""
    return frozenset(_RELATION.findall(source))


def _depth(source: str) -> int:
    """How deeply comprehensions nest; refuses what could take too long or too much memory."""
    if len(source) > MOST_CHARACTERS:
        raise BadCondition(
            Text(
                f"The condition is longer than {MOST_CHARACTERS} characters.",
                f"条件が長すぎます（{MOST_CHARACTERS}文字まで）。",
            )
        )
    parentheses: list[bool] = []
    deepest = comprehensions = 0
    for token in _TOKEN.finditer(source):
        match token[0]:
            case "(":
                is_macro = _MACRO.search(source, 0, token.start()) is not None
                parentheses.append(is_macro)
                comprehensions += is_macro
                deepest = max(deepest, sum(parentheses))
            case ")":
                if parentheses:
                    parentheses.pop()
            case "+" if any(parentheses):
                raise BadCondition(
                    Text(
                        "A condition cannot add inside a comprehension.",
                        "all、existsなどの中で足し算はできません。",
                    )
                )
    if deepest > MOST_NESTED or comprehensions > MOST_COMPREHENSIONS:
        raise BadCondition(
            Text(
                f"There are too many comprehensions: at most {MOST_COMPREHENSIONS}, {MOST_NESTED} inside"
                " each other.",
                f"all、existsなどが多すぎます（合計{MOST_COMPREHENSIONS}個、入れ子は{MOST_NESTED}段まで）。",
            )
        )
    return deepest


def _bounded(value: Any, longest: int, levels: int) -> Any:
    """A copy that the engine can take: bounded in depth and length, 64-bit integers, real Unicode."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, bool) or value is None or isinstance(value, float):
        return value
    if isinstance(value, int):
        return value if -(2**63) <= value < 2**63 else float(min(max(value, -(10**300)), 10**300))
    if levels == 0:
        return None
    if isinstance(value, dict):
        items = islice(value.items(), longest)
        return {
            k if isinstance(k, str) and k.isascii() else _bounded(str(k), 0, 1): _bounded(
                v, longest, levels - 1
            )
            for k, v in items
        }
    if isinstance(value, list):
        return [_bounded(item, longest, levels - 1) for item in value[:longest]]
    return None


def _reason(error: Exception) -> str:
    """What the parser says, without the expression that it repeats before and after."""
    for line in str(error).splitlines():
        if "<input>:" in line:
            return clean(line[line.index("<input>:") + len("<input>:") :])[:200]
    return clean(" ".join(str(error).split()))[:200]


def _engine() -> ModuleType:
    """The compiled part of the ``cel`` package.

    The package itself imports its command line tool, and with it a terminal library: 300 ms instead of 15.
    """
    loaded = sys.modules.get("cel.cel")
    if loaded is not None:
        return loaded
    package = importlib.util.find_spec("cel")
    if package is not None and package.submodule_search_locations:
        spec = importlib.machinery.PathFinder.find_spec("cel.cel", list(package.submodule_search_locations))
        if spec is not None and spec.loader is not None:
            module = importlib.util.module_from_spec(spec)
            spec.loader.exec_module(module)
            # It can be initialised once in a process: whoever imports the package later finds it here.
            sys.modules["cel.cel"] = module
            return module
    return importlib.import_module("cel")
