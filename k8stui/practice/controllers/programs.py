"""What an image would do if it ran: the practice cluster has no containers, but knows how they behave."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import msgspec

from k8stui.core.objects import JsonObject, dig
from k8stui.core.units import parse_age, parse_quantity

_UNITS = {"": 1, "K": 2**10, "M": 2**20, "G": 2**30}
_SLEEP = re.compile(r"\bsleep (\d+(?:\.\d+)?)([smhd]?)")
_SECONDS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
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


_NOWHERE = re.compile(r"no-such|nosuch|nonexist|non-exist|does-?not-?exist")
_TOOLS_LINE = (
    "sh ash cat cp date df du echo env expr false find grep gunzip gzip head hostname httpd "
    "id ifconfig ip kill less ln ls mkdir more mount mv nc netstat nice nslookup ping "
    "printenv printf ps pwd rm sed seq sleep sort stat stty sync tail tar tee telnet test "
    "time timeout top touch tr traceroute true tty uname uniq unzip uptime usleep vi watch "
    "wc wget which whoami xargs yes awk chmod chown cut dd"
)
_TOOLS = frozenset(_TOOLS_LINE.split())
"""What can be started in an image of busybox or alpine."""
DOMAIN = "practice.k8stui.dev"
"""What the annotations that choose a program's behaviour begin with."""


def _short(image: str) -> str:
    """The repository of an image, without what is meant where nothing is said."""
    name = image.partition("@")[0].removeprefix("docker.io/").removeprefix("library/")
    head, _, last = name.rpartition("/")
    return f"{head}/{last.partition(':')[0]}".removeprefix("/")


def _flag(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text)


def _whole(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 4 else None


def _seconds(text: str) -> float | None:
    found = parse_age(text)
    return None if found is None else float(found)


def _bytes(text: str) -> int | None:
    found = parse_quantity(text)
    return None if found is None else int(found)


_ANNOTATIONS: Mapping[str, tuple[str, Callable[[str], object]]] = {
    "exits": ("exits", _whole),
    "after": ("after", _seconds),
    "ready": ("ready", _flag),
    "live": ("live", _flag),
    "starts": ("starts", _seconds),
    "memory": ("memory", _bytes),
    "deaf": ("ignores-sigterm", _flag),
    "message": ("message", str),
}
"""The field that each annotation sets, its word, and how it is read; what cannot be read sets nothing."""
_SHELLS = frozenset(("sh", "bash", "ash", "dash"))


class Program(msgspec.Struct, frozen=True):
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
    live: bool = True
    """Whether its liveness probe goes on succeeding; otherwise it fails from ``after`` on."""
    starts: float = 0.0
    """Seconds until its startup probe succeeds."""
    root: bool = False
    """Whether the image's user is root."""
    deaf: bool = False
    """Whether it takes no notice of SIGTERM, so that it has to be killed."""
    message: str = ""
    """What it writes to its termination log as it ends."""


class Programs(msgspec.Struct, frozen=True):
    """Every image that the cluster knows something about, and a guess for all others."""

    known: Mapping[str, Program] = msgspec.field(default_factory=dict)

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
            fields.setdefault("root", _short(entry["image"]) in _WELL_KNOWN)
            known[entry["image"]] = Program(**fields)
        return cls(known)

    def of(self, image: str) -> Program:
        """The program of an image; a well-known image with a tag that no release has is missing."""
        found = self.known.get(image)
        if found is not None:
            return found
        if _NOWHERE.search(image):
            return Program(pull="missing")
        if _short(image) in _WELL_KNOWN:
            tag = image.partition("@")[0].rpartition("/")[2].partition(":")[2] or "latest"
            return Program(root=True) if _PLAUSIBLE_TAG.fullmatch(tag) else Program(pull="missing")
        return Program()

    def running(self, pod: JsonObject, container: JsonObject) -> Program:
        """The program of a container, as its image and the annotations of its Pod have it."""
        program = self.of(container["image"])
        said = pod["metadata"].get("annotations")
        if not said:
            return program
        own = f"{container['name']}.{DOMAIN}"
        changes: dict[str, Any] = {}
        for field_name, (word, read) in _ANNOTATIONS.items():
            text = said.get(f"{own}/{word}", said.get(f"{DOMAIN}/{word}"))
            value = None if text is None else read(str(text))
            if value is not None:
                changes[field_name] = value
        return msgspec.structs.replace(program, **changes) if changes else program

    def steady(self, pod: JsonObject, container: JsonObject) -> bool:
        """Whether a container, once it runs and is ready, goes on so."""
        program = self.running(pod, container)
        return (
            program.exits is None
            and not program.memory
            and program.ready
            and program.live
            and program.pull == "ok"
            and "command" not in container
            and "args" not in container
        )


class Ending(msgspec.Struct, frozen=True):
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
    if waits(container):
        return None
    said = " ".join(str(word) for word in (*(container.get("command") or ()), *(container.get("args") or ())))
    limit = parse_quantity(str(dig(container, "resources", "limits", "memory") or ""))
    hog = re.search(r"--vm-bytes[ =](\d+)([KMGkmg]?)", said)
    memory = int(hog[1]) * _UNITS[hog[2].upper()] if hog else program.memory
    if memory and limit is not None and memory > limit:
        return Ending(program.after, 137, "OOMKilled")
    if said:
        seconds = sum(float(n) * _SECONDS[unit] for n, unit in _SLEEP.findall(said))
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
    # A shell that somebody sits at ends when that person leaves it.
    if to_completion and not container.get("stdin"):
        return Ending(program.after, 0, "Completed")
    return None


def unstartable(container: JsonObject) -> str:
    """What of a container's command its image does not have; empty when it has it, or may have it."""
    words = container.get("command") or ()
    name = container["image"].partition("@")[0].rpartition("/")[2].partition(":")[0]
    if not words or name not in ("busybox", "alpine"):
        return ""
    first = str(words[0])
    return "" if first.rpartition("/")[2] in _TOOLS or "$(" in first else first


def waits(container: JsonObject) -> bool:
    """Whether it is a shell that waits for what somebody types, after ``kubectl run -i`` or ``debug -i``."""
    words = [*(container.get("command") or ()), *(container.get("args") or ())]
    shell = not words or (len(words) == 1 and str(words[0]).rpartition("/")[2] in _SHELLS)
    return bool(container.get("stdin")) and shell


def digest(text: str) -> str:
    """A content digest that always is the same for the same text."""
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()
