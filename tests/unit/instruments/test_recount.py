"""An instrument defined after its first fills: its legs are counted by the definition."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, bust, correction, fill, funding, ticker
from tests.helpers.owner_queries import OwnerQueries

INVERSE = {"kind": "inverse", "quote_currency": "USD", "settlement_currency": "BTC"}
RESTATEMENT = """
    SELECT r.cause, r.earliest_at::text, r.realized_pnl_before, r.realized_pnl_after
    FROM pms.restatements r
    ORDER BY r.id
"""
TOTALS = """
    SELECT t.currency, sum(t.exposure) AS exposure
    FROM pms.account_totals t
    WHERE t.account = 'main'
    GROUP BY t.currency
    HAVING sum(t.exposure) <> 0
"""


def contracts(execution_id: str, side: str, quantity: str, price: str, **more: Any) -> Any:
    return fill(execution_id, side, quantity, price, asset="BTCUSD", **more)


def as_known(ledger: Ledger, known_at: str) -> dict[str, Any]:
    """The position as it was known then."""
    with ledger.operator.transaction():
        row = ledger.operator.execute(
            "SELECT to_jsonb(p) FROM api.positions_as_of(known_at => %s) p", [known_at]
        ).fetchone()
    assert row is not None
    found: dict[str, Any] = row[0]
    return found


def now(ledger: Ledger) -> str:
    with ledger.operator.transaction():
        row = ledger.operator.execute("SELECT clock_timestamp()::text").fetchone()
    assert row is not None
    return str(row[0])


def test_contracts_counted_as_coins_are_counted_as_contracts_once_defined(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.price(ticker("50000", "2026-01-01T00:00:00Z"))
    ledger.price(ticker("40000", "2026-01-01T00:00:00Z", "BTCUSD"))
    ledger.apply(contracts("1", "Buy", "1000", "50000"))
    assert ledger.position("BTCUSD")["cost_basis"] == D(50_000_000)

    answer = ledger.call("define_instrument", asset="BTCUSD", **INVERSE)

    assert (answer["outcome"], answer["recounted_legs"]) == ("defined", 1)
    position = ledger.position("BTCUSD")
    assert position["size"] == D(1000)
    assert position["average_entry_price"] == D(50_000)
    assert position["cost_basis"] == D("0.02")
    assert position["settlement_currency"] == "BTC"
    # -1000 / 40000 + 1000 / 50000
    assert position["unrealized_pnl"] == D("-0.005")
    assert position["exposure_usdt"] == D("1250.000")
    assert queries.rows(TOTALS) == [{"currency": "BTC", "exposure": D("0.025")}]
    assert verified(ledger) == []


def verified(ledger: Ledger) -> list[Any]:
    """What a verification of the whole ledger finds."""
    found: list[Any] = ledger.call("verify_ledger")["findings"]
    return found


def test_the_realized_pnl_of_before_is_kept_as_a_restatement(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.define("ESZ6", kind="linear")
    ledger.apply(
        fill("1", "Buy", "2", "5000", "1", asset="ESZ6", at="2026-01-01T00:00:00Z"),
        fill("2", "Sell", "1", "5010", "1", asset="ESZ6", at="2026-01-02T00:00:00Z"),
    )

    ledger.define("ESZ6", kind="linear", multiplier=50)

    (restated,) = queries.rows(RESTATEMENT)
    assert restated["cause"] == "recount"
    assert restated["earliest_at"].startswith("2026-01-01")
    assert (restated["realized_pnl_before"], restated["realized_pnl_after"]) == (D(9), D(499))
    position = ledger.position("ESZ6")
    assert (position["realized_pnl"], position["cost_basis"]) == (D(499), D(250_000))
    assert position["fees_paid"] == D(2)


def test_what_was_known_before_stays_what_it_was(ledger: Ledger) -> None:
    ledger.apply(contracts("1", "Buy", "1000", "50000"))
    before = now(ledger)
    ledger.call("define_instrument", asset="BTCUSD", **INVERSE)

    known = as_known(ledger, before)
    assert (known["cost_basis"], known["settlement_currency"]) == (50_000_000, "USDT")
    known = as_known(ledger, now(ledger))
    assert (D(str(known["cost_basis"])), known["settlement_currency"]) == (D("0.02"), "BTC")


def test_what_was_known_before_two_recounts_stays_what_it_was(ledger: Ledger) -> None:
    ledger.apply(contracts("1", "Buy", "1000", "50000"))
    first = now(ledger)
    ledger.call("define_instrument", asset="BTCUSD", multiplier=2)
    second = now(ledger)
    ledger.call("define_instrument", asset="BTCUSD", **INVERSE)

    assert as_known(ledger, first)["cost_basis"] == 50_000_000
    assert as_known(ledger, second)["cost_basis"] == 100_000_000


def test_checkpoints_keep_what_was_known(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(
        *(
            contracts(f"{n}", "Buy", "1", "100", at=f"2026-01-01T00:{n // 60:02}:{n % 60:02}Z")
            for n in range(600)
        )
    )
    before = now(ledger)
    ledger.call("define_instrument", asset="BTCUSD", multiplier=10)
    ledger.apply(contracts("late", "Buy", "1", "200", at="2026-01-01T00:08:00.5Z"))

    assert as_known(ledger, before)["cost_basis"] == 60_000
    assert ledger.position("BTCUSD")["cost_basis"] == D(602_000)
    assert verified(ledger) == []
    multipliers = queries.rows(
        """
        SELECT DISTINCT (c.state).multiplier AS multiplier, c.known_to = 'infinity' AS is_current
        FROM pms.checkpoints c
        ORDER BY 1
        """
    )
    assert {"multiplier": D(1), "is_current": False} in multipliers
    assert [each["multiplier"] for each in multipliers if each["is_current"]] == [D(10)]


def test_a_fee_that_was_converted_is_counted_as_charged_in_its_own_currency(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.price(ticker("50000", "2026-01-01T00:00:00Z"))
    filled = contracts("1", "Buy", "1000", "50000", fee="0.00001", fee_currency="BTC")
    ledger.apply(filled)
    assert ledger.position("BTCUSD")["fees_paid"] == D("0.5")

    ledger.call("define_instrument", asset="BTCUSD", **INVERSE)

    assert ledger.position("BTCUSD")["fees_paid"] == D("0.00001")
    assert len(queries.rows(RESTATEMENT)) == 1
    # Sent again it is the same fill, with or without the name of the settlement currency.
    assert ledger.apply(filled) == ["duplicate"]
    assert ledger.apply({**filled, "fee_currency": None}) == ["duplicate"]
    assert verified(ledger) == []


def test_a_fee_named_in_the_assumed_currency_is_converted_into_the_true_one(
    ledger: Ledger,
) -> None:
    ledger.price(ticker("50000", "2026-01-01T00:00:00Z"))
    filled = contracts("1", "Buy", "1000", "50000", fee="5", fee_currency="USDT")
    ledger.apply(filled)
    ledger.apply({**filled, "execution_id": "2", "order_id": "2"})
    assert ledger.position("BTCUSD")["fees_paid"] == D(10)

    ledger.call("define_instrument", asset="BTCUSD", **INVERSE)

    assert ledger.position("BTCUSD")["fees_paid"] == D("0.0002")
    assert ledger.apply(filled) == ["duplicate"]


def test_a_fee_named_in_the_assumed_currency_stays_where_the_guess_was_right(
    ledger: Ledger,
) -> None:
    filled = fill("1", "Buy", "1", "50", fee="5", fee_currency="USDT", asset="GOLD")
    ledger.apply(filled)
    ledger.define("GOLD")

    assert ledger.position("GOLD")["fees_paid"] == D(5)
    assert ledger.apply(filled) == ["duplicate"]


def test_a_spot_fee_in_the_base_is_taken_from_the_quantity_once_defined(ledger: Ledger) -> None:
    ledger.price(ticker("100", "2026-01-01T00:00:00Z", "ABCUSDT"))
    filled = fill("1", "Buy", "10", "100", fee="0.01", fee_currency="ABC", asset="ABCUSDT")
    ledger.apply(filled)
    assert (ledger.position("ABCUSDT")["size"], ledger.position("ABCUSDT")["fees_paid"]) == (10, 1)

    ledger.define("ABCUSDT", kind="spot")

    position = ledger.position("ABCUSDT")
    assert (position["size"], position["fees_paid"]) == (D("9.99"), 0)
    assert position["cost_basis"] == D(1000)
    assert ledger.apply(filled) == ["duplicate"]

    ledger.define("ABCUSDT", kind="linear")
    position = ledger.position("ABCUSDT")
    assert (position["size"], position["fees_paid"]) == (D(10), D(1))
    assert verified(ledger) == []


@pytest.mark.parametrize("amends", [bust("1"), correction("1", execution_quantity="1")])
def test_a_fill_that_was_recounted_is_amended_like_any(
    ledger: Ledger, amends: dict[str, Any]
) -> None:
    ledger.price(ticker("50000", "2026-01-01T00:00:00Z"))
    ledger.apply(
        contracts("1", "Buy", "1000", "50000", fee="0.00001", fee_currency="BTC"),
        contracts("2", "Buy", "1", "50000"),
    )
    ledger.call("define_instrument", asset="BTCUSD", **INVERSE)

    assert ledger.apply(amends) == ["applied"]

    corrected = amends["event_type"] == "trade_corrected"
    position = ledger.position("BTCUSD")
    assert position["size"] == (2 if corrected else 1)
    assert position["fees_paid"] == (D("0.00001") if corrected else 0)
    assert verified(ledger) == []


def test_a_corrected_fill_is_recounted_and_corrected_again(ledger: Ledger) -> None:
    ledger.price(ticker("50000", "2026-01-01T00:00:00Z"))
    ledger.apply(contracts("1", "Buy", "1000", "50000", fee="0.00001", fee_currency="BTC"))
    ledger.apply(correction("1", "zzz", execution_quantity="500"))
    ledger.call("define_instrument", asset="BTCUSD", **INVERSE)
    ledger.call("define_instrument", asset="BTCUSD", **{**INVERSE, "multiplier": 10})
    assert ledger.position("BTCUSD")["size"] == 500
    assert ledger.position("BTCUSD")["fees_paid"] == D("0.00001")

    ledger.apply(correction("1", "again", at="2026-01-03T00:00:00Z", execution_quantity="600"))

    assert ledger.position("BTCUSD")["size"] == 600
    assert verified(ledger) == []


def test_a_transfer_at_cost_still_realizes_nothing(ledger: Ledger) -> None:
    ledger.define("ESZ6")
    ledger.apply(
        fill("1", "Buy", "3", "5000", asset="ESZ6"),
        fill("2", "Buy", "1", "5100", asset="ESZ6"),
    )
    moved = {"transfer_id": "t", "asset": "ESZ6", "quantity": "1"}
    ledger.call("record_transfer", **moved, from_account="main", to_account="other")

    ledger.define("ESZ6", multiplier=50)

    here, there = ledger.position("ESZ6"), ledger.position("ESZ6", account="other")
    assert (here["realized_pnl"], there["realized_pnl"]) == (0, 0)
    assert here["cost_basis"] + there["cost_basis"] == D(20_100 * 50)
    assert there["cost_basis"] == D(5025 * 50)
    answer = ledger.call("record_transfer", **moved, from_account="main", to_account="other")
    assert answer["outcome"] == "duplicate"
    assert verified(ledger) == []


def test_funding_is_cash_and_keeps_its_number(ledger: Ledger) -> None:
    ledger.apply(contracts("1", "Buy", "1000", "50000"), funding("f", "0.5", asset="BTCUSD"))
    ledger.call("define_instrument", asset="BTCUSD", **INVERSE)

    position = ledger.position("BTCUSD")
    assert (position["funding"], position["settlement_currency"]) == (D("0.5"), "BTC")


def test_a_rule_by_which_an_entry_has_no_value_is_refused(ledger: Ledger) -> None:
    ledger.define("SPREAD", allows_negative_price=True)
    ledger.apply(fill("1", "Buy", "1", "0", asset="SPREAD"))

    with pytest.raises(psycopg.Error, match="instrument cannot be counted"):
        ledger.define("SPREAD", kind="inverse")
    assert ledger.position("SPREAD")["size"] == 1


def test_fills_of_the_future_are_counted_by_the_definition(ledger: Ledger) -> None:
    ledger.apply(contracts("1", "Buy", "1000", "50000"))
    ledger.call("define_instrument", asset="BTCUSD", **INVERSE)
    ledger.apply(
        contracts("2", "Sell", "1000", "40000", at="2026-01-02T00:00:00Z"),
    )

    # 1000 / 50000 - 1000 / 40000
    assert ledger.position("BTCUSD")["realized_pnl"] == D("-0.005")
    assert verified(ledger) == []
