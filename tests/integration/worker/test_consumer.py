"""A consumer holds a bounded number of bytes; the broker keeps the rest."""

from __future__ import annotations

import pytest

from position_manager.config.broker import RabbitmqSettings
from position_manager.config.service import ServiceSettings
from position_manager.stack import rabbitmq
from position_manager.worker.broker import Queue, parameters
from position_manager.worker.consumer import HELD_MAX_BYTES, Consumer, Delivery
from tests.helpers.harness import ORDER_EVENTS, World

pytestmark = pytest.mark.xdist_group("worker")

SIZE = 4 * 1024 * 1024


def consumer_of(world: World) -> Consumer:
    context = world.stack.context
    broker = RabbitmqSettings(
        port=context.ports.rabbitmq_port,
        user=rabbitmq.USER,
        password=context.secrets.rabbitmq,
        heartbeat=2,
    )
    settings = ServiceSettings(message_max_bytes=SIZE)
    return Consumer(parameters(broker, "test"), [Queue(ORDER_EVENTS)], settings)


def test_messages_beyond_the_limit_of_bytes_are_left_to_the_broker(world: World) -> None:
    bodies = [bytes([number]) * SIZE for number in range(14)]
    with world.channel() as channel:
        channel.queue_declare(ORDER_EVENTS, durable=True)
    world.publish(ORDER_EVENTS, bodies)
    consumer = consumer_of(world)
    try:
        consumer.subscribe()
        while consumer.held_bytes <= HELD_MAX_BYTES:
            consumer.wait(1.0)
        for _ in range(5):
            consumer.wait(1.0)
        assert consumer.held_bytes <= HELD_MAX_BYTES + SIZE

        taken: list[Delivery] = []
        while len(taken) < len(bodies):
            if batch := consumer.batch():
                consumer.remove(batch)
                consumer.acknowledge(batch)
                taken += batch
            consumer.wait(1.0)
        assert [delivery.body for delivery in taken] == bodies
        assert [delivery.cut for delivery in taken] == [None] * len(bodies)
        assert consumer.held_bytes == 0
    finally:
        consumer.close()
