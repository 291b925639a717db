"""Where the gateway sends a request about an account: ``shards.conf``, beside its configuration.

``requests.conf`` gives it ``$shard_account``. It answers ``$at_account``, the end of the names of
the upstreams of the shard that has it, such as ``_3``, and ``$at_other``, the same for the shard
that a refusal names. Without shards both are empty: everything is for the one database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from position_manager.config.service import ServiceSettings
from position_manager.config.settings import ConfigError, env_name
from position_manager.config.shard_map import ShardMap, WatchedMap
from position_manager.gateway import files

FILE = "shards.conf"
# The upstreams of nginx.conf.template that each shard has as well, and the sockets of each.
CONTRACT = ("postgrest", "reads")
QUERIES = ("postgrest_queries", "query_reads")
SOCKETS = ("postgrest.sock", "postgrest-queries.sock")
NO_SHARDS = 'map "" $at_account { default ""; }\nmap "" $at_other { default ""; }\n'


class Shards:
    """Keeps the file of a gateway as the settings and the map say."""

    def __init__(self, service: ServiceSettings, folder: Path) -> None:
        self._servers = _servers(service)
        self._map = WatchedMap(service.shard_map) if self._servers and service.shard_map else None
        self._file = folder / FILE

    def write(self) -> None:
        """Write the file; raises :class:`ConfigError` when a shard of the map has no server."""
        text = NO_SHARDS if self._map is None else configuration(self._map.read(), self._servers)
        files.update(self._file, text)

    def follow(self) -> bool:
        """Write it again when the map has changed; whether nginx reads another file now.

        Raises :class:`ConfigError` once for a map that cannot be used: the former file stays.
        """
        if self._map is None:
            # That of a former start may have been divided.
            return files.update(self._file, NO_SHARDS)
        changed = self._map.changed()
        if changed is None:
            return False
        try:
            return files.update(self._file, configuration(changed, self._servers))
        except OSError:
            self._map.forget()
            raise


def _servers(service: ServiceSettings) -> dict[int, tuple[str, str]]:
    """By shard, the server for the contract and the one for ``/rest/``, as nginx names them."""
    found: dict[int, tuple[str, str]] = {}
    for each in service.shard_servers:
        number, _, place = each.partition("=")
        if place.startswith("/"):
            contract, queries = (f"unix:{place}/{socket}" for socket in SOCKETS)
        else:
            host, *ports = place.rsplit(":", 2)
            contract, queries = (f"{host}:{port}" for port in ports)
        found[int(number)] = contract, queries
    return found


def configuration(shard_map: ShardMap, servers: Mapping[int, tuple[str, str]]) -> str:
    """The text of the file for a map and the two servers of each shard."""
    if missing := sorted(set(shard_map.shards) - servers.keys()):
        name = env_name(ServiceSettings, "shard_servers")
        raise ConfigError(f"{name} has no shard {missing[0]}, which has accounts by the map")
    *parts, last = shard_map.buckets
    lines = [
        "split_clients $shard_account $at_bucket {",
        # A part for each bucket: nginx rounds each down, so a larger one is not their sum.
        *(f"    0.1% {_suffix(shard)};" for shard in parts),
        f"    * {_suffix(last)};",
        "}",
        "map $shard_account $at_account {",
        '    "" "";',
        # Behind a backslash no name means anything else to nginx.
        *(f'    "\\\\{name}" {_suffix(shard)};' for name, shard in _plain(shard_map.pinned)),
        "    default $at_bucket;",
        "}",
        "map $upstream_http_x_shard $at_other {",
        "    volatile;",
        *(f"    {shard} {_suffix(shard)};" for shard in servers),
        "}",
    ]
    for shard, (contract, queries) in servers.items():
        for name in CONTRACT:
            lines += _upstream(name + _suffix(shard), contract)
        for name in QUERIES:
            lines += _upstream(name + _suffix(shard), queries)
    return "\n".join(lines) + "\n"


def _suffix(shard: int) -> str:
    return f"_{shard}"


def _plain(pinned: Mapping[str, int]) -> Iterator[tuple[str, int]]:
    """The pinned accounts that nginx recognizes; any other is corrected by the shard it asks."""
    seen: set[str] = set()
    for name, shard in pinned.items():
        # It ignores the case, and others are encoded in a URL.
        if name.isascii() and not set(name) & set(" #&+") and name.lower() not in seen:
            yield name, shard
            seen.add(name.lower())


def _upstream(name: str, server: str) -> Iterator[str]:
    yield f"upstream {name} {{"
    yield f"    server {server} max_fails=0;"
    yield "    keepalive 32;"
    yield "}"
