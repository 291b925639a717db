"""Totals in EUR, BTC and USD are those that a computation without the database gives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP, localcontext
from decimal import Decimal as D
from typing import Any

import psycopg
import pytest

from tests.helpers.ledger import Ledger, fill, funding, ticker

ZERO = D(0)
QUARTER = timedelta(minutes=15)
STALE = timedelta(seconds=300)
START = (datetime.now(UTC) - timedelta(days=3)).replace(hour=6, minute=0, second=0, microsecond=0)
# Settlement currencies.
SETTLED = {"BTCUSDT": "USDT", "BTCUSD": "BTC", "SOLEUR": "EUR", "ETHUSDT": "USDT"}
INVERSE = {"BTCUSD"}
# Minutes after START, asset, price; the last ones are of the present.
PRICES = [
    (1, "BTCUSDT", "50000"), (1, "EURUSDT", "1.08"), (1, "USDCUSDT", "0.9997"),
    (14, "BTCUSDT", "51000"), (14, "EURUSDT", "1.0921"), (14, "USDCUSDT", "1.0003"),
    (29, "BTCUSDT", "49000"), (29, "EURUSDT", "1.1043"), (29, "USDCUSDT", "1.0001"),
    (300, "BTCUSDT", "48000"), (300, "EURUSDT", "1.13"), (300, "USDCUSDT", "1"),
    (314, "BTCUSDT", "47500"), (314, "EURUSDT", "1.1111"), (314, "USDCUSDT", "0.9999"),
]  # fmt: skip
PRESENT = {
    "BTCUSDT": "53000", "EURUSDT": "1.1507", "USDCUSDT": "1.0002", "BTCUSD": "53010",
    "SOLEUR": "141.3", "ETHUSDT": "2999.5",
}  # fmt: skip
# Minutes after START, account, asset, signed quantity, price, fee.
FILLS: list[tuple[Any, ...]] = [
    (2, "one", "BTCUSDT", "1.5", "50010", "25"), (3, "one", "BTCUSD", "700", "50020", "0.00001"),
    (4, "two", "SOLEUR", "30", "130", "3.9"), (5, "two", "ETHUSDT", "-4", "3100", "6.2"),
    (10, "one", "BTCUSDT", "-0.4", "50990", "10.2"),
    (12, "one", "BTCUSD", "-300", "51010", "0.000004"),
    (20, "two", "SOLEUR", "-10", "137", "1.37"), (22, "two", "ETHUSDT", "4", "3007", "6"),
    (27, "one", "BTCUSD", "-900", "49010", "0.00002"),
    (305, "one", "BTCUSDT", "-0.6", "48010", "14"),
    (310, "two", "BTCUSDT", "-2", "47600", "47"),
]  # fmt: skip
FUNDING: list[tuple[Any, ...]] = [(11, "one", "BTCUSDT", "-7.31"), (26, "one", "BTCUSD", "0.00031")]


def minute(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


@pytest.fixture(autouse=True)
def exact() -> Iterator[None]:
    with localcontext(prec=80):
        yield


@dataclass
class Rates:
    """Every price that was sent: time, asset, price."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    sent: list[tuple[datetime, str, D]] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=lambda: {"USDUSDT": "USDCUSDT"})

    def newest(self, asset: str, at: datetime) -> tuple[datetime, D] | None:
        known = [(time, price) for time, name, price in self.sent if name == asset and time <= at]
        return max(known, default=None)

    def rate(self, currency: str, at: datetime) -> tuple[datetime, D] | None:
        if currency == "USDT":
            return (at, D(1))
        pair = f"{currency}USDT"
        return self.newest(self.aliases.get(pair, pair), at)

    def between(self, currency: str, other: str, at: datetime) -> D | None:
        if currency == other:
            return D(1)
        one, two = self.rate(currency, at), self.rate(other, at)
        return one[1] / two[1] if one and two else None


