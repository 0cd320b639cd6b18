"""PodSecurity: what a Pod may do under the levels baseline and restricted of the Pod Security Standards."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

import msgspec

from k8stui.core.objects import JsonObject, dicts, dig

PREFIX = "pod-security.kubernetes.io/"
LEVELS = ("privileged", "baseline", "restricted")
_VERSION = re.compile(r"v1\.(0|[1-9]\d*)")
_TEMPLATES: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType(
    {
        ("", "pods"): ("spec",),
        ("", "podtemplates"): ("template", "spec"),
        ("", "replicationcontrollers"): ("spec", "template", "spec"),
        ("apps", "replicasets"): ("spec", "template", "spec"),
        ("apps", "deployments"): ("spec", "template", "spec"),
        ("apps", "statefulsets"): ("spec", "template", "spec"),
        ("apps", "daemonsets"): ("spec", "template", "spec"),
        ("batch", "jobs"): ("spec", "template", "spec"),
        ("batch", "cronjobs"): ("spec", "jobTemplate", "spec", "template", "spec"),
    }
)
_CAPABILITIES = frozenset(
    (
        *("AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE"),
        *("SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"),
    )
)
_SYSCTLS = frozenset(
    (
        *("kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies"),
        *(
            "net.ipv4.ping_group_range",
            "net.ipv4.ip_unprivileged_port_start",
            "net.ipv4.ip_local_reserved_ports",
        ),
        *("net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout", "net.ipv4.tcp_keepalive_intvl"),
        *("net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem"),
    )
)
_SELINUX_TYPES = frozenset(("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"))
_VOLUMES = frozenset(
    (
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "persistentVolumeClaim",
        "projected",
        "secret",
    )
)


class Policy(msgspec.Struct, frozen=True):
    """A level and its version."""

    level: str
    version: str

    def __str__(self) -> str:
        return f"{self.level}:{self.version}"


def policy(labels: Mapping[str, str], mode: str) -> Policy:
    """What a namespace asks for in a mode, ``enforce`` or ``warn``; warn follows enforce unless set."""
    level = labels.get(PREFIX + mode)
    if level is None and mode == "warn":
        return policy(labels, "enforce")
    version = labels.get(f"{PREFIX}{mode}-version", "latest")
    if level not in LEVELS:
        level = "privileged" if level is None else "restricted"
    return Policy(level, version if _VERSION.fullmatch(version) else "latest")


def label_mistakes(labels: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """The labels of a namespace that name no level or version: label, value, and what it must be."""
    for mode in ("enforce", "audit", "warn"):
        label = PREFIX + mode
        level = labels.get(label)
        if level is not None and level not in LEVELS:
            yield label, level, f"must be one of {', '.join(LEVELS)}"
        version = labels.get(f"{label}-version")
        if version not in (None, "latest") and not _VERSION.fullmatch(version or ""):
            yield f"{label}-version", version or "", 'must be "latest" or "v1.x"'


def pod_spec_of(group: str, plural: str, obj: JsonObject) -> JsonObject | None:
    """The spec of the Pods that an object of a kind is or makes; None when it makes none."""
    path = _TEMPLATES.get((group, plural))
    found = None if path is None else dig(obj, *path)
    return found if isinstance(found, dict) else None


class Violation(msgspec.Struct, frozen=True):
    """One control that a Pod violates."""

    reason: str
    detail: str

    def __str__(self) -> str:
        return f"{self.reason} ({self.detail})"


def violations(spec: JsonObject, level: str) -> list[Violation]:
    """What a Pod's spec does that a level does not allow, in the order in which a server tells it."""
    if level == "baseline":
        checks: tuple[_Check, ...] = _BASELINE
    elif level == "restricted":
        checks = _RESTRICTED
    else:
        return []
    return [found for check in checks for found in check(spec)]


_Check = Callable[[JsonObject], Iterator[Violation]]


def _containers(spec: JsonObject) -> Iterator[JsonObject]:
    for key in ("initContainers", "containers", "ephemeralContainers"):
        yield from dicts(spec, key)


def _context(item: JsonObject) -> JsonObject:
    return item.get("securityContext") or {}


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _named(names: Sequence[str], word: str = "container") -> str:
    return f"{word}{'' if len(names) == 1 else 's'} {_quoted(names)}"


def _who(pod: bool, names: Sequence[str], join: str = "and") -> str:
    """The Pod, its containers, or both."""
    parts = (["pod"] if pod else []) + ([_named(names)] if names else [])
    return f" {join} ".join(parts)


def _where(spec: JsonObject, wrong: Callable[[JsonObject], bool]) -> list[str]:
    return [str(item.get("name", "")) for item in _containers(spec) if wrong(item)]


