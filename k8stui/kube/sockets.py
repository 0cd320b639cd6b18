"""TCP sockets that notice a dead peer.

Watches are silent for minutes. Without keepalive a connection through a NAT, or to a machine that has gone,
looks alive for hours; aiohttp speaks HTTP/1.1, which has no pings of its own.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

IDLE = 30
"""Seconds of silence before the first probe."""
INTERVAL = 10
"""Seconds between probes."""
PROBES = 3
"""Probes without an answer before the connection counts as dead."""
UNACKNOWLEDGED = 60_000
"""Milliseconds that sent data may stay unacknowledged (Linux)."""


def open_socket(
    address: tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]],
) -> socket.socket:
    """A non-blocking socket for one ``getaddrinfo`` result, with keepalive as far as the platform has it."""
    family, kind, protocol = address[:3]
    sock = socket.socket(family, kind, protocol)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", IDLE),
        ("TCP_KEEPALIVE", IDLE),  # what macOS calls it
        ("TCP_KEEPINTVL", INTERVAL),
        ("TCP_KEEPCNT", PROBES),
        ("TCP_USER_TIMEOUT", UNACKNOWLEDGED),
    ):
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
    return sock


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, by its name or address alone (no look-up)."""
    if host.casefold().rstrip(".") == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return False
