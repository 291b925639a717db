"""A curve in a terminal, without a single float."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

# A column of eight eighths.
BLOCKS = " ▁▂▃▄▅▆▇█"
EIGHTHS = 8


def chart(values: Sequence[Decimal], width: int, height: int) -> list[str]:
    """Columns as high as the values, the lowest of them one eighth, with the extremes beside."""
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
    """At most so many of them, evenly, the last among them."""
    if len(values) <= width:
        return list(values)
    return [values[(place + 1) * len(values) // width - 1] for place in range(width)]
