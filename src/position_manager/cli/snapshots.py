"""``snapshots``: create, list and export snapshots of positions."""

from __future__ import annotations

from position_manager.cli.commands import Commands, listing
from position_manager.cli.export import ChosenFormat, File, From, To, write_export
from position_manager.cli.exports import SOURCES, Kind, Selection
from position_manager.cli.output import Document, Screen, print_rows, when, words
from position_manager.cli.positions import POSITIONS, position_card
from position_manager.cli.query import (
    Account,
    AnyAsset,
    AsJson,
    AssetOption,
    Book,
    Database,
    Limit,
    Mode,
    call,
    connected,
    position_filter,
    refuse,
    rows,
)
from position_manager.terminal import print_json

# The fields of a snapshot in the contract.
FIELDS = ("id", "position_id", "account", "asset", "mode", "snapshot_data", "created_at")

SNAPSHOTS = (words("taken", "taken_at", when), *POSITIONS)

app = Commands()

snapshots = Commands(no_args_is_help=True, help="Create, list and export snapshots of positions.")

app.add_typer(snapshots, name="snapshots")


@snapshots.command()
def create(
    asset: AnyAsset = None,
    account: Account = None,
    mode: Mode = None,
    book: Book = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Create snapshots of the current positions.

    With ASSET, takes and shows a snapshot of one position; the default is the account main in
    one-way mode. Without ASSET, takes snapshots of all positions that are open or have changed
    since their last snapshot, by default in all accounts, with their books.
    """
    if asset is None and mode is not None:
        refuse("refused: mode: must be given with an ASSET")
    with connected(database) as connection:
        if asset is None:
            taken = call(connection, "create_snapshots", account=account, book=book)
        else:
            taken = call(
                connection, "create_snapshot", asset=asset, mode=mode, account=account, book=book
            )
    if as_json:
        print_json(taken)
        return
    console = Screen()
    if asset is None:
        console.print(f"{taken['count']} snapshots of {when(taken['created_at'])}")
        return
    console.print(f"snapshot {taken['id']} of {when(taken['created_at'])}")
    console.print(position_card(taken["snapshot_data"]))


@snapshots.command("list")
@listing
def list_snapshots(
    asset: AnyAsset = None,
    account: Account = None,
    mode: Mode = None,
    since: From = None,
    until: To = None,
    limit: Limit = None,
    book: Book = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List snapshots, newest first.

    The default is all accounts and modes; those of a book are listed for one ASSET, by default in
    one-way mode.
    """
    with connected(database) as connection:
        if book is None:
            found = rows(
                connection,
                "snapshots",
                position_filter(account, asset, mode),
                ("-created_at", "account", "asset", "mode"),
                limit or 100,
                between=("created_at", since, until),
            )
        else:
            found = call(
                connection,
                "get_snapshots",
                asset=asset,
                mode=mode,
                page_limit=None if limit is None else str(limit),
                from_time=since,
                to_time=until,
                account=account,
                book=book,
            )["snapshots"]
    taken: list[Document] = [{name: each[name] for name in FIELDS} for each in found]
    if not as_json:
        taken = [each["snapshot_data"] | {"taken_at": each["created_at"]} for each in taken]
    print_rows(taken, SNAPSHOTS, as_json, name="snapshots", empty="no snapshots yet")


@snapshots.command()
def export(
    file: File,
    form: ChosenFormat = None,
    since: From = None,
    until: To = None,
    asset: AssetOption = None,
    account: Account = None,
    mode: Mode = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Export snapshots to a file, with a column for each field of the position.

    As  **export snapshots**.
    """
    selection = Selection(position_filter(account, asset, mode), since, until)
    write_export(
        Kind.snapshots.value, SOURCES[Kind.snapshots], file, form, selection, as_json, database
    )
