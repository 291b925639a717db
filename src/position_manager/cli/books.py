"""``books``: what the strategies of accounts have."""

from __future__ import annotations

from position_manager.cli.commands import Commands, listing
from position_manager.cli.output import (
    ACCOUNT,
    Column,
    count,
    gain,
    money,
    print_rows,
    words,
)
from position_manager.cli.pnl import INCOMPLETE
from position_manager.cli.query import (
    Account,
    AsJson,
    Database,
    connected,
    position_filter,
    rows,
)

app = Commands()


@app.command()
@listing
def books(account: Account = None, as_json: AsJson = False, database: Database = None) -> None:
    """List the books of accounts with their totals, in USDT.

    A book has the fills that name its strategy, the book unassigned those that name none; together
    they are the account. The default is all accounts; those without strategies have no books.
    """
    with connected(database) as connection:
        found = rows(connection, "books", position_filter(account), ("account", "book"))
    print_rows(found, BOOKS, as_json, name="books", empty="no books: no fill names a strategy")


BOOKS = (
    ACCOUNT,
    words("book", "book"),
    Column("open", "open_positions", count),
    Column("exposure", "exposure_usdt", money, leaves=2),
    Column("unrealized", "unrealized_pnl_usdt", gain, leaves=1),
    Column("realized net + funding", "realized_pnl_usdt", gain, leaves=1),
    Column("fees", "fees_paid_usdt", money, leaves=3),
    Column("funding", "funding_usdt", gain, leaves=4),
    Column("net PnL", "net_pnl_usdt", gain),
    INCOMPLETE,
)
