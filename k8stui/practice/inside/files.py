"""Files of a container: folders in memory, one mounted on the other, with limits."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

LARGEST = 1 << 20
"""Bytes that one file may have."""
MOST = 4 << 20
"""Bytes that all files of one disk may have."""
MANY = 4_000
"""Files and folders that one disk may have."""

_MISSING = "No such file or directory"


class FileTrouble(Exception):
    """Something that cannot be done with a file, in the words of the C library."""


@dataclass(slots=True)
class File:
    """A file, or something that is made whenever it is read."""

    data: bytes | Callable[[], bytes] = b""
    mode: int = 0o644
    at: float = 0.0
    """When it was last changed, seconds since the epoch."""

    def content(self) -> bytes:
        """What is in it."""
        return self.data if isinstance(self.data, bytes) else self.data()


@dataclass(slots=True)
class Folder:
    """A folder."""

    entries: dict[str, File | Folder] = field(default_factory=dict)
    mode: int = 0o755
    at: float = 0.0


Node = File | Folder


@dataclass(slots=True)
class Disk:
    """A tree of files that can be written."""

    root: Folder = field(default_factory=Folder)
    used: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True)
class Mount:
    """Something that stands at a path of the file system."""

    path: str
    node: Callable[[], Node]
    device: str = "overlay"
    kind: str = "ext4"
    read_only: bool = False
    disk: Disk | None = None
    """Where it counts how much it holds; None for what is made when it is looked at."""


def tree(files: Mapping[str, File]) -> Folder:
    """A folder from paths below it."""
    root = Folder()
    for path, file in files.items():
        here = root
        *folders, name = [part for part in path.split("/") if part]
        for part in folders:
            below = here.entries.setdefault(part, Folder(at=file.at))
            if not isinstance(below, Folder):
                break
            here = below
        here.entries[name] = file
    return root


class FileSystem:
    """All that is mounted in one container.

    Args:
        mounts: What is mounted; the first one on ``/``.
        clock: Seconds since the epoch.
        may_write: Whether the user may write below a path of the first mount.
    """

    def __init__(
        self,
        mounts: Sequence[Mount],
        clock: Callable[[], float],
        may_write: Callable[[str], bool] = lambda path: True,
    ) -> None:
        self.mounts = mounts
        self._clock = clock
        self._may_write = may_write
        self._by_length = sorted(mounts, key=lambda mount: -len(mount.path))

    def find(self, path: str) -> Node | None:
        """What is at an absolute path; None for nothing."""
        path = posixpath.normpath(path)
        mount, rest = self._mount(path)
        node: Node | None = mount.node()
        for part in rest:
            node = node.entries.get(part) if isinstance(node, Folder) else None
            if node is None:
                break
        if node is None and any(_below(other.path, path) for other in self.mounts):
            return Folder(at=self._clock())
        return node

    def read(self, path: str) -> bytes:
        """A file's content.

        Raises:
            FileTrouble: it is not there, or it is a folder.
        """
        node = self.find(path)
        if node is None:
            raise FileTrouble(_MISSING)
        if isinstance(node, Folder):
            raise FileTrouble("Is a directory")
        return node.content()

    def names(self, path: str) -> list[str]:
        """The names in a folder, in order.

        Raises:
            FileTrouble: it is not there, or it is no folder.
        """
        node = self.find(path)
        if node is None:
            raise FileTrouble(_MISSING)
        if isinstance(node, File):
            raise FileTrouble("Not a directory")
        found = set(node.entries)
        base = posixpath.normpath(path).rstrip("/")
        for mount in self.mounts:
            if mount.path.startswith(base + "/") and mount.path != "/":
                found.add(mount.path[len(base) + 1 :].partition("/")[0])
        return sorted(found)

    def write(self, path: str, data: bytes, *, append: bool = False) -> None:
        """Make or change a file.

        Raises:
            FileTrouble: it cannot be written.
        """
        folder, name, disk = self._place(path)
        old = folder.entries.get(name)
        if isinstance(old, Folder):
            raise FileTrouble("Is a directory")
        if old is not None and not isinstance(old.data, bytes):
            raise FileTrouble("Permission denied")
        before = old.data if old is not None and isinstance(old.data, bytes) else b""
        new = before + data if append else data
        if len(new) > LARGEST:
            raise FileTrouble("File too large")
        self._claim(disk, len(new) - len(before), 0 if old else 1)
        folder.entries[name] = File(new, old.mode if old else 0o644, self._clock())

    def make_folder(self, path: str) -> None:
        """Make a folder.

        Raises:
            FileTrouble: there is something already, or it cannot be made.
        """
        if self.find(path) is not None:
            raise FileTrouble("File exists")
        folder, name, disk = self._place(path)
        self._claim(disk, 0, 1)
        folder.entries[name] = Folder(at=self._clock())

    def put(self, path: str, node: Node) -> None:
        """Put a node of this file system somewhere else too, as a move does.

        Raises:
            FileTrouble: it cannot be written.
        """
        folder, name, disk = self._place(path)
        size, count = _measured(node)
        self._claim(disk, size, count)
        folder.entries[name] = node

    def remove(self, path: str, *, folders: bool = False) -> None:
        """Remove a file, or a folder with all that is in it.

        Raises:
            FileTrouble: it is not there, is a folder, is mounted, or cannot be written.
        """
        path = posixpath.normpath(path)
        node = self.find(path)
        if node is None:
            raise FileTrouble(_MISSING)
        if isinstance(node, Folder) and not folders:
            raise FileTrouble("Is a directory")
        if path == "/" or any(mount.path == path or _below(mount.path, path) for mount in self.mounts):
            raise FileTrouble("Device or resource busy")
        folder, name, disk = self._place(path)
        folder.entries.pop(name, None)
        size, count = _measured(node)
        disk.used -= size
        disk.count -= count

    def mount_of(self, path: str) -> Mount:
        """The mount that a path is in."""
        return self._mount(posixpath.normpath(path))[0]

    def _mount(self, path: str) -> tuple[Mount, list[str]]:
        for mount in self._by_length:
            if mount.path == "/" or path == mount.path or path.startswith(mount.path + "/"):
                return mount, [part for part in path[len(mount.path) :].split("/") if part]
        raise FileTrouble(_MISSING)

    def _place(self, path: str) -> tuple[Folder, str, Disk]:
        path = posixpath.normpath(path)
        above, name = posixpath.split(path)
        mount, _ = self._mount(path)
        if mount.read_only:
            raise FileTrouble("Read-only file system")
        if mount.path == path:
            raise FileTrouble("Device or resource busy")
        folder = self.find(above)
        if folder is None:
            raise FileTrouble(_MISSING)
        if isinstance(folder, File):
            raise FileTrouble("Not a directory")
        if mount.disk is None or (mount.path == "/" and not self._may_write(path)):
            raise FileTrouble("Permission denied")
        return folder, name, mount.disk

    @staticmethod
    def _claim(disk: Disk, size: int, count: int) -> None:
        if disk.used + size > MOST or disk.count + count > MANY:
            raise FileTrouble("No space left on device")
        disk.used += size
        disk.count += count


def _below(path: str, above: str) -> bool:
    return path != above and path.startswith(above.rstrip("/") + "/")


def _measured(node: Node) -> tuple[int, int]:
    if isinstance(node, File):
        return (len(node.data) if isinstance(node.data, bytes) else 0), 1
    found = [_measured(below) for below in node.entries.values()]
    return sum(size for size, _ in found), 1 + sum(count for _, count in found)
