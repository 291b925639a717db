"""Print where a batch of fills and a request spend their time: ``make profile``.

The times are those of pg_stat_statements, in a database of the benchmark. A statement includes the
statements of the functions that it calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import psycopg
import typer
from psycopg import sql
from rich.console import Console
from rich.table import Table

from bench import requests, serving
from bench.batches import WARM_UP_CALLS, apply
from bench.bounds import CONSTANT
from bench.databases import Databases
from bench.load import WARM_UP_REQUESTS, Client
from bench.messages import ASSETS, executions
from bench.running import failures, running_stack
from bench.timing import milliseconds_of
from position_manager.cli.output import grid
from position_manager.stack.context import Context

BATCH, BATCHES, REQUESTS = 1000, 20, 200
EXTENSION = "CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public"
TRACK_ALL = "ALTER DATABASE {} SET pg_stat_statements.track = 'all'"
RESET = """
    SELECT public.pg_stat_statements_reset(dbid => d.oid)
    FROM pg_database d WHERE d.datname = current_database()
"""
STATEMENTS = """
    SELECT s.query, s.toplevel, s.calls, s.total_exec_time
    FROM public.pg_stat_statements s
    INNER JOIN pg_database d ON s.dbid = d.oid
    WHERE d.datname = current_database() AND s.query NOT LIKE '%pg_stat_statements%'
    ORDER BY s.total_exec_time DESC, s.query
"""
# Marks of PostgREST's statements: the call that authenticates, and the query of the function.
CHECK, QUERY = "check_request", "pgrst_source"
# As the gateway rewrites the paths; the constant function has no parameters.
BEHIND = {
    CONSTANT: "get_constant",
    "GET /positions/{asset}": "get_position?asset=BENCH000USDT&mode=&account=&as_of=&known_at=",
    "GET /portfolio/exposure": "get_exposure?account=",
    "GET /portfolio/pnl": "get_pnl?account=",
    "GET /portfolio": "get_portfolio?include_positions=&asset=&account=&as_of=&known_at=",
    "GET /positions": "get_positions?asset=&mode=&account=&size_min=&size_max=&page_limit="
    "&page_offset=&as_of=&known_at=",
}
SHOWN, NUMBER_WIDTH = 30, 7


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, the number of its calls and the milliseconds of all of them."""

    text: str
    is_outermost: bool
    calls: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Request:
    """The mean milliseconds of a request: through the gateway, without it, and in SQL."""

    end_to_end: float
    without_gateway: float
    authentication: float
    function: float
    other_sql: float

    def parts(self) -> dict[str, float]:
        """The parts that add up to the whole."""
        in_sql = self.authentication + self.function + self.other_sql
        return {
            "nginx": self.end_to_end - self.without_gateway,
            "PostgREST": self.without_gateway - in_sql,
            "authentication": self.authentication,
            "function": self.function,
            "other SQL": self.other_sql,
        }


def split(statements: list[Statement], requests_sent: int) -> tuple[float, float, float]:
    """Milliseconds a request in SQL: authentication, function, other statements."""
    sums = {"authentication": 0.0, "function": 0.0, "other": 0.0}
    for each in statements:
        if each.is_outermost:
            sums[_part_of(each.text)] += each.milliseconds / requests_sent
    return sums["authentication"], sums["function"], sums["other"]


def _part_of(text: str) -> str:
    if CHECK in text:
        return "authentication"
    return "function" if QUERY in text else "other"


def batch_table(statements: list[Statement], batches: int, fills: int) -> Table:
    """The statements of the batches, the slowest first, with their share of the outermost one."""
    whole = sum(each.milliseconds for each in statements if each.is_outermost)
    table = grid(f"Batches of {fills} fills: {whole / batches:,.1f} ms in SQL")
    for name in ("ms", "share", "calls"):
        table.add_column(name, justify="right", no_wrap=True, min_width=NUMBER_WIDTH)
    table.add_column("statement", no_wrap=True, overflow="ellipsis")
    for each in statements[:SHOWN]:
        table.add_row(
            f"{each.milliseconds / batches:,.2f}",
            f"{each.milliseconds / whole:.1%}",
            f"{each.calls / batches:,.1f}",
            " ".join(each.text.split()),
        )
    return table


