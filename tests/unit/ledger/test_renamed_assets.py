"""Fills and prices under the name of an asset that was renamed before."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, action, bust, fill, ticker
from tests.helpers.owner_queries import OwnerQueries
from tests.helpers.venue import camel

pytestmark = pytest.mark.usefixtures("verified")

BUY = fill("buy", "Buy", "2", "100", asset="MATICUSDT", at="2026-01-01T01:00:00Z")
RENAME = action("pol", "rename", asset="MATICUSDT", to_asset="POLUSDT")
LATE = fill("late", "Buy", "3", "110", asset="MATICUSDT", at="2026-01-01T13:00:00Z")


def reasons(queries: OwnerQueries) -> list[tuple[str, str, str]]:
    return [
        (row["asset"], row["code"], row["detail"])
        for row in queries.rows("SELECT v.* FROM pms.reviews v ORDER BY v.asset, v.code")
    ]


@pytest.mark.parametrize("late", [False, True], ids=["fill after", "rename after"])
def test_a_fill_under_a_name_that_is_gone_counts_and_is_flagged(
    late: bool, ledger: Ledger, queries: OwnerQueries
) -> None:
    for message in (BUY, LATE, RENAME) if late else (BUY, RENAME, LATE):
        assert ledger.apply(message) == ["applied"]

    old, new = ledger.position("MATICUSDT"), ledger.position("POLUSDT")
    assert (old["size"], old["review_reasons"]) == (3, ["renamed_asset"])
    assert (new["size"], new["review_reasons"]) == (2, [])
    assert reasons(queries) == [
        (
            "MATICUSDT", "renamed_asset",
            "opened after the rename to POLUSDT at 2026-01-01T12:00:00.000000Z",
        )
    ]  # fmt: skip


SETTLED: list[Any] = [
    pytest.param(fill("end", "Sell", "3", "120", asset="MATICUSDT", at="2026-01-01T14:00:00Z"),
                 (0, 2), id="closed"),
    pytest.param(bust("late"), (0, 2), id="busted"),
    pytest.param({**RENAME, "action_id": "pol-2", "effective_at": "2026-01-02T00:00:00Z"},
                 (0, 5), id="renamed again"),
    pytest.param(bust(None, identity="action:pol"), (5, 0), id="rename busted"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "sizes"), SETTLED)
def test_what_settles_a_fill_under_a_name_that_is_gone(
    message: dict[str, Any], sizes: tuple[int, int], ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(BUY, RENAME, LATE)

    assert ledger.apply(message) == ["applied"]

    old, new = ledger.position("MATICUSDT"), ledger.position("POLUSDT")
    assert (old["size"], new["size"]) == sizes
    assert (old["needs_review"], reasons(queries)) == (False, [])


def test_a_name_that_is_in_use_again_is_defined(ledger: Ledger, queries: OwnerQueries) -> None:
    ledger.apply(BUY, RENAME, LATE)

    ledger.define("MATICUSDT")
    ledger.apply({**LATE, "execution_id": "more", "order_id": "more"})

    assert (ledger.position("MATICUSDT")["size"], reasons(queries)) == (6, [])


def test_a_price_under_a_name_that_is_gone_values_what_is_left_there(ledger: Ledger) -> None:
    ledger.apply(BUY, RENAME, LATE)
    ledger.price(
        ticker("120", "2026-01-01T13:30:00Z", "MATICUSDT"),
        ticker("130", "2026-01-01T13:30:00Z", "POLUSDT"),
    )

    assert ledger.position("MATICUSDT")["unrealized_pnl"] == D(30)
    assert ledger.position("POLUSDT")["unrealized_pnl"] == D(60)


def test_a_report_under_a_name_that_is_gone_is_compared_with_what_is_left_there(
    ledger: Ledger,
) -> None:
    ledger.apply(BUY, RENAME)

    def report(size: str, asset: str, minute: int) -> None:
        message = camel(size, "100", minute, asset=asset)
        [(outcome, *_)] = ledger.judge("apply_venue_positions", [message])
        assert outcome == "applied"

    report("2", "POLUSDT", 800)
    report("2", "MATICUSDT", 800)
    assert ledger.position("POLUSDT")["review_reasons"] == []
    assert ledger.position("MATICUSDT")["review_reasons"] == ["size_differs"]

    report("0", "MATICUSDT", 801)
    assert ledger.position("MATICUSDT")["review_reasons"] == []
