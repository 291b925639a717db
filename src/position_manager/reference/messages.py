"""The messages of the reference implementation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from position_manager.reference.fold import ZERO, Entry, Leg, converted


class Place(NamedTuple):
    """The key of a leg within an account."""

    asset: str
    leg: str


@dataclass(frozen=True, slots=True)
class Posting:
    """A message that is an entry itself, such as funding or a transfer; it is never corrected."""

    identity: str
    place: Place
    entry: Entry


@dataclass(frozen=True, slots=True)
class Fill:
    """A trade as first reported; `quantity` is signed.

    `identity` is its own. On the wire, fills may share `execution_id`: account, asset, leg, side,
    order and execution id together identify a fill, and one without an order id equals the one with
    the same content. A nameless fill has no execution id; an equal one in another message counts
    when a person counts it, unless it `repeats` another one. A fee may be taken from the quantity
    (`fee_is_in_base`). `value` is that of a step of an order which its price does not give.
    """

    identity: str
    place: Place
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    fee: Decimal = ZERO
    fee_is_in_base: bool = False
    execution_id: str | None = None
    order_id: str | None = None
    is_nameless: bool = False
    repeats: str = ""
    fee_currency: str = ""
    value: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """A status event: what an order has done so far; `quantity` is signed.

    The average has the digits that the venue wrote. An order is its id and when it was created.
    """

    identity: str
    place: Place
    order_id: str
    created_at: datetime
    quantity: Decimal
    average: Decimal
    executed_at: datetime
    fee: Decimal | None = None
    fee_currency: str = ""


@dataclass(frozen=True, slots=True)
class Bust:
    """Voids a trade for good, regardless of any other message about it.

    Where fills share an execution id, it names the order as well.
    """

    identity: str
    execution_id: str | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """Replaces the fields of a trade that are not None; the others stay as first reported.

    `side` is 1 or -1, `quantity` is unsigned. Of several corrections the newest counts.
    """

    identity: str
    correction_id: str
    corrected_at: datetime
    side: int | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    fee: Decimal | None = None
    executed_at: datetime | None = None
    execution_id: str | None = None

    def of(self, fill: Fill) -> Fill:
        """The corrected fill."""
        size = fill.quantity if self.quantity is None else self.quantity
        return replace(
            fill,
            quantity=size.copy_sign(fill.quantity if self.side is None else Decimal(self.side)),
            price=fill.price if self.price is None else self.price,
            fee=fill.fee if self.fee is None else self.fee,
            executed_at=fill.executed_at if self.executed_at is None else self.executed_at,
        )


@dataclass(frozen=True, slots=True)
class Action:
    """A corporate action: an entry in every leg of its asset, whose effect depends on the leg.

    Of a split, a rename or a contract change, `amount` units become `price` units.
    """

    identity: str
    asset: str
    kind: str
    effective_at: datetime
    price: Decimal
    amount: Decimal | None = None
    multiplier: Decimal | None = None
    to_asset: str | None = None

    @property
    def entry(self) -> Entry:
        """The entry it becomes in a leg of its asset."""
        return Entry(
            ZERO,
            self.price,
            executed_at=self.effective_at,
            kind=self.kind,
            amount=self.amount,
            realized=self.multiplier,
        )

    def moved(self, leg: Leg) -> Entry:
        """The entry by which a rename moves a leg to the other asset."""
        return Entry(
            converted(leg.size, self.entry),
            None,
            executed_at=self.effective_at,
            kind="rename",
            amount=leg.cost,
            opened_at=leg.opened_at,
        )


@dataclass(frozen=True, slots=True)
class Move:
    """A decision to move what an asset holds to the other mode, at cost."""

    identity: str
    asset: str
    to_mode: str


Message = Fill | Total | Posting | Bust | Correction | Action | Move
