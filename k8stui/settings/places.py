"""Where files are kept, by the XDG Base Directory Specification."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def home(environ: Mapping[str, str]) -> Path:
    """The person's home directory: HOME, else the password database."""
    return Path(environ["HOME"]) if environ.get("HOME") else Path.home()


def config_dir(environ: Mapping[str, str]) -> Path:
    """Where settings and a person's own notes are looked for: ``$XDG_CONFIG_HOME/k8stui``."""
    return _under(environ, "XDG_CONFIG_HOME", ".config")


def cache_dir(environ: Mapping[str, str]) -> Path:
    """What can be asked again of a server: ``$XDG_CACHE_HOME/k8stui``."""
    return _under(environ, "XDG_CACHE_HOME", ".cache")


def state_dir(environ: Mapping[str, str]) -> Path:
    """What should outlive a run but is no setting, such as the log: ``$XDG_STATE_HOME/k8stui``."""
    return _under(environ, "XDG_STATE_HOME", ".local/state")


def _under(environ: Mapping[str, str], variable: str, fallback: str) -> Path:
    base = Path(environ.get(variable, ""))
    # The specification asks to ignore a relative path.
    return (base if base.is_absolute() else home(environ) / fallback) / "k8stui"
