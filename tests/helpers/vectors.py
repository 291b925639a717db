"""The published accounting cases as messages, and the required precision of the results."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

from position_manager.reference.fold import rounded
from tests.helpers.ledger import fill

Vector = dict[str, Any]

FILE = Path(__file__).parents[1] / "vectors.json"
VECTORS: list[Vector] = json.loads(FILE.read_text())["vectors"]


TOLERANCE = Decimal("1e-9")

# Where the last published digit is not ours. A27: costs have 18 digits, and of a residue that cost
# 3.0333E-16 the average is known to three. I03: the published figure is not exact itself.
NEAR = {("A27", "avg_price"), ("I03", "unrealised")}


def agrees(vector: Vector, name: str, ours: Decimal, published: str) -> bool:
    """Whether our value equals the published one to its last digit."""
    theirs = Decimal(published)
    if (vector["id"], name) in NEAR:
        return abs(ours - theirs) <= TOLERANCE * max(abs(theirs), Decimal(1))
    return rounded(ours, -int(theirs.as_tuple().exponent)) == theirs


def as_expected(vector: Vector, expected: dict[str, str], row: dict[str, Any]) -> bool:
    """Whether a published position matches a case."""
    net = row["net_pnl"] - row["unrealized_pnl"] - row["funding"]
    average = row["average_entry_price"] or Decimal(0)
    return (
        row["size"] == Decimal(expected["qty"])
        and agrees(vector, "avg_price", average, expected["avg_price"])
        and agrees(vector, "realised_net", net, expected["realised_net"])
    )


def contract(vector: Vector) -> dict[str, object]:
    """The instrument of a case."""
    return {
        "kind": "inverse" if vector["inverse"] else "linear",
        "multiplier": Decimal(vector["multiplier"]),
        "allows_negative_price": any(each["price"].startswith("-") for each in vector["fills"]),
    }


def fills_of(vector: Vector, asset: str, **more: str) -> list[dict[str, Any]]:
    """The fills of a case, a second apart."""
    return [
        fill(
            f"{vector['id']}-{place}",
            {"B": "Buy", "S": "Sell"}[each["side"]],
            each["qty"],
            each["price"],
            each["fee"],
            asset=asset,
            at=f"2026-01-01T00:00:{place:02}Z",
            **more,
        )
        for place, each in enumerate(vector["fills"], start=1)
    ]
