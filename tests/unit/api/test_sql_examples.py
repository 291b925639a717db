"""The examples of sql.md print what the page says."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import psycopg
import pytest

from position_manager.stack import postgres
from tests.helpers.ledger import Ledger, Message, fill, ticker
from tests.helpers.tree import ROOT

if TYPE_CHECKING:
    from tests.conftest import Database

PAGE = ROOT / "specs" / "001-position-management" / "sql.md"
EXAMPLE = re.compile(
    r"^## (.+?)$\n+```sql\n(.*?)```\n+```text\n(.*?)```$", re.MULTILINE | re.DOTALL
)
EXAMPLES = EXAMPLE.findall(PAGE.read_text())
CAPTURE = "SELECT pms.capture_portfolio(%s)"


def day(number: int, hour: int) -> str:
    return f"2026-01-{number:02}T{hour:02}:00:00Z"


def trade(name: str, side: str, quantity: str, price: str, at: str, **more: str) -> Message:
    return fill(name, side, quantity, price, at=at, **({"fee": "1"} | more))


@pytest.fixture
def traded(ledger: Ledger, database: Database) -> Database:
    """The ledger of the page, with its history as it would have been recorded."""
    eth, desk = {"asset": "ETHUSDT"}, {"account": "desk"}
    days: list[tuple[int, list[Message], str, str]] = [
        (5, [trade("a", "buy", "1", "100", day(5, 10))], "105", "20"),
        (
            6,
            [
                trade("b", "sell", "1", "120", day(6, 11)),
                trade("c", "sell", "10", "20", day(6, 12), **eth),
            ],
            "118",
            "21",
        ),
        (
            7,
            [
                trade("d", "buy", "2", "110", day(7, 9)),
                trade("e", "buy", "10", "22", day(7, 10), **eth),
                trade("f", "buy", "0.5", "112", day(7, 11), **desk),
            ],
            "115",
            "22",
        ),
        (
            8,
            [
                trade("g", "sell", "1", "116", day(8, 9)),
                trade("h", "buy", "4", "21", day(8, 10), **eth),
            ],
            "117.5",
            "23",
        ),
    ]
    ledger.operator.execute("SELECT api.set_capital(1000, 'main', '2026-01-01')")
    ledger.operator.commit()
    with psycopg.connect(database.dsn(), autocommit=True) as conn:
        for number, trades, btc, ether in days:
            assert set(ledger.apply(*trades)) == {"applied"}
            ledger.price(ticker(btc, day(number, 20)), ticker(ether, day(number, 20), "ETHUSDT"))
            conn.execute(CAPTURE, [day(number, 21)])
    return database


def test_each_example_prints_what_the_page_says(traded: Database) -> None:
    assert len(EXAMPLES) >= 10
    assert len(EXAMPLES) == PAGE.read_text().count("```sql\n")
    printed = [(title, answer(traded, query)) for title, query, _ in EXAMPLES]
    assert printed == [(title, said) for title, _, said in EXAMPLES]


def answer(database: Database, query: str) -> str:
    """What psql prints for an analyst, without blanks at the ends of lines."""
    psql = postgres.bin_dir() / "psql"
    done = subprocess.run(
        [psql, database.dsn("pms_analyst"), "--no-psqlrc", "--set=ON_ERROR_STOP=1", "-c", query],
        capture_output=True,
        text=True,
        check=True,
    )
    return "\n".join(line.rstrip() for line in done.stdout.strip("\n").splitlines()) + "\n"


def test_the_rows_of_accounts_add_up_to_the_total(traded: Database) -> None:
    sums = {
        "portfolio": "net_pnl_usdt", "exposure_by_asset": "exposure_usdt",
        "pnl_by_asset": "net_pnl_usdt", "pnl_by_day": "net_pnl_usdt",
        "pnl_by_week": "net_pnl_usdt", "pnl_by_month": "net_pnl_usdt",
    }  # fmt: skip
    with psycopg.connect(traded.dsn("pms_analyst")) as conn:
        for view, column in sums.items():
            rows, total = (
                conn.execute(f"SELECT sum({column}) FROM {name}".encode()).fetchone()
                for name in (view, f"{view}_total")
            )
            assert rows == total != (None,), view
        [[net]] = conn.execute("SELECT sum(net_pnl_usdt) FROM pnl_by_asset_and_day").fetchall()
        assert [(net,)] == conn.execute("SELECT net_pnl_usdt FROM portfolio_total").fetchall()
        [[closed]] = conn.execute("SELECT count(*) FROM cycles").fetchall()
        assert (
            closed
            == conn.execute(
                """
            SELECT count(*) FROM positions p
            CROSS JOIN LATERAL closed_cycles(p.asset, p.mode, p.account) c
            """
            ).fetchall()[0][0]
        )


@pytest.mark.parametrize(
    "grid", ["'-infinity', now()", "now(), NULL", "now() - interval '1 day', now(), '59 seconds'"]
)
def test_a_grid_without_end_is_refused(database: Database, grid: str) -> None:
    with (
        psycopg.connect(database.dsn("pms_analyst")) as conn,
        pytest.raises(psycopg.Error, match=r"^no such grid can be\n") as refused,
    ):
        conn.execute(f"SELECT * FROM equity_by_step({grid})".encode())

    assert refused.value.sqlstate == "PT400"
