"""The legs that batches touch."""

from __future__ import annotations

import pytest

from bench.batches import WARM_UP_CALLS
from bench.spread import ACCOUNTS, ASSETS, CASES, SIZE


@pytest.mark.parametrize(("name", "legs"), [("1 leg", 1), ("40 legs", 40), ("1,000 legs", 1000)])
def test_a_batch_touches_the_legs_of_its_name(name: str, legs: int) -> None:
    touched = {CASES[name](number) for number in range(SIZE)}

    assert len(touched) == legs
    assert {account for account, _ in touched} == {"main"}


def test_each_fill_of_a_batch_over_accounts_has_an_account_of_its_own() -> None:
    leg = CASES["1,000 accounts x 500 assets"]
    batches = [
        [leg(number) for number in range(start, start + SIZE)]
        for start in range(0, (WARM_UP_CALLS + 1) * SIZE, SIZE)
    ]

    assert all(len({account for account, _ in each}) == ACCOUNTS for each in batches)
    assert len({asset for each in batches for _, asset in each}) == ASSETS
    # The warm-up opens all legs, and no two of its batches touch the same.
    assert len({each for batch in batches[:-1] for each in batch}) == WARM_UP_CALLS * ACCOUNTS
    assert batches[-1] == batches[0]
