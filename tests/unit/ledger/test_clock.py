"""What the database records moves forward in time, also when its clock is set back."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal as D
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.helpers.clock import set_back
from tests.helpers.concurrency import until_blocked
from tests.helpers.ledger import Ledger, fill, ticker
from tests.helpers.messages import bust, buy
from tests.helpers.owner_queries import OwnerQueries
from tests.helpers.venue import Venue, snake
from tests.helpers.verification import one

if TYPE_CHECKING:
    from tests.conftest import Database

Owner = psycopg.Connection[Any]

CHECKPOINT = 256
ORDERED = """
    SELECT array_agg(e.recorded_at ORDER BY e.id) = array_agg(e.recorded_at ORDER BY e.recorded_at)
    FROM pms.entries e
"""
REJECT = "SELECT pms.record_rejected_messages(%s, %s, %s, %s, %s)"


def at(second: int) -> str:
    return (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)).isoformat()


def ahead(**by: int) -> str:
    return (datetime.now(UTC) + timedelta(**by)).isoformat()


def many(asset: str = "BTCUSDT") -> list[dict[str, Any]]:
    """Fills of which a checkpoint is kept."""
    return [
        fill(f"{asset}-{n}", "Buy", "1", "10", asset=asset, at=at(n + 1))
        for n in range(CHECKPOINT + 1)
    ]


def run(owner: Owner, job: str, when: str = "only_when_due => TRUE") -> str:
    return str(one(owner, f"CALL pms.run_job('{job}', {when})"))


def test_a_late_fill_is_applied(ledger: Ledger, owner: Owner, queries: OwnerQueries) -> None:
    ledger.apply(*many())
    set_back(owner, "20 seconds")
    ledger.price(ticker("11", at(0)))

    assert ledger.apply(fill("late", "Buy", "1", "10", at=at(0))) == ["applied"]
    assert queries.state()["size"] == D(CHECKPOINT + 2)
    queries.assert_sound()


def test_entries_of_all_legs_are_recorded_in_order(ledger: Ledger, owner: Owner) -> None:
    ledger.apply(fill("a", "Buy", "1", "10"))
    set_back(owner, "30 days")
    ledger.apply(fill("b", "Buy", "2", "10", asset="ETHUSDT"))
    ledger.apply(fill("c", "Buy", "3", "10"))

    assert one(owner, ORDERED)


def test_what_was_known_at_a_moment_stays_known(ledger: Ledger, owner: Owner) -> None:
    held = "SELECT p.asset, p.size FROM api.positions_as_of({}) p ORDER BY p.asset"

    ledger.apply(fill("a", "Buy", "1", "10"))
    set_back(owner, "30 days")
    first = one(owner, "SELECT max(e.recorded_at) FROM pms.entries e")
    ledger.apply(fill("b", "Buy", "2", "10", asset="ETHUSDT"))

    def known(moment: str) -> list[Any]:
        return owner.execute(held.format(moment).encode()).fetchall()

    assert known("") == [("BTCUSDT", D(1)), ("ETHUSDT", D(2))]
    assert known(f"known_at => '{first - timedelta(microseconds=1)}'") == []
    # Not before the one that was known first.
    assert ("BTCUSDT", D(1)) in known(f"known_at => '{first}'")


def test_an_answer_names_a_moment_that_knows_all_of_it(ledger: Ledger, owner: Owner) -> None:
    ledger.apply(fill("a", "Buy", "1", "10"))
    set_back(owner, "1 hour")

    answer = ledger.call("get_position", asset="BTCUSDT", as_of=at(60))
    again = ledger.call(
        "get_position", asset="BTCUSDT", as_of=answer["as_of"], known_at=answer["known_at"]
    )

    assert again["size"] == answer["size"] == "1"


def test_a_report_after_a_bust_knows_of_it(ledger: Ledger, owner: Owner, venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1), buy("b", "1", "100", 2))
    venue.fill(bust("b"))
    set_back(venue.conn, "1 hour")

    venue.report(snake("1", "90", 3))

    assert venue.held() == (1, 90, 0, False)


def test_prices_of_an_asset_are_recorded_in_order(ledger: Ledger, owner: Owner) -> None:
    recorded = "SELECT m.recorded_at FROM pms.prices m"
    ledger.price(ticker("10", at(1)))
    set_back(owner, "1 hour")
    before = one(owner, recorded)

    assert ledger.price(ticker("11", at(2))) == ["applied"]
    assert one(owner, recorded) > before


def test_a_price_of_the_future_is_replaced_by_one_of_now(ledger: Ledger, owner: Owner) -> None:
    ledger.apply(fill("a", "Buy", "1", "100"))
    ledger.price(ticker("5", ahead(seconds=0)))
    # The clock was ahead.
    owner.execute("UPDATE pms.prices SET priced_at = priced_at + interval '1 hour'")

    assert ledger.price(ticker("101", ahead(seconds=-1))) == ["applied"]
    assert ledger.position()["unrealized_pnl"] == D(1)


def test_a_price_that_is_ahead_counts_from_its_arrival(ledger: Ledger) -> None:
    ledger.apply(fill("a", "Buy", "1", "100"))
    assert ledger.price(ticker("99", ahead(seconds=50))) == ["applied"]

    assert ledger.price(ticker("101", ahead(seconds=0))) == ["applied"]
    assert ledger.position()["current_price"] == D(101)


@pytest.mark.parametrize("feed", ["apply_prices", "apply_order_events", "apply_venue_positions"])
def test_a_message_further_ahead_is_rejected(ledger: Ledger, feed: str) -> None:
    soon = ahead(seconds=70)
    report = snake("1", "90", 1)
    report["payload"]["timestamp"] = soon
    message = {
        "apply_prices": ticker("5", soon),
        "apply_order_events": fill("a", "Buy", "1", "10", at=soon),
        "apply_venue_positions": report,
    }[feed]

    [(outcome, reason, detail)] = ledger.judge(feed, [message])

    assert (outcome, reason) == ("rejected", "time_in_future")
    assert detail.endswith("lies in the future")


def reject(ledger: Ledger, *messages: dict[str, Any]) -> None:
    """Record order events as rejected because they are ahead, as the worker does."""
    bodies = [json.dumps(message).encode() for message in messages]
    ledger.worker.execute(
        REJECT,
        ["order_events", bodies, *([text] * len(bodies) for text in ("time_in_future", "at", "t"))],
    )


def test_order_events_of_the_future_come_back(ledger: Ledger, owner: Owner) -> None:
    left = "SELECT array_agg(pms.parse_json(r.body)) FROM pms.rejected_messages r"
    soon = fill("soon", "Buy", "1", "10", at=ahead(seconds=70))
    never = fill("never", "Buy", "1", "10", at="9999-01-01T00:00:00Z")
    with ledger.worker.transaction():
        reject(ledger, never, soon, bust("soon") | {"timestamp": "9999-01-01T00:00:00Z"})
    assert run(owner, "retry_future_events", "FALSE") == "0 order events accepted"

    # Ten seconds pass, or the clock is put forward.
    owner.execute("UPDATE pms.settings SET clock_skew_limit = '80 seconds'")
    assert run(owner, "retry_future_events", "FALSE") == "1 order events accepted"

    assert ledger.position()["size"] == D(1)
    assert soon not in one(owner, left)
    assert len(one(owner, left)) == 2


def test_order_events_that_stay_in_the_future_wait_for_an_answer(
    ledger: Ledger, owner: Owner
) -> None:
    with ledger.worker.transaction():
        reject(ledger, fill("never", "Buy", "1", "10", at="9999-01-01T00:00:00Z"))
    owner.execute("UPDATE pms.rejected_messages SET last_seen_at = now() - interval '91 days'")

    run(owner, "retry_future_events", "FALSE")

    assert run(owner, "purge_rejected_messages", "FALSE").startswith("0 rejected messages")
    assert ledger.position()["review_reasons"] == ["rejected_message"]
    letter = one(owner, "SELECT r.id FROM pms.rejected_messages r")
    assert ledger.call("drop_dead_letter", id=letter)["outcome"] == "dropped"
    assert one(owner, "SELECT count(*) FROM pms.reviews") == 0


def test_retried_order_events_and_a_batch_never_wait_for_each_other(
    ledger: Ledger, owner: Owner
) -> None:
    assets = ("ETHUSDT", "BTCUSDT")
    ledger.apply(*(fill(f"{asset}-0", "Buy", "1", "10", asset=asset) for asset in assets))
    # Their time has come.
    first, second = (fill(asset, "Buy", "1", "10", asset=asset, at=at(1)) for asset in assets)
    with ledger.worker.transaction():
        reject(ledger, first)
        reject(ledger, second)
    with ThreadPoolExecutor(1) as pool:
        with ledger.worker.transaction():
            ledger.apply(fill("b", "Buy", "1", "10", at=at(2)))
            done = pool.submit(run, owner, "retry_future_events", "FALSE")
            until_blocked(ledger.operator)
            ledger.apply(fill("e", "Buy", "1", "10", asset="ETHUSDT", at=at(2)))
            # A copy of it is delivered again.
            reject(ledger, second)
        assert done.result(timeout=30) == "2 order events accepted"

    assert [ledger.position(asset)["size"] for asset in assets] == [D(3), D(3)]


def retried_while_a_batch_holds_the_position(
    ledger: Ledger, owner: Owner, database: Database, command: str
) -> tuple[str, str]:
    """What a retry of a letter by the job answers, and a command about the letter at that time."""
    ledger.apply(fill("a", "Buy", "1", "10"))
    with ledger.worker.transaction():
        reject(ledger, fill("soon", "Buy", "1", "10", at=at(1)))
    letter = one(owner, "SELECT r.id FROM pms.rejected_messages r")
    with (
        ThreadPoolExecutor(2) as pool,
        psycopg.connect(database.dsn("pms_operator"), autocommit=True) as operator,
    ):
        with ledger.worker.transaction():
            ledger.apply(fill("b", "Buy", "1", "10", at=at(2)))
            job = pool.submit(run, owner, "retry_future_events", "FALSE")
            until_blocked(ledger.operator)
            answered = pool.submit(one, operator, f"SELECT api.{command}({letter})")
            until_blocked(ledger.operator, 2, unless=answered.done)
        answer = answered.result(timeout=30)
        return job.result(timeout=30), answer.get("outcome") or answer["error_code"]


def test_a_letter_that_is_dropped_during_its_retry_is_applied_and_gone(
    ledger: Ledger, owner: Owner, database: Database
) -> None:
    answers = retried_while_a_batch_holds_the_position(ledger, owner, database, "drop_dead_letter")

    assert answers == ("1 order events accepted", "NOT_FOUND")
    assert ledger.position()["size"] == D(3)


def test_a_letter_is_retried_once_by_the_job_or_by_an_operator(
    ledger: Ledger, owner: Owner, database: Database
) -> None:
    answers = retried_while_a_batch_holds_the_position(ledger, owner, database, "retry_dead_letter")

    assert answers == ("1 order events accepted", "NOT_FOUND")
    assert ledger.position()["size"] == D(3)


def test_jobs_run_though_their_last_success_lies_in_the_future(owner: Owner) -> None:
    jobs = [job for (job,) in owner.execute("SELECT j.job FROM pms.jobs j").fetchall()]
    for job in jobs:
        run(owner, job)
    set_back(owner, "30 days")

    state = "SELECT j.job, j.is_overdue, j.last_success_at IS NULL FROM api.jobs j"
    assert set(owner.execute(state).fetchall()) == {(job, True, True) for job in jobs}
    ages = one(owner, "SELECT api.get_health()")["jobs"]
    assert list(ages.values()) == [{"age_seconds": None, "overdue": True}] * len(jobs)

    for job in jobs:
        assert not run(owner, job).startswith("not due"), job
        assert run(owner, job).startswith("not due"), job
    assert set(owner.execute(state).fetchall()) == {(job, False, False) for job in jobs}


def test_the_portfolio_history_goes_on(ledger: Ledger, owner: Owner) -> None:
    newest = "SELECT m.net_pnl FROM pms.equity_marks m WHERE m.account = 'main'"
    ledger.apply(fill("a", "Buy", "1", "100"))
    ledger.price(ticker("90", at(1)))
    run(owner, "record_portfolio_history", "FALSE")
    set_back(owner, "30 days")

    ledger.price(ticker("80", at(2)))

    assert "rows written; the clock is behind" in run(owner, "record_portfolio_history", "FALSE")
    assert one(owner, newest) == D(-20)


def test_the_pass_over_the_ledger_goes_on(ledger: Ledger, owner: Owner) -> None:
    ledger.apply(fill("a", "Buy", "1", "100"))
    run(owner, "verify_ledger", "FALSE")
    set_back(owner, "30 days")
    assert one(owner, "SELECT api.get_health()")["oldest_verification_age_seconds"] == 0

    run(owner, "verify_ledger", "FALSE")

    assert one(owner, "SELECT greatest(v.covered_since, v.pass_started_at, v.verified_at)"
                      " <= clock_timestamp() FROM pms.verification_progress v")  # fmt: skip


def test_a_position_that_only_the_venue_knows_is_adopted(venue: Venue) -> None:
    venue.report(snake("1", "90", 1))
    set_back(venue.conn, "1 hour")

    assert venue.wait() == 1
    assert venue.held() == (1, 90, 0, False)


def test_a_report_of_the_worker_from_the_future_is_no_sign_of_life(owner: Owner) -> None:
    for part in ("ingest", "relay"):
        status = json.dumps({"queue_connected": True})
        owner.execute("SELECT pms.report_worker(%s, %s)", [part, status])
    assert one(owner, "SELECT pms.queue_connected()")

    set_back(owner, "1 hour")

    assert not one(owner, "SELECT pms.queue_connected()")
