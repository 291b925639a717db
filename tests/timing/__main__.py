"""Whether times depend on rows out of scope: ``python -m tests.timing [--seed N]``.

A reader's key that is bound to one account sends interleaved pairs of requests through the gateway
of a private stack: one with a condition that rows of another account meet, one with a condition
that no row meets. Exits with 1 if a permutation test distinguishes them in any view, or if an
answer has rows or another status. Beside it, the same test on two conditions that no row meets.
"""

from __future__ import annotations

import argparse
import os
import random
import secrets
import statistics
import sys
import uuid
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import httpx
import psycopg

from bench.permutation import p_value
from bench.timing import milliseconds_of
from position_manager.stack.stack import Stack
from tests.helpers.runs import FOLDER_VARIABLE, private_stack, start_guard
from tests.timing import data
from tests.timing.conditions import MINE, VIEWS, conditions

PAIRS = 200
# PostgreSQL plans the first executions on a connection separately.
WARM_UP = 60
# Of an error in any view.
SIGNIFICANT = 0.01 / len(VIEWS)
PARTS = ("postgres", "postgrest", "postgrest-queries", "nginx")

Ask = Callable[[str], None]


def bound_key(stack: Stack) -> str:
    """A reader's key that is bound to one account."""
    key = f"pms_timing_{uuid.uuid4().hex}"
    with psycopg.connect(stack.context.dsn()) as connection:
        connection.execute(
            "INSERT INTO pms.api_keys (id, digest, handle, role, name, tier, account_scope)"
            " VALUES ('timing', %s, 'timing', 'reader', 'timing', 'default', %s)",
            [sha256(key.encode()).digest(), [MINE]],
        )
    return key


def measure(
    ask: Ask, left: str, right: str, pairs: int, chance: random.Random
) -> list[tuple[float, float]]:
    """The milliseconds of interleaved pairs of requests, each pair in a random order."""
    for _ in range(WARM_UP):
        ask(left)
        ask(right)
    found = []
    for _ in range(pairs):
        if chance.random() < 0.5:
            first = milliseconds_of(lambda: ask(left))
            found.append((first, milliseconds_of(lambda: ask(right))))
        else:
            first = milliseconds_of(lambda: ask(right))
            found.append((milliseconds_of(lambda: ask(left)), first))
    return found


def run(stack: Stack, pairs: int, chance: random.Random) -> bool:
    """Print p for each view and condition; return whether it finds no difference."""
    key = bound_key(stack)
    url = stack.env()["POSITION_MANAGER_URL"]
    hidden = True
    with httpx.Client(base_url=url, headers={"X-API-Key": key}, timeout=30) as client:

        def ask(path: str) -> None:
            answer = client.get(path)
            if (answer.status_code, answer.text) != (200, "[]"):
                raise SystemExit(f"{path}: {answer.status_code} {answer.text[:200]}")

        print(f"{'view':20}{'condition':12}{'met ms':>9}{'missed':>9}{'p':>9}{'p, equal':>10}")
        for view in VIEWS:
            for it in conditions(view):
                path = f"/rest/{view}?{{}}"
                met, missed, too = (
                    path.format(each) for each in (it.met, it.missed, it.missed_too)
                )
                different = measure(ask, met, missed, pairs, chance)
                equal = measure(ask, missed, too, pairs, chance)
                medians = [statistics.median(side) for side in zip(*different, strict=True)]
                p, p_equal = p_value(different, chance), p_value(equal, chance)
                hidden &= p > SIGNIFICANT
                times = "".join(f"{each:9.2f}" for each in medians)
                verdict = "" if p > SIGNIFICANT else "  DIFFERENT"
                print(f"{view:20}{it.name:12}{times}{p:9.4f}{p_equal:10.4f}{verdict}", flush=True)
    return hidden


def main() -> int:
    """Run it on a stack of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.timing", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbits(32))
    parser.add_argument("--pairs", type=int, default=PAIRS)
    given = parser.parse_args()
    print(f"seed {given.seed}; {given.pairs} pairs; fails at p <= {SIGNIFICANT}")
    start_guard()
    stack = private_stack(Path(os.environ[FOLDER_VARIABLE]), rate_limit_enabled=False)
    try:
        stack.up(PARTS)
        data.create(stack.context)
        return 0 if run(stack, given.pairs, random.Random(given.seed)) else 1
    finally:
        stack.down(delete=True)


if __name__ == "__main__":
    sys.exit(main())
