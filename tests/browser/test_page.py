"""What the page shows of the service, and what a person can do on it."""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import pika
import pytest
from playwright.sync_api import Page, Route, expect

from position_manager.stack import rabbitmq
from tests.helpers.browser import KEY, Visitor, row, serious_violations
from tests.helpers.harness import ORDER_EVENTS, execution
from tests.helpers.service import Service

VIEWS = ("positions", "performance", "exposure", "limits", "activity", "operations")


@pytest.fixture
def asset(service: Service, account: str) -> str:
    """An asset with an open position of 1.5, and a price."""
    asset = f"P{uuid.uuid4().hex[:6].upper()}USDT"
    service.fill(account, asset, "1.5", "100", executed_at="2026-01-01T00:00:00Z")
    service.mark(asset, "101.000000000000000001")
    return asset


@pytest.fixture
def page(visitor: Visitor, reader_key: str, asset: str) -> Page:
    """The page of a reader, with the position of `asset`."""
    page = visitor.open(key=reader_key)
    page.get_by_label("Search positions").fill(asset)
    return page


def cell(page: Page, asset: str, column: str) -> str:
    value = row(page, asset).locator(f"[data-column={column}] data").first.get_attribute("value")
    assert value is not None
    return value


def test_a_key_is_entered_once_for_a_tab(visitor: Visitor, reader_key: str, asset: str) -> None:
    page = visitor.open()

    page.get_by_label("API key").fill(reader_key)
    page.get_by_role("button", name="Open").click()
    row(page, asset)
    page.reload()
    row(page, asset)

    assert page.evaluate(f"localStorage.getItem('{KEY}')") is None
    assert reader_key not in page.url
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_label("API key")).to_be_visible()
    assert page.evaluate(f"sessionStorage.getItem('{KEY}')") is None


STORE = """async () => {
    const { route, ...known } = (await import('/store.js')).state;
    return JSON.stringify(known, (_, value) => (value instanceof Map ? [...value] : value));
}"""


def test_nothing_is_left_of_a_key(visitor: Visitor, reader_key: str, asset: str) -> None:
    page = visitor.open()
    field = page.get_by_label("API key")
    expect(field).to_be_visible()
    before = page.evaluate(STORE)

    field.fill(reader_key)
    page.get_by_role("button", name="Open").click()
    row(page, asset)
    assert page.evaluate(STORE) != before
    page.get_by_role("button", name="Leave").click()
    expect(field).to_be_visible()

    page.wait_for_load_state("networkidle")
    assert page.evaluate(STORE) == before


def test_an_address_that_is_none_shows_the_positions(visitor: Visitor, reader_key: str) -> None:
    page = visitor.open("/#/%", key=reader_key)

    expect(page.get_by_label("Search positions")).to_be_visible()


def test_a_wrong_key_is_named(visitor: Visitor) -> None:
    page = visitor.open()
    visitor.provoked = "status of 401"

    page.get_by_label("API key").fill("pms_wrong_key")
    page.get_by_role("button", name="Open").click()

    expect(page.get_by_role("alert")).to_contain_text("refused this key")


def test_a_row_has_exact_amounts(page: Page, asset: str) -> None:
    assert cell(page, asset, "size") == "1.5"
    assert cell(page, asset, "price") == "101.000000000000000001"
    assert cell(page, asset, "unrealized") == "1.500000000000000002"


def test_a_fill_from_the_queue_changes_its_row(
    page: Page, service: Service, account: str, asset: str
) -> None:
    size = row(page, asset).locator("[data-column=size] data")
    expect(page.locator(".connection.live")).to_be_visible()
    fill = execution(asset=asset) | {"account": account, "execution_quantity": "2.25"}

    with pika.BlockingConnection(
        pika.URLParameters(rabbitmq.url(service.stack.context))
    ) as connection:
        connection.channel().basic_publish("", ORDER_EVENTS, json.dumps(fill).encode())

    expect(size).to_have_attribute("value", "3.75", timeout=1000)


def test_a_first_price_ends_the_mark_of_a_missing_one(
    visitor: Visitor, service: Service, account: str, reader_key: str
) -> None:
    unpriced = f"U{uuid.uuid4().hex[:8].upper()}USDT"
    service.fill(account, unpriced, "1", "100")
    page = visitor.open(key=reader_key)
    position = row(page, unpriced)
    expect(position).to_contain_text("No price")
    expect(page.locator(".connection.live")).to_be_visible()

    service.mark(unpriced, "101")

    price = position.locator("[data-column=price] data")
    expect(price).to_have_attribute("value", "101", timeout=2000)
    expect(position).not_to_contain_text("No price", timeout=100)


def test_the_keyboard_finds_and_opens_a_position(page: Page, asset: str) -> None:
    row(page, asset)
    page.get_by_label("Search positions").press("Escape")

    page.keyboard.press("/")
    page.keyboard.type(asset.lower())
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name=asset)).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name=asset)).to_be_visible()
    expect(page.get_by_role("img", name="Price of")).to_be_visible()
    expect(page.locator("canvas")).to_have_count(2)
    entries = page.get_by_role("region", name="Entries")
    expect(entries.get_by_role("row")).to_have_count(2)


