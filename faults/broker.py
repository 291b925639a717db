"""Faults of the broker: alarms, connections, queues of others, a hang."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pika

from faults.site import Fault, Site
from faults.stream import ACCOUNT, BEGIN
from position_manager.reference.fold import Entry
from position_manager.stack.processes import wait
from position_manager.worker.broker import BROKER_ERRORS, DEAD_LETTER_QUEUE, EVENT_QUEUES, depths

NEIGHBOR = EVENT_QUEUES["position_updated"]
TRANSIENT_ASSET = "TRANSIENTUSDT"
TRANSIENT = 500
# Longer than a connection lives without heartbeats.
HANG = 95.0


def close_connections(site: Site) -> None:
    site.control_broker("close_all_connections", "fault")


def redeliver(site: Site) -> None:
    for _ in range(3):
        close_connections(site)
        site.hold(1)


def raise_alarm(site: Site) -> None:
    site.control_broker("set_vm_memory_high_watermark", "0.000001")
    try:
        site.hold()
    finally:
        site.control_broker("set_vm_memory_high_watermark", "0.4")


def raise_alarm_over_backlog(site: Site) -> list[str]:
    """The alarm that a backlog raises: it must end without the alarm's end."""
    with site.stopped(site.pid("ingest")):
        site.hold()
        site.control_broker("set_vm_memory_high_watermark", "0.000001")
    try:
        drained = wait(lambda: site.queued.depth() == 0, 30)
    finally:
        site.control_broker("set_vm_memory_high_watermark", "0.4")
    return [] if drained else ["the order feed stands still during the alarm"]


def restart_application(site: Site) -> None:
    site.control_broker("stop_app")
    site.control_broker("start_app")


def delete_order_queue(site: Site) -> None:
    """While nothing is in it: what is in a deleted queue is lost."""
    queue = site.stack.context.service.order_queues[-1]
    with site.queued.paused():
        site.audit.settle()
        with site.channel() as channel:
            channel.queue_delete(queue)

        def is_back() -> bool:
            try:
                with site.channel() as channel:
                    declared = channel.queue_declare(queue, passive=True)
                    return bool(declared.method.consumer_count)
            except BROKER_ERRORS:
                return False

        site.wait(is_back)


def purge_order_queue(site: Site) -> None:
    """While nothing is in it: what is in a purged queue is lost."""
    with site.queued.paused():
        site.audit.settle()
        with site.channel() as channel:
            channel.queue_purge(site.stack.context.service.order_queues[-1])


def redeclare_order_queue(site: Site) -> None:
    """As its producer may: with other arguments."""
    queue = site.stack.context.service.order_queues[-1]
    with site.queued.paused():
        site.audit.settle()
        with site.channel() as channel:
            channel.queue_delete(queue)
            channel.queue_declare(queue, durable=True, arguments={"x-max-length": 10_000_000})


def delete_neighbor_queue(site: Site) -> list[str]:
    with site.channel() as channel:
        channel.queue_delete(NEIGHBOR)
    return _without_events(site)


def redeclare_neighbor_queue(site: Site) -> list[str]:
    """A neighbor deletes and declares its queue, which is to get events again."""
    with site.channel() as channel:
        channel.queue_delete(NEIGHBOR)
        channel.queue_declare(NEIGHBOR, durable=True)
    return _without_events(site)


def _without_events(site: Site) -> list[str]:
    """Wait for an event in the neighbor's queue."""

    def has_events() -> bool:
        with site.channel() as channel:
            return bool(depths(channel.connection, [NEIGHBOR]).get(NEIGHBOR))

    return [] if wait(has_events, max(site.seconds, 10)) else [f"{NEIGHBOR} gets no event any more"]


def fill_neighbor_queue(site: Site) -> list[str]:
    """A neighbor's queue is full and refuses more; all others get their events, and once."""
    before = site.audit.arrivals()
    arguments = {"x-max-length": 5, "x-overflow": "reject-publish"}
    with site.channel() as channel:
        channel.queue_delete(NEIGHBOR)
        channel.queue_declare(NEIGHBOR, durable=True, arguments=arguments)
        channel.queue_bind(NEIGHBOR, site.stack.context.service.events_exchange, "position_updated")
    site.hold()
    with site.channel() as channel:
        channel.queue_delete(NEIGHBOR)
    first, again = (now - then for now, then in zip(site.audit.arrivals(), before, strict=True))
    return [f"{first} events arrived, and {again} once more"] if again > 0 else []


def delete_letters(site: Site) -> None:
    with site.channel() as channel:
        channel.queue_delete(DEAD_LETTER_QUEUE)
        channel.exchange_delete(site.stack.context.service.dead_letter_exchange)
    site.hold()


def hang_with_transient_messages(site: Site) -> None:
    """The broker hangs and is killed while ingest holds messages that are on no disk."""
    queue = site.stack.context.service.order_queues[-1]
    first = len(site.audit.others.get(TRANSIENT_ASSET, []))
    with site.queued.paused():
        site.audit.settle()
        with site.connected() as connection, connection.transaction():
            connection.execute("LOCK TABLE pms.entries IN ACCESS EXCLUSIVE MODE")
            entries = []
            with site.channel() as channel:
                channel.confirm_delivery()
                for number in range(first, first + TRANSIENT):
                    at = BEGIN + timedelta(seconds=number)
                    body = {
                        "event_type": "order_executed", "order_id": f"transient-{number}",
                        "execution_id": f"transient-{number}", "account": ACCOUNT,
                        "asset": TRANSIENT_ASSET, "side": "BUY", "execution_price": "10",
                        "execution_quantity": "1", "executed_at": at.isoformat(),
                    }  # fmt: skip
                    channel.basic_publish(
                        "", queue, json.dumps(body).encode(), pika.BasicProperties(delivery_mode=1)
                    )
                    entries.append(Entry(Decimal(1), Decimal(10), executed_at=at))
            site.wait(lambda: site.queued.depth() == 0)
            with site.stopped(site.pid("rabbitmq")):
                site.hold(HANG)
            site.stack.kill("rabbitmq")
        site.audit.others.setdefault(TRANSIENT_ASSET, []).extend(entries)


FAULTS: dict[str, Fault] = {
    "close all connections": close_connections,
    "redeliver three times": redeliver,
    "raise the memory alarm": raise_alarm,
    "raise the memory alarm over a backlog": raise_alarm_over_backlog,
    "restart the application of the broker": restart_application,
    "delete the order queue": delete_order_queue,
    "redeclare the order queue": redeclare_order_queue,
    "purge the order queue": purge_order_queue,
    "delete the queue of a neighbor": delete_neighbor_queue,
    "redeclare the queue of a neighbor": redeclare_neighbor_queue,
    "fill the queue of a neighbor": fill_neighbor_queue,
    "delete exchange and queue of letters": delete_letters,
    "hang the broker with transient messages": hang_with_transient_messages,
}
