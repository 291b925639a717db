"""A program on the package that asyncapi-python writes: python by_amqp.py ACCOUNT ASSET."""

from __future__ import annotations

import asyncio
import os
import sys

from amqp_client import Application
from amqp_client.messages.json import Execution, PositionUpdated
from asyncapi_python.contrib.wire.amqp import AmqpWire

PATIENCE = 20.0

account, asset = sys.argv[1:]
fill = Execution(
    event_type="order_executed", execution_id=account, account=account, asset=asset, side="buy",
    execution_quantity="1.000000000000000001", execution_price="0.1", execution_fees="0.3",
)  # fmt: skip


async def main() -> None:
    application = Application(AmqpWire(os.environ["RABBITMQ_URL"]))
    changed = asyncio.get_running_loop().create_future()

    async def show(event: object) -> None:
        if isinstance(event, PositionUpdated) and event.account == account and not changed.done():
            changed.set_result(event)

    events, orders = application.consumer.publish_events, application.producer.read_order_events
    events(show, parameters={"event_type": "#"})
    # Not the whole application: it would declare all queues, each without its arguments.
    await asyncio.gather(events.start(), orders.start())
    await orders(fill)
    event = await asyncio.wait_for(changed, PATIENCE)
    await asyncio.gather(events.stop(), orders.stop())
    print(event.model_dump_json())


asyncio.run(main())
