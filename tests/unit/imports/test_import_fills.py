"""Parts of a file of fills: planned, applied by the rules of messages, and applied again."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from tests.helpers.ledger import Ledger, fill
from tests.helpers.verification import one

ENTRIES = "SELECT count(*) FROM pms.entries"


def row(execution_id: str, quantity: str = "1", **more: Any) -> dict[str, Any]:
    """A fill as the command line passes it on."""
    whole = fill(execution_id, "Buy", quantity, "100", **more)
    return {name: whole[name] for name in whole if name not in {"event_type", "trace_id"}}


def take(ledger: Ledger, *fills: Any, only_plan: bool = False) -> dict[str, Any]:
    return ledger.call("import_fills", fills=Jsonb(list(fills)), only_plan=only_plan)


def test_a_plan_is_what_the_import_does(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    ledger.apply(fill("known", "Buy", "1", "100"))
    part = [
        row("new"), row("known"), row("new"), row("known", "2"), row("bad", "-1"), 7,
        row("other", asset="ETHUSDT", account="fund"),
    ]  # fmt: skip
    before = one(owner, ENTRIES)

    planned = take(ledger, *part, only_plan=True)
    assert one(owner, ENTRIES) == before
    done = take(ledger, *part)

    assert planned == done
    assert done["counts"] == {"applied": 2, "duplicate": 2, "rejected": 3}
    assert [(each["ordinal"], each["reason"]) for each in done["rejected"]] == [
        (4, "identity_conflict"), (5, "invalid_quantity"), (6, "unknown_event"),
    ]  # fmt: skip
    assert take(ledger, *part)["counts"] == {"duplicate": 4, "rejected": 3}
    assert ledger.position()["size"] == 2


def test_what_is_no_execution_cannot_be_slipped_in(ledger: Ledger) -> None:
    bust = {"event_type": "trade_busted", "identity": "execution:a"}
    order = {"order": {"order_id": "o", "status": "filled", "filled_quantity": "9"}}

    take(ledger, row("a"))
    assert take(ledger, bust, row("b") | order)["counts"] == {"applied": 1, "rejected": 1}
    assert ledger.position()["size"] == 2


def test_fills_before_those_of_the_ledger_take_their_place(ledger: Ledger) -> None:
    newer = [fill("s", "Sell", "1", "130", at="2026-01-03T00:00:00Z")]
    ledger.apply(*newer)

    take(ledger, row("b", at="2026-01-02T00:00:00Z"))
    held = ledger.position()
    assert (held["size"], held["realized_pnl"]) == (0, 30)


def test_a_part_is_an_array_of_at_most_50000(ledger: Ledger) -> None:
    wrong: tuple[Any, ...] = ({}, 7, [0] * 50_001)
    for fills in wrong:
        answer = ledger.call("import_fills", fills=Jsonb(fills))
        assert answer["details"] == {"fills": "must be an array of at most 50000 fills"}
    assert take(ledger) == {"counts": {}, "rejected": []}
