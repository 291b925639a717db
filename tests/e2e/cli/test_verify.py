"""``position-manager verify``, on a separate ledger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.helpers.commands import Cli
from tests.helpers.ledger import Ledger, fill

if TYPE_CHECKING:
    from tests.conftest import Database


@pytest.fixture
def verifying(database: Database) -> Cli:
    """The commands against a ledger of three positions."""
    with psycopg.connect(database.dsn("pms_worker")) as worker:
        ledger = Ledger(worker, worker)
        ledger.apply(*(fill(asset, "Buy", "2", "10", asset=asset) for asset in ("A1", "A2", "A3")))
    return Cli({"DATABASE_URL": database.dsn("pms_operator")})


def edit(database: Database, statement: str) -> None:
    with psycopg.connect(database.dsn("pms_owner")) as owner:
        owner.execute(statement.encode())


def test_a_sound_ledger_is_verified(verifying: Cli) -> None:
    shown = verifying("verify")

    assert shown.exit_code == 0, shown.stderr
    assert shown.stdout.strip() == "verified: 3 positions, 3 entries, no discrepancy"


def test_differences_are_shown_and_set_the_exit_code(verifying: Cli, database: Database) -> None:
    edit(database, "UPDATE pms.positions SET cost = 21.5 WHERE asset = 'A2'")

    shown = verifying("verify")

    assert shown.exit_code == 1
    lines = [line.split() for line in shown.stdout.splitlines()]
    assert ["main", "A2", "one-way", "net", "cost", "21.5", "20"] in lines
    assert "1 discrepancies in 3 positions, 3 entries" in shown.stdout


def test_a_difference_in_a_book_is_shown_with_its_book(verifying: Cli, database: Database) -> None:
    with psycopg.connect(database.dsn("pms_worker")) as worker:
        named = fill("named", "Buy", "1", "10", asset="A2", strategy="alpha")
        assert Ledger(worker, worker).apply(named) == ["applied"]
    edit(database, "UPDATE pms.positions SET cost = 11 WHERE account = 'main|alpha'")

    lines = [line.split() for line in verifying("verify").stdout.splitlines()]
    assert ["main", "alpha", "A2", "one-way", "net", "cost", "11", "10"] in lines
    assert verifying("validate", "--all").exit_code == 0
    shown = verifying("discrepancies", "list", "--status", "all", width=250).stdout.splitlines()
    assert [line.split()[:4] for line in shown[-1:]] == [["main", "alpha", "A2", "net"]]
    assert verifying("discrepancies", "list", "--book", "beta").stderr == "no discrepancies\n"


def test_json_output_is_complete(verifying: Cli, database: Database) -> None:
    sound = verifying("verify", "--json")
    edit(database, "UPDATE pms.positions SET funding = 1")

    broken = verifying("verify", "--json")

    assert (sound.exit_code, broken.exit_code) == (0, 1)
    assert json.loads(sound.stdout)["findings"] == []
    found = json.loads(broken.stdout)
    assert (found["positions"], found["entries"], found["discrepancies"]) == (3, 3, 3)
    assert [each["asset"] for each in found["findings"]] == ["A1", "A2", "A3"]
    assert found["started_at"] < found["finished_at"]


def test_a_long_list_of_discrepancies_is_shortened(verifying: Cli, database: Database) -> None:
    edit(
        database,
        "UPDATE pms.positions SET size = 1, cost = 1, realized = 1, funding = 1;"
        " INSERT INTO pms.legs (account, asset, mode, leg)"
        " SELECT 'other-' || n, 'A1', 'one-way', 'net' FROM generate_series(1, 100) n;"
        " INSERT INTO pms.positions (account, asset, mode, leg, leg_id, position_id, funding)"
        " SELECT l.account, l.asset, l.mode, l.leg, l.leg_id, gen_random_uuid(), 1"
        " FROM pms.legs l WHERE l.account LIKE 'other-%'",
    )

    shown = verifying("verify")

    assert shown.exit_code == 1
    assert "112 discrepancies in 103 positions" in shown.stdout
    assert "the first 100 are shown" in shown.stdout


def test_an_analyst_cannot_verify(database: Database) -> None:
    refused = Cli({"DATABASE_URL": database.dsn("pms_analyst")})("verify")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "permission denied for function verify_ledger" in refused.stderr
