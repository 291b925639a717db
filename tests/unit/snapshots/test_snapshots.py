"""Snapshots of all positions: selected, timed, taken once and published."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg

from tests.helpers.concurrency import until_blocked
from tests.helpers.ledger import Ledger, fill, funding, ticker
from tests.helpers.owner_queries import OwnerQueries

if TYPE_CHECKING:
    from tests.conftest import Database

STEP = "SELECT s.progress, s.done FROM pms.take_snapshots(%s) s"
TAKEN = """
    SELECT s.account, s.asset, s.mode, s.created_at
    FROM api.snapshots s
    ORDER BY s.created_at, s.account, s.asset, s.mode
"""
MOMENTS = "SELECT DISTINCT s.created_at FROM api.snapshots s ORDER BY 1"


def step(owner: psycopg.Connection[Any], progress: Any = None) -> tuple[Any, str]:
    row = owner.execute(STEP, [None if progress is None else json.dumps(progress)]).fetchone()
    assert row is not None
    return row[0], row[1]


def run(owner: psycopg.Connection[Any]) -> tuple[int, str]:
    """Run the job to its end; return the number of steps and its message."""
    progress, done = step(owner)
    steps = 1
    while progress is not None:
        progress, done = step(owner, progress)
        steps += 1
    return steps, done


def assets(queries: OwnerQueries) -> list[str]:
    """The positions of the snapshots, in order."""
    return [f"{row['account']}/{row['asset']}/{row['mode']}" for row in queries.rows(TAKEN)]


def test_a_run_captures_every_position_in_steps_at_one_moment(
    ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    ledger.apply(*(fill(f"f{n}", "Buy", "1", "10", asset=f"A{n:03}") for n in range(250)))

    steps, done = run(owner)

    assert steps == 3
    assert done.startswith("250 snapshots of ")
    assert assets(queries) == [f"main/A{n:03}/one-way" for n in range(250)]
    ((moment,),) = owner.execute(MOMENTS).fetchall()
    assert done.endswith(moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ"))
    kept = queries.rows("SELECT DISTINCT p.last_snapshot_at FROM pms.positions p")
    assert kept == [{"last_snapshot_at": moment}]


def test_open_positions_are_captured_every_run_and_closed_ones_once_more(
    ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    ledger.apply(
        fill("a", "Buy", "1", "10", asset="OPEN"),
        fill("b", "Buy", "1", "10", asset="SHUT"),
        fill("c", "Buy", "1", "10", asset="BOTH", position_side="long"),
        fill("d", "Sell", "2", "10", asset="BOTH", position_side="short"),
        fill("e", "Buy", "1", "10", asset="OPEN", account="other"),
    )
    first = ["main/BOTH/hedge", "main/OPEN/one-way", "main/SHUT/one-way", "other/OPEN/one-way"]
    run(owner)
    assert assets(queries) == first

    ledger.apply(fill("shut", "Sell", "1", "11", asset="SHUT"))
    run(owner)
    assert assets(queries) == first * 2

    run(owner)
    assert assets(queries)[8:] == [name for name in first if "SHUT" not in name]

    # Funding after the close is a change.
    ledger.apply(funding("late", "3", asset="SHUT"))
    run(owner)
    assert assets(queries)[11:] == first


def test_a_snapshot_equals_the_published_position(
    ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    ledger.apply(
        fill("a", "Buy", "3.000000000000000001", "10.5", "0.01", at="2026-01-01T00:00:00Z"),
        fill("b", "Sell", "1", "12", "0.02", at="2026-01-01T00:01:00Z"),
        fill("c", "Sell", "2", "12", asset="HEDGED", position_side="short"),
    )
    ledger.price(ticker("11.25", "2026-01-01T00:02:00Z"))

    run(owner)

    rows = queries.rows(
        "SELECT p.*, s.id AS snapshot, s.created_at AS taken_at, to_jsonb(p) AS published,"
        " to_jsonb(s) AS kept, pms.position_json(p) AS written, s.snapshot_data"
        " FROM pms.current_positions p"
        " INNER JOIN api.snapshots s ON p.id = s.position_id"
    )
    assert len(rows) == 2
    for row in rows:
        # Both have their own time.
        for document in (row["published"], row["kept"], row["written"], row["snapshot_data"]):
            document.pop("time_held_minutes")
        kept = row["kept"] | {
            "id": row["kept"]["position_id"],
            "created_at": row["kept"]["position_created_at"],
        }
        assert {name: kept[name] for name in row["published"]} == row["published"]
        assert row["snapshot_data"] == row["written"]
        assert row["last_snapshot_at"] == row["taken_at"]


def test_every_snapshot_is_published_with_all_its_fields(
    ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    ledger.apply(fill("a", "Buy", "1", "10"), fill("b", "Sell", "2", "10", asset="ETHUSDT"))
    queries.forget_events()
    version = queries.leg()["version"]

    run(owner)

    events = queries.events()
    rows = queries.rows("SELECT s.* FROM api.snapshots s ORDER BY s.asset")
    assert [event["event_type"] for event in events] == ["position_snapshot_created"] * 2
    for event, row in zip(events, rows, strict=True):
        data = row["snapshot_data"]
        assert (event["snapshot_id"], event["position_id"]) == (
            str(row["id"]),
            str(row["position_id"]),
        )
        assert event["snapshot_data"] == data
        assert event["snapshot_timestamp"] == event["created_at"] == data["last_snapshot_at"]
        flat = data.keys() - {"created_at"}
        assert {name: event[name] for name in flat - {"id"}} == {
            name: data[name] for name in flat - {"id"}
        }
    # One run is one trace.
    assert len({event["trace_id"] for event in events}) == 1
    assert queries.leg()["version"] == version


def test_a_repeated_step_has_no_further_effect(
    ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    ledger.apply(*(fill(f"f{n}", "Buy", "1", "10", asset=f"A{n:03}") for n in range(101)))
    progress, _ = step(owner)
    # A manual snapshot before its turn is newer.
    by_hand = ledger.call("create_snapshot", asset="A100")

    assert step(owner, progress)[1].startswith("100 snapshots")
    del progress["after"]
    assert step(owner, progress)[1].startswith("100 snapshots")

    assert len(assets(queries)) == 101
    newest = queries.value(
        "SELECT max(pms.time_text(s.created_at)) FROM api.snapshots s WHERE s.asset = 'A100'"
    )
    assert by_hand["created_at"] == newest
    assert len(queries.events("position_snapshot_created")) == 101


def test_a_snapshot_waits_for_a_fill_that_is_being_applied(
    ledger: Ledger, database: Database, queries: OwnerQueries
) -> None:
    ledger.apply(fill("a", "Buy", "1", "10"))
    with (
        psycopg.connect(database.dsn("pms_owner"), autocommit=True) as job,
        psycopg.connect(database.dsn("pms_worker")) as worker,
        ThreadPoolExecutor(1) as pool,
    ):
        worker.execute(
            "SELECT o.outcome FROM pms.apply_order_events(%b::text[]::jsonb[]) o",
            [[json.dumps(fill("b", "Buy", "4", "10"))]],
        )
        waiting = pool.submit(run, job)
        until_blocked(queries.owner)
        worker.commit()
        assert waiting.result(timeout=60)[0] == 1

    assert queries.value("SELECT s.size FROM api.snapshots s") == 5


def test_all_positions_of_an_account_are_captured_on_demand(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(
        *(fill(f"f{n}", "Buy", "1", "10", asset=f"A{n:03}") for n in range(120)),
        fill("o", "Buy", "1", "10", account="other"),
    )

    other = ledger.call("create_snapshots", account="other")
    everybody = ledger.call("create_snapshots")
    nobody = ledger.call("create_snapshots", account="nobody")

    assert [each["count"] for each in (other, everybody, nobody)] == [1, 121, 0]
    assert len(queries.rows(MOMENTS)) == 2
    assert len(assets(queries)) == 122


def test_a_position_with_an_equal_or_later_snapshot_gets_no_other(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(fill("a", "Buy", "1", "10"), fill("b", "Buy", "1", "10", asset="ETHUSDT"))
    take = """
        SELECT count(*)
        FROM pms.snapshot_positions(
            ARRAY(
                SELECT (p.account, p.asset, p.mode)::pms.position_key
                FROM pms.positions p
                WHERE p.asset = ANY(%(assets)s)
            ),
            %(at)s, 'trace'
        ) s
    """
    at = queries.now()
    both = ["BTCUSDT", "ETHUSDT"]

    taken = [
        queries.value(take, assets=assets, at=moment)
        for assets, moment in (
            (["ETHUSDT"], at), (both, at), (both, at), (both, at - timedelta(hours=1)),
            (["NEVER"], at),
        )
    ]  # fmt: skip

    assert taken == [1, 1, 0, 0, 0]
    assert len(queries.rows(TAKEN)) == len(queries.events("position_snapshot_created")) == 2


def test_a_clock_set_back_loses_no_snapshot(
    ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    ledger.apply(fill("a", "Buy", "1", "10"))
    owner.execute("UPDATE pms.positions SET last_snapshot_at = clock_timestamp() + '2 hours'")

    assert run(owner)[1].startswith("1 snapshots")
    ledger.call("create_snapshot", asset="BTCUSDT")

    assert len(queries.rows(MOMENTS)) == 2
