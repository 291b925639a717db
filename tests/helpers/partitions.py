"""A ledger of several partitions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import psycopg


def divide(connection: psycopg.Connection[Any], boundaries: Iterable[datetime | str]) -> list[str]:
    """Divide a ledger that has nothing from the first boundary on; the names of the partitions."""
    made = []
    for boundary in boundaries:
        row = connection.execute("SELECT pms.begin_partition(%s)", [boundary]).fetchone()
        assert row is not None
        made.append(row[0])
    return made
