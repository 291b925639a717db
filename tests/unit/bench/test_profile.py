"""Statements become the parts of a batch and of a request."""

from __future__ import annotations

import io

import pytest
from rich.console import Console
from rich.table import Table

from bench.profile import Request, Statement, batch_table, request_table, split


def printed(table: Table) -> list[str]:
    text = io.StringIO()
    Console(file=text, width=120).print(table)
    return [" ".join(line.split()) for line in text.getvalue().splitlines()]


def test_a_statement_has_its_time_and_share_by_batch() -> None:
    statements = [
        Statement("SELECT  pms.apply_order_events()", True, 2, 80.0),
        Statement("INSERT INTO\n    pms.entries", False, 4, 20.0),
    ]

    lines = printed(batch_table(statements, batches=2, fills=1000))

    assert lines[0] == "Batches of 1000 fills: 40.0 ms in SQL"
    assert "40.00 100.0% 1.0 SELECT pms.apply_order_events()" in lines
    assert "10.00 25.0% 2.0 INSERT INTO pms.entries" in lines


def test_the_time_in_sql_is_split_without_counting_nested_statements_twice() -> None:
    statements = [
        Statement('WITH pgrst_source AS (SELECT "api"."get_pnl"())', True, 10, 50.0),
        Statement('SELECT "pms"."check_request"()', True, 10, 8.0),
        Statement("SELECT k.id FROM pms.api_keys k", False, 10, 4.0),
        Statement("SELECT set_config($1, $2, $3)", True, 10, 2.0),
    ]

    assert split(statements, requests_sent=10) == pytest.approx((0.8, 5.0, 0.2))


def test_the_parts_of_a_request_add_up() -> None:
    request = Request(
        end_to_end=10.0, without_gateway=9.0, authentication=1.0, function=4.0, other_sql=0.5
    )

    assert sum(request.parts().values()) == pytest.approx(10.0)
    lines = printed(request_table({"GET /positions": request}))
    assert "GET /positions 10.00 1.00 3.50 1.00 4.00 0.50" in lines
