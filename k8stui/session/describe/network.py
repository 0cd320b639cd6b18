"""Services with their endpoints, Ingresses with their backends, NetworkPolicies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.selectors import of_selector
from k8stui.session.describe.beside import Answer, Beside, listed
from k8stui.session.describe.model import (
    MORE,
    MOST_LINES,
    NONE,
    READING,
    Phrase,
    Piece,
    Section,
    Tone,
    Writer,
    labelled,
    link,
    own_namespace,
    pairs,
    phrase,
    pods_meant,
    quiet,
    string,
    strings,
    strong,
    words,
)

MOST_ADDRESSES = 5
"""Addresses behind a port that stand on its line; all of them are among the endpoints."""

_READY = Text("ready", "準備完了")
_NOT_READY = Text("not ready", "準備未完了")
_ENDING = Text("terminating", "終了中")
_NO_ENDPOINTS = Text(
    "No endpoint: requests to this Service are refused.",
    "エンドポイントがありません。このServiceへのリクエストは拒否されます。",
)
_NO_ADDRESSES = Text(
    "No endpoint: the name of this Service resolves to no address.",
    "エンドポイントがありません。このServiceの名前は、どのアドレスにも解決されません。",
)
_ALL_ELSE = Text("everything", "すべて")
_NO_SERVICE = Text("there is no such Service", "このServiceはありません")
_NO_PORT = Text("the Service has no such port", "Serviceにこのポートがありません")
_SERVICE_NAME = "kubernetes.io/service-name"


def service(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A Service."""
    writer = Writer()
    writer.fact(Text("Type", "タイプ"), dig(obj, "spec", "type"))
    writer.or_none(Text("Selector", "セレクター"), labelled(pairs(obj, "spec", "selector")))
    ips = strings(obj, "spec", "clusterIPs") or [dig(obj, "spec", "clusterIP")]
    writer.fact(Text("Cluster IP", "Cluster IP"), *ips)
    writer.fact(Text("IP families", "IPファミリー"), *strings(obj, "spec", "ipFamilies"))
    writer.fact(Text("Family policy", "IPファミリー方針"), dig(obj, "spec", "ipFamilyPolicy"))
    writer.fact(Text("External IPs", "External IP"), *strings(obj, "spec", "externalIPs"))
    writer.fact(Text("External name", "外部の名前"), dig(obj, "spec", "externalName"))
    writer.fact(Text("Wanted address", "希望するアドレス"), dig(obj, "spec", "loadBalancerIP"))
    writer.fact(Text("Load balancer", "ロードバランサー"), *_ingress_points(obj))
    writer.fact(Text("Balancer class", "ロードバランサークラス"), dig(obj, "spec", "loadBalancerClass"))
    writer.fact(Text("Allowed sources", "許可する送信元"), *strings(obj, "spec", "loadBalancerSourceRanges"))
    writer.fact(Text("Session affinity", "セッションアフィニティ"), dig(obj, "spec", "sessionAffinity"))
    writer.fact(Text("External traffic", "外部トラフィック"), dig(obj, "spec", "externalTrafficPolicy"))
    writer.fact(Text("Internal traffic", "内部トラフィック"), dig(obj, "spec", "internalTrafficPolicy"))
    writer.fact(Text("Traffic spread", "トラフィック分散"), dig(obj, "spec", "trafficDistribution"))
    writer.fact(Text("Health port", "死活監視ポート"), dig(obj, "spec", "healthCheckNodePort"))
    if dig(obj, "spec", "publishNotReadyAddresses") is True:
        told = Text(
            "Pods that are not ready receive requests too.", "準備のできていないPodにもリクエストが届きます。"
        )
        writer.say(Piece(told, Tone.WARN))
    yield from writer.section(Text("Address", "アドレス"))
    ports = Writer()
    head = (
        Text("name", "名前"),
        Text("port", "ポート"),
        Text("to", "転送先"),
        Text("node port", "NodePort"),
        Text("ready endpoints", "準備完了のエンドポイント"),
    )
    ports.grid(head, (_port(port, beside["endpointslices"]) for port in dicts(obj, "spec", "ports")))
    yield from ports.section(Text("Ports", "ポート"))
    if string(obj, "spec", "type") != "ExternalName":
        headless = string(obj, "spec", "clusterIP") == "None"
        none = Piece(_NO_ADDRESSES if headless else _NO_ENDPOINTS, Tone.WARN)
        yield from _endpoints(obj, beside["endpointslices"], none)


