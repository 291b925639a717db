"""``cluster``: which shard has which accounts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from position_manager.cli.commands import Commands
from position_manager.cli.output import Document, print_rows, words
from position_manager.cli.query import AsJson, Database, call, connected
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


PARTS = (words("accounts", "accounts"), words("shard", "shard"))
