"""Images on their way to a node: names, pulls that take time, pulls that fail."""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from k8stui.core.objects import JsonObject
from k8stui.practice.controllers.programs import Program, digest
from k8stui.practice.controllers.words import Said

_LONGEST = 300.0
_SETTLE = 2.0
_SYNC = 15.0
_SPEED = 800_000_000
"""Bytes of an image that come in a second."""
_REFERENCE = re.compile(
    r"(?:[A-Za-z0-9]+(?:[.-]+[A-Za-z0-9]+)*(?::\d+)?/)?"
    r"[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*)*"
    r"(?::\w[\w.-]{0,127})?(?:@[A-Za-z][\w+.-]*:[0-9a-fA-F]{32,})?"
)
"""A reference as the image specification has it: host, path, tag, digest."""


class Pull(msgspec.Struct, frozen=True):
    """An image that is not there yet."""

    reason: str
    """The reason of the container's waiting state; empty while the image is on its way."""
    message: str
    said: tuple[Said, ...]
    due: float
    """When this changes."""


def image_id(image: str) -> str:
    """The reference by digest that an image was resolved to."""
    repository, _, given = image.partition("@")
    head, colon, tail = repository.rpartition(":")
    if colon and "/" not in tail:
        repository = head
    return f"{_qualified(repository)}@{given or digest(image)}"


def full_name(image: str) -> str:
    """An image's name with its registry, and with the tag that is meant where none is said."""
    name, at, given = image.partition("@")
    if ":" not in name.rpartition("/")[2] and not at:
        name += ":latest"
    return _qualified(name) + at + given


def _qualified(name: str) -> str:
    if "/" not in name:
        return f"docker.io/library/{name}"
    host = name.partition("/")[0]
    return name if "." in host or ":" in host or host == "localhost" else f"docker.io/{name}"


def policy(container: JsonObject) -> str:
    """When a container's image is pulled: as it says, or always where its tag is ``latest``."""
    said = container.get("imagePullPolicy")
    return (
        str(said)
        if said
        else "Always"
        if full_name(container["image"]).endswith(":latest")
        else "IfNotPresent"
    )


def pulling(
    container: JsonObject,
    program: Program,
    begin: float,
    now: float,
    present: Callable[[str], bool],
) -> Pull | None:
    """What keeps a container's image from being there; None when it is.

    Args:
        container: Its spec.
        program: What is known of its image.
        begin: When it was asked for, seconds since the epoch.
        now: The present.
        present: Whether the node has an image.
    """
    image = container["image"]
    if not _REFERENCE.fullmatch(image):
        why = (
            f'Failed to apply default image tag "{image}": '
            f'couldn\'t parse image name "{image}": invalid reference format'
        )
        said = (
            Said("InspectFailed", why, True, _SYNC),
            Said("Failed", "Error: InvalidImageName", True, _SYNC),
        )
        return Pull("InvalidImageName", why, said, now + _SYNC)
    if policy(container) == "Never":
        if present(image) and program.pull == "ok":
            return None
        why = f'Container image "{image}" is not present with pull policy of Never'
        said = (
            Said("ErrImageNeverPull", why, True, _SYNC),
            Said("Failed", "Error: ErrImageNeverPull", True, _SYNC),
        )
        return Pull("ErrImageNeverPull", why, said, now + _SYNC)
    if program.pull != "ok":
        return _failing(image, program, begin, now)
    there = arrives(container, program, begin, present)
    if now >= there:
        return None
    return Pull("", "", (Said("Pulling", f'Pulling image "{image}"'),), there)


def arrives(container: JsonObject, program: Program, begin: float, present: Callable[[str], bool]) -> float:
    """When a container's image is on the node."""
    return begin if present(container["image"]) else begin + _seconds(program)


def pulled(container: JsonObject, program: Program, present: Callable[[str], bool]) -> list[Said]:
    """What is reported of an image that is there now."""
    image = container["image"]
    there = present(image)
    if there and policy(container) != "Always":
        return [Said("Pulled", f'Container image "{image}" already present on machine')]
    took = "412ms" if there else f"{_seconds(program):.3f}s"
    text = (
        f'Successfully pulled image "{image}" in {took} ({took} including waiting). '
        f"Image size: {program.size} bytes."
    )
    return (
        [Said("Pulling", f'Pulling image "{image}"'), Said("Pulled", text)]
        if there
        else [Said("Pulled", text)]
    )


def _wrong(reason: str, event: str, why: str, now: float) -> Pull:
    """An image that will not come as long as the Pod says what it says."""
    said = (Said(event, why, True, _SYNC), Said("Failed", f"Error: {reason}", True, _SYNC))
    return Pull(reason, why, said, now + _SYNC)


def _seconds(program: Program) -> float:
    return min(5.0, 0.2 + program.size / _SPEED)


def _failing(image: str, program: Program, begin: float, now: float) -> Pull:
    """An image that cannot be pulled: a short try, then a wait, longer each time."""
    attempt, wait = begin, 10.0
    while attempt + wait <= now:
        attempt += wait
        wait = min(_LONGEST, wait * 2)
    trying = now < attempt + _SETTLE
    name = full_name(image)
    start = f'failed to pull and unpack image "{name}": failed to resolve reference "{name}"'
    if program.pull == "denied":
        why = (
            f"{start}: pull access denied, repository does not exist or may require authorization: "
            "server message: insufficient_scope: authorization failed"
        )
    else:
        why = f"rpc error: code = NotFound desc = {start}: {name}: not found"
    if trying:
        said: tuple[Said, ...] = (
            Said("Pulling", f'Pulling image "{image}"'),
            Said("Failed", f'Failed to pull image "{image}": {why}', warning=True),
            Said("Failed", "Error: ErrImagePull", warning=True),
        )
        return Pull("ErrImagePull", why, said, attempt + _SETTLE)
    text = f'Back-off pulling image "{image}"'
    said = (Said("BackOff", text), Said("Failed", "Error: ImagePullBackOff", warning=True))
    return Pull("ImagePullBackOff", f"{text}: ErrImagePull: {why}", said, attempt + wait)
