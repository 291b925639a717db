"""Discrepancies and findings in a book, which name the account and the book."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, fill
from tests.helpers.scoped_keys import Key
from tests.helpers.verification import one, verify

LISTED = "SELECT to_jsonb(v) FROM api.discrepancies v"
# As the job does, but without a fix.
RECONCILE = """
    SELECT pms.reconcile_position('main|alpha', 'BTCUSDT', 'one-way', FALSE, FALSE, NULL, 'trace')
"""


@pytest.fixture
def wrong(ledger: Ledger, owner: psycopg.Connection[Any]) -> Ledger:
    """The account main, whose book alpha was edited by hand."""
    ledger.apply(
        fill("a", "Buy", "2", "100", strategy="alpha"), fill("b", "Buy", "1", "90", tag="beta")
    )
    owner.execute("UPDATE pms.positions SET cost = 201 WHERE account = 'main|alpha'")
    return ledger


def listed(ledger: Ledger, **arguments: str) -> list[tuple[str, str | None]]:
    """Account and book of the discrepancies that are listed, in any status."""
    with ledger.operator.transaction():
        found = ledger.call("get_discrepancies", status="all", **arguments)
    return sorted(((row["account"], row["book"]) for row in found["discrepancies"]), key=str)


def test_a_verification_names_the_book(wrong: Ledger, owner: psycopg.Connection[Any]) -> None:
    owner.execute(
        "UPDATE pms.account_totals SET exposure = exposure + 1 WHERE account LIKE '%beta'"
    )

    found = verify(wrong)

    assert [(each["account"], each["book"], each["field"]) for each in found["findings"]] == [
        ("main", "alpha", "cost"), ("main", "beta", "exposure in USDT"),
    ]  # fmt: skip
    assert "|" not in json.dumps(found)


def test_the_findings_of_accounts_have_no_book(
    wrong: Ledger, owner: psycopg.Connection[Any]
) -> None:
    owner.execute("UPDATE pms.positions SET cost = 291 WHERE account = 'main'")

    assert [each["book"] for each in verify(wrong)["findings"]] == [None, "alpha"]


def test_a_discrepancy_names_its_book(wrong: Ledger, owner: psycopg.Connection[Any]) -> None:
    owner.execute("UPDATE pms.positions SET cost = 291 WHERE account = 'main'")
    owner.execute("SELECT pms.validate_positions(NULL)")

    both = [("main", "alpha"), ("main", None)]
    assert listed(wrong) == listed(wrong, account="main") == both
    assert listed(wrong, book="alpha") == listed(wrong, account="main", book="alpha") == both[:1]
    assert listed(wrong, book="beta") == listed(wrong, account="other") == []
    shown = [row for (row,) in owner.execute(LISTED.encode()).fetchall()]
    assert sorted(((row["account"], row["book"]) for row in shown), key=str) == both
    assert "|" not in json.dumps(shown)


def test_a_key_sees_the_books_of_its_accounts(
    wrong: Ledger, owner: psycopg.Connection[Any]
) -> None:
    owner.execute(RECONCILE.encode())
    ((identity,),) = owner.execute("SELECT id::text FROM pms.discrepancies WHERE kind = 'rule'")

    mine, foreign = Key(owner, ("main",)), Key(owner, ("other",))

    (found,) = mine.call("get_discrepancies")
    assert {(row["account"], row["book"]) for row in found["discrepancies"]} == {("main", "alpha")}
    assert foreign.call("get_discrepancies") == [{"discrepancies": [], "count": 0}]
    assert foreign.refuses("get_discrepancies", account="main", book="alpha")
    (refused,) = foreign.call("dismiss_discrepancy", id=identity)
    assert refused["error_code"] == "NOT_FOUND"
    (decided,) = mine.call("dismiss_discrepancy", id=identity)
    assert (decided["account"], decided["book"], decided["status"]) == (
        "main", "alpha", "dismissed",
    )  # fmt: skip


def test_an_event_names_the_book(wrong: Ledger, owner: psycopg.Connection[Any]) -> None:
    owner.execute(RECONCILE.encode())

    event = one(owner, "SELECT to_jsonb(o) FROM pms.outbox o WHERE type = 'discrepancy_opened'")

    assert event["aggregateid"] == "main/BTCUSDT/one-way"
    assert (event["payload"]["account"], event["payload"]["book"]) == ("main", "alpha")
