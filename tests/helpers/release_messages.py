"""Messages of every kind that the last release applies, in cases with accounts of their own."""

from __future__ import annotations

from typing import Any

from tests.helpers.ledger import bust, correction, fill, funding, status, ticker
from tests.helpers.venue import snake

Messages = list[dict[str, Any]]
EXPIRED = "1970-01-01T00:00:00Z"


def without(message: dict[str, Any], *fields: str) -> dict[str, Any]:
    return {name: value for name, value in message.items() if name not in fields}


def total(order_id: str, filled: str, average: str, fees: str | None = "0", **more: Any) -> Any:
    """A total of an order, which is full at 9."""
    return status(order_id, "partially_filled", filled, average, fees, **more)


def leg(position_side: str, side: str, name: str = "l", **more: Any) -> dict[str, Any]:
    return fill(name, side, "2", "100", "0.1", position_side=position_side, **more)


# Order events by case.
ORDER_EVENTS: dict[str, Messages] = {
    "execution": [fill("a", "Buy", "1.50", "100.10", "0.055")],
    "execution-without-order-id": [without(fill("a", "Buy", "1", "100"), "order_id")],
    "execution-without-fee": [without(fill("a", "Buy", "1", "100"), "execution_fees")],
    "execution-with-a-rebate": [fill("a", "Sell", "1", "100", "-0.01")],
    "execution-without-time": [fill("a", "Buy", "1", "100") | {"executed_at": None}],
    "fill-id": [without(fill("a", "Buy", "1", "100"), "execution_id") | {"fill_id": "a"}],
    "event-id": [without(fill("a", "Buy", "1", "100"), "execution_id") | {"event_id": "v"}],
    "no-ids": [without(fill("a", "Buy", "1", "100"), "execution_id")],
    "no-ids-and-no-time": [
        without(fill("a", "Buy", "1", "100"), "execution_id", "executed_at"),
    ],
    "two-without-ids": [
        without(fill("a", "Buy", "1", "100"), "execution_id"),
        without(fill("a", "Buy", "1", "100.5"), "execution_id"),
    ],
    "position_updated_from_order": [
        {
            "event_type": "position_updated_from_order",
            "order_id": "o",
            "asset": "BTCUSDT",
            "side": "BUY",
            "filled_quantity": "3",
            "execution_price": "100",
            "fees": "0.3",
            "timestamp": "2026-01-01T00:00:00Z",
            "trace_id": "t",
        }
    ],
    "long-decimals": [
        fill("a", "Buy", "0.000000000000000001", "99999999999999999999.5", "1e-18"),
        fill("b", "Sell", "1.0E3", "0.10", "+2.5"),
    ],
    "reduced-and-flipped": [
        fill("a", "Buy", "3", "100", "0.1"),
        fill("b", "Sell", "1", "110", "0.1"),
        fill("c", "Sell", "5", "120", "0.1", at="2026-01-01T00:00:01Z"),
    ],
    "late": [
        fill("b", "Sell", "1", "110", at="2026-01-01T00:01:00Z"),
        fill("a", "Buy", "3", "100"),
    ],
    "hedge": [leg("LONG", "Buy"), leg("short", "Sell", "s")],
    "hedge-by-number": [
        fill("a", "Buy", "2", "100", mode="1"),
        fill("b", "Sell", "2", "100", mode="2"),
    ],
    "both": [fill("a", "Buy", "2", "100", position_side="BOTH")],
    "no-side": [fill("a", "Buy", "2", "100", position_side="")],
    # Of these the release knew no leg.
    "long-with-a-blank": [leg("Long ", "Buy")],
    "l": [leg("L", "Buy"), leg("L", "Sell", "b")],
    "hedge_short": [without(leg("hedge_short", "Sell"), "order_id")],
    "hedge_long-without-ids": [without(leg("hedge_long", "Buy"), "execution_id")],
    "fee-in-another-currency": [fill("a", "Buy", "1", "100", "0.01", fee_currency="BNB")],
    "fee-without-a-rate": [fill("a", "Buy", "1", "100", "0.01", fee_currency="NEWCOIN")],
    "fee-in-the-settlement-currency": [fill("a", "Buy", "1", "100", "0.01", fee_currency="usdt")],
    "fee-in-the-base-asset": [fill("a", "Buy", "1", "100", "0.01", fee_currency="BTC")],
    "spot-fee": [
        fill("a", "Buy", "1", "100", "0.01", asset="SPOTUSDT", fee_currency="SPOT"),
        total("o", "2", "101", "0.02", asset="SPOTUSDT", fee_currency="SPOT"),
    ],
    "inverse": [fill("a", "Buy", "1000", "50000", "0.00001", asset="INVUSD", fee_currency="INV")],
    "assumed": [
        fill("a", "Buy", "1000", "50000", "5", asset="BTCUSD", fee_currency="USDT"),
        fill("b", "Sell", "1000", "50000", "5", asset="BTCUSD"),
        without(
            fill("c", "Buy", "1", "50000", "5", asset="BTCUSD", fee_currency="USDT"), "order_id"
        ),
    ],
    "total": [
        total("o", "2", "100", "0.2"),
        status("o", "filled", "9", "101.33333333", "0.9"),
    ],
    "assumed-total": [
        total("o", "2", "100", "0.2", asset="BTCUSD", fee_currency="USDT"),
        total("o", "3", "100", "0.3", asset="BTCUSD", fee_currency="USDT"),
    ],
    "total-without-fee": [total("o", "2", "100", None), total("o", "4", "100", "0.4")],
    "total-in-another-currency": [total("o", "2", "100", "0.01", fee_currency="BNB")],
    "total-of-a-leg": [total("o", "2", "100", "0.2", position_side="LONG")],
    "total-without-created_at": [total("o", "2", "100", "0.2", created_at=None)],
    "total-of-an-order-by-its-id": [total("f9ab", "2", "100")],
    "totals-in-a-rising-and-falling-market": [
        total("o", "2", "100.12345678"),
        total("o", "2.5", "98.7"),
        total("o", "7", "104.00000001"),
    ],
    "total-then-its-executions": [
        total("o", "2", "100", "0.2"),
        fill("a", "Buy", "1", "99", "0.1", order_id="o"),
        fill("b", "Buy", "1", "101", "0.1", order_id="o"),
    ],
    "total-then-more-executions": [
        total("o", "2", "100", "0.2"),
        fill("a", "Buy", "1.5", "99", "0.1", order_id="o"),
        fill("b", "Buy", "1.5", "101", "0.1", order_id="o"),
    ],
    "executions-then-their-total": [
        fill("a", "Buy", "1", "99", "0.1", order_id="o"),
        total("o", "3", "100", "0.3"),
    ],
    "executions-in-BNB-then-their-total": [
        fill("a", "Buy", "1", "99", "0.1", order_id="o", fee_currency="BNB"),
        total("o", "3", "100", "0.3", fee_currency="BNB"),
        fill("b", "Buy", "2", "99", "0.1", order_id="o", fee_currency="BNB"),
    ],
    "order-that-begins-again": [
        total("5", "2", "100", created_at="2025-12-01T10:00:00"),
        total("5", "3", "100", created_at="2025-12-31T10:00:00"),
    ],
    "funding": [funding("f", "-1.25"), funding("g", "0.5", mode="0")],
    "funding-of-a-leg": [funding("f", "-1.25", position_side="LONG")],
    "bust": [fill("a", "Buy", "1", "100"), fill("b", "Buy", "2", "101"), bust("a")],
    "bust-of-a-named-fill": [
        fill("a", "Buy", "1", "100"),
        fill("b", "Buy", "2", "101"),
        bust("a", order_id="order-a", asset="BTCUSDT", side="Buy"),
    ],
    "bust-by-identity": [
        total("o", "2", "100"),
        bust(None, identity="order:o:2", trace_id="bust"),
    ],
    "bust-before-its-fill": [bust("a"), fill("b", "Buy", "2", "101"), fill("a", "Buy", "1", "100")],
    "correction": [
        fill("a", "Buy", "1", "100", "0.1"),
        correction("a", execution_price="101", execution_fees="0.2"),
    ],
    "correction-then-bust": [
        fill("a", "Buy", "1", "100"),
        fill("b", "Sell", "1", "90"),
        correction("a", side="Sell", execution_quantity="3"),
        bust("a"),
    ],
    "correction-of-funding": [funding("f", "-1"), fill("a", "Buy", "1", "100")],
    # What the release accepted, and is refused today.
    "zero-time": [fill("a", "Buy", "1", "100", at=EXPIRED)],
    "total-of-zero-time": [total("o", "2", "100") | {"timestamp": EXPIRED}],
    "control-characters": [fill("a\u0085", "Buy", "1", "100", order_id="o\u202e")],
    "trace-with-a-control-character": [fill("a", "Buy", "1", "100", trace_id="t\u0007")],
}

