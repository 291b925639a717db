"""Explanations, cycles and lots of random histories match the reference implementation."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal as D
from decimal import localcontext
from typing import Any

import pytest

from position_manager.reference.fifo import fifo_lots, total
from position_manager.reference.fold import Leg
from position_manager.reference.journal import Journal
from position_manager.reference.messages import Bust, Correction, Message, Place
from position_manager.reference.round_trips import RoundTrip, round_trips
from tests.helpers.account_harness import Book, is_absolute
from tests.helpers.analyst import Analyst, Row
from tests.helpers.ledger import ticker
from tests.helpers.partitions import divide
from tests.helpers.random_histories import (
    INSTRUMENTS,
    LEGS,
    MORNING,
    ROUND,
    Shape,
    after,
    batched,
    history,
)

HISTORIES = 60
# Entries share whole minutes, so that each price bar belongs to one state.
MINUTES = 40
POSITIONS = [Shape(asset, mode) for asset in ("MILLIUSDT", "INVERSEUSD") for mode in LEGS]
PRICES = [
    (after(minute) + timedelta(seconds=15 * n), D(random.Random(4 * minute + n).randint(80, 120)))
    for minute in range(MINUTES + 2)
    for n in range(4)
]
STORED = """
    SELECT p.realized, p.fees_open + p.fees_close, p.funding, p.cost
    FROM pms.positions p
    WHERE p.account = %s AND p.leg = %s
"""

Histories = list[tuple[str, Journal]]


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    """Python's decimals round to 28 digits by default."""
    with localcontext(prec=400):
        yield


@pytest.fixture(params=POSITIONS, ids=lambda shape: f"{shape.asset}-{shape.mode}")
def shape(request: pytest.FixtureRequest) -> Shape:
    found: Shape = request.param
    return found


