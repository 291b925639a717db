"""Clones of the template that return to its state after a test, instead of one clone per test.

Rows, sequences and open connections are reset. A clone whose schema, privileges, settings or
planner statistics are no longer those of the template is dropped.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from pytest_postgresql.janitor import DatabaseJanitor

from position_manager.stack.context import LOCALHOST, SUPERUSER, Context
from tests.helpers.prepared_cluster import TEMPLATE

# A connection is listed until its process has ended; an autovacuum worker ends without help.
DISCONNECT = """
    SELECT pg_terminate_backend(a.pid)
    FROM pg_stat_activity a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid()
        AND a.backend_type <> 'autovacuum worker'
"""
# The function itself, with a timeout, looks again after 100 ms only.
PAUSE = 0.002
PATIENCE = 10.0
CATALOGS = """
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND NOT c.relisshared
        AND c.relname NOT IN ('pg_class', 'pg_namespace', 'pg_statistic')
"""
# The rows of a catalog are the same where neither their number nor the newest writer changed.
UNCHANGED = "count(*), coalesce(max(r.xmin::text::bigint), 0)"
# Autovacuum gives the catalogs themselves statistics, sessions have schemas of temporary tables,
# and TRUNCATE writes pg_class; what belongs to all databases is read for this one.
OTHER_CATALOGS = f"""
    SELECT 'namespaces', {UNCHANGED} FROM pg_namespace r WHERE r.nspname !~ '^pg_(toast_)?temp_'
    UNION ALL
    SELECT 'statistics', {UNCHANGED} FROM pg_statistic r WHERE r.starelid >= 16384
    UNION ALL
    SELECT 'system relations', {UNCHANGED} FROM pg_class r WHERE r.oid < 16384
    UNION ALL
    SELECT 'relations', count(*), coalesce(sum(hashtextextended((to_jsonb(r) - '{{
        relfilenode,relpages,reltuples,relallvisible,relfrozenxid,relminmxid}}'::text[])::text, 0
    )), 0) FROM pg_class r WHERE r.oid >= 16384 AND r.relpersistence <> 't'
    UNION ALL
    SELECT 'settings', {UNCHANGED} FROM pg_db_role_setting r
    JOIN pg_database d ON d.oid = r.setdatabase AND d.datname = current_database()
    UNION ALL
    SELECT 'database', count(*), coalesce(sum(hashtextextended(concat_ws(
        ' ', r.datdba, r.datacl, r.datconnlimit, r.datallowconn, r.datistemplate), 0)), 0)
    FROM pg_database r WHERE r.datname = current_database()
"""
# The size of a table, the last value of a sequence.
RELATIONS = """
    SELECT c.oid::regclass::text, CASE c.relkind WHEN 'S' THEN pg_sequence_last_value(c.oid)
        ELSE pg_relation_size(c.oid) END, c.relkind = 'S'
    FROM pg_class c
    WHERE c.relkind IN ('r', 'S') AND c.oid >= 16384 AND c.relpersistence <> 't'
"""
# What the planner knows of the size of a table or an index.
PLANNED = """
    SELECT c.oid, c.relpages, c.reltuples FROM pg_class c
    WHERE c.relkind IN ('r', 'p', 'i') AND c.oid >= 16384 ORDER BY c.oid
"""
# TRUNCATE counts the rows of a new index, and forgets what autovacuum had counted of a table; the
# sizes of the others are those of the template, or a statement has changed them.
COUNT_AS_BEFORE = """
    UPDATE pg_class c SET relpages = f.relpages, reltuples = f.reltuples
    FROM unnest(%s::oid[], %s::integer[], %s::real[]) f (oid, relpages, reltuples)
    WHERE c.oid = f.oid AND (c.relkind = 'i' OR c.oid = ANY(%s::regclass[]::oid[]))
        AND (c.relpages, c.reltuples) <> (f.relpages, f.reltuples)
