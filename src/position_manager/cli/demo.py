"""``position-manager demo``."""

from __future__ import annotations

import shlex
import sys
from datetime import timedelta
from typing import Annotated

import psycopg
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from position_manager.cli.commands import Commands
from position_manager.cli.operations import run_to_end
from position_manager.cli.output import Document, Screen, grid
from position_manager.cli.positions import portfolio_table, positions_table
from position_manager.cli.query import (
    REMEDY,
    AsJson,
    Broker,
    Database,
    Key,
    Url,
    address,
    call,
    connected,
    pages,
    refusals,
    refuse,
    stack_env,
)
from position_manager.simulation import cash
from position_manager.simulation.delivery import Delivery, DeliveryError, QueueNames
from position_manager.simulation.facts import Feed
from position_manager.simulation.ledger import Service
from position_manager.simulation.run import Report, Run, SessionOptions
from position_manager.simulation.scene import disagree, drop_rejected, limit_exposure, set_capital
from position_manager.stack import settings
from position_manager.stack.context import Context
from position_manager.stack.parts import answers_ok
from position_manager.stack.processes import wait
from position_manager.terminal import print_json
from position_manager.worker.broker import BROKER_ERRORS

ACCOUNTS = ["demo-majors", "demo-alts"]
# Of the first account: beside them, it has the book of what names no strategy.
STRATEGIES = ("momentum", "carry")
# They record what is to be seen at once, and not in a minute.
JOBS = ("sum_pnl", "check_limits", "record_portfolio_history", "take_snapshots")
OUTCOMES = ("applied", "duplicate", "ignored", "stale", "rejected")
SHOWN = 20
GATEWAY_PATIENCE = 60.0


app = Commands()


@app.command()
def demo(
    fills: Annotated[int, typer.Option(min=1, max=1_000_000, help="Number of fills.")] = 21000,
    ticks: Annotated[int, typer.Option(min=0, max=1_000_000, help="Number of prices.")] = 21000,
    assets: Annotated[int, typer.Option(min=1, max=500, help="Number of instruments.")] = 40,
    seed: Annotated[
        int, typer.Option(help="Seed of the session; the same seed makes the same trades.")
    ] = 1,
    days: Annotated[
        int, typer.Option(min=1, max=365, help="Days over which they lie, until now.")
    ] = 60,
    accounts: Annotated[
        list[str], typer.Option("--account", "-a", help="Account that trades; repeat it for more.")
    ] = ACCOUNTS,
    forget: Annotated[
        bool, typer.Option("--forget", help="Delete what earlier demos left, and trade nothing.")
    ] = False,
    as_json: AsJson = False,
    database: Database = None,
    broker: Broker = None,
    url: Url = None,
    key: Key = None,
) -> None:
    """Replay weeks of trading through the real queues and check that all positions are exact.

    Two accounts trade, the first one in three books and with cash; the messages have the formats of
    order-manager and ws-gateway, and some are late, duplicate or malformed. The positions of
    accounts and books are compared, to the last digit, with the reference implementation in Python,
    which starts from the existing ledger. Exits with 1 when any figure differs. Requires a running
    service:  make up.

    --forget deletes the accounts named demo-… in which nobody else has recorded anything, and the
    prices of assets that no other account has traded.
    """
    if forget:
        _forget(database, as_json)
        return
    with refusals():
        names = QueueNames.of(settings.chosen().service)
    database_url, broker_url = address("DATABASE_URL", database), address("RABBITMQ_URL", broker)
    url, key = address("POSITION_MANAGER_URL", url), address("POSITION_MANAGER_API_KEY", key)
    service = Service(database_url, accounts)
    delivery: Delivery | None = None
    try:
        delivery = Delivery(broker_url, names)
        delivery.connect()
        options = SessionOptions(
            seed, assets, fills, ticks, tuple(accounts), STRATEGIES, timedelta(days)
        )
        run = Run(options, service, delivery)
        report = _play(run, fills)
        scene = _scene(service, delivery, run, database) if report.is_exact else []
        if report.is_exact:
            drop_rejected(service, report.run)
    except (*BROKER_ERRORS, DeliveryError) as error:
        reason = str(error) or type(error).__name__
        refuse("the broker does not answer", reason, REMEDY.format(name="RABBITMQ_URL"))
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        refuse("the database does not answer", reason, REMEDY.format(name="DATABASE_URL"))
    finally:
        if delivery is not None:
            delivery.close()
        service.close()
    patience = GATEWAY_PATIENCE if report.is_exact else 0
    serves = wait(lambda: answers_ok(f"{url}/health"), patience)
    with connected(database) as connection:
        positions = {
            each: call(connection, "get_positions", account=each)["positions"] for each in accounts
        }
        portfolios = {each: call(connection, "get_portfolio", account=each) for each in accounts}
    if as_json:
        print_json(_document(report, url) | {"positions": positions, "portfolios": portfolios})
    else:
        console = Screen()
        for table in (
            *(positions_table(positions[a], console, f"Positions of {a}") for a in accounts),
            *(portfolio_table(portfolios[a], f"Portfolio of {a}") for a in accounts),
            _throughput(report),
            _outcomes(report),
        ):
            console.print(table)
            console.print()
        _verdict(console, report)
        for line in scene:
            console.print(line)
        if serves:
            _next_steps(console, url, key, accounts[0])
    if not serves:
        refuse(f"{url}/health does not report healthy", "Show the state of each part:  make status")
    if not report.is_exact:
        raise typer.Exit(1)


