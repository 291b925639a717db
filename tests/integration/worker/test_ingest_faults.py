"""Ingest with faults: no message is lost or counts twice."""

from __future__ import annotations

import json
import signal
from functools import partial

import psycopg
import pytest

from tests.helpers.harness import (
    AGE,
    DEAD_LETTERS,
    ORDER_EVENTS,
    World,
    eventually,
    execution,
    memory_alarm,
    session,
)
from tests.helpers.outbox import relaying
from tests.helpers.queued_fills import FILLS, begun, exact, has_more_than, publish_many

pytestmark = pytest.mark.xdist_group("worker")

# Raises for an order of this name; for the others nothing.
FAILING = """
    CREATE FUNCTION pms.fail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF {condition} THEN
            RAISE SQLSTATE '{state}' USING MESSAGE = 'the secret of the message';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER fail BEFORE INSERT ON pms.entries FOR EACH ROW EXECUTE FUNCTION pms.fail();
"""


@pytest.mark.parametrize("state", ["40P01", "40001", "55P03", "57P03", "25006", "08006"])
def test_a_transient_error_is_retried_until_it_passes(world: World, state: str) -> None:
    world.query("CREATE SEQUENCE pms.tries")
    world.query("GRANT USAGE ON SEQUENCE pms.tries TO PUBLIC")
    # A sequence is not rolled back: it counts the tries.
    world.query(FAILING.format(condition="nextval('pms.tries') <= 3", state=state))
    ingest = world.start("ingest", optimistic_lock_backoff_base=10)
    eventually(lambda: world.consuming(ingest))
    fills = session(5)

    world.publish(ORDER_EVENTS, fills)

    eventually(lambda: exact(world, fills))
    assert [line["sqlstate"] for line in ingest.lines("database failed, will try again")] == (
        [state] * 3
    )
    assert world.value("SELECT count(*) FROM pms.rejected_messages") == 0


@pytest.mark.parametrize("state", ["P0001", "22003", "23514", "XX000"])
def test_a_message_that_fails_alone_is_rejected_alone(world: World, state: str) -> None:
    good, culprit = session(20), execution() | {"order_id": "culprit", "trace_id": "guilty"}
    world.query(FAILING.format(condition="NEW.order_id = 'culprit'", state=state))
    with world.channel() as channel:
        channel.queue_declare(ORDER_EVENTS, durable=True)
    world.publish(ORDER_EVENTS, [*good[:7], culprit, *good[7:]])

    ingest = world.start("ingest")

    eventually(lambda: world.value("SELECT count(*) FROM pms.rejected_messages") == 1)
    eventually(lambda: exact(world, good))
    assert world.query("SELECT reason, detail, body FROM pms.rejected_messages") == [
        ("database_error", f"SQLSTATE {state}", json.dumps(culprit).encode())
    ]
    eventually(lambda: world.depth(DEAD_LETTERS) == 1)
    assert [letter.json for letter in world.drain(DEAD_LETTERS)] == [culprit]
    assert "secret" not in ingest.text


@pytest.mark.parametrize("state", ["57014", "53200"])
def test_a_batch_that_takes_too_long_or_too_much_memory_is_split(world: World, state: str) -> None:
    world.query(
        "CREATE FUNCTION pms.cancel() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF (SELECT count(*) FROM added) > 5 THEN RAISE SQLSTATE '{state}'; END IF; RETURN NULL; "
        "END $$;"
        "CREATE TRIGGER cancel AFTER INSERT ON pms.entries REFERENCING NEW TABLE AS added "
        "FOR EACH STATEMENT EXECUTE FUNCTION pms.cancel()"
    )
    fills = session(16)
    with world.channel() as channel:
        channel.queue_declare(ORDER_EVENTS, durable=True)
    world.publish(ORDER_EVENTS, fills)

    world.start("ingest")

    eventually(lambda: exact(world, fills))


def test_a_missing_function_rejects_no_message(world: World) -> None:
    world.query("ALTER FUNCTION pms.apply_order_events RENAME TO gone")
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))
    fills = session(5)
    world.publish(ORDER_EVENTS, fills)
    eventually(lambda: ingest.lines("database failed, will try again"))

    world.query("ALTER FUNCTION pms.gone RENAME TO apply_order_events")

    eventually(lambda: exact(world, fills))
    assert world.value("SELECT count(*) FROM pms.rejected_messages") == 0


