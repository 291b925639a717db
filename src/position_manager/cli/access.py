"""``keys``, ``rate-limits`` and ``audit``: access over HTTP and its record."""

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

from position_manager.cli.output import (
    Column,
    Document,
    colored,
    count,
    print_json,
    print_table,
    when,
    words,
)
from position_manager.cli.query import Account, AsJson, Database, Limit, connected, rows
from position_manager.gateway.limits import fingerprint

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
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
LIFE = re.compile(r"([1-9][0-9]{0,8})([smhd])")
NONE = re.compile(r"0[smhd]?")


class Role(StrEnum):
    """What a key may do: read; record, validate and snapshot as well; operate as well."""

    reader = "reader"
    trader = "trader"
    operator = "operator"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that only its holder will know: the database is given its digest."""

    id: str
    text: str

    @classmethod
    def make(cls) -> NewKey:
        """A key of 256 random bits."""
        key_id = secrets.token_hex(6)
        return cls(key_id, f"pms_{key_id}_{secrets.token_urlsafe(32)}")

    @property
    def digest(self) -> bytes:
        """What the database knows it by."""
        return sha256(self.text.encode()).digest()

    @property
    def fingerprint(self) -> bytes:
        """What the gateway knows it by."""
        return fingerprint(self.text)


def span(text: str) -> timedelta:
    """Read ``30d``, ``12h``, ``15m``, ``45s`` or ``0``."""
    found = LIFE.fullmatch(text)
    if found is None:
        if NONE.fullmatch(text):
            return timedelta()
        raise typer.BadParameter("must be a whole number and s, m, h or d, such as 30d")
    try:
        return timedelta(**{UNITS[found[2]]: int(found[1])})
    except OverflowError:
        raise typer.BadParameter("is too long") from None


def life(text: str) -> timedelta:
    """A span that a key can live."""
    found = span(text)
    if not found or found > timedelta(days=36_500):
        raise typer.BadParameter("must be from 1s to 36500d")
    return found


KeyId = Annotated[str, typer.Argument(help="The id of the key, as  keys list  shows it.")]
Command = Annotated[str | None, typer.Option("--command", help="A function, as record_fill.")]
OfKey = Annotated[str | None, typer.Option("--key", help="Through the key of this id.")]
Trace = Annotated[str | None, typer.Option("--trace", help="Of the request of this trace.")]

app = typer.Typer()
keys = typer.Typer(no_args_is_help=True, help="Who may ask over HTTP.")
rate_limits = typer.Typer(no_args_is_help=True, help="How many requests a minute are let in.")

app.add_typer(keys, name="keys")
app.add_typer(rate_limits, name="rate-limits")


@keys.command("list")
def list_keys(as_json: AsJson = False, database: Database = None) -> None:
    """List the keys and what they may; never the keys themselves."""
    with connected(database) as connection:
        found = rows(connection, "keys", {}, ("created_at", "id"))
    if as_json:
        print_json({"keys": found})
    elif found:
        print_table(KEYS, found)
    else:
        typer.echo("no keys yet", err=True)


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Whose key it is, such as order-manager.")],
    role: Annotated[Role, typer.Option(help="What it may do.")] = Role.reader,
    tier: Annotated[
        str | None,
        typer.Option(
            help="The name of its rate limit: model-service, risk-manager, ui or operator;"
            " by default operator for operators and default for others."
        ),
    ] = None,
    account: Annotated[
        list[str] | None,
        typer.Option(help="Bind it to an account; may be repeated. By default it sees all."),
    ] = None,
    expires_in: Annotated[
        timedelta | None,
        typer.Option(parser=life, metavar="SPAN", help="Such as 90d or 12h; by default never."),
    ] = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Make a key. It is shown once, here, and kept nowhere."""
    key = NewKey.make()
    given = {
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
        created = _one(connection, CREATE, given)
    _hand_over(key, created, as_json)


@keys.command()
def rotate(
    key_id: KeyId,
    overlap: Annotated[
        timedelta,
        typer.Option(parser=span, metavar="SPAN", help="How long the old key still works."),
    ] = "1d",  # type: ignore[assignment]  # as text: it is shown in the help, and then parsed
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Make a key that replaces another and may what that one may."""
    key = NewKey.make()
    given: Document = {
        "overlap": overlap,
        "old": key_id,
        "id": key.id,
        "digest": key.digest,
        "fingerprint": key.fingerprint,
    }
    with connected(database) as connection:
        created = _one(connection, ROTATE, given)
    _hand_over(key, created, as_json)


@keys.command()
def revoke(key_id: KeyId, database: Database = None) -> None:
    """Let a key in no more, from the next request on."""
    with connected(database) as connection:
        revoked = _one(connection, REVOKE, {"id": key_id})
    typer.echo(f"{revoked['id']} ({revoked['name']}) opens nothing any more")


def _one(connection: psycopg.Connection[Any], statement: str, given: Document) -> Document:
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement.encode(), given).fetchone()
    if row is None:
        raise RuntimeError("no key was answered")
    return row


def _hand_over(key: NewKey, created: Document, as_json: bool) -> None:
    if as_json:
        facts = {name: str(created[name]) for name in ("name", "role", "tier")}
        print_json({"id": key.id, "key": key.text, **facts})
        return
    typer.echo(f"{created['name']}: a {created['role']}'s key, shown only now:", err=True)
    typer.echo(key.text)


@rate_limits.callback()
def _group() -> None:
    """How many requests a minute are let in."""


@rate_limits.command()
def show(as_json: AsJson = False, database: Database = None) -> None:
    """Show the requests a minute of every key and address, and what is in force.

    The limits on what is at stake are under **risk-limits**.
    """
    with connected(database) as connection:
        found = rows(connection, "rate_limits", {}, ("counted_by", "id"))
    if as_json:
        print_json({"limits": found})
        return
    print_table(RATE_LIMITS, found)
    if any(each["in_force"] != each["per_minute"] for each in found):
        typer.echo("the gateway has not been told everything yet", err=True)


@app.command()
def audit(
    account: Account = None,
    command: Command = None,
    key: OfKey = None,
    trace: Trace = None,
    limit: Limit = None,
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """List who has changed what, through which key, the newest first."""
    wanted = {"account": account, "command": command, "key_id": key, "trace_id": trace}
    with connected(database) as connection:
        found = rows(connection, "audit", wanted, ("-recorded_at", "-id"), limit or 100)
    if as_json:
        print_json({"audit": found})
        return
    if not found:
        typer.echo("nothing was noted", err=True)
        return
    print_table(AUDIT, found)


def _scope(accounts: list[str] | None) -> Text:
    return Text(", ".join(accounts) if accounts else "all")


def _allowance(number: int | None) -> Text:
    return Text("no limit") if number is None else count(number)


def _caller(command: Document) -> Text:
    return Text(command["key_id"] or command["role"])


def _arguments(arguments: object) -> Text:
    return Text(json.dumps(arguments))


KEYS = (
    words("id", "id", folds=True),
    words("name", "name", folds=True),
    words("role", "role"),
    words("tier", "tier", leaves=4),
    words("accounts", "account_scope", _scope),
    words("status", "status", colored({"live": "green", "expired": "yellow", "revoked": "red"})),
    words("created", "created_at", when, leaves=3),
    words("expires", "expires_at", when, leaves=5),
    words("last used", "last_used_at", when, leaves=2),
    words("from", "last_used_from", leaves=1),
)
RATE_LIMITS = (
    words("counted by", "counted_by"),
    words("id", "id"),
    words("name", "name"),
    words("tier", "tier"),
    Column("a minute", "per_minute", _allowance),
    Column("at once", "burst", _allowance),
    Column("under way", "concurrent", _allowance),
    Column("in force", "in_force", _allowance),
)
AUDIT = (
    words("at", "recorded_at", when),
    words("who", None, _caller),
    words("command", "command"),
    words("account", "account"),
    words("asset", "asset"),
    words("outcome", "outcome"),
    words("with", "arguments", _arguments),
)