def _app_armor(spec: JsonObject) -> Iterator[Violation]:
    def wrong(item: JsonObject) -> bool:
        return bool(dig(_context(item), "appArmorProfile", "type") == "Unconfined")

    pod, names = wrong(spec), _where(spec, wrong)
    if pod or names:
        yield Violation(
            "forbidden AppArmor profile",
            f'{_who(pod, names)} must not set AppArmor profile type to "Unconfined"',
        )


def _added(spec: JsonObject, allowed: frozenset[str]) -> str:
    found: set[str] = set()
    names = []
    for item in _containers(spec):
        wrong = set(dig(_context(item), "capabilities", "add") or ()) - allowed
        if wrong:
            names.append(str(item.get("name", "")))
            found |= wrong
    if not names:
        return ""
    return f"{_named(names)} must not include {_quoted(sorted(found))} in securityContext.capabilities.add"


def _capabilities(spec: JsonObject) -> Iterator[Violation]:
    if said := _added(spec, _CAPABILITIES):
        yield Violation("non-default capabilities", said)


def _few_capabilities(spec: JsonObject) -> Iterator[Violation]:
    lax = _where(spec, lambda item: "ALL" not in (dig(_context(item), "capabilities", "drop") or ()))
    said = []
    if lax:
        said.append(f'{_named(lax)} must set securityContext.capabilities.drop=["ALL"]')
    if added := _added(spec, frozenset(("NET_BIND_SERVICE",))):
        said.append(added)
    if said:
        yield Violation("unrestricted capabilities", "; ".join(said))


def _host_namespaces(spec: JsonObject) -> Iterator[Violation]:
    found = [f"{key}=true" for key in ("hostNetwork", "hostPID", "hostIPC") if spec.get(key)]
    if found:
        yield Violation("host namespaces", ", ".join(found))


def _host_paths(spec: JsonObject) -> Iterator[Violation]:
    names = [str(volume.get("name", "")) for volume in dicts(spec, "volumes") if "hostPath" in volume]
    if names:
        yield Violation("hostPath volumes", _named(names, "volume"))


def _host_ports(spec: JsonObject) -> Iterator[Violation]:
    ports = {
        port["hostPort"] for i in _containers(spec) for port in dicts(i, "ports") if port.get("hostPort")
    }
    names = _where(spec, lambda item: any(port.get("hostPort") for port in dicts(item, "ports")))
    if ports:
        use = "uses" if len(names) == 1 else "use"
        word = "hostPort" if len(ports) == 1 else "hostPorts"
        listed = ", ".join(sorted(str(port) for port in ports))
        yield Violation("hostPort", f"{_named(names)} {use} {word} {listed}")


def _hosts(item: JsonObject) -> set[str]:
    handlers = [item.get(key) for key in ("livenessProbe", "readinessProbe", "startupProbe")]
    handlers += [dig(item, "lifecycle", key) for key in ("postStart", "preStop")]
    found = (dig(handler, way, "host") for handler in handlers for way in ("httpGet", "tcpSocket"))
    return {str(host) for host in found if host and host not in ("127.0.0.1", "::1")}


def _probe_hosts(spec: JsonObject) -> Iterator[Violation]:
    names = _where(spec, lambda item: bool(_hosts(item)))
    if names:
        hosts = sorted(set().union(*(_hosts(item) for item in _containers(spec))))
        use = "uses" if len(names) == 1 else "use"
        word = "host" if len(hosts) == 1 else "hosts"
        yield Violation(
            "probe or lifecycle host", f"{_named(names)} {use} probe or lifecycle {word} {_quoted(hosts)}"
        )


def _host_process(spec: JsonObject) -> Iterator[Violation]:
    def wrong(item: JsonObject) -> bool:
        return bool(dig(_context(item), "windowsOptions", "hostProcess"))

    pod, names = wrong(spec), _where(spec, wrong)
    if pod or names:
        said = f"{_who(pod, names)} must not set securityContext.windowsOptions.hostProcess=true"
        yield Violation("hostProcess", said)


def _privileged(spec: JsonObject) -> Iterator[Violation]:
    names = _where(spec, lambda item: bool(_context(item).get("privileged")))
    if names:
        yield Violation("privileged", f"{_named(names)} must not set securityContext.privileged=true")


def _all_proc_mounts(spec: JsonObject) -> Iterator[Violation]:
    mounts = {str(_context(item).get("procMount") or "Default") for item in _containers(spec)} - {"Default"}
    names = _where(spec, lambda item: _context(item).get("procMount", "Default") != "Default")
    if names:
        said = f"{_named(names)} must not set securityContext.procMount to {_quoted(sorted(mounts))}"
        yield Violation("procMount", said)


def _proc_mounts(spec: JsonObject) -> Iterator[Violation]:
    """A Pod with users of its own may see all of /proc: it is nobody outside."""
    if spec.get("hostUsers") is not False:
        yield from _all_proc_mounts(spec)