def _scene(service: Service, delivery: Delivery, run: Run, database: str | None) -> list[str]:
    """Let the accounts of a first demo have what is worth looking at; what that is, in lines."""
    accounts = run.session.accounts
    if run.report.earlier or not all(account.startswith("demo-") for account in accounts):
        return []
    first, last = accounts[0], accounts[-1]
    set_capital(service, accounts[1:], run.session.begin)
    run.move_cash()
    if not run.report.is_exact:
        return []
    limit = limit_exposure(service, last)
    asset = disagree(service, delivery, first, run.held_by(first))
    for job in JOBS:
        run_to_end(job, due=False, database=database)
    split = run.session.split
    return [
        f"{first} has cash in {' and '.join(cash.CURRENCIES)}:  cash balances",
        *([f"{last} exceeds its limit {limit}:  risk-limits breaches"] if limit else []),
        *([f"{first}: the venue disagrees about {asset}:  discrepancies list"] if asset else []),
        *([f"{split.asset} was split on {split.at:%Y-%m-%d}:  actions list"] if split else []),
    ]


def _forget(database: str | None, as_json: bool) -> None:
    with connected(database) as connection:
        row = connection.execute("SELECT api.forget_demo()").fetchone()
    entries = 0 if row is None else int(row[0])
    if as_json:
        print_json({"entries": entries})
    else:
        Screen().print(f"The accounts of the demo are gone, with {entries:,} entries.")


def _play(run: Run, fills: int) -> Report:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Screen(stderr=True)) as progress:
        published = progress.add_task("messages published", total=len(run.session.messages))
        applied = progress.add_task("fills applied", total=fills)

        def show(sent: int, done: int) -> None:
            progress.update(published, completed=sent, total=max(sent, len(run.session.messages)))
            progress.update(applied, completed=done)

        return run.play(show)


def _throughput(report: Report) -> Table:
    table = grid("Throughput")
    table.add_column("")
    for name in ("count", "seconds", "per second"):
        table.add_column(name, justify="right")
    for name, (count, seconds) in _rates(report).items():
        table.add_row(name, f"{count:,}", f"{seconds:.1f}", f"{count / seconds:,.0f}")
    return table


def _rates(report: Report) -> dict[str, tuple[int, float]]:
    return {
        "messages published": (len(report.session.messages), report.published_seconds),
        "fills applied, since the first publish": (report.applied, report.applied_seconds),
    }


