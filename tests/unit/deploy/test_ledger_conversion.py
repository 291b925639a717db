"""The ledger of an earlier release becomes the narrow one, equal to the digit."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from position_manager.stack import deploy
from position_manager.stack.stack import Stack
from tests.helpers.ledger import Ledger, fill
from tests.helpers.sqitch import deploy_at_once, sqitch

BEFORE = "risk/portfolio_readings"
COPIED = "ledger/narrow_entries"
COLUMNS = (
    "account, id, asset, mode, leg, kind, identity, order_id, quantity, price, fee, fee_currency,"
    " fee_native, fee_rate, amount, realized, version, amends, cause, counter_account,"
    " executed_at, recorded_at, source, trace_id"
)
AT = "'2026-01-01T10:00:00.000001Z', '2026-01-01T10:00:01Z'"
ONE_WAY = "'BTCUSDT', 'one-way', 'net'"
SHORT = "'ETHUSDT', 'hedge', 'short'"
# Every kind, scheme, source and cause; every column once null and once not; ids of several ranges.
ENTRIES = f"""
    INSERT INTO pms.entries ({COLUMNS}) OVERRIDING SYSTEM VALUE
    VALUES
    ('main', 1, {ONE_WAY}, 'trade', 'execution:a:b', 'o-1', 1.50, 100.10, 0.055, NULL, NULL, NULL,
        NULL, NULL, 1, NULL, NULL, NULL, {AT}, 'order_execution', 'trace'),
    ('main', 2, {ONE_WAY}, 'trade', 'order:o-2:1', 'o-2', 1, 100, -0.000000000000000001, 'BNB',
        0.10, NULL, NULL, NULL, 2, NULL, NULL, NULL, {AT}, 'order_execution', NULL),
    ('main', 3, {ONE_WAY}, 'trade', 'event:', NULL, -1, 99999999999999999999.99, 0, 'BTC', 0.1, 0.0,
        12.30, NULL, 3, NULL, NULL, NULL, {AT}, 'api', ''),
    ('main', 50000, {ONE_WAY}, 'trade', 'fill:o-1:buy:1:100:1', '', 1, 100, 0, NULL, NULL, NULL,
        NULL, NULL, 4, NULL, NULL, NULL, {AT}, 'order_execution', NULL),
    ('other', 50001, {SHORT}, 'trade', 'execution:a:b', 'o-1', -1, 0.10, 0, 'BNB', 2, 600.5, NULL,
        NULL, 1, NULL, NULL, NULL, {AT}, 'order_execution', NULL),
    ('other', 50002, {SHORT}, 'trade', 'correction:a-1', 'o-1', -2, 0.20, 0, NULL, NULL, NULL, NULL,
        NULL, 2, 'execution:a:b', NULL, NULL, {AT}, 'order_execution', NULL),
    ('other', 50003, {SHORT}, 'funding', 'funding:ETHUSDT:hedge:short:1', NULL, 0, NULL, 0, NULL,
        NULL, NULL, -1.20, NULL, 3, NULL, NULL, NULL, {AT}, 'api', NULL),
    ('other', 120000, {SHORT}, 'transfer', 'transfer:t', NULL, 1, NULL, 0, NULL, NULL, NULL, 5.0,
        NULL, 4, NULL, NULL, 'main', {AT}, 'api', NULL),
    ('other', 120001, {SHORT}, 'adjustment', 'adjustment:venue_size:x', NULL, -3, 1, 0, NULL, NULL,
        NULL, -3, NULL, 5, NULL, 'venue_size', NULL, {AT}, 'venue', NULL),
    ('other', 120002, {SHORT}, 'adjustment', 'adjustment', NULL, 0, NULL, 0, NULL, NULL, NULL, 0,
        NULL, 6, NULL, 'venue_average', NULL, {AT}, 'validation', NULL),
    ('new', 120003, {ONE_WAY}, 'opening', 'adoption:x', NULL, 1, 2, 0, NULL, NULL, NULL, 2, NULL, 1,
        NULL, 'adoption', NULL, {AT}, 'validation', NULL)