def _selinux(spec: JsonObject) -> Iterator[Violation]:
    found: list[str] = []
    user = role = False

    def wrong(item: JsonObject) -> bool:
        nonlocal user, role
        options = _context(item).get("seLinuxOptions") or {}
        bad = options.get("type", "") not in _SELINUX_TYPES
        if bad and options["type"] not in found:
            found.append(options["type"])
        user = user or bool(options.get("user"))
        role = role or bool(options.get("role"))
        return bad or bool(options.get("user")) or bool(options.get("role"))

    pod, names = wrong(spec), _where(spec, wrong)
    if pod or names:
        said = []
        if found:
            said.append(f"type{'' if len(found) == 1 else 's'} {_quoted(sorted(found))}")
        said += ["user may not be set"] if user else []
        said += ["role may not be set"] if role else []
        detail = f"{_who(pod, names)} set forbidden securityContext.seLinuxOptions: {'; '.join(said)}"
        yield Violation("seLinuxOptions", detail)


def _unconfined(item: JsonObject) -> bool:
    return bool(dig(_context(item), "seccompProfile", "type") == "Unconfined")


def _seccomp(spec: JsonObject) -> Iterator[Violation]:
    pod, names = _unconfined(spec), _where(spec, _unconfined)
    if pod or names:
        said = f'{_who(pod, names)} must not set securityContext.seccompProfile.type to "Unconfined"'
        yield Violation("seccompProfile", said)


def _strict_seccomp(spec: JsonObject) -> Iterator[Violation]:
    if _unconfined(spec) or _where(spec, _unconfined):
        yield from _seccomp(spec)
        return
    good = ("RuntimeDefault", "Localhost")
    if dig(_context(spec), "seccompProfile", "type") in good:
        return
    names = _where(spec, lambda item: dig(_context(item), "seccompProfile", "type") not in good)
    if names:
        said = f'pod or {_named(names)} must set securityContext.seccompProfile.type to "RuntimeDefault" or'
        yield Violation("seccompProfile", f'{said} "Localhost"')


def _sysctls(spec: JsonObject) -> Iterator[Violation]:
    given = (str(each.get("name", "")) for each in dicts(_context(spec), "sysctls"))
    names = sorted({name for name in given if name not in _SYSCTLS})
    if names:
        yield Violation("forbidden sysctls", ", ".join(names))


def _escalation(spec: JsonObject) -> Iterator[Violation]:
    names = _where(spec, lambda item: _context(item).get("allowPrivilegeEscalation") is not False)
    if names:
        said = f"{_named(names)} must set securityContext.allowPrivilegeEscalation=false"
        yield Violation("allowPrivilegeEscalation != false", said)


def _volumes(spec: JsonObject) -> Iterator[Violation]:
    kinds = {
        str(volume.get("name", "")): next((key for key in volume if key != "name"), "emptyDir")
        for volume in dicts(spec, "volumes")
    }
    wrong = {name: kind for name, kind in kinds.items() if kind not in _VOLUMES}
    if wrong:
        use = "uses" if len(wrong) == 1 else "use"
        types = sorted(set(wrong.values()))
        word = "type" if len(types) == 1 else "types"
        detail = f"{_named(list(wrong), 'volume')} {use} restricted volume {word} {_quoted(types)}"
        yield Violation("restricted volume types", detail)


def _non_root(spec: JsonObject) -> Iterator[Violation]:
    if spec.get("hostUsers") is False:
        return
    reason = "runAsNonRoot != true"
    pod = _context(spec).get("runAsNonRoot")
    wrong = _where(spec, lambda item: _context(item).get("runAsNonRoot") is False)
    if pod is False or wrong:
        yield Violation(
            reason, f"{_who(pod is False, wrong)} must not set securityContext.runAsNonRoot=false"
        )
        return
    unset = _where(spec, lambda item: _context(item).get("runAsNonRoot") is None)
    if pod is None and unset:
        yield Violation(reason, f"pod or {_named(unset)} must set securityContext.runAsNonRoot=true")


def _root_user(spec: JsonObject) -> Iterator[Violation]:
    if spec.get("hostUsers") is False:
        return

    def wrong(item: JsonObject) -> bool:
        return _context(item).get("runAsUser") == 0

    pod, names = wrong(spec), _where(spec, wrong)
    if pod or names:
        yield Violation("runAsUser=0", f"{_who(pod, names)} must not set runAsUser=0")


_BASELINE: tuple[_Check, ...] = (
    *(_app_armor, _capabilities, _host_namespaces, _host_paths, _host_ports, _probe_hosts, _host_process),
    *(_privileged, _proc_mounts, _selinux, _seccomp, _sysctls),
)
_RESTRICTED: tuple[_Check, ...] = (
    *(_app_armor, _host_namespaces, _host_ports, _probe_hosts, _host_process, _privileged),
    *(_selinux, _sysctls, _escalation, _few_capabilities, _all_proc_mounts, _volumes, _non_root, _root_user),
    _strict_seccomp,
)
