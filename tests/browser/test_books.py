"""What the page shows of the books of an account."""

from __future__ import annotations

import json
import uuid

import pika
import pytest
from playwright.sync_api import Locator, Page, expect

from position_manager.stack import rabbitmq
from tests.helpers.browser import Visitor, row, serious_violations
from tests.helpers.harness import ORDER_EVENTS, execution
from tests.helpers.service import Service


@pytest.fixture
def asset(service: Service, account: str) -> str:
    """An asset of which the book alpha is 3 long, and what names no strategy 1 short."""
    asset = f"K{uuid.uuid4().hex[:6].upper()}USDT"
    service.fill(account, asset, "3", "100", strategy="alpha")
    service.fill(account, asset, "-1", "100")
    service.mark(asset, "101")
    return asset


@pytest.fixture
def page(visitor: Visitor, service: Service, reader_key: str, account: str, asset: str) -> Page:
    """The page of a reader, with the account."""
    # Where one account holds everything, none is chosen.
    service.fill(f"{account}-other")
    page = visitor.open(key=reader_key)
    page.get_by_label("Account", exact=True).select_option(account)
    expect(row(page, asset)).to_be_visible()
    return page


def size(page: Page, asset: str) -> Locator:
    return row(page, asset).locator("[data-column=size] data")


def books(page: Page) -> Locator:
    return page.get_by_label("Book", exact=True)


def test_a_book_is_chosen_beside_its_account(page: Page, asset: str) -> None:
    exposure = page.get_by_label("Totals").locator(".tile", has_text="Exposure").locator("data")
    expect(size(page, asset)).to_have_attribute("value", "2")

    books(page).select_option("alpha")
    expect(size(page, asset)).to_have_attribute("value", "3")
    expect(exposure.first).to_have_attribute("value", "303")

    books(page).select_option("All books")
    expect(size(page, asset)).to_have_attribute("value", "2")
    expect(exposure.first).to_have_attribute("value", "202")


def test_days_of_another_account_are_not_shown(page: Page) -> None:
    today = (
        page.get_by_label("Totals").locator(".tile", has_text="Net PnL today").locator(".figure")
    )
    expect(today.locator("data")).to_have_attribute("value", "2")
    # No answer: it is slow.
    page.route("**/periods?*book=alpha*", lambda route: None)

    books(page).select_option("alpha")

    expect(today).to_have_text("\N{EN DASH}")
    expect(page.get_by_label("Totals")).to_contain_text("+3.00")


def test_an_account_without_books_offers_none(
    visitor: Visitor, service: Service, reader_key: str, account: str, asset: str
) -> None:
    other = f"n{uuid.uuid4().hex[:8]}"
    service.fill(other, asset)
    page = visitor.open(key=reader_key)
    accounts = page.get_by_label("Account", exact=True)
    accounts.select_option(account)
    expect(books(page)).to_be_visible()

    accounts.select_option(other)

    expect(books(page)).to_have_count(0)


def test_a_fill_changes_the_row_of_its_book(
    page: Page, service: Service, account: str, asset: str
) -> None:
    books(page).select_option("alpha")
    expect(size(page, asset)).to_have_attribute("value", "3")
    expect(page.locator(".connection.live")).to_be_visible()
    fill = execution(asset=asset) | {
        "account": account,
        "execution_quantity": "2.5",
        "strategy": "alpha",
    }

    with pika.BlockingConnection(
        pika.URLParameters(rabbitmq.url(service.stack.context))
    ) as connection:
        connection.channel().basic_publish("", ORDER_EVENTS, json.dumps(fill).encode())

    expect(size(page, asset)).to_have_attribute("value", "5.5", timeout=4000)


def test_an_address_names_the_book(
    visitor: Visitor, reader_key: str, account: str, asset: str
) -> None:
    page = visitor.open(f"/#/position/{account}/{asset}/one-way/alpha", key=reader_key)

    expect(page.get_by_role("region", name="Entries").get_by_role("row")).to_have_count(2)
    expect(books(page)).to_have_value("alpha")
    expect(page.get_by_label("Account", exact=True)).to_have_value(account)


def test_a_position_is_divided_by_books(page: Page, account: str, asset: str) -> None:
    page.goto(f"/#/position/{account}/{asset}/one-way")
    shares = page.get_by_role("region", name="By book")
    expect(shares.get_by_role("row").filter(has_text="unassigned")).to_contain_text("Short")

    shares.get_by_role("link", name="alpha").click()

    entries = page.get_by_role("region", name="Entries")
    expect(entries.get_by_role("row")).to_have_count(2)
    expect(books(page)).to_have_value("alpha")
    assert page.url.endswith(f"/{account}/{asset}/one-way/alpha")
    books(page).select_option("All books")
    expect(entries.get_by_role("row")).to_have_count(3)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_book_is_accessible_on_a_phone(page: Page, account: str, asset: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 390, "height": 844})

    for path in ("/alpha", ""):
        page.goto(f"/#/position/{account}/{asset}/one-way{path}")
        expect(page.get_by_role("region", name="Entries")).to_be_visible()
        assert serious_violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_pnl_of_an_account_is_divided_by_books(page: Page, asset: str) -> None:
    page.goto("/#/performance")
    shares = page.get_by_role("region", name="By book")
    alpha = shares.get_by_role("row").filter(has_text="alpha").locator("data").first
    expect(alpha).to_have_attribute("value", "3")
    rest = shares.get_by_role("row").filter(has_text="unassigned").locator("data").first
    expect(rest).to_have_attribute("value", "-1")

    shares.get_by_role("button", name="alpha").click()

    expect(books(page)).to_have_value("alpha")
    by_asset = page.get_by_role("region", name="By asset").get_by_role("row")
    expect(by_asset.filter(has_text=asset).locator("data").first).to_have_attribute("value", "3")
    expect(shares).to_have_count(0)


def test_a_limit_names_its_book(page: Page, service: Service, account: str) -> None:
    limit = {"metric": "gross_exposure", "limit": "1000", "account": account, "book": "alpha"}
    identifier = service.post("/api/v1/limits", json=limit).json()["id"]
    try:
        page.goto("/#/limits")
        books(page).select_option("alpha")

        used = page.get_by_role("region", name="Limits").get_by_role("row")
        used = used.filter(has_text=f"{account} \N{MIDDLE DOT} alpha")
        expect(used.locator("data").first).to_have_attribute("value", "303")
    finally:
        service.request("DELETE", f"/api/v1/limits/{identifier}")
