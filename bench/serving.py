"""PostgREST and the gateway on a database of the benchmark, with room for all of its clients."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

import psycopg

from bench.bounds import CLIENTS
from bench.errors import MeasureError
from position_manager.config.service import ServiceSettings
from position_manager.gateway import shards
from position_manager.gateway.limits import ADDRESS, FILE, Limit, configuration, write_limits
from position_manager.gateway.render import (
    TEMPLATE,
    render,
    server_names,
    service_names,
)
from position_manager.stack import nginx, postgrest
from position_manager.stack.context import LOCALHOST, Context
from position_manager.stack.launch import as_user
from position_manager.stack.parts import CLEAN_ENV, answers_ok, listening
from position_manager.stack.ports import free_ports
from position_manager.stack.processes import wait

KEY = "bench-key-of-one-run"
FOLDER = "bench-gateway"
PATIENCE = 30.0


def register_key(context: Context, dbname: str) -> None:
    """Make KEY the first key of the database."""
    with psycopg.connect(context.dsn("pms_owner", dbname)) as connection:
        digest = sha256(KEY.encode()).digest()
        connection.execute("SELECT pms.register_first_key(%s, '?', NULL)", [digest])


@contextmanager
def serve(context: Context, dbname: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run a PostgREST configured like the stack's; yields its port and process."""
    port, admin_port = free_ports(2)
    spec = postgrest.part(context, "postgrest").spec
    env = {name: value for name, value in spec.env.items() if "UNIX_SOCKET" not in name} | {
        "PGRST_SERVER_HOST": LOCALHOST,
        "PGRST_DB_URI": context.dsn("pms_authenticator", dbname),
        "PGRST_SERVER_PORT": str(port),
        "PGRST_ADMIN_SERVER_PORT": str(admin_port),
    }
    process = subprocess.Popen(
        spec.argv, cwd=spec.cwd, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        if not wait(lambda: answers_ok(f"http://{LOCALHOST}:{admin_port}/ready"), PATIENCE):
            raise MeasureError(f"PostgREST did not become ready within {PATIENCE:.0f} s")
        yield port, process
    finally:
        process.terminate()
        process.wait(PATIENCE)


@contextmanager
def front(context: Context, postgrest_port: int) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """Run a gateway like the stack's in front of a PostgREST; yields its port and process."""
    (port,) = free_ports(1)
    folder = context.folder(FOLDER, "web", mode=0o755)
    servers = dict.fromkeys(server_names(""), f"{LOCALHOST}:{postgrest_port}")
    service = ServiceSettings(port=port)
    values = nginx.names(context, folder) | service_names(service, [LOCALHOST], servers)
    nginx.copy_pages(folder)
    (folder / "nginx.conf").write_text(render(TEMPLATE.read_text(), values))
    room = max(CLIENTS)
    write_limits(folder, configuration([Limit(ADDRESS, None, None, room)], queries=room))
    shards.Shards(service, folder).write()
    context.give("web", folder / FILE, folder / shards.FILE)
    process = subprocess.Popen(
        as_user(context.user("web"), nginx.command(folder)),
        env=CLEAN_ENV,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        if not wait(lambda: listening(port), PATIENCE):
            raise MeasureError(f"the gateway did not listen within {PATIENCE:.0f} s")
        yield port, process
    finally:
        process.terminate()
        process.wait(PATIENCE)
        shutil.rmtree(folder)


@contextmanager
def gateway(context: Context, dbname: str) -> Iterator[int]:
    """Run both, with KEY registered; yields the port of the gateway."""
    register_key(context, dbname)
    with serve(context, dbname) as (port, _), front(context, port) as (public_port, _):
        yield public_port
