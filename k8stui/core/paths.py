"""Places in an object: the keys and indices that lead to a value, and how people and tools write them."""

from __future__ import annotations

import json
import re

Path = tuple[str | int, ...]
"""Keys (strings) and indices (integers) from the object down; empty for the object itself."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def dotted(path: Path) -> str:
    """A path as people write it: ``spec.containers[0].image``, ``metadata.annotations["a.b/c"]``.

    >>> dotted(("metadata", "labels", "app.kubernetes.io/name"))
    'metadata.labels["app.kubernetes.io/name"]'
    """
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif _PLAIN.fullmatch(step):
            text += f".{step}" if text else step
        else:
            text += f"[{json.dumps(step, ensure_ascii=False)}]"
    return text


def jsonpath(path: Path) -> str:
    """A path as kubectl's ``-o jsonpath=`` takes it, braces included; dots in keys are escaped.

    >>> jsonpath(("spec", "containers", 0, "image"))
    '{.spec.containers[0].image}'
    """
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += "." + re.sub(r"([.\[\]{}'\"\\ ])", r"\\\1", step)
    return f"{{{text or '.'}}}"


def fields(path: Path) -> tuple[str, ...]:
    """The names of the fields only, as ``kubectl explain`` wants them: indices go.

    >>> fields(("spec", "containers", 0, "image"))
    ('spec', 'containers', 'image')
    """
    return tuple(step for step in path if isinstance(step, str))
