"""PostgreSQL's own programs, called without a password on their command line."""

from __future__ import annotations

import os

from psycopg.conninfo import conninfo_to_dict, make_conninfo


def without_password(dsn: str) -> tuple[str, dict[str, str]]:
    """The address without its password, and an environment that has it."""
    parameters = conninfo_to_dict(dsn)
    password = str(parameters.pop("password", ""))
    return make_conninfo("", **parameters), {**os.environ, "PGPASSWORD": password}
