"""A ledger for each test: a clone of the deployed template."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.db.ledger import Ledger

if TYPE_CHECKING:
    from tests.conftest import Database


@pytest.fixture
def ledger(database: Database) -> Iterator[Ledger]:
    with (
        psycopg.connect(database.dsn("pms_worker")) as worker,
        psycopg.connect(database.dsn("pms_operator")) as operator,
    ):
        yield Ledger(worker, operator)
