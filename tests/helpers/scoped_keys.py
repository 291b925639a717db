"""Three accounts with data of every kind, and keys scoped to some of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import psycopg

from tests.helpers.ledger import Ledger, correction, elsewhere, fill

MINE, OURS, FOREIGN = "mine", "ours", "foreign"
FORBIDDEN = "PGRST"
# Views without account data may be read with any key.
OPEN_VIEWS = {"corporate_actions", "instrument_aliases", "instruments", "jobs", "prices"}
# Only of the command line, which is scoped to nothing.
HTTP_ROLES = ("pms_reader", "pms_trader", "pms_http_operator")
# All data of an account contains its name, in identities and traces also.
SIZES = {MINE: "1", OURS: "10", FOREIGN: "100"}


@dataclass(frozen=True)
class Key:
    """A key over HTTP: a transaction as pms.check_request leaves it."""

    conn: psycopg.Connection[Any]
    scope: tuple[str, ...] = ()
    role: str = "pms_http_operator"

    @property
    def _session_role(self) -> str:
        return f"{self.role}_bound" if self.scope and self.role != "pms_owner" else self.role

    def ask(self, statement: str, *parameters: object) -> list[Any]:
        """The first column of the result; the transaction is rolled back."""
        with self.conn.transaction(force_rollback=True):
            self.conn.execute(
                "SELECT set_config('pms.account_scope', %s, TRUE),"
                " set_config('pms.key_id', 'bound', TRUE), set_config('role', %s, TRUE)",
                [",".join(self.scope), self._session_role],
            )
            return [row[0] for row in self.conn.execute(statement.encode(), parameters).fetchall()]

    def call(self, function: str, **arguments: object) -> list[Any]:
        """The result of a function as JSON: one value, or one per row."""
        given = {
            name: json.dumps(value) if isinstance(value, (list, dict)) else value
            for name, value in arguments.items()
        }
        named = ", ".join(f"{name} => %s" for name in given)
        return self.ask(f"SELECT to_jsonb(r) FROM api.{function}({named}) r", *given.values())

    def refuses(self, function: str, **arguments: object) -> bool:
        """Whether the response is 403, as the gateway reports it."""
        return self.denial(function, **arguments) == 403

    def denial(self, function: str, **arguments: object) -> int | None:
        """The status with which a request is denied before it is read; None when it is not."""
        try:
            self.call(function, **arguments)
        except psycopg.Error as error:
            if error.sqlstate != FORBIDDEN:
                raise
            status: int = json.loads(error.diag.message_detail or "")["status"]
            return status
        return None


def create_desk(ledger: Ledger, owner: psycopg.Connection[Any]) -> None:
    """Create data of every kind in each account, and what belongs to none."""
    ledger.call("alias_instrument", alias="XBT", asset="BTCUSDT")
    ledger.price({"event_type": "ticker", "payload": {"symbol": "BTCUSDT", "mark_price": "100"}})
    for account, size in SIZES.items():
        ledger.call(
            "record_cash", cash_id=f"{account}-cash", kind="deposit", currency="USDT",
            amount=size, account=account, effective_at="2026-01-02T00:00:00Z",
        )  # fmt: skip
        first = elsewhere(
            fill(f"{account}-1", "Buy", size, "90", at="2026-01-02T00:00:00Z"), account
        )
        late = elsewhere(fill(f"{account}-2", "Buy", size, "95"), account)
        contradiction = {**first, "execution_quantity": "7"}
        unclear = {**first, "order_id": None, "execution_quantity": "8"}
        over = elsewhere(fill(f"{account}-3", "Sell", "1", "95", asset="ETHUSDT"), account)
        closed = elsewhere(fill(f"{account}-4", "Buy", "1", "90", asset="ETHUSDT"), account)
        waits = elsewhere(
            correction(f"{account}-9", f"{account}-c", execution_quantity="3"), account
        )
        assert ledger.apply(first, over, closed) == ["applied"] * 3
        assert ledger.apply(late, contradiction, waits) == ["applied", "rejected", "applied"]
        assert ledger.apply(unclear) == ["quarantined"]
        ledger.call("create_snapshot", account=account, asset="BTCUSDT")
        for metric, level in (("gross_exposure", 1), ("drawdown", 100_000)):
            ledger.call("set_limit", account=account, metric=metric, breach_level=level)
        _refuse(ledger, account)
    for metric in ("gross_exposure", "daily_loss"):
        ledger.call("set_limit", metric=metric, breach_level=1)
    ledger.call(
        "record_corporate_action",
        action_id="a", action="split", asset="SOLUSDT", ratio="2",
        effective_at="2026-01-02T00:00:00Z",
    )  # fmt: skip
    for job in ("record_portfolio_history", "check_limits", "validate_positions"):
        owner.execute(f"SELECT pms.{job}(NULL)".encode())
    owner.execute(
        "UPDATE pms.positions SET size = size + 1"
        " WHERE asset = 'ETHUSDT' AND NOT pms.is_book(account)"
    )
    for account in SIZES:
        asked = {"account": account, "asset": "ETHUSDT", "fix_discrepancies": "false"}
        ledger.call("validate_position", **asked)


def _refuse(ledger: Ledger, account: str) -> None:
    message = json.dumps({"event_type": "nonsense", "account": account}).encode()
    with ledger.worker.transaction():
        ledger.worker.execute(
            "SELECT pms.record_rejected_messages('order_events', %s,"
            " '{unknown_event}', '{d}', '{t}')",
            [[message]],
        )


def views(conn: psycopg.Connection[Any]) -> dict[str, bool]:
    """The views readable over HTTP, and whether they have an account."""
    rows = conn.execute(
        """
        SELECT c.relname, EXISTS (
            SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'account'
        )
        FROM pg_class c
        WHERE c.relnamespace = 'api'::regnamespace AND c.relkind = 'v'
            AND EXISTS (
                SELECT 1 FROM unnest(%s::text[]) r
                WHERE has_table_privilege(r, c.oid, 'SELECT')
            )
        """,
        [list(HTTP_ROLES)],
    )
    return dict(rows.fetchall())


def relationships(conn: psycopg.Connection[Any]) -> list[tuple[str, str]]:
    """The views that PostgREST embeds: the view of the row, and that of the rows in it."""
    rows = conn.execute(
        """
        SELECT c.relname, p.proname
        FROM pg_proc p
        INNER JOIN pg_class c ON p.proargtypes[0] = c.reltype AND c.relkind = 'v'
        WHERE p.pronamespace = 'api'::regnamespace AND p.pronargs = 1
        ORDER BY 1, 2
        """
    )
    return rows.fetchall()
