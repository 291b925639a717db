"""A scoped key reads and changes only its accounts, through every view and function.

Views and functions are read from the database, so that new ones are tested as well; one without
arguments in this file fails.
"""

from __future__ import annotations

import json
from decimal import Decimal
from functools import partial
from typing import Any

import psycopg
import pytest

from tests.conftest import Database
from tests.helpers.ledger import Ledger, bust, fill
from tests.helpers.scoped_keys import (
    FORBIDDEN,
    FOREIGN,
    HTTP_ROLES,
    MINE,
    OPEN_VIEWS,
    OURS,
    SIZES,
    Key,
    relationships,
    views,
)
from tests.helpers.shard_maps import shard_map

# Views whose rows cannot be assigned to an account are hidden from scoped keys.
HIDDEN_VIEWS = {
    "dead_letters", "drawdown_total", "pnl_by_day_total", "pnl_by_month_total", "pnl_by_week_total",
    "portfolio_history_total", "return_statistics_total",
}  # fmt: skip
# Sums over the accounts in scope.
TOTAL_VIEWS = {"exposure_by_asset_total", "pnl_by_asset_total", "portfolio_total"}
# Rows of them are of a moment of everything, or of an account.
UNNAMED_VIEWS = {"validations"}

ACCOUNT_ARGUMENTS = {"account", "from_account", "to_account"}
OPEN_FUNCTIONS = {
    "get_caller", "get_health", "get_instruments", "get_metrics", "get_metrics_text",
    "portfolio_total_as_of", "price_lines",
}  # fmt: skip
# They change data that belongs to no account.
FORBIDDEN_FUNCTIONS: dict[str, dict[str, object]] = {
    "record_price": {"symbol": "BTCUSDT", "mark_price": "7"},
    "record_prices": {"prices": [{"symbol": "BTCUSDT", "mark_price": "7"}]},
    "accept_price": {"asset": "BTCUSDT"},
    "drop_price": {"asset": "BTCUSDT"},
    "retry_dead_letter": {"id": 1},
    "drop_dead_letter": {"id": 1},
    "alias_instrument": {"alias": "NEW", "asset": "BTCUSDT"},
    "remove_alias": {"alias": "XBT"},
    "define_instrument": {"asset": "NEWUSDT"},
    "record_corporate_action": {
        "action_id": "b",
        "action": "split",
        "asset": "SOLUSDT",
        "ratio": "2",
        "effective_at": "2026-01-02T00:00:00Z",
    },
}
# Functions that take the account in another way have separate tests below.
TESTED_BELOW = {
    "accept_discrepancy", "acknowledge_breach", "delete_limit", "dismiss_discrepancy", "post_bust",
    "post_cash", "post_cash_bust", "post_cash_transfers", "post_correction", "post_fills",
    "post_funding", "post_limit", "post_prices", "post_transfers",
    "record_fills", "settle_conflict", "settle_suspected_repeat",
}  # fmt: skip

# Values for arguments of functions with an account; other arguments are omitted.
GIVEN: dict[str, object] = {
    "asset": "BTCUSDT", "side": "buy", "quantity": "1", "price": "95", "execution_id": "new",
    "execution_quantity": "1", "execution_price": "95", "funding_id": "new", "amount": "1",
    "executed_at": "2026-01-03T00:00:00Z", "correction_id": "new", "transfer_id": "new",
    "corrected_at": "2026-01-03T00:00:00Z", "fix_discrepancies": "true", "move_id": "new",
    "to_mode": "hedge", "cash_id": "new", "kind": "deposit", "currency": "USDT", "id": "new",
    "to_book": "alpha",
}  # fmt: skip
NOT_GIVEN = {
    "mode", "position_side", "fee", "fee_currency", "execution_fees", "order_id", "identity",
    "after", "types", "from_time", "to_time", "page_limit", "page_offset", "before", "as_of",
    "known_at", "at", "effective_at",
    "size_min", "size_max", "step", "include_positions", "status", "unit", "time_zone", "part",
    "currency", "grouping_by",
    "days_per_year", "risk_free", "book", "from_book", "strategy",
}  # fmt: skip


