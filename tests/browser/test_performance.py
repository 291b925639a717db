"""The view of performance: days, and what they are days of."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, expect

from tests.helpers.browser import Visitor
from tests.helpers.service import Service


@pytest.fixture
def account() -> str:
    return f"a{uuid.uuid4().hex[:8]}"


@pytest.fixture
def far_visitor(browser: Browser, service: Service) -> Iterator[Visitor]:
    """Somebody in whose time zone the day of the service began yesterday."""
    visitor = Visitor(browser, service.url, timezone_id="America/New_York")
    yield visitor
    visitor.close()
    visitor.assert_content()


def test_days_are_those_of_the_desk(
    far_visitor: Visitor, service: Service, account: str, reader_key: str
) -> None:
    now = datetime.now(UTC)
    service.fill(account, executed_at=now.isoformat())

    page = far_visitor.open("/#/performance", key=reader_key)

    readout = page.get_by_role("region", name="PnL by day").locator(".readout")
    expect(readout).to_contain_text(f"{now:%Y-%m-%d}")
    expect(page.get_by_role("region", name="Calendar")).to_contain_text("days of UTC")
    expect(page.get_by_text("days those of UTC")).to_be_visible()
