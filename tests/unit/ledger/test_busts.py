"""Busts: fills that the venue cancels."""

from __future__ import annotations

from decimal import Decimal as D
from itertools import permutations
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, bust, correction, elsewhere, fill, numbered, status
from tests.helpers.owner_queries import OwnerQueries

BUY = fill("buy", "Buy", "2", "100", "1", at="2026-01-01T00:00:00Z")
ADD = fill("add", "Buy", "3", "120", "2", at="2026-01-01T01:00:00Z")
SELL = fill("sell", "Sell", "4", "130", "3", at="2026-01-01T02:00:00Z")
FLIP = fill("flip", "Sell", "3", "90", "4", at="2026-01-01T03:00:00Z")
SESSION = [BUY, ADD, SELL, FLIP]


@pytest.mark.parametrize("which", SESSION, ids=lambda each: each["execution_id"])
def test_a_busted_position_equals_one_without_the_fill(
    which: dict[str, Any], ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(*SESSION)
    ledger.apply(*(elsewhere(each, "without") for each in SESSION if each is not which))

    assert ledger.apply(bust(which["execution_id"])) == ["applied"]

    assert queries.state() == queries.state(account="without")
    queries.assert_sound()


def test_every_bust_raises_the_version_by_one(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(*SESSION)

    ledger.apply(bust("buy"))
    assert ledger.position()["version"] == 5
    ledger.apply(bust("add"), bust("sell"))
    assert ledger.position()["version"] == 7
    assert queries.leg()["entries"] == 1


def test_a_bust_of_the_only_fill_leaves_a_flat_position(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(BUY, bust("buy"))

    held = ledger.position()
    assert (held["size"], held["fees_paid"], held["version"]) == (D(0), D(0), 2)
    assert (held["average_entry_price"], held["time_held_minutes"]) == (None, None)
    queries.assert_sound()


def test_a_position_continues_after_a_bust(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(BUY, FLIP)
    ledger.apply(bust("flip"))
    # Not late: a busted fill does not count as the newest.
    ledger.apply(ADD)

    assert ledger.position()["size"] == D(5)
    assert [cause for cause, _, _ in queries.restatements()] == ["bust"]
    queries.assert_sound()


def test_a_bust_that_precedes_its_fill_waits_for_it(ledger: Ledger, queries: OwnerQueries) -> None:
    [(outcome, reason, detail)] = ledger.judge("apply_order_events", [bust("buy")])
    assert (outcome, reason) == ("applied", "pending_fill")
    assert detail == "execution:buy: not recorded yet"

    assert ledger.apply(BUY) == ["applied"]

    held = ledger.position()
    assert (held["size"], held["version"]) == (D(0), 2)
    queries.assert_sound()


def test_a_pending_bust_is_limited_to_its_account(ledger: Ledger) -> None:
    ledger.apply(bust("buy", account="second"))

    ledger.apply(BUY, elsewhere(BUY, "second"))

    assert ledger.position()["size"] == D(2)
    assert ledger.position(account="second")["size"] == D(0)


@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "in one batch"])
def test_a_bust_and_its_fill_end_alike_in_any_order(
    batched: bool, ledger: Ledger, queries: OwnerQueries
) -> None:
    for account, order in numbered(permutations([BUY, bust("buy"), ADD])):
        batches = [order] if batched else [(each,) for each in order]
        for batch in batches:
            ledger.apply(*(elsewhere(each, account) for each in batch))

        held = queries.leg(account=account)
        assert (held["size"], held["cost"]) == (D(3), D(360))
        assert (held["version"], held["entries"]) == (3, 1)
    queries.assert_sound()


def test_a_bust_is_final_before_or_after_corrections(ledger: Ledger, queries: OwnerQueries) -> None:
    messages = [
        BUY,
        bust("buy", timestamp="2026-01-02T00:00:00Z"),
        # Decided later than the bust, and still it brings nothing back.
        correction("buy", at="2026-01-03T00:00:00Z", execution_price="7"),
    ]
    for account, order in numbered(permutations(messages)):
        for each in order:
            assert ledger.apply(elsewhere(each, account)) == ["applied"]

        held = queries.leg(account=account)
        assert (held["size"], held["cost"], held["entries"]) == (D(0), D(0), 0)
        # Two entries and two voids.
        assert held["version"] == 4
    queries.assert_sound()


def test_a_second_bust_is_a_duplicate(ledger: Ledger) -> None:
    ledger.apply(BUY)

    assert ledger.apply(bust("buy"), bust("buy", trace_id="again")) == ["applied", "duplicate"]
    assert ledger.apply(bust("buy", timestamp="2026-01-05T00:00:00Z")) == ["duplicate"]
    assert ledger.position()["version"] == 2


def test_a_busted_fill_resent_is_a_duplicate(ledger: Ledger) -> None:
    ledger.apply(BUY, bust("buy"))

    assert ledger.apply(BUY) == ["duplicate"]
    assert ledger.position()["size"] == D(0)


def test_a_busted_increment_does_not_reapply_its_total(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    totals = [
        status("o", "partially_filled", "0.4", "100"),
        status("o", "partially_filled", "1", "100"),
    ]
    ledger.apply(*totals)

    assert ledger.apply(bust(None, identity="order:o:0.4@1764618298")) == ["applied"]

    assert ledger.position()["size"] == D("0.6")
    assert ledger.apply(*totals) == ["duplicate", "duplicate"]
    # The next total of the order adds to the last reported one.
    assert ledger.apply(status("o", "filled", "1.5", "100")) == ["applied"]
    assert ledger.position()["size"] == D("1.1")
    queries.assert_sound()


def test_a_bust_by_fill_id_names_the_same_fill(ledger: Ledger) -> None:
    ledger.apply(BUY)
    by_fill_id = {"event_type": "trade_busted", "fill_id": "buy"}

    assert ledger.apply(by_fill_id, bust("buy")) == ["applied", "duplicate"]


def test_a_bust_of_a_dry_run_is_ignored(ledger: Ledger) -> None:
    ledger.apply(BUY)

    assert ledger.apply(bust("buy", is_dry_run=True)) == ["ignored"]
    assert ledger.position()["size"] == D(2)


def test_the_ledger_keeps_a_voided_entry_and_its_reason(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(BUY)
    ledger.apply(bust("buy"))

    (entry,) = queries.rows("SELECT f.identity, f.quantity, f.voided_by FROM api.fills f")
    assert entry == {"identity": "execution:buy", "quantity": D(2), "voided_by": "bust"}
    (void,) = queries.rows("SELECT v.amendment, v.source, v.trace_id FROM pms.voids v")
    assert void == {
        "amendment": "bust:execution:buy", "source": "order_execution", "trace_id": "bust-buy",
    }  # fmt: skip


REJECTED: list[tuple[str, dict[str, Any], str, str]] = [
    ("no fill", {"execution_id": None}, "execution_id_missing", "execution_id"),
    ("long identity", {"identity": "x" * 513}, "invalid_identity", "identity"),
    ("no identity", {"execution_id": None, "identity": ""}, "execution_id_missing", "execution_id"),
    ("a transfer", {"identity": "transfer:1"}, "not_amendable", "identity"),
    ("a correction", {"identity": "correction:c"}, "not_amendable", "identity"),
    ("bad time", {"timestamp": "noon"}, "invalid_time", "timestamp"),
    ("30th of February", {"timestamp": "2026-02-30T00:00:00Z"}, "invalid_time", "timestamp"),
    ("the future", {"timestamp": "2099-01-01T00:00:00Z"}, "time_in_future", "timestamp"),
    ("bad account", {"account": "a;b"}, "invalid_account", "account"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason", "field"), [case[1:] for case in REJECTED], ids=[c[0] for c in REJECTED]
)
def test_a_bad_field_is_rejected_by_name_alone_in_its_batch(
    change: dict[str, Any], reason: str, field: str, ledger: Ledger
) -> None:
    outcomes = ledger.judge("apply_order_events", [BUY, bust("buy") | change, ADD])

    assert [outcome for outcome, _, _ in outcomes] == ["applied", "rejected", "applied"]
    assert outcomes[1][1] == reason
    assert outcomes[1][2].startswith(f"{field}: ")
    assert ledger.position()["size"] == D(5)
