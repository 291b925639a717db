"""Which columns of a table a terminal has room for, so that no cell is cut off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# The space between two columns.
GAP = 2
# A column that folds is not made narrower than this.
FOLDED = 20


@dataclass(frozen=True, slots=True)
class Need:
    """What a column needs: its natural width, and how it gives way."""

    width: int
    folds: bool
    leaves: int

    @property
    def least(self) -> int:
        """The smallest width at which the column is readable."""
        return min(self.width, FOLDED) if self.folds else self.width


def fitted(needs: Sequence[Need], room: int) -> dict[int, int] | None:
    """The widths of the columns to show, by place; None when too many must stay.

    Columns leave in the order of `leaves`; those with 0 stay.
    """
    for place in range(max((need.leaves for need in needs), default=0) + 1):
        shown = {at: each for at, each in enumerate(needs) if not 0 < each.leaves <= place}
        spare = room - GAP * (len(shown) - 1) - sum(need.least for need in shown.values())
        if spare >= 0:
            return _widened(shown, spare)
    return None


def _widened(shown: dict[int, Need], spare: int) -> dict[int, int]:
    """The widths of columns when those that fold share the spare room, the narrowest first."""
    widths = {at: need.least for at, need in shown.items()}
    folding = sorted((at for at in shown if shown[at].folds), key=lambda at: shown[at].width)
    for number, at in enumerate(folding):
        more = min(shown[at].width - widths[at], spare // (len(folding) - number))
        widths[at] += more
        spare -= more
    return widths
