"""The kept exposure of an account, and what a read of one position costs."""

from __future__ import annotations

import itertools
import random
from decimal import Decimal as D
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, bust, elsewhere, fill, ticker
from tests.helpers.owner_queries import OwnerQueries

if TYPE_CHECKING:
    from tests.conftest import Database

# The sum over the legs at the newest prices, beside the kept exposure.
BOTH = """
    SELECT
        coalesce(sum(
            abs(pms.contract_value(
                (h.leg).size, (h.leg).mark_price, (h.leg).multiplier, (h.leg).is_inverse
            )) * (h.leg).usdt_rate
        ), 0),
        pms.account_exposure(%(account)s)
    FROM pms.priced_legs h
    WHERE h.account = %(account)s
"""
WRONG_ROWS = """
    SELECT f.*
    FROM (SELECT DISTINCT p.account, p.asset, p.mode FROM pms.positions p) k
    CROSS JOIN LATERAL pms.stored_row_findings(k.account, k.asset, k.mode) f
"""
ASSETS = ("BTCUSDT", "ETHUSDT", "COINUSD", "SOLBTC")
ACCOUNTS = ("main", "other")


def assert_kept(owner: psycopg.Connection[Any]) -> None:
    for account in ACCOUNTS:
        ((summed, kept),) = owner.execute(BOTH, {"account": account}).fetchall()
        assert kept == summed, account


@pytest.fixture
def contracts(ledger: Ledger) -> None:
    """An inverse contract, and one that settles in another currency."""
    ledger.define("COINUSD", kind="inverse", multiplier="100", settlement_currency="BTC")
    ledger.define("SOLBTC", kind="linear", settlement_currency="BTC")


@pytest.mark.usefixtures("contracts")
def test_the_kept_exposure_is_the_sum_over_the_legs_after_every_change(
    ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries, seed: int
) -> None:
    chance = random.Random(seed)
    sent: list[dict[str, Any]] = []
    for number in range(80):
        asset = chance.choice(ASSETS)
        kind = chance.random()
        if kind < 0.55:
            hedge = {"mode": "hedge", "position_side": chance.choice(("long", "short"))}
            message = elsewhere(
                fill(
                    f"{number}", chance.choice(("Buy", "Sell")),
                    D(chance.randint(1, 10**9)).scaleb(-chance.randint(0, 18)),
                    D(chance.randint(1, 10**7)).scaleb(-3),
                    asset=asset,
                    # Some of them are late.
                    at=f"2026-01-01T{chance.randint(0, 23):02}:00:00Z",
                    **(hedge if chance.random() < 0.4 else {}),
                ),
                chance.choice(ACCOUNTS),
            )  # fmt: skip
            sent.append(message)
            ledger.apply(message)
        elif kind < 0.65 and sent:
            ledger.apply(elsewhere(bust(chance.choice(sent)["execution_id"]), sent[-1]["account"]))
        elif kind < 0.9:
            price = str(D(chance.randint(1, 10**6)).scaleb(-2))
            ledger.judge(
                "apply_prices", [ticker(price, f"2026-02-01T00:00:{number % 60:02}Z", asset)]
            )
        else:
            ledger.mark()
        assert_kept(owner)
    while ledger.mark():
        assert_kept(owner)
    assert_kept(owner)
    # The legs of a hedge may cross zero here, which is another finding.
    assert queries.rows(WRONG_ROWS) == []


def test_the_share_of_a_position_has_the_newest_price_of_every_other_one(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "1", "10"), fill("2", "Buy", "1", "10", asset="ETHUSDT"))
    ledger.price(
        ticker("10", "2026-01-01T12:00:00Z"), ticker("10", "2026-01-01T12:00:00Z", "ETHUSDT")
    )
    assert ledger.position()["position_size_norm"] == D("0.5")

    # Stored, and not marked yet.
    for second in (1, 2):
        ledger.judge("apply_prices", [ticker("30", f"2026-01-01T12:00:0{second}Z", "ETHUSDT")])

    assert ledger.position()["position_size_norm"] == D("0.25")
    assert ledger.position("ETHUSDT")["position_size_norm"] == D("0.75")


