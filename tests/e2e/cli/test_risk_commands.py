"""``risk-limits``, ``check`` and ``history``."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from position_manager.cli.chart import chart, sampled, signed_bars
from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli
from tests.helpers.service import Service

ASSET = "RISKUSDT"


@pytest.fixture
def account(stack: Stack) -> Iterator[str]:
    """An account with 1000 USDT, long 2 RISKUSDT at 100, now 110; deleted after the test."""
    account = f"risk-{uuid.uuid4().hex[:12]}"
    service = Service(stack)
    # Before the first fill: the stack records portfolio history on its own.
    service.query("SELECT api.set_capital(1000, %s, '2025-01-01')", account)
    service.fill(account, ASSET, "2", "100", execution_fees="1")
    service.mark(ASSET, "110")
    yield account
    with psycopg.connect(stack.context.dsn()) as conn:
        for table in ("limits", "capital", "portfolio_history", "equity_marks"):
            conn.execute(f"DELETE FROM pms.{table} WHERE account = %s".encode(), [account])


def test_a_limit_is_set_listed_and_removed(cli: Cli, account: str) -> None:
    done = cli("risk-limits", "set", "net_exposure", "300", "--warn", "200.5", "-a", account)
    limit = f"account/{account}/net_exposure"
    assert done.exit_code == 0, done.output
    assert done.output == f"{limit}: breach above 300, warning above 200.5\n"

    (shown,) = json.loads(cli("risk-limits", "list", "-a", account, "--json").output)["limits"]
    assert (shown["id"], shown["value"], shown["level"]) == (limit, "220", "warn")
    assert "73.3 %" in cli("risk-limits", "list", "-a", account).output
    assert limit in cli("portfolio", "-a", account).output

    assert cli("risk-limits", "remove", limit).exit_code == 0
    again = cli("risk-limits", "remove", limit)
    assert again.exit_code == 1
    assert "refused: no such limit" in again.output
    assert "no limits are set" in cli("risk-limits", "list", "-a", account).output


def test_a_limit_may_be_cleared_at_a_lower_level(cli: Cli, account: str) -> None:
    done = cli("risk-limits", "set", "net_exposure", "300", "--clear", "250", "-a", account)

    assert done.output == f"account/{account}/net_exposure: breach above 300, cleared at 250\n"
    (shown,) = json.loads(cli("risk-limits", "list", "-a", account, "--json").output)["limits"]
    assert shown["clear_level"] == "250"
    listed = cli("risk-limits", "list", "-a", account)
    assert "cleared at" in listed.stdout
    assert "250.00" in listed.stdout

    # Another limit in its place has no such level.
    cli("risk-limits", "set", "net_exposure", "300", "--warn", "280", "-a", account)
    assert "cleared at" not in cli("risk-limits", "list", "-a", account).stdout


def test_an_invalid_limit_is_refused_with_a_message(cli: Cli) -> None:
    refused = cli("risk-limits", "set", "exposure_share", "2")

    assert refused.exit_code == 1
    assert "breach_level must be above 0 and at most 1" in refused.output


def test_a_limit_is_set_by_a_field_in_percent(cli: Cli, account: str) -> None:
    done = cli("risk-limits", "set", "total_exposure_usdt", "300", "-a", account)
    share = cli("risk-limits", "set", "exposure_share", "20%", "--warn", "12.5 %", "-a", account)
    unknown = cli("risk-limits", "set", "leverage", "3", "-a", account)
    malformed = cli("risk-limits", "set", "exposure_share", "a fifth", "-a", account)

    assert done.output == f"account/{account}/gross_exposure: breach above 300\n"
    assert "breach above 0.20, warning above 0.125" in share.output
    assert unknown.exit_code == malformed.exit_code == 2
    assert "must be one of gross_exposure, net_exposure" in " ".join(unknown.stderr.split())
    assert "or a percentage such as 20%" in " ".join(malformed.stderr.split())
    listed = cli("risk-limits", "list", "-a", account, width=80).stdout
    assert "20.0 %" in listed
    assert "220.00 of 300.00" in cli("portfolio", "-a", account).stdout


def test_a_check_shows_the_limits_that_it_concerns(cli: Cli, account: str) -> None:
    cli("risk-limits", "set", "position_size", "3", "-a", account, "--asset", "OTHERUSDT")
    cli("risk-limits", "set", "position_size", "3", "-a", account, "--asset", ASSET)
    shown = cli("check", ASSET, "buy", "1", "--price", "1000", "-a", account).stdout

    assert f"asset/{account}/{ASSET}/position_size" in shown
    assert "OTHERUSDT" not in shown
    assert f"buy 1 {ASSET} at 1,000" in shown


def test_breaches_are_listed(cli: Cli, stack: Stack, account: str) -> None:
    cli("risk-limits", "set", "gross_exposure", "219", "-a", account)
    with psycopg.connect(stack.context.dsn()) as conn:
        conn.execute("SELECT pms.check_limits(NULL)")

    listed = cli("risk-limits", "breaches", "-a", account)
    (breach,) = json.loads(cli("risk-limits", "breaches", "-a", account, "--json").output)[
        "breaches"
    ]

    assert "ongoing" in listed.output
    assert (breach["peak_value"], breach["ended_at"]) == ("220", None)


def test_a_breach_is_acknowledged_with_a_note(cli: Cli, stack: Stack, account: str) -> None:
    def listed() -> dict[str, Any]:
        (breach,) = json.loads(cli("risk-limits", "breaches", "-a", account, "--json").output)[
            "breaches"
        ]
        return dict(breach)

    cli("risk-limits", "set", "gross_exposure", "219", "-a", account)
    with psycopg.connect(stack.context.dsn()) as conn:
        conn.execute("SELECT pms.check_limits(NULL)")
    before = listed()

    done = cli("risk-limits", "acknowledge", str(before["id"]), "--note", "within the mandate")
    unknown = cli("risk-limits", "acknowledge", "999999999")

    assert done.exit_code == 0, done.output
    after = listed()
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"acknowledged_at", "acknowledged_by", "note"}
    assert (after["acknowledged_by"], after["note"]) == ("pms_operator", "within the mandate")
    cli("risk-limits", "acknowledge", str(before["id"]))
    assert listed()["note"] == "within the mandate"
    assert (unknown.exit_code, "no breach 999999999" in unknown.output) == (1, True)


def test_a_check_reports_the_verdict_on_a_fill(cli: Cli, account: str) -> None:
    cli("risk-limits", "set", "gross_exposure", "400", "-a", account)
    asked = ("check", ASSET, "buy", "1", "--price", "111", "--fee", "0.5", "-a", account)

    allowed = cli(*asked)
    refused = cli("check", ASSET, "buy", "2", "-a", account, "--json")

    assert allowed.exit_code == 0, allowed.output
    assert "103.66667" in allowed.output
    assert "82.5 %" in allowed.output
    assert refused.exit_code == 3
    assert not json.loads(refused.output.splitlines()[0])["allowed"]
    assert f"not allowed: it would breach account/{account}/gross_exposure\n" in refused.output
    assert json.loads(refused.output.splitlines()[0])["newly_breached"] == [
        f"account/{account}/gross_exposure"
    ]
    assert cli("check", ASSET, "hold", "1").exit_code == 1


def test_a_refusal_tells_new_breaches_from_those_that_it_worsens(cli: Cli, account: str) -> None:
    cli("risk-limits", "set", "gross_exposure", "219", "-a", account)
    cli("risk-limits", "set", "order_size", "100", "-a", account)
    refused = cli("check", ASSET, "buy", "1", "-a", account)
    reduced = cli("check", ASSET, "sell", "0.5", "-a", account)

    assert refused.exit_code == 3
    assert (
        f"not allowed: it would breach account/{account}/order_size and worsen the breach of"
        f" account/{account}/gross_exposure" in refused.output
    )
    assert reduced.exit_code == 0, reduced.output


def test_the_history_is_charted_and_listed(cli: Cli, stack: Stack, account: str) -> None:
    with psycopg.connect(stack.context.dsn()) as conn:
        conn.execute("SELECT pms.capture_portfolio(now())")

    days = cli("history", "-a", account)
    (minute,) = json.loads(cli("history", "--by", "minute", "-a", account, "--json").output)[
        "history"
    ]

    assert days.exit_code == 0, days.output
    assert "1,019.00" in days.output
    assert "+1.90 %" in days.output
    assert minute["equity_usdt"] == "1019"
    assert "220.00" in cli("history", "--by", "minute", "-a", account).output


def test_pnl_is_listed_by_period_in_a_time_zone(cli: Cli, account: str) -> None:
    asked = ("pnl", "--by", "month", "--time-zone", "Asia/Kathmandu", "-a", account)
    listed = cli(*asked)
    found = json.loads(cli(*asked, "--json").output)
    held = cli(*asked, "--positions")
    refused = cli("pnl", "--time-zone", "Asia/Katmandoo")

    assert listed.exit_code == 0, listed.output
    assert "1,019.00" in listed.output
    assert "+1.90 %" in listed.output
    assert found["time_zone"] == "Asia/Kathmandu"
    assert found["periods"][0]["net_pnl_usdt"] == "19"
    assert ASSET in held.output
    assert refused.exit_code == 1
    assert "time_zone: must be an IANA time zone" in refused.output
    assert "no PnL in that time" in cli("pnl", "-a", "never-traded").output


def test_an_account_without_a_history_is_reported(cli: Cli) -> None:
    assert "no portfolio history yet" in cli("history", "-a", "never-traded").output


def test_capital_is_set(cli: Cli, stack: Stack, account: str) -> None:
    done = cli("history", "capital", "1500.5", "-a", account, "--from", "2099-01-01")
    refused = cli("history", "capital", "NaN", "-a", account)

    assert done.output == f"{account}: capital 1500.5 USDT, effective 2099-01-01 00:00:00\n"
    assert refused.exit_code == 1
    assert "refused: no such capital can be" in refused.output
    with psycopg.connect(stack.context.dsn()) as conn:
        kept = conn.execute(
            "SELECT c.amount, c.effective_at = '2099-01-01Z' FROM pms.capital c"
            " WHERE c.account = %s AND c.effective_at > now()",
            [account],
        ).fetchall()
    assert kept == [(Decimal("1500.5"), True)]


def test_a_chart_rises_from_its_lowest_value_to_its_highest() -> None:
    assert chart([Decimal(value) for value in (1, 2, 3)], 10, 2) == ["3.00   █", "1.00 ▁██"]
    assert chart([Decimal(5)], 10, 1) == ["5.00 ▁"]


def test_a_wide_chart_keeps_the_last_value() -> None:
    assert sampled([Decimal(value) for value in range(10)], 4) == [1, 4, 6, 9]


def test_losses_are_drawn_to_the_left_and_gains_to_the_right() -> None:
    values = [Decimal(value) for value in ("100", "-50", "0", "-1")]
    assert signed_bars(values, 4) == ["    │▇▇▇▇", "  ▇▇│    ", "    │    ", "    │    "]
    assert signed_bars([Decimal(0)], 2) == ["  │  "]
