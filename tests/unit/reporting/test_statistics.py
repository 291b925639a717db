"""Statistics by book, and in another currency, against a computation without the database."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, fill, ticker

PLACES = D("1e-12")
DAYS = ("2026-01-05", "2026-01-06", "2026-01-07")
# Of EURUSDT and BTCUSDT, before midnight of each day and at its end.
EURO = {"2026-01-04": D("1.05"), DAYS[0]: D("1.10"), DAYS[1]: D("1.12"), DAYS[2]: D("1.08")}
BITCOIN = {"2026-01-04": D(100), DAYS[0]: D(101), DAYS[1]: D(103), DAYS[2]: D(102)}
CAPITAL = D(1000)


@pytest.fixture
def desk(ledger: Ledger) -> Ledger:
    """A cycle in USDT and one in EUR, on two days, of two books."""
    ledger.price(
        *(ticker(str(price), f"{day}T23:50:00Z", "EURUSDT") for day, price in EURO.items()),
        *(ticker(str(price), f"{day}T23:50:00Z") for day, price in BITCOIN.items()),
    )
    ledger.define("SOLEUR", kind="linear", settlement_currency="EUR")
    ledger.apply(
        fill("a", "Buy", "1", "100", at=f"{DAYS[0]}T10:00:00Z", strategy="trend"),
        fill("b", "Sell", "1", "107", at=f"{DAYS[1]}T10:00:00Z", strategy="trend"),
        fill("c", "Buy", "2", "50", asset="SOLEUR", at=f"{DAYS[1]}T11:00:00Z", strategy="carry"),
        fill("d", "Sell", "2", "49", asset="SOLEUR", at=f"{DAYS[2]}T12:00:00Z", strategy="carry"),
    )
    ledger.call(
        "set_capital", amount=CAPITAL, account="main",
        effective_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    return ledger


def statistics(desk: Ledger, **asked: Any) -> dict[str, Any]:
    return desk.call("get_statistics", from_time=f"{DAYS[0]}T00:00:00Z", **asked)


def test_cycles_are_converted_at_the_rates_of_when_they_closed(desk: Ledger) -> None:
    for currency, rates in (("EUR", EURO), ("BTC", BITCOIN)):
        in_usdt = D(7) / rates[DAYS[0]]
        in_euro = D(-2) * (EURO[DAYS[1]] / rates[DAYS[1]])
        [row] = statistics(desk, currency=currency)["reporting"]["statistics"]

        assert row["settlement_currency"] == currency
        assert abs(D(row["net_pnl"]) - in_usdt - in_euro) <= 2 * PLACES
        assert (row["trades"], row["won"], row["lost"]) == (2, 1, 1)
        assert abs(D(row["best"]) - in_usdt) <= PLACES
        assert abs(D(row["profit_factor"]) - in_usdt / -in_euro) < D("1e-9")


def test_a_cycle_without_a_rate_is_counted_as_left_out(desk: Ledger) -> None:
    desk.price(ticker("2", "2026-01-06T22:00:00Z", "NEWUSDT"))

    reporting = statistics(desk, currency="NEW")["reporting"]

    assert [row["trades"] for row in reporting["statistics"]] == [1]
    assert reporting["unconverted_trades"] == 1


def test_the_return_in_a_currency_is_that_of_the_equity_in_it(desk: Ledger) -> None:
    until = f"{DAYS[2]}T23:59:59Z"
    [days] = statistics(desk, to_time=until)["days"]
    [converted] = statistics(desk, to_time=until, currency="EUR")["reporting"]["days"]

    grown = (1 + D(days["total_return"])) * EURO["2026-01-04"] / EURO[DAYS[2]]
    assert days["days"] == converted["days"] == 3
    assert abs(D(converted["total_return"]) - grown + 1) < D("1e-11")
    assert D(converted["worst_return"]) < D(days["worst_return"])


def test_statistics_by_book_are_those_of_each_book(desk: Ledger) -> None:
    by_book = statistics(desk, part="book")

    assert [(row["part"], row["net_pnl"]) for row in by_book["statistics"]] == [
        ("carry", "-2"), ("trend", "7")
    ]  # fmt: skip
    for row in by_book["statistics"]:
        [alone] = statistics(desk, account="main", book=row["part"])["statistics"]
        assert alone | {"part": row["part"]} == row
    assert [row["days"] for row in by_book["days"]] == [0, 0]


def test_a_book_has_no_returns_for_its_equity_is_that_of_its_account(desk: Ledger) -> None:
    [days] = statistics(desk, account="main", book="trend")["days"]

    assert (days["days"], days["total_return"], days["sharpe"]) == (0, None, None)


def test_an_account_without_books_has_none_in_statistics(desk: Ledger) -> None:
    desk.apply(fill("z", "Buy", "1", "100", account="plain"))

    assert statistics(desk, part="book", account="plain")["statistics"] == []


def test_without_a_currency_there_is_no_second_answer(desk: Ledger) -> None:
    assert "reporting" not in statistics(desk)
    assert "reporting" not in statistics(desk, currency="USDT")
