"""The fallback price source: requested for missing prices, and harmless when it fails."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

import pytest

from position_manager.worker.price_api import NoPrice, address, price_message
from tests.helpers.harness import ORDER_EVENTS, PRICES, World, eventually, execution
from tests.helpers.queued_fills import FILLS

pytestmark = pytest.mark.xdist_group("worker")

Answer = tuple[int, bytes]
COUNTS = "SELECT status FROM pms.worker_reports WHERE part = 'ingest'"


class Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A client that has disconnected gets no response."""


class Endpoint:
    """A price server, and its requests."""

    def __init__(self, answer: Callable[[str, int], Answer]) -> None:
        self.asked: list[tuple[str, float]] = []
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asset = self.path.rpartition("/")[2]
                endpoint.asked.append((asset, time.monotonic()))
                status, body = answer(asset, endpoint.times(asset))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """The request is recorded already."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/key-of-ours/{{asset}}"

    def times(self, asset: str) -> int:
        """The number of requests for an asset."""
        return Counter(each for each, _ in self.asked)[asset]


@pytest.fixture
def serve() -> Iterator[Callable[[Callable[[str, int], Answer]], Endpoint]]:
    """Start endpoints with given responses: asset and number of the request to a response."""
    started: list[Endpoint] = []

    def start(answer: Callable[[str, int], Answer]) -> Endpoint:
        endpoint = Endpoint(answer)
        threading.Thread(target=endpoint.server.serve_forever, daemon=True).start()
        started.append(endpoint)
        return endpoint

    yield start
    for endpoint in started:
        endpoint.server.shutdown()
        endpoint.server.server_close()


def prices(world: World) -> dict[str, tuple[str, str]]:
    found = world.query("SELECT p.asset, p.mark_price::text, p.source FROM api.prices p")
    return {asset: (price, source) for asset, price, source in found}


def test_stale_and_missing_prices_of_open_positions_are_requested(
    world: World, serve: Callable[[Callable[[str, int], Answer]], Endpoint]
) -> None:
    def answer(asset: str, time_: int) -> Answer:
        if asset == "AAAUSDT" and time_ < 3:
            return 500, b""
        return 200, {
            "AAAUSDT": b'{"symbol": "AAAUSDT", "mark_price": "101.5"}',
            "BBBUSDT": b'{"retCode": 0, "result": {"list": [{"lastPrice": 0.1000}]}}',
            "CCCUSDT": b'{"mark_price": NaN}',
            "DDDUSDT": b'{"data": {"symbol": "AAAUSDT", "markPrice": "1"}}',
            "STALEUSDT": b'{"payload": {"last_price": "7"}}',
        }[asset]

    endpoint = serve(answer)
    ingest = world.start("ingest", price_api_url=endpoint.url)
    eventually(lambda: world.consuming(ingest))
    open_ = ("AAAUSDT", "BBBUSDT", "CCCUSDT", "DDDUSDT", "STALEUSDT", "FRESHUSDT")
    fresh = {"event_type": "ticker", "payload": {"symbol": "FRESHUSDT", "mark_price": "5"}}
    stale = {"event_type": "ticker", "payload": {
        "symbol": "STALEUSDT", "mark_price": "6", "timestamp": "2026-01-01T00:00:00Z"}}  # fmt: skip
    closed = [execution(8, "ZZZUSDT", "BUY"), execution(9, "ZZZUSDT", "SELL")]
    world.publish(PRICES, [fresh, stale])
    eventually(lambda: len(prices(world)) == 2)
    world.publish(ORDER_EVENTS, [execution(n, a) for n, a in enumerate(open_)] + closed)

    eventually(lambda: ingest.lines("the price api gave no price"))

    assert prices(world) == {
        "AAAUSDT": ("101.5", "price_api"),
        "BBBUSDT": ("0.1", "price_api"),
        "STALEUSDT": ("7", "price_api"),
        "FRESHUSDT": ("5", "ticker"),
    }
    marked = "SELECT current_price::text FROM api.positions WHERE asset = 'AAAUSDT'"
    assert world.value(marked) == "101.5"
    # Three tries each, with longer and longer pauses between.
    assert {asset: endpoint.times(asset) for asset, _ in endpoint.asked} == {
        "AAAUSDT": 3, "BBBUSDT": 1, "CCCUSDT": 3, "DDDUSDT": 3, "STALEUSDT": 1,
    }  # fmt: skip
    tries = [when for asset, when in endpoint.asked if asset == "AAAUSDT"]
    first, second = (after - before for before, after in pairwise(tries))
    assert first > 0.9
    assert second > 1.9
    (line,) = ingest.lines("the price api gave no price")
    assert line["assets"] == ["CCCUSDT", "DDDUSDT"]
    assert line["reasons"] == ["invalid_json", "the price of another asset"]
    # A possible key is in no log.
    assert "key-of-ours" not in ingest.text

    eventually(lambda: world.value(COUNTS).get("price_api_failures") == 8)
    counts = world.value(COUNTS)
    assert (counts["price_api_requests"], counts["price_api_prices"]) == (11, 3)
    metrics = world.value("SELECT api.get_metrics_text()")
    assert 'position_manager_worker_price_api_failures{part="ingest"} 8' in metrics


def test_an_unresponsive_price_endpoint_does_not_delay_fills(
    world: World, serve: Callable[[Callable[[str, int], Answer]], Endpoint]
) -> None:
    over = threading.Event()

    def answer(asset: str, time_: int) -> Answer:
        over.wait(60)
        return 200, b"{}"

    endpoint = serve(answer)
    ingest = world.start("ingest", price_api_url=endpoint.url, price_api_timeout=5)
    eventually(lambda: world.consuming(ingest))
    world.publish(ORDER_EVENTS, [execution(0, "AAAUSDT")])
    eventually(lambda: endpoint.asked)

    # Messages are applied before the request times out.
    world.publish(ORDER_EVENTS, [execution(number) for number in range(1, 51)])
    eventually(lambda: world.value(FILLS) == 51, patience=4.8)
    eventually(lambda: world.value(COUNTS).get("price_api_failures") == 1)

    # A request under way does not delay the end either.
    assert ingest.terminate() == 0
    over.set()
    assert ingest.lines("part failed") == []


def test_without_a_url_no_price_is_requested(world: World) -> None:
    ingest = world.start("ingest")
    eventually(lambda: world.consuming(ingest))

    assert "price api" not in ingest.lines("started")[0]["threads"]


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("http://x/{asset}/price", "http://x/BTC-1/price"),
        ("http://x/price", "http://x/price?symbol=BTC-1"),
        ("http://x/price?category=linear", "http://x/price?category=linear&symbol=BTC-1"),
    ],
)
def test_the_asset_replaces_the_placeholder_in_the_url(url: str, asked: str) -> None:
    assert address(url, "BTC-1") == asked


@pytest.mark.parametrize(
    ("answer", "payload"),
    [
        ({"last_price": "1", "mark_price": "2"}, {"mark_price": "2"}),
        ({"markPrice": "", "lastPrice": "1"}, {"mark_price": "1"}),
        ({"markPrice": "0", "lastPrice": "1"}, {"mark_price": "1"}),
        ({"markPrice": "NaN", "last_price": "-1", "lastPrice": "1"}, {"mark_price": "1"}),
        ({"markPrice": "-1", "lastPrice": "0"}, {"mark_price": "-1"}),
        ({"data": {"symbol": "btcusdt", "markPrice": "3"}}, {"mark_price": "3"}),
        (
            {"payload": {"last_price": "4"}, "timestamp": "2026-01-01T00:00:00Z"},
            {"mark_price": "4", "timestamp": "2026-01-01T00:00:00Z"},
        ),
        ({"result": {"list": [{"markPrice": "5"}, {"markPrice": "6"}]}}, {"mark_price": "5"}),
    ],
)
def test_a_price_is_read_from_every_response_shape(
    answer: dict[str, Any], payload: dict[str, str]
) -> None:
    message = price_message("BTCUSDT", answer)

    assert message["payload"] == {"symbol": "BTCUSDT"} | payload
    assert json.dumps(message)


@pytest.mark.parametrize(
    "answer",
    [
        {}, {"mark_price": None}, {"mark_price": True}, {"mark_price": {}},
        {"result": {"list": []}}, {"result": [1]}, {"data": "1"},
        {"symbol": "ETHUSDT", "mark_price": "1"}, {"symbol": 1, "mark_price": "1"},
    ],
)  # fmt: skip
def test_a_response_without_a_price_of_the_asset_is_ignored(answer: dict[str, Any]) -> None:
    with pytest.raises(NoPrice):
        price_message("BTCUSDT", answer)
