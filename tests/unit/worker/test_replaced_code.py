"""A call that fails only because code was replaced is made once more."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pika
import psycopg
import pytest
from pydantic import SecretStr

from position_manager.config.database import PostgresSettings
from position_manager.stack.context import LOCALHOST
from position_manager.worker.apply import Applier
from position_manager.worker.backoff import Backoff
from position_manager.worker.consumer import Delivery
from position_manager.worker.database import Database as WorkerDatabase

if TYPE_CHECKING:
    from tests.conftest import Database

REPLACED = ["XX000", "42883", "42704", "0A000"]
# A sequence counts what is rolled back, too.
FAIL = """
CREATE SEQUENCE public.attempts;
CREATE FUNCTION public.refuse_first() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    IF nextval('public.attempts') <= TG_ARGV[0]::int THEN
        RAISE 'on purpose' USING ERRCODE = TG_ARGV[1];
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER refuse_first BEFORE INSERT ON pms.prices FOR EACH ROW
EXECUTE FUNCTION public.refuse_first({times}, '{state}');
"""
PRICE = {"event_type": "ticker", "payload": {"symbol": "BTCUSDT", "mark_price": "100"}}


@pytest.fixture
def worker(database: Database) -> Iterator[WorkerDatabase]:
    context = database.context
    settings = PostgresSettings(
        host=(LOCALHOST,),
        port=(context.ports.postgres_port,),
        db=database.name,
        password=SecretStr(context.secrets.pms_worker),
    )
    worker = WorkerDatabase(settings, "test")
    yield worker
    worker.close()


def fail(database: Database, times: int, state: str) -> None:
    """Have the first prices that are stored fail."""
    with psycopg.connect(database.dsn(), autocommit=True) as conn:
        conn.execute(FAIL.format(times=times, state=state).encode())


def apply_price(worker: WorkerDatabase) -> tuple[str, str | None]:
    stop, backoff = threading.Event(), Backoff(0.01, 0.01)
    applier = Applier("prices", worker, stop, backoff, 10_000, lambda: None, {})
    body = json.dumps(PRICE).encode()
    (outcome,) = applier.apply([Delivery("prices", 1, pika.BasicProperties(), body)])
    return outcome.outcome, outcome.reason


def attempts(database: Database) -> int:
    with psycopg.connect(database.dsn()) as conn:
        row = conn.execute("SELECT last_value FROM public.attempts").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.parametrize("state", REPLACED)
def test_a_message_is_not_at_fault_when_code_was_replaced(
    database: Database, worker: WorkerDatabase, state: str
) -> None:
    fail(database, 1, state)
    before = worker.connection()

    assert apply_price(worker) == ("applied", None)
    assert attempts(database) == 2
    assert worker.connection() is not before


@pytest.mark.parametrize("state", ["XX000", "0A000"])
def test_an_error_that_remains_is_judged_as_before(
    database: Database, worker: WorkerDatabase, state: str
) -> None:
    fail(database, 1000, state)

    assert apply_price(worker) == ("rejected", "database_error")


@pytest.mark.parametrize("state", ["42703", "42704", "42883", "42P01"])
def test_no_message_is_blamed_for_missing_code(
    database: Database, worker: WorkerDatabase, state: str
) -> None:
    fail(database, 20, state)

    assert apply_price(worker) == ("applied", None)
    assert attempts(database) == 21


@pytest.mark.parametrize(("times", "state"), [(1, "22003"), (2, "0A000")])
def test_no_message_is_blamed_by_a_server_that_was_a_standby_just_before(
    database: Database, worker: WorkerDatabase, times: int, state: str
) -> None:
    fail(database, times, state)

    # It is a primary by the time that the worker asks whether it works without messages.
    assert apply_price(worker) == ("applied", None)
    assert attempts(database) == times + 1


def test_a_message_that_fails_again_is_blamed(database: Database, worker: WorkerDatabase) -> None:
    fail(database, 2, "22003")

    assert apply_price(worker) == ("rejected", "database_error")
    assert attempts(database) == 2
