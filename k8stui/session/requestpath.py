"""Following a request: from an Ingress or a Service to the container that answers it, and where it breaks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any

from k8stui.core import selectors
from k8stui.core.errors import ExplorerError
from k8stui.core.kinds import ResourceKind
from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject, dicts, dig
from k8stui.core.refs import ObjectRef, Scope
from k8stui.core.text import clean
from k8stui.session.mentions import backends
from k8stui.session.wellbeing import is_ready

if TYPE_CHECKING:
    from k8stui.kube.client import Client

FOLLOWED = frozenset(("Ingress", "Service", "Pod"))
"""Kinds (of the book's groups) that a request can be followed from."""
_MOST_PATHS = 8
_MOST_PODS = 500


class Turn(Enum):
    """How one step of the way goes."""

    GOOD = "good"
    CARE = "care"
    """It goes on, with something to know."""
    BROKEN = "broken"
    """Here it ends."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the way."""

    turn: Turn
    text: Text
    depth: int = 0


_INGRESS = Text("A request for {url} comes to the Ingress.", "{url}へのリクエストがIngressに届きます。")
_NO_CLASS = Text(
    "The Ingress names no class and the cluster has no default one: no controller serves it.",
    "Ingressにクラスの指定がなく、既定のIngressClassもないため、処理するコントローラーがありません。",
)
_CLASS_GONE = Text(
    "There is no IngressClass {name}: no controller serves it.",
    "IngressClass「{name}」がないため、処理するコントローラーがありません。",
)
_NO_ADDRESS = Text(
    "No controller has given the Ingress an address yet.", "Ingressにまだアドレスが割り当てられていません。"
)
_ADDRESS = Text("The controller serves it at {address}.", "コントローラーが{address}で受け付けます。")
_TO_SERVICE = Text(
    "It goes on to Service {name}, port {port}.", "Service「{name}」のポート{port}へ進みます。"
)
_NO_SERVICE = Text(
    "Service {name} does not exist: the answer is an error (503, 502 or 404).",
    "Service「{name}」がないため、エラー（503、502、404など）が返ります。",
)
_NO_PORT = Text("Service {name} has no port {port}.", "Service「{name}」にポート{port}はありません。")
_RESOURCE = Text("It goes on to a {kind}, no Service.", "Serviceではなく{kind}へ進みます。")
_UNREADABLE = Text("Service {name} may not be read: {why}", "Service「{name}」を読み取れません: {why}")
_EXTERNAL = Text(
    "Service {name} is only another name: DNS answers with {target}, outside of the cluster.",
    "Service「{name}」は別名です。DNSは外部の{target}を返します。",
)
_ADDRESSED = Text(
    "The name {name}.{namespace}.svc leads to {address}, ports {ports}.",
    "名前{name}.{namespace}.svcは{address}（ポート{ports}）を指します。",
)
_HEADLESS = Text(
    "The name {name}.{namespace}.svc leads to the Pods' own addresses (headless).",
    "名前{name}.{namespace}.svcはPod自身のアドレスを返します（Headless）。",
)
_BY_HAND = Text(
    "It has no selector: its {count} endpoints were written by hand or by a controller.",
    "セレクターがありません。{count}個のエンドポイントは手動かコントローラーが書いたものです。",
)
_NO_HAND = Text(
    "It has no selector, and nobody has written endpoints: connections are refused.",
    "セレクターがなく、エンドポイントも書かれていないため、接続は拒否されます。",
)
_SELECTS_NONE = Text(
    "Its selector {selector} matches no Pod: connections are refused.",
    "セレクター{selector}に一致するPodがないため、接続は拒否されます。",
)
_SELECTS = Text(
    "Its selector {selector} matches {count} Pods.", "セレクター{selector}に{count}個のPodが一致します。"
)
_NONE_READY = Text(
    "None of them is ready: connections are refused. {why}",
    "準備完了のPodがないため、接続は拒否されます。{why}",
)
_SOME_READY = Text(
    "{ready} of {count} are ready and take the requests.",
    "{count}個中{ready}個が準備完了で、リクエストを受けます。",
)
_UNREADY_TOO = Text(
    "Those that are not ready are sent requests too (publishNotReadyAddresses).",
    "準備完了でないPodにも送られます（publishNotReadyAddresses）。",
)
_NO_NAMED_PORT = Text(
    "Port {port} leads to {target}, a name that no container port of these Pods has.",
    "ポート{port}の転送先{target}という名前のコンテナポートがPodにありません。",
)
_TARGET = Text(
    "Port {port} leads to port {target} of container {container}.",
    "ポート{port}はコンテナ{container}のポート{target}に届きます。",
)
_TARGET_UNSAID = Text(
    "Port {port} leads to port {target}, which no container says it listens on: that may still work.",
    "ポート{port}は{target}に届きます。コンテナの宣言にはありませんが、待ち受けていれば動作します。",
)
_POD_READY = Text("The Pod is ready at {address}.", "Podは{address}で準備完了です。")
_POD_UNREADY = Text(
    "The Pod is not ready: Services leave it out.", "Podは準備完了でないため、Serviceの送り先から外れます。"
)
_POD_ALONE = Text(
    "No Service sends to it: it is reached by its own address only.",
    "送り先に含めるServiceがないため、Pod自身のアドレスでしか届きません。",
)
_POD_ENDED = Text(
    "The Pod has ended: it takes no requests.", "Podは終了しているため、リクエストを受けません。"
)
_POD_FROM = Text("Service {name} sends to it.", "Service「{name}」がここへ送ります。")


class RequestPath:
    """Asks one cluster for what is on the way."""

    def __init__(self, client: Client, kinds: Sequence[ResourceKind]) -> None:
        self._client = client
        self._kinds = {(kind.group, kind.kind): kind for kind in kinds}

    async def follow(self, obj: JsonObject) -> list[Step]:
        """The way of a request from an Ingress or a Service, or to a Pod.

        Raises:
            ExplorerError: what the way needs may not be read.
        """
        space = str(dig(obj, "metadata", "namespace") or "")
        match obj.get("kind"):
            case "Ingress":
                return [step async for step in self._ingress(obj, space)]
            case "Service":
                return [step async for step in self._service(obj, space, 0)]
            case "Pod":
                return [step async for step in self._pod(obj, space)]
            case _:
                return []

    async def _ingress(self, ingress: JsonObject, space: str) -> AsyncIterator[Step]:
        async for step in self._class(ingress):
            yield step
            if step.turn is Turn.BROKEN:
                return
        for url, backend in list(_urls(ingress))[:_MOST_PATHS]:
            yield Step(Turn.GOOD, _INGRESS.format(url=url))
            service = dig(backend, "service")
            if not isinstance(service, dict):
                yield Step(Turn.CARE, _RESOURCE.format(kind=clean(str(dig(backend, "resource", "kind")))), 1)
                continue
            async for step in self._backend(service, space):
                yield step

    async def _class(self, ingress: JsonObject) -> AsyncIterator[Step]:
        name = dig(ingress, "spec", "ingressClassName")
        kind = self._kinds.get(("networking.k8s.io", "IngressClass"))
        if kind is not None:
            try:
                classes = await self._client.list(kind, Scope.all(), limit=100)
            except ExplorerError:
                classes = []
            names = {dig(one, "metadata", "name") for one in classes}
            if isinstance(name, str) and classes and name not in names:
                yield Step(Turn.BROKEN, _CLASS_GONE.format(name=clean(name)))
                return
            if not name and classes and not any(_is_default(one) for one in classes):
                yield Step(Turn.CARE, _NO_CLASS)
        addresses = [
            str(one.get("ip") or one.get("hostname") or "")
            for one in dicts(ingress, "status", "loadBalancer", "ingress")
        ]
        if addresses:
            yield Step(Turn.GOOD, _ADDRESS.format(address=clean(", ".join(addresses))))
        else:
            yield Step(Turn.CARE, _NO_ADDRESS)

    async def _backend(self, service: JsonObject, space: str) -> AsyncIterator[Step]:
        from k8stui.kube.errors import NotFound

        name = clean(str(service.get("name", "")))
        port = dig(service, "port", "number") or dig(service, "port", "name") or ""
        try:
            found = await self._client.get(ObjectRef(self._kinds["", "Service"], space, name))
        except NotFound:
            yield Step(Turn.BROKEN, _NO_SERVICE.format(name=name), 1)
            return
        except ExplorerError as error:
            yield Step(Turn.CARE, _UNREADABLE.format(name=name, why=error.message), 1)
            return
        chosen = [p for p in dicts(found, "spec", "ports") if port in (p.get("port"), p.get("name"))]
        if not chosen and dig(found, "spec", "type") != "ExternalName":
            yield Step(Turn.BROKEN, _NO_PORT.format(name=name, port=clean(str(port))), 1)
            return
        yield Step(Turn.GOOD, _TO_SERVICE.format(name=name, port=clean(str(port))), 1)
        async for step in self._service(found, space, 1, chosen):
            yield step

    async def _service(
        self, service: JsonObject, space: str, depth: int, ports: Sequence[JsonObject] | None = None
    ) -> AsyncIterator[Step]:
        spec = service.get("spec") or {}
        name = clean(str(dig(service, "metadata", "name")))
        if spec.get("type") == "ExternalName":
            target = clean(str(spec.get("externalName")))
            yield Step(Turn.GOOD, _EXTERNAL.format(name=name, target=target), depth)
            return
        ports = list(dicts(spec, "ports")) if ports is None else ports
        where = {"name": name, "namespace": clean(space)}
        if spec.get("clusterIP") == "None":
            yield Step(Turn.GOOD, _HEADLESS.format(**where), depth)
        else:
            told = ", ".join(str(port.get("port")) for port in ports)
            address = clean(str(spec.get("clusterIP")))
            yield Step(Turn.GOOD, _ADDRESSED.format(**where, address=address, ports=told), depth)
        selector = selectors.pod_selector({"kind": "Service", "apiVersion": "v1", **service})
        if selector is None:
            yield await self._without_selector(service, space, depth)
            return
        pods = await self._client.list(
            self._kinds["", "Pod"], Scope.of(space), label_selector=selector, limit=_MOST_PODS
        )
        for step in _through(service, selector, pods, ports, depth):
            yield step

    async def _without_selector(self, service: JsonObject, space: str, depth: int) -> Step:
        name = str(dig(service, "metadata", "name"))
        slices = await self._client.list(
            self._kinds["discovery.k8s.io", "EndpointSlice"],
            Scope.of(space),
            label_selector=f"kubernetes.io/service-name={name}",
        )
        count = sum(1 for one in slices for _ in dicts(one, "endpoints"))
        if count:
            return Step(Turn.GOOD, _BY_HAND.format(count=count), depth)
        return Step(Turn.BROKEN, _NO_HAND, depth)

    async def _pod(self, pod: JsonObject, space: str) -> AsyncIterator[Step]:
        if dig(pod, "status", "phase") in ("Succeeded", "Failed"):
            yield Step(Turn.CARE, _POD_ENDED)
            return
        services = await self._client.list(self._kinds["", "Service"], Scope.of(space), limit=_MOST_PODS)
        labels = selectors.pod_labels(pod)
        sending = [
            one for one in services if selectors.picks({"apiVersion": "v1", **one, "kind": "Service"}, labels)
        ]
        for service in sending:
            name = clean(str(dig(service, "metadata", "name")))
            yield Step(Turn.GOOD, _POD_FROM.format(name=name))
            for step in _ports(list(dicts(service, "spec", "ports")), [pod], 1):
                yield step
        if not sending:
            yield Step(Turn.CARE, _POD_ALONE)
        if is_ready(pod):
            address = clean(str(dig(pod, "status", "podIP") or ""))
            yield Step(Turn.GOOD, _POD_READY.format(address=address))
        else:
            yield Step(Turn.BROKEN, _POD_UNREADY)


def _urls(ingress: JsonObject) -> Iterator[tuple[str, JsonObject]]:
    """What may be asked for, and the backend that answers."""
    for path, backend in backends(ingress):
        if path[-1] == "defaultBackend":
            yield "*", backend
            continue
        rule = dig(ingress, *path[:3]) or {}
        entry = dig(ingress, *path[:-1]) or {}
        host = rule.get("host") or "*"
        yield clean(f"{host}{entry.get('path') or '/'}"), backend


def _is_default(ingress_class: JsonObject) -> bool:
    annotations = dig(ingress_class, "metadata", "annotations") or {}
    return annotations.get("ingressclass.kubernetes.io/is-default-class") == "true"


def _through(
    service: JsonObject, selector: str, pods: Sequence[JsonObject], ports: Sequence[JsonObject], depth: int
) -> Iterator[Step]:
    """From a Service to its Pods."""
    alive = [pod for pod in pods if dig(pod, "status", "phase") not in ("Succeeded", "Failed")]
    words = {"selector": clean(selector), "count": len(alive)}
    if not alive:
        yield Step(Turn.BROKEN, _SELECTS_NONE.format(**words), depth)
        return
    yield Step(Turn.GOOD, _SELECTS.format(**words), depth)
    ready = [pod for pod in alive if is_ready(pod)]
    unready_too = dig(service, "spec", "publishNotReadyAddresses") is True
    if not ready and not unready_too:
        yield Step(Turn.BROKEN, _NONE_READY.format(why=_why(alive[0])), depth)
        return
    turn = Turn.GOOD if len(ready) == len(alive) else Turn.CARE
    yield Step(turn, _SOME_READY.format(ready=len(ready), count=len(alive)), depth)
    if unready_too and len(ready) < len(alive):
        yield Step(Turn.CARE, _UNREADY_TOO, depth)
    yield from _ports(ports, ready or alive, depth)


def _why(pod: JsonObject) -> Text:
    condition = next((c for c in dicts(pod, "status", "conditions") if c.get("type") == "Ready"), {})
    said = clean(str(condition.get("message") or condition.get("reason") or ""))
    return Text.same(said)


def _ports(ports: Sequence[JsonObject], pods: Sequence[JsonObject], depth: int) -> Iterator[Step]:
    """From the ports of a Service to those of the containers."""
    for port in ports:
        number = port.get("port")
        target = port.get("targetPort", number)
        found = _container_port(pods, target)
        words: dict[str, Any] = {"port": number, "target": clean(str(target))}
        if found is not None:
            yield Step(
                Turn.GOOD, _TARGET.format(**{**words, "target": found[1], "container": found[0]}), depth
            )
        elif isinstance(target, str) and not target.isdigit():
            yield Step(Turn.BROKEN, _NO_NAMED_PORT.format(**words), depth)
        else:
            yield Step(Turn.CARE, _TARGET_UNSAID.format(**words), depth)


def _container_port(pods: Sequence[JsonObject], target: Any) -> tuple[str, int] | None:
    """Container and number of the first port that a targetPort names."""
    for pod in pods:
        for part in ("containers", "initContainers"):
            for container in dicts(pod, "spec", part):
                for port in dicts(container, "ports"):
                    if target in (port.get("name"), port.get("containerPort")):
                        return clean(str(container.get("name"))), int(port.get("containerPort") or 0)
    return None
