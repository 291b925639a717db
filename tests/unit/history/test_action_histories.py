"""Explanations, cycles and lots of everything mixed match the reference implementation."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import localcontext
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from position_manager.reference.fifo import fifo_lots
from position_manager.reference.fold import Leg, states
from position_manager.reference.journal import Journal
from position_manager.reference.round_trips import RoundTrip, round_trips
from tests.helpers.account_harness import Book
from tests.helpers.analyst import Analyst, Row
from tests.helpers.random_actions import EXACT_RATIOS, mixture
from tests.helpers.random_histories import ROUND, SHAPES, Shape, shuffled
from tests.helpers.soak import sized


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    with localcontext(prec=400):
        yield


@settings(
    max_examples=sized(100, 1000),
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.sampled_from(SHAPES),
    st.randoms(use_true_random=False),
    st.randoms(use_true_random=True),
)
def test_the_history_of_everything_mixed_matches_the_reference(
    book: Book, analyst: Analyst, shape: Shape, making: random.Random, chance: random.Random
) -> None:
    mixed = mixture(making, shape, book.clock(), ROUND, EXACT_RATIOS)
    batches = shuffled(mixed.messages, chance)
    note(f"{batches}")
    mixed.define(book)
    [account] = book.deliver(batches)

    assert_same_history(analyst, account, mixed.journal(batches))


def assert_same_history(analyst: Analyst, account: str, received: Journal) -> None:
    """What an account shows of the past is that of the reference."""
    for place in received.places():
        mode = "one-way" if place.leg == "net" else "hedge"
        position: dict[str, Any] = {"mode": mode, "account": account}
        entries = received.entries(place)
        instrument = received.instrument(place)

        counted = [
            shown(row)
            for row in reversed(analyst.explain(place.asset, page_limit=1000, **position))
            if row["leg"] == place.leg and not row["is_voided"] and not is_idle(row)
        ]
        held = list(states(entries, instrument))
        assert counted == [
            figures(entry.kind, leg)
            for entry, leg, before in zip(entries, held, [Leg(instrument), *held], strict=False)
            if not entry.is_action or before.size != 0
        ]

        cycles = analyst.cycles(place.asset, from_time="-infinity", **position)
        found = [{name: row[name] for name in CYCLE} for row in cycles if row["leg"] == place.leg]
        expected = [
            summary(each) for each in round_trips(entries, instrument) if each.closed_at is not None
        ]
        assert in_order(found) == in_order(expected)

        fifo = fifo_lots(entries, instrument)
        lots = analyst.view("fifo_lots", account=account, asset=place.asset, leg=place.leg)
        assert [(row["executed_at"], row["quantity"], row["cost"]) for row in lots] == [
            (lot.opened_at, lot.quantity, lot.cost) for lot in reversed(fifo.lots)
        ]
        for row in analyst.view(
            "fifo_positions", account=account, asset=place.asset, leg=place.leg
        ):
            assert (row["fifo_cost"], row["fifo_realized"]) == (fifo.cost, fifo.realized)


CYCLE = (
    "opened_at", "closed_at", "duration_minutes", "entries", "average_entry_price",
    "average_exit_price", "peak_size", "quantity_traded", "turnover", "realized", "fees_paid",
    "funding",
)  # fmt: skip


def is_idle(row: Row) -> bool:
    """Whether a corporate action found nothing."""
    is_action = row["kind"] in {"split", "rename", "contract", "settlement", "distribution"}
    return is_action and row["quantity"] == 0 and row["size"] == row["size_change"] == 0


def shown(row: Row) -> Row:
    names = ("kind", "size", "average_entry_price", "cost", "realized", "fees_paid", "funding")
    return {name: row[name] for name in names}


def figures(kind: str, leg: Leg) -> Row:
    """A state as an explanation shows it."""
    return {
        "kind": kind,
        "size": leg.size,
        "average_entry_price": leg.average,
        "cost": leg.cost,
        "realized": leg.realized,
        "fees_paid": leg.fees_paid,
        "funding": leg.funding,
    }


def summary(cycle: RoundTrip) -> Row:
    """A cycle as published."""
    assert cycle.opened_at is not None
    assert cycle.closed_at is not None
    return {
        "opened_at": cycle.opened_at,
        "closed_at": cycle.closed_at,
        "duration_minutes": (cycle.closed_at - cycle.opened_at) // timedelta(minutes=1),
        "entries": cycle.entries,
        "average_entry_price": cycle.average_entry_price,
        "average_exit_price": cycle.average_exit_price,
        "peak_size": cycle.peak_size,
        "quantity_traded": cycle.quantity_traded,
        "turnover": cycle.turnover,
        "realized": cycle.cash,
        "fees_paid": cycle.fees,
        "funding": cycle.funding,
    }


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["closed_at"], row["opened_at"], str(row)))
