"""The reader of the log goes on in the log that it knows, and starts over in another one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import psycopg
import pytest
from psycopg.rows import TupleRow

from position_manager.config.environment import load
from position_manager.worker.stream.clients import Client, Clients, Key
from position_manager.worker.stream.hub import Filter, Hub
from position_manager.worker.stream.reader import Reader
from tests.conftest import Database

PUBLISH = """
    SELECT pms.publish_events(ARRAY(
        SELECT ('position', a.account, 'position_updated', 'trace',
                jsonb_build_object('account', a.account, 'asset', 'BTCUSDT')
        )::pms.outbox_event
        FROM unnest(%s::text[]) a (account)
    ))
"""
LOSE = "DELETE FROM pms.event_log WHERE number > 1"
PROMOTE = "UPDATE pms.event_epoch SET number = number + 1"

Owner = psycopg.Connection[TupleRow]


def write(owner: Owner, accounts: str) -> None:
    """Log an event of each account."""
    owner.execute(PUBLISH, [list(accounts)])
    owner.execute("SELECT pms.log_events(0, 1000)")


@pytest.fixture
def key_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """No stream ends with its key."""
    monkeypatch.setattr(Clients, "end_unless", lambda *_: 0)


def accounts_of(hub: Hub) -> str:
    """The accounts of the events that the hub has."""
    found = hub.since(0, Filter())
    assert found is not None
    return "".join(re.findall(r'"account": ?"(.)"', found.text.decode()))


def streams_go_on(database: Database, meanwhile: Callable[[Owner], None], read: str) -> bool:
    """Whether a stream lasts through an outage, after which the reader has read some accounts."""
    ports = database.context.ports
    config = load(
        {
            "POSTGRES_HOST": "127.0.0.1",
            "POSTGRES_PORT": str(ports.postgres_port),
            "POSTGRES_DB": database.name,
            "POSTGRES_USER": "pms_stream",
            "POSTGRES_PASSWORD": database.context.secrets.pms_stream,
        }
    )

    async def scene() -> bool:
        hub, clients = Hub(), Clients(most_per_key=1)
        client = Client(b"1", Key("a", "pms_reader", None), Filter(), position=3)
        reader = Reader(config, hub, clients)

        async def read_until(accounts: str) -> None:
            """Read until the hub has the events of some accounts."""
            task = asyncio.create_task(reader.run())
            async with asyncio.timeout(20):
                while not (hub.is_started and accounts_of(hub) == accounts):
                    await asyncio.sleep(0.01)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        with psycopg.connect(database.dsn(), autocommit=True) as owner:
            write(owner, "abc")
            await read_until("abc")
            clients.add(client)
            meanwhile(owner)
            await read_until(read)
        return client.stays()

    return asyncio.run(scene())


def test_after_an_outage_the_reader_goes_on_in_the_same_log(
    database: Database, key_is_known: None
) -> None:
    assert streams_go_on(database, lambda owner: write(owner, "d"), "abcd")


@pytest.mark.parametrize("new", ["x", "xy", "xyz"])
def test_events_that_have_the_numbers_of_lost_ones_are_read(
    database: Database, key_is_known: None, new: str
) -> None:
    def fail_over(owner: Owner) -> None:
        owner.execute(LOSE)
        owner.execute(PROMOTE)
        write(owner, new)

    assert not streams_go_on(database, fail_over, f"a{new}")
