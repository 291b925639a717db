"""No table grows without end: what is over is deleted after its time, the rest stays."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from position_manager.config.service import ServiceSettings
from position_manager.paths import ROOT
from tests.helpers.ledger import Ledger, fill, ticker
from tests.helpers.owner_queries import OwnerQueries

if TYPE_CHECKING:
    from tests.conftest import Database

OPERATIONS = (ROOT / "specs/001-position-management/operations.md").read_text()
SECTION = OPERATIONS.split("## Retention")[1].split("\n## ")[0]
ROWS = [line.split("|")[1:-1] for line in SECTION.splitlines() if line.startswith("| `")]
NAME = re.compile(r"`([a-z_]+)`")
# Tables of which a row stands for a thing that exists, or of one row.
STATE = {
    "account_totals", "capital", "cash_balances", "cursor_key", "deployed_version",
    "detached_statements", "equity_marks", "event_epoch", "event_log_epochs", "gateway_limits",
    "instrument_aliases", "instruments", "ledger_findings", "ledger_partitions",
    "leg_pnl_marks", "limits", "loaded_code", "outbox", "outbox_reader", "pinned_accounts",
    "portfolio_announcement", "portfolio_history_extent",
    "portfolio_readings", "positions", "prices", "recorded_limits", "reviews", "service_failures",
    "settings", "shard", "shard_buckets", "validation_statistics", "venue_positions",
    "verification_progress", "verified_legs", "webhooks", "worker_reports",
}  # fmt: skip
TABLES = """
    SELECT c.relname
    FROM pg_class c
    WHERE c.relnamespace = 'pms'::regnamespace
        AND c.relkind IN ('r', 'p')
        AND NOT c.relispartition
"""
MONTHS = 15
SHORT = """
    UPDATE pms.settings
    SET snapshot_retention = '90 days', portfolio_history_retention = '90 days',
        audit_retention = '90 days', event_retention = '90 days', price_retention = '90 days',
        record_retention = '90 days', rejected_retention = '90 days'
"""
# What no call of the test leaves behind.
SEEDS = """
    INSERT INTO pms.validations (origin, is_fixing) VALUES ('request', TRUE), ('request', FALSE);
    INSERT INTO pms.verifications DEFAULT VALUES;
    INSERT INTO pms.backups (taken_at, is_verified, stored_in, size_bytes)
    SELECT now() - n * interval '1 day', TRUE, '/backups', 1 FROM generate_series(1, 30) n;
    INSERT INTO pms.refused_events (number, id, type, payload, created_at)
    SELECT coalesce(max(r.number), 0) + 1, gen_random_uuid(), 'position_updated', '{}', now()
    FROM pms.refused_events r;
    INSERT INTO pms.discrepancies (
        account, id, asset, mode, leg, kind, field, proposal, is_fixable, status, first_seen_at,
        last_seen_at, opened_at, closed_at
    )
    SELECT
        'main', gen_random_uuid(), 'BTCUSDT', 'one-way', 'net', 'rule', 'f', 'p', FALSE, s.status,
        now(), now(), now(), CASE WHEN s.status <> 'open' THEN now() END
    FROM unnest('{resolved,fixed}'::text[]) s (status);
    INSERT INTO pms.limit_breaches (
        account, limit_id, asset, metric, breach_level, began_at, ended_at, peak_value, peak_at
    )
    VALUES ('main', 'main/*/gross_exposure', '*', 'gross_exposure', 1, now(), now(), 2, now());
    INSERT INTO pms.idempotency_keys (key_id, request_key, command, digest)
    VALUES ('first', gen_random_uuid()::text, 'c', '');
    DELETE FROM pms.outbox;