@pytest.fixture
def histories(book: Book, shape: Shape) -> Histories:
    """The accounts of random histories, each with its reference journal.

    The ledger has three partitions.
    """
    divide(book.conn, [MORNING + timedelta(minutes=MINUTES * n // 3) for n in (1, 2)])
    book.keep_checkpoints_every(3)
    book.ledger.price(*(ticker(str(price), at.isoformat(), shape.asset) for at, price in PRICES))
    return [recorded(book, shape, random.Random(seed)) for seed in range(HISTORIES)]


def recorded(book: Book, shape: Shape, chance: random.Random) -> tuple[str, Journal]:
    """A history of up to fifty messages, delivered in batches."""
    account, journal = book.new_account(), Journal(INSTRUMENTS)
    messages = history(chance, chance.randint(1, 40), [shape], ROUND, MINUTES, adjustments=8)
    for number, batch in enumerate(batched(messages, chance, 5)):
        book.apply({account: batch})
        for message in sorted(batch, key=place_in_batch):
            journal.receive(message, MORNING + timedelta(days=number))
    return account, journal


def place_in_batch(message: Message) -> tuple[str, ...]:
    """Trades are recorded in the order of arrival, then amendments by the identity of the fill.

    Adjustments are the last.
    """
    if is_absolute(message):
        return ("~",)
    match message:
        case Correction():
            return message.identity, message.correction_id
        case Bust():
            return (message.identity,)
    return ()


def explained(leg: Leg) -> dict[str, Any]:
    """The state of a leg as an explanation shows it."""
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
    histories: Histories, analyst: Analyst, shape: Shape
) -> None:
    for account, journal in histories:
        whole = analyst.explain(shape.asset, mode=shape.mode, account=account, page_limit=1000)
        for place in shape.places:
            leg = Leg(shape.instrument)
            expected = []
            for recorded in journal.recorded(place):
                if recorded.voided_by is None:
                    leg.apply(recorded.entry)
                expected.append(
                    (
                        recorded.entry.executed_at, recorded.entry.quantity, recorded.voided_by,
                        explained(leg),
                    )
                )  # fmt: skip
            found = [
                (
                    row["executed_at"], row["quantity"], row["voided_by"],
                    {name: row[name] for name in explained(leg)},
                )
                for row in reversed(whole)
                if row["leg"] == place.leg
            ]  # fmt: skip
            assert found == expected, account
        pages = paged(analyst, len(whole), 4, shape.asset, mode=shape.mode, account=account)
        assert pages == whole, account


def paged(analyst: Analyst, most: int, size: int, asset: str, **query: object) -> list[Row]:
    """All entries, page by page; ends after `most` entries at the latest."""
    joined = page = analyst.explain(asset, page_limit=size, **query)
    while len(page) == size and len(joined) <= most:
        page = analyst.explain(asset, page_limit=size, before=page[-1]["id"], **query)
        joined = joined + page
    return joined


def test_every_cycle_matches_the_reference(
    histories: Histories, analyst: Analyst, shape: Shape
) -> None:
    seen = 0
    for account, journal in histories:
        expected = [
            expected_row(place, cycle)
            for place in shape.places
            for cycle in round_trips(journal.entries(place), shape.instrument, PRICES)
            if cycle.closed_at is not None
        ]
        position: dict[str, Any] = {"asset": shape.asset, "mode": shape.mode, "account": account}
        whole = analyst.cycles(**position, from_time="-infinity")
        assert [(row["closed_at"], row["closing_entry_id"]) for row in whole] == sorted(
            ((row["closed_at"], row["closing_entry_id"]) for row in whole), reverse=True
        )
        found = [{name: row[name] for name in expected[0]} for row in whole] if expected else whole
        assert in_order(found) == in_order(expected), account
        seen += len(whole)

        # Every period shows the cycles that closed in it.
        for since, until in itertools.combinations((0, 7, 18, 19, 33), 2):
            period = {"from_time": after(since), "to_time": after(until)}
            within = [row for row in whole if after(since) <= row["closed_at"] <= after(until)]
            assert analyst.cycles(**position, **period) == within, account
    assert seen > HISTORIES


def in_order(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (row["leg"], row["opened_at"], row["closed_at"], str(row)))


def expected_row(place: Place, cycle: RoundTrip) -> Row:
    """A cycle as published."""
    assert cycle.opened_at is not None
    assert cycle.closed_at is not None
    return {
        "leg": place.leg,
        "direction": cycle.direction,
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
        "net_pnl": cycle.net_pnl,
        "mae": min(D(0), *cycle.profits) if cycle.profits else None,
        "mfe": max(D(0), *cycle.profits) if cycle.profits else None,
        "price_minutes": len(cycle.profits) // 4,
    }


def test_the_cycles_add_up_to_the_leg(
    histories: Histories, analyst: Analyst, book: Book, shape: Shape
) -> None:
    for account, journal in histories:
        closed = analyst.cycles(
            shape.asset, mode=shape.mode, account=account, from_time="-infinity"
        )
        for place in shape.places:
            row = book.conn.execute(STORED, [account, place.leg]).fetchone()
            if row is None:
                continue
            realized, fees, funding, cost = row
            cycles = round_trips(journal.entries(place), shape.instrument)
            still_open = [cycle for cycle in cycles if cycle.closed_at is None]
            own = [cycle for cycle in closed if cycle["leg"] == place.leg]
            if not cycles:
                # Funding alone makes no cycle.
                assert (realized, fees, own) == (0, 0, [])
                continue
            # An open cycle has realized its cash plus the cost of its size.
            open_realized = total(cycle.cash + cost for cycle in still_open)
            assert total(cycle["realized"] for cycle in own) + open_realized == realized, account
            for name, amount in (("fees_paid", fees), ("funding", funding)):
                attribute = "fees" if name == "fees_paid" else name
                open_amount = total(getattr(cycle, attribute) for cycle in still_open)
                assert total(cycle[name] for cycle in own) + open_amount == amount, account


def test_open_lots_match_the_reference(
    histories: Histories, analyst: Analyst, shape: Shape
) -> None:
    seen = 0
    for account, journal in histories:
        for place in shape.places:
            fifo = fifo_lots(journal.entries(place), shape.instrument)
            # The view lists the newest lot first.
            expected = [(lot.opened_at, lot.quantity, lot.cost) for lot in reversed(fifo.lots)]
            shown = analyst.view("fifo_lots", account=account, leg=place.leg)
            assert [
                (row["executed_at"], row["quantity"], row["cost"]) for row in shown
            ] == expected, account
            seen += len(shown)
            for row in analyst.view("fifo_positions", account=account, leg=place.leg):
                assert row["asset"] == shape.asset
                assert row["lots"] == len(expected), account
                assert (row["fifo_cost"], row["fifo_realized"]) == (fifo.cost, fifo.realized)
                # The methods differ in when a profit is realized, not in the profit.
                assert row["fifo_realized"] + row["fifo_unrealized_pnl"] == (
                    row["average_realized"] + row["average_unrealized_pnl"]
                ), account
    assert seen > HISTORIES // 2
