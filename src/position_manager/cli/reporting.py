"""Amounts in the currency of ``--currency``, which the service has beside those in USDT."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.text import Text

from position_manager.cli.output import Document, exact, when
from position_manager.terminal import echo

USDT = "USDT"
# What a document says of its rates, in words.
DOUBTS = {
    "missing_rates": "without a rate",
    "stale_rates": "at a stale rate",
    "missing_rates_then": "left out, without a rate then",
    "stale_rates_then": "realized at a stale rate",
}
Currency = Annotated[
    str | None,
    typer.Option(
        "--currency",
        help="Show amounts in this currency, such as EUR; by default in that of the service.",
    ),
]


def currency_of(document: Document) -> str:
    """The currency in which the amounts of a document are shown."""
    reporting: Document = document.get("reporting", {"currency": USDT})
    return str(reporting["currency"])


def amounts_of(document: Document, reporting: Document | None, currency: str = USDT) -> Document:
    """A document with the amounts of `reporting` in place of those in USDT.

    The names are without ``_usdt``; `currency` is the settlement currency, so that they are shown
    with its digits.
    """
    named = {name.removesuffix("_usdt"): value for name, value in document.items()}
    return named | (reporting or {}) | {"settlement_currency": currency}


def print_rate_notes(document: Document) -> None:
    """Print the rate of the currency that a document is shown in below its table, and doubts."""
    for note in rate_notes(document.get("reporting", {})):
        echo(" ".join(str(part) for part in note if part))


def rate_notes(amounts: Document) -> Iterator[tuple[str | Text, Text, str]]:
    """Rows of a table: the rate of the currency, and what is doubtful about rates."""
    if "rate" in amounts:
        rated = "no price" if amounts["rated_at"] is None else f"USDT, {when(amounts['rated_at'])}"
        yield f"1 {amounts['currency']}", exact(amounts["rate"]), rated
    for field, words in DOUBTS.items():
        if amounts.get(field):
            yield Text(words, style="yellow"), Text(), ", ".join(amounts[field])
