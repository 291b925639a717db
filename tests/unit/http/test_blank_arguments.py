"""A blank argument is absent, as an empty one is."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, fill

BTC = {"asset": "BTCUSDT"}
TRANSFER = {
    "transfer_id": "t", "quantity": "1", "from_account": "main", "to_account": "b",
}  # fmt: skip
CALLS: list[tuple[str, dict[str, str]]] = [
    ("get_closed_cycles", BTC),
    ("get_pnl_by_period", {"unit": "month"}),
    ("get_portfolio", BTC),
    ("get_position", BTC),
    ("get_position_entries", BTC),
    ("get_positions", {}),
    ("get_snapshots", BTC),
    ("check_fill", BTC | {"side": "buy", "quantity": "1", "price": "100"}),
]
ROWS = [
    "SELECT count(*) FROM api.closed_cycles('BTCUSDT', from_time => '2025-12-31', account => %s)",
    "SELECT count(*) FROM api.pnl_by_period('month', account => %s)",
    "SELECT count(*) FROM api.portfolio_as_of('2026-01-02', account => %s)",
    "SELECT count(*) FROM api.position_entries('BTCUSDT', account => %s)",
    "SELECT count(*) FROM api.positions_as_of('2026-01-02', account => %s)",
    "SELECT count(*) FROM api.positions_as_of('2026-01-02', asset => %s)",
]
blanks = pytest.mark.parametrize("blank", ["", " ", "\t", "\r\n"])


@pytest.fixture
def held(ledger: Ledger) -> Ledger:
    """A closed cycle and an open position of main; another position of another account."""
    ledger.apply(
        fill("1", "Buy", "2", "100"), fill("2", "Sell", "2", "110"), fill("3", "Buy", "2", "100"),
        fill("4", "Buy", "7", "100", account="other", asset="ETHUSDT"),
    )  # fmt: skip
    return ledger


def answer(ledger: Ledger, function: str, **arguments: object) -> dict[str, Any]:
    body = ledger.call(function, **arguments)
    assert "error_code" not in body, body
    return {name: value for name, value in body.items() if name != "calculated_at"}


@blanks
@pytest.mark.parametrize(("function", "arguments"), CALLS, ids=lambda value: str(value))
def test_a_query_with_a_blank_account_is_one_without(
    held: Ledger, function: str, arguments: dict[str, str], blank: str
) -> None:
    absent = answer(held, function, **arguments)
    assert answer(held, function, **arguments, account=blank) == absent


@blanks
@pytest.mark.parametrize("statement", ROWS)
def test_a_query_in_sql_with_a_blank_argument_is_one_without(
    held: Ledger, statement: str, blank: str
) -> None:
    with held.operator.transaction():
        found = [
            held.operator.execute(statement.encode(), [given]).fetchone() for given in (blank, None)
        ]
    assert found[0] == found[1] != (0,)


@blanks
def test_a_command_with_a_blank_account_is_one_without(held: Ledger, blank: str) -> None:
    created = answer(held, "create_snapshot", **BTC, account=blank)
    assert created["account"] == "main"
    answer(held, "validate_position", **BTC, account=blank)
    posted = {"side": "buy", "execution_quantity": "1", "execution_price": "1"}
    answer(held, "record_fill", **BTC, **posted, execution_id="5", account=blank)
    assert held.position()["size"] == 3
    refused = held.call("record_fill", **BTC, **posted, execution_id=blank)
    assert refused["details"]["field"] == "execution_id"


@blanks
def test_the_other_arguments_of_a_transfer_may_be_blank(held: Ledger, blank: str) -> None:
    answer(held, "record_transfer", **BTC, **TRANSFER, price=blank, position_side=blank, mode=blank)
    assert held.position(account="b")["size"] == D(1)
