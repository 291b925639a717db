"""A hot standby answers reads; what it cannot answer, the primary does."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from position_manager.stack.context import DATABASE
from position_manager.stack.processes import wait
from position_manager.stack.stack import Stack
from tests.helpers.gateway import gateway
from tests.helpers.service import Service, assert_refused
from tests.integration.standby.conftest import (
    PATIENCE,
    Standby,
    StandbyRest,
    missing_standby,
    waiting,
)

pytestmark = pytest.mark.xdist_group("standby")

READS = ("/api/v1/positions/{asset}", "/rest/positions?asset=eq.{asset}")
FUTURE = {"X-Min-LSN": "FFFFFFFF/FFFFFFFF/9999999999999999999"}
CHECK = "SELECT pms.check_replayed(%s, NULL)"


class Client:
    """A client of a gateway, with fills of an asset of its own."""

    def __init__(self, url: str, key: str) -> None:
        self._client = httpx.Client(base_url=url, headers={"X-API-Key": key}, timeout=30)
        self.asset = f"S{uuid.uuid4().hex[:16]}".upper()

    def close(self) -> None:
        self._client.close()

    def get(self, path: str, **headers: str) -> httpx.Response:
        found = httpx.Headers(headers, encoding="latin-1")
        return self._client.get(path.format(asset=self.asset), headers=found)

    def fill(self) -> dict[str, str]:
        """The fields of a new fill of one unit."""
        return {
            "execution_id": uuid.uuid4().hex, "asset": self.asset, "side": "buy",
            "execution_quantity": "1", "execution_price": "100",
        }  # fmt: skip

    def record(self, fill: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """Record a fill, by default a new one."""
        body = fill or self.fill()
        return self._client.post("/rest/rpc/record_fill", json=body, headers=headers)

    def post(self, path: str) -> httpx.Response:
        return self._client.post(path.format(asset=self.asset), json={})

    def sizes(self, **headers: str) -> list[str]:
        """The size of the position, as each of READS has it."""
        answers = [self.get(path, **headers) for path in READS]
        assert [answer.status_code for answer in answers] == [200, 200], answers[0].text
        one, (row,) = (answer.json() for answer in answers)
        return [str(one["size"]), str(row["size"])]


@pytest.fixture
def client(stack: Stack, standby_rest: StandbyRest) -> Iterator[Client]:
    """Of a gateway whose reads the standby answers first."""
    with gateway(stack, standby_reads=True) as found:
        client = Client(found.url, Service(stack).key)
        yield client
        client.close()


@pytest.fixture
def misled(stack: Stack, standby_rest: StandbyRest) -> Iterator[Client]:
    """Of a gateway that takes the standby for the primary."""
    with gateway(stack, before=standby_rest.server) as found:
        client = Client(found.url, Service(stack).key)
        yield client
        client.close()


def test_a_read_sees_the_write_whose_position_it_names(client: Client, standby: Standby) -> None:
    assert client.record().status_code == 200
    with standby.paused():
        written = client.record()

        assert client.sizes() == ["1", "1"]
        assert client.sizes(**{"X-Min-LSN": written.headers["X-LSN"]}) == ["2", "2"]


def test_the_primary_answers_when_the_standby_does_not(stack: Stack) -> None:
    # Another test may have one at the usual sockets.
    with gateway(stack, standby="unix:nobody.sock", standby_reads=True) as found:
        client = Client(found.url, Service(stack).key)
        try:
            client.record()

            assert client.sizes() == ["1", "1"]
        finally:
            client.close()


def test_the_primary_answers_for_a_standby_that_hangs(
    stack: Stack, standby_rest: StandbyRest
) -> None:
    # Longer than the 3 s after which a request was once not passed on.
    with gateway(stack, directives=" proxy_read_timeout 4s;", standby_reads=True) as found:
        client = Client(found.url, Service(stack).key)
        try:
            client.record()
            with standby_rest.stopped(), ThreadPoolExecutor() as pool:
                answers = list(pool.map(client.get, READS))
        finally:
            client.close()
    assert [answer.status_code for answer in answers] == [200, 200]


def test_a_client_does_not_take_a_standby_out_of_use(client: Client, standby: Standby) -> None:
    client.record()
    with standby.paused():
        client.record()
        for _ in range(24):
            assert client.get(READS[0], **FUTURE).json()["size"] == "2"

        assert client.sizes() == ["1", "1"]


def test_a_position_counts_once_its_transaction_has_ended(stack: Stack, standby: Standby) -> None:
    dsn = stack.context.dsn(dbname=DATABASE)
    write = "SELECT pg_logical_emit_message(TRUE, 'test', '')"
    with psycopg.connect(dsn) as first, psycopg.connect(dsn, autocommit=True) as second:
        first.execute(write)
        ((lsn, transaction),) = first.execute(
            "SELECT pg_current_wal_insert_lsn()::text, pg_current_xact_id()::text"
        ).fetchall()
        second.execute(write)
        assert standby.has_replayed()
        with standby.connected(DATABASE, "pms_owner") as replica:
            replica.execute(CHECK.encode(), [lsn])
            with pytest.raises(psycopg.Error, match="has not replayed"):
                replica.execute(CHECK.encode(), [f"{lsn}/{transaction}"])
            first.commit()
            assert standby.has_replayed()
            replica.execute(CHECK.encode(), [f"{lsn}/{transaction}"])


def test_a_repeated_answer_waits_for_the_standby(stack: Stack, client: Client) -> None:
    key = {"Idempotency-Key": uuid.uuid4().hex}
    body = client.fill()
    assert client.record(body, **key).status_code == 200
    with ThreadPoolExecutor() as pool:
        with missing_standby(stack.context) as connection:
            again = pool.submit(client.record, body, **key)

            def waits() -> bool:
                return waiting(connection, DATABASE, "pms_authenticator") == 1

            assert wait(lambda: waits() or again.done(), PATIENCE)
            assert not again.done()
        assert again.result(PATIENCE).headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("value", ["x", "0/0/0/0", "16", "0/G", "0/123456789", "0/0/-1", "é"])
def test_a_malformed_position_is_refused_by_its_name(client: Client, value: str) -> None:
    for path in READS:
        answer = client.get(path, **{"X-Min-LSN": value})

        assert_refused(answer, 400, "X-Min-LSN")


def test_a_position_of_the_future_is_answered_by_the_primary(client: Client) -> None:
    client.record()

    assert client.sizes(**FUTURE) == ["1", "1"]


def test_a_write_to_a_standby_is_an_outage(
    client: Client, misled: Client, standby: Standby
) -> None:
    client.record()
    assert standby.has_replayed()
    misled.asset = client.asset

    for answer in (misled.record(), misled.post("/api/v1/positions/{asset}/snapshot")):
        assert_refused(answer, 503)
    assert misled.sizes() == ["1", "1"]
    assert misled.post("/rest/rpc/get_positions").status_code == 200
    assert misled.post("/rest/rpc/no_such_function").status_code == 503


def test_a_read_writes_no_header(client: Client) -> None:
    assert "X-LSN" not in client.get("/api/v1/positions").headers
    assert client.record().headers["X-LSN"].count("/") == 2