"""
STANDING = """
    INSERT INTO pms.discrepancies (
        account, id, asset, mode, leg, kind, field, proposal, is_fixable, status, first_seen_at,
        last_seen_at, opened_at, closed_at, decided_by
    )
    SELECT
        'main', gen_random_uuid(), 'BTCUSDT', 'one-way', 'net', 'rule', s.status, 'p', FALSE,
        s.status, t.at, t.at, t.at, CASE WHEN s.status <> 'open' THEN t.at END, 'somebody'
    FROM unnest('{open,dismissed,resolved}'::text[]) s (status)
    CROSS JOIN (SELECT now() - interval '500 days' AS at) t;
    INSERT INTO pms.limit_breaches (
        account, limit_id, asset, metric, breach_level, began_at, ended_at, peak_value, peak_at
    )
    SELECT
        'main', l.id, '*', 'gross_exposure', 1, t.at, CASE WHEN l.id = 'over' THEN t.at END, 2, t.at
    FROM unnest('{open,over}'::text[]) l (id)
    CROSS JOIN (SELECT now() - interval '500 days' AS at) t;
    INSERT INTO pms.backups (taken_at, is_verified, stored_in, size_bytes)
    SELECT now() - d.days * interval '1 day', d.is_verified, d.days::text, 1
    FROM (VALUES (700, TRUE), (600, TRUE), (500, FALSE)) d (days, is_verified);
