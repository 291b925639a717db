"""Fixtures of the CLI tests: the commands, and a stack that may be broken."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli
from tests.helpers.prepared_cluster import prepared_stack
from tests.helpers.venue import Venue, separate_venues

if TYPE_CHECKING:
    from tests.conftest import Database


@pytest.fixture
def cli(stack: Stack) -> Cli:
    """The commands, against the stack that all tests share."""
    return Cli(stack.env())


@pytest.fixture
def operator(shared_database: Database) -> Cli:
    """The commands of an operator, against a separate database."""
    return Cli({"DATABASE_URL": shared_database.dsn("pms_operator")})


@pytest.fixture(scope="module")
def venues(shared_database: Database) -> Iterator[Callable[[], Venue]]:
    """Accounts in that database, with what their venues report."""
    with separate_venues(shared_database) as venues:
        yield venues


@pytest.fixture
def account() -> str:
    """An account that nobody has used."""
    return f"cli-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def asset() -> str:
    """An asset that nobody has traded."""
    return f"C{uuid.uuid4().hex[:10]}USDT".upper()


@pytest.fixture
def bought(cli: Cli, account: str, asset: str) -> list[str]:
    """The arguments that name a fill, `one`: 2 at 100 for a fee of 0.5."""
    done = cli(
        "fills", "record", asset.lower(), "BUY", "2", "100", "--fee", "0.5", "--id", "one",
        "--executed-at", "2026-01-01T00:00:00Z", "--account", account,
    )  # fmt: skip
    assert (done.exit_code, done.stdout) == (0, "applied\n"), done.output
    return ["one", "--account", account]


@pytest.fixture(scope="session")
def traded(run_folder: Path) -> Iterator[Stack]:
    """A stack of our own: only demos trade on it, and its parts may be killed."""
    with prepared_stack(run_folder.with_name(f"{run_folder.name}-demo")) as stack:
        yield stack
