"""Fills in the queue, and the checks once they are in the ledger."""

from __future__ import annotations

from typing import Any

from tests.helpers.harness import ORDER_EVENTS, World, session, sizes

FILLS = "SELECT count(*) FROM pms.entries"
SIZES = "SELECT asset, size::int FROM api.positions"
VERSIONS = "SELECT sum(version)::int FROM api.positions"
MANY = 8000


def publish_many(world: World) -> list[dict[str, Any]]:
    fills = session(MANY)
    with world.channel() as channel:
        channel.queue_declare(ORDER_EVENTS, durable=True)
    world.publish(ORDER_EVENTS, fills)
    return fills


def exact(world: World, fills: list[dict[str, Any]]) -> bool:
    """Every fill is applied once, and one version was given for each."""
    return (
        world.value(FILLS) == len(fills)
        and dict(world.query(SIZES)) == sizes(fills)
        and world.value(VERSIONS) == len(fills)
    )


def has_more_than(world: World, count: int) -> bool:
    return bool(world.value(FILLS) > count)


def begun(world: World) -> bool:
    count: int = world.value(FILLS)
    return 0 < count < MANY
