"""An older table of positions, imported as opening entries."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.helpers.ledger import Ledger, fill
from tests.helpers.owner_queries import DISCREPANCIES
from tests.helpers.verification import one

THEN, BEFORE, AFTER = "2026-01-02T00:00:00+00:00", "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z"

NAMES = "1 to 64 letters, digits, blanks within or . _ - : / @ = ^ & + #"


def row(asset: str = "BTCUSDT", size: str | None = "2", **columns: Any) -> dict[str, Any]:
    """A row of the seed's table: two bought at 100, twelve and a half earned before."""
    usual = {
        "id": "x", "asset": asset, "mode": "one-way", "size": size, "average_entry_price": "100",
        "current_price": "110", "unrealized_pnl": "20", "realized_pnl": "12.5", "long_size": None,
        "short_size": None, "version": 7, "last_updated": THEN, "closed_at": None,
    }  # fmt: skip
    return usual | columns


def take(ledger: Ledger, *rows: Any, only_plan: bool = False) -> list[tuple[str, str | None]]:
    """Import; return (outcome, detail) of each row."""
    answer = ledger.call("import_positions", positions=Jsonb(list(rows)), only_plan=only_plan)
    assert sum(answer["counts"].values()) == len(rows)
    return [(leg["outcome"], leg["detail"]) for leg in answer["legs"]]


def held(ledger: Ledger, asset: str = "BTCUSDT", **named: str) -> tuple[Any, ...]:
    found = ledger.position(asset, **named)
    return found["size"], found["average_entry_price"], found["realized_pnl"]


