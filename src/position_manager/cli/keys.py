"""``position-manager keys``: who may ask over HTTP."""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any

import psycopg
import typer
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table

from position_manager.cli.service import AsJson, Database, Document, connected, print_json, rows
from position_manager.cli.tables import MISSING, grid
from position_manager.gateway import limits as gateway_limits

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
STATUS_COLOURS = {"live": "green", "expired": "yellow", "revoked": "red"}


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
        return gateway_limits.fingerprint(self.text)


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
keys = typer.Typer(no_args_is_help=True, help="Who may ask over HTTP.")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    app.add_typer(keys, name="keys")


@keys.command("list")
def list_keys(as_json: AsJson = False, database: Database = None) -> None:
    """List the keys and what they may; never the keys themselves."""
    with connected(database) as connection:
        found = rows(connection, "keys", {}, ("created_at", "id"))
    if as_json:
        print_json({"keys": found})
    elif found:
        Console().print(_table(found))
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


def _table(found: Sequence[Document]) -> Table:
    table = grid()
    for name in (
        "id",
        "name",
        "role",
        "tier",
        "accounts",
        "status",
        "created",
        "expires",
        "last used",
        "from",
    ):
        table.add_column(name)
    for each in found:
        colour = STATUS_COLOURS[each["status"]]
        table.add_row(
            each["id"],
            each["name"],
            each["role"],
            each["tier"],
            ", ".join(each["account_scope"]) if each["account_scope"] else "all",
            f"[{colour}]{each['status']}[/]",
            each["created_at"][:19],
            each["expires_at"][:19] if each["expires_at"] else MISSING,
            each["last_used_at"][:19] if each["last_used_at"] else MISSING,
            each["last_used_from"] or MISSING,
        )
    return table
