"""Verification, a full replay of the ledger, finds every error and nothing else."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, fill, ticker
from tests.helpers.verification import (
    CHECKPOINT,
    PRICE_ZERO,
    START,
    bust,
    correct,
    findings,
    funding,
    one,
    trade,
    verify,
)

if TYPE_CHECKING:
    from tests.conftest import Database


def test_a_sound_ledger_is_verified(ledger: Ledger) -> None:
    trade(ledger, CHECKPOINT + 10)
    trade(ledger, 3, "ETHUSDT")
    ledger.apply(fill("h", "Buy", "1", "5", mode="hedge", position_side="long"))
    ledger.price(ticker("105", "2026-01-02T00:00:00Z"))
    # Late, busted and corrected fills.
    assert ledger.apply(
        fill("late", "Buy", "2", "90", at="2025-12-31T00:00:00Z"),
        bust("BTCUSDT-7"), correct("BTCUSDT-8", "55"), funding("f", "ETHUSDT"),
    ) == ["applied"] * 4  # fmt: skip

    result = verify(ledger)

    # A correction is an entry, a bust is not.
    assert (result["positions"], result["entries"]) == (3, CHECKPOINT + 10 + 3 + 1 + 3)
    assert (result["discrepancies"], result["findings"]) == (0, [])
    assert result["started_at"] < result["finished_at"]


def test_an_empty_ledger_is_verified(ledger: Ledger) -> None:
    result = verify(ledger)

    assert (result["positions"], result["discrepancies"]) == (0, 0)
    assert result["finished_at"] is not None


@pytest.mark.parametrize(
    ("change", "field", "stored", "expected"),
    [
        ("size = size + 1", "size", "4", "3"),
        ("cost = cost + 0.000000000000000001", "cost", "307.500000000000000001", "307.5"),
        ("realized = 0", "realized", "0", "1.5"),
        ("fees_open = 0", "fees_open", "0", "2"),
        ("fees_close = 1", "fees_close", "1", "0.5"),
        ("funding = -1", "funding", "-1", "0"),
        ("entries = 4", "entries", "4", "5"),
        ("version = 4", "version", "4", "5"),
        (
            "opened_at = opened_at + interval '1 second'",
            "opened_at",
            "2026-01-01T00:00:01.000000Z",
            "2026-01-01T00:00:00.000000Z",
        ),
    ],
    ids=lambda value: value.split()[0] if "=" in value else "",
)
def test_a_row_edited_by_hand_is_found(
    change: str,
    field: str,
    stored: str,
    expected: str,
    ledger: Ledger,
    owner: psycopg.Connection[Any],
) -> None:
    trade(ledger, 5)
    trade(ledger, 5, "ETHUSDT")

    owner.execute(f"UPDATE pms.positions SET {change} WHERE asset = 'ETHUSDT'".encode())

    result = verify(ledger)
    assert result["discrepancies"] == 1
    assert result["findings"] == [
        {
            "account": "main", "book": None, "asset": "ETHUSDT", "mode": "one-way", "leg": "net",
            "source": "ledger", "field": field, "stored": stored, "expected": expected,
        }
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ("quantity = quantity * 2", {"size", "cost", "realized"}),
        ("price = price + 1", {"cost", "realized"}),
        ("fee = 0.75", {"fees_open"}),
        ("executed_at = executed_at - interval '1 day'", {"opened_at"}),
    ],
)
def test_an_entry_edited_by_hand_is_found(
    change: str, fields: set[str], ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    trade(ledger, 3)

    owner.execute(f"UPDATE pms.entries SET {change} WHERE identity LIKE '%-0'".encode())

    assert {field for _, field, _, _ in findings(ledger)} == fields


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("identity_key = identity_key + 1", "identity_key"),
        ("identity = identity || '-edited'", "identity_key"),
        ("scheme = '-'", "identity_key"),
        ("order_key = order_key + 1", "order_key"),
        ("order_key = NULL", "order_key"),
        ("order_id = order_id || '-edited'", "order_key"),
    ],
)
def test_an_entry_that_its_texts_do_not_find_is_found(
    change: str, field: str, ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    trade(ledger, 3)

    owner.execute(f"UPDATE pms.entries SET {change} WHERE identity LIKE '%-0'".encode())

    [(asset, found, stored, expected)] = findings(ledger)
    assert (asset, found.partition(" of entry ")[0]) == ("BTCUSDT", field)
    assert stored != expected


def test_a_lost_entry_is_found(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    trade(ledger, 2)

    owner.execute("DELETE FROM pms.entries WHERE identity LIKE '%-1'")

    assert findings(ledger) >= {("BTCUSDT", "size", "2", "1"), ("BTCUSDT", "entries", "2", "1")}


def test_a_lost_row_is_found(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    for asset in ("AAA", "BBB", "CCC"):
        trade(ledger, 1, asset)

    owner.execute("DELETE FROM pms.positions WHERE asset = 'BBB'")

    assert findings(ledger) >= {("BBB", "size", "0", "1"), ("BBB", "entries", "0", "1")}
    assert {asset for asset, _, _, _ in findings(ledger)} == {"BBB"}
    assert verify(ledger)["positions"] == 3


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ("state.cost = (state).cost + 1", "cost of checkpoint 256"),
        ("state.opened_at = 'epoch'", "opened_at of checkpoint 256"),
        ("version = version + 1", "version of checkpoint 256"),
        ("recorded_at = recorded_at - interval '1 second'", "recorded_at of checkpoint 256"),
        ("ordinal = 255", "place of checkpoint 255"),
        ("ordinal = 9999", "place of checkpoint 9999"),
        ("executed_at = executed_at - interval '1 microsecond'", "place of checkpoint 256"),
    ],
)
def test_a_bad_checkpoint_is_found_and_rebuilt_by_validation(
    change: str, field: str, ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    trade(ledger, CHECKPOINT)
    trade(ledger, 10, first=CHECKPOINT)
    assert one(owner, "SELECT count(*) FROM pms.checkpoints") == 1

    owner.execute(f"UPDATE pms.checkpoints SET {change}".encode())

    assert [each["field"] for each in verify(ledger)["findings"]] == [field]
    fixed = one(owner, "SELECT api.validate_position('BTCUSDT')")
    assert [each["field"] for each in fixed["discrepancies"]] == [field]
    assert verify(ledger)["discrepancies"] == 0


def test_a_checkpoint_may_end_at_an_entry_voided_later(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    trade(ledger, CHECKPOINT)
    trade(ledger, 10, first=CHECKPOINT)
    assert ledger.apply(bust("BTCUSDT-256")) == ["applied"]
    assert verify(ledger)["discrepancies"] == 0
    move = """
        UPDATE pms.checkpoints c
        SET executed_at = e.executed_at, entry_id = e.id
        FROM pms.entries e
        WHERE c.known_to = 'infinity' AND e.identity LIKE '%-{}'
    """

    owner.execute(move.format(256).encode())
    assert verify(ledger)["discrepancies"] == 0

    owner.execute(move.format(257).encode())
    assert [each["field"] for each in verify(ledger)["findings"]] == ["place of checkpoint 256"]


def test_a_former_checkpoint_is_not_compared_with_current_knowledge(ledger: Ledger) -> None:
    trade(ledger, CHECKPOINT)
    ledger.apply(fill("late", "Buy", "2", "90", at="2025-12-31T00:00:00Z"))

    assert verify(ledger)["discrepancies"] == 0


def test_an_unfoldable_ledger_is_one_finding_and_hides_no_other(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    ledger.define("INVUSD", kind="inverse")
    for asset in ("AAA", "INVUSD", "ZZZ"):
        trade(ledger, 2, asset)
    owner.execute(PRICE_ZERO)
    owner.execute("UPDATE pms.positions SET size = 7 WHERE asset = 'ZZZ'")

    assert findings(ledger) == {
        ("INVUSD", "entries", "division by zero", "entries that can be folded"),
        ("ZZZ", "size", "7", "2"),
    }
    result = verify(ledger)
    assert (result["positions"], result["entries"]) == (3, 4)


def test_all_discrepancies_are_counted_and_a_hundred_are_listed(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    for number in range(130):
        trade(ledger, 1, f"A{number:03}")
    owner.execute("UPDATE pms.positions SET funding = 1")

    result = verify(ledger)

    assert (result["positions"], result["discrepancies"]) == (130, 130)
    assert [each["asset"] for each in result["findings"]] == [f"A{n:03}" for n in range(100)]


def test_a_ledger_is_verified_while_writers_write(database: Database, ledger: Ledger) -> None:
    """Rows and entries are read in one snapshot."""
    stop = threading.Event()

    def write(writer: int) -> int:
        written = 0
        with psycopg.connect(database.dsn("pms_worker")) as connection:
            mine = Ledger(connection, connection)
            while not stop.is_set():
                batch = [
                    fill(
                        f"{writer}-{written}-{place}", "Buy", "1", "10", "0.1",
                        asset=f"A{place % 5}",
                        # Every fourth is late.
                        at=(START + timedelta(seconds=written - 50 * (place % 4 == 0))).isoformat(),
                    )
                    for place in range(20)
                ]  # fmt: skip
                changes = [
                    bust(f"{writer}-{written}-3"),
                    correct(f"{writer}-{written}-7", "11"),
                    funding(f"{writer}-{written}", "A1"),
                ]
                assert mine.apply(*batch, *changes) == ["applied"] * 23
                mine.price(
                    *(ticker(str(written + 1), START.isoformat(), f"A{n}") for n in range(5))
                )
                written += 20
        # A correction and funding are entries as well.
        return written // 20 * 22

    runs: list[dict[str, Any]] = []
    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, writer) for writer in range(3)]
        deadline = time.monotonic() + 60
        # Until verifications have read a growing ledger.
        try:
            while len({run["entries"] for run in runs}) < 5 and time.monotonic() < deadline:
                runs.append(verify(ledger))
        finally:
            stop.set()
        total = sum(writer.result(timeout=60) for writer in writers)

    assert [run["findings"] for run in runs] == [[]] * len(runs)
    assert len({run["entries"] for run in runs}) == 5
    assert verify(ledger)["entries"] == total
