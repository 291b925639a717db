"""Stored positions follow their newest price, at most once per interval."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal as D
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, elsewhere, fill, ticker
from tests.helpers.owner_queries import OwnerQueries

if TYPE_CHECKING:
    from tests.conftest import Database

STORED = "SELECT p.current_price FROM pms.positions p WHERE p.asset = 'BTCUSDT'"


def tick(ledger: Ledger, price: str, second: int, asset: str = "BTCUSDT") -> None:
    """Store a price, as the price feed does."""
    message = ticker(price, f"2026-01-01T12:00:{second:02}Z", asset)
    assert [outcome for outcome, _, _ in ledger.judge("apply_prices", [message])] == ["applied"]


def test_a_price_is_read_at_once_and_stored_with_the_next_mark(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    queries.forget_events()

    tick(ledger, "110", 0)

    held = ledger.position()
    assert (held["current_price"], held["unrealized_pnl"], held["version"]) == (D(110), D(20), 1)
    assert (queries.value(STORED), queries.events()) == (None, [])
    assert ledger.mark() == 1
    assert (queries.value(STORED), ledger.position()["version"]) == (D(110), 2)


def test_of_several_prices_only_the_newest_has_a_version_and_an_event(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    queries.forget_events()
    for second, price in enumerate(("110", "120", "90")):
        tick(ledger, price, second)

    ledger.mark()

    (event,) = queries.events("position_updated")
    assert (event["current_price"], event["version"], event["update_source"]) == (
        "90",
        2,
        "websocket",
    )


def test_a_fill_that_comes_between_leaves_nothing_to_mark(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    tick(ledger, "110", 0)
    ledger.apply(fill("2", "Buy", "2", "100"))

    assert queries.value(STORED) == D(110)
    assert ledger.mark() == 0
    assert ledger.position()["version"] == 2


def test_a_price_that_is_the_same_at_a_later_time_changes_no_version(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    tick(ledger, "110", 0)
    ledger.mark()
    tick(ledger, "110", 1)

    assert ledger.mark() == 0
    assert ledger.position()["version"] == 2
    assert ledger.position()["price_updated_at"].second == 1


def test_a_flat_position_is_not_marked(ledger: Ledger) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"), fill("2", "Sell", "2", "100"))
    tick(ledger, "110", 0)

    assert ledger.mark() == 0


def test_a_pass_marks_each_leg_once_however_often_its_price_changes(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    until = queries.now()
    step = "SELECT pms.mark_positions(1000, %(until)s)"
    tick(ledger, "110", 0)
    assert queries.value(step, until=until) == 1
    tick(ledger, "120", 1)

    assert queries.value(step, until=until) == 0
    assert queries.value(STORED) == D(110)
    assert queries.value(step, until=queries.now()) == 1


def test_a_step_marks_at_most_so_many_legs_and_the_next_goes_on(
    ledger: Ledger, queries: OwnerQueries
) -> None:
    ledger.apply(*(elsewhere(fill(f"{n}", "Buy", "1", "9"), f"a{n}") for n in range(5)))
    tick(ledger, "7", 0)
    step = "SELECT pms.mark_positions(2)"

    assert [queries.value(step) for _ in range(4)] == [2, 2, 1, 0]
    assert queries.value("SELECT count(DISTINCT p.version) FROM pms.positions p") == 1


def test_a_leg_that_was_invisible_when_its_asset_was_marked_is_marked_later(
    ledger: Ledger, database: Database, queries: OwnerQueries
) -> None:
    """A fill that has read the former price commits after the mark of the new one."""
    tick(ledger, "10", 0)
    ledger.mark()
    with psycopg.connect(database.dsn("pms_worker")) as other:
        other.execute(
            "SELECT o.outcome FROM pms.apply_order_events(ARRAY[%s]::jsonb[]) o",
            [psycopg.types.json.Jsonb(fill("1", "Buy", "1", "10"))],
        )
        tick(ledger, "14", 1)
        assert ledger.mark() == 0

    share = ledger.position()["position_size_norm"]
    assert (share, queries.value("SELECT pms.account_exposure('main')")) == (D(1), D(14))
    assert (queries.value(STORED), ledger.mark(), queries.value(STORED)) == (D(10), 1, D(14))


def test_two_markers_at_once_mark_a_leg_once(
    ledger: Ledger, database: Database, queries: OwnerQueries
) -> None:
    ledger.apply(fill("1", "Buy", "2", "100"))
    tick(ledger, "110", 0)
    with (
        ThreadPoolExecutor(1) as pool,
        psycopg.connect(database.dsn("pms_worker"), autocommit=True) as second,
    ):
        with psycopg.connect(database.dsn("pms_worker")) as first:
            first.execute("SELECT pms.mark_positions()")
            waiting = pool.submit(second.execute, "SELECT pms.mark_positions()")
            with pytest.raises(TimeoutError):
                waiting.result(timeout=0.5)
        waiting.result(timeout=30)

    assert ledger.position()["version"] == 2
    assert len(queries.events("position_updated")) == 2


def test_with_no_interval_every_price_has_a_version_and_an_event(
    ledger: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    owner.execute("UPDATE pms.settings SET price_event_interval = '0'")
    ledger.apply(fill("1", "Buy", "2", "100"))
    queries.forget_events()
    for second, price in enumerate(("110", "120", "120")):
        tick(ledger, price, second)

    events = queries.events("position_updated")
    assert [(each["current_price"], each["version"]) for each in events] == [
        ("110", 2), ("120", 3), ("120", 4),
    ]  # fmt: skip
    assert ledger.mark() == 0
