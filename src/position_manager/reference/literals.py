"""The reference implementation of literals: which amount or time a text is, if any."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from position_manager.reference.fold import rounded

MOST = Decimal(10) ** 20
MAX_LENGTH = 1000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_EPOCH = re.compile(r" *\+?[0-9]{9,19}(?:\.[0-9]{1,40})? *")
# Microseconds in one unit, and the first number that is of a smaller one.
_UNITS = ((Decimal(10**6), 10**11), (Decimal(10**3), 10**14), (Decimal(1), 10**17))
_NANOSECOND = Decimal("0.001")


def amount(literal: str) -> Decimal | None:
    """A reported amount: 18 fractional digits, rounded half away from zero; None when unread."""
    if len(literal) > MAX_LENGTH or not _NUMBER.fullmatch(literal):
        return None
    value = Decimal(literal)
    # The rounding holds no longer exponents.
    if value == 0 or value.adjusted() < -20:
        return Decimal(0)
    if value.adjusted() > 20:
        return None
    value = rounded(value)
    return value if value.copy_abs() < MOST else None


def is_unset(literal: str) -> bool:
    """Whether a text is the largest double, by which venues say that an amount is not set."""
    if len(literal) > MAX_LENGTH or not _NUMBER.fullmatch(literal):
        return False
    return Decimal("1.797e308") <= Decimal(literal).copy_abs() <= Decimal("1.798e308")


def epoch_time(literal: str) -> datetime | None:
    """The time of a number of seconds, ms, µs or ns since 1970; None when it is none."""
    if not _EPOCH.fullmatch(literal):
        return None
    value = Decimal(literal.strip())
    unit = next((unit for unit, end in _UNITS if value < end), _NANOSECOND)
    return EPOCH + timedelta(microseconds=int(rounded(value * unit, 0)))
