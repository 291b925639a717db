"""Corrections: fills that the venue reports again with other values."""

from __future__ import annotations

from decimal import Decimal as D
from itertools import permutations
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, correction, elsewhere, fill, numbered, status
from tests.helpers.owner_queries import OwnerQueries

BUY = fill("buy", "Buy", "2", "100", "1", at="2026-01-01T00:00:00Z")
ADD = fill("add", "Buy", "3", "120", "2", at="2026-01-01T01:00:00Z")
SELL = fill("sell", "Sell", "4", "130", "3", at="2026-01-01T02:00:00Z")
SESSION = [BUY, ADD, SELL]

CORRECTED = [
    {"execution_price": "111"},
    {"execution_quantity": "2.5"},
    {"execution_quantity": "9"},
    {"execution_fees": "-0.25"},
    {"execution_fees": "0"},
    {"side": "sell"},
    {"executed_at": "2026-01-01T01:30:00Z"},
    {"executed_at": "2026-01-01T03:00:00Z"},
    {"executed_at": "2025-12-31T00:00:00Z"},
    {"side": "SELL", "execution_quantity": "1", "execution_price": "99", "execution_fees": "7",
     "executed_at": "2026-01-01T00:30:00Z"},
]  # fmt: skip


@pytest.mark.parametrize("change", CORRECTED, ids=str)
@pytest.mark.parametrize("name", ["buy", "add", "sell"])
def test_a_corrected_position_equals_one_with_the_right_fill(
    name: str, change: dict[str, str], ledger: Ledger, queries: OwnerQueries
) -> None:
    right = [each | change if each["execution_id"] == name else each for each in SESSION]
    ledger.apply(*(elsewhere(each, "right") for each in right))
    ledger.apply(*SESSION)

    assert ledger.apply(correction(name, **change)) == ["applied"]

    assert queries.state() == queries.state(account="right")
    # One entry and one void.
    assert queries.leg()["version"] == 5
    assert queries.leg()["entries"] == 3
    queries.assert_sound()


