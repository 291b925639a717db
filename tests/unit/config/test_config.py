"""The environment is validated strictly: an unknown variable is refused by name."""

from __future__ import annotations

from decimal import Decimal

import pytest
from psycopg.conninfo import conninfo_to_dict

from position_manager.config.environment import load
from position_manager.config.settings import ConfigError


def refusal(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> str:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as refused:
        load()
    return str(refused.value)


def test_defaults_match_the_contract() -> None:
    service = load().service

    assert service.port == 4800
    assert service.avg_price_diff_threshold == Decimal("0.001")
    assert service.size_validation_threshold == Decimal("0.0001")
    assert service.price_staleness_threshold == 300
    assert service.order_queues == ("order-manager.order_events", "order-manager.order_executed")


def test_an_unknown_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    error = refusal(monkeypatch, "POSITION_MANAGER_BATCHSIZE", "10")

    assert error.startswith("POSITION_MANAGER_BATCHSIZE is not a known setting")


@pytest.mark.parametrize(
    ("name", "value", "range_"),
    [
        ("PORT", "0", "a whole number from 1 to 65535"),
        ("PORT", "65536", "a whole number from 1 to 65535"),
        ("PORT", "http", "a whole number from 1 to 65535"),
        ("STACK_POSTGRES_PORT", "-1", "a whole number from 1 to 65535"),
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR or CRITICAL"),
        ("SNAPSHOT_INTERVAL", "0", "a whole number from 1 to 604800"),
        ("PRICE_RETENTION_DAYS", "0", "a whole number from 1 to 3650"),
        ("USE_WS_AVG_PRICE", "maybe", "true or false"),
        ("AVG_PRICE_DIFF_THRESHOLD", "1.1", "a number from 0 to 1"),
        ("AVG_PRICE_DIFF_THRESHOLD", "NaN", "a number from 0 to 1"),
        ("SIZE_VALIDATION_THRESHOLD", "Infinity", "a number from 0 to 1000000"),
        ("RATE_LIMIT_OVERRIDES", "ui", "name:limit,… with each name once"),
        ("RATE_LIMIT_OVERRIDES", "ui:0", "name:limit,… with each name once"),
        ("RATE_LIMIT_OVERRIDES", "ui:1,ui:2", "name:limit,… with each name once"),
        ("PORTFOLIO_MAX_EXPOSURE_USDT", "0", "a number above 0 and at most 1000000000000000000"),
        ("BATCH_SIZE", "10001", "a whole number from 1 to 10000"),
        ("PRICE_API_URL", "ftp://x", "an address that starts with http:// or https://"),
        # A batch may take this long.
        ("HANG_LIMIT", "124", "a whole number from 125 to 86400"),
        ("PRICE_API_TIMEOUT", "6", "a whole number from 1 to 5"),
        ("ORDER_QUEUES", ",", "1 to 20 queue names"),
        ("ORDER_QUEUES", "a b", "1 to 20 queue names"),
    ],
)
def test_a_value_out_of_range_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, range_: str
) -> None:
    error = refusal(monkeypatch, f"POSITION_MANAGER_{name}", value)

    assert error.startswith(f"POSITION_MANAGER_{name}={value} is invalid: it must be {range_}")


def test_all_refusals_are_reported_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSITION_MANAGER_BATCH_SIZE", "0")
    error = refusal(monkeypatch, "POSTGRES_PORT", "0")

    assert [line.split("=")[0] for line in error.splitlines()] == [
        "POSITION_MANAGER_BATCH_SIZE",
        "POSTGRES_PORT",
    ]


@pytest.mark.parametrize(
    ("hosts", "ports", "servers"),
    [
        ("db1", "5433", {"host": "db1", "port": "5433"}),
        ("db1, db2", "5433", {"host": "db1,db2", "port": "5433"}),
        ("db1,::1", "5433,5434", {"host": "db1,::1", "port": "5433,5434"}),
    ],
)
def test_of_several_servers_the_one_that_accepts_writes_is_used(
    monkeypatch: pytest.MonkeyPatch, hosts: str, ports: str, servers: dict[str, str]
) -> None:
    monkeypatch.setenv("POSTGRES_HOST", hosts)
    monkeypatch.setenv("POSTGRES_PORT", ports)
    found = conninfo_to_dict(load().postgres.conninfo("test"))

    assert {name: found[name] for name in servers} == servers
    assert found.get("target_session_attrs") == ("read-write" if "," in hosts else None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("POSTGRES_HOST", ","),
        ("POSTGRES_HOST", "db1;db2"),
        ("POSTGRES_HOST", "db1 port=1"),
        ("POSTGRES_PORT", "5432,x"),
        ("POSTGRES_PORT", "1,2,3"),
    ],
)
def test_a_refused_list_of_servers_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv("POSTGRES_HOST", "db1,db2")
    error = refusal(monkeypatch, name, value)

    assert error.startswith(f"{name}={value} is invalid: it must be ")


def test_a_refused_key_is_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    error = refusal(monkeypatch, "POSITION_MANAGER_API_KEY", "ge heim?!")

    assert "heim" not in error
    assert error.endswith("it must be 8 to 200 letters, digits and . _ ~ + / = -")


def test_an_empty_value_counts_as_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSITION_MANAGER_PORTFOLIO_MAX_EXPOSURE_USDT", "")

    assert load().service.portfolio_max_exposure_usdt is None


def test_client_variables_are_not_unknown_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSITION_MANAGER_URL", "http://127.0.0.1:4800")

    load()


def test_amounts_reach_the_database_as_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSITION_MANAGER_AVG_PRICE_DIFF_THRESHOLD", "0.00250")
    monkeypatch.setenv("POSITION_MANAGER_RATE_LIMIT_OVERRIDES", "ui:1000, risk-manager:200")
    settings = load().service.for_database()

    assert settings["avg_price_diff_threshold"] == "0.00250"
    assert settings["rate_limit_overrides"] == {"ui": 1000, "risk-manager": 200}
    assert "api_key" not in settings


def test_a_child_process_reads_the_same_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSITION_MANAGER_PRICE_QUEUES", "a,b")
    monkeypatch.setenv("POSITION_MANAGER_USE_WS_AVG_PRICE", "no")
    monkeypatch.setenv("POSITION_MANAGER_RATE_LIMIT_OVERRIDES", "ui:1000,risk:200")
    monkeypatch.setenv("POSITION_MANAGER_API_KEY", "pms_a_secret")
    first = load().service

    passed_on = first.environment()
    for name, value in passed_on.items():
        monkeypatch.setenv(name, value)

    assert load().service == first
    assert "POSITION_MANAGER_API_KEY" not in passed_on