def _port(port: JsonObject, answer: Answer | None) -> list[Any]:
    protocol = words(port.get("protocol")).en
    numbers = [
        f"{words(port[field]).en}/{protocol}" if port.get(field) else "–"
        for field in ("port", "targetPort", "nodePort")
    ]
    there: Any = Piece(READING, Tone.BUSY)
    if answer is not None:
        there = _few(addresses(answer.objects, port.get("name"))) or "–"
    return [words(port.get("name")).en or "–", *numbers, there]


def _few(found: Sequence[str]) -> Phrase:
    """The first of many addresses, and how many more there are."""
    told = phrase(", ".join(found[:MOST_ADDRESSES])) if found else ()
    left = len(found) - MOST_ADDRESSES
    return phrase(*told, " ", quiet(MORE.format(count=f"{left:,}"))) if left > 0 else told


def _ingress_points(obj: JsonObject) -> Iterator[Phrase]:
    for point in dicts(obj, "status", "loadBalancer", "ingress"):
        yield phrase(point.get("ip") or point.get("hostname"), quiet(f"  {string(point, 'ipMode')}"))


def addresses(slices: Sequence[JsonObject], port: Any) -> list[str]:
    """The ready addresses behind a port of a Service, as ``ip:port``, each once."""
    found = []
    for one in slices:
        numbers = [p.get("port") for p in dicts(one, "ports") if (p.get("name") or "") == (port or "")]
        for endpoint in dicts(one, "endpoints"):
            if dig(endpoint, "conditions", "ready") is not False:
                found += [f"{host(a)}:{words(n).en}" for a in strings(endpoint, "addresses") for n in numbers]
    return list(dict.fromkeys(found))


def host(address: str) -> str:
    """An address as it stands before a port."""
    clean = words(address).en
    return f"[{clean}]" if ":" in clean else clean


def _endpoints(obj: JsonObject, answer: Answer | None, none: Text | Piece) -> Iterator[Section]:
    """Where requests go, and whether they may; ``none`` when there is nowhere."""
    writer = Writer()
    slices = listed(writer, answer, None)
    found = [(one, endpoint) for one in slices for endpoint in dicts(one, "endpoints")]
    rows = (_endpoint(endpoint, one, own_namespace(obj)) for one, endpoint in found[:MOST_LINES])
    head = (Text("address", "アドレス"), Text("state", "状態"), Text("Pod", "Pod"), Text("node", "ノード"))
    writer.grid(head, rows, count=len(found))
    if not found and answer is not None and answer.denied is None:
        writer.say(none)
    yield from writer.section(Text("Endpoints", "エンドポイント"))


