"""Messages of the session: the bytes to publish and the fact that each reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

# The book of what names no strategy.
UNASSIGNED = "unassigned"


class Feed(StrEnum):
    """A feed, by its name in the worker's counters."""

    ORDER_EVENTS = "order_events"
    PRICES = "prices"
    VENUE_POSITIONS = "venue_positions"


class Queue(StrEnum):
    """The role of an upstream service's queue; its name is configured."""

    ORDER_EVENTS = "order_events"
    ORDER_EXECUTED = "order_executed"
    POSITION = "position"
    TICKER = "ticker"

    @property
    def feed(self) -> Feed:
        if self is Queue.TICKER:
            return Feed.PRICES
        return Feed.VENUE_POSITIONS if self is Queue.POSITION else Feed.ORDER_EVENTS


class Holding(NamedTuple):
    """An asset in the account that trades it, or in one of the books of that account."""

    asset: str
    book: str | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution; `quantity` is signed. Without `at`, its event time is its arrival.

    `book`, here and below, is the one in which it counts, in an account that has books.
    """

    asset: str
    quantity: Decimal
    price: Decimal
    fee: Decimal
    at: datetime | None
    book: str | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """The cumulative fill of an order; `quantity` is signed."""

    asset: str
    order_id: str
    quantity: Decimal
    average: Decimal
    fee: Decimal
    at: datetime
    book: str | None = None


@dataclass(frozen=True, slots=True)
class Funding:
    """Cash received (+) or paid (-) for holding an asset."""

    asset: str
    amount: Decimal
    at: datetime
    book: str | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """One unit of an asset becomes `ratio` units."""

    asset: str
    ratio: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Price:
    """A mark price and its time."""

    asset: str
    price: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Nothing:
    """A message that changes nothing; `outcome` is ``rejected`` or ``ignored``."""

    outcome: str


Fact = Fill | Total | Funding | Split | Price | Nothing


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to publish."""

    queue: Queue
    body: bytes
    fact: Fact
    follows: str | None = None
    """Messages with the same value must arrive in order; None: in any order."""
