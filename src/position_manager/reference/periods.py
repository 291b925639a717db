"""Profit and loss by day, week and month in a time zone, by the rules of ``accounting.md``."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from position_manager.reference.fold import EXACT, LINEAR, ZERO, Entry, Instrument, Leg, time_of


@dataclass(frozen=True, slots=True)
class Flow:
    """What entries changed; `realized_pnl` as published."""

    realized: Decimal = ZERO
    fees_paid: Decimal = ZERO
    funding: Decimal = ZERO
    realized_pnl: Decimal = ZERO

    def plus(self, before: Leg, after: Leg) -> Flow:
        """With what an entry changed that turned a leg `before` into `after`."""
        return Flow(
            *(
                EXACT.add(
                    getattr(self, name),
                    EXACT.subtract(getattr(after, name), getattr(before, name)),
                )
                for name in self.__slots__
            )
        )


def first_day(at: datetime, unit: str, zone: ZoneInfo) -> date:
    """The first day of the period of a moment; weeks begin on Monday."""
    day = at.astimezone(zone).date()
    match unit:
        case "week":
            return day - timedelta(days=day.weekday())
        case "month":
            return day.replace(day=1)
    return day


def flows(
    entries: Iterable[Entry], unit: str, zone: ZoneInfo, instrument: Instrument = LINEAR
) -> dict[date, Flow]:
    """What the entries of a leg, in the order of the fold, changed in each period."""
    leg = Leg(instrument)
    found: dict[date, Flow] = {}
    for entry in entries:
        before = replace(leg)
        leg.apply(entry)
        day = first_day(time_of(entry), unit, zone)
        found[day] = found.get(day, Flow()).plus(before, leg)
    return found