"""

Rows = list[tuple[Any, ...]]


class Clone:
    """A new clone of the template, and the state to which it returns."""

    def __init__(self, name: str, connection: psycopg.Connection[Any]) -> None:
        self.name = name
        self._connection = connection
        catalogs = connection.execute(CATALOGS).fetchall()
        self._catalogs = sql.SQL("{} UNION ALL {}").format(
            sql.SQL(OTHER_CATALOGS), _counts([catalog for (catalog,) in catalogs])
        )
        self._schema = self._rows(self._catalogs)
        self._planned = self._rows(sql.SQL(PLANNED))
        self._sizes, self._values = self._relations()
        self._content = {table: self._copy(table) for table, size in self._sizes.items() if size}
        self._filled = _counts(list(self._content))
        self._written = self._rows(self._filled)

    def reset(self) -> bool:
        """Return to the first state; False where that takes a new clone."""
        if not self._disconnect() or self._rows(self._catalogs) != self._schema:
            return False
        with self._connection.transaction():
            truncated = self._reset_rows()
            self._connection.execute(
                COUNT_AS_BEFORE, [*map(list, zip(*self._planned, strict=True)), truncated]
            )
        # Flushed first: what was written here would count, and autovacuum come for it.
        self._connection.execute("SELECT pg_stat_force_next_flush()")
        self._connection.execute("SELECT pg_stat_reset()")
        return self._rows(sql.SQL(PLANNED)) == self._planned

    def _disconnect(self) -> bool:
        """End the other connections; return whether all have ended."""
        deadline = time.monotonic() + PATIENCE
        while self._rows(sql.SQL(DISCONNECT)):
            if time.monotonic() > deadline:
                return False
            time.sleep(PAUSE)
        return True

    def _reset_rows(self) -> list[str]:
        """Write the first rows and values; return the tables that were truncated."""
        sizes, values = self._relations()
        changed = {table for table, size in sizes.items() if size != self._sizes[table]}
        changed |= self._rewritten()
        # Neither triggers nor the checks of foreign keys.
        self._connection.execute("SET LOCAL session_replication_role = replica")
        if changed:
            tables = sql.SQL(", ").join(sql.SQL(_trusted(table)) for table in sorted(changed))
            self._connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(tables))
        # Those that CASCADE emptied are among them.
        emptied = self._rewritten()
        for table in emptied:
            copy = sql.SQL("COPY {} FROM STDIN").format(sql.SQL(_trusted(table)))
            with self._connection.cursor() as cursor, cursor.copy(copy) as into:
                into.write(self._content[table])
        self._written = self._rows(self._filled)
        for sequence, value in values.items():
            first = self._values[sequence]
            if value != first:
                self._connection.execute(
                    "SELECT setval(s.seqrelid, coalesce(%(first)s, s.seqstart), %(called)s)"
                    " FROM pg_sequence s WHERE s.seqrelid = %(name)s::regclass",
                    {"first": first, "called": first is not None, "name": sequence},
                )
        return sorted(changed | emptied)

    def _rewritten(self) -> set[str]:
        """The tables with rows in the template whose rows are no longer those."""
        return {table for table, *_ in set(self._rows(self._filled)) - set(self._written)}

    def _relations(self) -> tuple[dict[str, int], dict[str, int | None]]:
        """The sizes of all tables, the values of all sequences."""
        rows = self._rows(sql.SQL(RELATIONS))
        return (
            {name: size for name, size, is_sequence in rows if not is_sequence},
            {name: value for name, value, is_sequence in rows if is_sequence},
        )

    def _copy(self, table: str) -> bytes:
        copy = sql.SQL("COPY {} TO STDOUT").format(sql.SQL(_trusted(table)))
        with self._connection.cursor() as cursor, cursor.copy(copy) as rows:
            return b"".join(bytes(row) for row in rows)

    def _rows(self, query: sql.SQL | sql.Composed) -> Rows:
        return self._connection.execute(query, prepare=True).fetchall()


def _counts(tables: list[str]) -> sql.Composed:
    """A query of the number and the newest writer of the rows of each."""
    select = sql.SQL(f"SELECT {{}}, {UNCHANGED} FROM ONLY {{}} r")
    return sql.SQL(" UNION ALL ").join(
        select.format(table, sql.SQL(_trusted(table))) for table in tables
    )


def _trusted(name: str) -> LiteralString:
    """A name from the catalogs, quoted where it must be."""
    found: Any = name
    quoted: LiteralString = found
    return quoted


class Clones:
    """The clones of one process: it keeps one as long as tests leave its schema alone."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._kept: tuple[Clone, ExitStack] | None = None

    @contextmanager
    def lend(self) -> Iterator[str]:
        """The name of a database equal to the template."""
        clone, end = self._kept or self._make()
        self._kept = None
        try:
            yield clone.name
        finally:
            with end:
                if clone.reset():
                    self._kept = clone, end.pop_all()

    def drop(self) -> None:
        """Have the next database be a new clone."""
        if self._kept is not None:
            self._kept[1].close()
            self._kept = None

    def _make(self) -> tuple[Clone, ExitStack]:
        with ExitStack() as end:
            name = end.enter_context(clone_of_template(self._context))
            connection = end.enter_context(
                psycopg.connect(self._context.dsn(dbname=name), autocommit=True)
            )
            return Clone(name, connection), end.pop_all()


@contextmanager
def clone_of_template(context: Context, template: str = TEMPLATE) -> Iterator[str]:
    """The name of a new clone, which is dropped afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    with DatabaseJanitor(
        user=SUPERUSER,
        password=context.secrets.postgres,
        host=LOCALHOST,
        port=context.ports.postgres_port,
        dbname=name,
        template_dbname=template,
    ):
        yield name
