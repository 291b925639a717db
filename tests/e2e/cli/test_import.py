"""``position-manager import positions``, from a table of the seed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psycopg
import pytest
from typer.testing import CliRunner

from position_manager.cli.app import app
from tests.helpers.commands import Cli

if TYPE_CHECKING:
    from tests.conftest import Database

OLD = """
    CREATE TABLE public.positions (
        id uuid DEFAULT gen_random_uuid(), asset text, mode text, size numeric(20, 8),
        average_entry_price numeric(20, 8), current_price numeric(20, 8),
        realized_pnl numeric(20, 8), long_size numeric(20, 8), short_size numeric(20, 8),
        last_updated timestamp, closed_at timestamp
    );
    INSERT INTO public.positions
        (asset, mode, size, average_entry_price, current_price, realized_pnl, last_updated)
    VALUES
        ('ETHUSDT', 'one-way', -1.5, 3000.00000001, 3100, 7, '2026-01-02 00:00:00'),
        ('BTCUSDT', 'one-way', 0.1, 50000, NULL, 0, '2026-01-02 00:00:00'),
        ('SOLUSDT', 'one-way', 3, NULL, 20, 0, '2026-01-02 00:00:00'),
        ('XRPUSDT', 'one-way', 0, NULL, NULL, 0, '2026-01-02 00:00:00');
"""
HELD = "SELECT asset, size::text, average_entry_price::text FROM api.positions ORDER BY asset"
BOTH = [("BTCUSDT", "0.1", "50000"), ("ETHUSDT", "-1.5", "3000.00000001")]


@pytest.fixture
def old(database: Database) -> Cli:
    """The commands of an operator, beside a table of an older service."""
    execute(database, OLD)
    return Cli({"DATABASE_URL": database.dsn("pms_operator")})


def execute(database: Database, statement: str) -> list[tuple[str, ...]]:
    with psycopg.connect(database.dsn(), autocommit=True) as connection:
        cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_an_import_without_yes_only_shows_the_plan(database: Database, old: Cli) -> None:
    env = {"DATABASE_URL": database.dsn("pms_operator"), "COLUMNS": "200"}
    arguments = ["import", "positions", "--from", database.dsn()]

    answered = CliRunner().invoke(app, arguments, env=env, input="n\n")

    lines = [line.split() for line in answered.stdout.splitlines()]
    assert lines[2:4] == [
        ["main", "BTCUSDT", "one-way", "net", "0.1", "50000", "0", "2026-01-02", "00:00:00",
         "import"],
        ["main", "ETHUSDT", "one-way", "net", "-1.5", "3000.00000001", "7",
         "2026-01-02", "00:00:00", "import"],
    ]  # fmt: skip
    assert "reject" in lines[4]
    assert "average_entry_price: must be a decimal > 0" in answered.stdout
    assert " ".join(lines[5]).endswith("skip nothing is held and nothing was earned")
    assert "import 2 positions?" in answered.stderr
    assert execute(database, HELD) == []


def test_a_narrow_terminal_shows_why_a_row_is_rejected(database: Database, old: Cli) -> None:
    shown = old("import", "positions", "--from", database.dsn(), "--yes", width=80).stdout

    assert "…" not in shown
    assert "average_entry_price" in shown


def test_an_import_with_yes_is_applied_once(database: Database, old: Cli) -> None:
    arguments = "import", "positions", "--from", database.dsn(), "--yes"

    first = old(*arguments)
    second = old(*arguments)

    # A refusal sets the exit code.
    assert (first.exit_code, second.exit_code) == (1, 1)
    assert "2 positions imported" in first.stdout
    assert "imported" not in second.stdout.splitlines()[-1]
    assert second.stdout.count("already imported") == 2
    assert execute(database, HELD) == BOTH


def test_a_local_table_and_an_account_can_be_given(database: Database, old: Cli) -> None:
    execute(
        database,
        "CREATE VIEW public.sound AS SELECT * FROM public.positions WHERE asset <> 'SOLUSDT';"
        "GRANT SELECT ON public.sound TO pms_operator",
    )
    arguments = "import", "positions", "--table", "public.sound", "--account", "old", "--json"

    planned = old(*arguments)
    done = old(*arguments, "--yes")

    assert (planned.exit_code, done.exit_code) == (0, 0), done.stderr
    assert json.loads(planned.stdout)["counts"] == {"applied": 2, "ignored": 1}
    assert {leg["account"] for leg in json.loads(done.stdout)["legs"]} == {"old"}
    assert execute(database, HELD) == BOTH


def test_an_unreadable_table_is_refused(old: Cli) -> None:
    hidden = old("import", "positions", "--yes")
    missing = old("import", "positions", "--table", "public.nothing")

    assert (hidden.exit_code, missing.exit_code) == (1, 1)
    assert "permission denied for table positions" in hidden.stderr
    assert 'relation "public.nothing" does not exist' in missing.stderr
