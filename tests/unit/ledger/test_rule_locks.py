"""Definitions and corporate actions beside transactions that have locked other things before."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, Message, action, bust, fill
from tests.helpers.venue import camel

pytestmark = pytest.mark.usefixtures("verified")

OUTCOMES = "SELECT o.outcome FROM pms.{}(%b::text[]::jsonb[]) o"
OTHER = {"account": "other"}


@pytest.fixture
def held(ledger: Ledger) -> Ledger:
    ledger.apply(fill("1", "Buy", "1", "100"))
    return ledger


def judge(worker: psycopg.Connection[Any], function: str, *messages: Message) -> list[str]:
    texts = [json.dumps(message) for message in messages]
    rows = worker.execute(OUTCOMES.format(function).encode(), [texts]).fetchall()
    return [outcome for (outcome,) in rows]


def change(ledger: Ledger, kind: str) -> dict[str, Any]:
    """A change of the rules of BTCUSDT by another session."""
    if kind == "definition":
        return ledger.call("define_instrument", asset="BTCUSDT", multiplier=2)
    return ledger.call(
        "record_corporate_action", action_id="split", action="split", asset="BTCUSDT", ratio="10",
        effective_at="2026-01-01T12:00:00Z",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["definition", "split"])
def test_a_report_of_a_new_leg_after_one_of_a_known_leg(held: Ledger, kind: str) -> None:
    """It has locked a price and a leg, and begins another leg."""
    with ThreadPoolExecutor() as pool:
        with held.worker.transaction():
            assert judge(
                held.worker, "apply_venue_positions", camel("1", "100", 1, markPrice="110")
            ) == ["applied"]
            answer: Future[dict[str, Any]] = pool.submit(change, held, kind)
            with pytest.raises(NotYet):
                answer.result(timeout=0.3)
            another = camel("2", "100", 2, markPrice="110")
            another["data"].update(OTHER)
            assert judge(held.worker, "apply_venue_positions", another) == ["applied"]
        assert answer.result(timeout=10)["outcome"] in {"defined", "applied"}


@pytest.mark.parametrize("asset", ["BTCUSDT", "NEWUSDT"])
def test_a_first_fill_after_a_bust_beside_a_definition(held: Ledger, asset: str) -> None:
    """The amendments are locked, and the instrument comes about."""
    with ThreadPoolExecutor() as pool:
        with held.worker.transaction():
            assert judge(held.worker, "apply_order_events", bust("1")) == ["applied"]
            answer = pool.submit(held.call, "define_instrument", asset=asset, multiplier=2)
            with pytest.raises(NotYet):
                answer.result(timeout=0.3)
            first = fill("2", "Buy", "1", "100", asset=asset, **OTHER)
            assert judge(held.worker, "apply_order_events", first) == ["applied"]
        assert answer.result(timeout=10)["outcome"] == "defined"
    assert held.position(asset, account="other")["cost_basis"] == 200


def test_a_counted_repeat_beside_a_bust(ledger: Ledger, dsn: str) -> None:
    """It locks its leg, and then what every batch locks."""
    twin = fill("", "Buy", "1", "100", order_id="twin")
    ledger.apply(twin)
    ledger.apply({**twin, "trace_id": "another"})
    with psycopg.connect(dsn, autocommit=True) as owner:
        row = owner.execute("SELECT s.id FROM pms.suspected_repeats s").fetchone()
    assert row is not None
    with ThreadPoolExecutor() as pool:
        with ledger.worker.transaction():
            assert judge(ledger.worker, "apply_order_events", bust("none")) == ["applied"]
            answer = pool.submit(
                ledger.call, "settle_suspected_repeat", id=row[0], decision="count"
            )
            with pytest.raises(NotYet):
                answer.result(timeout=0.3)
            last = fill("2", "Buy", "1", "100")
            assert judge(ledger.worker, "apply_order_events", last) == ["applied"]
        answer.result(timeout=10)
    assert ledger.position()["size"] == 3


def test_many_changes_beside_fills_and_reports(held: Ledger, dsn: str) -> None:
    """Definitions, actions, fills, reports and imports of the same assets, each its own session."""
    rounds = 8

    def defined() -> None:
        for number in range(rounds):
            held.call("define_instrument", asset="BTCUSDT", multiplier=1 + number % 2)

    def acted() -> None:
        with psycopg.connect(dsn, autocommit=True) as conn:
            for number in range(rounds):
                message = action(f"split-{number}", "split", ratio="2")
                assert judge(conn, "apply_order_events", {**message, "is_another": True}) == [
                    "applied"
                ]

    def filled(first: str) -> None:
        with psycopg.connect(dsn, autocommit=True) as conn:
            for number in range(rounds):
                account = {"account": f"{first}-{number}"}
                for message in (
                    fill(f"{first}-{number}", "Buy", "1", "100", **account),
                    fill(f"{first}-{number}", "Buy", "1", "100", asset="ETHUSDT", **account),
                    fill(f"{first}-again-{number}", "Sell", "1", "100"),
                ):
                    assert judge(conn, "apply_order_events", message) == ["applied"]

    def reported() -> None:
        with psycopg.connect(dsn, autocommit=True) as conn:
            for number in range(rounds):
                own, report = (camel("1", "100", number, markPrice="110") for _ in range(2))
                report["data"]["account"] = f"reported-{number}"
                judge(conn, "apply_venue_positions", own, report)

    with ThreadPoolExecutor() as pool:
        runs = [
            pool.submit(defined),
            pool.submit(acted),
            pool.submit(filled, "a"),
            pool.submit(filled, "b"),
            pool.submit(reported),
        ]
        for run in runs:
            run.result(timeout=60)
    assert held.position(account="a-0")["size"] in {1, 2**rounds}
