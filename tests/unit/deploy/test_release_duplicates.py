"""What the last release applied is a duplicate after the upgrade, whatever else it was.

Collected where the repository has the commit of the release: see conftest.py.
"""

from __future__ import annotations

import copy
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.types.json import Jsonb

from position_manager.deploy import database as deployment
from position_manager.stack import deploy
from position_manager.stack.stack import Stack
from tests.helpers import release
from tests.helpers.ledger import Ledger, elsewhere
from tests.helpers.ledger_check import assert_verified
from tests.helpers.release_messages import (
    CONTINUED,
    INSTRUMENTS,
    ORDER_EVENTS,
    PRICES,
    REPORTS,
    REQUESTS,
)
from tests.helpers.sqitch import deploy_at_once
from tests.helpers.venue import Venue
from tests.unit.deploy.test_release import environment

# The upgrade serves all tests of this module.
pytestmark = pytest.mark.xdist_group("release")
LEGS = """
    SELECT p.asset, p.mode, p.leg, p.size, p.cost, p.realized, p.fees_open, p.fees_close,
        p.funding, p.entries
    FROM pms.positions p
    WHERE p.account = %s AND p.entries > 0
    ORDER BY p.asset, p.mode, p.leg
"""
HELD = """
    SELECT sum(e.quantity), sum(coalesce(e.fee_native, e.fee))
    FROM pms.ledger_entries e
    WHERE e.account = %s AND NOT EXISTS (SELECT FROM pms.voids v WHERE v.entry_id = e.id)
"""
REVIEWS = "SELECT r.asset, r.mode, r.leg, r.code FROM pms.reviews r WHERE r.account = %s ORDER BY 1"
REPEATS = "SELECT s.identity, s.detail FROM pms.suspected_repeats s"


@dataclass(frozen=True)
class Upgraded:
    """A database of the release that was upgraded, and what was in it before."""

    dsn: str
    ledger: Ledger
    conn: psycopg.Connection[Any]
    first: dict[str, list[str]]
    """The outcomes of the release by case."""
    legs: dict[str, list[tuple[Any, ...]]]
    """The legs of the release by account."""

    def rows(self, query: str, *arguments: object) -> list[tuple[Any, ...]]:
        return self.conn.execute(query.encode(), arguments).fetchall()


@contextmanager
def ledger_of(stack: Stack, name: str) -> Iterator[tuple[Ledger, psycopg.Connection[Any]]]:
    with (
        psycopg.connect(stack.context.dsn("pms_worker", name)) as worker,
        psycopg.connect(stack.context.dsn("pms_operator", name)) as operator,
        psycopg.connect(stack.context.dsn(dbname=name), autocommit=True) as conn,
    ):
        yield Ledger(worker, operator), conn


def report(ledger: Ledger, conn: psycopg.Connection[Any], account: str) -> list[str]:
    """The outcomes of the fills and reports of a case, and what is adopted after a minute."""
    fills, reports, _ = REPORTS[account]
    venue = Venue(ledger, conn, account)
    outcomes = venue.fill(*fills) + venue.report(*copy.deepcopy(reports))
    venue.wait()
    return outcomes


def ask(ledger: Ledger, function: str, arguments: dict[str, Any]) -> str:
    """The outcome of a request."""
    answer = ledger.call(
        function,
        **{
            name: Jsonb(value) if isinstance(value, list) else value
            for name, value in arguments.items()
        },
    )
    ((outcome),) = answer.get("outcomes") or answer.get("legs") or [answer]
    return str(outcome["outcome"])


def send(ledger: Ledger, case: str) -> list[str]:
    """The outcomes of a case of order events, each message in a batch of its own."""
    return [ledger.apply(elsewhere(message, case))[0] for message in ORDER_EVENTS[case]]


