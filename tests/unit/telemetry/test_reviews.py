"""A refused message flags the position that it names, until it is settled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.errors import RaiseException

from tests.helpers.ledger import Ledger, elsewhere, fill
from tests.helpers.reviews import flags, legs, letters, refuse, reviews

if TYPE_CHECKING:
    from tests.conftest import Database

REPORT: dict[str, Any] = {
    "event_type": "position",
    "data": {"symbol": "BTCUSDT", "side": "Buy", "size": "1", "avgPrice": "50000"},
}


def test_a_refused_fill_flags_its_position_until_it_is_dropped(ledger: Ledger) -> None:
    ledger.apply(fill("held", "Buy", "1", "100"))
    assert flags(ledger) == []

    refuse(ledger, fill("lost", "Buy", "1", "-100"))

    (letter,) = letters(ledger)
    assert flags(ledger) == ["rejected_message"]
    (review,) = reviews(ledger)
    del review["raised_at"]
    assert review == {
        "account": "main", "asset": "BTCUSDT", "mode": "one-way", "leg": "net",
        "code": "rejected_message", "source": str(letter), "detail": "invalid_price: a: detail",
        "remedy": f"dead-letters retry or drop {letter}",
    }  # fmt: skip
    ledger.call("drop_dead_letter", id=letter)
    assert (flags(ledger), reviews(ledger)) == ([], [])


def test_a_position_that_was_never_held_is_flat_with_its_flag(ledger: Ledger) -> None:
    refuse(ledger, fill("lost", "Buy", "1", "-100", asset="NEWUSDT"))

    assert flags(ledger, "NEWUSDT") == ["rejected_message"]
    assert ledger.position("NEWUSDT")["size"] == 0
    ledger.call("drop_dead_letter", id=letters(ledger)[0])
    with ledger.operator.transaction():
        left = ledger.operator.execute("SELECT count(*) FROM api.positions").fetchone()
    assert left == (0,)


def test_a_retry_that_succeeds_settles_the_flag(ledger: Ledger) -> None:
    refuse(ledger, fill("later", "Buy", "1", "100"))
    assert flags(ledger) == ["rejected_message"]

    assert ledger.call("retry_dead_letter", id=letters(ledger)[0])["outcome"] == "applied"

    assert (flags(ledger), ledger.position()["size"]) == ([], 1)


def test_a_retry_that_fails_keeps_the_flag_with_the_new_reason(ledger: Ledger) -> None:
    refuse(ledger, fill("never", "Buy", "1", "-100"), reason="an_old_reason")

    ledger.call("retry_dead_letter", id=letters(ledger)[0])

    (review,) = reviews(ledger)
    assert review["detail"].startswith("invalid_price: execution_price")


def test_what_flags_a_position_is_not_forgotten_for_its_age(
    ledger: Ledger, database: Database
) -> None:
    refuse(ledger, fill("old", "Buy", "1", "-100"), b"names nothing")
    with psycopg.connect(database.dsn()) as owner:
        owner.execute("UPDATE pms.rejected_messages SET last_seen_at = '2020-01-01'")
        owner.execute("SELECT pms.purge_rejected_messages()")

    assert (len(letters(ledger)), flags(ledger)) == (1, ["rejected_message"])


def test_messages_beyond_the_bytes_take_their_flags_along(
    ledger: Ledger, database: Database
) -> None:
    refuse(ledger, fill("old", "Buy", "1", "-100"), fill("older", "Sell", "1", "-100"))
    with psycopg.connect(database.dsn()) as owner:
        owner.execute("UPDATE pms.settings SET rejected_max_bytes = 1")
        owner.execute("SELECT pms.purge_rejected_messages()")

    assert (letters(ledger), reviews(ledger)) == ([], [])


def test_many_refused_messages_are_one_reason_of_a_leg(ledger: Ledger) -> None:
    for start in range(0, 1200, 400):
        refuse(ledger, *(fill(f"bad-{start + n}", "Buy", "1", "-1") for n in range(400)))

    (review,) = reviews(ledger)
    first = letters(ledger)[0]
    assert review["source"] == str(first)
    assert review["detail"] == "1000 messages or more; the first: invalid_price: a: detail"
    ledger.call("drop_dead_letter", id=first)
    assert reviews(ledger)[0]["source"] == str(first + 1)


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ({"mode": "hedge", "position_side": "short"}, [("hedge", "short")]),
        ({"mode": "hedge"}, [("hedge", "long"), ("one-way", "net")]),
        ({"mode": "sideways"}, [("hedge", "long"), ("one-way", "net")]),
        ({"mode": "one-way", "position_side": "long"}, [("hedge", "long"), ("one-way", "net")]),
        ({}, [("one-way", "net")]),
    ],
)
def test_a_leg_that_cannot_be_known_stands_for_all_legs(
    ledger: Ledger, message: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    ledger.apply(
        fill("net", "Buy", "1", "100"),
        fill("long", "Buy", "1", "100", mode="hedge", position_side="long"),
        fill("other", "Buy", "1", "100", asset="ETHUSDT"),
    )

    refuse(ledger, fill("lost", "Buy", "1", "-100", **message))

    assert sorted(leg[1:] for leg in legs(ledger)) == expected


def test_without_any_leg_it_stands_for_the_one_way_leg(ledger: Ledger) -> None:
    refuse(ledger, fill("lost", "Buy", "1", "-100", mode="sideways"))

    assert legs(ledger) == [("BTCUSDT", "one-way", "net")]


@pytest.mark.parametrize(
    "body",
    [
        b'{"event_type": "order_executed", "asset": "BTCUSDT", "price": NaN, "side": "Buy"}',
        b'{"event_type": "order_executed", "asset": "BTCUSDT", "price": 1, "price": 2}',
        b'{"event_type": "order_executed", "asset": "BTCUSDT", "price": 1e999}',
        b'{"event_type": "order_executed", "asset": "BTCUSDT", "note": "\\u0000 \\ud800"}',
        b'{"event_type": "order_executed", "asset": "BTCUSDT", "note": "\xff"}',
        b'{"asset": "BTCUSDT", "asset": "BTCUSDT"}',
        b'{"asset": "BTCUSDT", "deep": ' + b"[" * 100 + b"]" * 100 + b"}",
        b'{"asset": "BTCUSDT", "price": ' + b"9" * 200 + b"}",
        b'{"order": {"asset": "btcusdt", "fees": Infinity}, "event_type": "filled"}',
        b'{"asset": "BTCUSDT"',
        b'{"asset": "BTCUSDT", "account": "ma',
        b'{"asset": "BTCUSDT" "price": 1}',
        b'{"order": {"asset": "BTCUSDT", "note": "cut',
        b'[{"asset": "BTCUSDT"}, {"asset": "ETHUSDT"}]',
        b'{"asset": "BTCUSDT"}{"asset": "ETHUSDT"}',
        b'\xef\xbb\xbf{"asset": "BTCUSDT"}',
        '{"asset": "BTCUSDT"}'.encode("utf-16"),
    ],
)
def test_an_unreadable_message_flags_what_can_be_read(ledger: Ledger, body: bytes) -> None:
    refuse(ledger, body, reason="invalid_json")

    assert legs(ledger) == [("BTCUSDT", "one-way", "net")]


@pytest.mark.parametrize(
    "body",
    [
        b'{"asset": "BTCUSDT", "asset": "ETHUSDT"}',
        b'{"asset": "BTCUSDT", "account": "a", "account": "b"}',
        b'{"asset": "BTC\\u0000USDT"}',
        b'{"asset": "BTC\xffUSDT"}',
        b'{"asset": "BTCUSDT", "account": "not an account!"}',
        b'{"asset": ["BTCUSDT"]}',
        b'{"asset": "BTC',
        b"[1, 2]",
        b"",
    ],
)
def test_what_cannot_be_read_flags_nothing(ledger: Ledger, body: bytes) -> None:
    refuse(ledger, body, reason="invalid_json")

    assert (legs(ledger), len(letters(ledger))) == ([], 1)


def test_junk_creates_few_positions(ledger: Ledger) -> None:
    refuse(ledger, *(fill(f"j{n}", "Buy", "1", "-1", asset=f"JUNK{n}") for n in range(1500)))

    assert ledger.call("get_reviews", page_limit="1")["count"] == 1000
    assert len(letters(ledger)) == 1500


def test_a_refused_report_is_settled_by_the_next_one(ledger: Ledger) -> None:
    refuse(ledger, REPORT | {"data": REPORT["data"] | {"size": "x"}}, feed="venue_positions")
    assert flags(ledger) == ["rejected_report"]

    ledger.judge("apply_venue_positions", [REPORT | {"data": REPORT["data"] | {"size": "0"}}])

    assert reviews(ledger) == []
    assert len(letters(ledger)) == 1


def test_a_refused_report_older_than_the_stored_one_flags_nothing(ledger: Ledger) -> None:
    newer = REPORT["data"] | {"timestamp": "2026-01-02T00:00:00Z"}
    older = REPORT["data"] | {"timestamp": "2026-01-01T00:00:00Z", "size": "x"}
    ledger.judge("apply_venue_positions", [REPORT | {"data": newer}])

    refuse(ledger, REPORT | {"data": older}, feed="venue_positions", reason="invalid_size")

    assert reviews(ledger) == []


def test_a_refused_bust_flags_the_leg_of_its_fill(ledger: Ledger) -> None:
    ledger.apply(fill("held", "Buy", "1", "100", asset="ETHUSDT"))

    refuse(ledger, {
        "event_type": "trade_corrected", "execution_id": "held", "execution_price": "x",
        "correction_id": "c-1", "timestamp": "2026-01-02T00:00:00Z",
    })  # fmt: skip

    assert legs(ledger) == [("ETHUSDT", "one-way", "net")]


@pytest.mark.parametrize(
    "message",
    [
        {"event_type": "fill", "symbol": "btcusdt"},
        {"event_type": "order_executed", "data": {"symbol": "BTCUSDT"}},
        {"order": {"id": "1"}, "asset": "BTCUSDT"},
        {"payload": {"asset": "BTCUSDT"}},
    ],
)
def test_a_message_of_no_known_shape_flags_the_position_that_it_names(
    ledger: Ledger, message: dict[str, Any]
) -> None:
    refuse(ledger, message, reason="unknown_event")

    assert legs(ledger) == [("BTCUSDT", "one-way", "net")]


def test_a_refused_corporate_action_flags_the_asset_in_all_accounts(ledger: Ledger) -> None:
    ledger.apply(
        fill("a", "Buy", "1", "100"),
        elsewhere(fill("b", "Buy", "1", "100"), "second"),
        fill("c", "Buy", "1", "100", asset="ETHUSDT"),
    )

    refuse(ledger, {
        "event_type": "corporate_action", "action_id": "s", "action": "split", "asset": "BTCUSDT",
        "ratio": "two", "effective_at": "2026-01-02T00:00:00Z",
    })  # fmt: skip

    assert [(each["account"], each["asset"]) for each in reviews(ledger)] == [
        ("main", "BTCUSDT"), ("second", "BTCUSDT"),
    ]  # fmt: skip
    ledger.call("drop_dead_letter", id=letters(ledger)[0])
    assert reviews(ledger) == []


def test_a_refused_price_flags_no_position(ledger: Ledger) -> None:
    refuse(ledger, {"event_type": "ticker", "data": {"symbol": "BTCUSDT"}}, feed="prices")

    assert reviews(ledger) == []


def test_a_leg_on_the_wrong_side_is_a_reason(ledger: Ledger) -> None:
    ledger.apply(fill("over", "Sell", "1", "100", mode="hedge", position_side="long"))

    assert flags(ledger, mode="hedge") == ["wrong_side"]
    (review,) = reviews(ledger)
    assert (review["leg"], review["detail"]) == ("long", "the long leg has size -1")
    ledger.apply(fill("back", "Buy", "1", "100", mode="hedge", position_side="long"))
    assert (flags(ledger, mode="hedge"), reviews(ledger)) == ([], [])


def test_health_and_metrics_count_reasons_and_positions(ledger: Ledger) -> None:
    refuse(ledger, fill("lost", "Buy", "1", "-100"), fill("too", "Buy", "1", "-100", asset="ETH"))
    ledger.apply(fill("over", "Sell", "1", "100", mode="hedge", position_side="long"))

    health = ledger.call("get_health")

    assert health["reviews"] == {"rejected_message": 2, "wrong_side": 1}
    assert health["positions_needing_review"] == 3
    with ledger.operator.transaction():
        row = ledger.operator.execute("SELECT api.get_metrics_text()").fetchone()
    assert row is not None
    lines = set(row[0].splitlines())
    assert 'position_manager_reviews{code="rejected_message"} 2' in lines
    assert 'position_manager_reviews{code="mode_mismatch"} 0' in lines
    assert "position_manager_positions_needing_review 3" in lines


def test_a_reason_without_a_remedy_cannot_be_raised(database: Database) -> None:
    raise_it = """
        SELECT pms.raise_reviews(
            ARRAY[('main', 'BTCUSDT', 'one-way', 'net', 'unheard_of', '1', NULL)]::pms.review[]
        )
    """
    with (
        psycopg.connect(database.dsn()) as owner,
        pytest.raises(RaiseException, match="no remedy settles the reason unheard_of"),
    ):
        owner.execute(raise_it)


def test_snapshots_keep_the_reasons(ledger: Ledger) -> None:
    refuse(ledger, fill("lost", "Buy", "1", "-100"))
    taken = ledger.call("create_snapshot", asset="BTCUSDT")
    ledger.call("drop_dead_letter", id=letters(ledger)[0])

    assert taken["snapshot_data"]["review_reasons"] == ["rejected_message"]
    with ledger.operator.transaction():
        found = ledger.operator.execute(
            "SELECT s.review_reasons, s.snapshot_data -> 'review_reasons' FROM api.snapshots s"
        ).fetchall()
    assert found == [(["rejected_message"], ["rejected_message"])]


def test_the_reasons_of_a_former_moment_are_not_kept(ledger: Ledger) -> None:
    ledger.apply(fill("held", "Buy", "1", "100"))
    refuse(ledger, fill("lost", "Buy", "1", "-100"))

    then = ledger.call("get_position", asset="BTCUSDT", as_of="2026-01-02T00:00:00Z")

    assert (then["needs_review"], then["review_reasons"]) == (False, [])
