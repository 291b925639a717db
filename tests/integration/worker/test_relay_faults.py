"""The relay with faults: every event is sent in order."""

from __future__ import annotations

import time
import uuid
from functools import partial

import psycopg
import pytest
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import UnroutableError

from position_manager.worker.broker import declare_events, depths
from position_manager.worker.relay import Bindings
from position_manager.worker.report import Counters
from tests.helpers.harness import POSITION_UPDATED, World, eventually
from tests.helpers.outbox import WAITING, WRITE, first_seen, has_fewer_than, relaying, write

pytestmark = pytest.mark.xdist_group("worker")

MANY = 10_000
EVENTS = "position-manager.events"
SUBSCRIBER = "subscriber"


def ids_in(channel: BlockingChannel, queue: str) -> list[str]:
    """Take the ids of the events out of a queue, repeats included."""
    ids = []
    while (found := channel.basic_get(queue, auto_ack=True))[0] is not None:
        ids.append(found[1].message_id)
    return ids


def test_an_event_without_a_queue_stays_until_the_queue_exists(world: World) -> None:
    relay = relaying(world)
    with world.channel() as channel:
        channel.queue_delete(POSITION_UPDATED)

    ids = write(world, 3)
    eventually(lambda: world.value(WAITING) == 0)

    assert relay.lines("relay failed, will restart")[0]["error"] == "NotTaken"
    assert first_seen(world.drain(POSITION_UPDATED)) == ids


def test_a_full_queue_delays_and_repeats_no_event_of_another(world: World) -> None:
    with world.channel() as channel:
        full = {"x-max-length": 2, "x-overflow": "reject-publish"}
        channel.queue_declare(POSITION_UPDATED, durable=True, arguments=full)
        relay = relaying(world, batch_size=10)
        channel.queue_declare(SUBSCRIBER, exclusive=True)
        for event_type in ("position_updated", "position_closed"):
            channel.queue_bind(SUBSCRIBER, EVENTS, event_type)

        updated = write(world, 40)
        closed = write(world, 5, "position_closed")
        eventually(lambda: world.value(WAITING) == 0)

        assert ids_in(channel, SUBSCRIBER) == updated + closed
        assert first_seen(world.drain("position-manager.position_closed")) == closed
        # The rest follows as the queue empties, and goes to no other.
        seen: list[str] = []

        def is_complete() -> bool:
            seen.extend(first_seen(world.drain(POSITION_UPDATED)))
            return set(seen) == set(updated)

        eventually(is_complete)
        eventually(lambda: world.value("SELECT count(*) FROM pms.refused_events") == 0)
        assert ids_in(channel, SUBSCRIBER) == []
    assert relay.lines("relay failed, will restart") == []


def test_refused_events_beyond_the_length_of_the_queue_are_dropped(world: World) -> None:
    with world.channel() as channel:
        full = {"x-max-length": 1, "x-overflow": "reject-publish"}
        channel.queue_declare(POSITION_UPDATED, durable=True, arguments=full)
    relaying(world, legacy_queue_max_length=3)

    ids = write(world, 10)

    kept = "SELECT r.id::text FROM pms.refused_events r ORDER BY r.number"
    eventually(lambda: [id for (id,) in world.query(kept)] == ids[-3:])


def test_a_queue_that_another_service_declares_again_gets_its_events(world: World) -> None:
    relay = relaying(world, report_interval_ms=100)
    with world.channel() as channel:
        # With another subscriber, the broker returns no event.
        channel.queue_declare(SUBSCRIBER, exclusive=True)
        channel.queue_bind(SUBSCRIBER, EVENTS, "#")
        channel.queue_delete(POSITION_UPDATED)
        channel.queue_declare(POSITION_UPDATED, durable=True)

        def has_events() -> bool:
            write(world, 1)
            return world.depth(POSITION_UPDATED) > 0

        eventually(has_events)

        channel.queue_delete(POSITION_UPDATED)
        eventually(lambda: depths(channel.connection, [POSITION_UPDATED]))
    assert relay.lines("relay failed, will restart") == []


def test_queues_are_bound_at_a_look_only_after_a_change(world: World) -> None:
    counters = Counters()
    bindings = Bindings(world.stack.context.service, counters)
    with world.channel() as channel:
        connection = channel.connection
        declare_events(connection, world.stack.context.service)

        def is_bound(depths: dict[str, int]) -> bool:
            """Whether a look that finds these lengths restores a binding."""
            channel.queue_unbind(POSITION_UPDATED, EVENTS, "position_updated")
            bindings.restore(connection, depths)
            try:
                channel.basic_publish(EVENTS, "position_updated", b"", mandatory=True)
            except UnroutableError:
                return False
            return True

        assert is_bound({POSITION_UPDATED: 0})
        assert not is_bound({POSITION_UPDATED: 0})
        counters.published(1, 1.0)
        assert is_bound({POSITION_UPDATED: 0})
        assert is_bound({POSITION_UPDATED: 3})
        assert not is_bound({POSITION_UPDATED: 3})
        assert is_bound({})


