"""A separate stack for the worker's tests, which stop and kill its parts."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from position_manager.stack.stack import Stack
from tests.helpers.harness import World
from tests.helpers.ledger_check import assert_verified
from tests.helpers.prepared_cluster import TEMPLATE, prepared_stack


@pytest.fixture(scope="session")
def parts(run_folder: Path) -> Iterator[Stack]:
    """PostgreSQL and RabbitMQ, supervised; the tests start the worker themselves.

    They empty the queues and kill the parts, so all of them belong to one ``xdist_group``.
    """
    stack = prepared_stack(run_folder.with_name(f"{run_folder.name}-worker"))
    try:
        stack.up(["postgres", "epmd", "rabbitmq"])
        yield stack
    finally:
        stack.down(delete=True)


@pytest.fixture
def world(parts: Stack, tmp_path: Path) -> Iterator[World]:
    """A fresh database and an empty broker; whatever a test breaks, the ledger stays sound."""
    name = f"worker_{uuid.uuid4().hex}"
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    with psycopg.connect(parts.context.dsn(dbname="postgres"), autocommit=True) as conn:
        conn.execute(statement.format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
    world = World(parts, name, tmp_path)
    world.empty_broker()
    yield world
    world.end()
    assert_verified(world.dsn)
    with psycopg.connect(parts.context.dsn(dbname="postgres"), autocommit=True) as conn:
        conn.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
