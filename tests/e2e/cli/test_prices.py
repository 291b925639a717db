"""What ``position-manager prices`` refuses, and its list in 80 columns."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.helpers.commands import Cli
from tests.helpers.ledger import Ledger

if TYPE_CHECKING:
    from tests.conftest import Database


@pytest.fixture
def asset(shared_database: Database) -> str:
    """An asset at 100 whose price of 1,000 is held."""
    name = f"P{uuid.uuid4().hex[:8].upper()}USDT"
    with psycopg.connect(shared_database.dsn("pms_operator"), autocommit=True) as connection:
        ledger = Ledger(connection, connection)
        outcomes = [
            ledger.call("record_price", symbol=name, mark_price=price)["outcome"]
            for price in ("100", "1000")
        ]
    assert outcomes == ["applied", "held"]
    return name


def test_a_held_price_is_listed_in_80_columns(operator: Cli, asset: str) -> None:
    narrow = operator("prices", "list", "--held", width=80).stdout
    found = json.loads(operator("prices", "list", "--json").stdout)["prices"]

    (line,) = (each for each in narrow.splitlines() if each.startswith(asset))
    assert line.split()[1:3] == ["100", "stale"]
    assert "1,000" in line
    assert max(map(len, narrow.splitlines())) <= 80
    assert "…" not in narrow
    (price,) = (each for each in found if each["asset"] == asset)
    assert (price["mark_price"], price["held_price"]) == ("100", "1000")


@pytest.mark.parametrize("decision", ["accept", "drop"])
def test_an_asset_that_is_no_name_is_refused(operator: Cli, decision: str) -> None:
    refused = operator("prices", decision, "A,B")

    assert (refused.exit_code, refused.stdout) == (1, "")
    assert refused.stderr.startswith("refused: asset: must be 1 to 64 letters")
    assert len(refused.stderr.splitlines()) == 1
