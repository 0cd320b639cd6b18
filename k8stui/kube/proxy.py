"""Which proxy stands between us and a server.

``proxy-url`` of the cluster entry, else the environment as Go's ``http.ProxyFromEnvironment`` reads it. The
HTTP library's own ``trust_env`` is not used: it also takes passwords from ``~/.netrc``, which break bearer
tokens.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from k8stui.core.lang import Text
from k8stui.core.text import clean
from k8stui.kube.errors import KubeconfigError
from k8stui.kube.sockets import is_loopback


def proxy_for(server: str, configured: str, environ: Mapping[str, str]) -> str | None:
    """The URL of the proxy to use for a server, None for none.

    Args:
        server: the API server's base URL.
        configured: ``proxy-url`` of the kubeconfig, may be empty; it holds for every server.
        environ: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or not.

    Raises KubeconfigError for a proxy that is no URL, or of a kind that cannot be used.
    """
    if configured:
        return _checked(configured)
    target = urlsplit(server)
    name = "HTTPS_PROXY" if target.scheme == "https" else "HTTP_PROXY"
    found = environ.get(name) or environ.get(name.lower())
    if not found or not target.hostname or is_loopback(target.hostname):
        return None
    if _exempt(target, environ.get("NO_PROXY") or environ.get("no_proxy") or ""):
        return None
    return _checked(found if "://" in found else f"http://{found}")


def is_socks(proxy: str) -> bool:
    """Whether the URL is of a SOCKS 5 proxy, which the connector itself has to speak to."""
    return urlsplit(proxy).scheme in ("socks5", "socks5h")


def without_secret(url: str) -> str:
    """The URL as it may be shown: scheme, host and port."""
    parts = urlsplit(url)
    return clean(f"{parts.scheme}://{_host_port(parts)}")


def _host_port(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _checked(url: str) -> str:
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and (parts.port or True)
    except ValueError:
        usable = False
    if not usable:
        raise KubeconfigError(
            Text(
                "The proxy-url is not a URL with a host.", "proxy-url が、ホストを含む URL ではありません。"
            ),
            Text("Write it as http://host:port.", "http://host:port の形で書いてください。"),
        )
    if parts.scheme in ("http", "https", "socks5", "socks5h"):
        return url
    raise KubeconfigError(
        Text(
            f"A proxy of the kind “{clean(parts.scheme)}” is not known.",
            f"「{clean(parts.scheme)}」という種類のプロキシは使えません。",
        ),
        Text("Use http://, https:// or socks5://.", "http:// か https:// か socks5:// を使ってください。"),
    )


def _exempt(target: SplitResult, no_proxy: str) -> bool:
    """Whether NO_PROXY exempts the server: ``*``, names, ``.domain``, addresses, networks."""
    host = (target.hostname or "").casefold().rstrip(".")
    port = str(target.port or (443 if target.scheme == "https" else 80))
    return any(
        _matches(entry.strip().casefold(), host, port) for entry in no_proxy.split(",") if entry.strip()
    )


def _matches(entry: str, host: str, port: str) -> bool:
    if entry == "*":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    if "/" in entry:
        try:
            return address is not None and address in ipaddress.ip_network(entry, strict=False)
        except ValueError:
            return False
    name, colon, wanted = entry.rpartition(":")
    if colon and wanted.isdigit() and (name.endswith("]") or ":" not in name):
        if wanted != port:
            return False
        entry = name
    entry = entry.strip("[]")
    if address is not None:
        return entry == host
    domain = entry.removeprefix("*").removeprefix(".")
    return host.endswith(f".{domain}") or (host == domain and not entry.startswith((".", "*")))
