"""The stream as a client reads it, and a part of its own that a test may kill."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psycopg

from position_manager.gateway.render import STREAM_SOCKET
from position_manager.paths import ROOT
from position_manager.stack import worker
from position_manager.stack.parts import CLEAN_ENV, answers_on
from position_manager.stack.processes import wait
from position_manager.stack.stack import Stack
from tests.helpers.service import NO_AUTHORITIES

PATH = "/api/v1/stream"
PATIENCE = 20.0
PUBLISH = """
    SELECT pms.publish_events(ARRAY(
        SELECT (
            'position', %(account)s, %(type)s, 'trace',
            jsonb_build_object(
                'account', %(account)s::text, 'asset', 'BTCUSDT', 'number', n,
                'padding', repeat('.', %(padding)s)
            )
        )::pms.outbox_event
        FROM generate_series(%(first)s::bigint, %(last)s) n
        ORDER BY n
    ))
"""


@dataclass(frozen=True, slots=True)
class Sent:
    """An event of a stream."""

    id: str | None
    event: str | None
    data: dict[str, Any]


def publish(
    stack: Stack,
    account: str,
    last: int,
    first: int = 1,
    kind: str = "position_updated",
    padding: int = 0,
) -> None:
    """Leave numbered events of an account in the outbox, in one transaction."""
    values = {"account": account, "type": kind, "first": first, "last": last, "padding": padding}
    with psycopg.connect(stack.context.dsn("pms_owner"), autocommit=True) as conn:
        conn.execute(PUBLISH, values)


@contextmanager
def stream(
    url: str, key: str, seen: str | None = None, **parameters: str
) -> Iterator[httpx.Response]:
    """A request for the stream; `seen`: the last event that was seen."""
    headers = {"X-API-Key": key} | ({} if seen is None else {"Last-Event-ID": seen})
    with httpx.stream(
        "GET",
        f"{url}{PATH}",
        headers=headers,
        params=parameters,
        timeout=PATIENCE,
        verify=NO_AUTHORITIES,
    ) as response:
        yield response


def events(response: httpx.Response) -> Iterator[Sent]:
    """The events of a stream as they come."""
    fields: dict[str, str] = {}
    for line in response.iter_lines():
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        elif "data" in fields:
            yield Sent(fields.get("id"), fields.get("event"), json.loads(fields["data"]))
            fields = {}
        else:
            fields = {}


def took(response: httpx.Response, last: int) -> list[Sent]:
    """The events up to the one of :func:`publish` with this number."""
    got = []
    for sent in events(response):
        got.append(sent)
        if sent.data.get("number") == last:
            return got
    raise AssertionError(f"the stream ended after {len(got)} events")


def numbers(got: list[Sent]) -> list[int]:
    """The numbers of :func:`publish`."""
    return [sent.data["number"] for sent in got]


class StreamProcess:
    """A stream beside that of a stack, on a socket in a folder of this name."""

    def __init__(self, stack: Stack, name: str, **settings: object) -> None:
        folder: Path = stack.context.folder(f"stream-{name}", "web", mode=0o755)
        user = stack.context.user("web")
        self.socket = folder / STREAM_SOCKET
        own = worker.stream_variables(stack.context) | {
            f"POSITION_MANAGER_{name.upper()}": str(value) for name, value in settings.items()
        }
        self._log_path = folder / "stream.log"
        self._log = self._log_path.open("a")
        arguments = ["stream", "--folder", str(folder), *(() if user is None else ("--user", user))]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "position_manager.worker", *arguments],
            env=CLEAN_ENV | worker.environment(stack.context) | own,
            cwd=ROOT,
            stdout=self._log,
            stderr=self._log,
        )
        assert wait(lambda: answers_on(self.socket, "/ready"), PATIENCE)

    def dropped(self) -> int:
        """How many clients it has dropped."""
        return self._log_path.read_text().count('"client dropped"')

    def kill(self) -> None:
        """Kill it."""
        self.process.kill()
        self.process.wait()
        self._log.close()
