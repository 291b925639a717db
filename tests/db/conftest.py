"""A ledger for each test: a clone of the deployed template."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.db.analyst import Analyst
from tests.db.behind import Behind
from tests.db.book import Book
from tests.db.ledger import Ledger
from tests.db.venue import Venue

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
    """Sees behind ``api``."""
    with psycopg.connect(database.dsn("pms_owner"), autocommit=True) as connection:
        yield connection


@pytest.fixture
def behind(owner: psycopg.Connection[Any]) -> Behind:
    return Behind(owner)


@pytest.fixture
def analyst(database: Database) -> Iterator[Analyst]:
    with psycopg.connect(database.dsn(), autocommit=True) as conn:
        conn.execute("SET ROLE pms_analyst")
        yield Analyst(conn)


@pytest.fixture(scope="module")
def venues(shared_database: Database) -> Iterator[Callable[[], Venue]]:
    """Each call has an account of its own; the tests of a module share their database."""
    dsn = shared_database.dsn
    with (
        psycopg.connect(dsn("pms_worker")) as worker,
        psycopg.connect(dsn("pms_operator")) as operator,
        psycopg.connect(dsn(), autocommit=True) as conn,
    ):
        numbers = itertools.count()
        yield lambda: Venue(Ledger(worker, operator), conn, f"venue-{next(numbers)}")


@pytest.fixture
def venue(venues: Callable[[], Venue]) -> Venue:
    return venues()


@pytest.fixture
def book(ledger: Ledger, dsn: str) -> Iterator[Book]:
    """A ledger for stories, each in an account of its own."""
    with psycopg.connect(dsn, autocommit=True) as conn:
        book = Book(ledger, conn, itertools.count())
        book.prepare()
        yield book