def test_a_waiting_feed_does_not_delay_another(world: World) -> None:
    world.query("ALTER FUNCTION pms.apply_prices RENAME TO gone")
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))
    world.publish("ws-gateway.ticker", [{"event_type": "ticker"}])
    eventually(lambda: ingest.lines("database failed, will try again"))
    fills = session(5)

    world.publish(ORDER_EVENTS, fills)

    eventually(lambda: exact(world, fills))


def test_nothing_is_lost_or_doubled_when_the_database_dies(world: World) -> None:
    fills = publish_many(world)
    ingest = world.start("ingest", batch_size=100)
    eventually(lambda: begun(world))

    world.stack.kill("postgres")

    eventually(lambda: ingest.lines("database failed, will try again"))
    eventually(world.stack.part("postgres").ready)
    eventually(lambda: exact(world, fills))
    assert ingest.terminate() == 0
    assert world.depth(ORDER_EVENTS) == 0


def test_nothing_is_lost_or_doubled_when_the_broker_dies(world: World) -> None:
    fills = publish_many(world)
    ingest = world.start("ingest", batch_size=100)
    eventually(lambda: begun(world))

    world.stack.kill("rabbitmq")

    eventually(lambda: ingest.lines("broker failed, will reconnect"))
    eventually(world.stack.part("rabbitmq").ready)
    eventually(lambda: exact(world, fills))
    eventually(lambda: world.depth(ORDER_EVENTS) == 0)
    assert ingest.terminate() == 0


def test_delivered_messages_are_applied_though_the_broker_hangs_and_loses_them(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Without a heartbeat, a client notices after as many seconds, and five more.
    monkeypatch.setenv("RABBITMQ_HEARTBEAT", "1")
    workers = world.start("ingest"), relaying(world)
    eventually(lambda: world.consuming(workers[0]))
    fills = session(500)
    with psycopg.connect(world.dsn) as holder:
        holder.execute("LOCK TABLE pms.entries")
        # The order-manager's messages are transient: a broker that dies loses them.
        world.publish(ORDER_EVENTS, fills, delivery_mode=1)
        eventually(lambda: world.depth(ORDER_EVENTS) == 0)
        world.stack.kill("rabbitmq", signal.SIGSTOP)
        eventually(lambda: all("AMQPConnectorStackTimeout" in each.text for each in workers))
        world.stack.kill("rabbitmq")

    eventually(lambda: exact(world, fills))
    assert [worker.terminate() for worker in workers] == [0, 0]
    eventually(world.stack.part("rabbitmq").ready, patience=120)


def test_a_rejected_message_holds_no_acknowledgment_while_the_broker_takes_nothing(
    world: World,
) -> None:
    fills = session(300)
    with world.channel() as channel:
        channel.queue_declare(ORDER_EVENTS, durable=True)
    world.publish(ORDER_EVENTS, [*fills[:5], b"poison", *fills[5:]])
    with memory_alarm(world.stack):
        # It gets more than twice as many messages only if it acknowledges.
        world.start("ingest", batch_size=10)

        eventually(lambda: world.depth(ORDER_EVENTS) == 0)
        eventually(lambda: exact(world, fills))
        assert world.value("SELECT count(*) FROM pms.rejected_messages") == 1

    eventually(lambda: world.depth(DEAD_LETTERS) >= 1)


def test_a_broker_that_hangs_is_reported(world: World) -> None:
    ingest = world.start("ingest", report_interval_ms=200)
    eventually(lambda: world.consuming(ingest))
    reported = "SELECT (status ->> 'queue_connected')::boolean FROM pms.worker_reports"
    eventually(lambda: world.query(reported) == [(True,)])
    world.stack.kill("rabbitmq", signal.SIGSTOP)
    try:
        eventually(lambda: world.query(reported) == [(False,)])
        # Reports continue.
        eventually(lambda: world.value(AGE) < 2)
    finally:
        world.stack.kill("rabbitmq", signal.SIGCONT)

    eventually(lambda: world.query(reported) == [(True,)])


def test_a_killed_ingest_leaves_nothing_lost_or_doubled(world: World) -> None:
    fills = publish_many(world)
    for _ in range(4):
        before = world.value(FILLS)
        ingest = world.start("ingest", batch_size=100)
        eventually(partial(has_more_than, world, before))
        ingest.kill()
    assert begun(world)

    world.start("ingest")

    eventually(lambda: exact(world, fills))
    eventually(lambda: world.depth(ORDER_EVENTS) == 0)
