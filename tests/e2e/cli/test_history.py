"""The history commands, on a separate ledger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.helpers.commands import Cli
from tests.helpers.ledger import Ledger, ticker
from tests.helpers.messages import at, bust, buy, correction, funding, sell

if TYPE_CHECKING:
    from tests.conftest import Database

ALWAYS = ("--from", "2025-01-01T00:00:00Z")


@pytest.fixture
def cli(database: Database) -> Cli:
    """The CLI on a history of one asset, with a second account and a hedge."""
    with psycopg.connect(database.dsn("pms_worker")) as worker:
        ledger = Ledger(worker, worker)
        ledger.apply(
            buy("a", "1.5", "50010.25", 1, fee="10.5"), sell("b", "0.5", "50100", 5, fee="3"),
            funding("f", "-4.25", at(60)), sell("c", "2", "49900.5", 90, fee="8"),
            buy("d", "1", "49000", 120),
        )  # fmt: skip
        ledger.apply(buy("late", "0.1", "50500", 3))
        ledger.apply(bust("late"))
        ledger.apply(correction("b", execution_price="50200.5"))
        ledger.apply(buy("e", "0.5", "48000", 130), buy("g", "0.25", "48100", 140))
        ledger.apply(buy("a", "9", "50010.25", 1))
        for side, minute in (("long", 1), ("short", 2)):
            trade = buy if side == "long" else sell
            hedge = {"mode": "hedge", "position_side": side, "account": "fund"}
            ledger.apply(trade(side, "2", "100", minute, **hedge))
        ledger.price(ticker("50500", at(2, 30)), ticker("48200", at(150)))
    return Cli({"DATABASE_URL": database.dsn("pms_operator")})


def cells(stdout: str) -> list[list[str]]:
    """The lines of a table, without its head, and what is said below it."""
    lines = stdout.partition("without room")[0].splitlines()[2:]
    return [line.split() for line in lines if line.strip()]


def document(cli: Cli, *arguments: str) -> Any:
    shown = cli(*arguments, "--json")
    assert shown.exit_code == 0, shown.stderr
    return json.loads(shown.stdout)


def test_a_position_is_explained_line_by_line(cli: Cli) -> None:
    shown = cli("explain", "btcusdt")

    assert shown.exit_code == 0, shown.stderr
    lines = cells(shown.stdout)
    assert len(lines) == 9
    assert lines[2][1:] == [
        "2026-01-01", "02:00:00", "buy", "1", "49,000", "0.00", "0", "-", "0.00", "+885.88",
        "21.50", "-4.25", "5", "order_execution", "trace-d",
    ]  # fmt: skip
    paid = lines[4]
    assert paid[3:6] == ["funding", "-4.25", "-"]
    assert (paid[7], paid[8], paid[-1]) == ("1", "50,010.25", "funding-f")
    assert "corrects execution:b" in shown.stdout


def test_voided_entries_are_marked_at_every_width(cli: Cli) -> None:
    wide, narrow = cli("explain", "BTCUSDT"), cli("explain", "BTCUSDT", width=60)

    for shown in (wide, narrow):
        assert shown.stdout.count("(void)") == 2
        assert "…" not in shown.stdout
    assert "void: bust" in wide.stdout
    assert "void: correction" in wide.stdout
    assert max(map(len, narrow.stdout.splitlines())) <= 60


def test_an_explanation_is_read_page_by_page(cli: Cli) -> None:
    whole = document(cli, "explain", "BTCUSDT")
    assert whole["next_before"] is None
    assert set(whole["entries"][0]) >= {"size", "average_entry_price", "realized_pnl", "trace_id"}

    first = document(cli, "explain", "BTCUSDT", "--limit", "5")
    first_page = cli("explain", "BTCUSDT", "--limit", "5")
    assert f"--before {first['next_before']}" in first_page.stderr
    rest = document(cli, "explain", "BTCUSDT", "--before", str(first["next_before"]))
    assert first["entries"] + rest["entries"] == whole["entries"]


def test_the_legs_of_a_hedge_are_separate(cli: Cli) -> None:
    shown = cli("explain", "BTCUSDT", "--account", "fund", "--mode", "hedge")

    assert [line[3] for line in cells(shown.stdout)] == ["short", "long"]


def test_an_out_of_range_page_is_refused(cli: Cli) -> None:
    assert cli("explain", "BTCUSDT", "--limit", "1001").exit_code == 2

    shown = cli("explain", "BTCUSDT", "--before", "999")
    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "before: must be the id of an entry of this position" in shown.stderr


def test_cycles_are_shown_from_flat_to_flat(cli: Cli) -> None:
    shown = cli("cycles", "btcusdt", *ALWAYS)

    assert shown.exit_code == 0, shown.stderr
    assert cells(shown.stdout) == [
        [
            "2026-01-01", "02:00:00", "short", "30m", "49,900.5", "49,000", "1", "+900.50", "4.00",
            "0.00", "+896.50", "-", "-", "2",
        ],
        [
            "2026-01-01", "01:30:00", "long", "1h", "29m", "50,010.25", "50,000.5", "1.5",
            "-14.63", "17.50", "-4.25", "-36.38", "0.00", "+734.63", "4",
        ],
    ]  # fmt: skip
    narrow = cli("cycles", "btcusdt", *ALWAYS, width=60)
    assert [line[-1] for line in cells(narrow.stdout)] == ["+896.50", "-36.38"]


def test_cycles_as_json_match_the_contract(cli: Cli) -> None:
    found = document(cli, "cycles", "BTCUSDT", *ALWAYS, "--to", at(100), "--limit", "1")

    assert found["count"] == 1
    assert found["cycles"][0]["net_pnl"] == "-36.375"
    newest = cli("cycles", "BTCUSDT", *ALWAYS, "--limit", "1")
    assert "1 of 2 round trips" in newest.stderr


def test_a_period_without_cycles_is_reported(cli: Cli) -> None:
    shown = cli("cycles", "BTCUSDT")

    assert (shown.exit_code, shown.stdout) == (0, "")
    assert "no round trip closed in that time" in shown.stderr


def test_lots_are_shown_beside_the_average_cost(cli: Cli) -> None:
    shown = cli("fifo", "btcusdt", "--account", "main")

    assert shown.exit_code == 0, shown.stderr
    position, lots = shown.stdout.split("open lots")
    assert cells(position) == [
        [
            "BTCUSDT", "0.75", "2", "48,200", "48,033.333", "+885.88", "+125.00", "48,033.333",
            "+885.88", "+125.00",
        ]
    ]  # fmt: skip
    assert [line[1:] for line in cells(lots)[1:]] == [
        ["2026-01-01", "02:20:00", "net", "0.25", "48,100", "12,025.00"],
        ["2026-01-01", "02:10:00", "net", "0.5", "48,000", "24,000.00"],
    ]


def test_all_positions_are_shown_first_in_first_out(cli: Cli) -> None:
    shown = cli("fifo")

    assert [line[:4] for line in cells(shown.stdout)] == [
        ["fund", "BTCUSDT", "long", "2"],
        ["fund", "BTCUSDT", "short", "-2"],
        ["main", "BTCUSDT", "net", "0.75"],
    ]
    found = document(cli, "fifo", "--mode", "Hedge")
    assert [each["leg"] for each in found["positions"]] == ["long", "short"]
    assert [each["cost"] for each in found["lots"]] == ["200", "-200"]
    assert "no such position" in cli("fifo", "NEVERUSDT").stderr


def test_restatements_are_shown_with_their_cause(cli: Cli) -> None:
    shown = cli("restatements", "btcusdt")

    assert shown.exit_code == 0, shown.stderr
    assert [line[3:] for line in cells(shown.stdout)] == [
        ["correction", "2026-01-01", "00:05:00", "+824.38", "+874.63", "+50.25", "correction-b"],
        ["bust", "2026-01-01", "00:03:00", "+673.98", "+824.38", "+150.40", "bust-late"],
        ["late", "2026-01-01", "00:03:00", "+824.38", "+673.98", "-150.40", "trace-late"],
    ]
    found = document(cli, "restatements", "--limit", "1")["restatements"]
    assert [each["realized_pnl_change"] for each in found] == ["50.25"]
    assert found[0]["recorded_at"].endswith("Z")
    assert "no restatements" in cli("restatements", "--account", "fund").stderr


def test_a_conflict_is_shown_in_both_versions(cli: Cli) -> None:
    shown = cli("conflicts")

    assert shown.exit_code == 0, shown.stderr
    assert "execution:a of main: another version received once" in shown.stdout
    assert '"quantity": "1.5"' in shown.stdout
    assert '"execution_quantity": "9"' in shown.stdout
    [conflict] = document(cli, "conflicts")["conflicts"]
    # Not a float.
    assert conflict["recorded"]["price"] == "50010.25"
    assert "no conflicts" in cli("conflicts", "--account", "fund").stderr


@pytest.mark.parametrize("command", ["fifo", "restatements"])
def test_an_unknown_mode_is_refused(cli: Cli, command: str) -> None:
    shown = cli(command, "--mode", "sideways")

    assert (shown.exit_code, shown.stdout) == (1, "")
    assert "one-way or hedge" in shown.stderr


def test_the_net_pnl_of_a_book_is_shown_by_day(cli: Cli, database: Database) -> None:
    with psycopg.connect(database.dsn("pms_worker")) as worker:
        Ledger(worker, worker).apply(buy("named", "2", "48000", 145, strategy="alpha"))
    with psycopg.connect(database.dsn("pms_owner")) as owner:
        owner.execute("SELECT pms.record_portfolio_history(NULL)")

    point, *_ = document(cli, "history", "--book", "alpha")["history"]
    assert (point["net_pnl_usdt"], point["exposure_usdt"]) == ("400", "96400")
    assert cells(cli("history", "--book", "alpha").stdout)[0][2:] == [
        "+400.00", "0.00", "96,400.00", "+96,400.00",
    ]  # fmt: skip
    assert cli("history", "--book", "nobody").stderr == "no portfolio history yet\n"
    refused = cli("history", "--book", "alpha", "--by", "week")
    assert refused.stderr.startswith("refused: by: must be day with --book")
