"""The view of cash, which is listed where there is any."""

from __future__ import annotations

import uuid

import pytest
from playwright.sync_api import expect

from tests.helpers.browser import Visitor, row, serious_violations
from tests.helpers.service import Service


def record(service: Service, account: str, kind: str, currency: str, amount: str) -> str:
    name = uuid.uuid4().hex
    body = {
        "cash_id": name,
        "kind": kind,
        "currency": currency,
        "amount": amount,
        "account": account,
    }
    assert service.post("/api/v1/cash", json=body).status_code == 200
    return name


def test_balances_and_entries_of_cash_are_shown(
    visitor: Visitor, service: Service, account: str
) -> None:
    currency = f"C{uuid.uuid4().hex[:6].upper()}"
    service.fill(account)
    record(service, account, "deposit", "USDT", "1000.000000000000000001")
    record(service, account, "deposit", currency, "2.5")
    mistake = record(service, account, "withdrawal", "USDT", "40")
    service.post(f"/api/v1/cash/cash:{mistake}/bust", json={"account": account})
    page = visitor.open(key=service.new_key("reader", accounts=[account]))

    page.get_by_role("navigation", name="Views").get_by_role("link", name="Cash").click()

    balances = page.get_by_role("region", name="Balances")
    usdt = balances.get_by_role("row").filter(has_text="USDT")
    expect(usdt.locator("data").first).to_have_attribute("value", "1000.000000000000000001")
    expect(balances.get_by_role("row").filter(has_text=currency)).to_contain_text("No rate")
    expect(balances).to_contain_text(f"worth 1,000.00 without {currency}")
    entries = page.get_by_role("region", name="Cash entries").get_by_role("row")
    expect(entries.nth(1)).to_contain_text("bust of withdrawal")
    expect(entries.nth(1)).to_contain_text("+40 USDT")
    expect(entries.nth(2)).to_contain_text("busted")
    expect(entries.nth(4)).to_contain_text("+1,000.00 USDT")


def test_a_desk_without_cash_has_no_view_of_it(
    visitor: Visitor, service: Service, account: str
) -> None:
    service.fill(account, "BTCUSDT")
    page = visitor.open(key=service.new_key("reader", accounts=[account]))

    row(page, "BTCUSDT")

    expect(page.get_by_role("link", name="Cash")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_cash_is_accessible_on_a_phone(
    visitor: Visitor, service: Service, account: str, scheme: str
) -> None:
    record(service, account, "deposit", "USDT", "1234567.89")
    body = {
        "transfer_id": uuid.uuid4().hex,
        "currency": "USDT",
        "amount": "1000",
        "from_account": account,
        "to_account": f"{account}-of-a-longer-name",
    }
    assert service.post("/api/v1/cash/transfers", json=body).status_code == 200
    page = visitor.open("/#/cash", key=service.new_key("reader", accounts=[account]))
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": 390, "height": 844})

    row(page, "transfer to")

    assert serious_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_return_of_an_account_with_cash_is_shown(
    visitor: Visitor, service: Service, account: str
) -> None:
    record(service, account, "deposit", "USDT", "1000")
    service.fill(account, "BTCUSDT", "1", "100")
    service.fill(account, "BTCUSDT", "-1", "125")
    # A later deposit makes no difference to the return.
    record(service, account, "deposit", "USDT", "1000")
    page = visitor.open("/#/performance", key=service.new_key("reader", accounts=[account]))
    equity = page.locator(".headline .tile").filter(has_text="Equity")

    expect(equity).to_contain_text("2,025.00")
    expect(equity).to_contain_text("return +2.50 %")


def test_a_missing_return_is_explained(visitor: Visitor, service: Service, account: str) -> None:
    service.fill(account, "BTCUSDT")
    key = service.new_key("reader", accounts=[account])
    note = visitor.open(key=key).locator(".headline .tile").filter(has_text="Equity")
    expect(note).to_contain_text("net PnL, no capital set")

    currency = f"C{uuid.uuid4().hex[:6].upper()}"
    record(service, account, "deposit", currency, "2.5")

    note = visitor.open(key=key).locator(".headline .tile").filter(has_text="Equity")
    expect(note).to_contain_text(f"no return without a rate of {currency}")


def test_an_account_with_nothing_but_cash_may_be_chosen(
    visitor: Visitor, service: Service, account: str
) -> None:
    saver = f"s{uuid.uuid4().hex[:8]}"
    service.fill(account)
    record(service, saver, "deposit", "USDT", "1000")
    page = visitor.open("/#/cash", key=service.new_key("reader", accounts=[account, saver]))

    page.get_by_label("Account", exact=True).select_option(saver)

    expect(page.get_by_role("region", name="Balances")).to_contain_text(saver)


def test_cash_of_another_account_is_not_shown(
    visitor: Visitor, service: Service, account: str
) -> None:
    other = f"o{uuid.uuid4().hex[:8]}"
    for each in (account, other):
        service.fill(each)
        record(service, each, "deposit", "USDT", "1000")
    key = service.new_key("reader", accounts=[account, other])
    page = visitor.open("/#/cash", key=key)
    page.get_by_label("Account", exact=True).select_option(account)
    expect(page.get_by_role("region", name="Balances").get_by_role("row")).to_have_count(2)
    # No answer: it is slow.
    page.route(f"**/api/v1/cash?*account={other}*", lambda route: None)

    page.get_by_label("Account", exact=True).select_option(other)

    expect(page.get_by_text("Loading…")).to_be_visible()
    expect(page.get_by_role("region", name="Balances")).to_have_count(0)