@dataclass
class Leg:
    """Average cost, with what each entry changed."""

    asset: str
    size: D = ZERO
    cost: D = ZERO
    # time, realized PnL, fees paid, fees of opening, funding.
    flows: list[tuple[datetime, D, D, D, D]] = field(default_factory=list)

    def value(self, quantity: D, price: D) -> D:
        exact = -quantity / price if self.asset in INVERSE else quantity * price
        return rounded(exact, 18)

    def trade(self, at: datetime, quantity: D, price: D, fee: D) -> None:
        closed = ZERO
        if self.size * quantity < 0:
            closed = min(abs(quantity), abs(self.size)).copy_sign(quantity)
        value = self.value(quantity, price)
        closing = value if closed == quantity else rounded(value * closed / quantity, 18)
        released = ZERO
        if closed:
            released = rounded(self.cost * abs(closed) / abs(self.size), 18)
        fee_close = rounded(fee * closed / quantity, 18)
        self.flows.append((at, -closing - released - fee_close, fee, fee - fee_close, ZERO))
        self.size += quantity
        self.cost += value - closing - released

    def fund(self, at: datetime, amount: D) -> None:
        self.flows.append((at, amount, ZERO, ZERO, amount))


def rounded(amount: D, places: int) -> D:
    return amount.quantize(D(1).scaleb(-places), ROUND_HALF_UP)


def closing(at: datetime, as_of: datetime) -> datetime:
    """The end of the quarter hour of an entry, or the present of the question."""
    start = at - timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)
    return as_of if start + QUARTER > as_of else start + QUARTER - timedelta(microseconds=1)


def legs(account: str | None, until: datetime) -> dict[tuple[str, str], Leg]:
    found: dict[tuple[str, str], Leg] = {}
    for at, who, asset, *rest in sorted([*FILLS, *FUNDING]):
        if minute(at) <= until and account in (None, who):
            leg = found.setdefault((who, asset), Leg(asset))
            if len(rest) == 1:
                leg.fund(minute(at), D(rest[0]))
            else:
                leg.trade(minute(at), *map(D, rest))
    return found


def expected(
    rates: Rates, currency: str, account: str | None, as_of: datetime
) -> dict[str, D | None]:
    """The totals, each sum rounded once."""
    sums = dict.fromkeys(
        ("exposure", "net", "unrealized", "realized", "fees", "opening", "funding", "present"), ZERO
    )
    for (_, asset), leg in legs(account, as_of).items():
        settled = SETTLED[asset]
        now = rates.between(settled, currency, as_of)
        assert now is not None
        if leg.size:
            price = rates.newest(asset, as_of)
            assert price is not None
            worth = leg.value(leg.size, price[1])
            sums["exposure"] += abs(worth) * now
            sums["net"] += worth * now
            sums["unrealized"] += (worth - leg.cost) * now
        for at, realized, fees, opening, paid in leg.flows:
            then = rates.between(settled, currency, closing(at, as_of))
            if then is not None:
                sums["realized"] += realized * then
                sums["fees"] += fees * then
                sums["opening"] += opening * then
                sums["funding"] += paid * then
                sums["present"] += realized * now
    of = {name: rounded(amount, 12) for name, amount in sums.items()}
    total = of["unrealized"] + of["realized"]
    return {
        "total_exposure": of["exposure"],
        "net_exposure": of["net"],
        "portfolio_value": of["net"],
        "total_unrealized_pnl": of["unrealized"],
        "total_realized_pnl": of["realized"],
        "total_pnl": total,
        "realized_net": of["realized"] - of["funding"],
        "fees": of["fees"],
        "funding": of["funding"],
        "net_pnl": total - of["opening"],
        "currency_effect": of["present"] - of["realized"],
    }


def amounts(reporting: dict[str, Any], names: dict[str, Any]) -> dict[str, D | None]:
    return {name: D(reporting[name]) if reporting[name] else None for name in names}


