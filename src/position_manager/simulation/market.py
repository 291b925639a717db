"""The simulated market: instruments whose prices follow a random walk with trends."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from math import isqrt

# Symbol, initial price, tick size, lot size.
LISTED = """
BTCUSDT 97250.00 0.10 0.001    ETHUSDT 3420.00 0.01 0.01      SOLUSDT 238.500 0.010 0.1
XRPUSDT 1.4600 0.0001 1        BNBUSDT 652.00 0.10 0.01       DOGEUSDT 0.41500 0.00001 10
ADAUSDT 1.0520 0.0001 1        AVAXUSDT 42.300 0.010 0.1      LINKUSDT 17.850 0.001 0.1
DOTUSDT 8.9500 0.0010 0.1      LTCUSDT 98.40 0.01 0.1         BCHUSDT 508.50 0.05 0.01
UNIUSDT 11.200 0.001 0.1       ATOMUSDT 8.4200 0.0010 0.1     ETCUSDT 31.600 0.005 0.1
XLMUSDT 0.44800 0.00001 1      FILUSDT 5.7300 0.0010 0.1      APTUSDT 12.6500 0.0005 0.01
ARBUSDT 0.95400 0.0001 0.1     OPUSDT 2.3300 0.0001 0.1       NEARUSDT 6.8400 0.0010 0.1
INJUSDT 28.900 0.001 0.1       SUIUSDT 3.42000 0.0001 10      SEIUSDT 0.55000 0.00001 1
TIAUSDT 5.6200 0.0010 0.1      AAVEUSDT 205.40 0.01 0.01      MKRUSDT 1825.0 0.1 0.001
TRXUSDT 0.20410 0.00001 1      TONUSDT 6.4200 0.0001 0.1      ICPUSDT 12.050 0.001 0.1
HBARUSDT 0.14600 0.00001 1     VETUSDT 0.04520 0.00001 1      ALGOUSDT 0.30210 0.0001 0.1
GRTUSDT 0.26800 0.00001 0.1    LDOUSDT 1.6930 0.0001 0.1      CRVUSDT 0.52600 0.0001 0.1
DYDXUSDT 1.4920 0.0010 0.1     IMXUSDT 1.7420 0.0001 0.1      RUNEUSDT 6.3200 0.0010 0.1
PEPEUSDT 0.0000209500 0.0000000100 100
"""

# Range of an order's value, in USDT.
ORDER_VALUE = (150, 6000)
# A tokenized share; it is split on the way.
SHARE = "ACMEUSDT 480.00 0.04 0.1"
# A currency that an account has beside USDT; it moves less.
EURO = "EURUSDT 1.0850 0.0001 1"
CALM = 8

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
# Of a step that moves a price: in millionths of it.
MILLION = 1_000_000
LEAST_REACH = 1_000
# The standard deviation of a day is 3 %; that of a uniform step is its reach by the root of 3.
DAILY_VARIANCE = 3 * (3 * MILLION // 100) ** 2
TREND_DAYS = 6


@dataclass(slots=True)
class Asset:
    """An instrument; its price is `steps` times the tick size `step`."""

    symbol: str
    step: Decimal
    lot: Decimal
    steps: int
    trend: int = 1
    calm: int = 1

    @property
    def price(self) -> Decimal:
        return self.steps * self.step

    def wander(self, rng: random.Random, pace: Pace) -> None:
        """Move the price at random, and a little with the trend of these days."""
        if rng.random() * pace.trend_steps < 1:
            self.trend = rng.choice((-1, 1))
        reach = max(1, self.steps * pace.reach // (MILLION * self.calm))
        move = rng.randint(-reach, reach) + self.trend * (reach // 8)
        self.steps = max(10, self.steps + move)

    def split(self, ratio: int) -> None:
        """Let one unit become `ratio` units of as much less."""
        self.step /= ratio

    def near(self, rng: random.Random) -> Decimal:
        """A price within three ticks of the current one."""
        return self.step * max(1, self.steps + rng.randint(-3, 3))

    def quantity(self, rng: random.Random) -> Decimal:
        """The quantity of an order, in whole lots."""
        value = rng.randint(*ORDER_VALUE)
        return self.lot * max(1, int(value / (self.price * self.lot)))

    def part(self, quantity: Decimal, rng: random.Random) -> Decimal:
        """A part of an order in whole lots; less than `quantity` unless that is a single lot."""
        lots = int(quantity / self.lot)
        return self.lot * rng.randint(1, max(1, lots - 1))


@dataclass(frozen=True, slots=True)
class Pace:
    """How far a price moves in a step, in millionths, and how many steps a trend lasts."""

    reach: int
    trend_steps: int

    @classmethod
    def of(cls, steps: int, span: timedelta) -> Pace:
        """The pace of `steps` steps of one asset in `span`."""
        seconds, day = max(1, span // SECOND), DAY // SECOND
        reach = isqrt(DAILY_VARIANCE * seconds // (day * max(1, steps)))
        return cls(max(LEAST_REACH, reach), max(10, TREND_DAYS * day * steps // seconds))


def _asset(row: Sequence[str], calm: int = 1) -> Asset:
    symbol, price, step, lot = row
    steps = int(Decimal(price) / Decimal(step))
    return Asset(symbol, Decimal(step), Decimal(lot), steps, calm=calm)


def share() -> Asset:
    """The share that is split."""
    return _asset(SHARE.split())


def euro() -> Asset:
    """The second currency."""
    return _asset(EURO.split(), CALM)


def listing(count: int) -> list[Asset]:
    """`count` assets: the listed ones first, then synthetic ones."""
    words = LISTED.split()
    rows: list[Sequence[str]] = [words[place : place + 4] for place in range(0, len(words), 4)]
    rows += [(f"SIM{number:03}USDT", "10.000", "0.001", "0.1") for number in range(1, count + 1)]
    return [_asset(row) for row in rows[:count]]
