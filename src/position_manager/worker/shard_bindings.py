"""The bindings of the shards' queues, kept as the file of the map says while the splitter runs."""

from __future__ import annotations

import threading
import time

import pika

from position_manager.config.environment import Config
from position_manager.config.settings import ConfigError
from position_manager.config.shard_map import ShardMap, WatchedMap
from position_manager.worker.backoff import Backoff
from position_manager.worker.broker import BROKER_ERRORS, parameters
from position_manager.worker.logging import MAX_TEXT, error_fields, get_logger
from position_manager.worker.process import Part
from position_manager.worker.shard_queues import declare_shards

logger = get_logger(__name__)

# Seconds between two looks at the file of the map.
LOOK_INTERVAL = 1.0
# Seconds between two bindings because messages reach no queue.
REPAIR_INTERVAL = 5.0


class Bindings(Part):
    """Keeps the queues of the shards bound as the file of the map says."""

    def __init__(self, config: Config, file: WatchedMap, stop: threading.Event):
        super().__init__("bindings", stop)
        # Replaced, never modified: the feeds read it.
        self.map = file.read()
        self.bound = threading.Event()
        self._repair = threading.Event()
        self._repaired_at = -REPAIR_INTERVAL
        self._settings = config.service
        self._file = file
        self._parameters = parameters(
            config.rabbitmq, f"{config.service.service_name} split bindings"
        )

    def repair(self) -> None:
        """Bind all queues again, soon: messages reach none."""
        self._repair.set()

    def work(self) -> None:
        """Bind, then look at the file until asked to stop; retry after every failure."""
        backoff = Backoff.configured(self._settings)
        wanted = self.map
        while self.running():
            try:
                is_broken = self._is_broken()
                if is_broken or not self.bound.is_set() or wanted is not self.map:
                    self._bind(wanted, is_broken)
                    backoff.reset()
                self._repair.wait(LOOK_INTERVAL)
                wanted = self._look(wanted)
            except BROKER_ERRORS as error:
                delay = backoff.next()
                logger.warning(
                    "cannot bind, will try again",
                    retry_in_ms=round(delay * 1000),
                    **error_fields(error),
                )
                self.stop.wait(delay)

    def _is_broken(self) -> bool:
        if not self._repair.is_set():
            return False
        self._repair.clear()
        return time.monotonic() - self._repaired_at > REPAIR_INTERVAL

    def _bind(self, wanted: ShardMap, repair: bool) -> None:
        with pika.BlockingConnection(self._parameters) as connection:
            if not declare_shards(connection, wanted, self._settings, repair):
                logger.warning("a newer map is bound", version=wanted.version)
        if repair:
            self._repaired_at = time.monotonic()
        self.map = wanted
        self.bound.set()

    def _look(self, wanted: ShardMap) -> ShardMap:
        """The map of the file when that has changed and is valid."""
        try:
            return self._file.changed() or wanted
        except ConfigError as error:
            logger.warning("map refused, the former one stays", text=str(error)[:MAX_TEXT])
            return wanted
