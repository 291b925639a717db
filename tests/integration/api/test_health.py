"""/health and /metrics, with everything running."""

from __future__ import annotations

import re

from tests.helpers.service import Service, is_decimal, is_time

SAMPLE = re.compile(r'position_manager_[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[\d.]+')


def test_health_is_reported(service: Service, account: str) -> None:
    service.fill(account)

    answer = service.get("/health", key=None)

    assert answer.status_code == 200
    body = answer.json()
    assert (
        body
        | {
            "status": "healthy",
            "service": "position-manager",
            "database_connected": True,
            "queue_connected": True,
            "stream_connected": True,
        }
        == body
    )
    assert is_time(body["timestamp"])
    for name in (
        "positions_count",
        "worker_lag_ms",
        "outbox_depth",
        "dead_letters",
        "positions_needing_review",
        "assumed_instruments_count",
        "newest_fill_age_seconds",
    ):
        assert type(body[name]) is int, name
    assert body["positions_count"] > 0
    assert sum(body["reviews"].values()) >= body["positions_needing_review"]
    # pg_cron may have verified the ledger, or not yet.
    assert (body["ledger_verified_at"] is None) == (body["ledger_discrepancies"] is None)
    assert body["newest_price_age_seconds"] is None or body["newest_price_age_seconds"] >= 0


def test_metrics_are_json_by_default(service: Service) -> None:
    for accept in ("*/*", "application/json", "text/html"):
        answer = service.get("/metrics", key=None, headers={"Accept": accept})
        assert answer.headers["content-type"].startswith("application/json")

    body = answer.json()
    assert (body["database_connected"], body["queue_connected"]) == (True, True)
    assert is_time(body["timestamp"])
    assert is_decimal(body["portfolio_cache_hit_rate"])
    assert set(body["validation_statistics"]) == {
        "total_validations",
        "total_discrepancies",
        "total_fixes",
        "total_errors",
    }
    assert set(body["worker"]) == {"ingest", "relay", "stream"}


def test_metrics_are_served_in_prometheus_format(service: Service) -> None:
    asked = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4"

    answer = service.get("/metrics", key=None, headers={"Accept": asked})

    assert answer.headers["content-type"].startswith("text/plain")
    lines = answer.text.splitlines()
    samples = [line for line in lines if not line.startswith("#")]
    assert all(SAMPLE.fullmatch(sample) for sample in samples)
    assert "position_manager_queue_connected 1" in samples
    assert "position_manager_stream_connected 1" in samples
    declared = [line.split()[2] for line in lines if line.startswith("# TYPE")]
    assert len(declared) == len(set(declared))
    histograms = {line.split()[2] for line in lines if re.fullmatch("# TYPE .* histogram", line)}
    parts = {f"{name}_{part}": name for name in histograms for part in ("bucket", "sum", "count")}
    named = {re.split("[{ ]", sample)[0] for sample in samples}
    assert {parts.get(name, name) for name in named} == set(declared)


def test_validations_are_counted(service: Service, account: str, asset: str) -> None:
    def total() -> int:
        statistics = service.get("/metrics", key=None).json()["validation_statistics"]
        count: int = statistics["total_validations"]
        return count

    service.fill(account, asset)
    before = total()
    service.post(f"/api/v1/positions/{asset}/validate", params={"account": account})

    assert total() > before


def test_scrapes_one_after_another_are_answered(service: Service) -> None:
    assert {service.get("/metrics", key=None).status_code for _ in range(30)} == {200}