def functions(conn: psycopg.Connection[Any]) -> dict[str, list[str]]:
    """The functions callable over HTTP, and their arguments."""
    rows = conn.execute(
        """
        SELECT p.proname, coalesce(p.proargnames[:p.pronargs], '{}')
        FROM pg_proc p
        WHERE p.pronamespace = 'api'::regnamespace
            AND EXISTS (
                SELECT 1 FROM unnest(%s::text[]) r
                WHERE has_function_privilege(r, p.oid, 'EXECUTE')
            )
        """,
        [list(HTTP_ROLES)],
    )
    # Of a relationship, which is tested beside this file, PostgREST makes no function.
    embedded = {target for _, target in relationships(conn)}
    return {name: arguments for name, arguments in rows.fetchall() if name not in embedded}


def named(function: str, arguments: list[str]) -> dict[str, object]:
    unknown = set(arguments) - GIVEN.keys() - NOT_GIVEN - ACCOUNT_ARGUMENTS
    assert unknown == set(), f"say with what api.{function} is asked"
    return {name: value for name, value in GIVEN.items() if name in arguments}


def rows_of(key: Key, view: str) -> list[str]:
    return [json.dumps(row) for row in key.ask(f"SELECT to_jsonb(v) FROM api.{view} v")]


def test_every_view_shows_only_the_accounts_in_scope(scoped: Key, unscoped: Key) -> None:
    for view, has_account in views(scoped.conn).items():
        seen, there = rows_of(scoped, view), rows_of(unscoped, view)
        assert there != [], f"the desk has nothing for api.{view}"
        assert not [row for row in seen if FOREIGN in row], view
        if view in HIDDEN_VIEWS:
            assert seen == []
        elif view in OPEN_VIEWS:
            assert len(seen) == len(there)
        elif view in TOTAL_VIEWS:
            assert seen != []
            assert seen != there
        else:
            assert has_account or view in UNNAMED_VIEWS, f"say whose the rows of api.{view} are"
            assert any(MINE in row for row in seen), f"nothing of {MINE} in api.{view}"
            assert any(FOREIGN in row for row in there), f"nothing of {FOREIGN} in api.{view}"


def test_a_total_covers_the_scope_and_is_apart_from_the_rows(scoped: Key, unscoped: Key) -> None:
    for view in (view for view, has_account in views(scoped.conn).items() if has_account):
        assert scoped.ask(f"SELECT count(*) FROM api.{view} v WHERE v.account IS NULL") == [0], view

    exposures = "SELECT exposure_usdt FROM api.portfolio_total"
    one, all_of_them = scoped.ask(exposures), unscoped.ask(exposures)
    assert one == [Decimal(200)]
    assert all_of_them == [Decimal(200 * 111)]
    used = "SELECT value FROM api.limits WHERE id = 'portfolio/gross_exposure'"
    assert (scoped.ask(used), unscoped.ask(used)) == ([], all_of_them)


def test_every_function_refuses_an_account_that_is_not_in_scope(scoped: Key, unscoped: Key) -> None:
    for function, arguments in functions(scoped.conn).items():
        accounts = ACCOUNT_ARGUMENTS & set(arguments)
        for place in accounts:
            asked = {name: MINE for name in accounts} | named(function, arguments)
            assert scoped.refuses(function, **asked | {place: FOREIGN}), function
            assert not unscoped.refuses(function, **asked | {place: FOREIGN}), function


def test_every_function_refuses_an_account_of_another_shard(
    desk: psycopg.Connection[Any], unscoped: Key
) -> None:
    with desk.transaction(force_rollback=True):
        desk.execute("SELECT api.set_shard_map(%s)", [json.dumps(shard_map(**{FOREIGN: 1}))])
        for function, arguments in functions(desk).items():
            accounts = ACCOUNT_ARGUMENTS & set(arguments)
            for place in accounts:
                asked = dict.fromkeys(accounts, MINE) | named(function, arguments)
                # With MINE, no shard has both accounts of a transfer.
                status = 421 if accounts == {"account"} else 409
                assert unscoped.denial(function, **asked | {place: FOREIGN}) == status, function
                assert unscoped.denial(function, **asked) is None, function


