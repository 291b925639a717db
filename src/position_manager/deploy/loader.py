"""Load the code of the tree into a database, in one transaction.

An object whose text changed is replaced in place. Where PostgreSQL refuses that (another signature,
a column gone from a view), the object and everything that depends on it are dropped and created
again. Objects that the tree no longer has are dropped. ``pms.loaded_code`` holds the digest of each
loaded object; nothing happens while all of them are those of the tree.

Objects of others that depend on ours, such as the view of an analyst, are never dropped unless the
caller asks for it; then they are created again after ours. Privileges that other roles were granted
on our objects survive. Those of PUBLIC and of the service's roles become those of the tree; a load
reports each that ended.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg import errors

from position_manager.deploy import catalog, others
from position_manager.deploy.catalog import Key
from position_manager.deploy.source import CodeObject, read_tree

# PostgREST's own default.
CHANNEL = "pgrst"
LOCK_TIMEOUT = "250ms"
LOCK_PATIENCE = 60.0
LOCK_PAUSE = 0.25
# Held by a load to its end, and by a deployment around all its steps.
LOCK = "hashtext('pms.loaded_code')"
# PostgreSQL replaces an object only where its dependents cannot notice. A function with another
# signature is a second one, and its name alone then ambiguous.
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


class _ReplacementRefused(Exception):
    """Objects must be dropped before they are created."""

    def __init__(self, keys: set[Key]) -> None:
        super().__init__(keys)
        self.keys = keys


@dataclass
class Loaded:
    """The result of a load."""

    created: list[str] = field(default_factory=list)
    """Names of objects that were created or replaced, in order."""
    dropped: list[str] = field(default_factory=list)
    """Names of objects that the tree no longer has."""
    revoked: list[str] = field(default_factory=list)
    """Grants that ended: with their object or column, or because the tree does not have them."""
    waited: float = 0.0
    """Seconds until the locks were free."""

    def __bool__(self) -> bool:
        return bool(self.created or self.dropped)

    def __str__(self) -> str:
        return f"objects loaded: {len(self.created)}, dropped: {len(self.dropped)}"

    def ended(self) -> list[str]:
        """A line for each grant that ended."""
        return [f"no longer in effect: {grant}" for grant in self.revoked]


def load(
    conn: psycopg.Connection[Any],
    db: Path,
    *,
    recreate_dependents: bool = False,
    everything: bool = False,
    granted: Mapping[str, Key] = MappingProxyType({}),
    channel: str = CHANNEL,
) -> Loaded:
    """Bring the code in the database to that of the tree below `db`.

    `everything` replaces objects that did not change, too. `granted` are the grants to the
    service's roles that code had before an :func:`unload`. `channel` is the one on which PostgREST
    listens. Raises :class:`LoadError`, with nothing changed.
    """
    tree = {code.key: code for code in read_tree(db)}

    def bring() -> Loaded:
        if everything:
            catalog.distrust(conn)
        return _load(conn, tree, recreate_dependents, granted, channel)

    return _patiently(conn, bring)


def unload(conn: psycopg.Connection[Any], *, recreate_dependents: bool = False) -> Loaded:
    """Drop all code, so that migrations can change what it stands on.

    The next :func:`load` creates it again, with the privileges that others had.
    """

    def drop_all() -> Loaded:
        dropped = catalog.existing(conn)
        catalog.lock_views(conn, dropped)
        others.detach(conn, dropped, recreate_dependents)
        catalog.drop(conn, dropped)
        catalog.forget(conn, dropped)
        # The notes on tables stay in the record, so that the load removes those that are gone.
        catalog.distrust(conn)
        return Loaded(dropped=sorted(name for _, name in dropped))

    return _patiently(conn, drop_all)


def _patiently(conn: psycopg.Connection[Any], step: Callable[[], Loaded]) -> Loaded:
    """Run `step` in a transaction that gives way to long readers instead of blocking others.

    Sessions that want the same lock queue behind a waiting one, so each attempt waits briefly.
    """
    began = time.monotonic()
    while True:
        attempt = time.monotonic()
        try:
            with conn.transaction():
                catalog.become_owner(conn)
                conn.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")
                conn.execute("SET LOCAL check_function_bodies = off")
                conn.execute("SET LOCAL client_min_messages = warning")
                conn.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
                loaded = step()
        except (errors.LockNotAvailable, errors.DeadlockDetected) as error:
            if time.monotonic() - began > LOCK_PATIENCE:
                raise LoadError(
                    f"no lock after {LOCK_PATIENCE:.0f} s: {_text(error)}; nothing was changed"
                ) from error
            time.sleep(LOCK_PAUSE)
        except others.DetachError as error:
            raise LoadError(str(error)) from error
        else:
            loaded.waited = attempt - began
            return loaded


def _load(
    conn: psycopg.Connection[Any],
    tree: Mapping[Key, CodeObject],
    recreate_dependents: bool,
    granted: Mapping[str, Key],
    channel: str,
) -> Loaded:
    recorded = catalog.recorded(conn)
    gone = recorded.keys() - tree.keys()
    changed = {key for key, code in tree.items() if recorded.get(key) != code.digest}
    if not gone and not changed:
        return Loaded()
    granted = {**granted, **others.service_grants(conn, tree)}
    redefined = {key for key in changed if not tree[key].has_definition_of(recorded.get(key, ""))}
    # A view that reads `*`, or a body that was parsed, keeps the columns of its time.
    redefined |= catalog.with_dependents(conn, {key for key in redefined if key[0] == "view"})
    # All of them, not only those that changed: any row shows by its version that code was loaded.
    catalog.record(conn, [(code.kind, code.name, code.digest) for code in tree.values()])
    # A type cannot be replaced.
    to_drop = gone | {key for key in redefined if key[0] == "type"}
    while True:
        try:
            with conn.transaction():
                dropped = catalog.with_dependents(conn, to_drop)
                catalog.lock_views(conn, redefined | dropped)
                others.detach(conn, dropped, recreate_dependents)
                catalog.drop(conn, dropped)
                work = [code for key, code in tree.items() if key in changed | redefined | dropped]
                catalog.clear_notes(conn, [*gone, *(code.key for code in work)])
                _create(conn, work, redefined | dropped, to_drop | dropped)
            break
        except _ReplacementRefused as refused:
            to_drop |= refused.keys
    catalog.forget(conn, gone)
    kept = others.service_grants(conn, tree)
    revoked = [grant for grant, key in granted.items() if key in tree and grant not in kept]
    revoked += others.attach(conn)
    # A running PostgREST knows the published objects by their names and columns. It answers 503
    # while it reads them again, so the rest does not make it do so.
    if any(name.startswith("api.") for _, name in gone | changed | redefined):
        conn.execute("SELECT pg_notify(%s, 'reload schema')", [channel])
    names = [code.name for code in work]
    return Loaded(names, sorted(name for _, name in gone), revoked)


def _create(
    conn: psycopg.Connection[Any],
    work: Iterable[CodeObject],
    redefined: set[Key],
    dropped: set[Key],
) -> None:
    """Create or replace the objects of `work` in order; `redefined` ones with more than notes.

    Raises :class:`_ReplacementRefused` for objects that are not among the `dropped` ones.
    """
    refused: set[Key] = set()
    for code in work:
        statements = [code.definition] if code.definition and code.key in redefined else []
        if not (statements := [*statements, *code.notes]):
            continue
        try:
            with conn.transaction():
                # A statement may end in a comment, up to the end of its line.
                conn.execute("\n;\n".join(statements).encode())
        except (errors.LockNotAvailable, errors.DeadlockDetected):
            raise
        except psycopg.Error as error:
            refused |= catalog.overloaded(conn) - dropped
            if isinstance(error, REPLACEMENT_REFUSED) and code.key not in dropped:
                refused.add(code.key)
            elif not refused:
                raise LoadError(f"db/{code.path}: {code.name}: {_text(error)}") from error
    if refused := refused | (catalog.overloaded(conn) - dropped):
        raise _ReplacementRefused(refused)


def _text(error: psycopg.Error) -> str:
    lines = (error.diag.message_primary, error.diag.message_detail, error.diag.message_hint)
    return "; ".join(line for line in lines if line) or str(error)
