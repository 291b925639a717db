"""Amounts, times and sides as venues and producers write them."""

from __future__ import annotations

from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, bust, correction, fill, funding, status

UNSET = "1.7976931348623157E308"
REVIEWS = """
    SELECT v.code, v.source, v.detail
    FROM pms.reviews v
    WHERE v.account = 'main' AND v.asset = 'BTCUSDT'
    ORDER BY v.code, v.source
"""


@pytest.fixture
def reviews(owner: psycopg.Connection[Any]) -> Any:
    """The reasons why the position needs review."""
    return lambda: owner.execute(REVIEWS).fetchall()


# Amounts


@pytest.mark.parametrize(
    ("literal", "read"),
    [
        ("0.000030000000000000004", "0.00003"),
        ("50003.33333333333333333333333", "50003.333333333333333333"),
        ("0.0000000000000000005", "0.000000000000000001"),
        ("0.00000000000000000049", None),
        ("1.1368683772161603e-13", "0.000000000000113687"),
        ("1E-3", "0.001"),
        ("0.1" + "0" * 300, "0.1"),
        ("99999999999999999999.9999999999999999994", "99999999999999999999.999999999999999999"),
        ("99999999999999999999.9999999999999999995", None),
        ("100000000000000000000", None),
        ("1e20", None),
        (UNSET, None),
        ("NaN", None),
        ("Infinity", None),
        ("-Infinity", None),
        ("1e1000", None),
        ("1_000", None),
        ("0x10", None),
        (" 1", None),
    ],
)
def test_a_quantity_rounds_to_18_digits(ledger: Ledger, literal: str, read: str | None) -> None:
    outcomes: list[Any] = list(ledger.judge("apply_order_events", [fill("a", "Buy", literal, "1")]))

    if read is None:
        assert [(outcome, reason) for outcome, reason, _ in outcomes] == [
            ("rejected", "invalid_quantity")
        ]
    else:
        assert outcomes == [("applied", None, None)]
        assert ledger.position()["size"] == D(read)


def test_a_number_may_have_the_digits_of_a_quotient(ledger: Ledger) -> None:
    ledger.apply(
        fill("a", "Buy", "0.3", "50003.33333333333333333333333", "0.000030000000000000004")
    )

    position = ledger.position()
    assert position["average_entry_price"] == D("50003.333333333333")
    assert position["fees_paid"] == D("0.00003")


def test_funding_rounds_half_away_from_zero(ledger: Ledger) -> None:
    ledger.apply(
        fill("a", "Buy", "1", "1"),
        funding("f", "-1.1368683772161603e-13"),
        funding("g", "-0.0000000000000000015"),
    )

    assert ledger.position()["funding"] == D("-0.000000000000113689")


@pytest.mark.parametrize(
    "unset",
    [
        UNSET,
        "1.7976931348623157e+308",
        "-1.7976931348623157E308",
        "1.797693134862315708e+308",
        "1.79769e+308",
        "17976931348623157" + "0" * 292,
        float("1.7976931348623157E308"),
        "",
        " ",
        None,
    ],
)
def test_an_unset_fee_is_absent(ledger: Ledger, reviews: Any, unset: object) -> None:
    message = fill("a", "Buy", "2", "10") | {"execution_fees": unset}

    judged: list[Any] = list(ledger.judge("apply_order_events", [message]))
    assert judged == [("applied", None, None)]
    assert (ledger.position()["size"], ledger.position()["fees_paid"]) == (2, 0)
    assert reviews() == []


@pytest.mark.parametrize("fee", ["free", "NaN", "Infinity", "1e20", "1e309", "1,5", "0x1"])
def test_an_unread_fee_costs_no_quantity(ledger: Ledger, reviews: Any, fee: str) -> None:
    message = fill("a", "Buy", "2", "10", fee)

    assert ledger.judge("apply_order_events", [message]) == [
        ("applied", "unread_fee", "execution_fees: must be a decimal, |x| < 10^20, at most 18 "
         "fractional digits")
    ]  # fmt: skip
    position = ledger.position()
    assert (position["size"], position["fees_paid"], position["needs_review"]) == (2, 0, True)
    assert [(code, source) for code, source, _ in reviews()] == [("unread_fee", "execution:a")]
    # The same again is the same fill.
    assert ledger.apply(message) == ["duplicate"]


