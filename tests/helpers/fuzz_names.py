"""Names that a pattern does not distinguish from those of the contract, for schemathesis.

A pattern knows the scripts of characters by ranges, which have gaps, and no normal form.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

import schemathesis
from schemathesis import HookContext

from position_manager.names import PUNCTUATION, asset_name, is_name


def is_doubtful(text: str) -> bool:
    """Whether a text looks like a name by its characters, and is none."""
    return not is_name(asset_name(text)) and all(
        character in PUNCTUATION
        or unicodedata.category(character)[0] in "LM"
        or unicodedata.category(character) in {"Nd", "Cn"}
        for character in text
    )


def has_clear_names(values: Mapping[str, object] | None) -> bool:
    """Whether no parameter is doubtful."""
    return not any(
        isinstance(value, str) and is_doubtful(value)
        for name, value in (values or {}).items()
        if name in {"account", "asset", "book", "strategy"}
    )


@schemathesis.hook
def filter_query(context: HookContext, query: Mapping[str, object] | None) -> bool:
    """Leave out queries with a doubtful name."""
    return has_clear_names(query)


@schemathesis.hook
def filter_path_parameters(
    context: HookContext, path_parameters: Mapping[str, object] | None
) -> bool:
    """Leave out paths with a doubtful name."""
    return has_clear_names(path_parameters)
