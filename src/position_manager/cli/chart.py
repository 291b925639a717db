"""Charts in a terminal, computed without floats."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

# The heights of a character cell, in eighths.
BLOCKS = " ▁▂▃▄▅▆▇█"
EIGHTHS = 8
BAR = "▇"


def chart(values: Sequence[Decimal], width: int, height: int) -> list[str]:
    """The lines of a chart of `values`, at most `width` columns wide, labeled with its extremes."""
    shown = sampled(values, width)
    low, high = min(shown), max(shown)
    steps = height * EIGHTHS - 1
    span = high - low or Decimal(1)
    filled = [1 + int((value - low) * steps / span) for value in shown]
    labels = {0: f"{high:,.2f}", height - 1: f"{low:,.2f}"}
    margin = max(map(len, labels.values()))
    lines = []
    for row in range(height):
        below = (height - 1 - row) * EIGHTHS
        blocks = "".join(BLOCKS[min(max(eighths - below, 0), EIGHTHS)] for eighths in filled)
        lines.append(f"{labels.get(row, ''):>{margin}} {blocks}".rstrip())
    return lines


def sampled(values: Sequence[Decimal], width: int) -> list[Decimal]:
    """At most `width` of `values`, evenly spaced, including the last."""
    if len(values) <= width:
        return list(values)
    return [values[(place + 1) * len(values) // width - 1] for place in range(width)]


def signed_bars(values: Sequence[Decimal], half: int) -> list[str]:
    """A bar for each value: a loss to the left of a line, a gain to its right."""
    unit = max(map(abs, values), default=Decimal(0)) / half or Decimal(1)
    lengths = [int((abs(value) / unit).to_integral_value(ROUND_HALF_UP)) for value in values]
    return [
        f"{BAR * length if value < 0 else '':>{half}}│{BAR * length if value > 0 else '':<{half}}"
        for value, length in zip(values, lengths, strict=True)
    ]