def test_an_imported_position_equals_its_source(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    short = row("ETHUSDT", "-0.003", average_entry_price=1.1, realized_pnl=None)

    assert take(ledger, row(), short) == [("applied", None)] * 2

    assert held(ledger) == (D(2), D(100), D("12.5"))
    assert held(ledger, "ETHUSDT") == (D("-0.003"), D("1.1"), D(0))
    position = ledger.position()
    assert (position["unrealized_pnl"], position["current_price"]) == (D(20), D(110))
    entry = owner.execute(
        "SELECT e.kind, e.cause, e.source, e.identity, e.executed_at = %s FROM pms.ledger_entries e"
        " WHERE e.asset = 'BTCUSDT'",
        [THEN],
    ).fetchall()
    assert entry == [("opening", "import", "import", "import:one-way:BTCUSDT:net", True)]
    source = "SELECT source FROM api.prices WHERE asset = 'BTCUSDT'"
    assert one(owner, source) == "import"
    assert owner.execute(DISCREPANCIES).fetchall() == []


def test_only_fills_after_the_import_add_to_it(ledger: Ledger) -> None:
    take(ledger, row())

    ledger.apply(fill("later", "Sell", "1", "130", at=AFTER))
    assert held(ledger) == (D(1), D(100), D("42.5"))
    ledger.apply(fill("earlier", "Buy", "5", "70", at=BEFORE))
    assert held(ledger) == (D(1), D(100), D("42.5"))


def test_a_dry_run_reports_the_plan_and_changes_nothing(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    assert take(ledger, row(), row("ETHUSDT", None), only_plan=True) == [
        ("applied", None),
        ("rejected", "size: missing, or no decimal of at most 18 fractional digits"),
    ]

    for table in ("entries", "positions", "prices", "instruments"):
        assert one(owner, f"SELECT count(*) FROM pms.{table}") == 0


def test_a_second_import_changes_nothing(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    rows = row(), row("ETHUSDT", "0"), row("SOLUSDT", last_updated=None)
    take(ledger, *rows)
    before = one(owner, "SELECT jsonb_agg(p ORDER BY p.asset) FROM pms.positions p")

    assert take(ledger, *rows) == [("duplicate", "imported before")] * 3

    assert one(owner, "SELECT jsonb_agg(p ORDER BY p.asset) FROM pms.positions p") == before
    assert one(owner, "SELECT count(*) FROM pms.ledger_entries") == 3
    # The source row has changed since the import: the row is rejected.
    changed = take(ledger, row(size="3"))
    assert changed == [("rejected", "imported before with other values")]


def test_a_leg_already_in_the_ledger_is_left_alone(ledger: Ledger) -> None:
    ledger.apply(fill("ours", "Buy", "1", "90"))

    assert take(ledger, row(), row("ETHUSDT")) == [
        ("rejected", "the ledger has entries of this leg already"),
        ("applied", None),
    ]
    assert held(ledger) == (D(1), D(90), D(0))


def test_realized_pnl_of_a_closed_position_is_carried_over(ledger: Ledger) -> None:
    closed = row(size="0", average_entry_price=None, closed_at=THEN, last_updated=None)
    never = row("ETHUSDT", "0", realized_pnl="0")

    assert take(ledger, closed, never) == [
        ("applied", None),
        ("ignored", "nothing is held and nothing was earned"),
    ]
    assert held(ledger) == (D(0), None, D("12.5"))
    closed_at = ledger.position()["closed_at"]
    assert closed_at.isoformat() == THEN
    # It may open again.
    ledger.apply(fill("later", "Buy", "1", "50", at=AFTER))
    assert held(ledger) == (D(1), D(50), D("12.5"))


def test_the_legs_of_a_hedge_are_separate(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    hedge = {"mode": "Hedge", "realized_pnl": "1"}
    both = "average_entry_price: one for two open legs, what each cost is not known"

    assert take(
        ledger,
        row("LONG", "2", long_size="2", short_size="0", **hedge),
        row("SHORT", "-2", long_size="0", short_size="2", **hedge),
        row("BYSIZE", "-2", **hedge),
        row("FLAT", "0", long_size="0", short_size="0", **hedge),
        row("BOTH", "1", long_size="3", short_size="2", **hedge),
        row("WRONG", "1", long_size="3", short_size="0", **hedge),
        row("NEGATIVE", "1", long_size="0", short_size="-1", **hedge),
    ) == [("applied", None)] * 4 + [
        ("rejected", both),
        ("rejected", "size: is not long_size - short_size"),
        ("rejected", "long_size, short_size: must not be negative"),
    ]

    legs = owner.execute(
        "SELECT e.asset, e.leg, e.quantity, e.realized FROM pms.ledger_entries e ORDER BY e.asset"
    ).fetchall()
    assert legs == [
        ("BYSIZE", "short", D(-2), D(1)),
        ("FLAT", "long", D(0), D(1)),
        ("LONG", "long", D(2), D(1)),
        ("SHORT", "short", D(-2), D(1)),
    ]
    assert held(ledger, "SHORT", mode="hedge") == (D(-2), D(100), D(1))
    assert owner.execute(DISCREPANCIES).fetchall() == []


@pytest.mark.parametrize(
    ("columns", "named"),
    [
        ({"asset": None}, "asset"),
        ({"asset": "BTC,USDT"}, "asset"),
        ({"mode": "both"}, "mode"),
        ({"size": "NaN"}, "size"),
        ({"size": "1e20"}, "size"),
        ({"size": "0.0000000000000000001"}, "size"),
        ({"average_entry_price": None}, "average_entry_price"),
        ({"average_entry_price": "0"}, "average_entry_price"),
        ({"average_entry_price": "-1"}, "average_entry_price"),
        ({"realized_pnl": "Infinity"}, "realized_pnl"),
        ({"last_updated": "yesterday"}, "last_updated"),
        ({"last_updated": "2999-01-01T00:00:00Z"}, "last_updated"),
        ({"account": "a,b"}, "account"),
    ],
)
def test_an_invalid_row_is_refused_by_column(
    ledger: Ledger, columns: dict[str, Any], named: str
) -> None:
    ((outcome, detail), other) = take(ledger, row() | columns, row("ETHUSDT"))

    assert outcome == "rejected"
    assert str(detail).startswith(f"{named}: ")
    # The other row is not affected.
    assert other == ("applied", None)


def test_a_repeated_position_is_imported_once_and_an_invalid_row_never(
    ledger: Ledger,
) -> None:
    assert take(ledger, row(), row(size="3"), row(account="other"), 7) == [
        ("applied", None),
        ("rejected", "this position comes more than once"),
        ("applied", None),
        ("rejected", "asset: missing; must be " + NAMES),
    ]
    assert held(ledger, account="other") == held(ledger) == (D(2), D(100), D("12.5"))
    refused = ledger.call("import_positions", positions=Jsonb({}))
    assert refused["error_code"] == "VALIDATION_ERROR"
