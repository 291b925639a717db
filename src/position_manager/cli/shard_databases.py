"""The databases of several shards, asked at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from position_manager.cli.output import Document
from position_manager.cli.query import CONNECT_SECONDS, answer, refuse

MOST_AT_ONCE = 16
Shards = Annotated[
    Path,
    typer.Option(
        "--shards",
        envvar="POSITION_MANAGER_SHARD_DATABASES",
        help="JSON file with the connection string of the operator role by number of the shard.",
        exists=True,
        dir_okay=False,
    ),
]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one shard has answered: its document, or why there is none."""

    shard: int
    document: Document
    failure: str | None = None


def databases(file: Path) -> dict[int, str]:
    """The connection strings of a file by number, in order; exits with 1 for another form."""
    try:
        found = json.loads(file.read_text(), object_pairs_hook=_unique)
    except ValueError as error:
        refuse(f"refused: {file}: {error}")
    if not isinstance(found, dict) or not found:
        refuse(f"refused: {file}: must be an object of connection strings by number of the shard")
    for number, address in found.items():
        if not (number.isdecimal() and str(int(number)) == number and _is_address(address)):
            # An address may have a password.
            refuse(f"refused: {file}: {number[:64]!r} must be a number, of a connection string")
    return {int(number): found[number] for number in sorted(found, key=int)}


def _is_address(value: object) -> bool:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        return isinstance(value, str) and bool(conninfo_to_dict(value))
    except ProgrammingError:
        return False


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("a name comes twice in one object")
    return members


def ask(addresses: Mapping[int, str], function: str) -> list[Answer]:
    """The answers of a function of ``api`` without arguments."""
    return ask_each(addresses, function, {number: {} for number in addresses})


def ask_each(
    addresses: Mapping[int, str], function: str, arguments: Mapping[int, Mapping[str, str]]
) -> list[Answer]:
    """The answers of a function of ``api``, which has arguments of its own on each shard."""
    with ThreadPoolExecutor(min(MOST_AT_ONCE, len(addresses))) as pool:
        one = partial(_ask_one, function)
        return list(pool.map(one, addresses, addresses.values(), arguments.values()))


def _ask_one(function: str, number: int, address: str, arguments: Mapping[str, str]) -> Answer:
    import psycopg

    try:
        with psycopg.connect(
            address, connect_timeout=CONNECT_SECONDS, application_name="position-manager cli"
        ) as connection:
            return Answer(number, answer(connection, function, **arguments))
    except psycopg.Error as error:
        # What libpq says of a connection may quote the address.
        return Answer(number, {}, error.diag.message_primary or "does not answer")


def require_answers(answers: Sequence[Answer]) -> None:
    """Exit with 1 when a shard has not answered, with all that have not."""
    failed = [f"shard {each.shard}: {each.failure}" for each in answers if each.failure]
    if failed:
        refuse("not every shard has answered", *failed)


def differences(answers: Sequence[Answer]) -> list[dict[str, Any]]:
    """What the shards do not have alike: {kind, name, shards}, by kind and name.

    Each document has things by kind and name. `shards` has those whose thing differs from that of
    most, or of the lowest of equally many.
    """
    kinds = list(dict.fromkeys(kind for each in answers for kind in each.document))
    return [
        {"kind": kind, "name": name, "shards": shards}
        for kind in kinds
        for name in sorted({name for each in answers for name in each.document.get(kind, {})})
        if (shards := _others(answers, kind, name))
    ]


def _others(answers: Sequence[Answer], kind: str, name: str) -> list[int]:
    found = [(each.shard, each.document.get(kind, {}).get(name)) for each in answers]
    things = [thing for _, thing in found]
    usual = max(things, key=things.count)
    return [shard for shard, thing in found if thing != usual]
