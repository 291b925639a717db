"""Amounts in a reporting currency, by the command line and over HTTP."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli
from tests.helpers.service import Service, assert_refused

# A profit of 110 USDT at 1.1 USDT for one is 100; at 1.25 it is worth 88.
THEN, NOW = "1.1", "1.25"


@pytest.fixture(scope="module")
def service(stack: Stack) -> Service:
    return Service(stack)


@pytest.fixture(scope="module")
def traded(service: Service) -> Mapping[str, str]:
    """An account with a profit of before, and a currency whose rate has changed since."""
    name = uuid.uuid4().hex[:8]
    account, asset, currency = f"in-{name}", f"R{name.upper()}USDT", f"CUR{name.upper()}"
    now = datetime.now(UTC)
    before = now - timedelta(minutes=30)
    rated_at = before - timedelta(seconds=9)
    service.mark(f"{currency}USDT", THEN, timestamp=rated_at.isoformat())
    service.fill(account, asset, "2", "100", executed_at=before.isoformat())
    service.fill(account, asset, "-2", "155", executed_at=before.isoformat())
    service.mark(f"{currency}USDT", NOW, timestamp=now.isoformat())
    return {"account": account, "currency": currency, "asset": asset}


def test_the_portfolio_and_pnl_show_the_currency(
    cli: Cli, service: Service, traded: Mapping[str, str]
) -> None:
    account, currency = traded["account"], traded["currency"]
    asked = {"account": account, "currency": currency.lower()}
    arguments = ("--account", account, "--currency", currency)

    for path, command in (("portfolio", "portfolio"), ("portfolio/pnl", None)):
        answer = service.get(f"/api/v1/{path}", params=asked).json()["reporting"]
        assert (answer["currency"], answer["rate"]) == (currency, NOW)
        assert (answer["total_realized_pnl"], answer["currency_effect"]) == ("100", "-12")
        if command:
            assert json.loads(cli(command, *arguments, "--json").stdout)["reporting"] == answer
    exposure = service.get("/api/v1/portfolio/exposure", params=asked).json()["reporting"]
    assert (exposure["total_exposure"], exposure["currency"]) == ("0", currency)
    assert_refused(service.get("/api/v1/portfolio", params={"currency": "E R"}), 400, "currency")

    shown = cli("portfolio", *arguments).stdout
    assert "+100.00000000" in shown
    assert "-12.00000000" in shown
    assert f"1 {currency}" in shown
    plain = cli("portfolio", "--account", account).stdout
    assert "+110.00" in plain
    assert "currency effect" not in plain


def test_periods_show_the_currency(cli: Cli, service: Service, traded: Mapping[str, str]) -> None:
    account, currency = traded["account"], traded["currency"]
    asked = {"account": account, "currency": currency, "by": "month"}

    found = service.get("/api/v1/portfolio/pnl", params=asked).json()
    assert found == service.get("/api/v1/portfolio/pnl/periods", params=asked).json()
    assert found["reporting"]["currency"] == currency
    assert sum(float(each["reporting"]["realized"]) for each in found["periods"]) == 100
    assert sum(float(each["reporting"]["currency_effect"]) for each in found["periods"]) == -12

    arguments = ("pnl", "--by", "month", "--account", account, "--currency")
    assert json.loads(cli(*arguments, currency, "--json").stdout) == found
    shown = cli(*arguments, currency).stdout
    assert "+100.00000000" in shown
    assert "currency effect" in shown
    missing = cli(*arguments, "XXX").stdout
    assert "without a rate" in missing
