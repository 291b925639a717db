"""Load the code of the tree into a database, in one transaction.

An object whose text changed is replaced in place. Where PostgreSQL refuses that (another signature,
a column gone from a view), the object and everything that depends on it are dropped and created
again. Objects that the tree no longer has are dropped. ``pms.loaded_code`` holds the digest of each
loaded object; nothing happens while all of them are those of the tree.

Objects of others that depend on ours, such as the view of an analyst, are never dropped unless the
caller asks for it; then they are created again after ours. Privileges that others were granted on
our objects survive in any case.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors

from position_manager.deploy import catalog
from position_manager.deploy.catalog import Key
from position_manager.deploy.source import CodeObject, read_tree

LOCK_TIMEOUT = "250ms"
LOCK_PATIENCE = 60.0
LOCK_PAUSE = 0.25
# PostgreSQL replaces an object only where its dependents cannot notice.
REPLACEMENT_REFUSED = (
    errors.InvalidFunctionDefinition,
    errors.InvalidTableDefinition,
    errors.InvalidObjectDefinition,
    errors.WrongObjectType,
    errors.DuplicateObject,
    # A COMMENT or GRANT without arguments, while the former signature is still there.
    errors.AmbiguousFunction,
)


class LoadError(Exception):
    """The code cannot be loaded; the database is as it was."""


class ForeignDependentsError(LoadError):
    """Objects of others depend on code that must be dropped."""

    def __init__(self, dependents: Sequence[str]) -> None:
        super().__init__(
            "objects of others depend on code that changes: "
            + ", ".join(dependents)
            + "\nrun  position-manager deploy --recreate-dependents  to drop them and create them"
            " again, or drop them yourself"
        )


@dataclass
class Loaded:
    """The result of a load."""

    created: list[str] = field(default_factory=list)
    """Names of objects that were created or replaced, in order."""
    dropped: list[str] = field(default_factory=list)
    """Names of objects that the tree no longer has."""
    waited: float = 0.0
    """Seconds until the locks were free."""

    def __bool__(self) -> bool:
        return bool(self.created or self.dropped)


def load(
    conn: psycopg.Connection[Any],
    db: Path,
    *,
    recreate_dependents: bool = False,
    everything: bool = False,
) -> Loaded:
    """Bring the code in the database to that of the tree below `db`.

    `everything` replaces objects that did not change, too: migrations may have changed what
    they mean. Raises :class:`LoadError`, with nothing changed.
    """
    tree = read_tree(db)
    return _patiently(conn, lambda: _load(conn, tree, recreate_dependents, everything))


def unload(conn: psycopg.Connection[Any], db: Path, *, recreate_dependents: bool = False) -> Loaded:
    """Drop all code, so that migrations can change what it stands on.

    The next :func:`load` creates it again, with the privileges that others had.
    """
    tree = read_tree(db)

    def drop_all() -> Loaded:
        dropped = catalog.existing(conn)
        _detach(conn, dropped, {code.key for code in tree}, recreate_dependents)
        catalog.drop(conn, dropped)
        conn.execute("DELETE FROM pms.loaded_code")
        return Loaded(dropped=sorted(name for _, name in dropped))

    return _patiently(conn, drop_all)


def _patiently(conn: psycopg.Connection[Any], step: Any) -> Loaded:
    """Run `step` in a transaction that gives way to long readers instead of blocking others.

    A lock that is waited for makes everyone behind it wait. So each attempt waits briefly.
    """
    began = time.monotonic()
    while True:
        try:
            with conn.transaction():
                catalog.become_owner(conn)
                conn.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                conn.execute("SET LOCAL check_function_bodies = off")
                conn.execute("SET LOCAL client_min_messages = warning")
                conn.execute("SELECT pg_advisory_xact_lock(hashtext('pms.loaded_code'))")
                loaded: Loaded = step()
        except (errors.LockNotAvailable, errors.DeadlockDetected) as error:
            if time.monotonic() - began > LOCK_PATIENCE:
                raise LoadError(
                    f"no lock after {LOCK_PATIENCE:.0f} s: {error.diag.message_primary};"
                    " nothing was changed"
                ) from error
            time.sleep(LOCK_PAUSE)
        else:
            loaded.waited = time.monotonic() - began
            return loaded


def _load(
    conn: psycopg.Connection[Any],
    tree: Sequence[CodeObject],
    recreate_dependents: bool,
    everything: bool,
) -> Loaded:
    known = {code.key: code for code in tree}
    recorded: dict[Key, str] = {
        (kind, name): digest
        for kind, name, digest in conn.execute("SELECT kind, name, digest FROM pms.loaded_code")
    }
    gone = recorded.keys() - known.keys()
    changed = {key for key, code in known.items() if everything or recorded.get(key) != code.digest}
    if not gone and not changed:
        return Loaded()
    # A type cannot be replaced. Notes alone need no drop.
    changed_types = {
        key for key in changed if key[0] == "type" and recorded.get(key) != known[key].digest
    }
    to_drop = gone | changed_types
    while True:
        conn.execute("SAVEPOINT load")
        created, refused = _attempt(conn, known, to_drop, changed, recreate_dependents)
        if refused is None:
            break
        conn.execute("ROLLBACK TO SAVEPOINT load")
        to_drop = to_drop | {refused}
    _attach(conn)
    conn.execute("DELETE FROM pms.loaded_code c WHERE (c.kind, c.name) NOT IN"
                 " (SELECT * FROM unnest(%s::text[], %s::text[]))",
                 [[kind for kind, _ in known], [name for _, name in known]])  # fmt: skip
    with conn.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO pms.loaded_code (kind, name, digest) VALUES (%s, %s, %s)"
            " ON CONFLICT ON CONSTRAINT loaded_code_pkey DO UPDATE SET digest = excluded.digest",
            [(code.kind, code.name, code.digest) for code in created],
        )
    # A running PostgREST knows the former functions only.
    conn.execute("NOTIFY pgrst, 'reload schema'")
    return Loaded([code.name for code in created], sorted(name for _, name in gone))


def _attempt(
    conn: psycopg.Connection[Any],
    known: dict[Key, CodeObject],
    to_drop: set[Key],
    changed: set[Key],
    recreate_dependents: bool,
) -> tuple[list[CodeObject], Key | None]:
    """Drop, then create in order; the objects created, or the one that must be dropped first."""
    dropped = catalog.with_dependents(conn, to_drop)
    _detach(conn, dropped, known.keys(), recreate_dependents)
    catalog.drop(conn, dropped)
    work = [code for key, code in known.items() if key in changed or key in dropped]
    catalog.clear_notes(conn, [code.key for code in work])
    for code in work:
        if code.kind == "type" and code.key not in dropped and catalog.has_type(conn, code.name):
            statements = code.notes
        else:
            statements = [code.definition, *code.notes] if code.definition else code.notes
        try:
            with_savepoint = "; ".join(statements)
            conn.execute(with_savepoint.encode())
        except REPLACEMENT_REFUSED as error:
            if code.key in dropped or code.key in to_drop:
                raise LoadError(f"db/{code.path}: {_text(error)}") from error
            return [], code.key
        except (errors.LockNotAvailable, errors.DeadlockDetected):
            raise
        except psycopg.Error as error:
            raise LoadError(f"db/{code.path}: {_text(error)}") from error
    if overloaded := catalog.overloaded(conn):
        if overloaded <= to_drop:
            name = min(overloaded)[1]
            raise LoadError(f"{name}: two functions of one name; names are not overloaded")
        # Another signature made a second function beside the former one.
        return [], min(overloaded - to_drop)
    return work, None


def _detach(
    conn: psycopg.Connection[Any],
    dropped: Iterable[Key],
    kept: Iterable[Key],
    recreate_dependents: bool,
) -> None:
    """Note what others have on objects that are to be dropped, and drop it."""
    dropped, kept = set(dropped), set(kept)
    foreign = catalog.foreign_dependents(conn, dropped)
    if foreign and not recreate_dependents:
        raise ForeignDependentsError([one.name for one in foreign])
    for statement in catalog.foreign_grants(conn, dropped & kept):
        _note(conn, statement)
    for one in foreign:
        if not one.statements:
            raise LoadError(f"{one.name} cannot be created again: drop it first")
        for statement in one.statements:
            _note(conn, statement)


def _note(conn: psycopg.Connection[Any], statement: str) -> None:
    conn.execute("INSERT INTO pms.detached_statements (statement) VALUES (%s)", [statement])


def _attach(conn: psycopg.Connection[Any]) -> None:
    """Give others back what they had."""
    detached = conn.execute(
        "DELETE FROM pms.detached_statements d RETURNING d.id, d.statement"
    ).fetchall()
    for _, statement in sorted(detached):
        with catalog.as_caller(conn):
            try:
                conn.execute(statement.encode())
            except psycopg.Error as error:
                raise LoadError(f"{statement}\ncannot be repeated: {_text(error)}") from error


def _text(error: psycopg.Error) -> str:
    lines = (error.diag.message_primary, error.diag.message_detail, error.diag.message_hint)
    return "; ".join(line for line in lines if line) or str(error)