def test_every_function_defaults_to_the_scope(scoped: Key) -> None:
    answering = set()
    for function, arguments in functions(scoped.conn).items():
        if {"account"} == ACCOUNT_ARGUMENTS & set(arguments):
            answer = json.dumps(scoped.call(function, **named(function, arguments)))
            assert FOREIGN not in answer, function
            if f'"account": "{MINE}"' in answer:
                answering.add(function)
    assert answering >= {
        "check_fill", "create_snapshot", "get_position", "get_positions", "portfolio_as_of",
        "positions_as_of",
    }  # fmt: skip


def test_every_other_function_is_open_or_closed_to_a_scoped_key(scoped: Key, unscoped: Key) -> None:
    others = {
        function
        for function, arguments in functions(scoped.conn).items()
        if not ACCOUNT_ARGUMENTS & set(arguments)
    }
    assert others == OPEN_FUNCTIONS | FORBIDDEN_FUNCTIONS.keys() | TESTED_BELOW
    for function, arguments in FORBIDDEN_FUNCTIONS.items():
        assert scoped.refuses(function, **arguments), function
        assert not unscoped.refuses(function, **arguments), function
    for function in OPEN_FUNCTIONS:
        assert FOREIGN not in json.dumps(scoped.call(function))


@pytest.mark.parametrize(
    "foreign",
    [
        {"account": FOREIGN},
        {"order": {"account": FOREIGN}},
        {"account": MINE, "order": {"account": FOREIGN}},
        {"account": FOREIGN, "order": {"account": None}},
    ],
)
def test_a_batch_with_a_foreign_fill_is_refused(scoped: Key, foreign: dict[str, Any]) -> None:
    fills = [{"asset": "BTCUSDT", "side": "buy", "execution_quantity": "1", "execution_id": i,
              "execution_price": "95", "order_id": "new"} for i in ("a", "b")]  # fmt: skip
    if foreign.get("order"):
        foreign["order"] |= {
            "order_id": "new", "asset": "BTCUSDT", "side": "Buy", "status": "filled",
            "filled_quantity": "1", "average_price": "95",
        }  # fmt: skip

    assert scoped.refuses("record_fills", fills=[fills[0], fills[1] | foreign])
    (answer,) = scoped.call("record_fills", fills=fills)
    assert [outcome["outcome"] for outcome in answer["outcomes"]] == ["applied", "applied"]


def test_the_default_account_is_the_only_one_in_scope(scoped: Key) -> None:
    one = {"asset": "BTCUSDT", "side": "buy", "execution_quantity": "1", "execution_price": "95"}
    sql = """
        WITH done AS MATERIALIZED (SELECT api.record_fills(%s) AS answer)
        SELECT answer FROM done
    """
    assert scoped.ask(sql, json.dumps([one | {"execution_id": "new"}])) != []
    (position,) = scoped.call("get_position", asset="BTCUSDT")
    assert position["account"] == MINE


def test_a_scope_of_several_accounts_keeps_main_as_default(desk: psycopg.Connection[Any]) -> None:
    both = Key(desk, (MINE, OURS))
    main = Key(desk, (MINE, "main"))

    assert both.refuses("get_position", asset="BTCUSDT")
    (missing,) = main.call("get_position", asset="BTCUSDT")
    assert missing["error_code"] == "NOT_FOUND"
    (portfolio,) = both.call("get_portfolio", include_positions="true")
    assert portfolio["total_exposure_usdt"] == "2200"
    assert {position["account"] for position in portfolio["positions"]} == {MINE, OURS}
    (taken,) = both.call("create_snapshots")
    assert taken["count"] == len([MINE, OURS]) * len(["BTCUSDT", "ETHUSDT"])


def test_an_id_of_another_account_is_not_found(scoped: Key, unscoped: Key) -> None:
    ((theirs,), (own,)) = (
        unscoped.ask("SELECT id::text FROM api.discrepancies WHERE account = %s", account)
        for account in (FOREIGN, MINE)
    )
    for decide in ("accept_discrepancy", "dismiss_discrepancy"):
        refused, *_ = scoped.call(decide, id=theirs)
        assert refused["error_code"] == "NOT_FOUND"
        assert scoped.call(decide, id=own)[0]["id"] == own
        assert unscoped.call(decide, id=theirs)[0]["id"] == theirs