def test_many_unmarked_prices_give_the_same_share_as_few(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    assets = [f"A{number}USDT" for number in range(150)]
    ledger.apply(*(fill(asset, "Buy", "2", "10", asset=asset) for asset in assets))
    for asset in assets:
        ledger.judge("apply_prices", [ticker("7", "2026-01-01T12:00:00Z", asset)])

        assert_kept(owner)


def test_reading_one_position_reads_no_other_of_its_account(
    ledger: Ledger, dsn: str, owner: psycopg.Connection[Any]
) -> None:
    assets = [f"A{number}USDT" for number in range(400)]
    ledger.apply(*(fill(asset, "Buy", "2", "10", asset=asset) for asset in assets))
    ledger.price(*(ticker("7", "2026-01-01T12:00:00Z", asset) for asset in assets))
    owner.execute("ANALYZE pms.positions")
    # As soon as no other transaction is under way.
    owner.execute("UPDATE pms.prices SET is_marked = TRUE")

    for statement in (
        "SELECT api.get_position(asset => 'A7USDT')",
        "SELECT api.get_positions(account => 'main', asset => 'A7USDT')",
        "SELECT * FROM api.positions p WHERE p.account = 'main' AND p.asset = 'A7USDT'",
    ):
        assert legs_read(dsn, statement) <= 5, statement


def legs_read(dsn: str, statement: str) -> int:
    """The number of rows of pms.positions that a statement fetches."""
    count = """
        SELECT s.seq_tup_read + s.idx_tup_fetch
        FROM pg_stat_xact_user_tables s
        WHERE s.relid = 'pms.positions'::regclass
    """
    with psycopg.connect(dsn) as connection:
        connection.execute(statement.encode())
        ((total,),) = connection.execute(count).fetchall()
        return int(total)


def test_two_writers_on_one_account_never_wait_for_each_other(
    ledger: Ledger, database: Database
) -> None:
    ledger.price(
        ticker("7", "2026-01-01T12:00:00Z"), ticker("7", "2026-01-01T12:00:00Z", "ETHUSDT")
    )
    apply = "SELECT o.outcome FROM pms.apply_order_events(ARRAY[%s]::jsonb[]) o"
    with (
        psycopg.connect(database.dsn("pms_worker")) as first,
        psycopg.connect(database.dsn("pms_worker"), options="-c lock_timeout=2s") as second,
    ):
        first.execute(apply, [psycopg.types.json.Jsonb(fill("1", "Buy", "1", "10"))])
        second.execute(
            apply, [psycopg.types.json.Jsonb(fill("2", "Buy", "1", "10", asset="ETHUSDT"))]
        )

    assert ledger.position()["position_size_norm"] == D("0.5")


def test_the_totals_of_ended_sessions_are_merged(
    ledger: Ledger, database: Database, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    ledger.price(ticker("7", "2026-01-01T12:00:00Z"))
    for number in range(3):
        with psycopg.connect(database.dsn("pms_worker")) as session:
            Ledger(session, ledger.operator).apply(fill(f"{number}", "Buy", "1", "10"))
    writers = "SELECT count(*) FROM pms.account_totals t"
    assert queries.value(writers) == 3

    for _ in itertools.count():
        owner.execute("SELECT pms.merge_account_totals()")
        # The server needs a moment to end a session.
        if queries.value(writers) == 1:
            break

    assert queries.value("SELECT t.writer FROM pms.account_totals t") == 0
    assert_kept(owner)


def test_a_wrong_total_is_found_by_the_verification_and_restored_by_the_validation(
    ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    ledger.apply(fill("1", "Buy", "1", "10"))
    ledger.price(ticker("7", "2026-01-01T12:00:00Z"))
    owner.execute("UPDATE pms.account_totals SET exposure = 8")

    owner.execute("CALL pms.run_job('verify_ledger')")
    found = queries.value("SELECT f.findings FROM pms.ledger_findings f")
    assert [(each["account"], each["stored"], each["expected"]) for each in found] == [
        ("main", "8", "7")
    ]

    owner.execute("CALL pms.run_job('validate_positions')")
    assert_kept(owner)
    queries.assert_sound()
