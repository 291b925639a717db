"""No view and no read shows what books have beside their account.

Two desks receive the same messages; in one of them, the fills name strategies. Every answer is the
same to the digit, as long as no book is asked for.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from tests.conftest import Database
from tests.helpers.clones import clone_of_template
from tests.helpers.ledger import Ledger, Message
from tests.helpers.scoped_keys import HTTP_ROLES, MINE, Key, create_desk, relationships, views
from tests.unit.access.test_scope import GIVEN

STRATEGIES = ("alpha", "beta", None)
READS = """
    SELECT p.proname, coalesce(p.proargnames[:p.pronargs], '{}')
    FROM pg_proc p
    WHERE p.pronamespace = 'api'::regnamespace AND p.provolatile <> 'v'
        AND EXISTS (
            SELECT 1 FROM unnest(%s::text[]) r WHERE has_function_privilege(r, p.oid, 'EXECUTE')
        )
"""
RUNS = (
    "SELECT (pms.validate_positions(NULL)).done",
    "SELECT (pms.convert_late_fees(NULL)).done",
    "SELECT (pms.take_snapshots(NULL)).done",
    "SELECT api.create_snapshots()",
    "SELECT api.verify_ledger()",
)
# They count what the service does, not what it holds; or show the books themselves.
NOT_OF_POSITIONS = {"get_metrics_text", "get_metrics", "jobs", "audit", "books"}
# Numbers and moments that no two databases share, and what a message as received has more.
OWN = re.compile(
    r"(^|_)(id|cursor|identity|sha256|body|bytes|evidence|trace_id|scope)$|_ms$|^restatements$"
    r"|(^|_)age_seconds$|^(jobs|time_held_minutes|strategy|book)$"
)
MOMENT = re.compile(r"20\d\d-\d\d-\d\dT[0-9:.]+(Z|\+00:00)")
LAST_YEAR = "2026-01-31"


@dataclass(frozen=True)
class Strategies(Ledger):
    """A ledger whose fills name strategies, each fact always the same one."""

    def judge(self, function: str, messages: Sequence[Message]) -> list[tuple[str, str, str]]:
        return super().judge(function, [self._named(message) for message in messages])

    def _named(self, message: Message) -> Message:
        known = str(message.get("execution_id", ""))
        strategy = STRATEGIES[zlib.crc32(known.encode()) % len(STRATEGIES)]
        return message if strategy is None or not known else {**message, "strategy": strategy}


@pytest.fixture(scope="module")
def desks(shared_database: Database) -> Iterator[tuple[Key, Key]]:
    """The desk without strategies, and with them, as an unscoped key sees each."""
    context = shared_database.context
    with clone_of_template(context) as name:
        databases = (shared_database, Database(name, context))
        for database, kind in zip(databases, (Ledger, Strategies), strict=True):
            with (
                psycopg.connect(database.dsn("pms_worker")) as worker,
                psycopg.connect(database.dsn("pms_operator")) as operator,
                psycopg.connect(database.dsn("pms_owner"), autocommit=True) as owner,
            ):
                create_desk(kind(worker, operator), owner)
                for job in ("sum_pnl", "verify_ledger", "take_snapshots"):
                    owner.execute(f"SELECT pms.{job}(NULL)".encode())
        with (
            psycopg.connect(databases[0].dsn(), autocommit=True) as plain,
            psycopg.connect(databases[1].dsn(), autocommit=True) as divided,
        ):
            yield Key(plain), Key(divided)


def test_the_desks_differ_in_their_books(desks: tuple[Key, Key]) -> None:
    books = "SELECT count(*) FROM pms.positions p WHERE pms.is_book(p.account) AND p.size <> 0"
    plain, divided = (Key(desk.conn, role="pms_owner").ask(books) for desk in desks)
    assert plain == [0]
    assert divided[0] > 0


def test_every_view_is_the_same_with_books(desks: tuple[Key, Key]) -> None:
    for view in views(desks[0].conn).keys() - NOT_OF_POSITIONS:
        for scope in ((), (MINE,)):
            plain, divided = (
                sorted(
                    shown(row)
                    for row in Key(desk.conn, scope).ask(f"SELECT to_jsonb(v) FROM api.{view} v")
                )
                for desk in desks
            )
            assert divided == plain, view


def test_every_read_is_the_same_with_books(desks: tuple[Key, Key]) -> None:
    embedded = {target for _, target in relationships(desks[0].conn)}
    reads = desks[0].conn.execute(READS.encode(), [list(HTTP_ROLES)]).fetchall()
    for function, arguments in reads:
        if function in NOT_OF_POSITIONS | embedded:
            continue
        asked = {name: value for name, value in GIVEN.items() if name in arguments}
        # Of all accounts, of one, and for a key that is bound to it.
        cases: list[tuple[tuple[str, ...], dict[str, object]]] = [((), asked), ((MINE,), asked)]
        if "account" in arguments:
            cases.append(((), asked | {"account": MINE}))
        if "as_of" in arguments:
            cases.append(((), asked | {"as_of": "2099-01-01T00:00:00Z"}))
        for scope, given in cases:
            plain, divided = (
                [shown(row) for row in Key(desk.conn, scope).call(function, **given)]
                for desk in desks
            )
            assert divided == plain, (function, given)


def test_every_count_is_the_same_with_books(desks: tuple[Key, Key]) -> None:
    for run in RUNS:
        plain, divided = (
            [shown(row) for row in Key(desk.conn, role="pms_owner").ask(run)] for desk in desks
        )
        assert divided == plain, run


def shown(answer: Any) -> str:
    """An answer without what no two databases share."""
    return json.dumps(compared(answer), sort_keys=True)


def compared(answer: Any) -> Any:
    if isinstance(answer, dict):
        return {name: compared(each) for name, each in answer.items() if not OWN.search(name)}
    if isinstance(answer, list):
        return [compared(each) for each in answer]
    if isinstance(answer, str):
        return MOMENT.sub(lambda found: min(found[0], LAST_YEAR), answer)
    return answer