def send(ledger: Ledger, rates: Rates, at: datetime, asset: str, price: str) -> None:
    # An older price than the stored one is for the history.
    assert ledger.price(ticker(price, at.isoformat(), asset))[0] in ("applied", "stale")
    rates.sent.append((at, asset, D(price)))


@pytest.fixture
def mixed(ledger: Ledger) -> Rates:
    """Linear, inverse and spot; open and closed; in USDT, BTC and EUR."""
    rates = Rates()
    ledger.define("BTCUSD", kind="inverse", quote_currency="USD", settlement_currency="BTC")
    ledger.define("SOLEUR", kind="spot", quote_currency="EUR", settlement_currency="EUR")
    with ledger.operator.transaction():
        ledger.operator.execute("SELECT api.alias_instrument('USDUSDT', 'USDCUSDT')")
    for at, asset, price in PRICES:
        send(ledger, rates, minute(at), asset, price)
    for asset, price in PRESENT.items():
        send(ledger, rates, rates.now - timedelta(seconds=5), asset, price)
    for number, (at, account, asset, quantity, price, fee) in enumerate(FILLS):
        side = "Sell" if quantity.startswith("-") else "Buy"
        message = fill(
            str(number), side, quantity.lstrip("-"), price, fee, asset,
            minute(at).isoformat(), account=account,
        )  # fmt: skip
        assert ledger.apply(message) == ["applied"]
    for number, (at, account, asset, amount) in enumerate(FUNDING):
        paid = funding(str(number), amount, minute(at).isoformat(), asset, account=account)
        assert ledger.apply(paid) == ["applied"]
    return rates


