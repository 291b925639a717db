"""Explanation, cycles and lots of random stories are what the rules make of them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal as D
from decimal import localcontext
from typing import Any

import psycopg
import pytest

from position_manager.reference.fold import ZERO, Instrument, Leg
from tests.helpers.analyst import Analyst, Row
from tests.helpers.ledger import Ledger, ticker
from tests.helpers.random_histories_leg import (
    CONTRACTS,
    LEGS,
    MINUTES,
    MORNING,
    Chronicle,
    chronicle,
    cycles,
    lots,
)

STORIES = 60
SPACING = """
    CREATE OR REPLACE FUNCTION pms.checkpoint_spacing() RETURNS integer
    LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN 3
"""
POSITIONS = [(asset, mode) for asset in CONTRACTS for mode in LEGS]
TICKS = [
    (
        MORNING + timedelta(minutes=minute, seconds=15 * n),
        D(random.Random(4 * minute + n).randint(80, 120)),
    )
    for minute in range(MINUTES + 2)
    for n in range(4)
]

Story = tuple[str, Chronicle]


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    """Python's decimals round to 28 digits unless told otherwise."""
    with localcontext(prec=400):
        yield


@pytest.fixture(params=POSITIONS, ids="-".join)
def position(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Asset and mode."""
    asset, mode = request.param
    return asset, mode


@pytest.fixture
def stories(ledger: Ledger, dsn: str, position: tuple[str, str]) -> list[Story]:
    """Stories told to the ledger, each in an account that is named after its seed."""
    asset, mode = position
    kind, instrument = CONTRACTS[asset]
    with psycopg.connect(dsn) as conn:
        conn.execute(SPACING)
    ledger.define(asset, kind=kind, multiplier=instrument.multiplier)
    ledger.price(*(ticker(str(price), at.isoformat(), asset) for at, price in TICKS))
    found = []
    for seed in range(STORIES):
        account = f"seed-{seed}"
        story = chronicle(random.Random(seed), account, asset, mode)
        for batch in story.batches:
            assert set(ledger.apply(*batch)) == {"applied"}, account
        found.append((account, story))
    return found


def after(leg: Leg) -> dict[str, Any]:
    """The state of a leg as it is explained."""
    return {
        "size": leg.size,
        "average_entry_price": leg.average,
        "cost": leg.cost,
        "realized": leg.realized,
        "realized_pnl": leg.realized_pnl,
        "fees_paid": leg.fees_paid,
        "funding": leg.funding,
    }


def test_every_explained_entry_matches_the_reference(
    stories: list[Story], analyst: Analyst, position: tuple[str, str]
) -> None:
    asset, mode = position
    for account, story in stories:
        expected: dict[str, list[tuple[Any, ...]]] = {}
        for leg in LEGS[mode]:
            held = Leg(story.instrument)
            expected[leg] = []
            for told in story.entries(leg):
                if told.voided_by is None:
                    held.apply(told.entry)
                expected[leg].append(
                    (told.entry.executed_at, told.entry.quantity, told.voided_by, after(held))
                )

        whole = analyst.explain(asset, mode=mode, account=account, page_limit=1000)
        explained = {
            leg: [
                (
                    row["executed_at"], row["quantity"], row["voided_by"],
                    {name: row[name] for name in after(Leg())},
                )
                for row in reversed(whole)
                if row["leg"] == leg
            ]
            for leg in LEGS[mode]
        }  # fmt: skip
        assert explained == expected, account
        pages = paged(analyst, len(whole), 4, asset, mode=mode, account=account)
        assert pages == whole, account


def paged(analyst: Analyst, most: int, size: int, asset: str, **asked: object) -> list[Row]:
    """All entries, page by page; not for ever."""
    joined = page = analyst.explain(asset, page_limit=size, **asked)
    while len(page) == size and len(joined) <= most:
        page = analyst.explain(asset, page_limit=size, before=page[-1]["id"], **asked)
        joined = joined + page
    return joined


def test_every_cycle_matches_the_reference(
    stories: list[Story], analyst: Analyst, position: tuple[str, str]
) -> None:
    asset, mode = position
    seen = 0
    for account, story in stories:
        expected = [
            expected_row(leg, cycle, story.instrument)
            for leg in LEGS[mode]
            for cycle in cycles(story.live(leg), story.instrument, TICKS)
            if cycle.closed_at is not None
        ]
        whole = analyst.cycles(asset, mode=mode, account=account, from_time="-infinity")
        assert [(row["closed_at"], row["closing_entry_id"]) for row in whole] == sorted(
            ((row["closed_at"], row["closing_entry_id"]) for row in whole), reverse=True
        )
        found = [{name: row[name] for name in expected[0]} for row in whole] if expected else whole
        assert in_order(found) == in_order(expected), account
        seen += len(whole)

        # The same from any time until any other.
        for since, until in itertools.combinations((0, 7, 18, 19, 33), 2):
            bounds = [MORNING + timedelta(minutes=minute) for minute in (since, until)]
            asked = dict(zip(("from_time", "to_time"), bounds, strict=True))
            within = [row for row in whole if bounds[0] <= row["closed_at"] <= bounds[1]]
            assert analyst.cycles(asset, mode=mode, account=account, **asked) == within, account
    assert seen > STORIES


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["leg"], row["opened_at"], row["closed_at"], str(row)))


def expected_row(leg: str, cycle: Any, instrument: Instrument) -> Row:
    """A cycle as it must be published."""
    worths = cycle.worths
    return {
        "leg": leg,
        "direction": cycle.direction,
        "opened_at": cycle.opened_at,
        "closed_at": cycle.closed_at,
        "duration_minutes": (cycle.closed_at - cycle.opened_at) // timedelta(minutes=1),
        "entries": cycle.entries,
        "average_entry_price": instrument.average(cycle.entry_quantity, cycle.entry_value),
        "average_exit_price": instrument.average(cycle.exit_quantity, cycle.exit_value),
        "peak_size": cycle.peak_size,
        "quantity_traded": abs(cycle.entry_quantity) + abs(cycle.exit_quantity),
        "realized": cycle.realized,
        "fees_paid": cycle.fees,
        "funding": cycle.funding,
        "net_pnl": cycle.realized - cycle.fees + cycle.funding,
        "mae": min(ZERO, *worths) if worths else None,
        "mfe": max(ZERO, *worths) if worths else None,
        "price_minutes": len(worths) // 4,
    }


def test_the_cycles_add_up_to_the_leg(
    stories: list[Story], analyst: Analyst, dsn: str, position: tuple[str, str]
) -> None:
    asset, mode = position
    with psycopg.connect(dsn) as conn:
        for account, story in stories:
            closed = analyst.cycles(asset, mode=mode, account=account, from_time="-infinity")
            for leg in LEGS[mode]:
                row = conn.execute(
                    "SELECT p.realized, p.fees_open + p.fees_close, p.funding, p.cost"
                    " FROM pms.positions p WHERE p.account = %s AND p.leg = %s",
                    [account, leg],
                ).fetchone()
                if row is None:
                    continue
                realized, fees, funding, cost = row
                found = cycles(story.live(leg), story.instrument, [])
                rest = [cycle for cycle in found if cycle.closed_at is None]
                # What the open one has realised is what it cost less what it still costs.
                open_realized = sum((cycle.realized + cost for cycle in rest), ZERO)
                own = [cycle for cycle in closed if cycle["leg"] == leg]
                if not found:
                    # Funding alone makes no cycle.
                    assert (realized, fees, own) == (0, 0, [])
                    continue
                assert sum(cycle["realized"] for cycle in own) + open_realized == realized, account
                assert (
                    sum(cycle["fees_paid"] for cycle in own) + sum(c.fees for c in rest) == fees
                ), account
                assert (
                    sum(cycle["funding"] for cycle in own) + sum(c.funding for c in rest) == funding
                ), account


def test_open_lots_match_the_reference(
    stories: list[Story], analyst: Analyst, position: tuple[str, str]
) -> None:
    asset, mode = position
    seen = 0
    for account, story in stories:
        for leg in LEGS[mode]:
            expected = lots(story.live(leg), story.instrument)
            shown = analyst.view("fifo_lots", account=account, leg=leg)
            assert [(row["executed_at"], row["quantity"], row["cost"]) for row in shown] == [
                (lot.entry.executed_at, lot.left, lot.cost) for lot in expected
            ], account
            seen += len(shown)
            for row in analyst.view("fifo_positions", account=account, leg=leg):
                assert row["asset"] == asset
                assert row["lots"] == len(expected), account
                assert row["fifo_cost"] == sum((lot.cost for lot in expected), ZERO), account
                # When a profit is realised differs, what was earned does not.
                assert row["fifo_realized"] + row["fifo_unrealized"] == (
                    row["average_realized"] + row["average_unrealized"]
                ), account
    assert seen > STORIES // 2
