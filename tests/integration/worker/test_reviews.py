"""A fill lost to any refusal is visible on its position within a second."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.helpers.harness import (
    ORDER_EVENTS,
    VENUE_POSITIONS,
    World,
    eventually,
    execution,
)
from tests.helpers.queued_fills import FILLS

pytestmark = pytest.mark.xdist_group("worker")

FLAGS = "SELECT p.asset, p.review_reasons FROM api.positions p WHERE p.needs_review ORDER BY 1"
SETTLE = "SELECT api.drop_dead_letter(d.id) FROM api.dead_letters d"


def lost(**changed: Any) -> bytes:
    return json.dumps(execution() | {"asset": "LOSTUSDT"} | changed).encode()


@pytest.mark.parametrize(
    "body",
    [
        lost(side="HOLD"),
        lost(execution_price="-1"),
        lost(event_type="position_opened"),
        lost(execution_price=float("nan")),
        lost()[:-1] + b', "side": "Sell"}',
        lost()[:-1] + b', "note": 1e999}',
        lost()[:-1] + b', "note": "\xff"}',
    ],
    # Each process of pytest-xdist makes other messages.
    ids=["side", "price", "event", "nan", "two sides", "out of range", "no UTF-8"],
)
def test_a_refused_fill_flags_its_position_within_a_second(world: World, body: bytes) -> None:
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))
    # Twice: the first fill warms up what the first message of a session pays for.
    world.publish(ORDER_EVENTS, [execution()])
    eventually(lambda: world.value(FILLS) == 1)

    began = time.monotonic()
    world.publish(ORDER_EVENTS, [execution(), body, execution()])
    eventually(lambda: world.query(FLAGS) == [("LOSTUSDT", ["rejected_message"])])
    assert time.monotonic() - began < 1

    world.query(SETTLE)
    assert world.query(FLAGS) == []


def test_a_refused_report_flags_its_position_until_the_next_one(world: World) -> None:
    report = {"symbol": "LOSTUSDT", "side": "Buy", "size": "0", "mode": 0}
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))

    world.publish(VENUE_POSITIONS, [{"event_type": "position", "payload": report | {"size": "?"}}])
    eventually(lambda: world.query(FLAGS) == [("LOSTUSDT", ["rejected_report"])])

    world.publish(VENUE_POSITIONS, [{"event_type": "position", "payload": report}])
    eventually(lambda: world.query(FLAGS) == [])
