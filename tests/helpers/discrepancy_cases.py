"""Fifty positions with discrepancies, and the result of their validation."""

from __future__ import annotations

from typing import Any

from tests.helpers.messages import buy, sell
from tests.helpers.venue import Venue, snake

FIFTY = 50


def introduce(venue: Venue) -> dict[str, list[str]]:
    """Create fifty positions, thirty with discrepancies; return the assets by kind."""
    wrong: dict[str, list[str]] = {}
    for number in range(FIFTY):
        asset = f"W{number:02}USDT"
        fills = [
            buy(f"{asset}-a", "2", "100", 1, asset=asset),
            buy(f"{asset}-b", "1", "130", 2, asset=asset),
            sell(f"{asset}-c", "1", "120", 3, asset=asset),
        ]
        kind = ("sound", "size", "average", "lost", "doubled", "row", "older", "sound")[number % 8]
        reported, average, minute = "2", "110", 4
        if kind == "lost":
            fills.pop(1)
            reported = "2"
        elif kind == "doubled":
            fills.append(buy(f"{asset}-b-again", "1", "130", 2, asset=asset))
        elif kind == "size":
            reported, average = "2.5", "112"
        elif kind == "older":
            reported, minute = "5", 2
        venue.fill(*fills)
        venue.report(snake(reported, average, minute, asset=asset, markPrice=average))
        if kind == "average":
            # Edited after the report: the stored row disagrees with the ledger.
            venue.conn.execute(
                "UPDATE pms.venue_positions SET average_price = 111 WHERE account = %s"
                " AND asset = %s",
                [venue.account, asset],
            )
        if kind == "row":
            venue.conn.execute(
                "UPDATE pms.positions SET cost = cost + 1 WHERE account = %s AND asset = %s",
                [venue.account, asset],
            )
        wrong.setdefault(kind, []).append(asset)
    return wrong


def assert_validated(venue: Venue, wrong: dict[str, list[str]]) -> None:
    """Every discrepancy is found; fixable ones are corrected, and the rest stay open."""
    become = {
        "size": ("size", "fixed"), "average": ("average_price", "fixed"),
        "lost": ("size", "fixed"), "doubled": ("size", "fixed"),
        "row": ("stored_row", "fixed"), "older": ("size", "open"),
    }  # fmt: skip
    found = sorted((row["asset"], row["kind"], row["status"]) for row in venue.discrepancies())
    assert found == sorted(
        (asset, *settled) for kind, settled in become.items() for asset in wrong[kind]
    )
    # One adjustment each, and the row by its ledger.
    adjusted = sorted(wrong["size"] + wrong["average"] + wrong["lost"] + wrong["doubled"])
    stated = venue.conn.execute(
        "SELECT asset FROM pms.ledger_entries"
        " WHERE account = %s AND kind = 'adjustment' ORDER BY asset",
        [venue.account],
    ).fetchall()
    assert [asset for (asset,) in stated] == adjusted
    for asset in wrong["row"] + wrong["doubled"] + wrong["lost"]:
        size, average, _, needs_review = venue.held(asset=asset) or ()
        assert (size, average, needs_review) == (2, 110, False)
    assert {asset: venue.held(asset=asset)[3] for asset in wrong["older"]} == dict.fromkeys(  # type: ignore[index]
        wrong["older"], True
    )
    published = [(each["asset"], each["kind"]) for each in venue.events("discrepancy_opened")]
    assert sorted(published) == [(asset, "size") for asset in wrong["older"]], published


def everything(venue: Venue) -> list[Any]:
    """The ledger, the rows and the discrepancies, without the times of snapshots and sightings."""
    return [
        venue.conn.execute(statement, [venue.account]).fetchall()
        for statement in (
            "SELECT * FROM pms.ledger_entries WHERE account = %s ORDER BY id",
            "SELECT (to_jsonb(p) - 'last_snapshot_at')::text FROM pms.positions p"
            " WHERE account = %s ORDER BY asset",
            "SELECT id, status, ours, theirs, opened_at, closed_at FROM pms.discrepancies"
            " WHERE account = %s ORDER BY id",
        )
    ]
