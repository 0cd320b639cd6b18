"""The addresses on which the practice cluster may listen, and by which clients then reach it."""

from __future__ import annotations

import ipaddress
import socket

LOOPBACK = "127.0.0.1"


def is_loopback(address: str) -> bool:
    """Whether only programs of this machine can connect to an address.

    Raises:
        ValueError: it is no IP address.
    """
    return ipaddress.ip_address(address).is_loopback


def in_url(address: str) -> str:
    """How a URL names an address; one that stands for all of this machine's is called by its loopback."""
    found = ipaddress.ip_address(address)
    if found.is_unspecified:
        found = ipaddress.ip_address("::1" if found.version == 6 else LOOPBACK)
    return f"[{found}]" if found.version == 6 else str(found)


def reached_by(address: str) -> tuple[str, ...]:
    """Under which addresses others reach a server that listens on one: for certificates."""
    if is_loopback(address):
        return (address,)
    if not ipaddress.ip_address(address).is_unspecified:
        return (address,)
    try:
        found = socket.getaddrinfo(socket.gethostname(), None, proto=socket.IPPROTO_TCP)
    except OSError:
        return ()
    return tuple(dict.fromkeys(str(entry[4][0]).partition("%")[0] for entry in found))
