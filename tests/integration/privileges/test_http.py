"""Every published object and every path with every kind of key, over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from position_manager.stack.stack import Stack
from tests.helpers import privilege_matrix, privilege_requests
from tests.helpers.prepared_cluster import prepared_stack
from tests.helpers.privilege_requests import KEYS, Request
from tests.helpers.service import Service

TABLE = Path(__file__).with_name("http.csv")


pytestmark = pytest.mark.xdist_group("privileges")


@pytest.fixture(scope="module")
def alone(run_folder: Path) -> Iterator[Stack]:
    """A service without the data of other tests: a view of all of it would take too long."""
    folder = run_folder.with_name(f"{run_folder.name}-privileges")
    # As many requests as it likes: the limits are tested where they are built.
    stack = prepared_stack(folder, rate_limit_default=1_000_000)
    try:
        stack.up()
        yield stack
    finally:
        stack.down(delete=True)


@pytest.fixture(scope="module")
def keys(alone: Stack) -> dict[str, str | None]:
    service = Service(alone)
    return {"no key": None} | {role: service.new_key(role) for role in KEYS[1:]}


@pytest.fixture(scope="module")
def client(alone: Stack) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=alone.env()["POSITION_MANAGER_URL"], timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def connection(alone: Stack) -> Iterator[psycopg.Connection]:
    with psycopg.connect(alone.context.dsn(), autocommit=True) as connection:
        yield connection


def test_every_key_has_the_privileges_of_the_table(
    client: httpx.Client, connection: psycopg.Connection, keys: dict[str, str | None]
) -> None:
    asked = [
        *privilege_requests.paths(),
        *privilege_requests.relations(connection),
        *privilege_requests.functions(connection),
    ]

    privilege_matrix.compare(
        TABLE, privilege_requests.COLUMNS, privilege_requests.by_http(client, keys, asked)
    )


def test_unpublished_objects_are_not_served(
    client: httpx.Client, connection: psycopg.Connection, keys: dict[str, str | None]
) -> None:
    paths = privilege_requests.hidden(connection)
    assert {"/rest/api_keys", "/rest/rpc/find_key", "/rest/job", "/rest/pg_roles"} <= set(paths)

    for path in paths:
        for name, status in (("no key", 401), ("reader", 404), ("operator", 404)):
            answer = privilege_requests.ask(client, Request(path, "GET", path, {}), keys[name])
            assert answer.status_code == status, (path, name)


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_no_role_writes_to_a_view(
    client: httpx.Client,
    connection: psycopg.Connection,
    keys: dict[str, str | None],
    method: str,
) -> None:
    for view in privilege_requests.relations(connection):
        answer = privilege_requests.ask(
            client, Request(view.name, method, view.path, {}), keys["operator"]
        )
        assert answer.status_code == 405, view.name
