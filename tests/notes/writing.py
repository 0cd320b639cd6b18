"""Notes for tests: small files, as an author writes them."""

from collections.abc import Callable
from pathlib import Path

from k8stui.core.objects import JsonObject
from k8stui.notes import NoteLibrary

BOTH = "{en: Words, ja: 言葉}"


def note(id: str = "one", about: str = "{kind: Pod}", severity: str = "kind", more: str = "") -> str:
    """One note of a list, with further lines in ``more`` (indented by four)."""
    return f"""\
  - id: {id}
    about: {about}
    severity: {severity}
    title: {BOTH}
    short: {BOTH}
{more}"""


def shelf(
    tmp_path: Path, *personal: Path, clock: Callable[[], float] | None = None, **files: str
) -> NoteLibrary:
    """A library over files in one category; ``pod_trouble`` is ``pod-trouble.yaml``."""
    content = tmp_path / "content"
    (content / "workloads").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        file = content / "workloads" / f"{name.replace('_', '-')}.yaml"
        file.write_text("notes:\n" + text, encoding="utf-8")
    if clock is None:
        return NoteLibrary(content, personal)
    return NoteLibrary(content, personal, clock=clock)


def pod(**spec: object) -> JsonObject:
    """A Pod called ``web`` in the namespace ``shop``."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "web", "namespace": "shop"},
        "spec": spec,
    }
