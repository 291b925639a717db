"""What the page shows in another currency than USDT."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.helpers.browser import Visitor, row, serious_violations
from tests.helpers.service import Service


@pytest.fixture
def currency(service: Service) -> str:
    """One of which a unit is 4 USDT."""
    currency = "NOK"
    service.mark(f"{currency}USDT", "4")
    return currency


@pytest.fixture
def asset(service: Service, account: str) -> str:
    """An asset of which the account has 2, worth 202 USDT."""
    asset = f"V{uuid.uuid4().hex[:6].upper()}USDT"
    service.fill(account, asset, "2", "100")
    # Where one account holds everything, none is chosen.
    service.fill(f"{account}-other", asset)
    service.mark(asset, "101")
    return asset


def opened(visitor: Visitor, key: str, account: str) -> Page:
    page = visitor.open(key=key)
    page.get_by_label("Account", exact=True).select_option(account)
    return page


@pytest.fixture
def page(visitor: Visitor, reader_key: str, account: str, currency: str, asset: str) -> Page:
    """The page of a reader, with the account."""
    page = opened(visitor, reader_key, account)
    # Those of the other accounts leave first.
    expect(page.get_by_role("row").filter(has_text=asset)).to_have_count(1)
    return page


def currencies(page: Page) -> Locator:
    return page.get_by_label("Currency", exact=True)


def tile(page: Page, name: str) -> Locator:
    return page.get_by_label("Totals").locator(".tile", has_text=name)


def test_totals_are_shown_in_another_currency(page: Page, currency: str, asset: str) -> None:
    exposure = tile(page, "Exposure").locator("data").first
    expect(exposure).to_have_attribute("value", "202")

    currencies(page).select_option(currency)

    expect(exposure).to_have_attribute("value", "50.5")
    for name in ("Equity", "Net PnL today", "Unrealized", "Exposure", "Drawdown"):
        expect(tile(page, name)).to_contain_text(currency)
    expect(exposure).to_have_text("50.50")
    unrealized = row(page, asset).locator("[data-column=unrealized] data").first
    expect(unrealized).to_have_attribute("value", "2")
    currencies(page).select_option("USDT")
    expect(exposure).to_have_attribute("value", "202")
    expect(tile(page, "Exposure")).not_to_contain_text(currency)


def test_every_view_of_totals_has_the_currency(page: Page, currency: str, asset: str) -> None:
    currencies(page).select_option(currency)

    page.goto("/#/exposure")
    expect(page.get_by_role("region", name="Exposure by asset")).to_contain_text("50.50")
    page.goto("/#/performance")
    for name in ("PnL by day", "Drawdown", "Calendar"):
        expect(page.get_by_role("region", name=name, exact=True)).to_contain_text(currency)
    expect(page.get_by_role("region", name="Equity", exact=True)).to_contain_text("USDT")
    expect(page.get_by_text("Currency effect")).to_be_visible()
    by_asset = row(page, asset).locator("data").first
    expect(by_asset).to_have_attribute("value", "2")


def test_days_without_a_rate_are_named(
    page: Page, visitor: Visitor, service: Service, account: str, currency: str, asset: str
) -> None:
    service.fill(account, asset, "1", "100", executed_at="2026-01-02T12:00:00Z")

    def without_a_rate(route: Route) -> None:
        answer = route.fetch().json()
        for day in answer["periods"]:
            if day["period_start"] == "2026-01-03" and "reporting" in day:
                day["reporting"] = dict.fromkeys(day["reporting"])
        route.fulfill(json=answer)

    visitor.context.route(f"**/portfolio/pnl/periods?*currency={currency}*", without_a_rate)
    currencies(page).select_option(currency)

    expect(page.locator(".notice")).to_contain_text("the PnL of 2026-01-03 is unknown")
    expect(tile(page, "Drawdown").locator(".figure")).to_have_text("\N{EN DASH}")
    expect(row(page, asset).locator("[data-column=asset]")).to_contain_text("USDT")
    page.goto("/#/performance")
    page.get_by_role("button", name="1 y").click()
    facts = page.locator("article > .facts")
    for name in ("Net PnL", "Days won / lost", "Best day", "Worst day", "Fees", "Funding"):
        expect(facts.locator("div", has_text=name).locator("dd")).to_have_text("\N{EN DASH}")
    expect(page.get_by_text("2026-01-03: unknown")).to_be_attached()
    expect(page.get_by_role("region", name="By account")).to_contain_text("USDT")
    currencies(page).select_option("USDT")
    expect(tile(page, "Drawdown").locator(".figure data")).to_be_visible()
    expect(page.get_by_text("2026-01-03: unknown")).to_have_count(0)


def test_the_currency_of_the_settings_is_shown(
    visitor: Visitor, reader_key: str, account: str, currency: str, asset: str
) -> None:
    def ask_as_set(route: Route) -> None:
        address = route.request.url
        asks = "currency=" in address
        route.continue_(url=address if asks else f"{address}&currency={currency}")

    visitor.context.route("**/api/v1/portfolio?*", ask_as_set)
    page = opened(visitor, reader_key, account)

    exposure = tile(page, "Exposure").locator("data").first
    expect(exposure).to_have_attribute("value", "50.5")
    expect(currencies(page)).to_have_value(currency)
    currencies(page).select_option("USDT")
    expect(exposure).to_have_attribute("value", "202")


def test_a_stale_rate_is_named(
    visitor: Visitor, service: Service, reader_key: str, account: str, asset: str
) -> None:
    stale = "SEK"
    service.mark(f"{stale}USDT", "2", timestamp="2026-01-01T00:00:00Z")
    page = opened(visitor, reader_key, account)

    currencies(page).select_option(stale)

    expect(page.locator(".notice")).to_contain_text(f"Stale rates: {stale}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_currency_is_accessible_on_a_phone(page: Page, currency: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 390, "height": 844})
    currencies(page).select_option(currency)

    for view in ("positions", "performance", "exposure"):
        page.goto(f"/#/{view}")
        expect(tile(page, "Exposure")).to_contain_text(currency)
        expect(page.get_by_text("Loading…")).to_have_count(0)
        assert serious_violations(page) == [], view
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, view
