"""Ingest of a shard: messages of accounts that the database no longer has go to their shard."""

from __future__ import annotations

import time

import pytest

from position_manager.config.service import ServiceSettings
from position_manager.config.shard_map import ShardMap
from position_manager.worker.shard_queues import EXCHANGE, declare_shards, pinned_key, queue_name
from tests.helpers.harness import ORDER_EVENTS, Process, World, eventually, execution
from tests.helpers.queued_fills import FILLS
from tests.helpers.shards import arrived, fills, forget_shards, take, write_map

pytestmark = pytest.mark.xdist_group("worker")

OWN = 1
QUEUE = queue_name(OWN, "order_events")
OTHER = queue_name(2, "order_events")

# As the guard of a shard answers: of the account `moved` it says that another shard has it.
GUARD = """
    CREATE TABLE pms.guard AS SELECT '{shard}'::text AS shard;
    CREATE SCHEMA guarded;
    ALTER FUNCTION pms.apply_order_events SET SCHEMA guarded;
    CREATE FUNCTION pms.apply_order_events(messages jsonb[])
    RETURNS TABLE (ordinal integer, outcome text, reason text, detail text, trace_id text)
    LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE
        v_shard text := (SELECT g.shard FROM pms.guard g);
        v_own integer[] := ARRAY(
            SELECT n FROM generate_subscripts(messages, 1) n
            WHERE v_shard IS NULL OR messages[n] ->> 'account' IS DISTINCT FROM 'moved'
            ORDER BY n
        );
    BEGIN
        RETURN QUERY
        SELECT v_own[o.ordinal], o.outcome::text, o.reason, o.detail, o.trace_id
        FROM guarded.apply_order_events(ARRAY(SELECT messages[n] FROM unnest(v_own) n)) o
        UNION ALL
        SELECT n, 'misdirected', NULL, v_shard, messages[n] ->> 'trace_id'
        FROM generate_subscripts(messages, 1) n
        WHERE n <> ALL(v_own)
        ORDER BY 1;
    END $$;
    GRANT EXECUTE ON FUNCTION pms.apply_order_events TO pms_worker;
"""
REPORTED = """
    SELECT (status -> 'messages' -> 'order_events' ->> 'misdirected')::integer
    FROM pms.worker_reports WHERE part = 'ingest'
"""


@pytest.fixture(autouse=True)
def _shards(world: World) -> None:
    """Queues and bindings of three shards."""
    file = write_map(world.folder)
    with world.channel() as channel:
        assert declare_shards(channel.connection, ShardMap.read(file), ServiceSettings())


def guarded(world: World, shard: str, **settings: object) -> Process:
    """Ingest of a shard whose database says that `shard` has the account."""
    world.query(GUARD.format(shard=shard))
    ingest = world.start("ingest", shard=OWN, **settings)
    eventually(lambda: world.consuming(ingest))
    return ingest


def moved(number: int) -> dict[str, object]:
    return execution(number) | {"account": "moved", "number": number}


def test_a_misdirected_message_goes_to_the_shard_that_the_database_names(world: World) -> None:
    ingest = guarded(world, "2")
    sent = [moved(number) if number % 3 else fills(1, number)[0] for number in range(90)]

    world.publish(QUEUE, sent, headers={"x-trace-id": "t"}, message_id="m-1")

    eventually(lambda: world.value(FILLS) == 30 and world.depth(OTHER) == 60)
    eventually(lambda: world.query(REPORTED) == [(60,)])
    assert ingest.terminate() == 0
    assert world.depth(QUEUE) == 0
    found = arrived(world, "order_events")
    assert [each.json for each in found[2]] == [
        each for each in sent if each.get("account") == "moved"
    ]
    assert {each.properties.message_id for each in found[2]} == {"m-1"}
    assert found[2][0].properties.headers == {"x-trace-id": "t", "x-hops": 1}
    assert (len(found[0]), len(found[1])) == (0, 0)
    assert world.letters() == 0
    assert world.value("SELECT count(*) FROM pms.rejected_messages") == 0


def test_without_a_number_it_goes_to_its_bucket(world: World) -> None:
    guarded(world, "elsewhere")

    world.publish(QUEUE, [moved(1)])

    shard_map = ShardMap.read(world.folder / "map.json")
    queue = queue_name(shard_map.shard_of("moved"), "order_events")
    assert queue != QUEUE
    eventually(lambda: world.depth(queue) == 1)


def test_a_shard_without_queue_holds_up_no_other_account(world: World) -> None:
    ingest = guarded(world, "9")
    world.publish(QUEUE, [moved(0), *fills(20), moved(1)])

    eventually(lambda: world.value(FILLS) == 20)
    eventually(lambda: ingest.lines("not taken, will try again"))
    world.publish(QUEUE, fills(20, first=20))
    eventually(lambda: world.value(FILLS) == 40)

    with world.channel() as channel:
        channel.queue_bind(OTHER, EXCHANGE, pinned_key("order_events", 9))
    try:
        eventually(lambda: world.depth(OTHER) == 2)
    finally:
        with world.channel() as channel:
            channel.queue_unbind(OTHER, EXCHANGE, pinned_key("order_events", 9))
    assert [each.json["number"] for each in take(world, OTHER)] == [0, 1]
    assert ingest.terminate() == 0
    assert world.depth(QUEUE) == 0


def test_what_was_not_forwarded_is_still_there_after_a_kill(world: World) -> None:
    ingest = guarded(world, "9")
    world.publish(QUEUE, [moved(0), *fills(5), moved(1)])
    eventually(lambda: ingest.lines("not taken, will try again"))
    eventually(lambda: world.value(FILLS) == 5)

    ingest.kill()

    eventually(lambda: world.depth(QUEUE) >= 2)
    left = [each.json for each in take(world, QUEUE)]
    assert [each["number"] for each in left if each.get("account") == "moved"] == [0, 1]


def test_without_shards_a_misdirected_message_waits(world: World) -> None:
    forget_shards(world)
    world.query(GUARD.format(shard="2"))
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))

    world.publish(ORDER_EVENTS, [moved(0), *fills(5)])

    eventually(lambda: world.value(FILLS) == 5)
    eventually(lambda: ingest.lines("cannot forward, will try again"))
    assert ingest.terminate() == 0
    assert [each.json.get("account") for each in take(world, ORDER_EVENTS)] == ["moved"]


def test_shards_that_disagree_do_not_spin(world: World) -> None:
    # It says of itself that it has the account, and that it has not.
    ingest = guarded(world, str(OWN), retry_backoff_max_ms=2000)
    message = moved(7)
    began = time.monotonic()

    world.publish(QUEUE, [message])

    eventually(lambda: len(ingest.lines("forwarded too often, will wait")) >= 3)
    elapsed = time.monotonic() - began
    counted = sum(line.get("misdirected", 0) for line in ingest.lines("batch"))
    # Five steps at once; then 0.2, 0.4, 0.8, 1.6, 2, 2 … seconds.
    assert counted <= 5 + 4 + elapsed / 0.8
    waits = [line["wait_in_ms"] for line in ingest.lines("forwarded too often, will wait")]
    assert waits[:3] == [200, 400, 800]
    world.publish(QUEUE, fills(5))
    eventually(lambda: world.value(FILLS) == 5)

    world.query("UPDATE pms.guard SET shard = NULL")

    eventually(lambda: world.value(FILLS) == 6)
    order = "SELECT order_id FROM api.fills WHERE account = 'moved'"
    assert world.value(order) == message["order_id"]
