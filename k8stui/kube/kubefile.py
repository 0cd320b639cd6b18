"""One kubeconfig file, read into typed values (format: client-go ``clientcmd/api/v1``).

A reader of our own, because importing the kubernetes package takes longer than everything else that happens
before the first rows are on the screen. It is as strict as kubectl: a wrong type or a name that occurs twice
is refused, an unknown key is ignored. Nothing here decides what to use; reprs show no secrets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from k8stui.core.lang import Text
from k8stui.core.objects import JsonObject
from k8stui.core.text import clean
from k8stui.kube.errors import KubeconfigError


@dataclass(frozen=True, slots=True)
class Cluster:
    """A ``clusters`` entry. Paths are absolute; ``*_data`` are base64 as written."""

    name: str
    server: str = ""
    certificate_authority: Path | None = None
    certificate_authority_data: str = field(default="", repr=False)
    insecure: bool = False
    """insecure-skip-tls-verify: the certificate of the server is not looked at."""
    tls_server_name: str = ""
    proxy_url: str = field(default="", repr=False)
    disable_compression: bool = False
    exec_config: Any = field(default=None, repr=False)
    """What the extension ``client.authentication.k8s.io/exec`` holds for plugins, as it stands."""

    @property
    def base_url(self) -> str:
        """The server with a scheme and without a slash at the end, as client-go completes it."""
        server = self.server.rstrip("/")
        if "://" in server or not server:
            return server
        tls = self.certificate_authority or self.certificate_authority_data or self.insecure
        return f"{'https' if tls else 'http'}://{server}"


@dataclass(frozen=True, slots=True)
class ExecConfig:
    """How to run a credential plugin (client-go ``ExecConfig``)."""

    command: str
    """A name to be looked up in PATH, or an absolute path."""
    api_version: str = ""
    args: tuple[str, ...] = field(default=(), repr=False)
    env: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    install_hint: str = ""
    provide_cluster_info: bool = False
    interactive_mode: str = ""


@dataclass(frozen=True, slots=True)
class AuthProvider:
    """A legacy ``auth-provider``: a name such as ``oidc`` and its settings, which hold tokens."""

    name: str
    config: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class User:
    """A ``users`` entry. Paths are absolute; ``*_data`` are base64 as written."""

    name: str
    source: Path
    """The file that holds the entry."""
    token: str = field(default="", repr=False)
    token_file: Path | None = None
    username: str = ""
    password: str = field(default="", repr=False)
    client_certificate: Path | None = None
    client_certificate_data: str = field(default="", repr=False)
    client_key: Path | None = None
    client_key_data: str = field(default="", repr=False)
    impersonate: str = ""
    impersonate_uid: str = ""
    impersonate_groups: tuple[str, ...] = ()
    impersonate_extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    exec: ExecConfig | None = None
    auth_provider: AuthProvider | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """A ``contexts`` entry: names of a cluster, a user and a namespace; user and namespace may be empty."""

    name: str
    cluster: str = ""
    user: str = ""
    namespace: str = ""


@dataclass(frozen=True, slots=True)
class KubeconfigFile:
    """What one file holds, in its order."""

    path: Path
    clusters: dict[str, Cluster]
    users: dict[str, User]
    contexts: dict[str, Context]
    current: str


def read_file(path: Path) -> KubeconfigFile:
    """Read one file; an empty one holds nothing. Raises KubeconfigError naming file and line."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise KubeconfigError(
            Text(
                f"The kubeconfig {path} cannot be read: {error.strerror}.",
                f"kubeconfig {path} を読めません: {error.strerror}。",
            ),
            Text(
                "Check the path and the file's permissions.",
                "パスとファイルの権限を確認してください。",
            ),
        ) from None
    root = parse_yaml(raw, path)
    if root is None:
        root = {}
    try:
        return _file(_Node(root, ()), path)
    except _ShapeError as error:
        line = _line_of(raw, error.steps)
        where = f"{path}:{line}" if line else str(path)
        raise KubeconfigError(
            Text(f"{where}: {error.wrong.en}", f"{where}: {error.wrong.ja}"),
            Text("Correct the file.", "ファイルを修正してください。"),
        ) from None