def request_table(found: dict[str, Request]) -> Table:
    """The milliseconds of each path, and of its parts."""
    table = grid("A request, mean milliseconds")
    table.add_column("", no_wrap=True)
    for name in ("end to end", *next(iter(found.values())).parts()):
        table.add_column(name, justify="right", no_wrap=True)
    for path, each in found.items():
        cells = (each.end_to_end, *each.parts().values())
        table.add_row(path, *(f"{value:,.2f}" for value in cells))
    return table


def profile_batches(context: Context, dbname: str, size: int, legs: int) -> list[Statement]:
    """Apply batches after a warm-up; return their statements."""
    with (
        statistics(context, dbname) as (reset, read),
        psycopg.connect(
            context.dsn("pms_worker", dbname), autocommit=True, prepare_threshold=None
        ) as worker,
    ):
        worker.execute("SET jit = off")
        for number in range(WARM_UP_CALLS + BATCHES):
            if number == WARM_UP_CALLS:
                reset()
            apply(worker, executions(size, legs, number * size))
        return [each for each in read() if each.text not in ("BEGIN", "COMMIT")]


def profile_requests(context: Context, dbname: str, scale: float) -> dict[str, Request]:
    """Send requests to each path, through the gateway and without it, one at a time."""
    requests.prepare(context, dbname, scale)
    serving.register_key(context, dbname)
    count, found = max(int(REQUESTS * scale), 5), {}
    with (
        statistics(context, dbname) as (reset, read),
        serving.serve(context, dbname) as (port, _),
        serving.front(context, port) as (public_port, _),
        Client(public_port, serving.KEY) as through,
        Client(port, serving.KEY) as direct,
    ):
        for name, path in requests.PATHS.items():
            behind = f"/rpc/{BEHIND[name]}"
            ways = ((through, path), (direct, behind))
            _milliseconds(ways, WARM_UP_REQUESTS)
            reset()
            whole, without = _milliseconds(ways, count)
            found[name] = Request(whole, without, *split(read(), len(ways) * count))
    return found


@contextmanager
def statistics(
    context: Context, dbname: str
) -> Iterator[tuple[Callable[[], None], Callable[[], list[Statement]]]]:
    """Track all statements of connections made from now on; yields how to reset and to read."""
    with psycopg.connect(context.dsn(dbname=dbname), autocommit=True) as superuser:
        superuser.execute(EXTENSION)
        superuser.execute(sql.SQL(TRACK_ALL).format(sql.Identifier(dbname)))

        def reset() -> None:
            superuser.execute(RESET)

        def read() -> list[Statement]:
            return [Statement(*row) for row in superuser.execute(STATEMENTS).fetchall()]

        yield reset, read
        reset()


def _milliseconds(ways: Sequence[tuple[Client, str]], count: int) -> list[float]:
    """The mean milliseconds of requests that are sent in turns in each way."""
    sums = [0.0 for _ in ways]
    for _ in range(count):
        for place, (client, path) in enumerate(ways):
            sums[place] += milliseconds_of(partial(client.get, path))
    return [each / count for each in sums]


def main(
    scale: Annotated[
        float, typer.Option(min=0.001, max=1, help="Factor of the positions and requests.")
    ] = 1,
    fills: Annotated[int, typer.Option(min=1, help="Fills of a batch.")] = BATCH,
    legs: Annotated[int, typer.Option(min=1, help="Legs that the batches touch.")] = ASSETS,
) -> None:
    """Print the statements of a batch of fills, and the parts of a request.

    Uses databases on the cluster of the private stack and drops them afterwards.
    """
    messages, console = Console(stderr=True, highlight=False), Console()
    stack = running_stack(messages)
    with failures(messages), Databases(stack.context) as databases:
        messages.print(f"batches of {fills} fills, {legs} legs")
        with databases.fresh() as dbname:
            statements = profile_batches(stack.context, dbname, fills, legs)
        console.print(batch_table(statements, BATCHES, fills))
        console.print()
        messages.print("requests")
        with databases.fresh() as dbname:
            console.print(request_table(profile_requests(stack.context, dbname, scale)))


if __name__ == "__main__":
    typer.run(main)
