"""Where a webhook may connect to: no address inside the network, unless a setting allows that.

The connection goes to an address that was checked, not to the name, which may resolve to another
one a moment later.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from concurrent.futures import Future
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Lock, Thread
from typing import Any

# An IPv6 address of these networks reaches the IPv4 address in its last 32 bits.
TRANSLATED = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
# Those that run, by host.
_look_ups: dict[str, Future[list[Any]]] = {}
_lock = Lock()


class Forbidden(OSError):
    """A host has no address that a webhook may connect to."""


def is_public(text: str) -> bool:
    """Whether an address is one of the internet, and so is every one that it stands for."""
    return all(it.is_global and not it.is_multicast for it in _meant(ip_address(text)))


def public_address(host: str, *, allows_private: bool, timeout: float) -> str:
    """An address of the host that may be connected to; raises :class:`Forbidden` without one.

    Raises ``TimeoutError`` after ``timeout`` seconds, and leaves the look-up to its thread: a
    resolver cannot be interrupted. Until the look-up ends, calls for the same host wait for it.
    """
    for *_, address in _look_up(host).result(timeout):
        text = str(address[0])
        # A zone, as in fe80::1%eth0, is of this machine.
        if allows_private or ("%" not in text and is_public(text)):
            return text
    raise Forbidden(f"{host} has no public address")


def _look_up(host: str) -> Future[list[Any]]:
    """The look-up of a host that runs; a new one if none does."""
    with _lock:
        found = _look_ups.get(host)
        if found is None:
            found = Future()
            Thread(target=_resolve, args=[found, host], name=f"resolve {host}", daemon=True).start()
            _look_ups[host] = found
        return found


def _resolve(found: Future[list[Any]], host: str) -> None:
    try:
        found.set_result(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM))
    # UnicodeError: a name that cannot be encoded.
    except (OSError, UnicodeError) as error:
        found.set_exception(error)
    finally:
        with _lock:
            del _look_ups[host]


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
