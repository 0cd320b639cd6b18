"""The settings file: names and values, some of them tables."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from k8stui.core.lang import Text
from k8stui.core.nearest import did_you_mean
from k8stui.core.text import clean
from k8stui.settings.document import Fields, Items, Mistake, Scalar, Value, read_document
from k8stui.settings.model import SettingsError
from k8stui.settings.parsing import WORDS, BadValue, From

_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_FUNCTION_KEY = re.compile(r"f([1-9]|1\d|2[0-4])")
_KEYS = frozenset(
    {
        *("enter", "return", "escape", "tab", "space", "backspace", "delete", "insert"),
        *("home", "end", "pageup", "pagedown", "up", "down", "left", "right"),
        *("slash", "backslash", "minus", "plus", "at", "underscore"),
    }
)
"""Keys that Textual calls otherwise than Unicode."""
_COLOUR = re.compile(
    r"#[0-9a-fA-F]{3}(?:[0-9a-fA-F]{3})?|aqua|black|blue|cyan|fuchsia|gray|green|lime|magenta|maroon|navy|olive"
    r"|orange|pink|purple|red|silver|teal|white|yellow"
)


def read(text: str, file: Path, where: From) -> dict[str, object]:
    """The fields that a file sets.

    Raises:
        SettingsError: with the file and line at fault.
    """
    try:
        return _document(read_document(text), where)
    except Mistake as mistake:
        raise SettingsError(f"{file}:{mistake.line}", mistake.message) from None


def _document(document: Value | None, where: From) -> dict[str, object]:
    if document is None:
        return {}
    if not isinstance(document, Fields):
        raise Mistake(
            document.line,
            Text(
                "The file must consist of names and values.",
                "設定ファイルは「名前: 値」の形で書いてください。",
            ),
        )
    found: dict[str, object] = {}
    for written, (line, value) in document.fields.items():
        known = written.replace("-", "_")
        if written != known.replace("_", "-") or (known not in WORDS and known not in TABLES):
            raise Mistake(line, _unknown(written))
        if isinstance(value, Scalar) and value.plain and not value.text:
            continue
        if known in TABLES:
            found[known] = TABLES[known](value)
        elif isinstance(value, Scalar):
            try:
                found[known] = WORDS[known](value.text, where)
            except BadValue as bad:
                raise Mistake(value.line, bad.message) from None
        else:
            raise Mistake(
                line, Text(f"{written} takes one value.", f"{written}に指定できる値は1つだけです。")
            )
    return found


def keys(value: Value) -> Mapping[str, tuple[str, ...]]:
    """Action ids with one key or a list of keys."""
    found: dict[str, tuple[str, ...]] = {}
    for action, (line, given) in _fields(value).items():
        several = given.items if isinstance(given, Items) else (given,)
        chosen = tuple(key.text.strip() for key in several if isinstance(key, Scalar) and key.text.strip())
        if len(chosen) != len(several) or not chosen or not all(map(_is_key, chosen)):
            raise Mistake(
                line,
                Text(
                    f"The action {clean(action)} needs a key, such as L or ctrl+l, or a list of keys.",
                    f"アクション{clean(action)}には、Lやctrl+lのようなキーか、キーのリストを書いてください。",
                ),
            )
        found[action] = chosen
    return MappingProxyType(found)


def _is_key(written: str) -> bool:
    """Whether a terminal can send it: modifiers, then one character, its name in Unicode, or a key's own."""
    *held, last = written[:60].split("+") if written != "+" else ["+"]
    if not _MODIFIERS.issuperset(held):
        return False
    if len(last) == 1:
        return last.isprintable() and last != ","
    if _FUNCTION_KEY.fullmatch(last) or last in _KEYS:
        return True
    try:
        unicodedata.lookup(last.replace("_", " "))
    except KeyError:
        return False
    return True


def colours(value: Value) -> Mapping[str, str]:
    """Context names or patterns with a colour each."""
    found: dict[str, str] = {}
    for pattern, (line, given) in _fields(value).items():
        if not isinstance(given, Scalar) or not _COLOUR.fullmatch(given.text):
            raise Mistake(
                line,
                Text(
                    f'{clean(pattern)} needs a colour, such as "#c03030" (with the quotes) or red.',
                    f'{clean(pattern)}には、"#c03030"（引用符が必要です）やredのような色を書いてください。',
                ),
            )
        found[pattern] = given.text
    return MappingProxyType(found)


TABLES: Mapping[str, Callable[[Value], object]] = MappingProxyType({"keys": keys, "context_colours": colours})
"""The settings that are mappings, and stand in the file only."""


def _fields(value: Value) -> dict[str, tuple[int, Value]]:
    if isinstance(value, Fields):
        return value.fields
    if isinstance(value, Scalar) and value.plain and not value.text:
        return {}
    raise Mistake(
        value.line, Text("Names with values are expected here.", "「名前: 値」の形で書いてください。")
    )


def _unknown(written: str) -> Text:
    every = [known.replace("_", "-") for known in (*WORDS, *TABLES)]
    shown = clean(written[:60])
    question = did_you_mean(written, every)
    if question is None:
        return Text(
            f"There is no setting {shown}. Known are {', '.join(every)}.",
            f"{shown}という設定はありません。使えるのは {', '.join(every)} です。",
        )
    return Text(
        f"There is no setting {shown}. {question.en}", f"{shown}という設定はありません。{question.ja}"
    )
