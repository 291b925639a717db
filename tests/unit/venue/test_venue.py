"""Venue reports that disagree with the ledger."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal as D

import pytest

from tests.helpers.messages import at, bust, buy, funding, sell
from tests.helpers.venue import SHAPES, Row, Venue, camel, snake

Report = Callable[..., Row]

in_both_shapes = pytest.mark.parametrize("report", SHAPES, ids=["snake", "camel"])


# The average


@in_both_shapes
@pytest.mark.parametrize(
    ("average", "kept"),
    [
        ("50049.999999", True), ("50050", True), ("50050.000001", False),
        ("49950", True), ("49949.999999", False),
    ],
)  # fmt: skip
def test_the_venue_average_is_adopted_beyond_the_threshold(
    venue: Venue, report: Report, average: str, kept: bool
) -> None:
    venue.fill(buy("a", "2", "50000", 1, fee="3"), sell("b", "0.5", "50100", 2))

    assert venue.report(report("1.5", average, 3)) == ["applied"]

    assert venue.held() == (D("1.5"), D(50000) if kept else D(average), 50, False)
    if kept:
        assert (venue.findings(), venue.stated()) == ([], [])
    else:
        assert venue.findings() == [("net", "average_price", "50000", average, "fixed")]
        assert venue.stated() == [("net", "venue_average", D("1.5"), D("1.5") * D(average))]
        event = venue.events("position_updated")[-1]
        assert (event["update_source"], event["trace_id"]) == ("websocket", "report-3")


def test_the_threshold_is_exact_for_a_periodic_average(venue: Venue) -> None:
    # 33.333…, of which 0.1 % more is 33.366666…
    venue.fill(buy("a", "1", "33", 1), buy("b", "2", "33.5", 1))
    venue.report(snake("3", "33.366666666666666666", 2))
    assert venue.stated() == []

    venue.report(snake("3", "33.366666666666666667", 3))
    assert [cause for _, cause, *_ in venue.stated()] == ["venue_average"]


@pytest.mark.parametrize(
    ("average", "kept"), [("49950", True), ("50050", True), ("49949.9", False), ("50050.1", False)]
)
def test_an_inverse_contract_has_the_same_threshold(venue: Venue, average: str, kept: bool) -> None:
    venue.ledger.define("BTCUSD", kind="inverse", multiplier=100, settlement_currency="BTC")
    venue.fill(sell("a", "5", "50000", 1, asset="BTCUSD"))

    venue.report(snake("-5", average, 2, asset="BTCUSD"))

    assert (venue.stated() == []) is kept
    size, held, realized, needs_review = venue.held(asset="BTCUSD") or ()
    assert (size, realized, needs_review) == (-5, 0, False)
    # A cost of 18 digits is not more precise.
    assert round(held, 9) == (D("50000") if kept else D(average))


def test_an_operator_can_keep_the_ledger_average(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    with venue.tuned(use_ws_avg_price=False):
        venue.report(snake("1", "90", 2))

    assert (venue.held(), venue.findings()) == ((1, 100, 0, False), [])


def test_a_report_older_than_the_last_fill_changes_no_average(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1), buy("b", "1", "100", 3))

    venue.report(snake("1", "90", 2))

    assert venue.held() == (2, 100, 0, True)
    [found] = venue.discrepancies()
    assert (found["kind"], found["status"], found["is_fixable"]) == ("average_price", "open", False)
    # A newer report that agrees resolves it.
    venue.report(snake("2", "100", 4))
    assert venue.held() == (2, 100, 0, False)
    assert venue.findings() == [("net", "average_price", "100", "90", "resolved")]


def test_funding_does_not_outdate_a_report(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1), funding("f", "-1", at(3)))

    venue.report(snake("1", "90", 2))

    assert venue.held() == (1, 90, 0, False)


def test_a_report_without_a_price_has_no_average(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    venue.report(camel("1", "0", 2))

    assert (venue.held(), venue.findings()) == ((1, 100, 0, False), [])


# The size


@in_both_shapes
@pytest.mark.parametrize(
    ("size", "agrees"),
    [
        ("1.0001", True),
        ("1.0001000001", False),
        ("0.9999", True),
        ("0.99989999", False),
        ("-1", False),
    ],
)
def test_a_size_differs_only_beyond_the_threshold(
    venue: Venue, report: Report, size: str, agrees: bool
) -> None:
    venue.fill(buy("a", "1", "100", 1))

    venue.report(report(size, "100", 2))

    # Executions are the authority: nothing is changed on receipt.
    assert venue.held() == (1, 100, 0, not agrees)
    assert venue.findings() == ([] if agrees else [("net", "size", "1", size, "open")])
    assert venue.stated() == []


@in_both_shapes
def test_a_flat_report_is_compared_like_any_size(venue: Venue, report: Report) -> None:
    venue.fill(buy("a", "1", "100", 1))

    venue.report(report("0", None, 2))

    assert venue.held() == (1, 100, 0, True)
    [found] = venue.discrepancies()
    assert (found["theirs"], found["target_size"], found["target_cost"]) == ("0", 0, 0)
    assert found["is_fixable"] is True


def test_averages_of_different_sizes_are_not_compared(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    venue.report(snake("2", "90", 2))

    assert [row["kind"] for row in venue.discrepancies()] == ["size"]


def test_a_repeated_discrepancy_is_one_row(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    for minute, size in ((2, "2"), (3, "2"), (4, "1"), (5, "3")):
        venue.report(snake(size, "100", minute))

    [found] = venue.discrepancies()
    assert (found["times_seen"], found["status"], found["theirs"]) == (3, "open", "3")
    assert found["opened_at"] > found["first_seen_at"]
    assert found["evidence"]["reported_at"] == "2026-01-01T00:05:00.000000Z"


# The legs of a hedge


@in_both_shapes
def test_each_leg_of_a_hedge_is_compared_separately(venue: Venue, report: Report) -> None:
    venue.fill(
        buy("a", "2", "100", 1, position_side="long"),
        sell("b", "1", "100", 1, position_side="short"),
    )

    venue.report(report("2", "101", 2, leg="long"), report("-1.5", "100", 2, leg="short"))

    assert venue.held("long") == (2, 101, 0, False)
    assert venue.held("short") == (-1, 100, 0, True)
    assert venue.findings() == [
        ("long", "average_price", "100", "101", "fixed"), ("short", "size", "-1", "-1.5", "open"),
    ]  # fmt: skip


# Unknown positions


@in_both_shapes
def test_an_unexplained_venue_position_is_adopted(venue: Venue, report: Report) -> None:
    venue.report(report("-2", "100", 1))
    assert (venue.held(), venue.stated(), venue.findings()) == (None, [], [])

    venue.wait()

    assert venue.held() == (-2, 100, 0, False)
    assert venue.stated() == [("net", "adoption", -2, -200)]
    assert venue.findings() == [("net", "adoption", "0", "-2", "fixed")]
    venue.wait()
    assert len(venue.stated()) == 1


def test_a_later_report_also_triggers_adoption(venue: Venue) -> None:
    venue.report(snake("1", "100", 1))
    venue.conn.execute(
        "UPDATE pms.venue_positions SET unexplained_since = now() - INTERVAL '5 seconds'"
        " WHERE account = %s",
        [venue.account],
    )
    venue.report(snake("1.5", "110", 2))

    assert venue.held() == (D("1.5"), 110, 0, False)


def test_a_zero_delay_adopts_at_once(venue: Venue) -> None:
    with venue.tuned(venue_adoption_delay="0 seconds"):
        venue.report(camel("0.00005", "100", 1))

    assert venue.stated() == [("net", "adoption", D("0.00005"), D("0.005"))]


def test_a_pending_fill_explains_a_venue_position(venue: Venue) -> None:
    venue.report(snake("1", "100", 2))
    venue.fill(buy("a", "1", "100", 1))
    venue.wait()

    assert (venue.held(), venue.stated(), venue.findings()) == ((1, 100, 0, False), [], [])


def test_a_fill_after_its_adoption_counts_once(venue: Venue) -> None:
    venue.report(snake("1", "100", 2))
    venue.wait()
    venue.fill(buy("a", "1", "100", 1))
    assert venue.held() == (1, 100, 0, False)

    venue.fill(sell("b", "1", "120", 3))
    assert venue.held() == (0, None, 20, False)


@in_both_shapes
@pytest.mark.parametrize(
    ("size", "mark", "pnl", "average"),
    [("2", "110", "20", 100), ("-2", "110", "-20", 100), ("2", "110", "0", 110)],
)
def test_a_missing_average_is_derived_from_mark_and_profit(
    venue: Venue, report: Report, size: str, mark: str, pnl: str, average: int
) -> None:
    named = {"unrealised_pnl": pnl} if report is snake else {"unrealisedPnl": pnl}
    venue.report(report(size, None, 1, markPrice=mark, **named))
    venue.wait()

    assert venue.held() == (D(size), average, 0, False)


def test_a_report_without_any_average_needs_review(venue: Venue) -> None:
    venue.report(snake("2", None, 1))

    assert [venue.wait(), venue.wait()] == [0, 0]
    assert (venue.held(), venue.stated()) == ((0, None, 0, True), [])
    [found] = venue.discrepancies()
    assert (found["kind"], found["status"], found["is_fixable"]) == ("adoption", "open", False)
    assert (found["times_seen"], found["target_size"]) == (1, None)

    venue.report(snake("2", "100", 2))
    assert venue.held() == (2, 100, 0, False)
    assert venue.findings() == [("net", "adoption", "0", "2", "fixed")]


def test_a_flag_without_its_reason_ends_with_the_discrepancy(venue: Venue) -> None:
    """As code of before the reasons were kept has left it."""
    venue.fill(buy("a", "1", "100", 1))
    venue.report(snake("3", "100", 2))
    assert venue.held() == (1, 100, 0, True)
    venue.conn.execute("DELETE FROM pms.reviews WHERE account = %s", [venue.account])

    venue.report(snake("1", "100", 3))
    assert venue.held() == (1, 100, 0, False)


def test_a_flat_report_of_an_unknown_position_is_ignored(venue: Venue) -> None:
    venue.report(snake("0", None, 1))
    venue.wait()

    assert (venue.held(), venue.findings()) == (None, [])


# Reports and fills on their way


def test_a_fill_explains_an_earlier_report(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    venue.report(snake("3", "100", 3))
    assert venue.held() == (1, 100, 0, True)

    venue.fill(buy("b", "2", "100", 2))

    assert venue.held() == (3, 100, 0, False)
    assert venue.findings() == [("net", "size", "1", "3", "resolved")]


def test_a_newer_fill_does_not_contradict_an_older_report(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1), buy("b", "1", "130", 3))

    # It does not know of the second one yet.
    venue.report(snake("1", "100", 2))
    assert (venue.held(), venue.findings()) == ((2, 115, 0, False), [])


def test_a_late_fill_dated_before_an_adjustment_counts_once(venue: Venue) -> None:
    venue.fill(buy("a", "2", "100", 1))
    venue.report(snake("2", "110", 4))
    venue.fill(buy("late", "1", "130", 2), sell("later", "1", "130", 3))

    # Sold at 130 from an average of 110, with the position as the venue reported it.
    assert venue.held() == (2, 110, 20, False)


def test_a_report_adjusts_once(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    report = snake("1", "90", 2, raw={"seq": 7})
    assert venue.report(report) == ["applied"]
    assert venue.report(report) == ["duplicate"]
    # Once busted, the same report does not adjust again.
    identity = "adjustment:venue_average:BTCUSDT:one-way:net:2026-01-01T00:02:00.000000Z/7"
    assert venue.fill({"event_type": "trade_busted", "identity": identity}) == ["applied"]
    assert venue.held() == (1, 100, 0, False)
    venue.validate()

    assert len(venue.stated()) == 1
    assert [row["status"] for row in venue.discrepancies()] == ["open"]


def test_a_report_older_than_a_bust_does_not_undo_it(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1), buy("b", "1", "100", 2))
    venue.report(snake("2", "100", 3))
    venue.fill(bust("b"))
    venue.validate()
    assert venue.held() == (1, 100, 0, True)

    venue.report(snake("1", "100", 4))
    assert venue.held() == (1, 100, 0, False)


def test_an_older_report_never_overwrites_a_newer_one(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    newer = snake("1", "100", 2, raw={"seq": 9})
    # By its number, although its time is later.
    older = snake("5", "50", 3, raw={"seq": 8})

    assert venue.report(newer) == ["applied"]
    assert venue.report(older) == ["stale"]
    assert (venue.held(), venue.findings()) == ((1, 100, 0, False), [])


def test_a_venue_clock_ahead_loses_no_fill(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    ahead = snake("1", "90", 2)
    [[ahead_at]] = venue.conn.execute("SELECT (now() + INTERVAL '30 seconds')::text").fetchall()
    ahead["payload"]["timestamp"] = ahead_at.replace(" ", "T")
    venue.report(ahead)
    assert venue.held() == (1, 90, 0, False)

    [[soon]] = venue.conn.execute("SELECT (now() + INTERVAL '50 seconds')::text").fetchall()
    venue.fill(sell("b", "1", "95", 0, at=soon.replace(" ", "T")))
    assert venue.held() == (0, None, 5, False)