def test_a_fee_in_an_unreadable_currency_is_unread(ledger: Ledger, reviews: Any) -> None:
    ledger.apply(fill("a", "Buy", "2", "10", "1", fee_currency='B"B'))

    position = ledger.position()
    assert (position["size"], position["fees_paid"], position["needs_review"]) == (2, 0, True)
    [(code, source, detail)] = reviews()
    assert (code, source) == ("unread_fee", "execution:a")
    assert detail.startswith("fee_currency: must be 1 to 64 letters, digits")


def test_a_correction_with_an_unset_fee_keeps_that_of_the_fill(ledger: Ledger) -> None:
    ledger.apply(fill("a", "Buy", "2", "10", "0.5"))
    amended = {"execution_quantity": "3", "execution_fees": UNSET, "fee_currency": "USDT"}

    assert ledger.apply(correction("a", **amended)) == ["applied"]
    assert (ledger.position()["size"], ledger.position()["fees_paid"]) == (3, D("0.5"))


def test_a_correction_that_gives_the_fee_settles_it(ledger: Ledger, reviews: Any) -> None:
    ledger.apply(fill("a", "Buy", "2", "10", "free"))
    ledger.apply(correction("a", "c", execution_price="11", at="2026-01-01T01:00:00Z"))
    assert [code for code, *_ in reviews()] == ["unread_fee"]

    ledger.apply(correction("a", "d", execution_fees="0.5", at="2026-01-01T02:00:00Z"))

    position = ledger.position()
    assert (position["fees_paid"], position["needs_review"]) == (D("0.5"), False)
    assert reviews() == []


def test_a_bust_settles_an_unread_fee(ledger: Ledger, reviews: Any) -> None:
    ledger.apply(fill("a", "Buy", "2", "10", "free"), bust("a"))
    assert reviews() == []

    ledger.apply(fill("b", "Buy", "2", "10", "free"))
    ledger.apply(bust("b"))
    assert reviews() == []
    assert ledger.position()["needs_review"] is False


def test_the_unread_fee_of_a_total_comes_with_a_later_total(ledger: Ledger, reviews: Any) -> None:
    ledger.apply(status("o", "partially_filled", "1", "10", "free"))
    assert [source for _, source, _ in reviews()] == ["order:o:1@1764618298"]

    ledger.apply(status("o", "filled", "2", "10", "0.4"))

    position = ledger.position()
    assert (position["size"], position["fees_paid"], position["needs_review"]) == (
        2, D("0.4"), False,
    )  # fmt: skip


OTHER_TOTALS = {
    "asset": {"asset": "ETHUSDT"},
    "leg": {"position_side": "long", "created_at": "2025-12-05T00:00:00"},
    "start": {"created_at": "2025-12-05T00:00:00"},
    "time": {"created_at": None, "executed_at": "2025-11-01T00:00:00"},
}


@pytest.mark.parametrize("other", OTHER_TOTALS.values(), ids=OTHER_TOTALS)
def test_a_later_total_of_another_order_under_the_id_gives_no_fee(
    other: dict[str, str], ledger: Ledger, reviews: Any
) -> None:
    ledger.apply(status("o", "partially_filled", "1", "10", "free"))
    assert ledger.apply(status("o", "partially_filled", "2", "10", "0.4", **other)) == ["applied"]
    ledger.apply(fill("a", "Buy", "1", "10"))
    assert [source for _, source, _ in reviews()] == ["order:o:1@1764618298"]

    ledger.apply(status("o", "filled", "3", "10", "0.4"))
    assert reviews() == []


def test_the_unread_fee_of_an_execution_comes_with_a_later_total(
    ledger: Ledger, reviews: Any
) -> None:
    ledger.apply(fill("a", "Buy", "1", "10", "free", order_id="o"))
    ledger.apply(status("o", "filled", "2", "10", "0.4"))

    assert reviews() == []
    assert ledger.position()["fees_paid"] == D("0.4")


def test_a_later_total_in_a_currency_without_a_rate_gives_the_fee(
    ledger: Ledger, reviews: Any
) -> None:
    ledger.apply(status("o", "partially_filled", "1", "10", "free"))
    ledger.apply(status("o", "filled", "2", "10", "0.4", fee_currency="KCS"))

    assert [code for code, *_ in reviews()] == ["unconverted_fee"]


# Empty means absent


