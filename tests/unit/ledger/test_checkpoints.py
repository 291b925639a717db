"""Checkpoints: queries of a leg start from a checkpoint, and are correct."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, bust, correction, fill, funding
from tests.helpers.owner_queries import LEG, STATE, OwnerQueries

COUNT = 700
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
CHECKPOINTS = """
    SELECT c.executed_at, c.entry_id, c.ordinal, c.known_from, c.state::text AS state,
        c.known_to = 'infinity' AS is_present
    FROM pms.checkpoints c
    ORDER BY c.executed_at, c.entry_id, c.known_from
"""
# Checkpoints that differ from the sum of all entries before them.
WRONG_CHECKPOINTS = """
    SELECT c.ordinal
    FROM pms.checkpoints c
    CROSS JOIN LATERAL (
        SELECT count(*) AS entries, sum(e.quantity) AS size, sum(e.fee) AS fees
        FROM pms.ledger_entries e
        WHERE (e.account, e.asset, e.mode, e.leg) = (c.account, c.asset, c.mode, c.leg)
            AND (e.executed_at, e.id) <= (c.executed_at, c.entry_id)
            AND e.recorded_at <= c.known_from
            AND NOT EXISTS (
                SELECT 1
                FROM pms.voids v
                WHERE v.entry_id = e.id
                    AND v.recorded_at <= c.known_from
            )
    ) e
    WHERE (c.ordinal, (c.state).size, (c.state).fees_open + (c.state).fees_close)
        IS DISTINCT FROM (e.entries, e.size, e.fees)
