"""What is mounted in a container: its image, what the kubelet writes, and the Pod's volumes."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.units import parse_quantity
from k8stui.practice.inside import environment, names
from k8stui.practice.inside.families import worded
from k8stui.practice.inside.files import Disk, File, Folder, Mount, Node, tree

if TYPE_CHECKING:
    from k8stui.practice.inside.box import Box

_FOLDERS = (
    "dev home lib media mnt opt proc root run sbin srv sys tmp "
    "usr/bin usr/local/bin var/cache var/log var/tmp"
)
_SYSTEMS = {
    "debian": 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nVERSION_ID="13"\nID=debian\n',
    "alpine": 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.22.2\nPRETTY_NAME="Alpine Linux v3.22"\n',
    "busybox": "",
}
_TOKENS = "/var/run/secrets/kubernetes.io/serviceaccount"


def mounts(box: Box) -> list[Mount]:
    """Everything that is mounted in a container, the root first."""
    root = box.insides.disk(
        ("root", box.run.pod["metadata"]["uid"], box.run.name, box.run.key), lambda: _image(box)
    )
    read_only = bool(dig(box.run.spec, "securityContext", "readOnlyRootFilesystem"))
    found = [Mount("/", lambda: root.root, "overlay", "overlay", read_only, root)]
    found.append(Mount("/proc", lambda: _proc(box), "proc", "proc", read_only=True))
    found.append(Mount("/sys/fs/cgroup", lambda: _cgroup(box), "cgroup", "cgroup2", read_only=True))
    for path, make in (("/etc/hosts", _hosts), ("/etc/hostname", _hostname), ("/etc/resolv.conf", _resolv)):
        found.append(Mount(path, _file(box, make), "/dev/vda1", "ext4", read_only=True))
    volumes = {str(each.get("name")): each for each in dicts(box.run.pod, "spec", "volumes")}
    paths = set()
    for mount in dicts(box.run.spec, "volumeMounts"):
        volume = volumes.get(str(mount.get("name")))
        path = posixpath.normpath("/" + str(mount.get("mountPath", "")).lstrip("/"))
        if volume is not None and path != "/":
            found.append(_mounted(box, volume, mount, path))
            paths.add(path)
    wanted = dig(box.run.pod, "spec", "automountServiceAccountToken") is not False
    if wanted and _TOKENS not in paths:
        found.append(Mount(_TOKENS, lambda: _token(box), "tmpfs", "tmpfs", read_only=True))
    return found


def _image(box: Box) -> Disk:
    from k8stui.practice.inside.commands import NAMES

    born = box.run.started
    files = {
        path: File(worded(text, box.run.image).encode(), 0o644, born)
        for path, text in box.family.files.items()
    }
    files["/etc/passwd"] = File(_passwd(box).encode(), 0o644, born)
    files["/etc/group"] = File(b"root:x:0:\nnogroup:x:65534:\n", 0o644, born)
    if box.family.shell:
        files |= {f"/bin/{name}": File(b"", 0o755, born) for name in NAMES}
        if _SYSTEMS[box.family.os]:
            files["/etc/os-release"] = File(_SYSTEMS[box.family.os].encode(), 0o644, born)
    root = tree(files)
    for path in [*_FOLDERS.split(), box.family.workdir, box.family.root]:
        here = root
        for part in path.split("/"):
            if part:
                below = here.entries.setdefault(part, Folder(at=born))
                here = below if isinstance(below, Folder) else here
    return Disk(root)


def _passwd(box: Box) -> str:
    shell = "/bin/bash" if box.family.os == "debian" else "/bin/sh"
    lines = [f"root:x:0:0:root:/root:{shell}", "nobody:x:65534:65534:nobody:/:/sbin/nologin"]
    if box.user_name and box.user not in (0, 65534):
        lines.append(f"{box.user_name}:x:{box.user}:{box.group}:{box.user_name}:/:/sbin/nologin")
    return "\n".join(lines) + "\n"


def _file(box: Box, make: Callable[[Box], str]) -> Callable[[], Node]:
    return lambda: File(make(box).encode(), 0o644, box.run.started)


def _hosts(box: Box) -> str:
    lines = [
        "# Kubernetes-managed hosts file.",
        "127.0.0.1\tlocalhost",
        "::1\tlocalhost ip6-localhost ip6-loopback",
    ]
    domain = dig(box.run.pod, "spec", "subdomain")
    full = (
        f"{box.host}.{domain}.{box.run.pod['metadata']['namespace']}.svc.{names.DOMAIN}\t" if domain else ""
    )
    lines.append(f"{box.address}\t{full}{box.host}")
    aliases = list(dicts(box.run.pod, "spec", "hostAliases"))
    if aliases:
        lines += ["", "# Entries added by HostAliases."]
        lines += ["\t".join((str(each.get("ip")), *(each.get("hostnames") or ()))) for each in aliases]
    return "\n".join(lines) + "\n"


def _hostname(box: Box) -> str:
    return box.host + "\n"


def _resolv(box: Box) -> str:
    return names.resolver(box.insides.store, box.run.pod).text


def _proc(box: Box) -> Folder:
    now, started = box.insides.clock(), box.run.started
    files = {
        "uptime": f"{now - started:.2f} {now - started:.2f}\n",
        "loadavg": "0.42 0.37 0.31 1/312 77\n",
        "version": "Linux version 6.12.48 (practice) #1 SMP PREEMPT_DYNAMIC\n",
        "cpuinfo": "".join(f"processor\t: {n}\nmodel name\t: Practice CPU\n\n" for n in range(4)),
        "meminfo": "MemTotal:       16384000 kB\nMemFree:         6144000 kB\nMemAvailable:    9216000 kB\n",
    }
    for number, words in box.processes():
        files[f"{number}/cmdline"] = words.replace(" ", "\0") + "\0"
        files[f"{number}/comm"] = posixpath.basename(words.split()[0].rstrip(":")) + "\n" if words else "\n"
        files[f"{number}/status"] = f"Name:\t{words.split(' ')[0]}\nPid:\t{number}\nUid:\t{box.user}\n"
    files["1/environ"] = "".join(f"{key}={value}\0" for key, value in box.variables.items())
    return tree({path: File(text.encode(), 0o444, now) for path, text in files.items()})


def _cgroup(box: Box) -> Folder:
    limits = dig(box.run.spec, "resources", "limits") or {}
    memory, cpu = parse_quantity(str(limits.get("memory", ""))), parse_quantity(str(limits.get("cpu", "")))
    files = {
        "memory.max": "max" if memory is None else str(int(memory)),
        "cpu.max": f"{'max' if cpu is None else int(cpu * 100_000)} 100000",
        "cgroup.controllers": "cpuset cpu io memory hugetlb pids",
    }
    return tree({name: File(f"{text}\n".encode(), 0o444, box.run.started) for name, text in files.items()})


def _token(box: Box) -> Folder:
    namespace = box.run.pod["metadata"]["namespace"]
    account = dig(box.run.pod, "spec", "serviceAccountName") or "default"
    return tree(
        {
            "token": File(f"practice.{namespace}.{account}".encode(), 0o644, box.run.started),
            "namespace": File(namespace.encode(), 0o644, box.run.started),
            "ca.crt": File(_authority(box), 0o644, box.run.started),
        }
    )


def _authority(box: Box) -> bytes:
    found = box.insides.store.find(
        environment.CONFIG_MAPS, box.run.pod["metadata"]["namespace"], "kube-root-ca.crt"
    )
    return environment.of_config_map(found).get("ca.crt", b"")


def _mounted(box: Box, volume: JsonObject, mount: JsonObject, path: str) -> Mount:
    metadata = box.run.pod["metadata"]
    sub = posixpath.normpath(str(mount.get("subPath") or "")).strip("/.")
    read_only = bool(mount.get("readOnly"))
    key: tuple[str, ...] = ("volume", metadata["uid"], str(volume["name"]))
    claim = dig(volume, "persistentVolumeClaim", "claimName")
    device, kind = "/dev/vda1", "ext4"
    if claim:
        key, device = ("claim", metadata["namespace"], str(claim)), "/dev/vdb"
    elif "hostPath" in volume:
        host = str(dig(volume, "hostPath", "path") or "/")
        key = ("host", str(dig(box.run.pod, "spec", "nodeName") or ""), host)
    elif "emptyDir" not in volume and "ephemeral" not in volume:
        return Mount(path, lambda: _below(_given(box, volume), sub), "tmpfs", "tmpfs", read_only=True)
    elif dig(volume, "emptyDir", "medium") == "Memory":
        device, kind = "tmpfs", "tmpfs"
    disk = box.insides.disk(key, Disk)
    return Mount(path, lambda: _below(disk.root, sub), device, kind, read_only, disk)


def _below(node: Node, sub: str) -> Node:
    """What is at a path below, made as a folder when it is not there."""
    for part in sub.split("/"):
        if part and isinstance(node, Folder):
            node = node.entries.setdefault(part, Folder())
    return node


def _given(box: Box, volume: JsonObject) -> Folder:
    """The files of a ConfigMap, a Secret, the downward API, or several of them in one folder."""
    files: dict[str, File] = {}
    sources = [each for each in dicts(volume, "projected", "sources")] or [volume]
    for source in sources:
        for name, data in _contents(box, source):
            files[name] = File(data, 0o644, box.run.started)
    return tree(files)


def _contents(box: Box, source: JsonObject) -> Iterator[tuple[str, bytes]]:
    pod, store = box.run.pod, box.insides.store
    if "serviceAccountToken" in source:
        name = str(source["serviceAccountToken"].get("path") or "token")
        yield name, f"practice.{pod['metadata']['namespace']}".encode()
    for item in dicts(source, "downwardAPI", "items"):
        if "fieldRef" in item:
            text = environment.field_value(pod, str(item["fieldRef"].get("fieldPath", "")))
        else:
            text = environment.resource_value(store, pod, box.run.spec, item.get("resourceFieldRef") or {})
        yield str(item.get("path", "")), text.encode()
    data = environment.data_of(store, pod, source)
    items = dig(source, "configMap", "items") or dig(source, "secret", "items")
    if items:
        chosen = {str(item.get("key")): str(item.get("path")) for item in items}
        data = {chosen[key]: value for key, value in data.items() if key in chosen}
    yield from data.items()
