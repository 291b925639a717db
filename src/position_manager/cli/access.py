"""``keys``, ``rate-limits`` and ``audit``: API keys, their rate limits, and the audit log."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any

import psycopg
import typer
from psycopg.rows import dict_row
from rich.text import Text

from position_manager.cli import completion
from position_manager.cli.commands import Commands, listing
from position_manager.cli.output import (
    Column,
    Document,
    colored,
    count,
    print_rows,
    when,
    words,
)
from position_manager.cli.query import (
    Account,
    AsJson,
    Database,
    Limit,
    address,
    connected,
    refuse,
    rows,
    stack_env,
)
from position_manager.cli.times import parse_duration, parse_lifetime
from position_manager.gateway.limits import fingerprint, handle
from position_manager.terminal import echo, print_json

CREATE = """
    SELECT k.*
    FROM api.create_key(
        id => %(id)s,
        digest => %(digest)s,
        role => %(role)s,
        name => %(name)s,
        tier => %(tier)s,
        account_scope => %(account_scope)s,
        expires_at => %(expires_at)s,
        fingerprint => %(fingerprint)s
    ) k
"""
ROTATE = """
    SELECT k.*
    FROM api.rotate_key(
        id => %(old)s,
        new_id => %(id)s,
        new_digest => %(digest)s,
        overlap => %(overlap)s,
        new_fingerprint => %(fingerprint)s
    ) k
"""
REVOKE = "SELECT k.* FROM api.revoke_key(id => %(id)s) k"
# The id of the key of the environment, and the form of all others.
FIRST = "first"
ID = re.compile(r"[0-9a-f]{12}")


class Role(StrEnum):
    """The roles of keys: read only; also record, validate and snapshot; also operate."""

    reader = "reader"
    trader = "trader"
    operator = "operator"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A new API key; the database stores only its digests."""

    id: str
    text: str

    @classmethod
    def make(cls) -> NewKey:
        """Generate a key with 256 random bits."""
        key_id = secrets.token_hex(6)
        return cls(key_id, f"pms_{key_id}_{secrets.token_urlsafe(32)}")

    @property
    def digest(self) -> bytes:
        """The digest by which the database identifies the key."""
        return sha256(self.text.encode()).digest()

    @property
    def fingerprint(self) -> bytes:
        """The digest by which the gateway identifies the key."""
        return fingerprint(self.text)


KeyId = Annotated[
    str,
    typer.Argument(
        metavar="KEY",
        autocompletion=completion.keys,
        help="Id of the key, as shown by  keys list; or its name, if no other has it.",
    ),
]
Command = Annotated[
    str | None, typer.Option("--command", help="Only calls of this function, such as record_fill.")
]
OfKey = Annotated[
    str | None,
    typer.Option(
        "--key", help="Only calls with the key of this id.", autocompletion=completion.key_ids
    ),
]
Trace = Annotated[str | None, typer.Option("--trace", help="Only the request with this trace id.")]

app = Commands()
keys = Commands(no_args_is_help=True, help="Manage API keys.")
rate_limits = Commands(no_args_is_help=True, help="Show the rate limits of keys and addresses.")

app.add_typer(keys, name="keys")
app.add_typer(rate_limits, name="rate-limits")


@keys.command("list")
@listing
def list_keys(as_json: AsJson = False, database: Database = None) -> None:
    """List the keys with their role, tier and accounts, without their secrets."""
    with connected(database) as connection:
        found = rows(connection, "keys", {}, ("created_at", "id"))
    print_rows(found, KEYS, as_json, name="keys", empty="no keys yet")


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Name of the client, such as order-manager.")],
    role: Annotated[Role, typer.Option(help="Role of the key.")] = Role.reader,
    tier: Annotated[
        str | None,
        typer.Option(
            help="Rate limit tier: model-service, risk-manager, ui, operator or default. Operators"
            " default to operator."
        ),
    ] = None,
    account: Annotated[
        list[str] | None,
        typer.Option(
            help="Restrict the key to this account; repeatable. By default all accounts.",
            autocompletion=completion.accounts,
        ),
    ] = None,
    expires_in: Annotated[
        timedelta | None,
        typer.Option(
            parser=parse_lifetime,
            metavar="SPAN",
            help="Lifetime, such as 90d or 12h; by default unlimited.",
        ),
    ] = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Create a key and print it. It is stored nowhere and cannot be shown again."""
    key = NewKey.make()
    values = {
        "id": key.id,
        "digest": key.digest,
        "fingerprint": key.fingerprint,
        "role": role.value,
        "name": name,
        "tier": tier or ("operator" if role is Role.operator else "default"),
        "account_scope": account or None,
        "expires_at": None if expires_in is None else datetime.now(UTC) + expires_in,
    }
    with connected(database) as connection:
        twins = rows(connection, "keys", {"name": name, "status": "live"}, ("id",))
        created = _one(connection, CREATE, values)
    _print_key(key, created, as_json)
    if twins:
        ids = ", ".join(each["id"] for each in twins)
        echo(f"{name} has other live keys: {ids}. To replace one: keys rotate ID", err=True)


@keys.command()
def rotate(
    key_id: KeyId,
    overlap: Annotated[
        timedelta,
        typer.Option(
            parser=parse_duration, metavar="SPAN", help="How long the old key stays valid."
        ),
    ] = "1d",  # type: ignore[assignment]  # as text, which the help shows and the parser reads
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Replace a key by a new one with the same role, tier and accounts."""
    key = NewKey.make()
    with connected(database) as connection:
        old = _find(connection, key_id)
        created = _rotate(connection, old, key, overlap)
        ends_at = _find(connection, old["id"])["expires_at"]
    if _is_stacks_own(old, database):
        _give_to_stack(key)
    _print_key(key, created, as_json)
    if overlap:
        echo(
            f"the former key, {old['id']}, is valid until {when(ends_at)}; end it with"
            f"  keys revoke {old['id']}",
            err=True,
        )


