"""The reads of one book: those of an account. No answer has the name under which it is kept."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, correction, elsewhere, fill, ticker
from tests.helpers.owner_queries import OwnerQueries
from tests.helpers.scoped_keys import Key

DESK = "desk"
AT = ("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z")
READS = ("get_position", "get_position_entries", "get_closed_cycles")


@pytest.fixture
def desk(ledger: Ledger) -> Ledger:
    """An account with two strategies, and what names none."""
    for number, (side, size, price, strategy) in enumerate(
        [("Buy", "5", "100", None), ("Buy", "3", "110", "alpha"), ("Sell", "2", "120", "beta")]
    ):
        message = elsewhere(fill(f"f{number}", side, size, price, at=AT[number]), DESK)
        assert ledger.apply(message | ({"strategy": strategy} if strategy else {})) == ["applied"]
    return ledger


@pytest.mark.parametrize(
    ("book", "size", "price"),
    [("alpha", "3", "110"), ("beta", "-2", "120"), ("unassigned", "5", "100")],
)
def test_a_book_is_read_as_an_account(desk: Ledger, book: str, size: str, price: str) -> None:
    position = desk.call("get_position", account=DESK, asset="BTCUSDT", book=book)
    assert (position["account"], position["book"]) == (DESK, book)
    assert (position["size"], position["average_entry_price"]) == (size, price)
    listed = desk.call("get_positions", account=DESK, book=book)
    assert listed["positions"] == [position]
    portfolio = desk.call("get_portfolio", account=DESK, book=book, include_positions="true")
    assert portfolio["positions"] == [position]
    assert portfolio["by_asset"]["BTCUSDT"]["size"] == size
    entries = desk.call("get_position_entries", account=DESK, asset="BTCUSDT", book=book)
    assert [each["price"] for each in entries["entries"]] == [price]


def test_a_book_had_nothing_before_its_fills(desk: Ledger) -> None:
    then = desk.call("get_position", account=DESK, asset="BTCUSDT", book="unassigned", as_of=AT[1])
    assert (then["account"], then["book"], then["size"]) == (DESK, "unassigned", "5")
    asked = {"account": DESK, "asset": "BTCUSDT", "book": "beta", "as_of": AT[1]}
    assert desk.call("get_position", **asked)["error_code"] == "NOT_FOUND"


def test_the_account_stays_what_the_venue_sees(desk: Ledger) -> None:
    position = desk.call("get_position", account=DESK, asset="BTCUSDT")
    assert position["size"] == "6"
    assert "book" not in position
    assert desk.call("get_positions")["count"] == 1


def test_an_unknown_book_is_empty_as_an_unknown_account_is(desk: Ledger) -> None:
    asked = {"account": DESK, "asset": "BTCUSDT", "book": "gamma"}
    for function in READS:
        refusal = desk.call(function, **asked)
        assert refusal["error_code"] == "NOT_FOUND", function
        assert refusal["details"] == {
            "account": DESK, "book": "gamma", "asset": "BTCUSDT", "mode": "one-way",
        }  # fmt: skip
    assert desk.call("get_positions", account=DESK, book="gamma")["count"] == 0
    assert desk.call("get_portfolio", account=DESK, book="gamma")["by_asset"] == {}


def test_a_bound_key_sees_the_books_of_its_account(desk: Ledger, dsn: str) -> None:
    with psycopg.connect(dsn, autocommit=True) as conn:
        bound = Key(conn, (DESK,))
        (seen,) = bound.call("get_position", asset="BTCUSDT", book="alpha")
        assert seen["size"] == "3"
        other = Key(conn, ("elsewhere",))
        for account in (DESK, f"{DESK}|alpha"):
            for function in (*READS, "closed_cycles", "positions_as_of"):
                asked: dict[str, Any] = {"account": account}
                asked |= {"at": AT[2]} if function == "positions_as_of" else {"asset": "BTCUSDT"}
                assert other.refuses(function, **asked), (function, account)


def test_no_answer_has_the_name_of_the_account_of_a_book(desk: Ledger) -> None:
    functions = *READS, "get_positions", "get_portfolio", "get_pnl_by_period", "get_statistics"
    for function in functions:
        answer = desk.call(function, account=DESK, asset="BTCUSDT", book="alpha")
        assert "|" not in json.dumps(answer), function


def test_the_portfolio_by_book_adds_up_to_the_account(desk: Ledger) -> None:
    desk.price(ticker("130", "2026-01-04T00:00:00Z"))
    for then in ({}, {"as_of": AT[1]}):
        whole = desk.call("get_portfolio", account=DESK, grouping_by="book", **then)
        assert set(whole["by_book"]) == {"alpha", "beta", "unassigned"}
        for name in ("total_pnl_usdt", "fees_usdt", "net_pnl_usdt"):
            parts = [Decimal(each[name]) for each in whole["by_book"].values()]
            assert sum(parts) == Decimal(whole[name]), (name, then)
        alone = desk.call("get_portfolio", account=DESK, grouping_by="book", book="beta", **then)[
            "by_book"
        ]
        assert alone.keys() == {"beta"}
        assert alone["beta"]["net_pnl_usdt"] == whole["by_book"]["beta"]["net_pnl_usdt"]
    assert "by_book" not in desk.call("get_portfolio", account=DESK)


@pytest.mark.parametrize(
    ("function", "by"), [("get_portfolio", "grouping_by"), ("get_pnl", "unit")], ids=str
)
def test_the_totals_are_of_the_account_whose_books_are_shown(
    desk: Ledger, dsn: str, function: str, by: str
) -> None:
    desk.apply(fill("here", "Buy", "1", "100", "7", at=AT[0]) | {"strategy": "gamma"})
    desk.price(ticker("130", "2026-01-04T00:00:00Z"))
    moment = {"calculated_at": None}
    with psycopg.connect(dsn, autocommit=True) as conn:
        for account, key in (("main", Key(conn)), (DESK, Key(conn, (DESK,)))):
            (named,) = key.call(function, account=account, **{by: "book"})
            (found,) = key.call(function, **{by: "book"})
            assert found | moment == named | moment, account
            parts = [Decimal(each["net_pnl_usdt"]) for each in found["by_book"].values()]
            assert sum(parts) == Decimal(found["net_pnl_usdt"]) != 0
        several = Key(conn, (DESK, "other"))
        (refused,) = several.call(function, **{by: "book"})
        assert refused["error_code"] == "VALIDATION_ERROR"
        assert refused["details"]["account"].startswith("must be given: ")
        (named,) = several.call(function, account=DESK, **{by: "book"})
        assert set(named["by_book"]) == {"alpha", "beta", "unassigned"}


def test_the_pnl_by_book_is_that_of_each_book(desk: Ledger) -> None:
    desk.price(ticker("130", "2026-01-04T00:00:00Z"))
    whole = desk.call("get_pnl", account=DESK, unit="Book")
    assert set(whole["by_book"]) == {"alpha", "beta", "unassigned"}
    for book, shown in whole["by_book"].items():
        alone = desk.call("get_pnl", account=DESK, book=book)
        assert shown == {name: alone[name] for name in shown}
    parts = [Decimal(each["net_pnl_usdt"]) for each in whole["by_book"].values()]
    assert sum(parts) == Decimal(whole["net_pnl_usdt"])
    assert "by_book" not in desk.call("get_pnl", account=DESK)


def test_fills_show_the_book_in_which_they_count(desk: Ledger, dsn: str) -> None:
    desk.apply(fill("elsewhere", "Buy", "1", "100"))
    desk.call("move_to_book", move_id="m", identity="execution:f2", to_book="alpha", account=DESK)
    desk.apply(elsewhere(correction("f2", execution_price="121"), DESK))
    desk.call(
        "record_corporate_action", action_id="s", action="split", asset="BTCUSDT", ratio="2",
        effective_at="2026-01-05T00:00:00Z",
    )  # fmt: skip
    with psycopg.connect(dsn, autocommit=True) as conn:
        shown = conn.execute(
            "SELECT f.account, f.kind, f.book, f.strategy FROM api.fills f ORDER BY f.id"
        ).fetchall()
        (alone,) = Key(conn, (DESK,)).ask(
            "SELECT array_agg(f.quantity ORDER BY f.id) FROM api.fills f WHERE f.book = 'alpha'"
        )
    assert [row for row in shown if row[0] != DESK] == [
        ("main", "trade", None, None), ("main", "split", None, None),
    ]  # fmt: skip
    assert [row[1:] for row in shown if row[0] == DESK] == [
        ("trade", "unassigned", None),
        ("trade", "alpha", "alpha"),
        ("trade", "alpha", "beta"),
        ("trade", "alpha", "beta"),
        ("split", None, None),
    ]
    assert alone == [3, -2, -2]


def test_a_snapshot_of_a_book_is_kept_apart(desk: Ledger, queries: OwnerQueries) -> None:
    asked = {"account": DESK, "asset": "BTCUSDT", "book": "alpha"}
    queries.forget_events()
    taken = desk.call("create_snapshot", **asked)
    assert queries.events() == []
    assert (taken["account"], taken["book"]) == (DESK, "alpha")
    assert taken["snapshot_data"]["size"] == "3"
    assert desk.call("get_snapshots", **asked) == {"snapshots": [taken], "count": 1}
    assert desk.call("get_position", **asked)["last_snapshot_at"] == taken["created_at"]
    assert desk.call("get_snapshots", account=DESK, asset="BTCUSDT")["count"] == 0
    assert desk.call("create_snapshot", **asked | {"book": "gamma"})["details"]["book"] == "gamma"


def test_snapshots_of_an_account_have_those_of_its_books(
    desk: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    def counts() -> list[int]:
        each: list[dict[str, str]] = [{"book": "alpha"}, {"book": "beta"}, {"book": "unassigned"}]
        asked = {"account": DESK, "asset": "BTCUSDT"}
        return [desk.call("get_snapshots", **asked | book)["count"] for book in [{}, *each]]

    queries.forget_events()
    assert desk.call("create_snapshots", account=DESK)["count"] == 1
    assert counts() == [1, 1, 1, 1]
    assert desk.call("create_snapshots", account=DESK, book="alpha")["count"] == 1
    assert counts() == [1, 2, 1, 1]
    assert desk.call("create_snapshots")["count"] == 1
    assert counts() == [2, 3, 2, 2]
    owner.execute("SELECT pms.take_snapshots(NULL)")
    assert counts() == [3, 4, 3, 3]
    assert [event["account"] for event in queries.events()] == [DESK] * 3


def test_the_history_of_a_book_is_kept_beside_its_account(
    desk: Ledger, owner: psycopg.Connection[Any], dsn: str
) -> None:
    desk.price(ticker("130", "2026-01-04T00:00:00Z"))
    owner.execute("SELECT pms.capture_portfolio(clock_timestamp())")

    def newest(**asked: str) -> dict[str, Any]:
        answer = desk.call("get_history", **asked)
        assert "|" not in json.dumps(answer)
        return dict(answer["points"][-1], account=answer["account"], book=answer.get("book"))

    for book in ("alpha", "beta", "unassigned"):
        kept, now = newest(account=DESK, book=book), desk.call("get_pnl", account=DESK, book=book)
        assert (kept["account"], kept["book"]) == (DESK, book)
        assert kept["net_pnl_usdt"] == now["net_pnl_usdt"]
    # The books are in no total.
    account, everything = newest(account=DESK), newest()
    assert account["net_pnl_usdt"] == everything["net_pnl_usdt"]
    assert desk.call("get_history", account=DESK, book="gamma")["points"] == []
    with psycopg.connect(dsn, autocommit=True) as conn:
        for view in ("portfolio_history", "drawdown"):
            shown = conn.execute(f"SELECT h.account FROM api.{view} h".encode()).fetchall()
            assert shown == [(DESK,)], view
        assert Key(conn, ("elsewhere",)).refuses("get_history", account=DESK, book="alpha")
        (mine,) = Key(conn, (DESK, "elsewhere")).call("get_history", account=DESK, book="alpha")
        assert mine["points"]


def set_limit(desk: Ledger, **asked: object) -> str:
    return str(desk.call("set_limit", **asked))


def test_a_limit_of_a_book_is_judged_by_what_the_book_has(desk: Ledger, dsn: str) -> None:
    desk.price(ticker("130", "2026-01-04T00:00:00Z"))
    of = {"account": DESK, "book": "alpha"}
    kept = set_limit(desk, metric="gross_exposure", breach_level=300, **of)
    of = {"account": DESK, "book": "beta", "asset": "BTCUSDT"}
    sized = set_limit(desk, metric="position_size", breach_level=10, **of)
    whole = set_limit(desk, metric="gross_exposure", breach_level=800, account=DESK)
    assert (kept, sized) == (
        "book/desk/alpha/gross_exposure",
        "book/desk/beta/BTCUSDT/position_size",
    )
    values = {
        kept: ("alpha", "390", "breach"),
        sized: ("beta", "2", "ok"),
        whole: (None, "780", "ok"),
    }

    def shown(limits: list[dict[str, Any]]) -> dict[str, tuple[str | None, str, str]]:
        assert "|" not in json.dumps(limits)
        assert {each["account"] for each in limits} <= {DESK}
        return {each["id"]: (each["book"], each["value"], each["level"]) for each in limits}

    assert shown(desk.call("get_limits")["limits"]) == values
    assert shown(desk.call("get_limits", account=DESK)["limits"]) == values
    assert shown(desk.call("get_limits", account=DESK, book="beta")["limits"]) == {
        sized: values[sized]
    }
    assert shown(desk.call("get_portfolio")["limits"]) == values
    alone = desk.call("get_portfolio", account=DESK, book="alpha")
    assert shown(alone["limits"]) == {kept: values[kept]}
    assert alone["limit_exceeded"]
    then = desk.call("get_portfolio", account=DESK, book="beta", as_of=AT[1])
    assert shown(then["limits"]) == {sized: ("beta", "0", "ok")}
    assert not desk.call("get_portfolio", account=DESK)["limit_exceeded"]
    with psycopg.connect(dsn, autocommit=True) as conn:
        for scope, count in (((DESK,), 3), (("elsewhere",), 0)):
            key = Key(conn, scope)
            assert len(key.call("get_limits")[0]["limits"]) == count
            assert key.ask("SELECT count(*) FROM api.limits") == [count]
        (alone,) = Key(conn, (DESK,)).call("get_portfolio", book="alpha")
        assert shown(alone["limits"]) == {kept: values[kept]}


def test_a_breach_of_a_book_names_it(
    desk: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries, dsn: str
) -> None:
    for metric, level in (("gross_exposure", 100), ("daily_loss", 1)):
        set_limit(desk, metric=metric, breach_level=level, account=DESK, book="alpha")
    desk.price(ticker("130", "2026-01-04T00:00:00Z"))
    owner.execute("SELECT pms.capture_portfolio(clock_timestamp())")
    queries.forget_events()
    desk.price(ticker("105", "2026-01-04T00:01:00Z"))
    owner.execute("SELECT pms.check_limits()")

    events = queries.events("limit_breached")
    assert [(each["account"], each["book"], each["metric"]) for each in events] == [
        (DESK, "alpha", "daily_loss"), (DESK, "alpha", "gross_exposure"),
    ]  # fmt: skip
    # Its net PnL was 0 when the day began, and is -15.
    assert [each["value"] for each in events] == ["15", "315"]
    assert {each["scope"] for each in events} == {"book"}
    assert "|" not in json.dumps(events)
    breaches = desk.call("get_limits", account=DESK, book="alpha")["breaches"]
    assert {(each["account"], each["book"]) for each in breaches} == {(DESK, "alpha")}
    assert desk.call("get_limits", account=DESK, book="beta")["breaches"] == []
    with psycopg.connect(dsn, autocommit=True) as conn:
        rows = "SELECT b.account || ' ' || b.book FROM api.limit_breaches b"
        assert Key(conn, (DESK,)).ask(rows) == [f"{DESK} alpha"] * 2
        assert Key(conn, ("elsewhere",)).ask(rows) == []
    seen = desk.call("acknowledge_breach", id=str(breaches[0]["id"]))
    assert (seen["account"], seen["book"]) == (DESK, "alpha")
    for each in ("gross_exposure", "daily_loss"):
        desk.call("remove_limit", id=f"book/{DESK}/alpha/{each}")
    owner.execute("SELECT pms.check_limits()")
    assert len(queries.events("limit_cleared")) == 2


def test_a_limit_of_a_book_is_set_by_a_body(desk: Ledger) -> None:
    row = desk.operator.execute(
        "SELECT api.post_limit(%s::bytea)",
        [b'{"book": "alpha", "account": "desk", "metric": "net_exposure", "limit": "5"}'],
    ).fetchone()
    assert row is not None
    assert (row[0]["id"], row[0]["account"], row[0]["book"]) == (
        "book/desk/alpha/net_exposure", DESK, "alpha",
    )  # fmt: skip
    main = set_limit(desk, metric="drawdown", breach_level=1, book="alpha")
    assert main == "book/main/alpha/drawdown"


@pytest.mark.parametrize(
    ("strategy", "book", "after"),
    [("alpha", "alpha", "520"), ("beta", "beta", "130"), (None, "unassigned", "780")],
)
def test_a_check_judges_the_limits_of_the_book_of_the_fill(
    desk: Ledger, strategy: str | None, book: str, after: str
) -> None:
    desk.price(ticker("130", "2026-01-04T00:00:00Z"))
    # alpha has 390, beta 260 short, unassigned 650.
    limits = {
        each: set_limit(desk, metric="gross_exposure", breach_level=level, account=DESK, book=each)
        for each, level in (("alpha", 400), ("beta", 400), ("unassigned", 700))
    }
    asked = {"account": DESK, "asset": "BTCUSDT", "side": "buy", "quantity": "1", "price": "130"}
    checked = desk.call("check_fill", **asked, strategy=strategy)

    assert checked["fill"]["book"] == book
    assert [(each["id"], each["after"]["value"]) for each in checked["limits"]] == [
        (limits[book], after)
    ]
    assert checked["newly_breached"] == ([] if book == "beta" else [limits[book]])
    assert checked["position"]["after"]["size"] == "7"
    assert "|" not in json.dumps(checked)
    refused = desk.call("check_fill", **asked, strategy="a|b")
    assert list(refused["details"]) == ["strategy"]


def test_profit_exposure_periods_of_a_book_are_those_of_its_fills(desk: Ledger) -> None:
    desk.apply(elsewhere(fill("out", "Sell", "3", "150", at=AT[2]), DESK) | {"book": "alpha"})

    profit = desk.call("get_pnl", account=DESK, book="alpha")
    assert profit["total_realized_pnl_usdt"] == "120"
    assert desk.call("get_exposure", account=DESK, book="alpha")["total_exposure_usdt"] == "0"
    asked = {"account": DESK, "book": "alpha", "to_time": "2026-02-01T00:00:00Z"}
    periods = desk.call("get_pnl_by_period", **asked)["periods"]
    assert sum(Decimal(each["realized_usdt"]) for each in periods) == 120
    statistics = desk.call("get_statistics", account=DESK, book="alpha")["statistics"]
    assert [(each["trades"], each["net_pnl"]) for each in statistics] == [(1, "120")]


def test_the_view_of_books_has_the_totals_of_each(desk: Ledger, dsn: str) -> None:
    desk.price(ticker("130", "2026-01-04T00:00:00Z"))
    with psycopg.connect(dsn, autocommit=True) as conn:
        rows = conn.execute(
            "SELECT b.account, b.book, b.open_positions FROM api.books b ORDER BY b.book"
        ).fetchall()
        sums = conn.execute(
            "SELECT sum(b.net_pnl_usdt), sum(b.fees_paid_usdt) FROM api.books b"
        ).fetchone()
        whole = conn.execute(
            "SELECT p.net_pnl_usdt, p.fees_paid_usdt FROM api.portfolio p"
        ).fetchone()
    assert rows == [(DESK, "alpha", 1), (DESK, "beta", 1), (DESK, "unassigned", 1)]
    assert sums == whole
