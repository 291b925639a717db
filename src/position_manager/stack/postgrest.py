"""PostgREST: serves the schema api on 127.0.0.1, behind nginx."""

from __future__ import annotations

import shutil
from pathlib import Path

from position_manager.paths import ROOT
from position_manager.stack.context import LOCALHOST, Context, StackError
from position_manager.stack.launch import Spec
from position_manager.stack.parts import CLEAN_ENV, Part, answers_ok, digest

# Installed by `make setup`; see ops/postgrest.
FETCHED = ROOT / ".stack" / "bin" / "postgrest"


def part(context: Context) -> Part:
    """The server, run from a copy of the program that its user can reach."""
    data = context.folder("postgrest", "rest")
    program = _program(data)
    admin = f"http://{LOCALHOST}:{context.ports.postgrest_admin_port}/ready"
    return Part(
        name="postgrest",
        spec=Spec(
            argv=[str(program)],
            env=CLEAN_ENV | _settings(context),
            cwd=str(data),
            user=context.user("rest"),
            inputs={"program": digest(program)},
        ),
        ready=lambda: answers_ok(admin),
    )


def check(_context: Context) -> None:
    """Raise StackError when the program is missing."""
    if not FETCHED.exists():
        raise StackError(f"PostgREST is missing in {FETCHED}: run  make setup")


def _settings(context: Context) -> dict[str, str]:
    return {
        "PGRST_DB_URI": context.dsn("pms_authenticator"),
        "PGRST_DB_SCHEMAS": "api",
        "PGRST_DB_ANON_ROLE": "pms_anon",
        "PGRST_DB_PRE_REQUEST": "pms.check_request",
        "PGRST_DB_CONFIG": "false",
        "PGRST_DB_CHANNEL": context.secrets.postgrest_channel,
        "PGRST_DB_EXTRA_SEARCH_PATH": "",
        "PGRST_DB_MAX_ROWS": "10000",
        "PGRST_DB_POOL": "10",
        "PGRST_DB_POOL_ACQUISITION_TIMEOUT": "5",
        "PGRST_SERVER_HOST": LOCALHOST,
        "PGRST_SERVER_PORT": str(context.ports.postgrest_port),
        "PGRST_ADMIN_SERVER_PORT": str(context.ports.postgrest_admin_port),
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
