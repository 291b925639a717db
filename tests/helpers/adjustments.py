"""Openings and adjustments, entered as by validation and imports."""

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
            'validation', NULL, NULL, NULL, NULL, NULL, %(closing_price)s::numeric, NULL, NULL
        )::pms.ledger_entries]),
        'validation'
    )
    FROM (
        SELECT %(account)s AS account, %(asset)s AS asset, %(mode)s AS mode, %(leg)s AS leg
        OFFSET 0
    ) k
"""


def adjust(dsn: str, at: str, size: str, cost: str) -> None:
    """Set the size of a leg since a time, and its cost."""
    with psycopg.connect(dsn) as conn:
        enter(conn, f"adjustment:{at}", quantity=size, amount=cost, at=at)


def enter(conn: psycopg.Connection[Any], identity: str, **named: object) -> None:
    """Enter one statement: by default an adjustment of the main BTCUSDT leg."""
    usual = {
        "account": "main", "asset": "BTCUSDT", "mode": "one-way", "leg": "net",
        "kind": "adjustment", "price": None, "amount": None, "realized": None,
        "closing_price": None,
    }  # fmt: skip
    conn.execute(STATE.encode(), {**usual, "identity": identity, **named})


def post(conn: psycopg.Connection[Any], account: str, posting: Posting) -> None:
    """Enter a statement of the independent computation."""
    enter(
        conn,
        posting.identity,
        account=account,
        asset=posting.place.asset,
        mode="one-way" if posting.place.leg == "net" else "hedge",
        leg=posting.place.leg,
        kind=posting.entry.kind,
        quantity=posting.entry.quantity,
        price=posting.entry.price,
        amount=posting.entry.amount,
        realized=posting.entry.realized,
        closing_price=posting.entry.closing_price,
        at=posting.entry.executed_at,
    )
