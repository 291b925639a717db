"""The worker at a standby, and at a primary whose standby is missing."""

from __future__ import annotations

import json
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

import pika
import psycopg
import pytest
from pydantic import SecretStr

from position_manager.config.database import PostgresSettings
from position_manager.stack.context import LOCALHOST
from position_manager.stack.processes import wait
from position_manager.worker.apply import Applier, Outcome
from position_manager.worker.backoff import Backoff
from position_manager.worker.consumer import Delivery
from position_manager.worker.database import Database as WorkerDatabase
from tests.helpers.harness import execution
from tests.integration.standby.conftest import missing_standby, waiting

if TYPE_CHECKING:
    from tests.conftest import Database
    from tests.integration.standby.conftest import Standby

pytestmark = pytest.mark.xdist_group("standby")

PATIENCE = 30.0
PRICE = {"event_type": "ticker", "payload": {"symbol": "BTCUSDT", "mark_price": "100"}}
# Fails as a statement that a standby does not support, before anything is written.
UNSUPPORTED = """
    ALTER FUNCTION pms.apply_prices(jsonb[], text) RENAME TO apply_prices_of_the_primary;
    CREATE FUNCTION pms.apply_prices(messages jsonb[]) RETURNS SETOF pms.outcome
    LANGUAGE plpgsql AS $$
    BEGIN
        IF messages <> '{}' THEN
            -- Of the second, no message is to blame anywhere: it lasts until the end of the test.
            RAISE 'on purpose' USING
                ERRCODE = CASE WHEN pg_is_in_recovery() THEN '0A000' ELSE '55P03' END;
        END IF;
    END
    $$;
    GRANT EXECUTE ON FUNCTION pms.apply_prices TO pms_worker;
"""
SUPPORTED = """
    DROP FUNCTION pms.apply_prices;
    ALTER FUNCTION pms.apply_prices_of_the_primary(jsonb[], text) RENAME TO apply_prices;
"""


class Attempts:
    """The batches of one feed, and how often it has tried; the end of a ``with`` block stops it."""

    def __init__(self, database: Database, feed: str, *ports: int) -> None:
        settings = PostgresSettings(
            host=tuple(LOCALHOST for _ in ports),
            port=ports,
            db=database.name,
            password=SecretStr(database.context.secrets.pms_worker),
        )
        self.count = 0
        self.database = WorkerDatabase(settings, "test")
        self._feed = feed
        self._pool = ThreadPoolExecutor()
        self._stop = threading.Event()
        self._applier = Applier(
            feed, self.database, self._stop, Backoff(0.01, 0.01), 10_000, self._step, {}
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._pool.shutdown()
        self.database.close()

    def _step(self) -> None:
        self.count += 1

    def apply(self, message: dict[str, Any]) -> Future[Outcome]:
        """Begin to apply a batch of one message."""
        body = json.dumps(message).encode()
        batch = [Delivery(self._feed, 1, pika.BasicProperties(), body)]
        return self._pool.submit(lambda: self._applier.apply(batch)[0])


def test_a_worker_connects_to_the_primary(database: Database, standby: Standby) -> None:
    assert standby.has_replayed()
    ports = standby.port, database.context.ports.postgres_port
    with Attempts(database, "prices", *ports) as attempts:
        assert attempts.apply(PRICE).result(PATIENCE).outcome == "applied"
        assert attempts.count == 1


@pytest.mark.parametrize("outcome", ["applied", "duplicate"])
def test_a_batch_waits_for_the_standby_however_long(database: Database, outcome: str) -> None:
    with Attempts(database, "order_events", database.context.ports.postgres_port) as attempts:
        fill = execution()
        if outcome == "duplicate":
            # Another session may still wait for the commit that this one repeats.
            assert attempts.apply(fill).result(PATIENCE).outcome == "applied"
        with missing_standby(database.context) as connection:
            # PostgreSQL ends the timeout before it commits.
            attempts.database.connection().execute("SET statement_timeout = '200ms'")
            batch = attempts.apply(fill)
            assert wait(lambda: waiting(connection, database.name, "pms_worker") == 1, PATIENCE)
            assert not wait(batch.done, 0.5)
        assert batch.result(PATIENCE).outcome == outcome


def test_a_standby_blames_no_message(database: Database, standby: Standby) -> None:
    with psycopg.connect(database.dsn(), autocommit=True) as connection:
        connection.execute(UNSUPPORTED)
    assert standby.has_replayed()
    with Attempts(database, "prices", standby.port) as attempts:
        batch = attempts.apply(PRICE)
        assert wait(lambda: attempts.count >= 3 or batch.done(), PATIENCE)
        standby.promote()
        with standby.connected(database.name) as connection:
            connection.execute(SUPPORTED)

        assert batch.result(PATIENCE).outcome == "applied"
