"""What of a report can be read counts; what cannot be read is flagged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.helpers.messages import buy
from tests.helpers.venue import SHAPES, Row, Venue, camel, snake

UNSET = "1.7976931348623157E308"
FIELDS = {"avg_price": "average_price", "unrealised_pnl": "unrealized_pnl", "seq": "seq"}

in_both_shapes = pytest.mark.parametrize("report", SHAPES, ids=["snake", "camel"])


def stored(venue: Venue) -> Row:
    """The newest report."""
    query = "SELECT to_jsonb(v) FROM pms.venue_positions v WHERE v.account = %s"
    [[row]] = venue.conn.execute(query, [venue.account]).fetchall()
    found: Row = row
    return found


def reviews(venue: Venue) -> list[Any]:
    query = "SELECT v.code, v.detail FROM pms.reviews v WHERE v.account = %s"
    return venue.conn.execute(query, [venue.account]).fetchall()


def judged(venue: Venue, report: Row) -> tuple[str, str | None, str | None]:
    report["payload"]["account"] = venue.account
    [outcome] = venue.ledger.judge("apply_venue_positions", [report])
    return outcome


@pytest.mark.parametrize(
    ("fields", "detail"),
    [
        ({"unrealised_pnl": "NaN"}, "unrealised_pnl"),
        ({"realised_pnl": "n/a"}, "realised_pnl"),
        ({"avg_price": "abc"}, "avg_price"),
        ({"markPrice": "Infinity"}, "mark_price"),
        ({"seq": "abc"}, "seq"),
        ({"seq": "1.5"}, "seq"),
        ({"seq": "9" * 30}, "seq"),
        ({"unrealised_pnl": "1e400", "seq": "x"}, "unrealised_pnl, seq"),
    ],
)
def test_an_unread_field_costs_no_size(venue: Venue, fields: Row, detail: str) -> None:
    venue.fill(buy("a", "1", "100", 1))

    assert judged(venue, snake("1", None, 2, **fields)) == (
        "applied", "unread_report", f"{detail}: cannot be read",
    )  # fmt: skip
    assert stored(venue)["size"] == 1
    assert reviews(venue) == [("unread_report", f"{detail}: cannot be read")]
    assert venue.held() == (1, 100, 0, True)

    # The next report that can be read settles it.
    assert judged(venue, snake("1", "100", 3))[:2] == ("applied", None)
    assert reviews(venue) == []
    assert venue.held() == (1, 100, 0, False)


def test_an_unread_average_is_not_needed_beside_a_sound_one(venue: Venue) -> None:
    venue.fill(buy("a", "1", "100", 1))

    assert judged(venue, snake("1", "90", 2, avg_price="abc"))[:2] == ("applied", None)
    assert stored(venue)["average_price"] == 90


@pytest.mark.parametrize("unset", [UNSET, "1.79769e+308", "", " ", float(UNSET)])
def test_an_unset_double_is_absent(venue: Venue, unset: object) -> None:
    venue.fill(buy("a", "1", "100", 1))
    report = snake(
        "1", None, 2, avg_price=unset, markPrice=unset, unrealised_pnl=unset, realised_pnl=unset
    )

    assert judged(venue, report)[:2] == ("applied", None)
    held = stored(venue)
    assert (held["size"], held["average_price"], held["mark_price"], held["unrealized_pnl"]) == (
        1, None, None, None,
    )  # fmt: skip
    assert reviews(venue) == []


def test_reported_amounts_round_to_18_digits(venue: Venue) -> None:
    venue.report(
        snake("0.3", "50003.33333333333333333333333", 2, unrealised_pnl="-1.1368683772161603e-13")
    )

    query = """
        SELECT v.average_price::text, v.unrealized_pnl::text
        FROM pms.venue_positions v
        WHERE v.account = %s
    """
    assert venue.conn.execute(query, [venue.account]).fetchall() == [
        ("50003.333333333333333333", "-0.000000000000113687")
    ]


@pytest.mark.parametrize("size", ["NaN", "", "1e20", UNSET, "abc", "1e-19"])
def test_a_size_must_be_read(venue: Venue, size: str) -> None:
    report = snake("1", "100", 2)
    report["payload"]["size"] = size

    assert judged(venue, report)[:2] == ("rejected", "invalid_size")


@in_both_shapes
@pytest.mark.parametrize(
    ("side", "size"),
    [("BUY", 2), ("Buy ", 2), ("long", 2), ("B", 2), ("SELL", -2), ("Short", -2), ("s", -2)],
)
def test_the_side_of_a_report_is_read(
    venue: Venue, report: Callable[..., Row], side: str, size: int
) -> None:
    message = report("2", "100", 2)
    message.get("payload", message.get("data"))["side"] = side  # type: ignore[index]

    assert venue.report(message) == ["applied"]
    assert stored(venue)["size"] == size


@pytest.mark.parametrize("side", ["up", "1", "net", "BOTH", "none"])
def test_an_open_position_has_a_side(venue: Venue, side: str) -> None:
    report = snake("2", "100", 2)
    report["payload"]["side"] = side

    assert judged(venue, report)[:2] == ("rejected", "invalid_side")


@pytest.mark.parametrize("side", ["", " ", "None", "zero", "net", "BOTH", "flat", "-", "closed"])
def test_a_flat_position_has_none(venue: Venue, side: str) -> None:
    report = snake("0", None, 2)
    report["payload"]["side"] = side

    assert judged(venue, report)[:2] == ("applied", None)


@pytest.mark.parametrize("payload", [None, "", " ", []])
def test_an_absent_payload_leaves_the_data(venue: Venue, payload: object) -> None:
    assert venue.report(snake("2", "100", 2)) == ["applied"]
    report = camel("3", "100", 3, account=venue.account)

    judged = venue.ledger.judge("apply_venue_positions", [report | {"payload": payload}])
    assert [outcome for outcome, *_ in judged] == ["applied"]
    assert stored(venue)["size"] == 3


@in_both_shapes
@pytest.mark.parametrize(
    ("mode", "leg"),
    [
        ("BOTH", "net"), ("Net ", "net"), ("one_way", "net"), ("", "net"), (" 0 ", "net"),
        ("1 ", "long"), ("Long ", "long"),
        ("L", "long"), ("hedge_long", "long"), ("SHORT", "short"), ("hedge_short", "short"),
    ],
)  # fmt: skip
def test_the_leg_of_a_report_is_read(
    venue: Venue, report: Callable[..., Row], mode: str, leg: str
) -> None:
    message = report("-2" if leg == "short" else "2", "100", 2)
    (message.get("payload") or message["data"])["mode"] = mode

    assert venue.report(message) == ["applied"]
    assert stored(venue)["leg"] == leg


@pytest.mark.parametrize("mode", ["3", "hedge", "longshort", "x"])
def test_an_unknown_leg_of_a_report_is_refused(venue: Venue, mode: str) -> None:
    report = snake("2", "100", 2)
    report["payload"]["mode"] = mode

    assert judged(venue, report)[:2] == ("rejected", "invalid_mode")


# Sequences


@pytest.mark.parametrize("seq", ["-1", -1, "-100", ""])
def test_a_negative_sequence_is_none(venue: Venue, seq: object) -> None:
    venue.report(snake("1", "100", 2, raw={"seq": 9}))

    assert judged(venue, snake("2", "100", 3, raw={"seq": seq})) == ("applied", None, None)
    assert (stored(venue)["size"], stored(venue)["seq"]) == (2, None)


@pytest.mark.parametrize("seq", [999999999999999999, 2**31 + 10, 10**9])
def test_an_absurd_sequence_does_not_silence_a_position(venue: Venue, seq: int) -> None:
    venue.report(snake("1", "100", 2, raw={"seq": seq}))

    assert venue.report(snake("2", "100", 2, second=1, raw={"seq": 10})) == ["applied"]
    # Again, it is older than what is stored.
    assert venue.report(snake("1", "100", 2, raw={"seq": seq})) == ["stale"]
    assert venue.report(snake("3", "100", 2, second=2, raw={"seq": 11})) == ["applied"]
    assert stored(venue)["size"] == 3


def test_a_sequence_may_start_again(venue: Venue) -> None:
    venue.report(snake("1", "100", 2, raw={"seq": 5000}))
    assert venue.report(snake("2", "100", 3, raw={"seq": 1})) == ["stale"]

    assert venue.report(snake("2", "100", 3, second=1, raw={"seq": 2})) == ["applied"]
    assert venue.report(snake("3", "100", 3, second=2, raw={"seq": 3})) == ["applied"]


def test_a_batch_with_an_absurd_sequence_keeps_the_latest(venue: Venue) -> None:
    assert venue.report(
        snake("1", "100", 2, raw={"seq": 10}),
        snake("5", "100", 2, second=1, raw={"seq": 999999999999999999}),
        snake("2", "100", 2, second=3, raw={"seq": 12}),
        snake("3", "100", 2, second=4, raw={"seq": 11}),
    ) == ["stale", "stale", "applied", "stale"]
    assert stored(venue)["size"] == 2
