"""The alerts and dashboards of ``ops/`` query existing metrics and views."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml
from psycopg.types.json import Jsonb

from position_manager.paths import ROOT
from position_manager.worker.rate_limit_sync.requests import Request, RequestCounters
from position_manager.worker.report import Counters
from tests.conftest import Database
from tests.helpers.composefile import environment, services
from tests.helpers.prometheus import (
    ALERTS,
    check_expressions,
    check_metrics,
    firing,
    promtool,
)

OPS = ROOT / "ops"
GRAFANA = OPS / "grafana"
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
DATASOURCES = GRAFANA / "provisioning" / "datasources" / "position-manager.yml"
TIME_FILTER = re.compile(r"\$__timeFilter\(([^)]+)\)")
NAME = re.compile(r"position_manager_[a-z_]+")
LABELS = re.compile(r"(?:by \(|\{)([a-z, ]+)(?:\)|=|!)")

FILL = {
    "event_type": "order_executed",
    "order_id": "o",
    "execution_id": "e",
    "asset": "BTCUSDT",
    "side": "buy",
    "execution_quantity": "1",
    "execution_price": "100",
}
PRICE = {"event_type": "ticker", "payload": {"symbol": "BTCUSDT", "mark_price": "101"}}
LINE = {
    "key_id": "pms_abc",
    "key": "abc",
    "address": "127.0.0.1",
    "method": "GET",
    "path": "/health",
    "status": "429",
    "seconds": "0.1",
    "upstream_status": "",
}


def expressions() -> Iterator[str]:
    """Every expression that queries Prometheus."""
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    for target in targets("prometheus"):
        yield target["expr"].replace("$__rate_interval", "1m")


def targets(kind: str) -> Iterator[dict[str, Any]]:
    """Every query of the dashboards to a kind of data source."""
    for dashboard in DASHBOARDS:
        for panel in json.loads(dashboard.read_text())["panels"]:
            if panel["datasource"]["type"] == kind:
                yield from panel["targets"]


@pytest.fixture(scope="module")
def metrics(shared_database: Database) -> str:
    """The complete metrics for Prometheus."""
    worker, requests = Counters(), RequestCounters()
    worker.batch("prices", {"applied": 1}, 1.0)
    requests.count(Request.of_log(LINE))
    status: dict[str, Any] = worker.snapshot()
    status |= {"queue_connected": True, "queue_depths": {"q": 1}, "queue_ages": {"q": 1.0}}
    status |= {"queue_consumers": {"q": 1}}
    with psycopg.connect(shared_database.dsn(), autocommit=True) as connection:
        for function, message in (
            ("pms.apply_order_events", FILL),
            ("pms.apply_prices", PRICE),
        ):
            connection.execute(f"SELECT {function}(%s::jsonb[])".encode(), [[Jsonb(message)]])
        for part, report in (("ingest", status), ("gateway", requests.snapshot())):
            connection.execute("SELECT pms.report_worker(%s, %s)", [part, Jsonb(report)])
        connection.execute("SELECT api.set_limit('gross_exposure', '1')")
        connection.execute("CALL pms.run_job('check_limits')")
        connection.execute("CALL pms.run_job('record_portfolio_history')")
        connection.execute("SELECT pms.verify_ledger()")
        connection.execute(
            "INSERT INTO pms.job_runs (job, started_by, status, finished_at)"
            " VALUES ('verify_ledger', 'hand', 'succeeded', now())"
        )
        return scraped(connection)


def scraped(connection: psycopg.Connection[Any]) -> str:
    """The metrics for Prometheus."""
    row = connection.execute("SELECT api.get_metrics_text()::text").fetchone()
    assert row is not None
    return str(row[0])


def test_metrics_of_the_ops_files_exist(metrics: str) -> None:
    names = set(re.findall(r"^(position_manager_[a-z_]+)", metrics, re.MULTILINE))

    asked = {name for expression in expressions() for name in NAME.findall(expression)}
    assert asked - names == set()
    assert len(asked) > 20


def test_labels_of_the_ops_files_exist(metrics: str) -> None:
    labels = set(re.findall(r'[{,]([a-z]+)="', metrics)) | {"job"}

    asked = {
        label.strip()
        for expression in expressions()
        for found in LABELS.findall(expression)
        for label in found.split(",")
    }
    assert asked - labels == set()


def test_every_alert_describes_the_fault_and_the_remedy() -> None:
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        for rule in group["rules"]:
            assert set(rule["annotations"]) == {"summary", "action"}, rule["alert"]
            assert rule["labels"]["severity"] in ("info", "warning", "critical")


def test_the_alert_on_failed_requests_leaves_out_the_health_of_a_start() -> None:
    rules = [
        rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]
    ]
    (expression,) = [
        rule["expr"] for rule in rules if rule["alert"] == "PositionManagerUnavailable"
    ]
    selectors = re.findall(r"http_requests_total(?:{([^}]*)})?", expression)

    assert len(selectors) == 2
    assert all('path!="/health"' in selector for selector in selectors)


def test_prometheus_takes_the_metrics_and_the_expressions(metrics: str, tmp_path: Path) -> None:
    check_metrics(metrics)
    check_expressions(expressions(), tmp_path)


def test_alerts_fire_when_they_should() -> None:
    promtool("test", "rules", Path(__file__).with_name("alerts.yml"))


def test_a_breached_limit_is_an_alert(metrics: str, tmp_path: Path) -> None:
    (alert,) = [each for each in firing(tmp_path, metrics) if "portfolio/gross_exposure" in each]
    assert 'alertname="PositionManagerLimitBreached"' in alert


def test_no_alert_fires_on_a_fresh_install(database: Database, tmp_path: Path) -> None:
    report = {"queue_connected": True, "queue_depths": {"q": 0}, "queue_ages": {"q": 0.0}}
    with psycopg.connect(database.dsn(), autocommit=True) as connection:
        for part in ("ingest", "relay"):
            connection.execute("SELECT pms.report_worker(%s, %s)", [part, Jsonb(report)])
        connection.execute("SELECT pms.report_stream(%s)", [Jsonb({"database_connected": True})])
        # In a minute, pg_cron runs each job.
        for (job,) in connection.execute("SELECT j.job FROM pms.jobs j").fetchall():
            connection.execute("CALL pms.run_job(%s)", [job])
        assert firing(tmp_path, scraped(connection)) == []


def test_an_analyst_may_run_the_statements_of_the_dashboards(database: Database) -> None:
    statements = [target["rawSql"] for target in targets("grafana-postgresql-datasource")]
    with psycopg.connect(database.dsn("pms_analyst"), autocommit=True) as analyst:
        for statement in statements:
            # As Grafana replaces it.
            spelled = TIME_FILTER.sub(r"\1 BETWEEN '2026-01-01Z' AND '2026-01-08Z'", statement)
            analyst.execute(spelled.encode())
    assert len(statements) > 3


def test_the_dashboards_have_their_own_data_sources() -> None:
    provided = {
        (source["uid"], source["type"])
        for source in yaml.safe_load(DATASOURCES.read_text())["datasources"]
    }
    panels = [panel for file in DASHBOARDS for panel in json.loads(file.read_text())["panels"]]

    assert {(it["datasource"]["uid"], it["datasource"]["type"]) for it in panels} == provided
    assert len(DASHBOARDS) == 2
    assert len({json.loads(file.read_text())["uid"] for file in DASHBOARDS}) == 2


def test_compose_gives_grafana_what_its_files_name() -> None:
    grafana = services()["grafana"]
    used = set(re.findall(r"\$([A-Z_]+)", DATASOURCES.read_text()))
    mounted = dict(volume.split(":")[:2] for volume in grafana["volumes"])
    (provider,) = yaml.safe_load(
        (GRAFANA / "provisioning" / "dashboards" / "position-manager.yml").read_text()
    )["providers"]

    assert used <= set(environment(grafana))
    assert mounted["./ops/grafana/dashboards"] == provider["options"]["path"]


@pytest.mark.parametrize("targets", ["targets.yml", "targets.compose.yml"])
def test_prometheus_takes_its_configuration(targets: str, tmp_path: Path) -> None:
    folder = tmp_path / "prometheus"
    shutil.copytree(ALERTS.parent, folder)
    shutil.copy(ALERTS.parent / targets, folder / "targets.yml")
    (folder / "position-manager.key").write_text("pms_prometheus_secret")

    assert "SUCCESS" in promtool("check", "config", folder / "prometheus.yml")
