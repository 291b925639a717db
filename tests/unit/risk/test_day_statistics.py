"""Statistics of days: those of all parts at once are those of each part alone."""

from __future__ import annotations

import psycopg
import pytest

from tests.helpers.analyst import Analyst, Row
from tests.helpers.ledger import Ledger, elsewhere, fill, ticker

ACCOUNTS, ASSETS = ("first", "second"), ("COINUSD", "ONEUSDT", "TWOUSDT")
# Of each account and asset: side, quantity, price, day of January 2026.
TRADES = (
    ("Buy", "3", "101", 5), ("Sell", "1", "107", 8),
    ("Sell", "4", "99", 13), ("Buy", "2", "98", 21),
)  # fmt: skip


@pytest.fixture(params=[None, "5000"], ids=["capital", "cash"])
def traded(
    request: pytest.FixtureRequest, ledger: Ledger, owner: psycopg.Connection[object]
) -> None:
    """Two accounts, of which one may have cash, with two settlement currencies."""
    ledger.define("COINUSD", kind="inverse", multiplier="10", settlement_currency="BTC",
                  quote_currency="USD")  # fmt: skip
    for number, asset in enumerate((*ASSETS, "BTCUSDT")):
        for day in range(4, 29):
            price = str(100 + (number + 2) * day % 11)
            ledger.price(ticker(price, f"2026-01-{day:02}T20:00:00Z", asset))
    for account in ACCOUNTS:
        with ledger.operator.transaction():
            ledger.operator.execute("SELECT api.set_capital(20000, %s, '2026-01-01Z')", [account])
        for number, asset in enumerate(ASSETS):
            ledger.apply(
                *(
                    elsewhere(
                        fill(f"{account}-{asset}-{day}", side, quantity, price, "0.01",
                             at=f"2026-01-{day + number:02}T12:00:00Z", asset=asset),
                        account,
                    )
                    for side, quantity, price, day in TRADES
                )
            )  # fmt: skip
    if request.param:
        deposit = {
            "cash_id": "1", "kind": "deposit", "currency": "USDT", "account": "second",
            "amount": request.param, "effective_at": "2026-01-10T12:00:00Z",
        }  # fmt: skip
        assert ledger.call("record_cash", **deposit)["outcome"] == "applied"
    owner.execute("CALL pms.run_job('sum_pnl')")


def statistics(analyst: Analyst, **asked: str) -> list[Row]:
    return analyst._call("day_statistics", **asked)


def test_each_account_is_as_when_it_is_asked_for_alone(traded: None, analyst: Analyst) -> None:
    rows = statistics(analyst, part="account")
    assert [row["part"] for row in rows] == [*ACCOUNTS]
    for row in rows:
        [alone] = statistics(analyst, account=row["part"])
        assert row == {**alone, "part": row["part"]}
        assert row["days"] > 20
        assert row["max_drawdown"] > 0


@pytest.mark.parametrize("account", [None, "first", "second"])
def test_each_asset_is_as_when_it_is_asked_for_alone(
    traded: None, analyst: Analyst, account: str | None
) -> None:
    of = {} if account is None else {"account": account}
    rows = statistics(analyst, part="asset", **of)
    assert [row["part"] for row in rows] == [*ASSETS]
    for row in rows:
        [alone] = statistics(analyst, asset=row["part"], **of)
        assert row["total_return"] == alone["total_return"]
        assert row["max_drawdown"] == alone["max_drawdown"]
