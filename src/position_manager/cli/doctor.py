"""``doctor``: the database server, its disk and its clock, and what to do about them."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typer

from position_manager.cli.commands import Commands
from position_manager.cli.output import Document, colored, print_rows, remark, words
from position_manager.cli.query import (
    AsJson,
    Database,
    address,
    call,
    connected,
    refusals,
    stack_env,
)

# As `status` exits when the service is not healthy.
NEEDS_ATTENTION = 3
CLOCK_TOLERANCE = timedelta(seconds=1)
GIB = 1024**3
# Free space below which the disk is reported: a share of all, and bytes.
LITTLE = {"failure": (0.03, 1 * GIB), "warning": (0.10, 5 * GIB)}
COLORS = {"ok": "green", "warning": "yellow", "failure": "red", "unknown": "dim"}

app = Commands()


@app.command()
def doctor(as_json: AsJson = False, database: Database = None) -> None:
    """Examine the database server, its disk and its clock, and say what to do.

    The areas are the settings of PostgreSQL, tables, statistics, indexes, partitions, replication
    slots, old transactions, checksums, connections, jobs, backups, the clock and the disk. Nothing
    is changed.

    Exits with 3 when something needs attention.
    """
    with connected(database) as connection:
        asked = datetime.now(UTC)
        diagnosis = call(connection, "get_diagnosis")
        answered = datetime.now(UTC)
    server = datetime.fromisoformat(diagnosis["server_time"])
    checks = [*diagnosis["checks"], clock(server, asked, answered), _disk(database)]
    needed = any(check["state"] in {"warning", "failure"} for check in checks)
    print_rows(
        checks, CHECKS, as_json, name="checks", empty="", document={"needs_attention": needed}
    )
    if needed:
        raise typer.Exit(NEEDS_ATTENTION)


def clock(server: datetime, asked: datetime, answered: datetime) -> Document:
    """Compare the clock of the server with this machine's, when it was asked and had answered."""
    off = max(asked - server, server - answered)
    if off <= CLOCK_TOLERANCE:
        return _check("clock", "ok")
    return _check(
        "clock",
        "warning",
        f"the server's clock and this machine's differ by {off.total_seconds():.1f} s",
        "timedatectl set-ntp true  on both",
    )


def _disk(database: str | None) -> Document:
    own = stack_env().get("DATABASE_URL")
    if own is None or address("DATABASE_URL", database) != own:
        return _check(
            "disk", "unknown", "the server's disk is not seen from here", "df  on its host"
        )
    # Imported here: it loads the stack.
    from position_manager.stack import home

    with refusals():
        folder = (home.folder() / "data").resolve()
    usage = shutil.disk_usage(folder)
    return disk(folder, usage.total, usage.free)


def disk(folder: Path, total: int, free: int) -> Document:
    """Whether the disk with a folder has enough free bytes."""
    for state, (share, size) in LITTLE.items():
        if free < share * total or free < size:
            found = f"{free / GIB:.1f} of {total / GIB:.1f} GiB are free at {folder}"
            return _check(
                "disk", state, found, "delete other files or enlarge the disk; shorten retention"
            )
    return _check("disk", "ok")


def _check(area: str, state: str, found: str | None = None, remedy: str | None = None) -> Document:
    return {"area": area, "state": state, "found": found, "remedy": remedy}


CHECKS = (
    words("area", "area"),
    words("state", "state", colored(COLORS)),
    words("found", "found", remark(), folds=True),
    words("what to do", "remedy", remark(), folds=True),
)
