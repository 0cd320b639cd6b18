"""Containers: state, probes, resources against use, environment, mounts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.session.describe.model import (
    NEARLY,
    Phrase,
    Piece,
    Tone,
    Writer,
    joined,
    labelled,
    leaves,
    link,
    moment,
    number,
    own_namespace,
    pairs,
    phrase,
    quiet,
    string,
    strings,
    strong,
    words,
)
from k8stui.session.describe.quantities import amount, share, written

LISTS = (
    ("initContainers", "initContainerStatuses", Text("Init containers", "initコンテナ")),
    ("containers", "containerStatuses", Text("Containers", "コンテナ")),
    (
        "ephemeralContainers",
        "ephemeralContainerStatuses",
        Text("Ephemeral containers", "エフェメラルコンテナ"),
    ),
)
"""Field of the spec, field of the status, title: in the order in which they start."""

_EXIT_SIGNAL = Text("signal {signal}", "シグナル{signal}")
_EXIT_CODE = Text("exit code {code}", "終了コード{code}")
_STARTED = Text("started {time}", "{time}に開始")
_FINISHED = Text("finished {time}", "{time}に終了")
_USUAL = ("PodInitializing", "ContainerCreating")
"""Why containers wait when nothing is wrong."""
_RUNNING = Text("running", "実行中")
_WAITING = Text("waiting", "待機中")
_TERMINATED = Text("terminated", "終了")
_READY = Text("ready", "準備完了")
_NOT_READY = Text("not ready", "準備未完了")
_RESTARTS = Text("{count} restarts", "再起動{count}回")
_ONE_RESTART = Text("1 restart", "再起動1回")
_SIDECAR = Text("sidecar: runs beside the containers", "サイドカー（コンテナと並んで動作）")
_PROBE = Text(
    "after {delay}s, every {period}s, timeout {timeout}s, {success} success, {failure} failures",
    "開始後{delay}秒から{period}秒ごと、タイムアウト{timeout}秒、成功{success}回・失敗{failure}回",
)
_FROM_KEY = Text("key {key} of {kind} ", "{kind}のキー{key}: ")
_ALL_OF = Text("all keys of {kind} ", "{kind}の全キー: ")
_OPTIONAL = Text("  (optional)", "（省略可）")
_PREFIXED = Text("  with the prefix {prefix}", "（接頭辞{prefix}）")
_READ_ONLY = Text("read only", "読み取り専用")
_SUB_PATH = Text("path {path}", "パス{path}")


def containers(
    writer: Writer,
    pod: JsonObject,
    field: str,
    statuses: Mapping[str, JsonObject],
    usage: Mapping[str, JsonObject] | None,
    now: float,
) -> None:
    """Describe the containers of one list of a Pod's spec, or of a template's.

    Args:
        writer: takes the blocks.
        pod: has ``spec``; a template's own ``template`` does as well.
        field: which list of the spec.
        statuses: the container statuses by name; empty for a template.
        usage: use by container name; None when it is not known.
        now: seconds since the epoch.
    """
    for container in dicts(pod, "spec", field):
        name = string(container, "name")
        status = statuses.get(name)
        writer.say(*_head(container, status))
        inner = writer.deeper()
        if status is not None:
            _status(inner, status, now)
        _image(inner, container, status)
        inner.fact(Text("Ports", "ポート"), *(_port(port) for port in dicts(container, "ports")))
        inner.fact(Text("Command", "コマンド"), *strings(container, "command"))
        inner.fact(Text("Args", "引数"), *strings(container, "args"))
        used = usage.get(name) if usage is not None else None
        _resources(inner, container, used, measured=bool(statuses))
        for probe, title in _PROBES:
            if isinstance(container.get(probe), dict):
                inner.fact(title, _probe(container[probe]))
        for hook, title in _HOOKS:
            if isinstance(dig(container, "lifecycle", hook), dict):
                inner.fact(title, _action(dig(container, "lifecycle", hook)))
        _environment(inner, container, own_namespace(pod))
        _mounts(inner, container)
        security(inner, container)


_PROBES = (
    ("startupProbe", Text("Startup probe", "Startup Probe")),
    ("livenessProbe", Text("Liveness probe", "Liveness Probe")),
    ("readinessProbe", Text("Readiness probe", "Readiness Probe")),
)
_HOOKS = (
    ("postStart", Text("After start", "開始後の処理")),
    ("preStop", Text("Before stop", "停止前の処理")),
)


def _head(container: JsonObject, status: JsonObject | None) -> Iterator[Any]:
    if status is not None:
        yield _mark(status)
    yield strong(container.get("name"))
    if container.get("restartPolicy") == "Always":
        yield phrase("  ", quiet(_SIDECAR))


def _mark(status: JsonObject) -> Piece:
    # Without any state a container waits.
    if isinstance(dig(status, "state", "waiting"), dict) or not status.get("state"):
        return Piece(Text.same("◌ "), Tone.BUSY)
    ended = dig(status, "state", "terminated")
    if isinstance(ended, dict):
        good = ended.get("exitCode") == 0
        return Piece(Text.same("○ " if good else "✖ "), Tone.QUIET if good else Tone.BAD)
    if status.get("ready") is True:
        return Piece(Text.same("● "), Tone.GOOD)
    return Piece(Text.same("! "), Tone.WARN)


def _status(writer: Writer, status: JsonObject, now: float) -> None:
    writer.fact(Text("State", "状態"), *_state(status.get("state"), now))
    writer.fact(Text("Last state", "前回の状態"), *_state(status.get("lastState"), now))
    ready = status.get("ready") is True
    done = dig(status, "state", "terminated", "exitCode") == 0
    restarts = number(status, "restartCount")
    told = _ONE_RESTART if restarts == 1 else _RESTARTS.format(count=restarts)
    writer.fact(
        Text("Ready", "準備"),
        phrase(
            Piece(
                _READY if ready else _NOT_READY, Tone.PLAIN if ready else Tone.QUIET if done else Tone.WARN
            ),
            "  ",
            Piece(told, Tone.WARN if restarts else Tone.QUIET),
        ),
    )
    allocated = labelled(pairs(status, "allocatedResources"), " ")
    writer.fact(Text("Allocated", "割り当て済み"), joined(allocated) or None)


def _state(state: Any, now: float) -> Iterator[Phrase]:
    """The state, and below it what the runtime says."""
    for name, said, tone in (
        ("running", _RUNNING, Tone.GOOD),
        ("waiting", _WAITING, Tone.BUSY),
        ("terminated", _TERMINATED, Tone.QUIET),
    ):
        found = dig(state, name)
        if not isinstance(found, dict):
            continue
        if name == "terminated" and found.get("exitCode") != 0:
            tone = Tone.BAD
        parts: list[Any] = [Piece(said, tone)]
        if found.get("reason"):
            bad = name == "waiting" and found["reason"] not in _USUAL
            parts.append(phrase("  ", Piece(words(found["reason"]), Tone.BAD if bad else Tone.STRONG)))
        if name == "terminated":
            parts.append(phrase("  ", _EXIT_CODE.format(code=words(found.get("exitCode")))))
        if found.get("signal"):
            parts.append(phrase("  ", _EXIT_SIGNAL.format(signal=words(found["signal"]))))
        started = moment(found.get("startedAt"), now)
        ended = moment(found.get("finishedAt"), now)
        if started is not None:
            parts.append(phrase("  ", quiet(_STARTED.format(time=started))))
        yield phrase(*parts)
        if ended is not None:
            yield phrase(quiet(_FINISHED.format(time=ended)))
        if found.get("message"):
            yield phrase(found["message"])


def _image(writer: Writer, container: JsonObject, status: JsonObject | None) -> None:
    pulled, run = dig(status, "imageID"), dig(status, "containerID")
    writer.fact(Text("Image", "イメージ"), container.get("image"))
    writer.fact(Text("Pulled", "取得した版"), quiet(pulled) if pulled else None)
    writer.fact(Text("Container ID", "コンテナID"), quiet(run) if run else None)
    writer.fact(Text("Pull policy", "取得方針"), container.get("imagePullPolicy"))


def _port(port: JsonObject) -> Phrase:
    protocol = port.get("protocol") or "TCP"
    parts = [phrase(port.get("containerPort"), "/", protocol)]
    if port.get("name"):
        parts.append(phrase("  ", quiet(port["name"])))
    if port.get("hostPort"):
        parts.append(phrase(Text("  host port ", "  ホストのポート "), port["hostPort"], "/", protocol))
    return phrase(*parts)


_USE = Text("use", "使用量")
_REQUEST = Text("request", "要求")
_LIMIT = Text("limit", "上限")


def _resources(writer: Writer, container: JsonObject, used: JsonObject | None, *, measured: bool) -> None:
    """Requests and limits, and beside them the use, where there can be one."""
    asked = dict(pairs(container, "resources", "requests"))
    limits = dict(pairs(container, "resources", "limits"))
    use = dict(pairs(used, "usage"))
    rows = []
    for name in dict.fromkeys([*asked, *limits, *use]):
        row = [phrase(name)]
        if measured:
            row.append(_use(name, use.get(name), limits.get(name) or asked.get(name)))
        rows.append([*row, phrase(asked.get(name, "–")), phrase(limits.get(name, "–"))])
    head = [Text("", ""), *([_USE] if measured else []), _REQUEST, _LIMIT]
    writer.grid(head, rows, label=Text("Resources", "リソース"))


def _use(name: str, used: Any, most: Any) -> Phrase:
    found = amount(used)
    if found is None:
        return phrase(quiet("n/a" if name in ("cpu", "memory") else "–"))
    part = share(used, most)
    if part is None:
        return phrase(written(found, name))
    tone = Tone.BAD if part >= 1 else Tone.WARN if part >= NEARLY else Tone.QUIET
    return phrase(written(found, name), "  ", Piece(Text.same(f"{part:.0%}"), tone))


def _probe(probe: JsonObject) -> Phrase:
    told = _PROBE.format(
        delay=number(probe, "initialDelaySeconds"),
        period=number(probe, "periodSeconds"),
        timeout=number(probe, "timeoutSeconds"),
        success=number(probe, "successThreshold"),
        failure=number(probe, "failureThreshold"),
    )
    return phrase(*_action(probe), "  ", told)


def _action(action: Any) -> Phrase:
    """What a probe or a hook does."""
    if isinstance(dig(action, "exec"), dict):
        return phrase("exec ", " ".join(strings(action, "exec", "command")))
    http = dig(action, "httpGet")
    if isinstance(http, dict):
        scheme = (string(http, "scheme") or "HTTP").lower()
        where = f"{scheme}://{string(http, 'host')}:{words(http.get('port')).en}"
        path = string(http, "path")
        headers = "".join(f"  {string(h, 'name')}: {string(h, 'value')}" for h in dicts(http, "httpHeaders"))
        return phrase(f"HTTP GET {where}{path if path.startswith('/') else '/' + path}{headers}")
    if isinstance(dig(action, "tcpSocket"), dict):
        port = words(dig(action, "tcpSocket", "port")).en
        return phrase(f"TCP {string(action, 'tcpSocket', 'host')}:{port}")
    if isinstance(dig(action, "grpc"), dict):
        port, service = words(dig(action, "grpc", "port")).en, string(action, "grpc", "service")
        return phrase(f"gRPC :{port} {service}".rstrip())
    if isinstance(dig(action, "sleep"), dict):
        return phrase(f"sleep {words(dig(action, 'sleep', 'seconds')).en}s")
    return phrase("?")


def _environment(writer: Writer, container: JsonObject, namespace: str) -> None:
    sources = []
    for source in dicts(container, "envFrom"):
        for kind, field in (("ConfigMap", "configMapRef"), ("Secret", "secretRef")):
            ref = source.get(field)
            if isinstance(ref, dict):
                parts = [_ALL_OF.format(kind=kind), link(kind, ref.get("name"), namespace)]
                if source.get("prefix"):
                    parts.append(quiet(_PREFIXED.format(prefix=words(source["prefix"]))))
                if ref.get("optional") is True:
                    parts.append(quiet(_OPTIONAL))
                sources.append(phrase(*parts))
    writer.fact(Text("Environment from", "環境変数の取得元"), *sources)
    writer.fact(
        Text("Environment", "環境変数"),
        *(_variable(one, container, namespace) for one in dicts(container, "env")),
    )


def _variable(variable: JsonObject, container: JsonObject, namespace: str) -> Phrase:
    name = phrase(strong(variable.get("name")), quiet(" = "))
    source = variable.get("valueFrom")
    for kind, field in (("ConfigMap", "configMapKeyRef"), ("Secret", "secretKeyRef")):
        ref = dig(source, field)
        if isinstance(ref, dict):
            told = quiet(_FROM_KEY.format(key=words(ref.get("key")), kind=kind))
            optional = [quiet(_OPTIONAL)] if ref.get("optional") is True else []
            return phrase(*name, told, link(kind, ref.get("name"), namespace), *optional)
    if isinstance(dig(source, "fieldRef"), dict):
        path, version = dig(source, "fieldRef", "fieldPath"), string(source, "fieldRef", "apiVersion")
        return phrase(*name, quiet(f"({version}:" if version else "("), path, quiet(")"))
    if isinstance(dig(source, "resourceFieldRef"), dict):
        return phrase(*name, *_resource_field(dig(source, "resourceFieldRef"), container))
    if isinstance(source, dict) and source:
        return phrase(*name, quiet(source))
    return phrase(*name, variable.get("value"))


def _resource_field(ref: JsonObject, container: JsonObject) -> Iterator[Any]:
    """A request or limit, and the number that the container is given for it."""
    of, path = string(ref, "containerName"), string(ref, "resource")
    other = of and of != string(container, "name")
    if not other:
        found = amount(dig(container, "resources", *path.split(".", 1)))
        unit = amount(ref.get("divisor")) or 1.0
        if found is not None and unit > 0:
            yield phrase(f"{ceil(min(found / unit, 2**63))}  ")
    yield quiet(f"({of}: {path})" if other else f"({path})")


def _mount(mount: JsonObject) -> Phrase:
    parts = [phrase(strong(mount.get("mountPath")), quiet(" ← "), mount.get("name"))]
    if mount.get("subPath") or mount.get("subPathExpr"):
        parts.append(
            phrase("  ", quiet(_SUB_PATH.format(path=words(mount.get("subPath") or mount["subPathExpr"]))))
        )
    parts.append(phrase("  ", quiet(_READ_ONLY) if mount.get("readOnly") is True else quiet("rw")))
    return phrase(*parts)


def _mounts(writer: Writer, container: JsonObject) -> None:
    writer.fact(Text("Mounts", "マウント"), *(_mount(mount) for mount in dicts(container, "volumeMounts")))
    devices = (
        phrase(one.get("devicePath"), " ← ", one.get("name")) for one in dicts(container, "volumeDevices")
    )
    writer.fact(Text("Devices", "デバイス"), *devices)


def security(writer: Writer, holder: JsonObject) -> None:
    """The security context of a container or of a Pod's spec."""
    context = labelled(leaves(holder.get("securityContext")), ": ")
    writer.fact(Text("Security context", "セキュリティコンテキスト"), *context)


def total(pod: JsonObject, what: str, resource: str) -> float:
    """What a Pod asks for in all, as the scheduler counts it (bytes, cores, pieces).

    The largest init container counts when it asks for more than all that run together; sidecars run too.
    """
    whole = amount(dig(pod, "spec", "resources", what, resource))
    if whole is not None:
        return whole + _overhead(pod, resource)
    running = sum(_amount(one, what, resource) for one in dicts(pod, "spec", "containers"))
    peak = sidecars = 0.0
    for one in dicts(pod, "spec", "initContainers"):
        asked = _amount(one, what, resource)
        if one.get("restartPolicy") == "Always":
            sidecars += asked
            peak = max(peak, sidecars)
        else:
            peak = max(peak, sidecars + asked)
    return max(running + sidecars, peak) + _overhead(pod, resource)


def _amount(container: JsonObject, what: str, resource: str) -> float:
    return amount(dig(container, "resources", what, resource)) or 0.0


def _overhead(pod: JsonObject, resource: str) -> float:
    return amount(dig(pod, "spec", "overhead", resource)) or 0.0
