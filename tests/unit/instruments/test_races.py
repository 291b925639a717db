"""Definitions and aliases beside a batch that has not committed yet."""

from __future__ import annotations

import json
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from decimal import Decimal as D
from typing import Any

import pytest

from tests.helpers.ledger import Ledger, Message, fill

APPLY = "SELECT o.outcome FROM pms.apply_order_events(%b::text[]::jsonb[]) o"


def beside(ledger: Ledger, message: Message, function: str, **arguments: object) -> dict[str, Any]:
    """The answer to a command that begins while a batch has its message applied; it waits."""
    with ThreadPoolExecutor() as pool:
        with ledger.worker.transaction():
            ledger.worker.execute(APPLY, [[json.dumps(message)]])
            answer: Future[dict[str, Any]] = pool.submit(ledger.call, function, **arguments)
            with pytest.raises(NotYet):
                answer.result(timeout=0.3)
        return answer.result(timeout=10)


@pytest.mark.parametrize("known", [False, True], ids=["a new leg", "a known leg"])
def test_a_definition_waits_for_fills_and_counts_them(ledger: Ledger, known: bool) -> None:
    if known:
        ledger.apply(fill("0", "Buy", "1000", "50000", asset="BTCUSD"))

    answer = beside(
        ledger, fill("1", "Buy", "1000", "50000", asset="BTCUSD"), "define_instrument",
        asset="BTCUSD", kind="inverse", settlement_currency="BTC", quote_currency="USD",
    )  # fmt: skip

    assert answer["recounted_legs"] == 1
    assert ledger.position("BTCUSD")["cost_basis"] == (D("0.04") if known else D("0.02"))
    assert ledger.call("verify_ledger")["findings"] == []


def test_an_alias_waits_for_fills_under_its_name_and_is_refused(ledger: Ledger) -> None:
    answer = beside(
        ledger, fill("1", "Buy", "1", "100", asset="XBT"), "alias_instrument",
        alias="XBT", asset="BTCUSDT",
    )  # fmt: skip

    assert answer["error_code"] == "CONFLICT"
