"""A bar chart in a terminal, computed without floats."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

# The heights of a character cell, in eighths.
BLOCKS = " ▁▂▃▄▅▆▇█"
EIGHTHS = 8


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
