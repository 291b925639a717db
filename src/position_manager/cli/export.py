"""``export``: what is listed, as a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from position_manager.cli.commands import Commands
from position_manager.cli.exports import (
    SOURCES,
    ExportError,
    Format,
    Kind,
    Selection,
    Source,
)
from position_manager.cli.query import (
    Account,
    AsJson,
    AssetOption,
    Book,
    Database,
    Mode,
    connected,
    position_filter,
    refuse,
)
from position_manager.cli.times import time_option
from position_manager.terminal import echo, print_json

File = Annotated[Path, typer.Option("--output", "-o", help="File to write.", dir_okay=False)]
ChosenFormat = Annotated[
    Format | None,
    typer.Option("--format", help="Format; by default the suffix of the file.", show_default=False),
]
From = Annotated[str | None, time_option("--from", help="Earliest time, inclusive.")]
To = Annotated[str | None, time_option("--to", help="Latest time, inclusive.")]

app = Commands()


@app.command()
def export(
    kind: Annotated[Kind, typer.Argument(help="What to export.", show_default=False)],
    file: File,
    form: ChosenFormat = None,
    since: From = None,
    until: To = None,
    asset: AssetOption = None,
    account: Account = None,
    mode: Mode = None,
    book: Book = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Export snapshots, closed cycles, fills, the history of accounts or PnL by asset and day.

    Rows are sorted by position, then time, and streamed, so their number is not limited. Amounts
    are exact: text in CSV, decimals with 38 digits (18 fractional) in Parquet. Parquet requires the
    extra parquet. **fills export** writes what **fills import** reads.
    """
    selection = Selection(position_filter(account, asset, mode, book), since, until)
    write_export(kind.value, SOURCES[kind], file, form, selection, as_json, database)


def write_export(
    name: str,
    source: Source,
    file: Path,
    form: Format | None,
    selection: Selection,
    as_json: bool,
    database: str | None,
) -> None:
    """Write an export and print its summary; exit with 1 when it is not possible."""
    # Not for --help: it takes a tenth of a second.
    from position_manager.cli.export_files import export_to

    chosen = form or Format.of(file)
    if chosen is None:
        refuse("refused: format: must be csv or parquet, as --format or as the suffix of the file")
    try:
        with connected(database) as connection:
            count = export_to(file, chosen, connection, source, selection)
    except ExportError as error:
        refuse(f"refused: {error}")
    except OSError as error:
        refuse(f"refused: {file} cannot be written", str(error))
    if as_json:
        print_json({"file": str(file), "format": chosen.value, "count": count})
        return
    echo(f"{count:,} {name} in {file}")
