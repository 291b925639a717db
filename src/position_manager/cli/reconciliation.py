"""``validate``, ``validations``, ``verify`` and ``discrepancies``."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from position_manager.cli import completion
from position_manager.cli.commands import Commands, listing
from position_manager.cli.ledger_archive import verified_archives
from position_manager.cli.operations import outcome, run_to_end
from position_manager.cli.output import (
    ASSET,
    BOOK,
    MISSING,
    Column,
    Document,
    Screen,
    colored,
    print_rows,
    print_table,
    when,
    words,
)
from position_manager.cli.query import (
    Account,
    AnyAsset,
    AsJson,
    Book,
    Database,
    Limit,
    Mode,
    call,
    connected,
    refuse,
    rows,
)
from position_manager.terminal import echo, print_json

INVALID = 3
Id = Annotated[str, typer.Argument(metavar="ID", help="Id, as shown by **discrepancies list**.")]
Note = Annotated[str | None, typer.Option("--note", help="Reason for the decision.")]
Price = Annotated[
    str | None,
    typer.Option("--price", help="Price of what the adjustment closes or opens, such as 49000."),
]

app = Commands()
discrepancies = Commands(
    no_args_is_help=True, help="List and decide discrepancies with the venue, the ledger or a rule."
)

app.add_typer(discrepancies, name="discrepancies")


class Status(StrEnum):
    """The status of a discrepancy."""

    open = "open"
    fixed = "fixed"
    accepted = "accepted"
    dismissed = "dismissed"
    resolved = "resolved"
    all = "all"


@app.command()
def validate(
    asset: Annotated[
        str | None,
        typer.Argument(
            help="Symbol, in any case, such as BTCUSDT.",
            show_default=False,
            autocompletion=completion.assets,
        ),
    ] = None,
    account: Account = None,
    mode: Mode = None,
    fix: Annotated[
        bool, typer.Option("--fix/--no-fix", help="Correct fixable discrepancies, or only report.")
    ] = True,
    everything: Annotated[
        bool,
        typer.Option(
            "--all", help="Validate all positions of all accounts, as the scheduled job does."
        ),
    ] = False,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Compare a position with its ledger, the rules and the venue, and correct it.

    The default is the account main in one-way mode. Exits with 3 when discrepancies remain. Fails
    when neither the ledger nor the venue knows the position.
    """
    if everything == (asset is not None) or (everything and (account or mode or not fix)):
        refuse("give an ASSET, or --all", "--all takes no other filter.")
    if asset is None:
        _validate_all(as_json, database)
        return
    with connected(database) as connection:
        found = call(
            connection,
            "validate_position",
            asset=asset,
            mode=mode,
            fix_discrepancies=str(fix).lower(),
            account=account,
        )
    if as_json:
        print_json(found)
    else:
        _show_validation(found)
    if not found["is_valid"]:
        raise typer.Exit(INVALID)


def _validate_all(as_json: bool, database: str | None) -> None:
    """Run the job that validates all positions."""
    run = run_to_end("validate_positions", False, database)
    with connected(database) as connection:
        standing = call(connection, "get_discrepancies", status="open")["count"]
    if as_json:
        print_json({"run": run, "open": standing})
    else:
        echo(outcome(run), err=run["status"] != "succeeded")
        if standing:
            echo(f"{standing} open: see  discrepancies list", err=True)
    if run["status"] != "succeeded":
        raise typer.Exit(1)
    if standing:
        raise typer.Exit(INVALID)


def _show_validation(found: Document) -> None:
    console = Screen()
    discrepancies = found["discrepancies"]
    if discrepancies:
        print_table(DISCREPANCIES, discrepancies, console=console)
    if found["is_valid"]:
        settled = any(each["status"] == "fixed" for each in discrepancies)
        console.print(Text.assemble(("valid", "green"), " after fixes" if settled else ""))
    else:
        console.print(Text.assemble(("not valid", "red"), f": {found['error_message']}"))


@app.command()
@listing
def validations(limit: Limit = None, as_json: AsJson = False, database: Database = None) -> None:
    """List validations and their counts, newest first."""
    with connected(database) as connection:
        found = rows(connection, "validations", {}, ("-id",), limit or 100)
    print_rows(found, VALIDATIONS, as_json, name="validations", empty="no validations yet")


@app.command()
def verify(as_json: AsJson = False, database: Database = None) -> None:
    """Fold the whole ledger and compare it with every stored position.

    Covers all accounts, without blocking other clients. Archives of the ledger are read whole and
    compared with their manifests. Exits with 1 when a position or an archive differs; to correct a
    position, run **validate**.
    """
    with connected(database) as connection:
        found = call(connection, "verify_ledger")
        found["archives"] = verified_archives(connection)
    if as_json:
        print_json(found)
    else:
        _show_verification(found)
    if found["discrepancies"]:
        raise typer.Exit(1)


