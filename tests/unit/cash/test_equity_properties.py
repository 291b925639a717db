"""Equity and its return against an independent computation, to the digit."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.helpers.ledger import Ledger, fill, funding, ticker
from tests.helpers.soak import sized

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
# A step of the timeline: a price has a minute of its own, so that it is known exactly.
STEP = timedelta(hours=5, minutes=7)
TWELVE = Decimal("1e-12")

# Products of two of them are exact: the ledger rounds values to 18 places.
SIX = Decimal("1e-6")
amounts = st.decimals("0.000001", "5000", places=6)
Action = tuple[str, Decimal, Decimal]


@st.composite
def actions(draw: st.DrawFn) -> Action:
    kind = draw(
        st.sampled_from(
            ["buy", "sell", "price", "rate", "deposit", "withdrawal", "interest", "out", "in",
             "funding", "euro"]
        )
    )  # fmt: skip
    share = draw(st.decimals("-0.3", "0.3", places=3))
    return kind, draw(amounts), share


@dataclass
class Desk:
    """What an account has, computed from its cash flows alone."""

    cash: dict[str, Decimal] = field(default_factory=lambda: {"USDT": Decimal(0)})
    paid: Decimal = Decimal(0)
    size: Decimal = Decimal(0)
    price: Decimal = Decimal(100)
    rate: Decimal = Decimal("1.1")
    # Equity before and after each flow from outside.
    spans: list[tuple[Decimal, Decimal]] = field(default_factory=list)

    @property
    def equity(self) -> Decimal:
        euros = self.cash.get("EUR", Decimal(0)) * self.rate
        return self.cash["USDT"] + euros + self.paid + self.size * self.price

    def flow(self, currency: str, amount: Decimal) -> None:
        before = self.equity
        self.cash[currency] = self.cash.get(currency, Decimal(0)) + amount
        self.spans.append((before, self.equity))

    @property
    def time_weighted(self) -> Decimal | None:
        """The product over the sub-periods, less 1; None where one has no return."""
        ends = [before for before, _ in self.spans[1:]] + [self.equity]
        starts = [after for _, after in self.spans]
        growth, counted = Decimal(1), False
        for start, end, is_last in zip(
            starts, ends, [*itertools.repeat(False, len(ends) - 1), True], strict=True
        ):
            if start < 0 or (end < 0 and not is_last):
                return None
            if start > 0:
                growth, counted = growth * end / start, True
        return (growth - 1).quantize(TWELVE, ROUND_HALF_UP) if counted else None


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    with localcontext(prec=400):
        yield


@settings(
    max_examples=sized(10, 250),
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(actions(), min_size=1, max_size=14), st.integers(0, 13))
def test_equity_and_return_are_those_of_the_cash_flows(
    ledger: Ledger, counter: Iterator[int], steps: list[Action], looked_at: int
) -> None:
    number = next(counter)
    account, asset, euro = f"desk-{number}", f"T{number}USDT", f"E{number}"
    desk, seen = Desk(), {}
    when = BEGINNING
    for name, price in ((asset, desk.price), (f"{euro}USDT", desk.rate)):
        ledger.price(ticker(str(price), when.isoformat(), name))
    for place, (kind, amount, share) in enumerate([("deposit", Decimal(1000), Decimal(0)), *steps]):
        when += STEP
        at = when.isoformat()
        perform(ledger, desk, (kind, amount, share), f"{place}", at, account, asset, euro)
        seen[at] = (desk.equity, desk.time_weighted)

    now = ledger.call("get_portfolio", account=account)
    assert Decimal(now["equity_usdt"]) == desk.equity
    assert now["return"] == shown(desk.time_weighted)
    moment = list(seen)[looked_at % len(seen)]
    then = ledger.call("get_portfolio", account=account, as_of=moment)
    assert Decimal(then["equity_usdt"]) == seen[moment][0]
    assert then["return"] == shown(seen[moment][1])
    days = ledger.call("get_pnl_by_period", account=account, time_zone="UTC", page_limit="1000")
    for day in days["periods"]:
        parts = ("opening_equity", "net_pnl", "flows", "interest", "cash_conversion")
        assert Decimal(day["closing_equity_usdt"]) == sum(
            Decimal(day[f"{part}_usdt"]) for part in parts
        )
    assert Decimal(days["periods"][0]["closing_equity_usdt"]) == desk.equity


@pytest.fixture
def counter() -> Iterator[int]:
    return itertools.count()


def shown(ratio: Decimal | None) -> str | None:
    if ratio is None:
        return None
    text = f"{ratio:f}".rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def perform(
    ledger: Ledger,
    desk: Desk,
    action: Action,
    name: str,
    at: str,
    account: str,
    asset: str,
    euro: str,
) -> None:
    """One action, in the service and in the independent account."""
    kind, amount, share = action
    move = {"amount": str(amount), "effective_at": at}
    if kind in ("buy", "sell"):
        quantity = amount if kind == "buy" else -amount
        price, fee = (desk.price * (1 + share)).quantize(SIX), share
        message = fill(name, kind, amount, price, fee, asset, at, account=account)
        assert ledger.apply(message) == ["applied"]
        desk.size += quantity
        desk.paid -= quantity * price + fee
    elif kind == "funding":
        message = funding(name, str(share), at, asset, account=account)
        assert ledger.apply(message) == ["applied"]
        desk.paid += share
    elif kind in ("price", "rate"):
        changed = f"{euro}USDT" if kind == "rate" else asset
        price = (desk.rate if kind == "rate" else desk.price) * (1 + share)
        price = price.quantize(SIX)
        assert ledger.price(ticker(str(price), at, changed)) == ["applied"]
        if kind == "rate":
            desk.rate = price
        else:
            desk.price = price
    elif kind in ("out", "in"):
        pair = (account, f"{account}-b") if kind == "out" else (f"{account}-b", account)
        moved = ledger.call(
            "transfer_cash", transfer_id=name, currency="USDT",
            from_account=pair[0], to_account=pair[1], **move,
        )  # fmt: skip
        assert moved["outcome"] == "applied"
        desk.flow("USDT", -amount if kind == "out" else amount)
    else:
        recorded = ledger.call(
            "record_cash", cash_id=name, account=account,
            kind="deposit" if kind == "euro" else kind,
            currency=euro if kind == "euro" else "USDT", **move,
        )  # fmt: skip
        assert recorded["outcome"] == "applied"
        if kind == "interest":
            desk.cash["USDT"] += amount
        elif kind == "euro":
            desk.flow("EUR", amount)
        else:
            desk.flow("USDT", amount if kind == "deposit" else -amount)
