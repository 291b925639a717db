"""Check ports before anything starts, so that an error can name the setting."""

from __future__ import annotations

import errno
import random
import socket
from collections import Counter
from pathlib import Path

from position_manager.stack.context import StackError

# Linux uses ports from 32768 on for outgoing connections, so servers stay below.
BELOW_EPHEMERAL = range(20000, 32768)
OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")


def check_distinct(ports: dict[str, int]) -> None:
    """Raise StackError when two settings have the same port."""
    for port, times in Counter(ports.values()).items():
        if times > 1:
            names = " and ".join(name for name, value in ports.items() if value == port)
            raise StackError(f"port {port} is set by {names}: each needs its own port")


def warnings(ports: dict[str, int]) -> list[str]:
    """A warning for each port that an outgoing connection may hold when its part restarts."""
    first, last = map(int, OUTGOING.read_text().split())
    return [
        f"{setting}: port {port} lies among those of outgoing connections ({first} to {last}),"
        " one of which may hold it when a part restarts"
        for setting, port in ports.items()
        if first <= port <= last
    ]


def check_free(wanted: list[tuple[str, str, int]]) -> None:
    """Raise StackError when ports cannot be used; a line for each names the setting to change.

    `wanted`: the setting, the host and the port of each.
    """
    refusals = [
        _refusal(setting, port, error)
        for setting, host, port in wanted
        if (error := _error_of_bind(host, port)) is not None
    ]
    if refusals:
        raise StackError("\n".join(dict.fromkeys(refusals)))


def free_ports(count: int, among: range = BELOW_EPHEMERAL) -> list[int]:
    """`count` distinct free ports, which no other process gets before this one has ended."""
    found: list[int] = []
    for port in random.sample(among, len(among)):
        if len(found) == count:
            break
        if _claim(port):
            found.append(port)
    return found


# A server binds to its port long after the choice: meanwhile these sockets keep it from others.
_claims: list[socket.socket] = []


def _claim(port: int) -> bool:
    """Bind a port that no socket is bound to, so that only a socket with SO_REUSEADDR can."""
    claim = socket.socket()
    try:
        claim.bind(("0.0.0.0", port))
    except OSError:
        claim.close()
        return False
    claim.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    _claims.append(claim)
    return True


def _error_of_bind(host: str, port: int) -> OSError | None:
    with socket.socket() as probe:
        # As the servers do: a connection in TIME_WAIT does not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error
    return None


def _refusal(setting: str, port: int, error: OSError) -> str:
    if error.errno == errno.EACCES:
        return f"port {port} needs root: set {setting} to a port above 1023"
    if error.errno == errno.EADDRINUSE:
        return f"port {port} is in use by another program: set {setting} to a free port"
    return f"port {port} cannot be used ({error.strerror}): set {setting} to another port"
