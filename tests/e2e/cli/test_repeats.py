"""``position-manager repeats``, and the same over REST."""

from __future__ import annotations

import json
import uuid

import httpx
import psycopg
import pytest

from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli
from tests.helpers.ledger import fill


@pytest.fixture
def asset() -> str:
    """An asset that no other test trades."""
    return f"S{uuid.uuid4().hex[:10].upper()}USDT"


def suspect(stack: Stack, asset: str) -> str:
    """Two equal fills without ids in two messages, as the worker receives them; the id."""
    one = fill(asset, "Buy", "2", "10", asset=asset)
    del one["execution_id"]
    texts = [json.dumps(one), json.dumps(one | {"trace_id": "another"})]
    with psycopg.connect(stack.context.dsn("pms_worker")) as worker:
        worker.execute("SELECT pms.apply_order_events(%b::text[]::jsonb[])", [texts])
    with psycopg.connect(stack.context.dsn()) as connection:
        row = connection.execute(
            "SELECT s.id FROM pms.suspected_repeats s WHERE s.asset = %s", [asset]
        ).fetchone()
    assert row is not None
    return str(row[0])


def test_a_suspected_repeat_is_listed_and_counted(cli: Cli, stack: Stack, asset: str) -> None:
    repeat = suspect(stack, asset)

    shown = cli("repeats", "list", asset, width=80).stdout
    assert asset in shown
    assert len(shown.splitlines()) == 4
    assert shown.splitlines()[-1].startswith("without room: ")
    assert "…" not in shown
    listed = json.loads(cli("repeats", "list", asset, "--json").stdout)
    assert [str(each["id"]) for each in listed["suspected_repeats"]] == [repeat]
    counted = cli("repeats", "count", repeat)
    assert (counted.exit_code, counted.stdout) == (0, "applied\n")
    again = cli("repeats", "count", repeat)
    assert (again.exit_code, "already counted" in again.stderr) == (1, True)
    empty = cli("repeats", "list", asset)
    assert "no suspected repeats" in empty.stdout + empty.stderr
    everything = json.loads(cli("repeats", "list", asset, "--all", "--json").stdout)
    assert [each["status"] for each in everything["suspected_repeats"]] == ["counted"]


def test_a_suspected_repeat_is_dropped(cli: Cli, stack: Stack, asset: str) -> None:
    repeat = suspect(stack, asset)

    assert cli("repeats", "drop", repeat).stdout == "dropped\n"
    unknown = cli("repeats", "drop", "999999999")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    assert unknown.stderr.startswith("refused: no suspected repeat 999999999\n")
    malformed = cli("repeats", "count", "x")
    assert (malformed.exit_code, malformed.stdout) == (2, "")
    assert "Invalid value for 'ID'" in malformed.stderr


def test_a_trader_settles_suspected_repeats_over_rest(cli: Cli, stack: Stack, asset: str) -> None:
    repeat = suspect(stack, asset)
    keys = {
        role: json.loads(cli("keys", "create", role, "--role", role, "--json").stdout)["key"]
        for role in ("reader", "trader")
    }

    def ask(role: str, method: str, path: str, **body: object) -> httpx.Response:
        url = f"{stack.env()['POSITION_MANAGER_URL']}/rest/{path}"
        key = {"X-API-Key": keys[role]}
        return httpx.request(method, url, headers=key, json=body or None, timeout=30)

    shown = ask("reader", "GET", f"suspected_repeats?id=eq.{repeat}").json()
    assert [(each["asset"], each["status"]) for each in shown] == [(asset, "waiting")]
    settle = {"id": int(repeat), "decision": "drop"}
    assert ask("reader", "POST", "rpc/settle_suspected_repeat", **settle).status_code == 403
    done = ask("trader", "POST", "rpc/settle_suspected_repeat", **settle)
    assert (done.status_code, done.json()["outcome"]) == (200, "dropped")
    assert ask("trader", "POST", "rpc/settle_suspected_repeat", **settle).status_code == 409
