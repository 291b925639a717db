"""A connection to the broker whose event loop runs only inside the calls of its owner.

pika's blocking connection collects deliveries until it dispatches them: the prefetch alone bounds
their number, and those of a connection that is lost meanwhile are lost with it. Here each callback
runs at once, and messages that are not read stay with the broker.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import pika
from pika.channel import Channel
from pika.exceptions import AMQPConnectionError

CONNECT_TIMEOUT = 15.0
CLOSE_TIMEOUT = 2.0


class Link(ABC):
    """A connection with one channel."""

    def __init__(self, parameters: pika.ConnectionParameters) -> None:
        self._channel: Channel | None = None
        self._error: BaseException | None = None
        self._closed = False
        self._finished: Callable[[], bool] = lambda: True
        self._connection = pika.SelectConnection(
            parameters,
            on_open_callback=lambda connection: connection.channel(
                on_open_callback=self._on_channel
            ),
            on_open_error_callback=self._on_end,
            on_close_callback=self._on_end,
        )

    @abstractmethod
    def _prepare(self, channel: Channel) -> None:
        """Set up the open channel and call :meth:`_ready` when that is done."""

    def close(self) -> None:
        """Close the connection and its event loop, once; unacknowledged messages are requeued."""
        if self._connection.is_open:
            self._connection.close()
        if not self._connection.is_closed:
            self._drive(lambda: self._closed, CLOSE_TIMEOUT)
        self._connection.ioloop.close()

    def _connect(self) -> None:
        """Wait for the channel; raises AMQPConnectionError when there is none."""
        self._run(lambda: self._channel is not None, CONNECT_TIMEOUT)

    def _ready(self, channel: Channel) -> None:
        self._channel = channel
        self._stop_when_finished()

    def _run(self, finished: Callable[[], bool], timeout: float) -> None:
        """Run the event loop until `finished`; raise when the connection fails or time runs out."""
        self._wait_for(finished, timeout)
        if not finished():
            raise AMQPConnectionError(f"no answer from the broker within {timeout:.0f} s")

    def _wait_for(self, finished: Callable[[], bool], timeout: float) -> None:
        """Run the event loop until `finished` or the timeout; raise when the connection fails."""
        self._drive(lambda: self._error is not None or finished(), timeout)
        self._raise_error()

    def _drive(self, finished: Callable[[], bool], timeout: float) -> None:
        ioloop = self._connection.ioloop
        deadline = time.monotonic() + timeout
        timer = ioloop.call_later(timeout, ioloop.stop)
        while not finished() and time.monotonic() < deadline:
            self._finished = finished
            ioloop.start()
        ioloop.remove_timeout(timer)

    def _poll(self) -> None:
        """Process what has arrived."""
        ioloop = self._connection.ioloop
        ioloop.call_later(0, ioloop.stop)
        ioloop.start()
        self._raise_error()

    def _raise_error(self) -> None:
        if self._error is not None:
            raise AMQPConnectionError(f"the connection failed: {self._error}") from self._error

    def _stop_when_finished(self) -> None:
        if self._finished():
            # A stop writes to a socket: one is enough for all messages of a read.
            self._finished = lambda: False
            self._connection.ioloop.stop()

    def _on_channel(self, channel: Channel) -> None:
        channel.add_on_close_callback(self._on_channel_end)
        self._prepare(channel)

    def _on_channel_end(self, _channel: Channel, reason: BaseException) -> None:
        self._error = self._error or reason
        self._stop_when_finished()

    def _on_end(self, _connection: Any, reason: BaseException) -> None:
        self._closed = True
        self._error = self._error or reason
        self._stop_when_finished()
