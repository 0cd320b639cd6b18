"""The kubeconfig file by which clients find the practice cluster."""

from __future__ import annotations

import base64
import os
from pathlib import Path

NAME = "practice"


def text(server: str, authority: bytes, token: str, *, user: str = NAME, namespace: str = "default") -> str:
    """A kubeconfig with one cluster, one user and one context."""
    data = base64.b64encode(authority).decode()
    return f"""\
apiVersion: v1
kind: Config
clusters:
- name: {NAME}
  cluster:
    server: {server}
    certificate-authority-data: {data}
users:
- name: {user}
  user:
    token: {token}
contexts:
- name: {NAME}
  context:
    cluster: {NAME}
    user: {user}
    namespace: {namespace}
current-context: {NAME}
"""


def write(path: Path, content: str) -> None:
    """Write the file so that only its owner can read it, in one step.

    Raises:
        OSError: it cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
