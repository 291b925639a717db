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

# More than change in a second: a drawing finds rows that changed and rows that did not.
POSITIONS = sized(100, 500)
CHANGES_A_SECOND = 50
SECONDS = sized(4, 600)
BUSY = 0.5
# What a page may gain while it runs: events that it keeps, lines of prices; not more with every
# change. A drawing of one row makes some 150 objects.
MOST_GAINED = 8 * 1024**2
MOST_OBJECTS_GAINED = 500 + 10 * POSITIONS

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


def living_objects(session: CDPSession) -> int:
    """How many objects of the page something refers to."""
    all_of_them = {"expression": "Object.prototype", "objectGroup": "count"}
    prototype = session.send("Runtime.evaluate", all_of_them)["result"]["objectId"]
    found = session.send(
        "Runtime.queryObjects", {"prototypeObjectId": prototype, "objectGroup": "count"}
    )
    counted = session.send(
        "Runtime.callFunctionOn",
        {
            "objectId": found["objects"]["objectId"],
            "functionDeclaration": "function () { return this.length; }",
        },
    )
    session.send("Runtime.releaseObjectGroup", {"objectGroup": "count"})
    count: int = counted["result"]["value"]
    return count


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
        objects = living_objects(session)
        before, began = measured(session), time.monotonic()
        page.wait_for_timeout(SECONDS * 1000)
        after, took = measured(session), time.monotonic() - began
        gained = living_objects(session) - objects

    seen = page.evaluate("window.seen")
    busy = (after["TaskDuration"] - before["TaskDuration"]) / took
    heap = after["JSHeapUsedSize"] - before["JSHeapUsedSize"]
    print(f"\nmain thread busy {busy:.0%}; {gained} objects more, {heap / 1024**2:.1f} MB")
    assert seen["texts"] > 0
    assert seen["rows"] == 0, "rows were replaced or moved, though none came or went"
    assert busy < BUSY
    assert gained < MOST_OBJECTS_GAINED
    assert heap < MOST_GAINED
    assert after["Nodes"] - before["Nodes"] < POSITIONS
