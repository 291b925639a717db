"""A period of the ledger is archived: positions stay, and nothing counts twice."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from tests.helpers.archives import DIGEST, JANUARY_FILL, LOCATION, archive, call, restore
from tests.helpers.ledger import Ledger, action, bust, correction, fill, funding, status
from tests.helpers.owner_queries import OwnerQueries

MARCH = "2026-03-01T00:00:00Z"
FIRST, SECOND = "entries_first", "entries_2026_02"
LEGS = """
    SELECT
        p.account, p.asset, p.mode, p.leg, p.size, p.cost, p.realized, p.fees_open, p.fees_close,
        p.funding, p.opened_at, p.closed_at, p.entries
    FROM pms.positions p
    ORDER BY p.account, p.asset, p.mode, p.leg
"""
FINDINGS = """
    SELECT f.*
    FROM (SELECT DISTINCT p.account, p.asset, p.mode FROM pms.positions p) p
    CROSS JOIN LATERAL pms.stored_row_findings(p.account, p.asset, p.mode) f
    UNION ALL
    SELECT f.*
    FROM pms.positions p
    CROSS JOIN LATERAL pms.checkpoint_findings(p.account, p.asset, p.mode, p.leg) f
"""
ENTRIES = "SELECT e.* FROM pms.entries e ORDER BY e.id"
VOIDS = "SELECT v.* FROM pms.voids v ORDER BY v.entry_id"
PNL = "SELECT p.* FROM pms.period_pnl(NULL, NULL, 'month', 'UTC') p ORDER BY 1"
AT = """
    SELECT l.size
    FROM pms.legs_as_of(%(at)s, %(known_at)s, 'main') l
    WHERE l.asset = 'BTCUSDT'
"""
JANUARY_PNL = """
    SELECT c.quarter_hour, c.size, c.cost, c.realized, c.fees_open, c.fees_close
    FROM pms.pnl_changes(ARRAY[%(account)s], 'BTCUSDT', '-infinity') c
    WHERE c.quarter_hour < '2026-02-01'
    ORDER BY 1
