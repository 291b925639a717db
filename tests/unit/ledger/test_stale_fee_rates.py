"""A fee that is converted at a stale rate flags its leg."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import psycopg

from tests.helpers.ledger import Ledger, bust, correction, fill, ticker

Owner = psycopg.Connection[Any]

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
REVIEWS = "SELECT v.asset, v.code, v.source, v.detail FROM pms.reviews v"


def after(seconds: float) -> str:
    return (NOON + timedelta(seconds=seconds)).isoformat()


def with_fee(execution_id: str, seconds: float, **more: Any) -> dict[str, Any]:
    return fill(
        execution_id, "Buy", "1", "100", "0.1", at=after(seconds), fee_currency="BNB", **more
    )


def test_a_fee_at_a_stale_rate_flags_its_leg(ledger: Ledger, owner: Owner) -> None:
    ledger.price(ticker("600", after(0), "BNBUSDT"))

    ledger.apply(with_fee("a", 300))
    assert owner.execute(REVIEWS).fetchall() == []

    ledger.apply(with_fee("b", 301))
    assert owner.execute(REVIEWS).fetchall() == [
        (
            "BTCUSDT", "stale_rates", "execution:b",
            "fee converted at the rate of BNB at 2026-01-01T12:00:00.000000Z",
        ),
    ]  # fmt: skip
    held = ledger.position()
    assert (held["fees_paid"], held["needs_review"], held["version"]) == (D(120), True, 2)


def test_a_bust_or_a_correction_settles_the_flag(ledger: Ledger, owner: Owner) -> None:
    ledger.price(ticker("600", after(0), "BNBUSDT"))
    ledger.apply(with_fee("a", 301), with_fee("b", 302))
    assert len(owner.execute(REVIEWS).fetchall()) == 2

    ledger.apply(bust("a"))
    assert [source for _, _, source, _ in owner.execute(REVIEWS).fetchall()] == ["execution:b"]

    assert ledger.apply(correction("b", execution_fees="60", fee_currency="USDT")) == ["applied"]
    assert owner.execute(REVIEWS).fetchall() == []
    assert not ledger.position()["needs_review"]


def test_a_fee_in_the_settlement_currency_needs_no_rate(ledger: Ledger, owner: Owner) -> None:
    ledger.price(ticker("600", after(0), "BNBUSDT"))
    ledger.apply(fill("a", "Buy", "1", "100", "0.1", at=after(9000)))

    assert owner.execute(REVIEWS).fetchall() == []
