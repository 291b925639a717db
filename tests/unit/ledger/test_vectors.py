"""The published cases of accounting, through the batch function, to the published digits."""

from __future__ import annotations

import pytest

from tests.helpers.ledger import Ledger, ticker
from tests.helpers.vectors import VECTORS, Vector, agrees, as_expected, contract, fills_of


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["id"])
@pytest.mark.parametrize("batched", [False, True], ids=["one by one", "between checks at once"])
def test_a_vector_gives_the_published_state(vector: Vector, batched: bool, ledger: Ledger) -> None:
    ledger.define("CASE", **contract(vector))
    fills = fills_of(vector, "CASE")
    done = 0
    for expected in vector["expect"]:
        due = fills[done : expected["after_fill"]]
        for batch in [due] if batched else [[each] for each in due]:
            assert ledger.apply(*batch) == ["applied"] * len(batch)
        done = expected["after_fill"]

        held = ledger.position("CASE")
        assert as_expected(vector, expected, held)
        assert held["version"] == done

    if vector["mark"] is not None:
        ledger.price(ticker(vector["mark"], "2026-01-02T00:00:00Z", "CASE"))
        unrealized = ledger.position("CASE")["unrealized_pnl"]
        assert agrees(vector, "unrealised", unrealized, vector["unrealised"])
