"""Request stale or missing prices of open positions from an HTTP endpoint, if configured.

Requests run in their own thread and on their own connections, so no message waits for them. A
failure is harmless: it is counted, and the price is requested again later.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

import httpx
import psycopg

from position_manager.config.environment import Config
from position_manager.names import asset_name
from position_manager.worker import database as db
from position_manager.worker.logging import MAX_TEXT, get_logger
from position_manager.worker.messages import Refused, read
from position_manager.worker.process import Part
from position_manager.worker.report import Counters

logger = get_logger(__name__)

WANTED = "SELECT asset FROM pms.stale_price_assets() asset"
APPLY = """
    SELECT o.outcome, o.reason
    FROM pms.apply_prices(%(messages)b::text[]::jsonb[], 'price_api') o
"""
PLACE = "{asset}"
# The names in a ticker of the contract, in order of precedence.
PRICE_NAMES = ("mark_price", "markPrice", "last_price", "lastPrice")
# Seconds to wait after each attempt; the last wait spares an endpoint that fails.
PAUSES = (1.0, 2.0, 4.0)
LOOK_INTERVAL = 5.0
# Seconds between two requests for one asset, whatever the result.
ASK_INTERVAL = 30.0
MAX_LOGGED = 20


class NoPrice(Exception):
    """The endpoint returned no price of an asset; the text says why."""


class Unreachable(NoPrice):
    """The endpoint did not answer, so requests for other assets would fail as well."""


class PriceApi(Part):
    """Requests the prices that the database lacks."""

    def __init__(self, config: Config, url: str, stop: threading.Event, counters: Counters) -> None:
        super().__init__("price api", stop)
        self._url = url
        self._timeout = float(config.service.price_api_timeout)
        self._max_bytes = config.service.message_max_bytes
        title = f"{config.service.service_name} price api"
        self._database = db.Database(config.postgres, title)
        self._counters = counters
        self._asked: dict[str, float] = {}
        # The service reads its environment in one place, and has no setting for a proxy. Made here,
        # as it reads files that the user of the worker may be unable to read.
        self._client = httpx.Client(timeout=self._timeout, trust_env=False)

    def work(self) -> None:
        """Poll the database and request the prices it lacks, until asked to stop."""
        with self._client as client:
            while not self.stop.wait(LOOK_INTERVAL):
                self.step()
                try:
                    self._ask(client, self._wanted())
                except psycopg.Error as error:
                    self._database.close()
                    logger.warning("cannot apply prices of the price api", **db.describe(error))
        self._database.close()

    def _wanted(self) -> list[str]:
        """Assets without a fresh price that were not requested recently, oldest request first."""
        rows = self._database.call(lambda connection: connection.execute(WANTED).fetchall())
        before = time.monotonic() - ASK_INTERVAL
        never = before - 1
        wanted = [row[0] for row in rows if self._asked.get(row[0], never) < before]
        return sorted(wanted, key=lambda asset: self._asked.get(asset, never))

    def _ask(self, client: httpx.Client, assets: Sequence[str]) -> None:
        left: Sequence[str] = assets
        reasons: dict[str, str] = {}
        for pause in PAUSES:
            left = self._try(client, left, reasons)
            if not left or self.stop.wait(pause):
                break
        if left and not self.stop.is_set():
            logger.warning(
                "the price api gave no price",
                assets=left[:MAX_LOGGED],
                count=len(left),
                reasons=sorted({reasons[asset] for asset in left if asset in reasons}),
            )

    def _try(
        self, client: httpx.Client, assets: Sequence[str], reasons: dict[str, str]
    ) -> list[str]:
        """Request the price of each asset once; return the assets that still have none."""
        failed: list[str] = []
        for place, asset in enumerate(assets):
            if not self.running():
                return []
            self._asked[asset] = time.monotonic()
            self._counters.count("price_api_requests")
            try:
                self._apply(price_message(asset, self._fetch(client, asset)))
            except NoPrice as error:
                self._counters.count("price_api_failures")
                reasons[asset] = str(error)[:MAX_TEXT]
                failed.append(asset)
                if isinstance(error, Unreachable):
                    # Assets that were not requested come first next time.
                    return [*assets[place + 1 :], *failed]
        return failed

    def _fetch(self, client: httpx.Client, asset: str) -> Mapping[str, Any]:
        """The answer of the endpoint; raises NoPrice, or Unreachable after the timeout."""
        deadline = time.monotonic() + self._timeout
        body = b""
        try:
            with client.stream("GET", address(self._url, asset)) as response:
                if response.status_code != httpx.codes.OK:
                    raise NoPrice(f"HTTP {response.status_code}")
                for part in response.iter_bytes():
                    body += part
                    if time.monotonic() > deadline:
                        raise Unreachable("too slow")
                    if len(body) > self._max_bytes:
                        raise NoPrice("too_large")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            # Without its text, which may contain the address and with it a key.
            raise Unreachable(type(error).__name__) from None
        try:
            return read(body)[1]
        except Refused as refused:
            raise NoPrice(refused.reason) from None

    def _apply(self, message: Mapping[str, Any]) -> None:
        values = {"messages": [json.dumps(message)]}
        rows = self._database.call(lambda connection: connection.execute(APPLY, values).fetchall())
        for outcome, reason in rows:
            if outcome == "rejected":
                raise NoPrice(f"rejected: {reason}")
            if outcome == "applied":
                self._counters.count("price_api_prices")


def address(url: str, asset: str) -> str:
    """The address of an asset's price: ``{asset}`` replaced, or ``?symbol=`` appended."""
    name = quote(asset, safe="")
    if PLACE in url:
        return url.replace(PLACE, name)
    return f"{url}{'&' if '?' in url else '?'}symbol={name}"


def price_message(asset: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """The answer as a ticker message; raise :class:`NoPrice` without a price of this asset."""
    for fields in _levels(answer):
        prices = [fields[name] for name in PRICE_NAMES if _is_text(fields.get(name))]
        if not prices:
            continue
        price = next(filter(_is_positive, prices), prices[0])
        symbol = fields.get("symbol", asset)
        if not _is_text(symbol) or asset_name(symbol) != asset:
            raise NoPrice("the price of another asset")
        payload = {"symbol": asset, "mark_price": price}
        time_of_price = fields.get("timestamp") or answer.get("timestamp")
        if _is_text(time_of_price):
            payload["timestamp"] = time_of_price
        return {"event_type": "ticker", "trace_id": str(uuid.uuid4()), "payload": payload}
    raise NoPrice("no price in the answer")


def _levels(answer: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The levels at which a ticker may lie: flat, in an envelope, or first in a result list."""
    result = answer.get("result")
    listed = result.get("list") if isinstance(result, dict) else None
    first = listed[0] if isinstance(listed, list) and listed else None
    for level in (answer, answer.get("payload"), answer.get("data"), first):
        if isinstance(level, Mapping):
            yield level


def _is_positive(literal: str) -> bool:
    try:
        return 0 < Decimal(literal) < Decimal("Infinity")
    except InvalidOperation:
        return False


def _is_text(value: object) -> bool:
    # Numbers are text here, as in the message.
    return isinstance(value, str) and value != ""
