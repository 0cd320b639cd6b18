"""Writing renewed tokens back to the kubeconfig file that they came from.

A refresh token often works once only: one that is not saved logs the person out of kubectl as well. The file
is replaced in one step, under the lock that kubectl takes, and nothing but the tokens changes in it: comments
and order stay.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.kube.kubefile import parse_yaml

_PATIENCE = 2.0
"""Seconds to wait for another program's lock."""


def provider_config(path: Path, user: str) -> dict[str, str]:
    """The ``auth-provider`` settings of a user as they stand in the file now; empty when they are gone."""
    config = dig(_entry(parse_yaml(path.read_bytes(), path), user), "user", "auth-provider", "config")
    return {str(key): str(value) for key, value in config.items()} if isinstance(config, dict) else {}


def save_provider_config(path: Path, user: str, values: Mapping[str, str]) -> None:
    """Set some ``auth-provider`` settings of a user. Blocks; run it in a thread.

    Raises OSError when the file cannot be locked or written, KubeconfigError when it is no YAML any more.
    """
    target = Path(os.path.realpath(path))  # replacing a symbolic link would cut it
    with _locked(target):
        raw = target.read_bytes()
        wanted = parse_yaml(raw, path)
        config = dig(_entry(wanted, user), "user", "auth-provider", "config")
        if not isinstance(config, dict):
            raise FileNotFoundError(f"no auth-provider of {user} in {path}")
        config.update(values)
        edited = _edited(raw, user, values)
        if edited is None or parse_yaml(edited, path) != wanted:
            edited = _dumped(wanted)
        _replace(target, edited)


def _entry(root: Any, user: str) -> JsonObject | None:
    return next((item for item in dicts(root, "users") if item.get("name") == user), None)


def _edited(raw: bytes, user: str, values: Mapping[str, str]) -> bytes | None:
    """The text with only the values exchanged; None when one of them is not there yet."""
    import yaml

    try:
        text = raw.decode("utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader)  # the C loader's marks do not count characters
    except (UnicodeDecodeError, yaml.YAMLError):
        return None
    users = _below(root, "users")
    entries = users.value if isinstance(users, yaml.SequenceNode) else []
    entry = next((item for item in entries if getattr(_below(item, "name"), "value", None) == user), None)
    config = _below(_below(_below(entry, "user"), "auth-provider"), "config")
    spans = []
    for key, value in values.items():
        node = _below(config, key)
        if not isinstance(node, yaml.ScalarNode):
            return None
        spans.append((node.start_mark.index, node.end_mark.index, json.dumps(value)))
    for start, end, quoted in sorted(spans, reverse=True):
        text = text[:start] + quoted + text[end:]
    return text.encode("utf-8")


def _below(node: Any, key: str) -> Any:
    import yaml

    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _dumped(root: Any) -> bytes:
    import yaml

    text: str = yaml.safe_dump(root, sort_keys=False, allow_unicode=True, width=1 << 20)
    return text.encode("utf-8")


def _replace(path: Path, content: bytes) -> None:
    """Exchange the file in one step, keeping its mode."""
    mode = path.stat().st_mode & 0o7777
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Kubectl's lock: a file beside the kubeconfig that only one program can create."""
    lock = path.with_name(f"{path.name}.lock")
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            os.close(os.open(lock, os.O_CREAT | os.O_EXCL, 0o600))
            break
        except FileExistsError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock.unlink()
