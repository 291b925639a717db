"""Names that a pattern does not distinguish from those of the contract, for schemathesis.

A pattern knows the scripts of characters by ranges, which have gaps, and no normal form. Nor does
it know which names are time zones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import unquote
from zoneinfo import available_timezones

import schemathesis
from schemathesis import HookContext

from position_manager.names import PUNCTUATION, asset_name, is_name

ZONES = available_timezones()
# Of the schema of a time zone.
LIKE_A_ZONE = re.compile(r"[A-Za-z0-9._+/-]{1,64}")


def is_doubtful(text: str) -> bool:
    """Whether a text looks like a name by its characters, and is none."""
    return not is_name(asset_name(text)) and all(
        character in PUNCTUATION
        or unicodedata.category(character)[0] in "LM"
        or unicodedata.category(character) in {"Nd", "Cn"}
        for character in text
    )


def is_no_zone(text: str) -> bool:
    """Whether a text looks like a time zone, and is none."""
    return LIKE_A_ZONE.fullmatch(text) is not None and text not in ZONES


DOUBTS = dict.fromkeys(("account", "asset", "book", "strategy"), is_doubtful) | dict.fromkeys(
    ("tz", "time_zone"), is_no_zone
)


def has_clear_names(values: Mapping[str, object] | None) -> bool:
    """Whether no parameter is doubtful."""
    return not any(
        isinstance(value, str) and DOUBTS[name](value)
        for name, value in (values or {}).items()
        if name in DOUBTS
    )


@schemathesis.hook
def filter_query(context: HookContext, query: Mapping[str, object] | None) -> bool:
    """Leave out queries with a doubtful name."""
    return has_clear_names(query)


@schemathesis.hook
def filter_path_parameters(
    context: HookContext, path_parameters: Mapping[str, object] | None
) -> bool:
    """Leave out paths with a doubtful name; some phases have encoded it. No name has a %."""
    decoded = {
        name: unquote(value) if isinstance(value, str) else value
        for name, value in (path_parameters or {}).items()
    }
    return has_clear_names(decoded)
