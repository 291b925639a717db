"""The comparison of a campaign: what is lost, what counts twice, what merely comes again."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal as D
from typing import Any

import pytest

from faults.audit import Findings, compare_ledger, compare_position
from faults.campaign import FAULTS
from faults.events import Arrivals
from position_manager.reference.fold import Entry, fold
from position_manager.simulation.expectation import Figures

BUY, SELL = (
    Entry(D(size), D(10), executed_at=datetime(2026, 1, 1, tzinfo=UTC)) for size in (3, -1)
)
ANOTHER = Entry(D(7), D(10), executed_at=BUY.executed_at)


def counts(found: Findings) -> tuple[int, int, int]:
    return len(found.lost), len(found.doubled), len(found.unexplained)


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        ([BUY, SELL], (0, 0, 0)),
        ([BUY], (1, 0, 0)),
        ([BUY, SELL, SELL], (0, 1, 0)),
        ([BUY, BUY], (1, 1, 0)),
        ([BUY, SELL, ANOTHER], (0, 0, 1)),
    ],
)
def test_an_entry_of_the_ledger(kept: list[Entry], expected: tuple[int, int, int]) -> None:
    found = Findings()

    differing = compare_ledger({"BTCUSDT": [BUY, SELL]}, {"BTCUSDT": kept}, found)

    assert counts(found) == expected
    assert differing == ({"BTCUSDT"} if any(expected) else set())


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        ([BUY, SELL], (0, 0, 0)),
        ([BUY], (1, 0, 0)),
        ([], (0, 0, 1)),
        ([BUY, BUY, SELL], (0, 1, 0)),
        ([BUY, SELL, ANOTHER], (0, 0, 1)),
    ],
)
def test_an_entry_in_a_position(counted: list[Entry], expected: tuple[int, int, int]) -> None:
    found = Findings()
    wanted, held = (Figures.of(fold(entries), None) for entries in ([BUY, SELL], counted))

    compare_position("BTCUSDT", wanted, held, [BUY, SELL], found)

    assert counts(found) == expected


def test_make_can_name_every_fault() -> None:
    assert [name for name in FAULTS if not re.fullmatch(r"[a-z0-9 _-]+", name)] == []


def event(id: str, **changed: object) -> tuple[str, dict[str, Any]]:
    body = {
        "event_type": "position_updated", "event_id": id, "update_source": "order_execution",
        "epoch": 1, "position_id": "p", "version": 4, "cursor": "c",
    }  # fmt: skip
    return id, body | changed


def test_an_event_that_comes_again_is_a_repeat() -> None:
    arrivals = Arrivals()
    # A restored backup numbers an event again.
    for each in (event("a"), event("b", version=5), event("a"), event("a", cursor="d")):
        arrivals.take(*each)

    assert list(arrivals.bodies) == ["a", "b"]
    assert arrivals.repeats == {"a": 2}
    assert arrivals.doubled == []


@pytest.mark.parametrize(
    "changed",
    [{"version": 5}, {"epoch": 2}, {"position_id": "q"}, {"event_type": "position_closed"}],
)
def test_another_change_is_another_event(changed: dict[str, object]) -> None:
    arrivals = Arrivals()
    arrivals.take(*event("a"))

    arrivals.take(*event("b", **changed))

    assert arrivals.doubled == []


@pytest.mark.parametrize("second", [event("a", size="2"), event("b"), event("b", size="2")])
def test_a_second_body_or_id_is_a_doubled_event(second: tuple[str, dict[str, Any]]) -> None:
    arrivals = Arrivals()
    arrivals.take(*event("a"))

    arrivals.take(*second)

    assert len(arrivals.doubled) == 1


def test_a_second_event_of_a_snapshot_is_doubled() -> None:
    arrivals = Arrivals()
    for id in "ab":
        arrivals.take(id, {"snapshot_id": 7, "version": 4, "cursor": id})

    assert len(arrivals.doubled) == 1
