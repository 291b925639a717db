"""A ledger for each test: a clone of the deployed template."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.helpers.account_harness import Book
from tests.helpers.analyst import Analyst
from tests.helpers.ledger import Ledger
from tests.helpers.ledger_check import assert_verified
from tests.helpers.owner_queries import OwnerQueries
from tests.helpers.venue import Venue, separate_venues

if TYPE_CHECKING:
    from tests.conftest import Database


@pytest.fixture
def ledger(database: Database) -> Iterator[Ledger]:
    with (
        psycopg.connect(database.dsn("pms_worker")) as worker,
        psycopg.connect(database.dsn("pms_operator")) as operator,
    ):
        yield Ledger(worker, operator)


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection of the owner of the private schema."""
    with psycopg.connect(database.dsn("pms_owner"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def queries(owner: psycopg.Connection[Any]) -> OwnerQueries:
    return OwnerQueries(owner)


@pytest.fixture
def analyst(database: Database) -> Iterator[Analyst]:
    with psycopg.connect(database.dsn(), autocommit=True) as conn:
        conn.execute("SET ROLE pms_analyst")
        yield Analyst(conn)


@pytest.fixture
def verified(database: Database) -> Iterator[None]:
    """Whatever a test has done, every stored row is the fold of its entries."""
    yield
    assert_verified(database.dsn("pms_operator"))


@pytest.fixture(scope="module")
def venues(shared_database: Database) -> Iterator[Callable[[], Venue]]:
    """Each call makes a new account; the tests of a module share their database."""
    with separate_venues(shared_database) as venues:
        yield venues


@pytest.fixture
def venue(venues: Callable[[], Venue]) -> Venue:
    return venues()


@pytest.fixture
def book(ledger: Ledger, dsn: str) -> Iterator[Book]:
    """A ledger for random histories, each in its own account."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        book = Book(ledger, conn, itertools.count())
        book.prepare()
        yield book
