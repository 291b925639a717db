"""Instruments that nobody has defined: assumed and flagged, or refused."""

from __future__ import annotations

import json
from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, action, fill, ticker
from tests.helpers.owner_queries import OwnerQueries

REVIEWS = "SELECT r.code, r.source FROM pms.reviews r ORDER BY r.code, r.source"


@pytest.fixture
def refusing(ledger: Ledger, owner: psycopg.Connection[Any]) -> Ledger:
    """A ledger that refuses unknown instruments."""
    owner.execute("UPDATE pms.settings SET unknown_instruments = 'refuse'")
    return ledger


def test_a_total_over_an_assumed_contract_is_not_complete(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.price(ticker("100", "2026-01-01T00:00:00Z"))
    ledger.price(ticker("50000", "2026-01-01T00:00:00Z", "BTCUSD"))
    ledger.apply(
        fill("1", "Buy", "1", "100"),
        fill("2", "Buy", "1000", "50000", asset="BTCUSD"),
        fill("3", "Buy", "1", "50000", asset="BTCUSD", account="other"),
    )

    portfolio = ledger.call("get_portfolio")
    assert (portfolio["complete"], portfolio["unpriced"]) == (False, [])
    assert portfolio["assumed_instruments"] == ["BTCUSD"]
    for function in ("get_exposure", "get_pnl"):
        answer = ledger.call(function)
        assert (answer["complete"], answer["assumed_instruments"]) == (False, ["BTCUSD"])
    with ledger.operator.transaction():
        rows = ledger.operator.execute(
            """
            SELECT p.account, p.complete, p.assumed_instruments FROM api.portfolio p
            UNION ALL
            SELECT p.account, p.complete, p.assumed_instruments FROM api.portfolio_as_of() p
            UNION ALL
            SELECT NULL, p.complete, p.assumed_instruments FROM api.portfolio_total p
            UNION ALL
            SELECT NULL, p.complete, p.assumed_instruments FROM api.portfolio_total_as_of() p
            """
        ).fetchall()
    assert set(map(str, rows)) == {
        str((account, False, ["BTCUSD"])) for account in ("main", "other", None)
    }
    assert ledger.position("BTCUSD")["needs_review"]
    assert not ledger.position("BTCUSDT")["needs_review"]
    assert queries.rows(REVIEWS) == [{"code": "assumed_instrument", "source": "BTCUSD"}] * 2
    # An asset that only has a price is none.
    ledger.price(ticker("1", "2026-01-01T00:00:00Z", "ETHUSD"))
    for function in ("get_health", "get_metrics"):
        assert ledger.call(function)["assumed_instruments_count"] == 1

    answer = ledger.call(
        "define_instrument", asset="BTCUSD", kind="inverse", quote_currency="USD",
        settlement_currency="BTC",
    )  # fmt: skip
    assert answer["recounted_legs"] == 2
    assert queries.rows(REVIEWS) == []
    assert not ledger.position("BTCUSD")["needs_review"]
    portfolio = ledger.call("get_portfolio")
    assert (portfolio["complete"], portfolio["assumed_instruments"]) == (True, [])
    assert ledger.call("get_health")["assumed_instruments_count"] == 0


def test_a_definition_that_confirms_the_assumption_settles_the_flag(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.price(ticker("50", "2026-01-01T00:00:00Z", "GOLD"))
    ledger.apply(fill("1", "Buy", "1", "50", asset="GOLD"))
    assert ledger.position("GOLD")["needs_review"]

    assert ledger.call("define_instrument", asset="GOLD")["recounted_legs"] == 0
    assert not ledger.position("GOLD")["needs_review"]
    assert ledger.call("get_portfolio")["complete"]
    assert queries.rows("SELECT 1 FROM pms.restatements") == []


def test_a_fill_of_an_undefined_instrument_is_refused_by_setting(refusing: Ledger) -> None:
    refused = refusing.judge("apply_order_events", [fill("1", "Buy", "1", "100")])
    assert refused == [
        (
            "rejected", "unknown_instrument",
            "asset: has no definition, and the settings refuse instruments without one",
        )
    ]  # fmt: skip

    refusing.define("BTCUSDT")
    assert refusing.apply(fill("1", "Buy", "1", "100")) == ["applied"]


def test_an_action_of_an_undefined_instrument_is_refused_by_setting(
    refusing: Ledger, queries: OwnerQueries
) -> None:
    split = action("split", "split", ratio="10")
    [(outcome, reason, _)] = refusing.judge("apply_order_events", [split])
    assert (outcome, reason) == ("rejected", "unknown_instrument")
    assert queries.rows("SELECT i.asset FROM pms.instruments i") == []

    refusing.define("BTCUSDT")
    # The asset that it is renamed to is defined by that.
    rename = action("rename", "rename", at="2026-01-02T12:00:00Z", to_asset="XBTUSDT")
    assert refusing.apply(split, rename) == ["applied", "applied"]
    assert refusing.apply(fill("1", "Buy", "1", "100", asset="XBTUSDT")) == ["applied"]


def test_an_alias_of_a_defined_instrument_is_not_refused(refusing: Ledger) -> None:
    refusing.define("BTCUSDT")
    refusing.call("alias_instrument", alias="XBT", asset="BTCUSDT")
    assert refusing.apply(fill("1", "Buy", "1", "100", asset="XBT")) == ["applied"]


def test_an_invalid_asset_is_not_called_unknown(refusing: Ledger) -> None:
    ((_, reason, _),) = refusing.judge("apply_order_events", [fill("1", "Buy", "1", "1", asset="")])
    assert reason == "invalid_asset"


def test_reports_of_the_venue_and_imports_are_refused_and_prices_are_not(refusing: Ledger) -> None:
    report = {
        "event_type": "position",
        "payload": {"symbol": "NEWUSDT", "side": "Buy", "size": "1", "avg_price": "100"},
    }
    ((outcome, reason, _),) = refusing.judge("apply_venue_positions", [report])
    assert (outcome, reason) == ("rejected", "unknown_instrument")
    planned = refusing.call(
        "import_positions", positions='[{"asset": "NEWUSDT", "size": 1, "average_entry_price": 9}]'
    )
    assert planned["counts"] == {"rejected": 1}
    assert refusing.price(ticker("1", "2026-01-01T00:00:00Z", "NEWUSDT")) == ["applied"]


def test_a_refused_fill_is_retried_once_its_instrument_is_defined(
    refusing: Ledger, owner: psycopg.Connection[Any]
) -> None:
    body = json.dumps(fill("1", "Buy", "1", "100")).encode()
    refusing.worker.execute(
        "SELECT pms.record_rejected_messages('order_events', ARRAY[%s::bytea],"
        " '{unknown_instrument}', '{asset}', ARRAY[NULL])",
        [body],
    )
    refusing.worker.commit()
    row = owner.execute("SELECT r.id FROM pms.rejected_messages r").fetchone()
    assert row is not None
    refusing.define("BTCUSDT")
    assert refusing.call("retry_dead_letter", id=row[0])["outcome"] == "applied"
    assert refusing.position()["size"] == D(1)