"""


def growing() -> set[str]:
    """The tables that have a retention, by the document."""
    return {name for row in ROWS for name in NAME.findall(row[0]) if name not in {"pms"}}


def shift(owner: psycopg.Connection[Any], span: timedelta) -> None:
    """Let time pass for the tables with a retention: their times move into the past."""
    columns = owner.execute(
        """
        SELECT c.oid::regclass::text, array_agg(a.attname::text)
        FROM pg_class c
        INNER JOIN pg_attribute a ON c.oid = a.attrelid
        WHERE c.relnamespace = 'pms'::regnamespace
            AND c.relname = ANY (%s)
            AND a.atttypid = 'timestamptz'::regtype
            AND NOT a.attisdropped
        GROUP BY c.oid
        """,
        [[*(growing() - {"checkpoints"}), "equity_marks", "portfolio_history_extent"]],
    ).fetchall()
    for table, names in columns:
        # A row of each day: it must not meet one that has yet to move.
        steps = (-365_000, 365_000 - span.days) if table == "pms.table_sizes" else (-span.days,)
        for days in steps:
            changes = ", ".join(f"{name} = {name} + interval '{days} days'" for name in names)
            owner.execute(f"UPDATE {table} SET {changes}".encode())


def test_every_table_has_a_retention_or_a_reason_to_stay(queries: OwnerQueries) -> None:
    tables = {row["relname"] for row in queries.rows(TABLES)}
    stays = set(NAME.findall(SECTION.split("The ledger stays")[1].split("\n\n")[0]))

    assert tables == growing() | stays | STATE
    assert not (growing() & stays) | ((growing() | stays) & STATE)


def test_the_document_names_settings_and_jobs(queries: OwnerQueries) -> None:
    jobs = {row["job"] for row in queries.rows("SELECT j.job FROM pms.jobs j")}
    settings = {name for row in ROWS for name in re.findall(r"`([A-Z_]+)`", row[2])}

    assert {name for row in ROWS for name in NAME.findall(row[3])} <= jobs
    assert {name.lower() for name in settings} <= set(ServiceSettings.model_fields)


def test_no_table_grows_in_a_year(
    ledger: Ledger, queries: OwnerQueries, database: Database
) -> None:
    counts: list[dict[str, int]] = []
    with psycopg.connect(database.dsn(), autocommit=True) as owner:
        owner.execute(SHORT)
        for month in range(MONTHS):
            day = queries.now() - timedelta(minutes=30)
            ledger.price(ticker("100", str(day)))
            ledger.apply(fill(f"a{month}", "Buy", "2", "100", at=str(day)))
            ledger.apply(fill(f"b{month}", "Sell", "1", "110", at=str(day)))
            ledger.apply(fill(f"late{month}", "Buy", "1", "90", at=str(day - timedelta(hours=1))))
            ledger.apply(fill(f"a{month}", "Buy", "3", "100", at=str(day)))
            (waiting,) = queries.rows("SELECT c.id FROM pms.conflicts c WHERE c.status = 'waiting'")
            ledger.call("settle_conflict", id=str(waiting["id"]), decision="keep")
            ledger.call("create_snapshots")
            owner.execute(SEEDS)
            jobs = owner.execute("SELECT j.job FROM pms.jobs j ORDER BY j.job").fetchall()
            # The months into which rows were moved are made before any is dropped.
            for (job,) in [("maintain_partitions",), ("maintain_partitions",), *jobs]:
                said = owner.execute("CALL pms.run_job(%s)", [job]).fetchone()
                assert said is not None
                assert not said[0].startswith("failed"), (job, said)
            counts.append(
                {
                    name: queries.value(f"SELECT count(*) FROM pms.{name}")
                    for name in growing() - {"checkpoints"}
                }
            )
            shift(owner, timedelta(days=30))

    early, late = counts[4], counts[-1]
    grown = {name: (early[name], late[name]) for name in late if late[name] > 1.5 * early[name] + 2}
    assert grown == {}
    seeded = {"validations", "verifications", "restatements", "discrepancies", "limit_breaches",
              "backups", "refused_events", "snapshots", "price_bars", "conflicts"}  # fmt: skip
    assert {name for name in seeded if late[name] == 0} == set()
    queries.assert_sound()


def test_what_stands_is_kept_whatever_its_age(
    owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    owner.execute(STANDING)

    said = queries.value("CALL pms.run_job('purge_records')")

    assert said == "3 records deleted"
    left = "SELECT array_agg(status ORDER BY status) FROM pms.discrepancies"
    assert queries.value(left) == ["dismissed", "open"]
    assert queries.value("SELECT array_agg(limit_id) FROM pms.limit_breaches") == ["open"]
    kept = "SELECT array_agg(stored_in ORDER BY taken_at) FROM pms.backups"
    assert queries.value(kept) == ["600", "500"]


@pytest.mark.parametrize(("number", "kept"), [(3000, 3000), (6000, range(3000, 3800))])
def test_a_flood_of_records_is_bounded_by_bytes(
    owner: psycopg.Connection[Any], queries: OwnerQueries, number: int, kept: int | range
) -> None:
    # A row counts as some 350 bytes.
    owner.execute("UPDATE pms.settings SET record_max_bytes = 1400000")
    owner.execute(
        "INSERT INTO pms.validations (origin, is_fixing, started_at)"
        " SELECT 'request', FALSE, now() - n * interval '1 second' FROM generate_series(1, %s) n",
        [number],
    )

    queries.value("CALL pms.run_job('purge_records')")

    left = queries.value("SELECT count(*) FROM pms.validations")
    assert left in kept if isinstance(kept, range) else left == kept
    assert queries.value(
        "SELECT max(started_at) > now() - interval '2 minutes' FROM pms.validations"
    )


def test_growth_is_measured_per_day(owner: psycopg.Connection[Any], queries: OwnerQueries) -> None:
    queries.value("CALL pms.run_job('measure_tables')")
    first = queries.value("SELECT pms.storage()")
    owner.execute("UPDATE pms.table_sizes SET measured_at = measured_at - interval '2 days'")
    owner.execute(
        "INSERT INTO pms.validations (origin, is_fixing)"
        " SELECT 'request', FALSE FROM generate_series(1, 10000)"
    )

    queries.value("CALL pms.run_job('measure_tables')")

    storage = queries.value("SELECT pms.storage()")
    assert (first["growth_bytes_per_day"], len(first["tables"])) == (None, 20)
    grown = queries.value("SELECT pg_total_relation_size('pms.validations')")
    assert storage["tables"]["validations"]["bytes"] == grown
    per_day = storage["tables"]["validations"]["growth_bytes_per_day"]
    assert grown / 2 - 50_000 < per_day <= grown / 2
    newest = "SELECT max(s.measured_at) FROM pms.table_sizes s"
    sizes = f"SELECT sum(bytes)::bigint FROM pms.table_sizes WHERE measured_at = ({newest})"
    assert storage["bytes"] == queries.value(sizes)
    text = queries.value("SELECT api.get_metrics_text()::text")
    assert f'position_manager_table_bytes{{table="validations"}} {grown}\n' in text
    assert f'growth_bytes_per_day{{table="validations"}} {per_day}\n' in text
