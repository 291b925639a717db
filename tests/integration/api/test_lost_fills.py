"""A message that does not count as sent is visible on its position within a second, until settled.

Through the broker, the worker, REST, the command line and the metrics.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from position_manager.stack import rabbitmq
from position_manager.stack.context import DATABASE
from tests.helpers.commands import Cli
from tests.helpers.harness import World, eventually
from tests.helpers.ledger_check import assert_verified
from tests.helpers.lost_fills import CASES, Step, amendment, order, raw, report, tick
from tests.helpers.prepared_cluster import prepared_stack
from tests.helpers.service import Service

pytestmark = pytest.mark.xdist_group("lost fills")

DISCREPANCY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Desk:
    """A service with its worker, as an operator and a producer see it."""

    service: Service
    world: World
    cli: Cli

    def take(self, steps: Sequence[Step], reasons: Sequence[dict[str, Any]] = ()) -> None:
        """Send messages and run commands, one after the other."""
        for step in steps:
            if isinstance(step, str):
                found = DISCREPANCY.search(reasons[0]["detail"] or "") if reasons else None
                line = step.format(
                    source=reasons[0]["source"] if reasons else "",
                    discrepancy=found[0] if found else "",
                )
                run = self.cli(*line.split())
                assert run.exit_code == 0, (line, run.output)
            else:
                self.world.publish(step[0], [step[1]], user_id=rabbitmq.USER)

    def applied(self) -> int:
        """How many messages the worker has committed."""
        log = (self.service.stack.context.logs / "ingest.log").read_text()
        # The last line may be on its way.
        lines = map(json.loads, log.split("\n")[:-1])
        return sum(line["size"] for line in lines if line["event"] == "batch")

    def has_applied(self, messages: int) -> bool:
        """Whether the worker has committed that number of messages."""
        return self.applied() >= messages

    def prepare(self, steps: Sequence[Step]) -> None:
        """Take steps, each when the one before it has been applied."""
        for step in steps:
            due = self.applied() + (not isinstance(step, str))
            self.take([step])
            eventually(partial(self.has_applied, due))

    def reasons(self, account: str, asset: str) -> list[dict[str, Any]]:
        """The reasons of an asset, over REST."""
        asked = {"account": account, "asset": asset}
        found: list[dict[str, Any]] = self.service.get("/api/v1/reviews", params=asked).json()[
            "reviews"
        ]
        return found

    def flags(self, account: str, asset: str) -> set[str]:
        """The codes of the positions of an asset, over REST."""
        listed = self.service.get("/api/v1/positions", params={"account": account}).json()
        found = [each for each in listed["positions"] if each["asset"] == asset]
        assert all(each["needs_review"] == bool(each["review_reasons"]) for each in found)
        return {code for each in found for code in each["review_reasons"]}

    def shown(self, *command: str) -> str:
        """The output of a command."""
        run = self.cli(*command, width=300)
        assert run.exit_code == 0, run.output
        return run.stdout

    def metric(self, name: str) -> int:
        """A figure as Prometheus reads it."""
        text = self.service.get("/metrics", key=None, headers={"Accept": "text/plain"}).text
        [line] = [
            each for each in text.splitlines() if each.startswith(f"position_manager_{name} ")
        ]
        return int(line.split()[-1])

    def counted(self, code: str) -> set[int]:
        """The number of reasons with a code, in the metrics and in health."""
        documents = (self.service.get(path, key=None).json() for path in ("/metrics", "/health"))
        return {self.metric(f'reviews{{code="{code}"}}')} | {
            each["reviews"].get(code, 0) for each in documents
        }

    def figures(self, name: str) -> set[int]:
        """A figure of the metrics and of health."""
        documents = (self.service.get(path, key=None).json() for path in ("/metrics", "/health"))
        return {self.metric(name)} | {each[name] for each in documents}


@pytest.fixture(scope="module")
def desk(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A stack whose producer may write to the account main, warmed up by a fill."""
    stack = prepared_stack(
        run_folder.with_name(f"{run_folder.name}-lost-fills"),
        rate_limit_default=1_000_000,
        producer_accounts=f"{rabbitmq.USER}:main",
    )
    try:
        stack.up()
        world = World(stack, DATABASE, tmp_path_factory.mktemp("world"))
        world.query("SELECT cron.unschedule(j.jobid) FROM cron.job j")
        cli = Cli({"DATABASE_URL": stack.context.dsn("pms_operator")})
        desk = Desk(Service(stack), world, cli)
        # What the first message of a session pays for, refused or not.
        desk.prepare([
            order("WARMUSDT"), order("WARMUSDT", "other", side="HOLD"),
            report("WARMUSDT", "1"), report("WARMUSDT", "many", 6), report("WARMUSDT", "1", 7),
            tick("WARMUSDT", "100", 1),
        ])  # fmt: skip
        [reason] = desk.reasons("main", "WARMUSDT")
        desk.take(["dead-letters drop {source}"], [reason])
        yield desk
        assert_verified(stack.context.dsn())
    finally:
        stack.down(delete=True)


