"""Ratios of figures of one run, and bounds of both: required rates, and limits of a cost."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from position_manager.stack.parts import WORKERS


@dataclass(frozen=True, slots=True)
class Bound:
    """A value that a figure must reach, or must not exceed."""

    value: float
    is_limit: bool = False

    def met(self, value: float) -> bool:
        """Whether a value is within the bound."""
        return value <= self.value if self.is_limit else value >= self.value

    def __str__(self) -> str:
        shown = f"{self.value:,.0f}" if self.value >= 10 else f"{self.value:g}"
        return f"{'<=' if self.is_limit else '>='} {shown}"


@dataclass(frozen=True, slots=True)
class Ratio:
    """One figure over another of the same round."""

    over: str
    under: str
    bound: Bound | None = None


def least(value: float) -> Bound:
    """A value to reach."""
    return Bound(value)


def most(value: float) -> Bound:
    """A value not to exceed."""
    return Bound(value, is_limit=True)


CLIENTS = {1: "1 client", 16: "16 clients"}
CONSTANT = "constant function"
# The contract's paths below /api/v1, by the names of their figures.
READS = {
    "GET /positions/{asset}": 0.6,
    "GET /portfolio/exposure": 0.45,
    "GET /portfolio/pnl": 0.45,
    "GET /portfolio": 0.3,
    "GET /positions": 0.08,
}
QUEUED = "queue to committed positions"

RATIOS: dict[str, Ratio] = {
    "executions of 1000 / COPY": Ratio(
        "executions, batches of 1000", "COPY of the same rows", least(0.35)
    ),
    "executions of strategies / without": Ratio(
        "executions of strategies, batches of 100", "executions, batches of 100", least(0.625)
    ),
    "totals of 1000 / COPY": Ratio("totals, batches of 1000", "COPY of the same rows"),
    "queue / executions of 1000": Ratio(QUEUED, "executions, batches of 1000"),
    **{
        f"{legs} / 40 legs": Ratio(f"batches of 1000, {legs}", "batches of 1000, 40 legs", bound)
        for legs, bound in (
            ("1 leg", None),
            ("500 legs", None),
            ("1,000 legs", least(0.6)),
            ("1,000 accounts x 500 assets", least(0.5)),
        )
    },
    **{
        f"{operation}, 5,000 / 10 positions": Ratio(
            f"{operation}, 5,000 positions", f"{operation}, 10 positions", bound
        )
        for operation, bound in (
            ("one fill", most(1.5)),
            ("one price", most(1.5)),
            ("get_position", most(1.5)),
            ("get_portfolio", None),
        )
    },
    "price visible, 10,000 / 1 holders": Ratio(
        "price visible, 10,000 holders", "price visible, 1 holder", most(2)
    ),
    "single apply / one-row update": Ratio("single apply", "one-row durable update", least(0.45)),
    "single apply / one-row update, 8 clients": Ratio(
        "single apply, 8 clients", "one-row durable update, 8 clients"
    ),
    "single apply, 8 clients / 1": Ratio("single apply, 8 clients", "single apply", least(1.5)),
    **{
        f"{message} visible, {part} / GET": Ratio(
            f"{message} visible, {part}", "GET one position", bound
        )
        for message, (part, bound) in product(
            ("fill", "price"), (("p50", most(5)), ("p99", most(12)))
        )
    },
    **{
        f"{read} / constant, {clients}": Ratio(
            f"{read}, {clients}", f"{CONSTANT}, {clients}", least(share)
        )
        for clients, (read, share) in product(CLIENTS.values(), READS.items())
    },
    # Queries that must not slow down with the history.
    **{
        f"{question}, long / short history": Ratio(
            f"{question}, long history", f"{question}, short history", most(1.3)
        )
        for question in (
            "apply",
            "late fill",
            "position as of",
            "position as known",
            "explain, a page",
            "verification step",
        )
    },
    **{
        f"{question}, two years / new": Ratio(
            f"{question}, a ledger of two years", f"{question}, a new ledger", most(1.5)
        )
        for question in (
            "apply a batch of 100",
            "late fill of the oldest month",
            "repeated batch",
            "positions as of",
            "explain a page",
        )
    },
}

BOUNDS: dict[str, Bound] = {
    QUEUED: least(5000),
    "entry in an archive": most(80),
    **{
        f"{name}, p95": most(50)
        for name in (
            "snapshot of a moment, REST",
            "snapshot of a moment, SQL",
            "all snapshots of a moment",
        )
    },
    # Percent of a core.
    **{f"idle, {part}": most(1) for part in ("nginx", "PostgREST", *WORKERS, "backends")},
    "ledger bytes of a fill": most(370),
}