def test_a_breach_of_another_account_is_not_found(scoped: Key, unscoped: Key) -> None:
    ((theirs,), (own,)) = (
        unscoped.ask("SELECT id::text FROM api.limit_breaches WHERE account = %s LIMIT 1", account)
        for account in (FOREIGN, MINE)
    )
    refused, *_ = scoped.call("acknowledge_breach", id=theirs, note="seen")
    assert refused["error_code"] == "NOT_FOUND"
    (answer,) = scoped.call("acknowledge_breach", id=own, note="seen")
    assert (answer["account"], answer["note"]) == (MINE, "seen")
    assert unscoped.call("acknowledge_breach", id=theirs)[0]["account"] == FOREIGN


def test_a_suspected_repeat_of_another_account_is_not_found(scoped: Key, unscoped: Key) -> None:
    ((theirs,), (own,)) = (
        unscoped.ask("SELECT id FROM api.suspected_repeats WHERE account = %s", account)
        for account in (FOREIGN, MINE)
    )
    refused, *_ = scoped.call("settle_suspected_repeat", id=theirs, decision="drop")
    assert refused["error_code"] == "NOT_FOUND"
    for decision, outcome in (("drop", "dropped"), ("count", "applied")):
        (done,) = scoped.call("settle_suspected_repeat", id=own, decision=decision)
        assert done["outcome"] == outcome


def test_a_conflict_of_another_account_is_not_found(scoped: Key, unscoped: Key) -> None:
    ((theirs,), (own,)) = (
        unscoped.ask("SELECT id FROM api.conflicts WHERE account = %s", account)
        for account in (FOREIGN, MINE)
    )
    for decision in ("keep", "take"):
        refused, *_ = scoped.call("settle_conflict", id=theirs, decision=decision)
        assert refused["error_code"] == "NOT_FOUND"
    (done,) = scoped.call("settle_conflict", id=own, decision="take")
    assert done["outcome"] == "taken"


def test_locking_legs_enforces_the_scope(desk: psycopg.Connection[Any]) -> None:
    owner = Key(desk, (MINE,), "pms_owner")
    take = partial(owner.ask, "SELECT o.outcome FROM pms.apply_order_events(%s::jsonb[]) o")
    waiting = bust("not-there-yet", account=FOREIGN)

    with pytest.raises(psycopg.Error) as refused:
        owner.ask("SELECT pms.lock_legs(ARRAY[(%s, 'BTCUSDT', 'one-way', 'net')::pms.leg_key])",
                  FOREIGN)  # fmt: skip
    assert refused.value.sqlstate == "PGRST"
    with pytest.raises(psycopg.Error) as refused:
        take([json.dumps(waiting)])
    assert refused.value.sqlstate == "PGRST"
    assert take([json.dumps(waiting | {"account": MINE})]) == ["applied"]


def test_a_bound_key_adds_few_assets(desk: psycopg.Connection[Any]) -> None:
    def fills(number: int) -> list[dict[str, str]]:
        return [
            fill(f"new-{place}", "Buy", "1", "1", asset=f"NEW{place}USDT", account=MINE)
            for place in range(number)
        ]

    desk.execute(
        "INSERT INTO pms.instruments (asset)"
        " SELECT format('OLD%s', n) FROM generate_series(1, 900) n"
    )
    bound, free = Key(desk, (MINE,), "pms_trader"), Key(desk, (), "pms_trader")

    (added,) = bound.call("record_fills", fills=fills(49))
    assert {each["outcome"] for each in added["outcomes"]} == {"applied"}
    assert bound.refuses("record_fills", fills=fills(120))
    assert not free.refuses("record_fills", fills=fills(120))


def test_a_malformed_account_is_refused_as_malformed(scoped: Key) -> None:
    (refused,) = scoped.call("get_positions", account="no,name")
    assert refused["error_code"] == "VALIDATION_ERROR"
    (refused,) = scoped.call("record_funding", **named("record_funding", ["asset"]), account="-")
    assert refused["details"]["reason"] == "invalid_account"


