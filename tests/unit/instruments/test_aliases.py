"""Two spellings of one instrument."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, bust, fill, funding, ticker

OTHER = "BTC-USDT-SWAP"


@pytest.fixture
def aliased(ledger: Ledger) -> Ledger:
    """A ledger where BTC-USDT-SWAP is BTCUSDT."""
    answer = ledger.call("alias_instrument", alias=OTHER.lower(), asset="btcusdt")
    assert (answer["outcome"], answer["alias"], answer["asset"]) == ("aliased", OTHER, "BTCUSDT")
    return ledger


def assets(ledger: Ledger) -> set[str]:
    with ledger.operator.transaction():
        rows = ledger.operator.execute("SELECT p.asset FROM api.positions p").fetchall()
    return {row[0] for row in rows}


def test_a_fill_sent_under_either_name_is_one_fill(aliased: Ledger) -> None:
    assert aliased.apply(fill("1", "Buy", "1", "100", asset=OTHER)) == ["applied"]
    assert aliased.apply(fill("1", "Buy", "1", "100")) == ["duplicate"]
    assert aliased.apply(
        fill("2", "Buy", "1", "100"), fill("2", "Buy", "1", "100", asset=OTHER)
    ) == ["applied", "duplicate"]

    assert assets(aliased) == {"BTCUSDT"}
    assert aliased.position()["size"] == 2


def test_funding_prices_and_reports_of_the_venue_are_those_of_the_asset(aliased: Ledger) -> None:
    aliased.apply(fill("1", "Buy", "1", "100"))
    aliased.apply(funding("f", "-2", asset=OTHER))
    assert aliased.apply(funding("f", "-2")) == ["duplicate"]
    assert aliased.price(ticker("110", "2026-01-01T00:00:00Z", OTHER)) == ["applied"]
    report = {
        "event_type": "position",
        "payload": {
            "symbol": OTHER, "side": "Buy", "size": "1", "avg_price": "100", "mark_price": "120",
            "timestamp": "2026-01-01T00:01:00Z",
        },
    }  # fmt: skip
    assert [row[0] for row in aliased.judge("apply_venue_positions", [report])] == ["applied"]

    position = aliased.position()
    assert (position["funding"], position["unrealized_pnl"]) == (-2, 20)
    assert assets(aliased) == {"BTCUSDT"}


def test_a_bust_finds_the_fill_that_came_under_the_alias(aliased: Ledger) -> None:
    aliased.apply(fill("1", "Buy", "1", "100", asset=OTHER))
    assert aliased.apply(bust("1", asset=OTHER)) == ["applied"]
    assert aliased.position()["size"] == 0


def test_every_argument_takes_the_alias(aliased: Ledger) -> None:
    aliased.apply(fill("1", "Buy", "2", "100", asset=OTHER))

    shown = aliased.call("get_position", asset=OTHER, mode="one-way")
    assert (shown["asset"], shown["size"]) == ("BTCUSDT", "2")
    assert aliased.call("get_portfolio", asset=OTHER)["by_asset"].keys() == {"BTCUSDT"}
    checked = aliased.call("check_fill", asset=OTHER, side="buy", quantity="1", price="100")
    assert checked["position"]["after"]["size"] == "3"
    moved = {"asset": OTHER, "quantity": "1", "from_account": "main", "to_account": "other"}
    assert aliased.call("record_transfer", transfer_id="t", **moved)["outcome"] == "applied"
    imported = aliased.call(
        "import_positions",
        positions='[{"asset": "BTC-USDT-SWAP", "size": 1, "average_entry_price": 90}]',
        account="third",
    )
    assert imported["legs"][0]["asset"] == "BTCUSDT"
    aliased.call("define_instrument", asset=OTHER)
    with aliased.operator.transaction():
        row = aliased.operator.execute(
            "SELECT api.set_limit('position_size', 5, asset => %s)", [OTHER]
        ).fetchone()
        assert row is not None
        assert "BTCUSDT" in row[0]
        entries = aliased.operator.execute(
            "SELECT count(*) FROM api.position_entries(%s)", [OTHER]
        ).fetchone()
        periods = aliased.operator.execute(
            "SELECT DISTINCT asset FROM api.position_pnl_by_period(asset => %s)", [OTHER]
        ).fetchall()
    assert (entries, periods) == ((2,), [("BTCUSDT",)])
    assert assets(aliased) == {"BTCUSDT"}


def test_an_alias_of_a_rate_is_the_rate(ledger: Ledger) -> None:
    ledger.price(ticker("49000", "2026-01-01T00:00:00Z"))
    ledger.call("alias_instrument", alias="BTCUSDT", asset=OTHER)
    ledger.call(
        "define_instrument", asset="BTCUSD", kind="inverse", settlement_currency="BTC",
        quote_currency="USD",
    )  # fmt: skip
    ledger.price(ticker("50000", "2026-01-01T00:00:00Z"))
    ledger.price(ticker("50000", "2026-01-01T00:00:00Z", "BTCUSD"))
    ledger.apply(fill("1", "Buy", "1000", "50000", asset="BTCUSD"))
    assert ledger.position("BTCUSD")["exposure_usdt"] == D(1000)


def test_a_fee_that_waits_is_converted_by_the_alias_of_its_rate(ledger: Ledger, owner: Any) -> None:
    ledger.call("alias_instrument", alias="BNBUSDT", asset="BNB-USDT-SWAP")
    late = fill("1", "Buy", "1", "100", "0.1", fee_currency="BNB", at="2026-01-01T00:00:00Z")
    ledger.apply(late)
    assert ledger.position()["unconverted_fees"] == 1
    ledger.price(ticker("600", "2026-01-01T00:01:00Z", "BNBUSDT"))

    assert owner.execute("SELECT s.done FROM pms.convert_late_fees() s").fetchone() == (None,)
    # The first rate after it.
    assert (ledger.position()["unconverted_fees"], ledger.position()["fees_paid"]) == (0, D(60))
    ledger.apply(late | {"execution_id": "2", "executed_at": "2026-01-01T01:00:00Z"})
    assert owner.execute("SELECT v.code, v.source FROM pms.reviews v").fetchall() == [
        ("stale_rates", "execution:2")
    ]


def test_a_rate_by_its_alias_is_fresh_stale_or_missing(ledger: Ledger, owner: Any) -> None:
    def rate_status() -> str:
        row = owner.execute("SELECT pms.rate_status('BTC')").fetchone()
        return str(row[0])

    ledger.call("alias_instrument", alias="BTCUSDT", asset=OTHER)
    assert rate_status() == "missing"
    ledger.price(ticker("50000", "2026-01-01T00:00:00Z"))
    assert rate_status() == "stale"
    ledger.price(ticker("50000", datetime.now(UTC).isoformat()))
    assert rate_status() == "fresh"


def test_an_alias_is_no_rate_of_usdt(ledger: Ledger) -> None:
    ledger.call("alias_instrument", alias="USDTUSDT", asset=OTHER)
    ledger.price(ticker("2", "2026-01-01T00:00:00Z", OTHER), ticker("100", "2026-01-01T00:00:00Z"))
    ledger.apply(fill("1", "Buy", "1", "100"))
    assert ledger.position()["exposure_usdt"] == D(100)


def test_an_alias_of_an_alias_stands_for_the_asset(aliased: Ledger) -> None:
    answer = aliased.call("alias_instrument", alias="XBTUSDT", asset=OTHER)
    assert answer["asset"] == "BTCUSDT"


@pytest.mark.parametrize(
    ("alias", "asset", "code"),
    [
        ("BTCUSDT", "ETHUSDT", "CONFLICT"),
        ("TRADED", "BTCUSDT", "CONFLICT"),
        ("BTCUSDT", OTHER, "VALIDATION_ERROR"),
        ("SAME", "same", "VALIDATION_ERROR"),
        ("no\nname", "BTCUSDT", "VALIDATION_ERROR"),
        ("", "BTCUSDT", "VALIDATION_ERROR"),
        ("NAME", "", "VALIDATION_ERROR"),
    ],
)
def test_an_alias_that_cannot_be_is_refused(
    aliased: Ledger, alias: str, asset: str, code: str
) -> None:
    aliased.apply(fill("1", "Buy", "1", "100", asset="TRADED"))
    assert aliased.call("alias_instrument", alias=alias, asset=asset)["error_code"] == code


def test_an_alias_moves_to_another_asset(aliased: Ledger) -> None:
    aliased.call("alias_instrument", alias=OTHER, asset="ETHUSDT")
    aliased.apply(fill("1", "Buy", "1", "100", asset=OTHER))
    assert assets(aliased) == {"ETHUSDT"}


def test_a_removed_alias_is_an_asset_of_its_own(aliased: Ledger) -> None:
    answer: dict[str, Any] = aliased.call("remove_alias", alias=OTHER.lower())
    assert (answer["outcome"], answer["asset"]) == ("removed", "BTCUSDT")
    assert aliased.call("remove_alias", alias=OTHER)["error_code"] == "NOT_FOUND"
    aliased.apply(fill("1", "Buy", "1", "100", asset=OTHER))
    assert assets(aliased) == {OTHER}


def test_aliases_are_listed(aliased: Ledger) -> None:
    with aliased.operator.transaction():
        rows = aliased.operator.execute("SELECT alias, asset FROM api.instrument_aliases")
        assert rows.fetchall() == [(OTHER, "BTCUSDT")]
