"""Rates of ``fills import`` and ``fills export``, beside COPY of the file, and their memory."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
from psycopg import sql

from bench.errors import MeasureError
from bench.messages import ASSETS, BEGIN, STEP, asset
from position_manager.cli.fill_formats import FIELDS
from position_manager.stack.context import Context

ROWS, FEW = 100_000, 1_000
COMMAND = Path(sys.executable).with_name("position-manager")
MEBIBYTE = 1024
PLAIN = sql.SQL("CREATE TABLE public.plain ({})").format(
    sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in FIELDS)
)


def figures(
    context: Context, dbname: str, scale: float, log: Callable[[str], None]
) -> dict[str, tuple[str, float]]:
    """By name, the unit and the value of each figure."""
    rows = max(int(ROWS * scale), FEW)
    env = dict(os.environ) | {"DATABASE_URL": context.dsn("pms_operator", dbname)}
    with tempfile.TemporaryDirectory() as folder:
        few, all_, out = (Path(folder) / f"{name}.csv" for name in ("few", "all", "out"))
        write(few, FEW, account="few")
        write(all_, rows)
        log(f"  import of {rows:,} fills")
        copied = _copied(context, dbname, all_)
        _, least = _run(env, "import", few)
        taken, memory = _run(env, "import", all_)
        again, _ = _run(env, "import", all_)
        exported, _ = _run(env, "export", out, "-a", "main")
        if sum(1 for _ in out.open()) != rows + 1:
            raise MeasureError("not all fills were exported")
    return {
        "COPY of a file of fills into a plain table": ("rows/s", rows / copied),
        "fills import": ("rows/s", rows / taken),
        "fills import, all duplicates": ("rows/s", rows / again),
        "fills export": ("rows/s", rows / exported),
        f"fills import, memory beyond {FEW:,} fills": ("MiB", max(memory - least, 0) / MEBIBYTE),
    }


def write(file: Path, rows: int, account: str = "main") -> None:
    """Write a file of fills, the newest first, of all assets in turns."""
    with file.open("w", newline="") as output:
        writer = csv.writer(output, lineterminator="\n")
        writer.writerow(FIELDS)
        for number in reversed(range(rows)):
            side = "sell" if number * 7 % 5 < 2 else "buy"
            at = (BEGIN + number * STEP).isoformat()
            writer.writerow((
                f"{account}-{number}", asset(number % ASSETS), side, f"{10 + number % 13}",
                f"{100 + number % 997}.25", "0.055", "USDT", at, f"o-{number // 3}", account,
                "one-way", "", "",
            ))  # fmt: skip


def _copied(context: Context, dbname: str, file: Path) -> float:
    """The seconds of COPY of a file."""
    with psycopg.connect(context.dsn(dbname=dbname)) as connection, connection.cursor() as cursor:
        cursor.execute(PLAIN)
        connection.commit()
        began = time.perf_counter()
        with (
            file.open("rb") as lines,
            cursor.copy("COPY public.plain FROM STDIN (FORMAT csv, HEADER)") as copy,
        ):
            while block := lines.read(1 << 16):
                copy.write(block)
        connection.commit()
        return time.perf_counter() - began


def _run(env: dict[str, str], *arguments: str | Path) -> tuple[float, int]:
    """Run a command of fills; its seconds and its largest memory in KiB."""
    began = time.perf_counter()
    with subprocess.Popen(
        [COMMAND, "fills", *arguments], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    ) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0 and process.stderr is not None:
            raise MeasureError(process.stderr.read().decode())
    return time.perf_counter() - began, usage.ru_maxrss
