"""PostgREST: serves the schema api on sockets that only nginx may open.

There are three, so that what clients form freely cannot hold up the contract, and neither of them
the health: each has a pool of connections. `limits.conf` gives one key half of a pool at most, and
`counting.conf` leaves a connection to the health beside the metrics.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from position_manager.paths import ROOT
from position_manager.stack.context import LOCALHOST, Context, StackError
from position_manager.stack.launch import Spec
from position_manager.stack.parts import CLEAN_ENV, Part, answers_on, digest

# Installed by `make setup`; see ops/postgrest.
FETCHED = ROOT / ".stack" / "bin" / "postgrest"
FOLDER = "postgrest"
MEMORY = 512 * 1024**2


@dataclass(frozen=True, slots=True)
class Pool:
    """The connections of one PostgREST, and the function that checks each request."""

    connections: int
    check: str


POOLS = {
    "postgrest": Pool(12, "pms.check_request"),
    "postgrest-queries": Pool(6, "pms.check_query"),
    "postgrest-health": Pool(3, "pms.check_request"),
}


def part(context: Context, name: str) -> Part:
    """One of the servers, run from a copy of the program that its user can reach."""
    # Nobody else may reach the sockets: the gateway counts requests and passes on what is harmless.
    # They get the group of the folder, which is the gateway's where that has a user of its own.
    mode = 0o2750 if context.as_root else 0o700
    data = context.folder(FOLDER, "rest", mode, group="web")
    program = _program(data)
    return Part(
        name=name,
        spec=Spec(
            argv=[str(program)],
            env=CLEAN_ENV | settings(context, name),
            cwd=str(data),
            user=context.user("rest"),
            memory=MEMORY,
            inputs={"program": digest(program)},
        ),
        # PostgREST's own answer to this question would need a port.
        ready=lambda: answers_on(data / f"{name}.sock", "/rpc/get_metrics"),
    )


def check(_context: Context) -> None:
    """Raise StackError when the program is missing."""
    if not FETCHED.exists():
        raise StackError(f"PostgREST is missing in {FETCHED}: run  make setup")


def settings(context: Context, name: str) -> dict[str, str]:
    """The variables of one of the servers."""
    pool = POOLS[name]
    return {
        "PGRST_DB_URI": context.dsn("pms_authenticator"),
        "PGRST_DB_SCHEMAS": "api",
        "PGRST_DB_ANON_ROLE": "pms_anon",
        "PGRST_DB_PRE_REQUEST": pool.check,
        "PGRST_DB_CONFIG": "false",
        "PGRST_DB_CHANNEL": context.secrets.postgrest_channel,
        "PGRST_DB_EXTRA_SEARCH_PATH": "",
        "PGRST_DB_MAX_ROWS": "10000",
        "PGRST_DB_POOL": str(pool.connections),
        "PGRST_DB_POOL_ACQUISITION_TIMEOUT": "5",
        # In the folder in which it runs: a whole path may be too long for a socket.
        "PGRST_SERVER_UNIX_SOCKET": f"{name}.sock",
        "PGRST_SERVER_UNIX_SOCKET_MODE": "660",
        "PGRST_OPENAPI_SERVER_PROXY_URI": f"http://{LOCALHOST}:{context.service.port}/rest",
        # The gateway logs requests; PostgREST would log their queries as well.
        "PGRST_LOG_LEVEL": "crit",
    }


def _program(data: Path) -> Path:
    copy = data / "postgrest"
    if not copy.exists() or digest(copy) != digest(FETCHED):
        partial = copy.with_suffix(".new")
        shutil.copyfile(FETCHED, partial)
        partial.chmod(0o755)
        partial.replace(copy)
    return copy
