"""What a message of the session means, beside the bytes that say so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Feed(StrEnum):
    """A stream of messages as the worker counts it."""

    ORDER_EVENTS = "order_events"
    PRICES = "prices"
    VENUE_POSITIONS = "venue_positions"


class Queue(StrEnum):
    """A neighbour's queue, whatever it is called here."""

    ORDER_EVENTS = "order_events"
    ORDER_EXECUTED = "order_executed"
    POSITION = "position"
    TICKER = "ticker"

    @property
    def feed(self) -> Feed:
        if self is Queue.TICKER:
            return Feed.PRICES
        return Feed.VENUE_POSITIONS if self is Queue.POSITION else Feed.ORDER_EVENTS


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution; `quantity` is signed. Undated, it happens when it arrives."""

    asset: str
    quantity: Decimal
    price: Decimal
    fee: Decimal
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Total:
    """What an order has filled so far; `quantity` is signed."""

    asset: str
    order_id: str
    quantity: Decimal
    average: Decimal
    fee: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Price:
    """A mark price and its time."""

    asset: str
    price: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Nothing:
    """A message that must change nothing: a bad one is rejected, the others are ignored."""

    outcome: str


Fact = Fill | Total | Price | Nothing


@dataclass(frozen=True, slots=True)
class Message:
    """A message, ready to be published."""

    queue: Queue
    body: bytes
    fact: Fact
    follows: str | None = None
    """Messages with the same of this must arrive in their order."""