@pytest.fixture(scope="module")
def upgraded(server: Stack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Upgraded]:
    """Every case applied by the last release, and the database upgraded since."""
    name = f"release_{uuid.uuid4().hex}"
    deploy.create_database(server.context, name)
    tree = release.extract(tmp_path_factory.mktemp("release"))
    deploy_at_once(server.context, name, tree=tree)
    release.run(tree, environment(server, name), "deploy")
    # The roles, which are of the whole server, have the limits of this tree again.
    deploy.create_database(server.context, name)
    with ledger_of(server, name) as (ledger, conn):
        for instrument in INSTRUMENTS:
            ledger.define(**instrument)
        first = {case: send(ledger, case) for case in ORDER_EVENTS}
        first["requests"] = [ask(ledger, *request) for request in REQUESTS]
        for account, (before, *_) in CONTINUED.items():
            ledger.apply(*(elsewhere(message, account) for message in before))
        for account in REPORTS:
            first[account] = report(ledger, conn, account)
        first["prices"] = [ledger.price(price)[0] for price in PRICES]
        accounts = conn.execute("SELECT DISTINCT p.account FROM pms.positions p").fetchall()
        legs = {account: conn.execute(LEGS, [account]).fetchall() for (account,) in accounts}
        # A former version of a row type would be in use.
        conn.execute("DISCARD ALL")
    assert deployment.deploy_schema(deploy.database(server.context, name)).migrations

    with ledger_of(server, name) as (ledger, conn):
        yield Upgraded(server.context.dsn(dbname=name), ledger, conn, first, legs)
    with psycopg.connect(server.context.dsn(dbname="postgres"), autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.mark.parametrize("case", ORDER_EVENTS)
def test_a_message_that_the_release_applied_is_a_duplicate(upgraded: Upgraded, case: str) -> None:
    assert set(upgraded.first[case]) <= {"applied", "duplicate"}
    assert "applied" in upgraded.first[case]
    assert upgraded.rows(LEGS, case) == upgraded.legs[case]
    reviews = upgraded.rows(REVIEWS, case)

    together = [elsewhere(message, case) for message in ORDER_EVENTS[case]]
    judged = upgraded.ledger.judge("apply_order_events", together)
    assert {outcome for outcome, _, _ in judged} == {"duplicate"}, judged
    assert set(send(upgraded.ledger, case)) == {"duplicate"}

    assert upgraded.rows(LEGS, case) == upgraded.legs[case]
    assert upgraded.rows(REVIEWS, case) == reviews
    assert upgraded.rows(REPEATS + " WHERE s.account = %s", case) == []


@pytest.mark.parametrize("account", CONTINUED)
def test_an_order_goes_on_after_the_upgrade(upgraded: Upgraded, account: str) -> None:
    _, later, outcomes, quantity, fees = CONTINUED[account]

    assert upgraded.ledger.apply(*(elsewhere(message, account) for message in later)) == outcomes

    assert upgraded.rows(HELD, account) == [(Decimal(quantity), Decimal(fees))]


def test_a_request_that_the_release_answered_is_a_duplicate(upgraded: Upgraded) -> None:
    assert set(upgraded.first["requests"]) == {"applied"}

    assert {ask(upgraded.ledger, *request) for request in REQUESTS} == {"duplicate"}

    for account in ("requests", "receiver", "imported"):
        assert upgraded.rows(LEGS, account) == upgraded.legs[account]
        assert upgraded.legs[account]


def test_a_price_that_the_release_stored_changes_nothing(upgraded: Upgraded) -> None:
    assert upgraded.first["prices"] == ["applied", "applied", "applied"]
    prices = "SELECT p.* FROM api.prices p ORDER BY p.asset"
    before = upgraded.rows(prices)

    assert set(upgraded.ledger.price(*PRICES)) <= {"duplicate", "stale"}

    assert upgraded.rows(prices) == before


@pytest.mark.parametrize("account", REPORTS)
def test_a_flag_of_the_release_has_its_reasons(upgraded: Upgraded, account: str) -> None:
    expected = REPORTS[account][-1]
    reasons = "SELECT p.needs_review, p.review_reasons FROM api.positions p WHERE p.account = %s"
    assert upgraded.rows(reasons, account) == [(bool(expected), expected)]

    outcomes = report(upgraded.ledger, upgraded.conn, account)

    assert set(outcomes) <= {"duplicate", "stale"}
    assert upgraded.rows(reasons, account) == [(bool(expected), expected)]
    assert upgraded.rows(LEGS, account) == upgraded.legs[account]


def test_the_upgraded_ledger_is_sound(upgraded: Upgraded) -> None:
    assert_verified(upgraded.dsn)
