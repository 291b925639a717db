"""Fees that are charged in another currency, by the rules of ``accounting.md``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from position_manager.reference.fold import EXACT, ZERO, quotient

# The rates of each currency to the one of settlement, the oldest first.
Rates = Mapping[str, Sequence[tuple[datetime, Decimal]]]


def converted_fee(
    fee: Decimal, currency: str, charged_at: datetime, rates: Rates, own_rate: Decimal | None
) -> Decimal:
    """A fee in the settlement currency; 0 where no rate is known.

    At the newest rate of its time. Before the first one at `own_rate`, the price of a fill that is
    charged in what it traded, else at the first rate after it.
    """
    known = rates.get(currency, ())
    before = [rate for since, rate in known if since <= charged_at]
    if before:
        rate = before[-1]
    elif own_rate is not None:
        rate = own_rate
    elif known:
        rate = known[0][1]
    else:
        return ZERO
    return quotient(EXACT.multiply(fee, rate), Decimal(1))
