"""``ledger``: the periods of the ledger, archived and restored."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from position_manager.cli.commands import Commands
from position_manager.cli.exports import ExportError, Format, Selection, Source, progress
from position_manager.cli.output import Column, Document, count, print_rows, remark, when, words
from position_manager.cli.query import AsJson, Database, call, connected, refuse
from position_manager.terminal import echo, print_json

if TYPE_CHECKING:
    import psycopg

    from position_manager.archive.store import Store

ROWS = Source("archive_rows", "executed_at", ("leg_id", "executed_at", "id"))
# Rows that one call restores.
CHUNK = 20_000
IN_FILE_ORDER = """
    SELECT r.*
    FROM api.archive_rows r
    WHERE r.executed_at >= %(since)s::timestamptz AND r.executed_at < %(until)s::timestamptz
    ORDER BY r.leg_id, r.executed_at, r.id
"""
Partition = Annotated[str, typer.Argument(help="Name, as shown by  ledger status.")]

app = Commands()
ledger = Commands(no_args_is_help=True, help="Archive periods of the ledger, and restore them.")
app.add_typer(ledger, name="ledger")


@ledger.callback()
def _group() -> None:
    """Archive periods of the ledger, and restore them."""


@ledger.command()
def status(as_json: AsJson = False, database: Database = None) -> None:
    """List the partitions of the ledger and its archives, oldest first.

    The ledger begins a partition when the newest one is large enough, with a month or a week. One
    that has several months is archived as a whole.
    """
    with connected(database) as connection:
        found = call(connection, "get_ledger_periods")
    print_rows(
        found["periods"], PERIODS, as_json, name="periods", empty="", document={
            "begins_at": found["begins_at"]
        },
    )  # fmt: skip


@ledger.command()
def archive(
    before: Annotated[
        str, typer.Option(help="Partitions that end by this month or day, such as 2026-01.")
    ],
    to: Annotated[
        str, typer.Option(help="Folder, or URI such as s3://bucket/ledger, to write to.")
    ],
    plan: Annotated[bool, typer.Option("--plan", help="Only show what would be archived.")] = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Archive whole partitions of the ledger: write them as Parquet, read them back, drop them.

    What legs bring forward stays, and so do PnL by period and snapshots. From then on a message
    dated into an archived period is rejected as archived_period, and so is one that names an
    archived fill. Interrupted, the ledger or the archive is whole: run it again, or restore.

    For an S3-like store give its address and keys as AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID and
    AWS_SECRET_ACCESS_KEY.
    """
    from position_manager.archive.store import Store

    end = _moment(before)
    with connected(database) as connection:
        connection.autocommit = True
        periods = call(connection, "get_ledger_periods")["periods"]
        chosen = [
            each
            for each in periods
            if each["state"] != "archived" and each["until"] is not None
            and datetime.fromisoformat(each["until"]) <= end
        ]  # fmt: skip
        if plan or not chosen:
            print_rows(
                chosen, PERIODS, as_json, name="periods",
                empty=f"no partition ends by {end:%Y-%m-%d}: see  position-manager ledger status",
            )  # fmt: skip
            return
        with _refused():
            # Before a period is closed.
            Store.at(to).require_writable()
            done = []
            for period in chosen:
                each = _archive(connection, period, to)
                done.append(each)
                if not as_json:
                    echo(
                        f"archived {each['partition']}: {each['entries']} entries,"
                        f" {each['bytes']} bytes, in {each['location']}"
                    )
    if as_json:
        print_json({"archived": done})


