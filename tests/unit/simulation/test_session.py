"""The simulated session: the same for the same seed, and as varied as real traffic."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from position_manager.simulation.delivery import batches
from position_manager.simulation.facts import (
    UNASSIGNED,
    Feed,
    Fill,
    Funding,
    Holding,
    Nothing,
    Price,
    Queue,
    Total,
)
from position_manager.simulation.market import euro, listing
from position_manager.simulation.session import Plan, Session

END = datetime(2026, 1, 1, 12, tzinfo=UTC)
BEGIN = END - timedelta(minutes=10)
FILLS, TICKS, ASSETS = 3000, 2000, 40


def session(seed: int = 1, run: str = "a", fills: int = FILLS) -> Session:
    return Session(Plan(seed, run, ASSETS, fills, TICKS, BEGIN, END))


@pytest.fixture(scope="module")
def made() -> Session:
    return session()


def dated(made: Session) -> list[Fill | Total]:
    """The messages with a time of their own, each once."""
    facts = {each.body: each.fact for each in made.messages}.values()
    return [each for each in facts if isinstance(each, Fill | Total) and each.at is not None]


def trades(made: Session) -> list[tuple[Any, ...]]:
    return [
        (each.queue, each.fact.asset, each.fact.quantity, each.fact.fee)
        for each in made.messages
        if isinstance(each.fact, Fill | Total)
    ]


def test_the_same_seed_makes_the_same_session(made: Session) -> None:
    assert session().messages == made.messages


def test_another_run_has_the_same_trades_with_other_ids(made: Session) -> None:
    again = session(run="b")

    assert trades(again) == trades(made)
    bodies = [each.body for each in again.messages]
    assert not set(bodies) & {each.body for each in made.messages}


def test_another_seed_gives_other_trades(made: Session) -> None:
    assert trades(session(seed=2)) != trades(made)


@pytest.mark.parametrize("fills", [1, 2, 19, 300])
def test_a_session_has_the_requested_number_of_fills(fills: int) -> None:
    assert session(fills=fills).expected.fills == fills


def test_fills_of_an_asset_have_distinct_times(made: Session) -> None:
    times = Counter((each.asset, each.at) for each in dated(made))

    # An event that only repeats a total may have the time of another.
    assert made.expected.fills > FILLS - 1
    assert max(times.values()) == 1


def test_times_are_recent_but_not_in_the_future(made: Session) -> None:
    times = [each.at for each in dated(made) if each.at is not None]

    assert max(times) <= END
    assert min(times) > BEGIN - (END - BEGIN) / 20


def test_some_fills_are_late(made: Session) -> None:
    newest: dict[str, datetime] = {}
    late = 0
    for each in dated(made):
        assert each.at is not None
        late += each.at < newest.get(each.asset, BEGIN)
        newest[each.asset] = max(each.at, newest.get(each.asset, BEGIN))

    assert late > FILLS / 200


def test_every_kind_of_outcome_occurs(made: Session) -> None:
    outcomes = made.expected.outcomes[Feed.ORDER_EVENTS]

    assert set(outcomes) == {"applied", "duplicate", "ignored", "rejected"}
    assert outcomes["applied"] == FILLS
    assert made.expected.outcomes[Feed.PRICES]["priced"] >= TICKS


def test_messages_match_the_contract(made: Session) -> None:
    good = [each for each in made.messages if each.fact != Nothing("rejected")]
    shapes = Counter((each.queue, json.loads(each.body)["event_type"]) for each in good)

    assert {name for _, name in shapes} == {
        "created",
        "partially_filled",
        "modified",
        "filled",
        "cancelled",
        "rejected",
        "order_executed",
        "position_updated_from_order",
        "ticker",
    }
    tickers = [json.loads(each.body) for each in good if each.queue is Queue.TICKER]
    fields = {field for each in tickers for field in each.get("payload") or each["data"]}
    assert {"mark_price", "markPrice", "last_price", "lastPrice"} <= fields


def test_amounts_are_strings_in_plain_notation(made: Session) -> None:
    plain = re.compile(r"-?\d+(\.\d+)?")
    names = {"filled_quantity", "average_price", "fees", "quantity", "price"}
    for each in made.messages:
        if each.fact == Nothing("rejected"):
            continue
        body = json.loads(each.body)
        fields = body.get("order") or body.get("payload") or body.get("data") or body
        found = [fields[name] for name in fields if name in names or "execution_" in name]
        amounts = [value for value in found if value is not None and len(value) < 30]
        assert all(plain.fullmatch(value) for value in amounts), body


@pytest.mark.parametrize("name", [b'"account"', b'"strategy"'])
def test_by_default_no_account_or_strategy_is_named(made: Session, name: bytes) -> None:
    assert not any(name in each.body for each in made.messages)


def test_a_given_account_is_named_in_every_fill() -> None:
    made = Session(Plan(1, "a", ASSETS, 300, 10, BEGIN, END, accounts=("desk-7",)))

    fills = [each for each in made.messages if isinstance(each.fact, Fill | Total)]
    assert all(b'"account":"desk-7"' in each.body for each in fills)


@pytest.fixture(scope="module")
def long() -> Session:
    plan = Plan(
        1, "a", ASSETS, FILLS, TICKS, END - timedelta(days=60), END, ("one", "two"),
        strategies=("trend", "range"),
    )  # fmt: skip
    return Session(plan)


def test_a_long_session_pays_funding_and_splits_a_share(long: Session) -> None:
    facts = [each.fact for each in long.messages]

    assert sum(isinstance(each, Funding) for each in facts) > 60
    assert long.split is not None
    assert long.split in facts
    assert long.expected.fills == FILLS


def test_each_account_trades_assets_of_its_own(long: Session) -> None:
    traded: dict[str, set[str]] = {}
    for each in long.messages:
        if isinstance(each.fact, Fill | Total):
            body = json.loads(each.body)
            account = body.get("order", body)["account"]
            traded.setdefault(account, set()).add(each.fact.asset)

    assert set(traded) == {"one", "two"}
    assert not traded["one"] & traded["two"]


def test_strategies_trade_in_the_first_account(long: Session) -> None:
    orders: Counter[tuple[str, str | None]] = Counter()
    for each in long.messages:
        if isinstance(each.fact, Fill | Total | Funding):
            body = json.loads(each.body)
            named = body.get("order", body)
            orders[named["account"], named.get("strategy")] += 1
            unnamed = UNASSIGNED if named["account"] == "one" else None
            assert each.fact.book == named.get("strategy", unnamed)

    assert set(orders) == {("one", "trend"), ("one", "range"), ("one", None), ("two", None)}
    assert 0 < orders["one", None] < orders["one", "range"] / 4


def test_the_books_of_an_account_add_up_to_it(long: Session) -> None:
    sizes: dict[str, Decimal] = {}
    for holding, figures in long.expected.book_figures({}, END).items():
        sizes[holding.asset] = sizes.get(holding.asset, Decimal(0)) + figures.size

    assert len(sizes) > ASSETS / 2
    assert sizes == {asset: long.expected.sizes[Holding(asset)] for asset in sizes}
    assert all(long.account_named(asset) == "one" for asset in sizes)


def test_prices_of_a_long_session_move_as_those_of_days_do(long: Session) -> None:
    prices = [
        each.fact.price
        for each in long.messages
        if isinstance(each.fact, Price) and each.fact.asset == "BTCUSDT"
    ]

    assert max(prices) > min(prices) * Decimal("1.05")


def test_dependent_messages_are_never_published_together(made: Session) -> None:
    cut = list(batches(made.messages, limit=100))

    assert [each for batch in cut for each in batch] == made.messages
    for batch in cut:
        assert 0 < len(batch) <= 100
        followed = [each.follows for each in batch if each.follows is not None]
        assert len(followed) == len(set(followed))


def test_totals_of_an_order_are_published_in_order(made: Session) -> None:
    # A second delivery depends on nothing: the first always precedes it.
    first = {each.body: each for each in reversed(made.messages)}
    totals = [(each, each.fact) for each in first.values() if isinstance(each.fact, Total)]

    assert len(totals) > FILLS / 4
    assert all(message.follows == total.order_id for message, total in totals)


def test_the_newest_price_counts_in_any_order_of_arrival(made: Session) -> None:
    prices = [each.fact for each in made.messages if isinstance(each.fact, Price)]
    newest = {each.asset: each for each in sorted(prices, key=lambda each: each.at)}

    assert newest.keys() == {*made.assets, euro().symbol}
    assert all(made.expected.price(asset) == each.price for asset, each in newest.items())


def test_two_quotes_at_the_end_confirm_each_price(made: Session) -> None:
    quotes: dict[str, list[Price]] = {}
    for each in made.messages:
        if isinstance(each.fact, Price):
            quotes.setdefault(each.fact.asset, []).append(each.fact)

    for *_, before, last in quotes.values():
        assert before.price == last.price
        assert END < before.at < last.at


def test_assets_beyond_the_list_are_generated() -> None:
    symbols = [each.symbol for each in listing(500)]

    assert len(set(symbols)) == 500
    assert symbols[0] == "BTCUSDT"