def endpoint_slice(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """An EndpointSlice: whose addresses it holds, and which of them are ready."""
    writer = Writer()
    name = string(obj, "metadata", "labels", _SERVICE_NAME)
    writer.fact(Text("Service", "Service"), link("Service", name, own_namespace(obj)) if name else None)
    writer.fact(Text("Address type", "アドレスの種類"), obj.get("addressType"))
    ports = (
        phrase(
            f"{words(port.get('port')).en}/{words(port.get('protocol')).en}",
            "  ",
            quiet(port.get("name")),
            "  ",
            quiet(port.get("appProtocol")),
        )
        for port in dicts(obj, "ports")
    )
    writer.fact(Text("Ports", "ポート"), *ports)
    yield from writer.section(Text("Slice", "スライス"))
    yield from _endpoints(obj, Answer((obj,)), quiet(NONE))


def _endpoint(endpoint: JsonObject, one: JsonObject, namespace: str) -> list[Phrase]:
    if dig(endpoint, "conditions", "terminating") is True:
        state = phrase(Piece(Text.same("◌ "), Tone.BUSY), Piece(_ENDING, Tone.BUSY))
    elif dig(endpoint, "conditions", "ready") is False:
        state = phrase(Piece(Text.same("! "), Tone.WARN), Piece(_NOT_READY, Tone.WARN))
    else:
        state = phrase(Piece(Text.same("● "), Tone.GOOD), _READY)
    numbers = ",".join(words(port.get("port")).en for port in dicts(one, "ports"))
    where = ", ".join(f"{host(address)}:{numbers}" for address in strings(endpoint, "addresses"))
    kind, name = string(endpoint, "targetRef", "kind"), string(endpoint, "targetRef", "name")
    return [
        phrase(where),
        state,
        phrase(link(kind, name, namespace)) if name else phrase("–"),
        phrase(endpoint.get("nodeName")),
    ]


def ingress(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """An Ingress: who comes in where, and what stands behind it."""
    writer = Writer()
    cls = dig(obj, "spec", "ingressClassName")
    writer.fact(Text("Class", "クラス"), link("IngressClass", cls, "", "networking.k8s.io") if cls else None)
    writer.fact(Text("Address", "アドレス"), *_ingress_points(obj))
    space = own_namespace(obj)
    for tls in dicts(obj, "spec", "tls"):
        hosts = ", ".join(words(one).en for one in strings(tls, "hosts")) or "*"
        writer.fact(
            Text("TLS", "TLS"),
            phrase(hosts, quiet("  ← Secret "), link("Secret", tls.get("secretName"), space)),
        )
    default = dig(obj, "spec", "defaultBackend")
    writer.fact(
        Text("Default backend", "既定のバックエンド"), _backend(default, space, beside) if default else None
    )
    yield from writer.section(Text("Entrance", "入口"))
    rules = Writer()
    rows = []
    for rule in dicts(obj, "spec", "rules"):
        # A host without paths is the default backend's.
        for path in list(dicts(rule, "http", "paths")) or [{"backend": default}]:
            where = phrase(strong(rule.get("host") or "*"), path.get("path") or "/")
            rows.append([where, quiet(path.get("pathType")), _backend(path.get("backend"), space, beside)])
    head = (Text("host and path", "ホストとパス"), Text("match", "一致"), Text("backend", "バックエンド"))
    rules.grid(head, rows or [[strong("*"), quiet(_ALL_ELSE), _backend(default, space, beside)]])
    yield from rules.section(Text("Rules", "ルール"))


def _backend(backend: Any, namespace: str, beside: Beside) -> Phrase:
    if isinstance(dig(backend, "resource"), dict):
        kind, name = string(backend, "resource", "kind"), dig(backend, "resource", "name")
        group = string(backend, "resource", "apiGroup")
        return phrase(f"{words(kind).en} ", link(kind, name, namespace, group))
    name = string(backend, "service", "name")
    port = dig(backend, "service", "port", "number") or dig(backend, "service", "port", "name")
    if not name:
        return phrase(quiet(NONE))
    parts: list[Any] = [link("Service", name, namespace), f":{words(port).en}", "  "]
    services, slices = beside["services"], beside["endpointslices"]
    if services is None or slices is None:
        return phrase(*parts, Piece(READING, Tone.BUSY))
    if services.denied or slices.denied:
        return phrase(*parts, quiet(services.denied or slices.denied))
    found = next((one for one in services.objects if dig(one, "metadata", "name") == name), None)
    if found is None:
        return phrase(*parts, *([] if services.partial else [Piece(_NO_SERVICE, Tone.BAD)]))
    meant = next((p for p in dicts(found, "spec", "ports") if port in (p.get("port"), p.get("name"))), None)
    if meant is None:
        return phrase(*parts, Piece(_NO_PORT, Tone.BAD))
    own = [one for one in slices.objects if dig(one, "metadata", "labels", _SERVICE_NAME) == name]
    there = addresses(own, meant.get("name"))
    return phrase(*parts, "(", _few(there), ")") if there else phrase(*parts, Piece(_NO_ENDPOINTS, Tone.WARN))


_ALLOWED = Text("Only what is named here may come in.", "ここに挙げた通信だけが入れます。")
_LET_OUT = Text("Only what is named here may go out.", "ここに挙げた通信だけが出られます。")
_NOTHING_IN = Text("Nothing may come in.", "何も入れません。")
_NOTHING_OUT = Text("Nothing may go out.", "何も出られません。")
_FREE_IN = Text("This policy leaves incoming traffic alone.", "受信は制限しません。")
_FREE_OUT = Text("This policy leaves outgoing traffic alone.", "送信は制限しません。")
_ANY_PORT = Text("any port", "すべてのポート")
_ANYWHERE = Text("anywhere", "すべての相手")
_PORTS = Text("ports ", "ポート ")
_FROM = Text("from ", "送信元 ")
_TO = Text("to ", "宛先 ")
_PODS = Text("Pods with {labels}", "{labels}のPod")
_SPACES = Text("namespaces with {labels}", "{labels}のNamespace")
_ALL = Text("any labels", "任意のラベル")
_EXCEPT = Text("  except {blocks}", "  {blocks}を除く")


def network_policy(obj: JsonObject, beside: Beside, now: float) -> Iterator[Section]:
    """A NetworkPolicy: for which Pods, and what may come in and go out."""
    writer = Writer()
    # Without a selector a policy is for all, as it is with an empty one.
    writer.fact(Text("For Pods", "対象のPod"), pods_meant(dig(obj, "spec", "podSelector") or {}))
    types = strings(obj, "spec", "policyTypes")
    types = types or ["Ingress", *(["Egress"] if dig(obj, "spec", "egress") else [])]
    writer.fact(Text("Policy types", "制限する向き"), ", ".join(types))
    yield from writer.section(Text("Reach", "範囲"))
    for name, peers, title, free, nothing, only, side in (
        ("Ingress", "from", Text("Incoming", "受信（Ingress）"), _FREE_IN, _NOTHING_IN, _ALLOWED, _FROM),
        ("Egress", "to", Text("Outgoing", "送信（Egress）"), _FREE_OUT, _NOTHING_OUT, _LET_OUT, _TO),
    ):
        rules = list(dicts(obj, "spec", name.lower()))
        writer = Writer()
        if name not in types:
            writer.say(quiet(free))
        else:
            writer.say(only if rules else Piece(nothing, Tone.WARN))
            for rule in rules:
                _rule(writer, rule, peers, side)
        yield from writer.section(title)


def _rule(writer: Writer, rule: JsonObject, peers: str, side: Text) -> None:
    ports = [_policy_port(port) for port in dicts(rule, "ports")]
    writer.say("• ", quiet(_PORTS), *([", ".join(ports)] if ports else [_ANY_PORT]))
    inner = writer.deeper()
    found = list(dicts(rule, peers))
    for peer in found:
        inner.say(quiet(side), *_peer(peer))
    if not found:
        inner.say(quiet(side), _ANYWHERE)


def _policy_port(port: JsonObject) -> str:
    number = words(port.get("port")).en or "*"
    end = f"-{words(port['endPort']).en}" if port.get("endPort") else ""
    return f"{number}{end}/{string(port, 'protocol') or 'TCP'}"


def _peer(peer: JsonObject) -> Iterator[Any]:
    if isinstance(peer.get("ipBlock"), dict):
        yield phrase(dig(peer, "ipBlock", "cidr"))
        left_out = strings(peer, "ipBlock", "except")
        if left_out:
            yield _EXCEPT.format(blocks=words(", ".join(left_out)))
        return
    spaces, pods = peer.get("namespaceSelector"), peer.get("podSelector")
    parts = [
        told.format(labels=words(of_selector(found)) if of_selector(found) else _ALL)
        for told, found in ((_PODS, pods), (_SPACES, spaces))
        if isinstance(found, dict)
    ]
    for at, part in enumerate(parts):
        yield quiet(" / ") if at else ""
        yield part
