"""Validation: automatic corrections, and discrepancies that stay open."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.discrepancy_cases import assert_validated, everything, introduce
from tests.helpers.messages import bust, buy, sell
from tests.helpers.venue import SHAPES, Row, Venue, camel, snake

in_both_shapes = pytest.mark.parametrize("report", SHAPES, ids=["snake", "camel"])


@in_both_shapes
@pytest.mark.parametrize(
    ("held", "size", "average", "cost"),
    [
        # At the venue's average, if the report has one.
        ("2", "3", "110", "330"),
        ("2", "1", "90", "90"),
        ("2", "-1", "90", "-90"),
        ("2", "0", None, "0"),
        ("-2", "-3", "110", "-330"),
        # At ours, where it does not.
        ("2", "3", None, "300"),
        ("-2", "-0.5", None, "-50"),
    ],
)
def test_a_newer_report_adjusts_the_position_to_the_venue(
    venue: Venue, report: Callable[..., Row], held: str, size: str, average: str | None, cost: str
) -> None:
    trade = sell if held.startswith("-") else buy
    venue.fill(trade("a", held.lstrip("-"), "100", 1))
    venue.report(report(size, average, 2, markPrice="100"))

    answer = venue.validate()

    assert venue.stated() == [("net", "venue_size", D(size), D(cost))]
    assert venue.findings() == [("net", "size", held, size, "fixed")]
    assert (answer["is_valid"], answer["updated_position"]["size"]) == (True, size)
    assert venue.held() == (D(size), D(cost) / D(size) if D(size) else None, 0, False)
    assert venue.events("position_updated")[-1]["update_source"] == "validation"
    # Once.
    assert venue.validate()["discrepancies"] == []
    assert len(venue.stated()) == 1


def test_validation_without_fixes_changes_nothing(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    venue.report(snake("2", "100", 2))

    answer = venue.validate(fix_discrepancies="false")

    assert (answer["is_valid"], answer["updated_position"]) == (False, None)
    assert answer["error_message"] == "size of leg net is 1, by the venue it is 2"
    [found] = answer["discrepancies"]
    wanted = {
        "kind": "size", "leg": "net", "field": "size", "ours": "1", "theirs": "2",
        "threshold": "0.0001", "status": "open", "times_seen": 2,
        "proposal": "size 2 at a cost of 200 since 2026-01-01T00:02:00.000000Z",
    }  # fmt: skip
    assert wanted.items() <= found.items()
    assert venue.held() == (1, 100, 0, True)


@pytest.mark.parametrize("size", ["2", "0"])
def test_a_report_older_than_the_last_fill_is_never_applied(venue: Venue, size: str) -> None:
    venue.fill(buy("a", "1", "100", 1), buy("b", "1", "100", 3))
    venue.report(snake(size, "100", 2))

    answer = venue.validate()

    assert answer["is_valid"] is False
    assert (venue.held(), venue.stated()) == ((2, 100, 0, True), [])


def test_a_position_without_a_report_is_not_compared(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))

    assert venue.validate()["discrepancies"] == []
    assert venue.held() == (1, 100, 0, False)


@pytest.mark.parametrize(("mark", "cost"), [(None, None), ("110", "-190")])
def test_a_flat_position_gets_no_invented_price(
    venue: Venue, mark: str | None, cost: str | None
) -> None:
    venue.fill(buy("a", "1", "100", 1), sell("b", "1", "100", 2))
    # Unless the mark and the profit imply one.
    venue.report(snake("-2", None, 3, markPrice=mark, unrealised_pnl="-30"))
    venue.validate()

    stated = [] if cost is None else [("net", "venue_size", -2, D(cost))]
    assert venue.stated() == stated
    assert [row["status"] for row in venue.discrepancies()] == ["fixed" if cost else "open"]


def test_a_requested_validation_adopts_at_once(venue: Venue) -> None:
    venue.report(camel("2", "100", 1))
    assert venue.validate()["is_valid"] is True

    assert venue.held() == (2, 100, 0, False)
    venue.wait()
    assert venue.stated() == [("net", "adoption", 2, 200)]


def test_a_dry_validation_adopts_nothing(venue: Venue) -> None:
    venue.report(camel("2", "100", 1))

    assert venue.validate(fix_discrepancies="false")["is_valid"] is False
    assert venue.held() == (0, None, 0, True)


def test_a_row_is_rebuilt_before_it_is_compared(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    venue.report(snake("1", "100", 2))
    venue.conn.execute("UPDATE pms.positions SET size = 5 WHERE account = %s", [venue.account])
    venue.report(snake("1", "100", 3))
    assert venue.held() == (5, 20, 0, True)

    assert venue.validate()["is_valid"] is True
    assert (venue.held(), venue.stated()) == ((1, 100, 0, False), [])
    assert venue.findings() == [
        ("net", "size", "5", "1", "resolved"), ("net", "stored_row", "5", "1", "fixed"),
    ]  # fmt: skip


# Decisions


def open_one(venue: Venue, minute: int = 2) -> Row:
    """A size that only a person may take: the report is older than the last fill."""
    venue.fill(buy("a", "1", "100", 1), buy("b", "1", "120", 3))
    venue.report(snake("3", "110", minute))
    venue.validate()
    [found] = venue.discrepancies()
    return found


def decide(venue: Venue, verdict: str, found: Row, **named: str) -> Row:
    return venue.ledger.call(f"{verdict}_discrepancy", id=str(found["id"]), **named)


def test_an_open_discrepancy_is_published_once(venue: Venue) -> None:
    found = open_one(venue)
    venue.validate()

    [event] = venue.events("discrepancy_opened")
    wanted = {
        "discrepancy_id": str(found["id"]), "account": venue.account, "asset": "BTCUSDT",
        "mode": "one-way", "leg": "net", "kind": "size", "field": "size", "ours": "1",
        "theirs": "3", "threshold": "0.0001",
    }  # fmt: skip
    assert wanted.items() <= event.items()
    assert event["proposal"].startswith("wait for a newer report, dismiss it, or accept: size 3")
    # The discrepancy is resolved, then recurs.
    venue.report(snake("2", "110", 4))
    venue.fill(buy("c", "1", "100", 6))
    venue.report(snake("5", "110", 5))
    venue.validate()
    assert len(venue.events("discrepancy_opened")) == 2


def test_a_fixed_discrepancy_is_not_published(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    venue.report(snake("3", "110", 2))
    venue.validate(fix_discrepancies="false")
    venue.validate()

    assert venue.events("discrepancy_opened") == []


def test_accepting_adjusts_to_the_venue_at_its_report_time(venue: Venue) -> None:
    found = open_one(venue)
    # Every session may set it: only that of a request is believed.
    with venue.ledger.operator.transaction():
        venue.ledger.operator.execute("SET pms.key_id = 'another'")

    answer = decide(venue, "accept", found, note="asked the venue, ticket 7")

    assert venue.stated() == [("net", "venue_size", 3, 330)]
    # Later fills add to it.
    assert venue.held() == (4, D("112.5"), 0, False)
    assert (answer["status"], answer["note"]) == ("accepted", "asked the venue, ticket 7")
    assert (answer["decided_by"], answer["decided_at"]) == ("pms_operator", answer["closed_at"])
    assert venue.validate()["discrepancies"] == []


def test_a_dismissal_holds_until_the_values_change(venue: Venue) -> None:
    found = open_one(venue)

    answer = decide(venue, "dismiss", found)
    assert (answer["status"], answer["note"], venue.held()) == (
        "dismissed", None, (2, 110, 0, False),
    )  # fmt: skip
    assert venue.validate()["is_valid"] is True
    assert [row["status"] for row in venue.discrepancies()] == ["dismissed"]

    venue.report(snake("4", "110", 2, second=30))
    assert venue.validate()["is_valid"] is False
    assert venue.held() == (2, 110, 0, True)
    [opened] = venue.discrepancies()
    assert (opened["status"], opened["decided_by"]) == ("open", None)


def test_a_dismissed_discrepancy_is_not_fixed(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    venue.report(snake("3", "100", 2))
    [found] = venue.discrepancies()
    decide(venue, "dismiss", found)

    assert venue.validate()["is_valid"] is True
    assert (venue.held(), venue.stated()) == ((1, 100, 0, False), [])


def test_accepting_a_row_discrepancy_rebuilds_the_row(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    venue.conn.execute("UPDATE pms.positions SET size = 5 WHERE account = %s", [venue.account])
    venue.validate(fix_discrepancies="false")
    [found] = venue.discrepancies()

    assert decide(venue, "accept", found)["status"] == "accepted"
    assert venue.held() == (1, 100, 0, False)


@pytest.mark.parametrize("verdict", ["accept", "dismiss"])
def test_a_discrepancy_is_decided_once(venue: Venue, verdict: str) -> None:
    found = open_one(venue)
    decide(venue, "dismiss", found)

    refused = decide(venue, verdict, found)

    assert (refused["error_code"], refused["message"]) == ("CONFLICT", "already decided")
    assert refused["details"] == {"id": str(found["id"]), "status": "dismissed"}


def test_a_resolved_discrepancy_cannot_be_accepted(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    venue.conn.execute("UPDATE pms.positions SET size = 5 WHERE account = %s", [venue.account])
    venue.validate(fix_discrepancies="false")
    [found] = venue.discrepancies()
    venue.conn.execute("UPDATE pms.positions SET size = 1 WHERE account = %s", [venue.account])

    refused = decide(venue, "accept", found)

    assert (refused["error_code"], refused["message"]) == ("CONFLICT", "it is no longer open")
    assert refused["details"]["status"] == "resolved"


def test_a_discrepancy_without_a_proposal_cannot_be_accepted(venue: Venue) -> None:
    venue.report(snake("2", None, 1))
    venue.validate()
    [found] = venue.discrepancies()

    refused = decide(venue, "accept", found)
    assert refused["error_code"] == "CONFLICT"
    assert refused["message"].startswith("there is nothing to apply")
    assert decide(venue, "dismiss", found)["status"] == "dismissed"


# All of them


def run(venue: Venue) -> str:
    """Run the job step by step to its end; return its message."""
    progress: Any = None
    while True:
        [[progress, done]] = venue.conn.execute(
            "SELECT s.progress, s.done FROM pms.validate_positions(%s) s",
            [None if progress is None else json.dumps(progress)],
        ).fetchall()
        if progress is None:
            assert isinstance(done, str)
            return done


def test_one_run_finds_every_discrepancy_and_fixes_the_fixable(venue: Venue) -> None:
    wrong = introduce(venue)

    done = run(venue)

    assert_validated(venue, wrong)
    assert re.fullmatch(r"\d+ discrepancies in \d+ positions, \d+ fixed, 0 errors", done)


def test_a_second_run_changes_nothing(venue: Venue) -> None:
    introduce(venue)
    run(venue)
    before = everything(venue)

    run(venue)

    assert everything(venue) == before


def test_every_run_is_recorded_with_its_counts(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))
    venue.report(snake("3", "110", 2))
    venue.validate()

    kept = venue.conn.execute(
        "SELECT origin, is_fixing, positions, discrepancies, fixes, errors,"
        " finished_at > started_at FROM pms.validations WHERE scope = %s",
        [f"{venue.account}/BTCUSDT/one-way"],
    ).fetchall()
    assert kept == [("request", True, 1, 1, 1, 0, True)]


def test_a_scheduled_run_waits_for_pending_fills(venue: Venue) -> None:
    venue.report(snake("1", "100", 1))
    run(venue)
    assert (venue.held(), venue.findings()) == (None, [])

    venue.conn.execute(
        "UPDATE pms.venue_positions SET unexplained_since = now() - INTERVAL '5 seconds'"
        " WHERE account = %s",
        [venue.account],
    )
    run(venue)
    assert venue.stated() == [("net", "adoption", 1, 100)]


def test_a_new_report_adjusts_again_after_a_bust(
    venue: Venue,
) -> None:
    venue.fill(buy("a", "1", "100", 1), buy("b", "1", "100", 2))
    venue.report(snake("1.5", "100", 3, markPrice="100"))
    venue.validate()
    venue.fill(bust("b"))
    assert venue.held() == (D("1.5"), 100, 0, False)

    venue.report(snake("1", "100", 4, markPrice="100"))
    venue.validate()
    assert venue.held() == (1, 100, 0, False)
