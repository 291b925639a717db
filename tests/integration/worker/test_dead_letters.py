"""Dead letters of ingest."""

from __future__ import annotations

from hashlib import sha256

import pytest
from pika.exceptions import ChannelClosedByBroker

from position_manager.worker.broker import depths
from tests.helpers.harness import (
    DEAD_LETTERS,
    ORDER_EVENTS,
    PRICES,
    World,
    eventually,
    execution,
)
from tests.helpers.queued_fills import FILLS

pytestmark = pytest.mark.xdist_group("worker")


def test_a_rejected_message_is_dead_lettered_with_its_reason(world: World) -> None:
    world.declare(PRICES)
    # Properties that the broker would act on again are not copied.
    world.publish(
        PRICES,
        [b"no JSON"],
        delivery_mode=1,
        correlation_id="c-1",
        expiration="600000",
        headers={"x-trace-id": "t-1", "kept": "yes", "CC": [ORDER_EVENTS]},
    )
    world.start("ingest")

    eventually(lambda: world.value("SELECT count(*) FROM pms.rejected_messages") == 1)
    eventually(lambda: world.letters() == 1)

    (letter,) = world.drain(DEAD_LETTERS)
    assert letter.body == b"no JSON"
    assert letter.properties.headers == {
        "x-reason": "invalid_json",
        "x-detail": "Expecting value at character 0",
        "x-queue": PRICES,
        "x-trace-id": "t-1",
        "kept": "yes",
    }
    assert letter.routing_key == PRICES
    assert letter.properties.delivery_mode == 2
    assert letter.properties.correlation_id == "c-1"
    assert letter.properties.expiration is None
    assert world.depth(PRICES) == 0


def test_of_an_oversized_message_the_beginning_and_the_digest_are_kept(world: World) -> None:
    body = b'{"a": "' + b"x" * 5000 + b'"}'
    digest = sha256(body).digest()
    world.declare(ORDER_EVENTS)
    world.publish(ORDER_EVENTS, [body, execution()])
    world.start("ingest", message_max_bytes=1024)

    eventually(lambda: world.value(FILLS) == 1)
    eventually(lambda: world.letters() == 1)

    (letter,) = world.drain(DEAD_LETTERS)
    assert letter.body == body[:4096]
    assert letter.properties.headers["x-size"] == len(body)
    assert letter.properties.headers["x-sha256"] == digest.hex()
    kept = "SELECT body, bytes, digest, reason, detail FROM pms.rejected_messages"
    detail = f"{len(body)} bytes, at most 1024 are read"
    assert world.query(kept) == [(body[:4096], len(body), digest, "too_large", detail)]


def test_oversized_messages_take_little_memory(world: World) -> None:
    world.declare(ORDER_EVENTS)
    world.publish(ORDER_EVENTS, (b"%d" % number + b"x" * 10_000_000 for number in range(20)))

    ingest = world.start("ingest")

    eventually(lambda: world.value("SELECT count(*) FROM pms.rejected_messages") == 20)
    assert ingest.peak_memory() < 150_000_000


def test_the_queue_of_letters_is_limited_in_bytes(world: World) -> None:
    world.start("ingest")
    limits = {"x-message-ttl": 14 * 86_400_000, "x-max-length": 100_000, "x-overflow": "drop-head"}
    with world.channel() as channel:
        eventually(lambda: depths(channel.connection, [DEAD_LETTERS]))

    # The broker compares them.
    world.declare(DEAD_LETTERS, limits | {"x-max-length-bytes": 256 * 1024 * 1024})
    with pytest.raises(ChannelClosedByBroker, match="inequivalent arg 'x-max-length-bytes'"):
        world.declare(DEAD_LETTERS, limits)


def test_a_deleted_letter_queue_is_declared_again(world: World) -> None:
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))
    world.publish(ORDER_EVENTS, [b"first"])
    eventually(lambda: world.letters() == 1)
    with world.channel() as channel:
        channel.queue_delete(DEAD_LETTERS)

    world.publish(ORDER_EVENTS, [b"second"])

    eventually(lambda: world.letters() == 1)
    assert [letter.body for letter in world.drain(DEAD_LETTERS)] == [b"second"]


def test_a_letter_with_headers_of_a_whole_frame_holds_up_no_other(world: World) -> None:
    world.declare(PRICES)
    # The broker takes them, but together with the reason they would exceed a frame.
    world.publish(PRICES, [b"first"], headers={"theirs": "x" * 131_000})
    world.publish(PRICES, [b"second"], headers={"theirs": "x"})
    world.start("ingest")

    eventually(lambda: world.letters() == 2)

    first, second = world.drain(DEAD_LETTERS)
    assert (first.body, second.body) == (b"first", b"second")
    assert set(second.properties.headers) - set(first.properties.headers) == {"theirs"}
    assert first.properties.headers["x-reason"] == "invalid_json"


def test_letters_that_wait_for_the_broker_are_published_at_the_end(world: World) -> None:
    world.declare(DEAD_LETTERS, {"x-max-length": 1, "x-overflow": "reject-publish"})
    world.publish(DEAD_LETTERS, [b"of another"])
    # The next try would come after a minute.
    slow = {"optimistic_lock_backoff_base": 60_000, "retry_backoff_max_ms": 60_000}
    ingest = world.start("ingest", **slow)
    eventually(lambda: world.consuming(ingest))
    world.publish(ORDER_EVENTS, [b"no JSON"])
    eventually(lambda: ingest.lines("cannot publish dead letters"))
    world.drain(DEAD_LETTERS)

    assert ingest.terminate() == 0

    assert [letter.body for letter in world.drain(DEAD_LETTERS)] == [b"no JSON"]