def test_the_size_of_a_hedge_is_that_of_both_legs(
    visitor: Visitor, service: Service, account: str, asset: str, reader_key: str
) -> None:
    service.fill(account, asset, "2", "100", position_side="long", mode="hedge")
    service.fill(account, asset, "-0.5", "100", position_side="short", mode="hedge")

    page = visitor.open(f"/#/position/{account}/{asset}/hedge", key=reader_key)

    readout = page.locator(".chart", has=page.get_by_role("img", name="Size of")).locator(
        ".readout"
    )
    expect(readout).to_contain_text("size 1.5")


EVENTS = """async () => {
    const { state, update } = await import('/store.js');
    const common = { account: 'main', occurred_at: new Date().toISOString() };
    state.events = [
        { ...common, version: 1, type: 'limit_cleared', limit_id: 'gone', value: null },
        {
            ...common, version: 2, type: 'position_updated', size: '2', unrealized_pnl: null,
            realized_pnl: '1',
        },
    ];
    update({});
}"""


def test_an_event_without_an_amount_is_shown(page: Page, asset: str) -> None:
    row(page, asset)
    page.goto("/#/activity")
    events = page.get_by_role("region", name="Events")
    expect(events).to_be_visible()

    page.evaluate(EVENTS)

    expect(events).to_contain_text("gone: \N{EN DASH}")
    expect(events).to_contain_text("size 2, PnL \N{EN DASH}")


NEWER = """async (asset) => {
    const { state, update } = await import('/store.js');
    const held = [...state.positions.values()].find((row) => row.asset === asset);
    state.positions.set(held.id, { ...held, size: '99', version: held.version + 1000 });
    update({});
}"""


def test_after_a_reset_a_lower_version_is_shown(
    visitor: Visitor, reader_key: str, asset: str
) -> None:
    answer: dict[str, Any] = {"status": 503, "body": ""}
    visitor.context.route("**/api/v1/stream", lambda route: route.fulfill(**answer))
    page = visitor.open(key=reader_key)
    page.get_by_label("Search positions").fill(asset)
    size = row(page, asset).locator("[data-column=size] data")
    page.evaluate(NEWER, asset)
    expect(size).to_have_attribute("value", "99")

    answer |= {"status": 200, "body": "event: reset\ndata: {}\n\n"}

    expect(size).to_have_attribute("value", "1.5")
    visitor.complaints.clear()  # The stream that was missing.


def test_a_slow_answer_is_asked_for_less_often(visitor: Visitor, reader_key: str) -> None:
    answers: list[tuple[float, float]] = []

    def answer_slowly(route: Route) -> None:
        began = time.monotonic()
        time.sleep(1)
        route.fulfill(response=route.fetch())
        answers.append((began, time.monotonic()))

    visitor.context.route("**/api/v1/stream", lambda route: route.fulfill(status=404, body=""))
    visitor.context.route("**/api/v1/portfolio?*", answer_slowly)
    visitor.provoked = "status of 404"
    page = visitor.open(key=reader_key)
    expect(page.locator(".connection.polling")).to_be_visible()
    while len(answers) < 2:
        page.wait_for_timeout(100)

    (began, ended), (next_began, _) = answers[-2:]
    assert next_began - ended > 3 * (ended - began)


def test_the_time_machine_shows_a_former_moment(
    page: Page, service: Service, account: str, asset: str
) -> None:
    service.fill(account, asset, "4", "100", executed_at=datetime.now(UTC).isoformat())
    size = row(page, asset).locator("[data-column=size] data")
    expect(size).to_have_attribute("value", "5.5")

    page.get_by_label("Time machine").click()
    page.get_by_title("A day earlier").click()

    expect(page.get_by_text("As it was at")).to_be_visible()
    expect(size).to_have_attribute("value", "1.5")
    page.get_by_role("button", name="Back to live").click()
    expect(size).to_have_attribute("value", "5.5")


def test_an_operator_decides_on_a_discrepancy(
    visitor: Visitor, service: Service, account: str, asset: str
) -> None:
    service.report(account, asset, "2", datetime.now(UTC).isoformat())
    key = service.new_key("operator")
    # As where the page comes by HTTP from another host.
    visitor.context.add_init_script("Crypto.prototype.randomUUID = undefined")
    page = visitor.open(f"/#/position/{account}/{asset}/one-way", key=key)
    findings = page.get_by_role("region", name="Findings")

    findings.get_by_label("Note of the decision").fill("seen")
    findings.get_by_role("button", name="Dismiss").click()

    expect(findings.get_by_text("dismissed")).to_be_visible()
    expect(findings.get_by_text("seen", exact=False).first).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_is_accessible_on_a_phone(
    page: Page, account: str, asset: str, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    row(page, asset)
    page.set_viewport_size({"width": 390, "height": 844})

    for view in (*VIEWS, f"position/{account}/{asset}/one-way"):
        page.goto(f"/#/{view}")
        expect(page.get_by_text("Loading…")).to_have_count(0)
        assert serious_violations(page) == [], view
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, view