"""


def at(minute: float) -> str:
    return (BEGIN + timedelta(minutes=minute)).isoformat()


def trade(number: int, minute: float | None = None) -> dict[str, Any]:
    """A fill of a long history, with uneven prices and fees."""
    return fill(
        f"f{number}",
        "Sell" if number % 3 == 0 else "Buy",
        D(number % 7 + 1) / 8,
        D(1000 + number * 37 % 101) / 7 // D("0.000001") / 1_000_000,
        D(number % 5) / 100,
        at=at(number if minute is None else minute),
    )


def book(ledger: Ledger, numbers: range, batch: int = 50) -> None:
    for start in range(numbers.start, numbers.stop, batch):
        part = range(start, min(start + batch, numbers.stop))
        assert set(ledger.apply(*(trade(number) for number in part))) == {"applied"}


def scratch(queries: OwnerQueries, until: object, known_at: object) -> dict[str, Any]:
    """The leg as leg_history gives it without a checkpoint to start from."""
    queries.owner.execute("BEGIN")
    queries.owner.execute("DELETE FROM pms.checkpoints")
    state = queries.moment(until, known_at)
    queries.owner.execute("ROLLBACK")
    return state


@pytest.fixture
def booked(ledger: Ledger) -> Ledger:
    book(ledger, range(COUNT))
    return ledger


CHANGES: dict[str, dict[str, Any]] = {
    "late": trade(9999, minute=100.5),
    "late by one": trade(9999, minute=COUNT - 1.5),
    "before all": trade(9999, minute=-1),
    "late funding": funding("f", "-3", at=at(300.5)),
    "bust": bust("f257"),
    "bust of the first": bust("f0"),
    "bust of the newest": bust(f"f{COUNT - 1}"),
    "correction": correction("f400", execution_price="7", execution_quantity="3"),
    "correction of time": correction("f650", executed_at=at(10.5)),
}


def test_a_checkpoint_is_stored_at_regular_spacing(booked: Ledger, queries: OwnerQueries) -> None:
    kept = queries.rows(CHECKPOINTS)

    assert len(kept) == 2
    assert all(each["is_present"] for each in kept)
    assert queries.rows(WRONG_CHECKPOINTS) == []


@pytest.mark.parametrize("message", CHANGES.values(), ids=CHANGES)
def test_a_late_change_equals_a_full_replay(
    message: dict[str, Any], booked: Ledger, queries: OwnerQueries
) -> None:
    assert booked.apply(message) == ["applied"]
    queries.assert_sound()
    assert queries.rows(WRONG_CHECKPOINTS) == []

    # And so do later entries.
    book(booked, range(COUNT, COUNT + 300))
    queries.assert_sound()
    assert queries.rows(WRONG_CHECKPOINTS) == []


def test_the_state_at_a_moment_equals_a_full_replay(booked: Ledger, queries: OwnerQueries) -> None:
    known = [queries.now()]
    for message in CHANGES.values():
        booked.apply(message)
        known.append(queries.now())

    for minute in (-1, 0, 99.9, 100.5, 255, 256, 257, 511, 512, 650, 699, 1000):
        for known_at in known:
            assert queries.moment(at(minute), known_at) == scratch(queries, at(minute), known_at)


def test_a_thinned_past_equals_a_full_replay(booked: Ledger, queries: OwnerQueries) -> None:
    known = [queries.now()]
    for number, message in enumerate(CHANGES.values()):
        booked.apply(message)
        # One at every snapshot, after 32 entries at least.
        book(booked, range(COUNT + number * 40, COUNT + number * 40 + 40))
        booked.call("create_snapshots")
        known.append(queries.now())
    kept = queries.rows(CHECKPOINTS)
    queries.owner.execute("UPDATE pms.settings SET checkpoint_retention = '1 microsecond'")

    said = queries.value("CALL pms.run_job('thin_checkpoints')")

    left = queries.rows(CHECKPOINTS)
    assert f"{len(kept) - len(left)} checkpoints from before" in said
    assert all(each["is_present"] for each in left)
    assert 2 <= len(left) < len([each for each in kept if each["is_present"]])
    assert all(each in kept for each in left)
    assert left[-1] == [each for each in kept if each["is_present"]][-1]
    gaps = [after["ordinal"] - before["ordinal"] for before, after in itertools.pairwise(left)]
    assert max(left[0]["ordinal"], *gaps) <= 512
    for minute in (0, 257, 512, 700, 1000):
        for known_at in known:
            assert queries.moment(at(minute), known_at) == scratch(queries, at(minute), known_at)
    queries.assert_sound()


def test_past_knowledge_does_not_change(booked: Ledger, queries: OwnerQueries) -> None:
    states = []
    for message in CHANGES.values():
        states.append((queries.now(), queries.state()))
        booked.apply(message)

    for known_at, state in states:
        moment = queries.moment(known_at=known_at)
        assert {name: moment[name] for name in STATE} == state


def test_checkpoints_are_replaced_but_never_updated(booked: Ledger, queries: OwnerQueries) -> None:
    before = queries.rows(CHECKPOINTS)

    booked.apply(CHANGES["late"])

    after = queries.rows(CHECKPOINTS)
    old = [each for each in after if not each["is_present"]]
    assert [each | {"is_present": True} for each in old] == before
    assert len([each for each in after if each["is_present"]]) == 2


def test_a_slightly_late_fill_replays_few_entries(booked: Ledger, queries: OwnerQueries) -> None:
    before = queries.rows(CHECKPOINTS)

    booked.apply(CHANGES["late by one"])

    after = queries.rows(CHECKPOINTS)
    assert before == after[: len(before)]
    assert len(after) - len(before) <= 1
    folded = (
        "SELECT count(*) FROM pms.leg_history(%(account)s, %(asset)s, %(mode)s, %(leg)s, %(at)s)"
    )
    assert queries.value(folded, **LEG, at=at(COUNT - 1.5)) <= 257


def test_a_checkpoint_is_placed_at_a_standing_entry(ledger: Ledger, queries: OwnerQueries) -> None:
    book(ledger, range(250))
    ledger.apply(fill("ahead", "Buy", "1", "100", at=at(5000)))
    ledger.apply(bust("ahead"))
    # The checkpoint is due here. The next fills are not late, though older than the busted one.
    book(ledger, range(250, 260), batch=10)
    book(ledger, range(260, 265), batch=1)

    # The position after it, restated too, includes those fills.
    ledger.apply(fill("next", "Buy", "1", "100", at=at(6000)))
    ledger.apply(bust("next"))

    assert queries.leg()["entries"] == 265
    queries.assert_sound()
    assert queries.rows(WRONG_CHECKPOINTS) == []


def test_each_leg_of_each_account_has_its_own_checkpoints(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    for start in range(0, 300, 50):
        ledger.apply(*(
            trade(number) | {"account": account, "position_side": side}
            for number in range(start, start + 50)
            for account, side in (("main", "long"), ("second", "long"), ("second", "short"))
            if not (side == "short" and number >= 200)
        ))  # fmt: skip

    rows = queries.rows("SELECT c.account, c.leg FROM pms.checkpoints c ORDER BY 1, 2")
    assert rows == [{"account": "main", "leg": "long"}, {"account": "second", "leg": "long"}]


def test_validation_rebuilds_lost_checkpoints(booked: Ledger, queries: OwnerQueries) -> None:
    queries.owner.execute("UPDATE pms.checkpoints SET state.realized = (state).realized + 1")
    queries.owner.execute("UPDATE pms.positions SET realized = realized + 1")

    assert booked.call("validate_position", asset="BTCUSDT")["is_valid"] is True

    booked.apply(CHANGES["late by one"])
    queries.assert_sound()
