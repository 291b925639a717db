"""A page that is open for long while prices move: how busy it is, and what it keeps.

Its long form runs for ten minutes, with 500 positions and 50 changes a second.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import pika
from playwright.sync_api import CDPSession, expect

from position_manager.stack import rabbitmq
from tests.helpers.browser import Visitor
from tests.helpers.harness import PRICES
from tests.helpers.service import Service
from tests.helpers.soak import sized

POSITIONS = sized(40, 500)
CHANGES_A_SECOND = 50
SECONDS = sized(4, 600)
BUSY = 0.5
# What a page may gain while it runs: events that it keeps, not more with every change.
MOST_GAINED = 8 * 1024**2

WATCH = """() => {
    window.seen = { rows: 0, texts: 0 };
    new MutationObserver((changes) => {
        for (const { type } of changes) window.seen[type === 'childList' ? 'rows' : 'texts'] += 1;
    }).observe(document.querySelector('table.positions tbody'), {
        subtree: true, childList: true, characterData: true,
    });
}"""


@contextmanager
def moving_prices(service: Service, assets: list[str]) -> Iterator[None]:
    """Publish prices of the assets in turn, as the feed would."""
    stop = threading.Event()

    def publish() -> None:
        url = pika.URLParameters(rabbitmq.url(service.stack.context))
        with pika.BlockingConnection(url) as connection:
            channel = connection.channel()
            number = 0
            while not stop.wait(1 / CHANGES_A_SECOND):
                payload = {
                    "symbol": assets[number % len(assets)],
                    "mark_price": str(100 + number % 7),
                }
                body = json.dumps({"event_type": "ticker", "payload": payload}).encode()
                channel.basic_publish("", PRICES, body)
                number += 1

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def measured(session: CDPSession) -> dict[str, float]:
    """What the browser has counted, after what nothing refers to was collected."""
    session.send("HeapProfiler.collectGarbage")
    metrics = session.send("Performance.getMetrics")["metrics"]
    return {each["name"]: each["value"] for each in metrics}


def test_a_page_stays_calm_while_prices_move(
    visitor: Visitor, service: Service, reader_key: str
) -> None:
    run = uuid.uuid4().hex[:6].upper()
    assets = [f"B{run}{number:03}USDT" for number in range(POSITIONS)]
    for asset in assets:
        service.fill(f"busy-{run.lower()}", asset, "1", "100")
    page = visitor.open(key=reader_key)
    page.get_by_label("Search positions").fill(run)
    expect(page.locator("tbody tr")).to_have_count(POSITIONS)
    # By a figure that moves, rows would change places.
    page.get_by_role("button", name="Asset").click()
    session = visitor.context.new_cdp_session(page)
    session.send("Performance.enable")
    session.send("HeapProfiler.enable")

    with moving_prices(service, assets):
        expect(page.locator("tbody [data-column=price] data")).to_have_count(
            POSITIONS, timeout=60_000
        )
        page.evaluate(WATCH)
        before, began = measured(session), time.monotonic()
        page.wait_for_timeout(SECONDS * 1000)
        after, took = measured(session), time.monotonic() - began

    seen = page.evaluate("window.seen")
    assert seen["texts"] > 0
    assert seen["rows"] == 0, "rows were replaced or moved, though none came or went"
    assert (after["TaskDuration"] - before["TaskDuration"]) / took < BUSY
    assert after["JSHeapUsedSize"] - before["JSHeapUsedSize"] < MOST_GAINED
    assert after["Nodes"] - before["Nodes"] < POSITIONS
