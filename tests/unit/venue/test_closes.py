"""Positions that the venue has closed and nobody reported: their result is not lost."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.ledger import ticker
from tests.helpers.messages import at, bust, buy, sell
from tests.helpers.venue import Row, Venue, snake

CLOSING = """
    SELECT trim_scale(e.closing_price), e.closing_source
    FROM pms.standing_entries e
    WHERE e.account = %s AND e.kind = 'adjustment'
    ORDER BY e.id
"""
REVIEWS = """
    SELECT v.code, v.detail FROM pms.reviews v WHERE v.account = %s ORDER BY v.code, v.source
"""


def closing(venue: Venue) -> list[tuple[Any, ...]]:
    """The closing price of each adjustment that counts, and its source."""
    return venue.conn.execute(CLOSING, [venue.account]).fetchall()


def reviews(venue: Venue) -> list[str]:
    return [code for code, _ in venue.conn.execute(REVIEWS, [venue.account])]


def sound(venue: Venue, asset: str = "BTCUSDT") -> None:
    assert [row for row in venue.discrepancies() if row["status"] == "open"] == []
    assert venue.validate(asset=asset)["is_valid"] is True


def close(venue: Venue, size: str, average: str | None = None, **more: Any) -> None:
    venue.report(snake(size, average, 5, **more))
    assert venue.validate(asset=more.get("asset", "BTCUSDT"))["is_valid"] is True


def accept(venue: Venue, price: str | None) -> Row:
    [found] = venue.discrepancies()
    return venue.ledger.call("accept_discrepancy", id=str(found["id"]), price=price)


@pytest.mark.parametrize(
    ("held", "size", "average", "realized", "left"),
    [
        ("2", "0", None, "-40", None),
        # The rest keeps its average, or takes that of the venue.
        ("3", "1", None, "-40", "100"),
        ("3", "1", "100", "-40", "100"),
        ("3", "1", "110", "-40", "110"),
        ("-2", "0", None, "40", None),
        ("-3", "-1", None, "40", "100"),
        # Turned: the position is closed, the rest opens.
        ("2", "-1", "90", "-40", "90"),
        ("-2", "1", "90", "40", "90"),
        # Grown: nothing is closed.
        ("2", "3", "110", "0", "110"),
    ],
)
def test_an_adjustment_realizes_what_it_closes_at_the_mark_of_the_report(
    venue: Venue, held: str, size: str, average: str | None, realized: str, left: str | None
) -> None:
    trade = sell if held.startswith("-") else buy
    venue.fill(trade("a", held.lstrip("-"), "100", 1))

    close(venue, size, average, markPrice="80")

    assert venue.held() == (D(size), left and D(left), D(realized), False)
    assert closing(venue) == [(80, "venue")]
    sound(venue)


def test_an_inverse_contract_realizes_in_its_coin(venue: Venue) -> None:
    venue.ledger.define("BTCUSD", kind="inverse", multiplier=100, settlement_currency="BTC")
    venue.fill(buy("a", "2", "100", 1, asset="BTCUSD"))

    venue.report(snake("0", None, 5, asset="BTCUSD", markPrice="80"))
    venue.validate(asset="BTCUSD")

    # -200/80 - -200/100
    assert venue.held(asset="BTCUSD") == (0, None, D("-0.5"), False)


def test_each_leg_of_a_hedge_realizes_separately(venue: Venue) -> None:
    hedge = {"mode": "hedge"}
    venue.fill(
        buy("a", "2", "100", 1, position_side="long", **hedge),
        sell("b", "3", "110", 2, position_side="short", **hedge),
    )
    venue.report(
        snake("0", None, 5, "long", markPrice="80"), snake("-1", None, 5, "short", markPrice="80")
    )
    venue.validate(mode="hedge")

    assert venue.held("long") == (0, None, -40, False)
    assert venue.held("short") == (-1, 110, 60, False)


def test_without_a_mark_the_newest_price_of_that_time_counts(venue: Venue) -> None:
    venue.ledger.price(
        ticker("90", at(3), "MARKUSDT"), ticker("85", at(4), "MARKUSDT"),
        ticker("70", at(9), "MARKUSDT"),
    )  # fmt: skip
    venue.fill(buy("a", "2", "100", 1, asset="MARKUSDT"))

    venue.report(snake("0", None, 5, asset="MARKUSDT"))
    venue.validate(asset="MARKUSDT")

    assert venue.held(asset="MARKUSDT") == (0, None, -30, False)
    assert closing(venue) == [(85, "price")]


def test_without_any_price_the_result_is_flagged_as_unknown_until_one_is_given(
    venue: Venue,
) -> None:
    venue.fill(buy("a", "2", "100", 1, asset="DARKUSDT"))
    close(venue, "0", asset="DARKUSDT")
    [found] = venue.discrepancies()
    assert venue.held(asset="DARKUSDT") == (0, None, 0, True)
    assert venue.conn.execute(REVIEWS, [venue.account]).fetchall() == [
        (
            "unknown_close",
            "2 closed at an unknown price at 2026-01-01T00:05:00.000000Z:"
            f" accept discrepancy {found['id']} with a price",
        )
    ]

    refused = accept(venue, None)
    assert refused["message"] == "it is applied: give the price of what it closed"
    assert accept(venue, "80")["status"] == "accepted"

    assert venue.held(asset="DARKUSDT") == (0, None, -40, False)
    assert closing(venue) == [(80, "decision")]
    [stated] = venue.events("position_restated")
    assert (stated["cause"], stated["realized_pnl_change"]) == ("correction", "-40")
    # Once.
    assert accept(venue, "70")["message"] == "already decided"
    sound(venue, "DARKUSDT")


@pytest.mark.parametrize("is_fixed", [True, False], ids=["afterwards", "in place of the job"])
def test_an_expired_instrument_may_be_accepted_at_zero(venue: Venue, is_fixed: bool) -> None:
    asset = f"OPTION-{is_fixed}-USDT".upper()
    venue.ledger.define(asset, expires_at=at(5))
    venue.fill(buy("a", "2", "100", 1, asset=asset))
    if is_fixed:
        close(venue, "0", asset=asset)
    else:
        venue.report(snake("0", None, 5, asset=asset))

    assert accept(venue, "0")["status"] == "accepted"

    assert venue.held(asset=asset) == (0, None, -200, False)
    assert closing(venue) == [(0, "decision")]
    sound(venue, asset)


def test_another_instrument_is_not_accepted_at_zero(venue: Venue) -> None:
    venue.fill(buy("a", "2", "100", 1, asset="DARKUSDT"))
    close(venue, "0", asset="DARKUSDT")

    assert accept(venue, "0")["message"] == "the price must be greater than 0"


def test_a_person_gives_the_price_when_accepting(venue: Venue) -> None:
    venue.fill(buy("a", "2", "100", 1), buy("b", "1", "100", 7))
    venue.report(snake("0", None, 5, markPrice="80"))

    accept(venue, "90")

    assert venue.held() == (1, 100, -20, False)
    assert closing(venue) == [(90, "decision")]


@pytest.mark.parametrize(
    ("held", "size", "average", "cost"),
    # What opens: of a position nobody knew, of one that turned, of one that grew.
    [(None, "2", None, "180"), ("1", "-2", None, "-180"), ("1", "3", "130", "280")],
)
def test_the_price_of_a_person_is_the_cost_of_what_opens(
    venue: Venue, held: str | None, size: str, average: str | None, cost: str
) -> None:
    if held is not None:
        venue.fill(buy("a", held, "100", 1), buy("b", "1", "100", 7), sell("c", "1", "100", 8))
    venue.report(snake(size, average, 5))
    venue.wait()

    assert accept(venue, "90")["status"] == "accepted"

    [(_, _, stated, value)] = venue.stated()
    assert (stated, value) == (D(size), D(cost))


@pytest.mark.parametrize(
    ("price", "code"), [("0", "CONFLICT"), ("-1", "CONFLICT"), ("x", "VALIDATION_ERROR")]
)
def test_a_price_that_is_none_is_refused(venue: Venue, price: str, code: str) -> None:
    venue.fill(buy("a", "2", "100", 1))
    venue.report(snake("0", None, 5))

    assert accept(venue, price)["error_code"] == code
    assert venue.held() == (2, 100, 0, True)


def test_only_a_difference_of_size_has_a_price(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    venue.conn.execute("UPDATE pms.positions SET size = 5 WHERE account = %s", [venue.account])
    venue.validate(fix_discrepancies="false")

    assert accept(venue, "90")["message"] == "only a difference of size has a price"


def test_a_late_fill_before_the_adjustment_replaces_the_estimate(venue: Venue) -> None:
    venue.fill(buy("a", "2", "100", 1))
    close(venue, "0", markPrice="80")

    venue.fill(sell("late", "2", "85", 4))

    assert venue.held() == (0, None, -30, False)
    [stated] = venue.events("position_restated")
    assert (stated["realized_pnl_before"], stated["realized_pnl_after"]) == ("-40", "-30")
    sound(venue)


def test_a_late_fill_may_explain_a_part(venue: Venue) -> None:
    venue.fill(buy("a", "3", "100", 1))
    close(venue, "1", markPrice="80")
    assert venue.held() == (1, 100, -40, False)

    venue.fill(sell("late", "1", "85", 4))

    assert venue.held() == (1, 100, -35, False)


def test_a_late_fill_that_adds_is_closed_too(venue: Venue) -> None:
    venue.fill(buy("a", "2", "100", 1))
    close(venue, "1", markPrice="80")

    venue.fill(buy("late", "1", "130", 4))

    # Of 330 for three two thirds are closed at 160.
    assert venue.held() == (1, 110, -60, False)


@pytest.mark.parametrize("second", [0, 1, 4])
def test_a_fill_dated_shortly_after_the_report_explains_it(venue: Venue, second: int) -> None:
    venue.fill(buy("a", "2", "100", 1))
    close(venue, "0", markPrice="80")

    venue.fill(sell("late", "2", "85", 5, at=at(5, second)))

    assert venue.held() == (0, None, -30, False)
    [stated] = venue.events("position_restated")
    assert stated["realized_pnl_after"] == "-30"
    sound(venue)
    # The next one is another.
    venue.fill(sell("new", "1", "84", 5, at=at(5, second + 1)))
    assert venue.held() == (-1, 84, -30, False)


def test_a_report_between_the_close_and_the_fill_that_explains_it_agrees(venue: Venue) -> None:
    venue.fill(buy("a", "2", "100", 1))
    close(venue, "0", markPrice="80")
    venue.report(snake("0", None, 5, second=1))

    venue.fill(sell("late", "2", "85", 5, at=at(5, 2)))

    assert venue.held() == (0, None, -30, False)
    sound(venue)


def test_fills_shortly_after_the_report_explain_it_part_by_part(venue: Venue) -> None:
    venue.fill(buy("a", "3", "100", 1))
    close(venue, "0", markPrice="80")

    venue.fill(sell("x", "1", "85", 5, at=at(5, 1)))
    assert venue.held() == (0, None, -55, False)
    venue.fill(sell("y", "1", "86", 5, at=at(5, 2)))
    assert venue.held() == (0, None, -49, False)
    venue.fill(sell("z", "1", "87", 4))
    assert venue.held() == (0, None, -42, False)
    sound(venue)


@pytest.mark.parametrize(
    ("fills", "held"),
    [
        # It buys; it sells more than is missing; it comes too late; another one came between.
        ([buy("b", "1", "90", 5, at=at(5, 1))], (1, 90, -40)),
        ([sell("b", "3", "90", 5, at=at(5, 1))], (-3, 90, -40)),
        ([sell("b", "2", "90", 8)], (-2, 90, -40)),
        (
            [buy("b", "1", "90", 5, at=at(5, 1)), sell("c", "2", "90", 5, at=at(5, 2))],
            (-1, 90, -40),
        ),
    ],
    ids=["a purchase", "too much", "too late", "after another"],
)
def test_another_fill_after_the_report_is_none_of_its_business(
    venue: Venue, fills: list[Row], held: tuple[Any, ...]
) -> None:
    venue.fill(buy("a", "2", "100", 1))
    close(venue, "0", markPrice="80")

    with venue.tuned(clock_skew_limit="1 minute"):
        venue.fill(*fills)

    assert venue.held() == (*held, False)


def test_a_fill_that_the_venue_has_reported_since_is_new(venue: Venue) -> None:
    venue.fill(buy("a", "2", "100", 1))
    close(venue, "0", markPrice="80")
    venue.report(snake("-2", "90", 5, second=3))

    venue.fill(sell("b", "2", "90", 5, at=at(5, 1)))

    assert venue.held() == (-2, 90, -40, False)


def test_a_fill_that_explains_an_unknown_close_settles_it(venue: Venue) -> None:
    venue.fill(buy("a", "2", "100", 1, asset="DARKUSDT"))
    close(venue, "0", asset="DARKUSDT")
    venue.fill(sell("part", "1", "90", 3, asset="DARKUSDT"))
    assert (venue.held(asset="DARKUSDT"), reviews(venue)) == (
        (0, None, -10, True),
        ["unknown_close"],
    )

    venue.fill(sell("rest", "1", "80", 4, asset="DARKUSDT"))

    assert (venue.held(asset="DARKUSDT"), reviews(venue)) == ((0, None, -30, False), [])


def test_a_busted_adjustment_closes_nothing(venue: Venue) -> None:
    venue.fill(buy("a", "2", "100", 1, asset="DARKUSDT"))
    close(venue, "0", asset="DARKUSDT")
    venue.fill(sell("late", "1", "90", 5, at=at(5, 1), asset="DARKUSDT"))
    accept(venue, "80")
    assert venue.held(asset="DARKUSDT") == (0, None, -30, False)

    stated = "adjustment:venue_size:DARKUSDT:one-way:net:2026-01-01T00:05:00.000000Z"
    assert venue.fill(bust("a") | {"execution_id": None, "identity": stated}) == ["applied"]

    assert venue.held(asset="DARKUSDT") == (1, 100, -10, False)
    assert reviews(venue) == []


def test_the_price_of_a_person_stays_when_a_fill_explains_a_part(venue: Venue) -> None:
    venue.fill(buy("a", "3", "100", 1, asset="DARKUSDT"))
    close(venue, "0", asset="DARKUSDT")
    accept(venue, "80")

    venue.fill(sell("late", "1", "90", 5, at=at(5, 1), asset="DARKUSDT"))

    assert venue.held(asset="DARKUSDT") == (0, None, -50, False)
    assert closing(venue) == [(80, "decision")]


def test_the_closing_price_is_explained(venue: Venue) -> None:
    venue.fill(buy("a", "2", "100", 1))
    close(venue, "0", markPrice="80")

    found = venue.ledger.call("get_position_entries", asset="BTCUSDT", account=venue.account)[
        "entries"
    ]

    assert [(row["closing_price"], row["closing_source"], row["realized"]) for row in found] == [
        ("80", "venue", "-40"), (None, None, "0"),
    ]  # fmt: skip


def test_a_closed_part_is_the_exit_of_its_round_trip(venue: Venue) -> None:
    venue.fill(buy("a", "2", "100", 1), sell("b", "1", "110", 2))
    close(venue, "0", markPrice="80")

    [cycle] = venue.ledger.call(
        "get_closed_cycles", asset="BTCUSDT", account=venue.account,
        from_time="2026-01-01T00:00:00Z",
    )["cycles"]  # fmt: skip

    assert (cycle["average_entry_price"], cycle["average_exit_price"]) == ("100", "95")
    assert (cycle["realized"], cycle["net_pnl"]) == ("-10", "-10")


def test_lots_left_by_a_close_have_the_cost_that_is_left(venue: Venue) -> None:
    venue.fill(buy("a", "2", "100", 1))
    close(venue, "1", markPrice="80")
    venue.fill(buy("late", "1", "130", 4))

    lots = venue.conn.execute(
        "SELECT l.quantity, l.cost FROM api.fifo_lots l WHERE l.account = %s", [venue.account]
    ).fetchall()
    assert lots == [(1, 110)]
