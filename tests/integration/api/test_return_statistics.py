"""GET /api/v1/statistics: the daily returns, as an independent library has them."""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal as D
from itertools import groupby
from typing import Any

import empyrical
import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.helpers.service import Service
from tests.helpers.soak import sized

FIRST = date(2026, 1, 10)
CAPITAL, PRICE, ENTRY = D(100_000), D(1_000_000), D(10_000)
Days = Sequence[tuple[D, D]]


@dataclass(frozen=True)
class Traded:
    """An account that trades from the 10th of January on, and begins with 100,000 USDT.

    It holds 1 of an asset since then, and closes a position each day.
    """

    account: str
    days: Days
    """What each day realizes, and what it adds to the value of the held asset."""
    capital: tuple[int, D] | None
    """The day from which the account has another capital."""

    def record(self, service: Service) -> None:
        service.query("SELECT api.set_capital(%s, %s, %s)", CAPITAL, self.account, FIRST)
        if self.capital is not None:
            day, amount = self.capital
            service.query("SELECT api.set_capital(%s, %s, %s)", amount, self.account, self.on(day))
        traded, held, price = f"T{self.account}USDT", f"H{self.account}USDT", PRICE
        fills, prices = [self.fill("held", held, "buy", PRICE, 0)], []
        for number, (realized, added) in enumerate(self.days):
            price += added
            prices.append({"asset": held, "price": f"{price:f}", "timestamp": self.at(number)})
            fills += [
                self.fill(f"{number}-in", traded, "buy", ENTRY, number),
                self.fill(f"{number}-out", traded, "sell", ENTRY + realized, number),
            ]
        for path, body in (("fills", fills), ("prices", prices)):
            answer = service.post(f"/api/v1/{path}", json=body)
            assert answer.status_code == 200, answer.text
            # Of the prices of one request, the newest makes the others stale.
            assert answer.json()["rejected"] == 0, answer.text

    def fill(self, name: str, asset: str, side: str, price: D, day: int) -> dict[str, str]:
        return {
            "execution_id": f"{self.account}-{name}", "account": self.account, "asset": asset,
            "side": side, "quantity": "1", "price": f"{price:f}", "executed_at": self.at(day),
        }  # fmt: skip

    def on(self, day: int) -> date:
        return FIRST + timedelta(days=day)

    def at(self, day: int) -> str:
        return f"{self.on(day)}T12:00:00Z"

    def returns(self) -> dict[date, float]:
        """The return of each day with an equity before it."""
        found, earned = {}, D(0)
        for number, gains in enumerate(self.days):
            is_new = self.capital is not None and number >= self.capital[0]
            equity = earned + (self.capital[1] if is_new and self.capital else CAPITAL)
            earned += sum(gains)
            found[self.on(number)] = float(sum(gains) / equity)
        return found


def expected(returns: Sequence[float], year: int, risk_free: float) -> dict[str, float | None]:
    """What the library says; null where that is no number."""
    series, free = np.array(returns), risk_free / year
    found = {
        "mean_return": np.mean(series),
        "standard_deviation": np.std(series, ddof=1) if len(series) > 1 else math.nan,
        "total_return": empyrical.cum_returns_final(series),
        "annual_return": empyrical.annual_return(series, annualization=year),
        "sharpe": empyrical.sharpe_ratio(series, free, annualization=year),
        "sortino": empyrical.sortino_ratio(series, free, annualization=year),
        "calmar": empyrical.calmar_ratio(series, annualization=year),
        "max_drawdown": -empyrical.max_drawdown(series),
    }
    return {name: float(it) if math.isfinite(it) else None for name, it in found.items()}


def assert_equal(row: dict[str, Any], returns: Sequence[float], year: int, free: float) -> None:
    for name, wanted in expected(returns, year, free).items():
        shown = None if row[name] is None else float(row[name])
        close = None if wanted is None else pytest.approx(wanted, rel=1e-9, abs=1e-9)
        assert shown == close, name
    assert (row["days"], row["winning_days"], row["losing_days"]) == (
        len(returns), sum(each > 0 for each in returns), sum(each < 0 for each in returns)
    )  # fmt: skip
    assert row["complete"] is True
    drawdowns = empyrical.stats.drawdown_series(np.array(returns))
    assert row["max_drawdown_days"] == spell(drawdowns)


def spell(drawdowns: np.ndarray[Any, Any]) -> int | None:
    """The days in a row below the peak, with the deepest among them."""
    deepest = int(np.argmin(drawdowns))
    below = [(at, drawdown < -1e-15) for at, drawdown in enumerate(drawdowns)]
    for is_below, each in groupby(below, key=lambda it: it[1]):
        days = [at for at, _ in each]
        if is_below and deepest in days:
            return len(days)
    return None


def statistics(service: Service, traded: Traded, **asked: str) -> list[dict[str, Any]]:
    answer = service.get(
        "/api/v1/statistics",
        params={"account": traded.account, "to": traded.at(len(traded.days) - 1), **asked},
    )
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["days"]
    return found


cents = st.integers(-80_000, 80_000).map(lambda it: D(it) / 100)
days = st.one_of(
    st.lists(st.tuples(cents, cents), min_size=1, max_size=60),
    # Without a losing day; and some without any gain.
    st.lists(st.tuples(cents.map(abs), st.just(D(0))), min_size=1, max_size=60),
    st.lists(
        st.tuples(st.sampled_from([D(0), D(-1), D("0.5")]), st.just(D(0))), min_size=1, max_size=9
    ),
)


@settings(max_examples=sized(25, 300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    days,
    st.none() | st.tuples(st.integers(1, 30), st.sampled_from([D(90_000), D(500_000)])),
    st.sampled_from([365, 252]),
    st.sampled_from(["0", "0.04", "-0.01"]),
)
@example([(D(1000), D(0)), (D(1010), D(0)), (D("1020.1"), D(0))], None, 365, "0")
@example([(D(-1000), D(0))], None, 365, "0")
@example([(D(0), D(0))] * 20, None, 365, "0")
def test_statistics_of_days_equal_those_of_the_library(
    service: Service, days: Days, capital: tuple[int, D] | None, year: int, risk_free: str
) -> None:
    traded = Traded(f"R{uuid.uuid4().hex[:12]}".lower(), days, capital)
    traded.record(service)
    returns, asked = traded.returns(), {"days_per_year": str(year), "risk_free": risk_free}

    [overall] = statistics(service, traded, **asked)
    by_month = statistics(service, traded, by="month", **asked)

    assert_equal(overall, list(returns.values()), year, float(risk_free))
    months = groupby(returns, key=lambda day: day.replace(day=1))
    assert [row["part"] for row in by_month] == sorted({str(it.replace(day=1)) for it in returns})
    for row, (_, of_month) in zip(by_month, months, strict=True):
        assert_equal(row, [returns[day] for day in of_month], year, float(risk_free))
