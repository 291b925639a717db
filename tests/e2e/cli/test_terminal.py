"""Texts of others never command the terminal: every command shows their control characters."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import psycopg
import pytest
from rich.cells import cell_len

import position_manager
from position_manager.terminal import CONTROL
from tests.conftest import Database
from tests.helpers.commands import Cli, leaves, lists, root
from tests.helpers.ledger import Ledger, bust, fill

SOURCE = Path(position_manager.__file__).parent
# Titles, colors and the clipboard of a terminal, the direction of text, and markup of rich.
HOSTILE = "\x1b]52;c;eA==\x07\x1b[31m\x9b1m\u202ed\x7f\n[link=http://x]l[/link] [/none]"
# In plain text, and in the JSON of a cell.
ESCAPED = re.compile(r"\\(x1b|u001b)")
# Of rows that are older than the refusal of such ids.
TRUST = """
    CREATE OR REPLACE FUNCTION pms.check_printable(literal text)
    RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN FALSE THEN literal END
"""
JOB = """
    INSERT INTO pms.job_runs (job, started_by, status, error, error_code, finished_at)
    VALUES ('check_limits', 'hand', 'failed', %s, '22023', now())
"""
# By command: its arguments, and whether it shows a text of others.
CASES: dict[str, tuple[list[str], bool]] = {
    "open": (["--account", HOSTILE, "--url", HOSTILE], False),
    "positions": ([], False),
    "portfolio": ([], False),
    "books": ([], False),
    "explain": (["BTCUSDT"], True),
    "cycles": (["BTCUSDT"], False),
    "fifo": (["BTCUSDT"], False),
    "restatements": ([], True),
    "conflicts": ([], True),
    "conflicts keep": ([HOSTILE], False),
    "conflicts take": ([HOSTILE], False),
    "transfer": ([HOSTILE, "1", "--from", HOSTILE, "--to", "a", "--id", HOSTILE], False),
    "cash deposit": (["1", HOSTILE, "--id", HOSTILE], False),
    "cash withdraw": (["1", HOSTILE, "--id", HOSTILE], False),
    "cash interest": (["1", HOSTILE, "--id", HOSTILE], False),
    "cash transfer": (["1", HOSTILE, "--from", HOSTILE, "--to", "a", "--id", HOSTILE], False),
    "cash bust": ([HOSTILE], False),
    "cash list": ([], False),
    "cash balances": ([], False),
    "move-fills": ([HOSTILE, "--to", HOSTILE, "--id", HOSTILE], False),
    "move-to-book": ([HOSTILE, "--id", HOSTILE, "--identity", HOSTILE], False),
    "fills list": ([], True),
    "fills record": ([HOSTILE, HOSTILE, "1", HOSTILE, "--id", HOSTILE], False),
    "fills bust": ([HOSTILE], False),
    "fills correct": ([HOSTILE, "--correction-id", HOSTILE, "--side", HOSTILE], False),
    "amendments list": ([], True),
    "amendments drop": ([HOSTILE], False),
    "funding record": (
        [HOSTILE, "--amount", HOSTILE, "--executed-at", HOSTILE, "--id", HOSTILE],
        False,
    ),
    "actions list": ([], False),
    "actions split": ([HOSTILE, "--ratio", "2", "--at", HOSTILE, "--id", HOSTILE], False),
    "actions rename": ([HOSTILE, HOSTILE, "--at", HOSTILE, "--id", HOSTILE], False),
    "actions contract": (
        [HOSTILE, "--multiplier", HOSTILE, "--at", HOSTILE, "--id", HOSTILE],
        False,
    ),
    "actions settle": ([HOSTILE, "--price", HOSTILE, "--at", HOSTILE, "--id", HOSTILE], False),
    "actions distribute": ([HOSTILE, "--amount", "1", "--at", HOSTILE, "--id", HOSTILE], False),
    "actions bust": ([HOSTILE], False),
    "instruments list": ([], False),
    "instruments define": ([HOSTILE], False),
    "instruments alias": ([HOSTILE, HOSTILE], False),
    "instruments unalias": ([HOSTILE], False),
    "instruments aliases": ([], False),
    "prices list": ([], False),
    "prices accept": ([HOSTILE], False),
    "prices drop": ([HOSTILE], False),
    "import positions": (["--table", f"public.{HOSTILE}"], True),
    "check": ([HOSTILE, "buy", "1"], False),
    "risk-limits list": ([], False),
    "risk-limits set": (["gross_exposure", HOSTILE], False),
    "risk-limits remove": ([HOSTILE], False),
    "risk-limits breaches": ([], False),
    "risk-limits acknowledge": (["1", "--note", HOSTILE], False),
    "pnl": (["--time-zone", HOSTILE], False),
    "history": ([], False),
    "stats": (["--time-zone", HOSTILE], False),
    "history capital": ([HOSTILE], True),
    "audit": ([], True),
    "keys list": ([], False),
    "keys create": ([HOSTILE], False),
    "keys rotate": ([HOSTILE], False),
    "keys revoke": ([HOSTILE], False),
    "rate-limits show": ([], False),
    "doctor": ([], False),
    "jobs list": ([], True),
    "jobs run": ([HOSTILE], True),
    "dead-letters list": ([], True),
    "dead-letters show": (["1"], True),
    "dead-letters retry": (["--reason", "invalid_side"], False),
    "dead-letters drop": (["--reason", HOSTILE], False),
    "repeats list": ([], True),
    "repeats count": (["1"], False),
    "repeats drop": (["1"], False),
    "validate": ([HOSTILE], False),
    "reviews": ([], False),
    "validations": ([], False),
    "verify": ([], False),
    "discrepancies list": (["--status", "all"], False),
    "discrepancies accept": ([HOSTILE, "--note", HOSTILE], False),
    "discrepancies dismiss": ([HOSTILE, "--note", HOSTILE], False),
    "ledger status": ([], False),
    "ledger archive": (["--before", HOSTILE, "--to", HOSTILE], False),
    "ledger restore": ([HOSTILE], False),
    "ledger reopen": ([HOSTILE], False),
    "cluster map show": ([], False),
    "cluster map set": (["/dev/null"], False),
    "cluster map spread": (["/dev/null", "--shards", "/dev/null"], False),
    "cluster status": (["--shards", "/dev/null"], False),
    "cluster drift": (["--shards", "/dev/null"], False),
    "snapshots create": ([], False),
    "snapshots list": ([], False),
}
# They print what this machine, a backup or the demo says of itself.
OF_OURS = {
    "up", "down", "status", "logs", "demo", "deploy", "export", "snapshots export", "fills export",
    "fills import", "backup", "keep-backups", "restore",
}  # fmt: skip


@pytest.fixture
def hostile(database: Database) -> Cli:
    """The commands against a database in which every free text is hostile."""
    dsn = database.dsn
    with (
        psycopg.connect(dsn("pms_owner"), autocommit=True) as owner,
        psycopg.connect(dsn("pms_worker")) as worker,
        psycopg.connect(dsn("pms_operator")) as operator,
    ):
        owner.execute(TRUST)
        ledger = Ledger(worker, operator)
        first = fill(f"a{HOSTILE}", "Buy", "2", "100", at="2026-01-02T00:00:00Z")
        late = fill(f"b{HOSTILE}", "Sell", "1", "110", at="2026-01-03T00:00:00Z")
        assert ledger.apply(first, late) == ["applied"] * 2
        assert ledger.apply(first | {"execution_quantity": "3"}) == ["rejected"]
        assert ledger.apply(bust(f"a{HOSTILE}"), bust(f"c{HOSTILE}")) == ["applied"] * 2
        nameless = {name: value for name, value in late.items() if name != "execution_id"}
        assert ledger.apply(nameless, nameless | {"trace_id": HOSTILE}) == [
            "applied", "quarantined",
        ]  # fmt: skip
        body = json.dumps({"event_type": HOSTILE, "side": HOSTILE}).encode()
        with worker.transaction():
            worker.execute(
                "SELECT pms.record_rejected_messages('order_events', %s, '{invalid_side}', %s, %s)",
                [[body], [HOSTILE], [HOSTILE]],
            )
        owner.execute(JOB, [HOSTILE])
        ledger.call("record_fill", execution_id=HOSTILE, asset=HOSTILE, side=HOSTILE)
    return Cli({"DATABASE_URL": dsn("pms_operator")})


def test_every_command_has_a_case() -> None:
    assert {name for name, _ in leaves(root())} == CASES.keys() | OF_OURS


def test_no_command_prints_a_control_character(hostile: Cli) -> None:
    for command, (arguments, shows) in CASES.items():
        run = hostile(*command.split(), *arguments, width=1000)
        assert isinstance(run.exception, SystemExit | None), (command, run.exception)
        assert set(CONTROL.findall(run.output)) <= {"\n"}, command
        if shows:
            assert ESCAPED.search(run.output), command


@pytest.mark.parametrize("width", [40, 80])
def test_no_list_cuts_a_cell_off(hostile: Cli, width: int) -> None:
    for command in lists():
        shown = hostile(*command.split(), *CASES[command][0], width=width)
        assert "…" not in shown.stdout, command
        assert max(map(cell_len, shown.stdout.splitlines()), default=0) <= width, command


def test_json_keeps_every_character_and_prints_none_of_them_raw(hostile: Cli) -> None:
    run = hostile("conflicts", "--json")

    assert CONTROL.findall(run.output) == ["\n"]
    ((conflict),) = json.loads(run.output)["conflicts"]
    assert conflict["identity"] == f"execution:a{HOSTILE}"


def test_commands_print_by_the_safe_functions_alone() -> None:
    unsafe = re.compile(r"(typer|click)\.s?echo|print|Console|sys\.std(out|err)\.write")
    files = [*SOURCE.glob("cli/*.py"), SOURCE / "deploy" / "command.py"]
    found = {
        f"{file.stem}: {ast.unparse(call.func)}"
        for file in files
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call) and unsafe.fullmatch(ast.unparse(call.func))
    }

    # Its progress bar prints numbers.
    assert found == {"exports: Console"}
