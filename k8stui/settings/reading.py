"""Defaults, then the file, then the environment, then the flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from k8stui.core.lang import Lang, Text
from k8stui.core.text import clean
from k8stui.settings.model import Settings, SettingsError
from k8stui.settings.parsing import WORDS, BadValue, From
from k8stui.settings.places import cache_dir, config_dir, home

PREFIX = "K8STUI_"


def load(
    environ: Mapping[str, str],
    *,
    flags: Mapping[str, str | bool | None] | None = None,
    config: Path | None = None,
) -> Settings:
    """The settings of this run.

    Args:
        environ: The environment. Variables after ``K8STUI_`` that name no setting are left alone: inside
            a cluster, Kubernetes itself sets ``K8STUI_SERVICE_HOST`` and the like for a Service of that
            name.
        flags: Values by field name; None means the flag was not given.
        config: The file that was asked for; it must exist. Else K8STUI_CONFIG, else ``config.yaml`` in
            :func:`config_dir`, which need not.

    Raises:
        SettingsError: with the file and line, the variable or the flag at fault.
    """
    defaults = Settings(lang=Lang.from_environment(environ), cache_dir=cache_dir(environ))
    chosen: dict[str, Any] = _file(environ, config)
    chosen |= _environment(environ)
    chosen |= _flags(environ, flags or {})
    return replace(defaults, **chosen)


def _file(environ: Mapping[str, str], config: Path | None) -> dict[str, object]:
    named = config or (Path(environ[PREFIX + "CONFIG"]) if environ.get(PREFIX + "CONFIG") else None)
    file = named or config_dir(environ) / "config.yaml"
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        if named is None:
            return {}
        raise SettingsError(
            str(file),
            Text("There is no such file.", "ファイルがありません。"),
            Text("Check the path, or leave it out.", "パスを確認するか、指定を外してください。"),
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = clean(str(error))
        raise SettingsError(
            str(file), Text(f"The file cannot be read: {reason}.", f"ファイルを読み込めません: {reason}")
        ) from None
    from k8stui.settings.file import read  # most people have no file, and the first frame waits for this

    return read(text, file, From(home(environ), file.absolute().parent))


def _environment(environ: Mapping[str, str]) -> dict[str, object]:
    where = From(home(environ), Path.cwd())
    found: dict[str, object] = {}
    for known, read in WORDS.items():
        variable = PREFIX + known.upper()
        word = environ.get(variable)
        if word:
            try:
                found[known] = read(word, where)
            except BadValue as bad:
                raise SettingsError(variable, bad.message) from None
    return found


def _flags(environ: Mapping[str, str], flags: Mapping[str, str | bool | None]) -> dict[str, object]:
    where = From(home(environ), Path.cwd())
    found: dict[str, object] = {}
    for known, given in flags.items():
        if given is None:
            continue
        flag = "--" + known.replace("_", "-")
        try:
            found[known] = given if isinstance(given, bool) else WORDS[known](given, where)
        except BadValue as bad:
            raise SettingsError(flag, bad.message) from None
    return found
