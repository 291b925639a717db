"""A client of the stream, which goes on from its cursor after every failure."""

from __future__ import annotations

import time
from typing import Any

import httpx

from faults.events import Watcher
from position_manager.stack.stack import Stack
from tests.helpers.streams import events, stream

LOG = "/api/v1/events"
PAGE = 1000


class Follower(Watcher):
    """Reads the log from its beginning, then follows the stream from there.

    It begins again only when the service says that its cursor leads nowhere, as after a
    restoration; otherwise no event may come twice.
    """

    def __init__(self, stack: Stack) -> None:
        super().__init__("follower")
        self._url = stack.env()["POSITION_MANAGER_URL"]
        self._key = stack.env()["POSITION_MANAGER_API_KEY"]
        self._cursor: str | None = None
        self._taken: set[str] = set()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                if self._cursor is None:
                    self._begin()
                with stream(self._url, self._key, self._cursor) as response:
                    response.raise_for_status()
                    self._watching.set()
                    self._follow(response)
            except httpx.HTTPError:
                time.sleep(0.3)

    def _begin(self) -> None:
        self._taken.clear()
        is_more = True
        while is_more:
            after = {} if self._cursor is None else {"after": self._cursor}
            headers = {"X-API-Key": self._key}
            answer = httpx.get(
                f"{self._url}{LOG}", params={"limit": PAGE, **after}, headers=headers
            )
            page = answer.raise_for_status().json()
            for event in page["events"]:
                self._take(event, event["cursor"])
            is_more = page["has_more"]

    def _follow(self, response: httpx.Response) -> None:
        for sent in events(response):
            if sent.event == "reset":
                self._cursor = None
                return
            self._take(sent.data, sent.id)
            if self._stopping.is_set():
                return

    def _take(self, event: dict[str, Any], cursor: str | None) -> None:
        id = event["event_id"]
        if id in self._taken:
            self.arrivals.doubled.append(f"{id} came again")
        self._taken.add(id)
        self.arrivals.take(id, event)
        self._cursor = cursor
