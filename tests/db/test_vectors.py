"""The published cases of accounting, through the batch function, exact to 1e-9 relative."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.db.ledger import Ledger, fill, ticker

VECTORS = json.loads((Path(__file__).parent.parent / "vectors.json").read_text())["vectors"]
TOLERANCE = Decimal("1e-9")


def is_near(ours: Decimal, theirs: str) -> bool:
    return abs(ours - Decimal(theirs)) <= TOLERANCE * max(abs(Decimal(theirs)), Decimal(1))


def fills_of(vector: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        fill(
            f"{vector['id']}-{place}",
            {"B": "Buy", "S": "Sell"}[each["side"]],
            each["qty"],
            each["price"],
            each["fee"],
            asset="CASE",
            at=f"2026-01-01T00:00:{place:02}Z",
        )
        for place, each in enumerate(vector["fills"], start=1)
    ]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "between checks at once"])
def test_vector(vector: dict[str, Any], batched: bool, ledger: Ledger) -> None:
    ledger.define(
        "CASE",
        kind="inverse" if vector["inverse"] else "linear",
        multiplier=Decimal(vector["multiplier"]),
        allows_negative_price=any(each["price"].startswith("-") for each in vector["fills"]),
    )
    fills = fills_of(vector)
    done = 0
    for expected in vector["expect"]:
        due = fills[done : expected["after_fill"]]
        for batch in [due] if batched else [[each] for each in due]:
            assert ledger.apply(*batch) == ["applied"] * len(batch)
        done = expected["after_fill"]

        held = ledger.position("CASE")
        assert held["size"] == Decimal(expected["qty"])
        assert is_near(held["average_entry_price"] or Decimal(0), expected["avg_price"])
        assert is_near(
            held["net_pnl"] - held["unrealized_pnl"] - held["funding"], expected["realised_net"]
        )
        assert held["version"] == done

    if vector["mark"] is not None:
        ledger.price(ticker(vector["mark"], "2026-01-02T00:00:00Z", "CASE"))
        assert is_near(ledger.position("CASE")["unrealized_pnl"], vector["unrealised"])
