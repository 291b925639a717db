"""Write to the outbox, and read the events of the relay."""

from __future__ import annotations

import uuid

import psycopg

from tests.helpers.harness import Message, Process, World, eventually

WAITING = "SELECT pms.outbox_depth()"
WRITE = """
    INSERT INTO pms.outbox (id, aggregatetype, aggregateid, type, payload, trace_id)
    SELECT e.id, 'position', e.position, %(type)s, jsonb_build_object('number', e.number), 'trace-1'
    FROM unnest(%(ids)s::uuid[], %(positions)s::text[]) WITH ORDINALITY e (id, position, number)
    ORDER BY e.number
"""


def write(world: World, count: int, type: str = "position_updated") -> list[str]:
    """Write events about three positions in one transaction; return their ids, in order."""
    ids = [str(uuid.uuid4()) for _ in range(count)]
    positions = [f"position-{number % 3}" for number in range(count)]
    with psycopg.connect(world.dsn) as conn:
        # As pms.publish_events does: the relay relies on that order.
        conn.execute("SELECT pg_current_xact_id()")
        conn.execute(WRITE, {"ids": ids, "positions": positions, "type": type})
        conn.execute("NOTIFY pms_outbox")
    return ids


def relaying(world: World, **settings: object) -> Process:
    relay = world.start("relay", **settings)
    eventually(lambda: relay.lines("relaying"))
    return relay


def has_fewer_than(world: World, count: int) -> bool:
    return bool(world.value(WAITING) < count)


def first_seen(messages: list[Message]) -> list[str]:
    """The ids in the order of first arrival, without repeats."""
    return list(dict.fromkeys(message.properties.message_id for message in messages))
