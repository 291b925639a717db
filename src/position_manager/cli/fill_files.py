"""``fills export`` and ``fills import``: fills in a file, without rounding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from position_manager.cli.export import ChosenFormat, write_export
from position_manager.cli.exports import FILLS, Selection, progress
from position_manager.cli.fill_formats import Venue
from position_manager.cli.fill_rows import FileError, FillFile
from position_manager.cli.fill_staging import BY_ID, BY_LEG_AND_TIME, Staging
from position_manager.cli.output import Document
from position_manager.cli.query import (
    Account,
    AnyAsset,
    AsJson,
    Book,
    Database,
    Mode,
    call,
    connected,
    position_filter,
    refuse,
)
from position_manager.cli.times import time_option
from position_manager.terminal import echo, print_json

if TYPE_CHECKING:
    import psycopg

# The cost of a fill is the same from 2,500 on. A position whose ledger goes on after the file is
# replayed once a batch; while a batch is applied, its positions wait.
BATCH = 20_000
# How many rows are read between two steps of the progress bar.
STEP = 1_000


def export_fills(
    file: Annotated[Path, typer.Argument(help="File to write.", dir_okay=False)],
    asset: AnyAsset = None,
    account: Account = None,
    mode: Mode = None,
    since: Annotated[
        str | None, time_option("--from", help="Executed at or after this time.")
    ] = None,
    until: Annotated[
        str | None, time_option("--to", help="Executed at or before this time.")
    ] = None,
    form: ChosenFormat = None,
    book: Book = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Export the fills that count to a file that **fills import** reads.

    Voided fills are left out. A fill that was corrected, or moved to another book, is exported as
    it counts, under the id that it came with. CSV or Parquet, streamed; **export fills** has every
    entry of the ledger instead.
    """
    selection = Selection(position_filter(account, asset, mode, book), since, until)
    write_export("fills", FILLS, file, form, selection, as_json, database)


def import_fills(
    file: Annotated[Path, typer.Argument(help="CSV file to read.", exists=True, dir_okay=False)],
    account: Annotated[
        str | None,
        typer.Option("--account", "-a", help="Account of the fills that name none; else main."),
    ] = None,
    venue: Annotated[
        Venue | None,
        typer.Option("--format", help="Origin of the file; by default, what its header says."),
    ] = None,
    time_zone: Annotated[
        str | None,
        typer.Option("--time-zone", help="Zone of the times, where the file names none."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be imported; change nothing.")
    ] = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Import fills from a CSV file of **fills export**, ccxt, Binance, Bybit, OKX or IBKR.

    Idempotent: a fill that was recorded is a duplicate. A row that is rejected stops no other.
    Fills are applied by position and time, each batch in a transaction of its own. Fills that are
    older than recorded ones take their place by time. Exits with 1 when a row is rejected.
    """
    with closing(Staging()) as staging, connected(database) as connection:
        title, counts = _stage(file, venue, _zone(time_zone), account or "main", staging)
        facts = staging.facts()
        with progress(file.name, facts.fills) as bar:
            # A plan records nothing by which a later batch would know a duplicate.
            for lines, fills in staging.batches(BATCH, BY_ID if dry_run else BY_LEG_AND_TIME):
                answer = _imported(connection, fills, file.name, dry_run)
                counts.update(answer["counts"])
                for each in answer["rejected"]:
                    staging.refuse(lines[each.pop("ordinal") - 1], each)
                bar.advance(bar.task_ids[0], len(lines))
        found = {"format": title, **asdict(facts), "counts": counts}
        refused = _print(found, staging.refused(), as_json, dry_run)
    if refused:
        raise typer.Exit(1)


def _zone(name: str | None) -> tzinfo | None:
    try:
        return None if name is None else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        refuse(f"refused: time zone: {name} is not known; such as America/New_York or UTC")


def _stage(
    file: Path, venue: Venue | None, zone: tzinfo | None, account: str, staging: Staging
) -> tuple[str, Counter[str]]:
    """Read a file; return its layout, and how many of its rows are no fills or malformed."""
    counts: Counter[str] = Counter()
    try:
        with (
            file.open(newline="", encoding="utf-8-sig") as lines,
            progress("reading", None) as bar,
        ):
            fills = FillFile(lines, venue, zone)
            for number, read in enumerate(fills, 1):
                if read.fill is not None:
                    fill = {"account": account} | read.fill
                    staging.add(read.line, fill, fills.layout.has_ids)
                elif read.objection is not None:
                    staging.refuse(read.line, _malformed(read.objection))
                    counts["rejected"] += 1
                else:
                    counts["skipped"] += 1
                if number % STEP == 0:
                    bar.update(bar.task_ids[0], completed=number)
            return fills.layout.title, counts
    except FileError as error:
        refuse(f"refused: {error.args[0]}", *error.args[1:])
    except OSError as error:
        refuse(f"refused: {file} cannot be read", str(error))


def _malformed(objection: str) -> Document:
    return {"outcome": "rejected", "reason": "invalid_row", "detail": objection}


def _imported(
    connection: psycopg.Connection[tuple[Document]], fills: str, source: str, dry_run: bool
) -> Document:
    """Import a batch in a transaction of its own, or plan it."""
    only_plan = "true" if dry_run else "false"
    answer = call(connection, "import_fills", fills=fills, source=source, only_plan=only_plan)
    connection.commit()
    return answer


def _print(found: Document, refused: Iterator[Document], as_json: bool, dry_run: bool) -> bool:
    """Print the facts and the counts; return whether a row was refused."""
    if as_json:
        listed = list(refused)
        print_json(found | {"rejected": listed})
        return bool(listed)
    has_refused = False
    for each in refused:
        has_refused = True
        reason = each["detail"] or each["reason"]
        echo(f"line {each['line']}: {each['outcome']}: {reason}", err=True, color="red")
    if dry_run:
        span = f", {found['first']} to {found['last']}" if found["first"] else ""
        numbers = ", ".join(f"{name}: {found[name]:,}" for name in ("fills", "accounts", "assets"))
        echo(f"{found['format']}: {numbers}{span}")
    words = {"applied": "new"} if dry_run else {}
    counts = sorted(found["counts"].items())
    echo(", ".join(f"{n:,} {words.get(each, each)}" for each, n in counts) or "no fills")
    return has_refused
