"""The buckets of accounts as nginx divides them."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import httpx

from position_manager.config.shard_map import BUCKETS, ShardMap
from position_manager.gateway.shards import configuration

# Each bucket is a shard of its own.
SHARDS = ShardMap(1, None, tuple(range(BUCKETS)), {})
SERVERS = dict.fromkeys(SHARDS.shards, ("unix:contract", "unix:queries"))
CONFIGURATION = """
daemon off;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    map_hash_max_size 16384;
    map $http_x_account $shard_account {{ default $http_x_account; }}
    {shards}
    server {{
        listen unix:{folder}/socket;
        return 200 $at_account;
    }}
}}
"""
START_SECONDS = 30.0


def nginx_buckets(accounts: Iterable[str], shard_map: ShardMap = SHARDS) -> list[int]:
    """Ask an nginx of its own, with the file that a gateway of these shards has."""
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    # The path of a socket must be short.
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        shards = configuration(shard_map, SERVERS)
        (folder / "nginx.conf").write_text(CONFIGURATION.format(shards=shards, folder=folder))
        argv = ["nginx", "-p", name, "-e", "stderr", "-c", "nginx.conf"]
        transport = httpx.HTTPTransport(uds=str(folder / "socket"))
        with (
            subprocess.Popen(argv, env=os.environ | {"PATH": path}) as nginx,
            httpx.Client(transport=transport, base_url="http://localhost") as client,
        ):
            try:
                _wait(folder / "nginx.pid")
                return [_bucket(client, account) for account in accounts]
            finally:
                nginx.terminate()


def _wait(file: Path) -> None:
    """Wait for the file of nginx's number, which it writes once it listens."""
    deadline = time.monotonic() + START_SECONDS
    while not file.exists():
        if time.monotonic() > deadline:
            raise TimeoutError("nginx does not start")
        time.sleep(0.02)


def _bucket(client: httpx.Client, account: str) -> int:
    text = client.get("/", headers={b"X-Account": account.encode()}).text
    return int(text.removeprefix("_"))