@pytest.mark.parametrize("blank", ["", " ", "\t \n"])
def test_a_blank_field_is_absent(ledger: Ledger, blank: str) -> None:
    optional = (
        "account", "mode", "position_side", "fee_currency", "execution_fees", "event_id",
        "order_id", "executed_at", "timestamp", "trace_id", "fill_id", "is_dry_run",
    )  # fmt: skip
    message = fill("a", "Buy", "2", "10") | dict.fromkeys(optional, blank)

    assert ledger.apply(message) == ["applied"]
    position = ledger.position()
    assert (position["size"], position["mode"], position["account"]) == (2, "one-way", "main")


def test_a_blank_field_of_an_order_is_absent(ledger: Ledger) -> None:
    message = status("o", "filled", "2", "10", "", account="", position_side="", executed_at="")

    assert ledger.apply(message | {"account": "other"}) == ["applied"]
    assert ledger.position(account="other")["size"] == 2


def test_a_blank_required_field_is_missing(ledger: Ledger) -> None:
    judged = ledger.judge(
        "apply_order_events",
        [
            fill("a", "", "2", "10"),
            fill("a", "Buy", "", "10"),
            fill("", "Buy", "1", "10") | {"order_id": " "},
            fill("a", "Buy", "1", "10", asset=" "),
        ],
    )

    assert [(outcome, reason) for outcome, reason, _ in judged] == [
        ("rejected", "invalid_side"),
        ("rejected", "invalid_quantity"),
        ("rejected", "order_id_missing"),
        ("rejected", "invalid_asset"),
    ]
    assert judged[2][2] == "order_id: missing; only an execution with an execution_id needs none"


@pytest.mark.parametrize("order", [None, {}, "", " ", []])
def test_an_execution_without_an_order_object_counts(ledger: Ledger, order: object) -> None:
    assert ledger.apply(fill("a", "Buy", "2", "10") | {"order": order}) == ["applied"]
    assert ledger.position()["size"] == 2


def test_an_execution_within_an_order_object_is_not_passed_over(ledger: Ledger) -> None:
    message = fill("a", "Buy", "2", "10") | {"order": {"order_id": "o", "asset": "BTCUSDT"}}

    ((outcome, reason, _),) = ledger.judge("apply_order_events", [message])
    assert (outcome, reason) == ("rejected", "invalid_side")


@pytest.mark.parametrize(
    ("literal", "outcome"),
    [
        (True, "ignored"), ("True", "ignored"), (" TRUE ", "ignored"), (1, "ignored"),
        ("yes", "ignored"), (False, "applied"), ("False", "applied"), ("0", "applied"),
        ("no", "applied"), (None, "applied"), ("maybe", "rejected"), (2, "rejected"),
    ],
)  # fmt: skip
def test_a_dry_run_is_read(ledger: Ledger, literal: object, outcome: str) -> None:
    messages = (
        fill("a", "Buy", "1", "10", is_dry_run=literal),
        status("o", "filled", "1", "100", is_dry_run=literal),
    )

    assert ledger.apply(*messages) == [outcome] * 2


# Times


@pytest.mark.parametrize(
    ("literal", "moment"),
    [
        ("1767225600", "2026-01-01T00:00:00Z"),
        (1767225600, "2026-01-01T00:00:00Z"),
        ("1767225600.5", "2026-01-01T00:00:00.5Z"),
        ("+1767225600", "2026-01-01T00:00:00Z"),
        (" 1767225600 ", "2026-01-01T00:00:00Z"),
        ("1767225600.1234567165374756", "2026-01-01T00:00:00.123457Z"),
        ("1767225600123456.75", "2026-01-01T00:00:00.123457Z"),
        (" 2026-01-01T00:00:00Z ", "2026-01-01T00:00:00Z"),
        (1767225600.123456, "2026-01-01T00:00:00.123456Z"),
        ("1767225600123", "2026-01-01T00:00:00.123Z"),
        (1767225600123, "2026-01-01T00:00:00.123Z"),
        ("1767225600123456", "2026-01-01T00:00:00.123456Z"),
        ("1767225600123456789", "2026-01-01T00:00:00.123457Z"),
        ("2026-01-01t00:00:00z", "2026-01-01T00:00:00Z"),
        ("2026-01-01T00:00:00,25Z", "2026-01-01T00:00:00.25Z"),
        ("2026-01-01t00:00:00,25", "2026-01-01T00:00:00.25Z"),
        ("2026-01-01 00:00:00", "2026-01-01T00:00:00Z"),
        ("2026-01-01 02:00:00,5+02:00", "2026-01-01T00:00:00.5Z"),
        ("2000-01-01T00:00:00Z", "2000-01-01T00:00:00Z"),
    ],
)
def test_a_time_is_read(ledger: Ledger, owner: Any, literal: object, moment: str) -> None:
    ledger.apply(fill("a", "Buy", "1", "10") | {"executed_at": literal})

    query = "SELECT e.executed_at = %s::timestamptz FROM pms.entries e"
    assert owner.execute(query, [moment]).fetchall() == [(True,)]


