"""The scheduled verification: changes in every run, everything once in a period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, fill
from tests.helpers.verification import (
    CHECKPOINT,
    PRICE_ZERO,
    bust,
    call,
    correct,
    one,
    trade,
    verify,
)

if TYPE_CHECKING:
    from tests.conftest import Database

STANDING = "SELECT f.asset, f.findings FROM pms.ledger_findings f ORDER BY f.asset"
WRONG_ROW = "UPDATE pms.positions SET funding = funding - 1 WHERE asset = '{}'"
WRONG_KEY = """
    UPDATE pms.entries SET identity_key = 0 WHERE id = (SELECT max(id) FROM pms.entries)
    RETURNING id
"""
WRONG_CHECKPOINT = """
    UPDATE pms.checkpoints
    SET state.cost = (state).cost + 1
    WHERE asset = '{}' AND ordinal = {} AND known_to = 'infinity'
"""


def found(owner: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    """(asset, field) of the findings that stand."""
    return [
        (asset, each["field"])
        for asset, findings in owner.execute(STANDING).fetchall()
        for each in findings
    ]


def run(owner: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    """Verify as the job does; return the findings that stand then."""
    assert "failed" not in call(owner)
    return found(owner)


def run_changes(owner: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    """As run, while the pass over the whole ledger is at its end."""
    owner.execute(
        "UPDATE pms.verification_progress"
        " SET account = '~', asset = '~', mode = '~', since = NULL, pass_started_at = now()"
    )
    return run(owner)


def run_in_a_period(owner: psycopg.Connection[Any], runs: int) -> list[list[tuple[str, str]]]:
    """The findings after each of the runs of one period."""
    owner.execute(
        "UPDATE pms.settings SET verification_period = %s * verification_interval", [runs]
    )
    findings = []
    for _ in range(runs):
        findings.append(run(owner))
        owner.execute(
            "UPDATE pms.verification_progress v"
            " SET pass_started_at = v.pass_started_at - s.verification_interval FROM pms.settings s"
        )
    return findings


def trade_many(ledger: Ledger, count: int) -> None:
    """One fill of each of many assets."""
    assets = [f"A{number:04}" for number in range(count)]
    assert set(ledger.apply(*(fill(each, "Buy", "1", "10", asset=each) for each in assets))) == {
        "applied"
    }


def entries_read(dsn: str, statement: str) -> int:
    """The number of rows of pms.entries that a statement fetches."""
    count = """
        SELECT coalesce(sum(t.seq_tup_read + t.idx_tup_fetch), 0)
        FROM pg_stat_xact_user_tables t
        WHERE t.relid IN (SELECT p.relid FROM pg_partition_tree('pms.entries') p)
    """
    # Of this session alone: others report what they have read at any time.
    with psycopg.connect(dsn) as connection:
        connection.execute(statement.encode())
        return int(one(connection, count))


def test_a_wrong_row_is_found_by_the_next_run_if_its_leg_changes(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    for asset in ("AAA", "BBB"):
        trade(ledger, 3, asset)
    assert run_changes(owner) == []
    for asset in ("AAA", "BBB"):
        owner.execute(WRONG_ROW.format(asset).encode())

    trade(ledger, 1, "BBB", first=3)

    assert run_changes(owner) == [("BBB", "funding")]


@pytest.mark.parametrize("change", ["late", "bust", "correction"])
def test_a_change_of_the_past_is_verified(
    change: str, ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    for first in range(0, 3 * CHECKPOINT, CHECKPOINT):
        trade(ledger, CHECKPOINT, first=first)
    assert run_changes(owner) == []
    message = {
        "late": fill("late", "Buy", "1", "90", at="2026-01-01T00:06:00.5Z"),
        "bust": bust("BTCUSDT-400"),
        "correction": correct("BTCUSDT-400", "55"),
    }[change]

    assert ledger.apply(message) == ["applied"]
    owner.execute(WRONG_CHECKPOINT.format("BTCUSDT", 2 * CHECKPOINT).encode())

    assert run_changes(owner) == [("BTCUSDT", f"cost of checkpoint {2 * CHECKPOINT}")]


def test_a_wrong_checkpoint_is_found_by_the_next_run_if_its_leg_changes(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    for asset in ("NEW", "OLD", "SAME"):
        trade(ledger, CHECKPOINT, asset)
    assert run_changes(owner) == []

    trade(ledger, CHECKPOINT, "NEW", first=CHECKPOINT)
    trade(ledger, 1, "OLD", first=CHECKPOINT)
    for asset, ordinal in (("NEW", 2), ("OLD", 1), ("SAME", 1)):
        owner.execute(WRONG_CHECKPOINT.format(asset, ordinal * CHECKPOINT).encode())

    assert run_changes(owner) == [
        ("NEW", f"cost of checkpoint {2 * CHECKPOINT}"),
        ("OLD", f"cost of checkpoint {CHECKPOINT}"),
    ]


def test_a_checkpoint_of_a_snapshot_is_verified(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    trade(ledger, 40)
    assert run_changes(owner) == []
    owner.execute("CALL pms.run_job('take_snapshots')")
    # The row does not show it.
    owner.execute("UPDATE pms.checkpoints SET version = version + 1")

    assert run_changes(owner) == [("BTCUSDT", "version of checkpoint 40")]


def test_a_wrong_row_and_a_wrong_checkpoint_are_found_within_the_period(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    trade_many(ledger, 30)
    trade(ledger, CHECKPOINT, "B")
    trade(ledger, 5, "B", first=CHECKPOINT)
    trade(ledger, 3, "C")
    run_changes(owner)
    owner.execute(WRONG_ROW.format("C").encode())
    owner.execute(WRONG_CHECKPOINT.format("B", CHECKPOINT).encode())

    *_, last = run_in_a_period(owner, 10)

    assert last == [("B", f"cost of checkpoint {CHECKPOINT}"), ("C", "funding")]


def test_a_wrong_key_is_found_within_the_period(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    trade(ledger, CHECKPOINT)
    trade(ledger, 5, first=CHECKPOINT)
    run_changes(owner)
    [wrong] = owner.execute(WRONG_KEY).fetchall()

    *_, last = run_in_a_period(owner, 10)

    assert last == [("BTCUSDT", f"identity_key of entry {wrong[0]}")]


def test_the_pass_covers_everything_once_in_a_period(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    trade_many(ledger, 100)
    run_changes(owner)
    owner.execute("UPDATE pms.positions SET funding = -1")
    owner.execute("UPDATE pms.verification_progress SET covered_since = '-infinity'")

    found = [len(each) for each in run_in_a_period(owner, 10)]

    # The same share in every run, and a moment more: it takes time.
    assert found[0] in (10, 11)
    assert found == [min(found[0] + 10 * place, 100) for place in range(9)] + [100]
    assert one(owner, "SELECT v.covered_since > '-infinity' FROM pms.verification_progress v")


def test_a_pass_begins_anew_when_one_has_ended(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    trade_many(ledger, 20)
    run_in_a_period(owner, 5)
    owner.execute("UPDATE pms.positions SET funding = -1")

    *_, last = run_in_a_period(owner, 5)

    assert len(last) == 20


def test_a_pass_that_is_late_is_completed_at_the_end_of_the_period(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    trade_many(ledger, 250)
    run_changes(owner)
    owner.execute("UPDATE pms.positions SET funding = -1")
    run(owner)

    owner.execute("UPDATE pms.verification_progress SET pass_started_at = now() - interval '1 day'")

    assert len(run(owner)) == 250


def test_the_pass_goes_through_a_long_leg_in_parts(
    ledger: Ledger, owner: psycopg.Connection[Any], database: Database
) -> None:
    for first in range(0, 42 * CHECKPOINT, CHECKPOINT):
        trade(ledger, CHECKPOINT, first=first)
    run_changes(owner)
    owner.execute(WRONG_CHECKPOINT.format("BTCUSDT", 41 * CHECKPOINT).encode())
    part = "SELECT pms.verify_next_span()"

    dsn = database.dsn("pms_owner")
    # Counted, folded and looked at for their keys. At each checkpoint up to 32 are sorted for the
    # next one that counts.
    assert 40 * CHECKPOINT <= entries_read(dsn, part) <= 41 * (3 * CHECKPOINT + 32)
    assert found(owner) == []
    one(owner, part)
    assert ("BTCUSDT", f"cost of checkpoint {41 * CHECKPOINT}") in found(owner)
    assert one(owner, part) is None


def test_a_part_ends_with_ten_thousand_entries_however_far_its_checkpoints_are_apart(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    for first in range(0, 13_000, 1_000):
        trade(ledger, 1_000, first=first)

    assert one(owner, "SELECT pms.verify_next_span()") == 10_000
    assert one(owner, "SELECT pms.verify_next_span()") == 3_000


def test_a_run_reads_the_entries_since_the_last_checkpoint_of_changed_legs(
    ledger: Ledger, owner: psycopg.Connection[Any], database: Database
) -> None:
    for asset in ("AAA", "BBB", "CCC"):
        for first in range(0, 4 * CHECKPOINT, CHECKPOINT):
            trade(ledger, CHECKPOINT, asset, first=first)
    owner.execute("ANALYZE")
    run_changes(owner)
    dsn = database.dsn("pms_owner")
    verify_changes = "SELECT pms.verify_changed_legs(NULL, 1000)"

    assert entries_read(dsn, verify_changes) == 0
    trade(ledger, 7, "BBB", first=4 * CHECKPOINT)
    # And the one whose checkpoint it is: the index of a leg has no ids.
    assert entries_read(dsn, verify_changes) == 8


def test_a_run_is_bounded_and_the_next_one_does_the_rest(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    trade_many(ledger, 1100)
    verified = "SELECT count(*) FROM pms.verified_legs"
    verified_at = "SELECT v.verified_at FROM pms.verification_progress v"
    progress = one(owner, "SELECT (pms.verify_ledger()).progress")
    assert (one(owner, verified), progress["steps"]) == (1000, 1)
    progress |= {"steps": 99, "after": None}
    owner.execute("DELETE FROM pms.verified_legs")
    owner.execute(WRONG_ROW.format("A1099").encode())

    last = owner.execute(
        "SELECT s.progress, s.done FROM pms.verify_ledger(%s) s",
        [psycopg.types.json.Jsonb(progress)],
    ).fetchone()

    assert last is not None
    assert (last[0], last[1][:40]) == (None, "0 discrepancies; 2000 changed legs verif")
    assert (one(owner, verified), one(owner, verified_at)) == (1000, None)
    assert run_changes(owner) == [("A1099", "funding")]
    assert one(owner, verified_at) is not None


def test_a_run_commits_each_step(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    trade_many(ledger, 1100)

    run_changes(owner)

    steps = "SELECT count(DISTINCT v.xmin::text) FROM pms.verified_legs v"
    assert (one(owner, steps), one(owner, "SELECT r.steps FROM pms.job_runs r")) == (2, 2)


def test_a_change_that_is_committed_late_is_not_missed(
    ledger: Ledger, owner: psycopg.Connection[Any], database: Database
) -> None:
    trade(ledger, 1, "AAA")
    trade(ledger, 1, "BBB")
    run_changes(owner)
    with psycopg.connect(database.dsn("pms_worker")) as connection, connection.transaction():
        trade(Ledger(connection, ledger.operator), 1, "AAA", first=1)
        # A later change of another leg is committed and verified first.
        trade(ledger, 1, "BBB", first=1)
        assert run_changes(owner) == []
    owner.execute(WRONG_ROW.format("AAA").encode())

    assert run_changes(owner) == [("AAA", "funding")]


def test_a_finding_stands_until_its_position_is_verified_without_it(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    trade(ledger, 3, "AAA")
    trade(ledger, 3, "BBB")
    owner.execute(WRONG_ROW.format("AAA").encode())
    count = "SELECT (pms.last_verification() ->> 'ledger_discrepancies')::integer"
    assert run_changes(owner) == [("AAA", "funding")]

    assert run_changes(owner) == [("AAA", "funding")]
    trade(ledger, 1, "BBB", first=3)
    assert run_changes(owner) == [("AAA", "funding")]
    assert one(owner, count) == 1

    one(owner, "SELECT api.validate_position('AAA')")
    assert run_changes(owner) == []
    assert one(owner, count) == 0


def test_a_leg_that_cannot_be_folded_is_found_and_hides_no_other(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    ledger.define("INVUSD", kind="inverse")
    for asset in ("AAA", "INVUSD", "ZZZ"):
        trade(ledger, 2, asset)
    owner.execute(PRICE_ZERO)
    owner.execute(WRONG_ROW.format("ZZZ").encode())

    assert run_changes(owner) == [("INVUSD", "entries"), ("ZZZ", "funding")]


def test_an_empty_ledger_is_verified_by_a_run(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    before = one(owner, "SELECT now()")

    assert run(owner) == []

    place = owner.execute(
        "SELECT v.verified_at, v.covered_since FROM pms.verification_progress v"
    ).fetchone()
    assert place is not None
    assert min(place) > before
    assert verify(ledger)["positions"] == 0


def test_a_single_leg_is_verified_by_a_run(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    trade(ledger, 1)

    assert call(owner).startswith("0 discrepancies; 1 changed legs verified")
    assert call(owner).startswith("0 discrepancies; 0 changed legs verified")
    owner.execute(WRONG_ROW.format("BTCUSDT").encode())
    # The first of these ends the pass.
    assert (run(owner), run(owner))[1] == [("BTCUSDT", "funding")]


def test_a_row_that_was_lost_is_found_by_the_pass(
    ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    trade(ledger, 2, "AAA")
    run_changes(owner)

    owner.execute("DELETE FROM pms.positions")

    assert ("AAA", "size") in run(owner)
