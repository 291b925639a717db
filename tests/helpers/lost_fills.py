"""Every way in which a fill, total, amendment, report or price does not count as it was sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.helpers.harness import ORDER_EVENTS, PRICES, VENUE_POSITIONS

# A message for a queue, or a command. {source} stands for that of the reason, {discrepancy} for the
# id in its detail.
Step = tuple[str, bytes] | str


@dataclass(frozen=True)
class Case:
    """A message, the reason for review that it makes, and its remedy."""

    code: str
    sent: Sequence[Step]
    settled: Sequence[Step]
    before: Sequence[Step] = ()
    account: str = "main"
    # Where it is not the asset of the case.
    asset: str = ""
    # A name and its value, meanwhile.
    setting: tuple[str, str] | None = None


def body(message: dict[str, Any]) -> bytes:
    return json.dumps(message).encode()


def fill(asset: str, name: str = "lost", /, **changed: Any) -> dict[str, Any]:
    """A purchase of one unit at 100."""
    return {
        "event_type": "order_executed",
        "execution_id": f"{asset}-{name}",
        "order_id": f"{asset}-order-{name}",
        "asset": asset,
        "side": "buy",
        "execution_quantity": "1",
        "execution_price": "100",
        "executed_at": "2026-01-01T00:00:00Z",
        "trace_id": name,
    } | changed


def order(asset: str, name: str = "lost", /, **changed: Any) -> Step:
    return ORDER_EVENTS, body(fill(asset, name, **changed))


def total(asset: str, quantity: str, average: str) -> Step:
    details = {
        "order_id": f"{asset}-total", "asset": asset, "side": "buy", "status": "partially_filled",
        "filled_quantity": quantity, "average_price": average,
    }  # fmt: skip
    return ORDER_EVENTS, body({"event_type": "order_status", "order": details})


def amendment(asset: str, event_type: str, name: str = "lost", /, **changed: Any) -> Step:
    return ORDER_EVENTS, body({
        "event_type": event_type, "execution_id": f"{asset}-{name}", "asset": asset,
        "correction_id": f"{asset}-correction", "timestamp": "2026-02-01T00:00:00Z",
    } | changed)  # fmt: skip


def report(asset: str, size: str, minute: int = 5, **changed: Any) -> Step:
    payload = {
        "symbol": asset, "size": size, "side": "" if size == "0" else "Buy", "mode": 0,
        "timestamp": f"2026-01-01T00:{minute:02}:00Z",
    }  # fmt: skip
    return VENUE_POSITIONS, body({"event_type": "position", "payload": payload | changed})


def tick(asset: str, price: str, minute: int) -> Step:
    payload = {"symbol": asset, "mark_price": price, "timestamp": f"2026-01-01T00:{minute:02}:00Z"}
    return PRICES, body({"event_type": "ticker", "payload": payload})


def raw(asset: str, **parts: bytes) -> Step:
    """A fill with another end, or whole in another form."""
    text = parts.get("whole", body(fill(asset))[:-1] + parts.get("end", b"}"))
    return ORDER_EVENTS, text


DROP = ("dead-letters drop {source}",)
RETRY = ("dead-letters retry {source}",)


def refused(*sent: Step, settled: Sequence[Step] = DROP, **more: Any) -> Case:
    return Case("rejected_message", sent, settled, **more)


# By kind, for an asset.
CASES: dict[str, Callable[[str], Case]] = {
    "a price that is none": lambda a: refused(order(a, execution_price="-1")),
    "a quantity that is none": lambda a: refused(order(a, execution_quantity="1e30")),
    "a side that is none": lambda a: refused(order(a, side="HOLD")),
    "a leg that is none": lambda a: refused(order(a, position_side="sideways")),
    "an event that is none": lambda a: refused(order(a, event_type="position_opened")),
    "no id": lambda a: refused(order(a, execution_id="", order_id="")),
    "an id that is none": lambda a: refused(order(a, execution_id="x" * 200)),
    "a zero time": lambda a: refused(order(a, executed_at="0001-01-01T00:00:00Z")),
    "a time in the future": lambda a: refused(order(a, executed_at="9999-01-01T00:00:00Z")),
    "the asset in another field": lambda a: refused(order(a, asset=None, symbol=a)),
    "a second fill of a position": lambda a: refused(
        order(a, side="HOLD"), before=[order(a, "held")]
    ),
    "funding without a time": lambda a: refused(
        (ORDER_EVENTS, body({
            "event_type": "funding", "funding_id": a, "asset": a, "amount": "1",
        }))
    ),
    "a total that is none": lambda a: refused(total(a, "1", "-5")),
    "NaN": lambda a: refused(order(a, execution_price=float("nan"))),
    "a repeated key": lambda a: refused(raw(a, end=b', "side": "sell"}')),
    "a number out of range": lambda a: refused(raw(a, end=b', "note": 1e999}')),
    "bytes that are no UTF-8": lambda a: refused(raw(a, end=b', "note": "\xff"}')),
    "a character that is impossible": lambda a: refused(raw(a, end=b', "note": "\\u0000"}')),
    "a message that is cut": lambda a: refused(raw(a, end=b', "note": "cu')),
    "a list of one message": lambda a: refused(raw(a, whole=b"[" + body(fill(a)) + b"]")),
    "UTF-16": lambda a: refused(raw(a, whole=json.dumps(fill(a)).encode("utf-16"))),
    "an oversized message": lambda a: refused(
        raw(a, end=b', "note": "' + b"x" * 300_000 + b'"}')
    ),
    "another producer's account": lambda a: refused(
        order(a, account="other"), settled=RETRY, account="other"
    ),
    "an instrument that nobody has defined": lambda a: refused(
        order(a), settled=[f"instruments define {a}", *RETRY],
        setting=("unknown_instruments", "refuse"),
    ),
    "an alias": lambda a: refused(
        order(f"{a[:-4]}/USDT", side="HOLD"),
        before=[f"instruments alias {a[:-4]}/USDT {a}", order(a, "held")],
    ),
    "a correction that is none": lambda a: refused(
        amendment(a, "trade_corrected", "held", asset=None, execution_price="x"),
        before=[order(a, "held")],
    ),
    "a correction that is none, before its fill": lambda a: refused(
        amendment(a, "trade_corrected", execution_price="x")
    ),
    "a split that is none": lambda a: refused(
        (ORDER_EVENTS, body({
            "event_type": "corporate_action", "action_id": a, "action": "split", "asset": a,
            "ratio": "two", "effective_at": "2026-01-02T00:00:00Z",
        })),
        before=[order(a, "held")],
    ),
    "a bust before its fill": lambda a: Case(
        "pending_fill", [amendment(a, "trade_busted")], [order(a)]
    ),
    "a correction before its fill": lambda a: Case(
        "pending_fill", [amendment(a, "trade_corrected", execution_price="90")],
        [f"amendments drop correction:{a}-correction"],
    ),
    "a bust of a leg before its fill": lambda a: Case(
        "pending_fill", [amendment(a, "trade_busted")],
        [order(a, mode="hedge", position_side="long")],
        before=[order(a, "held", side="sell", mode="hedge", position_side="short")],
    ),
    "a contradiction, kept": lambda a: Case(
        "identity_conflict", [order(a, execution_quantity="2")], ["conflicts keep {source}"],
        before=[order(a)],
    ),
    "a contradiction, taken": lambda a: Case(
        "identity_conflict", [order(a, execution_quantity="2")], ["conflicts take {source}"],
        before=[order(a)],
    ),
    "a correction that contradicts another": lambda a: Case(
        "identity_conflict", [amendment(a, "trade_corrected", execution_price="91")],
        ["conflicts keep {source}"],
        before=[order(a), amendment(a, "trade_corrected", execution_price="90")],
    ),
    "a fill without ids that may be a repeat": lambda a: Case(
        "suspected_repeat", [order(a, execution_id=None, trace_id="again")],
        ["repeats count {source}"],
        before=[order(a, execution_id=None)],
    ),
    "an execution without its order that may be a repeat": lambda a: Case(
        "suspected_repeat", [order(a, order_id=None, execution_quantity="3")],
        ["repeats drop {source}"],
        before=[order(a), order(a, order_id=f"{a}-2", execution_quantity="2")],
    ),
    "a total that contradicts the one before": lambda a: Case(
        "inconsistent_total", [total(a, "2", "10")], [total(a, "3", "100")],
        before=[total(a, "1", "100")],
    ),
    "a fee that is none": lambda a: Case(
        "unread_fee", [order(a, execution_fees="free")],
        [f"fills correct {a}-lost --correction-id {a} --fee 0.1"],
    ),
    "a report that is none": lambda a: Case(
        "rejected_report", [report(a, "many")], [report(a, "0", 6)]
    ),
    "a report with an average that is none": lambda a: Case(
        "unread_report", [report(a, "1", avg_price="x")], [report(a, "1", 6, avg_price="100")],
        before=[order(a)],
    ),
    "fills in another mode than the reports": lambda a: Case(
        "mode_mismatch", [report(a, "1", mode=1)], [f"move-fills {a} --to hedge --id {a}"],
        before=[order(a)],
    ),
    "a close that nobody reported": lambda a: Case(
        "size_differs", [report(a, "0")], ["discrepancies accept {source} --price 80"],
        before=[order(a)],
    ),
    "a close at an unknown price": lambda a: Case(
        "unknown_close", ["discrepancies accept {source}"],
        ["discrepancies accept {discrepancy} --price 80"],
        before=[order(a), report(a, "0")],
    ),
    "a price that jumped": lambda a: Case(
        "held_price", [tick(a, "1", 2)], [f"prices drop {a}"],
        before=[order(a), tick(a, "100", 1)],
    ),
    "a fill in a coin that nobody has defined": lambda a: Case(
        "assumed_instrument", [order(f"{a[:-4]}USD")],
        [f"instruments define {a[:-4]}USD --kind inverse --settlement {a[:-4]}"],
        asset=f"{a[:-4]}USD",
    ),
}  # fmt: skip