def test_totals_match_an_independent_computation(
    mixed: Rates, ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    for account in (None, "one", "two"):
        for currency in ("EUR", "BTC", "usd"):
            compare(ledger, mixed, currency, account)
    owner.execute("SELECT pms.sum_pnl()")
    for account in (None, "one"):
        compare(ledger, mixed, "EUR", account)


def compare(ledger: Ledger, rates: Rates, currency: str, account: str | None) -> None:
    should = expected(rates, currency.upper(), account, rates.now)
    answer = ledger.call("get_portfolio", currency=currency, account=account)
    found = answer["reporting"]
    newest = rates.rate(currency.upper(), rates.now)

    assert newest is not None
    assert amounts(found, should) == should
    assert (found["currency"], D(found["rate"])) == (currency.upper(), newest[1])
    assert datetime.fromisoformat(found["rated_at"]) == newest[0]
    assert D(found["equity"]) == rounded(D(answer["equity_usdt"]) / newest[1], 12)
    assert (found["complete"], found["missing_rates"], found["stale_rates"]) == (True, [], [])
    assert found["missing_rates_then"] == []
    assert set(found["by_asset"]) == set(answer["by_asset"])
    for asset, of_asset in found["by_asset"].items():
        alone = ledger.call("get_portfolio", currency=currency, account=account, asset=asset)
        assert of_asset == {
            "exposure": alone["reporting"]["total_exposure"],
            "unrealized_pnl": alone["reporting"]["total_unrealized_pnl"],
            "realized_pnl": alone["reporting"]["total_realized_pnl"],
            "currency_effect": alone["reporting"]["currency_effect"],
        }

    pnl = ledger.call("get_pnl", currency=currency, account=account)["reporting"]
    assert {name: found[name] for name in pnl} == pnl
    exposure = ledger.call("get_exposure", currency=currency, account=account)["reporting"]
    assert exposure.pop("by_asset") == {
        asset: {"exposure": of["exposure"]} for asset, of in found["by_asset"].items()
    }
    assert {name: found[name] for name in exposure} == exposure
    assert exposure["complete"] is True
    assert "total_exposure" in exposure
    assert "total_realized_pnl" not in exposure


def test_a_point_in_time_has_its_rates(mixed: Rates, ledger: Ledger) -> None:
    for asset in ("BTCUSD", "SOLEUR", "ETHUSDT"):
        send(ledger, mixed, minute(2), asset, PRESENT[asset])
    for at in (13, 21, 29.5, 307):
        for currency in ("EUR", "BTC", "USD"):
            should = expected(mixed, currency, None, minute(at))
            for more in ({}, {"known_at": datetime.now(UTC).isoformat()}):
                found = ledger.call(
                    "get_portfolio", currency=currency, as_of=minute(at).isoformat(), **more
                )["reporting"]
                assert amounts(found, should) == should, (at, currency)


def periods(rates: Rates, currency: str, account: str | None) -> dict[str, dict[str, D]]:
    """The PnL of each day (UTC), each sum rounded once."""
    found: dict[str, dict[str, D]] = {}
    day = START.replace(hour=0)
    before = {"unrealized": ZERO, "net": ZERO}
    while day <= rates.now:
        ends = day + timedelta(days=1)
        at = min(ends - timedelta(microseconds=1), rates.now)
        sums = dict.fromkeys(("realized", "fees", "funding"), ZERO)
        worth = {"unrealized": ZERO, "net": ZERO}
        for (_, asset), leg in legs(account, at).items():
            then = rates.between(SETTLED[asset], currency, at)
            price = rates.newest(asset, at)
            assert then is not None
            assert price is not None
            unrealized = leg.value(leg.size, price[1]) - leg.cost
            worth["unrealized"] += unrealized * then
            worth["net"] += unrealized * then
            for entered, realized, fees, opening, paid in leg.flows:
                worth["net"] += (realized - opening) * then
                rate = rates.between(SETTLED[asset], currency, closing(entered, rates.now))
                assert rate is not None
                if entered >= day:
                    sums["realized"] += (realized + fees - opening - paid) * rate
                    sums["fees"] += fees * rate
                    sums["funding"] += paid * rate
        row = {
            "net_pnl": rounded(worth["net"] - before["net"], 12),
            "realized": rounded(sums["realized"], 12),
            "unrealized_pnl": rounded(worth["unrealized"] - before["unrealized"], 12),
            "fees_paid": rounded(sums["fees"], 12),
            "funding": rounded(sums["funding"], 12),
        }
        row["currency_effect"] = (
            row["net_pnl"] - row["realized"] - row["unrealized_pnl"]
            + row["fees_paid"] - row["funding"]
        )  # fmt: skip
        found[f"{day:%Y-%m-%d}"] = row
        before, day = worth, ends
    return found


def test_periods_match_an_independent_computation(mixed: Rates, ledger: Ledger) -> None:
    for asset in ("BTCUSD", "SOLEUR", "ETHUSDT"):
        send(ledger, mixed, minute(2), asset, PRESENT[asset])
    for account in (None, "one", "two"):
        for currency in ("EUR", "BTC", "USD"):
            for function in ("get_pnl", "get_pnl_by_period"):
                answer = ledger.call(
                    function, unit="day", account=account, currency=currency, time_zone="UTC"
                )
                rows = {each["period_start"]: each["reporting"] for each in answer["periods"]}
                should = periods(mixed, currency, account)
                assert {day: amounts(row, should[day]) for day, row in rows.items()} == should, (
                    account,
                    currency,
                )
                assert all(row["complete"] for row in rows.values())
                assert answer["reporting"].pop("missing_rates") == []
                total = ledger.call("get_pnl", currency=currency, account=account)["reporting"]
                assert answer["reporting"] == {name: total[name] for name in answer["reporting"]}


def test_periods_without_a_rate(mixed: Rates, ledger: Ledger) -> None:
    answer = ledger.call("get_pnl_by_period", currency="CHF")
    assert answer["reporting"]["missing_rates"] == ["CHF"]
    *later, first = (each["reporting"] for each in answer["periods"])
    assert first == {
        "net_pnl": None, "realized": None, "unrealized_pnl": None, "fees_paid": None,
        "funding": None, "currency_effect": None, "complete": False,
    }  # fmt: skip
    # Earlier PnL has another worth at each rate.
    assert {name: later[-1][name] for name in ("realized", "fees_paid", "funding")} == {
        "realized": "0", "fees_paid": "0", "funding": "0",
    }  # fmt: skip
    assert {(each["net_pnl"], each["currency_effect"], each["complete"]) for each in later} == {
        (None, None, False),
    }  # fmt: skip

    send(ledger, mixed, minute(28), "CHFUSDT", "1.2")
    answer = ledger.call("get_pnl_by_period", currency="CHF", time_zone="UTC")
    first = answer["periods"][-1]["reporting"]
    assert (first["complete"], answer["reporting"]["missing_rates"]) == (False, [])
    assert "reporting" not in ledger.call("get_pnl_by_period")
    refused = ledger.call("get_pnl_by_period", currency="E R")
    assert refused["details"].keys() == {"currency"}


def test_nothing_needs_no_rate(ledger: Ledger) -> None:
    """A day of cash alone, one of an open leg that is worth what it cost, and one with a profit."""
    ledger.call("record_cash", cash_id="1", kind="deposit", amount="1000", currency="USDT",
                effective_at=minute(0).isoformat())  # fmt: skip
    opened = minute(1440)
    ledger.apply(fill("1", "Buy", "1", "50000", "0", at=opened.isoformat()))
    send(ledger, Rates(), opened, "BTCUSDT", "50000")
    send(ledger, Rates(), minute(2880), "BTCUSDT", "50010")
    nothing = dict.fromkeys(
        ("net_pnl", "realized", "unrealized_pnl", "fees_paid", "funding", "currency_effect"), "0"
    )

    answer = ledger.call("get_pnl_by_period", currency="CHF", time_zone="UTC")

    assert answer["reporting"]["missing_rates"] == ["CHF"]
    gained, flat, empty = [each["reporting"] for each in answer["periods"]][-3:]
    assert (empty, flat) == (nothing | {"complete": True}, nothing | {"complete": True})
    assert gained == nothing | {
        "net_pnl": None, "unrealized_pnl": None, "currency_effect": None, "complete": False,
    }  # fmt: skip


def test_what_was_not_known_does_not_count(mixed: Rates, ledger: Ledger) -> None:
    before = datetime.now(UTC).isoformat()
    first = ledger.call("get_portfolio", currency="EUR")["reporting"]
    late = fill("late", "Sell", "0.1", "50500", "5", at=minute(13).isoformat(), account="one")
    assert ledger.apply(late) == ["applied"]
    send(ledger, mixed, mixed.now, "EURUSDT", "1.2")

    assert ledger.call("get_portfolio", currency="EUR", known_at=before)["reporting"] == first
    changed = ledger.call("get_portfolio", currency="EUR")["reporting"]
    assert changed["total_realized_pnl"] != first["total_realized_pnl"]
    assert changed["rate"] == "1.2"


def test_a_currency_without_a_rate_gives_nulls(mixed: Rates, ledger: Ledger) -> None:
    for function in ("get_portfolio", "get_pnl", "get_exposure"):
        found = ledger.call(function, currency="CHF")["reporting"]
        assert (found["complete"], found["missing_rates"]) == (False, ["CHF"])
        assert found.pop("currency") == "CHF"
        assert found.pop("by_asset").keys() == set(SETTLED)
        assert {name for name, value in found.items() if value} == {"missing_rates"}
        assert found["rate"] is None

    before = ledger.call("get_portfolio", currency="EUR", as_of=minute(0).isoformat())["reporting"]
    assert (before["total_exposure"], before["missing_rates"]) == (None, ["EUR"])


def test_amounts_without_a_rate_of_their_time_are_left_out(mixed: Rates, ledger: Ledger) -> None:
    """CHF has a rate since the minute 28: the three fills before minute 15 have none."""
    send(ledger, mixed, minute(28), "CHFUSDT", "1.2")
    send(ledger, mixed, mixed.now - timedelta(seconds=4), "CHFUSDT", "1.25")

    found = ledger.call("get_portfolio", currency="CHF")["reporting"]

    should = expected(mixed, "CHF", None, mixed.now)
    assert amounts(found, should) == should
    assert (found["complete"], found["missing_rates"]) == (False, [])
    assert found["missing_rates_then"] == ["CHF"]
    assert ledger.call("get_portfolio", currency="EUR")["reporting"]["complete"] is True


def test_a_settlement_currency_without_a_rate_is_named(ledger: Ledger) -> None:
    ledger.define("ETHUSD", kind="inverse", quote_currency="USD", settlement_currency="ETH")
    now = datetime.now(UTC)
    recent = (now - timedelta(minutes=20)).isoformat()
    ledger.apply(fill("1", "Buy", "100", "3000", "0.001", "ETHUSD", recent))
    ledger.price(
        ticker("3000", recent, "ETHUSD"), ticker("1.1", recent, "EURUSDT"),
    )  # fmt: skip
    ledger.price(ticker("1.1", now.isoformat(), "EURUSDT"))

    answer = ledger.call("get_portfolio", currency="EUR")
    found = answer["reporting"]

    assert (answer["complete"], answer["unpriced"]) == (False, ["ETHUSD"])
    assert (found["complete"], found["missing_rates"]) == (False, ["ETH"])
    assert (found["missing_rates_then"], found["total_exposure"], found["fees"]) == (
        ["ETH"], "0", "0",
    )  # fmt: skip
    assert found["rate"] == "1.1"


def test_stale_rates_are_named(
    mixed: Rates, ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    found = ledger.call("get_portfolio", currency="EUR")["reporting"]
    # The prices of minute 14 and 314 are fresh at the end of their quarter hours.
    assert (found["stale_rates"], found["stale_rates_then"]) == ([], [])

    late = fill("x", "Buy", "0.1", "50000", "1", at=minute(50).isoformat(), account="one")
    assert ledger.apply(late) == ["applied"]
    found = ledger.call("get_portfolio", currency="EUR")["reporting"]
    assert (found["stale_rates"], found["stale_rates_then"]) == ([], ["EUR"])
    assert found["complete"] is True

    owner.execute("UPDATE pms.settings SET price_staleness_threshold = '1 second'")
    answer = ledger.call("get_portfolio", currency="EUR")
    assert answer["stale_rates"] == ["BTC", "EUR"]
    assert answer["reporting"]["stale_rates"] == ["BTC", "EUR"]
    assert ledger.call("get_exposure", currency="USD")["reporting"]["stale_rates"] == [
        "BTC", "EUR", "USD",
    ]  # fmt: skip


def test_the_setting_is_the_default(
    mixed: Rates, ledger: Ledger, owner: psycopg.Connection[Any]
) -> None:
    for function in ("get_portfolio", "get_exposure", "get_pnl"):
        plain = ledger.call(function)
        assert "reporting" not in plain
        assert "reporting" not in ledger.call(function, currency="usdt")

        owner.execute('SELECT pms.load_settings(\'{"reporting_currency": "eur"}\')')
        assert (
            ledger.call(function)["reporting"] == ledger.call(function, currency="EUR")["reporting"]
        )
        assert "reporting" not in ledger.call(function, currency="USDT")
        assert ledger.call(function).keys() - {"reporting"} == plain.keys()
        owner.execute('SELECT pms.load_settings(\'{"reporting_currency": "USDT"}\')')

    with pytest.raises(psycopg.errors.CheckViolation, match="settings_reporting_currency_is_name"):
        owner.execute('SELECT pms.load_settings(\'{"reporting_currency": "E R"}\')')


def test_a_malformed_currency_is_refused(ledger: Ledger) -> None:
    for function in ("get_portfolio", "get_exposure", "get_pnl"):
        for wrong in ("E R", "€", "EUR,USD", "-EUR", "E" * 33):
            refused = ledger.call(function, currency=wrong)
            assert refused["error_code"] == "VALIDATION_ERROR"
            assert refused["details"].keys() == {"currency"}
