"""Rates of batches by the number of legs that they touch."""

from __future__ import annotations

from collections.abc import Callable

from bench.batches import WARM_UP_CALLS, seconds
from bench.databases import Databases
from bench.messages import MAIN, Leg, asset, executions_of
from bench.timing import scaled
from position_manager.stack.context import Context

SIZE, FILLS = 1000, 12_000
ACCOUNTS, ASSETS = 1000, 500


def legs_of_main(count: int) -> Callable[[int], Leg]:
    """The leg of each fill, in turns `count` legs of the first account."""
    return lambda number: (MAIN, asset(number % count))


def leg_of_accounts(number: int) -> Leg:
    """The leg of a fill of one account after another.

    Each account trades in turns as many assets as there are batches of the warm-up, which opens all
    legs; together they trade all assets.
    """
    turn, account = divmod(number, ACCOUNTS)
    first = account * WARM_UP_CALLS
    return f"account-{account}", asset((first + turn % WARM_UP_CALLS) % ASSETS)


CASES: dict[str, Callable[[int], Leg]] = {
    "1 leg": legs_of_main(1),
    "40 legs": legs_of_main(40),
    "500 legs": legs_of_main(500),
    "1,000 legs": legs_of_main(1000),
    "1,000 accounts x 500 assets": leg_of_accounts,
}


def fills_per_second(context: Context, databases: Databases, scale: float) -> dict[str, float]:
    """Fills per second of batches of 1,000, by the legs that they touch."""
    size = scaled(SIZE, scale, 50)
    count = max(int(FILLS * scale), size)
    rates = {}
    for name, leg in CASES.items():
        texts = executions_of(map(leg, range(WARM_UP_CALLS * size + count)))
        with databases.fresh() as dbname:
            dsn = context.dsn("pms_worker", dbname)
            rates[name] = count / sum(seconds(dsn, "order_events", texts, size))
    return rates