def _show_verification(found: Document) -> None:
    console = Screen()
    if found["findings"]:
        print_table(FINDINGS, found["findings"], console=console)
    checked = f"{found['positions']} positions, {found['entries']} entries"
    if not found["discrepancies"]:
        console.print(Text.assemble(("verified", "green"), f": {checked}, no discrepancy"))
        if found["archives"]:
            archives = ", ".join(found["archives"])
            console.print(Text.assemble(("verified", "green"), f": the archives {archives}"))
        return
    console.print(
        Text.assemble((f"{found['discrepancies']} discrepancies", "red"), f" in {checked}")
    )
    left_out = found["discrepancies"] - len(found["findings"])
    if left_out > 0:
        console.print(f"  the first {len(found['findings'])} are shown")


@discrepancies.command("list")
@listing
def list_discrepancies(
    asset: AnyAsset = None,
    status: Annotated[
        Status, typer.Option("--status", "-s", help="Only this status.")
    ] = Status.open,
    account: Account = None,
    mode: Mode = None,
    limit: Limit = None,
    book: Book = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List discrepancies, the last seen first.

    The default is open discrepancies of all accounts, with their books, and of all modes.
    """
    with connected(database) as connection:
        found = call(
            connection,
            "get_discrepancies",
            status=status.value,
            asset=asset,
            mode=mode,
            account=account,
            page_limit=None if limit is None else str(limit),
            book=book,
        )
    listed = found["discrepancies"]
    print_rows(
        listed,
        DISCREPANCIES,
        as_json,
        name="discrepancies",
        document=found,
        empty="no discrepancies",
    )
    if listed and len(listed) < found["count"] and not as_json:
        echo(f"{len(listed)} of {found['count']}", err=True)


@discrepancies.command()
def accept(
    id_: Id,
    note: Note = None,
    price: Price = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Apply the proposal of a discrepancy, even if it is not applied automatically.

    The venue's figures become an adjustment at the time of its report; a stored row is rebuilt from
    its ledger. With **--price**, what the adjustment closes is realized at that price, and what it
    opens costs that price; a discrepancy that closed something at an unknown price can be accepted
    again. Fails when the discrepancy is not open or has no proposal.
    """
    _decide("accept_discrepancy", id_, as_json, database, note=note, price=price)


@discrepancies.command()
def dismiss(id_: Id, note: Note = None, as_json: AsJson = False, database: Database = None) -> None:
    """Dismiss a discrepancy: keep our figures, without review until the difference changes."""
    _decide("dismiss_discrepancy", id_, as_json, database, note=note)


def _decide(
    function: str, id_: str, as_json: bool, database: str | None, **given: str | None
) -> None:
    with connected(database) as connection:
        decided = call(connection, function, id=id_, **given)
    if as_json:
        print_json(decided)
    else:
        echo(
            f"{decided['status']}: {decided['field']} of {decided['asset']} {decided['leg']},"
            f" ours {decided['ours']}, theirs {decided['theirs']}"
        )


def _asset(asset: str) -> Text:
    return Text(asset, style="yellow")


def _kind(discrepancy: Document) -> Text:
    kind, field = discrepancy["kind"], discrepancy["field"]
    return Text(f"stored {field}" if kind == "stored_row" else kind)


def _validated(validation: Document) -> Text:
    return Text(validation["scope"] or ("all" if validation["finished_at"] else f"all, {MISSING}"))


DISCREPANCIES = (
    words("account", "account"),
    BOOK,
    words("asset", "asset", _asset),
    words("leg", "leg"),
    words("kind", None, _kind),
    Column("ours", "ours", folds=True),
    Column("theirs", "theirs", folds=True),
    words(
        "status",
        "status",
        colored({"open": "red", "fixed": "green", "accepted": "green", "dismissed": "yellow"}),
    ),
    words("proposal", "proposal", folds=True),
    words("id", "id"),
)
VALIDATIONS = (
    words("started", "started_at", when),
    words("by", "origin"),
    words("scope", None, _validated),
    Column("positions", "positions"),
    Column("discrepancies", "discrepancies"),
    Column("fixed", "fixes"),
    Column("errors", "errors"),
)
FINDINGS = (
    words("account", "account"),
    BOOK,
    ASSET,
    words("mode", "mode"),
    words("leg", "leg"),
    words("field", "field"),
    Column("stored", "stored", folds=True),
    Column("from the ledger", "expected", folds=True),
)
