"""The reference implementation follows the rules of accounting."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, Inexact, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from position_manager.reference.fold import (
    LINEAR,
    Entry,
    Instrument,
    Leg,
    break_even,
    fee_in_base,
    fold,
    quotient,
    rounded,
)
from tests.helpers.vectors import VECTORS, Vector, agrees

DAYS = [datetime(2026, 1, day, tzinfo=UTC) for day in range(1, 10)]


@pytest.fixture(scope="module", autouse=True)
def exact() -> Iterator[None]:
    """Sums in the tests must not be rounded to 28 digits."""
    with localcontext(prec=200):
        yield


def amounts(places: int, most: int) -> st.SearchStrategy[Decimal]:
    return st.integers(1, most * 10**places).map(lambda units: Decimal(units).scaleb(-places))


FILLS = st.lists(
    st.builds(
        Entry,
        amounts(8, 1000) | amounts(8, 1000).map(Decimal.copy_negate),
        amounts(6, 100_000),
        amounts(8, 10),
    ),
    min_size=1,
    max_size=30,
)
INSTRUMENTS = st.sampled_from(
    (LINEAR, Instrument(Decimal("0.001")), Instrument(Decimal(100), is_inverse=True))
)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_vector_gives_the_published_state(vector: Vector) -> None:
    leg = Leg(Instrument(Decimal(vector["multiplier"]), vector["inverse"]))
    expected = {each["after_fill"]: each for each in vector["expect"]}
    for place, each in enumerate(vector["fills"], start=1):
        sign = {"B": 1, "S": -1}[each["side"]]
        quantity, price, fee = (Decimal(each[name]) for name in ("qty", "price", "fee"))
        leg.apply(Entry(quantity * sign, price, fee))
        if place in expected:
            check = expected[place]
            assert leg.size == Decimal(check["qty"])
            assert agrees(vector, "avg_price", leg.average or Decimal(0), check["avg_price"])
            net = leg.realized - leg.fees_paid
            assert agrees(vector, "realised_net", net, check["realised_net"])
    if vector["mark"] is not None:
        unrealized = leg.unrealized(Decimal(vector["mark"]))
        assert agrees(vector, "unrealised", unrealized, vector["unrealised"])


@given(FILLS, INSTRUMENTS)
def test_realized_minus_cost_is_the_cash_flow(fills: list[Entry], instrument: Instrument) -> None:
    leg, flowed, paid = Leg(instrument), Decimal(0), Decimal(0)
    for each in fills:
        leg.apply(each)
        flowed -= instrument.value(each.quantity, each.price or Decimal(0))
        paid += each.fee
        assert leg.realized - leg.cost == flowed
        assert leg.size != 0 or leg.cost == 0
        assert leg.fees_paid == paid


@given(FILLS, INSTRUMENTS)
def test_mirrored_fills_give_a_mirrored_state(fills: list[Entry], instrument: Instrument) -> None:
    leg = fold(fills, instrument)
    mirrored = fold((Entry(-each.quantity, each.price, each.fee) for each in fills), instrument)

    assert (mirrored.size, mirrored.cost, mirrored.realized) == (
        -leg.size,
        -leg.cost,
        -leg.realized,
    )
    assert (mirrored.fees_open, mirrored.fees_close) == (leg.fees_open, leg.fees_close)


@given(FILLS, INSTRUMENTS)
def test_net_pnl_changes_its_sign_at_the_break_even_price(
    fills: list[Entry], instrument: Instrument
) -> None:
    leg = fold(fills, instrument)
    price, tick = break_even([leg]), Decimal("1e-12")

    if price is not None and price > tick:
        assert leg.net_pnl(price - tick) * leg.net_pnl(price + tick) <= 0


def test_an_opening_fee_does_not_affect_realized_pnl() -> None:
    bought = (Entry(Decimal(1), Decimal(48000)), Entry(Decimal("0.5"), Decimal(50000), Decimal(25)))

    assert fold(bought).realized_pnl == 0


def test_a_closing_fee_reduces_realized_pnl() -> None:
    leg = fold(
        (
            Entry(Decimal(2), Decimal(50000)),
            Entry(Decimal("-0.5"), Decimal(51000), Decimal("25.50")),
        )
    )

    assert leg.realized_pnl == Decimal("474.50")


def test_a_flip_splits_its_fee_and_opens_a_new_cycle() -> None:
    leg = fold(
        (
            Entry(Decimal(10), Decimal(100)),
            Entry(Decimal(-15), Decimal(102), Decimal(3)),
        )
    )

    assert (leg.size, leg.average, leg.realized) == tuple(map(Decimal, (-5, 102, 20)))
    assert (leg.fees_close, leg.fees_open) == (Decimal(2), Decimal(1))


def test_funding_openings_and_adjustments_are_folded() -> None:
    leg = fold(
        (
            Entry(Decimal(2), Decimal(100)),
            Entry(Decimal(0), None, kind="funding", amount=Decimal("-0.5")),
            Entry(Decimal(3), None, kind="adjustment", amount=Decimal(290)),
            Entry(Decimal(-1), Decimal(80), kind="opening", realized=Decimal(7)),
        )
    )

    assert (leg.size, leg.cost, leg.realized_pnl) == (Decimal(-1), Decimal(-80), Decimal("6.5"))


@pytest.mark.parametrize(
    ("size", "cost", "average", "left", "realized"),
    [
        ("0", "0", None, "0", "-40"), ("1", "100", None, "50", "-20"),
        ("1", "70", "70", "70", "-20"), ("-1", "-60", None, "-60", "-40"),
        ("3", "170", None, "170", "0"),
    ],
)  # fmt: skip
def test_an_adjustment_realizes_what_it_closes(
    size: str, cost: str, average: str | None, left: str, realized: str
) -> None:
    adjustment = Entry(
        Decimal(size),
        None if average is None else Decimal(average),
        kind="adjustment",
        amount=Decimal(cost),
        closing_price=Decimal(30),
    )

    leg = fold((Entry(Decimal(2), Decimal(50)), adjustment))

    assert (leg.size, leg.cost, leg.realized) == (Decimal(size), Decimal(left), Decimal(realized))


def test_a_transfer_at_cost_takes_its_share_and_realizes_nothing() -> None:
    leg = fold(
        (
            Entry(Decimal(3), Decimal(100)),
            Entry(Decimal(-1), None, kind="transfer", amount=Decimal(-100)),
        )
    )

    assert (leg.size, leg.cost, leg.realized) == (Decimal(2), Decimal(200), Decimal(0))


def test_a_flip_closes_with_its_share_of_an_explicit_value() -> None:
    leg = fold(
        (
            Entry(Decimal(1), Decimal(100)),
            Entry(Decimal(-3), None, kind="transfer", amount=Decimal(-100)),
        )
    )

    third = Decimal("33.333333333333333333")
    assert leg.realized == third - 100
    assert (leg.size, leg.cost) == (Decimal(-2), third - 100)


def test_a_spot_fee_in_the_base_asset_is_quantity_not_cash() -> None:
    bought, paid = fee_in_base(Decimal(1), Decimal(50000), Decimal("0.001"))
    sold, received = fee_in_base(Decimal(-1), Decimal(50000), Decimal("0.001"))

    assert (bought, paid) == (Decimal("0.999"), Decimal(50000))
    assert (sold, received) == (Decimal("-1.001"), Decimal(-50000))


def test_a_cycle_starts_at_its_first_entry_and_ends_flat() -> None:
    def leg(*quantities: int) -> Leg:
        return fold(
            Entry(Decimal(quantity), Decimal(1), executed_at=DAYS[place])
            for place, quantity in enumerate(quantities)
        )

    assert (leg(1, 1).opened_at, leg(1, 1).closed_at) == (DAYS[0], None)
    assert (leg(1, -1).opened_at, leg(1, -1).closed_at) == (DAYS[0], DAYS[1])
    assert (leg(1, -1, 1).opened_at, leg(1, -1, 1).closed_at) == (DAYS[2], DAYS[1])
    assert (leg(1, -2).opened_at, leg(1, -2).closed_at) == (DAYS[1], None)


def test_a_residue_survives() -> None:
    leg = fold((Entry(Decimal("1.0000000074"), Decimal(3)), Entry(Decimal(-1), Decimal(3))))

    assert leg.size == Decimal("0.0000000074")


@pytest.mark.parametrize(
    ("numerator", "denominator", "result"),
    [
        ("1", "3", "0.333333333333"),
        ("2", "3", "0.666666666667"),
        ("-2", "3", "-0.666666666667"),
        ("1", "-8000000000000", "0.000000000000"),
        ("5", "10000000000000", "0.000000000001"),
        ("-5", "10000000000000", "-0.000000000001"),
        ("4999999999999", "1e25", "0.000000000000"),
    ],
)
def test_a_quotient_is_rounded_half_away_from_zero(
    numerator: str, denominator: str, result: str
) -> None:
    assert quotient(Decimal(numerator), Decimal(denominator), 12) == Decimal(result)


def test_a_value_is_rounded_half_away_from_zero() -> None:
    assert rounded(Decimal("0.0000000000000000005")) == Decimal("0.000000000000000001")
    assert rounded(Decimal("-0.0000000000000000005")) == Decimal("-0.000000000000000001")


def test_an_inexact_result_is_an_error() -> None:
    leg = fold([Entry(Decimal("1e210"), Decimal("1e-10"))])

    with pytest.raises(Inexact):
        leg.apply(Entry(Decimal("1e-210"), Decimal("1e-10")))