def test_the_newest_correction_wins_in_any_order_of_arrival(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    messages = [
        BUY,
        correction("buy", "c1", "2026-01-02T00:00:00Z", execution_price="90"),
        correction("buy", "c3", "2026-01-02T02:00:00Z", execution_quantity="3"),
        correction("buy", "c2", "2026-01-02T01:00:00Z", execution_price="80"),
    ]
    for account, order in numbered(permutations(messages)):
        for each in order:
            assert ledger.apply(elsewhere(each, account)) == ["applied"]

        held = queries.leg(account=account)
        # Against the fill as it was reported: the price of an older correction does not stay.
        assert (held["size"], held["cost"]) == (D(3), D(300))
        # Four entries and three voids.
        assert (held["version"], held["entries"]) == (7, 1)
    queries.assert_sound()


def test_simultaneous_corrections_are_ordered_by_id(ledger: Ledger) -> None:
    both = [correction("buy", name, execution_price=name[1:]) for name in ("c7", "c8")]
    for account, order in numbered(permutations(both)):
        ledger.apply(elsewhere(BUY, account))
        for each in order:
            ledger.apply(elsewhere(each, account))

        assert ledger.position(account=account)["average_entry_price"] == D(8)


def test_a_correction_that_precedes_its_fill_waits_for_it(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    [(outcome, reason, detail)] = ledger.judge(
        "apply_order_events", [correction("buy", execution_price="90")]
    )
    assert (outcome, reason) == ("applied", "pending_fill")
    assert detail == "execution:buy: not recorded yet"

    assert ledger.apply(BUY) == ["applied"]

    held = ledger.position()
    assert (held["average_entry_price"], held["version"]) == (D(90), 3)
    queries.assert_sound()


def test_a_correction_and_its_fill_may_share_a_batch(ledger: Ledger, queries: OwnerQueries) -> None:
    for account, order in numbered(permutations([BUY, correction("buy", execution_price="90")])):
        assert ledger.apply(*(elsewhere(each, account) for each in order)) == ["applied"] * 2

        held = ledger.position(account=account)
        assert (held["average_entry_price"], held["version"]) == (D(90), 3)
    queries.assert_sound()


def test_a_second_delivery_is_a_duplicate(ledger: Ledger) -> None:
    ledger.apply(BUY)
    one = correction("buy", execution_price="90")

    assert ledger.apply(one, one | {"trace_id": "again"}) == ["applied", "duplicate"]
    assert ledger.apply(one | {"execution_price": "90.000"}) == ["duplicate"]
    assert ledger.position()["version"] == 3


@pytest.mark.parametrize(
    "other",
    [
        {"execution_price": "91"},
        {"execution_quantity": "1"},
        {"side": "buy"},
        {"execution_id": "add"},
        {"timestamp": "2026-01-03T00:00:00Z"},
    ],
    ids=str,
)
@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_other_content_under_one_correction_id_is_a_conflict(
    other: dict[str, str], batched: bool, ledger: Ledger
) -> None:
    ledger.apply(BUY, ADD)
    one = correction("buy", execution_price="90")

    if batched:
        outcomes = ledger.judge("apply_order_events", [one, one | other])
    else:
        ledger.apply(one)
        outcomes = ledger.judge("apply_order_events", [one | other])
    outcome, reason, detail = outcomes[-1]
    assert (outcome, reason) == ("rejected", "identity_conflict")
    assert detail.startswith("correction:c: ")
    assert ledger.position()["version"] == 4


def test_an_original_resent_after_its_correction_is_a_duplicate(ledger: Ledger) -> None:
    ledger.apply(BUY, correction("buy", execution_price="90"))

    assert ledger.apply(BUY) == ["duplicate"]
    # The corrected fill differs from the reported one.
    assert ledger.apply(BUY | {"execution_price": "90"}) == ["rejected"]
    assert ledger.position()["average_entry_price"] == D(90)


def test_an_increment_of_a_total_can_be_corrected(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(
        status("o", "partially_filled", "0.4", "100"), status("o", "partially_filled", "1", "100")
    )

    assert ledger.apply(
        correction(None, identity="order:o:0.4@1764618298", execution_price="50"),
        status("o", "filled", "1", "100"),
    ) == ["applied", "duplicate"]
    assert ledger.position()["cost_basis"] == D(80)
    queries.assert_sound()


def test_an_event_id_may_name_the_correction(ledger: Ledger) -> None:
    ledger.apply(BUY)
    named = {k: v for k, v in correction("buy", execution_price="90").items()
             if k != "correction_id"}  # fmt: skip

    assert ledger.apply(named | {"event_id": "e-1"}) == ["applied"]


def test_the_ledger_links_a_correction_to_its_original(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(BUY)
    ledger.apply(correction("buy", execution_price="90"))

    entries = queries.rows(
        "SELECT f.identity, f.amends, f.price, f.voided_by FROM api.fills f ORDER BY f.id"
    )
    assert entries == [
        {"identity": "execution:buy", "amends": None, "price": D(100), "voided_by": "correction"},
        {"identity": "correction:c", "amends": "execution:buy", "price": D(90), "voided_by": None},
    ]


REJECTED: list[tuple[str, dict[str, Any], str, str]] = [
    ("no fill", {"execution_id": None}, "execution_id_missing", "execution_id"),
    ("no id", {"correction_id": None}, "invalid_correction_id", "correction_id"),
    ("empty id", {"correction_id": ""}, "invalid_correction_id", "correction_id"),
    ("long id", {"correction_id": "x" * 129}, "invalid_correction_id", "correction_id"),
    ("no timestamp", {"timestamp": None}, "invalid_time", "timestamp"),
    ("bad timestamp", {"timestamp": "noon"}, "invalid_time", "timestamp"),
    ("the future", {"timestamp": "2099-01-01T00:00:00Z"}, "time_in_future", "timestamp"),
    ("nothing", {"execution_price": None}, "nothing_corrected", "execution_quantity"),
    ("bad side", {"side": "up"}, "invalid_side", "side"),
    ("zero quantity", {"execution_quantity": "0"}, "invalid_quantity", "execution_quantity"),
    ("negative", {"execution_quantity": "-1"}, "invalid_quantity", "execution_quantity"),
    ("NaN", {"execution_quantity": "NaN"}, "invalid_quantity", "execution_quantity"),
    ("zero price", {"execution_price": "0"}, "invalid_price", "execution_price"),
    ("negative price", {"execution_price": "-5"}, "invalid_price", "execution_price"),
    ("bad price", {"execution_price": "cheap"}, "invalid_price", "execution_price"),
    ("bad fee", {"execution_fees": "free"}, "invalid_fee", "execution_fees"),
    ("bad currency", {"execution_fees": "1", "fee_currency": "B,B"}, "invalid_fee_currency",
     "fee_currency"),
    ("currency of no fee", {"fee_currency": "BNB"}, "invalid_fee_currency", "fee_currency"),
    ("bad time", {"executed_at": "noon"}, "invalid_time", "executed_at"),
    ("future time", {"executed_at": "2099-01-01T00:00:00Z"}, "time_in_future", "executed_at"),
    ("a transfer", {"identity": "transfer:1"}, "not_amendable", "identity"),
    ("a correction", {"identity": "correction:c"}, "not_amendable", "identity"),
    ("an adjustment", {"identity": "adjustment:1"}, "not_amendable", "identity"),
    ("funding", {"identity": "funding:A"}, "not_amendable", "identity"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason", "field"), [case[1:] for case in REJECTED], ids=[c[0] for c in REJECTED]
)
def test_a_bad_field_is_rejected_by_name_alone_in_its_batch(
    change: dict[str, Any], reason: str, field: str, ledger: Ledger
) -> None:
    bad = correction("buy", execution_price="90") | change
    outcomes = ledger.judge("apply_order_events", [BUY, bad, ADD])

    assert [outcome for outcome, _, _ in outcomes] == ["applied", "rejected", "applied"]
    assert outcomes[1][1] == reason
    assert outcomes[1][2].startswith(f"{field}: ")
    assert ledger.position()["cost_basis"] == D(560)


def test_a_correction_may_be_negative_where_prices_may(ledger: Ledger) -> None:
    ledger.define("SPREAD", allows_negative_price=True)
    ledger.apply(fill("1", "Buy", "2", "5", asset="SPREAD"))

    assert ledger.apply(correction("1", execution_price="-3")) == ["applied"]
    assert ledger.position("SPREAD")["average_entry_price"] == D(-3)