def parse_yaml(raw: bytes, path: Path) -> Any:
    """The first document of a YAML file, times left as text; KubeconfigError with the line if bad."""
    import yaml

    loader = _loader_class()(raw)
    try:
        return loader.get_data() if loader.check_data() else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path}:{mark.line + 1}" if mark is not None else str(path)
        problem = clean(str(getattr(error, "problem", None) or "not YAML"))
        raise KubeconfigError(
            Text(
                f"{where}: this is not valid YAML ({problem}).",
                f"{where}: YAML の書式が正しくありません（{problem}）。",
            ),
            Text("Correct the file.", "ファイルを修正してください。"),
        ) from None
    finally:
        loader.dispose()


def _loader_class() -> Any:
    """The fast safe loader, without YAML 1.1 timestamps: an expiry written bare must stay a string."""
    import yaml

    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    resolvers = {
        first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
        for first, pairs in base.yaml_implicit_resolvers.items()
    }
    return type("KubeconfigLoader", (base,), {"yaml_implicit_resolvers": resolvers})


class _ShapeError(Exception):
    """A value has the wrong type; ``steps`` lead to it from the root."""

    def __init__(self, steps: tuple[str | int, ...], wrong: Text) -> None:
        super().__init__(wrong.en)
        self.steps = steps
        self.wrong = wrong


_T = TypeVar("_T")


class _Node:
    """A mapping inside the file that knows where it stands. A missing or null value is empty, as in Go."""

    def __init__(self, value: Any, steps: tuple[str | int, ...]) -> None:
        if not isinstance(value, dict):
            raise _wrong(steps, Text("a mapping (key: value)", "キーと値の組 (key: value)"), value)
        self.value: JsonObject = value
        self.steps = steps

    def text(self, key: str) -> str:
        """A string; a bare number or bool is refused as kubectl does."""
        found = self.value.get(key)
        if found is None:
            return ""
        if not isinstance(found, str):
            raise _wrong(
                (*self.steps, key), Text("a string (put it in quotes)", "文字列 (引用符で囲む)"), found
            )
        return found

    def flag(self, key: str) -> bool:
        found = self.value.get(key)
        if found is None:
            return False
        if not isinstance(found, bool):
            raise _wrong((*self.steps, key), Text("true or false", "true または false"), found)
        return found

    def node(self, key: str) -> _Node:
        found = self.value.get(key)
        return _Node({} if found is None else found, (*self.steps, key))

    def nodes(self, key: str) -> list[_Node]:
        return [_Node(item, (*self.steps, key, at)) for at, item in enumerate(self._list(key))]

    def texts(self, key: str) -> tuple[str, ...]:
        found = self._list(key)
        for at, item in enumerate(found):
            if not isinstance(item, str):
                raise _wrong(
                    (*self.steps, key, at), Text("a string (put it in quotes)", "文字列 (引用符で囲む)"), item
                )
        return tuple(found)

    def text_map(self, key: str) -> dict[str, str]:
        node = self.node(key)
        return {str(name): node.text(name) for name in node.value}

    def _list(self, key: str) -> list[Any]:
        found = self.value.get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            raise _wrong((*self.steps, key), Text("a list", "リスト"), found)
        return found

    def named(self, key: str, inner: str, make: Callable[[str, _Node], _T]) -> dict[str, _T]:
        """A list of ``{name, <inner>}`` as a mapping by name; a name must not occur twice."""
        found: dict[str, _T] = {}
        for item in self.nodes(key):
            name = item.text("name")
            if name in found:
                raise _ShapeError(
                    item.steps,
                    Text(
                        f"“{clean(name)}” occurs twice in {key}.",
                        f"{key} に「{clean(name)}」が 2 回あります。",
                    ),
                )
            found[name] = make(name, item.node(inner))
        return found


def _wrong(steps: tuple[str | int, ...], expected: Text, found: Any) -> _ShapeError:
    place = ".".join(clean(str(step)) for step in steps) or "kubeconfig"
    kind = {dict: "mapping", list: "list", str: "string", bool: "bool"}.get(type(found), "number")
    return _ShapeError(
        steps,
        Text(
            f"{place} must be {expected.en}, but is a {kind}.",
            f"{place} は{expected.ja}でなければなりませんが、{kind} になっています。",
        ),
    )