@contextmanager
def tuned(desk: Desk, setting: tuple[str, str] | None) -> Iterator[None]:
    """For a while, what an operator has set."""
    if setting is None:
        yield
        return
    name, value = setting
    former = desk.world.value(f"SELECT {name} FROM pms.settings")
    change = f"UPDATE pms.settings SET {name} = %s"
    desk.world.query(change, value)
    try:
        yield
    finally:
        desk.world.query(change, former)


@pytest.mark.parametrize("kind", CASES)
def test_it_is_visible_within_a_second_until_it_is_settled(desk: Desk, kind: str) -> None:
    own = f"L{list(CASES).index(kind)}USDT"
    case = CASES[kind](own)
    asset = case.asset or own

    with tuned(desk, case.setting):
        desk.prepare(case.before)
        before = desk.reasons(case.account, asset)
        began = time.monotonic()
        desk.take(case.sent, before)
        if isinstance(case.sent[-1], str):
            # A command is done when it returns.
            began = time.monotonic()
        eventually(lambda: case.code in desk.flags(case.account, asset))
        milliseconds = round((time.monotonic() - began) * 1000)
        assert milliseconds < 1000

        reasons = [r for r in desk.reasons(case.account, asset) if r["code"] == case.code]
        assert reasons
        assert desk.counted(case.code) == {len(reasons)}
        for command in ("positions", "reviews"):
            lines = desk.shown(command, "--account", case.account).splitlines()
            assert any(asset in line and case.code in line for line in lines)
        print(f"| {kind} | {case.code} | {milliseconds} | {reasons[0]['remedy']} |")

        desk.take(case.settled, reasons)
        eventually(lambda: desk.flags(case.account, asset) == set())

    assert desk.reasons(case.account, asset) == []
    assert desk.counted(case.code) == {0}
    assert case.code not in desk.shown("positions", "--account", case.account)
    assert desk.shown("reviews", asset, "--account", case.account) == ""


@pytest.mark.parametrize(
    "lost",
    [
        order("BAD,USDT", side="HOLD"),
        order("LOSTUSDT", account='no "account"'),
        raw("LOSTUSDT", whole=b"no message"),
    ],
    ids=["no asset", "no account", "nothing"],
)
def test_a_message_that_names_no_position_is_counted_until_it_is_dropped(
    desk: Desk, lost: Step
) -> None:
    [before] = desk.figures("dead_letters")
    began = time.monotonic()
    desk.take([lost])
    eventually(lambda: desk.figures("dead_letters") == {before + 1})
    assert time.monotonic() - began < 1
    letter, *_ = json.loads(desk.shown("dead-letters", "list", "--json"))["dead_letters"]

    desk.take([f"dead-letters drop {letter['id']}"])

    assert desk.figures("dead_letters") == {before}


def test_an_amendment_that_names_no_position_is_counted_until_it_is_dropped(desk: Desk) -> None:
    desk.take([amendment("NONE", "trade_busted", asset=None)])
    eventually(lambda: desk.figures("pending_amendments") == {1})
    assert "NONE-lost" in desk.shown("amendments", "list")

    desk.take(["amendments drop bust:execution:NONE-lost"])

    assert desk.figures("pending_amendments") == {0}