@ledger.command()
def restore(
    partition: Partition,
    from_: Annotated[
        str | None,
        typer.Option("--from", help="Folder or URI with its manifest; by default as archived."),
    ] = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Restore an archived partition: its files are verified and its entries are put back.

    The newest archive comes first. The files stay. Interrupted, the archive counts: run it again.
    """
    from position_manager.archive.content import rows_of, verify
    from position_manager.archive.store import Store

    with connected(database) as connection, _refused():
        connection.autocommit = True
        held = _archive_of(connection, partition)
        store = Store.at(from_ or held["location"])
        manifest = verify(store, held["manifest_sha256"])
        _run(connection, "begin_ledger_restore", partition)
        with progress(partition, manifest["entries"]) as bar:
            for number, rows in rows_of(store, CHUNK):
                _run(connection, "restore_ledger_entries", partition, rows)
                bar.advance(bar.task_ids[0], number)
        _run(connection, "finish_ledger_restore", partition)
    if as_json:
        print_json({"restored": partition, "entries": manifest["entries"]})
    else:
        echo(f"restored {partition}: {manifest['entries']} entries")


@ledger.command()
def reopen(partition: Partition, database: Database = None) -> None:
    """Accept entries again in a partition that was closed and is not archived."""
    with connected(database) as connection:
        _run(connection, "reopen_ledger_partition", partition)
    echo(f"reopened {partition}")


def verified_archives(connection: psycopg.Connection[Any]) -> list[str]:
    """Read every archive whole and compare it with its manifest; exit with 1 if one differs."""
    periods = call(connection, "get_ledger_periods")["periods"]
    archived = [each for each in periods if each["location"] is not None]
    if archived:
        from position_manager.archive.content import verify
        from position_manager.archive.store import Store

        with _refused():
            for each in archived:
                verify(Store.at(each["location"]), each["manifest_sha256"])
    return [each["partition"] for each in archived]


def _archive(connection: psycopg.Connection[Any], period: Document, to: str) -> Document:
    """Archive a partition, in steps that can each be repeated."""
    from position_manager.archive.content import folder_for, verify
    from position_manager.archive.store import ENTRIES, ArchiveError, Store

    partition = period["partition"]
    if period["state"] == "dropping":
        store = Store.at(period["location"])
        verify(store, period["manifest_sha256"])
    else:
        closed = call(connection, "close_ledger_partition", partition=partition)
        counted = call(connection, "prepare_ledger_archive", partition=partition)
        try:
            store = folder_for(closed, Store.at(to))
            digest = _write(connection, closed, counted, store)
        except ArchiveError as error:
            raise ArchiveError(
                f"{error}\n{partition} is closed: archive it again, or take that back with"
                f"  position-manager ledger reopen {partition}"
            ) from error
        _run(
            connection, "finish_ledger_archive", partition, closed["archive_id"], store.location,
            digest,
        )  # fmt: skip
    _run(connection, "drop_archived_partition", partition)
    return {
        "partition": partition,
        "entries": store.manifest()["entries"],
        "bytes": store.size(ENTRIES),
        "location": store.location,
    }


def _archive_of(connection: psycopg.Connection[Any], partition: str) -> Document:
    """An archived period by the name of its partition; raises ArchiveError."""
    from position_manager.archive.store import ArchiveError

    for period in call(connection, "get_ledger_periods")["periods"]:
        if period["partition"] == partition and period["location"] is not None:
            found: Document = period
            return found
    raise ArchiveError(f"{partition}: is not archived")


def _write(
    connection: psycopg.Connection[Any], closed: Document, counted: Document, store: Store
) -> str:
    """Write the files of a closed partition and read them back; return the manifest's digest."""
    from position_manager.archive import content
    from position_manager.archive.store import ENTRIES, MANIFEST, ArchiveError, Store, text_of
    from position_manager.cli.export_files import export_to

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / ENTRIES
        with connection.transaction():
            export_to(file, Format.PARQUET, connection, ROWS, _span(closed))
        sums = content.sums_of(Store.at(folder))
        manifest = content.manifest_of(closed, sums)
        # Before anything is written to where archives lie.
        if any(manifest[name] != counted[name] for name in ("entries", "voids")):
            raise ArchiveError(f"{closed['partition']}: not all entries are in the file")
        store.put(file, ENTRIES)
    manifest["files"] = [store.file(ENTRIES)]
    store.put_text(text_of(manifest), MANIFEST)
    digest = store.sha256(MANIFEST)
    content.verify(store, digest)
    _compare(connection, closed, store)
    return digest


def _compare(connection: psycopg.Connection[Any], closed: Document, store: Store) -> None:
    """Compare each value in the file with that in the ledger; raises ArchiveError."""
    from psycopg.rows import dict_row

    from position_manager.archive import content

    span = {"since": closed["since"] or "-infinity", "until": closed["until"]}
    with connection.transaction(), connection.cursor("rows", row_factory=dict_row) as rows:
        rows.itersize = CHUNK
        content.require_equal(store, rows.execute(IN_FILE_ORDER, span))


def _span(closed: Document) -> Selection:
    last = datetime.fromisoformat(closed["until"]) - timedelta(microseconds=1)
    return Selection({}, closed["since"], last.isoformat())


def _run(connection: psycopg.Connection[Any], function: str, *arguments: str | int) -> None:
    from psycopg import sql

    marks = sql.SQL(", ").join([sql.Placeholder()] * len(arguments))
    statement = sql.SQL("SELECT {}({})").format(sql.Identifier("api", function), marks)
    connection.execute(statement, arguments)


def _moment(text: str) -> datetime:
    """The start of a month or a day; raises BadParameter."""
    for form in ("%Y-%m", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise typer.BadParameter("must be a month or a day, such as 2026-01", param_hint="--before")


@contextmanager
def _refused() -> Iterator[None]:
    from position_manager.archive.store import ArchiveError

    try:
        yield
    except (ArchiveError, ExportError) as error:
        refuse(f"refused: {error}")


PERIODS = (
    words("partition", "partition"),
    words("since", "since", when),
    words("until", "until", when),
    words("state", "state"),
    Column("entries", "entries", count),
    words("obstacle", "obstacle", remark("yellow"), leaves=3),
    words("location", "location", leaves=2, folds=True),
)
