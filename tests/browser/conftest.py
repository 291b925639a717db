"""The tests of the pages share the run's stack and one browser."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from position_manager.stack.stack import Stack
from tests.helpers.browser import Visitor, launched
from tests.helpers.service import Service


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Have one process run them all: a second browser costs more than it saves."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def service(stack: Stack) -> Service:
    """The service with its gateway."""
    return Service(stack)


@pytest.fixture(scope="session")
def reader_key(service: Service) -> str:
    """A key that may only read."""
    return service.new_key("reader")


# Not of the session: as long as it runs, the process cannot run an event loop of its own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all tests of this folder."""
    with launched() as browser:
        yield browser


@pytest.fixture
def account() -> str:
    """A new one."""
    return f"a{uuid.uuid4().hex[:8]}"


@pytest.fixture
def visitor(browser: Browser, service: Service) -> Iterator[Visitor]:
    """Somebody new, whose pages must not complain."""
    visitor = Visitor(browser, service.url)
    yield visitor
    visitor.close()
    visitor.assert_content()
