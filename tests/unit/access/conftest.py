"""The desk of three accounts, and keys that are scoped to some of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.conftest import Database
from tests.helpers.ledger import Ledger
from tests.helpers.scoped_keys import MINE, SIZES, Key, create_desk


@pytest.fixture(scope="module")
def desk(shared_database: Database) -> Iterator[psycopg.Connection[Any]]:
    """The desk's database, as its superuser."""
    dsn = shared_database.dsn
    with (
        psycopg.connect(dsn("pms_worker")) as worker,
        psycopg.connect(dsn("pms_operator")) as operator,
        psycopg.connect(dsn("pms_owner"), autocommit=True) as owner,
    ):
        ledger = Ledger(worker, operator)
        create_desk(ledger, owner)
        for account in SIZES:
            moved = {"move_id": f"{account}-book", "identity": f"execution:{account}-1"}
            ledger.call("move_to_book", to_book="alpha", account=account, **moved)
    with psycopg.connect(dsn(), autocommit=True) as conn:
        yield conn


@pytest.fixture
def scoped(desk: psycopg.Connection[Any]) -> Key:
    """A key that is scoped to one account."""
    return Key(desk, (MINE,))


@pytest.fixture
def unscoped(desk: psycopg.Connection[Any]) -> Key:
    """A key that is scoped to none."""
    return Key(desk)