def test_a_killed_relay_sends_every_event_at_least_once_and_in_order(world: World) -> None:
    ids = write(world, MANY)
    for _ in range(4):
        before = world.value(WAITING)
        relay = world.start("relay", batch_size=200)
        eventually(partial(has_fewer_than, world, before))
        relay.kill()
    assert 0 < world.value(WAITING) < MANY

    world.start("relay")
    eventually(lambda: world.value(WAITING) == 0)

    assert first_seen(world.drain(POSITION_UPDATED)) == ids


@pytest.mark.parametrize("part", ["postgres", "rabbitmq"])
def test_every_event_is_sent_when_the_database_or_broker_dies(world: World, part: str) -> None:
    ids = write(world, MANY)
    relay = world.start("relay", batch_size=100)
    eventually(lambda: 0 < world.value(WAITING) < MANY)

    world.stack.kill(part)

    eventually(lambda: relay.lines("relay failed, will restart"))
    eventually(world.stack.part(part).ready)
    eventually(lambda: world.value(WAITING) == 0)
    assert first_seen(world.drain(POSITION_UPDATED)) == ids


def test_rows_that_a_held_snapshot_keeps_do_not_slow_the_relay(world: World) -> None:
    read = """
        SELECT i.idx_scan, i.idx_tup_read FROM pg_stat_user_indexes i
        WHERE i.indexrelname = 'outbox_pkey'
    """
    relaying(world, batch_size=MANY)
    with psycopg.connect(world.dsn) as holder:
        holder.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        holder.execute("SELECT 1 FROM pms.outbox")
        held = write(world, MANY)
        eventually(lambda: world.value(WAITING) == 0)
        ids: list[str] = []
        before = world.query(read)[0]

        def passes_few_rows() -> bool:
            nonlocal before
            # Also with events so rare that it waits after each.
            if not world.value("SELECT r.is_waiting FROM pms.outbox_reader r"):
                return False
            ids.extend(write(world, 1))
            after = world.query(read)[0]
            scans, rows = (now - then for now, then in zip(after, before, strict=True))
            before = after
            return bool(scans > 0 and rows / scans < MANY / 10)

        eventually(passes_few_rows)
    eventually(lambda: world.value(WAITING) == 0)
    assert first_seen(world.drain(POSITION_UPDATED)) == held + ids


def test_an_event_that_is_committed_long_after_later_ones_keeps_its_place(world: World) -> None:
    relaying(world)
    first = str(uuid.uuid4())
    event = {"ids": [first], "positions": ["x"], "type": "position_closed"}
    with psycopg.connect(world.dsn) as late:
        # It takes its number before its sequences, as pms.publish_events does.
        late.execute("SELECT pg_current_xact_id()")
        late.execute(WRITE, event)
        # The relay looks for ended transactions every second, while events come.
        until = time.monotonic() + 2.5
        while time.monotonic() < until:
            write(world, 1)
    second = write(world, 1, "position_closed")
    eventually(lambda: world.value(WAITING) == 0)

    assert first_seen(world.drain("position-manager.position_closed")) == [first, *second]


def test_one_relay_works_and_another_takes_over(world: World) -> None:
    first = relaying(world)
    second = world.start("relay")
    eventually(lambda: second.lines("another relay is at work, standing by"))
    ids = write(world, 100)
    eventually(lambda: world.value(WAITING) == 0)
    assert second.lines("relaying") == []

    first.kill()
    ids += write(world, 100)

    eventually(lambda: world.value(WAITING) == 0)
    assert second.lines("relaying") != []
    assert first_seen(world.drain(POSITION_UPDATED)) == ids


def test_a_failing_portfolio_snapshot_does_not_delay_events(world: World) -> None:
    world.query("ALTER FUNCTION pms.publish_portfolio RENAME TO gone")
    relay = relaying(world, portfolio_event_interval_ms=100)
    eventually(lambda: len(relay.lines("cannot announce the portfolio")) > 2)

    write(world, 3)

    eventually(lambda: world.value(WAITING) == 0)
    assert len(relay.lines("relaying")) == 1