def _line_of(raw: bytes, steps: tuple[str | int, ...]) -> int | None:
    """The line (from 1) where the value that ``steps`` lead to begins."""
    import yaml

    loader = _loader_class()(raw)
    try:
        node = loader.get_node() if loader.check_node() else None
    finally:
        loader.dispose()
    for step in steps:
        below = None
        if isinstance(node, yaml.MappingNode):
            below = next((value for key, value in node.value if key.value == step), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            below = node.value[step]
        if below is None:
            break
        node = below
    return node.start_mark.line + 1 if node is not None else None


def _file(root: _Node, path: Path) -> KubeconfigFile:
    version, kind = root.text("apiVersion"), root.text("kind")
    if version not in ("", "v1") or kind not in ("", "Config"):
        raise _ShapeError(
            ("kind",),
            Text(
                f"this is a {clean(kind or 'Config')} of version {clean(version or 'v1')}, not a kubeconfig.",
                f"kubeconfig ではなく、{clean(version or 'v1')} の {clean(kind or 'Config')} です。",
            ),
        )
    base = Path(path.parent if path.is_absolute() else Path.cwd() / path.parent)
    return KubeconfigFile(
        path,
        root.named("clusters", "cluster", lambda name, node: _cluster(name, node, base)),
        root.named("users", "user", lambda name, node: _user(name, node, base, path)),
        root.named("contexts", "context", _context),
        root.text("current-context"),
    )


def _resolve(text: str, base: Path) -> Path | None:
    """A path of the file: relative ones start at the directory of the file that names them."""
    return base / text if text else None


def _context(name: str, node: _Node) -> Context:
    return Context(name, node.text("cluster"), node.text("user"), node.text("namespace"))


def _cluster(name: str, node: _Node, base: Path) -> Cluster:
    extensions = {item.text("name"): item.value.get("extension") for item in node.nodes("extensions")}
    return Cluster(
        name=name,
        server=node.text("server"),
        certificate_authority=_resolve(node.text("certificate-authority"), base),
        certificate_authority_data=node.text("certificate-authority-data"),
        insecure=node.flag("insecure-skip-tls-verify"),
        tls_server_name=node.text("tls-server-name"),
        proxy_url=node.text("proxy-url"),
        disable_compression=node.flag("disable-compression"),
        exec_config=extensions.get("client.authentication.k8s.io/exec"),
    )


def _user(name: str, node: _Node, base: Path, path: Path) -> User:
    extra = node.node("as-user-extra")
    return User(
        name=name,
        source=path,
        token=node.text("token"),
        token_file=_resolve(node.text("tokenFile"), base),
        username=node.text("username"),
        password=node.text("password"),
        client_certificate=_resolve(node.text("client-certificate"), base),
        client_certificate_data=node.text("client-certificate-data"),
        client_key=_resolve(node.text("client-key"), base),
        client_key_data=node.text("client-key-data"),
        impersonate=node.text("as"),
        impersonate_uid=node.text("as-uid"),
        impersonate_groups=node.texts("as-groups"),
        impersonate_extra={str(key): extra.texts(key) for key in extra.value},
        exec=_exec(node.node("exec"), base) if node.value.get("exec") is not None else None,
        auth_provider=_provider(node.node("auth-provider"))
        if node.value.get("auth-provider") is not None
        else None,
    )


def _exec(node: _Node, base: Path) -> ExecConfig:
    command = node.text("command")
    if "/" in command:  # a bare name is looked up in PATH, a path belongs to the file
        command = str(base / command)
    return ExecConfig(
        command=command,
        api_version=node.text("apiVersion"),
        args=node.texts("args"),
        env=tuple((item.text("name"), item.text("value")) for item in node.nodes("env")),
        install_hint=node.text("installHint"),
        provide_cluster_info=node.flag("provideClusterInfo"),
        interactive_mode=node.text("interactiveMode"),
    )


def _provider(node: _Node) -> AuthProvider:
    return AuthProvider(node.text("name"), node.text_map("config"))
