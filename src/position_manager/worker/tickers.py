"""The asset and the time of a ticker, as pms.parse_prices reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from position_manager.names import MAX_LENGTH, asset_name, is_blank, is_name

SECOND = 1_000_000
DAY = 86_400 * SECOND
# The limit of clock_skew_limit: no database takes a price that is further ahead.
MOST_SKEW = DAY

_PRICES = ("mark_price", "markPrice", "last_price", "lastPrice")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_NUMBER_LENGTH = 1000
# A smaller price is rounded to zero.
_LEAST = Decimal("5E-19")
_TRACE_ID_LENGTH = 128
_UNPRINTABLE = re.compile("[\x01-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

_ISO = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([ 0-9][0-9]):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]*))?)?"
    r" *(?:Z|([+-])([0-9]{2})(?::?([0-9]{2}))?)?"
)
_EPOCH = re.compile(r"\+?[0-9]{9,19}(?:\.[0-9]{1,40})?")
# JSON writes large numbers in this way, too.
_FLOAT = re.compile(r"[0-9](?:\.[0-9]{1,30})?[eE]\+?[0-9]{1,2}")
# Microseconds in one unit, and the first number that is of a smaller one.
_UNITS = ((Decimal(SECOND), 10**11), (Decimal(1000), 10**14), (Decimal(1), 10**17))
_NANOSECOND = Decimal("0.001")
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_YEAR_2000 = (date(2000, 1, 1).toordinal() - _EPOCH_DAY) * DAY


class Ticker(NamedTuple):
    """The price of an asset at a time, in microseconds since 1970.

    Whether a database takes a price of zero or less depends on the instrument, and one that is
    ahead of the clock on its settings.
    """

    asset: str
    time: int
    is_positive: bool
    is_past: bool

    @property
    def key(self) -> tuple[str, bool, bool]:
        """What those have in common of which the newest counts.

        A price that may be rejected supersedes none that counts.
        """
        return self.asset, self.is_positive, self.is_past


def read_ticker(document: Mapping[str, Any], clock: int) -> Ticker | None:
    """The ticker of a message; None when every database rejects it. `clock` is the present.

    A price without a time is current, and one that is ahead of the clock counts from now on.
    """
    payload = document.get("payload")
    fields = payload if isinstance(payload, dict) else document.get("data")
    if document.get("event_type") != "ticker" or not isinstance(fields, dict):
        return None
    asset = _asset(fields.get("symbol"))
    sign = _sign(fields)
    literal = _present(fields.get("timestamp")) or _present(document.get("timestamp"))
    time = clock if literal is None else read_time(literal)
    if asset is None or sign is None or time is None or _is_unprintable(document):
        return None
    if not _YEAR_2000 <= time <= clock + MOST_SKEW:
        return None
    is_past = time <= clock + SECOND and _FLOAT.fullmatch(literal or "") is None
    return Ticker(asset, min(time, clock), sign > 0, is_past)


def read_time(literal: str) -> int | None:
    """Microseconds since 1970 of an ISO 8601 time or an epoch; None when it is neither."""
    literal = literal.strip(" ")
    if _EPOCH.fullmatch(literal) or _FLOAT.fullmatch(literal):
        value = Decimal(literal)
        unit = next((unit for unit, end in _UNITS if value < end), _NANOSECOND)
        return int((value * unit).to_integral_value(ROUND_HALF_UP))
    found = _ISO.fullmatch(literal.upper().replace(",", "."))
    return None if found is None else _iso_time(found)


def _iso_time(found: re.Match[str]) -> int | None:
    year, month, day, hours, minutes, seconds = (int(found[n] or 0) for n in range(1, 7))
    try:
        days = date(year, month, day).toordinal() - _EPOCH_DAY
    except ValueError:
        return None
    # A ten-millionth is rounded.
    fraction = (int(f"{found[7] or ''}0000000"[:7]) + 5) // 10
    in_day = (hours * 3600 + minutes * 60 + seconds) * SECOND + fraction
    offset_hours, offset_minutes = int(found[9] or 0), int(found[10] or 0)
    # A second may be a leap second.
    if minutes > 59 or seconds > 60 or (hours > 23 and in_day != DAY):
        return None
    if offset_hours > 23 or offset_minutes > 59:
        return None
    offset = (offset_hours * 3600 + offset_minutes * 60) * SECOND
    return days * DAY + in_day + (offset if found[8] == "-" else -offset)


def _asset(symbol: object) -> str | None:
    if not isinstance(symbol, str):
        return None
    name = asset_name(symbol)
    # Of other letters the database decides: its tables of Unicode have another age.
    is_asset = is_name(name) if name.isascii() else len(name) <= MAX_LENGTH
    return name if is_asset else None


def _sign(fields: Mapping[str, Any]) -> int | None:
    """1 when a price is positive, else 0; None without a price."""
    found = [sign for name in _PRICES if (sign := _sign_of(fields.get(name))) is not None]
    return max(found, default=None)


def _sign_of(literal: object) -> int | None:
    if not isinstance(literal, str) or len(literal) > _NUMBER_LENGTH:
        return None
    if not _NUMBER.fullmatch(literal):
        return None
    value = Decimal(literal)
    if value.adjusted() >= 20 and value:
        return None
    return 1 if value >= _LEAST else 0


def _present(literal: object) -> str | None:
    """A text or a number, as text; None when it is absent."""
    return None if literal is None or is_blank(literal) else str(literal)


def _is_unprintable(document: Mapping[str, Any]) -> bool:
    trace_id = _present(document.get("trace_id")) or ""
    return _UNPRINTABLE.search(trace_id[:_TRACE_ID_LENGTH]) is not None
