"""What is in an image: the families of seed/insides.yaml."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from k8stui.core.objects import JsonObject
from k8stui.practice.inside.profiles import repository, tag


@dataclass(frozen=True, slots=True)
class Family:
    """What the containers of some images have in common."""

    images: Sequence[str]
    os: str = "debian"
    """debian, alpine or busybox."""
    shell: bool = True
    port: int = 0
    """Where its program listens unless the Pod's spec names ports."""
    talks: str = "json"
    """How its program answers."""
    root: str = ""
    """Folder of the files that it serves."""
    workdir: str = "/"
    user: int = 0
    ends: int = 143
    """Exit code when it is told to end."""
    processes: Sequence[str] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)


class Families:
    """All families; the last one is for every image."""

    def __init__(self, entries: Iterable[JsonObject]) -> None:
        self._all = [Family(**entry) for entry in entries]

    def of(self, image: str) -> Family:
        """The family of an image."""
        place = repository(image)
        for family in self._all:
            if any(fnmatch.fnmatchcase(place, pattern) for pattern in family.images):
                return family
        return Family(images=())


def worded(text: str, image: str) -> str:
    """A text of a family for one image."""
    program = repository(image).rpartition("/")[2]
    return text.replace("{program}", program).replace("{tag}", tag(image))