def test_an_unscoped_key_is_unrestricted(unscoped: Key) -> None:
    sizes = "SELECT size FROM api.positions WHERE asset = 'BTCUSDT' ORDER BY size"
    assert unscoped.ask(sizes) == [Decimal(size) * 2 for size in SIZES.values()]


def test_unscoped_keys_keep_the_planner_estimates(unscoped: Key) -> None:
    owner = Key(unscoped.conn, role="pms_owner")
    (plan,) = owner.ask(
        "EXPLAIN (FORMAT JSON) SELECT FROM generate_series(1, 1000) n WHERE pms.in_scope(n::text)"
    )
    assert plan[0]["Plan"]["Plan Rows"] > 900


# Bodies of the documented paths, of an account that is not in scope.
FOREIGN_BODIES: dict[str, dict[str, object]] = {
    "post_fills": {
        "account": FOREIGN, "execution_id": "new", "asset": "BTCUSDT", "side": "buy",
        "quantity": "1", "price": "95",
    },
    "post_funding": {
        "account": FOREIGN, "funding_id": "new", "asset": "BTCUSDT", "amount": "1",
        "executed_at": "2026-01-03T00:00:00Z",
    },
    "post_transfers": {
        "transfer_id": "new", "asset": "BTCUSDT", "quantity": "1", "from_account": MINE,
        "to_account": FOREIGN,
    },
    "post_cash": {
        "account": FOREIGN, "cash_id": "new", "kind": "deposit", "currency": "USDT", "amount": "1",
    },
    "post_cash_transfers": {
        "transfer_id": "new", "currency": "USDT", "amount": "1", "from_account": MINE,
        "to_account": FOREIGN,
    },
    "post_bust": {"account": FOREIGN, "asset": "BTCUSDT"},
    "post_cash_bust": {"account": FOREIGN},
    "post_correction": {
        "account": FOREIGN, "asset": "BTCUSDT", "side": "buy", "quantity": "1", "price": "95",
        "correction_id": "new",
    },
    "post_limit": {"account": FOREIGN, "metric": "drawdown", "limit": "1"},
    # A price belongs to no account.
    "post_prices": {"symbol": "BTCUSDT", "mark_price": "7"},
}  # fmt: skip


@pytest.mark.parametrize("function", FOREIGN_BODIES)
def test_a_body_with_a_foreign_account_is_refused(scoped: Key, function: str) -> None:
    body = json.dumps(FOREIGN_BODIES[function]).encode()
    statement = f"""
        SELECT to_jsonb(r)
        FROM (SELECT set_config('request.headers', '{{"x-path-id": "new"}}', TRUE) OFFSET 0) h
        CROSS JOIN LATERAL api.{function}(%b::bytea) r
    """
    with pytest.raises(psycopg.Error) as refused:
        scoped.ask(statement, body)

    assert refused.value.sqlstate == FORBIDDEN
    assert '"status": 403' in (refused.value.diag.message_detail or "")


def test_a_limit_of_another_account_is_not_removed(scoped: Key, unscoped: Key) -> None:
    (theirs,) = unscoped.ask(
        "SELECT id FROM api.limits WHERE account = %s ORDER BY id LIMIT 1", FOREIGN
    )
    (answer,) = scoped.call("delete_limit", id=theirs)
    assert answer["error_code"] == "NOT_FOUND"


def test_a_transfer_of_cash_is_undone_only_by_a_key_of_both_accounts(
    ledger: Ledger, database: Database
) -> None:
    ledger.call(
        "transfer_cash", transfer_id="both", currency="USDT", amount="1",
        from_account=MINE, to_account=FOREIGN,
    )  # fmt: skip
    asked = {"id": "transfer:both", "account": MINE}
    with psycopg.connect(database.dsn(), autocommit=True) as conn:
        assert Key(conn, (MINE,)).refuses("bust_cash", **asked)
        assert Key(conn, (FOREIGN, MINE)).call("bust_cash", **asked)[0]["outcome"] == "applied"
