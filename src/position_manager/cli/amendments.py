"""``amendments``: busts and corrections whose fill is not recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from position_manager.cli.commands import Commands, listing
from position_manager.cli.output import (
    ACCOUNT,
    Column,
    Document,
    exact,
    price,
    print_outcome,
    print_rows,
    when,
    words,
)
from position_manager.cli.query import (
    Account,
    AnyAsset,
    AsJson,
    Database,
    Limit,
    call,
    connected,
    position_filter,
    refuse,
    rows,
)

if TYPE_CHECKING:
    import psycopg

Pending = Annotated[
    bool,
    typer.Option("--pending", help="Also when it is not recorded yet: from its arrival on."),
]

app = Commands()
amendments = Commands(
    no_args_is_help=True, help="List and drop busts and corrections that wait for their fill."
)

app.add_typer(amendments, name="amendments")


def amend(
    connection: psycopg.Connection[Any], function: str, *, pending: bool, **arguments: str | None
) -> Document:
    """Record a bust or correction; its outcome.

    Records nothing and exits with 1 when what it names is not recorded, which is most often a typo,
    unless it may be pending.
    """
    outcome = call(connection, function, **arguments)
    if outcome.get("reason") == "pending_fill" and not pending:
        refuse(
            f"refused: {outcome['detail']}",
            "With --pending the command takes effect when it arrives.",
        )
    return outcome


@amendments.command("list")
@listing
def list_pending(
    asset: AnyAsset = None,
    account: Account = None,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List busts and corrections that wait for their fill, the newest first."""
    wanted = position_filter(account, asset)
    newest_first = ("-recorded_at", "account", "identity")
    with connected(database) as connection:
        found = rows(connection, "pending_amendments", wanted, newest_first, limit or 100)
    print_rows(
        found, PENDING, as_json, name="pending_amendments", empty="no bust or correction waits"
    )


@amendments.command("drop")
def drop_pending(
    identity: Annotated[str, typer.Argument(help="Identity, as shown by **amendments list**.")],
    account: Account = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Drop a bust or correction: a fill that comes later counts as it was reported."""
    with connected(database) as connection:
        outcome = call(connection, "drop_amendment", identity=identity, account=account)
    print_outcome(outcome, as_json)


PENDING = (
    ACCOUNT,
    words("asset", "asset"),
    words("leg", "leg", leaves=1),
    words("identity", "identity", folds=True),
    words("waits for", "amends", folds=True),
    words("side", "side", leaves=2),
    Column("quantity", "quantity", exact, leaves=2),
    Column("price", "price", price, leaves=2),
    words("recorded", "recorded_at", when),
)
