"""The audit trail: every command adds a row, in its own transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.conftest import Database
from tests.helpers.ledger import Ledger, fill

# How each command is given, so that it has something to do; a new one fails until it is here.
COMMANDS: dict[str, dict[str, object]] = {
    "accept_discrepancy": {"id": "00000000-0000-8000-8000-000000000000"},
    "alias_instrument": {"alias": "XBT", "asset": "BTCUSDT"},
    "acknowledge_breach": {"id": "1"},
    "bust_cash": {"id": "c"},
    "begin_job": {"job": "check_limits"},
    "bust_fill": {"execution_id": "first"},
    "correct_fill": {
        "execution_id": "first", "correction_id": "c", "execution_price": "101",
        "corrected_at": "2026-01-02T00:00:00Z",
    },
    "accept_price": {"asset": "BTCUSDT"},
    "create_key": {"id": "audited", "digest": b"0" * 32, "role": "reader", "name": "n"},
    "create_snapshot": {"asset": "BTCUSDT"},
    "create_snapshots": {},
    "define_instrument": {"asset": "NEWUSDT"},
    "dismiss_discrepancy": {"id": "00000000-0000-8000-8000-000000000000"},
    "drop_amendment": {"identity": "bust:execution:none"},
    "drop_dead_letter": {"id": 1},
    "drop_price": {"asset": "BTCUSDT"},
    "import_fills": {"fills": [], "source": "fills.csv"},
    "import_positions": {"positions": [{"asset": "OLDUSDT", "size": "1"}]},
    "move_fills": {"move_id": "m", "asset": "BTCUSDT", "to_mode": "hedge"},
    "move_to_book": {"move_id": "m", "to_book": "b", "asset": "BTCUSDT", "quantity": "1"},
    "record_cash": {"cash_id": "c", "kind": "deposit", "currency": "USDT", "amount": "1"},
    "record_corporate_action": {
        "action_id": "a", "action": "split", "asset": "BTCUSDT", "ratio": "2",
        "effective_at": "2026-01-02T00:00:00Z",
    },
    "record_fill": {
        "execution_id": "second", "asset": "BTCUSDT", "side": "buy", "execution_quantity": "1",
        "execution_price": "100",
    },
    "record_fills": {"fills": [{"execution_id": "third"}]},
    "record_funding": {
        "funding_id": "f", "asset": "BTCUSDT", "amount": "1",
        "executed_at": "2026-01-02T00:00:00Z",
    },
    "record_price": {"symbol": "BTCUSDT", "mark_price": "1"},
    "record_prices": {"prices": [{"symbol": "BTCUSDT", "mark_price": "1"}]},
    "record_transfer": {
        "transfer_id": "t", "asset": "BTCUSDT", "quantity": "1", "from_account": "main",
        "to_account": "other",
    },
    "remove_alias": {"alias": "XBT"},
    "remove_limit": {"id": "portfolio/gross_exposure"},
    "retry_dead_letter": {"id": 1},
    "revoke_key": {"id": "held"},
    "rotate_key": {"id": "held", "new_id": "newer", "new_digest": b"1" * 32},
    "create_session_code": {"id": "page", "digest": b"3" * 32},
    "forget_demo": {},
    "set_capital": {"amount": 5},
    "settle_conflict": {"id": 1, "decision": "keep"},
    "settle_suspected_repeat": {"id": 1, "decision": "drop"},
    "set_limit": {"metric": "net_exposure", "breach_level": 5},
    "transfer_cash": {
        "transfer_id": "t", "currency": "USDT", "amount": "1", "from_account": "main",
        "to_account": "other",
    },
    "validate_position": {"asset": "BTCUSDT"},
    "verify_ledger": {},
}  # fmt: skip
# The functions of paths that do what other commands do.
PATHS = {
    "delete_limit": "remove_limit",
    "post_bust": "bust_fill",
    "post_cash": "record_cash",
    "post_cash_bust": "bust_cash",
    "post_cash_transfers": "transfer_cash",
    "post_correction": "correct_fill",
    "post_fills": "record_fill",
    "post_funding": "record_funding",
    "post_limit": "set_limit",
    "post_prices": "record_price",
    "post_transfers": "record_transfer",
}
# The settings of a request over HTTP, as pms.check_request leaves them.
AS_REQUEST = (
    "SELECT set_config('pms.key_id', 'desk-key', TRUE), set_config('role', 'pms_trader', TRUE),"
    " set_config('request.headers', '{\"x-trace-id\": \"of-the-request\"}', TRUE)"
)
# The next step of what begin_job or begin_ledger_restore has begun, the report of a program, which
# is a log itself, and the exchange of a one-time code, see test_sessions.py.
STEPS = {"continue_job", "create_session", "record_backup", "restore_ledger_entries"}
# See test_archive_ledger.py.
LEDGER = {
    "close_ledger_partition", "reopen_ledger_partition", "prepare_ledger_archive",
    "finish_ledger_archive", "drop_archived_partition", "begin_ledger_restore",
    "finish_ledger_restore",
}  # fmt: skip
# See test_shard_map.py.
SHARDS = {"set_shard_map"}


@pytest.fixture
def desk(ledger: Ledger, database: Database) -> Iterator[psycopg.Connection[Any]]:
    """An operator with a position and a discrepancy, rolled back after the test."""
    assert ledger.apply(fill("first", "Buy", "2", "100")) == ["applied"]
    ledger.call("set_limit", metric="gross_exposure", breach_level=1)
    ledger.call("create_key", id="held", digest=b"2" * 32, role="reader", name="n")
    with psycopg.connect(database.dsn(), row_factory=dict_row) as conn:
        conn.execute("SET LOCAL ROLE pms_operator")
        yield conn
        conn.rollback()


def command(conn: psycopg.Connection[Any], function: str, **arguments: object) -> Any:
    given = {
        name: json.dumps(value) if isinstance(value, list) else value
        for name, value in arguments.items()
    }
    named = ", ".join(f"{name} => %s" for name in given)
    statement = f"SELECT api.{function}({named}) AS answer".encode()
    return conn.execute(statement, list(given.values())).fetchone()


def audited(conn: psycopg.Connection[Any]) -> list[dict[str, Any]]:
    return conn.execute("SELECT * FROM api.audit ORDER BY recorded_at").fetchall()


def test_every_command_is_audited(desk: psycopg.Connection[Any]) -> None:
    volatile = desk.execute(
        "SELECT p.proname FROM pg_proc p"
        " WHERE p.pronamespace = 'api'::regnamespace AND p.provolatile = 'v'"
    )
    names = {row["proname"] for row in volatile}
    assert names == COMMANDS.keys() | PATHS.keys() | STEPS | LEDGER | SHARDS
    for function, arguments in COMMANDS.items():
        desk.execute("SAVEPOINT before")
        known = len(audited(desk))
        command(desk, function, **arguments)
        *_, row = rows = audited(desk)
        assert len(rows) == known + 1, function
        assert (row["command"], row["key_id"], row["role"]) == (function, None, "pms_operator")
        recorded = json.dumps(row["arguments"])
        assert all(str(value) in recorded for value in arguments.values() if isinstance(value, str))
        assert "digest" not in recorded
        desk.execute("ROLLBACK TO before")


def test_every_path_is_audited_as_its_command(desk: psycopg.Connection[Any]) -> None:
    for function, name in PATHS.items():
        desk.execute(f"SELECT api.{function}('{{}}')".encode())
        assert audited(desk)[-1]["command"] == name


def test_an_audit_row_has_the_outcome_and_the_account(desk: psycopg.Connection[Any]) -> None:
    def outcome(function: str, **arguments: object) -> tuple[str, str | None, str | None]:
        command(desk, function, **arguments)
        row = audited(desk)[-1]
        return row["outcome"], row["account"], row["asset"]

    recorded = COMMANDS["record_fill"]
    assert outcome("record_fill", **recorded) == ("applied", "main", "BTCUSDT")
    assert outcome("record_fill", **recorded) == ("duplicate", "main", "BTCUSDT")
    assert outcome("record_fill", **recorded | {"side": "x"}) == (
        "VALIDATION_ERROR", "main", "BTCUSDT",
    )  # fmt: skip
    two = [recorded | {"execution_id": "a"}, recorded, {"execution_id": "b"}]
    assert outcome("record_fills", fills=two)[0] == "applied 1, duplicate 1, rejected 1"
    assert outcome("import_fills", fills=two, source="fills.csv") == (
        "duplicate 2, rejected 1", None, None,
    )  # fmt: skip
    assert outcome("create_snapshot", asset="btcusdt", account="desk-7") == (
        "NOT_FOUND", "desk-7", "BTCUSDT",
    )  # fmt: skip
    assert outcome("set_capital", amount=5, account="desk-7") == ("done", "desk-7", None)
    assert outcome("create_snapshot", asset="x" * 9000, account="y" * 9000) == (
        "VALIDATION_ERROR", None, None,
    )  # fmt: skip


def test_an_audit_row_names_the_key_and_the_trace(desk: psycopg.Connection[Any]) -> None:
    desk.execute("SET LOCAL SESSION AUTHORIZATION pms_authenticator")
    desk.execute(AS_REQUEST)
    command(desk, "create_snapshot", asset="BTCUSDT")

    desk.execute("RESET SESSION AUTHORIZATION")
    row = audited(desk)[-1]
    assert (row["key_id"], row["role"], row["trace_id"]) == (
        "desk-key", "pms_trader", "of-the-request",
    )  # fmt: skip


def test_only_a_request_names_its_key_and_its_trace(database: Database) -> None:
    with psycopg.connect(database.dsn("pms_operator"), row_factory=dict_row) as forger:
        forger.execute(AS_REQUEST.replace("set_config('role', 'pms_trader', TRUE),", ""))
        command(forger, "record_price", symbol="BTCUSDT", mark_price="51000")
        row = audited(forger)[-1]
        forger.rollback()

    assert (row["key_id"], row["role"], row["trace_id"]) == (None, "pms_operator", None)


def test_an_oversized_argument_is_recorded_as_a_digest(desk: psycopg.Connection[Any]) -> None:
    many = [{"execution_id": f"{place}" * 100} for place in range(40)]
    command(desk, "record_fills", fills=many)

    assert audited(desk)[-1]["arguments"].keys() == {"bytes", "sha256"}


def test_a_command_without_effect_is_not_audited(desk: psycopg.Connection[Any]) -> None:
    known = len(audited(desk))
    with pytest.raises(psycopg.Error), desk.transaction():
        command(desk, "create_key", id="held", digest=b"3" * 32, role="reader", name="n")
    command(desk, "get_portfolio")
    with desk.transaction():
        planned = desk.execute(
            "SELECT api.import_positions('[]'::jsonb, only_plan => TRUE) AS answer"
        ).fetchone()

    assert planned is not None
    assert len(audited(desk)) == known
