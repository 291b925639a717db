"""What a key that is bound to one account asks about the rows of another."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

MINE = "mine"
# As long as each other: the length of a request must not differ.
FOREIGN, NOBODY, NO_ONE = (
    f"{name}-0123456789abcdefghjklmpq" for name in ("foreign", "nobody1", "nobody2")
)
# Each fails on FOREIGN after some 140 microseconds: among the most that a pattern takes which does
# not refer back, as none may.
PATTERNS = [f"(.?){{{repeats}}}x" for repeats in range(200, 206)]
# Conditions beside each other that PostgreSQL takes for more work than a comparison of amounts.
LIKES = 6
# The amount of one foreign row of each view, and of none.
SECRET, MISSING, ABSENT = "777.25", "777.26", "777.27"
ROWS = 5_000


@dataclass(frozen=True)
class Condition:
    """A condition that foreign rows meet, and two that no row meets."""

    name: str
    met: str
    missed: str
    missed_too: str


# The view, its text that the pattern is made for, and an amount.
VIEWS = {
    "fills": ("trace_id", "price"),
    "snapshots": ("account", "fees_paid"),
    "portfolio_history": ("account", "net_pnl_usdt"),
    "restatements": ("account", "realized_pnl_before"),
    "discrepancies": ("account", "threshold"),
}


def conditions(view: str) -> list[Condition]:
    """The conditions that a view is asked for, as query strings."""
    text, amount = VIEWS[view]
    likes = [f"{text}.like.*{number}*z" for number in range(LIKES)]
    matches = [f'{text}.match."{pattern}"' for pattern in PATTERNS]
    heavy = quote(f"({','.join(matches + likes)})", safe="(),")
    light = quote(f"({','.join(likes)})", safe="(),")
    return [
        Condition("costly", *(f"{amount}=eq.{it}&or={heavy}" for it in (SECRET, MISSING, ABSENT))),
        Condition(
            "cheap", *(f"{amount}=gt.{it}&or={light}" for it in ("000001", "990001", "990002"))
        ),
        Condition("account", *(f"account=eq.{it}" for it in (FOREIGN, NOBODY, NO_ONE))),
    ]
