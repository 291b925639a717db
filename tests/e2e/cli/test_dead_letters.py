"""``position-manager dead-letters``, and the same over REST."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import psycopg
import pytest

from position_manager.stack.stack import Stack
from tests.helpers.commands import Cli
from tests.helpers.ledger import fill


@pytest.fixture
def asset() -> str:
    """An asset that no other test trades."""
    return f"D{uuid.uuid4().hex[:10].upper()}USDT"


def refuse(stack: Stack, message: dict[str, Any], reason: str = "invalid_side") -> str:
    """Refuse a message as the worker does; its id."""
    with psycopg.connect(stack.context.dsn()) as connection:
        body = json.dumps(message).encode()
        connection.execute(
            "SELECT pms.record_rejected_messages('order_events',"
            " ARRAY[%s], ARRAY[%s], ARRAY['side: x'],"
            " ARRAY[NULL])",
            [body, reason],
        )
        row = connection.execute(
            "SELECT r.id FROM pms.rejected_messages r WHERE r.body = %s", [body]
        ).fetchone()
    assert row is not None
    return str(row[0])


def test_a_dead_letter_is_listed_shown_and_retried(cli: Cli, stack: Stack, asset: str) -> None:
    letter = refuse(stack, fill(asset, "Buy", "2", "10", asset=asset), reason=f"code_{asset}")

    listed = cli("dead-letters", "list", "--reason", f"code_{asset}")
    shown = cli("dead-letters", "show", letter)
    retried = cli("dead-letters", "retry", letter)

    assert [letter, "order_events", f"code_{asset}"] == listed.stdout.splitlines()[-1].split()[:3]
    assert f'"asset": "{asset}"' in shown.stdout
    assert (retried.exit_code, retried.stdout) == (0, f"{letter}: applied\n")
    assert cli("dead-letters", "show", letter).exit_code == 1


def test_a_failed_retry_exits_with_1(cli: Cli, stack: Stack, asset: str) -> None:
    wrong = refuse(stack, fill(asset, "hold", "2", "10", asset=asset))
    right = refuse(stack, fill(f"{asset}-2", "Buy", "2", "10", asset=asset))

    retried = cli("dead-letters", "retry", wrong, right)

    assert retried.exit_code == 1
    assert retried.stdout.startswith(f"{wrong}: rejected (invalid_side: side: ")
    assert f"{right}: applied" in retried.stdout
    assert cli("dead-letters", "drop", wrong).stdout == f"{wrong}: dropped\n"


def test_a_retry_by_reason_goes_on_after_one_that_fails(cli: Cli, stack: Stack, asset: str) -> None:
    reason = f"code_{asset}"
    locked, wrong, right, other = (
        refuse(stack, fill(f"{asset}-{place}", side, "2", "10", asset=asset), reason=code)
        for place, (side, code) in enumerate(
            [("Buy", reason), ("hold", reason), ("Buy", reason), ("Buy", f"not_{reason}")]
        )
    )
    impatient = f"{stack.context.dsn('pms_operator')}?options=-c%20lock_timeout%3D50ms"
    with psycopg.connect(stack.context.dsn()) as holder:
        holder.execute("SELECT 1 FROM pms.rejected_messages WHERE id = %s FOR UPDATE", [locked])
        retried = cli(
            "dead-letters", "retry", "--reason", reason, "--json", "--database", impatient
        )

    found = json.loads(retried.stdout)
    outcomes = [(str(each["id"]), each["outcome"]) for each in found["dead_letters"]]
    assert outcomes == [(locked, "failed"), (wrong, "rejected"), (right, "applied")]
    assert found["dead_letters"][0]["reason"] == "55P03"
    assert found["counts"] == {"failed": 1, "rejected": 1, "applied": 1}
    assert retried.exit_code == 1
    assert cli("dead-letters", "show", other).exit_code == 0


def test_filters_of_a_decision_are_the_feed_the_reason_and_the_time(
    cli: Cli, stack: Stack, asset: str
) -> None:
    reason = f"code_{asset}"
    old, new = (
        refuse(stack, fill(f"{asset}-{place}", "Buy", "2", "10", asset=asset), reason=reason)
        for place in range(2)
    )
    with psycopg.connect(stack.context.dsn()) as connection:
        connection.execute(
            "UPDATE pms.rejected_messages SET last_seen_at = '2026-01-01' WHERE id = %s", [old]
        )

    none = cli("dead-letters", "drop", "--reason", reason, "--feed", "prices")
    since = cli("dead-letters", "drop", "--reason", reason, "--since", "2026-01-02")
    both = cli("dead-letters", "drop", old, "--reason", reason)
    neither = cli("dead-letters", "drop")

    assert (none.stderr, none.exit_code) == ("no dead letters\n", 0)
    assert (since.stdout, since.stderr) == (f"{new}: dropped\n", "1 dropped\n")
    assert both.exit_code == neither.exit_code == 1
    assert cli("dead-letters", "list", "--reason", reason, "--json").stdout.count('"id"') == 1


def test_an_unknown_id_does_not_stop_a_retry(cli: Cli, stack: Stack, asset: str) -> None:
    letter = refuse(stack, fill(asset, "Buy", "2", "10", asset=asset))

    retried = cli("dead-letters", "retry", "1000000000", letter)

    assert retried.exit_code == 1
    assert retried.stdout == (
        f"1000000000: refused (NOT_FOUND: no dead letter 1000000000)\n{letter}: applied\n"
    )


def test_only_operators_resolve_dead_letters_over_rest(cli: Cli, stack: Stack, asset: str) -> None:
    letter = refuse(stack, fill(asset, "Buy", "2", "10", asset=asset))
    trader = json.loads(cli("keys", "create", "t", "--role", "trader", "--json").stdout)["key"]
    operator = stack.env()["POSITION_MANAGER_API_KEY"]

    def ask(key: str, method: str, path: str, **body: str) -> httpx.Response:
        url = f"{stack.env()['POSITION_MANAGER_URL']}/rest/{path}"
        return httpx.request(method, url, headers={"X-API-Key": key}, json=body or None, timeout=30)

    assert ask(trader, "GET", "dead_letters").status_code == 403
    assert ask(trader, "POST", "rpc/retry_dead_letter", id=letter).status_code == 403
    ((found),) = ask(operator, "GET", f"dead_letters?id=eq.{letter}").json()
    assert found["message"]["asset"] == asset
    assert ask(operator, "POST", "rpc/retry_dead_letter", id=letter).json()["outcome"] == "applied"
    assert ask(operator, "POST", "rpc/drop_dead_letter", id=letter).status_code == 404
    assert ask(operator, "GET", "keys").status_code == 403
