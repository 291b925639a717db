"""The API's tests share the run's stack, in separate accounts and assets."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from position_manager.stack.stack import Stack
from tests.helpers.service import Service


@pytest.fixture(scope="session")
def service(stack: Stack) -> Service:
    """The service with its gateway."""
    return Service(stack)


@pytest.fixture(scope="session")
def reader_key(service: Service) -> str:
    """A key that may only read."""
    return service.new_key("reader")


@pytest.fixture
def account() -> str:
    """A new account."""
    return f"test-{uuid.uuid4().hex[:16]}"


@pytest.fixture
def asset() -> str:
    """A new asset."""
    return f"T{uuid.uuid4().hex[:12]}USDT".upper()


@pytest.fixture
def discrepancy(service: Service, account: str, asset: str) -> dict[str, Any]:
    """A wrong row with an open discrepancy."""
    service.fill(account, asset, "2", "100")
    service.query("UPDATE pms.positions SET size = 5 WHERE account = %s", account)
    path = f"/api/v1/positions/{asset}/validate"
    body = service.post(path, params={"account": account, "fix_discrepancies": "false"}).json()
    [discrepancy] = body["discrepancies"]
    assert isinstance(discrepancy, dict)
    return discrepancy
