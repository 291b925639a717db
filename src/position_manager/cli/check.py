"""``check``: the effect of a fill before it is sent."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from position_manager.cli.commands import Commands
from position_manager.cli.output import (
    Column,
    Document,
    Screen,
    average,
    exact,
    grid,
    incomplete,
    money,
    print_table,
    utilization,
    words,
)
from position_manager.cli.query import (
    Account,
    AsJson,
    Asset,
    Database,
    Leg,
    Mode,
    Side,
    call,
    connected,
)
from position_manager.cli.risk import LEVEL, amount_of
from position_manager.terminal import echo, print_json

# Exit code; 2 means a usage error.
NOT_ALLOWED = 3

app = Commands()


@app.command()
def check(
    asset: Asset,
    side: Side,
    quantity: Annotated[str, typer.Argument(help="Quantity > 0.")],
    price: Annotated[str | None, typer.Option(help="Price; by default the mark price.")] = None,
    fee: Annotated[
        str | None, typer.Option(help="Fee in the settlement currency; by default none.")
    ] = None,
    account: Account = None,
    mode: Mode = None,
    position_side: Leg = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show the effect of a fill on size, average, exposure and limits, without recording it.

    Exits with 3 when the fill would breach a limit or worsen a breach.
    """
    with connected(database) as connection:
        found = call(
            connection,
            "check_fill",
            asset=asset,
            side=side,
            quantity=quantity,
            price=price,
            fee=fee,
            mode=mode,
            position_side=position_side,
            account=account,
        )
    if as_json:
        print_json(found)
    else:
        Screen().print(check_table(found))
        limits = [_used(limit) for limit in found["limits"] if _concerns(limit, found["fill"])]
        if limits:
            print_table(CHECKED_LIMITS, limits)
    if not found["allowed"]:
        echo(f"not allowed: {_refusal(found)}", err=True, color="red")
        raise typer.Exit(NOT_ALLOWED)


# The figures that a check shows: title and field.
OF_POSITION = (
    ("size", "size"),
    ("average", "average_entry_price"),
    ("realized net + funding", "realized_pnl"),
    ("fees", "fees_paid"),
    ("exposure", "exposure_usdt"),
)
OF_PORTFOLIO = (
    ("portfolio exposure", "total_exposure_usdt"),
    ("portfolio net exposure", "net_exposure_usdt"),
)


def check_table(check: Document) -> Table:
    """A table of a position and a portfolio before and after a fill."""
    fill = check["fill"]
    quantity, price = exact(fill["quantity"]), exact(fill["price"])
    title = f"{fill['side']} {quantity} {fill['asset']} at {price}"
    table = grid(f"{title}, {fill['account']}")
    table.add_column("")
    table.add_column("before", justify="right", no_wrap=True)
    table.add_column("after", justify="right", no_wrap=True)
    before, after = check["position"]["before"] or {}, check["position"]["after"]
    for name, field in OF_POSITION:
        table.add_row(name, _figure(field, before.get(field)), _figure(field, after[field]))
    before, after = check["portfolio"]["before"], check["portfolio"]["after"]
    for name, field in OF_PORTFOLIO:
        table.add_row(name, money(before[field]), money(after[field]))
    for reason, found in incomplete(after):
        table.add_row(reason, "", found)
    return table


def _figure(field: str, value: str | None) -> Text:
    """Format a figure of a position."""
    if field == "average_entry_price":
        return average(value)
    return exact(value) if field == "size" else money(value)


def _concerns(limit: Document, fill: Document) -> bool:
    """Whether a limit bounds the asset of a fill, or changes by it."""
    return limit["asset"] in {None, fill["asset"]} or limit["before"] != limit["after"]


def _refusal(check: Document) -> str:
    """The limits that a fill would harm."""
    harmed = {"breach": check["newly_breached"], "worsen the breach of": check["worsened"]}
    return "it would " + " and ".join(
        f"{harm} {', '.join(ids)}" for harm, ids in harmed.items() if ids
    )


def _used(limit: Document) -> Document:
    """A limit with its utilization before and after the fill."""
    return {
        "id": limit["id"],
        "limit": limit["limit"],
        "before": limit["before"]["utilisation"],
        "after": limit["after"]["utilisation"],
        "level": limit["after"]["level"],
    }


CHECKED_LIMITS = (
    words("limit", "id"),
    Column("level", None, amount_of("limit")),
    Column("before", "before", utilization),
    Column("after", "after", utilization),
    LEVEL,
)
