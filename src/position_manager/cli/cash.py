"""``cash``: deposits, withdrawals, interest and transfers of cash, and the balances they give."""

from __future__ import annotations

from typing import Annotated

import typer

from position_manager.cli.commands import Commands, listing
from position_manager.cli.output import (
    Column,
    any_but,
    colored,
    exact,
    money,
    print_outcome,
    print_rows,
    when,
    words,
)
from position_manager.cli.prices import PRICE_COLORS
from position_manager.cli.query import (
    Account,
    AsJson,
    AsOf,
    Database,
    KnownAt,
    Limit,
    call,
    connected,
)
from position_manager.cli.times import time_option

app = Commands()
cash = Commands(
    no_args_is_help=True,
    help="Record deposits, withdrawals, interest and transfers of cash, and show balances.",
)
app.add_typer(cash, name="cash")

Amount = Annotated[str, typer.Argument(help="Amount > 0.")]
Currency = Annotated[str, typer.Argument(help="Currency such as USDT, in any case.")]
Id = Annotated[str, typer.Option("--id", help="Id of the movement; a repeated one counts once.")]
At = Annotated[str | None, time_option("--at", help="From when on it counts; by default now.")]
CurrencyOption = Annotated[str | None, typer.Option("--currency", help="Currency; by default all.")]


@cash.command()
def deposit(
    amount: Amount,
    currency: Currency,
    cash_id: Id,
    account: Account = None,
    at: At = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Record cash that came into an account."""
    _record("deposit", amount, currency, cash_id, account, at, as_json, database)


@cash.command()
def withdraw(
    amount: Amount,
    currency: Currency,
    cash_id: Id,
    account: Account = None,
    at: At = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Record cash that left an account."""
    _record("withdrawal", amount, currency, cash_id, account, at, as_json, database)


@cash.command()
def interest(
    amount: Annotated[str, typer.Argument(help="Amount received; below 0 if it was paid.")],
    currency: Currency,
    cash_id: Id,
    account: Account = None,
    at: At = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Record interest: income, not a deposit."""
    _record("interest", amount, currency, cash_id, account, at, as_json, database)


def _record(
    kind: str,
    amount: str,
    currency: str,
    cash_id: str,
    account: str | None,
    at: str | None,
    as_json: bool,
    database: str | None,
) -> None:
    with connected(database) as connection:
        outcome = call(
            connection,
            "record_cash",
            cash_id=cash_id,
            kind=kind,
            currency=currency,
            amount=amount,
            account=account,
            effective_at=at,
        )
    print_outcome(outcome, as_json)


@cash.command()
def transfer(
    amount: Amount,
    currency: Currency,
    from_account: Annotated[str, typer.Option("--from", help="Source account.")],
    to_account: Annotated[str, typer.Option("--to", help="Destination account.")],
    transfer_id: Id,
    at: At = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Move cash from one account to another."""
    with connected(database) as connection:
        outcome = call(
            connection,
            "transfer_cash",
            transfer_id=transfer_id,
            currency=currency,
            amount=amount,
            from_account=from_account,
            to_account=to_account,
            effective_at=at,
        )
    print_outcome(outcome, as_json)


@cash.command()
def bust(
    entry: Annotated[str, typer.Argument(help="Its id, or its identity as  cash list  shows it.")],
    account: Account = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Undo a movement of cash that should never have been recorded."""
    with connected(database) as connection:
        outcome = call(connection, "bust_cash", id=entry, account=account)
    print_outcome(outcome, as_json)


@cash.command("list")
@listing
def list_entries(
    account: Account = None,
    currency: CurrencyOption = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List movements of cash, newest first."""
    with connected(database) as connection:
        found = call(
            connection,
            "get_cash",
            account=account,
            currency=currency,
            as_of=as_of,
            known_at=known_at,
            page_limit=None if limit is None else str(limit),
        )
    print_rows(found["entries"], ENTRIES, as_json, name="entries", empty="no cash entries")


@cash.command()
@listing
def balances(
    account: Account = None,
    currency: CurrencyOption = None,
    as_of: AsOf = None,
    known_at: KnownAt = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Show the cash of each account by currency.

    balance = cash + settled - invested: what was paid in and out, what positions have settled, and
    what was paid for open spot positions.
    """
    with connected(database) as connection:
        found = call(
            connection,
            "get_cash",
            account=account,
            currency=currency,
            as_of=as_of,
            known_at=known_at,
        )
    print_rows(found["balances"], BALANCES, as_json, name="balances", empty="no cash entries")


ENTRIES = (
    words("account", "account"),
    words("identity", "identity"),
    words("kind", "kind"),
    Column("amount", "amount", exact),
    words("currency", "currency"),
    words("other account", "counter_account", shown=any_but("counter_account", None)),
    words("effective at", "effective_at", when),
    words("busted", "is_busted", shown=any_but("is_busted", False)),
)
BALANCES = (
    words("account", "account"),
    words("currency", "currency"),
    Column("cash", "cash", exact),
    Column("settled", "settled", exact, shown=any_but("settled", "0")),
    Column("invested", "invested", exact, shown=any_but("invested", "0")),
    Column("balance", "balance", exact),
    Column("USDT", "value_usdt", money),
    words("rate", "rate_status", colored(PRICE_COLORS), shown=any_but("rate_status", "fresh")),
)
