"""Folding the whole ledger again finds whatever is not as it should be, and nothing else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.db.ledger import Ledger, fill, ticker

if TYPE_CHECKING:
    from tests.conftest import Database

START = datetime(2026, 1, 1, tzinfo=UTC)
CHECKPOINT = 256
HELD = """
    SELECT count(*)
    FROM pg_locks l
    INNER JOIN pg_database d ON l.database = d.oid
    WHERE l.locktype = 'advisory' AND d.datname = current_database()
"""
LOCK = "SELECT pg_advisory_lock(pms.verification_lock())"
UNLOCK = "SELECT pg_advisory_unlock(pms.verification_lock())"


@pytest.fixture
def owner(database: Database) -> Iterator[psycopg.Connection[Any]]:
    """Edits by hand what nobody should."""
    with psycopg.connect(database.dsn("pms_owner"), autocommit=True) as connection:
        yield connection


def verify(ledger: Ledger) -> dict[str, Any]:
    """Verify as an operator does."""
    with ledger.operator.transaction():
        row = ledger.operator.execute("SELECT api.verify_ledger()").fetchone()
    assert row is not None
    found: dict[str, Any] = row[0]
    return found


def call(connection: psycopg.Connection[Any], arguments: str = "") -> str:
    """Verify as the job does; return what it says it did."""
    row = connection.execute(f"CALL pms.verify_ledger({arguments})".encode()).fetchone()
    assert row is not None
    return str(row[0])


def one(connection: psycopg.Connection[Any], query: str) -> Any:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def found(ledger: Ledger) -> set[tuple[str, str, str, str]]:
    """(asset, field, stored, expected) of every finding."""
    return {
        (each["asset"], each["field"], each["stored"], each["expected"])
        for each in verify(ledger)["findings"]
    }


def trade(ledger: Ledger, count: int, asset: str = "BTCUSDT", first: int = 0) -> None:
    """Fills of one unit, one a second, two bought for one sold."""
    fills = [
        fill(
            f"{asset}-{number}", "Sell" if number % 3 == 2 else "Buy", "1", str(100 + number % 7),
            "0.5", asset=asset, at=(START + timedelta(seconds=number)).isoformat(),
        )
        for number in range(first, first + count)
    ]  # fmt: skip
    assert ledger.apply(*fills) == ["applied"] * count


def bust(execution_id: str) -> dict[str, str]:
    return {"event_type": "trade_busted", "execution_id": execution_id, "trace_id": "bust"}


def correct(execution_id: str, price: str) -> dict[str, str]:
    return {
        "event_type": "trade_corrected", "execution_id": execution_id, "execution_price": price,
        "correction_id": execution_id, "timestamp": START.isoformat(), "trace_id": "correct",
    }  # fmt: skip


def funding(funding_id: str, asset: str) -> dict[str, str]:
    return {
        "event_type": "funding", "asset": asset, "amount": "-0.5", "funding_id": funding_id,
        "executed_at": START.isoformat(), "trace_id": "funding",
    }  # fmt: skip


def test_a_sound_ledger_is_verified(ledger: Ledger) -> None:
    trade(ledger, CHECKPOINT + 10)
    trade(ledger, 3, "ETHUSDT")
    ledger.apply(fill("h", "Buy", "1", "5", mode="hedge", position_side="long"))
    ledger.price(ticker("105", "2026-01-02T00:00:00Z"))
    # What changes the past: late, busted, corrected.
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
            "account": "main", "asset": "ETHUSDT", "mode": "one-way", "leg": "net",
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

    assert {field for _, field, _, _ in found(ledger)} == fields


def test_an_entry_that_is_lost_is_found(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    trade(ledger, 2)

    owner.execute("DELETE FROM pms.entries WHERE identity LIKE '%-1'")

    assert found(ledger) >= {("BTCUSDT", "size", "2", "1"), ("BTCUSDT", "entries", "2", "1")}


def test_a_row_that_is_lost_is_found(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    for asset in ("AAA", "BBB", "CCC"):
        trade(ledger, 1, asset)

    owner.execute("DELETE FROM pms.positions WHERE asset = 'BBB'")

    assert found(ledger) >= {("BBB", "size", "0", "1"), ("BBB", "entries", "0", "1")}
    assert {asset for asset, _, _, _ in found(ledger)} == {"BBB"}
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
def test_a_bad_checkpoint_is_found_and_validation_makes_it_anew(
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


def test_a_checkpoint_may_end_at_an_entry_that_was_voided_since(
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


def test_what_was_believed_once_is_not_compared_with_what_is_known_now(ledger: Ledger) -> None:
    trade(ledger, CHECKPOINT)
    ledger.apply(fill("late", "Buy", "2", "90", at="2025-12-31T00:00:00Z"))

    assert verify(ledger)["discrepancies"] == 0


def test_a_ledger_that_cannot_be_folded_is_one_finding_and_hides_no_other(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    ledger.define("INVUSD", kind="inverse")
    for asset in ("AAA", "INVUSD", "ZZZ"):
        trade(ledger, 2, asset)
    owner.execute("UPDATE pms.entries SET price = 0 WHERE asset = 'INVUSD'")
    owner.execute("UPDATE pms.positions SET size = 7 WHERE asset = 'ZZZ'")

    assert found(ledger) == {
        ("INVUSD", "entries", "division by zero", "entries that can be folded"),
        ("ZZZ", "size", "7", "2"),
    }
    result = verify(ledger)
    assert (result["positions"], result["entries"]) == (3, 4)


def test_all_discrepancies_are_counted_and_a_hundred_are_told(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    for number in range(130):
        trade(ledger, 1, f"A{number:03}")
    owner.execute("UPDATE pms.positions SET funding = 1")

    result = verify(ledger)

    assert (result["positions"], result["discrepancies"]) == (130, 130)
    assert [each["asset"] for each in result["findings"]] == [f"A{n:03}" for n in range(100)]


def test_the_job_commits_after_each_part(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    for number in range(210):
        trade(ledger, 1, f"A{number:03}")
    owner.execute("CREATE TABLE pms.seen (xid xid8, positions bigint)")
    owner.execute(
        "CREATE FUNCTION pms.see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO pms.seen VALUES (pg_current_xact_id(), NEW.positions); RETURN NULL; END $$"
    )
    owner.execute(
        "CREATE TRIGGER see AFTER UPDATE ON pms.verifications"
        " FOR EACH ROW EXECUTE FUNCTION pms.see()"
    )

    assert call(owner) == "0 discrepancies in 210 positions, 210 entries"

    seen = owner.execute("SELECT s.xid, s.positions FROM pms.seen s ORDER BY 2").fetchall()
    assert [positions for _, positions in seen] == [100, 200, 210]
    assert len({xid for xid, _ in seen}) == 3


def test_a_ledger_is_verified_while_writers_write(database: Database, ledger: Ledger) -> None:
    """Rows and entries are read as of one moment: what is half written is not seen."""
    deadline = time.monotonic() + 5

    def write(writer: int) -> int:
        written = 0
        with psycopg.connect(database.dsn("pms_worker")) as connection:
            mine = Ledger(connection, connection)
            while time.monotonic() < deadline:
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

    runs = []
    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, writer) for writer in range(3)]
        while time.monotonic() < deadline:
            runs.append(verify(ledger))
        total = sum(writer.result(timeout=30) for writer in writers)

    assert [run["findings"] for run in runs] == [[]] * len(runs)
    # It did look at a ledger that grew.
    assert len({run["entries"] for run in runs}) > 3
    assert verify(ledger)["entries"] == total


def waiting(owner: psycopg.Connection[Any], count: int) -> None:
    """Wait until so many sessions wait for an advisory lock."""
    query = (
        "SELECT count(*) FROM pg_locks l INNER JOIN pg_database d ON l.database = d.oid"
        " WHERE d.datname = current_database() AND l.locktype = 'advisory' AND NOT l.granted"
    )
    deadline = time.monotonic() + 20
    while one(owner, query) < count:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_of_two_jobs_at_once_one_does_the_work(
    ledger: Ledger, owner: psycopg.Connection[Any], database: Database
) -> None:
    trade(ledger, 1)
    with psycopg.connect(database.dsn("pms_owner"), autocommit=True) as other:
        other.execute(LOCK)
        assert call(owner) == "another verification runs"
        other.execute(UNLOCK)

    assert one(owner, "SELECT count(*) FROM pms.verifications") == 0
    assert call(owner) == "0 discrepancies in 1 positions, 1 entries"
    # It leaves the lock to the next.
    assert one(owner, HELD) == 0


def test_all_who_ask_while_one_runs_share_the_next(
    ledger: Ledger, owner: psycopg.Connection[Any], database: Database
) -> None:
    trade(ledger, 1)

    def ask() -> dict[str, Any]:
        with psycopg.connect(database.dsn("pms_operator")) as connection:
            return verify(Ledger(connection, connection))

    owner.execute(LOCK)
    with ThreadPoolExecutor(3) as pool:
        asked = [pool.submit(ask) for _ in range(3)]
        waiting(owner, 3)
        owner.execute(UNLOCK)
        answers = [each.result(timeout=20) for each in asked]

    assert answers[0]["entries"] == 1
    assert answers == [answers[0]] * 3
    assert one(owner, "SELECT count(*) FROM pms.verifications") == 1
    # Who asks later gets a later one.
    assert verify(ledger)["started_at"] > answers[0]["started_at"]


def test_the_job_waits_until_it_is_due(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    due = "only_when_due => TRUE"
    trade(ledger, 1)
    done = "0 discrepancies in 1 positions, 1 entries"

    assert call(owner, due) == done
    assert call(owner, due) == "not due yet"
    # pg_cron comes once a minute, and not to the second.
    for passed in ("4 minutes 25 seconds", "4 minutes 35 seconds"):
        owner.execute(
            "UPDATE pms.verifications SET started_at = clock_timestamp() - %s::interval", [passed]
        )
        said = call(owner, due)
    assert said == done
    assert one(owner, "SELECT count(*) FROM pms.verifications") == 2

    owner.execute("SELECT pms.load_settings('{\"verification_interval\": 60}')")
    owner.execute("UPDATE pms.verifications SET started_at = started_at - interval '35 seconds'")
    assert call(owner, due) == done


def test_a_verification_that_was_broken_off_does_not_count(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    trade(ledger, 1)
    owner.execute("INSERT INTO pms.verifications (positions, discrepancies) VALUES (5, 3)")

    assert one(owner, "SELECT pms.last_verification()") == {
        "ledger_verified_at": None,
        "ledger_discrepancies": None,
    }
    assert call(owner, "only_when_due => TRUE") == "0 discrepancies in 1 positions, 1 entries"
    assert one(owner, "SELECT pms.last_verification()")["ledger_discrepancies"] == 0


def test_a_thousand_verifications_are_kept(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    owner.execute(
        "INSERT INTO pms.verifications (finished_at) SELECT now() FROM generate_series(1, 1005)"
    )

    verify(ledger)

    kept = owner.execute("SELECT count(*), min(id), max(id) FROM pms.verifications").fetchone()
    assert kept == (1000, 7, 1006)


def test_nobody_but_an_operator_may_verify(database: Database) -> None:
    for role in ("pms_worker", "pms_analyst", "pms_authenticator"):
        with (
            psycopg.connect(database.dsn(role)) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute("SELECT api.verify_ledger()")


def test_without_pg_cron_no_job_is_scheduled_and_it_says_so(
    owner: psycopg.Connection[Any],
) -> None:
    said = one(owner, "SELECT pms.schedule_jobs()")

    assert said == "no jobs are scheduled: pg_cron is not in this database"
    assert one(owner, "SELECT pms.forget_job_runs()").startswith("0 runs of jobs from before ")
