"""Functions of a view's row with the rows of another view, which PostgREST embeds.

They are read from the database, so that new ones are tested as well.
"""

from __future__ import annotations

import re
from typing import Any

import psycopg

from tests.helpers.scoped_keys import FOREIGN, MINE, OPEN_VIEWS, Key, relationships


def embedded(source: str, target: str, condition: str = "TRUE") -> str:
    """A query as PostgREST makes it of ``source?select=*,target(*)``."""
    return f"""
        SELECT coalesce(e.rows, '[]')::text
        FROM api.{source}
        LEFT JOIN LATERAL (
            SELECT json_agg(r) AS rows
            FROM (SELECT t.* FROM api.{target}({source}) t) r
        ) e ON TRUE
        WHERE {condition}
    """


def test_relationships_show_only_the_accounts_in_scope(
    desk: psycopg.Connection[Any], scoped: Key, unscoped: Key
) -> None:
    found = relationships(desk)
    assert ("positions", "fills") in found
    for source, target in found:
        seen, there = (key.ask(embedded(source, target)) for key in (scoped, unscoped))
        assert any("asset" in rows for rows in seen), (source, target)
        assert not [rows for rows in seen if FOREIGN in rows], (source, target)
        if target not in OPEN_VIEWS:
            assert any(MINE in rows for rows in seen), (source, target)
            assert any(FOREIGN in rows for rows in there), (source, target)


def test_a_position_has_its_own_rows(desk: psycopg.Connection[Any], unscoped: Key) -> None:
    for target in ("fills", "snapshots"):
        of_key = "(r.account, r.asset, r.mode)"
        strangers = f"""
            SELECT count(*)
            FROM api.positions
            CROSS JOIN LATERAL api.{target}(positions) r
            WHERE {of_key} <> (positions.account, positions.asset, positions.mode)
        """
        assert unscoped.ask(strangers) == [0]
        related = f"SELECT count(*) FROM api.positions p CROSS JOIN LATERAL api.{target}(p) r"
        assert unscoped.ask(related) == unscoped.ask(f"SELECT count(*) FROM api.{target}")


def test_a_relationship_reads_by_index(
    desk: psycopg.Connection[Any], scoped: Key, unscoped: Key
) -> None:
    desk.execute("SET enable_seqscan = off")
    try:
        for source, target in relationships(desk):
            for key in (scoped, unscoped):
                plan = "\n".join(key.ask(f"EXPLAIN {embedded(source, target)}"))
                assert "Function Scan on " + target not in plan
                by_key = rf"Index Cond: .*asset = (\({source}\.\*\)|\w+)\.asset"
                assert re.search(by_key, plan), (source, target, plan)
    finally:
        desk.execute("RESET enable_seqscan")
