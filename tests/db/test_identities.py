"""The identities of accounting, over generated fills, to the last digit."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal as D
from decimal import localcontext
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.db.ledger import Ledger, fill

# Nine digits each: a product fits into the eighteen that are kept, so that nothing is rounded.
amounts = st.decimals(D("0.000000001"), D("1000000"), places=9)
fees = st.decimals(D("-5"), D("5"), places=9)


@dataclass(frozen=True)
class Trade:
    side: str
    quantity: D
    price: D
    fee: D

    @property
    def signed(self) -> D:
        return self.quantity if self.side == "Buy" else -self.quantity


trades = st.lists(
    st.builds(Trade, st.sampled_from(["Buy", "Sell"]), amounts, amounts, fees),
    min_size=1,
    max_size=12,
)
# The database is the same for all examples: each example takes an asset of its own.
examples = settings(
    max_examples=150,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
assets = (f"CASE{number}" for number in range(1_000_000))

STATE = """
    SELECT p.size, p.cost, p.realized, p.fees_open, p.fees_close, p.version
    FROM pms.positions p
    WHERE p.asset = %s
"""


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    """Python's decimals round to 28 digits unless told otherwise."""
    with localcontext(prec=100):
        yield


def messages(asset: str, sequence: list[Trade]) -> list[dict[str, Any]]:
    return [
        fill(
            f"{asset}-{place}", each.side, f"{each.quantity:f}", f"{each.price:f}", f"{each.fee:f}",
            asset=asset, at=f"2026-01-01T00:00:{place:02}Z",
        )
        for place, each in enumerate(sequence)
    ]  # fmt: skip


def state(dsn: str, asset: str) -> dict[str, D]:
    with psycopg.connect(dsn) as conn:
        row = conn.execute(STATE, [asset]).fetchone()
    assert row is not None
    names = ("size", "cost", "realized", "fees_open", "fees_close", "version")
    return dict(zip(names, row, strict=True))


def booked(ledger: Ledger, dsn: str, sequence: list[Trade]) -> dict[str, D]:
    asset = next(assets)
    ledger.apply(*messages(asset, sequence))
    return state(dsn, asset)


@examples
@given(trades)
def test_realised_less_cost_is_the_cash_that_flowed(
    ledger: Ledger, dsn: str, sequence: list[Trade]
) -> None:
    held = booked(ledger, dsn, sequence)

    assert held["realized"] - held["cost"] == -sum(t.signed * t.price for t in sequence)
    assert held["size"] == sum(t.signed for t in sequence)
    assert held["fees_open"] + held["fees_close"] == sum(t.fee for t in sequence)
    assert held["size"] != 0 or held["cost"] == 0


@examples
@given(trades, st.randoms(use_true_random=False))
def test_any_order_of_arrival_and_any_batching_end_alike(
    ledger: Ledger, dsn: str, sequence: list[Trade], chance: random.Random
) -> None:
    whole = booked(ledger, dsn, sequence)

    asset = next(assets)
    arriving = messages(asset, sequence) * 2
    chance.shuffle(arriving)
    while arriving:
        size = chance.randint(1, len(arriving))
        batch, arriving = arriving[:size], arriving[size:]
        ledger.apply(*batch)

    assert state(dsn, asset) == whole


@examples
@given(trades)
def test_mirrored_fills_give_the_mirrored_state(
    ledger: Ledger, dsn: str, sequence: list[Trade]
) -> None:
    there = booked(ledger, dsn, sequence)
    other = {"Buy": "Sell", "Sell": "Buy"}
    back = booked(ledger, dsn, [Trade(other[t.side], t.quantity, t.price, t.fee) for t in sequence])

    assert (back["size"], back["cost"]) == (-there["size"], -there["cost"])
    # The cash of the mirror is the mirror of the cash; fees do not mirror.
    assert back["realized"] - back["cost"] == -(there["realized"] - there["cost"])
    assert (back["fees_open"], back["fees_close"]) == (there["fees_open"], there["fees_close"])


@examples
@given(trades, st.integers(0, 11))
def test_splitting_a_fill_in_two_changes_nothing(
    ledger: Ledger, dsn: str, sequence: list[Trade], which: int
) -> None:
    whole = booked(ledger, dsn, sequence)
    cut = sequence[which % len(sequence)]
    half = (cut.quantity / 2).quantize(D("0.000000001"))
    parts = [
        Trade(cut.side, part, cut.price, D(0)) for part in (half, cut.quantity - half) if part > 0
    ]
    place = sequence.index(cut)
    split = booked(ledger, dsn, [*sequence[:place], *parts, *sequence[place + 1 :]])

    assert split["size"] == whole["size"]
    # What is released of a cost is rounded to 18 digits, once more when there are two parts.
    assert abs(split["cost"] - whole["cost"]) <= D("1e-16")
    assert abs(split["realized"] - whole["realized"]) <= D("1e-16")
    assert split["realized"] - split["cost"] == whole["realized"] - whole["cost"]
