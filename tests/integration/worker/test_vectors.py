"""The published accounting cases, from the queue to the published positions."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.helpers.harness import ORDER_EVENTS, PRICES, World, eventually
from tests.helpers.ledger import Ledger, ticker
from tests.helpers.queued_fills import FILLS
from tests.helpers.vectors import VECTORS, Vector, agrees, as_expected, contract, fills_of

pytestmark = pytest.mark.xdist_group("worker")

POSITIONS = "SELECT p.* FROM api.positions p"
PRICED = "SELECT count(*) FROM api.prices"


def account(vector: Vector, expected: dict[str, Any]) -> str:
    """Each check has an account of its own, with the fills before it: all can run at once."""
    return f"{vector['id']}-{expected['after_fill']}"


def positions(world: World) -> dict[str, dict[str, Any]]:
    with psycopg.connect(world.dsn) as conn, conn.cursor(row_factory=dict_row) as cursor:
        return {row["account"]: row for row in cursor.execute(POSITIONS)}


def test_vectors_sent_through_the_queue_match_to_the_last_digit(world: World) -> None:
    with psycopg.connect(world.dsn) as conn:
        for vector in VECTORS:
            Ledger(conn, conn).define(vector["id"], **contract(vector))
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))

    fills = [
        each
        for vector in VECTORS
        for expected in vector["expect"]
        for each in fills_of(vector, vector["id"], account=account(vector, expected))[
            : expected["after_fill"]
        ]
    ]
    marks = [
        ticker(vector["mark"], "2026-01-02T00:00:00Z", vector["id"])
        for vector in VECTORS
        if vector["mark"] is not None
    ]
    world.publish(ORDER_EVENTS, fills)
    world.publish(PRICES, marks)
    eventually(lambda: (world.value(FILLS), world.value(PRICED)) == (len(fills), len(marks)))

    held = positions(world)
    for vector in VECTORS:
        for expected in vector["expect"]:
            row = held[account(vector, expected)]
            assert as_expected(vector, expected, row)
        if vector["mark"] is not None:
            assert agrees(vector, "unrealised", row["unrealized_pnl"], vector["unrealised"])
