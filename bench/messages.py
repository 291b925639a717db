"""Messages for benchmarks: order events of both shapes, one fill each, in order; tickers."""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from position_manager.simulation import shapes

ASSETS = 40
STRATEGIES = 3
# The account of messages that name none.
MAIN = "main"
BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
STEP = timedelta(milliseconds=1)
# Number of orders open at once when totals are sent.
ORDERS = 100

# An account and an asset.
Leg = tuple[str, str]


def executions(count: int, assets: int = ASSETS, first: int = 0) -> list[str]:
    """`count` executions, the second shape of the contract, numbered from `first`."""
    return executions_of(((MAIN, asset(n % assets)) for n in range(first, first + count)), first)


def booked(count: int) -> list[str]:
    """`count` executions of strategies, each of which trades assets of its own."""
    strategies = itertools.cycle(f"strategy-{n % STRATEGIES}" for n in range(ASSETS))
    return [
        shapes.encoded(json.loads(text) | {"strategy": strategy}).decode()
        for text, strategy in zip(executions(count), strategies, strict=False)
    ]


def executions_of(
    legs: Iterable[Leg], first: int = 0, begin: datetime = BEGIN, step: timedelta = STEP
) -> list[str]:
    """An execution of each leg, in order, numbered from `first`: each a step after the other."""
    return [
        _execution(number, leg, begin + number * step) for number, leg in enumerate(legs, first)
    ]


def execution_at(executed_at: datetime) -> str:
    """An execution of the first asset, of some moment."""
    return _execution(0, (MAIN, asset(0)), executed_at)


def tickers(count: int, assets: int = ASSETS, first: int = 0) -> list[str]:
    """Tickers without a time, so they count as current; each price moves by a cent."""
    return [
        ticker(asset(number % assets), 101 + Decimal(number // assets % 100) / 100)
        for number in range(first, first + count)
    ]


def ticker(symbol: str, price: Decimal) -> str:
    """A ticker without a time."""
    payload = {"symbol": symbol, "mark_price": str(price)}
    return shapes.encoded({"event_type": "ticker", "payload": payload}).decode()


def asset(number: int) -> str:
    """The name of an asset."""
    return f"BENCH{number:03}USDT"


def _execution(number: int, leg: Leg, executed_at: datetime) -> str:
    account, symbol = leg
    order_id = str(uuid.uuid4())
    # Three buys for two sells: positions open, grow, shrink and flip.
    side = "SELL" if number * 7 % 5 < 2 else "BUY"
    price, quantity = 100 + Decimal(number % 997) / 100, 1 + Decimal(number % 13) / 10
    amounts = (price, quantity, Decimal("0.05500000"))
    body = shapes.execution(f"bench-{number}", order_id, symbol, side, amounts, executed_at)
    body |= {"execution_id": str(uuid.uuid4())}
    return shapes.encoded(body if account == MAIN else body | {"account": account}).decode()


def totals(count: int, assets: int = ASSETS, first: int = 0) -> list[str]:
    """`count` status events, the first shape; each order sends two, the second an increment.

    Their times follow those of `first` executions.
    """
    texts: list[str] = []
    while len(texts) < count:
        orders = [_order(len(texts) + number, assets) for number in range(ORDERS)]
        for status, filled in (("partially_filled", Decimal("0.4")), ("filled", Decimal(1))):
            texts += [
                _total(order, status, filled, BEGIN + (first + len(texts) + place) * STEP)
                for place, order in enumerate(orders)
            ]
    return texts[:count]


def _order(number: int, assets: int) -> dict[str, object]:
    return {
        "id": str(uuid.uuid4()),
        "order_id": str(uuid.uuid4()),
        "asset": asset(number % assets),
        "side": "Sell" if number * 7 % 5 < 2 else "Buy",
        "order_type": "Limit",
        "quantity": Decimal(1),
        "price": Decimal("101.50"),
        "created_at": BEGIN,
        "is_dry_run": False,
    }


def _total(order: dict[str, object], status: str, quantity: Decimal, at: datetime) -> str:
    ids = {"event_id": str(uuid.uuid4()), "trace_id": f"bench-{order['order_id']}"}
    filled = (quantity, 100 + quantity, quantity / 10)
    done = at if status == "filled" else None
    return shapes.encoded(shapes.status_event(ids, order, status, filled, at, done)).decode()
