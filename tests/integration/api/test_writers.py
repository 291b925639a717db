"""Many concurrent writers on one position, over the queues and HTTP: every fill counts once."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import chain
from typing import Any

import httpx
import pika

from position_manager.reference.journal import Journal
from position_manager.reference.messages import Fill, Place
from position_manager.stack import rabbitmq
from tests.helpers.encode import body
from tests.helpers.harness import ORDER_EVENTS, ORDER_EXECUTED, eventually
from tests.helpers.service import NO_AUTHORITIES, Service
from tests.helpers.soak import sized

WRITERS = 50
FILLS = sized(60, 200)
# Fills of a round: no writer is ahead of the others for long.
ROUND = 5
PATIENCE = 60.0
# The gateway counts requests with a new key by address: not by that of the other tests.
ADDRESS = "127.0.0.50"
MORNING = datetime(2026, 1, 1, tzinfo=UTC)

DEADLOCKS = "SELECT d.deadlocks FROM pg_stat_database d WHERE d.datname = current_database()"
ENTRIES = "SELECT count(*) FROM api.fills f WHERE f.account = %s"

# Fields that requests name differently or omit.
OMITTED = {"event_type", "event_id", "trace_id"}

Send = Callable[[Sequence[dict[str, Any]]], None]


def fills_of(writer: int, place: Place, chance: random.Random) -> list[Fill]:
    """The fills of one writer, at times of its own."""
    return [
        Fill(
            f"{writer}-{number}",
            place,
            Decimal(chance.randint(1, 10_000)).scaleb(-3) * chance.choice((1, -1)),
            Decimal(chance.randint(9_000, 11_000)).scaleb(-2),
            MORNING + timedelta(milliseconds=number * WRITERS + writer),
            Decimal(chance.randint(-10, 100)).scaleb(-2),
        )
        for number in range(FILLS)
    ]


def over_http(service: Service, key: str, in_lists: bool) -> tuple[Send, Callable[[], None]]:
    """A client of its own that records fills one by one, or as lists."""
    client = httpx.Client(
        base_url=service.url,
        headers={"X-API-Key": key},
        timeout=30,
        transport=httpx.HTTPTransport(local_address=ADDRESS, verify=NO_AUTHORITIES),
    )

    def post(path: str, content: dict[str, Any]) -> dict[str, Any]:
        # Together they have more requests under way than an address may: the rest wait.
        while (answer := client.post(f"/rest/rpc/{path}", json=content)).status_code == 429:
            time.sleep(0.01)
        assert answer.status_code == 200, answer.text
        answered: dict[str, Any] = answer.json()
        return answered

    def send(messages: Sequence[dict[str, Any]]) -> None:
        requests = [{k: v for k, v in each.items() if k not in OMITTED} for each in messages]
        outcomes = (
            post("record_fills", {"fills": requests})["outcomes"]
            if in_lists
            else [post("record_fill", each) for each in requests]
        )
        assert {each["outcome"] for each in outcomes} <= {"applied", "duplicate"}, outcomes

    return send, client.close


def over_the_queue(service: Service, queue: str) -> tuple[Send, Callable[[], None]]:
    """A publisher with a connection of its own."""
    connection = pika.BlockingConnection(pika.URLParameters(rabbitmq.url(service.stack.context)))
    channel = connection.channel()
    channel.confirm_delivery()

    def send(messages: Sequence[dict[str, Any]]) -> None:
        for each in messages:
            channel.basic_publish("", queue, json.dumps(each).encode(), mandatory=True)

    return send, connection.close


def write(
    service: Service,
    key: str,
    writer: int,
    mine: list[dict[str, Any]],
    others: list[dict[str, Any]],
    rounds: threading.Barrier,
    chance: random.Random,
) -> None:
    """Send all of its own fills, some of them twice, and some of another writer's."""
    send, close = (
        over_http(service, key, in_lists=writer % 4 == 0)
        if writer % 2 == 0
        else over_the_queue(service, ORDER_EVENTS if writer % 4 == 1 else ORDER_EXECUTED)
    )
    try:
        for start in range(0, FILLS, ROUND):
            due = mine[start : start + ROUND]
            again = [chance.choice(due), chance.choice(others[start : start + ROUND])]
            # All begin together, so that they meet.
            rounds.wait(PATIENCE)
            send([*due, *again])
    except BaseException:
        rounds.abort()
        raise
    finally:
        close()


def is_broken(error: BaseException) -> bool:
    return isinstance(error, threading.BrokenBarrierError)


def test_fifty_writers_over_queue_and_http_apply_every_fill_once(
    service: Service, account: str, asset: str, seed: int
) -> None:
    chance = random.Random(seed)
    place = Place(asset, "net")
    fills = [fills_of(writer, place, chance) for writer in range(WRITERS)]
    messages = [[body(each, account) for each in mine] for mine in fills]
    [(deadlocks,)] = service.query(DEADLOCKS)
    rounds = threading.Barrier(WRITERS)
    key = service.new_key("trader")

    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [
            # An even writer and the next odd one send the same fills by different ways.
            pool.submit(
                write,
                service,
                key,
                writer,
                messages[writer],
                messages[writer ^ 1],
                rounds,
                random.Random(chance.random()),
            )
            for writer in range(WRITERS)
        ]
    errors = [each.exception() for each in writing]
    # The others only say that one of them gave up.
    assert not [error for error in errors if error and not is_broken(error)]
    # Once the last message has arrived, all others have too.
    last = f"{account}-last"
    for number, queue in enumerate((ORDER_EVENTS, ORDER_EXECUTED)):
        send, close = over_the_queue(service, queue)
        send([body(replace(fills[0][number], place=Place(f"{asset}-{number}", "net")), last)])
        close()
    eventually(lambda: service.query(ENTRIES, last) == [(2,)], PATIENCE)

    journal = Journal()
    for fill in chain(*fills):
        journal.receive(fill)
    leg = journal.leg(place)
    held = service.get(f"/api/v1/positions/{asset}", params={"account": account}).json()
    [(size, cost, realized, paid)] = service.query(
        "SELECT p.size, p.cost, p.realized, p.fees_open + p.fees_close"
        " FROM pms.positions p WHERE p.account = %s",
        account,
    )
    assert (size, cost, realized, paid) == (leg.size, leg.cost, leg.realized, leg.fees_paid)
    assert (Decimal(held["size"]), held["version"]) == (leg.size, WRITERS * FILLS)
    assert Decimal(held["realized_pnl"]) == leg.realized_pnl
    assert service.query(ENTRIES, account) == [(WRITERS * FILLS,)]
    assert service.query(DEADLOCKS) == [(deadlocks,)]
