"""Names of the service that the shell completes: assets, accounts, limits, keys, jobs."""

from __future__ import annotations

from collections.abc import Callable

import typer

# A shell waits for this.
CONNECT_SECONDS = 1

Complete = Callable[[typer.Context], list[str]]


def _column(view: str, *columns: str) -> Complete:
    """The values of columns of a view of ``api``."""

    def complete(ctx: typer.Context) -> list[str]:
        import psycopg

        from position_manager.cli.query import rows, stack_env

        try:
            url = ctx.params.get("database") or stack_env().get("DATABASE_URL")
            if url is None:
                return []
            with psycopg.connect(url, connect_timeout=CONNECT_SECONDS) as connection:
                found = rows(connection, view, {}, columns, columns=columns)
        except (psycopg.Error, typer.Exit):
            # Without a service there is nothing to complete.
            return []
        return list(dict.fromkeys(str(row[column]) for column in columns for row in found))

    return complete


assets = _column("instruments", "asset")
accounts = _column("positions", "account")
limits = _column("limits", "id")
keys = _column("keys", "name", "id")
key_ids = _column("keys", "id")
jobs = _column("jobs", "job")