# Orders that the release fills in part, and that go on after the upgrade: the messages before and
# after it, the outcomes of the latter, the quantity and the fees as charged.
CONTINUED: dict[str, tuple[Messages, Messages, list[str], str, str]] = {
    "totals": (
        [total("o", "2", "100", "0.2")],
        [total("o", "5", "101", "0.5"), total("o", "2", "100", "0.2")],
        ["applied", "duplicate"], "5", "0.5",
    ),
    "totals-in-usdt": (
        [total("o", "2", "100", "0.2", asset="BTCUSD", fee_currency="USDT")],
        [total("o", "5", "101", "0.5", asset="BTCUSD", fee_currency="USDT")],
        ["applied"], "5", "0.5",
    ),
    "totals-in-another-currency": (
        [total("o", "2", "100", "0.2", fee_currency="NEWCOIN")],
        [total("o", "5", "101", "0.5", fee_currency="NEWCOIN"), total("o", "6", "101", "0.1")],
        ["applied", "applied"], "6", "0.6",
    ),
    "executions-then-a-total": (
        [fill("a", "Buy", "1", "100", "0.1", order_id="o")],
        [total("o", "3", "100", "0.3")],
        ["applied"], "3", "0.3",
    ),
    "a-total-then-executions": (
        [total("o", "2", "100", "0.2")],
        [
            fill("a", "Buy", "1", "100", "0.1", order_id="o"),
            fill("b", "Buy", "1", "100", "0.1", order_id="o"),
            fill("c", "Buy", "1", "100", "0.1", order_id="o"),
        ],
        ["duplicate", "duplicate", "applied"], "3", "0.3",
    ),
    "an-execution-with-its-order": (
        [without(fill("a", "Buy", "1", "100", "0.1"), "order_id")],
        [fill("a", "Buy", "1", "100", "0.1", order_id="o"), total("o", "3", "100", "0.3")],
        ["duplicate", "applied"], "3", "0.3",
    ),
    "an-execution-without-its-order": (
        [fill("a", "Buy", "1", "100", "0.1", order_id="o")],
        [without(fill("a", "Buy", "1", "100", "0.1"), "order_id")],
        ["duplicate"], "1", "0.1",
    ),
    "another-trace": (
        [fill("a", "Buy", "1", "100", "0.1")],
        [fill("a", "Buy", "1", "100", "0.1", trace_id="again")],
        ["duplicate"], "1", "0.1",
    ),
    "a-bust-of-before": (
        [fill("a", "Buy", "1", "100", "0.1"), fill("b", "Buy", "2", "100", "0.2")],
        [bust("a"), bust("a")],
        ["applied", "duplicate"], "2", "0.2",
    ),
    "a-bust-that-waits": (
        [bust("a"), fill("b", "Buy", "2", "100", "0.2")],
        [fill("a", "Buy", "1", "100", "0.1")],
        ["applied"], "2", "0.2",
    ),
    # What the release took for a conflict.
    "a-self-trade": (
        [fill("a", "Buy", "2", "100", "0.1"), fill("a", "Sell", "2", "100", "0.1")],
        [fill("a", "Sell", "2", "100", "0.1")],
        ["applied"], "0", "0.2",
    ),
}  # fmt: skip
INSTRUMENTS: list[dict[str, Any]] = [
    {"asset": "SPOTUSDT", "kind": "spot"},
    {"asset": "INVUSD", "kind": "inverse", "multiplier": "1", "settlement_currency": "INV"},
]
# Requests of the API, all of one account, with the outcomes in their answers.
REQUESTS: list[tuple[str, dict[str, Any]]] = [
    ("record_fills", {"fills": [fill("api", "Buy", "3", "100", "0.1", account="requests")]}),
    (
        "record_funding",
        {
            "funding_id": "f",
            "asset": "BTCUSDT",
            "amount": "1.5",
            "account": "requests",
            "executed_at": "2026-01-01T08:00:00Z",
        },
    ),
    (
        "record_transfer",
        {
            "transfer_id": "t",
            "asset": "BTCUSDT",
            "quantity": "1",
            "from_account": "requests",
            "to_account": "receiver",
        },
    ),
    (
        "import_positions",
        {
            "account": "imported",
            "positions": [
                {
                    "id": "x",
                    "asset": "BTCUSDT",
                    "mode": "one-way",
                    "size": "2",
                    "average_entry_price": "100",
                    "current_price": "110",
                    "realized_pnl": "12.5",
                    "long_size": None,
                    "short_size": None,
                    "version": 7,
                    "last_updated": "2026-01-02T00:00:00Z",
                    "closed_at": None,
                }
            ],
        },
    ),
]

