"""What an image would do if it ran: the practice cluster has no containers, but knows how they behave."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from k8stui.core.objects import JsonObject, dig
from k8stui.core.units import parse_quantity

_PLAUSIBLE_TAG = re.compile(r"v?\d+([.\-_]\w+)*|latest|stable|alpine|slim|bookworm|mainline|main|edge|lts")
_WELL_KNOWN = frozenset(
    (
        *("nginx", "httpd", "haproxy", "traefik", "caddy", "redis", "postgres", "mysql", "mariadb", "mongo"),
        *(
            "memcached",
            "rabbitmq",
            "busybox",
            "alpine",
            "ubuntu",
            "debian",
            "python",
            "node",
            "golang",
            "perl",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Program:
    """How the container of one image behaves."""

    size: int = 60_000_000
    """Bytes of the image."""
    pull: str = "ok"
    """``ok``, ``missing`` (no such tag) or ``denied`` (no right to pull)."""
    exits: int | None = None
    """Exit code, where it ends by itself."""
    after: float = 5.0
    """Seconds until it ends, or until it has used up its memory."""
    ready: bool = True
    """Whether its readiness probe ever succeeds."""
    memory: int = 0
    """Bytes it grows to: with a lower limit it is killed."""
    quiet: float = 0.0
    """Cores that all Pods of its workload use together for the work that arrives, when there is the least."""
    busy: float = 0.0
    """The same when there is the most; 0 where hardly any work ever arrives."""
    tide: float = 1200.0
    """Seconds from one busy time to the next."""
    failure: str = ""
    """What its readiness probe reports while it fails."""
    log: str = ""
    """Which profile of seed/logs.yaml it talks by, where its name does not say so."""


@dataclass(frozen=True, slots=True)
class Programs:
    """Every image that the cluster knows something about, and a guess for all others."""

    known: Mapping[str, Program] = field(default_factory=dict)

    @classmethod
    def load(cls, entries: Iterable[JsonObject]) -> Programs:
        """From the entries of seed/images.yaml: each an ``image`` and fields of its Program."""
        known = {}
        for entry in entries:
            fields = {key: value for key, value in entry.items() if key != "image"}
            for quantity in ("size", "memory"):
                if quantity in fields:
                    fields[quantity] = int(parse_quantity(str(fields[quantity])) or 0)
            for quantity in ("quiet", "busy"):
                if quantity in fields:
                    fields[quantity] = parse_quantity(str(fields[quantity])) or 0.0
            known[entry["image"]] = Program(**fields)
        return cls(known)

    def of(self, image: str) -> Program:
        """The program of an image; a well-known image with a tag that no release has is missing."""
        found = self.known.get(image)
        if found is not None:
            return found
        repository, _, tag = image.partition("@")[0].rpartition(":")
        if repository and "/" not in tag:
            short = repository.removeprefix("docker.io/").removeprefix("library/")
            if short in _WELL_KNOWN and not _PLAUSIBLE_TAG.fullmatch(tag):
                return Program(pull="missing")
        return Program()

    def steady(self, image: str) -> bool:
        """Whether a container of the image, once it runs, goes on running."""
        program = self.known.get(image)
        return program is None or (
            program.exits is None and not program.memory and program.ready and program.pull == "ok"
        )


@dataclass(frozen=True, slots=True)
class Ending:
    """How and when a container will end."""

    after: float
    code: int
    reason: str
    signal: int = 0


def ending(program: Program, container: JsonObject, *, to_completion: bool) -> Ending | None:
    """When a started container ends by itself; None for never.

    Args:
        program: What its image does.
        container: Its spec: a shell's ``exit N``, ``false``, ``true`` and ``sleep N`` are understood.
        to_completion: Whether it belongs to a Pod that is meant to end (restartPolicy other than Always).
    """
    limit = parse_quantity(str(dig(container, "resources", "limits", "memory") or ""))
    if program.memory and limit is not None and program.memory > limit:
        return Ending(program.after, 137, "OOMKilled")
    said = " ".join(str(word) for word in (*(container.get("command") or ()), *(container.get("args") or ())))
    if said:
        seconds = sum(float(n) for n in re.findall(r"\bsleep (\d+(?:\.\d+)?)", said))
        code = re.search(r"\bexit (\d+)", said)
        if code or said in ("false", "/bin/false"):
            number = int(code[1]) if code else 1
            return Ending(seconds or 1.0, number, "Completed" if number == 0 else "Error")
        if re.search(r"\b(while|until|for|infinity)\b", said):
            return None
        if seconds:
            return Ending(seconds, 0, "Completed")
    if program.exits is not None:
        return Ending(program.after, program.exits, "Completed" if program.exits == 0 else "Error")
    if to_completion:
        return Ending(program.after, 0, "Completed")
    return None


def digest(text: str) -> str:
    """A content digest that always is the same for the same text."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
