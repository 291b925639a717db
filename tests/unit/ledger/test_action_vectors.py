"""Corporate actions by the vectors of action_vectors.json."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.analyst import Analyst
from tests.helpers.ledger import Ledger, action, fill, ticker

pytestmark = pytest.mark.usefixtures("verified")

Vector = dict[str, Any]
Row = dict[str, Any]

VECTORS: list[Vector] = json.loads((Path(__file__).parents[2] / "action_vectors.json").read_text())


def messages(vector: Vector) -> list[dict[str, Any]]:
    """The events of a vector, an hour apart."""
    leg = {} if vector["leg"] == "net" else {"mode": "hedge", "position_side": vector["leg"]}
    return [
        action(f"action-{hour}", at=at, asset="OLD", kind=event["action"], **terms(event))
        if "action" in event
        else fill(
            f"fill-{hour}", event["side"], event["quantity"], event["price"], event["fee"],
            event["asset"], at, **leg,
        )
        for hour, event in enumerate(vector["events"])
        for at in [f"2026-01-01T{hour:02}:00:00Z"]
    ]  # fmt: skip


def terms(event: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in event.items() if name != "action"}


def define(ledger: Ledger, vector: Vector) -> None:
    for asset in ("OLD", "NEW"):
        ledger.define(asset, kind=vector["kind"], multiplier=Decimal(vector["multiplier"]))


def shown(analyst: Analyst, expected: Row, at: str = "infinity") -> Row:
    """A position as far as a vector states it."""
    [held] = analyst.positions(expected["asset"], at)
    return {
        "asset": held["asset"],
        "size": held["size"],
        "average": held["average_entry_price"],
        "cost": held["cost_basis"],
        "realized_pnl": held["realized_pnl"],
        "funding": held["funding"],
    }


def stated(expected: Row) -> Row:
    """The figures of a vector as they are published: a position shows its cost unsigned."""
    figures = {
        name: None if value is None else Decimal(value)
        for name, value in expected.items()
        if name != "asset"
    }
    return {"asset": expected["asset"], **figures, "cost": abs(figures["cost"] or Decimal(0))}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
def test_a_vector_gives_the_published_state(
    vector: Vector, ledger: Ledger, analyst: Analyst
) -> None:
    define(ledger, vector)
    for message, expected in zip(messages(vector), vector["expect"], strict=True):
        if "mark" in vector and message["event_type"] == "corporate_action":
            ledger.price(ticker(vector["mark"]["price"], "2025-12-31T00:00:00Z", "OLD"))
        assert ledger.apply(message) == ["applied"]
        assert [shown(analyst, each) for each in expected] == list(map(stated, expected))
        if "mark" in vector and message["event_type"] == "corporate_action":
            mode = "one-way" if vector["leg"] == "net" else "hedge"
            held = ledger.position("OLD", mode)
            assert held["current_price"] == Decimal(vector["mark"]["after"])
            assert held["unrealized_pnl"] == Decimal(vector["mark"]["unrealized"])


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
@pytest.mark.parametrize("size", [1, 3])
def test_a_vector_ends_the_same_in_any_order(
    vector: Vector, size: int, ledger: Ledger, analyst: Analyst
) -> None:
    define(ledger, vector)
    late = messages(vector)[::-1]
    for first in range(0, len(late), size):
        assert set(ledger.apply(*late[first : first + size])) == {"applied"}

    for hour, expected in enumerate(vector["expect"]):
        at = f"2026-01-01T{hour:02}:30:00Z"
        assert [shown(analyst, each, at) for each in expected] == list(map(stated, expected))
