"""``fills export`` and ``fills import``: fills in a CSV file, without rounding."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from position_manager.cli.output import WIDE, Document
from position_manager.cli.query import (
    Account,
    AnyAsset,
    AsJson,
    Database,
    Mode,
    call,
    connected,
    position_filter,
    refuse,
    rows,
)
from position_manager.cli.times import time_option
from position_manager.terminal import echo, print_json

if TYPE_CHECKING:
    import psycopg

# As many as a request may have.
BATCH = 1000
# The fields of a fill that api.record_fills takes, which are the columns of a file.
FIELDS = (
    "execution_id", "asset", "side", "execution_quantity", "execution_price", "execution_fees",
    "fee_currency", "executed_at", "order_id", "account", "mode", "position_side",
)  # fmt: skip
UNSETTLED = {"rejected", "quarantined"}


def export_fills(
    file: Annotated[Path, typer.Argument(help="CSV file to write.", dir_okay=False)],
    asset: AnyAsset = None,
    account: Account = None,
    mode: Mode = None,
    since: Annotated[
        str | None, time_option("--from", help="Executed at or after this time.")
    ] = None,
    until: Annotated[
        str | None, time_option("--to", help="Executed at or before this time.")
    ] = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Export the fills that count to a CSV file that **fills import** reads.

    Voided fills are left out. Of a corrected fill, the correction is exported, under its own id.
    """
    selection = position_filter(account, asset, mode)
    try:
        with connected(database) as connection, file.open("w", newline="") as output:
            listed = rows(
                connection,
                "fills",
                {**selection, "kind": "trade"},
                ("id",),
                between=("executed_at", since, until),
            )
            listed = [each for each in listed if each["voided_by"] is None]
            writer = csv.DictWriter(output, FIELDS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(map(_written, listed))
    except OSError as error:
        refuse(f"refused: {file} cannot be written", str(error))
    done = {"file": str(file), "count": len(listed)}
    print_json(done) if as_json else echo(f"{len(listed):,} fills in {file}")


def import_fills(
    file: Annotated[Path, typer.Argument(help="CSV file to read.", exists=True, dir_okay=False)],
    account: Annotated[
        str | None,
        typer.Option("--account", "-a", help="Account of the fills that name none; else main."),
    ] = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Import fills from a CSV file, whose header names the fields of a fill.

    The columns are those of **fills export**; execution_id, asset, side, execution_quantity and
    execution_price are required. Idempotent: a fill that was recorded is a duplicate. A row that is
    rejected stops no other. Exits with 1 when one is rejected.
    """
    counts: Counter[str] = Counter()
    refused: list[Document] = []
    with connected(database) as connection, file.open(newline="", encoding="utf-8-sig") as text:
        fills = _fills_of(csv.DictReader(text), account)
        while batch := list(islice(fills, BATCH)):
            for line, outcome in _recorded(connection, batch):
                counts[outcome["outcome"]] += 1
                if outcome["outcome"] in UNSETTLED:
                    refused.append({"line": line} | outcome)
    if as_json:
        print_json({"counts": counts, "rejected": refused})
    else:
        for each in refused:
            reason = each.get("detail") or each.get("reason")
            echo(f"line {each['line']}: {each['outcome']}: {reason}", err=True, color="red")
        echo(", ".join(f"{number:,} {outcome}" for outcome, number in counts.items()) or "no fills")
    if refused:
        raise typer.Exit(1)


def _written(fill: Document) -> Document:
    """A row of the file."""
    is_native = fill["fee_native"] is not None
    return {
        "execution_id": fill["identity"].removeprefix("execution:"),
        "asset": fill["asset"],
        "side": fill["side"],
        "execution_quantity": _reported_quantity(fill),
        "execution_price": fill["price"],
        "execution_fees": fill["fee_native"] if is_native else fill["fee"],
        "fee_currency": fill["fee_currency"],
        "executed_at": fill["executed_at"],
        "order_id": fill["order_id"],
        "account": fill["account"],
        "mode": fill["mode"],
        "position_side": None if fill["leg"] == "net" else fill["leg"],
    }


def _reported_quantity(fill: Document) -> str:
    """The quantity before a fee was taken from it, without its sign."""
    quantity = Decimal(fill["quantity"])
    if fill["fee_rate"] == "0":
        quantity = WIDE.add(quantity, Decimal(fill["fee_native"]))
    return f"{quantity.copy_abs():f}"


def _fills_of(reader: csv.DictReader[str], account: str | None) -> Iterator[tuple[int, Document]]:
    """The fills of a file, each with its line."""
    unknown = sorted(set(reader.fieldnames or ()) - set(FIELDS))
    if unknown or not reader.fieldnames:
        found = f"unknown: {', '.join(unknown)}" if unknown else "there is none"
        refuse(f"refused: header: {found}", f"It may have {', '.join(FIELDS)}.")
    for row in reader:
        if None in row or None in row.values():
            refuse(f"refused: line {reader.line_num}: it has not as many cells as the header")
        yield reader.line_num, {"account": account or "main"} | {k: v for k, v in row.items() if v}


def _recorded(
    connection: psycopg.Connection[Any], batch: Sequence[tuple[int, Document]]
) -> Iterator[tuple[int, Document]]:
    """Record fills in a transaction of their own; the outcome of each, with its line."""
    fills = json.dumps([fill for _, fill in batch])
    outcomes = call(connection, "record_fills", fills=fills)["outcomes"]
    connection.commit()
    yield from zip((line for line, _ in batch), outcomes, strict=True)
