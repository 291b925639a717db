"""Many writers on one position, from the queues and over HTTP at once: everything counts once."""

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

from position_manager.reference.messages import Fill, Journal, Place
from position_manager.stack import rabbitmq
from tests.helpers.encode import body
from tests.helpers.harness import ORDER_EVENTS, ORDER_EXECUTED, eventually
from tests.helpers.service import Service

WRITERS = 50
FILLS = 200
# In so many rounds, so that nobody is ahead of the others for long.
ROUNDS = 40
PATIENCE = 60.0
MORNING = datetime(2026, 1, 1, tzinfo=UTC)

DEADLOCKS = "SELECT d.deadlocks FROM pg_stat_database d WHERE d.datname = current_database()"
ENTRIES = "SELECT count(*) FROM api.fills f WHERE f.account = %s"

# What a request says otherwise, or not at all.
NOT_SAID = {"event_type", "trace_id"}

Send = Callable[[Sequence[dict[str, Any]]], None]


def fills_of(writer: int, place: Place, chance: random.Random) -> list[Fill]:
    """What one writer has to say, at times that nobody else has."""
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


def over_http(service: Service, in_lists: bool) -> tuple[Send, Callable[[], None]]:
    """A client of its own that records fills one by one, or as lists."""
    client = httpx.Client(base_url=service.url, headers={"X-API-Key": service.key}, timeout=30)

    def post(path: str, content: dict[str, Any]) -> dict[str, Any]:
        # More of them share a key than it may have requests under way: those wait for their turn.
        while (answer := client.post(f"/rest/rpc/{path}", json=content)).status_code == 429:
            time.sleep(0.01)
        assert answer.status_code == 200, answer.text
        answered: dict[str, Any] = answer.json()
        return answered

    def send(messages: Sequence[dict[str, Any]]) -> None:
        said = [{k: v for k, v in each.items() if k not in NOT_SAID} for each in messages]
        outcomes = (
            post("record_fills", {"fills": said})["outcomes"]
            if in_lists
            else [post("record_fill", each) for each in said]
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
    writer: int,
    mine: list[dict[str, Any]],
    others: list[dict[str, Any]],
    rounds: threading.Barrier,
    chance: random.Random,
) -> None:
    """Send all of mine, some of them twice, and some of somebody else's."""
    send, close = (
        over_http(service, in_lists=writer % 4 == 0)
        if writer % 2 == 0
        else over_the_queue(service, ORDER_EVENTS if writer % 4 == 1 else ORDER_EXECUTED)
    )
    size = FILLS // ROUNDS
    try:
        for start in range(0, FILLS, size):
            due = mine[start : start + size]
            again = [chance.choice(due), chance.choice(others[start : start + size])]
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


def test_fifty_writers_over_queue_and_http_lose_nothing_and_double_nothing(
    service: Service, account: str, asset: str, seed: int
) -> None:
    chance = random.Random(seed)
    place = Place(asset, "net")
    fills = [fills_of(writer, place, chance) for writer in range(WRITERS)]
    told = [[body(each, account) for each in mine] for mine in fills]
    [(deadlocks,)] = service.query(DEADLOCKS)
    rounds = threading.Barrier(WRITERS)

    with ThreadPoolExecutor(WRITERS) as pool:
        writing = [
            # What an even one says, its odd neighbour says too, by the other way.
            pool.submit(
                write,
                service,
                writer,
                told[writer],
                told[writer ^ 1],
                rounds,
                random.Random(chance.random()),
            )
            for writer in range(WRITERS)
        ]
    errors = [each.exception() for each in writing]
    # The others only say that one of them gave up.
    assert not [error for error in errors if error and not is_broken(error)]
    # When what was sent last has come, so has everything else.
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
