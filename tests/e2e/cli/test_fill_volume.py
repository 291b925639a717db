"""A large file of fills: imported, imported again, exported; a million with ``make soak``."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import psycopg

from bench.messages import BEGIN
from position_manager.cli.fill_formats import FIELDS
from tests.helpers.soak import sized

if TYPE_CHECKING:
    from tests.conftest import Database

ROWS, LEGS, FEW = sized(20_000, 1_000_000), 40, 1_000
COMMAND = Path(sys.executable).with_name("position-manager")
# Of the largest memory of the command beyond that for FEW rows, in KiB.
ALLOWANCE = 100 * 1024
HELD = """
    SELECT p.asset, trim_scale(p.size), trim_scale(p.fees_paid)
    FROM api.positions p WHERE p.account = 'volume'
"""


def rows(count: int, account: str, random: Random) -> Iterator[dict[str, str]]:
    """Fills in any order of time, with amounts as an export writes them."""
    for number in range(count):
        at = BEGIN + timedelta(microseconds=random.randrange(10**13))
        values = (
            f"v-{number}", f"V{number % LEGS:02}USDT", random.choice(("buy", "sell")),
            amount(random.randrange(1, 10**9), 6), amount(random.randrange(1, 10**13), 8),
            amount(random.randrange(-(10**5), 10**6), 9), "USDT",
            f"{at:%Y-%m-%dT%H:%M:%S.%f}Z", f"o-{number // 3}", account, "one-way", "",
        )  # fmt: skip
        yield dict(zip(FIELDS, values, strict=False))


def amount(units: int, digits: int) -> str:
    return f"{(Decimal(units) / 10**digits).normalize():f}"


def write(file: Path, fills: Iterator[dict[str, str]]) -> None:
    with file.open("w", newline="") as output:
        writer = csv.DictWriter(output, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(fills)


def read(file: Path) -> list[tuple[str, ...]]:
    with file.open(newline="") as lines:
        return sorted(tuple(row[name] for name in FIELDS[:12]) for row in csv.DictReader(lines))


def run(database: Database, *arguments: str | Path) -> tuple[dict[str, Any], int]:
    """Run a command of fills in a process of its own; its answer and its largest memory in KiB."""
    env = os.environ | {"DATABASE_URL": database.dsn("pms_operator")}
    with subprocess.Popen(
        [COMMAND, "fills", *arguments, "--json"], env=env, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        answer = json.loads(process.stdout.read())
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return answer, usage.ru_maxrss


def test_a_large_file_counts_once_and_comes_back_to_the_digit(
    database: Database, tmp_path: Path, seed: int
) -> None:
    few, file, back = (tmp_path / f"{name}.csv" for name in ("few", "all", "back"))
    write(few, rows(FEW, "few", Random(seed)))
    write(file, rows(ROWS, "volume", Random(seed)))

    _, least = run(database, "import", few)
    planned, _ = run(database, "import", file, "--dry-run")
    assert planned["counts"] == {"applied": ROWS}
    done, most = run(database, "import", file)
    assert (done["counts"], done["rejected"]) == ({"applied": ROWS}, [])
    again, _ = run(database, "import", file)
    assert again["counts"] == {"duplicate": ROWS}
    assert most - least < ALLOWANCE

    exported, _ = run(database, "export", back, "-a", "volume")
    assert exported["count"] == ROWS
    given = read(file)
    assert read(back) == given
    held = {asset: [Decimal(0), Decimal(0)] for asset in {fill[1] for fill in given}}
    for _, asset, side, quantity, _, fee, *_ in given:
        held[asset][0] += Decimal(quantity) if side == "buy" else -Decimal(quantity)
        held[asset][1] += Decimal(fee)
    with psycopg.connect(database.dsn("pms_owner")) as owner:
        found = {asset: [size, fees] for asset, size, fees in owner.execute(HELD)}
    assert found == held
