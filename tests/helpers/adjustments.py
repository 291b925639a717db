"""Statements of what a leg is, entered as validation and imports would."""

from __future__ import annotations

from typing import Any

import psycopg

from position_manager.reference.messages import Posting

STATE = """
    SELECT pms.finish_entries(
        pms.post_entries(ARRAY[(
            k.account, NULL, k.asset, k.mode, k.leg, %(kind)s, %(identity)s, NULL,
            %(quantity)s::numeric, %(price)s::numeric, 0, NULL, NULL, NULL, %(amount)s::numeric,
            %(realized)s::numeric, NULL, NULL, 'import', NULL, %(at)s::timestamptz,
            pms.lock_legs(ARRAY[(k.account, k.asset, k.mode, k.leg)::pms.leg_key]),
            'validation', NULL
        )::pms.entries]),
        'validation'
    )
    FROM (
        SELECT %(account)s AS account, %(asset)s AS asset, %(mode)s AS mode, %(leg)s AS leg
        OFFSET 0
    ) k
"""


def adjust(dsn: str, at: str, size: str, cost: str) -> None:
    """Say what a leg is since then, and what it cost."""
    with psycopg.connect(dsn) as conn:
        enter(conn, f"adjustment:{at}", quantity=size, amount=cost, at=at)


def enter(conn: psycopg.Connection[Any], identity: str, **named: object) -> None:
    """Enter one statement: an adjustment of the leg of all examples, unless said otherwise."""
    usual = {
        "account": "main", "asset": "BTCUSDT", "mode": "one-way", "leg": "net",
        "kind": "adjustment", "price": None, "amount": None, "realized": None,
    }  # fmt: skip
    conn.execute(STATE.encode(), {**usual, "identity": identity, **named})


def post(conn: psycopg.Connection[Any], account: str, told: Posting) -> None:
    """Enter a statement of the independent computation."""
    enter(
        conn,
        told.identity,
        account=account,
        asset=told.place.asset,
        mode="one-way" if told.place.leg == "net" else "hedge",
        leg=told.place.leg,
        kind=told.entry.kind,
        quantity=told.entry.quantity,
        price=told.entry.price,
        amount=told.entry.amount,
        realized=told.entry.realized,
        at=told.entry.executed_at,
    )
