"""The splitter: carries messages from the neighbors' queues to those of the shards, unchanged.

Each feed has a thread with its own connections. The messages of an account keep their order, unless
several splitters consume one queue. Of prices, the keeper sends the newest.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from position_manager.config.environment import Config
from position_manager.config.service import ServiceSettings
from position_manager.config.settings import ConfigError, env_name
from position_manager.config.shard_map import WatchedMap
from position_manager.worker.carrier import Carrier
from position_manager.worker.consumer import Delivery
from position_manager.worker.courier import Parcel
from position_manager.worker.feeds import account_in, upstream_queues
from position_manager.worker.price_keeper import PriceKeeper
from position_manager.worker.process import Part
from position_manager.worker.report import Counters, QueueProbe, Reporter
from position_manager.worker.shard_bindings import Bindings


class Splitter(Carrier):
    """A feed of which every message is sent."""

    def _take(self, batch: Sequence[Delivery]) -> tuple[list[Parcel], list[Delivery]]:
        return [self._parcel(delivery, self._account(delivery)) for delivery in batch], []

    def _account(self, delivery: Delivery) -> str | None:
        return account_in(self.name, delivery.body, self._settings.message_max_bytes)


def parts(config: Config) -> list[Part]:
    """The feeds, the bindings of their queues, and the report. Raises ConfigError without a map."""
    file = config.service.shard_map
    if file is None:
        raise ConfigError(f"{env_name(ServiceSettings, 'shard_map')} is required by split")
    stop = threading.Event()
    bindings = Bindings(config, WatchedMap(file), stop)
    counters = Counters()
    feeds: list[Carrier] = []
    by_feed = upstream_queues(config)
    for name, queues in by_feed.items():
        keeps = name == "prices" and config.service.price_keeper_interval_ms > 0
        carrier = PriceKeeper if keeps else Splitter
        feeds.append(carrier(name, queues, config, bindings, counters, stop))
    names = [queue.name for queues in by_feed.values() for queue in queues]
    probe = QueueProbe(config, "split", names, stop)
    reporter = Reporter(
        config, "split", stop, counters, probe, lambda: all(feed.connected for feed in feeds)
    )
    return [bindings, *feeds, probe, reporter]
