"""Databases for benchmarks: deployed once, cloned for each measurement, dropped afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from position_manager.stack import deploy
from position_manager.stack.context import Context

PREFIX = "pms_bench"
TEMPLATE = f"{PREFIX}_template"
OURS = "SELECT d.datname FROM pg_database d WHERE starts_with(d.datname, %s) ORDER BY 1"


class Databases:
    """The databases of a benchmark run, on the stack's cluster."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._made = 0

    def __enter__(self) -> Databases:
        self._drop_all()
        deploy.create_database(self._context, TEMPLATE)
        deploy.deploy_schema(self._context, TEMPLATE)
        return self

    def __exit__(self, *_: object) -> None:
        self._drop_all()

    @contextmanager
    def fresh(self) -> Iterator[str]:
        """Clone the deployed database; yields the name of the clone."""
        self._made += 1
        name = f"{PREFIX}_{self._made}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self._run(statement.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
        try:
            # So that the measurement does not pay for writes of the cloning.
            self._run(sql.SQL("CHECKPOINT"))
            yield name
        finally:
            self._drop(name)

    def _drop_all(self) -> None:
        """Drop all benchmark databases, including those of a killed run."""
        with psycopg.connect(self._context.dsn(dbname="postgres")) as connection:
            found = connection.execute(OURS, [PREFIX]).fetchall()
        for (name,) in found:
            self._drop(name)

    def _drop(self, name: str) -> None:
        statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
        self._run(statement.format(sql.Identifier(name)))

    def _run(self, statement: sql.SQL | sql.Composed) -> None:
        dsn = self._context.dsn(dbname="postgres")
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(statement)