def _outcomes(report: Report) -> Table:
    table = grid("Messages, as counted by the worker")
    table.add_column("feed")
    for name in OUTCOMES:
        table.add_column(name, justify="right")
    table.add_column("sent", justify="right")
    for feed in Feed:
        counted = report.tally.total[feed]
        sent = report.session.expected.outcomes[feed].total()
        row = (f"{counted[name]:,}" for name in OUTCOMES)
        table.add_row(feed.value, *row, f"{sent:,}")
    table.caption = (
        "Meant: messages sent twice are duplicates; cancelled, rejected and simulated orders are\n"
        "ignored; of several prices in a batch the newest counts; malformed messages are rejected\n"
        "and dropped in the end."
    )
    if report.tally.restarted or report.interruptions:
        table.caption = (
            "A part was restarted: redelivered messages were counted again, and counts since the\n"
            "worker's last report before a crash are missing."
        )
    return table


def _verdict(console: Screen, report: Report) -> None:
    expected = report.session.expected
    if report.is_exact:
        earlier = f" on top of {report.earlier:,} earlier ones" if report.earlier else ""
        console.print(
            Text.assemble(
                (
                    f"All {report.positions} positions equal the independent computation, "
                    "to the last digit",
                    "bold green",
                ),
                f" ({expected.fills:,} fills{earlier}).",
            )
        )
        if report.books:
            console.print(
                f"So do the {report.book_positions} of the books {', '.join(report.books)} of "
                f"{report.session.accounts[0]}; the books add up to the account."
            )
        return
    table = grid("Differences")
    for name in ("asset", "book", "figure", "service", "computed"):
        table.add_column(name, justify="right" if name in ("service", "computed") else "left")
    for each in report.mismatches[:SHOWN]:
        table.add_row(each.asset, each.book, each.field, each.service, each.computed)
    if len(report.mismatches) > SHOWN:
        table.caption = f"and {len(report.mismatches) - SHOWN:,} more"
    console.print(table)
    console.print(
        Text.assemble(
            (f"{len(report.mismatches)} figures differ from the computation", "bold red"),
            f"; {report.applied:,} of {expected.fills:,} fills are in the ledger.",
        )
    )
    if report.applied < expected.fills:
        console.print("No more fills were applied. Show the parts:  make status")
    if report.others:
        console.print(
            f"Other clients added {report.others:,} entries to these positions meanwhile: run the "
            "demo in a separate account (--account)."
        )


def _next_steps(console: Screen, url: str, key: str, account: str) -> None:
    # The key must get neither into the log of a build nor into a command line.
    request = f'curl -H @- {url}/api/v1/portfolio <<<"X-API-Key: $POSITION_MANAGER_API_KEY"'
    if stack_env().get("POSITION_MANAGER_API_KEY") == key:
        header = Context(settings.chosen()).key_header
        request = f"curl -H {shlex.quote(f'@{header}')} {url}/api/v1/portfolio"
    for line in (
        "\nThe service keeps running:",
        *pages(url),
        "Next:",
        f"  {request}",
        # The command as it was called: after `make demo` it is not on PATH.
        f"  {sys.argv[0]} positions BTCUSDT --account {account}",
        f"  {sys.argv[0]} demo --forget",
    ):
        console.print(line, soft_wrap=True)


def _document(report: Report, url: str) -> Document:
    return {
        "run": report.run,
        "accounts": list(report.session.accounts),
        "is_exact": report.is_exact,
        "mismatches": [
            {
                "asset": each.asset,
                "book": each.book,
                "field": each.field,
                "service": each.service,
                "computed": each.computed,
            }
            for each in report.mismatches
        ],
        "books": report.books,
        "book_positions": report.book_positions,
        "fills_expected": report.session.expected.fills,
        "fills_applied": report.applied,
        "fills_of_others": report.others,
        "fills_before": report.earlier,
        "messages_published": len(report.session.messages),
        "rates": {
            name: {"count": count, "seconds": str(round(seconds, 3))}
            for name, (count, seconds) in _rates(report).items()
        },
        "outcomes": {feed.value: dict(report.tally.total[feed]) for feed in Feed},
        "worker_restarted": report.tally.restarted,
        "broker_interruptions": report.interruptions,
        "url": url,
    }