@pytest.mark.parametrize(
    "literal",
    [
        "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000", "0", 0, "-1",
        "1999-12-31T23:59:59.999999Z", "946684799", "946684799999", "20260101", "0000-00-00",
        "2026-13-01T00:00:00Z", "now", "infinity", "1e9", "1.7672256e12",
    ],
)  # fmt: skip
def test_a_zero_time_is_refused(ledger: Ledger, literal: object) -> None:
    messages: list[tuple[str, dict[str, Any]]] = [
        ("apply_order_events", fill("a", "Buy", "1", "10") | {"executed_at": literal}),
        (
            "apply_prices",
            {
                "event_type": "ticker",
                "payload": {"symbol": "A", "mark_price": "1", "timestamp": literal},
            },
        ),
        (
            "apply_venue_positions",
            {
                "event_type": "position",
                "payload": {"symbol": "A", "size": "1", "side": "Buy", "timestamp": literal},
            },
        ),
        ("apply_order_events", bust("a") | {"timestamp": literal}),
    ]
    for function, message in messages:
        ((outcome, reason, _),) = ledger.judge(function, [message])
        assert (outcome, reason) == ("rejected", "invalid_time"), message


# Sides


@pytest.mark.parametrize(
    ("literal", "size"),
    [
        ("BUY", 1), ("Buy ", 1), ("b", 1), ("BOT", 1), ("bid", 1), ("Buy to Open", 1),
        ("SELL", -1), (" sell", -1), ("S", -1), ("SLD", -1), ("ask", -1), ("A", -1),
        ("sell_short", -1), ("Buy\t", 1), ("\nSELL", -1),
    ],
)  # fmt: skip
def test_a_side_is_read_in_the_spellings_of_venues(ledger: Ledger, literal: str, size: int) -> None:
    assert ledger.apply(fill("a", literal, "1", "10")) == ["applied"]
    assert ledger.position()["size"] == size


@pytest.mark.parametrize("literal", ["long", "short", "1", "2", "buysell", "x", "0"])
def test_an_unknown_side_is_refused(ledger: Ledger, literal: str) -> None:
    ((outcome, reason, _),) = ledger.judge("apply_order_events", [fill("a", literal, "1", "10")])

    assert (outcome, reason) == ("rejected", "invalid_side")


@pytest.mark.parametrize(
    ("literal", "leg"),
    [
        ("Long ", "long"), ("L", "long"), ("hedge_long", "long"), ("LONG", "long"),
        ("Short", "short"), ("s", "short"), ("hedge_short", "short"), ("dual_short", "short"),
        ("\tLong\n", "long"), ("BOTH", None), ("net", None), ("Net ", None), ("", None),
        ("  ", None), ("one_way", None),
    ],
)  # fmt: skip
def test_a_position_side_is_read(ledger: Ledger, literal: str, leg: str | None) -> None:
    side = "Sell" if leg == "short" else "Buy"
    assert ledger.apply(fill("a", side, "1", "10", position_side=literal)) == ["applied"]

    if leg is None:
        assert ledger.position()["size"] == 1
    else:
        position = ledger.position(mode="hedge")
        assert position[f"{leg}_size"] == 1


@pytest.mark.parametrize("literal", ["foo", "1", "buy", "longshort", "-"])
def test_an_unknown_position_side_is_refused(ledger: Ledger, literal: str) -> None:
    judged = ledger.judge(
        "apply_order_events",
        [
            fill("a", "Buy", "1", "10", position_side=literal),
            fill("b", "Buy", "1", "10", position_side=literal, mode="hedge"),
            fill("c", "Buy", "1", "10", position_side="BOTH", mode="hedge"),
            fill("d", "Buy", "1", "10", position_side="BOTH", mode="1"),
        ],
    )

    assert [reason for _, reason, _ in judged] == [
        "invalid_position_side", "leg_missing", "leg_missing", "leg_missing",
    ]  # fmt: skip