"""
# Recorded after the copy.
LATER = f"""
    INSERT INTO pms.entries ({COLUMNS}) OVERRIDING SYSTEM VALUE
    VALUES
    ('later', 120005, {SHORT}, 'opening', 'import:x', NULL, 0, NULL, 0, NULL, NULL, NULL, 0, 7.50,
        1, NULL, 'import', NULL, {AT}, 'import', NULL),
    ('later', 120006, {SHORT}, 'trade', 'no prefix', NULL, -1, 1, 0, NULL, NULL, NULL, NULL, NULL,
        2, NULL, NULL, NULL, {AT}, 'order_execution', NULL)
"""
VOIDS = f"""
    INSERT INTO pms.voids (account, entry_id, cause, amendment, recorded_at, source)
    VALUES ('other', 50001, 'correction', 'correction:a-1', {AT.split(", ")[1]}, 'order_execution')
"""
POSITIONS = f"""
    INSERT INTO pms.instruments (asset) VALUES ('BTCUSDT'), ('ETHUSDT'), ('SOLUSDT');
    INSERT INTO pms.positions (account, asset, mode, leg, position_id)
    VALUES
    ('main', {ONE_WAY}, gen_random_uuid()),
    ('other', {SHORT}, gen_random_uuid()),
    ('without', 'SOLUSDT', 'one-way', 'net', gen_random_uuid())
"""
# As texts: 1.5 is not 1.50 here.
LEDGER = f"SELECT ROW({COLUMNS})::text FROM pms.{{}} e ORDER BY id"


def rows(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as conn:
        return conn.execute(query.encode()).fetchall()


def test_a_former_ledger_is_converted_to_the_digit(server: Stack, empty: str) -> None:
    context = server.context
    dsn = context.dsn(dbname=empty)
    deploy_at_once(context, empty, to=BEFORE)
    with psycopg.connect(dsn) as conn:
        for statement in (POSITIONS, ENTRIES, VOIDS):
            conn.execute(statement.encode())
    sqitch(context, empty, "deploy", "--verify", "--to", COPIED)
    with psycopg.connect(dsn) as conn:
        conn.execute(LATER.encode())
        conn.execute("SELECT setval('pms.entries_id_seq', 120010)")
    former = rows(dsn, LEDGER.format("entries"))

    deploy.deploy_schema(context, empty)

    assert rows(dsn, LEDGER.format("ledger_entries")) == former
    assert rows(dsn, "SELECT v.entry_id, v.amendment FROM pms.voids v") == [
        (50001, "correction:a-1")
    ]
    misnumbered = """
        SELECT p.account
        FROM pms.positions p
        LEFT JOIN pms.legs l USING (leg_id)
        WHERE (p.account, p.asset, p.mode, p.leg)
            IS DISTINCT FROM (l.account, l.asset, l.mode, l.leg)
    """
    assert rows(dsn, misnumbered) == []
    # By the keys of the rows, as they are computed from now on.
    for account, identity in (("other", "execution:a:b"), ("later", "no prefix")):
        found = f"SELECT e.account FROM pms.find_entry('{account}', '{identity}') e"
        assert rows(dsn, found) == [(account,)]
    with psycopg.connect(context.dsn("pms_worker", empty)) as worker:
        ledger = Ledger(worker, worker)
        assert ledger.apply(fill("new", "Buy", "1", "100", account="main")) == ["applied"]
    assert rows(dsn, "SELECT max(e.id) FROM pms.entries e") == [(120011,)]


def test_a_word_that_is_unknown_stops_the_conversion(server: Stack, empty: str) -> None:
    context = server.context
    dsn = context.dsn(dbname=empty)
    deploy_at_once(context, empty, to=BEFORE)
    with psycopg.connect(dsn) as conn:
        conn.execute(POSITIONS.encode())
        conn.execute(ENTRIES.replace("'venue', NULL", "'nobody', NULL").encode())
    former = rows(dsn, "SELECT count(*) FROM pms.entries")

    with pytest.raises(AssertionError, match='null value in column "source"'):
        sqitch(context, empty, "deploy", "--to", COPIED)

    # Once the cause is mended, it starts again.
    with psycopg.connect(dsn) as conn:
        conn.execute("UPDATE pms.entries SET source = 'venue' WHERE source = 'nobody'")
    deploy.deploy_schema(context, empty)
    assert rows(dsn, "SELECT count(*) FROM pms.entries") == former
