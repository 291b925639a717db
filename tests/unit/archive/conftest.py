"""A ledger of three partitions."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.helpers.archives import JANUARY_FILL
from tests.helpers.ledger import Ledger, bust, correction, fill, funding
from tests.helpers.partitions import divide

FEBRUARY, MARCH = "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"


@pytest.fixture
def years(ledger: Ledger, owner: psycopg.Connection[Any]) -> Ledger:
    """A ledger with entries in January, February and March."""
    divide(owner, [FEBRUARY, MARCH])
    ledger.apply(
        JANUARY_FILL,
        fill("wrong", "Buy", "7", "100", at="2026-01-06T00:00:00Z"),
        fill("b", "Sell", "1", "110", at="2026-01-07T00:00:00Z"),
        fill("e", "Sell", "2", "50", asset="ETHUSDT", at="2026-01-08T00:00:00Z"),
    )
    ledger.apply(bust("wrong"), correction("b", execution_price="111"))
    ledger.apply(
        fill("c", "Sell", "2", "120", at="2026-02-10T00:00:00Z"),
        funding("q", "0.5", at="2026-03-01T08:00:00Z"),
        fill("d", "Buy", "1", "90", at="2026-03-10T00:00:00Z"),
    )
    ledger.price({"asset": "BTCUSDT", "mark_price": "100"})
    return ledger