@keys.command()
def revoke(key_id: KeyId, database: Database = None) -> None:
    """Revoke a key, effective from its next request. The private stack replaces its own key."""
    successor = NewKey.make()
    with connected(database) as connection:
        found = _find(connection, key_id)
        is_own = found["status"] == "live" and _is_stacks_own(found, database)
        if is_own:
            _rotate(connection, found, successor, timedelta())
        revoked = _one(connection, REVOKE, {"id": found["id"]})
    if is_own:
        _give_to_stack(successor)
    echo(f"key {revoked['id']} ({revoked['name']}) revoked")


def _find(connection: psycopg.Connection[Any], wanted: str) -> Document:
    """The key with this id, or the only live one with this name; exits with 1 without."""
    by_id = rows(connection, "keys", {"id": wanted}, ("id",))
    found = by_id or rows(connection, "keys", {"name": wanted, "status": "live"}, ("id",))
    if len(found) != 1:
        ids = ", ".join(each["id"] for each in found)
        several = f"refused: {len(found)} live keys have the name {wanted}: {ids}"
        refuse(
            several if found else f"refused: no key {wanted}",
            f"An id is {FIRST} or 12 hexadecimal digits, as shown by  keys list.",
        )
    return found[0]


def _rotate(
    connection: psycopg.Connection[Any], old: Document, key: NewKey, overlap: timedelta
) -> Document:
    values = {
        "overlap": overlap,
        "old": old["id"],
        "id": key.id,
        "digest": key.digest,
        "fingerprint": key.fingerprint,
    }
    return _one(connection, ROTATE, values)


def _is_stacks_own(key: Document, database: str | None) -> bool:
    """Whether this is the key of the private stack, and the command runs against its database."""
    own = stack_env()
    if not own or address("DATABASE_URL", database) != own["DATABASE_URL"]:
        return False
    name = handle(own["POSITION_MANAGER_API_KEY"])
    return bool(key["id"] == (name if ID.fullmatch(name) else FIRST))


def _give_to_stack(key: NewKey) -> None:
    from position_manager.stack import settings
    from position_manager.stack.stack import Stack

    stack = Stack(settings.chosen().as_started())
    stack.use_key(key.text)
    echo(f"the private stack's own key was replaced in {stack.context.dir}", err=True)


def _one(connection: psycopg.Connection[Any], statement: str, values: Document) -> Document:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement.encode(), values).fetchone()
    if row is None:
        raise RuntimeError("the function returned no key")
    return row


def _print_key(key: NewKey, created: Document, as_json: bool) -> None:
    if as_json:
        facts = {name: str(created[name]) for name in ("name", "role", "tier")}
        print_json({"id": key.id, "key": key.text, **facts})
        return
    echo(f"{created['name']}: key with the role {created['role']}, shown only once:", err=True)
    echo(key.text)


@rate_limits.callback()
def _group() -> None:
    """Show the rate limits of keys and addresses."""


@rate_limits.command()
@listing
def show(as_json: AsJson = False, database: Database = None) -> None:
    """Show the requests per minute of each key and address, and the limits in force.

    For limits on exposure and loss see **risk-limits**.
    """
    with connected(database) as connection:
        found = rows(connection, "rate_limits", {}, ("counted_by", "id"))
    print_rows(found, RATE_LIMITS, as_json, name="limits", empty="no rate limits")
    if not as_json and any(each["in_force"] != each["per_minute"] for each in found):
        echo("the gateway has not applied the latest limits yet", err=True)


@app.command()
@listing
def audit(
    account: Account = None,
    command: Command = None,
    key: OfKey = None,
    trace: Trace = None,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List changes with the key and the arguments of each, newest first."""
    wanted = {"account": account, "command": command, "key_id": key, "trace_id": trace}
    with connected(database) as connection:
        found = rows(connection, "audit", wanted, ("-recorded_at", "-id"), limit or 100)
    print_rows(found, AUDIT, as_json, name="audit", empty="no audit records")


def _scope(accounts: list[str] | None) -> Text:
    return Text(", ".join(accounts) if accounts else "all")


def _allowance(number: int | None) -> Text:
    return Text("no limit") if number is None else count(number)


def _caller(command: Document) -> Text:
    return Text(command["key_id"] or command["role"])


def _arguments(arguments: object) -> Text:
    return Text(json.dumps(arguments))


KEYS = (
    words("id", "id"),
    words("name", "name", folds=True),
    words("role", "role"),
    words("tier", "tier", leaves=4),
    words("accounts", "account_scope", _scope, folds=True),
    words("status", "status", colored({"live": "green", "expired": "yellow", "revoked": "red"})),
    words("created", "created_at", when, leaves=3),
    words("expires", "expires_at", when, leaves=5),
    words("last used", "last_used_at", when, leaves=2),
    words("from", "last_used_from", leaves=1),
)
RATE_LIMITS = (
    words("counted by", "counted_by"),
    words("id", "id"),
    words("name", "name", leaves=3),
    words("tier", "tier", leaves=4),
    Column("per minute", "per_minute", _allowance),
    Column("burst", "burst", _allowance, leaves=1),
    Column("concurrent", "concurrent", _allowance, leaves=2),
    Column("in force", "in_force", _allowance),
)
AUDIT = (
    words("at", "recorded_at", when),
    words("caller", None, _caller),
    words("command", "command"),
    words("account", "account", leaves=1),
    words("asset", "asset", leaves=1),
    words("outcome", "outcome", leaves=2),
    words("arguments", "arguments", _arguments, folds=True),
)