"""
LOTS = "SELECT l.quantity, l.cost FROM pms.open_lots('main', 'BTCUSDT', 'one-way', 'net') l"

TOTAL = status("o-9", "partially_filled", "1", "90")


def test_positions_stay_to_the_digit(years: Ledger, queries: OwnerQueries) -> None:
    before = queries.rows(LEGS)

    archive(years.operator, FIRST)
    archive(years.operator, SECOND)

    assert queries.rows(LEGS) == before
    assert queries.rows(FINDINGS) == []
    assert queries.value("SELECT count(*) FROM pms.entries") == 2


def test_what_comes_later_counts_on_from_what_was_brought_forward(
    years: Ledger, queries: OwnerQueries
) -> None:
    late = fill("late", "Sell", "1", "130", at="2026-03-02T00:00:00Z")
    archive(years.operator, FIRST)

    assert years.apply(late, bust("d")) == ["applied", "applied"]

    leg = queries.leg()
    # 4 at 100, less 1 at 111, 2 at 120, 1 at 130.
    assert (leg["size"], leg["realized"], leg["entries"]) == (0, 11 + 40 + 30, 5)
    assert queries.rows(FINDINGS) == []


def test_the_profit_of_an_archived_month_stays(years: Ledger, queries: OwnerQueries) -> None:
    before = queries.rows(PNL)

    archive(years.operator, FIRST)

    assert queries.rows(PNL) == before


@pytest.mark.parametrize(
    ("message", "detail"),
    [
        (JANUARY_FILL, "executed_at: the ledger before 2026-02-01T00:00:00"),
        (fill("new", "Buy", "1", "1", at="2026-01-31T00:00:00Z"), "executed_at"),
        (JANUARY_FILL | {"executed_at": MARCH}, "execution:a: is recorded"),
        (bust("a"), "execution:a: the ledger before"),
        (correction("c", executed_at="2026-01-31T00:00:00Z"), "executed_at"),
        (funding("p", "1", at="2026-01-01T00:00:00Z"), "executed_at"),
        (action("s", "split", ratio="2", at="2026-01-05T00:00:00Z"), "effective_at"),
    ],
)
def test_a_message_about_an_archived_period_is_refused_by_name(
    years: Ledger, queries: OwnerQueries, message: dict[str, Any], detail: str
) -> None:
    archive(years.operator, FIRST)
    before = queries.rows(LEGS)

    ((outcome, reason, said),) = years.judge("apply_order_events", [message])

    assert (outcome, reason) == ("rejected", "archived_period")
    assert detail in said
    assert queries.rows(LEGS) == before


def test_an_order_with_archived_fills_counts_no_total(years: Ledger) -> None:
    assert years.apply(TOTAL | {"timestamp": "2026-01-20T00:00:00Z"}) == ["applied"]

    archive(years.operator, FIRST)

    later = status("o-9", "filled", "3", "90") | {"timestamp": "2026-03-20T00:00:00Z"}
    ((outcome, reason, said),) = years.judge("apply_order_events", [later])

    assert (outcome, reason) == ("rejected", "archived_period")
    assert said.startswith("order_id")


def test_a_closed_period_is_refused_before_it_is_gone(years: Ledger) -> None:
    call(years.operator, "close_ledger_partition", FIRST)
    # It is known as long as it is there.
    new = fill("new", "Buy", "1", "1", at="2026-01-31T00:00:00Z")
    assert years.apply(JANUARY_FILL, new) == ["duplicate", "rejected"]

    call(years.operator, "reopen_ledger_partition", FIRST)
    assert years.apply(new) == ["applied"]


def test_a_moment_before_the_ledger_is_refused_with_where_it_begins(
    years: Ledger, queries: OwnerQueries
) -> None:
    archive(years.operator, FIRST)

    assert [row["size"] for row in queries.rows(AT, at="2026-02-11", known_at="infinity")] == [1]
    for at, known in (("2026-01-06", "infinity"), ("2026-02-11", "2026-01-01")):
        with pytest.raises(psycopg.Error, match=r"before 2026-02-01T00:00:00.* is archived"):
            queries.rows(AT, at=at, known_at=known)
        queries.owner.rollback()


def test_a_restored_period_is_what_it_was(years: Ledger, queries: OwnerQueries) -> None:
    entries, voids, legs = (queries.rows(each) for each in (ENTRIES, VOIDS, LEGS))
    rows = [archive(years.operator, each) for each in (FIRST, SECOND)]

    restore(years.operator, SECOND, rows[1])
    restore(years.operator, FIRST, rows[0])

    assert [queries.rows(each) for each in (ENTRIES, VOIDS, LEGS)] == [entries, voids, legs]
    assert queries.rows(FINDINGS) == []
    assert years.apply(JANUARY_FILL) == ["duplicate"]
    assert years.apply(bust("a")) == ["applied"]


def test_a_restored_period_must_be_whole(years: Ledger) -> None:
    rows = archive(years.operator, FIRST)

    with pytest.raises(psycopg.Error, match="5 entries and 2 voids were archived, 4 and"):
        restore(years.operator, FIRST, rows[1:])


def test_the_oldest_partition_goes_first(years: Ledger) -> None:
    with pytest.raises(psycopg.Error, match="an older partition is archived first"):
        archive(years.operator, SECOND)


def test_the_newest_partition_stays(years: Ledger) -> None:
    archive(years.operator, FIRST)
    archive(years.operator, SECOND)
    with pytest.raises(psycopg.Error, match="it is not over yet"):
        archive(years.operator, "entries_2026_03")


def test_a_fee_without_a_rate_is_converted_before(years: Ledger) -> None:
    years.apply(fill("f", "Buy", "1", "1", "1", at="2026-01-09T00:00:00Z", fee_currency="BNB"))
    with pytest.raises(psycopg.Error, match="1 fees have no rate yet"):
        archive(years.operator, FIRST)


def test_a_leg_with_archived_entries_is_not_counted_by_another_rule(years: Ledger) -> None:
    archive(years.operator, FIRST)
    with pytest.raises(psycopg.Error, match="is archived"):
        years.operator.execute(
            "SELECT api.define_instrument(asset => 'BTCUSDT', kind => 'linear', multiplier => '10')"
        )


def test_a_book_begins_with_what_its_account_brought_forward(
    years: Ledger, queries: OwnerQueries
) -> None:
    archive(years.operator, FIRST)

    years.apply(fill("s", "Buy", "1", "95", at="2026-03-11T00:00:00Z", strategy="alpha"))

    assert queries.rows(FINDINGS) == []
    held = queries.rows(
        "SELECT p.account, p.size FROM pms.positions p WHERE p.asset = 'BTCUSDT' ORDER BY 1"
    )
    assert [(row["account"], row["size"]) for row in held] == [
        ("main", 3), ("main|alpha", 1), ("main|unassigned", 2),
    ]  # fmt: skip


def test_a_book_that_began_since_has_the_profit_of_its_account(
    years: Ledger, queries: OwnerQueries
) -> None:
    archive(years.operator, FIRST)
    january = queries.rows(JANUARY_PNL, account="main")

    years.apply(fill("s", "Buy", "1", "95", at="2026-03-11T00:00:00Z", strategy="alpha"))

    assert queries.rows(JANUARY_PNL, account="main|unassigned") == january
    queries.owner.execute("SELECT pms.sum_pnl()")
    assert queries.rows(JANUARY_PNL, account="main|unassigned") == january
    assert queries.rows(JANUARY_PNL, account="main|alpha") == []


def test_a_period_before_a_book_is_not_restored(years: Ledger) -> None:
    rows = [archive(years.operator, each) for each in (FIRST, SECOND)]
    years.apply(fill("s", "Buy", "1", "95", at="2026-03-11T00:00:00Z", strategy="alpha"))

    with pytest.raises(psycopg.Error, match=r"the book main\|unassigned has been divided off"):
        restore(years.operator, SECOND, rows[1])


def test_a_restored_period_must_be_equal_to_the_digit(years: Ledger) -> None:
    rows = archive(years.operator, FIRST)
    rows[0]["fee"] = "1.1"
    with pytest.raises(psycopg.Error, match="is not what was archived"):
        restore(years.operator, FIRST, rows)


def test_a_period_is_there_until_its_readers_have_gone(
    years: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    closed = call(years.operator, "close_ledger_partition", FIRST)
    call(years.operator, "prepare_ledger_archive", FIRST)
    with owner.transaction():
        owner.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        before = owner.execute("SELECT count(*) FROM pms.ledger_partitions").fetchone()
        call(years.operator, "finish_ledger_archive", FIRST, closed["archive_id"], LOCATION, DIGEST)
        with years.operator.transaction():
            years.operator.execute("SET statement_timeout = '1s'")
        with pytest.raises(psycopg.Error, match="canceling statement due to statement timeout"):
            call(years.operator, "drop_archived_partition", FIRST)
        with years.operator.transaction():
            years.operator.execute("RESET statement_timeout")
        assert owner.execute("SELECT count(*) FROM pms.ledger_partitions").fetchone() == before
        assert owner.execute("SELECT count(*) FROM pms.entries").fetchone() == (8,)

    call(years.operator, "drop_archived_partition", FIRST)
    assert queries.value("SELECT count(*) FROM pms.entries") == 3


def test_each_step_is_audited(years: Ledger, queries: OwnerQueries) -> None:
    call(years.operator, "close_ledger_partition", FIRST)
    call(years.operator, "reopen_ledger_partition", FIRST)
    restore(years.operator, FIRST, archive(years.operator, FIRST))

    audited = queries.rows("SELECT a.command, a.arguments FROM api.audit a ORDER BY a.recorded_at")

    assert [row["command"] for row in audited] == [
        "close_ledger_partition", "reopen_ledger_partition", "close_ledger_partition",
        "prepare_ledger_archive", "finish_ledger_archive", "drop_archived_partition",
        "begin_ledger_restore", "finish_ledger_restore",
    ]  # fmt: skip
    assert {row["arguments"]["partition"] for row in audited} == {FIRST}


def test_an_explanation_names_where_the_ledger_begins(years: Ledger) -> None:
    assert "archived_before" not in years.call("get_position_entries", asset="BTCUSDT")
    archive(years.operator, FIRST)

    found = years.call("get_position_entries", asset="BTCUSDT")

    assert found["archived_before"].startswith("2026-02-01T00:00:00")
    assert [each["size"] for each in found["entries"]] == ["2", "1", "1"]
    assert "archived_before" not in years.call(
        "get_position_entries", asset="BTCUSDT", page_limit="1"
    )


def test_an_action_reaches_a_leg_with_archived_entries_only(
    years: Ledger, queries: OwnerQueries
) -> None:
    archive(years.operator, FIRST)

    split = action("s", "split", asset="ETHUSDT", ratio="2", at="2026-03-05T00:00:00Z")
    assert years.apply(split) == ["applied"]

    assert queries.leg(asset="ETHUSDT")["size"] == -4
    assert queries.rows(FINDINGS) == []


def test_a_contract_that_changed_in_an_archived_period_stays_changed(
    years: Ledger, queries: OwnerQueries
) -> None:
    years.apply(
        action("c", "contract", asset="ETHUSDT", multiplier="10", at="2026-01-20T00:00:00Z")
    )
    archive(years.operator, FIRST)

    new = fill("n", "Buy", "1", "50", asset="ETHUSDT", at="2026-03-05T00:00:00Z")
    assert years.apply(new, new | {"account": "other", "execution_id": "o"}) == ["applied"] * 2

    assert queries.leg(asset="ETHUSDT", account="other")["cost"] == 500
    assert queries.rows(FINDINGS) == []


def test_what_was_known_between_two_archives_is_refused(
    years: Ledger, queries: OwnerQueries
) -> None:
    between = queries.now()
    years.apply(bust("c"))
    archive(years.operator, FIRST)
    archive(years.operator, SECOND)

    with pytest.raises(psycopg.Error, match="known_at: the ledger before"):
        queries.rows(AT, at="2026-03-02", known_at=between)


def test_an_archived_partition_is_not_archived_again(years: Ledger) -> None:
    archive(years.operator, FIRST)
    with pytest.raises(psycopg.Error, match="is archived"):
        archive(years.operator, FIRST)


def test_nothing_is_restored_while_another_period_is_closed(years: Ledger) -> None:
    rows = archive(years.operator, FIRST)
    call(years.operator, "close_ledger_partition", SECOND)
    with pytest.raises(psycopg.Error, match="another one is closed"):
        restore(years.operator, FIRST, rows)


def test_a_wrong_row_is_put_right_from_what_was_brought_forward(
    years: Ledger, owner: psycopg.Connection[Any], queries: OwnerQueries
) -> None:
    archive(years.operator, FIRST)
    before = queries.rows(LEGS)
    owner.execute("UPDATE pms.positions SET size = size + 1 WHERE asset = 'BTCUSDT'")

    years.call("validate_position", asset="BTCUSDT", mode="one-way", fix_discrepancies="true")

    assert queries.rows(LEGS) == before
    assert queries.rows(FINDINGS) == []


def test_lots_of_an_archived_period_are_one(years: Ledger, queries: OwnerQueries) -> None:
    archive(years.operator, FIRST)

    lots = queries.rows(
        "SELECT l.quantity, l.cost FROM pms.open_lots('main', 'BTCUSDT', 'one-way', 'net') l"
    )

    # 1 bought in March, 1 left of the 3 at 100.
    assert [(row["quantity"], row["cost"]) for row in lots] == [(1, 90), (1, 100)]
