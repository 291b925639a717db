"""Order events: every format, every refusal, every repeat."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, fill, status


def test_the_first_buy_opens_the_position_at_its_price(ledger: Ledger) -> None:
    assert ledger.apply(fill("1", "Buy", "2", "100")) == ["applied"]

    held = ledger.position()
    assert (held["size"], held["average_entry_price"], held["version"]) == (D(2), D(100), 1)


def test_an_opening_fee_does_not_affect_realized_pnl(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "1", "48000"), fill("2", "Buy", "0.5", "50000", "25"))

    held = ledger.position()
    assert (held["realized_pnl"], held["fees_paid"]) == (D(0), D(25))


def test_a_sale_realizes_its_profit_minus_its_fee(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "2", "50000"), fill("2", "Sell", "0.5", "51000", "25.50"))

    assert ledger.position()["realized_pnl"] == D("474.50")


def test_a_flip_is_one_fill_with_a_split_fee(ledger: Ledger) -> None:
    ledger.apply(
        fill("1", "Buy", "1", "100", at="2026-01-01T00:00:00Z"),
        fill("2", "Sell", "3", "110", "3", at="2026-01-01T00:10:00Z"),
    )

    held = ledger.position()
    assert (held["size"], held["average_entry_price"]) == (D(-2), D(110))
    assert (held["realized_pnl"], held["fees_paid"]) == (D(9), D(3))


def test_a_closed_position_keeps_its_pnl_and_can_reopen(ledger: Ledger) -> None:
    ledger.apply(
        fill("1", "Buy", "1", "100", at="2026-01-01T00:00:00Z"),
        fill("2", "Sell", "1", "110", at="2026-01-01T00:01:00Z"),
    )
    closed = ledger.position()
    ledger.apply(fill("3", "Buy", "4", "120", at="2026-01-01T00:02:00Z"))
    reopened = ledger.position()

    assert (closed["size"], closed["realized_pnl"]) == (D(0), D(10))
    assert closed["closed_at"].isoformat() == "2026-01-01T00:01:00+00:00"
    assert (closed["average_entry_price"], closed["time_held_minutes"]) == (None, None)
    assert (reopened["average_entry_price"], reopened["closed_at"]) == (D(120), None)
    assert reopened["id"] == closed["id"]


def test_a_residue_is_never_rounded_away(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "0.0000000075", "100"), fill("2", "Sell", "0.0000000001", "100"))

    assert ledger.position()["size"] == D("0.0000000074")


def test_a_second_delivery_is_a_duplicate(ledger: Ledger) -> None:
    first = fill("1", "Buy", "2", "100")

    assert ledger.apply(first, first) == ["applied", "duplicate"]
    assert ledger.apply(first) == ["duplicate"]
    assert ledger.position()["version"] == 1


@pytest.mark.parametrize(
    "other",
    [
        {"execution_quantity": "3"},
        {"execution_price": "101"},
        {"execution_fees": "1"},
    ],
    ids=lambda other: next(iter(other)),
)
def test_an_identity_with_other_content_is_rejected(other: dict[str, str], ledger: Ledger) -> None:
    first = fill("1", "Buy", "2", "100")
    ledger.apply(first)
    [(outcome, reason, detail)] = ledger.judge("apply_order_events", [first | other])

    assert (outcome, reason) == ("rejected", "identity_conflict")
    assert detail.startswith("execution:1: ")
    assert ledger.position()["size"] == D(2)


def test_a_conflict_inside_one_batch_is_rejected_as_well(ledger: Ledger) -> None:
    first = fill("1", "Buy", "2", "100")

    assert ledger.apply(first, first | {"execution_price": "7"}) == ["applied", "rejected"]


def test_an_identity_is_unique_within_its_account_only(ledger: Ledger) -> None:
    first = fill("1", "Buy", "2", "100")

    assert ledger.apply(first, first | {"account": "second"}) == ["applied", "applied"]


def test_fills_without_an_id_are_identified_by_time_and_amounts(ledger: Ledger) -> None:
    nameless = {k: v for k, v in fill("1", "Buy", "2", "100").items() if k != "execution_id"}
    later = nameless | {"executed_at": "2026-01-01T00:00:01Z"}

    assert ledger.apply(nameless, nameless, later) == ["applied", "duplicate", "applied"]


def test_a_position_update_without_a_time_is_identified_by_its_trace(ledger: Ledger) -> None:
    update = {
        "event_type": "position_updated_from_order", "order_id": "o", "asset": "BTCUSDT",
        "side": "buy", "filled_quantity": "0.5", "execution_price": "50000", "mode": "one-way",
        "trace_id": "a",
    }  # fmt: skip

    assert ledger.apply(update, update, update | {"trace_id": "b"}) == [
        "applied", "duplicate", "applied",
    ]  # fmt: skip
    assert ledger.position()["size"] == D(1)


def test_a_cumulative_event_applies_its_increment(ledger: Ledger) -> None:
    assert ledger.apply(
        status("o", "partially_filled", "0.4", "50000", "10"),
        status("o", "filled", "1", "50006", "25"),
    ) == ["applied", "applied"]

    held = ledger.position()
    assert (held["size"], held["cost_basis"], held["fees_paid"]) == (D(1), D(50006), D(25))
    assert held["version"] == 2


def test_cumulative_events_end_alike_in_one_or_many_batches(ledger: Ledger) -> None:
    # An uneven average: the steps are rounded, but the total must not drift.
    totals = [("0.3", "100.1"), ("0.7", "100.123456789"), ("1.1", "99.9999999999")]
    events = [status("o", "partially_filled", *total, "0.1") for total in totals]
    ledger.apply(*events)
    for event in events:
        ledger.apply(event | {"order": event["order"] | {"asset": "ETHUSDT", "order_id": "p"}})

    together, alone = ledger.position(), ledger.position("ETHUSDT")
    assert together["cost_basis"] == alone["cost_basis"]
    assert abs(together["cost_basis"] - D("1.1") * D("99.9999999999")) < D("1e-17")


def test_late_and_repeated_cumulative_events_are_duplicates(ledger: Ledger) -> None:
    early, late = status("o", "partially_filled", "0.4", "50000"), status("o", "filled", "1", "1")

    assert ledger.apply(late, early, late) == ["applied", "duplicate", "duplicate"]
    assert ledger.apply(early) == ["duplicate"]
    assert ledger.position()["size"] == D(1)


def test_a_cancelled_order_applies_its_last_increment(ledger: Ledger) -> None:
    assert ledger.apply(
        status("o", "partially_filled", "0.4", "100"), status("o", "cancelled", "0.6", "100")
    ) == ["applied", "applied"]
    assert ledger.position()["size"] == D("0.6")


def test_a_total_without_fees_does_not_take_fees_back(ledger: Ledger) -> None:
    ledger.apply(
        status("o", "partially_filled", "0.4", "100", "2"), status("o", "filled", "1", "100", None)
    )

    assert ledger.position()["fees_paid"] == D(2)


def test_an_execution_counts_toward_its_order(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "0.4", "100", order_id="o"))
    ledger.apply(status("o", "filled", "1", "100"))

    assert ledger.position()["size"] == D(1)


def test_an_order_id_of_two_assets_is_two_orders(ledger: Ledger) -> None:
    assert ledger.apply(
        status("o", "partially_filled", "0.5", "100"),
        status("o", "filled", "1", "100", asset="ETHUSDT"),
    ) == ["applied", "applied"]
    assert (ledger.position()["size"], ledger.position("ETHUSDT")["size"]) == (D("0.5"), D(1))


@pytest.mark.parametrize("other", [{"side": "Sell"}, {"position_side": "long"}], ids=str)
def test_a_total_for_an_order_of_another_leg_or_side_is_rejected(
    other: dict[str, str], ledger: Ledger
) -> None:
    ledger.apply(status("o", "partially_filled", "0.5", "100"))
    [(outcome, reason, detail)] = ledger.judge(
        "apply_order_events", [status("o", "filled", "1", "100", **other)]
    )

    assert (outcome, reason) == ("rejected", "order_conflict")
    assert detail.startswith("order.order_id: ")


@pytest.mark.parametrize("name", ["created", "modified", "cancelled", "rejected"])
@pytest.mark.parametrize("filled", [None, "0", "0.00000000"])
def test_a_status_that_filled_nothing_is_ignored(
    name: str, filled: str | None, ledger: Ledger
) -> None:
    assert ledger.apply(status("o", name, filled, None)) == ["ignored"]


def test_a_dry_run_is_ignored(ledger: Ledger) -> None:
    assert ledger.apply(status("o", "filled", "1", "100", is_dry_run=True)) == ["ignored"]


def test_a_batch_in_any_order_is_folded_by_event_time(ledger: Ledger) -> None:
    buy = fill("1", "Buy", "1", "100", at="2026-01-01T00:00:00Z")
    flip = fill("2", "Sell", "3", "110", at="2026-01-01T00:00:01Z")
    cover = fill("3", "Buy", "2", "90", at="2026-01-01T00:00:02Z")
    ledger.apply(cover, buy, flip)

    assert ledger.position()["realized_pnl"] == D(50)


def test_a_late_fill_takes_its_place_in_event_time(ledger: Ledger) -> None:
    ledger.apply(fill("2", "Sell", "3", "110", at="2026-01-01T00:00:01Z"))
    ledger.apply(fill("3", "Buy", "2", "90", at="2026-01-01T00:00:02Z"))
    ledger.apply(fill("1", "Buy", "1", "100", at="2026-01-01T00:00:00Z"))

    held = ledger.position()
    assert (held["size"], held["realized_pnl"], held["version"]) == (D(0), D(50), 3)


def test_each_leg_of_a_hedge_has_its_own_cost(ledger: Ledger) -> None:
    ledger.apply(
        fill("1", "Buy", "2", "100", position_side="long"),
        fill("2", "Sell", "1", "110", position_side="short"),
    )

    held = ledger.position(mode="hedge")
    assert (held["size"], held["long_size"], held["short_size"]) == (D(1), D(2), D(1))
    assert held["average_entry_price"] is None
    assert held["version"] == 2


REJECTED: list[tuple[str, dict[str, Any], str, str]] = [
    ("no side", {"side": None}, "invalid_side", "side"),
    ("unknown side", {"side": "up"}, "invalid_side", "side"),
    ("zero quantity", {"execution_quantity": "0"}, "invalid_quantity", "execution_quantity"),
    ("negative quantity", {"execution_quantity": "-1"}, "invalid_quantity", "execution_quantity"),
    ("NaN", {"execution_quantity": "NaN"}, "invalid_quantity", "execution_quantity"),
    ("empty", {"execution_quantity": ""}, "invalid_quantity", "execution_quantity"),
    ("10^20", {"execution_quantity": "1" + "0" * 20}, "invalid_quantity", "execution_quantity"),
    ("19 digits", {"execution_quantity": "0." + "0" * 18 + "1"}, "invalid_quantity",
     "execution_quantity"),
    ("a list", {"execution_quantity": [1]}, "invalid_quantity", "execution_quantity"),
    ("no price", {"execution_price": None}, "invalid_price", "execution_price"),
    ("Infinity", {"execution_price": "Infinity"}, "invalid_price", "execution_price"),
    ("zero price", {"execution_price": "0.00"}, "invalid_price", "execution_price"),
    ("no asset", {"asset": None}, "invalid_asset", "asset"),
    ("bad asset", {"asset": "BTC,USDT"}, "invalid_asset", "asset"),
    ("bad mode", {"mode": "both"}, "invalid_mode", "mode"),
    ("no leg", {"mode": "hedge"}, "leg_missing", "position_side"),
    ("leg in one-way", {"mode": "one-way", "position_side": "long"}, "invalid_position_side",
     "position_side"),
    ("bad account", {"account": "a,b"}, "invalid_account", "account"),
    ("30th of February", {"executed_at": "2026-02-30T00:00:00Z"}, "invalid_time", "executed_at"),
    ("no time", {"executed_at": "now"}, "invalid_time", "executed_at"),
    ("the future", {"executed_at": "2099-01-01T00:00:00Z"}, "time_in_future", "executed_at"),
    ("unknown event", {"event_type": "order_teleported"}, "unknown_event", "event_type"),
    ("no event type", {"event_type": None}, "unknown_event", "event_type"),
    ("long id", {"execution_id": "x" * 129}, "invalid_execution_id", "execution_id"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason", "field"), [case[1:] for case in REJECTED], ids=[c[0] for c in REJECTED]
)
def test_a_bad_field_is_rejected_by_name_alone_in_its_batch(
    change: dict[str, Any], reason: str, field: str, ledger: Ledger
) -> None:
    good = [fill("1", "Buy", "1", "100"), fill("3", "Buy", "1", "100")]
    bad = fill("2", "Buy", "1", "100") | change
    outcomes = ledger.judge("apply_order_events", [good[0], bad, good[1]])

    assert [outcome for outcome, _, _ in outcomes] == ["applied", "rejected", "applied"]
    assert outcomes[1][1] == reason
    assert outcomes[1][2].startswith(f"{field}: ")
    assert ledger.position()["size"] == D(2)


def test_a_limit_price_never_replaces_a_missing_average(ledger: Ledger) -> None:
    [(outcome, reason, detail)] = ledger.judge(
        "apply_order_events", [status("o", "filled", "1", None)]
    )

    assert (outcome, reason) == ("rejected", "invalid_price")
    assert detail.startswith("order.average_price: ")


@pytest.mark.parametrize("name", ["filled", "partially_filled"])
def test_a_filled_order_without_a_quantity_is_rejected(name: str, ledger: Ledger) -> None:
    assert ledger.apply(status("o", name, "0", "100")) == ["rejected"]


@pytest.mark.parametrize("message", ["text", [], None, 7, {}], ids=repr)
def test_a_message_that_is_not_an_event_is_rejected(message: Any, ledger: Ledger) -> None:
    assert ledger.apply(message) == ["rejected"]


def test_small_amounts_in_scientific_notation_are_parsed(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "1E-8", "1.5e3"))

    assert ledger.position()["cost_basis"] == D("0.000015")


def test_an_empty_batch_has_no_outcomes(ledger: Ledger) -> None:
    assert ledger.apply() == []
