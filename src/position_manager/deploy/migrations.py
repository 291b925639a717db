"""Migrations: the changes of ``sqitch.plan``, and what a database has of them.

A migration changes tables. Code may stand in its way: a view holds on to each column it reads. So
from the first pending migration that does not only add objects, the service pauses, the code is
dropped, sqitch runs, and the loader creates the code again; see
:mod:`position_manager.deploy.database`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Any

import psycopg

from position_manager import __version__
from position_manager.deploy import catalog

PROJECT = "position_manager"
MARK = "-- Only adds."
# The last change of the plan in which functions and views were changes, too.
FORMER_CHANGES = 294
FORMER_FIRST = "migrations/schemas"
# The last change whose tables a database of the former plan gets from former_plan.sql.
BASELINE = "telemetry/rejected_messages"
BASELINE_TABLE = "pms.rejected_messages"
FORMER_LOCK_TIMEOUT = "60s"


class MigrationError(Exception):
    """The history of the database is not that of the plan. Nothing was changed."""


@dataclass(frozen=True)
class Migration:
    """One change of the plan."""

    name: str
    script_hash: str
    """As sqitch computes it, to notice a script that was edited after its deployment."""
    only_adds: bool
    """Whether it only adds objects, so that no code is in its way."""


def read_plan(tree: Path) -> list[Migration]:
    """The changes of the plan, in order."""
    found = []
    for line in (tree / "sqitch.plan").read_text().splitlines():
        if line and line[0] not in "%@":
            name = line.split(maxsplit=1)[0]
            script = (tree / "db" / "migrations" / f"{name}.sql").read_bytes()
            only_adds = script.decode().startswith(MARK)
            digest = sha1(script, usedforsecurity=False).hexdigest()
            found.append(Migration(name, digest, only_adds))
    return found


def deployed(conn: psycopg.Connection[Any]) -> dict[str, str]:
    """The script hash by name of each change that the database has, in order."""
    if conn.execute("SELECT to_regclass('sqitch.changes')").fetchone() == (None,):
        return {}
    rows = conn.execute(
        "SELECT c.change, c.script_hash FROM sqitch.changes c WHERE c.project = %s"
        " ORDER BY c.committed_at, c.planned_at",
        [PROJECT],
    ).fetchall()
    return dict(rows)


def version(conn: psycopg.Connection[Any]) -> str | None:
    """The version that deployed the database; None before the first that records it."""
    if conn.execute("SELECT to_regclass('pms.deployed_version')").fetchone() == (None,):
        return None
    row = conn.execute("SELECT d.version FROM pms.deployed_version d").fetchone()
    return None if row is None else str(row[0])


def pending(
    plan: Sequence[Migration], known: Mapping[str, str], deployed_by: str | None
) -> list[Migration]:
    """The changes of the plan that are to be deployed, where `known` ones are.

    `deployed_by` is the version that deployed those. Raises :class:`MigrationError` when a deployed
    change was edited since, or is not in the plan.
    """
    names = {one.name for one in plan}
    if unknown := [name for name in known if name not in names]:
        raise MigrationError(
            f"the database is that of version {deployed_by or 'unknown'}, with changes that this"
            f" tree, version {__version__}, does not know: {', '.join(unknown)}.\n"
            "Nothing was changed. Deploy that version or a newer one; to return to this one with"
            " its data, restore a backup that it made:  position-manager restore"
        )
    edited = [one.name for one in plan if known.get(one.name, one.script_hash) != one.script_hash]
    if edited:
        raise MigrationError(
            f"edited since they were deployed: {', '.join(edited)}."
            " A deployed migration never changes: add another one"
        )
    return [one for one in plan if one.name not in known]


def has_former_plan(known: dict[str, str]) -> bool:
    """Whether functions and views are still changes of the database's registry.

    Raises :class:`MigrationError` when that former plan was not deployed to its end.
    """
    if FORMER_FIRST not in known:
        return False
    if len(known) != FORMER_CHANGES:
        raise MigrationError(
            f"the database has {len(known)} of the {FORMER_CHANGES} changes of the former plan:"
            " deploy them all with the release that made them, then this one"
        )
    return True


def leave_former_plan(conn: psycopg.Connection[Any], tree: Path) -> None:
    """Bring the tables of the former plan to those of the baseline, and empty its registry.

    The code must have been dropped. Afterwards sqitch records the changes up to the baseline
    without running them.
    """
    # The loader's own is short, for it tries again.
    conn.execute(f"SET LOCAL lock_timeout = '{FORMER_LOCK_TIMEOUT}'")
    conn.execute((tree / "db" / "sqitch" / "former_plan.sql").read_bytes())


def prepare_former_database(conn: psycopg.Connection[Any], tree: Path) -> None:
    """Create what the loader needs in a database of the former plan, which has code already."""
    script = (tree / "db" / "migrations" / "base" / "loaded_code.sql").read_text()
    conn.execute(re.sub(r"^(BEGIN|COMMIT);\n", "", script, flags=re.MULTILINE).encode())
    catalog.adopt(conn)


def wants_adoption(conn: psycopg.Connection[Any], known: dict[str, str]) -> bool:
    """Whether the tables of the baseline are there although the registry lacks it: see above."""
    if BASELINE in known:
        return False
    row = conn.execute("SELECT to_regclass(%s) IS NOT NULL", [BASELINE_TABLE]).fetchone()
    return row == (True,)
