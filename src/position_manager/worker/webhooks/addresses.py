"""Where a webhook may connect to: no address inside the network, unless a setting allows that.

The connection goes to an address that was checked, not to the name, which may resolve to another
one a moment later.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# An IPv6 address of these networks reaches the IPv4 address in its last 32 bits.
TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))


class Forbidden(OSError):
    """A host has no address that a webhook may connect to."""


def is_public(text: str) -> bool:
    """Whether an address is one of the internet, and so is every one that it stands for."""
    return all(it.is_global and not it.is_multicast for it in _meant(ip_address(text)))


def public_address(host: str, port: int, *, allows_private: bool) -> str:
    """An address of the host that may be connected to; raises :class:`Forbidden` without one."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    for *_, address in found:
        text = str(address[0])
        # A zone, as in fe80::1%eth0, is of this machine.
        if allows_private or ("%" not in text and is_public(text)):
            return text
    raise Forbidden(f"{host} has no public address")


def _meant(address: IPv4Address | IPv6Address) -> Iterator[IPv4Address | IPv6Address]:
    """The address, and the IPv4 addresses that it embeds."""
    if not isinstance(address, IPv6Address):
        yield address
        return
    if address.ipv4_mapped is not None:
        yield address.ipv4_mapped
        return
    yield address
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo
    if any(address in network for network in TRANSLATED):
        yield IPv4Address(int(address) & 0xFFFFFFFF)
