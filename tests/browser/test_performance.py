"""The view of performance: days, and what they are days of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from tests.helpers.browser import Visitor, serious_violations
from tests.helpers.service import Service


@pytest.fixture
def far_visitor(browser: Browser, service: Service) -> Iterator[Visitor]:
    """Somebody in whose time zone the day of the service began yesterday."""
    visitor = Visitor(browser, service.url, timezone_id="America/New_York")
    yield visitor
    visitor.close()
    visitor.assert_content()


def test_days_are_those_of_the_desk(far_visitor: Visitor, service: Service, account: str) -> None:
    now = datetime.now(UTC)
    service.fill(account, executed_at=now.isoformat())

    key = service.new_key("reader", accounts=[account])
    page = far_visitor.open("/#/performance", key=key)

    readout = page.get_by_role("region", name="PnL by day").locator(".readout")
    expect(readout).to_contain_text(f"{now:%Y-%m-%d}")
    expect(page.get_by_role("region", name="Calendar")).to_contain_text("days of UTC")
    expect(page.get_by_text("days those of UTC")).to_be_visible()


@pytest.fixture
def cycles(service: Service, account: str) -> str:
    """An account with a capital, and cycles that won 30, lost 10 and won 4, two in this year."""
    fills = (
        ("1", "100", "2025-12-30T00:00:00Z"),
        ("-1", "130", "2025-12-30T12:00:00Z"),
        ("1", "130", "2026-01-02T00:00:00Z"),
        ("-1", "120", "2026-01-02T02:00:00Z"),
        ("-2", "120", "2026-01-03T00:00:00Z"),
        ("2", "118", "2026-01-03T22:00:00Z"),
    )
    for quantity, price, at in fills:
        service.fill(account, "BTCUSDT", quantity, price, executed_at=at)
    service.query("SELECT api.set_capital(1000, %s)", account)
    return account


def figure(statistics: Locator, label: str) -> Locator:
    return statistics.locator(".facts > div").filter(has_text=re.compile(f"^{label}"))


def test_statistics_are_shown_of_all_and_by_a_part(
    visitor: Visitor, service: Service, cycles: str
) -> None:
    key = service.new_key("reader", accounts=[cycles])
    page = visitor.open("/#/performance", key=key)
    statistics = page.get_by_role("region", name="Statistics")
    page.get_by_role("group", name="Range").get_by_role("button", name="All").click()

    expect(figure(statistics, "Cycles")).to_contain_text("3 2 won")
    expect(figure(statistics, "Win rate")).to_contain_text("66.7 %")
    expect(figure(statistics, "Profit factor")).to_contain_text("3.40")
    expect(figure(statistics, "Held")).to_contain_text("12 h")
    expect(figure(statistics, "Return")).to_contain_text("+2.40 %")
    expect(figure(statistics, "Drawdown")).to_contain_text("0.97 %")
    # A key of one account has nothing to compare it with.
    expect(statistics.get_by_role("button", name="Account")).to_have_count(0)

    statistics.get_by_role("button", name="Year").click()

    years = statistics.get_by_role("table").first.get_by_role("row")
    expect(years.nth(1)).to_contain_text("2026")
    expect(years.nth(1)).to_contain_text("50.0 %")
    expect(years.nth(2)).to_contain_text("2025")
    expect(years.nth(2)).to_contain_text("+30.00")


def test_statistics_are_those_of_the_days_that_are_shown(
    visitor: Visitor, service: Service, cycles: str
) -> None:
    service.fill(cycles, "ETHUSDT", "1", "10", executed_at=datetime.now(UTC).isoformat())
    service.fill(cycles, "ETHUSDT", "-1", "12", executed_at=datetime.now(UTC).isoformat())
    key = service.new_key("reader", accounts=[cycles])
    page = visitor.open("/#/performance", key=key)
    statistics = page.get_by_role("region", name="Statistics")

    days = page.get_by_role("group", name="Range")
    days.get_by_role("button", name="30 d").click()
    expect(figure(statistics, "Cycles")).to_contain_text("1 1 won")
    days.get_by_role("button", name="All").click()
    expect(figure(statistics, "Cycles")).to_contain_text("4 3 won")


def test_nothing_is_said_of_days_that_are_still_to_come(
    visitor: Visitor, service: Service, cycles: str
) -> None:
    answers: list[Route] = []
    visitor.context.route("**/api/v1/portfolio/pnl/periods*", lambda route: answers.append(route))
    key = service.new_key("reader", accounts=[cycles])
    page = visitor.open("/#/performance", key=key)
    drawdown = page.locator(".headline .tile").filter(has_text="Drawdown")

    expect(drawdown).to_contain_text("\N{EN DASH}")
    expect(page.get_by_role("main").get_by_text("Loading…")).to_be_visible()

    # What the page asks for later is answered at once.
    visitor.context.route("**/api/v1/portfolio/pnl/periods*", lambda route: route.continue_())
    for answer in answers:
        answer.continue_()
    expect(page.get_by_role("region", name="PnL by day")).to_be_visible()
    expect(drawdown).to_contain_text("6.00")


def test_a_book_has_cycles_but_no_returns(visitor: Visitor, service: Service, cycles: str) -> None:
    for quantity, price in (("1", "10"), ("-1", "12"), ("1", "12")):
        service.fill(cycles, "ETHUSDT", quantity, price, strategy="carry")
    key = service.new_key("reader", accounts=[cycles])
    page = visitor.open("/#/performance", key=key)
    statistics = page.get_by_role("region", name="Statistics")
    expect(figure(statistics, "Sharpe")).to_be_visible()

    page.get_by_label("Book", exact=True).select_option("carry")

    expect(statistics).to_contain_text("A book has no equity of its own")
    expect(figure(statistics, "Cycles")).to_contain_text("1 1 won")
    expect(figure(statistics, "Sharpe")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_statistics_by_a_part_are_accessible_on_a_phone(
    visitor: Visitor, service: Service, cycles: str, scheme: str
) -> None:
    key = service.new_key("reader", accounts=[cycles])
    page = visitor.open("/#/performance", key=key)
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("group", name="Range").get_by_role("button", name="All").click()
    statistics = page.get_by_role("region", name="Statistics")

    statistics.get_by_role("button", name="Month").click()

    expect(statistics.get_by_role("table")).to_have_count(2)
    expect(statistics.get_by_text("2025-12").first).to_be_visible()
    assert serious_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
