"""The price keeper: sends every shard the newest price of each asset, at most once in an interval.

The first price of a quiet asset is sent at once. Later ones wait until the interval is over, and
the newest supersedes the others: by its own time, of equal times by delivery. An older one is not
sent after a newer one. So price bars have the highs and lows of the prices that were sent, and a
price that jumps is confirmed by the next one that is sent, not by one that was superseded.

A price that waits stays unacknowledged, so a process that is killed loses none. One that is
superseded is acknowledged: the broker still has the newer one, or a shard has it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import NamedTuple

from position_manager.config.environment import Config
from position_manager.worker.broker import Queue
from position_manager.worker.carrier import Carrier
from position_manager.worker.conflater import Conflater
from position_manager.worker.consumer import HELD_MAX_BYTES, Delivery
from position_manager.worker.courier import Parcel
from position_manager.worker.messages import Refused, read
from position_manager.worker.producers import DEFAULT_ACCOUNT, check_producer
from position_manager.worker.report import Counters
from position_manager.worker.shard_bindings import Bindings
from position_manager.worker.tickers import Ticker, read_ticker

# The prices that wait, in batches. More are sent early: the broker counts unacknowledged messages,
# and would deliver no others.
KEPT_BATCHES = 20
# A prefetch ends at 65,535.
MOST_KEPT = 40_000


class Price(NamedTuple):
    """A price that waits; its delivery may have ended with its connection."""

    delivery: Delivery
    has_ended: bool = False


class PriceKeeper(Carrier):
    """The feed of prices."""

    def __init__(
        self,
        name: str,
        queues: Sequence[Queue],
        config: Config,
        bindings: Bindings,
        counters: Counters,
        stop: threading.Event,
    ) -> None:
        kept = min(KEPT_BATCHES * config.service.batch_size, MOST_KEPT)
        super().__init__(name, queues, config, bindings, counters, stop, kept)
        self._prices: Conflater[Price] = Conflater(self._settings.price_keeper_interval_ms / 1000)
        self._bytes = 0

    def _take(self, batch: Sequence[Delivery]) -> tuple[list[Parcel], list[Delivery]]:
        """Keep the prices; other messages are for the default account, whose shard rejects them."""
        parcels: list[Parcel] = []
        superseded: list[Delivery] = []
        for delivery in batch:
            clock = time.time_ns() // 1000
            ticker = self._ticker(delivery, clock)
            if ticker is None:
                parcels.append(self._parcel(delivery, DEFAULT_ACCOUNT))
                continue
            self._bytes += len(delivery.body)
            former = self._prices.offer(ticker.key, ticker.time, Price(delivery), clock)
            if former is not None:
                self._bytes -= len(former.delivery.body)
                if not former.has_ended:
                    superseded.append(former.delivery)
        return parcels, superseded

    def _ticker(self, delivery: Delivery, clock: int) -> Ticker | None:
        if delivery.size > self._settings.message_max_bytes:
            return None
        try:
            _, document = read(delivery.body)
            if producers := self._settings.producer_accounts:
                check_producer(producers, self.name, delivery, document, self._user)
        except Refused:
            return None
        return read_ticker(document, clock)

    def _due(self) -> list[Parcel]:
        if self._is_held_up:
            return []
        early = self._prices.waiting > self._kept or self._bytes > HELD_MAX_BYTES
        prices = self._prices.release(time.monotonic(), early)
        self._bytes -= sum(len(price.delivery.body) for price in prices)
        return [self._price_parcel(price) for price in prices]

    def _price_parcel(self, price: Price) -> Parcel:
        parcel = self._parcel(price.delivery, None)
        return parcel._replace(delivery=None) if price.has_ended else parcel

    @property
    def _is_held_up(self) -> bool:
        """Whether the broker has not confirmed earlier prices: meanwhile newer ones supersede."""
        return self._courier.holds_up(self._key(None))

    @property
    def _is_full(self) -> bool:
        return super()._is_full or (self._is_held_up and self._bytes > HELD_MAX_BYTES)

    @property
    def _patience(self) -> float:
        patience = super()._patience
        if self._is_held_up:
            return patience
        return max(0.0, min(patience, self._prices.due - time.monotonic()))

    @property
    def _keeps(self) -> bool:
        return super()._keeps or self._prices.waiting > 0

    def _detach(self) -> None:
        super()._detach()
        self._prices.replace(lambda price: price._replace(has_ended=True))