# Reports of the venue, by account, and what its position needs review for: by what the release
# flagged, and by what only the present one does.
REPORTS: dict[str, tuple[Messages, Messages, list[str]]] = {
    "size": ([fill("a", "Buy", "1", "100")], [snake("3", "100", 2)], ["size_differs"]),
    "average": (
        [fill("a", "Buy", "1", "100"), fill("b", "Buy", "1", "100", at="2026-01-01T00:03:00Z")],
        [snake("1", "90", 2)],
        ["average_differs"],
    ),
    "adjusted": ([fill("a", "Buy", "1", "100")], [snake("1", "120", 2)], []),
    "unknown": ([], [snake("2", None, 1)], ["unexplained_position"]),
    "unknown-leg": ([], [snake("-2", None, 1, "short")], ["unexplained_position"]),
    "adopted": ([], [snake("2", "100", 1)], []),
    "equal": ([fill("a", "Buy", "1", "100")], [snake("1", "100", 2)], []),
    "crossed": ([leg("LONG", "Sell")], [], ["wrong_side"]),
    "unconfirmed": ([fill("a", "Buy", "1", "9", asset="BTCUSD")], [], ["assumed_instrument"]),
    "without-a-rate": (
        [fill("a", "Buy", "1", "100", "0.01", fee_currency="NEWCOIN")],
        [],
        ["unconverted_fee"],
    ),
}
PRICES = [
    ticker("100", "2026-02-01T00:00:00Z"),
    ticker("101", "2026-02-01T00:00:01Z"),
    ticker("600", "2026-02-01T00:00:02Z", "BNBUSDT"),
]
