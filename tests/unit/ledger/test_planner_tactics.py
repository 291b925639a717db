"""The planner tactics that matter (ADR 0002), read from the plans that PostgreSQL used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.errors import Diagnostic

pytestmark = pytest.mark.usefixtures("fresh_database")

BATCH = 400
# A scan may look at a row more than once, but never at every other row of the batch.
LINEAR = 20 * BATCH
# The decimals of an order event: quantity, price, fee, amount.
DECIMALS = 4
# How the inlined check of a decimal appears in a plan.
DECIMAL_PATTERN = "'^[+-]?[0-9]+\\.?[0-9]*$'"

EXPLAIN = """
    LOAD 'auto_explain';
    SET auto_explain.log_min_duration = 0;
    SET auto_explain.log_nested_statements = on;
    SET auto_explain.log_analyze = on;
    SET auto_explain.log_timing = off;
    SET auto_explain.log_verbose = on;
    SET auto_explain.log_format = json;
    SET auto_explain.log_level = notice;
"""
APPLY = "SELECT o.outcome FROM pms.apply_order_events(%b::text[]::jsonb[]) o"

Node = dict[str, Any]
Message = dict[str, object]


class Planner:
    """A connection that logs the plan of every statement, nested ones included."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._plans: list[dict[str, Any]] = []
        connection.execute(EXPLAIN)
        connection.add_notice_handler(self._keep)

    def _keep(self, notice: Diagnostic) -> None:
        _, found, plan = (notice.message_primary or "").partition("plan:\n")
        if found:
            self._plans.append(json.loads(plan))

    def apply(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """Apply one batch; return the plans of the statements inside the function."""
        self._plans.clear()
        texts = [json.dumps(message) for message in messages]
        outcomes = {row[0] for row in self._connection.execute(APPLY, [texts])}
        assert outcomes == {"applied"}
        # The last one is the call itself, planned with its argument.
        return [plan["Plan"] for plan in self._plans[:-1]]


@pytest.fixture
def planner(dsn: str) -> Iterator[Planner]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield Planner(connection)


def nodes(plan: Node) -> Iterator[Node]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def rows_visited(node: Node) -> int:
    """The rows a node returned or threw away, over all its loops."""
    removed = ("Rows Removed by Filter", "Rows Removed by Join Filter")
    per_loop = node["Actual Rows"] + sum(node.get(name, 0) for name in removed)
    return int(per_loop * node["Actual Loops"])


def fills(first: int, count: int) -> list[Message]:
    """Executions a minute apart."""
    start = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        {
            "event_type": "order_executed",
            "order_id": f"order-{number}",
            "execution_id": f"execution-{number}",
            "asset": "BTCUSDT",
            "side": "buy",
            "execution_quantity": "1",
            "execution_price": "100",
            "executed_at": (start + timedelta(minutes=number)).isoformat(),
        }
        for number in range(first, first + count)
    ]


def totals(first: int, count: int) -> list[Message]:
    """Status events: every second order reports twice."""
    return [
        {
            "event_type": "filled",
            "event_id": f"event-{number}",
            "order": {
                "order_id": f"total-{number // 2}",
                "asset": "ETHUSDT",
                "side": "Buy",
                "status": "partially_filled",
                "filled_quantity": str(1 + number % 2),
                "average_price": "100",
                "fees": "0",
                "updated_at": "2026-01-01T00:00:00Z",
            },
        }
        for number in range(first, first + count)
    ]


def test_a_batch_is_planned_without_its_messages(planner: Planner) -> None:
    """The generic plan: a plan made for one batch would carry the messages as a constant."""
    plans = planner.apply(fills(0, 3))

    assert any("$" in json.dumps(plan) for plan in plans)
    assert [plan for plan in plans if "execution-1" in json.dumps(plan)] == []


def test_the_work_of_a_batch_grows_with_the_batch(planner: Planner) -> None:
    """A join of a batch with itself would visit BATCH * BATCH rows."""
    planner.apply(fills(0, 3) + totals(0, 2))

    plans = planner.apply(fills(3, BATCH // 2) + totals(2, BATCH // 2))

    visited = {rows_visited(node): node for plan in plans for node in nodes(plan)}
    assert max(visited) >= BATCH, "no plan of the batch was seen"
    assert max(visited) <= LINEAR, json.dumps(visited[max(visited)])[:2000]


def test_new_legs_are_read_by_their_key(planner: Planner) -> None:
    """Without statistics, an index on one column of the key would visit all legs for each leg."""
    each_on_its_own = [
        message | {"asset": f"A{number}USDT"} for number, message in enumerate(fills(0, BATCH))
    ]
    later = [
        message | {"asset": f"A{number}USDT"} for number, message in enumerate(fills(BATCH, BATCH))
    ]
    planner.apply(each_on_its_own)

    plans = planner.apply(later)

    visited = {rows_visited(node): node for plan in plans for node in nodes(plan)}
    assert max(visited) >= BATCH, "no plan of the batch was seen"
    assert max(visited) <= LINEAR, json.dumps(visited[max(visited)])[:2000]


def test_identities_and_orders_are_looked_up_before_their_legs(dsn: str) -> None:
    """Without statistics, a key seems as frequent as a leg, and each look-up reads the leg."""
    history, batch = 20_000, 4_000
    with psycopg.connect(dsn, autocommit=True) as connection:
        for first in range(0, history, batch):
            texts = [json.dumps(message) for message in fills(first, batch)]
            connection.execute(APPLY, [texts])
        # Plans made by now are of a smaller ledger.
        connection.execute("DISCARD PLANS")

        plans = Planner(connection).apply(fills(history, 10))

    assert max(rows_visited(node) for plan in plans for node in nodes(plan)) < history, plans


def test_each_decimal_of_a_message_is_parsed_once(planner: Planner) -> None:
    """OFFSET 0: a flattened subquery would repeat the expression in every column that reads it."""
    plans = planner.apply(fills(0, 3))

    outputs = [
        expression
        for plan in plans
        for node in nodes(plan)
        for expression in (*node.get("Output", []), node.get("Filter", ""))
    ]
    pattern = re.escape(DECIMAL_PATTERN)
    assert sum(len(re.findall(pattern, expression)) for expression in outputs) == DECIMALS


def test_a_late_fill_reads_from_the_last_checkpoint(planner: Planner) -> None:
    """The index condition on (executed_at, id): its cost does not depend on the history."""
    history = 10 * BATCH
    for first in range(0, history, BATCH):
        planner.apply(fills(first, BATCH))

    [recent] = fills(history - 10, 1)
    plans = planner.apply([recent | {"execution_id": "late"}])

    read = [
        rows_visited(node)
        for plan in plans
        for node in nodes(plan)
        if node.get("Relation Name") == "entries_first" and node["Node Type"] != "ModifyTable"
    ]
    # Three folds of at most a spacing and a batch each: that of the row, and of the PnL as it was
    # known before and as it is now.
    assert 0 < sum(read) < history / 2, read
