"""Fills in one mode, reports of the venue in the other: one position, not two."""

from __future__ import annotations

from typing import Any

import pytest

from tests.helpers.ledger import fill
from tests.helpers.messages import at
from tests.helpers.venue import Venue, camel, snake


def flags(venue: Venue, mode: str) -> list[str]:
    reasons: list[str] = venue.ledger.position(mode=mode, account=venue.account)["review_reasons"]
    return reasons


def sizes(venue: Venue) -> dict[str, Any]:
    """The size of each leg, also of one that was never changed."""
    rows = venue.conn.execute(
        "SELECT p.leg, p.size FROM pms.positions p WHERE p.account = %s AND p.version > 0",
        [venue.account],
    )
    return dict(rows.fetchall())


def move(venue: Venue, to_mode: str, move_id: str = "m-1", **more: str) -> dict[str, Any]:
    return venue.ledger.call(
        "move_fills", move_id=move_id, asset="BTCUSDT", to_mode=to_mode, account=venue.account,
        **more,
    )  # fmt: skip


def mismatched(venue: Venue) -> None:
    """Buy 2 without a mode; the venue reports the long leg of a hedge."""
    venue.fill(fill("one", "Buy", "1", "100", fee="3", at=at(1)))
    venue.fill(fill("two", "Buy", "1", "110", at=at(2)))
    venue.report(snake("2", "105", 5, leg="long"))


@pytest.mark.parametrize("waits", [False, True])
def test_a_hedge_report_of_one_way_fills_is_not_adopted(venue: Venue, waits: bool) -> None:
    mismatched(venue)

    assert venue.wait() == 0
    if waits:
        venue.report(camel("2", "105", 6, leg="long"))
        assert venue.wait() == 0

    assert sizes(venue) == {"net": 2, "long": 0}
    assert flags(venue, "one-way") == ["mode_mismatch"]
    assert flags(venue, "hedge") == ["mode_mismatch"]
    assert venue.findings() == []


def test_a_report_that_came_before_the_fills_is_not_adopted_either(venue: Venue) -> None:
    venue.report(snake("2", "105", 5, leg="long"))
    venue.fill(fill("two", "Buy", "2", "105", at=at(2)))

    assert venue.wait() == 0

    assert sizes(venue) == {"net": 2, "long": 0}
    assert flags(venue, "hedge") == ["mode_mismatch"]


def test_validation_does_not_adopt_it(venue: Venue) -> None:
    mismatched(venue)

    venue.validate(mode="hedge")
    venue.validate(mode="one-way")

    assert sizes(venue) == {"net": 2, "long": 0}
    assert venue.stated() == []


def test_a_flat_one_way_report_beside_it_closes_nothing(venue: Venue) -> None:
    mismatched(venue)
    venue.report(snake("0", None, 6))
    venue.validate(mode="one-way")

    assert sizes(venue)["net"] == 2
    assert venue.findings() == []


def test_one_command_moves_the_fills_and_settles_both_flags(venue: Venue) -> None:
    mismatched(venue)

    assert move(venue, "hedge")["outcome"] == "applied"

    assert (flags(venue, "one-way"), flags(venue, "hedge")) == ([], [])
    hedge = venue.ledger.position(mode="hedge", account=venue.account)
    one_way = venue.ledger.position(account=venue.account)
    assert (hedge["long_size"], hedge["average_entry_price"], hedge["size"]) == (2, 105, 2)
    assert (one_way["size"], one_way["realized_pnl"], one_way["fees_paid"]) == (0, 0, 3)
    assert venue.findings() == []
    assert move(venue, "hedge")["outcome"] == "duplicate"
    assert sizes(venue) == {"net": 0, "long": 2}


def test_a_short_position_moves_to_the_short_leg_and_back(venue: Venue) -> None:
    venue.fill(fill("one", "Sell", "2", "100", at=at(1)))
    venue.report(snake("-2", "100", 5, leg="short"))

    move(venue, "hedge")
    assert (sizes(venue)["net"], sizes(venue)["short"]) == (0, -2)
    venue.report(snake("0", None, 6, leg="short"), snake("-2", "100", 6))
    assert flags(venue, "one-way") == ["mode_mismatch"]
    move(venue, "one-way", "m-2")

    assert (sizes(venue)["net"], sizes(venue)["short"]) == (-2, 0)
    assert (flags(venue, "one-way"), flags(venue, "hedge")) == ([], [])


def test_what_was_known_before_the_move_stays(venue: Venue) -> None:
    mismatched(venue)
    before = venue.conn.execute("SELECT clock_timestamp()::text").fetchone()
    assert before is not None
    move(venue, "hedge")

    def held(mode: str, **asked: str) -> Any:
        return venue.ledger.call(
            "get_position", asset="BTCUSDT", mode=mode, account=venue.account, **asked
        ).get("size")

    moment = before[0].replace(" ", "T").replace("+00", "Z")
    assert (held("one-way", known_at=moment), held("hedge", known_at=moment)) == ("2", None)
    assert (held("one-way", as_of=at(1)), held("hedge", as_of=at(1))) == ("1", None)
    assert (held("one-way", as_of=at(4)), held("hedge", as_of=at(4))) == ("0", "2")


def test_a_leg_may_be_named_but_must_not_cross_zero(venue: Venue) -> None:
    mismatched(venue)

    refused = move(venue, "hedge", position_side="short")

    assert (refused["error_code"], refused["message"]) == ("CONFLICT", "the leg would cross zero")
    assert move(venue, "hedge", position_side="Long ")["outcome"] == "applied"
    assert sizes(venue)["long"] == 2
    assert move(venue, "one-way", "back", position_side="BOTH")["outcome"] == "applied"


def test_a_move_of_nothing_or_with_another_content_is_refused(venue: Venue) -> None:
    mismatched(venue)

    assert move(venue, "one-way")["message"] == "nothing is held in the other mode"
    move(venue, "hedge")
    assert move(venue, "one-way")["message"] == "already recorded with other content"
    assert move(venue, "sideways", "")["error_code"] == "VALIDATION_ERROR"


def test_a_report_in_the_mode_of_the_fills_settles_the_flags(venue: Venue) -> None:
    mismatched(venue)

    venue.report(snake("0", None, 6, leg="long"), snake("2", "105", 6))

    assert flags(venue, "one-way") == []
    assert sizes(venue) == {"net": 2}
