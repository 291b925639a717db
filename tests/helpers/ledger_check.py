"""The check at the end of every test that breaks something."""

from __future__ import annotations

import psycopg

VERIFY = "SELECT api.verify_ledger()"


def assert_verified(dsn: str) -> int:
    """Every stored position is the fold of its entries; return how many entries there are."""
    with psycopg.connect(dsn) as connection:
        row = connection.execute(VERIFY).fetchone()
    assert row is not None
    found = row[0]
    assert found["discrepancies"] == 0, found["findings"]
    return int(found["entries"])
