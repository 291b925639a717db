"""The pure functions of the page: amounts as text, and the format of the stream."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.helpers.browser import Visitor

LONG = "-9465.398549379814217754"


@pytest.fixture
def page(visitor: Visitor) -> Page:
    return visitor.open()


def results(page: Page, module: str, calls: list[tuple[Any, ...]]) -> list[Any]:
    """What functions of a module return: each call is a name, its arguments and what is wanted."""
    script = """async ([path, calls]) => {
        const found = await import(path);
        return calls.map(([name, ...given]) => found[name](...given));
    }"""
    answer: list[Any] = page.evaluate(script, [module, [list(call[:-1]) for call in calls]])
    return answer


def test_amounts_are_computed_as_text(page: Page) -> None:
    calls = [
        ("add", "0.1", "0.2", "0.3"),
        ("add", LONG, "0.000000000000000001", "-9465.398549379814217753"),
        ("add", "-1.5", "1.5", "0"),
        ("subtract", "1", "0.999999999999999999", "0.000000000000000001"),
        ("negate", "0", "0"),
        ("compare", "9007199254740993", "9007199254740992", 1),
        ("compare", "-0.0", "0", 0),
        ("compare", "-2", "1", -1),
        ("sign", "-0.00", 0),
        ("sign", LONG, -1),
        ("round", LONG, 2, "-9465.40"),
        ("round", "0.005", 2, "0.01"),
        ("round", "-0.004", 2, "0.00"),
        ("round", "99.995", 2, "100.00"),
        ("round", "12", 0, "12"),
        ("group", "-1234567.1234567", "-1,234,567.1234567"),
        ("group", "999", "999"),
        ("shift", "0.0485", 2, "4.85"),
        ("shift", "12", 2, "1200"),
        ("brief", "205.903770270089", "205.9038"),
        ("brief", "0.00002118", "0.00002118"),
        ("compact", "-9999999.125", "-9,999,999.13"),
        ("compact", "12345678.125", "12.35 M"),
        ("compact", "-12345678901.5", "-12.35 B"),
        ("compact", "9876543210987654321", "9,876,543.21 T"),
        ("absolute", LONG, LONG[1:]),
        ("sum", ["0.1", "0.2"], "0.3"),
        ("sum", ["0.1", None], None),
        ("sum", [], "0"),
        ("placesOf", "USDT", 2),
        ("placesOf", "USDC", 2),
        ("placesOf", "JPY", 2),
        ("placesOf", "BTC", 8),
        ("placesOf", "ETH", 8),
        ("order", None, "-1", -1),
        ("order", "-1", None, 1),
        ("order", None, None, 0),
        ("order", "10", "9", 1),
    ]

    assert results(page, "/decimal.js", calls) == [call[-1] for call in calls]


def test_a_sentence_names_few_of_many(page: Page) -> None:
    names = [f"A{number}" for number in range(9)]
    calls = [
        ("listed", names[:8], "A0, A1, A2, A3, A4, A5, A6, A7"),
        ("listed", names, "A0, A1, A2, A3, A4, A5, A6, A7 and 1 more"),
    ]

    assert results(page, "/parts.js", calls) == [call[-1] for call in calls]


PARSE = """async (chunks) => {
    const { sseParser } = await import('/stream.js');
    const events = [];
    const parse = sseParser((event) => events.push(event));
    chunks.forEach(parse);
    return events;
}"""


def test_events_are_read_however_they_are_cut(page: Page) -> None:
    text = (
        "retry: 1000\n\n: heartbeat\n\nid: a\nevent: position_updated\ndata: {\ndata: }\n\n"
        "data:x\r\n\r\nevent: nothing\n\ndata: unfinished"
    )
    wanted = [
        {"type": "position_updated", "id": "a", "data": "{\n}"},
        {"type": "message", "data": "x"},
    ]

    for size in (1, 2, 3, 7, len(text)):
        chunks = [text[at : at + size] for at in range(0, len(text), size)]
        assert page.evaluate(PARSE, chunks) == wanted


FOLLOW = """async (answers) => {
    const { follow } = await import('/stream.js');
    const asked = [];
    const heard = [];
    const stop = new AbortController();
    window.fetch = async (path, { headers }) => {
        asked.push(headers['Last-Event-ID'] ?? null);
        const [status, body] = answers.shift();
        return new Response(body, { status });
    };
    const note = (name) => () => heard.push(name);
    await follow('/stream', 'key', {
        opened: note('opened'),
        event: (type, event) => {
            if (event.n === 0) throw new Error('not understood');
            heard.push(`${type} ${event.n}`);
        },
        reset: note('reset'),
        lost: note('lost'),
        missing: note('missing'),
    }, stop.signal);
    return [asked, heard];
}"""


def test_a_lost_stream_goes_on_behind_the_last_event(page: Page) -> None:
    asked, heard = page.evaluate(
        FOLLOW,
        [
            [
                200,
                'id: one\nevent: a\ndata: {"n": 1}\n\nid: two\nevent: a\ndata: {"n": 2}\n\nid: x',
            ],
            [503, ""],
            [200, "event: reset\ndata: {}\n\n"],
            [404, ""],
        ],
    )

    assert asked == [None, "two", "two", None]
    assert heard == ["opened", "a 1", "a 2", "lost", "lost", "opened", "reset", "lost", "missing"]


def test_a_stream_goes_on_behind_an_event_that_is_not_understood(
    page: Page, visitor: Visitor
) -> None:
    text = 'event: a\ndata: {"n": 0}\n\nevent: a\ndata: {"n": 1}\n\n'

    _, heard = page.evaluate(FOLLOW, [[200, text], [404, ""]])

    assert heard == ["opened", "a 1", "lost", "missing"]
    assert "not understood" in visitor.complaints[0]
    visitor.complaints.clear()


NET_TODAY = """async ([asOf, hasAllPeriods, nets = ['5', '20', '100']]) => {
    const { netToday } = await import('/days.js');
    const { state } = await import('/store.js');
    const time = (days) => new Date(Date.now() + (days - 0.5) * 86_400_000).toISOString();
    const periods = nets.map((net, age) => (
        { starts_at: time(-age), ends_at: time(1 - age), net_pnl: net, currency: 'USDT' }));
    Object.assign(state, {
        periods, hasAllPeriods, asOf: asOf && time(asOf),
        portfolio: { net_pnl_usdt: '107', by_asset: {} },
    });
    return netToday();
}"""


def test_net_pnl_of_a_day_counts_no_day_that_was_not_fetched(page: Page) -> None:
    assert page.evaluate(NET_TODAY, [None, False]) == "5"
    assert page.evaluate(NET_TODAY, [-0.5, True]) == "7"
    assert page.evaluate(NET_TODAY, [-0.5, False]) is None


DRAWDOWN = """async ([asOf, nets, currency = 'USDT']) => {
    const { drawdown } = await import('/days.js');
    const { state } = await import('/store.js');
    const time = (days) => new Date(Date.now() + (days - 0.5) * 86_400_000).toISOString();
    const periods = nets.map((net, age) => (
        { starts_at: time(-age), ends_at: time(1 - age), net_pnl: net, currency }));
    Object.assign(state, {
        periods, hasAllPeriods: true, asOf: asOf && time(asOf),
        portfolio: { net_pnl_usdt: '17', by_asset: {} },
    });
    return drawdown();
}"""


def test_a_drawdown_is_from_the_best_end_of_a_day(page: Page) -> None:
    assert page.evaluate(DRAWDOWN, [None, ["-1", "-3", "20"]]) == "4"
    assert page.evaluate(DRAWDOWN, [None, ["2", "-1", "20"]]) == "0"
    assert page.evaluate(DRAWDOWN, [None, []]) == "0"
    assert page.evaluate(DRAWDOWN, [-0.5, ["-1", "-5", "20"]]) == "3"


def test_a_drawdown_of_a_day_without_its_pnl_is_unknown(page: Page) -> None:
    assert page.evaluate(DRAWDOWN, [-0.5, ["-1", "-5", "20"], "EUR"]) is None


def test_a_day_of_unknown_pnl_makes_what_depends_on_it_unknown(page: Page) -> None:
    assert page.evaluate(DRAWDOWN, [None, ["-1", None, "20"], "EUR"]) is None
    assert page.evaluate(DRAWDOWN, [None, [None, "-1", "20"], "EUR"]) is None
    assert page.evaluate(DRAWDOWN, [-0.5, ["-1", "-5", None]]) is None
    assert page.evaluate(NET_TODAY, [-0.5, True, ["5", None, "100"]]) == "7"
    assert page.evaluate(NET_TODAY, [-0.5, True, ["5", "20", None]]) is None
    calls = [
        ("sums", ["1", None, "2"], ["1", None, "3"]),
        ("belowPeak", ["5", None, "-2"], ["0", None, "-2"]),
    ]
    assert results(page, "/days.js", calls) == [call[-1] for call in calls]


def test_totals_have_the_currency_that_has_a_rate(page: Page) -> None:
    held = {"size": "2", "exposure_usdt": "6"}
    amounts = {"net_pnl_usdt": "4", "complete": True, "by_asset": {"A": held}}
    in_euros = {
        "currency": "EUR",
        "rate": "2",
        "net_pnl": "2",
        "by_asset": {"A": {"exposure": "3"}},
    }
    in_usdt = {"currency": "USDT", "net_pnl": "4", "by_asset": {"A": {"exposure": "6"}}}
    unrated: dict[str, Any] = {"currency": "EUR", "rate": None, "net_pnl": None, "by_asset": {}}
    day = {"starts_at": "x", "net_pnl_usdt": "4"}
    euro_day = day | {"reporting": {"net_pnl": "2"}}
    rated = ["BTC", "CHF", "DOGE", "EUR", "SOL", "BTC:X"]
    calls = [
        (
            "offered",
            "EUR",
            rated,
            ["SOL", "BTC:X", "NONE", "USDT"],
            ["EUR", "USDT", "BTC", "CHF", "SOL"],
        ),
        ("totalsOf", amounts, in_usdt),
        ("totalsOf", amounts | {"reporting": in_euros}, in_euros),
        ("totalsOf", amounts | {"reporting": unrated}, in_usdt),
        ("daysOf", {"periods": [day]}, [day | {"net_pnl": "4", "currency": "USDT"}]),
        (
            "daysOf",
            {"periods": [euro_day], "reporting": {"currency": "EUR", "rate": "2"}},
            [euro_day | {"net_pnl": "2", "currency": "EUR"}],
        ),
    ]

    assert results(page, "/currency.js", calls) == [call[-1] for call in calls]
