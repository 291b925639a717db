"""A price that jumps is held until a second one confirms it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from itertools import count, pairwise
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.ledger import Ledger, fill, ticker
from tests.helpers.soak import sized
from tests.helpers.venue import Venue, camel

Owner = psycopg.Connection[Any]

START = datetime(2026, 1, 1, tzinfo=UTC)
STORED = "SELECT m.mark_price, m.held_price FROM pms.prices m WHERE m.asset = %s"
BARS = "SELECT h.low_price, h.high_price FROM pms.price_bars h WHERE h.asset = 'BTCUSDT'"
REVIEWS = "SELECT v.account, v.asset, v.leg, v.code, v.source FROM pms.reviews v"
ASSET_NUMBERS = count(1)
LIMIT = D("0.5")

Prices = Callable[..., tuple[D | None, D | None]]


def tick(price: object, second: float, asset: str = "BTCUSDT") -> dict[str, Any]:
    return ticker(str(price), (START + timedelta(seconds=second)).isoformat(), asset)


@pytest.fixture
def prices(owner: Owner) -> Prices:
    """The stored and the held price of an asset."""

    def read(asset: str = "BTCUSDT") -> tuple[D | None, D | None]:
        return owner.execute(STORED, [asset]).fetchone() or (None, None)

    return read


@pytest.fixture
def long(ledger: Ledger) -> None:
    """One BTC, bought and priced at 50000."""
    ledger.apply(fill("a", "Buy", "1", "50000"))
    ledger.price(tick(50000, 0))


@pytest.mark.usefixtures("long")
@pytest.mark.parametrize("bad", ["50", "24999.99", "75000.01", "50000000"])
def test_a_bad_tick_is_held_and_the_price_before_it_is_used(
    bad: str, ledger: Ledger, prices: Prices
) -> None:
    assert ledger.judge("apply_prices", [tick(bad, 1)]) == [
        ("held", "price_jump", "mark_price: differs from 50000 by more than 0.5 of it")
    ]

    held = ledger.position()
    assert (held["current_price"], held["unrealized_pnl"]) == (D(50000), D(0))
    assert prices() == (D(50000), D(bad))


@pytest.mark.usefixtures("long")
@pytest.mark.parametrize("price", ["25000", "75000", "50001"])
def test_a_price_within_the_limit_counts_at_once(
    price: str, ledger: Ledger, prices: Prices
) -> None:
    assert ledger.price(tick(price, 1)) == ["applied"]
    assert prices() == (D(price), None)


@pytest.mark.usefixtures("long")
def test_a_price_near_the_one_before_drops_the_held_one(ledger: Ledger, prices: Prices) -> None:
    ledger.price(tick(50, 1))

    assert ledger.price(tick(50100, 2)) == ["applied"]
    assert prices() == (D(50100), None)


@pytest.mark.usefixtures("long")
@pytest.mark.parametrize("seconds", [0.1, 60, 7200], ids=str)
def test_a_second_price_confirms_the_jump_however_late(
    seconds: float, ledger: Ledger, prices: Prices
) -> None:
    ledger.price(tick(20000, 3600))

    assert ledger.price(tick(20100, 3600 + seconds)) == ["applied"]
    assert prices() == (D(20100), None)
    assert ledger.position()["unrealized_pnl"] == D(-29900)


@pytest.mark.usefixtures("long")
def test_a_price_of_the_same_time_does_not_confirm(ledger: Ledger, prices: Prices) -> None:
    ledger.price(tick(20000, 1))

    assert ledger.price(tick(20000, 1)) == ["duplicate"]
    assert ledger.price(tick(20100, 1)) == ["held"]
    assert prices() == (D(50000), D(20100))


@pytest.mark.usefixtures("long")
def test_a_third_level_is_held_in_place_of_the_second(ledger: Ledger, prices: Prices) -> None:
    ledger.price(tick(50, 1))

    assert ledger.price(tick(5000000, 2)) == ["held"]
    assert prices() == (D(50000), D(5000000))


@pytest.mark.usefixtures("long")
@pytest.mark.parametrize(
    ("ticks", "outcomes", "stored"),
    [
        ([("50", 1), ("50100", 2)], ["held", "applied"], (D(50100), None)),
        ([("50", 1), ("51", 2)], ["stale", "applied"], (D(51), None)),
        ([("50100", 1), ("50", 2)], ["applied", "held"], (D(50100), D(50))),
        # By their own time, in whatever order they arrive.
        ([("51", 2), ("50", 1)], ["applied", "stale"], (D(51), None)),
        ([("50", 2), ("50100", 3), ("50", 1)], ["applied", "held", "stale"], (D(50), D(50100))),
        # Each is near the stored price, and the second far from the first.
        ([("74000", 1), ("26000", 2)], ["applied", "held"], (D(74000), D(26000))),
    ],
    ids=str,
)
def test_a_batch_gives_what_its_prices_give_in_turn(
    ticks: Sequence[tuple[str, int]],
    outcomes: list[str],
    stored: tuple[D, D | None],
    ledger: Ledger,
    prices: Prices,
) -> None:
    assert ledger.price(*(tick(*each) for each in ticks)) == outcomes
    assert prices() == stored


def test_the_first_batch_of_an_asset_holds_its_jump(ledger: Ledger, prices: Prices) -> None:
    assert ledger.price(tick(100, 1), tick("0.1", 2)) == ["applied", "held"]
    assert prices() == (D(100), D("0.1"))


@pytest.mark.usefixtures("long")
def test_a_held_price_enters_the_history_when_it_is_confirmed(ledger: Ledger, owner: Owner) -> None:
    ledger.price(tick(50, 1))
    assert owner.execute(BARS).fetchall() == [(D(50000), D(50000))]

    ledger.price(tick(51, 2))
    assert owner.execute(BARS).fetchall() == [(D(50), D(50000))]


@pytest.mark.usefixtures("long")
def test_a_dropped_price_never_enters_the_history(ledger: Ledger, owner: Owner) -> None:
    ledger.price(tick(50, 1), tick(50100, 2))

    assert owner.execute(BARS).fetchall() == [(D(50000), D(50100))]


def fresh(price: object, asset: str = "BTCUSDT") -> dict[str, Any]:
    return ticker(str(price), datetime.now(UTC).isoformat(), asset)


def test_a_price_in_doubt_is_never_fresh(ledger: Ledger, owner: Owner) -> None:
    ledger.apply(fill("a", "Buy", "1", "50000"))
    ledger.price(fresh(50000))
    status = "SELECT p.price_status, p.held_price, p.held_since IS NULL FROM api.prices p"
    assert owner.execute(status).fetchone() == ("fresh", None, True)

    ledger.price(fresh(50))
    assert owner.execute(status).fetchone() == ("stale", D(50), False)
    assert ledger.position()["price_status"] == "stale"
    assert ledger.call("get_position", asset="BTCUSDT")["price_status"] == "stale"
    assert ledger.call("get_positions")["positions"][0]["price_status"] == "stale"
    metrics = ledger.call("get_metrics")
    assert (metrics["held_prices"], metrics["prices"]["stale"], metrics["prices"]["fresh"]) == (
        1, 1, 0,
    )  # fmt: skip

    ledger.price(fresh(50010))
    assert owner.execute(status).fetchone() == ("fresh", None, True)
    assert ledger.position()["price_status"] == "fresh"
    assert ledger.call("get_metrics")["held_prices"] == 0


def test_metrics_count_the_assets_of_open_positions_by_their_price(ledger: Ledger) -> None:
    assert ledger.call("get_metrics")["prices"] is None
    ledger.apply(fill("a", "Buy", "1", "50000"))
    positions = {"fresh": 0, "stale": 0, "missing": 1}
    assert ledger.call("get_metrics")["prices"] == {
        "oldest_seconds": None,
        **positions,
        "positions": positions,
    }

    for asset, age in (("ETHUSDT", 305), ("SOLUSDT", 5)):
        at = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
        ledger.apply(fill(asset, "Buy", "1", "10", asset=asset))
        ledger.price(ticker("10", at, asset))
    counted = ledger.call("get_metrics")["prices"]
    assert 305 <= counted.pop("oldest_seconds") < 400
    each = {"fresh": 1, "stale": 1, "missing": 1}
    assert counted == {**each, "positions": each}


def test_the_fallback_source_is_asked_about_a_price_in_doubt(ledger: Ledger) -> None:
    ledger.apply(fill("a", "Buy", "1", "50000"))
    ledger.price(fresh(50000), fresh(50))

    with ledger.worker.transaction():
        assert ledger.worker.execute("SELECT pms.stale_price_assets()").fetchall() == [("BTCUSDT",)]


def test_open_legs_of_the_asset_are_flagged_until_it_is_settled(
    ledger: Ledger, owner: Owner
) -> None:
    ledger.apply(
        fill("a", "Buy", "1", "50000", account="a"),
        fill("b", "Buy", "1", "50000", account="b", position_side="long"),
        fill("c", "Buy", "1", "50000", account="c"),
        fill("d", "Sell", "1", "50000", account="c", at="2026-01-01T00:00:01Z"),
        fill("e", "Buy", "1", "3000", account="a", asset="ETHUSDT"),
    )
    ledger.price(tick(50000, 2), tick(3000, 2, "ETHUSDT"))
    ledger.price(tick(50, 3), tick(3000, 3, "ETHUSDT"))

    assert sorted(owner.execute(REVIEWS).fetchall()) == [
        ("a", "BTCUSDT", "net", "held_price", "BTCUSDT"),
        ("b", "BTCUSDT", "long", "held_price", "BTCUSDT"),
    ]
    assert ledger.position(account="a")["needs_review"]
    assert not ledger.position("ETHUSDT", account="a")["needs_review"]

    # One that has been closed meanwhile is settled as well.
    ledger.apply(fill("f", "Sell", "1", "50000", account="a", at="2026-01-01T00:00:04Z"))
    ledger.price(tick(51, 4))
    assert owner.execute(REVIEWS).fetchall() == []
    assert not ledger.position(account="a")["needs_review"]
    assert not ledger.position(mode="hedge", account="b")["needs_review"]


@pytest.mark.usefixtures("long")
def test_a_mark_of_the_venue_is_held_like_any_price(
    venue: Venue,
) -> None:
    venue.fill(fill("v", "Buy", "1", "50000"))
    mark = "SELECT m.mark_price, m.held_price FROM pms.prices m WHERE m.asset = 'BTCUSDT'"
    for minute, price, stored in (
        (1, "50000", (D(50000), None)),
        (2, "50", (D(50000), D(50))),
        (3, "50001", (D(50001), None)),
    ):
        assert venue.report(camel("1", "50000", minute, markPrice=price)) == ["applied"]
        assert venue.conn.execute(mark).fetchone() == stored


@pytest.mark.usefixtures("long")
def test_a_price_recorded_by_hand_is_held_like_any_price(ledger: Ledger) -> None:
    answer = ledger.call("record_price", symbol="BTCUSDT", mark_price="50")

    assert (answer["outcome"], answer["reason"]) == ("held", "price_jump")


@pytest.mark.usefixtures("long")
@pytest.mark.parametrize(("command", "mark"), [("accept_price", "20"), ("drop_price", "50000")])
def test_an_operator_settles_a_held_price(
    command: str, mark: str, ledger: Ledger, prices: Prices, owner: Owner
) -> None:
    ledger.price(tick(20, 1))

    answer = ledger.call(command, asset="btcusdt")
    assert (answer["asset"], answer["mark_price"]) == ("BTCUSDT", mark)
    assert prices() == (D(mark), None)
    assert owner.execute(REVIEWS).fetchall() == []
    assert not ledger.position()["needs_review"]
    assert ledger.position()["current_price"] == D(mark)

    again = ledger.call(command, asset="btcusdt")
    assert (again["error_code"], again["message"]) == ("NOT_FOUND", "no price of BTCUSDT is held")


@pytest.mark.usefixtures("long")
def test_an_accepted_price_is_what_the_next_one_is_compared_with(
    ledger: Ledger, prices: Prices
) -> None:
    ledger.price(tick(20, 1))
    ledger.call("accept_price", asset="BTCUSDT")

    assert ledger.price(tick(50000, 2)) == ["held"]
    assert prices() == (D(20), D(50000))


@pytest.mark.usefixtures("long")
def test_zero_holds_no_price(ledger: Ledger, owner: Owner, prices: Prices) -> None:
    ledger.price(tick(50, 1))
    owner.execute("UPDATE pms.settings SET price_jump_limit = 0")

    assert ledger.price(tick("0.05", 2)) == ["applied"]
    assert prices() == (D("0.05"), None)


def test_an_instrument_that_may_trade_below_zero_holds_no_price(
    ledger: Ledger, prices: Prices
) -> None:
    ledger.define("SPREAD", allows_negative_price=True)

    assert [
        ledger.price(tick(price, second, "SPREAD"))
        for second, price in enumerate(("0.01", "-5", "0", "3"))
    ] == [["applied"]] * 4
    assert prices("SPREAD") == (D(3), None)


@pytest.mark.usefixtures("long")
def test_an_older_price_confirms_nothing_and_enters_the_history(
    ledger: Ledger, prices: Prices
) -> None:
    ledger.price(tick(50, 10))

    assert ledger.price(tick(51, -5)) == ["stale"]
    assert prices() == (D(50000), D(50))


def jumps(price: D | None, following: D) -> bool:
    return price is not None and abs(following - price) > LIMIT * price


def expected(ticks: Sequence[D]) -> list[tuple[D | None, D | None]]:
    """The stored and the held price after each of these, each later than the one before it."""
    stored: D | None = None
    held: D | None = None
    states = []
    for price in ticks:
        if jumps(stored, price) and (held is None or jumps(held, price)):
            held = price
        else:
            stored, held = price, None
        states.append((stored, held))
    return states


@settings(max_examples=sized(60, 600), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ticks=st.lists(
        st.decimals("0.01", "1000", places=2)
        | st.sampled_from([D(100), D(50), D(150), D("49.99"), D("150.01"), D("0.1"), D(100000)]),
        min_size=1,
        max_size=12,
    ),
    cuts=st.sets(st.integers(1, 11)),
)
def test_any_prices_in_any_batches_obey_the_rule(
    ticks: list[D], cuts: set[int], ledger: Ledger, prices: Prices
) -> None:
    asset = f"A{next(ASSET_NUMBERS)}"
    states = expected(ticks)
    edges = [0, *sorted(cut for cut in cuts if cut < len(ticks)), len(ticks)]
    before: D | None = None
    for first, last in pairwise(edges):
        ledger.judge("apply_prices", [tick(ticks[n], n, asset) for n in range(first, last)])
        assert prices(asset) == states[last - 1]

    # A stored price is within the limit of the stored one before it, or of the tick before it.
    for number, (stored, _) in enumerate(states):
        assert stored is not None
        assert not jumps(before, stored) or not jumps(ticks[number - 1], stored)
        before = stored
