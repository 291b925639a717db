"""``cluster``: which shard has which accounts."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from position_manager.cli.commands import Commands
from position_manager.cli.output import Document, print_rows, words
from position_manager.cli.query import AsJson, Database, call, connected, refusals, refuse
from position_manager.cli.shard_databases import (
    Answer,
    Shards,
    ask,
    ask_each,
    databases,
    differences,
    require_answers,
)
from position_manager.terminal import echo, print_json

app = Commands()
cluster = Commands(no_args_is_help=True, help="Divide the accounts among several databases.")
app.add_typer(cluster, name="cluster")
map_ = Commands(no_args_is_help=True, help="Show and set the map of accounts to shards.")
cluster.add_typer(map_, name="map")


@cluster.callback()
def _group() -> None:
    """Divide the accounts among several databases."""


@map_.command()
def show(as_json: AsJson = False, database: Database = None) -> None:
    """Show the map of accounts to shards, and which shard this database is.

    With --json, print it as **cluster map set** reads it.
    """
    with connected(database) as connection:
        found = call(connection, "get_shard_map")
    if as_json:
        print_json(found)
    elif found["version"] is None:
        echo("no map is set: this database has all accounts", err=True)
    else:
        echo(_summary(found))
        print_rows(_parts(found), PARTS, as_json=False, name="parts", empty="")


@map_.command("set")
def set_map(
    file: Annotated[
        Path, typer.Argument(help="JSON file with the map.", exists=True, dir_okay=False)
    ],
    as_json: AsJson = False,
    database: Database = None,
) -> None:
    """Set the map of accounts to shards, in this database.

    The file has a version, the number of this shard, buckets as [from, to, shard], and pinned
    accounts with their shard. From then on the database takes nothing for an account that another
    shard has. No data is moved. Set it in every shard; the same map again changes nothing.
    """
    with connected(database) as connection:
        found = call(connection, "set_shard_map", map=file.read_text())
    if as_json:
        print_json(found)
    else:
        echo(f"set: {_summary(found)}")


@map_.command()
def spread(
    file: Annotated[
        Path, typer.Argument(help="JSON file with the map.", exists=True, dir_okay=False)
    ],
    shards: Shards,
    as_json: AsJson = False,
) -> None:
    """Set the map of accounts to shards in every shard, each with its own number.

    Safe to repeat: where it is set already, nothing changes. While some shards have the new map and
    others the former one, requests and messages are sent on from one to the other.
    """
    from position_manager.config.shard_map import ShardMap

    addresses = databases(shards)
    with refusals():
        wanted = ShardMap.read(file)
    if missing := sorted(set(wanted.shards) - addresses.keys()):
        refuse(f"refused: {shards} has no shard {missing[0]}, which has accounts by the map")
    maps = {
        number: {"map": json.dumps(wanted.document() | {"shard": number})} for number in addresses
    }
    answers = ask_each(addresses, "set_shard_map", maps)
    documents = [each.document for each in answers if each.failure is None]
    if as_json:
        print_json(documents)
    else:
        for document in documents:
            echo(f"set: {_summary(document)}")
    require_answers(answers)


@cluster.command()
def status(shards: Shards, as_json: AsJson = False) -> None:
    """Show the shards: health, positions, messages that wait, release and version of the map.

    Exits with 1 when a shard does not answer or is unhealthy, or has another map than the others.
    """
    addresses = databases(shards)
    answers = ask(addresses, "get_health")
    maps = ask(addresses, "get_shard_map")
    contents = [{**each.document, "shard": None} for each in maps if each.failure is None]
    usual = max(contents, key=contents.count, default={})
    rows = [_state(health, map_, usual) for health, map_ in zip(answers, maps, strict=True)]
    print_rows(rows, STATES, as_json, name="shards", empty="")
    if any(row["status"] != "healthy" for row in rows):
        raise typer.Exit(1)


def _state(health: Answer, found: Answer, usual: Document) -> Document:
    """A row of the table; the number is that of the file, which the database has to confirm.

    `usual`: the map that most have, apart from the number.
    """
    own = found.document.get("shard")
    failure = health.failure or found.failure
    if failure is None and own != health.shard:
        failure = "has no map" if own is None else f"is shard {own} by its map"
    if failure is None and {**found.document, "shard": None} != usual:
        failure = "has another map"
    return {
        "shard": health.shard,
        "status": failure or health.document["status"],
        "positions": health.document.get("positions_count"),
        "version": health.document.get("version"),
        "map": found.document.get("version"),
    }


@cluster.command()
def drift(shards: Shards, as_json: AsJson = False) -> None:
    """Show what the shards should have alike and do not; exit with 1 when there is any.

    Settings, instruments that are defined, aliases, corporate actions and keys. Instruments that
    were assumed from a fill differ rightly, and so do limits and capital of accounts.
    """
    answers = ask(databases(shards), "get_reference_digests")
    require_answers(answers)
    found = differences(answers)
    print_rows(found, DIFFERENCES, as_json, name="differences", empty="all shards have the same")
    if found:
        raise typer.Exit(1)


def _summary(found: Document) -> str:
    return f"shard {found['shard']}, version {found['version']} of the map"


def _parts(found: Document) -> list[Document]:
    """The buckets of the map, then its pinned accounts, each with its shard."""
    buckets = [
        {"accounts": f"buckets {since} to {until}", "shard": shard}
        for since, until, shard in found["buckets"]
    ]
    pinned = [{"accounts": name, "shard": shard} for name, shard in found["pinned"].items()]
    return buckets + pinned


def _numbers(shards: Sequence[int]) -> Text:
    return Text(", ".join(map(str, shards)))


PARTS = (words("accounts", "accounts"), words("shard", "shard"))
STATES = tuple(words(name, name) for name in ("shard", "status", "positions", "version", "map"))
DIFFERENCES = (
    words("kind", "kind"),
    words("name", "name"),
    words("shards that differ", "shards", _numbers),
)
