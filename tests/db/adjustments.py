"""Adjustments, entered as validation would."""

from __future__ import annotations

import psycopg


def adjust(dsn: str, at: str, quantity: str, amount: str) -> None:
    """Re-base the quantity of a leg, and what it cost, by so much."""
    with psycopg.connect(dsn) as conn:
        conn.execute(
            """
            SELECT pms.post_entries(
                ARRAY[(
                    'main', NULL, 'BTCUSDT', 'one-way', 'net', 'adjustment',
                    'adjustment:' || %(at)s, NULL, %(quantity)s::numeric, NULL, 0, NULL, NULL, NULL,
                    %(amount)s::numeric, NULL, NULL, NULL, %(at)s::timestamptz, now(),
                    'validation', NULL
                )::pms.entries],
                '{}',
                'validation'
            )
            """,
            {"at": at, "quantity": quantity, "amount": amount},
        )
